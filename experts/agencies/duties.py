"""What the calendar brings about: publicities and times to reply end, reviews begin, listings and suspensions end."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import system_actor
from core.clock import Clock as Time
from experts.agencies.criteria import KEEP_DRAFT_DAYS, KEEP_FAILED_YEARS, REVIEW_AHEAD_DAYS
from experts.agencies.models import (
    AgencyAccess,
    AgencyApplication,
    AgencyComplaint,
    AgencyListing,
    AgencyReview,
)
from experts.agencies.moving import changing, move, today_of, written
from experts.agencies.reviews import ask
from experts.agencies.standing import locked, shift
from experts.agencies.workflow import AdmissionState, ComplaintState, ReviewState
from experts.models import Agency, EntryStatus

#: kind -> state -> the step that is taken once its clock has ended
_OVER: tuple[tuple[type[Any], dict[str, str]], ...] = (
    (
        AgencyApplication,
        {AdmissionState.PUBLICITY.value: "end_publicity", AdmissionState.SUPPLEMENT.value: "lapse"},
    ),
    (AgencyComplaint, {ComplaintState.REPLY_DUE.value: "reply_over"}),
    (AgencyReview, {ReviewState.ASKED.value: "report_over"}),
)
_FAILED = (AdmissionState.REFUSED, AdmissionState.WITHDRAWN, AdmissionState.LAPSED)


def do_duties(session: Session, time: Time, centre_id: uuid.UUID) -> int:
    """Do all that is due at a centre; returns how many things happened. May run as often as one likes."""
    today = today_of(session, time, centre_id)
    house = system_actor("job:agencies", centre_id)
    done = 0
    for kind, steps in _OVER:
        query = select(kind.id).where(kind.centre_id == centre_id, kind.state.in_(steps), kind.due_on < today)
        for affair_id in session.scalars(query.order_by(kind.id)).all():
            affair = changing(session, house, kind, affair_id)
            move(session, time, house, affair, steps[affair.state])
            done += 1
    done += _listings(session, time, centre_id, today)
    return done + _forget(session, time, centre_id, today)


def _listings(session: Session, time: Time, centre_id: uuid.UUID, today: date) -> int:
    house, done = system_actor("job:agencies", centre_id), 0
    there = (EntryStatus.ACTIVE.value, EntryStatus.SUSPENDED.value)
    query = select(AgencyListing).join(Agency).where(Agency.centre_id == centre_id, Agency.status.in_(there))
    listings: Sequence[AgencyListing] = session.scalars(query.order_by(AgencyListing.agency_id)).all()
    for listing in listings:
        agency = locked(session, house, listing.agency_id)
        is_suspended = agency.status == EntryStatus.SUSPENDED.value
        if is_suspended and listing.suspended_until is not None and listing.suspended_until < today:
            shift(session, time, house, agency, "end_suspension")
            done += 1
        if listing.listed_until is not None and listing.listed_until < today:
            shift(session, time, house, agency, "expire")
            done += 1
        ahead = today + timedelta(days=REVIEW_AHEAD_DAYS)
        if listing.review_on is not None and listing.review_on <= ahead and not _asked(session, listing):
            ask(session, time, house, listing)
            done += 1
    return done


def _asked(session: Session, listing: AgencyListing) -> bool:
    query = select(AgencyReview.id).where(
        AgencyReview.agency_id == listing.agency_id, AgencyReview.year_ends_on == listing.review_on
    )
    return session.scalar(query) is not None


def _forget(session: Session, time: Time, centre_id: uuid.UUID, today: date) -> int:
    """Delete drafts nobody touched and failed applications past their time, as the notice promises."""
    drafts = (AgencyApplication.state == AdmissionState.DRAFT.value) & (
        AgencyApplication.updated_at < time.now() - timedelta(days=KEEP_DRAFT_DAYS)
    )
    failed = AgencyApplication.state.in_([state.value for state in _FAILED]) & (
        AgencyApplication.updated_at < time.now() - timedelta(days=366 * KEEP_FAILED_YEARS)
    )
    query = select(AgencyApplication).where(AgencyApplication.centre_id == centre_id, drafts | failed)
    old = session.scalars(query.order_by(AgencyApplication.id)).all()
    house = system_actor("job:agencies", centre_id)
    for application in old:
        written(session, time, house, application, "forgotten")
        access = session.get(AgencyAccess, application.access_id) if application.access_id else None
        session.delete(application)
        session.flush()
        if access is not None and access.agency_id is None:
            session.delete(access)
    session.flush()
    return len(old)
