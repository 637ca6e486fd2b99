"""Tables of opinions: the versions of a text, and who put their name to which. What was issued or signed never changes."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint, event, inspect
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship
from sqlalchemy.orm.attributes import get_history

from core.db import Base, BigId, new_id
from core.errors import TransitionRefused


class OpinionState(StrEnum):
    """Where a version of an opinion stands."""

    DRAFT = "draft"
    SENT = "sent"
    ISSUED = "issued"


class Opinion(Base):
    """One version of the opinion on a consultation (指导意见书). Once issued it never changes."""

    __tablename__ = "opinion"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the consultation
    consultation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"))
    #: given when issued: 1, then one more for each correction
    number: Mapped[int | None]
    #: who wrote it; kept by name in ``author`` too, since an entry may go
    expert_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("expert.id", ondelete="SET NULL"))
    #: the expert's name as signed
    author: Mapped[str]
    #: draft, sent, issued
    state: Mapped[str] = mapped_column(default=OpinionState.DRAFT.value)
    #: section -> text
    sections: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: opinions beside that it cites, each as {beside, author, sha256}
    cited: Mapped[list[Any]] = mapped_column(default=list)
    #: why it replaces the one before; "" for the first
    correction: Mapped[str] = mapped_column(default="")
    #: counts up with every save
    version: Mapped[int] = mapped_column(default=1)
    #: when begun
    created_at: Mapped[datetime]
    #: when last saved
    updated_at: Mapped[datetime]
    #: when sent to the centre
    sent_at: Mapped[datetime | None]
    #: when issued
    issued_at: Mapped[datetime | None]
    #: Actor.name of who issued it
    issued_by: Mapped[str | None]
    #: SHA-256 of the issued content, as :func:`experts.opinions.content_of` writes it
    sha256: Mapped[str | None]

    signatures: Mapped[list[OpinionSignature]] = relationship(
        cascade="all, delete-orphan", order_by="OpinionSignature.id"
    )

    __table_args__ = (UniqueConstraint("consultation_id", "number"),)


class OpinionSignature(Base):
    """Somebody put their name to one version of an opinion. Never rewritten."""

    __tablename__ = "opinion_signature"

    #: order of signing
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: the opinion
    opinion_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("opinion.id", ondelete="CASCADE"), index=True)
    #: as what: author, reviewer, signer
    role: Mapped[str]
    #: Actor.name
    by: Mapped[str]
    #: the name as it stands on the opinion
    name: Mapped[str]
    #: what the person is to the centre: expert, staff, signer
    office: Mapped[str]
    #: when
    at: Mapped[datetime]
    #: the version of the text that was signed
    version: Mapped[int]
    #: SHA-256 of the bytes that were signed: the manuscript, or what was issued
    sha256: Mapped[str]
    #: what a reviewer notes; staff alone read it
    remarks: Mapped[str] = mapped_column(default="")


@event.listens_for(OpinionSignature, "before_update")
def _keep_what_was_signed(
    mapper: Mapper[OpinionSignature], connection: object, made: OpinionSignature
) -> None:
    """A signature stands as it was made."""
    raise TransitionRefused("A signature cannot be changed.", fix="Return the opinion; it is signed anew.")


@event.listens_for(Opinion, "before_update")
def _keep_what_was_issued(mapper: Mapper[Opinion], connection: object, opinion: Opinion) -> None:
    """Whatever a service does, an issued opinion is not written again."""
    history = get_history(opinion, "state")
    before = history.deleted[0] if history.deleted else opinion.state
    # An expert's entry may go: the database then clears the reference, which is no part of the content.
    changed = {a.key for a in inspect(opinion).attrs if a.history.has_changes()} - {"expert_id", "signatures"}
    if before == OpinionState.ISSUED.value and changed:
        raise TransitionRefused(
            "An issued opinion cannot be changed.", fix="Issue a correction as a new version beside it."
        )
