"""Clearing a possible conflict: a person looks at what is known, says why it is none, and that is kept.

A clearance is of one expert in one consultation and of the doubts known then; whatever comes up later holds the expert
again. A sure conflict is cleared by nobody: whoever is barred is no candidate at all.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import User
from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import NotAllowed
from core.said import Said, said
from experts.assignment_models import AssignmentState, Clearance, ObjectionState
from experts.beside.workflow import ASKABLE, BesideState
from experts.consultation_models import Consultation
from experts.consultation_workflow import CONSULTATION_WORKFLOW
from experts.consultations import changing, refuse, written
from experts.matching.conflicts import COLLEAGUE
from experts.models import Expert
from experts.ports import Candidate, Suggest, Suggestion


def candidates_for(
    session: Session, actor: Actor, consultation: Consultation, suggest: Suggest
) -> Suggestion:
    """Who may be asked now: whom ``suggest`` names, without those who declared a conflict in this matter or whom the firm
    objected to; a held one with the clearance that covers every doubt known now, if there is one."""
    actor.require(Permission.CONSULT_HANDLE)
    gone = {a.expert_id for a in consultation.assignments if a.state == AssignmentState.DECLINED.value}
    # Nobody both leads and writes beside: their own opinion would be the one they may not read.
    gone |= {b.expert_id for b in consultation.besides if b.is_live or b.state == BesideState.DECLINED.value}
    if consultation.expert_id is not None:
        gone.add(consultation.expert_id)
    objection = consultation.objection
    if objection is not None and objection.state != ObjectionState.OVERRULED.value:
        gone.add(objection.expert_id)
    found = suggest(session, actor, consultation)
    candidates = (
        replace(c, clearance=covering(consultation, c)) for c in found.candidates if c.expert_id not in gone
    )
    return replace(found, candidates=tuple(candidates))


def choose_expert(
    session: Session,
    actor: Actor,
    consultation: Consultation,
    suggest: Suggest,
    expert_id: uuid.UUID | None,
    note: str,
) -> tuple[Suggestion, Candidate, Expert]:
    """Whether this expert may be asked now; returns who may be asked at all, the one chosen, and their entry.

    Raises BadInput: the firm has not agreed to an expert, this one is none of :func:`candidates_for`, may have a conflict
    that nobody cleared, or stands behind another while ``note`` does not say why. NotAllowed.
    """
    actor.require(Permission.CONSULT_HANDLE)
    if not consultation.consent_expert:
        raise refuse(
            "expert",
            said("The firm has not agreed that an expert sees this."),
            said("Ask for its consent in a message; the firm gives it on its own page."),
        )
    found = candidates_for(session, actor, consultation, suggest)
    chosen = next((c for c in found.candidates if c.expert_id == expert_id), None)
    expert = session.get(Expert, chosen.expert_id) if chosen else None
    if chosen is None or expert is None or expert.centre_id != consultation.centre_id:
        raise refuse("expert", said("Choose one of the experts of the list."))
    if chosen.is_held and chosen.clearance is None:
        raise refuse(
            "expert",
            said("%(name)s may have a conflict that nobody has cleared.", name=chosen.name),
            said("Look at what is known, then clear it with a reason, or ask somebody else."),
        )
    if found.passes_over(chosen) and not note.strip():
        raise refuse("note", said("Another stands before this expert: write why this one is asked."))
    return found, chosen, expert


def clear_conflict(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    expert_id: uuid.UUID | None,
    suggest: Suggest,
    *,
    reason: str,
    screen: str = "",
    seen_version: int,
) -> Clearance:
    """Write down that every doubt now known of a held expert was looked at and is no conflict.

    Args:
        reason: what was looked at and why it is none.
        screen: how the expert is kept apart from a colleague who is bound; needed where one of the doubts is that.

    Raises:
        BadInput: the expert is not held now (barred, or free of doubt), or words are missing.
        NotAllowed: the actor is no staff, or is that expert.
        NotFound, StaleWrite, TransitionRefused (nobody is being chosen).
    """
    consultation = changing(session, actor, consultation_id, seen_version)
    actor.require(Permission.CONSULT_HANDLE)
    if consultation.state not in ASKABLE:
        CONSULTATION_WORKFLOW.take("assign", consultation.state, actor)
    found = candidates_for(session, actor, consultation, suggest)
    held = next((c for c in found.candidates if c.expert_id == expert_id and c.is_held), None)
    if held is None:
        raise refuse(
            "expert", said("There is no possible conflict of this expert to clear: look again at the list.")
        )
    if actor.expert_id == held.expert_id:
        raise NotAllowed(
            said("Nobody clears a conflict of their own."), fix=said("Ask somebody else of the centre.")
        )
    if not reason.strip():
        raise refuse("reason", said("Write what you looked at and why it is no conflict."))
    if needs_screen(held) and not screen.strip():
        raise refuse("screen", said("Write how the expert is kept apart from the colleague who is bound."))
    cleared = Clearance(
        expert_id=held.expert_id,
        doubts=[_kept(doubt) for doubt in held.reasons],
        reason=reason.strip(),
        screen=screen.strip(),
        by=actor.name,
        at=clock.now(),
    )
    consultation.clearances.append(cleared)
    consultation.version += 1
    consultation.updated_at = clock.now()
    session.flush()
    told = {"expert": str(held.expert_id), "doubts": [str(doubt) for doubt in held.reasons], "reason": reason}
    written(session, clock, actor, consultation, "conflict_cleared", {**told, "screen": screen.strip()})
    return cleared


def covering(consultation: Consultation, candidate: Candidate) -> Clearance | None:
    """The newest clearance of a held candidate in which every doubt known now was known; None without one."""
    if not candidate.is_held:
        return None
    for clearance in reversed(consultation.clearances):
        if clearance.expert_id == candidate.expert_id and doubts_in(clearance) >= set(candidate.reasons):
            return clearance
    return None


def doubts_in(clearance: Clearance) -> set[str]:
    """What was known when it was cleared, in English."""
    return {kept["text"] for kept in clearance.doubts}


def needs_screen(candidate: Candidate) -> bool:
    """Whether one of the doubts is a colleague who is bound."""
    return any(getattr(doubt, "template", "") == COLLEAGUE.template for doubt in candidate.reasons)


def clearances_of(
    session: Session, actor: Actor, expert_id: uuid.UUID, *, case_id: uuid.UUID | None = None
) -> list[tuple[Clearance, Consultation]]:
    """Every clearance of an expert in the actor's consultations, or in those about one case, the newest first.

    Raises NotAllowed.
    """
    actor.require(Permission.CONSULT_HANDLE)
    seen = Consultation.visible_to(actor).with_only_columns(Consultation.id)
    query = (
        select(Clearance, Consultation)
        .join(Consultation, Consultation.id == Clearance.consultation_id)
        .where(Clearance.expert_id == expert_id, Consultation.id.in_(seen))
        .order_by(Clearance.id.desc())
    )
    if case_id is not None:
        query = query.where(Consultation.case_id == case_id)
    return [(row[0], row[1]) for row in session.execute(query)]


def people_named(session: Session, names: Iterable[str | None]) -> dict[str, str]:
    """Actor names -> the addresses of their accounts, which is how staff know each other; those without one are absent."""
    ids = {}
    for name in names:
        kind, _, told = (name or "").partition(":")
        with suppress(ValueError):
            if kind == "user" and name is not None:
                ids[uuid.UUID(told)] = name
    return {ids[user.id]: user.email for user in session.scalars(select(User).where(User.id.in_(ids)))}


def _kept(doubt: str) -> dict[str, Any]:
    if not isinstance(doubt, Said):
        return {"text": str(doubt)}
    return {"text": str(doubt), "template": doubt.template, "values": dict(doubt.values)}


def told_again(kept: Mapping[str, Any]) -> str:
    """A kept doubt as a sentence that can be translated again."""
    return said(kept["template"], **kept["values"]) if kept.get("template") else kept["text"]
