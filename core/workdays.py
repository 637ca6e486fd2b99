"""Working days in China, with the days that are moved to make long holidays (调休).

The State Council announces a year's moved days late in the year before; until then the calendar holds that year's
statutory days alone, so a date far ahead is a plan and is counted again when it is shown.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays


@cache
def _calendar() -> holidays.HolidayBase:
    return holidays.country_holidays("CN")


def is_working_day(day: date) -> bool:
    """Whether offices in China work on ``day``."""
    return bool(_calendar().is_working_day(day))


def add_working_days(start: date, days: int) -> date:
    """The ``days``-th working day after ``start``; with 0 ``start`` itself, or the next working day when it is none."""
    day = start
    while days == 0 and not is_working_day(day):
        day += timedelta(days=1)
    for _ in range(days):
        day += timedelta(days=1)
        while not is_working_day(day):
            day += timedelta(days=1)
    return day


def working_days_between(start: date, end: date) -> int:
    """Working days after ``start`` up to and with ``end``; negative when ``end`` lies before ``start``."""
    if end < start:
        return -working_days_between(end, start)
    return sum(is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))


def add_working_hours(at: datetime, hours: int, opens: time, closes: time, zone: str) -> datetime:
    """:func:`add_office_time` of whole hours."""
    return add_office_time(at, timedelta(hours=hours), opens, closes, zone)


def add_office_time(at: datetime, left: timedelta, opens: time, closes: time, zone: str) -> datetime:
    """The instant (aware, UTC) ``left`` office time after ``at`` (aware); hours are those between ``opens`` and
    ``closes`` on working days in the IANA ``zone``. Raises ValueError unless ``opens`` lies before ``closes``."""
    if opens >= closes:
        raise ValueError("office hours must begin before they end")
    there = ZoneInfo(zone)
    now = at.astimezone(there)
    day = now.date()
    while True:
        begin, end = (datetime.combine(day, clock, there) for clock in (opens, closes))
        begin = max(begin, now)
        # Compared as instants: a zone may change its clocks during the day.
        open_for = end.astimezone(UTC) - begin.astimezone(UTC)
        if is_working_day(day) and open_for > timedelta(0):
            if left <= open_for:
                return begin.astimezone(UTC) + left
            left -= open_for
        day += timedelta(days=1)


def office_time_between(start: datetime, end: datetime, opens: time, closes: time, zone: str) -> timedelta:
    """Office time from ``start`` to ``end`` (aware): hours between ``opens`` and ``closes`` on working days in the IANA
    ``zone``; negative when ``end`` lies before ``start``."""
    if end < start:
        return -office_time_between(end, start, opens, closes, zone)
    there = ZoneInfo(zone)
    day, last, spent = start.astimezone(there).date(), end.astimezone(there).date(), timedelta(0)
    while day <= last:
        if is_working_day(day):
            begin = max(datetime.combine(day, opens, there).astimezone(UTC), start.astimezone(UTC))
            stop = min(datetime.combine(day, closes, there).astimezone(UTC), end.astimezone(UTC))
            spent += max(stop - begin, timedelta(0))
        day += timedelta(days=1)
    return spent


def close_of_working_day(at: datetime, days: int, closes: time, zone: str) -> datetime:
    """The instant (aware, UTC) offices close on the ``days``-th working day after ``at``'s day in the IANA ``zone``."""
    there = ZoneInfo(zone)
    day = add_working_days(at.astimezone(there).date(), days)
    return datetime.combine(day, closes, there).astimezone(UTC)
