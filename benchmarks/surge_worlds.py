"""Weekly series with outbreaks planted in them, and a count of how a detector's alarms met them.

The shared world stands beside the project (`reference/surge`); a fresh one is drawn by the same rules from a seed that
no detector was tuned on: Noufaily et al. (2013), 42 scenarios of 624 weeks, four outbreaks in weeks 313 to 575 and one in
576 to 624, a Poisson number of cases of k standard deviations each, delayed by a log-normal.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

FOLDER = Path(__file__).parents[2] / "shared" / "reference" / "surge"
WEEKS, FIRST = 624, 575
Floats = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class World:
    """Series and the outbreak of each in its last 49 weeks."""

    quiet: Floats  #: series × weeks, cases without the current outbreak
    current: Floats  #: series × weeks, cases of the current outbreak
    start: npt.NDArray[np.int_]  #: its first week, from nought
    last: npt.NDArray[np.int_]  #: the week of its last case

    @property
    def inside(self) -> Marks:
        """(series × judged weeks): the weeks of the outbreak."""
        week = np.arange(FIRST, WEEKS)
        found: Marks = (week >= self.start[:, None]) & (week <= self.last[:, None])
        return found


def shared_world() -> World:
    """The world beside the project."""
    parts = np.load(FOLDER / "noufaily42x100.npz")
    shape = parts["current"].shape[:2]
    start, last = np.zeros(shape, dtype=int), np.zeros(shape, dtype=int)
    with gzip.open(FOLDER / "outbreaks.csv.gz", "rt") as rows:
        for row in csv.DictReader(rows):
            if row["period"] == "current":
                at = int(row["scenario"]) - 1, int(row["sim"]) - 1
                start[at], last[at] = int(row["start"]) - 1, int(row["last_case_week"]) - 1
    quiet = parts["baseline"].astype(float) + parts["past"]
    current = parts["current"].astype(float)
    return World(quiet.reshape(-1, WEEKS), current.reshape(-1, WEEKS), start.ravel(), last.ravel())


def fresh_world(seed: int, simulations: int = 100) -> World:
    """A world of 42 × ``simulations`` series drawn from ``seed``."""
    chance = np.random.default_rng(seed)
    with (FOLDER / "scenarios.csv").open() as rows:
        drawn = [_series(chance, row) for row in csv.DictReader(rows) for _ in range(simulations)]
    quiet, current, start, last = zip(*drawn, strict=True)
    return World(np.stack(quiet), np.stack(current), np.array(start), np.array(last))


def _series(chance: np.random.Generator, row: dict[str, str]) -> tuple[Floats, Floats, int, int]:
    theta, beta, gamma1, gamma2, phi = (float(row[k]) for k in ("theta", "beta", "gamma1", "gamma2", "phi"))
    week = np.arange(1, WEEKS + 1)
    season = sum(
        gamma1 * np.cos(2 * np.pi * wave * week / 52) + gamma2 * np.sin(2 * np.pi * wave * week / 52)
        for wave in range(1, int(row["m"]) + 1)
    )
    mean = np.exp(theta + beta * week + season)
    drawn = chance.poisson(mean) if phi == 1 else chance.negative_binomial(mean / (phi - 1), 1 / phi)
    quiet, current = drawn.astype(float), np.zeros(WEEKS)

    def outbreak(k: int, start: int) -> npt.NDArray[np.int_]:
        size = 0
        while size < 2:
            size = int(chance.poisson(k * np.sqrt(phi * mean[start])))
        weeks = start + np.floor(chance.lognormal(0, 0.5, size)).astype(int)
        kept: npt.NDArray[np.int_] = weeks[weeks < WEEKS]
        return kept

    for _ in range(4):
        np.add.at(quiet, outbreak(int(chance.choice([2, 3, 5, 10])), int(chance.integers(312, FIRST))), 1)
    while True:
        start = int(chance.integers(FIRST, WEEKS))
        weeks = outbreak(int(chance.integers(1, 11)), start)
        if weeks.size:
            np.add.at(current, weeks, 1)
            return quiet, current, start, int(weeks.max())


@dataclass(frozen=True)
class Score:
    """How alarms met the planted outbreaks; each figure with its 95 % interval (bootstrap over series)."""

    false_rate: tuple[float, float, float]  #: alarms a series and week where the current outbreak is left out
    found: tuple[
        float, float, float
    ]  #: share of outbreaks with an alarm from the first week to that of the last case
    right: tuple[float, float, float]  #: share of alarmed weeks that lie in an outbreak
    first_week: float  #: share of outbreaks with an alarm in their first week
    delay: float  #: mean weeks from an outbreak's start to its first alarm, where found

    def __str__(self) -> str:
        def told(figure: tuple[float, float, float], digits: int) -> str:
            value, low, high = (f"{part:.{digits}f}" for part in figure)
            return f"{value} [{low}, {high}]"

        return (
            f"false {told(self.false_rate, 5)}  found {told(self.found, 3)}  right {told(self.right, 3)}  "
            f"first week {self.first_week:.3f}  delay {self.delay:.2f}"
        )


def score(world: World, without: Marks, within: Marks) -> Score:
    """``without`` and ``within`` are series × judged weeks: alarms without the current outbreak, and with it."""
    hits = within & world.inside
    found, positives = hits.any(axis=1), within.sum(axis=1)
    chance, size = np.random.default_rng(1), len(found)
    weights = chance.multinomial(size, np.full(size, 1 / size), size=1000).astype(float)

    def interval(figure: Callable[[Floats], Floats]) -> tuple[float, float, float]:
        low, high = np.quantile(figure(weights), [0.025, 0.975])
        return float(figure(np.ones((1, size)))[0]), float(low), float(high)

    weeks = WEEKS - FIRST
    return Score(
        interval(lambda w: (w @ without.sum(axis=1)) / (w.sum(axis=1) * weeks)),
        interval(lambda w: (w @ found) / w.sum(axis=1)),
        interval(lambda w: (w @ hits.sum(axis=1)) / np.maximum(w @ positives, 1)),
        float(within[np.arange(size), world.start - FIRST].mean()),
        float((hits[found].argmax(axis=1) - (world.start[found] - FIRST)).mean()),
    )
