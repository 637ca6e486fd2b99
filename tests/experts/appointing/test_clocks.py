"""Clocks over weekends, moved working days, holidays and pauses."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput, TransitionRefused
from core.workdays import working_days_between
from experts.appointing import applying, publicity, reviewing
from experts.appointing.clocks import Clock, started
from house import House
from tests.experts.appointing.affair import Affair, People, at

DAYS = st.dates(date(2025, 1, 1), date(2026, 12, 1))


@pytest.mark.parametrize(
    ("begun", "days", "due"),
    [
        (date(2026, 3, 2), 5, date(2026, 3, 9)),  # over one weekend
        (date(2026, 3, 6), 1, date(2026, 3, 9)),  # Friday: Monday
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # a Saturday worked before the Spring Festival
        (date(2026, 2, 14), 1, date(2026, 2, 24)),  # the Spring Festival, 15 to 23 February
        (date(2026, 2, 26), 2, date(2026, 2, 28)),  # a Saturday worked after it
        (date(2026, 2, 12), 5, date(2026, 2, 26)),
        (date(2026, 9, 30), 5, date(2026, 10, 13)),  # 1 to 7 October free, Saturday 10 worked
    ],
)
def test_days_that_are_worked_count_and_no_others(begun: date, days: int, due: date) -> None:
    assert started(begun, days).due_on == due


@given(begun=DAYS, days=st.integers(1, 30), waited=st.integers(0, 60), used=st.integers(0, 40))
def test_a_pause_costs_nothing_and_gives_nothing(begun: date, days: int, waited: int, used: int) -> None:
    clock = started(begun, days)
    assert clock.due_on is not None
    stop = min(begun + timedelta(days=used), clock.due_on)
    again = stop + timedelta(days=waited)
    standing = clock.stopped(stop)
    assert not standing.runs
    resumed = standing.going_on(again)
    assert resumed.due_on is not None
    used_up = working_days_between(begun, stop)
    if standing.left:
        assert used_up + working_days_between(again, resumed.due_on) == days
    assert resumed.due_on >= again


@given(begun=DAYS, days=st.integers(1, 20), late=st.integers(1, 20))
def test_what_was_late_before_a_pause_is_late_after_it(begun: date, days: int, late: int) -> None:
    clock = started(begun, days)
    assert clock.due_on is not None
    stop = clock.due_on + timedelta(days=late)
    left = clock.stopped(stop).left
    resumed = clock.stopped(stop).going_on(stop + timedelta(days=9))
    if left is not None and left < 0:
        assert resumed.is_over(stop + timedelta(days=9))


def test_nothing_that_does_not_run_is_over() -> None:
    assert not Clock().is_over(date(2030, 1, 1))
    assert Clock().stopped(date(2026, 1, 5)) == Clock()
    assert Clock().going_on(date(2026, 1, 5)) == Clock()


@pytest.fixture
def people(house: House) -> People:
    at(house, date(2026, 2, 11))
    return People.of(house)


def test_the_check_stands_while_the_applicant_is_waited_for(people: People) -> None:
    affair = Affair(people).to("qualification_check")
    assert affair.now.due_on == date(2026, 3, 3), "ten working days over the Spring Festival"
    at(affair.house, date(2026, 2, 14))  # a worked Saturday: three of the ten are used
    affair.act(reviewing.ask_supplement, "staff", note="请补充执业证。")
    assert (affair.now.days_left, affair.now.due_on) == (7, date(2026, 3, 6))
    at(affair.house, date(2026, 3, 2))
    affair.act(applying.supplement, "applicant", words="已补充。")
    assert (affair.now.state, affair.now.days_left) == ("qualification_check", None)
    assert affair.now.due_on == date(2026, 3, 11)


def test_a_supplement_after_its_day_is_too_late_and_lapses(people: People) -> None:
    affair = Affair(people).to("supplement")
    due = affair.now.due_on
    assert due is not None
    assert affair.pass_time(due) == 0, "the last day is the applicant's"
    at(affair.house, due + timedelta(days=1))
    with pytest.raises(BadInput, match="last day"):
        affair.act(applying.supplement, "applicant", words="来了。")
    assert affair.pass_time() == 1
    assert affair.now.state == "lapsed"


def test_publicity_is_five_working_days_without_those_of_an_objection(people: People) -> None:
    at(people.house, date(2026, 9, 29))
    affair = Affair(people).to("publicity")
    assert affair.now.due_on == date(2026, 10, 12), "30 September, 8 to 10 and 12 October"
    at(affair.house, date(2026, 10, 9))
    affair.object()
    assert (affair.now.days_left, affair.now.due_on) == (2, date(2026, 10, 22))
    at(affair.house, date(2026, 10, 15))
    assert affair.pass_time(date(2026, 10, 15)) == 0, "nothing passes while an objection is open"
    affair.act(
        publicity.decide_objection, "staff", affair.now.objections[0].id, upheld=False, decision="查无实据"
    )
    assert affair.now.due_on == date(2026, 10, 19)
    assert affair.pass_time(date(2026, 10, 19)) == 0, "the last day counts whole"
    assert affair.pass_time(date(2026, 10, 20)) == 1
    assert (affair.now.state, affair.now.publicity_ended_on) == ("approved", date(2026, 10, 19))


def test_after_the_last_day_nobody_objects(people: People) -> None:
    affair = Affair(people).to("publicity")
    due = affair.now.due_on
    assert due is not None
    at(affair.house, due + timedelta(days=1))
    with pytest.raises(TransitionRefused):
        affair.object()
