"""Opinions (指导意见书): written in sections by the expert, issued by the centre, never changed afterwards.

A correction is a further version that stands beside the one it corrects. What is issued carries the SHA-256 of its
content; it is computed again whenever the opinion is shown.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Collection, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import BadInput, EvidenceDamaged, NotFound, StaleWrite, TransitionRefused
from core.said import said
from experts.beside.asking import waits_beside
from experts.beside.writing import opened_to
from experts.consultation_models import Consultation
from experts.consultation_workflow import SECTIONS, ConsultationState
from experts.consultations import changing, get_consultation, is_theirs, move, refuse, written
from experts.models import Expert
from experts.opinion_models import Opinion, OpinionState
from experts.signing import (
    SignatureRole,
    manuscript_of,
    require_somebody_else,
    sign,
    verify_manuscript,
)

#: sections that may stay empty
_MAY_BE_EMPTY = frozenset({"agencies"})
#: characters of one section
MOST = 20_000


def content_of(opinion: Opinion, consultation: Consultation) -> bytes:
    """The issued content, byte for byte what its SHA-256 stands for: JSON with sorted keys, UTF-8."""
    issued_at = opinion.issued_at.isoformat() if opinion.issued_at else None
    told = {
        "consultation": consultation.number,
        "opinion": str(opinion.id),
        "number": opinion.number,
        "author": opinion.author,
        "correction": opinion.correction,
        "sections": [[name, opinion.sections.get(name, "")] for name, _ in SECTIONS],
        "issued_at": issued_at,
        "issued_by": opinion.issued_by,
    }
    if opinion.cited:
        # Not in those issued before opinions beside could be cited: their SHA-256 stands for what was there then.
        told["cited"] = opinion.cited
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def draft_of(session: Session, actor: Actor, consultation: Consultation) -> Opinion | None:
    """The version that is being written: to its expert always, to staff once it was sent, to nobody else."""
    query = select(Opinion).where(
        Opinion.consultation_id == consultation.id, Opinion.state != OpinionState.ISSUED.value
    )
    query = query.where(Opinion.expert_id == consultation.expert_id)
    draft = session.scalar(query.order_by(Opinion.created_at.desc(), Opinion.id.desc()).limit(1))
    if draft is None or actor.system:
        return draft
    if actor.expert_id is not None and draft.expert_id == actor.expert_id:
        return draft
    return draft if actor.may(Permission.OPINION_ISSUE) and draft.state == OpinionState.SENT.value else None


def issued_of(session: Session, consultation: Consultation) -> list[Opinion]:
    """Every issued version, the newest first."""
    query = select(Opinion).where(
        Opinion.consultation_id == consultation.id, Opinion.state == OpinionState.ISSUED.value
    )
    return list(session.scalars(query.order_by(Opinion.number.desc())))


def get_issued(
    session: Session, actor: Actor, consultation_id: uuid.UUID, number: int
) -> tuple[Consultation, Opinion]:
    """An issued version, its SHA-256 checked.

    Raises:
        NotFound: the actor may not know of the consultation, or there is no such version.
        EvidenceDamaged: its content is no longer what was issued.
    """
    consultation = get_consultation(session, actor, consultation_id)
    if not consultation.opens_to(actor) or consultation.is_apart(actor):
        raise NotFound(said("There is no such consultation for you."))
    for opinion in issued_of(session, consultation):
        if opinion.number == number:
            if hashlib.sha256(content_of(opinion, consultation)).hexdigest() != opinion.sha256:
                raise EvidenceDamaged(
                    f"The opinion {opinion.id} no longer has the SHA-256 it was issued with: its content was changed.",
                    fix="Restore it from a backup; do not rely on it.",
                )
            verify_manuscript(opinion, consultation)
            return consultation, opinion
    raise NotFound(said("There is no such opinion."))


def _advising(session: Session, actor: Actor, consultation_id: uuid.UUID) -> Consultation:
    consultation = changing(session, actor, consultation_id)
    actor.require(Permission.CONSULT_ADVISE)
    if not is_theirs(consultation, "send_opinion", actor):
        raise NotFound(said("There is no such opinion."))
    if consultation.state != ConsultationState.GUIDING.value:
        raise TransitionRefused(
            said("An opinion is written while the matter is being advised on."),
            fix=said("Look at where it stands; nothing was lost."),
        )
    return consultation


def write_opinion(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    sections: Mapping[str, str],
    *,
    cites: Collection[uuid.UUID] = (),
    seen_version: int,
) -> Opinion:
    """Keep the sections as the expert has them now.

    Args:
        sections: section id -> text; unknown ids are left out.
        cites: opinions beside that it cites; those the expert may not read are left out.
        seen_version: the version the expert looked at; 0 before the first save.

    Raises:
        StaleWrite: it was saved from another window since; ``details`` hold both texts, ``yours`` and ``current``.
        NotFound, NotAllowed, TransitionRefused, BadInput (a section too long).
    """
    consultation = _advising(session, actor, consultation_id)
    told = {name: sections.get(name, "").strip() for name, _ in SECTIONS}
    for name, text in told.items():
        if len(text) > MOST:
            raise refuse(name, said("This is too long: at most %(most)s characters.", most=MOST))
    draft, now = draft_of(session, actor, consultation), clock.now()
    if draft is None:
        expert = session.get_one(Expert, consultation.expert_id)
        draft = Opinion(
            consultation_id=consultation.id,
            expert_id=expert.id,
            author=expert.name_zh,
            version=0,
            sections={},
            correction=_correction(consultation, issued_of(session, consultation)),
            created_at=now,
            updated_at=now,
        )
        session.add(draft)
    if draft.version != seen_version:
        raise StaleWrite(
            said("The opinion was saved from another window while you were writing."),
            fix=said("Both texts stand below: take over what you need and save again."),
            yours=told,
            current=dict(draft.sections),
            version=draft.version,
        )
    draft.sections, draft.version, draft.updated_at = told, draft.version + 1, now
    draft.cited = [
        {"beside": str(one.id), "author": one.author, "sha256": one.sha256}
        for one in opened_to(consultation, actor)
        if one.id in cites
    ]
    session.flush()
    written(session, clock, actor, consultation, "opinion_saved", dict(told))
    return draft


def _correction(consultation: Consultation, issued: list[Opinion]) -> str:
    if not issued:
        return ""
    return next((step.note for step in reversed(consultation.steps) if step.step == "correct"), "")


def send_opinion(
    session: Session, clock: Clock, actor: Actor, consultation_id: uuid.UUID, *, seen_version: int
) -> Opinion:
    """Hand the opinion to the centre. Raises BadInput naming the sections that are still empty, StaleWrite."""
    consultation = _advising(session, actor, consultation_id)
    draft = draft_of(session, actor, consultation)
    empty = {
        name: [said("This section is still empty.")]
        for name, _ in SECTIONS
        if name not in _MAY_BE_EMPTY and not (draft and draft.sections.get(name))
    }
    if draft is None or empty:
        raise BadInput(
            said("The opinion is not complete."),
            fix=said("Write what is named, save, and send it again."),
            fields=empty,
        )
    if draft.version != seen_version:
        raise StaleWrite(
            said("The opinion was saved from another window while you were writing."),
            fix=said("Look again and decide anew; nothing was changed."),
            yours={},
            current=dict(draft.sections),
            version=draft.version,
        )
    draft.state, draft.sent_at = OpinionState.SENT.value, clock.now()
    move(session, clock, actor, consultation, "send_opinion")
    content = manuscript_of(draft, consultation)
    sign(session, clock, actor, draft, SignatureRole.AUTHOR, content, name=draft.author)
    return draft


def pass_opinion(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    *,
    remarks: str = "",
    signed_as: str = "",
    seen_version: int,
) -> Opinion:
    """The reviewer passes a sent opinion (复核), with their signature over the manuscript; somebody else issues it.

    Raises:
        NotAllowed: the actor wrote it, or is no staff. EvidenceDamaged: it is not what its author signed.
        NotFound, StaleWrite, TransitionRefused.
    """
    consultation = changing(session, actor, consultation_id, seen_version)
    actor.require(Permission.OPINION_ISSUE)
    opinion = draft_of(session, actor, consultation)
    if opinion is None or opinion.state != OpinionState.SENT.value:
        raise TransitionRefused(said("There is no opinion to review."))
    require_somebody_else(opinion, actor)
    verify_manuscript(opinion, consultation)
    move(session, clock, actor, consultation, "pass_opinion")
    content = manuscript_of(opinion, consultation)
    made = sign(
        session, clock, actor, opinion, SignatureRole.REVIEWER, content, name=signed_as, remarks=remarks
    )
    told = {"sha256": made.sha256, "version": made.version, "remarks": remarks.strip()}
    written(session, clock, actor, consultation, "opinion_reviewed", told)
    return opinion


def return_opinion(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    *,
    note: str,
    seen_version: int,
) -> Consultation:
    """Give a sent opinion back with what is to be changed."""
    consultation = changing(session, actor, consultation_id, seen_version)
    actor.require(Permission.CONSULT_HANDLE)
    if not note.strip():
        raise refuse("note", said("Say what is to be changed."))
    draft = draft_of(session, actor, consultation)
    move(session, clock, actor, consultation, "return_opinion", note=note.strip())
    if draft is not None:
        draft.state, draft.sent_at = OpinionState.DRAFT.value, None
    return consultation


def issue_opinion(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    *,
    signed_as: str = "",
    seen_version: int,
) -> Opinion:
    """Issue the reviewed opinion under its SHA-256; from now on the firm reads it and nobody changes it.

    Raises:
        NotAllowed: the actor wrote or reviewed it, or is no staff. EvidenceDamaged: it is not what was reviewed.
        TransitionRefused: not reviewed yet, the firm objects, or an expert beside still writes. NotFound, StaleWrite.
    """
    consultation = changing(session, actor, consultation_id, seen_version)
    actor.require(Permission.OPINION_ISSUE)
    opinion = draft_of(session, actor, consultation)
    if consultation.is_objected:
        raise TransitionRefused(
            said("The firm objects to this expert: decide that first."),
            fix=said("Uphold the objection and ask somebody else, or overrule it with a reason; then issue."),
        )
    if waits_beside(consultation):
        raise TransitionRefused(
            said("An expert beside has not handed in yet."),
            fix=said("Wait for it, take it back, or open what is in with a reason; then issue."),
        )
    if opinion is not None and consultation.state == ConsultationState.OPINION_REVIEW.value:
        require_somebody_else(opinion, actor, SignatureRole.REVIEWER)
        verify_manuscript(opinion, consultation)
    move(session, clock, actor, consultation, "issue")
    if opinion is None:
        raise TransitionRefused(said("There is no opinion to issue."))
    last = session.scalar(select(func.max(Opinion.number)).where(Opinion.consultation_id == consultation.id))
    opinion.number, opinion.state = (last or 0) + 1, OpinionState.ISSUED.value
    opinion.issued_at, opinion.issued_by = clock.now(), actor.name
    content = content_of(opinion, consultation)
    opinion.sha256 = hashlib.sha256(content).hexdigest()
    session.flush()
    sign(session, clock, actor, opinion, SignatureRole.SIGNER, content, name=signed_as)
    written(session, clock, actor, consultation, "opinion_issued", {"sha256": opinion.sha256})
    return opinion


def ask_correction(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    *,
    note: str,
    seen_version: int,
) -> Consultation:
    """Ask the expert for a corrected version; the issued one stays as it is."""
    consultation = changing(session, actor, consultation_id, seen_version)
    actor.require(Permission.OPINION_ISSUE)
    if not note.strip():
        raise refuse("note", said("Say what is to be corrected; it stands on the new version."))
    if consultation.expert_id is None:
        raise TransitionRefused(said("No expert has this matter any more."))
    move(session, clock, actor, consultation, "correct", note=note.strip())
    return consultation
