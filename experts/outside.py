"""Telling whoever applies to a library how their application stands: they have no account, only a private link.

A letter names nobody and holds no link to the application: the link is a secret, kept here as its SHA-256 alone. The
address is read from the application when the mail leaves, so that what is erased there is mailed to no more.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import Session

from core.outbox import Message as Happened
from core.said import Said, said
from experts.agencies.models import AgencyApplication
from experts.agencies.workflow import ADMISSION, ADMISSIONS, AdmissionState
from experts.appointing.models import Application
from experts.appointing.workflow import APPLICATION_WORKFLOW, ApplicationState
from notify.letters import Item, Letter, Text, Words
from notify.sending import Mailroom
from notify.topics import OUTSIDE

_AGENCIES = f"{ADMISSIONS.noun}.moved"
#: what applicants are told of
OF_APPLICANTS = frozenset({"application.moved", _AGENCIES})
#: what those who apply do themselves; only that it was handed in is confirmed
_THEIR_SIDES, _CONFIRMED = frozenset({"applicant", "agency"}), "submit"
_ADDRESS = re.compile(r"[^\s<>()\[\]，；、,;:：]+@[^\s<>()\[\]，；、,;:：]+")


@dataclass(frozen=True)
class _Standing:
    """How an application stands, of either library."""

    number: str
    state: Words
    due_on: date | None  #: the applicant's own last day; None when they are not waited for
    path: str
    link: Said


class ApplicantNews:
    """Consumer of the steps of applications to both libraries."""

    def __init__(self, mailroom: Mailroom) -> None:
        self._mailroom = mailroom

    def queue(self, session: Session, happened: Sequence[Happened]) -> None:
        """Queue a mail to each applicant whose application moved by another's hand, or was handed in."""
        for row in happened:
            told = row.payload
            if told.get("side") in _THEIR_SIDES and told["step"] != _CONFIRMED:
                continue
            application_id = uuid.UUID(told.get("application") or row.key)
            application = _application(session, application_id)
            if application is None or address_in(application.contact) is None:
                continue
            # A message told again, after a crash, is the same subject.
            subject = uuid.uuid5(application_id, f"moved:{row.id}")
            self._mailroom.tell_outside(session, OUTSIDE, application.centre_id, application_id, [subject])


def address_in(contact: str) -> str | None:
    """The first mail address in what somebody wrote of how they can be reached; None when there is none."""
    for found in _ADDRESS.findall(contact):
        try:
            return validate_email(found.strip(".。"), check_deliverability=False).normalized
        except EmailNotValidError:
            continue
    return None


def address_of(session: Session, application_id: uuid.UUID) -> str | None:
    """The mail address of whoever applied; None when there is none any more."""
    application = _application(session, application_id)
    return address_in(application.contact) if application is not None else None


def _application(session: Session, application_id: uuid.UUID) -> Application | AgencyApplication | None:
    return session.get(Application, application_id) or session.get(AgencyApplication, application_id)


def compose_outside(
    session: Session, application_id: uuid.UUID, subject_ids: Sequence[uuid.UUID]
) -> Letter | None:
    """The letter that tells an applicant how their application stands now; None when it is gone or was taken back to a
    draft."""
    stands = _standing(session, application_id)
    if stands is None:
        return None
    facts: list[tuple[Said, Text]] = [(said("State"), stands.state)]
    if stands.due_on is not None:
        facts.append((said("Your answer is due by (working days in China)"), stands.due_on.isoformat()))
    heading = said("Your application %(number)s", number=stands.number)
    item = Item(heading, "", facts, (), stands.path, stands.link, subject_ids[-1] if subject_ids else None)
    return Letter(
        said("Seamark: %(what)s", what=heading),
        said("Your application has moved."),
        [item],
        said(
            "To read the reasons and to answer, open the private link you saved when you began; it is never sent by mail."
        ),
    )


def _standing(session: Session, application_id: uuid.UUID) -> _Standing | None:
    own = session.get(Application, application_id)
    if own is not None and own.number:
        is_theirs = own.state == ApplicationState.SUPPLEMENT.value
        words = Words(*APPLICATION_WORKFLOW.states[own.state])
        return _Standing(own.number, words, own.due_on if is_theirs else None, "/calls", said("Open calls"))
    agency = session.get(AgencyApplication, application_id)
    if agency is not None and agency.number:
        is_theirs = agency.state == AdmissionState.SUPPLEMENT.value
        words = Words(*ADMISSION.states[agency.state])
        due = agency.due_on if is_theirs else None
        return _Standing(agency.number, words, due, "/agencies", said("The agency library"))
    return None
