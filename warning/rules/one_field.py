"""Weighing a rule over a record of one field, which is most of them: news, and what is told of anew.

It ends where :func:`weigh.weigh` ends, without what fields and codes ask for.
"""

from __future__ import annotations

from collections.abc import Sequence

from warning.rules.captions import Names
from warning.rules.compiled import MASKED, OF_PATTERN, Compiled, Matched, NearIn, evidence_of
from warning.rules.engine import Hit, longest
from warning.rules.sentences import sentence_at
from warning.rules.weigh import KEPT, KEPT_DISTINCT, Scored, scored_of, unmasked


def weigh_alone(
    one: Compiled,
    name: str,
    raw: str,
    hit: Hit,
    worth: tuple[float, tuple[float, ...]],
    names: Names | None,
) -> Scored | None:
    """A simple rule of which one word was found that is enough."""
    if one.of_product and names is not None and names.hold(name, hit):
        return None
    score, weights = worth
    _, start, end = hit
    tag, identity, version = one.said
    words = raw[start:end]
    reasons = tuple(
        [evidence_of((tag, identity, version, name, start, end, words, weight)) for weight in weights]
    )
    return scored_of((one.rule, score, reasons, len(weights), name != "text"))


def weigh_words(
    one: Compiled,
    name: str,
    raw: str,
    hits: Sequence[Hit],
    parts: int,
    names: Names | None,
    matched: Sequence[Matched],
) -> Scored | None:
    """A rule by the words found of it, which stand in ``parts`` of it, and what ``matched`` its patterns."""
    read = one.read.get(name)
    if read is None:
        return None
    if one.of_product and names is not None:
        hits = [hit for hit in hits if not names.hold(name, hit)]
    heard = hits
    if parts & MASKED:
        hits = unmasked(hits, one.mask)
    for part, terms, is_local in read.none:
        if not parts & part:
            continue
        if against := longest([h for h in hits if h[0] in terms]):
            if not is_local:
                return None
            hits = _outside(raw, hits, against)
    tag, identity, version = one.said
    score, count, is_twice = 0.0, 0, False
    found: list[tuple[int, int, float]] = []
    for part, terms, weight, is_distinct in read.any:
        if not parts & part:
            continue
        own = [h for h in hits if h[0] in terms]
        if not own:
            continue
        kept = KEPT
        if len(own) > 1:
            own = longest(own)
        if is_distinct:
            kept = KEPT_DISTINCT
            if len(own) > 1:
                own = _different(raw, own)
                is_twice = is_twice or len({h[0] for h in own}) < len(own)
            score += weight * len(own)
        else:
            score += weight
        count += len(own)
        found += [(start, end, weight) for _, start, end in own[:kept]]
    for near in read.near:
        if parts & near.parts == near.parts and (span := _beside(raw, near, hits)):
            score += near.weight
            found.append((*span, near.weight))
    for _, match in matched:
        score += OF_PATTERN
        found.append((*match.span(), OF_PATTERN))
    for terms, weight in read.all:
        own = longest([h for h in hits if h[0] in terms])
        if not own:
            return None
        found.append((own[0][1], own[0][2], weight))
    if score < one.threshold or not found:
        return None
    # One term written in two ways (設備, 设备) is not two words that are enough.
    if is_twice and not one.may_reach_by({h[0] for h in heard}, is_patterned=bool(matched)):
        return None
    reasons = tuple(
        [
            evidence_of((tag, identity, version, name, start, end, raw[start:end], w))
            for start, end, w in found
        ]
    )
    return scored_of((one.rule, score, reasons, count or 1, name != "text"))


def _different(raw: str, hits: Sequence[Hit]) -> list[Hit]:
    """The first of each different word: they are as loud as each other."""
    words: dict[str, Hit] = {}
    for hit in hits:
        words.setdefault(raw[hit[1] : hit[2]].casefold().removesuffix("s"), hit)
    return list(words.values())


def _beside(raw: str, near: NearIn, hits: Sequence[Hit]) -> tuple[int, int] | None:
    """The span of the first two words, one of each side, that stand near enough."""
    seconds = [h for h in hits if h[0] in near.b]
    if not seconds:
        return None
    for _, a_start, a_end in [h for h in hits if h[0] in near.a]:
        for _, b_start, b_end in seconds:
            gap = b_start - a_end if a_start < b_start else a_start - b_end
            if 0 <= gap <= near.window:
                start, end = (a_start, b_end) if a_start < b_start else (b_start, a_end)
                if not near.same_sentence:
                    return start, end
                first, last = sentence_at(raw, a_start, a_end)
                if first <= start and end <= last:
                    return start, end
    return None


def _outside(raw: str, hits: Sequence[Hit], against: Sequence[Hit]) -> list[Hit]:
    """Hits that stand in no sentence of a veto."""
    spans = [sentence_at(raw, start, end) for _, start, end in against]
    return [h for h in hits if not any(s <= h[1] and h[2] <= e for s, e in spans)]
