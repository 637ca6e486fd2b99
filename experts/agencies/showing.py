"""The display rule: at least three agencies or none, in an order that favours nobody, and no word of recommendation.

The order is a draw of the day: agencies stand by the SHA-256 of the date and their id. Anybody can draw it again; nobody
can apply for a better place, and over a year every place is as likely for each. A page says so.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.paging import Page, bad_cursor, decode_cursor, encode_cursor
from experts.agencies.models import AgencyListing
from experts.library import Wanted, entries_query
from experts.models import Agency, EntryStatus

#: fewer agencies than this are no choice, so fewer are not shown
FEWEST = 3


def place_of(agency_id: uuid.UUID, on: date) -> str:
    """Where the day's draw puts an agency: the smallest stands first."""
    return hashlib.sha256(f"{on.isoformat()} {agency_id}".encode()).hexdigest()


def in_neutral_order(agencies: Iterable[Agency], on: date) -> list[Agency]:
    """Agencies in the order of the day's draw."""
    return sorted(agencies, key=lambda agency: place_of(agency.id, on))


def eligible(on: date) -> Select[Agency]:
    """Agencies that may be shown and suggested on a day: active, verified, and not past their last day."""
    return (
        select(Agency)
        .outerjoin(AgencyListing, AgencyListing.agency_id == Agency.id)
        .where(
            Agency.status == EntryStatus.ACTIVE.value,
            Agency.verified,
            or_(AgencyListing.listed_until.is_(None), AgencyListing.listed_until >= on),
        )
    )


@dataclass(frozen=True)
class Shown:
    """One agency on a list, and which of the reader's wishes it does not meet."""

    agency: Agency
    misses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Directory:
    """A page of the directory.

    Attributes:
        page: the agencies that fit.
        total: how many fit.
        beside: others, shown because fewer than three fit.
        is_too_small: the library holds fewer than three, so nobody outside the centre is shown any.
        on: the day whose draw orders them.
    """

    page: Page[Shown]
    total: int
    beside: tuple[Shown, ...]
    is_too_small: bool
    on: date


def directory(
    session: Session,
    actor: Actor,
    wanted: Wanted,
    on: date,
    *,
    cursor: str | None = None,
    limit: int = 30,
) -> Directory:
    """The agencies an actor may see that fit, by the display rule; staff see the whole library of their centre.

    Raises BadInput on a bad cursor.
    """
    start = 0
    if cursor:
        day, told = decode_cursor(cursor, 2)
        on, start = _day(day), _offset(told)
    staff = actor.is_staff
    ids = None if staff else set(session.scalars(eligible(on).with_only_columns(Agency.id)))
    everything = [a for a in session.scalars(Agency.visible_to(actor)) if ids is None or a.id in ids]
    if not staff and len(everything) < FEWEST:
        return Directory(Page([], None), 0, (), is_too_small=True, on=on)
    found = set(session.scalars(entries_query(Agency, actor, wanted).with_only_columns(Agency.id)))
    fitting = in_neutral_order((a for a in everything if a.id in found), on)
    rows = [Shown(agency) for agency in fitting[start : start + limit]]
    following = encode_cursor([on.isoformat(), start + limit]) if len(fitting) > start + limit else None
    beside: tuple[Shown, ...] = ()
    if not staff and len(fitting) < FEWEST:
        named = set(
            session.scalars(entries_query(Agency, actor, Wanted(wanted.text)).with_only_columns(Agency.id))
        )
        beside = _beside(everything, fitting, wanted, named, on)
    return Directory(Page(rows, following), len(fitting), beside, is_too_small=False, on=on)


def _beside(
    everything: Sequence[Agency], fitting: Sequence[Agency], wanted: Wanted, named: set[uuid.UUID], on: date
) -> tuple[Shown, ...]:
    """As many others as make three: those that miss the fewest wishes, then by the draw.

    Args:
        named: agencies that have the words that were searched for.
    """
    there = {agency.id for agency in fitting}

    def misses(agency: Agency) -> tuple[str, ...]:
        marks = tuple(mark for mark in wanted.marks if mark not in agency.facets)
        return marks if agency.id in named else (*marks, f"text:{wanted.text}")

    others = [
        Shown(agency, misses(agency)) for agency in in_neutral_order(everything, on) if agency.id not in there
    ]
    return tuple(sorted(others, key=lambda one: len(one.misses))[: FEWEST - len(fitting)])


def compared_with(session: Session, actor: Actor, agency: Agency, on: date) -> list[Agency]:
    """Others to stand beside an agency on its own page, two at least where the library has them: those that share the
    most of what it does, then by the draw."""
    others = session.scalars(eligible(on).where(Agency.centre_id == agency.centre_id, Agency.id != agency.id))
    seen = in_neutral_order(others, on)
    marks = set(agency.facets)
    return sorted(seen, key=lambda other: -len(marks & set(other.facets)))[: FEWEST - 1]


def _day(told: Any) -> date:
    try:
        return date.fromisoformat(str(told))
    except ValueError as error:
        raise bad_cursor() from error


def _offset(told: Any) -> int:
    if not isinstance(told, int) or isinstance(told, bool) or not 0 <= told < 1_000_000:
        raise bad_cursor()
    return told
