"""A rule made ready to be scored: its terms by number, the most it can reach, and what one word alone is worth."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
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


class Compiled:
    """One rule, its terms by number.

    Attributes:
        is_plain: it has nothing but scored clauses and a mask.
        is_simple: but for patterns it is plain: where none of them stands it is weighed like one.
        needs_two: it has nothing that one word could satisfy.
        lone: the terms of which one alone might be enough.
        alone: (term, field) -> the score and the weights told where that is all that was found; of a simple rule.
        bound: the most each term can count, over all fields.
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
        # field -> its clauses as (terms, weight there, whether each different word counts)
        self.clauses = {
            field: tuple(
                (terms, clause.field_weight.get(field, clause.weight) * loud, clause.distinct)
                for clause, terms in self.any
                if not clause.fields or field in clause.fields
            )
            for field, loud in rule.fields.items()
        }
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
