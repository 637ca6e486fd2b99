"""`seamark tag`, `screen` and `rules` (and, from its own room, `surge`): stateless, so that anybody can hold their output against a truth of their own."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import click
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from cases.deadlines.reading import load_clocks
from cases.names import NameIndex, names_from_rows
from core.errors import BadInput, RulebookInvalid
from enterprises.models import NameKind
from warning.rules.check import RuleReport, check_rules
from warning.rules.compile import yaml_rules
from warning.rules.tagger import TagInput, as_json, load_rulebook, tag
from warning.surge.command import surge_command

_FILE = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
_STDIN = "-"
_SCHEMES = ("ipc", "cpc", "nice", "hs", "nos")


class _RecordSchema(Schema):
    """One line of `seamark tag`."""

    class Meta:
        unknown = EXCLUDE

    id = fields.Raw(required=True)
    title = fields.String(load_default="", allow_none=True)
    text = fields.String(load_default="", allow_none=True, validate=validate.Length(max=5_000_000))
    venue = fields.String(load_default=None, allow_none=True)
    language = fields.String(load_default=None, allow_none=True)
    parties = fields.List(fields.Raw(), load_default=list, allow_none=True)
    codes = fields.Dict(
        keys=fields.String(), values=fields.List(fields.Raw()), load_default=dict, allow_none=True
    )
    product = fields.String(load_default="", allow_none=True)


def _record(line: bytes) -> tuple[Any, TagInput]:
    """The id as written and the record of one line. Raises ValueError or ValidationError."""
    values = _RecordSchema().load(_json(line))
    return values["id"], TagInput(
        id=str(values["id"]),
        title=values["title"] or "",
        text=values["text"] or "",
        venue=values["venue"],
        language=values["language"],
        parties=tuple(_party(p) for p in values["parties"] or ()),
        codes={s: tuple(map(str, c or ())) for s, c in (values["codes"] or {}).items() if s in _SCHEMES},
        product=values["product"] or "",
    )


def _json(line: bytes) -> Any:
    """The value of one line. Raises ValueError for what is no JSON, or could not be printed again as JSON in UTF-8."""
    try:
        value = json.loads(line.decode("utf-8-sig"), parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if b"\\u" in line:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise ValueError("an escape that is half a character") from error
    return value


def _no_number(written: str) -> NoReturn:
    raise ValueError(f"{written} is no JSON")


@contextmanager
def _opened(path: Path) -> Iterator[tuple[str, BinaryIO]]:
    """A file, or standard input for ``-``, with the name by which messages call it."""
    if str(path) == _STDIN:
        yield "stdin", sys.stdin.buffer
        return
    with path.open("rb") as stream:
        yield path.name, stream


def _party(value: Any) -> tuple[str, str, str | None]:
    if isinstance(value, Mapping):
        country = value.get("country")
        return (
            str(value.get("name") or ""),
            str(value.get("role") or "party"),
            str(country) if country else None,
        )
    return str(value), "party", None


@click.command("tag")
@click.argument("file", type=_FILE)
def tag_command(file: Path) -> None:
    """Tag each record of FILE (JSON Lines; - for standard input), one JSON line each with the evidence. Exits 1 when a
    line was unusable; the others are tagged all the same."""
    rulebook = load_rulebook()
    failed = False
    with _opened(file) as (name, lines):
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                identity, record = _record(line)
            except (ValueError, ValidationError) as error:
                click.echo(f"{name}, line {number}: {error}", err=True)
                failed = True
                continue
            click.echo(json.dumps(as_json(identity, tag(record, rulebook)), ensure_ascii=False))
    sys.exit(1 if failed else 0)


class _FirmNameRow(Schema):
    """One row of a firms file."""

    class Meta:
        unknown = EXCLUDE

    firm_id = fields.String(required=True, validate=validate.Length(min=1))
    name = fields.String(required=True, validate=validate.Length(min=1, max=1000))
    kind = fields.String(required=True, validate=validate.OneOf([kind.value for kind in NameKind]))
    source = fields.String(load_default="")


class _PartyRow(Schema):
    """One row of a parties file."""

    class Meta:
        unknown = EXCLUDE

    party_id = fields.String(required=True, validate=validate.Length(min=1))
    name = fields.String(required=True, validate=validate.Length(min=1))


class _Table:
    """The good rows of a CSV file; a bad one is reported on stderr with its line and left out.

    ``has_failed`` says afterwards whether there was one.
    """

    def __init__(self, path: Path, schema: Schema) -> None:
        self._path = path
        self._name = path.name
        self._schema = schema
        self.has_failed = False

    def rows(self) -> Iterator[dict[str, Any]]:
        """The good rows. Raises BadInput when the file is not UTF-8 CSV or a column is missing."""
        with _opened(self._path) as (self._name, stream):
            reader = csv.DictReader(io.TextIOWrapper(stream, encoding="utf-8-sig", newline=""))
            try:
                needed = [name for name, field in self._schema.fields.items() if field.required]
                missing = [column for column in needed if column not in (reader.fieldnames or [])]
                if missing:
                    raise BadInput(
                        f"{self._name} has no column {missing[0]!r}.",
                        fix=f"It needs {', '.join(needed)}.",
                    )
                for row in reader:
                    if (good := self._good(row, reader)) is not None:
                        yield good
            except (UnicodeDecodeError, csv.Error) as error:
                raise BadInput(
                    f"{self._name}, near line {reader.line_num + 1}, cannot be read: {error}.",
                    fix="Save it as UTF-8 CSV.",
                ) from error

    def _good(self, row: dict[str | None, Any], reader: csv.DictReader[str]) -> dict[str, Any] | None:
        told = {key: value.strip() for key, value in row.items() if key is not None and value is not None}
        cells = len(told) + len(row.get(None) or ())
        if None in row or any(
            row.get(name) is None for name, field in self._schema.fields.items() if field.required
        ):
            problem = f"{cells} cells where the header has {len(reader.fieldnames or ())}; quote a name that holds a comma"
        else:
            try:
                good: dict[str, Any] = self._schema.load(told)
                return good
            except ValidationError as error:
                messages = error.normalized_messages()  # type: ignore[no-untyped-call]
                problem = "; ".join(
                    f"{column}: {' '.join(map(str, said))}" for column, said in messages.items()
                )
        click.echo(f"{self._name}, line {reader.line_num}: {problem}", err=True)
        self.has_failed = True
        return None


@click.command("screen")
@click.option("--firms", type=_FILE, required=True, help="CSV: firm_id,name,kind,source; many rows a firm.")
@click.option("--parties", type=_FILE, required=True, help="CSV: party_id,name.")
def screen_command(firms: Path, parties: Path) -> None:
    """Say which firms each party is or may be, one JSON line a match; nothing for a party that matches no one. One of
    the two files may be - for standard input. Exits 1 when a row was unusable; the others are screened all the same."""
    if str(firms) == str(parties) == _STDIN:
        raise click.UsageError("Only one of --firms and --parties can be standard input.")
    register, asked = _Table(firms, _FirmNameRow()), _Table(parties, _PartyRow())
    index = NameIndex(names_from_rows(register.rows()))
    for row in asked.rows():
        for match in index.screen(row["name"]):
            record = {
                "party_id": row["party_id"],
                "firm_id": match.firm_id,
                "score": match.score,
                "grade": match.grade,
                "reason": match.reason,
                "matched_name": match.matched_name,
            }
            click.echo(json.dumps(record, ensure_ascii=False))
    sys.exit(1 if register.has_failed or asked.has_failed else 0)


@click.group("rules")
def rules_group() -> None:
    """The rulebook."""


@rules_group.command("check")
@click.option("--json", "as_lines", is_flag=True, help="One JSON line a rule.")
def rules_check(as_lines: bool) -> None:
    """Check the taxonomy and its clocks, compile every rule, run the examples. Exits 1 when anything is wrong."""
    rulebook = load_rulebook()
    load_clocks()
    reports = check_rules(list(yaml_rules()), rulebook.taxonomy)
    for report in reports:
        click.echo(json.dumps(asdict(report), ensure_ascii=False) if as_lines else _figures(report))
        for problem in report.problems:
            click.echo(f"{report.rule}: {problem}", err=True)
    if not as_lines:
        examples = sum(report.hits + report.misses for report in reports)
        words = sum(report.terms for report in reports)
        click.echo(f"rulebook {rulebook.version}: {len(reports)} rules, {words} words, {examples} examples")
    wrong = sum(bool(report.problems) for report in reports)
    if wrong:
        raise RulebookInvalid(f"{wrong} rules fail their own examples.", fix="Mend the rule or the example.")


def _figures(report: RuleReport) -> str:
    """One rule's line: its version, words, languages, and examples by what they expect."""
    languages = " ".join(report.languages) or "any"
    return (
        f"{report.rule:42} v{report.version} {report.terms:4} words in {languages:20} "
        f"{report.hits:3} hits {report.misses:3} misses"
    )


COMMANDS = [tag_command, screen_command, rules_group, surge_command]
