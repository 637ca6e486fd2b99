"""Signals: which series of a kind stand at a level in a week, all of them judged side by side. Pure: counts in, signals out.

A series' own limit lets one week in two hundred pass for nothing; of a thousand series that is five a week. Level IV says no
more than that. Whatever stands higher is also among the discoveries of its kind and week (Benjamini and Hochberg,
"Controlling the false discovery rate", JRSS B 57, 1995): of those at most a set share is false.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from warning.surge.detect import ALPHA, Judged, Method, detect
from warning.surge.levels import NAMES, Numbers, Rules, hold, load_rules, own_levels
from warning.surge.tails import Floats


@dataclass(frozen=True)
class Belief:
    """How far small p-values are believed: below ``trusted``, a p comes (trusted / p) ** excess times as often as it says."""

    trusted: float
    excess: float


#: below the first, the tails of :func:`warning.surge.detect.detect` promise too much: on simulated series without an
#: outbreak a p of a fifth of it comes half as often again as it says, one of a fiftieth about three times as often; the
#: power lies between. Fitted on seeds 9001 to 9003; `python -m benchmarks surge` holds the false share on others.
TRUSTED, EXCESS = 5e-4, 0.25
SIMULATED = Belief(TRUSTED, EXCESS)


@dataclass(frozen=True)
class Signal:
    """A series that stands at a level in a week. Figures are of the window that was judged, which ends with the week."""

    kind: str  #: region, industry, cell, dispute_type, forum, plaintiff
    value: str
    week: date  #: its Monday
    level: str  #: IV, III, II or I
    held_since: date | None  #: the week that reached the level, where this one did not
    observed: int
    expected: float
    upper: int
    p: float
    window: int  #: weeks
    history: int  #: weeks before
    alarms: int  #: among the last three weeks, this one included
    is_capped: bool  #: a longer history would have let it stand higher
    is_discovery: bool


@dataclass(frozen=True)
class JudgedKind:
    """The series of one kind in a week: those that stand at a level, the gravest first, and every p of that week."""

    signals: list[Signal]
    p: Floats


def judge_week(
    kind: str,
    series: Mapping[str, Sequence[int]],
    week: date,
    *,
    alpha: float = ALPHA,
    rules: Rules | None = None,
    begins: Mapping[str, int] | None = None,
    belief: Belief = SIMULATED,
) -> list[Signal]:
    """The signals of ``week`` (a Monday) among the series of one kind, the gravest first.

    Args:
        series: weekly counts that end with ``week``, oldest first, all equally long.
        begins: a series' name -> its first weeks that are no history, because nobody counted there yet.

    Raises ValueError where the series are not equally long.
    """
    return judge_kind(kind, series, week, alpha=alpha, rules=rules, begins=begins, belief=belief).signals


def judge_kind(
    kind: str,
    series: Mapping[str, Sequence[int]],
    week: date,
    *,
    alpha: float = ALPHA,
    rules: Rules | None = None,
    begins: Mapping[str, int] | None = None,
    belief: Belief = SIMULATED,
) -> JudgedKind:
    """As :func:`judge_week`, with every p of the week; NaN for a series too young to judge."""
    rules = rules or load_rules()
    names = sorted(series)
    if len({len(series[name]) for name in names}) > 1:
        raise ValueError("the series are not equally long")
    if not names or not series[names[0]]:
        return JudgedKind([], np.empty(0))
    counts = [list(series[name])[(begins or {}).get(name, 0) :] for name in names]
    starts = [max(0, len(one) - 1 - rules.memory) for one in counts]
    judged = detect(counts, method=Method.SEAMARK, alpha=alpha, starts=starts)
    found = found_among(judged, rules, belief)
    signals = [
        signal
        for name, one, true in zip(names, judged, found, strict=True)
        if (signal := _signal(kind, name, week, one, true, alpha, rules)) is not None
    ]
    ranked = sorted(signals, key=lambda signal: (-NAMES.index(signal.level), signal.p, signal.value))
    return JudgedKind(ranked, np.array([one.p[-1] for one in judged]))


def found_among(
    judged: Sequence[Judged], rules: Rules, belief: Belief = SIMULATED
) -> list[npt.NDArray[np.bool_]]:
    """Which weeks of each series are discoveries among the series of a kind, which all end with the same week."""
    # Aligned at the end: a series that begins later was not judged before.
    p = np.full((len(judged), max(one.p.size for one in judged)), np.nan)
    for row, one in zip(p, judged, strict=True):
        row[row.size - one.p.size :] = one.p
    found = np.stack([discoveries(p[:, at], rules.q, belief) for at in range(p.shape[1])], axis=1)
    return [row[row.size - one.p.size :] for row, one in zip(found, judged, strict=True)]


def own_in(
    judged: Judged, found: npt.NDArray[np.bool_], alpha: float, rules: Rules
) -> tuple[Numbers, Numbers]:
    """The level each week of a series reaches by itself, and what its history and its kind allow of it."""
    reached, allowed = own_levels(judged, alpha, rules)
    return reached, np.where(found, allowed, np.minimum(allowed, 1))


def _signal(
    kind: str,
    value: str,
    week: date,
    judged: Judged,
    found: npt.NDArray[np.bool_],
    alpha: float,
    rules: Rules,
) -> Signal | None:
    reached, own = own_in(judged, found, alpha, rules)
    level, held_for = hold(own, rules)
    if not level.size or not level[-1]:
        return None
    back = int(held_for[-1])
    return Signal(
        kind,
        value,
        week,
        NAMES[int(level[-1])],
        week - timedelta(weeks=back) if back else None,
        int(judged.observed[-1]),
        float(judged.expected[-1]),
        int(judged.upper[-1]),
        float(judged.p[-1]),
        int(judged.window[-1]),
        int(judged.history[-1]),
        int(judged.alarm[-3:].sum()),
        bool(reached[-1] > own_levels(judged, alpha, rules)[1][-1]),
        bool(found[-1]),
    )


def calibrated(p: Floats, belief: Belief = SIMULATED) -> Floats:
    """How often so small a ``p`` of :func:`warning.surge.detect.detect` comes by chance, as measured; never below ``p``."""
    held: Floats = p * np.maximum(1.0, belief.trusted / np.maximum(p, 1e-300)) ** belief.excess
    return held


def discoveries(p: Floats, q: float, belief: Belief = SIMULATED) -> npt.NDArray[np.bool_]:
    """Which of several p-values, as `detect` tells them, are discoveries at a false share of ``q``; NaN, a series too
    young to judge, is none and does not count among the tests. They are :func:`calibrated` before they are compared."""
    asked = np.flatnonzero(np.isfinite(p))
    found = np.zeros(p.size, dtype=np.bool_)
    if not asked.size:
        return found
    order = asked[np.argsort(p[asked], kind="stable")]
    passed = np.flatnonzero(calibrated(p[order], belief) <= q * np.arange(1, order.size + 1) / order.size)
    if passed.size:
        found[order[: passed[-1] + 1]] = True
    return found
