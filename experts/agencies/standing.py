"""An agency's place in the library: admitted, suspended, listed again, left, delisted with a bar."""

from __future__ import annotations

import calendar
import uuid
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Permission, Role
from core.clock import Clock as Time
from core.db import new_id
from core.errors import NotFound, StaleWrite
from core.outbox import emit
from core.said import said
from core.text import collapse
from experts.agencies.applying import ENTRY, PROFILE, bar_of, name_key
from experts.agencies.criteria import BAR_YEARS, LISTED_YEARS, OBSERVED_YEARS, SUSPENSION_MONTHS
from experts.agencies.models import (
    AgencyAccess,
    AgencyApplication,
    AgencyBar,
    AgencyComplaint,
    AgencyListing,
    AgencyReview,
    access_of,
)
from experts.agencies.moving import Obstacle, add_step, changing, house_for, move, refuse, today_of
from experts.agencies.workflow import LISTING, OPEN_REVIEWS, SANCTIONS
from experts.library import get_entry
from experts.models import Agency, EntryStatus

#: steps of LISTING that staff or signers take on the agency's page; others follow from a decision or the calendar
ON_PAGE = ("suspend", "resume", "relist", "record_exit", "delist")
_NEEDS_REASON = frozenset({"suspend", "delist", "record_exit"})


def years_after(day: date, years: int) -> date:
    """The day before the same day ``years`` later: the last day of a term that begins on ``day``."""
    return months_after(day, 12 * years)


def months_after(day: date, months: int) -> date:
    """The last day of ``months`` that begin on ``day``."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    last = calendar.monthrange(year, month)[1]
    if day.day > last:
        return date(year, month, last)
    return date.fromordinal(date(year, month, day.day).toordinal() - 1)


def listing_of(session: Session, agency: Agency) -> AgencyListing:
    """An agency's listing; one that came from a file gets one without a term."""
    found = session.get(AgencyListing, agency.id)
    if found is None:
        found = AgencyListing(
            agency_id=agency.id, centre_id=agency.centre_id, registration="", profile={}, is_observed=False,
            listed_on=agency.created_at.date(), listed_until=None, review_on=None, suspended_until=None,
        )  # fmt: skip
        session.add(found)
        session.flush()
    return found


def peek(session: Session, agency: Agency) -> AgencyListing | None:
    """An agency's listing, only read; None for one that came from a file and was never touched."""
    return session.get(AgencyListing, agency.id)


def agency_of(session: Session, actor: Actor) -> Agency | None:
    """The agency of whoever holds a link; None while it is only applied for."""
    if Role.AGENCY not in actor.roles:
        return None
    access = session.get(AgencyAccess, access_of(actor))
    return session.get(Agency, access.agency_id) if access and access.agency_id else None


def admit(
    session: Session, time: Time, actor: Actor, application_id: uuid.UUID, *, seen_version: int
) -> Agency:
    """List an approved agency for :data:`criteria.LISTED_YEARS`.

    Raises BadInput (barred since it applied, or the signer marked it), NotFound, NotAllowed, StaleWrite,
    TransitionRefused.
    """
    application = changing(session, actor, AgencyApplication, application_id, seen_version)
    today = today_of(session, time, application.centre_id)
    told = application.answers
    registration = str(told.get("registration", ""))
    bar = bar_of(session, application.centre_id, application.name, registration, today)

    def is_free(_: Any, who: Actor, __: date) -> Obstacle | None:
        if bar is not None:
            return Obstacle(said("This agency is barred until %(day)s.", day=bar.until_on.isoformat()))
        if any(mark.account_id == who.user_id for mark in application.marks):
            return Obstacle(said("You marked this application: another person decides this."))
        return None

    move(session, time, actor, application, "admit", guards=(is_free,))
    now = time.now()
    columns = {name: told[name] for name in ENTRY if told.get(name)}
    agency = Agency(
        id=new_id(), centre_id=application.centre_id, ref=application.number, verified=True,
        status=EntryStatus.ACTIVE.value, created_at=now, updated_at=now, version=1, **columns,
    )  # fmt: skip
    session.add(agency)
    session.flush()
    session.add(
        AgencyListing(
            agency_id=agency.id, centre_id=agency.centre_id, registration=registration,
            profile={name: told[name] for name in PROFILE if told.get(name)},
            listed_on=today, listed_until=years_after(today, LISTED_YEARS), review_on=years_after(today, 1),
            is_observed=False, suspended_until=None,
        )
    )  # fmt: skip
    application.agency_id = agency.id
    if application.access_id is not None:
        session.get_one(AgencyAccess, application.access_id).agency_id = agency.id
    session.flush()
    add_step(session, time, actor, "agency", agency.id, "admit", agency.status)
    _told(session, time, actor, agency, "admitted", {"application": str(application.id)})
    return agency


def _told(
    session: Session, time: Time, actor: Actor, agency: Agency, act: str, values: dict[str, Any]
) -> None:
    audit.record(
        session, time, actor, f"agency.{act}", "agency", agency.id, values=values, centre_id=agency.centre_id
    )
    emit(session, "agency.changed", str(agency.id), {"fields": ["status"]}, time)


def shift(
    session: Session,
    time: Time,
    actor: Actor,
    agency: Agency,
    step: str,
    *,
    reason: str = "",
    months: int | None = None,
) -> None:
    """Take a step of LISTING on an agency that is locked: status, term, bar, history, audit.

    Args:
        months: how long a suspension lasts, one of :data:`criteria.SUSPENSION_MONTHS`.

    Raises:
        NotAllowed, TransitionRefused: the table does not let this actor take it from here.
        BadInput: no reason where one is needed, or no such time.
    """
    target = LISTING.take(step, agency.status, actor)
    why = collapse(reason)
    if step in _NEEDS_REASON and not why:
        raise refuse("reason", said("Say why: the agency reads it, and the reason is kept."))
    if step == "suspend" and months not in SUSPENSION_MONTHS:
        raise refuse("months", said("Choose how long it is suspended."))
    listing, today = listing_of(session, agency), today_of(session, time, agency.centre_id)
    if step == "suspend":
        assert months is not None
        until = months_after(today, months)
        # A second suspension never shortens the first.
        listing.suspended_until = max(until, listing.suspended_until or until)
    if step in ("resume", "end_suspension"):
        listing.suspended_until = None
    if step == "relist":
        if listing.suspended_until is not None and listing.suspended_until >= today:
            raise refuse("", said("It is suspended until %(day)s.", day=listing.suspended_until.isoformat()))
        _extend(listing, today, LISTED_YEARS)
    if step == "delist":
        session.add(
            AgencyBar(
                id=new_id(), centre_id=agency.centre_id, name_key=name_key(agency.name_zh),
                registration=listing.registration, until_on=years_after(today, BAR_YEARS), reason=why,
                at=time.now(),
            )
        )  # fmt: skip
    agency.status, agency.status_note = target, why
    agency.version += 1
    agency.updated_at = time.now()
    session.flush()
    add_step(session, time, actor, "agency", agency.id, step, target, note=why)
    _told(session, time, actor, agency, step, {"status": target, "reason": why})
    if target in (EntryStatus.EXITED.value, EntryStatus.REMOVED.value):
        _end_reviews(session, time, agency)


def _extend(listing: AgencyListing, today: date, years: int) -> None:
    listing.is_observed = years == OBSERVED_YEARS
    listing.suspended_until = None
    begins = max(listing.review_on + timedelta(days=1), today) if listing.review_on else today
    listing.listed_until, listing.review_on = years_after(begins, years), years_after(begins, 1)


def extend(session: Session, time: Time, actor: Actor, agency: Agency, *, is_observed: bool) -> None:
    """Give an agency that passed its review another term, and list it again if the last one has ended."""
    listing, today = listing_of(session, agency), today_of(session, time, agency.centre_id)
    suspended = listing.suspended_until
    if agency.status == EntryStatus.TERM_END.value:
        shift(session, time, actor, agency, "relist")
    _extend(listing, today, OBSERVED_YEARS if is_observed else LISTED_YEARS)
    # A review passed does not end a suspension that a complaint brought.
    listing.suspended_until = suspended if agency.status == EntryStatus.SUSPENDED.value else None
    session.flush()


def _end_reviews(session: Session, time: Time, agency: Agency) -> None:
    open_ones = [state.value for state in OPEN_REVIEWS]
    query = select(AgencyReview).where(AgencyReview.agency_id == agency.id, AgencyReview.state.in_(open_ones))
    for review in session.scalars(query):
        move(session, time, house_for(review, "house"), review, "end")


def locked(session: Session, actor: Actor, agency_id: uuid.UUID, seen_version: int | None = None) -> Agency:
    """The agency, locked for a change. Raises NotFound, StaleWrite."""
    session.execute(select(Agency.id).where(Agency.id == agency_id).with_for_update())
    own = agency_of(session, actor)
    agency = own if own is not None and own.id == agency_id else get_entry(session, actor, Agency, agency_id)
    if seen_version is not None and agency.version != seen_version:
        raise StaleWrite(
            said("The entry %(name)s changed while you were reading it.", name=agency.name_zh),
            fix=said("Look at it again and decide anew; nothing was changed."),
            yours=seen_version,
            current=agency.version,
        )
    return agency


def take_step(
    session: Session,
    time: Time,
    actor: Actor,
    agency_id: uuid.UUID,
    step: str,
    *,
    seen_version: int,
    reason: str = "",
    months: int | None = None,
) -> Agency:
    """A step that staff, or whoever signs, takes on the agency's page; see :func:`shift`."""
    if step not in ON_PAGE:
        raise refuse("step", said("This step is taken on another page."))
    agency = locked(session, actor, agency_id, seen_version)
    actor.require(Permission.AGENCY_HANDLE)
    shift(session, time, actor, agency, step, reason=reason, months=months)
    return agency


def leave(session: Session, time: Time, actor: Actor, *, reason: str, seen_version: int) -> Agency:
    """An agency leaves the library by its own link. Complaints under way go on. Raises as :func:`shift`."""
    agency = agency_of(session, actor)
    if agency is None:
        raise NotFound(said("This link leads to no agency."))
    agency = locked(session, actor, agency.id, seen_version)
    shift(session, time, actor, agency, "leave", reason=reason)
    return agency


def contact_of(session: Session, agency_id: uuid.UUID) -> str:
    """How the centre reaches a listed agency, by what it told when it applied; "" when it came from a file."""
    query = select(AgencyApplication.contact).where(AgencyApplication.agency_id == agency_id)
    return session.scalar(query) or ""


def sanctions_of(session: Session, agency_id: uuid.UUID, since: datetime) -> int:
    """Complaints decided against an agency since an instant."""
    states = [state.value for state in SANCTIONS]
    query = select(func.count()).where(
        AgencyComplaint.agency_id == agency_id,
        AgencyComplaint.state.in_(states),
        AgencyComplaint.updated_at >= since,
    )
    return session.scalar(query) or 0
