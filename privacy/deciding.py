"""The centre answers requests about people's own data: confirm, restore, correct, refuse; holds; and the purge itself."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.models import AccountRole, User
from core import audit
from core.actor import Actor, Permission, Role, system_actor
from core.clock import Clock as Time
from core.errors import BadInput, NotAllowed, NotFound
from core.said import Said, said
from core.vault import Vault
from experts.beside.models import Beside
from experts.beside.workflow import LIVE
from experts.consultation_models import Consultation
from experts.consultation_workflow import OVER_STATES, ConsultationState
from experts.consultations import get_consultation, refuse, today_of
from experts.studies import publishing
from privacy.asking import OPEN, changing, take
from privacy.erasing import erase
from privacy.models import PrivacyHold, PrivacyRequest
from privacy.subjects import person_of
from privacy.workflow import GRACE, REFUSALS, REQUEST_WORKFLOW, RequestKind, RequestState

_ENDED = {ConsultationState.DRAFT.value, *(state.value for state in OVER_STATES)}


def obstacles(session: Session, request: PrivacyRequest) -> list[Said]:
    """Why a deletion cannot be confirmed now; empty when it can."""
    out: list[Said] = [
        said("A hold stands: %(reason)s", reason=hold.reason) for hold in holds_on(session, request)
    ]
    user = session.get_one(User, request.account_id)
    theirs = Consultation.created_by == f"user:{user.id}"
    if user.expert_id is not None:
        beside = select(Beside.consultation_id).where(
            Beside.expert_id == user.expert_id, Beside.state.in_([state.value for state in LIVE])
        )
        theirs = theirs | (Consultation.expert_id == user.expert_id) | Consultation.id.in_(beside)
    running = select(Consultation.number).where(theirs, Consultation.state.not_in(_ENDED))
    out += [
        said(
            "%(number)s still runs: it is withdrawn, finished or given to somebody else first.", number=number
        )
        for number in session.scalars(running.order_by(Consultation.id))
    ]
    if any(role.name == Role.ADMIN.value for role in user.roles) and _admins(session, user) == 0:
        out.append(said("It is the centre's last administrator: make another first."))
    return out


def _admins(session: Session, but: User) -> int:
    query = select(func.count()).select_from(User).join(AccountRole, AccountRole.account_id == User.id)
    other = (
        User.centre_id == but.centre_id,
        User.id != but.id,
        User.active,
        AccountRole.name == Role.ADMIN.value,
    )
    return session.scalar(query.where(*other)) or 0


def _deciding(
    session: Session, actor: Actor, request_id: uuid.UUID, seen_version: int, step: str
) -> PrivacyRequest:
    request = changing(session, actor, request_id, seen_version)
    REQUEST_WORKFLOW.take(step, request.state, actor)
    if request.account_id == actor.user_id:
        raise NotAllowed(said("Somebody else decides about your own data."))
    return request


def _decided(time: Time, actor: Actor, request: PrivacyRequest, reason: str) -> None:
    request.decided_by, request.decided_at, request.reason = actor.name, time.now(), reason.strip()


def confirm(
    session: Session,
    time: Time,
    actor: Actor,
    request_id: uuid.UUID,
    *,
    grace: str,
    reason: str = "",
    seen_version: int,
) -> PrivacyRequest:
    """Confirm a deletion: the account is closed at once and its sessions end; the data goes when ``grace`` has passed.

    Raises BadInput (a hold stands, a matter runs, no such grace), NotFound, NotAllowed (one's own), StaleWrite,
    TransitionRefused.
    """
    request = _deciding(session, actor, request_id, seen_version, "confirm")
    if request.kind != RequestKind.DELETE.value:
        raise BadInput(said("This request asks for a correction."))
    if grace not in GRACE:
        raise refuse("grace", said("Choose when the data goes."))
    if found := obstacles(session, request):
        raise BadInput(
            found[0], fix=said("Clear what stands in the way, or refuse with the reason."), fields={"": found}
        )
    _decided(time, actor, request, reason)
    take(session, time, actor, request, "confirm")
    request.purge_on = today_of(session, time, request.centre_id) + timedelta(days=GRACE[grace])
    user = _set_active(session, request, False)
    for matter in session.scalars(
        select(Consultation.id).where(Consultation.created_by == f"user:{user.id}")
    ):
        publishing.consent_was_withdrawn(session, time, actor, matter)
    audit.record(session, time, actor, "account.disabled", "account", user.id, centre_id=request.centre_id)
    return request


def _set_active(session: Session, request: PrivacyRequest, active: bool) -> User:
    user = session.get_one(User, request.account_id)
    user.active, user.fs_uniquifier = active, secrets.token_urlsafe(32)
    user.version += 1
    return user


def restore(
    session: Session, time: Time, actor: Actor, request_id: uuid.UUID, *, seen_version: int
) -> PrivacyRequest:
    """Open a closed account again while nothing is gone yet; the request waits for another decision."""
    request = _deciding(session, actor, request_id, seen_version, "restore")
    take(session, time, actor, request, "restore")
    user = _set_active(session, request, True)
    audit.record(session, time, actor, "account.enabled", "account", user.id, centre_id=request.centre_id)
    return request


def correct(
    session: Session, time: Time, actor: Actor, request_id: uuid.UUID, *, reason: str = "", seen_version: int
) -> PrivacyRequest:
    """Correct what was asked for. Raises BadInput when the new address is somebody's, or it asks for a deletion."""
    request = _deciding(session, actor, request_id, seen_version, "correct")
    if request.kind != RequestKind.CORRECT.value:
        raise BadInput(said("This request asks for a deletion."))
    if session.scalar(select(User.id).where(User.email == request.proposed)) is not None:
        raise refuse("", said("There is already an account with this address."))
    user = session.get_one(User, request.account_id)
    user.email = request.proposed
    user.version += 1
    _decided(time, actor, request, reason)
    take(session, time, actor, request, "correct")
    request.proposed = ""
    audit.record(
        session, time, actor, "account.corrected", "account", user.id, values={"email": user.email},
        centre_id=request.centre_id,
    )  # fmt: skip
    return request


def refuse_request(
    session: Session,
    time: Time,
    actor: Actor,
    request_id: uuid.UUID,
    *,
    refusal: str,
    reason: str,
    seen_version: int,
) -> PrivacyRequest:
    """Refuse with a coded reason and words that the person reads (art. 50). Raises BadInput without either."""
    request = _deciding(session, actor, request_id, seen_version, "refuse")
    if refusal not in REFUSALS:
        raise refuse("refusal", said("Choose the reason for the refusal."))
    if not reason.strip():
        raise refuse("reason", said("Say why; the person reads it."))
    request.refusal = refusal
    _decided(time, actor, request, reason)
    take(session, time, actor, request, "refuse")
    request.proposed = ""
    return request


def holds_on(session: Session, request: PrivacyRequest) -> Sequence[PrivacyHold]:
    """The holds that stand on a request's account or on a consultation its person began."""
    begun = select(Consultation.id).where(Consultation.created_by == f"user:{request.account_id}")
    query = select(PrivacyHold).where(
        PrivacyHold.lifted_at.is_(None),
        ((PrivacyHold.subject == "account") & (PrivacyHold.subject_id == request.account_id))
        | ((PrivacyHold.subject == "consultation") & PrivacyHold.subject_id.in_(begun)),
    )
    return session.scalars(query.order_by(PrivacyHold.id)).all()


def put_hold(
    session: Session, time: Time, actor: Actor, subject: str, subject_id: uuid.UUID, reason: str
) -> PrivacyHold:
    """Hold an account's or a consultation's data back from deletion. Raises NotFound, NotAllowed, BadInput (no reason)."""
    actor.require(Permission.PRIVACY_DECIDE)
    if not reason.strip():
        raise refuse("hold", said("Say why it is held, and on what basis; the person reads it."))
    if subject == "account":
        user = session.get(User, subject_id)
        if user is None or user.centre_id != actor.centre_id:
            raise NotFound(said("There is no such record."))
    elif subject == "consultation":
        get_consultation(session, actor, subject_id)
    else:
        raise NotFound(said("There is no such record."))
    assert actor.centre_id is not None
    hold = PrivacyHold(
        centre_id=actor.centre_id, subject=subject, subject_id=subject_id, reason=reason.strip(), by=actor.name,
        at=time.now(),
    )  # fmt: skip
    session.add(hold)
    session.flush()
    audit.record(session, time, actor, "privacy.hold", subject, subject_id, values={"reason": reason})
    return hold


def lift_hold(session: Session, time: Time, actor: Actor, hold_id: int) -> PrivacyHold:
    """Lift a hold. Raises NotFound, NotAllowed."""
    actor.require(Permission.PRIVACY_DECIDE)
    hold = session.get(PrivacyHold, hold_id)
    if hold is None or hold.centre_id != actor.centre_id or hold.lifted_at is not None:
        raise NotFound(said("There is no such hold."))
    hold.lifted_by, hold.lifted_at = actor.name, time.now()
    audit.record(session, time, actor, "privacy.lift", hold.subject, hold.subject_id)
    return hold


def purge_due(session: Session, time: Time, vault: Vault, centre_id: uuid.UUID) -> int:
    """Purge what was confirmed and whose day has come, unless a hold stands; returns how many people's."""
    today = today_of(session, time, centre_id)
    query = select(PrivacyRequest).where(
        PrivacyRequest.centre_id == centre_id,
        PrivacyRequest.state == RequestState.CONFIRMED.value,
        PrivacyRequest.purge_on <= today,
    )
    done = 0
    for request in session.scalars(query.order_by(PrivacyRequest.id).with_for_update()).all():
        if holds_on(session, request):
            continue
        person = person_of(session, vault, session.get_one(User, request.account_id))
        counts = erase(session, vault, person)
        request = session.get_one(PrivacyRequest, request.id)
        request.counts, request.purged_at = dict(counts), time.now()
        take(session, time, system_actor("job:privacy", centre_id), request, "purge")
        done += 1
    return done


def queue(
    session: Session, actor: Actor, *, state: str = "open", limit: int = 100
) -> Sequence[PrivacyRequest]:
    """Requests of the centre, the most pressing first. Raises NotAllowed."""
    actor.require(Permission.PRIVACY_DECIDE)
    query = PrivacyRequest.visible_to(actor)
    if state == "open":
        query = query.where(PrivacyRequest.state.in_(OPEN))
    elif state != "all":
        query = query.where(PrivacyRequest.state == state)
    order: tuple[Any, ...] = (
        func.coalesce(PrivacyRequest.due_on, date(9999, 1, 1)),
        PrivacyRequest.id.desc(),
    )
    return session.scalars(query.order_by(*order).limit(limit)).all()
