"""`seamark tag`, `screen` and `rules`: stateless, so that anybody can hold their output against a truth of their own."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from cases.deadlines.reading import load_clocks
from cases.names import NameIndex, names_from_rows
from core.errors import BadInput, RulebookInvalid
from warning.rules.check import RuleReport, check_rules
from warning.rules.compile import yaml_rules
from warning.rules.tagger import TagInput, as_json, load_rulebook, tag

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
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
    values = _RecordSchema().load(json.loads(line.decode("utf-8-sig")))
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
    """Tag each record of FILE (JSON Lines), one JSON line each with the evidence. Exits 1 when a line was unusable."""
    rulebook = load_rulebook()
    failed = False
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                identity, record = _record(line)
            except (ValueError, ValidationError) as error:
                click.echo(f"{file.name}, line {number}: {error}", err=True)
                failed = True
                continue
            click.echo(json.dumps(as_json(identity, tag(record, rulebook)), ensure_ascii=False))
    sys.exit(1 if failed else 0)


def _rows(path: Path, needed: tuple[str, ...]) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        try:
            missing = [column for column in needed if column not in (reader.fieldnames or [])]
            if missing:
                raise BadInput(
                    f"{path.name} has no column {missing[0]!r}.", fix=f"It needs {', '.join(needed)}."
                )
            for row in reader:
                if None in row or any(row[column] is None for column in needed):
                    cells = sum(value is not None for key, value in row.items() if key is not None)
                    cells += len(row.get(None) or ())  # type: ignore[call-overload]
                    raise BadInput(
                        f"{path.name}, line {reader.line_num} has {cells} cells where the header has "
                        f"{len(reader.fieldnames or ())}.",
                        fix="Quote a name that holds a comma.",
                    )
                yield {key: value or "" for key, value in row.items() if key is not None}
        except (UnicodeDecodeError, csv.Error) as error:
            raise BadInput(
                f"{path.name}, near line {reader.line_num + 1}, cannot be read: {error}.",
                fix="Save it as UTF-8 CSV.",
            ) from error


@click.command("screen")
@click.option("--firms", type=_FILE, required=True, help="CSV: firm_id,name,kind,source; many rows a firm.")
@click.option("--parties", type=_FILE, required=True, help="CSV: party_id,name.")
def screen_command(firms: Path, parties: Path) -> None:
    """Say which firms each party is or may be, one JSON line a match; nothing for a party that matches no one."""
    index = NameIndex(names_from_rows(_rows(firms, ("firm_id", "name", "kind"))))
    for row in _rows(parties, ("party_id", "name")):
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


COMMANDS = [tag_command, screen_command, rules_group]
