"""Scoring rules over what was found: clauses, vetoes, masks, and the evidence for each."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from warning.rules.engine import Found, Prepared, Vocabulary, sentence_at
from warning.rules.model import Clause, Evidence, Near, Rule, Term


@dataclass(frozen=True)
class Scored:
    """A rule that reached its threshold, its score and its evidence."""

    rule: Rule
    score: float
    evidence: tuple[Evidence, ...]


class RuleSet:
    """Rules compiled into one vocabulary.

    Args:
        rules: retired and draft ones are left out.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = [rule for rule in rules if rule.status in ("stable", "test")]
        terms: dict[Term, int] = {}
        self._wanting: dict[int, set[int]] = {}
        for place, rule in enumerate(self.rules):
            for term in _terms_of(rule):
                self._wanting.setdefault(terms.setdefault(term, len(terms)), set()).add(place)
        self._numbers = terms
        self.vocabulary = Vocabulary(list(terms))
        self._codes = [place for place, rule in enumerate(self.rules) if rule.implied_by]
        self._patterns = {p: re.compile(p) for rule in self.rules for p in rule.patterns}
        self._with_patterns = [place for place, rule in enumerate(self.rules) if rule.patterns]
        self._clauses = {id(c): {terms[t] for t in c.terms} for r in self.rules for c in (*r.any, *r.all, *r.none)}
        self._masks = [{terms[t] for t in rule.mask} for rule in self.rules]
        content = json.dumps([asdict(rule) for rule in self.rules], ensure_ascii=False, sort_keys=True, default=list)
        self.version = hashlib.sha256(content.encode()).hexdigest()[:12]

    def score(self, fields: Mapping[str, Prepared], codes: Mapping[str, Sequence[str]]) -> list[Scored]:
        """Every rule that the record reaches, in rule order."""
        found = {name: self.vocabulary.find(prepared) for name, prepared in fields.items()}
        candidates = {place for hits in found.values() for hit in hits for place in self._wanting.get(hit.term, ())}
        candidates.update(self._codes, self._with_patterns)
        scored = (self._score(place, fields, found, codes) for place in sorted(candidates))
        return [result for result in scored if result is not None]

    def _score(
        self,
        place: int,
        fields: Mapping[str, Prepared],
        found: Mapping[str, Sequence[Found]],
        codes: Mapping[str, Sequence[str]],
    ) -> Scored | None:
        rule = self.rules[place]
        by_code = self._by_code(rule, codes)
        hits = {
            name: _unmasked(found[name], self._masks[place]) for name in rule.fields if name in found
        }
        if any(self._evidence(rule, clause, hits, fields) for clause in rule.none):
            return None
        score, evidence = 0.0, list(by_code)
        for clause in rule.any:
            gained, reasons = self._clause(rule, clause, hits, fields)
            score += gained
            evidence += reasons
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
                return Scored(rule, rule.threshold, tuple(by_code)) if by_code else None
            evidence += reasons[:1]
        if not by_code and (score < rule.threshold or not evidence):
            return None
        return Scored(rule, max(score, rule.threshold if by_code else 0.0), tuple(evidence))

    def _by_code(self, rule: Rule, codes: Mapping[str, Sequence[str]]) -> list[Evidence]:
        out = []
        for scheme, prefixes in rule.implied_by.items():
            for code in codes.get(scheme, ()):
                plain = code.replace(" ", "").upper()
                exact = scheme == "nice"
                if any(plain == p if exact else plain.startswith(p.upper()) for p in prefixes):
                    name = "venue" if scheme == "venue" else f"codes.{scheme}"
                    out.append(_reason(rule, name, 0, len(code), code, rule.threshold))
        return out

    def _clause(
        self, rule: Rule, clause: Clause, hits: Mapping[str, Sequence[Found]], fields: Mapping[str, Prepared]
    ) -> tuple[float, list[Evidence]]:
        """What a clause gains: its best field once, or for a distinct clause each different term once."""
        reasons = self._evidence(rule, clause, hits, fields)
        if not reasons:
            return 0.0, []
        if not clause.distinct:
            return max(r.weight for r in reasons), reasons[:3]
        best: dict[str, Evidence] = {}
        for reason in reasons:
            word = reason.text.casefold().removesuffix("s")
            if word not in best or best[word].weight < reason.weight:
                best[word] = reason
        return sum(r.weight for r in best.values()), list(best.values())[:6]

    def _evidence(
        self, rule: Rule, clause: Clause, hits: Mapping[str, Sequence[Found]], fields: Mapping[str, Prepared]
    ) -> list[Evidence]:
        wanted = self._clauses[id(clause)]
        out = []
        for name, field_hits in hits.items():
            if clause.fields and name not in clause.fields:
                continue
            weight = clause.field_weight.get(name, clause.weight) * rule.fields[name]
            for hit in _longest([h for h in field_hits if h.term in wanted]):
                raw = fields[name].raw
                out.append(_reason(rule, name, hit.start, hit.end, raw[hit.start : hit.end], weight))
        return out

    def _near(
        self, rule: Rule, near: Near, hits: Mapping[str, Sequence[Found]], fields: Mapping[str, Prepared]
    ) -> tuple[float, list[Evidence]]:
        a, b = ({self._numbers[t] for t in side} for side in (near.a, near.b))
        for name, field_hits in hits.items():
            raw = fields[name].raw
            for first in (h for h in field_hits if h.term in a):
                sentence = sentence_at(raw, first.start, first.end) if near.same_sentence else (0, len(raw))
                for second in (h for h in field_hits if h.term in b):
                    start, end = min(first.start, second.start), max(first.end, second.end)
                    gap = max(first.start, second.start) - min(first.end, second.end)
                    if 0 <= gap <= near.window and sentence[0] <= start and end <= sentence[1]:
                        weight = near.weight * rule.fields[name]
                        return weight, [_reason(rule, name, start, end, raw[start:end], weight)]
        return 0.0, []

    def _pattern(self, rule: Rule, pattern: str, fields: Mapping[str, Prepared]) -> list[Evidence]:
        for name in rule.fields:
            if name in fields and (match := self._patterns[pattern].search(fields[name].raw)):
                return [_reason(rule, name, match.start(), match.end(), match.group(), 2.0)]
        return []


def _terms_of(rule: Rule) -> list[Term]:
    clauses = [t for clause in (*rule.any, *rule.all, *rule.none) for t in clause.terms]
    return [*clauses, *(t for n in rule.near for t in (*n.a, *n.b)), *rule.mask]


def _unmasked(hits: Sequence[Found], mask: set[int]) -> Sequence[Found]:
    """Hits that touch no masked span; the mask itself goes too."""
    if not mask:
        return hits
    blanked = [h for h in hits if h.term in mask]
    return [
        h for h in hits if h.term not in mask and not any(m.start < h.end and h.start < m.end for m in blanked)
    ]


def _longest(hits: Sequence[Found]) -> list[Found]:
    """Of overlapping hits the longest, then the first."""
    chosen: list[Found] = []
    for hit in sorted(hits, key=lambda h: (h.start - h.end, h.start, h.term)):
        if all(hit.end <= c.start or c.end <= hit.start for c in chosen):
            chosen.append(hit)
    return sorted(chosen, key=lambda h: h.start)


def _reason(rule: Rule, field: str, start: int, end: int, text: str, weight: float) -> Evidence:
    tag = f"{rule.emit[0]}:{rule.emit[1]}"
    return Evidence(tag, rule.id, str(rule.version), field, start, end, text[:200], weight)
