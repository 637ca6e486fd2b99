"""Opinions beside: written by their expert, handed in under a SHA-256, read by the others only once they are opened."""

from __future__ import annotations

import hashlib
import json
import uuid

from sqlalchemy.orm import Session

from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import BadInput, EvidenceDamaged, NotFound, StaleWrite, TransitionRefused
from core.said import said
from experts.beside.asking import find, open_when_all_are_in, step_beside
from experts.beside.models import Beside
from experts.beside.workflow import BESIDE_WORKFLOW, BesideState
from experts.consultation_models import Consultation
from experts.consultations import changing, get_consultation, noted, refuse, written

#: characters of one opinion beside
MOST = 20_000
#: what the history and the outbox call its steps
HANDED_IN, OPENED = "beside_handed_in", "besides_opened"


def content_of(beside: Beside, consultation: Consultation) -> bytes:
    """What was handed in, byte for byte what its SHA-256 stands for: JSON with sorted keys, UTF-8."""
    told = {
        "consultation": consultation.number,
        "beside": str(beside.id),
        "author": beside.author,
        "text": beside.text,
        "handed_in_at": beside.handed_in_at.isoformat() if beside.handed_in_at else None,
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def write_beside(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    beside_id: uuid.UUID,
    text: str,
    *,
    seen_version: int,
) -> Beside:
    """Keep the opinion as its expert has it now; nobody else reads it.

    Raises:
        StaleWrite: it was saved from another window since; ``details`` hold both texts, ``yours`` and ``current``.
        BadInput (too long), NotFound, NotAllowed, TransitionRefused (not declared, or handed in already).
    """
    consultation = changing(session, actor, consultation_id)
    actor.require(Permission.CONSULT_ADVISE)
    beside = _own(consultation, actor, beside_id)
    if beside.state != BesideState.DECLARED.value:
        raise TransitionRefused(said("This opinion is not being written now."))
    if len(text) > MOST:
        raise refuse("opinion", said("This is too long: at most %(most)s characters.", most=MOST))
    if beside.version != seen_version:
        raise StaleWrite(
            said("The opinion was saved from another window while you were writing."),
            fix=said("Both texts stand below: take over what you need and save again."),
            yours={"opinion": text},
            current={"opinion": beside.text},
            version=beside.version,
        )
    beside.text = text.strip()
    beside.version += 1
    session.flush()
    written(session, clock, actor, consultation, "beside_saved", {"beside": str(beside.id)})
    return beside


def hand_in(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    beside_id: uuid.UUID,
    *,
    seen_version: int,
) -> Beside:
    """Hand it in: it never changes again, and the last one handed in opens all. Raises BadInput while it is empty,
    StaleWrite, NotFound, NotAllowed, TransitionRefused."""
    actor.require(Permission.CONSULT_ADVISE)
    consultation = changing(session, actor, consultation_id)
    if not _own(consultation, actor, beside_id).text:
        raise BadInput(
            said("The opinion is not complete."),
            fix=said("Write what is named, save, and send it again."),
            fields={"opinion": [said("This section is still empty.")]},
        )
    consultation, beside = step_beside(
        session, clock, actor, consultation_id, beside_id, "hand_in", seen_version=seen_version
    )
    beside.handed_in_at = clock.now()
    beside.sha256 = hashlib.sha256(content_of(beside, consultation)).hexdigest()
    session.flush()
    noted(session, clock, actor, consultation, HANDED_IN)
    told = {"beside": str(beside.id), "sha256": beside.sha256}
    written(session, clock, actor, consultation, HANDED_IN, told)
    open_when_all_are_in(clock, consultation)
    return beside


def open_early(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    *,
    reason: str,
    seen_version: int,
) -> list[Beside]:
    """Staff open what was handed in though others still write; these are no longer waited for and lose the matter.

    Raises BadInput (no reason, nothing to open), NotFound, NotAllowed, StaleWrite.
    """
    consultation = changing(session, actor, consultation_id, seen_version)
    actor.require(Permission.CONSULT_HANDLE)
    if not reason.strip():
        raise refuse("reason", said("Say why it is opened before all is in; it is kept with your name."))
    closed = [one for one in consultation.besides if one.state == BesideState.HANDED_IN.value]
    if not closed:
        raise refuse("reason", said("Nothing was handed in yet, so there is nothing to open."))
    for beside in consultation.besides:
        if beside.is_unwritten:
            beside.state = BESIDE_WORKFLOW.take("take_back", beside.state, actor)
            beside.due_on = beside.days_left = None
            beside.version += 1
    for beside in closed:
        beside.state = BESIDE_WORKFLOW.take("open", beside.state, actor)
        beside.opened_at, beside.opened_by, beside.opened_reason = clock.now(), actor.name, reason.strip()
        beside.version += 1
    noted(session, clock, actor, consultation, OPENED)
    written(session, clock, actor, consultation, OPENED, {"reason": reason.strip()})
    return closed


def readable(consultation: Consultation, actor: Actor, beside: Beside) -> bool:
    """Whether the actor may read an opinion beside: its expert always, staff once it was handed in, the leading expert
    and the other experts beside once it is opened (and, for these, their own too); a firm never."""
    if beside.is_live and actor.expert_id is not None and beside.expert_id == actor.expert_id:
        return True
    if beside.handed_in_at is None:
        return False
    if actor.is_staff:
        return True
    if beside.state != BesideState.OPENED.value or actor.expert_id is None:
        return False
    if consultation.expert_id == actor.expert_id:
        return consultation.opens_to(actor)
    own = consultation.beside_of(actor)
    return own is not None and own.state == BesideState.OPENED.value


def read_beside(
    session: Session, actor: Actor, consultation_id: uuid.UUID, beside_id: uuid.UUID
) -> tuple[Consultation, Beside]:
    """An opinion beside, its SHA-256 checked when it was handed in. Raises NotFound, EvidenceDamaged."""
    consultation = get_consultation(session, actor, consultation_id)
    beside = next((one for one in consultation.besides if one.id == beside_id), None)
    if beside is None or not readable(consultation, actor, beside):
        raise NotFound(said("There is no such opinion."))
    verify(beside, consultation)
    return consultation, beside


def verify(beside: Beside, consultation: Consultation) -> None:
    """Raise EvidenceDamaged unless what was handed in still has its SHA-256."""
    if beside.handed_in_at is None:
        return
    if hashlib.sha256(content_of(beside, consultation)).hexdigest() != beside.sha256:
        raise EvidenceDamaged(
            f"The opinion beside {beside.id} no longer has its SHA-256.", fix="Restore it from a backup."
        )


def opened_to(consultation: Consultation, actor: Actor) -> list[Beside]:
    """What the actor may read of the others' opinions beside, in the order in which they were asked."""
    return [
        one
        for one in consultation.besides
        if one.expert_id != actor.expert_id and readable(consultation, actor, one)
    ]


def _own(consultation: Consultation, actor: Actor, beside_id: uuid.UUID) -> Beside:
    beside = find(consultation, actor, beside_id)
    if beside is not consultation.beside_of(actor):
        raise NotFound(said("There is no such opinion."))
    return beside
