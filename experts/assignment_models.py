"""Tables of the choice of an expert: who was asked, what was cleared, and what the firm objects to."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, BigId


class AssignmentState(StrEnum):
    """What an expert made of an assignment."""

    WAITING = "waiting"
    DECLARED = "declared"
    DECLINED = "declined"
    ENDED = "ended"


class Assignment(Base):
    """An expert asked to advise."""

    __tablename__ = "consultation_assignment"

    #: order of asking
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: the consultation
    consultation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("consultation.id", ondelete="CASCADE"), index=True
    )
    #: the expert
    expert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("expert.id", ondelete="CASCADE"))
    #: waiting, declared, declined, ended
    state: Mapped[str] = mapped_column(default=AssignmentState.WAITING.value)
    #: why this expert was suggested
    reasons: Mapped[list[str]] = mapped_column(default=list)
    #: why another than the first of the ranking was asked; "" when it was the first. Staff alone see it
    override: Mapped[str] = mapped_column(default="")
    #: asked from the exploration place
    exploration: Mapped[bool] = mapped_column(default=False)
    #: the conflict, in the expert's words; staff and the expert alone see it
    conflict: Mapped[str] = mapped_column(default="")
    #: Actor.name of who asked
    assigned_by: Mapped[str]
    #: when asked
    assigned_at: Mapped[datetime]
    #: when answered
    answered_at: Mapped[datetime | None]


class Clearance(Base):
    """A person looked at an expert's possible conflicts in one matter and found that none is one. Never rewritten: what
    comes up later needs a clearance of its own."""

    __tablename__ = "conflict_clearance"

    #: order of clearing
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: the consultation
    consultation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("consultation.id", ondelete="CASCADE"), index=True
    )
    #: the expert
    expert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("expert.id", ondelete="CASCADE"), index=True)
    #: what was known: each doubt as {text, template, values}
    doubts: Mapped[list[Any]] = mapped_column(default=list)
    #: why it is none; staff alone see it
    reason: Mapped[str]
    #: how the expert is kept apart from a colleague who is bound; "" where no colleague is
    screen: Mapped[str] = mapped_column(default="")
    #: Actor.name of who cleared
    by: Mapped[str]
    #: when
    at: Mapped[datetime]


class ObjectionState(StrEnum):
    """What became of a firm's objection."""

    OPEN = "open"
    UPHELD = "upheld"
    OVERRULED = "overruled"


class AssignmentObjection(Base):
    """The firm's one objection to the expert it was given (回避)."""

    __tablename__ = "consultation_objection"

    #: order of objecting
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: the consultation: one objection each
    consultation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("consultation.id", ondelete="CASCADE"), unique=True
    )
    #: the expert objected to
    expert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("expert.id", ondelete="CASCADE"))
    #: in the firm's words; the firm and staff see it, the expert does not
    reason: Mapped[str]
    #: Actor.name of who objected
    by: Mapped[str]
    #: when
    at: Mapped[datetime]
    #: open, upheld, overruled
    state: Mapped[str] = mapped_column(default=ObjectionState.OPEN.value)
    #: the centre's reason, which the firm reads
    answer: Mapped[str] = mapped_column(default="")
    #: Actor.name of who decided
    decided_by: Mapped[str | None]
    #: when decided
    decided_at: Mapped[datetime | None]
