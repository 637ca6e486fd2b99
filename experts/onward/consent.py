"""A firm's recorded consent to a purpose, and the port by which the house says which record counts.

Consent is given and taken back on the same page with one press. Without another answer from the composition root the
records kept here count; each is a row, and the newest of a purpose decides.
"""

from __future__ import annotations

import uuid
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor, Permission
from core.clock import Clock as Time
from core.errors import BadInput
from core.said import said
from experts.consultation_models import Consultation
from experts.consultation_workflow import ConsultationState
from experts.consultations import changing, written
from experts.onward.models import OnwardConsent

#: the purpose of reporting to the national centre
UPWARD = "upward"
#: the words agreed to; raise it with every change of them
NOTICE = "2026-11-27"


class ConsentGiven(Protocol):
    """Whether a firm's consent to a purpose stands now."""

    def __call__(self, session: Session, consultation: Consultation, purpose: str) -> bool: ...


def latest(session: Session, consultation_id: uuid.UUID, purpose: str) -> OnwardConsent | None:
    """The newest row of a purpose."""
    query = select(OnwardConsent).where(
        OnwardConsent.consultation_id == consultation_id, OnwardConsent.purpose == purpose
    )
    return session.scalar(query.order_by(OnwardConsent.id.desc()).limit(1))


def stored_consent(session: Session, consultation: Consultation, purpose: str) -> bool:
    """Whether the newest row says so: the :class:`ConsentGiven` of a house without another."""
    row = latest(session, consultation.id, purpose)
    return row is not None and row.is_given


def decide(
    session: Session, time: Time, actor: Actor, consultation_id: uuid.UUID, *, is_given: bool
) -> OnwardConsent:
    """Give the consent to reporting upward, or take it back.

    Raises NotFound, NotAllowed (a firm's members alone), BadInput (nothing was submitted yet).
    """
    consultation = changing(session, actor, consultation_id)
    actor.require(Permission.ONWARD_AGREE)
    if consultation.state == ConsultationState.DRAFT.value:
        raise BadInput(said("Consents are given when it is submitted."), fix=said("Submit it first."))
    row = latest(session, consultation_id, UPWARD)
    if row is not None and row.is_given == is_given:
        return row
    row = OnwardConsent(
        consultation_id=consultation_id, purpose=UPWARD, is_given=is_given, notice=NOTICE,
        by=actor.name, at=time.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    written(session, time, actor, consultation, "consent_upward", {"given": is_given, "notice": NOTICE})
    return row
