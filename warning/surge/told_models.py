"""What a firm's watch profile was told of a signal."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, false, select
from sqlalchemy.orm import Mapped, mapped_column

from core.actor import Actor, Permission
from core.db import Base, new_id
from warning.models import AlertState


class SignalAlert(Base):
    """A watch profile was told of a signal at its level; once, and of a rise of several weeks once a level."""

    __tablename__ = "signal_alert"

    #: outside id; in order of time
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the firm's centre, whose staff told it
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the firm
    firm_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"))
    #: its watch profile
    profile_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("watch_profile.id", ondelete="CASCADE"))
    #: the signal
    signal_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("surge_signal.id", ondelete="CASCADE"), index=True
    )
    #: the signal's level
    level: Mapped[str]
    #: [{profile, kind, value}]: what of the signal the profile watches
    reasons: Mapped[list[Any]]
    #: ids of the rise's cases that answered the profile, the newest first, no more than a page shows
    case_ids: Mapped[list[Any]]
    #: how many answered it
    cases: Mapped[int]
    #: unread, read
    state: Mapped[str] = mapped_column(default=AlertState.UNREAD.value)
    #: Actor.name of the member of staff
    told_by: Mapped[str]
    #: when
    raised_at: Mapped[datetime]
    #: when the firm first read it
    read_at: Mapped[datetime | None]
    #: when the centre took back its confirmation; the firm is told so once
    corrected_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("profile_id", "signal_id", "level"),
        Index("ix_signal_alert_firm", "firm_id", "id"),
    )

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[SignalAlert]:
        """One's own for a firm member, none for anybody else: what a firm watches is its own affair, staff know how
        many were told and no more."""
        query = select(cls)
        if actor.system and actor.centre_id is None:
            return query
        if not actor.may(Permission.ALERT_READ):
            return query.where(false())
        query = query.where(cls.centre_id == actor.centre_id)
        if actor.system:
            return query
        return query.where(false()) if actor.is_staff else query.where(cls.firm_id == actor.firm_id)
