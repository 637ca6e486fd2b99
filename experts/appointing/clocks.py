"""Clocks in working days that stop while somebody else is waited for. Pure: dates in, dates out.

A clock ends on a day, and that day still counts. Stopped, it keeps how many working days were left; going on, it has as
many from the day after. One that had run out when it was stopped stays run out: waiting mends no lateness.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from core.workdays import add_working_days, is_working_day, working_days_between


@dataclass(frozen=True)
class Clock:
    """A clock that runs (``due_on``) or stands (``left``, working days); with neither, nobody is waited for."""

    due_on: date | None = None
    left: int | None = None

    @property
    def runs(self) -> bool:
        """Whether time is passing."""
        return self.due_on is not None

    def stopped(self, today: date) -> Clock:
        """This clock, stopped on ``today``; today is not used up."""
        if self.due_on is None:
            return self
        return Clock(left=working_days_between(today, self.due_on))

    def going_on(self, today: date) -> Clock:
        """This clock, running again from ``today``; days before today when it had run out before it was stopped."""
        if self.left is None:
            return self
        if self.left < 0:
            day, late = today, -self.left
            while late:
                day = _working_day_before(day)
                late -= 1
            return Clock(due_on=day)
        return Clock(due_on=add_working_days(today, self.left))

    def is_over(self, today: date) -> bool:
        """Whether its last day has passed."""
        return self.due_on is not None and today > self.due_on


def started(today: date, days: int) -> Clock:
    """A clock of ``days`` working days that begins on ``today``, which does not count."""
    return Clock(due_on=add_working_days(today, days))


def _working_day_before(day: date) -> date:
    day -= timedelta(days=1)
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day
