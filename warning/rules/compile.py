"""Turning the taxonomy's words and the YAML rulebook into rules.

The taxonomy's strong words weigh 2, its weak words and acronyms 1 each (different ones add up), the threshold is 2,
and its negative words are masked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from cases.taxonomy import DisputeType, Industry, Taxonomy, Terms
from core.errors import RulebookInvalid
from warning.rules.codes import expanded
from warning.rules.languages import KNOWN
from warning.rules.model import Clause, Example, Near, Rule, Term, term_of

FOLDER = Path(__file__).parent / "rulebook"
_THRESHOLD = 2.0
_FIELDS = {"title": 1.0, "text": 1.0}
_PRODUCT_FIELDS = {"title": 1.0, "text": 1.0, "product": 1.0}
#: US civil cover sheet (JS 44) nature of suit -> dispute type
_NATURES_OF_SUIT = {
    "dt.copyright": ("820",),
    "dt.patent_infringement": ("830", "835"),
    "dt.trademark_infringement": ("840",),
    "dt.trade_secret": ("880",),
}
#: forums that hear one kind of matter only
_FORUM_SAYS = {
    "dt.tm_opposition_cancellation": ("v.us.ttab",),
    "dt.validity": ("v.us.ptab",),
}
_WEIGHTS = (1.0, 1.5, 2.0)
#: a code claimed by more industries than this is a hint only
_MOST_SHARERS = 2


def _plain(terms: Terms) -> tuple[Term, ...]:
    return tuple(
        term_of(text, language if language in KNOWN else "")
        for language, words in terms.by_language.items()
        for text in dict.fromkeys(words)
    )


def _scored(*clauses: Clause) -> tuple[Clause, ...]:
    return tuple(clause for clause in clauses if clause.terms)


def taxonomy_rules(taxonomy: Taxonomy) -> Iterator[Rule]:
    """One rule for each industry, dispute type and stage."""
    shared = _shared_codes(taxonomy)
    for industry in taxonomy.industries.values():
        yield _industry_rule(industry, shared)
    for dispute in taxonomy.dispute_types.values():
        yield _dispute_rule(dispute)
    for stage in taxonomy.stages.values():
        if stage.keywords.all():
            yield Rule(
                id=f"rule.{stage.id}",
                version=1,
                emit=("stage", stage.id),
                fields={"title": 2.0, "text": 1.0},
                threshold=1.0,
                any=(Clause(_plain(stage.keywords), 1.0),),
            )


def _shared_codes(taxonomy: Taxonomy) -> set[tuple[str, str]]:
    """Codes and acronyms that so many industries claim that alone they say little: Nice 9 is all of electronics."""
    counts = Counter(
        (scheme, code)
        for industry in taxonomy.industries.values()
        for scheme, codes in industry.codes.items()
        for code in codes
    )
    acronyms = Counter(a for industry in taxonomy.industries.values() for a in industry.acronyms)
    # An acronym of two industries (OLED) is a hint even in a title.
    twice = {("acronym", text) for text, count in acronyms.items() if count > 1}
    return {key for key, count in counts.items() if count > _MOST_SHARERS} | twice


def _industry_rule(industry: Industry, shared: set[tuple[str, str]]) -> Rule:
    acronyms = tuple(Term(text, is_exact=True) for text in industry.acronyms)
    own = tuple(term for term in acronyms if ("acronym", term.text) not in shared)
    implied, hinted = (
        {
            scheme: tuple(
                plain
                for code in codes
                if ((scheme, code) in shared) is is_hint
                for plain in (expanded(code) if scheme == "hs" else [code])
            )
            for scheme, codes in industry.codes.items()
        }
        for is_hint in (False, True)
    )
    return Rule(
        id=f"rule.{industry.id}",
        version=2,
        emit=("industry", industry.id),
        fields=_PRODUCT_FIELDS,
        threshold=_THRESHOLD,
        any=_scored(
            Clause(_plain(industry.strong), 2.0),
            Clause((*_plain(industry.weak), *acronyms), 1.0, distinct=True),
            Clause(own, 2.0, fields=("title", "product")),
        ),
        mask=_plain(industry.negative),
        implied_by={scheme: codes for scheme, codes in implied.items() if codes},
        hinted_by={scheme: codes for scheme, codes in hinted.items() if codes},
    )


def _dispute_rule(dispute: DisputeType) -> Rule:
    implied: dict[str, tuple[str, ...]] = {}
    if dispute.id in _NATURES_OF_SUIT:
        implied["nos"] = _NATURES_OF_SUIT[dispute.id]
    if dispute.id in _FORUM_SAYS:
        implied["venue"] = _FORUM_SAYS[dispute.id]
    return Rule(
        id=f"rule.{dispute.id}",
        version=2,
        emit=("dispute_type", dispute.id),
        fields=_FIELDS,
        threshold=_THRESHOLD,
        any=_scored(Clause(_plain(dispute.strong), 2.0), Clause(_plain(dispute.weak), 1.0, distinct=True)),
        mask=_plain(dispute.negative),
        implied_by=implied,
    )


def yaml_rules(folder: Path = FOLDER) -> Iterator[Rule]:
    """The rules of every YAML file of ``folder``. Raises RulebookInvalid naming the file, the rule and the fix."""
    seen: set[str] = set()
    for path in sorted(folder.glob("*.yml")):
        try:
            document = yaml.safe_load(path.read_text(encoding="utf-8"))
        except yaml.YAMLError as error:
            raise _invalid(path, "the file", f"is not YAML: {error}") from error
        if not isinstance(document, dict) or document.get("schema") != "iprisk.rule/1":
            raise _invalid(path, "schema", "is not iprisk.rule/1")
        if not isinstance(document.get("rules"), list):
            raise _invalid(path, "rules", "has no list of rules")
        for row in document["rules"]:
            rule = _rule(path, row)
            if rule.id in seen:
                raise _invalid(path, rule.id, "stands twice")
            seen.add(rule.id)
            yield rule


def _invalid(path: Path, rule: object, problem: str) -> RulebookInvalid:
    return RulebookInvalid(
        f"warning/rules/rulebook/{path.name}, {rule}: {problem}.", fix="Mend the rule and check again."
    )


_KEYS = {
    "id", "version", "status", "emit", "fields", "threshold", "any", "all", "none", "near", "mask", "implied_by",
    "hinted_by", "patterns", "tests", "note",
}  # fmt: skip


def _rule(path: Path, row: Mapping[str, Any]) -> Rule:
    identity = row.get("id")
    if not isinstance(identity, str) or not identity.startswith("rule."):
        raise _invalid(path, identity, "an id begins with rule.")
    if strange := set(row) - _KEYS:
        raise _invalid(path, identity, f"has the unknown field {sorted(strange)[0]!r}")
    if not isinstance(row.get("emit"), dict) or len(row["emit"]) != 1:
        raise _invalid(path, identity, "emits one tag, kind: value")
    if row.get("status", "stable") not in ("draft", "test", "stable", "retired"):
        raise _invalid(path, identity, "has an unknown status")
    if not isinstance(row.get("version"), int):
        raise _invalid(path, identity, "has no version (a whole number)")
    ((kind, value),) = row["emit"].items()
    return Rule(
        id=identity,
        version=int(row["version"]),
        emit=(str(kind), str(value)),
        fields={str(k): float(v) for k, v in row.get("fields", _FIELDS).items()},
        threshold=float(row.get("threshold", _THRESHOLD)),
        any=tuple(_clause(path, identity, c) for c in row.get("any", ())),
        all=tuple(_clause(path, identity, c) for c in row.get("all", ())),
        none=tuple(_clause(path, identity, c) for c in row.get("none", ())),
        near=tuple(_near(path, identity, n) for n in row.get("near", ())),
        mask=tuple(term for group in row.get("mask", ()) for term in _terms(group)),
        implied_by={str(k): tuple(map(str, v)) for k, v in row.get("implied_by", {}).items()},
        hinted_by={str(k): tuple(map(str, v)) for k, v in row.get("hinted_by", {}).items()},
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
        tuple(_terms(row["a"])),
        tuple(_terms(row["b"])),
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
    if expected not in ("hit", "miss", "todo_hit", "todo_miss"):
        raise _invalid(
            path, identity, f"an example expects hit, miss, todo_hit or todo_miss, not {expected!r}"
        )
    if expected.startswith("todo"):
        return None
    return Example(row.get("text", ""), expected == "hit", row.get("title", ""), row.get("venue", ""))


def _clause(path: Path, identity: str, row: Mapping[str, Any]) -> Clause:
    weight = float(row.get("weight", 2.0))
    if weight not in _WEIGHTS:
        raise _invalid(path, identity, f"a weight is one of {_WEIGHTS}, not {weight}")
    if row.get("scope", "record") not in ("record", "same_sentence"):
        raise _invalid(path, identity, "a scope is record or same_sentence")
    return Clause(
        tuple(_terms(row["terms"])),
        weight,
        bool(row.get("distinct", False)),
        tuple(row.get("fields", ())),
        same_sentence=row.get("scope") == "same_sentence",
    )


def _terms(group: Any) -> Iterable[Term]:
    """Terms by language, or a plain list. =AI counts as written, Patent* may go on."""
    lists = group.items() if isinstance(group, dict) else [("", group)]
    for language, words in lists:
        for word in words:
            yield term_of(str(word), language if language in KNOWN else "")
