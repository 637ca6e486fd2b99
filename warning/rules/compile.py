"""Turning the taxonomy's words and the YAML rulebook into rules.

The taxonomy's strong words weigh 2, its weak words and acronyms 1 each (different ones add up), the threshold is 2,
and its negative words are masked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from cases.taxonomy import Taxonomy, Terms
from core.errors import RulebookInvalid
from warning.rules.model import Clause, Example, Near, Rule, Term

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
_FORUM_SAYS = {"dt.tm_opposition_cancellation": ("v.us.ttab",), "dt.validity": ("v.us.ptab",), "dt.section_337": ("v.us.itc",)}
_WEIGHTS = (1.0, 1.5, 2.0)


def _plain(terms: Terms) -> tuple[Term, ...]:
    return tuple(Term(text) for text in terms.all())


def taxonomy_rules(taxonomy: Taxonomy) -> Iterator[Rule]:
    """One rule for each industry, dispute type and stage."""
    for industry in taxonomy.industries.values():
        weak = (*_plain(industry.weak), *(Term(text, is_exact=True) for text in industry.acronyms))
        sharp = tuple(Term(text, is_exact=True) for text in industry.acronyms)
        yield Rule(
            id=f"rule.{industry.id}",
            version=1,
            emit=("industry", industry.id),
            fields=_PRODUCT_FIELDS,
            threshold=_THRESHOLD,
            any=tuple(
                clause
                for clause in (
                    Clause(_plain(industry.strong), 2.0),
                    Clause(weak, 1.0, distinct=True),
                    Clause(sharp, 2.0, fields=("title", "product")),
                )
                if clause.terms
            ),
            mask=_plain(industry.negative),
            implied_by=industry.codes,
        )
    for dispute in taxonomy.dispute_types.values():
        implied: dict[str, tuple[str, ...]] = {}
        if dispute.id in _NATURES_OF_SUIT:
            implied["nos"] = _NATURES_OF_SUIT[dispute.id]
        if dispute.id in _FORUM_SAYS:
            implied["venue"] = _FORUM_SAYS[dispute.id]
        yield Rule(
            id=f"rule.{dispute.id}",
            version=1,
            emit=("dispute_type", dispute.id),
            fields=_FIELDS,
            threshold=_THRESHOLD,
            any=tuple(
                c for c in (Clause(_plain(dispute.strong), 2.0), Clause(_plain(dispute.weak), 1.0, distinct=True)) if c.terms
            ),
            implied_by=implied,
        )
    for stage in taxonomy.stages.values():
        if stage.keywords.all():
            yield Rule(
                id=f"rule.{stage.id}",
                version=1,
                emit=("stage", stage.id),
                fields={"title": 2.0, "text": 1.0},
                threshold=1.0,
                any=(Clause(_plain(stage.keywords), 1.0, field_weight={"title": 1.0}),),
            )


def yaml_rules(folder: Path = FOLDER) -> Iterator[Rule]:
    """The rules of every YAML file of ``folder``. Raises RulebookInvalid naming the file, the rule and the fix."""
    for path in sorted(folder.glob("*.yml")):
        try:
            documents = yaml.safe_load(path.read_text(encoding="utf-8"))
        except yaml.YAMLError as error:
            raise _invalid(path, "the file", f"is not YAML: {error}") from error
        if not isinstance(documents, dict) or documents.get("schema") != "iprisk.rule/1":
            raise _invalid(path, "schema", "is not iprisk.rule/1")
        for row in documents["rules"]:
            yield _rule(path, row)


def _invalid(path: Path, rule: object, problem: str) -> RulebookInvalid:
    return RulebookInvalid(f"warning/rules/rulebook/{path.name}, {rule}: {problem}.", fix="Mend the rule and check again.")


_KEYS = {
    "id", "version", "status", "emit", "fields", "threshold", "any", "all", "none", "near", "mask", "implied_by",
    "patterns", "tests", "note",
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
        near=tuple(
            Near(tuple(_terms(n["a"])), tuple(_terms(n["b"])), int(n["window"]), float(n["weight"]), bool(n.get("same_sentence", True)))
            for n in row.get("near", ())
        ),
        mask=tuple(term for group in row.get("mask", ()) for term in _terms(group)),
        implied_by={str(k): tuple(map(str, v)) for k, v in row.get("implied_by", {}).items()},
        patterns=tuple(row.get("patterns", ())),
        status=row.get("status", "stable"),
        examples=tuple(
            Example(t["text"], t["expect"] == "hit", t.get("title", "")) for t in row.get("tests", ()) if not t["expect"].startswith("todo")
        ),
    )


def _clause(path: Path, identity: str, row: Mapping[str, Any]) -> Clause:
    weight = float(row.get("weight", 2.0))
    if weight not in _WEIGHTS:
        raise _invalid(path, identity, f"a weight is one of {_WEIGHTS}, not {weight}")
    return Clause(tuple(_terms(row["terms"])), weight, bool(row.get("distinct", False)), tuple(row.get("fields", ())))


def _terms(group: Any) -> Iterable[Term]:
    """Terms by language, or a plain list. A term written =AI counts as written."""
    lists = group.values() if isinstance(group, dict) else [group]
    for words in lists:
        for word in words:
            text = str(word)
            yield Term(text[1:], is_exact=True) if text.startswith("=") else Term(text)
