"""How good each level is: outbreaks met, false alarms, how many alarms were right, how early, and the share of false ones.

A figure of a level counts weeks that reached it, or a higher one, by themselves; weeks that only hold it are none. The
planted outbreaks of simulated years are the truth of :func:`score_world`; of stored history it is what staff confirmed
and dismissed (:func:`score_replay`). A figure is read from sums, so that parts counted apart can be put together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from warning.surge.detect import detect
from warning.surge.levels import NAMES, Rules
from warning.surge.signals import Belief, found_among, own_in
from warning.surge.simulated import FIRST, WEEKS, Marks, World

#: series of a simulated kind: the size false discovery is told of
KIND = 105
#: the first judged weeks are left out: cases of outbreaks planted before them still arrive then, and would count as false
LEFT_OUT = 8
_RESAMPLED = 1000
_Z = 1.96
Sums = Mapping[str, float]


@dataclass(frozen=True)
class Figure:
    """A figure with its 95 % interval, and the count behind it. None: nothing to tell it from."""

    value: float | None
    low: float | None
    high: float | None
    count: int


@dataclass(frozen=True)
class LevelRecord:
    """The record of one level."""

    level: str
    found: Figure  #: share of outbreaks met; behind it outbreaks
    false_rate: (
        Figure  #: false alarms in a thousand series and weeks without an outbreak; behind it series and weeks
    )
    right: Figure  #: share of alarms that lie in an outbreak; behind it alarms
    lead: Figure  #: weeks from the first alarm to the outbreak's last case, where met; behind it outbreaks
    delay: Figure  #: weeks from the outbreak's first to the first alarm, where met; behind it outbreaks
    false_share: (
        Figure  #: mean over weeks of the share of false ones among a kind's alarms; behind it kinds and weeks
    )


def score_world(
    world: World, rules: Rules, alpha: float, belief: Belief
) -> list[dict[str, dict[str, float]]]:
    """Sums of every kind of :data:`KIND` series of ``world``, level -> sums; series are put into kinds in a drawn order."""
    order = np.random.default_rng(1).permutation(len(world.quiet))
    starts = [FIRST] * KIND
    rows = []
    for begin in range(0, len(order) - KIND + 1, KIND):
        kind = order[begin : begin + KIND]
        quiet = _levels(list(world.quiet[kind]), starts, rules, alpha, belief)
        told = _levels(list(world.quiet[kind] + world.current[kind]), starts, rules, alpha, belief)
        rows.append(_kind_sums(quiet, told, world.inside[kind], world.start[kind], world.last[kind]))
    return rows


def _levels(series: list[Any], starts: list[int], rules: Rules, alpha: float, belief: Belief) -> Any:
    judged = detect(series, alpha=alpha, starts=starts)
    found = found_among(judged, rules, belief)
    return np.stack([own_in(one, true, alpha, rules)[1] for one, true in zip(judged, found, strict=True)])


def _kind_sums(quiet: Any, told: Any, inside: Marks, start: Any, last: Any) -> dict[str, dict[str, float]]:
    """Level -> sums of one kind; ``quiet`` and ``told`` are levels' numbers, series × weeks."""
    sums = {}
    counted = start - FIRST >= LEFT_OUT
    for number, name in enumerate(NAMES[1:], start=1):
        reached = told >= number
        hits = reached & inside
        met = hits.any(axis=1) & counted
        first = hits.argmax(axis=1) + FIRST
        later = slice(LEFT_OUT, WEEKS - FIRST)
        alarms, right = reached[:, later], hits[:, later]
        share = (alarms & ~right).sum(axis=0) / np.maximum(alarms.sum(axis=0), 1)
        sums[name] = {
            "outbreaks": int(counted.sum()),
            "met": int(met.sum()),
            "lead": int((last - first)[met].sum()),
            "delay": int((first - start)[met].sum()),
            "alarms": int(alarms.sum()),
            "right": int(right.sum()),
            "false": int((quiet[:, later] >= number).sum()),
            "quiet": int(quiet[:, later].size),
            "share": float(share.sum()),
            "weeks": int(share.size),
        }
    return sums


def record_of(rows: Sequence[Mapping[str, Sums]]) -> list[LevelRecord]:
    """The record of every level, from the gravest on; intervals by drawing kinds anew."""
    return [_record(name, [row[name] for row in rows]) for name in reversed(NAMES[1:])]


def _record(level: str, rows: Sequence[Sums]) -> LevelRecord:
    def ratio(part: str, whole: str, times: float = 1.0, *, is_share: bool = False) -> Figure:
        parts = np.array([row[part] for row in rows], dtype=float)
        wholes = np.array([row[whole] for row in rows], dtype=float)
        total = wholes.sum()
        if not total:
            return Figure(None, None, None, 0)
        drawn = np.random.default_rng(1).integers(0, len(rows), (_RESAMPLED, len(rows)))
        means = parts[drawn].sum(axis=1) / np.maximum(wholes[drawn].sum(axis=1), 1e-9)
        low, high = (float(edge) for edge in np.quantile(means, [0.025, 0.975]))
        if not parts.sum():
            # Nothing seen in n is compatible with up to three in n.
            high = min(3 / total, 1.0)
        elif is_share and parts.sum() == total:
            low = max(0.0, 1 - 3 / total)
        value, low, high = (float(edge * times) for edge in (parts.sum() / total, low, high))
        return Figure(value, low, high, int(total))

    return LevelRecord(
        level,
        ratio("met", "outbreaks", is_share=True),
        ratio("false", "quiet", 1000),
        ratio("right", "alarms", is_share=True),
        ratio("lead", "met"),
        ratio("delay", "met"),
        ratio("share", "weeks"),
    )


def share(part: int, whole: int) -> Figure:
    """A share with its 95 % interval (Wilson, "Probable inference", JASA 22, 1927)."""
    if not whole:
        return Figure(None, None, None, 0)
    value = part / whole
    middle = (value + _Z**2 / (2 * whole)) / (1 + _Z**2 / whole)
    half = _Z / (1 + _Z**2 / whole) * sqrt(value * (1 - value) / whole + _Z**2 / (4 * whole**2))
    return Figure(value, max(0.0, middle - half), min(1.0, middle + half), whole)


@dataclass(frozen=True)
class HistoryRecord:
    """What a replay of stored history shows of one level: the truth is what staff confirmed and dismissed of the signals
    that were raised; what nobody looked at is no more than counted."""

    level: str
    weeks: int  #: weeks replayed
    alarms: int
    open: int  #: of them in series and weeks about which nobody decided
    found: Figure  #: share of the confirmed rises met
    false_weekly: Figure  #: dismissed alarms a week of all series; behind it weeks
    right: Figure  #: share of the decided alarms that lie in a confirmed rise
    lead: Figure  #: weeks from the first alarm to the confirmed rise's last week, where met


#: (kind, value) -> the rises of a series that staff decided about: first week, last week, whether one was confirmed
Decided = Mapping[tuple[str, str], Sequence[tuple[Any, Any, bool]]]
#: a week replayed: (kind, value, level reached by itself)
Replayed = Mapping[Any, Sequence[tuple[str, str, str]]]


def score_replay(weeks: Replayed, decided: Decided) -> list[HistoryRecord]:
    """The record of every level in replayed ``weeks`` (Monday -> alarms), from the gravest on."""
    return [_history(number, weeks, decided) for number in range(len(NAMES) - 1, 0, -1)]


def _history(number: int, weeks: Replayed, decided: Decided) -> HistoryRecord:
    right = wrong = alarms = 0
    first_met: dict[tuple[str, str, Any], Any] = {}
    for week, rows in sorted(weeks.items()):
        for kind, value, level in rows:
            if NAMES.index(level) < number:
                continue
            alarms += 1
            rise = next((one for one in decided.get((kind, value), ()) if one[0] <= week <= one[1]), None)
            if rise is None:
                continue
            if not rise[2]:
                wrong += 1
                continue
            right += 1
            first_met.setdefault((kind, value, rise[0]), (rise[1] - week).days // 7)
    rises = sum(
        1
        for found in decided.values()
        for one in found
        if one[2] and any(one[0] <= week <= one[1] for week in weeks)
    )
    leads = list(first_met.values())
    return HistoryRecord(
        NAMES[number],
        len(weeks),
        alarms,
        alarms - right - wrong,
        share(len(leads), rises),
        _rate(wrong, len(weeks)),
        share(right, right + wrong),
        _mean(leads),
    )


def _rate(events: int, weeks: int) -> Figure:
    """Events a week with an interval that is exact for noughts and close for more (Byar's)."""
    if not weeks:
        return Figure(None, None, None, 0)
    high = (events + 1) * (1 - 1 / (9 * (events + 1)) + _Z / (3 * sqrt(events + 1))) ** 3
    low = events * (1 - 1 / (9 * events) - _Z / (3 * sqrt(events))) ** 3 if events else 0.0
    return Figure(events / weeks, max(0.0, low) / weeks, high / weeks, weeks)


def _mean(values: Sequence[int]) -> Figure:
    if not values:
        return Figure(None, None, None, 0)
    told = np.array(values, dtype=float)
    drawn = np.random.default_rng(1).integers(0, told.size, (_RESAMPLED, told.size))
    low, high = np.quantile(told[drawn].mean(axis=1), [0.025, 0.975])
    return Figure(float(told.mean()), float(low), float(high), told.size)


def as_told(records: Sequence[Any]) -> list[dict[str, Any]]:
    """Records as JSON keeps them."""
    return [_plain(one) for one in records]


def _plain(one: Any) -> dict[str, Any]:
    def told(value: Any) -> Any:
        if not isinstance(value, Figure):
            return value
        return {k: round(v, 6) if isinstance(v, float) else v for k, v in value.__dict__.items()}

    return {name: told(value) for name, value in one.__dict__.items()}
