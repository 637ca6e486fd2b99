"""What one rule makes of what was found of it: clauses, vetoes, masks, nearness, and the evidence for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from warning.rules.captions import Names
from warning.rules.codes import CodeFound
from warning.rules.compiled import OF_PATTERN, Compiled, Got, Matched, Part, Sides
from warning.rules.engine import Hit, Prepared, longest
from warning.rules.model import Evidence, Rule
from warning.rules.sentences import sentence_at

#: reasons kept for one clause: enough to explain, few enough to read
KEPT = 3
KEPT_DISTINCT = 6
#: what a code counts that several rules share
_HINT = 1.0


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
Hits = Mapping[str, Sequence[Hit]]
# As evidence_of.
scored_of = partial(tuple.__new__, Scored)


def weigh(
    one: Compiled,
    fields: Mapping[str, Prepared],
    got: Got,
    by_code: Sequence[CodeFound],
    names: Names | None,
    matched: Sequence[Matched] = (),
) -> Scored | None:
    """A rule by what was found of it, the codes that speak for it and what ``matched`` its patterns; None below its
    threshold. An industry hears nothing that stands in the names of firms."""
    if one.of_product and names is not None:
        outside = [(name, hit) for name, hit in got if not names.hold(name, hit)]
        if len(outside) < len(got) and not by_code and not one.may_reach(outside, is_patterned=bool(matched)):
            return None
        got = outside
    return _score(one, fields, got, by_code, matched)


def _score(
    one: Compiled,
    fields: Mapping[str, Prepared],
    got: Got,
    by_code: Sequence[CodeFound],
    matched: Sequence[Matched],
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
    # Most clauses of a rule hear nothing: a look at the terms spares looking for them field by field.
    terms = {hit[0] for _, hit in got}
    for veto in one.none:
        if veto.terms.isdisjoint(terms):
            continue
        against = _of_clause(rule, veto, hits)
        if against and not veto.clause.same_sentence:
            return None
        if against:
            hits = _outside(hits, against, fields)
    count = 0
    for part in one.any:
        if part.terms.isdisjoint(terms):
            continue
        found = _of_clause(rule, part, hits)
        if not found:
            continue
        if part.clause.distinct:
            found, gained = _different(found, fields)
            kept = KEPT_DISTINCT
        else:
            gained, kept = max([weight for _, _, weight in found]), KEPT
        score += gained
        count += len(found)
        evidence += _told(one, fields, found[:kept])
    for sides in one.near:
        if sides.a.isdisjoint(terms) or sides.b.isdisjoint(terms):
            continue
        if reason := _beside(one, sides, hits, fields):
            score += reason.weight
            evidence.append(reason)
    for name, match in matched:
        score += OF_PATTERN
        evidence.append(one.reason(name, match.start(), match.end(), match.group(), OF_PATTERN))
    for part in one.all:
        found = _of_clause(rule, part, hits)
        if not found:
            return Scored(rule, rule.threshold, codes, is_firm=True) if is_implied else None
        evidence += _told(one, fields, found[:1])
    if score < rule.threshold or not evidence:
        return None
    is_firm = any(e.field != "text" for e in evidence)
    return Scored(rule, score, tuple(evidence), max(1, count), is_firm)


def _unmasked(one: Compiled, got: Got) -> Hits:
    """What was found by field, in the rule's order of fields, less what is blanked."""
    hits: dict[str, Sequence[Hit]] = {}
    for field in one.rule.fields:
        if own := [hit for name, hit in got if name == field]:
            hits[field] = own
    return {field: unmasked(own, one.mask) for field, own in hits.items()} if one.mask else hits


def unmasked(hits: Sequence[Hit], mask: frozenset[int]) -> Sequence[Hit]:
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


def _of_clause(rule: Rule, part: Part, hits: Hits) -> list[tuple[str, Hit, float]]:
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
    found: Iterable[tuple[str, Hit, float]], fields: Mapping[str, Prepared]
) -> tuple[list[tuple[str, Hit, float]], float]:
    """Of each different word the loudest, and what they count together."""
    best: dict[str, tuple[str, Hit, float]] = {}
    for each in found:
        name, hit, weight = each
        word = fields[name].raw[hit[1] : hit[2]].casefold().removesuffix("s")
        if word not in best or best[word][2] < weight:
            best[word] = each
    return list(best.values()), sum([weight for _, _, weight in best.values()])


def _told(
    one: Compiled, fields: Mapping[str, Prepared], found: Iterable[tuple[str, Hit, float]]
) -> list[Evidence]:
    return [
        one.reason(name, start, end, fields[name].raw[start:end], weight)
        for name, (_, start, end), weight in found
    ]


def _beside(one: Compiled, sides: Sides, hits: Hits, fields: Mapping[str, Prepared]) -> Evidence | None:
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
    hits: Hits, against: Iterable[tuple[str, Hit, float]], fields: Mapping[str, Prepared]
) -> dict[str, list[Hit]]:
    """Hits that stand in no sentence of a veto."""
    spans = [(name, *sentence_at(fields[name].raw, hit[1], hit[2])) for name, hit, _ in against]
    return {
        name: [h for h in found if not any(f == name and s <= h[1] and h[2] <= e for f, s, e in spans)]
        for name, found in hits.items()
    }
