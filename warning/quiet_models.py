"""What a firm does not want to hear of: words for all of its profiles, and cases it has muted. Its own affair, as all it watches."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Select, UniqueConstraint, false, select
from sqlalchemy.orm import Mapped, mapped_column

from core.actor import Actor, Permission
from core.db import Base, new_id


class WatchNoise(Base):
    """The words of a firm that silence a case for every one of its profiles."""

    __tablename__ = "watch_noise"

    #: the firm
    firm_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), primary_key=True)
    #: its centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: words and names of parties, as typed
    words: Mapped[list[str]]
    #: counts up with every change
    version: Mapped[int] = mapped_column(default=1)
    #: when last changed
    updated_at: Mapped[datetime]

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[WatchNoise]:
        """One's own for a firm member, none for anybody else."""
        query = select(cls)
        if actor.system and actor.centre_id is None:
            return query
        if not actor.may(Permission.PROFILE_WRITE):
            return query.where(false())
        query = query.where(cls.centre_id == actor.centre_id)
        return query if actor.system else query.where(cls.firm_id == actor.firm_id)


class WatchMute(Base):
    """A case a firm hears no more of."""

    __tablename__ = "watch_mute"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the firm
    firm_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"))
    #: the case
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"), index=True)
    #: Actor.name
    muted_by: Mapped[str]
    #: when
    muted_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("firm_id", "case_id"),)
