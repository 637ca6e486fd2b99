"""What the case page shows of a case's clocks: those that run, those of the forum, and what follows from a date one knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from cases.deadlines.docket import CaseClocks, clocks_of_case
from cases.deadlines.engine import deadlines_at
from cases.deadlines.model import ClockEvent, Deadline
from cases.deadlines.reading import load_clocks
from cases.models import Case
from core.clock import local_date
from core.errors import BadInput
from core.workdays import working_days_between

#: the zone of the firms that read the page
_READERS = "Asia/Shanghai"


@dataclass(frozen=True)
class Asked:
    """A reader's own date: the event and the day as given, what follows from them, and what was wrong with them."""

    event: str = ""
    on: str = ""
    deadlines: tuple[Deadline, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class ClockPart:
    """The part of the page. ``events`` are what may start a clock of the forum, by id."""

    clocks: CaseClocks
    events: Mapping[str, ClockEvent]
    asked: Asked
    today: date

    def days_left(self, day: date) -> int:
        """Days from the forum's today to ``day``; negative when it has passed."""
        return (day - self.clocks.today).days

    def working_days_left(self, day: date) -> int:
        """Working days in China, moved days counted, after the readers' today up to and with ``day``."""
        return max(0, working_days_between(self.today, day))


def clock_part(case: Case, now: datetime, values: Mapping[str, str]) -> ClockPart:
    """The clocks of ``case`` at ``now`` and, with ``event`` and ``on`` in ``values``, those of a date the reader gave."""
    known = load_clocks()
    return ClockPart(
        clocks_of_case(case.venue, case.events, now),
        {event.id: event for event in known.events_at(case.venue)},
        _asked(case.venue, values.get("event") or "", values.get("on") or ""),
        local_date(now, _READERS),
    )


def _asked(venue: str, event: str, on: str) -> Asked:
    if not event and not on:
        return Asked()
    try:
        return Asked(event, on, tuple(deadlines_at(venue, event, on)))
    except BadInput as error:
        return Asked(event, on, problem=error.fix)
