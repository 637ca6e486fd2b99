"""What the calendar brings about in consultations, for the job: a supplement is reminded of and lapses, follow-ups are
told of when they are due."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.actor import system_actor
from core.centres import Centre
from core.clock import Clock, local_date
from core.outbox import emit
from core.workdays import add_working_days
from experts.consultation_models import Consultation, FollowUp
from experts.consultation_workflow import ANSWERED, ConsultationState
from experts.consultations import move, noted, today_of

#: what the history and the outbox call the reminder; it moves nothing
REMINDED = "remind_supplement"
#: the outbox's word for a follow-up that is due
FOLLOW_UP_DUE = "follow_up_due"
#: working days before the last one on which the firm is reminded
NOTICE = 1


def do_duties(session: Session, clock: Clock, centre_id: uuid.UUID) -> int:
    """Everything that is due at a centre; returns how many things happened."""
    return (
        lapse_supplements(session, clock, centre_id)
        + remind_of_supplements(session, clock, centre_id)
        + tell_follow_ups(session, clock, centre_id)
    )


def _waiting(session: Session, centre_id: uuid.UUID) -> list[Consultation]:
    query = select(Consultation).where(
        Consultation.centre_id == centre_id, Consultation.state == ConsultationState.SUPPLEMENT.value
    )
    return list(session.scalars(query.order_by(Consultation.due_on, Consultation.id).with_for_update()))


def lapse_supplements(session: Session, clock: Clock, centre_id: uuid.UUID) -> int:
    """End what waits for a supplement whose last day has passed; the firm is told, and staff can give it time again."""
    today, now = today_of(session, clock, centre_id), clock.now()
    house, done = system_actor("job:consultations", centre_id), 0
    for row in _waiting(session, centre_id):
        is_late = row.due_on is not None and today > row.due_on
        if is_late or (row.due_at is not None and now > row.due_at):
            move(session, clock, house, row, "lapse")
            done += 1
    return done


def remind_of_supplements(session: Session, clock: Clock, centre_id: uuid.UUID) -> int:
    """Remind a firm once, the working day before the last, of what was asked for; never on the day it was asked."""
    today, done = today_of(session, clock, centre_id), 0
    house, zone = system_actor("job:consultations", centre_id), session.get_one(Centre, centre_id).zone
    for row in _waiting(session, centre_id):
        if row.due_on is None or add_working_days(today, NOTICE) < row.due_on:
            continue
        asked = _asked(row, zone)
        if asked is None or asked < today:
            if _is_reminded(row):
                continue
            noted(session, clock, house, row, REMINDED)
            done += 1
    return done


def _asked(row: Consultation, zone: str) -> date | None:
    steps = [step for step in row.steps if step.step in ("ask_supplement", "revive")]
    return local_date(steps[-1].at, zone) if steps else None


def _is_reminded(row: Consultation) -> bool:
    for step in reversed(row.steps):
        if step.step == REMINDED:
            return True
        if step.step in ("ask_supplement", "revive"):
            return False
    return False


def due_follow_ups(
    session: Session, today: date, centre_id: uuid.UUID
) -> list[tuple[Consultation, FollowUp]]:
    """Follow-ups whose day has come and that nobody has written down, the oldest first."""
    query = (
        select(Consultation, FollowUp)
        .join(FollowUp, FollowUp.consultation_id == Consultation.id)
        .where(
            Consultation.centre_id == centre_id,
            or_(*(Consultation.state == state.value for state in ANSWERED)),
            FollowUp.done_at.is_(None),
            FollowUp.due_on <= today,
        )
        .order_by(FollowUp.due_on, FollowUp.id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def tell_follow_ups(session: Session, clock: Clock, centre_id: uuid.UUID) -> int:
    """Tell the centre's staff, once, of each follow-up whose day has come."""
    done = 0
    for row, follow_up in due_follow_ups(session, today_of(session, clock, centre_id), centre_id):
        if follow_up.told_at is not None:
            continue
        follow_up.told_at = clock.now()
        payload = {
            "consultation": str(row.id),
            "step": FOLLOW_UP_DUE,
            "state": row.state,
            "id": follow_up.id,
            "by_side": "system",
        }
        emit(session, "consultation.moved", str(row.id), payload, clock)
        done += 1
    return done
