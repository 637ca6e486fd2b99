"""Reading the clocks: every field checked, every reference resolved; a fault names the file, the entry and the fix."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from cases.deadlines.calendars import CALENDARS
from cases.deadlines.model import Clock, ClockEvent, Clocks, Length, Period, Roll, Sign
from cases.taxonomy import FOLDER, Taxonomy, load_taxonomy
from cases.taxonomy.reading import Reader, invalid

FILES = ("deadlines.yml", "deadlines_extra.yml")
EVENTS = "deadline_events.yml"
_STATUSES = ("verified", "corrected", "unverified")
_UNITS = ("h", "d", "w", "m", "y")
_FIRSTS = ("next_day", "first_business_day_after", "trigger_day_counts")
_ROLL_FIELDS = {
    "first", "calendar", "moves", "short", "hours", "start", "last_day", "holidays", "src", "status", "note",
}  # fmt: skip
_CLOCK_FIELDS = {
    "id", "venue", "forums", "event", "trigger", "zh", "en", "len", "unit", "day", "alt", "extend", "roll", "start",
    "service_abroad", "actor", "note", "basis", "status", "src", "new", "keeps", "shows", "since", "until",
}  # fmt: skip
_ALT_FIELDS = {
    "id", "event", "len", "unit", "day", "trigger", "note", "start", "after", "moves", "later", "since", "until",
}  # fmt: skip
_EXTEND_FIELDS = {"max_len", "max_total", "unit", "note"}


def read_clocks(folder: Path, taxonomy: Taxonomy) -> Clocks:
    """The clocks and events of ``folder``. Raises RulebookInvalid."""
    reader = Reader(folder)
    events = _events(reader, taxonomy)
    rolls = _rolls(reader)
    clocks: dict[str, Clock] = {}
    for file in FILES:
        for row in reader.section(file, "clocks"):
            clock = _clock(file, row, reader.file(file)["version"], rolls, taxonomy)
            if clock.id in clocks:
                raise invalid(file, clock.id, "stands twice")
            if strange := clock.events - set(events):
                raise invalid(file, clock.id, f"its event {min(strange)!r} is not in {EVENTS}")
            clocks[clock.id] = clock
    started = {event for clock in clocks.values() for event in clock.events}
    if idle := set(events) - started:
        raise invalid(EVENTS, min(idle), "starts no clock")
    for event in events.values():
        for sign in event.signs:
            if strange := (sign.clocks or frozenset()) - set(clocks):
                raise invalid(EVENTS, event.id, f"is for the unknown clock {min(strange)!r}")
    by_venue: dict[str, list[Clock]] = {}
    for clock in clocks.values():
        for venue in clock.venues:
            by_venue.setdefault(venue, []).append(clock)
    version = "+".join(f"{name.removesuffix('.yml')}@{v}" for name, v in sorted(reader.versions.items()))
    return Clocks(version, clocks, events, {venue: tuple(found) for venue, found in by_venue.items()})


@cache
def load_clocks() -> Clocks:
    """The project's clocks, read once. Raises RulebookInvalid."""
    return read_clocks(FOLDER, load_taxonomy())


def _choice(file: str, identity: str, name: str, value: object, allowed: Iterable[str]) -> str:
    if value not in (choices := tuple(allowed)):
        raise invalid(file, identity, f"its {name} is one of {', '.join(sorted(choices))}, not {value!r}")
    return str(value)


def _fields(file: str, identity: str, row: Mapping[str, Any], known: set[str]) -> None:
    if strange := set(row) - known:
        raise invalid(file, identity, f"has the unknown field {sorted(map(str, strange))[0]!r}")


def _rolls(reader: Reader) -> dict[str, Roll]:
    file = FILES[0]
    out: dict[str, Roll] = {}
    for identity, row in (reader.file(file).get("rolls") or {}).items():
        _fields(file, identity, row, _ROLL_FIELDS)
        status = _choice(file, identity, "status", row.get("status"), _STATUSES)
        out[identity] = Roll(
            id=identity,
            first=_choice(file, identity, "first", row.get("first", "next_day"), _FIRSTS),
            calendar=_choice(file, identity, "calendar", row.get("calendar"), CALENDARS),
            # A rule of the last day that nobody read moves no date: the plain one is the earlier.
            moves=status == "verified" and row["calendar"] != "none" and row.get("moves", True) is True,
            short=int(row.get("short", 0)),
            hours=_choice(file, identity, "hours", row.get("hours", "run_on"), ("run_on", "skip")),
            words=str(row.get("last_day", "")),
            status=status,
        )
    return out


def _length(file: str, identity: str, number: object, unit: object) -> Length | None:
    if number is None:
        return None
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise invalid(file, identity, f"its length {number!r} is no whole number")
    return Length(number, _choice(file, identity, "unit", unit, _UNITS))


def _day(file: str, identity: str, value: object) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise invalid(file, identity, f"{value!r} is not a date like 2026-11-22") from error


def _start(file: str, identity: str, value: object) -> str | None:
    return None if value is None else _choice(file, identity, "start", value, _FIRSTS)


def _after(file: str, identity: str, value: object) -> Length | str | None:
    if value is None or value == "next_month":
        return value  # type: ignore[return-value]
    if not isinstance(value, Mapping):
        raise invalid(file, identity, "its after is next_month or {len, unit}")
    return _length(file, identity, value.get("len"), value.get("unit"))


def _period(file: str, clock: str, row: Mapping[str, Any], inherited: Mapping[str, Any], name: str) -> Period:
    """A clock's own period (``name`` is "") or one of its alternatives, which inherits event, trigger, unit and day."""
    identity = f"{clock}/{name}" if name else clock
    given = {**{key: inherited.get(key) for key in ("event", "trigger", "unit", "day", "start")}, **row}
    for needed in ("event", "trigger", "day"):
        if not isinstance(given.get(needed), str):
            raise invalid(file, identity, f"has no {needed}")
    return Period(
        id=name,
        event=given["event"],
        trigger=given["trigger"],
        length=_length(file, identity, given.get("len"), given.get("unit")),
        is_business=_choice(file, identity, "day", given["day"], ("c", "b")) == "b",
        first=_start(file, identity, given.get("start")),
        after=_after(file, identity, row.get("after")),
        moves=row.get("moves", True) is True,
        since=_day(file, identity, row.get("since")),
        until=_day(file, identity, row.get("until")),
        is_later=row.get("later") is True,
        note=str(row.get("note") or "") if name else "",
    )


def _clock(file: str, row: Any, version: str, rolls: Mapping[str, Roll], taxonomy: Taxonomy) -> Clock:
    identity = row.get("id") if isinstance(row, dict) else None
    if not isinstance(identity, str):
        raise invalid(file, row, "has no id")
    _fields(file, identity, row, _CLOCK_FIELDS)
    for needed in ("zh", "en", "actor", "basis"):
        if not isinstance(row.get(needed), str) or not row[needed].strip():
            raise invalid(file, identity, f"has no {needed}")
    roll = rolls[_choice(file, identity, "roll", row.get("roll"), rolls)]
    alternatives = []
    for other in row.get("alt") or ():
        name = str(other.get("id"))
        _fields(file, f"{identity}/{name}", other, _ALT_FIELDS)
        alternatives.append(_period(file, identity, other, row, name))
    extend = row.get("extend") or {}
    _fields(file, identity, extend, _EXTEND_FIELDS)
    return Clock(
        id=identity,
        zh=row["zh"],
        en=row["en"],
        venues=_forums(file, identity, row, taxonomy),
        own=_period(file, identity, row, {}, ""),
        alternatives=tuple(alternatives),
        roll=roll,
        actor=row["actor"],
        basis=row["basis"],
        status=_choice(file, identity, "status", row.get("status"), _STATUSES),
        version=version,
        more=_length(file, identity, extend.get("max_len"), extend.get("unit")),
        most=_length(file, identity, extend.get("max_total"), extend.get("unit")),
        extension_note=str(extend.get("note") or ""),
        keeps_time=row.get("keeps") == "time" or row.get("unit") == "h",
        is_rule_only=row.get("shows") == "rule",
        service_abroad=str(row.get("service_abroad") or ""),
        note=str(row.get("note") or ""),
    )


def _forums(file: str, identity: str, row: Mapping[str, Any], taxonomy: Taxonomy) -> frozenset[str]:
    """The venues a clock runs at: those named, those of a group or of a region named, or all of some kinds."""
    named = row.get("venue") or []
    out: set[str] = set(_venues(file, identity, named, taxonomy))
    if not named:
        kinds = set(row.get("forums") or ())
        if not kinds:
            raise invalid(file, identity, "has neither a venue nor forums (kinds of venue)")
        out |= {venue.id for venue in taxonomy.venues.values() if venue.type in kinds}
    return frozenset(out)


def _venues(file: str, identity: str, named: Iterable[str], taxonomy: Taxonomy) -> Iterable[str]:
    for name in named:
        if name in taxonomy.venue_groups:
            yield from taxonomy.venue_groups[name]
        elif name in taxonomy.venues:
            yield name
        elif name in taxonomy.regions:
            yield from (venue.id for venue in taxonomy.venues.values() if venue.region == name)
        else:
            raise invalid(file, identity, f"its venue {name!r} is unknown")


def _events(reader: Reader, taxonomy: Taxonomy) -> dict[str, ClockEvent]:
    rows = reader.entries(EVENTS, reader.section(EVENTS, "events"), {"reads"})
    return {
        row["id"]: ClockEvent(
            id=row["id"],
            zh=row["zh"],
            en=row["en"],
            note=str(row.get("note") or ""),
            signs=tuple(_sign(row["id"], sign, taxonomy) for sign in row.get("reads") or ()),
        )
        for row in rows
    }


def _sign(identity: str, row: Mapping[str, Any], taxonomy: Taxonomy) -> Sign:
    _fields(EVENTS, identity, row, {"venues", "kind", "text", "dated", "due", "for"})
    if not (row.get("kind") or row.get("text")) or not row.get("dated"):
        raise invalid(EVENTS, identity, "a sign needs kind or text, and dated")
    return Sign(
        venues=frozenset(_venues(EVENTS, identity, row.get("venues") or (), taxonomy)),
        kind=_pattern(identity, row.get("kind")),
        text=_pattern(identity, row.get("text")),
        dated=None if row["dated"] == "entry" else _pattern(identity, row["dated"]),
        due=_pattern(identity, row.get("due")),
        clocks=frozenset(row["for"]) if row.get("for") else None,
    )


def _pattern(identity: str, pattern: str | None) -> re.Pattern[str] | None:
    if pattern is None:
        return None
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise invalid(EVENTS, identity, f"the pattern {pattern!r} does not compile: {error}") from error
