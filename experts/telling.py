"""Telling a firm how its consultation goes, an expert that they are asked, staff that one came: what wakes a message,
and its letter.

A letter says where the matter stands and nothing of what it is about: mail is read by more people than a page.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session

from accounts.models import User, holds
from core.actor import Actor, Role
from core.outbox import Message as Happened
from core.said import Said, said
from experts.beside.asking import ASKS_EXPERT
from experts.beside.models import Beside
from experts.beside.workflow import BesideState
from experts.consultation_duties import FOLLOW_UP_DUE
from experts.consultation_models import (
    Consultation,
    ConsultationMessage,
    ConsultationStep,
    FollowUp,
    MessageReader,
)
from experts.consultation_queue import plain_words
from experts.consultation_workflow import (
    ANSWERED,
    CONSULTATION_WORKFLOW,
    REFUSALS,
    ConsultationState,
    Urgency,
)
from experts.correspondence import FIRM, LEAD, messages_of
from notify.letters import Item, Letter, Text, Words
from notify.sending import Mailroom
from notify.topics import ASSIGNED, DESK_WRITTEN, FOLLOW_UP, SUBMITTED, URGENT_CALL, WRITTEN, Topic
from notify.topics import CONSULTATION as NEWS

CONSULTATION = NEWS.kind
#: experts and staff have their pages; there is nothing of their own to read there
_BY_MAIL = frozenset({"email"})
#: steps a firm is told of; its own are acknowledged only where the centre's clock begins
TOLD_STEPS = frozenset(
    {
        "submit",
        "accept",
        "reject",
        "assign",
        "declare",
        "decline",
        "recall",
        "issue",
        "correct",
        "conclude",
        "objection_upheld",
        "objection_overruled",
        "ask_supplement",
        "ask_firm",
        "merge",
        "terminate",
        "reopen",
        "follow",
        "ask_beside",
        "remind_supplement",
        "lapse",
        "revive",
    }
)
#: sides whose messages a firm is told of
_OTHERS = frozenset({"staff", "expert"})


def subject_of(consultation_id: uuid.UUID, what: str, number: int | uuid.UUID) -> uuid.UUID:
    """The id under which a step or a message (``what``) of a consultation is told once."""
    return uuid.uuid5(consultation_id, f"{what}:{number}")


class ConsultationNews:
    """Consumer of consultation.moved: queues what the firm, the expert and the staff are to know."""

    def __init__(self, mailroom: Mailroom) -> None:
        self._mailroom = mailroom

    def queue(self, session: Session, happened: Sequence[Happened]) -> None:
        """Queue a message to the firm for each step or message of ``happened`` that is told."""
        for row in happened:
            consultation = session.get(Consultation, uuid.UUID(row.payload["consultation"]))
            if consultation is None:
                continue
            subject = _subject_in(session, row)
            if subject is not None:
                self._mailroom.tell(session, NEWS, consultation.centre_id, consultation.firm_id, [subject])
            if row.payload["step"] == "submit" and consultation.urgency == Urgency.U1.value:
                self._mailroom.tell_robots(
                    session, URGENT_CALL, consultation.centre_id, [consultation.id], is_urgent=True
                )
            for topic, people in self._people(session, row, consultation):
                told = subject_of(consultation.id, topic.id, row.payload["id"])
                for account_id in people:
                    self._mailroom.tell_person(
                        session, topic, consultation.centre_id, account_id, [told], channels=_BY_MAIL
                    )

    def _people(
        self, session: Session, row: Happened, consultation: Consultation
    ) -> list[tuple[Topic, Sequence[uuid.UUID]]]:
        """Who besides the firm is told, and of what: the expert who is asked, the centre's staff when one came."""
        accounts = select(User.id).where(User.centre_id == consultation.centre_id, User.active)
        if row.payload["step"] == "assign" and consultation.expert_id is not None:
            query = accounts.where(User.expert_id == consultation.expert_id, holds(Role.EXPERT))
            return [(ASSIGNED, session.scalars(query.order_by(User.id)).all())]
        if row.payload["step"] == ASKS_EXPERT:
            beside = session.get(Beside, uuid.UUID(row.payload["id"]))
            query = accounts.where(
                User.expert_id == (beside.expert_id if beside else None), holds(Role.EXPERT)
            )
            return [(ASSIGNED, session.scalars(query.order_by(User.id)).all())]
        if row.payload["step"] == FOLLOW_UP_DUE:
            return [(FOLLOW_UP, session.scalars(accounts.where(holds(Role.STAFF)).order_by(User.id)).all())]
        if row.payload["step"] == "message":
            return self._written(session, row, consultation, accounts)
        if row.payload["step"] == "submit":
            return [(SUBMITTED, session.scalars(accounts.where(holds(Role.STAFF)).order_by(User.id)).all())]
        return []

    def _written(
        self,
        session: Session,
        row: Happened,
        consultation: Consultation,
        accounts: Select[uuid.UUID],
    ) -> list[tuple[Topic, Sequence[uuid.UUID]]]:
        """The experts a message was sent to, and the centre's staff when others wrote it."""
        readers = _readers(session, row.payload["id"])
        ids = {reader.expert_id for reader in readers if reader.expert_id is not None}
        if any(reader.party == LEAD for reader in readers) and consultation.expert_id is not None:
            ids.add(consultation.expert_id)
        experts = accounts.where(User.expert_id.in_(ids), holds(Role.EXPERT)).order_by(User.id)
        told: list[tuple[Topic, Sequence[uuid.UUID]]] = [(WRITTEN, session.scalars(experts).all())]
        if row.payload["by_side"] != "staff":
            staff = accounts.where(holds(Role.STAFF)).order_by(User.id)
            told.append((DESK_WRITTEN, session.scalars(staff).all()))
        return told


def _readers(session: Session, message_id: int) -> Sequence[MessageReader]:
    query = select(MessageReader).where(MessageReader.message_id == message_id).order_by(MessageReader.id)
    return session.scalars(query).all()


def _subject_in(session: Session, row: Happened) -> uuid.UUID | None:
    payload = row.payload
    is_message = payload["step"] == "message"
    if payload["by_side"] not in _OTHERS if is_message else payload["step"] not in TOLD_STEPS:
        return None
    if is_message and FIRM not in {reader.party for reader in _readers(session, payload["id"])}:
        return None
    return subject_of(uuid.UUID(payload["consultation"]), "message" if is_message else "step", payload["id"])


def _asked_beside(
    session: Session, expert_id: uuid.UUID, subject_ids: Sequence[uuid.UUID]
) -> list[tuple[Consultation, Beside, uuid.UUID]]:
    """The consultations in which an expert is asked to write beside and has not answered, with the subject."""
    query = (
        select(Consultation, Beside)
        .join(Beside, Beside.consultation_id == Consultation.id)
        .where(Beside.expert_id == expert_id, Beside.state == BesideState.WAITING.value)
        .order_by(Beside.asked_at.desc(), Beside.id)
    )
    wanted = set(subject_ids)
    found = [(row, one, subject_of(row.id, ASSIGNED.id, one.id)) for row, one in session.execute(query)]
    return [told for told in found if told[2] in wanted]


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


def compose_assignments(
    session: Session, account_id: uuid.UUID, subject_ids: Sequence[uuid.UUID]
) -> Letter | None:
    """The letter that tells an expert they are asked; it names nothing of the matter. None when they no longer are."""
    user = session.get(User, account_id)
    if user is None or user.expert_id is None:
        return None
    is_asked = and_(
        Consultation.expert_id == user.expert_id, Consultation.state == ConsultationState.ASSIGNED.value
    )
    items = [
        _plain_item(row, subject, said("Consultation %(number)s is given to you", number=row.number))
        for row, subject in _told_of(session, ASSIGNED, subject_ids, is_asked)
    ]
    items += [
        _plain_item(
            row,
            subject,
            said("An opinion of your own is asked for in consultation %(number)s", number=row.number),
            beside.due_on,
        )
        for row, beside, subject in _asked_beside(session, user.expert_id, subject_ids)
    ]
    return _people_letter(
        items, said("The centre asks for your advice. First declare whether you have a conflict.")
    )


def compose_submissions(
    session: Session, account_id: uuid.UUID, subject_ids: Sequence[uuid.UUID]
) -> Letter | None:
    """The letter that tells a member of staff which consultations wait to be accepted; None when none does any more."""
    user = session.get(User, account_id)
    if user is None:
        return None
    waits = and_(
        Consultation.centre_id == user.centre_id, Consultation.state == ConsultationState.SUBMITTED.value
    )
    items = [
        _plain_item(row, subject, said("Consultation %(number)s waits to be accepted", number=row.number))
        for row, subject in _told_of(session, SUBMITTED, subject_ids, waits)
    ]
    return _people_letter(items, said("Firms have asked the centre."))


def compose_written(
    session: Session, account_id: uuid.UUID, subject_ids: Sequence[uuid.UUID]
) -> Letter | None:
    """The letter that tells an expert or a member of staff that messages wait; None when they may read none of them any
    more."""
    user = session.get(User, account_id)
    if user is None:
        return None
    actor = Actor(
        f"user:{user.id}",
        frozenset(Role(role.name) for role in user.roles),
        centre_id=user.centre_id,
        firm_id=user.firm_id,
        expert_id=user.expert_id,
    )
    wanted, items = set(subject_ids), []
    for row in session.scalars(
        Consultation.visible_to(actor).order_by(Consultation.updated_at.desc(), Consultation.id)
    ):
        subjects = [
            subject
            for message in messages_of(session, actor, row)
            for topic in (WRITTEN, DESK_WRITTEN)
            if (subject := subject_of(row.id, topic.id, message.id)) in wanted
        ]
        if subjects:
            heading = said("A message waits for you in consultation %(number)s", number=row.number)
            items.append(
                Item(
                    heading,
                    "",
                    [],
                    (),
                    f"/consultations/{row.id}",
                    said("Open the consultation"),
                    subjects[-1],
                )
            )
    return _people_letter(items, said("Somebody has written to you."))


def compose_follow_ups(
    session: Session, account_id: uuid.UUID, subject_ids: Sequence[uuid.UUID]
) -> Letter | None:
    """The letter that tells a member of staff which firms are to be asked how it went; None when all were asked."""
    user = session.get(User, account_id)
    if user is None:
        return None
    query = (
        select(Consultation, FollowUp)
        .join(FollowUp, FollowUp.consultation_id == Consultation.id)
        .where(Consultation.centre_id == user.centre_id, FollowUp.done_at.is_(None))
        .order_by(FollowUp.due_on, FollowUp.id)
    )
    wanted, items = set(subject_ids), []
    for row, follow_up in session.execute(query):
        subject = subject_of(row.id, FOLLOW_UP.id, follow_up.id)
        if subject in wanted and row.state in ANSWERED:
            heading = said("Ask the firm of consultation %(number)s how it went", number=row.number)
            items.append(_plain_item(row, subject, heading, follow_up.due_on))
    return _people_letter(items, said("Firms wait to be asked what became of an opinion."))


def _told_of(
    session: Session, topic: Topic, subject_ids: Sequence[uuid.UUID], which: ColumnElement[bool]
) -> list[tuple[Consultation, uuid.UUID]]:
    """The consultations that subjects of ``topic`` are about, each once, with the subject; the newest first."""
    step = "assign" if topic is ASSIGNED else "submit"
    wanted = set(subject_ids)
    found = session.execute(
        select(Consultation, ConsultationStep.id)
        .join(ConsultationStep, ConsultationStep.consultation_id == Consultation.id)
        .where(which, ConsultationStep.step == step)
        .order_by(Consultation.updated_at.desc(), Consultation.id, ConsultationStep.id)
    )
    about: dict[uuid.UUID, tuple[Consultation, uuid.UUID]] = {}
    for row, number in found:
        subject = subject_of(row.id, topic.id, number)
        if subject in wanted:
            about[row.id] = (row, subject)
    return list(about.values())


def _plain_item(row: Consultation, subject: uuid.UUID, heading: Said, due_on: date | None = None) -> Item:
    facts: list[tuple[Said, Text]] = []
    due = due_on or row.due_on
    if due is not None:
        facts.append((said("By (working days in China)"), due.isoformat()))
    return Item(
        heading=heading,
        title="",
        facts=facts,
        reasons=(),
        path=f"/consultations/{row.id}",
        link=said("Open the consultation"),
        subject_id=subject,
    )


def _people_letter(items: list[Item], opening: Said) -> Letter | None:
    if not items:
        return None
    subject = items[0].heading
    if len(items) > 1:
        subject = said("%(count)s consultations wait for you", count=len(items))
    return Letter(
        said("Seamark: %(what)s", what=subject),
        opening,
        items,
        said("What it is about stands on the site only; nothing of it is sent by mail."),
    )
