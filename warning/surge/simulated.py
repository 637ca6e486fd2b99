"""Simulated years with outbreaks planted in them: the truth by which thresholds are tried until three years are stored.

Noufaily et al. (2013): 42 scenarios of 624 weeks, four outbreaks in weeks 313 to 575 and one in 576 to 624, a Poisson
number of cases of k standard deviations each, delayed by a log-normal. A seed gives the same world on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import yaml

from warning.surge.tails import Floats

WEEKS, FIRST = 624, 575
Marks = npt.NDArray[np.bool_]
Scenario = Mapping[str, float]


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


@cache
def scenarios() -> Sequence[Scenario]:
    """The 42 of simulation.yml."""
    told = yaml.safe_load(Path(__file__).with_name("simulation.yml").read_text(encoding="utf-8"))
    return tuple(_scenarios(told["sets"], told["waves"]))


def _scenarios(sets: Sequence[Scenario], waves: Sequence[int]) -> Iterator[Scenario]:
    for one in sets:
        for trend in (0, 1):
            for number in waves:
                season = {
                    "gamma1": one["gamma1"] if number else 0.0,
                    "gamma2": one["gamma2"] if number else 0.0,
                }
                yield {**one, **season, "beta": one["beta"] * trend, "m": number}


def draw_world(seed: int, simulations: int) -> World:
    """A world of 42 × ``simulations`` series drawn from ``seed``."""
    chance = np.random.default_rng(seed)
    drawn = [_series(chance, one) for one in scenarios() for _ in range(simulations)]
    quiet, current, start, last = zip(*drawn, strict=True)
    return World(np.stack(quiet), np.stack(current), np.array(start), np.array(last))


def _series(chance: np.random.Generator, row: Scenario) -> tuple[Floats, Floats, int, int]:
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
