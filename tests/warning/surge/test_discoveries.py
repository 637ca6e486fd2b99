"""The measured false share among discoveries: it must tell an honest p from one that promises too much."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.surge_discoveries import LEFT_OUT, realised
from benchmarks.surge_worlds import Floats, Marks
from warning.surge.detect import Judged
from warning.surge.signals import EXCESS, TRUSTED

SERIES, WEEKS = 400, LEFT_OUT + 60


def _judged(p: Floats) -> list[Judged]:
    nought = np.zeros(WEEKS)
    whole = np.zeros(WEEKS, dtype=int)
    return [Judged(nought, nought, nought, row, row <= 0.005, whole, whole) for row in p]


def _world(told: Callable[[Floats], Floats]) -> tuple[Marks, list[Judged], list[Judged]]:
    """Outbreaks in one week of twenty, most of them plain; elsewhere ``told`` of a p that is evenly spread."""
    chance = np.random.default_rng(5)
    inside = chance.random((SERIES, WEEKS)) < 0.05
    even = chance.random((SERIES, WEEKS))
    planted = np.where(chance.random((SERIES, WEEKS)) < 0.7, 1e-9, even)
    return inside, _judged(told(even)), _judged(np.where(inside, planted, told(even)))


def _as_the_detector(p: Floats) -> Floats:
    """Tails that promise too much in just the way that was measured."""
    return np.where(p < TRUSTED, TRUSTED * (p / TRUSTED) ** (1 / (1 - EXCESS)), p)


def test_tails_as_heavy_as_measured_give_the_share_that_was_asked_for() -> None:
    (row,) = realised([_world(_as_the_detector)], sizes=[40], shares=[0.1])
    assert (row.size, row.weeks) == (40, SERIES // 40 * 60) and row.found > 500
    # Outbreaks are tests too, so that a little less than the share asked for is false.
    assert row.share[0] < 0.12 and row.share[1] > 0.06
    assert row.nothing[0] < 0.13 and row.nothing[2] > 0.07


def test_tails_that_promise_far_too_much_are_caught() -> None:
    (row,) = realised([_world(lambda p: p**3)], sizes=[40], shares=[0.1])
    assert row.share[1] > 0.12 and row.nothing[1] > 0.12
