"""Promises are judged from the steps alone: nights, weekends and the firm's own time count for nobody."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from core.errors import NotAllowed
from experts.promises import PROMISES, Kept, Taken, report, verdict
from house import House
from tests.experts.matter import Matter

ZONE = "Asia/Shanghai"


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


CAME = Taken("submit", "submitted", _at(6, 23))  # a Friday night


@pytest.mark.parametrize(
    ("urgency", "accepted", "kept"),
    [
        ("u1", _at(9, 12, 59), Kept.IN_TIME),
        ("u1", _at(9, 13, 1), Kept.LATE),
        ("u2", _at(9, 23), Kept.IN_TIME),
        ("u2", _at(10, 1), Kept.LATE),
        ("u3", _at(11, 18), Kept.IN_TIME),
    ],
)
def test_a_friday_night_begins_on_monday(urgency: str, accepted: datetime, kept: Kept) -> None:
    steps = [CAME, Taken("accept", "accepted", accepted)]
    assert verdict(PROMISES["review"], urgency, steps, [], _at(30, 9), ZONE) is kept


def test_what_is_waited_for_does_not_count() -> None:
    steps = [
        Taken("begin", "guiding", _at(2, 9)),
        Taken("ask_firm", "waiting", _at(3, 9)),
        Taken("answer_firm", "guiding", _at(24, 9)),
        Taken("issue", "opinion_issued", _at(30, 9)),
    ]
    assert verdict(PROMISES["opinion"], "u2", steps, [], _at(31, 9), ZONE) is Kept.IN_TIME
    steps[-1] = Taken("issue", "opinion_issued", _at(31, 9))
    assert verdict(PROMISES["opinion"], "u2", steps, [], _at(31, 9), ZONE) is Kept.LATE


def test_a_message_is_a_first_answer_and_none_is_overdue() -> None:
    first = PROMISES["first_answer"]
    assert verdict(first, "u1", [CAME], [_at(9, 10)], _at(20, 9), ZONE) is Kept.IN_TIME
    assert verdict(first, "u1", [CAME], [], _at(9, 12), ZONE) is Kept.RUNNING
    assert verdict(first, "u1", [CAME], [], _at(9, 14), ZONE) is Kept.OVERDUE


def test_one_withdrawn_in_time_owes_nothing() -> None:
    steps = [CAME, Taken("withdraw", "withdrawn", _at(9, 9))]
    assert verdict(PROMISES["review"], "u2", steps, [], _at(30, 9), ZONE) is None
    assert verdict(PROMISES["opinion"], "u2", steps, [], _at(30, 9), ZONE) is None


def test_the_report_counts_the_centres_own(house: House) -> None:
    matter = Matter(house).to("opinion_issued")
    days = {"since": date(2026, 1, 1), "until": date(2026, 12, 31)}
    with house.database.read() as session:
        lines, counts = report(session, house.clock, matter.actors["staff"], **days)
        assert [line.consultation.id for line in lines] == [matter.id]
        assert {name: found[Kept.IN_TIME] for name, found in counts.items()} == dict.fromkeys(PROMISES, 1)
        assert report(session, house.clock, matter.actors["other_staff"], **days)[0] == []
        with pytest.raises(NotAllowed):
            report(session, house.clock, matter.actors["firm"], **days)
