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
from experts.casework import end_assignment
from experts.consultation_models import AssignmentObjection, Consultation, ConsultationStep, ObjectionState
from experts.consultation_workflow import WITH_EXPERT
from experts.consultations import changing, move, refuse, side_of, tell, written

#: what the history and the outbox call its steps; none of them moves the matter
OBJECTED, UPHELD, OVERRULED = "object", "objection_upheld", "objection_overruled"


def object_to_expert(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    *,
    reason: str,
    seen_version: int,
) -> AssignmentObjection:
    """The firm objects to the expert who has its matter.

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
    if not may_object(consultation) or consultation.expert_id is None:
        raise TransitionRefused(said("No expert has this matter now, so there is nobody to object to."))
    if not reason.strip():
        raise refuse("objection", said("Say why this expert should not advise you."))
    made = AssignmentObjection(
        expert_id=consultation.expert_id, reason=reason.strip(), by=actor.name, at=clock.now(),
        state=ObjectionState.OPEN.value,
    )  # fmt: skip
    consultation.objection = made
    _noted(session, clock, actor, consultation, OBJECTED)
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
    has_it = consultation.expert_id == made.expert_id and may_object(consultation)
    if uphold and has_it:
        move(session, clock, actor, consultation, "recall")
        end_assignment(clock, consultation)
    else:
        # Either nothing moves, or the expert has gone meanwhile: the firm hears of it all the same.
        _noted(session, clock, actor, consultation, UPHELD if uphold else OVERRULED)
    told = {"expert": str(made.expert_id), "state": made.state, "answer": made.answer}
    written(session, clock, actor, consultation, "objection_decided", told)
    return made


def may_object(consultation: Consultation) -> bool:
    """Whether an expert has the matter, so that the firm may object if it has not yet."""
    return consultation.state in {state.value for state in WITH_EXPERT}


def _noted(session: Session, clock: Clock, actor: Actor, consultation: Consultation, step: str) -> None:
    """A line in the history that moves nothing."""
    taken = ConsultationStep(
        step=step, state=consultation.state, note="", by_side=side_of(actor), by=actor.name, at=clock.now()
    )
    consultation.steps.append(taken)
    consultation.version += 1
    consultation.updated_at = clock.now()
    session.flush()
    tell(session, clock, consultation, step, taken)
