"""Scoring rules over what was found: clauses, vetoes, masks, and the evidence for each.

Most rules that hear a word of theirs do not reach their threshold, and most that do have found one word. The first are
left by a bound, the second told from a table made at the start; only the others are scored clause by clause.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property, partial
from typing import NamedTuple

from warning.rules.captions import Names
from warning.rules.codes import CodeFound, CodeTable
from warning.rules.dockets import hints_of
from warning.rules.engine import Found, Prepared, Vocabulary, longest
from warning.rules.languages import languages_of
from warning.rules.model import Clause, Evidence, Near, Rule, Term
from warning.rules.sentences import sentence_at

#: reasons kept for one clause: enough to explain, few enough to read
_KEPT = 3
_KEPT_DISTINCT = 6
#: what a code counts that several rules share, and what a pattern does
_HINT, _OF_PATTERN = 1.0, 2.0


class Scored(NamedTuple):
    """A rule that reached its threshold, its score and its evidence."""

    rule: Rule
    score: float
    evidence: tuple[Evidence, ...]
    #: how often its words were found, kept as evidence or not
    times: int = 1
    #: whether anything but the text says so: the title, the product, a code
    is_firm: bool = False


#: field -> what was found in it
Hits = Mapping[str, Sequence[Found]]
#: what was found of one rule, each with its field
_Got = list[tuple[str, Found]]
# tuple.__new__ does what the named tuples' own do in half the time.
_evidence, _scored = partial(tuple.__new__, Evidence), partial(tuple.__new__, Scored)


class _Part(NamedTuple):
    """A clause with the numbers of its terms."""

    clause: Clause
    terms: frozenset[int]


class _Sides(NamedTuple):
    """A nearness with the numbers of its terms."""

    near: Near
    a: frozenset[int]
    b: frozenset[int]


class _Compiled:
    """One rule, its terms by number.

    Attributes:
        is_plain: it has nothing but scored clauses and a mask.
        needs_two: it has nothing that one word could satisfy.
        alone: (term, field) -> the score and the weights told where that is all that was found; of a plain rule.
        bound: the most each term can count, over all fields.
    """

    def __init__(self, rule: Rule, numbers: Mapping[Term, int]) -> None:
        def part(clause: Clause) -> _Part:
            return _Part(clause, frozenset(numbers[t] for t in clause.terms))

        self.rule = rule
        #: what each of its reasons begins with
        self.said = (f"{rule.emit[0]}:{rule.emit[1]}", rule.id, str(rule.version))
        self.of_product = rule.emit[0] == "industry"
        self.any, self.all, self.none = (
            tuple(map(part, clauses)) for clauses in (rule.any, rule.all, rule.none)
        )
        self.near = tuple(
            _Sides(n, frozenset(numbers[t] for t in n.a), frozenset(numbers[t] for t in n.b))
            for n in rule.near
        )
        self.mask = frozenset(numbers[t] for t in rule.mask)
        self.patterns = tuple((re.compile(p), hints_of(p)) for p in rule.patterns)
        self.threshold = rule.threshold
        self.loudest = max(rule.fields.values(), default=0.0)
        self.is_plain = not (rule.all or rule.none or rule.near or rule.patterns)
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
        if self.is_plain:
            self._tell_alone()

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

    def may_reach(self, got: _Got) -> bool:
        """Whether what was found could reach the threshold at all: a cheap test before the costly one."""
        bound = self.bound
        terms = {hit[0] for _, hit in got}
        most = 0.0
        for term in terms:
            if term in bound:
                most += bound[term]
        if self.is_plain:
            return most >= self.threshold
        for near, a, b in self.near:
            if not (a.isdisjoint(terms) or b.isdisjoint(terms)):
                most += near.weight * self.loudest
        most += _OF_PATTERN * len(self.patterns)
        if most < self.threshold:
            return False
        return not any(terms.isdisjoint(part.terms) for part in self.all)

    def reason(self, field: str, start: int, end: int, text: str, weight: float) -> Evidence:
        """One reason."""
        return _evidence((*self.said, field, start, end, text, weight))


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
        self._compiled = [_Compiled(rule, numbers) for rule in self.rules]
        self._codes = CodeTable(self.rules)
        self._with_patterns = [(place, c.patterns) for place, c in enumerate(self._compiled) if c.patterns]

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
        by_rule: dict[int, _Got] = {}
        wanting = self._wanting
        for name, hits in found.items():
            for hit in hits:
                told = (name, hit)
                for place in wanting[hit[0]]:
                    if place in by_rule:
                        by_rule[place].append(told)
                    else:
                        by_rule[place] = [told]
        by_code = self._codes.found(codes) if codes else {}
        for place in (*by_code, *self._patterned(fields)):
            by_rule.setdefault(place, [])
        kept = []
        compiled = self._compiled
        for place in sorted(by_rule):
            got, one = by_rule[place], compiled[place]
            if by_code:
                result = _result(one, fields, got, by_code.get(place, ()), names)
            elif not one.is_plain:
                if one.needs_two and len(got) == 1:
                    continue
                result = _result(one, fields, got, (), names) if one.may_reach(got) else None
            elif len(got) == 1:
                name, hit = got[0]
                worth = one.alone.get((hit[0], name))
                result = _alone(one, fields, name, hit, worth, names) if worth else None
            else:
                result = _result(one, fields, got, (), names) if one.may_reach(got) else None
            if result is not None:
                kept.append(result)
        silenced = [rule for result in kept if result[0].excludes for rule in result[0].excludes]
        return [result for result in kept if result.rule.id not in silenced] if silenced else kept

    def _patterned(self, fields: Mapping[str, Prepared]) -> Iterator[int]:
        """Rules one of whose patterns may stand in the record."""
        for place, patterns in self._with_patterns:
            for _, hints in patterns:
                if not hints or any(h in prepared.raw for prepared in fields.values() for h in hints):
                    yield place


def _result(
    one: _Compiled,
    fields: Mapping[str, Prepared],
    got: _Got,
    by_code: Sequence[CodeFound],
    names: Names | None,
) -> Scored | None:
    if one.of_product and names is not None:
        outside = [(name, hit) for name, hit in got if not names.hold(name, hit)]
        if len(outside) < len(got) and not by_code and not one.may_reach(outside):
            return None
        got = outside
    if one.is_plain and not by_code and len(fields) == 1:
        return _plain(one, fields, [hit for _, hit in got])
    return _score(one, fields, got, by_code)


def _alone(
    one: _Compiled,
    fields: Mapping[str, Prepared],
    name: str,
    hit: Found,
    worth: tuple[float, tuple[float, ...]],
    names: Names | None,
) -> Scored | None:
    """A plain rule of which one word was found that is enough."""
    if one.of_product and names is not None and names.hold(name, hit):
        return None
    score, weights = worth
    _, start, end = hit
    text = fields[name].raw[start:end]
    tag, identity, version = one.said
    reasons = [_evidence((tag, identity, version, name, start, end, text, weight)) for weight in weights]
    return _scored((one.rule, score, tuple(reasons), len(reasons), name != "text"))


def _plain(one: _Compiled, fields: Mapping[str, Prepared], hits: Sequence[Found]) -> Scored | None:
    """A plain rule over a record of one field: as :func:`_score`, without what such a rule has not."""
    ((name, prepared),) = fields.items()
    if name not in one.clauses:
        return None
    if one.mask:
        hits = unmasked(hits, one.mask)
    raw = prepared.raw
    tag, identity, version = one.said
    score, count = 0.0, 0
    evidence: list[Evidence] = []
    for terms, weight, is_distinct in one.clauses[name]:
        own = [h for h in hits if h[0] in terms]
        if not own:
            continue
        if len(own) > 1:
            own = _longest(own)
        kept = _KEPT
        if is_distinct:
            kept = _KEPT_DISTINCT
            if len(own) > 1:
                own = [hit for _, hit, _ in _different([(name, h, weight) for h in own], fields)[0]]
            score += weight * len(own)
        else:
            score += weight
        count += len(own)
        evidence += [
            _evidence((tag, identity, version, name, start, end, raw[start:end], weight))
            for _, start, end in own[:kept]
        ]
    if score < one.rule.threshold:
        return None
    return _scored((one.rule, score, tuple(evidence), count, name != "text"))


def _longest(hits: list[Found]) -> list[Found]:
    """As :func:`longest`: most that overlap are two, one of which holds the other."""
    if len(hits) == 2:
        one, other = hits
        if one[2] <= other[1]:
            return hits
        if one[1] <= other[1] and other[2] <= one[2] and one[2] - one[1] > other[2] - other[1]:
            return [one]
        if other[1] <= one[1] and one[2] <= other[2] and other[2] - other[1] > one[2] - one[1]:
            return [other]
    return longest(hits)


def _score(
    one: _Compiled, fields: Mapping[str, Prepared], got: _Got, by_code: Sequence[CodeFound]
) -> Scored | None:
    """A rule clause by clause."""
    rule = one.rule
    evidence = [
        one.reason(c.field, 0, len(c.text), c.text, rule.threshold if c.is_enough else _HINT) for c in by_code
    ]
    is_implied = any(code.is_enough for code in by_code)
    score = max((e.weight for e in evidence), default=0.0)
    codes = tuple(evidence)
    hits: Hits = _unmasked(one, got)
    for veto in one.none:
        against = _of_clause(rule, veto, hits)
        if against and not veto.clause.same_sentence:
            return None
        if against:
            hits = _outside(hits, against, fields)
    count = 0
    for part in one.any:
        found = _of_clause(rule, part, hits)
        if not found:
            continue
        if part.clause.distinct:
            found, gained = _different(found, fields)
            kept = _KEPT_DISTINCT
        else:
            gained, kept = max([weight for _, _, weight in found]), _KEPT
        score += gained
        count += len(found)
        evidence += _told(one, fields, found[:kept])
    for sides in one.near:
        if reason := _beside(one, sides, hits, fields):
            score += reason.weight
            evidence.append(reason)
    for pattern, _ in one.patterns:
        for name in rule.fields:
            if name in fields and (match := pattern.search(fields[name].raw)):
                score += _OF_PATTERN
                evidence.append(one.reason(name, match.start(), match.end(), match.group(), _OF_PATTERN))
                break
    for part in one.all:
        found = _of_clause(rule, part, hits)
        if not found:
            return Scored(rule, rule.threshold, codes, is_firm=True) if is_implied else None
        evidence += _told(one, fields, found[:1])
    if score < rule.threshold or not evidence:
        return None
    is_firm = any(e.field != "text" for e in evidence)
    return Scored(rule, score, tuple(evidence), max(1, count), is_firm)


def _unmasked(one: _Compiled, got: _Got) -> Hits:
    """What was found by field, in the rule's order of fields, less what is blanked."""
    hits: dict[str, list[Found]] = {}
    for field in one.rule.fields:
        if own := [hit for name, hit in got if name == field]:
            hits[field] = own
    return {field: unmasked(own, one.mask) for field, own in hits.items()} if one.mask else hits


def unmasked(hits: Sequence[Found], mask: frozenset[int]) -> Sequence[Found]:
    """Hits that are not blanked: a mask takes away what overlaps it and is no longer than it; the mask itself goes
    too."""
    blanked = [h for h in hits if h[0] in mask]
    if not blanked:
        return hits
    return [
        h
        for h in hits
        if h[0] not in mask
        and not any(m[1] < h[2] and h[1] < m[2] and h[2] - h[1] <= m[2] - m[1] for m in blanked)
    ]


def _of_clause(rule: Rule, part: _Part, hits: Hits) -> list[tuple[str, Found, float]]:
    """The longest hits of a clause, each with its field and weight."""
    clause, wanted = part
    out = []
    for name, field_hits in hits.items():
        if clause.fields and name not in clause.fields:
            continue
        own = [h for h in field_hits if h[0] in wanted]
        if own:
            weight = clause.field_weight.get(name, clause.weight) * rule.fields[name]
            out += [(name, hit, weight) for hit in (longest(own) if len(own) > 1 else own)]
    return out


def _different(
    found: Iterable[tuple[str, Found, float]], fields: Mapping[str, Prepared]
) -> tuple[list[tuple[str, Found, float]], float]:
    """Of each different word the loudest, and what they count together."""
    best: dict[str, tuple[str, Found, float]] = {}
    for each in found:
        name, hit, weight = each
        word = fields[name].raw[hit[1] : hit[2]].casefold().removesuffix("s")
        if word not in best or best[word][2] < weight:
            best[word] = each
    return list(best.values()), sum([weight for _, _, weight in best.values()])


def _told(
    one: _Compiled, fields: Mapping[str, Prepared], found: Iterable[tuple[str, Found, float]]
) -> list[Evidence]:
    return [
        one.reason(name, start, end, fields[name].raw[start:end], weight)
        for name, (_, start, end), weight in found
    ]


def _beside(one: _Compiled, sides: _Sides, hits: Hits, fields: Mapping[str, Prepared]) -> Evidence | None:
    """The first two words, one of each side, that stand near enough."""
    near, a, b = sides
    for name, field_hits in hits.items():
        seconds = [h for h in field_hits if h[0] in b]
        if not seconds:
            continue
        raw = fields[name].raw
        for first in [h for h in field_hits if h[0] in a]:
            for second in seconds:
                start, end = min(first[1], second[1]), max(first[2], second[2])
                if not 0 <= max(first[1], second[1]) - min(first[2], second[2]) <= near.window:
                    continue
                sentence = sentence_at(raw, first[1], first[2]) if near.same_sentence else (0, len(raw))
                if sentence[0] <= start and end <= sentence[1]:
                    return one.reason(name, start, end, raw[start:end], near.weight * one.rule.fields[name])
    return None


def _outside(
    hits: Hits, against: Iterable[tuple[str, Found, float]], fields: Mapping[str, Prepared]
) -> dict[str, list[Found]]:
    """Hits that stand in no sentence of a veto."""
    spans = [(name, *sentence_at(fields[name].raw, hit[1], hit[2])) for name, hit, _ in against]
    return {
        name: [h for h in found if not any(f == name and s <= h[1] and h[2] <= e for f, s, e in spans)]
        for name, found in hits.items()
    }


def _terms_of(rule: Rule) -> list[Term]:
    clauses = [t for clause in (*rule.any, *rule.all, *rule.none) for t in clause.terms]
    return [*clauses, *(t for n in rule.near for t in (*n.a, *n.b)), *rule.mask]
