"""Colours from judged weeks: each rule, the slow way down, the caps of a short history."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warning.surge.detect import Judged
from warning.surge.levels import NAMES, levels_of, load_rules

ALPHA = 0.005


def weeks(*told: tuple[float, float, float], history: int = 300) -> Judged:
    """Weeks of (observed, expected, p); p of at most alpha is an alarm."""
    observed, expected, p = (np.array(part, dtype=float) for part in zip(*told, strict=True))
    return Judged(
        observed,
        expected,
        np.full(len(told), 4.0),
        p,
        p <= ALPHA,
        np.ones(len(told), dtype=int),
        history + np.arange(len(told)),
    )


QUIET = (1.0, 1.0, 0.6)
MILD = (6.0, 1.5, 0.004)


def names(judged: Judged) -> list[str]:
    return [NAMES[number] for number in levels_of(judged, ALPHA).level]


@pytest.mark.parametrize(
    ("told", "level"),
    [
        (QUIET, ""),
        (MILD, "IV"),
        ((6, 1.5, 0.0005), "III"),
        ((6, 1.5, 0.00005), "II"),
        ((6, 3.5, 0.00005), "III"),  # less than twice what was expected
        ((4, 0.2, 0.00005), "III"),  # fewer than five cases
        ((30, 1.5, 0.000001), "II"),  # one week alone is never red
    ],
)
def test_a_week_by_itself(told: tuple[float, float, float], level: str) -> None:
    assert names(weeks(QUIET, QUIET, told))[-1] == level


def test_a_second_alarm_in_three_weeks_is_yellow_and_lets_a_strong_one_be_red() -> None:
    assert names(weeks(MILD, QUIET, MILD))[-1] == "III"
    assert names(weeks(MILD, QUIET, QUIET, MILD))[-1] == "IV"
    assert names(weeks(MILD, (30, 1.5, 0.000001)))[-1] == "I"
    assert names(weeks(MILD, (30, 12, 0.000001)))[-1] == "II"


def test_a_level_falls_by_one_after_every_two_quiet_weeks() -> None:
    judged = weeks(MILD, (30, 1.5, 0.000001), *[QUIET] * 9)
    assert names(judged) == ["IV", "I", "I", "II", "II", "III", "III", "IV", "IV", "", ""]
    assert levels_of(judged, ALPHA).held_for.tolist() == [0, 0, 1, 2, 3, 4, 5, 6, 7, 0, 0]


@pytest.mark.parametrize(
    ("history", "level"), [(40, "IV"), (51, "IV"), (52, "III"), (103, "III"), (104, "II")]
)
def test_a_short_history_caps_the_level(history: int, level: str) -> None:
    judged = weeks((20, 1.5, 0.000001), history=history)
    assert names(judged) == [level]
    assert levels_of(judged, ALPHA).capped.tolist() == [level != "II"]


@given(
    st.lists(st.sampled_from([QUIET, MILD, (6, 1.5, 0.0005), (30, 1.5, 0.000001)]), min_size=1, max_size=40),
    st.data(),
)
def test_a_level_depends_on_few_weeks_and_never_falls_by_two(
    told: list[tuple[float, float, float]], data: st.DataObject
) -> None:
    judged = weeks(*told)
    whole = levels_of(judged, ALPHA)
    assert (np.diff(whole.level) >= -1).all()
    start = data.draw(st.integers(0, len(told) - 1))
    memory = load_rules().memory
    part = levels_of(judged[slice(max(0, start - memory), len(told))], ALPHA)
    assert (part.level[min(start, memory) :] == whole.level[start:]).all()
    assert (part.held_for[min(start, memory) :] == whole.held_for[start:]).all()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "levels: {I: [{}], II: [{}], III: [{}], IV: [{}]}\nquiet_weeks: 2\ncaps: []\nfalse_share: 0.1",
            "in this order",
        ),
        (
            "levels: {IV: [{}], III: [{sure: 1}], II: [{}], I: [{}]}\nquiet_weeks: 2\ncaps: []\nfalse_share: 0.1",
            "sure",
        ),
    ],
)
def test_rules_that_cannot_be_read_are_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "levels.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        load_rules(path)
