"""The firm's objection to the expert it was given (回避): made once, with a reason, decided by the centre.

Upheld, the expert no longer has the matter and is not asked again in it; overruled, the matter goes on. What is objected
is between the firm and the centre: the expert does not read it.
"""

from __future__ import annotations

import uuid

from sqlalchemy.orm import Session

from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import NotFound, TransitionRefused
from core.said import said
from experts.assignment_models import AssignmentObjection, ObjectionState
from experts.beside.asking import may_ask, open_when_all_are_in
from experts.beside.workflow import BesideState
from experts.casework import end_assignment
from experts.consultation_models import Consultation
from experts.consultation_workflow import WITH_EXPERT
from experts.consultations import changing, move, noted, refuse, written

#: what the history and the outbox call its steps; none of them moves the matter
OBJECTED, UPHELD, OVERRULED = "object", "objection_upheld", "objection_overruled"


def object_to_expert(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    *,
    reason: str,
    expert: uuid.UUID | None = None,
    seen_version: int,
) -> AssignmentObjection:
    """The firm objects to an expert who has its matter.

    Args:
        expert: one who leads or writes beside; None for the leading one.

    Raises:
        TransitionRefused: it has objected before, or no expert has the matter.
        BadInput: without a reason. NotFound, NotAllowed, StaleWrite.
    """
    consultation = changing(session, actor, consultation_id, seen_version)
    actor.require(Permission.CONSULT_SUBMIT)
    if consultation.objection is not None:
        raise TransitionRefused(
            said("Your firm has objected once in this consultation; a second objection is not possible."),
            fix=said("Write to the centre in a message; it may still change the expert itself."),
        )
    meant = expert or consultation.expert_id
    if meant is None or meant not in experts_of(consultation):
        raise TransitionRefused(said("No expert has this matter now, so there is nobody to object to."))
    if not reason.strip():
        raise refuse("objection", said("Say why this expert should not advise you."))
    made = AssignmentObjection(
        expert_id=meant, reason=reason.strip(), by=actor.name, at=clock.now(),
        state=ObjectionState.OPEN.value,
    )  # fmt: skip
    consultation.objection = made
    noted(session, clock, actor, consultation, OBJECTED)
    written(
        session, clock, actor, consultation, OBJECTED, {"expert": str(made.expert_id), "reason": made.reason}
    )
    return made


def decide_objection(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    *,
    uphold: bool,
    answer: str,
    seen_version: int,
) -> AssignmentObjection:
    """The centre decides; upheld, the matter is taken back from that expert and another is asked.

    Raises BadInput (no reason), NotFound (no open objection), NotAllowed, StaleWrite.
    """
    consultation = changing(session, actor, consultation_id, seen_version)
    actor.require(Permission.CONSULT_HANDLE)
    made = consultation.objection
    if made is None or not consultation.is_objected:
        raise NotFound(said("There is no objection to decide."))
    if not answer.strip():
        raise refuse("answer", said("Say why; the firm reads it."))
    made.state = (ObjectionState.UPHELD if uphold else ObjectionState.OVERRULED).value
    made.answer, made.decided_by, made.decided_at = answer.strip(), actor.name, clock.now()
    leads = consultation.expert_id == made.expert_id and made.expert_id in experts_of(consultation)
    if uphold:
        _out_of_those_beside(clock, consultation, made.expert_id)
    if uphold and leads:
        move(session, clock, actor, consultation, "recall")
        end_assignment(clock, consultation)
    else:
        # Either nothing moves, or the expert has gone meanwhile: the firm hears of it all the same.
        noted(session, clock, actor, consultation, UPHELD if uphold else OVERRULED)
    told = {"expert": str(made.expert_id), "state": made.state, "answer": made.answer}
    written(session, clock, actor, consultation, "objection_decided", told)
    return made


def may_object(consultation: Consultation) -> bool:
    """Whether an expert has the matter, so that the firm may object if it has not yet."""
    return bool(experts_of(consultation))


def experts_of(consultation: Consultation) -> list[uuid.UUID]:
    """Who has the matter now: the leading expert first, then those who write beside."""
    states = {state.value for state in WITH_EXPERT}
    leads = [consultation.expert_id] if consultation.state in states and consultation.expert_id else []
    is_open = consultation.state in states or may_ask(consultation)
    return leads + [beside.expert_id for beside in consultation.besides if beside.is_live and is_open]


def _out_of_those_beside(clock: Clock, consultation: Consultation, expert_id: uuid.UUID) -> None:
    for beside in consultation.besides:
        if beside.is_live and beside.expert_id == expert_id:
            beside.state, beside.due_on, beside.days_left = BesideState.ENDED.value, None, None
            beside.version += 1
    open_when_all_are_in(clock, consultation)
