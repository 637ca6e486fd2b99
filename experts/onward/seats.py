"""Private links of departments, of other sides and of neutrals. A link holds 256 bits; the store keeps their SHA-256."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor, Role
from core.clock import Clock as Time
from core.db import new_id
from core.errors import NotFound
from core.said import said
from core.secret_links import new_secret, sha256_of
from experts.onward.models import OnwardSeat


def seat_actor(seat: OnwardSeat) -> Actor:
    """The actor whoever holds the link is."""
    return Actor(f"seat:{seat.id}", frozenset({Role(seat.role)}), centre_id=seat.centre_id)


def new_seat(
    session: Session,
    time: Time,
    centre_id: uuid.UUID,
    role: Role,
    subject_id: uuid.UUID,
    person_id: uuid.UUID | None = None,
) -> str:
    """A seat, and the secret of its link, which is shown once; an earlier link of the same person ends."""
    end_seats(session, time, subject_id, role, person_id)
    token = new_secret()
    session.add(
        OnwardSeat(
            id=new_id(), centre_id=centre_id, token_sha256=sha256_of(token), role=role.value,
            subject_id=subject_id, person_id=person_id, made_at=time.now(), ended_at=None,
        )
    )  # fmt: skip
    session.flush()
    return token


def end_seats(
    session: Session, time: Time, subject_id: uuid.UUID, role: Role, person_id: uuid.UUID | None = None
) -> None:
    """End the links of somebody."""
    query = select(OnwardSeat).where(
        OnwardSeat.subject_id == subject_id,
        OnwardSeat.role == role.value,
        OnwardSeat.person_id == person_id,
        OnwardSeat.ended_at.is_(None),
    )
    for seat in session.scalars(query):
        seat.ended_at = time.now()


def by_token(session: Session, token: str) -> OnwardSeat:
    """The seat of a secret. Raises NotFound, for one that ended too."""
    query = select(OnwardSeat).where(
        OnwardSeat.token_sha256 == sha256_of(token), OnwardSeat.ended_at.is_(None)
    )
    seat = session.scalar(query)
    if seat is None:
        raise NotFound(
            said("This link leads nowhere."), fix=said("Use the whole link as given, or ask for a new one.")
        )
    return seat
