"""Scoring rules over what was found: clauses, vetoes, masks, and the evidence for each."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from typing import NamedTuple

from warning.rules.captions import Names
from warning.rules.codes import CodeFound, CodeTable
from warning.rules.engine import Found, Prepared, Vocabulary, longest
from warning.rules.languages import languages_of
from warning.rules.model import Clause, Evidence, Near, Rule, Term
from warning.rules.sentences import sentence_at

#: reasons kept for one clause: enough to explain, few enough to read
_KEPT = 3
_KEPT_DISTINCT = 6
#: what a code counts that several rules share
_HINT = 1.0


class Scored(NamedTuple):
    """A rule that reached its threshold, its score and its evidence."""

    rule: Rule
    score: float
    evidence: tuple[Evidence, ...]
    #: how often its words were found, kept as evidence or not
    times: int = 1


#: field -> what was found in it
Hits = Mapping[str, Sequence[Found]]


class RuleSet:
    """Rules and their terms.

    Args:
        rules: retired and draft ones are left out.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = [rule for rule in rules if rule.status in ("stable", "test")]
        numbers: dict[Term, int] = {}
        wanting: dict[int, set[int]] = {}
        for place, rule in enumerate(self.rules):
            for term in _terms_of(rule):
                wanting.setdefault(numbers.setdefault(term, len(numbers)), set()).add(place)
        #: every term, by number
        self.terms: Sequence[Term] = list(numbers)
        self._wanting = [tuple(sorted(wanting[number])) for number in range(len(numbers))]
        self._of_product = [rule.emit[0] == "industry" for rule in self.rules]
        self._codes = CodeTable(self.rules)
        self._patterns = {p: re.compile(p) for rule in self.rules for p in rule.patterns}
        self._with_patterns = [place for place, rule in enumerate(self.rules) if rule.patterns]
        self._clauses = {
            id(c): {numbers[t] for t in c.terms} for r in self.rules for c in (*r.any, *r.all, *r.none)
        }
        self._sides = {
            id(n): ({numbers[t] for t in n.a}, {numbers[t] for t in n.b}) for r in self.rules for n in r.near
        }
        self._bounds = [_bound(rule, numbers) for rule in self.rules]
        self._masks = [{numbers[t] for t in rule.mask} for rule in self.rules]

    @cached_property
    def version(self) -> str:
        """A hash of the content of every rule: any change of meaning changes it."""
        content = json.dumps(
            [asdict(rule) for rule in self.rules], ensure_ascii=False, sort_keys=True, default=list
        )
        return hashlib.sha256(content.encode()).hexdigest()[:12]

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """An automaton of these rules alone; the rulebook has one for all readers."""
        return Vocabulary(self.terms)

    def score_alone(
        self,
        fields: Mapping[str, Prepared],
        codes: Mapping[str, Sequence[str]],
        language: str | None = None,
    ) -> list[Scored]:
        """As :meth:`score`, finding the terms first."""
        languages = languages_of((prepared.raw for prepared in fields.values()), language)
        found = {name: self.vocabulary.find(prepared, languages)[0] for name, prepared in fields.items()}
        return self.score(fields, found, codes)

    def score(
        self,
        fields: Mapping[str, Prepared],
        found: Hits,
        codes: Mapping[str, Sequence[str]],
        names: Names | None = None,
    ) -> list[Scored]:
        """Every rule that the record reaches, in rule order. A rule none of whose terms was found is not looked at; an
        industry hears nothing that stands in the ``names`` of firms."""
        by_rule: dict[int, dict[str, list[Found]]] = {}
        for name, hits in found.items():
            for hit in hits:
                places = self._wanting[hit.term]
                if names is not None and any(self._of_product[p] for p in places) and names.hold(name, hit):
                    places = tuple(p for p in places if not self._of_product[p])
                for place in places:
                    by_rule.setdefault(place, {}).setdefault(name, []).append(hit)
        by_code = self._codes.found(codes)
        for place in by_code:
            by_rule.setdefault(place, {})
        for place in self._with_patterns:
            by_rule.setdefault(place, {})
        scored = (
            self._score(place, fields, by_rule[place], by_code.get(place, ()))
            for place in sorted(by_rule)
            if place in by_code or self._may_reach(place, by_rule[place])
        )
        kept = [result for result in scored if result is not None]
        silenced = {rule for result in kept for rule in result.rule.excludes}
        return [result for result in kept if result.rule.id not in silenced] if silenced else kept

    def _may_reach(self, place: int, found: Mapping[str, list[Found]]) -> bool:
        """Whether what was found could reach the threshold at all: a cheap test before the costly one."""
        bound = self._bounds[place]
        if bound is None:
            return True
        terms = {hit.term for hits in found.values() for hit in hits}
        return sum(bound.get(term, 0.0) for term in terms) >= self.rules[place].threshold

    def _score(
        self,
        place: int,
        fields: Mapping[str, Prepared],
        found: Mapping[str, list[Found]],
        by_code: Sequence[CodeFound],
    ) -> Scored | None:
        rule = self.rules[place]
        codes = [_code_reason(rule, code) for code in by_code]
        is_implied = any(code.is_enough for code in by_code)
        mask = self._masks[place]
        hits: Hits = {name: unmasked(found[name], mask) for name in rule.fields if name in found}
        for veto in rule.none:
            against = self._evidence(rule, veto, hits, fields)
            if against and not veto.same_sentence:
                return None
            if against:
                hits = _outside(hits, against, fields)
        score, evidence = sum(c.weight for c in sorted(codes, key=lambda c: -c.weight)[:1]), list(codes)
        count = 0
        for clause in rule.any:
            gained, reasons, times = self._clause(rule, clause, hits, fields)
            score += gained
            evidence += reasons
            count += times
        for near in rule.near:
            gained, reasons = self._near(rule, near, hits, fields)
            score += gained
            evidence += reasons
        for pattern in rule.patterns:
            reasons = self._pattern(rule, pattern, fields)
            score += 2.0 if reasons else 0.0
            evidence += reasons
        for clause in rule.all:
            reasons = self._evidence(rule, clause, hits, fields)
            if not reasons:
                return Scored(rule, rule.threshold, tuple(codes)) if is_implied else None
            evidence += reasons[:1]
        if score < rule.threshold or not evidence:
            return None
        return Scored(rule, score, tuple(evidence), max(1, count))

    def _clause(
        self, rule: Rule, clause: Clause, hits: Hits, fields: Mapping[str, Prepared]
    ) -> tuple[float, list[Evidence], int]:
        """What a clause gains, why, and how often: its best field once, or for a distinct clause each different term
        once."""
        found = self._of_clause(rule, clause, hits)
        if not found:
            return 0.0, [], 0
        if not clause.distinct:
            kept = [self._told(rule, fields, each) for each in found[:_KEPT]]
            return max(weight for _, _, weight in found), kept, len(found)
        best: dict[str, tuple[str, Found, float]] = {}
        for each in found:
            name, hit, weight = each
            word = fields[name].raw[hit.start : hit.end].casefold().removesuffix("s")
            if word not in best or best[word][2] < weight:
                best[word] = each
        kept = [self._told(rule, fields, each) for each in list(best.values())[:_KEPT_DISTINCT]]
        return sum(weight for _, _, weight in best.values()), kept, len(best)

    def _of_clause(self, rule: Rule, clause: Clause, hits: Hits) -> list[tuple[str, Found, float]]:
        """The longest hits of a clause, each with its field and weight."""
        wanted = self._clauses[id(clause)]
        out = []
        for name, field_hits in hits.items():
            if clause.fields and name not in clause.fields:
                continue
            own = [h for h in field_hits if h.term in wanted]
            if own:
                weight = clause.field_weight.get(name, clause.weight) * rule.fields[name]
                out += [(name, hit, weight) for hit in (longest(own) if len(own) > 1 else own)]
        return out

    def _evidence(
        self, rule: Rule, clause: Clause, hits: Hits, fields: Mapping[str, Prepared]
    ) -> list[Evidence]:
        return [self._told(rule, fields, each) for each in self._of_clause(rule, clause, hits)]

    def _told(self, rule: Rule, fields: Mapping[str, Prepared], each: tuple[str, Found, float]) -> Evidence:
        name, hit, weight = each
        return _reason(rule, name, hit.start, hit.end, fields[name].raw[hit.start : hit.end], weight)

    def _near(
        self, rule: Rule, near: Near, hits: Hits, fields: Mapping[str, Prepared]
    ) -> tuple[float, list[Evidence]]:
        a, b = self._sides[id(near)]
        for name, field_hits in hits.items():
            seconds = [h for h in field_hits if h.term in b]
            if not seconds:
                continue
            raw = fields[name].raw
            for first in (h for h in field_hits if h.term in a):
                for second in seconds:
                    start, end = min(first.start, second.start), max(first.end, second.end)
                    gap = max(first.start, second.start) - min(first.end, second.end)
                    if not 0 <= gap <= near.window:
                        continue
                    sentence = (
                        sentence_at(raw, first.start, first.end) if near.same_sentence else (0, len(raw))
                    )
                    if sentence[0] <= start and end <= sentence[1]:
                        weight = near.weight * rule.fields[name]
                        return weight, [_reason(rule, name, start, end, raw[start:end], weight)]
        return 0.0, []

    def _pattern(self, rule: Rule, pattern: str, fields: Mapping[str, Prepared]) -> list[Evidence]:
        for name in rule.fields:
            if name in fields and (match := self._patterns[pattern].search(fields[name].raw)):
                return [_reason(rule, name, match.start(), match.end(), match.group(), 2.0)]
        return []


def _bound(rule: Rule, numbers: Mapping[Term, int]) -> Mapping[int, float] | None:
    """The most each term can count, over all fields; None for a rule that scores by more than its clauses."""
    if rule.near or rule.patterns:
        return None
    loudest = max(rule.fields.values())
    bound: dict[int, float] = {}
    for clause in rule.any:
        weight = max([clause.weight, *clause.field_weight.values()]) * loudest
        for term in clause.terms:
            bound[numbers[term]] = bound.get(numbers[term], 0.0) + weight
    return bound


def _code_reason(rule: Rule, code: CodeFound) -> Evidence:
    return _reason(
        rule, code.field, 0, len(code.text), code.text, rule.threshold if code.is_enough else _HINT
    )


def _terms_of(rule: Rule) -> list[Term]:
    clauses = [t for clause in (*rule.any, *rule.all, *rule.none) for t in clause.terms]
    return [*clauses, *(t for n in rule.near for t in (*n.a, *n.b)), *rule.mask]


def unmasked(hits: Sequence[Found], mask: set[int]) -> Sequence[Found]:
    """Hits that are not blanked: a mask takes away what overlaps it and is no longer than it; the mask itself goes
    too."""
    blanked = [h for h in hits if h.term in mask] if mask else []
    if not blanked:
        return hits
    return [
        h
        for h in hits
        if h.term not in mask
        and not any(
            m.start < h.end and h.start < m.end and h.end - h.start <= m.end - m.start for m in blanked
        )
    ]


def _outside(hits: Hits, against: Sequence[Evidence], fields: Mapping[str, Prepared]) -> Hits:
    """Hits that stand in no sentence of a veto."""
    spans = [(e.field, *sentence_at(fields[e.field].raw, e.start, e.end)) for e in against]
    return {
        name: [h for h in found if not any(f == name and s <= h.start and h.end <= e for f, s, e in spans)]
        for name, found in hits.items()
    }


def _reason(rule: Rule, field: str, start: int, end: int, text: str, weight: float) -> Evidence:
    tag = f"{rule.emit[0]}:{rule.emit[1]}"
    return Evidence(tag, rule.id, str(rule.version), field, start, end, text, weight)
