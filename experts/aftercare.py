"""Beside the straight way of a consultation: what is missing, duplicates, ending it early, reopening, following up.

What the opinion led to stands here too: follow-ups, the outcome, and a saving that names its method and who confirmed it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import NotFound, TransitionRefused
from core.said import said
from core.text import fold
from core.vault import Vault
from experts.attachments import add_file, files_of
from experts.beside.asking import end_besides
from experts.casework import end_assignment
from experts.consultation_models import Consultation, FollowUp
from experts.consultation_workflow import (
    FOLLOW_UPS,
    OPEN_STATES,
    OUTCOMES,
    TERMINATIONS,
    ConsultationState,
)
from experts.consultations import (
    ANSWERS,
    begin_draft,
    changing,
    get_consultation,
    move,
    refuse,
    today_of,
    written,
)

_OPEN = frozenset(state.value for state in OPEN_STATES)


def begin_review(
    session: Session, clock: Clock, actor: Actor, consultation_id: uuid.UUID, *, seen_version: int
) -> Consultation:
    """Staff take it up; the clock of the check runs on."""
    consultation = changing(session, actor, consultation_id, seen_version)
    move(session, clock, actor, consultation, "review")
    return consultation


def ask_supplement(
    session: Session, clock: Clock, actor: Actor, consultation_id: uuid.UUID, *, note: str, seen_version: int
) -> Consultation:
    """Name what is missing; the centre's clock stands until the firm has added it."""
    consultation = changing(session, actor, consultation_id, seen_version)
    actor.require(Permission.CONSULT_HANDLE)
    if not note.strip():
        raise refuse("note", said("Say what is missing; the firm reads it."))
    move(session, clock, actor, consultation, "ask_supplement", note=note.strip())
    return consultation


def supply(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    *,
    note: str = "",
    seen_version: int,
) -> Consultation:
    """The firm has added what was missing."""
    consultation = changing(session, actor, consultation_id, seen_version)
    move(session, clock, actor, consultation, "supply", note=note.strip())
    return consultation


def ask_firm(
    session: Session, clock: Clock, actor: Actor, consultation_id: uuid.UUID, *, note: str, seen_version: int
) -> Consultation:
    """The expert waits for the firm; the clock of the opinion stands."""
    consultation = changing(session, actor, consultation_id, seen_version)
    actor.require(Permission.CONSULT_ADVISE)
    if not note.strip():
        raise refuse("note", said("Say what you need from the firm."))
    move(session, clock, actor, consultation, "ask_firm", note=note.strip())
    return consultation


def answer_firm(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    *,
    note: str = "",
    seen_version: int,
) -> Consultation:
    """The firm has answered; the expert goes on."""
    consultation = changing(session, actor, consultation_id, seen_version)
    move(session, clock, actor, consultation, "answer_firm", note=note.strip())
    return consultation


def resume(
    session: Session, clock: Clock, actor: Actor, consultation_id: uuid.UUID, *, seen_version: int
) -> Consultation:
    """The expert goes on without what was asked for."""
    consultation = changing(session, actor, consultation_id, seen_version)
    move(session, clock, actor, consultation, "resume")
    return consultation


def duplicates_of(session: Session, actor: Actor, consultation: Consultation) -> Sequence[Consultation]:
    """Running consultations of the same firm on the same docket number, or against the same other side in one region."""
    rows = session.scalars(
        Consultation.visible_to(actor)
        .where(
            Consultation.firm_id == consultation.firm_id,
            Consultation.id != consultation.id,
            Consultation.state.in_(_OPEN),
        )
        .order_by(Consultation.submitted_at, Consultation.id)
    )
    return [row for row in rows if _is_alike(row, consultation)]


def _is_alike(one: Consultation, other: Consultation) -> bool:
    docket = fold(one.docket_number or "")
    if docket and docket == fold(other.docket_number or ""):
        return True
    sides = [{fold(name) for name in row.opponents} for row in (one, other)]
    return one.region == other.region and bool(sides[0] & sides[1])


def merge(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    *,
    into: uuid.UUID | None,
    note: str = "",
    seen_version: int,
) -> Consultation:
    """Merge a duplicate into the running consultation ``into`` of the same firm; each keeps what was told in it."""
    consultation = changing(session, actor, consultation_id, seen_version)
    actor.require(Permission.CONSULT_HANDLE)
    others = {row.id for row in duplicates_of(session, actor, consultation)}
    if into is None or into not in others:
        raise refuse("into", said("Choose the running consultation that this one repeats."))
    target = changing(session, actor, into)
    consultation.merged_into = target.id
    move(session, clock, actor, consultation, "merge", note=note.strip())
    written(session, clock, actor, target, "merged_with", {"consultation": str(consultation.id)})
    return consultation


def terminate(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    *,
    reason: str,
    note: str = "",
    seen_version: int,
) -> Consultation:
    """End the advice for a coded reason (终止指导); an expert who had it no longer sees it."""
    consultation = changing(session, actor, consultation_id, seen_version)
    actor.require(Permission.CONSULT_HANDLE)
    if reason not in TERMINATIONS:
        raise refuse("reason", said("Choose why the advice ends."))
    consultation.termination = reason
    move(session, clock, actor, consultation, "terminate", note=note.strip())
    end_assignment(clock, consultation)
    end_besides(consultation)
    return consultation


def reopen(
    session: Session, clock: Clock, actor: Actor, consultation_id: uuid.UUID, *, note: str, seen_version: int
) -> Consultation:
    """Open what was over again; an expert is asked anew, since a conflict may have come up."""
    consultation = changing(session, actor, consultation_id, seen_version)
    actor.require(Permission.CONSULT_HANDLE)
    if not note.strip():
        raise refuse("note", said("Say why it is opened again; the firm reads it."))
    move(session, clock, actor, consultation, "reopen", note=note.strip())
    consultation.termination = None
    end_assignment(clock, consultation)
    end_besides(consultation)
    return consultation


def archive(
    session: Session, clock: Clock, actor: Actor, consultation_id: uuid.UUID, *, seen_version: int
) -> Consultation:
    """Put it into the archive. Raises BadInput while the outcome of an opinion is not written down."""
    consultation = changing(session, actor, consultation_id, seen_version)
    actor.require(Permission.CONSULT_HANDLE)
    if consultation.state == ConsultationState.CLOSED.value and consultation.outcome is None:
        raise refuse("outcome", said("Write down the outcome first."))
    move(session, clock, actor, consultation, "archive")
    return consultation


def follow(
    session: Session, clock: Clock, actor: Actor, consultation_id: uuid.UUID, *, seen_version: int
) -> Consultation:
    """Follow it up: the days on which the centre asks again are planned from today."""
    consultation = changing(session, actor, consultation_id, seen_version)
    move(session, clock, actor, consultation, "follow")
    today = today_of(session, clock, consultation.centre_id)
    planned = {row.due_on for row in consultation.follow_ups}
    for days in FOLLOW_UPS[consultation.urgency]:
        day = today + timedelta(days=days)
        if day not in planned:
            consultation.follow_ups.append(FollowUp(due_on=day))
    session.flush()
    return consultation


def record_follow_up(
    session: Session, clock: Clock, actor: Actor, consultation_id: uuid.UUID, follow_up_id: int, *, note: str
) -> FollowUp:
    """Write down what the firm said when it was asked again."""
    consultation = changing(session, actor, consultation_id)
    actor.require(Permission.CONSULT_HANDLE)
    row = next((row for row in consultation.follow_ups if row.id == follow_up_id), None)
    if row is None:
        raise NotFound(said("There is no such follow-up."))
    if row.done_at is not None:
        raise TransitionRefused(said("This follow-up is written down already."))
    if not note.strip():
        raise refuse("note", said("Write what the firm said."))
    row.done_at, row.done_by, row.note = clock.now(), actor.name, note.strip()
    written(session, clock, actor, consultation, "followed_up", {"follow_up": row.id, "note": row.note})
    return row


def record_outcome(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    *,
    outcome: str,
    cost_saved: int | None = None,
    saving_method: str = "",
    saving_confirmer: str = "",
    seen_version: int,
) -> Consultation:
    """Write down how it came out.

    Args:
        cost_saved: whole yuan; with it, how it was counted and who confirmed it are needed.

    Raises BadInput, NotFound, NotAllowed, StaleWrite, TransitionRefused (no opinion stands yet).
    """
    consultation = changing(session, actor, consultation_id, seen_version)
    actor.require(Permission.CONSULT_HANDLE)
    answered = {ConsultationState.OPINION_ISSUED, ConsultationState.FOLLOW_UP, ConsultationState.CLOSED}
    if consultation.state not in {state.value for state in answered}:
        raise TransitionRefused(said("An outcome is written down once an opinion stands."))
    if outcome not in OUTCOMES:
        raise refuse("outcome", said("Choose how it came out."))
    if cost_saved is not None and cost_saved < 0:
        raise refuse("cost_saved", said("A saving is not negative."))
    if cost_saved is not None and not saving_method.strip():
        raise refuse("saving_method", said("Say how the saving was counted."))
    if cost_saved is not None and not saving_confirmer.strip():
        raise refuse("saving_confirmer", said("Name who confirmed the saving."))
    consultation.outcome, consultation.cost_saved = outcome, cost_saved
    consultation.saving_method, consultation.saving_confirmer = (
        saving_method.strip(),
        saving_confirmer.strip(),
    )
    consultation.version += 1
    consultation.updated_at = clock.now()
    told = {
        "outcome": outcome,
        "cost_saved": cost_saved,
        "method": saving_method,
        "confirmer": saving_confirmer,
    }
    written(session, clock, actor, consultation, "outcome", told)
    return consultation


def revive(
    session: Session, clock: Clock, actor: Actor, consultation_id: uuid.UUID, *, note: str, seen_version: int
) -> Consultation:
    """Give the firm time again for what was asked for, after it lapsed; its clock begins anew."""
    consultation = changing(session, actor, consultation_id, seen_version)
    actor.require(Permission.CONSULT_HANDLE)
    if not note.strip():
        raise refuse("note", said("Say why it is opened again; the firm reads it."))
    move(session, clock, actor, consultation, "revive", note=note.strip())
    return consultation


def resubmit(
    session: Session, clock: Clock, actor: Actor, consultation_id: uuid.UUID, vault: Vault | None = None
) -> Consultation:
    """A new draft with the answers and files of a consultation that was refused or lapsed, which stays as it is;
    consents are given anew. What was refused for the secrets in it leaves its files behind.

    Args:
        vault: where files are kept; None to copy none.
    """
    refused = get_consultation(session, actor, consultation_id)
    actor.require(Permission.CONSULT_SUBMIT)
    if refused.state not in (ConsultationState.REJECTED.value, ConsultationState.LAPSED.value):
        raise TransitionRefused(said("Only a refused consultation is sent again."))
    running = session.scalar(
        select(Consultation).where(
            Consultation.resubmits == refused.id, Consultation.state == ConsultationState.DRAFT.value
        )
    )
    if running is not None:
        return running
    answers = {name: getattr(refused, name) for name in ANSWERS}
    draft = begin_draft(session, clock, actor, answers, alert_id=refused.alert_id, case_id=refused.case_id)
    draft.resubmits = refused.id
    session.flush()
    if vault is not None and refused.refusal != "classified":
        for file in files_of(session, actor, refused):
            if file.by_side == "firm":
                add_file(
                    session, clock, actor, vault, draft.id, file.filename, vault.get(file.centre_id, file.id),
                    secrecy=file.secrecy, for_expert=file.for_expert,
                )  # fmt: skip
    return draft
