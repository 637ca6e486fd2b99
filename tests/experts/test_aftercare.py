"""What stands beside the straight way: what is missing, duplicates, ending early, reopening, following up, the outcome;
and the clock over nights, weekends, moved working days and pauses."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput, NotAllowed, NotFound, TransitionRefused
from core.workdays import add_office_time, office_time_between
from experts import aftercare, casework, consultations, messages
from experts.consultation_clock import set_clock
from experts.consultation_models import Consultation
from experts.consultation_workflow import CLOSES, OPENS, TERMINATIONS
from house import House
from tests.experts.matter import AGREED, ANSWERS, Matter

ZONE = "Asia/Shanghai"


@pytest.fixture
def matter(each_house: House) -> Matter:
    return Matter(each_house)


def _local(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    """An instant of 2026 in China."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def _came(urgency: str, at: datetime) -> Consultation:
    row = Consultation(state="submitted", urgency=urgency)
    set_clock(row, "draft", at, ZONE)
    return row


def _goes(row: Consultation, state: str, at: datetime) -> None:
    before, row.state = row.state, state
    set_clock(row, before, at, ZONE)


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        (_local(3, 10), _local(3, 14)),
        (_local(3, 23, 40), _local(4, 13)),  # at night: from the morning on
        (_local(3, 16), _local(4, 11, 30)),  # what the day has no room for
        (_local(7, 12), _local(9, 13)),  # a Saturday
        (_local(14, 3, month=2), _local(14, 13, month=2)),  # a Saturday that is worked (调休)
        (_local(17, 10, month=2), _local(24, 13, month=2)),  # Spring Festival
    ],
)
def test_the_most_urgent_has_four_office_hours(asked: datetime, due: datetime) -> None:
    row = _came("u1", asked)
    assert row.due_at == due
    assert row.due_on == (due + timedelta(hours=8)).date()


@pytest.mark.parametrize(
    ("urgency", "asked", "due"),
    [
        ("u2", _local(6, 23), date(2026, 3, 9)),
        ("u3", _local(6, 9), date(2026, 3, 11)),
        ("u3", _local(12, 9, month=2), date(2026, 2, 24)),
        ("u4", _local(30, 9, month=4), date(2026, 5, 11)),
    ],
)
def test_the_others_have_working_days(urgency: str, asked: datetime, due: date) -> None:
    row = _came(urgency, asked)
    assert (row.due_on, row.due_at) == (due, None)


def test_the_centres_clock_stands_while_the_firm_is_waited_for() -> None:
    row = _came("u3", _local(2, 9))
    assert row.due_on == date(2026, 3, 5)
    _goes(row, "reviewing", _local(3, 9))
    assert row.due_on == date(2026, 3, 5), "taking it up gives no more time"
    _goes(row, "supplement", _local(3, 10))
    assert (row.due_on, row.days_left) == (date(2026, 3, 17), 2)
    _goes(row, "reviewing", _local(13, 10))
    assert (row.due_on, row.days_left) == (date(2026, 3, 17), None)


def test_office_hours_left_are_kept_to_the_minute() -> None:
    row = _came("u1", _local(3, 10))
    _goes(row, "supplement", _local(3, 11, 25))
    assert (row.minutes_left, row.due_at, row.due_on) == (155, None, date(2026, 3, 4))
    _goes(row, "reviewing", _local(5, 16))
    assert row.due_at == _local(6, 10, 5)


def test_waiting_mends_no_lateness() -> None:
    row = _came("u3", _local(2, 9))
    _goes(row, "supplement", _local(10, 9))
    assert row.days_left == -3
    _goes(row, "reviewing", _local(16, 9))
    assert row.due_on == date(2026, 3, 11)
    late = _came("u1", _local(3, 10))
    _goes(late, "supplement", _local(3, 16))
    _goes(late, "reviewing", _local(4, 10))
    assert late.due_at is not None and late.due_at < _local(4, 10)


def test_a_pause_that_is_not_gone_back_from_leaves_nothing_behind() -> None:
    row = Consultation(state="guiding", urgency="u2")
    _goes(row, "waiting", _local(3, 10))
    row.days_left = 4
    _goes(row, "accepted", _local(4, 10))
    assert (row.days_left, row.minutes_left, row.due_on) == (None, None, date(2026, 3, 5))


@given(
    start=st.integers(0, 480_000).map(lambda m: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=m)),
    minutes=st.integers(1, 3_000),
)
def test_office_time_added_is_office_time_between(start: datetime, minutes: int) -> None:
    end = add_office_time(start, timedelta(minutes=minutes), OPENS, CLOSES, ZONE)
    assert office_time_between(start, end, OPENS, CLOSES, ZONE) == timedelta(minutes=minutes)
    assert office_time_between(end, start, OPENS, CLOSES, ZONE) == -timedelta(minutes=minutes)


def test_what_is_missing_is_asked_for_and_supplied(matter: Matter) -> None:
    matter.to("submitted")
    matter.on(aftercare.begin_review, "staff")
    with pytest.raises(BadInput):
        matter.on(aftercare.ask_supplement, "staff", note=" ")
    matter.on(aftercare.ask_supplement, "staff", note="请补充起诉状")
    for who in ("staff", "firm_b", "expert"):
        with pytest.raises((NotAllowed, NotFound)):
            matter.on(aftercare.supply, who)
    matter.do(messages.post_message, "firm", matter.id, "起诉状见附件")
    matter.on(aftercare.supply, "firm", note="已上传")
    assert matter.now.state == "reviewing"
    matter.on(casework.accept, "staff", urgency="u2")
    assert matter.now.state == "accepted"


def test_an_expert_waits_for_the_firm_and_goes_on(matter: Matter) -> None:
    matter.to("guiding")
    due = matter.now.due_on
    matter.on(aftercare.ask_firm, "expert", note="请提供产品说明书")
    assert matter.now.state == "waiting" and matter.now.days_left is not None
    with pytest.raises(TransitionRefused):
        matter.write()
    matter.on(aftercare.answer_firm, "firm")
    assert (matter.now.state, matter.now.due_on, matter.now.days_left) == ("guiding", due, None)
    matter.to("opinion_draft")


def test_a_refused_consultation_is_mended_and_sent_again(matter: Matter) -> None:
    matter.to("submitted")
    matter.on(casework.reject, "staff", reason="untrue")
    for who in ("firm_b", "staff", "expert"):
        with pytest.raises((NotAllowed, NotFound)):
            matter.do(aftercare.resubmit, who, matter.id)
    refused = matter.id
    again = matter.do(aftercare.resubmit, "firm", refused)
    assert matter.do(aftercare.resubmit, "firm", refused).id == again.id, "asked twice is one draft"
    assert {name: getattr(again, name) for name in ANSWERS} == ANSWERS
    assert (again.resubmits, again.consent_notice, again.state) == (refused, False, "draft")
    matter.id = again.id
    matter.on(consultations.submit, "firm", **AGREED)
    matter.on(casework.accept, "staff", urgency="u2")
    assert matter.now.number == "咨询-2026-00002"


def test_a_duplicate_is_merged_into_the_one_that_runs(matter: Matter) -> None:
    first = matter.to("accepted").id
    matter.id = matter.do(consultations.begin_draft, "firm", ANSWERS).id
    matter.on(consultations.submit, "firm", **AGREED)
    with pytest.raises(BadInput):
        matter.on(aftercare.merge, "staff", into=None)
    with pytest.raises(BadInput):
        matter.on(aftercare.merge, "staff", into=matter.id)
    matter.on(aftercare.merge, "staff", into=first)
    assert (matter.now.state, matter.now.merged_into, matter.now.due_on) == ("merged", first, None)
    assert matter.now.story == ANSWERS["story"], "what was told stays"


def test_another_matter_is_no_duplicate(matter: Matter) -> None:
    first = matter.to("accepted").id
    other = {**ANSWERS, "docket_number": "1:26-cv-9", "opponents": ["Somebody Else Ltd."]}
    matter.id = matter.do(consultations.begin_draft, "firm", other).id
    matter.on(consultations.submit, "firm", **AGREED)
    with pytest.raises(BadInput):
        matter.on(aftercare.merge, "staff", into=first)


def test_advice_is_ended_for_a_coded_reason_and_opened_again(matter: Matter) -> None:
    matter.to("guiding")
    with pytest.raises(BadInput):
        matter.on(aftercare.terminate, "staff", reason="because")
    matter.on(aftercare.terminate, "staff", reason="settled", note="双方和解")
    assert (matter.now.state, matter.now.termination, matter.now.expert_id) == ("terminated", "settled", None)
    with pytest.raises(NotFound), matter.house.database.read() as session:
        consultations.get_consultation(session, matter.actors["expert"], matter.id)
    with pytest.raises(NotAllowed):
        matter.on(aftercare.reopen, "firm", note="x")
    matter.on(aftercare.reopen, "staff", note="对方反悔")
    assert (matter.now.state, matter.now.termination) == ("accepted", None)
    assert all(sentence for sentence in TERMINATIONS.values())


def test_followed_up_closed_and_archived_with_its_outcome(matter: Matter) -> None:
    matter.to("opinion_issued")
    matter.on(aftercare.follow, "staff")
    with matter.house.database.read() as session:
        planned = [f.due_on for f in session.get_one(Consultation, matter.id).follow_ups]
        numbers = [f.id for f in session.get_one(Consultation, matter.id).follow_ups]
        today = consultations.today_of(session, matter.house.clock, matter.now.centre_id)
    assert planned == [today + timedelta(days=30), today + timedelta(days=90)]
    with pytest.raises(NotAllowed):
        matter.do(aftercare.record_follow_up, "firm", matter.id, numbers[0], note="好")
    matter.do(aftercare.record_follow_up, "staff", matter.id, numbers[0], note="已应诉")
    with pytest.raises(TransitionRefused):
        matter.do(aftercare.record_follow_up, "staff", matter.id, numbers[0], note="再问")
    matter.on(casework.close, "firm", satisfaction=4)
    with pytest.raises(BadInput):
        matter.on(aftercare.archive, "staff")
    for short in ({"saving_method": ""}, {"saving_confirmer": " "}, {"cost_saved": -1}, {"outcome": "fine"}):
        told = {
            "outcome": "settled",
            "cost_saved": 10,
            "saving_method": "对比报价",
            "saving_confirmer": "张三",
        }
        with pytest.raises(BadInput):
            matter.on(aftercare.record_outcome, "staff", **{**told, **short})
    matter.on(aftercare.record_outcome, "staff", **told)
    matter.on(aftercare.archive, "staff")
    assert (matter.now.state, matter.now.outcome, matter.now.cost_saved) == ("archived", "settled", 10)
