"""What the centre and experts do with a consultation: accept, refuse, assign, declare, take back, close."""

from __future__ import annotations

import uuid

from sqlalchemy.orm import Session

from core.actor import Actor, Permission, system_actor
from core.clock import Clock
from core.errors import BadInput, NotFound
from core.said import said
from experts import clearing
from experts.assignment_models import Assignment, AssignmentState
from experts.beside.asking import end_besides
from experts.consents import Purpose, keep
from experts.consultation_models import Consultation
from experts.consultation_workflow import CONSENT_VERSION, REFUSALS, WITH_EXPERT, ConsultationState, Urgency
from experts.consultations import changing, move, refuse, written
from experts.ports import Suggest
from experts.suggest import record_decision


def accept(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    *,
    urgency: str,
    seen_version: int,
) -> Consultation:
    """Accept it, and say how soon it must be answered. Raises NotFound, NotAllowed, StaleWrite, TransitionRefused."""
    consultation = changing(session, actor, consultation_id, seen_version)
    if urgency not in set(Urgency):
        raise refuse("urgency", said("Choose how urgent it is."))
    consultation.urgency = urgency
    move(session, clock, actor, consultation, "accept")
    return consultation


def reject(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    *,
    reason: str,
    note: str = "",
    seen_version: int,
) -> Consultation:
    """Refuse it for a coded reason, whose remedy the firm reads. Raises BadInput for another reason."""
    consultation = changing(session, actor, consultation_id, seen_version)
    actor.require(Permission.CONSULT_HANDLE)
    if reason not in REFUSALS:
        raise refuse("reason", said("Choose the reason for the refusal."))
    consultation.refusal = reason
    move(session, clock, actor, consultation, "reject", note=note.strip())
    return consultation


def assign(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    expert_id: uuid.UUID | None,
    suggest: Suggest,
    *,
    note: str = "",
    seen_version: int,
) -> Consultation:
    """Ask an expert; the matching that the choice rests on is written down with it.

    Raises:
        BadInput: the firm has not agreed to an expert, the expert is none of the candidates (suspended, of another
            centre, barred, or stepped aside for a conflict), a held one is not cleared, or another than the first is
            asked without a reason. Whoever has the exploration place is asked without one.
        NotFound, NotAllowed, StaleWrite, TransitionRefused.
    """
    consultation = changing(session, actor, consultation_id, seen_version)
    actor.require(Permission.CONSULT_HANDLE)
    found, chosen, expert = clearing.choose_expert(session, actor, consultation, suggest, expert_id, note)
    consultation.expert_id = expert.id
    consultation.assignments.append(
        Assignment(
            expert_id=expert.id,
            # What was cleared stands in the clearance, with its reason.
            reasons=[] if chosen.is_held else list(chosen.reasons),
            override=note.strip() if found.passes_over(chosen) else "",
            exploration=chosen.is_exploration,
            assigned_by=actor.name,
            assigned_at=clock.now(),
        )
    )
    move(session, clock, actor, consultation, "assign")
    if found.result is not None:
        record_decision(session, clock, actor, "consultation", consultation.id, found.result)
    if note.strip():
        written(session, clock, actor, consultation, "assign_note", {"note": note.strip()})
    return consultation


def _current(consultation: Consultation) -> Assignment:
    live = (AssignmentState.WAITING.value, AssignmentState.DECLARED.value)
    for assignment in reversed(consultation.assignments):
        if assignment.expert_id == consultation.expert_id and assignment.state in live:
            return assignment
    raise NotFound(said("There is no such consultation for you."))


def declare(
    session: Session, clock: Clock, actor: Actor, consultation_id: uuid.UUID, *, seen_version: int
) -> Consultation:
    """The expert declares that there is no conflict; from then on the material is shown to them."""
    consultation = changing(session, actor, consultation_id, seen_version)
    actor.require(Permission.CONSULT_ADVISE)
    move(session, clock, actor, consultation, "declare")
    assignment = _current(consultation)
    assignment.state, assignment.answered_at = AssignmentState.DECLARED.value, clock.now()
    return consultation


def decline(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    *,
    conflict: str,
    seen_version: int,
) -> Consultation:
    """The expert steps aside for a conflict; the matter goes back, and they no longer see it or are asked again.

    The firm learns that the expert stepped aside; what the conflict is stays between the expert and the centre.
    """
    consultation = changing(session, actor, consultation_id, seen_version)
    actor.require(Permission.CONSULT_ADVISE)
    if not conflict.strip():
        raise refuse("conflict", said("Say what the conflict is, in one sentence."))
    move(session, clock, actor, consultation, "decline")
    assignment = _current(consultation)
    assignment.state, assignment.answered_at = AssignmentState.DECLINED.value, clock.now()
    assignment.conflict = conflict.strip()
    consultation.expert_id = None
    return consultation


def begin_advice(
    session: Session, clock: Clock, actor: Actor, consultation_id: uuid.UUID, *, seen_version: int
) -> Consultation:
    """The expert begins."""
    consultation = changing(session, actor, consultation_id, seen_version)
    move(session, clock, actor, consultation, "begin")
    return consultation


def recall(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    *,
    note: str = "",
    seen_version: int,
) -> Consultation:
    """Take the matter back from its expert, who no longer sees it."""
    consultation = changing(session, actor, consultation_id, seen_version)
    actor.require(Permission.CONSULT_HANDLE)
    if not note.strip():
        raise refuse("note", said("Say why; the firm reads it."))
    move(session, clock, actor, consultation, "recall", note=note.strip())
    end_assignment(clock, consultation)
    return consultation


def end_assignment(clock: Clock, consultation: Consultation) -> None:
    """The expert no longer has the matter, whatever they had answered."""
    for assignment in consultation.assignments:
        if assignment.state in (AssignmentState.WAITING.value, AssignmentState.DECLARED.value):
            assignment.state = AssignmentState.ENDED.value
            assignment.answered_at = assignment.answered_at or clock.now()
    consultation.expert_id = None


def set_consent(
    session: Session, clock: Clock, actor: Actor, consultation_id: uuid.UUID, *, expert: bool
) -> Consultation:
    """Give, or take back, the consent that an expert sees the matter; taken back, whoever has it loses it at once."""
    consultation = changing(session, actor, consultation_id)
    actor.require(Permission.CONSULT_SUBMIT)
    if consultation.state == ConsultationState.DRAFT.value:
        raise BadInput(
            said("Consents are given when it is submitted."),
            fix=said("Submit it first, or discard the draft."),
        )
    if consultation.consent_expert == expert:
        return consultation
    consultation.consent_expert, consultation.consent_at = expert, clock.now()
    consultation.consent_version = CONSENT_VERSION
    consultation.version += 1
    keep(session, clock, actor, consultation, Purpose.EXPERT, expert)
    written(session, clock, actor, consultation, "consent", {"expert": expert})
    if not expert:
        if consultation.state in {state.value for state in WITH_EXPERT}:
            house = system_actor(actor.name, consultation.centre_id)
            move(session, clock, house, consultation, "consent_withdrawn")
        end_assignment(clock, consultation)
        end_besides(consultation)
    return consultation


def withdraw(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    *,
    note: str = "",
    seen_version: int,
) -> Consultation:
    """The firm takes its consultation back; an expert who had it no longer sees it."""
    consultation = changing(session, actor, consultation_id, seen_version)
    move(session, clock, actor, consultation, "withdraw", note=note.strip())
    end_assignment(clock, consultation)
    end_besides(consultation)
    return consultation


def close(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    *,
    satisfaction: int | None,
    words: str = "",
    seen_version: int,
) -> Consultation:
    """The firm closes it with a mark from 1 (bad) to 5 (good)."""
    consultation = changing(session, actor, consultation_id, seen_version)
    actor.require(Permission.CONSULT_SUBMIT)
    if satisfaction is None or not 1 <= satisfaction <= 5:
        raise refuse("satisfaction", said("Give a mark from 1 to 5."))
    consultation.satisfaction, consultation.closing_words = satisfaction, words.strip()
    move(session, clock, actor, consultation, "close")
    return consultation


def conclude(
    session: Session, clock: Clock, actor: Actor, consultation_id: uuid.UUID, *, seen_version: int
) -> Consultation:
    """Staff close one whose firm does not answer any more."""
    consultation = changing(session, actor, consultation_id, seen_version)
    move(session, clock, actor, consultation, "conclude")
    return consultation
