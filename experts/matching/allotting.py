"""Many requests at once: who is proposed for which, so that the whole is served best and nobody is given too much.

A minimum-cost flow from requests over experts, each edge worth its score; an expert's capacity is so many free seats, each
dearer than the one before by what a further open consultation takes from a score, so that work spreads. Because every
request takes one expert, the flow is an assignment of requests to seats, which scipy solves exactly. A request that nobody
can serve stays unserved and is told. It proposes; a person assigns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from experts.matching.columns import Columns
from experts.matching.request import MatchRequest
from experts.matching.score import LOAD

#: seats of somebody who told no limit: the library's usual one
USUAL_CAPACITY = 3
#: what serving nobody is worth: less than the worst expert on the dearest seat
_UNSERVED = -1000.0


@dataclass(frozen=True)
class Proposal:
    """Who is proposed for a request; ``expert`` None where nobody can serve it."""

    request: Any
    expert: Any
    score: float


def allot(requests: Sequence[MatchRequest], library: Columns) -> list[Proposal]:
    """A proposal for each request, in their order. Deterministic: between equals the order of ids decides."""
    if not requests:
        return []
    worth = np.array([library.estimates(request) for request in requests])
    owner, price = _seats(library, len(requests))
    # One seat a request more, which is nobody's: every request can take it.
    spare = np.full((len(requests), len(requests)), _UNSERVED)
    value = np.where(np.isfinite(worth), worth, 10 * _UNSERVED)[:, owner] - price
    rows, seats = linear_sum_assignment(np.hstack([value, spare]), maximize=True)
    out = []
    for row, seat in zip(rows.tolist(), seats.tolist(), strict=True):
        expert = int(owner[seat]) if seat < len(owner) else None
        if expert is None:
            out.append(Proposal(requests[row].id, None, 0.0))
        else:
            told = round(float(worth[row, expert]), 2)
            out.append(Proposal(requests[row].id, library.experts[expert].id, told))
    return out


def _seats(library: Columns, most: int) -> tuple[Any, Any]:
    """Whose each free seat is, and what it costs beyond the first."""
    owner, price = [], []
    for number, expert in enumerate(library.experts):
        capacity = USUAL_CAPACITY if expert.capacity is None else expert.capacity
        free = capacity - expert.open
        for seat in range(min(free, most)):
            owner.append(number)
            price.append(LOAD * seat / capacity)
    return np.array(owner, dtype=np.int64), np.array(price)
