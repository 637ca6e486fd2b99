"""The clocks of a case: which events its docket shows, and when what they started ends. Pure; nothing is stored.

Computed when it is read: a docket has few entries, a clock is a few additions, and a rule that is corrected is right on
every page at once. What is shown carries the clock's id and its file's version.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from cases.deadlines.engine import end_of
from cases.deadlines.model import Clock, ClockEvent, Clocks, Deadline, Sign, Start
from cases.deadlines.reading import load_clocks
from cases.taxonomy import Venue, load_taxonomy
from cases.taxonomy.zones import zone_of_venue
from core.clock import local_date

#: whose act, or whose order against it, a firm that is sued must know the end of
FOR_THE_FIRM = frozenset({"respondent", "court", "platform"})


class Entry(Protocol):
    """An entry of a docket: its date at the forum, what kind it is, and what it says."""

    on: date | None
    kind: str
    text: str


@dataclass(frozen=True)
class CaseClocks:
    """The clocks of a case on one day at its forum.

    ``coming`` ends today or later, the soonest first; ``past`` has ended, the latest first. ``waiting`` are clocks of the
    forum that nothing on the docket has started, or that never get a date.
    """

    coming: tuple[Deadline, ...]
    past: tuple[Deadline, ...]
    waiting: tuple[Clock, ...]
    today: date
    zone: str

    @property
    def of_the_firm(self) -> Deadline | None:
        """The soonest end that a firm which is sued must know; None when nothing on the docket started one that runs."""
        return next((deadline for deadline in self.coming if deadline.clock.actor in FOR_THE_FIRM), None)


def case_deadlines(venue: str, entries: Iterable[Entry], clocks: Clocks | None = None) -> list[Deadline]:
    """Every end that the docket's entries started, in the order of their dates; [] for a forum without clocks.

    One entry starts what it shows once; the same clock, event and day are told once, however many entries repeat them.
    """
    known = clocks or load_clocks()
    forum = load_taxonomy().venues.get(venue)
    there = known.at(venue)
    if forum is None or not there:
        return []
    events = [event for event in known.events_at(venue) if event.signs]
    found: dict[tuple[str, str, date, date | None], Deadline] = {}
    for entry in sorted((e for e in entries if e.on), key=lambda e: (e.on, e.kind, e.text)):
        for event in events:
            for deadline in _started(entry, event, forum, there):
                if deadline.due_day is not None:
                    key = deadline.clock.id, event.id, deadline.start.day, deadline.due_day
                    found.setdefault(key, deadline)
    return list(found.values())


def _started(entry: Entry, event: ClockEvent, forum: Venue, there: Sequence[Clock]) -> Iterable[Deadline]:
    for sign in event.signs:
        words = f"{entry.kind}: {entry.text}" if entry.text else entry.kind
        if forum.id not in sign.venues or not _fits(sign, entry, words):
            continue
        start = entry.on if sign.dated is None else _date_in(sign.dated.search(words))
        if start is None:
            continue
        printed = _date_in(sign.due.search(words)) if sign.due else None
        for clock in there:
            if event.id not in clock.events or (sign.clocks and clock.id not in sign.clocks):
                continue
            deadline = end_of(clock, forum, event.id, Start(start))
            if printed is not None and printed >= start and clock.is_computed:
                # The day the clerk printed beats a computed one.
                deadline = replace(deadline, due=printed, rolled=False, printed=True, alternatives=())
            yield deadline
        return


def _fits(sign: Sign, entry: Entry, words: str) -> bool:
    if sign.kind is not None and not sign.kind.search(entry.kind):
        return False
    return sign.text is None or bool(sign.text.search(words) or sign.text.search(entry.text))


def _date_in(match: object) -> date | None:
    """The date a clerk wrote as month/day/year in group 1; None for none, or for one that does not exist."""
    if match is None:
        return None
    try:
        return datetime.strptime(match.group(1), "%m/%d/%Y").date()  # type: ignore[attr-defined]  # noqa: DTZ007
    except ValueError:
        return None


def clocks_of_case(
    venue: str, entries: Iterable[Entry], now: datetime, clocks: Clocks | None = None
) -> CaseClocks:
    """The clocks of a case at ``now`` (aware): those that run, those that ended, and those that wait for their event."""
    known = clocks or load_clocks()
    forum = load_taxonomy().venues.get(venue)
    zone = zone_of_venue(forum) if forum else "UTC"
    today = local_date(now, zone)
    found = case_deadlines(venue, entries, known)
    coming = [d for d in found if d.due_day and d.due_day >= today]
    past = [d for d in found if d.due_day and d.due_day < today]
    begun = {d.clock.id for d in coming}
    # A check, which has no length at all, is no clock: it stands in no list.
    waiting = [
        c for c in known.at(venue) if c.id not in begun and not (c.own.length and c.own.length.number == 0)
    ]
    return CaseClocks(
        tuple(sorted(coming, key=lambda d: (d.safe_day, d.due_day, d.clock.id))),
        tuple(sorted(past, key=lambda d: (d.due_day, d.clock.id), reverse=True)),
        tuple(waiting),
        today,
        zone,
    )


def next_deadline(
    venue: str, entries: Iterable[Entry], now: datetime, clocks: Clocks | None = None
) -> Deadline | None:
    """The soonest end that a firm which is sued must know; None when nothing on the docket started one that runs."""
    return clocks_of_case(venue, entries, now, clocks).of_the_firm
