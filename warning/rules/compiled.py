"""A rule made ready to be scored: its terms by number, the most it can reach, and what one word alone is worth."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from math import inf
from typing import NamedTuple

from warning.rules.engine import Hit
from warning.rules.model import Clause, Evidence, Near, Rule, Term

#: what a pattern counts
OF_PATTERN = 2.0
#: what matched a pattern of a rule, and the field it stands in
Matched = tuple[str, re.Match[str]]
#: what was found of one rule, each with its field
Got = list[tuple[str, Hit]]
# tuple.__new__ does what Evidence(...) does in half the time.
evidence_of = partial(tuple.__new__, Evidence)


class Part(NamedTuple):
    """A clause with the numbers of its terms."""

    clause: Clause
    terms: frozenset[int]


class Sides(NamedTuple):
    """A nearness with the numbers of its terms."""

    near: Near
    a: frozenset[int]
    b: frozenset[int]


class NearIn(NamedTuple):
    """A nearness as one field counts it; ``parts``: both of its sides."""

    parts: int
    a: frozenset[int]
    b: frozenset[int]
    window: int
    weight: float
    same_sentence: bool


class Read(NamedTuple):
    """What a rule reads in one field. Each clause begins with its part of the rule, a bit.

    Attributes:
        any: (part, terms, weight, whether each different word counts).
        none: (part, terms, whether it takes away only its own sentence).
        near: those of the rule.
        all: (terms, weight).
    """

    any: tuple[tuple[int, frozenset[int], float, bool], ...]
    none: tuple[tuple[int, frozenset[int], bool], ...]
    near: tuple[NearIn, ...]
    all: tuple[tuple[frozenset[int], float], ...]


#: the parts of a rule that its patterns and its mask are
PATTERNED, MASKED = 1, 2


class Compiled:
    """One rule, its terms by number.

    Attributes:
        is_plain: it has nothing but scored clauses and a mask.
        is_simple: but for patterns it is plain: where none of them stands it is weighed like one.
        needs_two: it has nothing that one word could satisfy.
        lone: the terms of which one alone might be enough.
        alone: (term, field) -> the score and the weights told where that is all that was found; of a simple rule.
        bound: the most each term can count, over all fields.
        parts: the parts of the rule, as bits, in which each term stands.
        reach: parts heard -> whether they may be enough.
        read: what it reads in each field.
    """

    def __init__(self, rule: Rule, numbers: Mapping[Term, int]) -> None:
        def part(clause: Clause) -> Part:
            return Part(clause, frozenset(numbers[t] for t in clause.terms))

        self.rule = rule
        #: what each of its reasons begins with
        self.said = (f"{rule.emit[0]}:{rule.emit[1]}", rule.id, str(rule.version))
        self.of_product = rule.emit[0] == "industry"
        self.any, self.all, self.none = (
            tuple(map(part, clauses)) for clauses in (rule.any, rule.all, rule.none)
        )
        self.near = tuple(
            Sides(n, frozenset(numbers[t] for t in n.a), frozenset(numbers[t] for t in n.b))
            for n in rule.near
        )
        self.mask = frozenset(numbers[t] for t in rule.mask)
        self.patterns = tuple(map(re.compile, rule.patterns))
        self.threshold = rule.threshold
        self.loudest = max(rule.fields.values(), default=0.0)
        self.is_plain = not (rule.all or rule.none or rule.near or rule.patterns)
        self.is_simple = not (rule.all or rule.none or rule.near)
        self.needs_two = bool(rule.near) and not (rule.any or rule.patterns)
        self.alone: dict[tuple[int, str], tuple[float, tuple[float, ...]]] = {}
        self.bound: dict[int, float] = {}
        for clause, terms in self.any:
            most = max([clause.weight, *clause.field_weight.values()]) * self.loudest
            for term in terms:
                self.bound[term] = self.bound.get(term, 0.0) + most
        if self.is_simple:
            self._tell_alone()
        parts = (*self.any, *self.all)
        single = {t for part in parts for t in part.terms}.union(*(a & b for _, a, b in self.near))
        self.lone = frozenset(
            () if self.needs_two else (t for t in single if self.may_reach_by({t}, is_patterned=False))
        )
        self.parts: dict[int, int] = dict.fromkeys(self.mask, MASKED)
        self._number_parts()
        self.reach = _Reach(self)
        self.read = {field: self._read(field) for field in rule.fields}

    def _number_parts(self) -> None:
        bits = iter(1 << n for n in range(2, 1000))
        self.any_parts, self.none_parts, self.all_parts = (
            [self._part(next(bits), part.terms) for part in parts]
            for parts in (self.any, self.none, self.all)
        )
        self.near_parts = [self._part(next(bits), a) | self._part(next(bits), b) for _, a, b in self.near]

    def _part(self, bit: int, terms: frozenset[int]) -> int:
        for term in terms:
            self.parts[term] = self.parts.get(term, 0) | bit
        return bit

    def _read(self, field: str) -> Read:
        loud = self.rule.fields[field]

        def weight(clause: Clause) -> float:
            return clause.field_weight.get(field, clause.weight) * loud

        def is_read(clause: Clause) -> bool:
            return not clause.fields or field in clause.fields

        return Read(
            tuple(
                (bit, terms, weight(clause), clause.distinct)
                for bit, (clause, terms) in zip(self.any_parts, self.any, strict=True)
                if is_read(clause)
            ),
            tuple(
                (bit, terms, clause.same_sentence)
                for bit, (clause, terms) in zip(self.none_parts, self.none, strict=True)
                if is_read(clause)
            ),
            tuple(
                NearIn(bits, a, b, near.window, near.weight * loud, near.same_sentence)
                for bits, (near, a, b) in zip(self.near_parts, self.near, strict=True)
            ),
            tuple((terms if is_read(clause) else frozenset(), weight(clause)) for clause, terms in self.all),
        )

    def _tell_alone(self) -> None:
        for term in self.bound:
            if term in self.mask:
                continue
            for field, loud in self.rule.fields.items():
                weights = tuple(
                    clause.field_weight.get(field, clause.weight) * loud
                    for clause, terms in self.any
                    if term in terms and (not clause.fields or field in clause.fields)
                )
                if weights and sum(weights) >= self.rule.threshold:
                    self.alone[term, field] = (sum(weights), weights)

    def may_reach(self, got: Got, *, is_patterned: bool) -> bool:
        """Whether what was found could reach the threshold at all: a cheap test before the costly one. ``is_patterned``:
        whether one of the rule's patterns stands in the record."""
        return self.may_reach_by({hit[0] for _, hit in got}, is_patterned=is_patterned)

    def may_reach_by(self, terms: set[int], *, is_patterned: bool) -> bool:
        """As :meth:`may_reach`, by the terms alone."""
        bound = self.bound
        most = 0.0
        for term in terms:
            if term in bound:
                most += bound[term]
        if self.is_plain:
            return most >= self.threshold
        for near, a, b in self.near:
            if not (a.isdisjoint(terms) or b.isdisjoint(terms)):
                most += near.weight * self.loudest
        if is_patterned:
            most += OF_PATTERN * len(self.patterns)
        if most < self.threshold:
            return False
        return not any(terms.isdisjoint(part.terms) for part in self.all)

    def reason(self, field: str, start: int, end: int, text: str, weight: float) -> Evidence:
        """One reason."""
        return evidence_of((*self.said, field, start, end, text, weight))


class _Reach(dict[int, bool]):
    """Whether the parts of a rule that were heard may be enough. Remembers."""

    def __init__(self, one: Compiled) -> None:
        super().__init__()
        self._one = one

    def __missing__(self, parts: int) -> bool:
        answer = self[parts] = self._may(parts)
        return answer

    def _may(self, parts: int) -> bool:
        one = self._one
        most = OF_PATTERN * len(one.patterns) if parts & PATTERNED else 0.0
        for part, (clause, _) in zip(one.any_parts, one.any, strict=True):
            if parts & part:
                most += (
                    inf
                    if clause.distinct
                    else one.loudest * max([clause.weight, *clause.field_weight.values()])
                )
        most += one.loudest * sum(
            near.weight
            for both, (near, _, _) in zip(one.near_parts, one.near, strict=True)
            if parts & both == both
        )
        # The sum of the same weights in another order may be less by a rounding.
        return most + 1e-9 >= one.threshold and all(parts & part for part in one.all_parts)
