"""A firm gives a consent or takes it back, and what follows at once: one function, whichever the purpose."""

from __future__ import annotations

import uuid

from sqlalchemy.orm import Session

from core.actor import Actor, Permission
from core.clock import Clock as Time
from core.errors import BadInput
from core.said import said
from experts import casework
from experts.consents import PURPOSES, Purpose, is_given, keep
from experts.consultation_workflow import OVER_STATES, ConsultationState
from experts.consultations import changing, written
from experts.onward import escalations
from experts.studies import publishing


def decide(
    session: Session, time: Time, actor: Actor, consultation_id: uuid.UUID, purpose: Purpose, *, given: bool
) -> bool:
    """Give a consent or take it back; returns whether that changed anything.

    Taken back, it stops at once what rested on it: the expert loses the matter, reports that were not sent are dropped,
    a case study leaves the public page.

    Raises as :func:`write_down`.
    """
    changed = write_down(session, time, actor, consultation_id, purpose, given=given)
    if changed and not given and purpose is Purpose.UPWARD:
        escalations.consent_was_withdrawn(session, time, actor, consultation_id)
    if changed and not given and purpose is Purpose.CASE:
        publishing.consent_was_withdrawn(session, time, actor, consultation_id)
    return changed


def write_down(
    session: Session, time: Time, actor: Actor, consultation_id: uuid.UUID, purpose: Purpose, *, given: bool
) -> bool:
    """Write a decision down, which by itself refuses whatever asks for the consent; returns whether it is another.

    Raises NotFound, NotAllowed (a firm's members alone), BadInput (nothing was submitted yet, or it is over).
    """
    consultation = changing(session, actor, consultation_id)
    actor.require(Permission.CONSULT_SUBMIT)
    if consultation.state == ConsultationState.DRAFT.value:
        raise BadInput(said("Consents are given when it is submitted."), fix=said("Submit it first."))
    if is_given(session, consultation, purpose) == given:
        return False
    is_over = consultation.state in {state.value for state in OVER_STATES}
    if given and is_over and not PURPOSES[purpose].when_over:
        raise BadInput(said("The consultation is over: nobody would use this consent any more."))
    if purpose is Purpose.EXPERT:
        casework.set_consent(session, time, actor, consultation_id, expert=given)
        return True
    row = keep(session, time, actor, consultation, purpose, given)
    told = {"given": given, "notice": row.notice}
    written(session, time, actor, consultation, f"consent_{purpose.value}", told)
    return True
