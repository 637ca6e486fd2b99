"""The colour of a surge, by the rules of levels.yml: a pure function of a series' judged weeks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from warning.surge.detect import Judged

#: a level's number: nought is none, then IV, III, II and I
NAMES = ("", "IV", "III", "II", "I")
Numbers = npt.NDArray[np.int_]
#: weeks among which alarms are counted
_RUN = 3


@dataclass(frozen=True)
class Way:
    """One way to reach a level; all parts must hold."""

    p_share: float = inf
    times: float = 0.0
    cases: int = 0
    alarms: int = 1


@dataclass(frozen=True)
class Rules:
    """levels.yml as read."""

    ways: tuple[tuple[Way, ...], ...]  #: of IV, III, II, I
    quiet_weeks: int
    caps: tuple[tuple[int, int], ...]  #: (weeks of history below which, a level's number at most)
    q: float  #: the share of false ones among the signals of a kind and week above IV

    @property
    def memory(self) -> int:
        """Weeks before a week that its level can depend on."""
        return (len(self.ways) * self.quiet_weeks - 1) + (_RUN - 1)


@dataclass(frozen=True)
class Levels:
    """Levels of judged weeks, a value a week."""

    level: Numbers  #: the level's number, see `NAMES`
    held_for: npt.NDArray[
        np.int_
    ]  #: weeks since a week reached it or more by itself; nought when this one did
    capped: npt.NDArray[np.bool_]  #: whether the week would stand higher with a longer history


@cache
def load_rules(path: Path | None = None) -> Rules:
    """The rules of ``path`` (default: levels.yml beside this module).

    Raises ValueError for a level or a part of a rule that is unknown, and for levels that are out of order.
    """
    told: dict[str, Any] = yaml.safe_load(
        (path or Path(__file__).with_name("levels.yml")).read_text(encoding="utf-8")
    )
    if tuple(told["levels"]) != NAMES[1:]:
        raise ValueError(
            f"levels are {', '.join(told['levels'])}; they must be {', '.join(NAMES[1:])}, in this order"
        )
    return rules_of(told)


def rules_of(told: Mapping[str, Any]) -> Rules:
    """Rules as levels.yml tells them. Raises ValueError for a level or a part of a rule that is unknown, for a missing level and for a share that is none."""
    # A database keeps the names of an object in an order of its own.
    if set(told["levels"]) != set(NAMES[1:]):
        raise ValueError(f"levels are {', '.join(told['levels'])}; they must be {', '.join(NAMES[1:])}")
    try:
        ways = tuple(tuple(Way(**way) for way in told["levels"][name]) for name in NAMES[1:])
    except TypeError as error:
        raise ValueError(f"a rule of levels.yml cannot be read: {error}") from error
    caps = tuple((int(cap["weeks"]), NAMES.index(cap["at_most"])) for cap in told["caps"])
    if not 0 < float(told["false_share"]) <= 0.5 or not 1 <= int(told["quiet_weeks"]) <= 12:
        raise ValueError("false_share must be above 0 and at most 0.5, quiet_weeks from 1 to 12")
    return Rules(ways, int(told["quiet_weeks"]), caps, float(told["false_share"]))


def levels_of(judged: Judged, alpha: float, rules: Rules | None = None) -> Levels:
    """The level of each judged week of one series, oldest first and without a gap; ``alpha`` as the weeks were judged.

    A level depends on at most `Rules.memory` weeks before it: judge so many more to begin in the middle of a series.
    """
    rules = rules or load_rules()
    reached, allowed = own_levels(judged, alpha, rules)
    level, held_for = hold(allowed, rules)
    return Levels(level, held_for, reached > allowed)


def own_levels(judged: Judged, alpha: float, rules: Rules) -> tuple[Numbers, Numbers]:
    """The level each week reaches by itself, and what a short history allows of it; a value a week."""
    reached = _reached(judged, alpha, rules)
    most = np.full(reached.size, len(NAMES) - 1)
    for weeks, cap in rules.caps:
        most = np.where(judged.history < weeks, np.minimum(most, cap), most)
    return reached, np.minimum(reached, most)


def hold(own: Numbers, rules: Rules) -> tuple[Numbers, Numbers]:
    """Levels that come down slowly: (level, weeks since a week reached it by itself), a value a week of one series."""
    level, held_for = own.copy(), np.zeros_like(own)
    for back in range(1, min(len(rules.ways) * rules.quiet_weeks, own.size)):
        past = own[:-back] - back // rules.quiet_weeks
        higher = past > level[back:]
        level[back:] = np.where(higher, past, level[back:])
        held_for[back:] = np.where(higher, back, held_for[back:])
    return level, held_for


def _reached(judged: Judged, alpha: float, rules: Rules) -> Numbers:
    """The highest level whose rule each week meets by itself."""
    alarm = judged.alarm.astype(int)
    run = np.convolve(alarm, np.ones(_RUN, dtype=int))[: alarm.size]
    reached = np.zeros(alarm.size, dtype=int)
    for number, ways in enumerate(rules.ways, start=1):
        for way in ways:
            met = (
                judged.alarm
                & (judged.p <= way.p_share * alpha)
                & (judged.observed >= way.times * judged.expected)
                & (judged.observed >= way.cases)
                & (run >= way.alarms)
            )
            reached[met] = number
    return reached
