"""The rulebook read the plain way: no automaton, no bounds that spare work, no tables made beforehand.

What the engine does fast has to be what this says. It is a hundred times as slow and shares with the engine only the data,
the look for sentences and the variants of a term.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from core.text import fold, is_cjk
from warning.rules.engine import variants
from warning.rules.model import Clause, Near, Rule, Term
from warning.rules.score import RuleSet
from warning.rules.sentences import sentence_at

_HYPHENS = "-‐‑‒–—"
#: (field, term, start, end)
Hit = tuple[str, Term, int, int]
#: (field, start, end, words, weight)
Reason = tuple[str, int, int, str, float]


def squeezed(raw: str) -> tuple[str, list[int]]:
    """A text folded and squeezed character by character, and the raw place of each that is left."""
    kept: list[tuple[str, int]] = []
    at = 0
    while at < len(raw):
        end = at
        while end < len(raw) and (_is_gap(raw[end]) or _is_hidden(raw[end])):
            end += 1
        run = raw[at:end]
        if not run:
            kept.append((fold(raw[at]), at))
            at += 1
            continue
        is_wrap = not any(c in _HYPHENS for c in run) and run.count("\n") < 2
        is_inside = at > 0 and end < len(raw) and is_cjk(fold(raw[at - 1])) and is_cjk(fold(raw[end]))
        if any(map(_is_gap, run)) and not (is_wrap and is_inside):
            kept.append((" ", at))
        at = end
    return "".join(c for c, _ in kept), [place for _, place in kept]


def _is_gap(char: str) -> bool:
    return char.isspace() or char in _HYPHENS


def _is_hidden(char: str) -> bool:
    return char >= "\xa0" and unicodedata.category(char) == "Cf"


def _is_letter(char: str) -> bool:
    return (char.isalnum() or char == "_") and not is_cjk(char)


def _joined(text: str, at: int) -> bool:
    """Whether a word goes on over a place between two characters."""
    return 0 < at < len(text) and _is_letter(text[at - 1]) and _is_letter(text[at])


def _holds(folded: str, cue: str) -> bool:
    wanted = fold(cue)
    return any(
        not _joined(folded, m.start()) and not _joined(folded, m.start() + len(wanted))
        for m in re.finditer(f"(?={re.escape(wanted)})", folded)
    )


def _counts(term: Term, raw: str, start: int, end: int) -> bool:
    if term.is_exact:
        gap = rf"[\s{re.escape(_HYPHENS)}]+"
        written, wanted = re.sub(gap, " ", raw[start:end]), re.sub(gap, " ", term.text)
        if written not in (wanted, wanted + "s"):
            return False
    first, last = sentence_at(raw, start, end)
    sentence = fold(raw[first:last])
    if any(_holds(sentence, cue) for cue in term.veto):
        return False
    return not term.need or any(_holds(sentence, cue) for cue in term.need)


def terms_in(
    field: str, raw: str, terms: Mapping[str, list[Term]], languages: frozenset[str] | None
) -> list[Hit]:
    """Every term that stands in a text; ``terms``: by the forms they are searched under."""
    text, places = squeezed(raw)
    out: list[tuple[int, int, Hit]] = []
    for form, owners in terms.items():
        at = text.find(form)
        while at >= 0:
            end = at + len(form)
            start, stop = places[at], places[end - 1] + 1
            for term in owners:
                if term.language and languages is not None and term.language not in languages:
                    continue
                if not term.starts_inside and _joined(text, at):
                    continue
                if not term.ends_inside and _joined(text, end):
                    continue
                if _counts(term, raw, start, stop):
                    out.append((end, at, (field, term, start, stop)))
            at = text.find(form, at + 1)
    out.sort(key=lambda each: each[:2])
    return [hit for _, _, hit in out]


def forms_of(rules: RuleSet) -> dict[str, list[Term]]:
    """The forms under which terms are searched."""
    forms: dict[str, list[Term]] = {}
    for term in rules.terms:
        for form in variants(term):
            forms.setdefault(form, []).append(term)
    return forms


class PlainRules:
    """A set of rules, read the plain way."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules.rules
        self._forms = forms_of(rules)
        self._numbers = {term: number for number, term in enumerate(rules.terms)}

    def score(
        self, texts: Mapping[str, str], languages: frozenset[str] | None
    ) -> list[tuple[str, float, list[Reason]]]:
        """(rule, score, reasons) of every rule that is reached, in rule order."""
        hits = [h for field, raw in texts.items() for h in terms_in(field, raw, self._forms, languages)]
        kept = []
        for rule in self._rules:
            found = self._rule(rule, texts, hits)
            if found is not None:
                kept.append((rule, *found))
        silent = {name for rule, _, _ in kept for name in rule.excludes}
        return [(rule.id, score, reasons) for rule, score, reasons in kept if rule.id not in silent]

    def _rule(
        self, rule: Rule, texts: Mapping[str, str], found: list[Hit]
    ) -> tuple[float, list[Reason]] | None:
        found = [h for field in rule.fields for h in found if h[0] == field]
        masks = [h for h in found if h[1] in rule.mask]
        hits = [h for h in found if h[1] not in rule.mask and not any(_blanks(m, h) for m in masks)]
        for veto in rule.none:
            against = self._clause(rule, veto, hits)
            if against and not veto.same_sentence:
                return None
            spans = [(h[0], *sentence_at(texts[h[0]], h[2], h[3])) for h, _ in against]
            hits = [h for h in hits if not any(f == h[0] and s <= h[2] and h[3] <= e for f, s, e in spans)]
        score, reasons = 0.0, []
        for clause in rule.any:
            own = self._clause(rule, clause, hits)
            if clause.distinct:
                best: dict[str, tuple[Hit, float]] = {}
                for hit, weight in own:
                    word = texts[hit[0]][hit[2] : hit[3]].casefold().removesuffix("s")
                    if word not in best or best[word][1] < weight:
                        best[word] = hit, weight
                own = list(best.values())
                score += sum(weight for _, weight in own)
            else:
                score += max((weight for _, weight in own), default=0.0)
            reasons += [_reason(texts, hit, weight) for hit, weight in own[: 6 if clause.distinct else 3]]
        for near in rule.near:
            if reason := _near(rule, near, hits, texts):
                score += reason[4]
                reasons.append(reason)
        is_patterned = False
        for pattern in rule.patterns:
            for field in rule.fields:
                if field in texts and (match := re.search(pattern, texts[field])):
                    score += 2.0
                    reasons.append((field, *match.span(), match.group(), 2.0))
                    is_patterned = True
                    break
        for clause in rule.all:
            own = self._clause(rule, clause, hits)
            if not own:
                return None
            reasons += [_reason(texts, hit, weight) for hit, weight in own[:1]]
        most = _most(rule, {h[1] for h in found}) + 2.0 * len(rule.patterns) * is_patterned
        if min(score, most) < rule.threshold or not reasons:
            return None
        return score, reasons

    def _clause(self, rule: Rule, clause: Clause, hits: list[Hit]) -> list[tuple[Hit, float]]:
        """The longest of what overlaps, field by field, with what each counts."""
        out = []
        for field in rule.fields:
            if clause.fields and field not in clause.fields:
                continue
            chosen: list[Hit] = []
            own = [h for h in hits if h[0] == field and h[1] in clause.terms]
            for hit in sorted(own, key=lambda h: (h[2] - h[3], h[2], self._numbers[h[1]])):
                if not any(hit[2] < c[3] and c[2] < hit[3] for c in chosen):
                    chosen.append(hit)
            weight = clause.field_weight.get(field, clause.weight) * rule.fields[field]
            out += [(hit, weight) for hit in sorted(chosen, key=lambda h: h[2])]
        return out


def _most(rule: Rule, terms: set[Term]) -> float:
    """What the terms can count at most: one that is written in two ways counts once in a clause."""
    loudest = max(rule.fields.values())
    most = sum(
        max([clause.weight, *clause.field_weight.values()]) * loudest * len(terms.intersection(clause.terms))
        for clause in rule.any
    )
    return most + sum(
        n.weight * loudest for n in rule.near if terms.intersection(n.a) and terms.intersection(n.b)
    )


def _blanks(mask: Hit, hit: Hit) -> bool:
    overlaps = mask[0] == hit[0] and mask[2] < hit[3] and hit[2] < mask[3]
    return overlaps and hit[3] - hit[2] <= mask[3] - mask[2]


def _reason(texts: Mapping[str, str], hit: Hit, weight: float) -> Reason:
    return hit[0], hit[2], hit[3], texts[hit[0]][hit[2] : hit[3]], weight


def _near(rule: Rule, near: Near, hits: list[Hit], texts: Mapping[str, str]) -> Reason | None:
    for field in rule.fields:
        for first, second in _pairs(near, [h for h in hits if h[0] == field]):
            start, end = min(first[2], second[2]), max(first[3], second[3])
            gap = max(first[2], second[2]) - min(first[3], second[3])
            raw = texts[field]
            low, high = sentence_at(raw, first[2], first[3]) if near.same_sentence else (0, len(raw))
            if 0 <= gap <= near.window and low <= start and end <= high:
                return field, start, end, raw[start:end], near.weight * rule.fields[field]
    return None


def _pairs(near: Near, hits: list[Hit]) -> Iterator[tuple[Hit, Hit]]:
    for first in hits:
        for second in hits:
            if first[1] in near.a and second[1] in near.b:
                yield first, second
