"""The false share among discoveries, held against the share that was asked for.

Series of fresh worlds are put together at random into kinds of several sizes, and each kind's weeks judged as
:func:`warning.surge.signals.judge_week` does. A discovery is false when its week lies outside the planted outbreak. The
realised share is the mean over weeks of false ones among all, nought in a week without any (Benjamini and Hochberg 1995).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.surge_worlds import Floats, Marks
from warning.surge.detect import Judged
from warning.surge.signals import discoveries

SIZES, SHARES = (40, 200, 1000), (0.05, 0.1, 0.2)
#: the first judged weeks are left out: cases of outbreaks planted before them still arrive then, and would count as false
LEFT_OUT = 8
_RESAMPLED = 1000
Interval = tuple[float, float, float]


@dataclass(frozen=True)
class Realised:
    """What became of one size and one share asked for; figures with their 95 % intervals (bootstrap over kinds)."""

    size: int  #: series of a kind
    asked: float
    share: Interval  #: false ones among the discoveries, outbreaks planted
    nothing: Interval  #: the same where there is no outbreak at all: the share of weeks with any discovery
    found: int  #: discoveries behind it
    weeks: int  #: kinds × weeks behind it

    def __str__(self) -> str:
        def told(figure: Interval) -> str:
            return "{:.3f} [{:.3f}, {:.3f}]".format(*figure)

        return (
            f"{self.size:5,} series, {self.asked:.2f} asked: {told(self.share)} false, {self.share[0] / self.asked:.2f} x; "
            f"without any outbreak {told(self.nothing)}, {self.nothing[0] / self.asked:.2f} x "
            f"({self.found:,} discoveries, {self.weeks:,} kinds and weeks)"
        )


def realised(
    parts: Sequence[tuple[Marks, list[Judged], list[Judged]]],
    *,
    sizes: Sequence[int] = SIZES,
    shares: Sequence[float] = SHARES,
) -> Iterator[Realised]:
    """The realised false share of each size and each share asked for.

    Args:
        parts: a world each: (series × weeks inside the outbreak, judged without it, judged with it).
    """
    inside = np.concatenate([part[0] for part in parts])[:, LEFT_OUT:]
    quiet, told = (_tails([one for part in parts for one in part[at]]) for at in (1, 2))
    chance = np.random.default_rng(1)
    for size in sizes:
        order = chance.permutation(len(told))
        kinds = [order[start : start + size] for start in range(0, len(order) - size + 1, size)]
        for asked in shares:
            rows = [
                (_found(told[kind], asked), inside[kind], _found(quiet[kind], asked).any(axis=0))
                for kind in kinds
            ]
            yield Realised(
                size,
                asked,
                _interval(chance, [_false(found, truth) for found, truth, _ in rows]),
                _interval(chance, [float(anything.mean()) for _, _, anything in rows]),
                sum(int(found.sum()) for found, _, _ in rows),
                len(kinds) * told.shape[1],
            )


def _tails(judged: Sequence[Judged]) -> Floats:
    return np.stack([weeks.p for weeks in judged])[:, LEFT_OUT:]


def _found(p: Floats, asked: float) -> Marks:
    return np.stack([discoveries(week, asked) for week in p.T], axis=1)


def _false(found: Marks, truth: Marks) -> float:
    """The mean over weeks of the false share of one kind."""
    wrong = (found & ~truth).sum(axis=0) / np.maximum(found.sum(axis=0), 1)
    return float(wrong.mean())


def _interval(chance: np.random.Generator, values: Sequence[float]) -> Interval:
    told: npt.NDArray[np.float64] = np.array(values)
    means = told[chance.integers(0, told.size, (_RESAMPLED, told.size))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(told.mean()), float(low), float(high)
