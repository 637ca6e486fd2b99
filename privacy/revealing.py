"""One masked value shown to somebody of the centre who says why; that and the reason are kept, and the person reads them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from accounts.service import get_user
from core import audit
from core.actor import Actor, Permission
from core.clock import Clock as Time
from core.errors import NotFound
from core.said import Said, said
from experts.appointing.moving import get_application
from experts.consultations import refuse
from privacy.models import Reveal

#: code -> why somebody needs the value
REASONS: dict[str, Said] = {
    "call": said("to call or write to them"),
    "check": said("to check who it is"),
    "duplicate": said("to find duplicates"),
    "request": said("to answer their own request"),
}


@dataclass(frozen=True)
class Masked:
    """What can be revealed: who may, the field, and how it is read (raising NotFound for what is not theirs to see)."""

    permission: Permission
    field: str
    read: Callable[[Session, Actor, uuid.UUID], str]


REVEALABLE: dict[str, Masked] = {
    "account": Masked(Permission.USER_WRITE, "email", lambda s, actor, i: get_user(s, actor, i).email),
    "application": Masked(
        Permission.APPOINT_HANDLE, "name", lambda s, actor, i: get_application(s, actor, i).name
    ),
}


def masked_of(actor: Actor, subject: str) -> Masked:
    """What of a kind of record can be revealed. Raises NotFound, NotAllowed."""
    if subject not in REVEALABLE:
        raise NotFound(said("There is no such record."))
    actor.require(REVEALABLE[subject].permission)
    return REVEALABLE[subject]


def reveal(
    session: Session, time: Time, actor: Actor, subject: str, subject_id: uuid.UUID, reason: str
) -> str:
    """The value, once somebody said why. Raises NotFound, NotAllowed, BadInput (no reason)."""
    kind = masked_of(actor, subject)
    value = kind.read(session, actor, subject_id)
    if reason not in REASONS:
        raise refuse("reason", said("Say why you need it."))
    assert actor.centre_id is not None
    row = Reveal(
        centre_id=actor.centre_id, subject=subject, subject_id=subject_id, field=kind.field, reason=reason,
        by=actor.name, at=time.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, time, actor, "privacy.revealed", subject, subject_id, values={"field": kind.field})
    return value
