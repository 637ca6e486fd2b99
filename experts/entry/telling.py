"""Telling the centre that somebody asks for help: staff by mail, and the robots of the centre at any hour when it is most
urgent. Who asks, and what of, stands on the site alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import User, holds
from core.actor import Role
from core.centres import Centre
from core.outbox import Message as Happened
from core.said import Said, said
from experts.consultation_models import Consultation
from experts.consultation_workflow import ConsultationState, Urgency
from experts.entry.models import EntryRequest
from experts.entry.workflow import EntryState
from knowledge.first_hours import load_first_hours
from notify.letters import Item, Letter, Text, Words
from notify.sending import Mailroom
from notify.topics import ENTERED, URGENT_CALL

#: a phone rings only for what is most urgent, and only with whoever agreed to it; the mailroom knows which that is
_CHANNELS = frozenset({"email", "sms"})


class EntryNews:
    """Consumer of entry.sent: tells the centre's staff, and its robots where an hour counts."""

    def __init__(self, mailroom: Mailroom) -> None:
        self._mailroom = mailroom

    def queue(self, session: Session, happened: Sequence[Happened]) -> None:
        """Queue a message for each request of ``happened`` that still waits."""
        for told in happened:
            row = session.get(EntryRequest, uuid.UUID(told.payload["request"]))
            if row is None or row.state != EntryState.SENT.value:
                continue
            is_urgent = row.urgency == Urgency.U1.value
            staff = select(User.id).where(User.centre_id == row.centre_id, User.active, holds(Role.STAFF))
            for account_id in session.scalars(staff.order_by(User.id)).all():
                self._mailroom.tell_person(
                    session, ENTERED, row.centre_id, account_id, [row.id], is_urgent=is_urgent, channels=_CHANNELS
                )  # fmt: skip
            if is_urgent:
                self._mailroom.tell_robots(session, URGENT_CALL, row.centre_id, [row.id], is_urgent=True)


def compose_entered(
    session: Session, account_id: uuid.UUID, subject_ids: Sequence[uuid.UUID]
) -> Letter | None:
    """The letter that tells a member of staff which requests wait for a first answer; None when none does any more."""
    user = session.get(User, account_id)
    if user is None or user.centre_id is None:
        return None
    rows = session.scalars(
        select(EntryRequest)
        .where(
            EntryRequest.id.in_(subject_ids),
            EntryRequest.centre_id == user.centre_id,
            EntryRequest.state == EntryState.SENT.value,
        )
        .order_by(EntryRequest.due_at, EntryRequest.id)
    ).all()
    return _letter([_asked(session, row) for row in rows])


def compose_calls(session: Session, robot_id: uuid.UUID, subject_ids: Sequence[uuid.UUID]) -> Letter | None:
    """The most urgent requests and consultations that still wait, the first due first; None when none does."""
    entries = session.scalars(
        select(EntryRequest).where(
            EntryRequest.id.in_(subject_ids), EntryRequest.state == EntryState.SENT.value
        )
    ).all()
    matters = session.scalars(
        select(Consultation).where(
            Consultation.id.in_(subject_ids), Consultation.state == ConsultationState.SUBMITTED.value
        )
    ).all()
    # What is most urgent is promised by the hour; whatever has no hour comes last.
    latest = datetime.max.replace(tzinfo=UTC)
    waiting: list[EntryRequest | Consultation] = [*entries, *matters]
    waiting.sort(key=lambda row: (row.due_at or latest, str(row.id)))
    return _letter(
        [
            _asked(session, row) if isinstance(row, EntryRequest) else _submitted(session, row)
            for row in waiting
        ]
    )


def _letter(items: list[Item]) -> Letter | None:
    if not items:
        return None
    subject = said("Seamark: %(what)s", what=items[0].heading)
    if len(items) > 1:
        subject = said("Seamark: %(count)s requests for help wait for a first answer", count=len(items))
    return Letter(
        subject,
        said("Somebody waits for the centre's first answer, the first due first."),
        items,
        said("Who asks, and what of, stands on the site only."),
        short_path="/entries",
    )


def _asked(session: Session, row: EntryRequest) -> Item:
    heading = said("Somebody without an account asks for help")
    if row.urgency == Urgency.U1.value:
        heading = said("Most urgent: somebody without an account asks for help")
    known = load_first_hours().get(row.scenario)
    facts: list[tuple[Said, Text]] = [(said("Received"), Words(known.zh, known.en))] if known else []
    return _item(session, row, heading, facts, f"/entries/{row.id}", said("Open the request"))


def _submitted(session: Session, row: Consultation) -> Item:
    heading = said("Most urgent: consultation %(number)s waits to be accepted", number=row.number)
    return _item(session, row, heading, [], f"/consultations/{row.id}", said("Open the consultation"))


def _item(
    session: Session,
    row: EntryRequest | Consultation,
    heading: Said,
    facts: list[tuple[Said, Text]],
    path: str,
    link: Said,
) -> Item:
    if row.due_at is not None:
        zone = ZoneInfo(session.get_one(Centre, row.centre_id).zone)
        facts = [*facts, (said("First answer by"), row.due_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"))]
    return Item(heading=heading, title="", facts=facts, reasons=(), path=path, link=link, subject_id=row.id)
