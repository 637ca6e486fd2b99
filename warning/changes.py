"""What has changed in a case that matters to a firm: read from what one recording brought. Pure: values in, values out.

Stages and injunctions are read in the docket's entries by signs that stand in ``changes.yml``; deadlines are what the
clocks say with the new entries and did not say without them. A motion that was decided is told as decided, not as won.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from cases.deadlines.docket import FOR_THE_FIRM, Entry, case_deadlines, clocks_of_case
from cases.taxonomy import Taxonomy, load_taxonomy
from core.errors import RulebookInvalid

_FILE = Path(__file__).with_name("changes.yml")
#: an entry that is older than this when it is told is history: the docket was told late, nothing happened today
STALE = timedelta(days=30)
#: characters of an entry that are kept with a change
_SHOWN = 300
STAGE, PARTY, DEADLINE, INJUNCTION, OUTCOME = "stage", "party", "deadline", "injunction", "outcome"
#: kinds of change, in the order an alert list and a letter tell them
KINDS = (INJUNCTION, DEADLINE, STAGE, PARTY, OUTCOME)


@dataclass(frozen=True)
class Change:
    """One change: ``kind`` of :data:`KINDS`; ``value`` tells it apart from others of its kind at the same case;
    ``before`` and ``after`` are what stood and what stands: stage ids, ISO days, ``measure.act`` of an injunction, texts.
    ``entry`` is the docket's words, ``on`` their day; ``clock`` the clock's id and ``basis`` its rule."""

    kind: str
    value: str
    before: str
    after: str
    entry: str = ""
    on: date | None = None
    clock: str = ""
    basis: str = ""

    @property
    def trigger(self) -> str:
        """What an alert of it is unique by, beside whom it tells and the case."""
        return f"{self.kind}:{self.value}"

    def as_reason(self) -> dict[str, Any]:
        """As an alert keeps it."""
        told = {"change": self.kind, "before": self.before, "after": self.after, "entry": self.entry}
        return told | {
            "on": self.on.isoformat() if self.on else "",
            "clock": self.clock,
            "basis": self.basis,
        }


@dataclass(frozen=True)
class _Sign:
    venues: frozenset[str]
    text: re.Pattern[str]
    shows: str


@dataclass(frozen=True)
class Signs:
    """The signs of ``changes.yml``, and what it calls measures and acts, as id -> (zh, en)."""

    stages: tuple[_Sign, ...]
    injunctions: tuple[_Sign, ...]
    words: Mapping[str, tuple[str, str]]

    def injunction_words(self, value: str) -> tuple[str, str]:
        """The (zh, en) words of ``measure.act``; the value itself where it is unknown."""
        measure, _, act = value.partition(".")
        if measure not in self.words or act not in self.words:
            return value, value
        (m_zh, m_en), (a_zh, a_en) = self.words[measure], self.words[act]
        return f"{m_zh}：{a_zh}", f"{m_en}: {a_en}"


@cache
def load_signs() -> Signs:
    """The signs, read once and checked. Raises RulebookInvalid naming the entry and the fault."""
    return read_signs(_FILE.read_text(encoding="utf-8"))


def read_signs(text: str) -> Signs:
    """The signs of a file's text. Raises RulebookInvalid."""
    data, taxonomy = yaml.safe_load(text), load_taxonomy()
    words = {row["id"]: (row["zh"], row["en"]) for name in ("measures", "acts") for row in data[name]}
    signs = {name: tuple(_signs(data[name], taxonomy)) for name in ("stages", "injunctions")}
    for sign in signs["stages"]:
        if sign.shows not in taxonomy.stages:
            raise _invalid(sign.shows, "is no stage of the taxonomy")
    for sign in signs["injunctions"]:
        if not all(part in words for part in sign.shows.split(".")):
            raise _invalid(sign.shows, "is not measure.act of the lists above")
    return Signs(signs["stages"], signs["injunctions"], words)


def _signs(rows: Iterable[Mapping[str, Any]], taxonomy: Taxonomy) -> Iterator[_Sign]:
    for row in rows:
        venues: set[str] = set()
        for name in row["venues"]:
            if name not in taxonomy.venues and name not in taxonomy.venue_groups:
                raise _invalid(row["is"], f"its venue {name!r} is unknown")
            venues |= set(taxonomy.venue_groups.get(name, (name,)))
        try:
            yield _Sign(frozenset(venues), re.compile(row["text"], re.IGNORECASE), row["is"])
        except re.error as error:
            raise _invalid(row["is"], f"the pattern does not compile: {error}") from error


def _invalid(identity: str, problem: str) -> RulebookInvalid:
    return RulebookInvalid(
        f"warning/changes.yml, {identity}: {problem}.", fix="Mend the entry and load again."
    )


def shown_by(entry: Entry, venue: str, signs: Iterable[_Sign]) -> str | None:
    """What the first sign that fits ``entry`` says; None when none does."""
    for sign in signs:
        if venue in sign.venues and (
            sign.text.search(entry.kind) or sign.text.search(entry.text.lstrip("[( "))
        ):
            return sign.shows
    return None


def entry_changes(
    venue: str, before: Sequence[Entry], new: Sequence[Entry], tagged: Iterable[str], now: datetime
) -> list[Change]:
    """What ``new`` entries of a docket change: injunctions, deadlines, stages.

    Args:
        before: the entries that stood there already.
        tagged: stages read elsewhere in the case, which are no news.
        now: aware; entries older than :data:`STALE` and deadlines that have passed change nothing any more.
    """
    fresh = [entry for entry in new if entry.on is None or entry.on >= (now - STALE).date()]
    signs = load_signs()
    return [
        *_injunctions(venue, before, fresh, signs),
        *_deadlines(venue, before, fresh, now),
        *_stages(venue, before, fresh, tagged, signs),
    ]


def _injunctions(venue: str, before: Sequence[Entry], new: Sequence[Entry], signs: Signs) -> Iterator[Change]:
    standing = ""
    for entry in sorted(before, key=_order):
        standing = shown_by(entry, venue, signs.injunctions) or standing
    for entry in sorted(new, key=_order):
        shown = shown_by(entry, venue, signs.injunctions)
        if shown and shown != standing:
            # A second order of the same kind on another day is another order.
            value = f"{shown}:{entry.on.isoformat() if entry.on else '-'}"
            yield Change(INJUNCTION, value, standing, shown, _words(entry), entry.on)
            standing = shown


def _deadlines(venue: str, before: Sequence[Entry], new: Sequence[Entry], now: datetime) -> Iterator[Change]:
    def days(entries: Sequence[Entry]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for deadline in case_deadlines(venue, entries):
            if deadline.safe_day and deadline.clock.actor in FOR_THE_FIRM:
                found.setdefault(deadline.clock.id, {})[deadline.safe_day.isoformat()] = deadline
        return found

    if not new:
        return
    stood = days(before)
    today = clocks_of_case(venue, (), now).today.isoformat()
    for clock, ends in days([*before, *new]).items():
        known = stood.get(clock, {})
        for day, deadline in sorted(ends.items()):
            if day not in known and day >= today:
                last = max(known, default="")
                value = f"{clock}:{day}"
                yield Change(DEADLINE, value, last, day, clock=clock, basis=deadline.clock.basis)


def _stages(
    venue: str, before: Sequence[Entry], new: Sequence[Entry], tagged: Iterable[str], signs: Signs
) -> Iterator[Change]:
    known = load_taxonomy().stages
    shown = [s for e in sorted(before, key=_order) if (s := shown_by(e, venue, signs.stages))]
    seen = {*tagged, *shown}
    standing = furthest(seen)
    for entry in sorted(new, key=_order):
        stage = shown_by(entry, venue, signs.stages)
        if not stage or stage in seen:
            continue
        # An entry of an earlier stage, as another party's answer after the hearing, moves no case back.
        if standing and _is_before(known[stage].order, known[stage].track, standing):
            continue
        yield Change(STAGE, stage, standing, stage, _words(entry), entry.on)
        seen.add(stage)
        standing = stage


def furthest(stages: Iterable[str]) -> str:
    """The latest of some stages in their track's usual order; "" of none."""
    known = load_taxonomy().stages
    told = [stage for stage in stages if stage in known]
    return max(sorted(told), key=lambda stage: known[stage].order, default="")


def _is_before(order: int, track: str, standing: str) -> bool:
    known = load_taxonomy().stages[standing]
    return known.track == track and order < known.order


def tag_changes(before: Iterable[str], after: Iterable[str]) -> list[Change]:
    """The stages that the case's own text tells anew."""
    stood, stands = set(before), set(after)
    return [Change(STAGE, stage, furthest(stood), stage) for stage in sorted(stands - stood)]


def party_change(before: Sequence[str], added: Sequence[tuple[str, str]]) -> list[Change]:
    """Parties that joined, as (key, name), to those named ``before``: one change, however many."""
    if not added:
        return []
    keys = "\n".join(sorted(key for key, _ in added))
    digest = hashlib.sha256(keys.encode()).hexdigest()[:16]
    names = "; ".join(name for _, name in added)
    return [Change(PARTY, digest, f"{len(before)}", names)]


def outcome_change(before: str | None, after: str) -> list[Change]:
    """An outcome that was told, or told otherwise; nothing where only its writing differs."""
    plain = _plain(after)
    if not plain or plain == _plain(before or ""):
        return []
    return [Change(OUTCOME, hashlib.sha256(plain.encode()).hexdigest()[:16], before or "", after)]


def _plain(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _order(entry: Entry) -> tuple[date, str, str]:
    return (entry.on or date.max, entry.kind, entry.text)


def _words(entry: Entry) -> str:
    text = entry.text or entry.kind
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
