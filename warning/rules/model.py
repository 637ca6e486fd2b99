"""The values of the rulebook: terms, clauses, rules, and the evidence a tag rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True)
class Term:
    """A word or phrase of a clause.

    Attributes:
        text: as written in the rule, without its marks.
        is_exact: letters count as written (acronyms); otherwise case, width and script are folded.
        need, veto: cues that must, or must not, stand in the same sentence.
        language: the language in whose records it counts; "" for all.
        starts_inside, ends_inside: the word may go on before, or after, the term (German compounds).
    """

    text: str
    is_exact: bool = False
    need: tuple[str, ...] = ()
    veto: tuple[str, ...] = ()
    starts_inside: bool = False
    ends_inside: bool = False
    language: str = ""


def term_of(written: str, language: str = "") -> Term:
    """A term as written in a rule: ``=AI`` counts as written; ``Patent*`` and ``*verletzung`` may be part of a longer
    word."""
    text, is_exact = written.removeprefix("="), written.startswith("=")
    return Term(text.strip("*"), is_exact, (), (), text.startswith("*"), text.endswith("*"), language)


@dataclass(frozen=True)
class Clause:
    """Terms that count once, however many are found.

    Attributes:
        weight: 1, 1.5 or 2.
        distinct: whether each different term counts (up to the threshold) instead of once for all.
        fields: fields it may be found in; empty for all the rule reads.
        field_weight: field -> weight that takes the place of ``weight`` there.
        same_sentence: a veto that only takes away what stands in its own sentence.
    """

    terms: tuple[Term, ...]
    weight: float
    distinct: bool = False
    fields: tuple[str, ...] = ()
    field_weight: Mapping[str, float] = field(default_factory=dict)
    same_sentence: bool = False


@dataclass(frozen=True)
class Near:
    """Two sets of terms within ``window`` code points of each other, in one sentence when asked."""

    a: tuple[Term, ...]
    b: tuple[Term, ...]
    window: int
    weight: float
    same_sentence: bool = True


@dataclass(frozen=True)
class Example:
    """A text the rule must hit or must miss; ``language`` is the record's own, where it is too short to tell."""

    text: str
    is_hit: bool
    title: str = ""
    language: str = ""
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        emit: (kind, value) of the tag, e.g. ("industry", "ind.biopharma").
        fields: field -> multiplier; a field left out is not read. Parties never feed industry.
        any: scored clauses. all: clauses that must each be found. none: vetoes over the record or over a sentence.
        mask: spans blanked for this rule before it is scored; the longest wins.
        implied_by: scheme -> code prefixes that suffice by themselves. hinted_by: those that count 1.
        excludes: rules that fall silent when this one speaks. beside: rules that share words with this one and may
            speak beside it.
    """

    id: str
    version: int
    emit: tuple[str, str]
    fields: Mapping[str, float]
    threshold: float
    any: tuple[Clause, ...] = ()
    all: tuple[Clause, ...] = ()
    none: tuple[Clause, ...] = ()
    near: tuple[Near, ...] = ()
    mask: tuple[Term, ...] = ()
    implied_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hinted_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    excludes: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    status: str = "stable"
    examples: tuple[Example, ...] = ()


class Evidence(NamedTuple):
    """One reason for one tag: the rule and its version, the field, the span (code points, half open, in the raw
    field), the words themselves and what they counted. ``tag`` is ``kind:value``."""

    tag: str
    rule: str
    version: str
    field: str
    start: int
    end: int
    text: str
    weight: float
