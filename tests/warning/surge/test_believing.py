"""How far small p-values are believed: fitted on what was stored, once three years are."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import select

from core.clock import FixedClock
from house import House
from jobs import job_named, run_now
from tests.factories import staff
from tests.warning.surge.history import fill
from tests.warning.surge.told_world import take
from warning.surge.believing import (
    EDGES,
    LEAST_WEEKS,
    belief_in_force,
    fit_belief,
    fit_due,
    newest_belief,
    tail_bins,
)
from warning.surge.believing_weeks import believe_due
from warning.surge.detect import detect
from warning.surge.judging import judge_due, newest_due
from warning.surge.signal_models import JudgedWeek, SurgeSignal
from warning.surge.signals import SIMULATED, Belief, discoveries
from warning.surge.simulated import FIRST, WEEKS, draw_world
from warning.surge.tails import Floats
from warning.surge.trial_models import FittedBelief, JudgedTail


def _drawn(belief: Belief, size: int, seed: int = 1) -> Floats:
    """p-values that come as often as ``belief`` says."""
    even = np.random.default_rng(seed).random(size)
    told: Floats = np.where(
        even < belief.trusted,
        belief.trusted * (even / belief.trusted) ** (1 / (1 - belief.excess)),
        even,
    )
    return told


def test_every_p_is_counted_once_and_a_missing_one_never() -> None:
    tests, bins = tail_bins(np.array([np.nan, 0.5, 0.01, 0.0051, 0.005, 1e-12, 0.0]))
    assert tests == 6 and len(bins) == EDGES.size
    assert (bins[0], bins[1], bins[-1], sum(bins)) == (2, 1, 2, 5)


@pytest.mark.parametrize(
    "belief",
    [Belief(5e-4, 0.25), Belief(0.0025, 0.4), Belief(0.01, 0.1)],
    ids=["as simulated", "far", "near"],
)
def test_what_was_put_in_comes_out(belief: Belief) -> None:
    fit = fit_belief(*tail_bins(_drawn(belief, 2_000_000)))
    assert (
        fit is not None and fit.low - 0.03 <= belief.excess <= fit.high + 0.03 and fit.high - fit.low < 0.25
    )
    # What counts is what it says of a small p.
    for p in (1e-4, 1e-5, 1e-6):
        said, true = (p * max(1.0, one.trusted / p) ** one.excess for one in (fit.belief, belief))
        assert said == pytest.approx(true, rel=0.35)


def test_honest_p_values_are_believed_and_few_say_nothing() -> None:
    fit = fit_belief(*tail_bins(np.random.default_rng(2).random(400_000)))
    assert fit is not None and max(1.0, fit.belief.trusted / 1e-5) ** fit.belief.excess < 1.1
    assert fit_belief(*tail_bins(np.random.default_rng(3).random(5_000))) is None


def test_three_generated_years_give_the_false_share_that_was_asked_for() -> None:
    """Generated history of 156 weeks without any outbreak: fitted on one, held on another, share asked for .1."""
    begin = WEEKS - LEAST_WEEKS
    fitted, held = (_quiet_tails(seed, begin) for seed in (9101, 9102))
    fit = fit_belief(*tail_bins(fitted.ravel()))
    assert fit is not None
    kinds = [held[start : start + 200] for start in range(0, len(held) - 199, 200)]
    falsely = [[bool(discoveries(week, 0.1, fit.belief).any()) for week in kind.T] for kind in kinds]
    believed = [[bool(discoveries(week, 0.1, Belief(1e-9, 0.0)).any()) for week in kind.T] for kind in kinds]
    assert np.mean(falsely) <= 0.12 + 1.96 * np.sqrt(0.1 * 0.9 / np.size(falsely))
    assert np.mean(believed) > np.mean(falsely), "untouched p-values promise more than they keep"


def _quiet_tails(seed: int, begin: int) -> Floats:
    world = draw_world(seed, 10)
    # Planted outbreaks of the past are taken for what happens anyway: the years before are as noisy.
    judged = detect(list(world.quiet), starts=[max(begin, FIRST)] * len(world.quiet))
    return np.stack([one.p for one in judged])


def test_a_judged_week_keeps_how_small_its_p_values_were_and_by_what_it_was_judged(each_house: House) -> None:
    house = each_house
    newest = fill(house, weeks=60)
    with house.database.write() as session:
        judge_due(session, house.clock)
    with house.database.read() as session:
        tails = {row.kind: row for row in session.scalars(select(JudgedTail))}
        week = session.get_one(JudgedWeek, newest)
        signal = session.scalars(select(SurgeSignal).where(SurgeSignal.kind == "cell")).one()
        assert (week.rules_version, week.belief_version) == (0, 0)
    assert tails["cell"].week == newest and tails["cell"].tests == 3
    at = max(n for n, edge in enumerate(EDGES) if signal.p <= edge)
    assert tails["cell"].bins[at] >= 1


def _store(house: House, weeks: int, belief: Belief) -> None:
    """Tails of so many weeks, 400 series each, as ``belief`` makes them."""
    newest = newest_due(house.clock.now())
    p = _drawn(belief, weeks * 400).reshape(weeks, 400)
    with house.database.write() as session:
        for back in range(weeks):
            tests, bins = tail_bins(p[back])
            week = newest - timedelta(weeks=back)
            session.add(JudgedTail(week=week, kind="cell", tests=tests, bins=bins))


def test_until_three_years_are_stored_the_simulated_belief_stands(each_house: House) -> None:
    house, told = each_house, Belief(0.0025, 0.4)
    _store(house, LEAST_WEEKS - 1, told)
    with house.database.write() as session:
        assert fit_due(session, house.clock) is None
        assert belief_in_force(session) == (0, SIMULATED)
    with house.database.write() as session:
        tests, bins = tail_bins(_drawn(told, 400, seed=9))
        week = newest_due(house.clock.now()) - timedelta(weeks=LEAST_WEEKS - 1)
        session.add(JudgedTail(week=week, kind="cell", tests=tests, bins=bins))
    with house.database.write() as session:
        row = fit_due(session, house.clock)
        assert row is not None and (row.version, row.weeks, row.tests) == (1, LEAST_WEEKS, LEAST_WEEKS * 400)
        assert row.fitted_at == house.clock.now() and row.excess_low <= 0.4 <= row.excess_high
        assert belief_in_force(session)[0] == 1
        assert fit_due(session, house.clock) is None, "the newest is young"
    assert isinstance(house.clock, FixedClock)
    house.clock.advance(timedelta(weeks=13))
    with house.database.write() as session:
        again = fit_due(session, house.clock)
        assert again is not None and again.version == 2
    with house.database.read() as session:
        newest = newest_belief(session)
        assert newest is not None and newest.version == 2
        assert len(session.scalars(select(FittedBelief)).all()) == 2, "versions are kept"


def test_the_job_replays_the_weeks_that_were_stored_before_and_a_confirmed_rise_is_left_out(
    house: House,
) -> None:
    fill(house, weeks=LEAST_WEEKS + 40)
    with house.database.write() as session:
        judge_due(session, house.clock)
    assert believe_due(house.database, house.clock, most=3) == 3
    with house.database.read() as session:
        weeks = sorted(set(session.scalars(select(JudgedTail.week))))
        assert len(weeks) == 4 and weeks[-1] - weeks[0] == timedelta(weeks=3), (
            "the newest first, without a gap"
        )
        signal = session.scalars(select(SurgeSignal).where(SurgeSignal.kind == "cell")).one()
    run_now(house, job_named("signal-belief"))
    with house.database.read() as session:
        assert len(set(session.scalars(select(JudgedTail.week)))) == 12
        assert newest_belief(session) is None, "too few weeks yet"
    newest = newest_due(house.clock.now())
    _fill_up(house)
    take(house, staff(house), signal, "confirm")
    with house.database.write() as session:
        row = fit_due(session, house.clock)
        stored = session.scalars(select(JudgedTail)).all()
        assert row is not None and row.last_week == newest
        assert row.tests == sum(one.tests for one in stored) - 1, "the confirmed series and week"


def _fill_up(house: House) -> None:
    newest = newest_due(house.clock.now())
    p = _drawn(Belief(0.0025, 0.4), LEAST_WEEKS * 400).reshape(LEAST_WEEKS, 400)
    with house.database.write() as session:
        have = {(row.week, row.kind) for row in session.scalars(select(JudgedTail))}
        for back in range(LEAST_WEEKS):
            week = newest - timedelta(weeks=back)
            if (week, "plaintiff") not in have:
                tests, bins = tail_bins(p[back])
                session.add(JudgedTail(week=week, kind="plaintiff", tests=tests, bins=bins))


def test_before_three_years_nothing_is_replayed(house: House) -> None:
    fill(house, weeks=60)
    assert believe_due(house.database, house.clock) == 0
