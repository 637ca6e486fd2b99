"""Tables of the shared noun. Cases are shared between centres, so no row here carries one."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cases.parties.keys import is_organisation, key_of
from core.actor import Actor, Permission
from core.db import Base, BigId, new_id
from core.workflow import Step, Workflow, states_of


class CaseStatus(StrEnum):
    """Whether a case may be shown."""

    CANDIDATE = "candidate"
    PUBLIC = "public"
    DISMISSED = "dismissed"


CASE_REVIEW = Workflow(
    name="case review",
    states=states_of(
        CaseStatus, [("待核", "candidate"), ("公开", "public"), ("非知识产权案件", "not an IP case")]
    ),
    initial=CaseStatus.CANDIDATE.value,
    steps=(
        Step(
            "confirm",
            frozenset({CaseStatus.CANDIDATE.value, CaseStatus.DISMISSED.value}),
            CaseStatus.PUBLIC.value,
            Permission.CANDIDATE_REVIEW,
            "确认为知识产权案件",
            "Confirm as an IP case",
        ),
        Step(
            "dismiss",
            frozenset({CaseStatus.CANDIDATE.value}),
            CaseStatus.DISMISSED.value,
            Permission.CANDIDATE_REVIEW,
            "排除",
            "Dismiss",
        ),
        Step(
            "return",
            frozenset({CaseStatus.DISMISSED.value}),
            CaseStatus.CANDIDATE.value,
            Permission.CANDIDATE_REVIEW,
            "退回待核",
            "Return to candidates",
        ),
    ),
)


class Case(Base):
    """A dispute at one forum under one docket number."""

    __tablename__ = "case"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: taxonomy id of the forum
    venue: Mapped[str] = mapped_column(index=True)
    #: as the forum writes it
    docket_number: Mapped[str]
    #: who against whom, as the source writes it
    caption: Mapped[str]
    #: headline, when the source has one
    title: Mapped[str] = mapped_column(default="")
    #: what the source says, plain text
    text: Mapped[str] = mapped_column(default="")
    #: where the source shows it
    url: Mapped[str] = mapped_column(default="")
    #: language of title and text (BCP 47)
    language: Mapped[str] = mapped_column(default="en")
    #: filing date at the forum
    filed_on: Mapped[date | None]
    #: last dated event, or the filing date: what lists are sorted by
    latest_on: Mapped[date | None] = mapped_column(index=True)
    #: how it ended, in the source's words
    outcome: Mapped[str | None]
    #: the sum demanded, as the source writes it
    demand: Mapped[str | None]
    #: scheme -> codes (nos, ipc, nice …)
    codes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: [{kind, number}]
    rights: Mapped[list[Any]] = mapped_column(default=list)
    #: field -> [source id, authority]: where each field came from
    provenance: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: candidate, public, dismissed
    status: Mapped[str] = mapped_column(default=CaseStatus.CANDIDATE.value, index=True)
    #: the version at which it last became public
    public_since: Mapped[int] = mapped_column(default=1)
    #: facts of the shipped sample
    is_sample: Mapped[bool] = mapped_column(default=False)
    #: counts up with every change; the search index uses it as external version
    version: Mapped[int] = mapped_column(default=1)
    #: when first recorded
    created_at: Mapped[datetime]
    #: when last changed
    updated_at: Mapped[datetime]

    parties: Mapped[list[Party]] = relationship(
        back_populates="case", cascade="all, delete-orphan", order_by="Party.position"
    )
    events: Mapped[list[CaseEvent]] = relationship(back_populates="case", cascade="all, delete-orphan")
    tags: Mapped[list[Tag]] = relationship(back_populates="case", cascade="all, delete-orphan")

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[Case]:
        """Public cases for everybody; candidates and dismissed ones for staff."""
        query = select(cls)
        return query if actor.is_staff else query.where(cls.status == CaseStatus.PUBLIC.value)


class CaseAlias(Base):
    """A docket number by which a case is known; the unique key is the claim to an identity."""

    __tablename__ = "case_alias"

    #: taxonomy id of the forum
    venue: Mapped[str] = mapped_column(primary_key=True)
    #: :func:`cases.identity.docket_key`
    key: Mapped[str] = mapped_column(primary_key=True)
    #: the case
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"), index=True)


def _who(context: Any) -> str:
    return key_of(context.get_current_parameters()["name"])


def _is_organisation(context: Any) -> bool:
    return is_organisation(context.get_current_parameters()["name"])


class Party(Base):
    """Somebody on one side of a case."""

    __tablename__ = "party"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the case
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    #: folded name and role: the same party stays the same row
    key: Mapped[str]
    #: as the source writes it
    name: Mapped[str]
    #: plaintiff, defendant, respondent …
    role: Mapped[str]
    #: under which key of a name it stands across cases; staff may give one case's party another
    who: Mapped[str] = mapped_column(index=True, default=_who)
    #: whether the name says that it is an organisation's; a person's is shown on no page of its own
    is_organisation: Mapped[bool] = mapped_column(default=_is_organisation)
    #: ISO 3166 alpha-2 when the source says it
    country: Mapped[str | None]
    #: law firms that act for it, as the source writes them; no lawyer's own name
    counsel: Mapped[list[str]] = mapped_column(default=list)
    #: order in the source
    position: Mapped[int] = mapped_column(default=0)
    #: the case's version that first named it
    since: Mapped[int] = mapped_column(default=1)

    case: Mapped[Case] = relationship(back_populates="parties")

    __table_args__ = (UniqueConstraint("case_id", "key"),)


class CaseEvent(Base):
    """Something that happened on a docket."""

    __tablename__ = "case_event"

    #: order of recording
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: the case
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    #: digest of date, kind and text: the same event stays the same row
    key: Mapped[str]
    #: the forum's calendar date
    on: Mapped[date | None]
    #: what kind of entry
    kind: Mapped[str]
    #: what it says
    text: Mapped[str]
    #: the document, when the source links one
    url: Mapped[str] = mapped_column(default="")
    #: which source told it
    source: Mapped[str]

    case: Mapped[Case] = relationship(back_populates="events")

    __table_args__ = (UniqueConstraint("case_id", "key"),)


#: the field of a tag that rests on a person's word alone
SAID_BY_STAFF = "staff"


class Tag(Base):
    """One piece of evidence for one tag; a tag may rest on several."""

    __tablename__ = "tag"

    #: order of writing
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: the case
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    #: region, venue, industry, dispute_type, ip_right, stage, remedy, outcome, china_related
    kind: Mapped[str]
    #: taxonomy id or code
    value: Mapped[str]
    #: the rule that said so; "" for a value taken from a structured field, or said by staff
    rule: Mapped[str]
    #: rulebook version the tag is pinned to; "" where no rule said it
    rulebook: Mapped[str]
    #: where it was read: title, text, venue, codes.nos …; :data:`SAID_BY_STAFF`
    field: Mapped[str]
    #: code points, half open, in the raw field
    start: Mapped[int]
    #: end of the span
    end: Mapped[int]
    #: the words themselves
    text: Mapped[str]
    #: what this piece counted
    weight: Mapped[float]
    #: the rule's score as a multiple of its threshold (1.0 has just reached it); none where no score was counted
    margin: Mapped[float | None]

    case: Mapped[Case] = relationship(back_populates="tags")

    __table_args__ = (Index("ix_tag_case", "case_id", "kind"), Index("ix_tag_value", "kind", "value"))


class CaseEvidence(Base):
    """Which snapshot told us something new about a case."""

    __tablename__ = "case_evidence"

    #: the case
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"), primary_key=True)
    #: SHA-256 of the bytes in the evidence store
    sha256: Mapped[str] = mapped_column(primary_key=True)
    #: the source
    source: Mapped[str]
    #: where the bytes came from
    url: Mapped[str]
    #: when they were fetched
    fetched_at: Mapped[datetime]
    #: fields first told or changed by it
    fields: Mapped[list[str]]


class CaseTranslation(Base):
    """A machine's Chinese for a field of a case. It belongs to the words it was made from and is dropped with them."""

    __tablename__ = "case_translation"

    #: the case
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"), primary_key=True)
    #: title, text
    field: Mapped[str] = mapped_column(primary_key=True)
    #: SHA-256 of the words it was made from (UTF-8)
    source_sha256: Mapped[str]
    #: the Chinese
    text: Mapped[str]
    #: the service that made it
    engine: Mapped[str]
    #: when
    made_at: Mapped[datetime]
