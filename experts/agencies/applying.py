"""What an applicant does by its private link: tell, submit, supplement, withdraw."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actor import Actor, Permission
from core.clock import Clock as Time
from core.db import new_id
from core.errors import TransitionRefused
from core.numbers import next_number
from core.said import Said, said
from core.text import collapse
from experts.agencies.access import agency_actor, new_access
from experts.agencies.criteria import CONSENT_VERSION
from experts.agencies.models import AgencyApplication, AgencyBar
from experts.agencies.moving import Obstacle, changing, move, refuse, today_of, touched, written
from experts.agencies.workflow import OPEN_ADMISSIONS, AdmissionState

#: what an application tells in the shape of an entry of the library
ENTRY = (
    "name_zh", "name_en", "agency_class", "languages", "industries", "dispute_types", "offices", "fees", "url", "bio",
)  # fmt: skip
#: and beside it; the public reads these of a listed agency
PROFILE = (
    "licence", "licence_issuer", "insurance", "insured_until", "team", "matters", "discipline", "first_free",
    "response_hours", "pro_bono",
)  # fmt: skip
#: and what only the centre reads
PRIVATE = ("registration", "registered_at")
CONSENTS = ("consent_truth", "consent_notice", "consent_promise")
#: what must be told before an application can be submitted
NEEDED: tuple[tuple[str, Said], ...] = (
    ("name_zh", said("Write the agency's name.")),
    ("agency_class", said("Choose what kind of agency it is.")),
    ("registration", said("Write the registration number: the unified social credit code, or that of its own country.")),
    ("offices", said("Name one office at least.")),
    ("languages", said("Choose the languages you work in.")),
    ("dispute_types", said("Choose the disputes you know.")),
    ("matters", said("Describe at least three matters of the last three years; names may be left out.")),
    ("team", said("Say how many people work on such matters, and their qualifications abroad.")),
    ("discipline", said("Say what penalties or discipline there were in three years, or that there were none.")),
)  # fmt: skip


def gaps_in(application: AgencyApplication) -> dict[str, list[Said]]:
    """What is missing for submission: field -> sentences."""
    told = application.answers
    gaps = {name: [sentence] for name, sentence in NEEDED if not told.get(name)}
    fees = told.get("fees") or {}
    if not any(fees.get(name) for name in ("from", "to", "cap", "note")):
        gaps["fees"] = [said("State your fees: a range or a cap, and what they cover.")]
    languages = set(told.get("languages") or ())
    if languages and not ("zh" in languages and len(languages) > 1):
        gaps["languages"] = [said("An agency here works in Chinese and one more language at least.")]
    if not application.contact:
        gaps["contact"] = [said("Name somebody who can be reached, and how.")]
    for name, sentence in (
        ("consent_truth", said("Confirm that what you told is true.")),
        ("consent_notice", said("Agree to the notice, or do not send it.")),
        ("consent_promise", said("Promise to take and give no commission, or do not send it.")),
    ):
        if not getattr(application, name):
            gaps[name] = [sentence]
    return gaps


def name_key(name: str) -> str:
    """A name as bars compare it: without spaces, marks and case."""
    return "".join(sign for sign in collapse(name).casefold() if sign.isalnum())


def bar_of(
    session: Session, centre_id: uuid.UUID, name: str, registration: str, today: date
) -> AgencyBar | None:
    """The bar that keeps an agency of this registration number, or of this name, out today.

    A new name under the old number is barred, and the old name under a new number as well.
    """
    same = AgencyBar.name_key == name_key(name)
    if registration:
        same |= AgencyBar.registration == registration
    query = select(AgencyBar).where(AgencyBar.centre_id == centre_id, AgencyBar.until_on >= today, same)
    return session.scalars(query.order_by(AgencyBar.until_on.desc())).first()


def begin(session: Session, time: Time, centre_id: uuid.UUID) -> tuple[AgencyApplication, str]:
    """An empty draft and the secret of its link, which is shown once."""
    access, token = new_access(session, time, centre_id)
    now = time.now()
    application = AgencyApplication(
        id=new_id(), centre_id=centre_id, access_id=access.id, created_at=now, updated_at=now, version=1,
        state=AdmissionState.DRAFT.value, answers={}, checklist={}, verified_by={},
    )  # fmt: skip
    session.add(application)
    session.flush()
    written(session, time, agency_actor(access), application, "begun")
    return application, token


def own_application(session: Session, actor: Actor) -> AgencyApplication | None:
    """The application of whoever holds a link; None for an agency that came from a file."""
    found: AgencyApplication | None = session.scalar(AgencyApplication.visible_to(actor))
    return found


def _require_open(application: AgencyApplication) -> None:
    if application.state not in (AdmissionState.DRAFT.value, AdmissionState.SUPPLEMENT.value):
        raise TransitionRefused(
            said("It is with the centre now and cannot be changed."),
            fix=said("Withdraw it, or wait until the centre asks for a supplement."),
        )


def tell(
    session: Session,
    time: Time,
    actor: Actor,
    application_id: uuid.UUID,
    told: Mapping[str, Any],
    *,
    seen_version: int,
) -> AgencyApplication:
    """Keep what the applicant tells; a draft or a supplement may leave anything open.

    Raises NotFound, NotAllowed, StaleWrite, TransitionRefused (it is with the centre now).
    """
    application = changing(session, actor, AgencyApplication, application_id, seen_version)
    actor.require(Permission.AGENCY_APPLY)
    _require_open(application)
    answers = {name: told[name] for name in (*ENTRY, *PROFILE, *PRIVATE) if name in told}
    application.answers = {**application.answers, **answers}
    for name in ("contact", *CONSENTS):
        if name in told:
            setattr(application, name, told[name])
    touched(application, time)
    session.flush()
    written(session, time, actor, application, "told", {**answers, "contact": application.contact})
    return application


def _is_complete(application: AgencyApplication, actor: Actor, today: date) -> Obstacle | None:
    for field, sentences in gaps_in(application).items():
        return Obstacle(sentences[0], field)
    return None


def _is_in_time(application: AgencyApplication, actor: Actor, today: date) -> Obstacle | None:
    if application.due_on is not None and today > application.due_on:
        return Obstacle(said("The last day for the supplement has passed."))
    return None


def submit(
    session: Session, time: Time, actor: Actor, application_id: uuid.UUID, *, seen_version: int
) -> AgencyApplication:
    """Hand a draft to the centre under a number of its own.

    Raises BadInput (something is missing, the agency is barred, listed, or has another application under way),
    NotFound, NotAllowed, StaleWrite, TransitionRefused.
    """
    application = changing(session, actor, AgencyApplication, application_id, seen_version)
    today = today_of(session, time, application.centre_id)
    registration = str(application.answers.get("registration", ""))
    bar = bar_of(session, application.centre_id, application.name, registration, today)
    if bar is not None:
        day = bar.until_on.isoformat()
        raise refuse("", said("An agency that was delisted may not apply before %(day)s.", day=day))
    others = select(func.count()).where(
        AgencyApplication.centre_id == application.centre_id,
        AgencyApplication.id != application.id,
        AgencyApplication.state.in_([state.value for state in OPEN_ADMISSIONS]),
        AgencyApplication.answers["registration"].as_string() == registration,
    )
    if registration and session.scalar(others):
        raise refuse("", said("This agency has an application under way; open it by its own link."))
    move(session, time, actor, application, "submit", guards=(_is_complete,))
    number = next_number(session, application.centre_id, "agency_application", today.year)
    application.number = f"机构-{today.year}-{number:05d}"
    application.consent_version = CONSENT_VERSION
    session.flush()
    return application


def supplement(
    session: Session, time: Time, actor: Actor, application_id: uuid.UUID, *, words: str, seen_version: int
) -> AgencyApplication:
    """Send what the centre asked for. Raises BadInput (too late, or something is missing), NotFound, StaleWrite,
    TransitionRefused."""
    application = changing(session, actor, AgencyApplication, application_id, seen_version)
    note = collapse(words)
    move(session, time, actor, application, "supplement", guards=(_is_in_time, _is_complete), note=note)
    application.wanted = ""
    session.flush()
    return application


def withdraw(
    session: Session, time: Time, actor: Actor, application_id: uuid.UUID, *, seen_version: int
) -> AgencyApplication:
    """Take it back. Raises NotFound, StaleWrite, TransitionRefused."""
    application = changing(session, actor, AgencyApplication, application_id, seen_version)
    move(session, time, actor, application, "withdraw")
    return application
