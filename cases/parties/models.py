"""What people decided about parties: which names are one party's, what a party is, and how to take it back."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, new_id


class PartyKind(StrEnum):
    """What a party is known to be."""

    OPERATING = "operating"
    #: asserts rights and makes nothing (非实施主体)
    NPE = "npe"
    #: enforces brands for others by suits in series
    ENFORCER = "enforcer"


class PartyLink(Base):
    """A key that stands under another one. A key without a row stands for itself."""

    __tablename__ = "party_link"

    #: :func:`cases.parties.keys.key_of`
    key: Mapped[str] = mapped_column(primary_key=True)
    #: the key of the party it belongs to
    head: Mapped[str] = mapped_column(index=True)


class PartyMark(Base):
    """What staff say a party is."""

    __tablename__ = "party_mark"

    #: the key of the party
    head: Mapped[str] = mapped_column(primary_key=True)
    #: PartyKind
    kind: Mapped[str]


class PartyAct(Base):
    """One decision about parties, with what it changed. Never rewritten; undoing it is marked."""

    __tablename__ = "party_act"

    #: outside id; in order of time
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: merge, split_name, split_cases, mark
    kind: Mapped[str]
    #: what stood before and stands now, as the kind needs it to be undone
    content: Mapped[dict[str, Any]]
    #: why
    reason: Mapped[str]
    #: account id or job
    done_by: Mapped[str]
    #: when
    done_at: Mapped[datetime] = mapped_column(index=True)
    #: who took it back
    undone_by: Mapped[str | None]
    #: when
    undone_at: Mapped[datetime | None]

    touched: Mapped[list[PartyActOn]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    @property
    def heads(self) -> list[str]:
        """The keys of the parties it touched."""
        return [row.head for row in self.touched]


class PartyActOn(Base):
    """A party that an act touched, so that a later act on it is found."""

    __tablename__ = "party_act_on"

    #: the act
    act_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("party_act.id", ondelete="CASCADE"), primary_key=True
    )
    #: the key of the party
    head: Mapped[str] = mapped_column(primary_key=True, index=True)
