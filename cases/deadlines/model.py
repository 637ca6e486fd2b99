"""The values of the clocks: rolls, periods, clocks, events, and what is computed of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

#: said beside every date: for reference; the local lawyer's opinion and the official document decide
DISCLAIMER = "仅供参考,以当地律师意见和官方文件为准"
#: clocks whose length, unit and trigger were read in a source
TRUSTED = frozenset({"verified", "corrected"})


@dataclass(frozen=True)
class Roll:
    """How a period is counted and where its last day may fall.

    Attributes:
        first: which day counts first: next_day, first_business_day_after, trigger_day_counts.
        calendar: whose working days (:func:`cases.deadlines.calendars.calendar_of`).
        moves: whether a last day that is no working day moves on to the next one; never, unless the rule was read.
        short: periods of days shorter than this count working days only.
        hours: run_on (every hour counts, and the end rolls: FRCP 6(a)(2)) or skip (only those of working days count:
            ZPO 222(3)).
        words: the rule of the last day, as the data says it.
    """

    id: str
    first: str = "next_day"
    calendar: str = "none"
    moves: bool = False
    short: int = 0
    hours: str = "run_on"
    words: str = ""
    status: str = "unverified"


@dataclass(frozen=True)
class Length:
    """A number of hours (h), days (d), weeks (w), months (m) or years (y)."""

    number: int
    unit: str


@dataclass(frozen=True)
class Period:
    """One period: a clock's own, or an alternative to it.

    Attributes:
        id: the alternative's id; "" for the clock's own.
        event, trigger: what starts it, as an id and in Chinese words.
        length: None where the court or the office sets it.
        is_business: whether only working days count.
        first: which day counts first; None: as the roll says.
        after: what passes between the event and the beginning: a length, or "next_month" (the 1st of the next month).
        moves: False where the last day is not to roll although the rule would.
        since, until: it is the law for events of these days (both included).
        is_later: with the clock's own period, the later of the two ends counts.
    """

    id: str
    event: str
    trigger: str
    length: Length | None
    is_business: bool = False
    first: str | None = None
    after: Length | str | None = None
    moves: bool = True
    since: date | None = None
    until: date | None = None
    is_later: bool = False
    note: str = ""

    def is_law_on(self, day: date) -> bool:
        """Whether the period is the law for an event of ``day``."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Clock:
    """A statutory clock at some forums. ``venues`` has groups resolved; ``version`` is that of its file."""

    id: str
    zh: str
    en: str
    venues: frozenset[str]
    own: Period
    alternatives: tuple[Period, ...]
    roll: Roll
    actor: str
    basis: str
    status: str
    version: str
    #: how far it may be extended: by ``more`` beyond its own length, or to ``most`` in all
    more: Length | None = None
    most: Length | None = None
    extension_note: str = ""
    keeps_time: bool = False
    #: its rule is shown and never a date, although it was read: the date is printed elsewhere, or would mislead
    is_rule_only: bool = False
    service_abroad: str = ""
    note: str = ""

    @property
    def is_computed(self) -> bool:
        """Whether a date may ever be shown."""
        return self.status in TRUSTED and not self.is_rule_only

    @property
    def events(self) -> frozenset[str]:
        """Every event that starts one of its periods."""
        return frozenset({self.own.event, *(period.event for period in self.alternatives)})


@dataclass(frozen=True)
class Sign:
    """How an entry of a docket shows an event; see ``deadline_events.yml``."""

    venues: frozenset[str]
    kind: re.Pattern[str] | None
    text: re.Pattern[str] | None
    #: None: the entry's own date
    dated: re.Pattern[str] | None
    due: re.Pattern[str] | None
    clocks: frozenset[str] | None


@dataclass(frozen=True)
class ClockEvent:
    """What starts a clock."""

    id: str
    zh: str
    en: str
    note: str = ""
    signs: tuple[Sign, ...] = ()


@dataclass(frozen=True)
class Start:
    """When an event happened: its date at the forum, and the instant (aware, in the forum's zone) where it is known."""

    day: date
    at: datetime | None = None

    def __str__(self) -> str:
        return self.day.isoformat() if self.at is None else self.at.isoformat()


@dataclass(frozen=True)
class Option:
    """Another end the same clock may have: by an alternative period, an extension, or another reading of a calendar.

    ``due`` is None where it starts with another event, or is never computed. ``is_reading`` marks another reading of
    the very same period; the earlier of two readings is the safe one.
    """

    id: str
    event: str
    trigger: str
    due: date | datetime | None
    day: str
    rolled: bool
    note: str = ""
    is_reading: bool = False

    def as_json(self) -> dict[str, Any]:
        """The option as ``seamark deadlines`` prints it."""
        return {
            "id": self.id,
            "event": self.event,
            "trigger": self.trigger,
            "due": self.due.isoformat() if self.due else None,
            "day": self.day,
            "rolled": self.rolled,
            "note": self.note,
        }


@dataclass(frozen=True)
class Deadline:
    """When a clock ends. ``due`` is None for a clock that is never computed, or that has no length of its own.

    ``due`` is a date of the forum, or an instant in its zone for a clock that keeps the hour. ``printed`` is True where
    the clerk printed the day: it beats a computed one.
    """

    clock: Clock
    event: str
    start: Start
    due: date | datetime | None
    day: str
    rolled: bool
    alternatives: tuple[Option, ...]
    zone: str
    printed: bool = False

    @property
    def due_day(self) -> date | None:
        """The day of ``due`` at the forum."""
        return self.due.date() if isinstance(self.due, datetime) else self.due

    @property
    def safe_day(self) -> date | None:
        """The earliest day by any reading of the period: act by it."""
        days = [_day(o.due) for o in self.alternatives if o.is_reading and o.due]
        return min([self.due_day, *days]) if self.due_day else None

    def as_json(self) -> dict[str, Any]:
        """The deadline as ``seamark deadlines`` prints it (design §6)."""
        return {
            "clock": self.clock.id,
            "event": self.event,
            "start": str(self.start),
            "due": self.due.isoformat() if self.due else None,
            "basis": self.clock.basis,
            "day": self.day,
            "rolled": self.rolled,
            "status": self.clock.status,
            "alternatives": [option.as_json() for option in self.alternatives],
            "disclaimer": DISCLAIMER,
        }


def _day(due: date | datetime) -> date:
    return due.date() if isinstance(due, datetime) else due


@dataclass(frozen=True)
class Clocks:
    """Every clock and event of the taxonomy. ``version`` joins the versions of their files."""

    version: str
    clocks: Mapping[str, Clock]
    events: Mapping[str, ClockEvent]
    by_venue: Mapping[str, tuple[Clock, ...]] = field(default_factory=dict)

    def at(self, venue: str) -> tuple[Clock, ...]:
        """The clocks of a forum (taxonomy id), in the order of the files; none for one without clocks."""
        return self.by_venue.get(venue, ())

    def events_at(self, venue: str) -> list[ClockEvent]:
        """What starts a clock at a forum, in the order of the events' file."""
        known = {event for clock in self.at(venue) for event in clock.events}
        return [event for event in self.events.values() if event.id in known]


#: a day, for arithmetic
DAY = timedelta(days=1)
