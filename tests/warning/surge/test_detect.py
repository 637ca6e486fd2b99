"""What must hold of judged weeks whatever the series, and how often alarms are false or miss."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.surge_worlds import FIRST, FOLDER, fresh_world, score
from tests.conftest import missing
from warning.surge import harmonic, reference
from warning.surge.detect import Method, detect

SERIES = st.lists(st.integers(0, 40) | st.just(0), min_size=0, max_size=330)
METHODS = pytest.mark.parametrize("method", list(Method))


@METHODS
@settings(max_examples=40)
@given(series=st.lists(SERIES, max_size=4), alpha=st.floats(1e-4, 0.2))
def test_an_alarm_is_more_than_the_limit_and_a_probability_of_at_most_alpha(
    method: Method, series: list[list[int]], alpha: float
) -> None:
    for counts, weeks in zip(series, detect(series, method=method, alpha=alpha), strict=True):
        assert len(weeks.alarm) == len(counts)
        told = weeks.history >= method.least_history
        assert np.isnan(weeks.p[~told]).all() and not weeks.alarm[~told].any()
        assert np.isfinite(weeks.upper[told]).all() and (weeks.expected[told] >= 0).all()
        assert ((weeks.p[told] >= 0) & (weeks.p[told] <= 1)).all()
        assert (weeks.alarm[told] == (weeks.observed[told] > weeks.upper[told])).all()
        assert (weeks.p[weeks.alarm] <= alpha * (1 + 1e-9)).all()


@METHODS
@settings(max_examples=30)
@given(series=st.lists(SERIES, min_size=1, max_size=3), start=st.integers(0, 330))
def test_a_week_is_judged_by_its_own_past_alone(method: Method, series: list[list[int]], start: int) -> None:
    together = detect(series, method=method)
    for counts, whole in zip(series, together, strict=True):
        # The others, the weeks that follow and the weeks that were not asked for change nothing.
        cut = counts[: max(start + 1, 1)]
        (alone,) = detect([cut], method=method, starts=[min(start, len(cut))])
        same = slice(min(start, len(cut)), len(cut))
        for part in ("observed", "expected", "upper", "p", "alarm", "window"):
            np.testing.assert_allclose(
                getattr(alone, part), getattr(whole[same], part), rtol=1e-6, err_msg=part
            )


def test_two_weeks_together_pass_where_neither_does_alone() -> None:
    counts = [1, 2, 1, 0, 1, 1, 2, 0] * 40 + [5, 5]
    (weeks,) = detect([counts], starts=[len(counts) - 2])
    assert weeks.alarm.tolist() == [False, True]
    assert (weeks.window[1], weeks.observed[1]) == (2, 10)
    (one,) = detect([[*counts[:-2], 0, 5]], starts=[len(counts) - 1])
    assert not one.alarm[0]


def test_fewer_cases_than_asked_for_are_no_alarm() -> None:
    quiet = [0] * 300
    (few,) = detect([[*quiet, 2]], starts=[300])
    assert not few.alarm[0] and few.p[0] <= 0.005 and few.upper[0] == 2
    (three,) = detect([[*quiet, 3]], starts=[300])
    assert three.alarm[0]
    (asked,) = detect([[*quiet, 3]], starts=[300], min_cases=4)
    assert not asked.alarm[0]


def test_a_surge_under_way_does_not_teach_the_limit() -> None:
    counts = [2, 3, 1, 2] * 80 + [15] * 6
    (weeks,) = detect([counts], starts=[320])
    assert weeks.alarm.all()
    assert weeks.expected.max() < 7


def test_a_season_is_expected() -> None:
    week = np.arange(52 * 6)
    wave = np.round(12 + 10 * np.cos(2 * np.pi * week / 52)).astype(int)
    (weeks,) = detect([wave], starts=[52 * 5])
    assert not weeks.alarm.any()
    assert np.abs(weeks.expected - wave[52 * 5 :]).max() < 1.5


def test_how_much_history_is_needed() -> None:
    assert Method.SEAMARK.least_history == 34
    assert Method.REFERENCE.least_history == 263
    (weeks,) = detect([[1] * 40])
    assert np.isnan(weeks.p[:34]).all() and np.isfinite(weeks.p[34:]).all()


@pytest.mark.parametrize(
    ("series", "alpha", "said"),
    [
        ([[1, -1]], 0.005, "negative"),
        ([[float("nan")]], 0.005, "negative or no number"),
        ([[1]], 0.0, "alpha is 0"),
    ],
)
def test_what_cannot_be_judged_is_refused(series: list[list[float]], alpha: float, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        detect(series, alpha=alpha)


def test_fits_ask_for_their_own_shape_of_history() -> None:
    with pytest.raises(ValueError, match="237 weeks"):
        reference.fit(np.zeros((1, 9)))
    with pytest.raises(ValueError, match="at most"):
        harmonic.fit(np.zeros((1, 999)), harmonic.Shape(trend=True, waves=2))


def test_outbreaks_are_found_and_false_alarms_are_rare_in_a_world_of_their_own() -> None:
    if not FOLDER.is_dir():
        missing("the scenarios beside the project (reference/surge)")
    world = fresh_world(41, simulations=12)
    starts = [FIRST] * len(world.quiet)
    without, within = (
        np.stack([weeks.alarm for weeks in detect(list(counts), starts=starts)])
        for counts in (world.quiet, world.quiet + world.current)
    )
    found = score(world, without, within)
    # 504 series: the whole benchmark has 4,200 a world, and these floors leave room for chance.
    assert found.false_rate[0] < 0.0065
    assert found.found[0] > 0.46
    assert found.right[0] > 0.73
