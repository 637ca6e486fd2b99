"""The order of what is shown, and the one place kept for somebody new.

Best score first; between equals the less loaded, then by a digest of request and candidate, so that nobody is always
first. When more are eligible than are shown, the last place goes to somebody the centre hardly knows yet, one of the three
best of those who come near to it, chosen by the request's id and labelled so: new, not unfit. A firm in need is not sent to
somebody who has nothing to show; they have their turn where the others have little to show either. Agencies are chosen likewise and shown in an order that says nothing about them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from experts.matching.conflicts import find_conflicts, imputed
from experts.matching.filters import reasons_against
from experts.matching.request import Candidate, Exclusion, Hold, MatchRequest, MatchResult, Ranked
from experts.matching.score import MIN_FEEDBACK, score

#: told with every result and kept with every decision; changes when an answer may
VERSION = "seamark-match/2"
#: the best of those hardly known who take turns in the last place
EXPLORERS = 3
#: how near to the score of the place they must come
NEAR_ENOUGH = 0.9
#: agencies shown when there are so many: one alone would be an endorsement
FEWEST_AGENCIES = 3


def match(
    request: MatchRequest,
    experts: Iterable[Candidate],
    agencies: Iterable[Candidate] = (),
    *,
    cleared: Mapping[str, frozenset[str]] = MappingProxyType({}),
    imputes: bool = False,
) -> MatchResult:
    """Rank, hold or exclude everybody. The same request and candidates give the same answer in any order.

    Args:
        cleared: expert's id -> doubts that a person looked at and found groundless; another doubt still holds.
        imputes: whether a colleague's clients bind an expert too (the service's library knows colleagues; a file
            handed in need not).
    """
    eligible, held, excluded = _sift(request, experts, cleared, imputes=imputes)
    firms, firms_held, firms_excluded = _sift(request, agencies)
    return MatchResult(
        VERSION,
        tuple(explored(request, eligible)),
        held,
        excluded,
        tuple(_neutral(request, firms)),
        firms_held,
        firms_excluded,
    )


Scored = tuple[Candidate, Ranked]


def _sift(
    request: MatchRequest,
    candidates: Iterable[Candidate],
    cleared: Mapping[str, frozenset[str]] = MappingProxyType({}),
    *,
    imputes: bool = False,
) -> tuple[list[Scored], tuple[Hold, ...], tuple[Exclusion, ...]]:
    listed = sorted(candidates, key=lambda c: str(c.id))
    eligible: list[Scored] = []
    held: list[Hold] = []
    excluded: list[Exclusion] = []
    findings = find_conflicts(listed, request)
    if imputes:
        findings = imputed(listed, findings)
    for candidate, finding in zip(listed, findings, strict=True):
        reasons = reasons_against(candidate, request, finding)
        if reasons:
            excluded.append(Exclusion(candidate.id, reasons))
        elif doubts := [d for d in finding.doubts if d not in cleared.get(str(candidate.id), ())]:
            held.append(Hold(candidate.id, tuple(doubts)))
        else:
            eligible.append((candidate, Ranked(candidate.id, *score(candidate, request))))
    eligible.sort(key=lambda pair: place_of(request, pair))
    return eligible, tuple(held), tuple(excluded)


def place_of(request: MatchRequest, pair: Scored) -> tuple[Any, ...]:
    """What the eligible are sorted by."""
    candidate, ranked = pair
    return -ranked.score, candidate.open, _digest(request, candidate), str(candidate.id)


def _digest(request: MatchRequest, candidate: Candidate) -> str:
    return hashlib.sha256(f"{request.id}\0{candidate.id}".encode()).hexdigest()


def is_new(candidate: Candidate) -> bool:
    """Whether too few have answered about somebody to say anything."""
    return candidate.feedback_n < MIN_FEEDBACK


def explored(request: MatchRequest, eligible: Sequence[Scored]) -> list[Ranked]:
    """The best k, the last of them perhaps an explorer; all of them where there are no more."""
    best = [ranked for _, ranked in eligible[: request.k]]
    if len(eligible) <= request.k or request.k < 2:
        return best
    floor = eligible[request.k - 1][1].score * NEAR_ENOUGH
    unknown = [
        (candidate, ranked)
        for candidate, ranked in eligible[request.k - 1 :]
        if is_new(candidate) and ranked.score >= floor
    ][:EXPLORERS]
    if not unknown:
        return best
    _, chosen = min(unknown, key=lambda pair: _digest(request, pair[0]))
    return [*best[:-1], replace(chosen, exploration=True)]


def _neutral(request: MatchRequest, eligible: Sequence[Scored]) -> list[Ranked]:
    """At least three where there are three, in the digest's order."""
    shown = eligible[: max(request.k, FEWEST_AGENCIES)]
    return [ranked for _, ranked in sorted(shown, key=lambda pair: _digest(request, pair[0]))]
