"""Tables of the entry: a request under a private link, and its files."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Select, false, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.actor import Actor, Permission, Role
from core.db import Base, new_id
from experts.entry.workflow import WAITING, EntryState


class EntryRequest(Base):
    """A request for help of somebody who has not signed in. What is told lies sealed under the centre's key."""

    __tablename__ = "entry_request"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre it was begun at
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: SHA-256 of the private link's code
    token_sha256: Mapped[str] = mapped_column(unique=True)
    #: a state of the workflow
    state: Mapped[str] = mapped_column(default=EntryState.DRAFT.value)
    #: the answers as JSON, closed by the vault for this row; empty once claimed
    sealed: Mapped[bytes]
    #: what was received: a scenario's id; in clear, so that a list needs no answers
    scenario: Mapped[str]
    #: u1, u2, u3, u4
    urgency: Mapped[str]
    #: the last day that was told, in clear for the clock; None when none is known
    limit_on: Mapped[date | None]
    #: language the asker reads: zh, en
    language: Mapped[str] = mapped_column(default="zh")
    #: counts up with every change
    version: Mapped[int] = mapped_column(default=1)
    #: version of the notice on personal information that was agreed to
    notice_version: Mapped[str]
    #: when it was agreed to
    notice_at: Mapped[datetime]
    #: the centre may speak to the contact that was told
    consent_contact: Mapped[bool] = mapped_column(default=False)
    #: what was told is true, as its teller says
    consent_truth: Mapped[bool] = mapped_column(default=False)
    #: an expert may see it
    consent_expert: Mapped[bool] = mapped_column(default=False)
    #: when begun
    created_at: Mapped[datetime]
    #: when last changed
    updated_at: Mapped[datetime]
    #: when it is deleted unless somebody goes on with it
    expires_at: Mapped[datetime] = mapped_column(index=True)
    #: when sent to the centre
    sent_at: Mapped[datetime | None]
    #: by when the centre answers first
    due_at: Mapped[datetime | None]
    #: when the centre answered first
    answered_at: Mapped[datetime | None]
    #: Actor.name of who answered
    answered_by: Mapped[str | None]
    #: how, in the centre's words; the asker reads it too
    answer: Mapped[str] = mapped_column(default="")
    #: when a firm took it over
    claimed_at: Mapped[datetime | None]
    #: Actor.name of who did
    claimed_by: Mapped[str | None]
    #: the consultation it became
    consultation_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("consultation.id", ondelete="SET NULL"), index=True
    )

    files: Mapped[list[EntryFile]] = relationship(cascade="all, delete-orphan", order_by="EntryFile.id")

    __table_args__ = (Index("ix_entry_request_queue", "centre_id", "state", "due_at"),)

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[EntryRequest]:
        """The asker's own; for staff the centre's that were sent, whose contact agreed to be spoken to."""
        query = select(cls)
        if actor.system and actor.centre_id is None:
            return query
        if actor.centre_id is None:
            return query.where(false())
        query = query.where(cls.centre_id == actor.centre_id)
        if actor.system:
            return query
        mine = []
        if Role.ASKER in actor.roles:
            mine.append(cls.id == uuid.UUID(actor.name.partition(":")[2]))
        if actor.may(Permission.ENTRY_HANDLE):
            mine.append(cls.state.in_([state.value for state in WAITING]))
        return query.where(or_(false(), *mine))


class EntryFile(Base):
    """A file of a request; its bytes are in the vault under this id, and stay there when a firm takes it over."""

    __tablename__ = "entry_file"

    #: outside id, and the vault's
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre whose key closes it
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the request
    request_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("entry_request.id", ondelete="CASCADE"), index=True
    )
    #: its name, made safe
    filename: Mapped[str]
    #: what its content is
    kind: Mapped[str]
    #: bytes
    size: Mapped[int]
    #: SHA-256 of the plain bytes
    sha256: Mapped[str]
    #: when
    at: Mapped[datetime]
