"""Counting: days, working days, weeks, months and years from an event, and hours.

Months and years end on the day with the event's number, or on the last day of a month that has no such day (EPC Rule
131(4), UPC Rule 300, BGB 188(3)): 31 January and a month is 28 or 29 February; 29 February and a year is 28 February.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

from cases.deadlines.calendars import Works
from cases.deadlines.model import DAY, Length, Period, Roll


def add_months(day: date, months: int) -> date:
    """The same-numbered day ``months`` later; the last day of a month that has none."""
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def next_working(day: date, works: Works) -> date:
    """``day``, or the first working day after it."""
    while not works(day):
        day += DAY
    return day


def add(day: date, length: Length) -> date:
    """``length`` after ``day`` on the calendar."""
    if length.unit == "d":
        return day + timedelta(days=length.number)
    if length.unit == "w":
        return day + timedelta(weeks=length.number)
    return add_months(day, length.number * (12 if length.unit == "y" else 1))


def _begin(day: date, period: Period) -> date:
    if period.after == "next_month":
        return add_months(day.replace(day=1), 1)
    return add(day, period.after) if isinstance(period.after, Length) else day


def is_business(period: Period, roll: Roll) -> bool:
    """Whether only working days of the period count."""
    length = period.length
    return period.is_business or (length is not None and length.unit == "d" and length.number < roll.short)


def count(day: date, period: Period, roll: Roll, works: Works) -> tuple[date, bool]:
    """The last day of a period that an event of ``day`` starts, and whether it was rolled.

    The period has a length in days, weeks, months or years. The result is never before ``day``.
    """
    length = period.length
    assert length is not None and length.unit != "h"
    begin, first = _begin(day, period), period.first or roll.first
    if first == "first_business_day_after":
        # The first working day after the event is day one: 19 CFR 201.14(a).
        begin = next_working(begin + DAY, works) - DAY
    counts_trigger = first == "trigger_day_counts"
    if is_business(period, roll):
        last = begin - DAY if counts_trigger else begin
        for _ in range(length.number):
            last = next_working(last + DAY, works)
    else:
        last = add(begin, length)
        # A period "beginning with" a day ends the day before its counterpart; where there is none, the month's end is it.
        if counts_trigger and (length.unit in "dw" or last.day == begin.day):
            last -= DAY
    last = max(last, day)
    if not (roll.moves and period.moves):
        return last, False
    rolled = next_working(last, works)
    return rolled, rolled != last


def count_hours(at: datetime, hours: int, roll: Roll, works: Works) -> tuple[datetime, bool]:
    """The end of a period of hours that begins at ``at`` (aware, in the forum's zone), and whether it was rolled.

    ``run_on``: every hour counts, and an end on no working day moves to the same hour of the next one (FRCP 6(a)(2)).
    ``skip``: hours of days that are none do not count (ZPO 222(3)).
    """
    zone = at.tzinfo
    if roll.hours == "run_on":
        end = (at.astimezone(UTC) + timedelta(hours=hours)).astimezone(zone)
        day = next_working(end.date(), works) if roll.moves else end.date()
        return (end, False) if day == end.date() else (datetime.combine(day, end.timetz()), True)
    now, left = at.astimezone(UTC), timedelta(hours=hours)
    while True:
        here = now.astimezone(zone)
        midnight = datetime.combine(here.date() + DAY, datetime.min.time(), tzinfo=zone).astimezone(UTC)
        if works(here.date()):
            if now + left <= midnight:
                return (now + left).astimezone(zone), False
            left -= midnight - now
        now = midnight
