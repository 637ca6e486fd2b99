"""What somebody brings to a dispute, 0–100, part by part, each with what it rests on.

Weights (reference/rules_names_matching.md, C): industry and technology 35, of which words of the two texts at most 10;
dispute type and procedure in the forum 25; depth in the forum 15; languages 10; feedback 10; place 5; less the load,
10 × open / capacity. Outcomes are not rewarded. Names of clients and opponents never stand in the evidence.

How a part grows was chosen on the even consultations of the graded set (tests/experts/matching): the first matter tells the
most, one led tells far more than one helped with, and what is shown tells more than what is declared. The notes' half-life
of four years made a matter of six years nothing; here it counts nearly whole for years and half after eight.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from experts.matching.filters import primary
from experts.matching.places import covers, forum_region, region_of_venue
from experts.matching.request import Candidate, MatchRequest, PastCase
from search.analysis import streams

INDUSTRY, TEXT, DISPUTE, FORUM, LANGUAGE, FEEDBACK, PLACE, LOAD = 25, 10, 25, 15, 10, 10, 5, 10
#: years after which a case says half as much; before that hardly less, some years later nothing
HALF_LIFE, _STEEP = 8.0, 4
#: how much a declaration of industry tells, and the share of the dispute part that a declared type has
DECLARED_INDUSTRY, DECLARED_TYPE = 0.8, 0.1
#: each full matter leaves 2^-steps of what was still open: 3 after one matter of the kind leave an eighth
STEPS, FORUM_STEPS = 3.0, 2.0
#: a case as second counsel beside one led
SUPPORT = 0.3
#: a case of another kind, as depth in a forum
OTHER_KIND = 0.3
#: a case in another forum of the region, and one elsewhere, beside one in the forum itself
NEAR, FAR = 0.6, 0.05
#: answers below which feedback says nothing, and the middle it is drawn to: firms mark about four
MIN_FEEDBACK, _MIDDLE = 5, 4.0
#: a case in the region beside an admission there
PLACED_BY_CASE = 0.6
#: words in common from which more add nothing
WORDS = 8
#: CEFR levels; a level that nobody told, or in words of its own, counts whole
LEVELS = {"native": 1.0, "c2": 1.0, "c1": 0.9, "b2": 0.7, "b1": 0.4, "a2": 0.2, "a1": 0.1}
_DAYS_A_YEAR = 365.25
#: words that every text of the field holds
_STOP = frozenset(
    {
        "the",
        "and",
        "for",
        "with",
        "from",
        "that",
        "this",
        "has",
        "have",
        "are",
        "was",
        "were",
        "not",
        "its",
        "our",
    }
    | {
        "their",
        "your",
        "into",
        "over",
        "under",
        "about",
        "case",
        "cases",
        "matter",
        "matters",
        "year",
        "years",
    }
    | {"experience", "including", "law", "firm", "china", "chinese"}
)
Evidence = list[dict[str, Any]]
Part = tuple[float, Evidence]
_NOTHING: Part = (0.0, [])


def score(candidate: Candidate, request: MatchRequest) -> tuple[float, dict[str, float], dict[str, Evidence]]:
    """The score, its parts and the evidence of each; the score is the sum of the parts as they are printed."""
    told: Mapping[str, Part] = {
        "industry": _industry(candidate, request),
        "text": _text(candidate, request),
        "dispute": _dispute(candidate, request),
        "forum": _forum(candidate, request),
        "language": _language(candidate, request),
        "feedback": feedback_part(candidate),
        "place": _place(candidate, request),
    }
    parts = {name: round(value, 2) for name, (value, _) in told.items()}
    evidence = {name: rests_on for name, (_, rests_on) in told.items()}
    load, evidence["load"] = load_part(candidate)
    # A score is never below nothing.
    parts["load"] = max(round(load, 2), -round(sum(parts.values()), 2)) + 0.0
    return round(sum(parts.values()), 2), parts, evidence


def share(weight: float, steps: float) -> float:
    """0–1: 1 - 2^(-weight × steps)."""
    return 1.0 - float(2.0 ** (-weight * steps))


def _role(case: PastCase) -> float:
    return 1.0 if case.is_lead else SUPPORT


def freshness(days: float | None) -> float:
    """How much a case of so many days ago still says, 0–1: 2^-((years / 8)^4); an undated one is eight years old."""
    years = HALF_LIFE if days is None else max(days, 0) / _DAYS_A_YEAR
    return float(0.5 ** ((years / HALF_LIFE) ** _STEEP))


def _fresh(case: PastCase, day: date) -> float:
    return freshness(None if case.on is None else (day - case.on).days)


def _shown(number: int, case: PastCase, weight: float) -> dict[str, Any]:
    """A case as evidence: where it stands in the entry and its public facts."""
    facts = {"venue": case.venue, "dispute_type": case.dispute_type, "industry": case.industry}
    dated = {**facts, "on": case.on.isoformat() if case.on else None}
    return {"case": number, **{k: v for k, v in dated.items() if v}, "weight": round(weight, 3)}


def _industry(candidate: Candidate, request: MatchRequest) -> Part:
    """Declared or shown, whichever tells more: two proofs of one thing are not twice the thing. Second counsel learns the
    goods as well as the first."""
    if not request.industries:
        return _NOTHING
    total, evidence = 0.0, []
    for industry in sorted(set(request.industries)):
        proofs = [
            (n, case, _fresh(case, request.on))
            for n, case in enumerate(candidate.cases)
            if case.industry == industry
        ]
        is_declared = industry in candidate.industries
        unknown = 1.0 - share(sum(weight for *_, weight in proofs), STEPS)
        total += 1.0 - (1.0 - DECLARED_INDUSTRY * is_declared) * unknown
        if is_declared:
            evidence.append({"declared": industry})
        evidence += [_shown(*proof) for proof in proofs]
    return INDUSTRY * total / len(set(request.industries)), evidence


def words_of(text: str) -> set[str]:
    """The telling words of a text, folded."""
    tokens = {token for token in streams(text)[0] if len(token) > 1 and token.isalnum()}
    return {t for t in tokens if not t.isascii() or (len(t) > 2 and t not in _STOP)}


def _text(candidate: Candidate, request: MatchRequest) -> Part:
    shared = sorted(words_of(request.text) & words_of(candidate.bio))
    if not shared:
        return _NOTHING
    return TEXT * min(1.0, len(shared) / WORDS), [{"words": shared[:20]}]


def nearness(venue: str | None, request: MatchRequest) -> float:
    """How near a case's forum is: 1 the same, 0.6 another of its region, 0.05 elsewhere.

    Where the request's forum is not known yet, every one of its region is the same.
    """
    if request.venue is not None and venue == request.venue:
        return 1.0
    region = forum_region(request)
    if region is None or region_of_venue(venue) != region:
        return FAR
    return NEAR if request.venue is not None else 1.0


def _dispute(candidate: Candidate, request: MatchRequest) -> Part:
    asked = set(request.dispute_types)
    if not asked:
        return _NOTHING
    proofs = [
        (n, case, _role(case) * nearness(case.venue, request) * _fresh(case, request.on))
        for n, case in enumerate(candidate.cases)
        if case.dispute_type in asked
    ]
    declared = sorted(asked & set(candidate.dispute_types))
    value = DECLARED_TYPE * len(declared) / len(asked)
    value += (1.0 - DECLARED_TYPE) * share(sum(w for *_, w in proofs), STEPS)
    return DISPUTE * value, [*({"declared": d} for d in declared), *(_shown(*proof) for proof in proofs)]


def _forum(candidate: Candidate, request: MatchRequest) -> Part:
    asked = set(request.dispute_types)
    proofs = []
    for n, case in enumerate(candidate.cases):
        near = nearness(case.venue, request)
        if near > FAR:
            kind = 1.0 if case.dispute_type in asked else OTHER_KIND
            proofs.append((n, case, kind * near * _role(case) * _fresh(case, request.on)))
    return FORUM * share(sum(w for *_, w in proofs), FORUM_STEPS), [_shown(*proof) for proof in proofs]


def level_of(told: str) -> float:
    """What a level is worth, 0–1."""
    return LEVELS.get(told.lower(), 1.0)


def _language(candidate: Candidate, request: MatchRequest) -> Part:
    """The weaker of the two sides: good Chinese does not help where the papers cannot be read."""
    spoken = {primary(tag): level for tag, level in candidate.languages.items()}
    values, evidence = [], []
    for side in (request.case_languages, request.client_languages):
        wanted = {primary(tag) for tag in side}
        served = sorted(wanted & set(spoken))
        if wanted:
            values.append(max((level_of(spoken[tag]) for tag in served), default=0.0))
        for tag in served:
            one = {"language": tag, **({"level": spoken[tag]} if spoken[tag] else {})}
            if one not in evidence:
                evidence.append(one)
    return (LANGUAGE * min(values), evidence) if values else _NOTHING


def feedback_part(candidate: Candidate) -> Part:
    """Drawn to the middle by five imagined answers, so that one good word does not outrank fifty."""
    n, mean = candidate.feedback_n, candidate.feedback_mean
    if mean is None or n < MIN_FEEDBACK:
        # Not enough answers: neither praise nor blame.
        return FEEDBACK * (_MIDDLE - 1) / 4, [{"answers": n, "neutral": True}]
    drawn = (n * mean + MIN_FEEDBACK * _MIDDLE) / (n + MIN_FEEDBACK)
    return FEEDBACK * (drawn - 1) / 4, [{"answers": n, "mean": mean, "drawn_to": round(drawn, 3)}]


def _place(candidate: Candidate, request: MatchRequest) -> Part:
    for n, admission in enumerate(candidate.admissions):
        if covers(admission, request) and admission.holds_on(request.on):
            what = {"venue": admission.venue, "region": admission.region}
            return float(PLACE), [{"admission": n, **{k: v for k, v in what.items() if v}}]
    region = forum_region(request)
    for n, case in enumerate(candidate.cases):
        if region is not None and region_of_venue(case.venue) == region:
            return PLACE * PLACED_BY_CASE, [_shown(n, case, PLACED_BY_CASE)]
    return _NOTHING


def load_part(candidate: Candidate) -> Part:
    """What open consultations take away."""
    if candidate.open <= 0:
        return _NOTHING
    # Where no limit was told, three at a time is the library's usual one.
    capacity = max(candidate.capacity if candidate.capacity is not None else 3, 1)
    told = {"open": candidate.open, "capacity": candidate.capacity}
    return -LOAD * min(candidate.open / capacity, 1.0), [told]
