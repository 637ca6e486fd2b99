"""Scoring rules over what was found.

Most rules that hear a word of theirs do not reach their threshold, and most that do have found one word. The first are
left by a bound, the second told from a table made at the start; only the others are weighed clause by clause.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cached_property

from warning.rules.captions import Names
from warning.rules.codes import CodeTable
from warning.rules.compiled import PATTERNED, Compiled, Got, Matched
from warning.rules.engine import Hit, Prepared, Vocabulary
from warning.rules.languages import languages_of
from warning.rules.model import Rule, Term
from warning.rules.one_field import weigh_alone, weigh_words
from warning.rules.pieces import Asked, Patterns
from warning.rules.weigh import Hits, Scored, weigh

__all__ = ["Hits", "RuleSet", "Scored"]


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
        self._compiled = [Compiled(rule, numbers) for rule in self.rules]
        self._codes = CodeTable(self.rules)
        self._patterned = [(place, p) for place, one in enumerate(self._compiled) for p in one.patterns]
        #: the patterns of all rules
        self.patterns = [pattern.pattern for _, pattern in self._patterned]

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
        found = {name: self.vocabulary.spans(prepared, languages)[0] for name, prepared in fields.items()}
        return self.score(fields, found, codes)

    def score(
        self,
        fields: Mapping[str, Prepared],
        found: Hits,
        codes: Mapping[str, Sequence[str]],
        names: Names | None = None,
        asked: Asked | None = None,
    ) -> list[Scored]:
        """Every rule that the record reaches, in rule order. A rule none of whose terms was found is not looked at; an
        industry hears nothing that stands in the ``names`` of firms. ``asked``: the patterns that may match, where that is
        known."""
        matched = self._matched(fields, asked)
        if len(fields) == 1 and not codes:
            kept = self._of_one_field(fields, found, names, matched)
        else:
            kept = self._of_fields(fields, found, codes, names, matched)
        silenced = [rule for result in kept if result[0].excludes for rule in result[0].excludes]
        return [result for result in kept if result.rule.id not in silenced] if silenced else kept

    def _of_fields(
        self,
        fields: Mapping[str, Prepared],
        found: Hits,
        codes: Mapping[str, Sequence[str]],
        names: Names | None,
        matched: Mapping[int, Sequence[Matched]],
    ) -> list[Scored]:
        by_rule: dict[int, Got] = {}
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
        for place in (*by_code, *matched):
            by_rule.setdefault(place, [])
        kept = []
        for place in sorted(by_rule):
            got, one = by_rule[place], self._compiled[place]
            if by_code or one.may_reach(got, is_patterned=place in matched):
                result = weigh(one, fields, got, by_code.get(place, ()), names, matched.get(place, ()))
                if result is not None:
                    kept.append(result)
        return kept

    def _of_one_field(
        self,
        fields: Mapping[str, Prepared],
        found: Hits,
        names: Names | None,
        matched: Mapping[int, Sequence[Matched]],
    ) -> list[Scored]:
        """As :meth:`_of_fields`, where one text is all there is: news, and most of what is told of anew."""
        ((name, hits),) = found.items()
        raw = fields[name].raw
        by_rule: defaultdict[int, list[Hit]] = defaultdict(list)
        wanting = self._wanting
        for hit in hits:
            for place in wanting[hit[0]]:
                by_rule[place].append(hit)
        for place in matched:
            by_rule.setdefault(place, [])
        kept = []
        compiled = self._compiled
        for place in sorted(by_rule):
            own, one = by_rule[place], compiled[place]
            result = None
            if len(own) > 1 or place in matched:
                parts = PATTERNED if place in matched else 0
                of_term = one.parts
                for hit in own:
                    parts |= of_term[hit[0]]
                if one.reach[parts]:
                    result = weigh_words(one, name, raw, own, parts, names, matched.get(place, ()))
            elif one.is_simple:
                if worth := one.alone.get((own[0][0], name)):
                    result = weigh_alone(one, name, raw, own[0], worth, names)
            elif own[0][0] in one.lone:
                result = weigh_words(one, name, raw, own, one.parts[own[0][0]], names, ())
            if result is not None:
                kept.append(result)
        return kept

    def _matched(self, fields: Mapping[str, Prepared], asked: Asked | None) -> dict[int, list[Matched]]:
        """Rule -> what matches its patterns, of each the first field of the rule where it stands."""
        if asked is None:
            asked = {name: self._pieces.asked(prepared)[0] for name, prepared in fields.items()}
        out: dict[int, list[Matched]] = {}
        for number in sorted({number for numbers in asked.values() for number in numbers}):
            place, pattern = self._patterned[number]
            for name in self.rules[place].fields:
                if name in fields and (match := pattern.search(fields[name].raw)):
                    out.setdefault(place, []).append((name, match))
                    break
        return out

    @cached_property
    def _pieces(self) -> Patterns:
        return Patterns(self.patterns)


def _terms_of(rule: Rule) -> list[Term]:
    clauses = [t for clause in (*rule.any, *rule.all, *rule.none) for t in clause.terms]
    return [*clauses, *(t for n in rule.near for t in (*n.a, *n.b)), *rule.mask]
