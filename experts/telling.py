"""Telling a firm how its consultation goes: what wakes a message, and its letter.

A letter says where the matter stands and nothing of what it is about: mail is read by more people than a page.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.outbox import Message as Happened
from core.said import Said, said
from experts.consultation_models import Consultation, ConsultationMessage, ConsultationStep
from experts.consultation_queue import plain_words
from experts.consultation_workflow import CONSULTATION_WORKFLOW, REFUSALS
from notify.letters import Item, Letter, Text, Words
from notify.sending import Mailroom
from notify.topics import CONSULTATION as NEWS

CONSULTATION = NEWS.kind
#: steps a firm is told of; its own are acknowledged only where the centre's clock begins
TOLD_STEPS = frozenset(
    {"submit", "accept", "reject", "assign", "declare", "decline", "recall", "issue", "correct", "conclude"}
)
#: sides whose messages a firm is told of
_OTHERS = frozenset({"staff", "expert"})


def subject_of(consultation_id: uuid.UUID, what: str, number: int) -> uuid.UUID:
    """The id under which a step or a message (``what``) of a consultation is told once."""
    return uuid.uuid5(consultation_id, f"{what}:{number}")


class ConsultationNews:
    """Consumer of consultation.moved: queues what the firm is to know."""

    def __init__(self, mailroom: Mailroom) -> None:
        self._mailroom = mailroom

    def queue(self, session: Session, happened: Sequence[Happened]) -> None:
        """Queue a message to the firm for each step or message of ``happened`` that is told."""
        for row in happened:
            consultation = session.get(Consultation, uuid.UUID(row.payload["consultation"]))
            subject = _subject_in(row) if consultation else None
            if consultation is not None and subject is not None:
                self._mailroom.tell(session, NEWS, consultation.centre_id, consultation.firm_id, [subject])


def _subject_in(row: Happened) -> uuid.UUID | None:
    payload = row.payload
    is_message = payload["step"] == "message"
    if payload["by_side"] not in _OTHERS if is_message else payload["step"] not in TOLD_STEPS:
        return None
    return subject_of(uuid.UUID(payload["consultation"]), "message" if is_message else "step", payload["id"])


def compose_consultations(
    session: Session, firm_id: uuid.UUID, subject_ids: Sequence[uuid.UUID]
) -> Letter | None:
    """The letter that tells a firm where its consultations stand now; None when they are gone."""
    wanted = set(subject_ids)
    rows = session.scalars(
        select(Consultation)
        .where(Consultation.firm_id == firm_id)
        .order_by(Consultation.updated_at.desc(), Consultation.id)
    )
    items = [item for row in rows for item in _items(session, row, wanted)]
    if not items:
        return None
    subject = items[0].heading
    if len(items) > 1:
        subject = said("%(count)s things happened in your consultations", count=len(items))
    return Letter(
        said("Seamark: %(what)s", what=subject),
        said("News of what your firm asked the centre."),
        items,
        said("What was asked and answered stands on the site only; nothing of it is sent by mail."),
    )


def _items(session: Session, row: Consultation, wanted: set[uuid.UUID]) -> list[Item]:
    """At most one item for the steps of a consultation and one for its messages."""
    steps = select(ConsultationStep.id).where(ConsultationStep.consultation_id == row.id)
    messages = select(ConsultationMessage.id).where(ConsultationMessage.consultation_id == row.id)
    told = [s for n in session.scalars(steps) if (s := subject_of(row.id, "step", n)) in wanted]
    written = [s for n in session.scalars(messages) if (s := subject_of(row.id, "message", n)) in wanted]
    items = []
    if told:
        state = Words(*CONSULTATION_WORKFLOW.states[row.state])
        heading = said("Consultation %(number)s: %(state)s", number=row.number, state=state)
        items.append(_item(row, heading, told[-1], _standing(row)))
    if written:
        heading = said("A message waits for you in consultation %(number)s", number=row.number)
        items.append(_item(row, heading, written[-1], []))
    return items


def _standing(row: Consultation) -> list[tuple[Said, Text]]:
    holder, following = plain_words(row.state)
    facts: list[tuple[Said, Text]] = [(said("With"), holder), (said("Next"), following)]
    if row.due_on is not None:
        facts.append((said("By (working days in China)"), row.due_on.isoformat()))
    if row.refusal:
        refusal = REFUSALS[row.refusal]
        facts += [(said("Reason"), refusal.reason), (said("What you can do"), refusal.remedy)]
    return facts


def _item(row: Consultation, heading: Said, subject: uuid.UUID, facts: list[tuple[Said, Text]]) -> Item:
    return Item(
        heading=heading,
        title=row.docket_number or "",
        facts=facts,
        reasons=(),
        path=f"/consultations/{row.id}",
        link=said("Open the consultation"),
        subject_id=subject,
        data={"consultation": {"id": row.id, "number": row.number, "state": row.state, "due_on": row.due_on}},
    )
