"""Working days in China: weekends, holidays, and the weekends that are worked instead."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.workdays import add_working_days, is_working_day, working_days_between

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
