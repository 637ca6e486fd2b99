"""The messages of a consultation as a page shows them: who reads each, what is new, and who may be written to."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import User
from core.actor import Actor
from core.web import current_actor, house, load, read_session, write_session
from experts.attachments import files_of
from experts.consultation_models import Attachment, Consultation, ConsultationMessage
from experts.consultation_schemas import MessagesSchema
from experts.consultation_workflow import ConsultationState
from experts.consultations import get_consultation, side_of
from experts.correspondence import (
    LEAD,
    SHOWN,
    Party,
    mark_read,
    marks_of,
    messages_of,
    new_among,
    parties_for,
    usual,
)
from experts.models import Expert

_SHOWN = MessagesSchema()


@dataclass(frozen=True)
class Talk:
    """A page of messages and the form below it."""

    messages: list[ConsultationMessage]
    #: the oldest shown, where older ones stand before it
    older: int | None
    new: set[int]
    marks: dict[int, list[tuple[str, datetime]]]
    files: dict[int, list[Attachment]]
    #: names of experts that readers name
    names: dict[uuid.UUID, str]
    parties: list[Party]
    chosen: list[str]
    reply: ConsultationMessage | None
    #: whether the actor's message to the leading expert lets the expert's time go on
    resumes: bool


def talk_of(session: Session, actor: Actor, consultation: Consultation) -> Talk:
    """What the actor may read and whom they may write to."""
    asked = load(_SHOWN, request.args)
    found = messages_of(session, actor, consultation, before=asked["before"], limit=SHOWN + 1)
    messages = found[-SHOWN:]
    files: dict[int, list[Attachment]] = {}
    for file in files_of(session, actor, consultation):
        if file.message_id is not None:
            files.setdefault(file.message_id, []).append(file)
    parties = parties_for(consultation, actor)
    ids = {party.expert_id for party in parties} | {r.expert_id for m in messages for r in m.readers}
    names = {
        expert.id: expert.name_zh
        for expert in session.scalars(select(Expert).where(Expert.id.in_([one for one in ids if one])))
    }
    reply = None
    if asked["reply"] is not None:
        everything = messages_of(session, actor, consultation)
        reply = next((message for message in everything if message.id == asked["reply"]), None)
    chosen = usual(consultation, actor)
    if reply is not None:
        chosen = [r.party for r in reply.readers]
        if reply.by_side == "firm":
            chosen.append("firm")
        elif reply.by_side == "expert":
            chosen += [p.key for p in parties if p.expert_id and _wrote(session, reply, p.expert_id)]
    if request.method == "POST":
        chosen = request.form.getlist("readers")
    side = side_of(actor)
    return Talk(
        messages=messages,
        older=messages[0].id if len(found) > SHOWN else None,
        new=new_among(session, actor, messages),
        marks=marks_of(session, actor, messages),
        files=files,
        names=names,
        parties=parties,
        chosen=chosen,
        reply=reply,
        resumes=side == "firm"
        and consultation.state == ConsultationState.WAITING.value
        and any(party.key == LEAD for party in parties),
    )


def _wrote(session: Session, message: ConsultationMessage, expert_id: uuid.UUID) -> bool:
    people = session.scalars(select(User.id).where(User.expert_id == expert_id))
    return message.by in {f"user:{one}" for one in people}


def mark_shown(consultation_id: uuid.UUID) -> None:
    """Mark what the page just showed as read by the actor; nothing is written when nothing was new."""
    actor, asked = current_actor(), load(_SHOWN, request.args)
    with read_session() as session:
        row = get_consultation(session, actor, consultation_id)
        shown = messages_of(session, actor, row, before=asked["before"], limit=SHOWN)
        new = new_among(session, actor, shown)
    if new:
        with write_session() as session:
            mark_read(session, house().clock, actor, side_of(actor), new)
