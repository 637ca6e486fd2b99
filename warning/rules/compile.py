"""Reading the rulebook: YAML files in ``rulebook/`` and below, one group of rules a file, in the shape ``iprisk.rule/1``.

A rule's ``fields`` may say ``parties: 0``, which means what leaving it out means: parties are not read. Codes may be
ranges (HS 3901-3926) and, under ``wipo``, numbers of the concordance's technology fields.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from core.errors import RulebookInvalid
from warning.rules.codes import expanded, plain_code
from warning.rules.languages import KNOWN
from warning.rules.model import Clause, Example, Near, Rule, Term, term_of

FOLDER = Path(__file__).parent / "rulebook"
_CONCORDANCE = Path(__file__).parent / "concordance.yml"
#: the C parser where libyaml is there: ten times as fast
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_THRESHOLD = 2.0
_FIELDS = {"title": 1.0, "text": 1.0}
_WEIGHTS = (1.0, 1.5, 2.0)
_STATUSES = ("draft", "test", "stable", "retired")
_EXPECTED = ("hit", "miss", "todo_hit", "todo_miss")
#: the key under which words of every language stand
_ALL = "all"
_KEYS = {
    "id", "version", "status", "emit", "fields", "threshold", "any", "all", "none", "near", "mask", "implied_by",
    "hinted_by", "excludes", "beside", "patterns", "tests", "note",
}  # fmt: skip


def yaml_rules(folder: Path = FOLDER) -> Iterator[Rule]:
    """The rules of every YAML file of ``folder`` and below. Raises RulebookInvalid naming the file, the rule and the
    fix."""
    yield from assembled([rule for path in sorted(folder.rglob("*.yml")) for rule in _of_file(path)])


def assembled(rules: Sequence[tuple[Path, Rule]]) -> Iterator[Rule]:
    """Rules, each with the file it stands in, as one book: each once, naming only each other, with their fields of
    technology written out. Raises RulebookInvalid."""
    seen: set[str] = set()
    for path, rule in rules:
        if rule.id in seen:
            raise _invalid(path, rule.id, "stands twice")
        seen.add(rule.id)
    for path, rule in rules:
        _refuse_strangers(path, rule, seen)
    named = _codes_named(rules)
    yield from (_with_fields_of_technology(rule, named) for _, rule in rules)


def assembled_one(identity: str, rules: Sequence[tuple[Path, Rule]]) -> Rule:
    """The rule ``identity`` as :func:`assembled` makes it of the same book, without making the others. Raises
    RulebookInvalid, and KeyError for a rule that is not there."""
    of = {rule.id: (path, rule) for path, rule in rules}
    path, rule = of[identity]
    _refuse_strangers(path, rule, of.keys())
    return _with_fields_of_technology(rule, _codes_named(rules))


def _refuse_strangers(path: Path, rule: Rule, known: Collection[str]) -> None:
    if strange := sorted(one for one in {*rule.excludes, *rule.beside} if one not in known):
        raise _invalid(path, rule.id, f"names the unknown rule {strange[0]!r}")


def _codes_named(rules: Sequence[tuple[Path, Rule]]) -> set[str]:
    return {plain_code("ipc", code) for _, rule in rules for code in _own_codes(rule)}


def rule_from(path: Path, row: Mapping[str, Any]) -> Rule:
    """One rule from its YAML mapping; ``path`` is where it stands. Raises RulebookInvalid."""
    try:
        return _rule(path, row)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        # A mapping of another shape than a rule's: a list where a word is due, and the like.
        raise _invalid(path, row.get("id"), f"has another shape than a rule's: {error}") from error


def _of_file(path: Path) -> list[tuple[Path, Rule]]:
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except yaml.YAMLError as error:
        raise _invalid(path, "the file", f"is not YAML: {error}") from error
    if not isinstance(document, dict) or document.get("schema") != "iprisk.rule/1":
        raise _invalid(path, "schema", "is not iprisk.rule/1")
    if not isinstance(document.get("rules"), list):
        raise _invalid(path, "rules", "has no list of rules")
    return [(path, _rule(path, row)) for row in document["rules"]]


def _invalid(path: Path, rule: object, problem: str) -> RulebookInvalid:
    # A rule that was typed stands in no folder.
    where = f"warning/rules/rulebook/{path.name}, {rule}" if path.parent.parts else str(rule)
    return RulebookInvalid(f"{where}: {problem}.", fix="Mend the rule and check again.")


def _rule(path: Path, row: Mapping[str, Any]) -> Rule:
    identity = row.get("id")
    if not isinstance(identity, str) or not identity.startswith("rule."):
        raise _invalid(path, identity, "an id begins with rule.")
    if strange := set(row) - _KEYS:
        raise _invalid(path, identity, f"has the unknown field {sorted(strange)[0]!r}")
    if not isinstance(row.get("emit"), dict) or len(row["emit"]) != 1:
        raise _invalid(path, identity, "emits one tag, kind: value")
    if row.get("status", "stable") not in _STATUSES:
        raise _invalid(path, identity, "has an unknown status")
    if not isinstance(row.get("version"), int):
        raise _invalid(path, identity, "has no version (a whole number)")
    ((kind, value),) = row["emit"].items()
    fields = {str(k): float(v) for k, v in row.get("fields", _FIELDS).items()}
    if kind == "industry" and fields.get("parties"):
        raise _invalid(path, identity, "parties never feed an industry: write parties: 0")
    return Rule(
        id=identity,
        version=int(row["version"]),
        emit=(str(kind), str(value)),
        fields={name: weight for name, weight in fields.items() if weight},
        threshold=float(row.get("threshold", _THRESHOLD)),
        any=tuple(_clause(path, identity, c) for c in row.get("any", ())),
        all=tuple(_clause(path, identity, c) for c in row.get("all", ())),
        none=tuple(_clause(path, identity, c) for c in row.get("none", ())),
        near=tuple(_near(path, identity, n) for n in row.get("near", ())),
        mask=tuple(term for group in row.get("mask", ()) for term in _masked(path, identity, group)),
        implied_by=_codes(path, identity, row.get("implied_by", {})),
        hinted_by=_codes(path, identity, row.get("hinted_by", {})),
        excludes=tuple(map(str, row.get("excludes", ()))),
        beside=tuple(map(str, row.get("beside", ()))),
        patterns=tuple(_pattern(path, identity, p) for p in row.get("patterns", ())),
        status=row.get("status", "stable"),
        examples=tuple(
            example for t in row.get("tests", ()) if (example := _example(path, identity, t)) is not None
        ),
    )


def _near(path: Path, identity: str, row: Mapping[str, Any]) -> Near:
    if {"a", "b", "window", "weight"} - set(row):
        raise _invalid(path, identity, "a near has a, b, window and weight")
    return Near(
        tuple(_terms(path, identity, row["a"])),
        tuple(_terms(path, identity, row["b"])),
        int(row["window"]),
        float(row["weight"]),
        bool(row.get("same_sentence", True)),
    )


def _pattern(path: Path, identity: str, pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise _invalid(path, identity, f"the pattern {pattern!r} does not compile: {error}") from error
    return pattern


def _example(path: Path, identity: str, row: Mapping[str, Any]) -> Example | None:
    """An example; None for a wish (todo_hit, todo_miss)."""
    expected = row.get("expect")
    if expected is None:
        raise _invalid(path, identity, "an example has no expect")
    if expected not in _EXPECTED:
        raise _invalid(
            path, identity, f"an example expects hit, miss, todo_hit or todo_miss, not {expected!r}"
        )
    if strange := set(row) - {"text", "title", "venue", "language", "codes", "expect"}:
        raise _invalid(path, identity, f"an example has the unknown field {sorted(strange)[0]!r}")
    if expected.startswith("todo"):
        return None
    codes = {str(k): tuple(map(str, v)) for k, v in row.get("codes", {}).items()}
    if row.get("venue"):
        codes["venue"] = (str(row["venue"]),)
    return Example(
        row.get("text", ""), expected == "hit", row.get("title", ""), row.get("language", ""), codes
    )


def _clause(path: Path, identity: str, row: Mapping[str, Any]) -> Clause:
    weight = float(row.get("weight", 2.0))
    if weight not in _WEIGHTS:
        raise _invalid(path, identity, f"a weight is one of {_WEIGHTS}, not {weight}")
    if row.get("scope", "record") not in ("record", "same_sentence"):
        raise _invalid(path, identity, "a scope is record or same_sentence")
    return Clause(
        tuple(_terms(path, identity, row["terms"])),
        weight,
        bool(row.get("distinct", False)),
        tuple(row.get("fields", ())),
        same_sentence=row.get("scope") == "same_sentence",
    )


def _masked(path: Path, identity: str, group: Mapping[str, Any]) -> Iterable[Term]:
    if not isinstance(group, dict) or set(group) != {"terms"}:
        raise _invalid(path, identity, "a mask has terms and nothing else")
    return _terms(path, identity, group["terms"])


def _terms(path: Path, identity: str, group: Any) -> Iterator[Term]:
    """Terms by language, or a plain list for all. =AI counts as written, Patent* may go on."""
    for language, words in group.items() if isinstance(group, dict) else [(_ALL, group)]:
        if language != _ALL and language not in KNOWN:
            raise _invalid(path, identity, f"has words of the unknown language {language!r}")
        for word in words:
            if not isinstance(word, str) or not word.strip():
                raise _invalid(path, identity, f"{word!r} is no word: quote numbers, dates, yes and no")
            yield term_of(word, "" if language == _ALL else language)


def _codes(path: Path, identity: str, written: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Code prefixes by scheme. The CPC is the IPC made finer: a prefix of the one is a prefix of the other."""
    out: dict[str, tuple[str, ...]] = {}
    for scheme, codes in written.items():
        plain = tuple(c for code in codes for c in (expanded(str(code)) if scheme == "hs" else [str(code)]))
        if scheme == "wipo" and (strange := set(plain) - set(_concordance())):
            raise _invalid(path, identity, f"names the unknown technology field {sorted(strange)[0]!r}")
        out[str(scheme)] = plain
    if "ipc" in out:
        out.setdefault("cpc", out["ipc"])
    return out


@cache
def _concordance() -> Mapping[str, tuple[str, ...]]:
    """Technology field -> its IPC prefixes."""
    data = yaml.load(_CONCORDANCE.read_text(encoding="utf-8"), Loader=_LOADER)
    return {str(number): tuple(codes) for number, codes in data["fields"].items()}


def _own_codes(rule: Rule) -> Iterator[str]:
    for codes in (rule.implied_by, rule.hinted_by):
        yield from codes.get("ipc", ())


def _with_fields_of_technology(rule: Rule, named: set[str]) -> Rule:
    """The rule with its technology fields written out as codes, less those that a rule names itself."""

    def written_out(codes: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
        of_fields = [c for number in codes.get("wipo", ()) for c in _concordance()[number]]
        further = tuple(c for c in of_fields if not any(c.startswith(n) for n in named))
        plain = {scheme: listed for scheme, listed in codes.items() if scheme != "wipo"}
        for scheme in ("ipc", "cpc") if further else ():
            plain[scheme] = (*plain.get(scheme, ()), *further)
        return plain

    return replace(rule, implied_by=written_out(rule.implied_by), hinted_by=written_out(rule.hinted_by))
