"""The engine: every clock that an event starts at a forum, each with its end, its basis and what else it may be."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from cases.deadlines.calendars import SEATED, Works, calendar_of
from cases.deadlines.counting import add, count, count_hours, is_business
from cases.deadlines.model import Clock, Clocks, Deadline, Length, Option, Period, Start
from cases.deadlines.reading import load_clocks
from cases.taxonomy import Venue, load_taxonomy
from cases.taxonomy.zones import zone_of_venue
from core.errors import BadInput
from core.said import said

#: a year either side of which no calendar is trusted
_YEARS = range(1950, 2100)
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
#: an end of a period, and whether it was rolled
End = tuple[date | datetime | None, bool]


def read_start(text: str, zone: str) -> Start:
    """When an event happened, at a forum in the IANA ``zone``.

    ``2026-11-02`` is a date of the forum. ``2026-11-02T21:30`` is the forum's hour; with an offset or Z it is an instant
    anywhere, and the date is the forum's at that instant: Friday evening in Los Angeles is Saturday in New York.

    Raises BadInput.
    """
    plain = text.strip()
    try:
        if _STAMP.match(plain):
            at = datetime.fromisoformat(plain)
            here = at.replace(tzinfo=ZoneInfo(zone)) if at.tzinfo is None else at.astimezone(ZoneInfo(zone))
            start = Start(here.date(), here)
        else:
            start = Start(date.fromisoformat(plain))
    except (ValueError, OverflowError) as error:
        raise BadInput(
            f"{text!r} is neither a date nor a time.",
            fix=said("Write 2026-11-02, or 2026-11-02T15:30-08:00 where the hour and its zone are known."),
        ) from error
    if start.day.year not in _YEARS:
        raise BadInput(
            f"{start.day} lies too far away.",
            fix=said("Give a date from %(first)s to %(last)s.", first=_YEARS[0], last=_YEARS[-1]),
        )
    return start


def find_venue(name: str) -> Venue:
    """The forum for a taxonomy id, a court code or a printed name. Raises BadInput."""
    venue = load_taxonomy().venue_of(name)
    if venue is None:
        some = ", ".join(sorted(v for v in load_clocks().by_venue if v.count(".") < 3)[:60:6])
        raise BadInput(
            f"{name!r} is no forum of the taxonomy.",
            fix=f"Use an id like {some}; `seamark deadlines --list` shows all with their events.",
        )
    return venue


def deadlines_at(
    venue: str, event: str, start: str | Start, *, seat: str | None = None, clocks: Clocks | None = None
) -> list[Deadline]:
    """Every clock that ``event`` starts at ``venue``, in the order of the data.

    Args:
        venue: a taxonomy id, court code or printed name.
        event: an id of ``deadline_events.yml``.
        start: when it happened, as :func:`read_start` reads it, or already read.
        seat: for a forum of several places (UPC, German courts, EU customs) where it sits, like DE-BY.

    Raises BadInput for an unknown forum, event (naming those of the forum), date or seat.
    """
    known, forum = clocks or load_clocks(), find_venue(venue)
    there = known.events_at(forum.id)
    if event not in {one.id for one in there}:
        listed = ", ".join(one.id for one in there)
        raise BadInput(
            f"{event!r} starts no clock at {forum.id} ({forum.en}).",
            fix=said("Its events: %(events)s.", events=listed)
            if listed
            else said("No clock of this forum is known yet."),
        )
    begun = start if isinstance(start, Start) else read_start(start, zone_of_venue(forum))
    return [end_of(clock, forum, event, begun, seat) for clock in known.at(forum.id) if event in clock.events]


def end_of(clock: Clock, venue: Venue, event: str, start: Start, seat: str | None = None) -> Deadline:
    """When one clock ends that ``event`` started at ``venue``. Raises BadInput for a seat that is no place."""
    works = calendar_of(clock.roll.calendar, venue, seat if clock.roll.calendar in SEATED else None)
    zone = zone_of_venue(venue)
    told = start
    if start.at is None and any(p.length and p.length.unit == "h" for p in (clock.own, *clock.alternatives)):
        # The hour is not known: the earliest it can have been.
        start = Start(start.day, datetime.combine(start.day, time(), tzinfo=ZoneInfo(zone)))
    ends = {
        period.id: _end(clock, period, event, start, works) for period in (clock.own, *clock.alternatives)
    }
    main = _main(clock, event, start, ends)
    due, rolled = ends[main.id] if main else (None, False)
    return Deadline(
        clock=clock,
        event=event,
        start=told,
        due=due,
        day=_day(main or clock.own, clock),
        rolled=rolled,
        alternatives=tuple(_options(clock, venue, event, start, ends, main)),
        zone=zone,
    )


def _main(clock: Clock, event: str, start: Start, ends: dict[str, End]) -> Period | None:
    """The period whose end is the clock's: its own; where the law or another event has alternatives only, their earliest."""
    if event == clock.own.event and clock.own.is_law_on(start.day):
        own = clock.own
        later = [p for p in clock.alternatives if p.is_later and ends[p.id][0] is not None]
        return max([own, *later], key=lambda p: _rank(ends[p.id])) if later else own
    fitting = [p for p in clock.alternatives if p.event == event and ends[p.id][0] is not None]
    if event == clock.own.event:
        fitting = [p for p in fitting if p.since or p.until]
    return min(fitting, key=lambda p: _rank(ends[p.id]), default=None)


def _rank(end: End) -> date:
    due = end[0]
    return due.date() if isinstance(due, datetime) else due or date.max


def _end(clock: Clock, period: Period, event: str, start: Start, works: Works) -> End:
    length = period.length
    if not clock.is_computed or period.event != event or length is None or not period.is_law_on(start.day):
        return None, False
    if length.unit == "h":
        return count_hours(start.at, length.number, clock.roll, works) if start.at else (None, False)
    last, rolled = count(start.day, period, clock.roll, works)
    if clock.keeps_time and start.at is not None:
        # A wall clock's hour: the same hour on the last day, whatever summer time did in between.
        return datetime.combine(last, start.at.time(), tzinfo=start.at.tzinfo), rolled
    return last, rolled


def _day(period: Period, clock: Clock) -> str:
    return "business" if is_business(period, clock.roll) else "calendar"


def _options(
    clock: Clock, venue: Venue, event: str, start: Start, ends: dict[str, End], main: Period | None
) -> list[Option]:
    out = [
        Option(p.id, p.event, p.trigger, *_split(ends[p.id], _day(p, clock)), note=p.note)
        for p in clock.alternatives
    ]
    if main is not None and clock.roll.calendar == "us.court":
        # The library's list of State holidays is not the State's own law: by federal holidays alone it may be earlier.
        federal = _end(clock, main, event, start, calendar_of("us.federal", venue))
        if federal != ends[main.id]:
            note = "Federal holidays alone: whether the State's holiday counts is for the court (FRCP 6(a)(6)(C))."
            option = Option(
                "federal_holidays_only", event, main.trigger, *_split(federal, _day(main, clock)), note
            )
            out.append(Option(**{**vars(option), "is_reading": True}))
    if main is clock.own and clock.own.length is not None and (clock.more or clock.most):
        out.append(_extended(clock, venue, event, start))
    return out


def _split(end: End, day: str) -> tuple[date | datetime | None, str, bool]:
    return end[0], day, end[1]


def _extended(clock: Clock, venue: Venue, event: str, start: Start) -> Option:
    """The furthest end an extension may reach, counted in one from the event: never later than extending the rolled end."""
    own = clock.own
    assert own.length is not None
    total = clock.most or _sum(own.length, clock.more)
    due: date | datetime | None = None
    rolled = False
    if clock.is_computed and total is not None:
        works = calendar_of(clock.roll.calendar, venue)
        due, rolled = _end(clock, Period(**{**vars(own), "length": total}), event, start, works)
    elif clock.is_computed and clock.more is not None:
        last, _ = _end(clock, own, event, start, calendar_of(clock.roll.calendar, venue))
        due = add(last.date() if isinstance(last, datetime) else last, clock.more) if last else None
    return Option("extended", event, own.trigger, due, _day(own, clock), rolled, clock.extension_note)


def _sum(length: Length, more: Length | None) -> Length | None:
    if more is None or more.unit != length.unit:
        return None
    return Length(length.number + more.number, length.unit)
