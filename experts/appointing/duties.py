"""What the calendar brings about, for the job: publicities end, supplements lapse, terms end, experts are reminded."""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import Clock as Time
from core.outbox import emit
from experts.appointing.moving import today_of
from experts.appointing.publicity import let_time_pass
from experts.appointing.standing import end_terms
from experts.appointing.standing_models import Qualification
from experts.models import EntryStatus, Expert

#: days before a qualification ends on which its expert is reminded
REMINDERS = (90, 30, 7)


def do_duties(session: Session, time: Time, centre_id: uuid.UUID) -> int:
    """Everything that is due at a centre; returns how many things happened."""
    return (
        let_time_pass(session, time, centre_id)
        + end_terms(session, time, centre_id)
        + remind(session, time, centre_id)
    )


def remind(session: Session, time: Time, centre_id: uuid.UUID) -> int:
    """Remind experts of qualifications that end; each of the days once, only the nearest when several passed."""
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
    session.flush()
    return told
