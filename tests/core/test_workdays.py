"""Working days in China: weekends, holidays, and the weekends that are worked instead."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.workdays import (
    add_working_days,
    add_working_hours,
    close_of_working_day,
    is_working_day,
    working_days_between,
)

DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        (date(2026, 3, 2), 3, date(2026, 3, 5)),
        (date(2026, 3, 6), 1, date(2026, 3, 9)),
        # National Day 2026 is 1 to 7 October; Saturday the 10th is worked (State Council notice for 2026)
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 10, 9), 1, date(2026, 10, 10)),
        # Spring Festival 2026 is 15 to 23 February; Saturday the 14th is worked (the same notice)
        (date(2026, 2, 13), 2, date(2026, 2, 24)),
        (date(2026, 3, 7), 0, date(2026, 3, 9)),
        (date(2026, 3, 9), 0, date(2026, 3, 9)),
    ],
)
def test_the_day_that_is_counted_to(start: date, days: int, due: date) -> None:
    assert add_working_days(start, days) == due


@given(start=DAYS, days=st.integers(1, 20))
def test_counting_there_and_back_agrees(start: date, days: int) -> None:
    due = add_working_days(start, days)
    assert is_working_day(due)
    assert working_days_between(start, due) == days
    assert working_days_between(due, start) == -days


OFFICE = (time(9), time(17, 30), "Asia/Shanghai")


@pytest.mark.parametrize(
    ("at", "hours", "due"),
    [
        # Times are UTC: 01:00 is 09:00 there.
        ("2026-03-02T01:00", 4, "2026-03-02T05:00"),
        ("2026-03-01T20:00", 4, "2026-03-02T05:00"),
        ("2026-03-02T08:00", 4, "2026-03-03T03:30"),
        ("2026-03-06T12:00", 4, "2026-03-09T05:00"),
        # The Sunday before Spring Festival 2026 (14 February is a Saturday made a working day).
        ("2026-02-13T09:30", 4, "2026-02-14T05:00"),
        ("2026-02-14T08:30", 4, "2026-02-24T04:00"),
    ],
)
def test_office_hours_are_those_of_chinas_working_days(at: str, hours: int, due: str) -> None:
    told = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert add_working_hours(told, hours, *OFFICE) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_a_promise_of_days_ends_when_offices_close() -> None:
    friday = datetime(2026, 3, 6, 20, 0, tzinfo=UTC)  # Saturday there
    assert close_of_working_day(friday, 0, time(17, 30), "Asia/Shanghai") == datetime(
        2026, 3, 9, 9, 30, tzinfo=UTC
    )
    assert close_of_working_day(friday, 1, time(17, 30), "Asia/Shanghai") == datetime(
        2026, 3, 9, 9, 30, tzinfo=UTC
    )


def test_office_hours_that_end_before_they_begin_are_refused() -> None:
    with pytest.raises(ValueError, match="begin before"):
        add_working_hours(datetime(2026, 3, 2, tzinfo=UTC), 1, time(17), time(9), "Asia/Shanghai")
