"""Clocks of applications, complaints and reviews over weekends, moved working days, holidays and pauses."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput, TransitionRefused
from core.workdays import is_working_day
from experts.agencies import applying, checking, complaints, publicity, reviews
from experts.agencies.clocks import Clock, started
from experts.agencies.moving import clock_after
from experts.agencies.standing import months_after, years_after
from experts.agencies.workflow import COMPLAINTS
from house import House
from tests.experts.agencies.affair import REPORT, Affair, People, at


def counted(begun: date, days: int) -> date:
    """The ``days``-th working day after ``begun``, day by day."""
    while days:
        begun += timedelta(days=1)
        days -= is_working_day(begun)
    return begun


@pytest.mark.parametrize(
    ("begun", "due"),
    [
        (date(2026, 3, 5), date(2026, 3, 9)),  # Thursday: over a weekend
        (date(2026, 2, 13), date(2026, 2, 24)),  # Saturday 14 is worked, 15 to 23 February are free
        (date(2026, 2, 26), date(2026, 2, 28)),  # a Saturday worked after the Spring Festival
        (date(2026, 9, 30), date(2026, 10, 9)),  # 1 to 7 October free
        (date(2026, 10, 8), date(2026, 10, 10)),  # Saturday 10 October worked
    ],
)
def test_a_complaint_is_accepted_in_two_days_that_are_worked(begun: date, due: date) -> None:
    assert started(begun, COMPLAINTS.clocks["received"]).due_on == due


@given(
    begun=st.dates(date(2025, 1, 1), date(2026, 9, 1)),
    pauses=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 12)), max_size=4),
)
def test_hearing_an_agency_as_often_as_need_be_leaves_the_centre_its_twenty_days(
    begun: date, pauses: list[tuple[int, int]]
) -> None:
    clock = clock_after(COMPLAINTS, Clock(), "received", "reply_due", begun)
    assert (clock.due_on, clock.left) == (counted(begun, 10), 20)
    clock = clock_after(COMPLAINTS, clock, "reply_due", "heard", begun)
    today, used = begun, 0
    for busy, waits in pauses:
        stop = counted(today, busy)
        if used + busy >= 20:
            break
        used += busy
        clock = clock_after(COMPLAINTS, clock, "heard", "reply_due", stop)
        assert clock.left == 20 - used
        today = counted(stop, waits)
        clock = clock_after(COMPLAINTS, clock, "reply_due", "heard", today)
    assert clock.due_on == counted(today, 20 - used)


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [
        (date(2026, 3, 10), 12, date(2027, 3, 9)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 12, 1), 3, date(2027, 2, 28)),
        (date(2026, 1, 1), 12, date(2026, 12, 31)),
    ],
)
def test_a_term_ends_the_day_before_its_day_comes_round(day: date, months: int, last: date) -> None:
    assert months_after(day, months) == last
    assert years_after(date(2026, 3, 10), 3) == date(2029, 3, 9)


@pytest.fixture
def people(house: House) -> People:
    at(house, date(2026, 2, 11))
    return People.of(house)


def test_the_check_stands_while_the_applicant_is_waited_for(people: People) -> None:
    affair = Affair(people).to("form_check")
    assert affair.now.due_on == date(2026, 3, 3), "ten working days over the Spring Festival"
    at(people.house, date(2026, 2, 14))  # a worked Saturday: three of the ten are used
    affair.act(checking.take, "staff", "ask_supplement", note="请补充执业许可。")
    assert (affair.now.days_left, affair.now.due_on) == (7, date(2026, 3, 6))
    at(people.house, date(2026, 3, 2))
    affair.act(applying.supplement, "agency", words="已补充。")
    assert (affair.now.days_left, affair.now.due_on) == (None, date(2026, 3, 11))


def test_a_supplement_after_its_day_is_too_late_and_lapses(people: People) -> None:
    affair = Affair(people).to("supplement")
    due = affair.now.due_on
    assert due is not None
    assert people.pass_to(due) == 0, "the last day is the applicant's"
    at(people.house, due + timedelta(days=1))
    with pytest.raises(BadInput, match="last day"):
        affair.act(applying.supplement, "agency", words="来了。")
    assert people.do_duties() == 1
    assert affair.now.state == "lapsed"


def test_publicity_is_five_working_days_without_those_of_an_objection(people: People) -> None:
    at(people.house, date(2026, 9, 29))
    affair = Affair(people).to("publicity")
    assert affair.now.due_on == date(2026, 10, 12), "30 September, 8 to 10 and 12 October"
    at(people.house, date(2026, 10, 9))
    objection = affair.object()
    assert (affair.now.days_left, affair.now.due_on) == (2, date(2026, 10, 22))
    assert people.pass_to(date(2026, 10, 15)) == 0, "nothing passes while an objection is open"
    affair.act(publicity.decide_objection, "staff", objection.id, is_upheld=False, decision="查无实据")
    assert affair.now.due_on == date(2026, 10, 19)
    assert people.pass_to(date(2026, 10, 19)) == 0, "the last day counts whole"
    assert people.pass_to(date(2026, 10, 20)) == 1
    assert affair.now.state == "approved"


def test_after_the_last_day_nobody_objects(people: People) -> None:
    affair = Affair(people).to("publicity")
    due = affair.now.due_on
    assert due is not None
    at(people.house, due + timedelta(days=1))
    with pytest.raises(TransitionRefused):
        affair.object()


def test_a_complaint_over_the_national_day(people: People) -> None:
    affair = Affair(people).to("listed")
    at(people.house, date(2026, 9, 28))
    made = affair.complain()
    assert affair.complaint(made).due_on == date(2026, 9, 30), "two working days to accept it"
    affair.on_complaint(made, complaints.take, "staff", "accept")
    assert affair.complaint(made).due_on == date(2026, 10, 16), (
        "29 and 30 September, 8 to 10, 12 to 16 October"
    )
    assert affair.complaint(made).days_left == 20
    at(people.house, date(2026, 10, 9))
    affair.on_complaint(made, complaints.reply, "agency", text="收费符合约定。")
    assert affair.complaint(made).due_on == counted(date(2026, 10, 9), 20)


def test_silence_does_not_stop_a_complaint(people: People) -> None:
    affair = Affair(people).to("listed")
    made = affair.complaint_in("reply_due")
    due = affair.complaint(made).due_on
    assert due is not None
    assert people.pass_to(due) == 0
    at(people.house, due + timedelta(days=1))
    with pytest.raises(BadInput, match="last day to reply"):
        affair.on_complaint(made, complaints.reply, "agency", text="现在答复。")
    assert people.do_duties() == 1
    now = affair.complaint(made)
    assert (now.state, now.days_left, now.due_on) == ("heard", None, counted(due + timedelta(days=1), 20))


def test_a_review_stands_while_the_report_is_mended(people: People) -> None:
    affair = Affair(people).to("listed")
    review = affair.review_in("reported")
    begun = people.today
    assert review.due_on == counted(begun, 20)
    stop = counted(begun, 8)
    at(people.house, stop)
    affair.on_review(reviews.take, "staff", "return", words="请补充保险。")
    assert (affair.review().days_left, affair.review().due_on) == (12, counted(stop, 20))
    later = counted(stop, 4)
    at(people.house, later)
    affair.on_review(reviews.report, "agency", REPORT)
    assert affair.review().due_on == counted(later, 12)


def test_a_review_is_asked_for_sixty_days_ahead_and_once(people: People) -> None:
    affair = Affair(people).to("listed")
    ends = affair.listing.review_on
    assert ends is not None
    assert people.pass_to(ends - timedelta(days=61)) == 0
    assert people.pass_to(ends - timedelta(days=60)) == 1
    assert people.do_duties() == 0


def test_what_nobody_touched_or_what_failed_is_forgotten_in_time(people: People) -> None:
    draft, failed, listed = Affair(people), Affair(people, registration="2"), Affair(people, registration="3")
    failed.to("submitted").act(applying.withdraw, "agency")
    listed.to("listed")
    start = people.today

    def there(one: Affair) -> bool:
        from experts.agencies.models import AgencyApplication

        with people.house.database.read() as session:
            return session.get(AgencyApplication, one.id) is not None

    people.pass_to(start + timedelta(days=100))
    assert (there(draft), there(failed), there(listed)) == (False, True, True)
    people.pass_to(start + timedelta(days=740))
    assert (there(failed), there(listed)) == (False, True)
