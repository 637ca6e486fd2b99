"""Clocks of reports, joint tasks, referrals and mediations over weekends, moved working days, holidays and pauses."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.workdays import is_working_day
from experts.agencies.moving import clock_after
from experts.clocks import Clock, started
from experts.onward.mediation_models import Mediation
from experts.onward.models import Escalation, Referral
from experts.onward.workflow import ESCALATIONS, MACHINES, MEDIATIONS, REFERRALS
from house import House
from tests.experts.onward.surroundings import Surroundings, at


def counted(begun: date, days: int) -> date:
    """The ``days``-th working day after ``begun``, day by day."""
    while days:
        begun += timedelta(days=1)
        days -= is_working_day(begun)
    return begun


@pytest.mark.parametrize(
    ("begun", "due"),
    [
        (date(2026, 3, 6), date(2026, 3, 9)),  # Friday: over a weekend
        (date(2026, 2, 13), date(2026, 2, 14)),  # Saturday 14 February is worked
        (date(2026, 2, 14), date(2026, 2, 24)),  # 15 to 23 February are free
        (date(2026, 9, 30), date(2026, 10, 8)),  # 1 to 7 October free
        (date(2026, 10, 9), date(2026, 10, 10)),  # Saturday 10 October worked
    ],
)
def test_a_report_is_prepared_in_a_day_that_is_worked(begun: date, due: date) -> None:
    assert started(begun, ESCALATIONS.clocks["prepared"]).due_on == due


@given(begun=st.dates(date(2025, 1, 1), date(2026, 11, 1)), noun=st.sampled_from(sorted(MACHINES)))
def test_every_clock_ends_on_a_day_that_is_worked_and_counts_whole(begun: date, noun: str) -> None:
    for state, days in MACHINES[noun].clocks.items():
        clock = started(begun, days)
        assert clock.due_on == counted(begun, days), state
        assert clock.due_on is not None and not clock.is_over(clock.due_on)
        assert clock.is_over(clock.due_on + timedelta(days=1))


@given(
    begun=st.dates(date(2025, 1, 1), date(2026, 9, 1)),
    pauses=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9)), max_size=3),
)
def test_asking_the_firm_as_often_as_need_be_leaves_the_centre_its_days(
    begun: date, pauses: list[tuple[int, int]]
) -> None:
    clock, today, used = started(begun, 3), begun, 0
    for busy, waits in pauses:
        if used + busy >= 3:
            break
        used += busy
        today = counted(today, busy)
        clock = clock_after(REFERRALS, clock, "prepared", "firm_asked", today)
        assert (clock.left, clock.due_on) == (3 - used, counted(today, 5))
        today = counted(today, waits)
        clock = clock_after(REFERRALS, clock, "firm_asked", "prepared", today)
        assert clock.due_on == counted(today, 3 - used)


def test_what_the_firm_agreed_to_starts_a_clock_of_its_own() -> None:
    asked = clock_after(REFERRALS, started(date(2026, 3, 2), 3), "prepared", "firm_asked", date(2026, 3, 3))
    agreed = clock_after(REFERRALS, asked, "firm_asked", "agreed", date(2026, 3, 6))
    assert agreed == Clock(due_on=date(2026, 3, 9))


def test_in_session_and_before_the_court_no_clock_of_the_centre_runs() -> None:
    for state in ("in_session", "confirming", "closed"):
        assert (
            clock_after(MEDIATIONS, started(date(2026, 3, 2), 5), "declared", state, date(2026, 3, 3))
            == Clock()
        )


@pytest.fixture
def around(house: House) -> Surroundings:
    return Surroundings(house)


def test_a_report_over_the_spring_festival(around: Surroundings) -> None:
    at(around.house, date(2026, 2, 13))
    report = around.report("secrecy_check")
    assert around.row(Escalation, report).due_on == date(2026, 2, 14), "a Saturday that is worked"
    at(around.house, date(2026, 2, 14))
    around.step_report(
        report, "pass_check", "checker", checked=["state", "personal", "business", "facts", "label"]
    )
    assert around.row(Escalation, report).due_on == date(2026, 2, 24)


def test_a_referral_stands_while_the_firm_thinks_about_it(around: Surroundings) -> None:
    at(around.house, date(2026, 9, 29))
    referral = around.referral("prepared", "insurance")
    assert around.row(Referral, referral).due_on == date(2026, 10, 9), "30 September, 8 and 9 October"
    around.write_referral(referral, {"cover": "无人机"})
    at(around.house, date(2026, 9, 30))
    around.step_referral(referral, "propose", "writer")
    row = around.row(Referral, referral)
    assert (row.days_left, row.due_on) == (2, date(2026, 10, 13))
    at(around.house, date(2026, 10, 12))
    around.step_referral(referral, "disagree", "firm", words="请改。")
    assert around.row(Referral, referral).due_on == date(2026, 10, 14)


def test_a_neutral_may_be_objected_to_for_five_days_that_are_worked(around: Surroundings) -> None:
    at(around.house, date(2026, 9, 28))
    mediation = around.mediation("declared")
    until = around.row(Mediation, mediation).neutrals[0].challenge_until
    assert until == date(2026, 10, 10), "29 and 30 September, 8 to 10 October, Saturday too"
