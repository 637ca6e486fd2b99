"""Tables of screening and alerts. Every row belongs to a centre, since "our firms" are a centre's own."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, false, select
from sqlalchemy.orm import Mapped, mapped_column

from core.actor import Actor, Permission
from core.db import Base, new_id
from core.workflow import Step, Workflow, states_of


class PartyMatch(Base):
    """A party of a case that may be, or is, a firm of the register."""

    __tablename__ = "party_match"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre of the firm
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the party
    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id", ondelete="CASCADE"))
    #: its case, repeated for lists
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"), index=True)
    #: the firm
    firm_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), index=True)
    #: 0-100
    score: Mapped[int]
    #: confirm (80 and more) or review (50-79)
    grade: Mapped[str]
    #: why, in words
    reason: Mapped[str]
    #: the firm's name that matched
    matched_name: Mapped[str]
    #: when found
    found_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("party_id", "firm_id"),)

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[PartyMatch]:
        """The centre's for staff, one's own confirmed ones for a firm member, none for anybody else."""
        query = select(cls)
        if actor.system and actor.centre_id is None:
            return query
        if not actor.may(Permission.FIRM_READ):
            return query.where(false())
        query = query.where(cls.centre_id == actor.centre_id)
        return query if actor.is_staff else query.where(cls.firm_id == actor.firm_id, cls.grade == "confirm")


class AlertState(StrEnum):
    """Whether the firm has seen it."""

    UNREAD = "unread"
    READ = "read"


ALERT_WORKFLOW = Workflow(
    name="alert",
    states=states_of(AlertState, [("未读", "unread"), ("已读", "read")]),
    initial=AlertState.UNREAD.value,
    steps=(
        Step(
            "read",
            frozenset({AlertState.UNREAD.value}),
            AlertState.READ.value,
            Permission.ALERT_DISPOSE,
            "标为已读",
            "Mark as read",
        ),
        Step(
            "unread",
            frozenset({AlertState.READ.value}),
            AlertState.UNREAD.value,
            Permission.ALERT_DISPOSE,
            "标为未读",
            "Mark as unread",
        ),
    ),
)


class Alert(Base):
    """Something a firm must know about a case, told once."""

    __tablename__ = "alert"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the firm's centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the firm
    firm_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"))
    #: the case
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    #: what set it off: named (the case names the firm)
    trigger: Mapped[str]
    #: [{party, role, matched_name, score, reason}]
    reasons: Mapped[list[Any]]
    #: unread, read
    state: Mapped[str] = mapped_column(default=AlertState.UNREAD.value)
    #: when raised
    raised_at: Mapped[datetime]
    #: when the firm first read it
    read_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("firm_id", "case_id", "trigger"),
        Index("ix_alert_list", "centre_id", "raised_at"),
    )

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[Alert]:
        """The centre's for staff, one's own for a firm member, none for anybody else."""
        query = select(cls)
        if actor.system and actor.centre_id is None:
            return query
        if not actor.may(Permission.ALERT_READ):
            return query.where(false())
        query = query.where(cls.centre_id == actor.centre_id)
        return query if actor.is_staff else query.where(cls.firm_id == actor.firm_id)
