"""Somebody asks that their data is deleted, or that a checked field of theirs is corrected, and may take that back."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.service import clean_email
from core import audit
from core.actor import Actor, Permission, Role
from core.clock import Clock as Time
from core.errors import BadInput, NotFound, StaleWrite, TransitionRefused
from core.numbers import next_number
from core.said import said
from core.workdays import add_working_days
from experts.consultation_models import Consultation
from experts.consultation_workflow import OPEN_STATES, ConsultationState
from experts.consultations import changing as changing_consultation
from experts.consultations import refuse, today_of, written
from privacy.models import PrivacyRequest, PrivacyStep
from privacy.workflow import DAYS, REQUEST_WORKFLOW, RequestKind, RequestState

#: what only the centre changes, after a look: the address one signs in with; an expert's own fields are asked for in their entry
CHECKED = ("email",)
#: states in which something is still to be done
OPEN = (RequestState.ASKED.value, RequestState.CONFIRMED.value)


def get_request(session: Session, actor: Actor, request_id: uuid.UUID) -> PrivacyRequest:
    """The request. Raises NotFound when the actor may not know of it."""
    found = session.scalar(PrivacyRequest.visible_to(actor).where(PrivacyRequest.id == request_id))
    if found is None:
        raise NotFound(said("There is no such request for you."))
    return found


def changing(session: Session, actor: Actor, request_id: uuid.UUID, seen_version: int) -> PrivacyRequest:
    """The request, locked for a change. Raises NotFound, or StaleWrite when it is no longer the version seen."""
    session.execute(select(PrivacyRequest.id).where(PrivacyRequest.id == request_id).with_for_update())
    found = get_request(session, actor, request_id)
    if found.version != seen_version:
        raise StaleWrite(
            said("This changed while you were looking at it."),
            fix=said("Look again and decide anew; nothing was changed."),
            yours=seen_version,
            current=found.version,
        )
    return found


def take(session: Session, time: Time, actor: Actor, request: PrivacyRequest, step: str) -> None:
    """Take a declared step: state, clock, history, audit. Raises NotAllowed, TransitionRefused."""
    request.state = REQUEST_WORKFLOW.take(step, request.state, actor)
    now = time.now()
    if request.state == RequestState.ASKED.value:
        today = today_of(session, time, request.centre_id)
        request.due_on, request.purge_on = add_working_days(today, DAYS), None
    else:
        request.due_on = None
    request.version += 1
    request.updated_at = now
    _written(session, time, actor, request, step)


def _written(session: Session, time: Time, actor: Actor, request: PrivacyRequest, step: str) -> None:
    side = "system" if actor.system else "person" if actor.user_id == request.account_id else "staff"
    session.flush()
    session.add(
        PrivacyStep(
            request_id=request.id, step=step, state=request.state, by_side=side, by=actor.name, at=time.now()
        )
    )
    session.flush()
    audit.record(
        session, time, actor, f"privacy.{step}", "privacy_request", request.id,
        values={"state": request.state, "kind": request.kind}, centre_id=request.centre_id,
    )  # fmt: skip


def _asked(session: Session, time: Time, actor: Actor, kind: RequestKind, **facts: str) -> PrivacyRequest:
    actor.require(Permission.PRIVACY_ASK)
    if actor.user_id is None or actor.centre_id is None:
        raise BadInput(said("Sign in with the account it is about."))
    running = select(PrivacyRequest.number).where(
        PrivacyRequest.account_id == actor.user_id,
        PrivacyRequest.kind == kind.value,
        PrivacyRequest.state.in_(OPEN),
    )
    if (number := session.scalar(running)) is not None:
        raise TransitionRefused(said("Your request %(number)s is not decided yet.", number=number))
    now, today = time.now(), today_of(session, time, actor.centre_id)
    count = next_number(session, actor.centre_id, "privacy_request", today.year)
    request = PrivacyRequest(
        centre_id=actor.centre_id, number=f"个人信息-{today.year}-{count:05d}", kind=kind.value,
        account_id=actor.user_id, due_on=add_working_days(today, DAYS), created_at=now, updated_at=now, **facts,
    )  # fmt: skip
    session.add(request)
    _written(session, time, actor, request, "ask")
    return request


def ask_deletion(session: Session, time: Time, actor: Actor, words: str = "") -> PrivacyRequest:
    """Ask that one's data is deleted (个人信息保护法 art. 47). Raises BadInput, TransitionRefused (one is open already)."""
    return _asked(session, time, actor, RequestKind.DELETE, words=words.strip())


def ask_correction(session: Session, time: Time, actor: Actor, field: str, proposed: str) -> PrivacyRequest:
    """Ask that a checked field is corrected (art. 46). Raises BadInput for a field or value that cannot be used."""
    if field not in CHECKED:
        raise refuse("field", said("Choose what is to be corrected."))
    try:
        address = clean_email(proposed)
    except BadInput as error:
        raise refuse("proposed", said("This is not an e-mail address.")) from error
    return _asked(session, time, actor, RequestKind.CORRECT, field=field, proposed=address)


def take_back(
    session: Session, time: Time, actor: Actor, request_id: uuid.UUID, *, seen_version: int
) -> PrivacyRequest:
    """Take one's own request back. Raises NotFound (also somebody else's), StaleWrite, TransitionRefused."""
    request = changing(session, actor, request_id, seen_version)
    if request.account_id != actor.user_id:
        raise NotFound(said("There is no such request for you."))
    take(session, time, actor, request, "take_back")
    request.words = request.proposed = ""
    return request


def requests_of(session: Session, actor: Actor) -> Sequence[PrivacyRequest]:
    """One's own, the newest first."""
    query = select(PrivacyRequest).where(PrivacyRequest.account_id == actor.user_id)
    return session.scalars(query.order_by(PrivacyRequest.id.desc())).all()


def correct_contact(
    session: Session,
    time: Time,
    actor: Actor,
    consultation_id: uuid.UUID,
    *,
    name: str,
    phone: str,
    email: str,
) -> Consultation:
    """Correct whom the centre speaks to in a consultation that one began or whose firm one belongs to.

    Raises NotFound, NotAllowed, BadInput (no name, neither number nor address), TransitionRefused (it is over).
    """
    consultation = changing_consultation(session, actor, consultation_id)
    actor.require(Permission.CONSULT_SUBMIT)
    if Role.FIRM_MEMBER not in actor.roles:
        raise NotFound(said("There is no such consultation for you."))
    if consultation.state not in {ConsultationState.DRAFT.value, *(state.value for state in OPEN_STATES)}:
        raise TransitionRefused(said("This consultation is over; ask for deletion instead."))
    if not name.strip():
        raise refuse("contact_name", said("Name somebody to speak to."))
    if not phone.strip() and not email.strip():
        raise refuse("contact_phone", said("Give a telephone number or an e-mail address."))
    consultation.contact_name, consultation.contact_phone = name.strip(), phone.strip()
    consultation.contact_email = email.strip()
    consultation.version += 1
    consultation.updated_at = time.now()
    told = {"contact_name": name, "contact_phone": phone, "contact_email": email}
    written(session, time, actor, consultation, "contact_corrected", told)
    return consultation
