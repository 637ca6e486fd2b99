"""Who reads which message of a consultation. The centre always does; everybody else only where they were chosen.

A reader is a party: the firm, whoever leads among the experts, or one expert who writes beside. An expert reads what was
sent to them while they have the matter and have declared; later they read nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session

from core.actor import Actor, Role
from core.clock import Clock
from experts.beside.workflow import BesideState
from experts.consultation_models import (
    Attachment,
    Consultation,
    ConsultationMessage,
    MessageMark,
    MessageReader,
)
from experts.consultation_workflow import WITH_EXPERT

FIRM, LEAD = "firm", "lead"
#: messages of one page
SHOWN = 20


@dataclass(frozen=True)
class Party:
    """Somebody a message can be sent to besides the centre: ``firm``, ``lead``, or an expert beside by id."""

    key: str
    #: the expert; None for the firm
    expert_id: uuid.UUID | None = None


def parties_for(consultation: Consultation, actor: Actor) -> list[Party]:
    """Whom the actor may write to besides the centre, in the order in which a page offers them.

    Experts who write back to back do not write to each other before their opinions are opened.
    """
    firm = Party(FIRM)
    has_lead = consultation.state in WITH_EXPERT or consultation.expert_id is not None
    lead = [Party(LEAD, consultation.expert_id)] if has_lead and consultation.expert_id else []
    beside = [Party(str(one.expert_id), one.expert_id) for one in consultation.besides if one.is_live]
    if actor.system or Role.STAFF in actor.roles:
        return [firm, *lead, *beside]
    if Role.FIRM_MEMBER in actor.roles:
        return [*lead, *beside]
    opened = {one.expert_id for one in consultation.besides if one.state == BesideState.OPENED.value}
    if actor.expert_id == consultation.expert_id:
        return [firm, *(party for party in beside if party.expert_id in opened)]
    if actor.expert_id in opened:
        return [firm, *lead, *(p for p in beside if p.expert_id in opened and p.expert_id != actor.expert_id)]
    return [firm]


def usual(consultation: Consultation, actor: Actor) -> list[str]:
    """The parties that are marked before somebody chooses: the other side of the matter."""
    return [party.key for party in parties_for(consultation, actor) if party.key in (FIRM, LEAD)]


def seen_by(actor: Actor, consultation: Consultation) -> ColumnElement[bool]:
    """Which messages of a consultation, that the actor may know of, the actor reads."""
    if actor.system or Role.STAFF in actor.roles:
        return true()
    reads: list[ColumnElement[bool]] = [ConsultationMessage.by == actor.name]
    if Role.FIRM_MEMBER in actor.roles:
        reads += [ConsultationMessage.by_side == "firm", _read_by(MessageReader.party == FIRM)]
    if actor.expert_id is not None:
        reads.append(_read_by(MessageReader.expert_id == actor.expert_id))
        if consultation.expert_id == actor.expert_id:
            reads.append(_read_by(MessageReader.party == LEAD))
    return or_(*reads)


def _read_by(which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(MessageReader.message_id == ConsultationMessage.id, which)


def messages_of(
    session: Session,
    actor: Actor,
    consultation: Consultation,
    *,
    before: int | None = None,
    limit: int | None = None,
) -> list[ConsultationMessage]:
    """The messages the actor may read, oldest first.

    Args:
        before: only those written before the message of this id.
        limit: the newest that many; None for all.
    """
    if not consultation.opens_to(actor):
        return []
    query = select(ConsultationMessage).where(
        ConsultationMessage.consultation_id == consultation.id, seen_by(actor, consultation)
    )
    if before is not None:
        query = query.where(ConsultationMessage.id < before)
    query = query.order_by(ConsultationMessage.id.desc())
    return list(reversed(session.scalars(query.limit(limit) if limit else query).all()))


def came_to(actor: Actor, consultation: Consultation) -> ColumnElement[bool]:
    """Which files of a consultation came with no message, or with one that the actor reads."""
    seen = select(ConsultationMessage.id).where(
        ConsultationMessage.consultation_id == consultation.id, seen_by(actor, consultation)
    )
    return or_(Attachment.message_id.is_(None), Attachment.message_id.in_(seen))


def unread_of(session: Session, actor: Actor, consultations: Iterable[Consultation]) -> dict[uuid.UUID, int]:
    """How many messages by others the actor has not opened yet, by consultation; none are absent."""
    rows = [consultation for consultation in consultations if consultation.opens_to(actor)]
    if rows and actor.expert_id is None:
        # What a firm or the centre reads does not depend on the matter: one question for a whole list.
        query = (
            select(ConsultationMessage.consultation_id, func.count())
            .where(
                ConsultationMessage.consultation_id.in_([row.id for row in rows]),
                seen_by(actor, rows[0]),
                _is_new_to(actor),
            )
            .group_by(ConsultationMessage.consultation_id)
        )
        return {row[0]: row[1] for row in session.execute(query)}
    counts = {}
    for consultation in rows:
        number = session.scalar(
            select(func.count())
            .select_from(ConsultationMessage)
            .where(
                ConsultationMessage.consultation_id == consultation.id,
                seen_by(actor, consultation),
                _is_new_to(actor),
            )
        )
        if number:
            counts[consultation.id] = number
    return counts


def _is_new_to(actor: Actor) -> ColumnElement[bool]:
    marked = exists().where(MessageMark.message_id == ConsultationMessage.id, MessageMark.by == actor.name)
    return and_(ConsultationMessage.by != actor.name, ~marked)


def new_among(session: Session, actor: Actor, messages: Sequence[ConsultationMessage]) -> set[int]:
    """Ids of those the actor has not opened yet."""
    query = select(ConsultationMessage.id).where(
        ConsultationMessage.id.in_([message.id for message in messages]), _is_new_to(actor)
    )
    return set(session.scalars(query))


def mark_read(session: Session, clock: Clock, actor: Actor, side: str, ids: Iterable[int]) -> None:
    """Note that the actor opened these messages, which they may read; what is marked stays as it was."""
    for number in sorted(ids):
        known = select(MessageMark.id).where(MessageMark.message_id == number, MessageMark.by == actor.name)
        if session.scalar(known) is None:
            session.add(MessageMark(message_id=number, by=actor.name, by_side=side, at=clock.now()))
            session.flush()


def marks_of(
    session: Session, actor: Actor, messages: Sequence[ConsultationMessage]
) -> dict[int, list[tuple[str, datetime]]]:
    """Which sides opened the actor's own messages, and when first: message -> [(side, when)]."""
    own = [message.id for message in messages if message.by == actor.name]
    query = (
        select(MessageMark.message_id, MessageMark.by_side, func.min(MessageMark.at))
        .where(MessageMark.message_id.in_(own), MessageMark.by != actor.name)
        .group_by(MessageMark.message_id, MessageMark.by_side)
        .order_by(MessageMark.message_id, func.min(MessageMark.at))
    )
    found: dict[int, list[tuple[str, datetime]]] = {}
    for number, side, at in session.execute(query):
        found.setdefault(number, []).append((side, at))
    return found
