"""What the calendar brings about, for the job: publicities end, supplements lapse, terms end, experts are reminded."""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.actor import system_actor
from core.clock import Clock as Time
from core.outbox import emit
from experts.appointing.models import Application
from experts.appointing.moving import today_of, written
from experts.appointing.publicity import let_time_pass
from experts.appointing.standing import end_terms
from experts.appointing.standing_models import Appointment, Qualification
from experts.appointing.workflow import ApplicationState as S
from experts.models import EntryStatus, Expert

#: days after which an application that led to nothing is deleted, and a draft that nobody touched
KEPT_UNSUCCESSFUL, KEPT_DRAFT = 730, 90
#: days before a qualification ends on which its expert is reminded
REMINDERS = (90, 30, 7)
#: days before a term ends on which its expert is told
TERM_NOTICE = 60


def do_duties(session: Session, time: Time, centre_id: uuid.UUID) -> int:
    """Everything that is due at a centre; returns how many things happened."""
    return (
        let_time_pass(session, time, centre_id)
        + end_terms(session, time, centre_id)
        + remind(session, time, centre_id)
        + forget(session, time, centre_id)
    )


def forget(session: Session, time: Time, centre_id: uuid.UUID) -> int:
    """Delete applications whose time has passed, as their applicants were promised; the audit keeps that they were.

    Their files' bytes go with the next sweep of the vault (:func:`experts.attachments.sweep_vault`).
    """
    now = time.now()
    ended = [S.REFUSED.value, S.WITHDRAWN.value, S.LAPSED.value]
    old = or_(
        Application.state.in_(ended) & (Application.updated_at < now - timedelta(days=KEPT_UNSUCCESSFUL)),
        (Application.state == S.DRAFT.value) & (Application.updated_at < now - timedelta(days=KEPT_DRAFT)),
    )
    house, gone = system_actor("job:appointing", centre_id), 0
    for row in session.scalars(select(Application).where(Application.centre_id == centre_id, old)).all():
        written(session, time, house, row, "forgotten")
        session.delete(row)
        gone += 1
    session.flush()
    return gone


def remind(session: Session, time: Time, centre_id: uuid.UUID) -> int:
    """Remind experts of qualifications that end, each of the days once, only the nearest when several passed; and of
    their term."""
    today, told = today_of(session, time, centre_id), 0
    query = (
        select(Qualification)
        .join(Expert, Expert.id == Qualification.expert_id)
        .where(
            Expert.centre_id == centre_id,
            Expert.status.in_([EntryStatus.ACTIVE.value, EntryStatus.SUSPENDED.value]),
            Qualification.state == "verified",
            Qualification.expires_on >= today,
            Qualification.expires_on <= today + timedelta(days=max(REMINDERS)),
        )
        .order_by(Qualification.id)
    )
    for row in session.scalars(query):
        assert row.expires_on is not None
        due = min(day for day in REMINDERS if (row.expires_on - today).days <= day)
        if row.reminded is not None and row.reminded <= due:
            continue
        row.reminded = due
        emit(
            session,
            "qualification.ending",
            str(row.expert_id),
            {"qualification": str(row.id), "days": due},
            time,
        )
        told += 1
    return told + _tell_terms(session, time, centre_id)


def _tell_terms(session: Session, time: Time, centre_id: uuid.UUID) -> int:
    """Tell experts, once, that their term ends soon."""
    today, told = today_of(session, time, centre_id), 0
    query = select(Appointment).where(
        Appointment.centre_id == centre_id,
        Appointment.ended_on.is_(None),
        Appointment.is_ending_told.is_(False),
        Appointment.until_on >= today,
        Appointment.until_on <= today + timedelta(days=TERM_NOTICE),
    )
    for row in session.scalars(query.order_by(Appointment.id)):
        row.is_ending_told = True
        emit(session, "expert.term_ending", str(row.expert_id), {"appointment": str(row.id)}, time)
        told += 1
    session.flush()
    return told
