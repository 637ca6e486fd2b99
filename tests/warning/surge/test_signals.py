"""Signals of a week among many series: discoveries beside a plain reading of the procedure, and what they do to levels."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warning.surge.signals import calibrated, discoveries, judge_week

WEEK = date(2026, 3, 2)


@given(st.lists(st.floats(0, 1) | st.just(float("nan")), max_size=30), st.sampled_from([0.05, 0.1, 0.3]))
def test_discoveries_are_those_of_the_procedure_as_it_is_written(p: list[float], q: float) -> None:
    told = sorted(value for value in p if value == value)
    held = calibrated(np.array(told, dtype=float))
    most = max((k for k in range(1, len(told) + 1) if held[k - 1] <= q * k / len(told)), default=0)
    found = discoveries(np.array(p, dtype=float), q)
    # Equal values stand and fall together only where the limit lies between; as many are found as the procedure says.
    assert found.sum() == most
    assert all(p[at] == p[at] for at in np.flatnonzero(found))
    if most:
        assert max(p[at] for at in np.flatnonzero(found)) == told[most - 1]


def test_a_small_p_is_trusted_less_the_smaller_it_is_and_none_the_other_way_round() -> None:
    p = np.array([0.0, 1e-12, 1e-8, 1e-5, 1e-4, 5e-4, 1e-3, 0.2, 1.0])
    held = calibrated(p)
    assert (held[5:] == p[5:]).all() and (held[1:5] > p[1:5]).all() and held[0] == 0.0
    assert (np.diff(held) > 0).all() and (np.diff(held[1:6] / p[1:6]) < 0).all()


def test_of_many_quiet_series_one_that_rises_is_told_and_its_figures_are_its_own() -> None:
    chance = np.random.default_rng(3)
    series = {f"s{n}": chance.poisson(2, 300).tolist() for n in range(200)}
    series["US|ind.toys"] = [*chance.poisson(2, 298).tolist(), 11, 17]
    signals = judge_week("cell", series, WEEK)
    first = signals[0]
    assert (first.value, first.week, first.level, first.held_since) == ("US|ind.toys", WEEK, "I", None)
    assert first.observed in (17, 28) and first.upper < first.observed and first.expected < 6
    assert first.is_discovery and not first.is_capped
    assert all(
        signal.level == "IV" for signal in signals[1:] if not (signal.is_discovery or signal.held_since)
    )
    assert len(signals) < 12


def test_above_iv_only_what_is_a_discovery_among_its_kind() -> None:
    # Alone among few series a mild rise is III at its second alarm; among a thousand like it, it is chance.
    rise = [2, 1, 3, 2] * 75 + [8, 3, 8]
    assert judge_week("region", {"US": rise}, WEEK)[0].level == "III"
    chance = np.random.default_rng(4)
    many = {f"s{n}": chance.poisson(2, len(rise)).tolist() for n in range(3000)}
    (signal,) = [signal for signal in judge_week("cell", many | {"US": rise}, WEEK) if signal.value == "US"]
    assert (signal.level, signal.is_discovery) == ("IV", False)


def test_a_signal_stays_for_two_quiet_weeks_and_says_since_when() -> None:
    series = {"US": [2, 1, 3, 2] * 75 + [15, 2]}
    (signal,) = judge_week("region", series, WEEK)
    assert signal.held_since is None or signal.held_since == date(2026, 2, 23)
    (quiet,) = judge_week("region", {"US": [2, 1, 3, 2] * 75 + [15, 2, 1]}, WEEK)
    assert quiet.held_since is not None


def test_series_of_different_length_are_refused_and_none_give_nothing() -> None:
    with pytest.raises(ValueError, match="equally long"):
        judge_week("region", {"a": [1], "b": [1, 2]}, WEEK)
    assert judge_week("region", {}, WEEK) == []
    assert judge_week("region", {"a": [1, 2, 3]}, WEEK) == []
