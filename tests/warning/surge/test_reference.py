"""The reference method beside R's figures for the same series, row for row."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.surge_worlds import FIRST, FOLDER, WEEKS
from tests.conftest import missing
from warning.surge.detect import Judged, Method, detect

Floats = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def folder() -> Path:
    if not FOLDER.is_dir():
        missing("the simulated series beside the project (reference/surge)")
    return FOLDER


@pytest.fixture(scope="module")
def rows(folder: Path) -> list[dict[str, str]]:
    """R's rows: scenario, sim and t from one on, expected, upperbound, alarm, phi, trend, pvalue."""
    with gzip.open(folder / "r_farringtonFlexible_sim1-5.csv.gz", "rt") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def judged(folder: Path) -> dict[tuple[int, int], Judged]:
    parts = np.load(folder / "noufaily42x100.npz")
    observed = (parts["baseline"].astype(float) + parts["past"] + parts["current"])[:, :5].reshape(-1, WEEKS)
    found = detect(list(observed), method=Method.REFERENCE, starts=[FIRST] * len(observed))
    return {(at // 5 + 1, at % 5 + 1): weeks for at, weeks in enumerate(found)}


def _ours(rows: list[dict[str, str]], judged: dict[tuple[int, int], Judged], part: str) -> Floats:
    return np.array(
        [
            getattr(judged[int(row["scenario"]), int(row["sim"])], part)[int(row["t"]) - FIRST - 1]
            for row in rows
        ],
        dtype=float,
    )


def test_every_alarm_and_every_limit_is_r_s(
    rows: list[dict[str, str]], judged: dict[tuple[int, int], Judged]
) -> None:
    assert len(rows) == 42 * 5 * 49
    alarms, limits = (np.array([float(row[name]) for row in rows]) for name in ("alarm", "upperbound"))
    assert int((_ours(rows, judged, "alarm") != alarms).sum()) == 0
    assert int((_ours(rows, judged, "upper") != limits).sum()) == 0
    assert alarms.sum() > 50


def test_what_is_expected_and_its_probability_are_r_s(
    rows: list[dict[str, str]], judged: dict[tuple[int, int], Judged]
) -> None:
    for part, name in (("expected", "expected"), ("p", "pvalue")):
        theirs = np.array([float(row[name]) for row in rows])
        away = np.abs(_ours(rows, judged, part) - theirs) / np.maximum(theirs, 0.1)
        # In one row a past week stands at the very residual from which on it counts for less.
        assert (away > 2e-4).sum() <= 1
        assert away.max() < 0.03
