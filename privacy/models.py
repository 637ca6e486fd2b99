"""Tables of requests about one's own data, their steps, holds, and values that staff revealed."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, false, select
from sqlalchemy.orm import Mapped, mapped_column

import accounts.models  # noqa: F401 - what the foreign keys below name
from core.actor import Actor
from core.db import Base, BigId, new_id
from privacy.workflow import RequestKind, RequestState


class PrivacyRequest(Base):
    """Somebody asks that their data is deleted, or that a checked field is corrected."""

    __tablename__ = "privacy_request"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: 个人信息-2026-00001
    number: Mapped[str]
    #: delete, correct
    kind: Mapped[str] = mapped_column(default=RequestKind.DELETE.value)
    #: a state of the workflow
    state: Mapped[str] = mapped_column(default=RequestState.ASKED.value)
    #: whose data; the row of the account stays, without anything that tells who it was
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    #: what a correction is about: email, name_zh, name_en; "" for a deletion
    field: Mapped[str] = mapped_column(default="")
    #: what it should be; emptied when decided
    proposed: Mapped[str] = mapped_column(default="")
    #: the person's words; emptied with the purge
    words: Mapped[str] = mapped_column(default="")
    #: code of the refusal
    refusal: Mapped[str | None]
    #: the centre's reason, which the person reads
    reason: Mapped[str] = mapped_column(default="")
    #: last working day to decide
    due_on: Mapped[date | None]
    #: Actor.name of who decided
    decided_by: Mapped[str | None]
    #: when
    decided_at: Mapped[datetime | None]
    #: the day the data goes
    purge_on: Mapped[date | None]
    #: when it went
    purged_at: Mapped[datetime | None]
    #: table -> rows changed by the purge
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: counts up with every change
    version: Mapped[int] = mapped_column(default=1)
    #: when asked
    created_at: Mapped[datetime]
    #: when last changed
    updated_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("centre_id", "number"),
        Index("ix_privacy_request_queue", "centre_id", "state", "due_on"),
    )

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[PrivacyRequest]:
        """The centre's for its staff, one's own for everybody."""
        query = select(cls)
        if actor.system and actor.centre_id is None:
            return query
        if actor.is_staff:
            return query.where(cls.centre_id == actor.centre_id)
        return query.where(cls.account_id == actor.user_id if actor.user_id else false())


class PrivacyStep(Base):
    """A step that a request took."""

    __tablename__ = "privacy_step"

    #: order of taking
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: the request
    request_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("privacy_request.id", ondelete="CASCADE"), index=True
    )
    #: the step's name
    step: Mapped[str]
    #: the state it led to
    state: Mapped[str]
    #: person, staff, system
    by_side: Mapped[str]
    #: Actor.name
    by: Mapped[str]
    #: when
    at: Mapped[datetime]


class PrivacyHold(Base):
    """Why something may not be deleted for now; while one stands, neither a request nor the calendar purges it."""

    __tablename__ = "privacy_hold"

    #: order
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: the centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: account, consultation
    subject: Mapped[str]
    #: its id
    subject_id: Mapped[uuid.UUID]
    #: why, and on what basis; the person reads it
    reason: Mapped[str]
    #: Actor.name of who put it
    by: Mapped[str]
    #: when
    at: Mapped[datetime]
    #: Actor.name of who lifted it
    lifted_by: Mapped[str | None]
    #: when lifted; None while it stands
    lifted_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_privacy_hold_subject", "subject", "subject_id"),)


class Reveal(Base):
    """A masked value that somebody of the centre had shown to them, with their reason."""

    __tablename__ = "privacy_reveal"

    #: order
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: the centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: kind of record
    subject: Mapped[str]
    #: its id
    subject_id: Mapped[uuid.UUID]
    #: which value
    field: Mapped[str]
    #: code of the reason
    reason: Mapped[str]
    #: Actor.name
    by: Mapped[str]
    #: when
    at: Mapped[datetime]

    __table_args__ = (Index("ix_privacy_reveal_subject", "subject", "subject_id"),)
