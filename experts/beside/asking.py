"""Experts asked to write beside the leading one: asked, declaring, stepping aside, taken back; and their clocks."""

from __future__ import annotations

import uuid

from sqlalchemy.orm import Session

from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import NotFound, StaleWrite, TransitionRefused
from core.outbox import emit
from core.said import said
from core.workdays import add_working_days
from experts import clearing
from experts.beside.models import Beside
from experts.beside.workflow import ASKABLE, BESIDE_WORKFLOW, CLOCKS, WRITTEN, BesideState
from experts.clocks import Clock as Days
from experts.consultation_models import Consultation
from experts.consultation_workflow import ConsultationState
from experts.consultations import changing, noted, refuse, today_of, written
from experts.ports import Suggest

#: what the history and the outbox call its steps; none of them moves the matter
ASKED, ANSWERED, DECLINED, TAKEN_BACK = (
    "ask_beside",
    "beside_declared",
    "beside_declined",
    "beside_taken_back",
)
#: the outbox's word for the expert's own mail
ASKS_EXPERT = "asks_beside"


def ask_beside(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    expert_id: uuid.UUID | None,
    suggest: Suggest,
    *,
    question: str = "",
    note: str = "",
    seen_version: int,
) -> Beside:
    """Ask one more expert to write an opinion of their own, without reading the others.

    Args:
        question: what is asked of this expert; "" for the firm's own question.
        note: why this one, where another stands before them in the ranking.

    Raises:
        BadInput: the firm has not agreed to an expert, the expert is no candidate (barred, stepped aside, objected to,
            leading already or asked beside already), or a possible conflict is not cleared.
        TransitionRefused: the matter is not with experts now. NotFound, NotAllowed, StaleWrite.
    """
    consultation = changing(session, actor, consultation_id, seen_version)
    actor.require(Permission.CONSULT_HANDLE)
    if not may_ask(consultation):
        raise TransitionRefused(
            said("Nobody can be asked beside now: the opinion is written already, or the matter is over."),
            fix=said("Return the opinion first, or open the matter again."),
        )
    found, chosen, expert = clearing.choose_expert(session, actor, consultation, suggest, expert_id, note)
    beside = Beside(
        expert_id=expert.id,
        author=expert.name_zh,
        state=BESIDE_WORKFLOW.initial,
        question=question.strip(),
        override=note.strip() if found.passes_over(chosen) else "",
        asked_by=actor.name,
        asked_at=clock.now(),
    )
    consultation.besides.append(beside)
    start_clock(session, clock, consultation, beside)
    noted(session, clock, actor, consultation, ASKED)
    told = {"beside": str(beside.id), "expert": str(expert.id), "question": beside.question, "note": note}
    written(session, clock, actor, consultation, ASKED, told)
    payload = {
        "consultation": str(consultation.id),
        "step": ASKS_EXPERT,
        "state": consultation.state,
        "id": str(beside.id),
        "by_side": "staff",
    }
    emit(session, "consultation.moved", str(consultation.id), payload, clock)
    return beside


def may_ask(consultation: Consultation) -> bool:
    """Whether an expert may be asked to write beside now."""
    return consultation.state in ASKABLE


def step_beside(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    beside_id: uuid.UUID,
    step: str,
    *,
    seen_version: int | None,
) -> tuple[Consultation, Beside]:
    """Lock the matter and take a declared step of an opinion beside. Raises NotFound, NotAllowed, StaleWrite,
    TransitionRefused."""
    consultation = changing(session, actor, consultation_id)
    beside = find(consultation, actor, beside_id)
    if seen_version is not None and beside.version != seen_version:
        raise StaleWrite(
            said("This consultation changed while you were looking at it."),
            fix=said("Look again and decide anew; nothing was changed."),
            yours=seen_version,
            current=beside.version,
        )
    beside.state = BESIDE_WORKFLOW.take(step, beside.state, actor)
    beside.version += 1
    start_clock(session, clock, consultation, beside)
    return consultation, beside


def find(consultation: Consultation, actor: Actor, beside_id: uuid.UUID) -> Beside:
    """An opinion beside that the actor may know of: staff all, an expert their own. Raises NotFound."""
    beside = next((one for one in consultation.besides if one.id == beside_id), None)
    if beside is None or not (actor.is_staff or beside is consultation.beside_of(actor)):
        raise NotFound(said("There is no such opinion."))
    return beside


def declare_beside(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    beside_id: uuid.UUID,
    *,
    seen_version: int,
) -> Beside:
    """The expert declares that there is no conflict; from then on the material is shown to them."""
    consultation, beside = step_beside(
        session, clock, actor, consultation_id, beside_id, "declare", seen_version=seen_version
    )
    beside.answered_at = clock.now()
    noted(session, clock, actor, consultation, ANSWERED)
    written(session, clock, actor, consultation, ANSWERED, {"beside": str(beside.id)})
    return beside


def decline_beside(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    beside_id: uuid.UUID,
    *,
    conflict: str,
    seen_version: int,
) -> Beside:
    """The expert steps aside; they no longer see the matter and are not asked again in it. Raises BadInput without a
    reason."""
    actor.require(Permission.CONSULT_ADVISE)
    if not conflict.strip():
        raise refuse("conflict", said("Say what the conflict is, in one sentence."))
    consultation, beside = step_beside(
        session, clock, actor, consultation_id, beside_id, "decline", seen_version=seen_version
    )
    beside.answered_at, beside.conflict = clock.now(), conflict.strip()
    noted(session, clock, actor, consultation, DECLINED)
    told = {"beside": str(beside.id), "conflict": beside.conflict}
    written(session, clock, actor, consultation, DECLINED, told)
    open_when_all_are_in(clock, consultation)
    return beside


def take_back_beside(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    beside_id: uuid.UUID,
    *,
    seen_version: int,
) -> Beside:
    """Staff go on without this expert, who no longer sees the matter; what was handed in stays in the record."""
    actor.require(Permission.CONSULT_HANDLE)
    consultation, beside = step_beside(
        session, clock, actor, consultation_id, beside_id, "take_back", seen_version=seen_version
    )
    noted(session, clock, actor, consultation, TAKEN_BACK)
    written(session, clock, actor, consultation, TAKEN_BACK, {"beside": str(beside.id)})
    open_when_all_are_in(clock, consultation)
    return beside


def end_besides(consultation: Consultation) -> None:
    """Nobody writes beside any more: the matter ended, or the firm took its consent back."""
    for beside in consultation.besides:
        if beside.is_live:
            beside.state, beside.due_on, beside.days_left = BesideState.ENDED.value, None, None
            beside.version += 1


def open_when_all_are_in(clock: Clock, consultation: Consultation) -> bool:
    """Open what was handed in once nobody has still to hand in; returns whether anything was opened."""
    closed = [one for one in consultation.besides if one.state == BesideState.HANDED_IN.value]
    if not closed or any(one.is_unwritten for one in consultation.besides):
        return False
    for beside in closed:
        beside.state, beside.opened_at = BesideState.OPENED.value, clock.now()
        beside.version += 1
    return True


def waits_beside(consultation: Consultation) -> bool:
    """Whether an opinion beside is still being written."""
    return any(one.is_unwritten for one in consultation.besides)


def written_of(consultation: Consultation) -> list[Beside]:
    """Every opinion beside that was handed in and stands."""
    return [one for one in consultation.besides if one.state in WRITTEN]


def start_clock(session: Session, clock: Clock, consultation: Consultation, beside: Beside) -> None:
    """Give an opinion beside the clock of its state; it stands at once where the firm is waited for."""
    days = CLOCKS.get(beside.state, {}).get(consultation.urgency)
    beside.due_on = beside.days_left = None
    if days is None:
        return
    today = today_of(session, clock, consultation.centre_id)
    beside.due_on = add_working_days(today, days)
    if consultation.state == ConsultationState.WAITING.value and beside.state == BesideState.DECLARED.value:
        stopped = Days(due_on=beside.due_on).stopped(today)
        beside.due_on, beside.days_left = None, stopped.left
