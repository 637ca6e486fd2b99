"""Tables of mediations and arbitrations, and of the walls within them.

A row says that there is a procedure, between whom, where it stands: the desk needs as much. What was said stands in
``mediation_statement``, sealed under the centre's key, and is read through :mod:`experts.onward.walls` alone.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, Select, UniqueConstraint, false, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.actor import Actor, Role
from core.db import Base, BigId, new_id
from experts.onward.models import Affair, OnwardSeat, seat_of
from experts.onward.workflow import MediationState


class Mediation(Affair, Base):
    """A mediation or an arbitration (调解、仲裁)."""

    __tablename__ = "mediation"

    #: the centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: 调解-2026-00001
    number: Mapped[str]
    state: Mapped[str] = mapped_column(default=MediationState.OPENED.value)
    #: the referral it came from
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id", ondelete="CASCADE"), unique=True)
    #: the firm
    firm_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), index=True)
    #: mediation, arbitration
    kind: Mapped[str]
    #: the institution that took it
    institution: Mapped[str]
    #: the other side
    other_name: Mapped[str]
    #: where the other side is; "" when not known
    other_region: Mapped[str] = mapped_column(default="")

    neutrals: Mapped[list[Neutral]] = relationship(
        cascade="all, delete-orphan", order_by="Neutral.id", lazy="selectin"
    )
    insiders: Mapped[list[Insider]] = relationship(
        cascade="all, delete-orphan", order_by="Insider.id", lazy="selectin"
    )
    meetings: Mapped[list[Meeting]] = relationship(
        cascade="all, delete-orphan", order_by="Meeting.on", lazy="selectin"
    )

    __table_args__ = (
        UniqueConstraint("centre_id", "number"),
        Index("ix_mediation_open", "centre_id", "state", "due_on"),
    )

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[Mediation]:
        """The centre's for its staff, a firm's own, a seat's own, and for an expert where they stand inside a wall."""
        query = select(cls)
        if {Role.OTHER_SIDE, Role.NEUTRAL} & actor.roles:
            seated = select(OnwardSeat.subject_id).where(OnwardSeat.id == seat_of(actor))
            return query.where(cls.id.in_(seated))
        if actor.system and actor.centre_id is None:
            return query
        if actor.centre_id is None:
            return query.where(false())
        query = query.where(cls.centre_id == actor.centre_id)
        if actor.is_staff:
            return query
        mine = []
        if Role.FIRM_MEMBER in actor.roles and actor.firm_id is not None:
            mine.append(cls.firm_id == actor.firm_id)
        if Role.EXPERT in actor.roles and actor.user_id is not None:
            inside = select(Insider.mediation_id).where(
                Insider.user_id == actor.user_id, Insider.ended_at.is_(None)
            )
            mine.append(cls.id.in_(inside))
        return query.where(or_(false(), *mine))


class Neutral(Base):
    """A mediator or an arbitrator who is proposed, and what they declared."""

    __tablename__ = "mediation_neutral"

    #: outside id; order of proposing
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the mediation
    mediation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("mediation.id", ondelete="CASCADE"), index=True
    )
    #: their name
    name: Mapped[str]
    #: where they work
    institution: Mapped[str] = mapped_column(default="")
    #: where they are
    region: Mapped[str]
    #: proposed, free, conflict, challenged
    state: Mapped[str] = mapped_column(default="proposed")
    #: circumstances they disclosed; both sides read them
    disclosed: Mapped[str] = mapped_column(default="")
    #: when declared
    declared_at: Mapped[datetime | None]
    #: last day on which a side may object to them
    challenge_until: Mapped[date | None]


class Insider(Base):
    """An account of the centre let inside a wall of one mediation; for one room, and never for both sides'."""

    __tablename__ = "mediation_insider"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the mediation
    mediation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("mediation.id", ondelete="CASCADE"), index=True
    )
    #: the account
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    #: joint, firm, other
    room: Mapped[str]
    #: why it is needed; both sides read it
    reason: Mapped[str]
    #: Actor.name of who let them in
    by: Mapped[str]
    #: when
    at: Mapped[datetime]
    #: when it ended
    ended_at: Mapped[datetime | None]


class Statement(Base):
    """Something said in one room."""

    __tablename__ = "mediation_statement"

    #: order
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: what the vault closes it for
    key_id: Mapped[uuid.UUID] = mapped_column(default=new_id)
    #: the mediation
    mediation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("mediation.id", ondelete="CASCADE"), index=True
    )
    #: joint, firm, other, neutral
    room: Mapped[str]
    #: firm, other_side, neutral, staff, expert
    by_side: Mapped[str]
    #: Actor.name
    by: Mapped[str]
    #: the words, sealed under the centre's key
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    #: they are the terms of a settlement, or an award
    is_outcome: Mapped[bool] = mapped_column(default=False)
    #: when
    at: Mapped[datetime]


class Meeting(Base):
    """A session."""

    __tablename__ = "mediation_meeting"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the mediation
    mediation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("mediation.id", ondelete="CASCADE"), index=True
    )
    #: the day
    on: Mapped[date]
    #: hour, place or how to join
    how: Mapped[str]
