"""Telling the centre's staff that an application or an objection waits, and an expert how they stand.

A letter names nobody who applies: mail is read by more people than a page.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import User, holds
from core.actor import Role
from core.outbox import Message as Happened
from core.said import Said, said
from experts.appointing.models import Application
from experts.appointing.standing import current_appointment, evaluations_of
from experts.appointing.standing_models import Qualification
from experts.appointing.workflow import APPLICATION_WORKFLOW
from experts.models import ENTRY_STATUS, Expert
from notify.letters import Item, Letter, Text, Words
from notify.sending import Mailroom
from notify.topics import APPLIED, STANDING

#: what an expert is told of
OF_EXPERTS = frozenset(
    {"expert.appointed", "expert.standing", "expert.evaluated", "expert.term_ending", "qualification.ending"}
)
#: steps of an application that staff are told of
OF_STAFF = frozenset({"submit", "supplement", "object", "end_publicity"})
_BY_MAIL = frozenset({"email"})


def _subject(key: str, row: Happened) -> uuid.UUID:
    return uuid.uuid5(uuid.UUID(key), f"{row.topic}:{sorted(row.payload.items())}")


class StandingNews:
    """Consumer of what happens to applications and experts: queues what staff and experts are to know."""

    def __init__(self, mailroom: Mailroom) -> None:
        self._mailroom = mailroom

    def queue(self, session: Session, happened: Sequence[Happened]) -> None:
        """Queue a message to each who is told."""
        for row in happened:
            if row.topic == "application.moved":
                self._tell_staff(session, row)
            else:
                self._tell_expert(session, row)

    def _tell_staff(self, session: Session, row: Happened) -> None:
        application = session.get(Application, uuid.UUID(row.payload["application"]))
        if application is None or row.payload["step"] not in OF_STAFF:
            return
        staff = select(User.id).where(User.centre_id == application.centre_id, User.active, holds(Role.STAFF))
        # One subject an application and step taken: the composer finds the application by it.
        subject = uuid.uuid5(application.id, f"step:{row.payload['id']}")
        for account_id in session.scalars(staff.order_by(User.id)):
            self._mailroom.tell_person(
                session, APPLIED, application.centre_id, account_id, [subject], channels=_BY_MAIL
            )

    def _tell_expert(self, session: Session, row: Happened) -> None:
        expert = session.get(Expert, uuid.UUID(row.key))
        if expert is None:
            return
        people = select(User.id).where(User.expert_id == expert.id, User.active)
        for account_id in session.scalars(people.order_by(User.id)):
            self._mailroom.tell_person(
                session, STANDING, expert.centre_id, account_id, [_subject(row.key, row)], channels=_BY_MAIL
            )


def compose_applications(
    session: Session, account_id: uuid.UUID, subject_ids: Sequence[uuid.UUID]
) -> Letter | None:
    """The letter that tells staff which applications moved; None when none of them waits for the centre any more."""
    user = session.get(User, account_id)
    if user is None:
        return None
    wanted, items = set(subject_ids), []
    states = ("submitted", "qualification_check", "objection", "approved")
    query = select(Application).where(Application.centre_id == user.centre_id, Application.state.in_(states))
    for row in session.scalars(query.order_by(Application.updated_at.desc(), Application.id)):
        told = [s for step in row.steps if (s := uuid.uuid5(row.id, f"step:{step.id}")) in wanted]
        if not told:
            continue
        state = Words(*APPLICATION_WORKFLOW.states[row.state])
        facts: list[tuple[Said, Text]] = []
        if row.due_on is not None:
            facts.append((said("By (working days in China)"), row.due_on.isoformat()))
        items.append(
            Item(
                said("Application %(number)s: %(state)s", number=row.number, state=state),
                "", facts, (), f"/applications/{row.id}", said("Open the application"), told[-1],
            )
        )  # fmt: skip
    if not items:
        return None
    return Letter(
        said("Seamark: %(what)s", what=items[0].heading),
        said("Applications to the expert library wait for the centre."),
        items,
        said("Who applies stands on the site only; nothing of it is sent by mail."),
    )


def compose_standing(
    session: Session, account_id: uuid.UUID, subject_ids: Sequence[uuid.UUID]
) -> Letter | None:
    """The letter that tells an expert how they stand now; None when the account is no expert's any more."""
    user = session.get(User, account_id)
    expert = session.get(Expert, user.expert_id) if user is not None and user.expert_id else None
    if expert is None:
        return None
    facts: list[tuple[Said, Text]] = [(said("Status"), Words(*ENTRY_STATUS.states[expert.status]))]
    appointment = current_appointment(session, expert.id)
    if appointment is not None:
        facts.append((said("Certificate"), appointment.number))
        facts.append((said("Last day of the term"), appointment.until_on.isoformat()))
    if evaluations := evaluations_of(session, expert.id):
        facts.append(
            (said("Evaluation of %(year)s", year=evaluations[0].year), f"{evaluations[0].total} / 100")
        )
    ending = select(Qualification).where(
        Qualification.expert_id == expert.id, Qualification.reminded.is_not(None)
    )
    for row in session.scalars(ending.order_by(Qualification.expires_on)):
        facts.append((said("Ends soon: %(title)s", title=row.title), str(row.expires_on)))
    heading = said("News of your place in the expert library")
    item = Item(
        heading, "", facts, (), "/expert", said("Open your entry"), subject_ids[-1] if subject_ids else None
    )
    return Letter(
        said("Seamark: %(what)s", what=heading),
        said("Something changed in the expert library that concerns you."),
        [item],
        said("Your entry stands on the site; sign in to read and change it."),
    )
