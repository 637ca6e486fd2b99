"""Judge the weeks of series by one of the two methods: expected cases, the limit, and whether it was passed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from warning.surge import harmonic, reference
from warning.surge.tails import Floats, limit, tail

Whole = npt.NDArray[np.int_]

#: the probability of a false alarm a series and week that limits are set for
ALPHA = 0.005
#: a window's share of the alarms that chance makes: its p is multiplied by this and held against alpha. One week has a
#: quarter of what two weeks have. 5 and 1.25 would do for any series (the union bound); the windows overlap, and these
#: keep the rate within 1.1 alpha on simulated series (`python -m benchmarks surge`).
SHARES = {1: 4.25, 2: 1.0625}
#: rows fitted at a time: their arrays stay in the processor's cache
_BATCH = 500


class Method(StrEnum):
    """How a week is judged."""

    SEAMARK = "seamark"
    REFERENCE = "reference"

    @property
    def min_cases(self) -> int:
        """Fewer cases than this in the window are no surge, unless told otherwise (NOTES.md, 5.2)."""
        return 3 if self is Method.SEAMARK else 0

    @property
    def least_history(self) -> int:
        """Weeks there must be before a week that is judged."""
        return harmonic.GAP + harmonic.SHORTEST if self is Method.SEAMARK else reference.NEEDED


@dataclass(frozen=True)
class Judged:
    """Judged weeks, a value a week. NaN where the history was too short.

    The figures are of the window named: one week, or two where only the two together passed their limit. ``p`` is the
    probability of so many cases by chance, times what the window's share costs: an alarm is p <= alpha with cases enough.
    """

    observed: Floats  #: cases in the window
    expected: Floats  #: cases in the window
    upper: Floats  #: the most cases that are no alarm
    p: Floats
    alarm: npt.NDArray[np.bool_]
    window: Whole  #: weeks
    history: Whole  #: weeks before this one

    def __getitem__(self, rows: slice) -> Judged:
        return Judged(**{part.name: getattr(self, part.name)[rows] for part in fields(self)})


def detect(
    series: Sequence[npt.ArrayLike],
    *,
    method: Method = Method.SEAMARK,
    alpha: float = ALPHA,
    min_cases: int | None = None,
    starts: Sequence[int] | None = None,
) -> list[Judged]:
    """Judge each series from its week numbered ``starts`` on (from nought; default all): one `Judged` a series.

    A series is weekly counts, whole weeks without a gap, oldest first. ``alpha`` is the probability of a false alarm a
    week. An alarm needs ``min_cases`` in its window (default: the method's own). Raises ValueError for an ``alpha``
    outside (0, 0.5] or a count that is negative or no number.
    """
    if not 0 < alpha <= 0.5:
        raise ValueError(f"alpha is {alpha}; it must be above 0 and at most 0.5")
    counts = [np.asarray(one, dtype=np.float64) for one in series]
    begins = list(starts) if starts is not None else [0] * len(counts)
    flat = np.concatenate([np.empty(0), *counts])
    if not (np.isfinite(flat) & (flat >= 0)).all():
        raise ValueError("a count is negative or no number")
    offsets = np.cumsum([0, *(one.size for one in counts)])
    places = [np.arange(start, one.size) for start, one in zip(begins, counts, strict=True)]
    history = np.concatenate([np.empty(0, dtype=int), *places])
    asked = np.concatenate(
        [np.empty(0, dtype=int), *(offset + place for offset, place in zip(offsets, places, strict=False))]
    )
    least = method.min_cases if min_cases is None else min_cases
    judge = _by_reference if method is Method.REFERENCE else _by_seamark
    judged = _unjudged(flat, asked, history)
    judge(judged, flat, asked, alpha, least)
    edges = np.cumsum([0, *(place.size for place in places)])
    return [judged[slice(start, end)] for start, end in pairwise(edges)]


def _unjudged(flat: Floats, asked: Whole, history: Whole) -> Judged:
    def nothing() -> Floats:
        return np.full(asked.size, np.nan)

    alarm = np.zeros(asked.size, dtype=np.bool_)
    return Judged(
        flat[asked], nothing(), nothing(), nothing(), alarm, np.ones(asked.size, dtype=int), history
    )


def _by_reference(judged: Judged, flat: Floats, asked: Whole, alpha: float, least: int) -> None:
    """One week at a time, with plug-in limits."""
    back = reference.WEEKS.astype(int)
    for rows in _batches(np.flatnonzero(judged.history >= reference.NEEDED)):
        found = reference.fit(flat[asked[rows, None] + back])
        judged.expected[rows] = found.mean
        judged.upper[rows] = limit(found.mean, found.dispersion, alpha)
        judged.p[rows] = tail(judged.observed[rows], found.mean, found.dispersion)
        judged.alarm[rows] = (judged.observed[rows] > judged.upper[rows]) & (judged.observed[rows] >= least)


def _by_seamark(judged: Judged, flat: Floats, asked: Whole, alpha: float, least: int) -> None:
    """One week and two together, with predictive limits."""
    lengths = np.minimum(judged.history - harmonic.GAP, harmonic.LONGEST)
    for length in np.unique(lengths):
        shape = harmonic.shape_for(int(length))
        if shape is None:
            continue
        back = harmonic.WEEKS[harmonic.LONGEST - length :].astype(int)
        for rows in _batches(np.flatnonzero(lengths == length)):
            found = harmonic.fit(flat[asked[rows, None] + back], shape)
            latest = judged.observed[rows]
            _tell(judged, rows, found, 1, latest, alpha, least)
            # The week before is there: a judged week has history.
            _tell(judged, rows, found, 2, latest + flat[asked[rows] - 1], alpha, least)


def _tell(
    judged: Judged,
    rows: Whole,
    found: harmonic.Prediction,
    window: int,
    observed: Floats,
    alpha: float,
    least: int,
) -> None:
    """Write the figures of one window: the first always, the second where it alone passed its limit."""
    mean, dispersion = found.of_window(window)
    p = np.minimum(1.0, SHARES[window] * tail(observed, mean, dispersion))
    alarm = (p <= alpha) & (observed >= least)
    told = np.ones(rows.size, dtype=np.bool_) if window == 1 else alarm & ~judged.alarm[rows]
    at = rows[told]
    judged.observed[at], judged.expected[at], judged.p[at] = observed[told], mean[told], p[told]
    # A limit never lies below what the least number of cases lets pass.
    judged.upper[at] = np.maximum(limit(mean[told], dispersion[told], alpha / SHARES[window]), least - 1)
    judged.alarm[at], judged.window[at] = alarm[told], window


def _batches(rows: Whole) -> Iterator[Whole]:
    for start in range(0, rows.size, _BATCH):
        yield rows[start : start + _BATCH]
