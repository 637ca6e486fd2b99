"""Weekly series with outbreaks planted in them, and a count of how a detector's alarms met them.

The shared world stands beside the project (`reference/surge`); a fresh one is drawn by the same rules
(:mod:`warning.surge.simulated`) from a seed that no detector was tuned on.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from warning.surge.simulated import FIRST, WEEKS, Marks, World, draw_world
from warning.surge.tails import Floats

__all__ = ["FIRST", "FOLDER", "WEEKS", "Floats", "Marks", "World", "fresh_world", "score", "shared_world"]

FOLDER = Path(__file__).parents[2] / "shared" / "reference" / "surge"


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
    return draw_world(seed, simulations)


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
