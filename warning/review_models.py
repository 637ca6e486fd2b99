"""What people say of tags: corrections, and judgements of a sample. Rules never write here, nor does tagging anew."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, false, select, text
from sqlalchemy.orm import Mapped, mapped_column

from core.actor import Actor, Permission
from core.db import Base, new_id


class Verdict(StrEnum):
    """What is said of a tag."""

    CONFIRM = "confirm"
    REMOVE = "remove"
    ADD = "add"


class TagCorrection(Base):
    """A person's word about one tag of a case. Cases are shared between centres, and so is what is said of them. It ends;
    it is never rewritten."""

    __tablename__ = "tag_correction"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre whose staff said it
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the case
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    #: kind of the tag
    kind: Mapped[str]
    #: its value
    value: Mapped[str]
    #: Verdict
    verdict: Mapped[str]
    #: why; may be empty for a confirmation
    reason: Mapped[str]
    #: the pieces of evidence the rules had then: [{rule, rulebook, field, start, end, text, weight, margin}]
    rule_said: Mapped[list[Any]]
    #: Actor.name of who said it
    decided_by: Mapped[str]
    #: when
    decided_at: Mapped[datetime] = mapped_column(index=True)
    #: Actor.name of who took it back, or said otherwise
    ended_by: Mapped[str | None]
    #: when; none: it is in force
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_tag_correction_case", "case_id"),
        Index(
            "uq_tag_correction_in_force",
            "case_id",
            "kind",
            "value",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[TagCorrection]:
        """Every centre's for staff, none for anybody else."""
        query = select(cls)
        return query if actor.may(Permission.TAG_REVIEW) else query.where(false())


class NameAnswer(Base):
    """What staff answered to a likely match: that a form of a name is a firm's, or somebody else's."""

    __tablename__ = "name_answer"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the firm's centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the firm
    firm_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), index=True)
    #: the form, as the register keeps it
    name: Mapped[str]
    #: take_in: it is the firm's; refuse: it is somebody else's
    answer: Mapped[str]
    #: the name or the note it made
    made_id: Mapped[uuid.UUID]
    #: the case in which it was met
    case_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("case.id", ondelete="SET NULL"))
    #: how sure the match was, 0-100
    score: Mapped[int]
    #: Actor.name of who answered
    answered_by: Mapped[str]
    #: when
    answered_at: Mapped[datetime]
    #: Actor.name of who took it back
    undone_by: Mapped[str | None]
    #: when; none: it stands
    undone_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_name_answer_list", "centre_id", "answered_at"),)

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[NameAnswer]:
        """The centre's for staff, none for anybody else."""
        query = select(cls)
        if not actor.may(Permission.FIRM_WRITE):
            return query.where(false())
        return query.where(cls.centre_id == actor.centre_id)


class Judgement(StrEnum):
    """What a reviewer of a sample says of a tag."""

    RIGHT = "right"
    WRONG = "wrong"
    UNSURE = "unsure"
    MISSING = "missing"


class ReviewSample(Base):
    """Cases drawn by chance, read by several people without seeing each other's answers."""

    __tablename__ = "review_sample"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre whose staff read it
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"), index=True)
    #: what it is drawn for
    title: Mapped[str]
    #: what it was drawn from: {"language": …, "source": …}, of how many cases, and the seed of the draw
    drawn_from: Mapped[dict[str, Any]]
    #: version of the rulebook that told the tags
    rulebook: Mapped[str]
    #: Actor.name of who drew it
    drawn_by: Mapped[str]
    #: when
    drawn_at: Mapped[datetime]

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[ReviewSample]:
        """The centre's for its staff, none for anybody else."""
        query = select(cls)
        if not actor.may(Permission.TAG_REVIEW):
            return query.where(false())
        return query.where(cls.centre_id == actor.centre_id)


class SampleCase(Base):
    """A case of a sample, and the tags it carried when it was drawn."""

    __tablename__ = "sample_case"

    #: the sample
    sample_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("review_sample.id", ondelete="CASCADE"), primary_key=True
    )
    #: the case
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"), primary_key=True)
    #: in which order it is read
    position: Mapped[int]
    #: [[kind, value]]
    tags: Mapped[list[Any]]


class SampleReading(Base):
    """That somebody has read a case of a sample: what they did not name as missing is not missing to them."""

    __tablename__ = "sample_reading"

    #: the sample
    sample_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("review_sample.id", ondelete="CASCADE"), primary_key=True
    )
    #: the case
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"), primary_key=True)
    #: Actor.name of the reviewer
    reviewer: Mapped[str] = mapped_column(primary_key=True)
    #: [[kind, value, Judgement]]
    said: Mapped[list[Any]]
    #: when
    read_at: Mapped[datetime]
