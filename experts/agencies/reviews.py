"""The yearly review of a listed agency (年审): the agency reports, the centre passes, downgrades, suspends or delists."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import Session

from core.actor import Actor, Permission
from core.clock import Clock as Time
from core.db import new_id
from core.errors import TransitionRefused
from core.said import said
from experts.agencies.clocks import started
from experts.agencies.models import AgencyListing, AgencyReview
from experts.agencies.moving import Guard, Obstacle, add_step, changing, move, today_of, written
from experts.agencies.standing import extend, listing_of, locked, shift
from experts.agencies.workflow import OPEN_REVIEWS, REVIEWS, ReviewState

#: what a report tells; the first three are needed, and what the public reads follows them once the review is passed
REPORT = ("matters", "discipline", "changes", "insurance", "insured_until", "team", "pro_bono")
NEEDED = ("matters", "discipline", "changes")
STEPS = ("return", "renew", "downgrade", "suspend", "delist")


def ask(session: Session, time: Time, actor: Actor, listing: AgencyListing) -> AgencyReview:
    """Ask for the report on the year that ends on the listing's review day. One a year, by a unique key."""
    assert listing.review_on is not None
    today, now = today_of(session, time, listing.centre_id), time.now()
    state = ReviewState.ASKED.value
    review = AgencyReview(
        id=new_id(), centre_id=listing.centre_id, agency_id=listing.agency_id, year_ends_on=listing.review_on,
        state=state, due_on=started(today, REVIEWS.clocks[state]).due_on,
        days_left=REVIEWS.clocks[ReviewState.REPORTED.value], version=1, created_at=now, updated_at=now,
        report={}, finding="",
    )  # fmt: skip
    session.add(review)
    session.flush()
    add_step(session, time, actor, REVIEWS.noun, review.id, "ask", state)
    written(session, time, actor, review, "asked", {"year_ends_on": listing.review_on.isoformat()})
    return review


def report(
    session: Session,
    time: Time,
    actor: Actor,
    review_id: uuid.UUID,
    told: Mapping[str, Any],
    *,
    seen_version: int,
) -> AgencyReview:
    """The agency reports; late as well, as long as nothing was decided. Raises BadInput (what is missing), NotFound,
    NotAllowed, StaleWrite, TransitionRefused."""
    review = changing(session, actor, AgencyReview, review_id, seen_version)
    kept = {name: told[name] for name in REPORT if told.get(name)}

    def is_whole(*_: Any) -> Obstacle | None:
        gap = next((name for name in NEEDED if not kept.get(name)), None)
        return Obstacle(said("Say this too; write none where there is nothing."), gap) if gap else None

    move(session, time, actor, review, "report", guards=(is_whole,))
    review.report = kept
    session.flush()
    return review


def take(
    session: Session,
    time: Time,
    actor: Actor,
    review_id: uuid.UUID,
    step: str,
    *,
    seen_version: int,
    words: str = "",
    months: int | None = None,
) -> AgencyReview:
    """Take one of :data:`STEPS`; the agency's term or status changes in the same transaction.

    Raises BadInput (no words), NotFound, NotAllowed, StaleWrite, TransitionRefused.
    """
    if step not in STEPS:
        raise TransitionRefused(said("This step is taken on another page."))
    review = changing(session, actor, AgencyReview, review_id, seen_version)
    text = words.strip()

    def says_why(*_: Any) -> Obstacle | None:
        return None if text or step == "renew" else Obstacle(said("Say why; the agency reads it."), "words")

    agency = locked(session, actor, review.agency_id)
    guards: tuple[Guard, ...] = (says_why,)
    move(session, time, actor, review, step, guards=guards, note=text)
    review.finding = text
    if step in ("renew", "downgrade"):
        listing = listing_of(session, agency)
        learned = {
            name: review.report[name] for name in REPORT if name != "changes" and review.report.get(name)
        }
        listing.profile = {**listing.profile, **learned}
        extend(session, time, actor, agency, is_observed=step == "downgrade")
    if step in ("suspend", "delist"):
        shift(session, time, actor, agency, step, reason=text, months=months)
    session.flush()
    return review


def list_reviews(
    session: Session, actor: Actor, *, state: str = "open", offset: int = 0, limit: int = 31
) -> Sequence[AgencyReview]:
    """Reviews of the centre, the most pressing first. Raises NotAllowed."""
    actor.require(Permission.AGENCY_HANDLE)
    query = AgencyReview.visible_to(actor)
    if state == "open":
        query = query.where(AgencyReview.state.in_([one.value for one in OPEN_REVIEWS]))
    elif state != "all":
        query = query.where(AgencyReview.state == state)
    order = (func.coalesce(AgencyReview.due_on, date(9999, 1, 1)), AgencyReview.id)
    return session.scalars(query.order_by(*order).offset(offset).limit(limit)).all()
