"""The walls of a mediation: who reads and writes in which room. Everything said is read through here alone.

What one side says to the neutrals is invisible to the other side; whoever of the centre's staff or experts was not let
inside reads nothing. A system actor reads nothing either: no job needs what is said there.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import User
from core.actor import Actor, Permission, Role
from core.clock import Clock as Time
from core.db import new_id
from core.errors import NotAllowed, NotFound, TransitionRefused
from core.said import said
from core.vault import Vault
from experts.agencies.moving import refuse
from experts.assignment_models import Assignment
from experts.beside.models import Beside
from experts.onward.kinds import ROOMS
from experts.onward.mediation_models import Insider, Mediation, Neutral, Statement
from experts.onward.models import OnwardSeat, Referral, seat_of
from experts.onward.moving import changing, get_affair, side_of, touched, written
from experts.onward.workflow import TALKING

#: rooms somebody can be let into
OPENED_TO_STAFF = ("joint", "firm", "other")


@dataclass(frozen=True)
class Heard:
    """Something said, as a reader inside the room reads it."""

    room: str
    by_side: str
    by: str
    text: str
    is_outcome: bool
    at: datetime


def neutral_of(session: Session, actor: Actor, mediation: Mediation) -> Neutral | None:
    """The neutral an actor is in this mediation."""
    if Role.NEUTRAL not in actor.roles:
        return None
    seat = session.get(OnwardSeat, seat_of(actor))
    if seat is None or seat.ended_at is not None or seat.subject_id != mediation.id:
        return None
    return next((one for one in mediation.neutrals if one.id == seat.person_id), None)


def rooms_of(session: Session, actor: Actor, mediation: Mediation) -> frozenset[str]:
    """The rooms whose words an actor may read and, while the procedure runs, add to."""
    if Role.OTHER_SIDE in actor.roles:
        seat = session.get(OnwardSeat, seat_of(actor))
        is_theirs = seat is not None and seat.ended_at is None and seat.subject_id == mediation.id
        return frozenset({"joint", "other"}) if is_theirs else frozenset()
    if Role.NEUTRAL in actor.roles:
        # Nobody hears a side before having declared that nothing ties them to the other.
        neutral = neutral_of(session, actor, mediation)
        return frozenset(ROOMS) if neutral is not None and neutral.state == "free" else frozenset()
    if actor.system or actor.centre_id != mediation.centre_id:
        return frozenset()
    rooms: set[str] = set()
    if Role.FIRM_MEMBER in actor.roles and actor.firm_id == mediation.firm_id:
        rooms |= {"joint", "firm"}
    if actor.user_id is not None:
        inside = select(Insider.room).where(
            Insider.mediation_id == mediation.id,
            Insider.user_id == actor.user_id,
            Insider.ended_at.is_(None),
        )
        for room in session.scalars(inside):
            rooms |= {"joint", room}
    return frozenset(rooms)


def hear(
    session: Session, time: Time, actor: Actor, vault: Vault, mediation_id: uuid.UUID
) -> tuple[Mediation, frozenset[str], list[Heard]]:
    """What was said in the rooms open to an actor, the oldest first; that it was read is audited.

    Raises NotFound (no such mediation for them), VaultLocked, VaultDamaged.
    """
    mediation = get_affair(session, actor, Mediation, mediation_id)
    rooms = rooms_of(session, actor, mediation)
    query = select(Statement).where(Statement.mediation_id == mediation.id, Statement.room.in_(sorted(rooms)))
    heard = [
        Heard(
            row.room, row.by_side, row.by,
            vault.open(mediation.centre_id, row.key_id, row.sealed).decode(), row.is_outcome, row.at,
        )
        for row in session.scalars(query.order_by(Statement.id))
    ]  # fmt: skip
    written(session, time, actor, mediation, "read", {"rooms": sorted(rooms)})
    return mediation, rooms, heard


def say(
    session: Session,
    time: Time,
    actor: Actor,
    vault: Vault,
    mediation_id: uuid.UUID,
    room: str,
    text: str,
    *,
    is_outcome: bool = False,
) -> Statement:
    """Say something in a room.

    Raises NotFound (no such mediation, or no such room for them), TransitionRefused (it is over), BadInput (nothing said).
    """
    mediation = changing(session, actor, Mediation, mediation_id)
    if room not in rooms_of(session, actor, mediation):
        raise NotFound(said("There is no such room for you."))
    if mediation.state not in {state.value for state in TALKING}:
        raise TransitionRefused(said("The procedure is over; nothing is said in it any more."))
    words = text.strip()
    if not words:
        raise refuse("text", said("Write something first."))
    key_id = new_id()
    row = Statement(
        key_id=key_id, mediation_id=mediation.id, room=room, by_side=side_of(actor), by=actor.name,
        sealed=vault.seal(mediation.centre_id, key_id, words.encode()), is_outcome=is_outcome, at=time.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    # The audit keeps that something was said and where, not a trace of what.
    written(session, time, actor, mediation, "said", {"room": room, "statement": row.id})
    return row


def let_in(
    session: Session,
    time: Time,
    actor: Actor,
    mediation_id: uuid.UUID,
    user_id: uuid.UUID,
    *,
    room: str,
    reason: str,
    seen_version: int,
) -> Insider:
    """Let an account of the centre's staff or experts inside a wall, for one room; both sides read that and why.

    Raises NotFound, NotAllowed (who does not sign for the centre, or lets themselves in), StaleWrite, BadInput.
    """
    mediation = changing(session, actor, Mediation, mediation_id, seen_version)
    actor.require(Permission.ONWARD_SIGN)
    user = session.get(User, user_id)
    roles = {role.name for role in user.roles} if user else set()
    if user is None or user.centre_id != mediation.centre_id or not roles & {Role.STAFF, Role.EXPERT}:
        raise refuse("user", said("Choose one of the centre's staff or experts."))
    if user.id == actor.user_id:
        raise NotAllowed(said("Nobody lets themselves in: another person who signs does."))
    if room not in OPENED_TO_STAFF:
        raise refuse("room", said("Choose the room."))
    if not reason.strip():
        raise refuse("reason", said("Say why it is needed; both sides read it."))
    # Ended rooms count too: what was heard on one side cannot be unheard.
    seen = {one.room for one in mediation.insiders if one.user_id == user.id}
    if room in ("firm", "other") and seen & ({"firm", "other"} - {room}):
        raise refuse("room", said("This person was inside the wall of the other side of this procedure."))
    if room == "other" and user.expert_id is not None and _advised(session, mediation, user.expert_id):
        raise refuse("room", said("This expert was asked to advise the firm in this matter."))
    row = Insider(
        id=new_id(), mediation_id=mediation.id, user_id=user.id, room=room, reason=reason.strip(),
        by=actor.name, at=time.now(), ended_at=None,
    )  # fmt: skip
    mediation.insiders.append(row)
    touched(mediation, time)
    session.flush()
    told = {"user": str(user.id), "room": room, "reason": row.reason}
    written(session, time, actor, mediation, "let_in", told)
    return row


def _advised(session: Session, mediation: Mediation, expert_id: uuid.UUID) -> bool:
    referral = session.get_one(Referral, mediation.referral_id)
    query = select(Assignment.id).where(
        Assignment.consultation_id == referral.consultation_id, Assignment.expert_id == expert_id
    )
    beside = select(Beside.id).where(
        Beside.consultation_id == referral.consultation_id, Beside.expert_id == expert_id
    )
    return session.scalar(query) is not None or session.scalar(beside) is not None


def let_out(
    session: Session,
    time: Time,
    actor: Actor,
    mediation_id: uuid.UUID,
    insider_id: uuid.UUID,
    *,
    seen_version: int,
) -> Insider:
    """End somebody's being inside. Raises NotFound, NotAllowed, StaleWrite."""
    mediation = changing(session, actor, Mediation, mediation_id, seen_version)
    actor.require(Permission.ONWARD_SIGN)
    row = next((one for one in mediation.insiders if one.id == insider_id and one.ended_at is None), None)
    if row is None:
        raise NotFound(said("There is no such person inside."))
    row.ended_at = time.now()
    touched(mediation, time)
    session.flush()
    written(session, time, actor, mediation, "let_out", {"user": str(row.user_id), "room": row.room})
    return row


def candidates_to_let_in(session: Session, actor: Actor, mediation: Mediation) -> Sequence[User]:
    """Accounts of the centre's staff and experts, for whoever signs to choose from."""
    query = select(User).where(User.centre_id == mediation.centre_id, User.active)
    rows = session.scalars(query.order_by(User.email)).all()
    wanted = {Role.STAFF.value, Role.EXPERT.value}
    return [one for one in rows if {role.name for role in one.roles} & wanted and one.id != actor.user_id]
