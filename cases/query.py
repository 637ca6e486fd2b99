"""Reading cases: one case with everything the actor may see, and the review of candidates."""

from __future__ import annotations

import uuid

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from cases.models import CASE_REVIEW, Case, CaseEvidence, CaseStatus
from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import NotFound, StaleWrite
from core.outbox import emit
from core.said import said


def get_case(session: Session, actor: Actor, case_id: uuid.UUID) -> Case:
    """The case with its parties, events and tags. Raises NotFound when the actor may not know of it."""
    query = Case.visible_to(actor).where(Case.id == case_id)
    case = session.scalar(
        query.options(selectinload(Case.parties), selectinload(Case.events), selectinload(Case.tags))
    )
    if case is None:
        raise NotFound(
            said("There is no such case, or it is not public."),
            fix=said("Search for it by docket number or party."),
        )
    return case


def evidence_of(session: Session, case_id: uuid.UUID) -> list[CaseEvidence]:
    """The snapshots a case rests on, newest first."""
    query = (
        select(CaseEvidence).where(CaseEvidence.case_id == case_id).order_by(CaseEvidence.fetched_at.desc())
    )
    return list(session.scalars(query))


def candidates(actor: Actor) -> Select[Case]:
    """The query of cases waiting for review, newest first. Raises NotAllowed unless the actor reviews them."""
    actor.require(Permission.CANDIDATE_REVIEW)
    return (
        Case.visible_to(actor)
        .where(Case.status == CaseStatus.CANDIDATE.value)
        .order_by(Case.latest_on.desc(), Case.id.desc())
    )


def count_by_status(session: Session) -> dict[str, int]:
    """Cases per status."""
    return dict(session.execute(select(Case.status, func.count()).group_by(Case.status)).all())


def review_case(
    session: Session, clock: Clock, actor: Actor, case_id: uuid.UUID, step: str, *, seen_version: int
) -> Case:
    """Take a review step (confirm, dismiss, return) on a case.

    Args:
        seen_version: the version the reviewer looked at.

    Raises:
        NotFound: no such case, or not the actor's to see.
        NotAllowed: the actor does not review.
        StaleWrite: the case changed since; nothing was written.
        TransitionRefused: its state does not allow the step.
    """
    session.execute(select(Case.id).where(Case.id == case_id).with_for_update())
    case = get_case(session, actor, case_id)
    target = CASE_REVIEW.take(step, case.status, actor)
    if case.version != seen_version:
        raise StaleWrite(
            said("The case %(number)s changed while you were reading it.", number=case.docket_number),
            fix=said("Look at it again and decide anew; nothing was changed."),
            yours=seen_version,
            current=case.version,
        )
    case.status = target
    case.version += 1
    case.updated_at = clock.now()
    audit.record(session, clock, actor, f"case.{step}", "case", case.id, values={"status": target})
    emit(session, "case.changed", str(case.id), {"fields": ["status"], "backfill": False}, clock)
    if target == CaseStatus.PUBLIC.value:
        case.public_since = case.version
        emit(session, "case.confirmed", str(case.id), {"backfill": False}, clock)
    return case
