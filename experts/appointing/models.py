"""Tables of calls and applications: the application with its steps, files, panel, objections.

Who sees what: whoever holds the private link sees that application, staff the centre's once submitted, a reviewer those
whose panel they sit on. The public reads of an application in publicity only what :func:`publicity.published` shows.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, exists, false, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.actor import Actor, Permission
from core.db import Base, BigId, new_id
from experts.appointing.workflow import ApplicationState, CallState


def _own_id(actor: Actor) -> uuid.UUID:
    """The application an applicant's actor stands for; its name is given by :func:`applying.applicant_of` alone."""
    return uuid.UUID(actor.name.removeprefix("applicant:"))


class Call(Base):
    """An open call for experts (征集公告)."""

    __tablename__ = "expert_call"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre that calls
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"), index=True)
    #: title in Chinese
    title_zh: Mapped[str]
    #: title in English, "" when not told
    title_en: Mapped[str] = mapped_column(default="")
    #: whom the centre looks for and on what terms
    text_zh: Mapped[str] = mapped_column(default="")
    #: the same in English, "" when not told
    text_en: Mapped[str] = mapped_column(default="")
    #: first day to apply
    opens_on: Mapped[date]
    #: last day to apply
    closes_on: Mapped[date]
    #: years an appointment lasts
    term_years: Mapped[int]
    #: draft, open, closed
    state: Mapped[str] = mapped_column(default=CallState.DRAFT.value)
    #: counts up with every change
    version: Mapped[int] = mapped_column(default=1)
    #: who wrote it
    created_by: Mapped[str]
    #: when made
    created_at: Mapped[datetime]

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[Call]:
        """Published calls for everybody, the centre's drafts for its staff."""
        query = select(cls)
        if actor.system and actor.centre_id is None:
            return query
        published = cls.state != CallState.DRAFT.value
        if actor.centre_id is None:
            return query.where(published)
        if not actor.may(Permission.APPOINT_HANDLE):
            return query.where(published, cls.centre_id == actor.centre_id)
        return query.where(cls.centre_id == actor.centre_id)


class Application(Base):
    """An application to the expert library (入库申请)."""

    __tablename__ = "expert_application"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the call it answers
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("expert_call.id"), index=True)
    #: given at submission: 专家-2026-00001
    number: Mapped[str | None]
    #: SHA-256 of the secret in the applicant's private link
    token_sha256: Mapped[str] = mapped_column(unique=True)
    #: a state of the workflow
    state: Mapped[str] = mapped_column(default=ApplicationState.DRAFT.value)
    #: the last working day of whoever holds it; None when nobody is waited for
    due_on: Mapped[date | None]
    #: working days left on the clock that stands while somebody else is waited for
    days_left: Mapped[int | None]
    #: what the applicant tells, in the shape of an entry of the library; personal
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: e-mail address or telephone; personal
    contact: Mapped[str] = mapped_column(default="")
    #: year of birth; personal
    birth_year: Mapped[int | None]
    #: last four signs of the identity document's number, the rest is not kept; personal
    id_last4: Mapped[str] = mapped_column(default="")
    #: they say what they told is true
    consent_truth: Mapped[bool] = mapped_column(default=False)
    #: they agreed to the notice on personal information, publicity included
    consent_notice: Mapped[bool] = mapped_column(default=False)
    #: they promise secrecy and to declare conflicts
    consent_promise: Mapped[bool] = mapped_column(default=False)
    #: version of the notice
    consent_version: Mapped[str] = mapped_column(default="")
    #: item -> {result: met | missing | waived, note}
    checklist: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Actor.name of who checks
    checked_by: Mapped[str | None]
    #: what is to be supplemented, in the centre's words
    wanted: Mapped[str] = mapped_column(default="")
    #: what the applicant wrote with the supplement
    supplement: Mapped[str] = mapped_column(default="")
    #: account that watches over the panel and confirms its result; no reviewer
    supervisor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    #: the panel's mean mark, tenths of a point; None before it is concluded
    mark: Mapped[int | None]
    #: first day of publicity
    published_on: Mapped[date | None]
    #: last day of publicity, once it ended
    publicity_ended_on: Mapped[date | None]
    #: why it was refused: a code
    refusal: Mapped[str | None]
    #: the entry it became
    expert_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("expert.id", ondelete="SET NULL"))
    #: counts up with every change
    version: Mapped[int] = mapped_column(default=1)
    #: when begun
    created_at: Mapped[datetime]
    #: when last changed
    updated_at: Mapped[datetime]
    #: when submitted
    submitted_at: Mapped[datetime | None]

    steps: Mapped[list[ApplicationStep]] = relationship(
        cascade="all, delete-orphan", order_by="ApplicationStep.id"
    )
    seats: Mapped[list[Seat]] = relationship(cascade="all, delete-orphan", order_by="Seat.id")
    objections: Mapped[list[Objection]] = relationship(
        cascade="all, delete-orphan", order_by="Objection.filed_at"
    )
    files: Mapped[list[ApplicationFile]] = relationship(
        cascade="all, delete-orphan", order_by="ApplicationFile.id"
    )

    __table_args__ = (
        UniqueConstraint("centre_id", "number"),
        Index("ix_expert_application_queue", "centre_id", "state", "due_on"),
    )

    @property
    def name(self) -> str:
        """The applicant's name in Chinese, "" until told."""
        return str(self.answers.get("name_zh", ""))

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[Application]:
        """The centre's submitted ones for staff, those they review for reviewers, their own for an applicant."""
        query = select(cls)
        if actor.system and actor.centre_id is None:
            return query
        if actor.centre_id is None:
            return query.where(false())
        query = query.where(cls.centre_id == actor.centre_id)
        if actor.system:
            return query
        mine = []
        if actor.may(Permission.APPOINT_HANDLE):
            mine.append(cls.state != ApplicationState.DRAFT.value)
        if actor.may(Permission.APPOINT_SCORE) and actor.user_id is not None:
            seat = exists().where(Seat.application_id == cls.id, Seat.account_id == actor.user_id)
            mine.append(seat & (cls.state == ApplicationState.PANEL.value))
        if actor.may(Permission.EXPERT_APPLY):
            mine.append(cls.id == _own_id(actor))
        return query.where(or_(false(), *mine))


class ApplicationStep(Base):
    """A step that was taken."""

    __tablename__ = "expert_application_step"

    #: order of taking
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: the application
    application_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("expert_application.id", ondelete="CASCADE"), index=True
    )
    #: the step's name
    step: Mapped[str]
    #: the state it led to
    state: Mapped[str]
    #: what was said with it; the applicant reads it
    note: Mapped[str] = mapped_column(default="")
    #: applicant, staff, public, system
    by_side: Mapped[str]
    #: Actor.name
    by: Mapped[str]
    #: when
    at: Mapped[datetime]


class ApplicationFile(Base):
    """A document of an application; its bytes are in the vault under this id."""

    __tablename__ = "expert_application_file"

    #: outside id, and the vault's
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre whose key closes it
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the application
    application_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("expert_application.id", ondelete="CASCADE"), index=True
    )
    #: which document it is
    document: Mapped[str]
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


class Seat(Base):
    """A reviewer's place on the panel of one application, and their marks."""

    __tablename__ = "expert_panel_seat"

    #: order of naming
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: the application
    application_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("expert_application.id", ondelete="CASCADE"), index=True
    )
    #: the reviewer's account
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    #: criterion -> points; empty before they have marked
    points: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: sum of the points, of 100; None before
    total: Mapped[int | None]
    #: the reviewer's words; staff only
    words: Mapped[str] = mapped_column(default="")
    #: they declared to have no tie to the applicant
    is_free: Mapped[bool] = mapped_column(default=False)
    #: when marked
    marked_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("application_id", "account_id"),)


class Objection(Base):
    """What somebody says against an appointment during its publicity. Only staff see who says it."""

    __tablename__ = "expert_objection"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the application
    application_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("expert_application.id", ondelete="CASCADE"), index=True
    )
    #: who objects; personal
    name: Mapped[str]
    #: how to answer them; personal
    contact: Mapped[str]
    #: what they say and what it rests on
    ground: Mapped[str]
    #: when filed
    filed_at: Mapped[datetime]
    #: the last working day to decide it
    due_on: Mapped[date]
    #: open, dismissed, upheld
    state: Mapped[str] = mapped_column(default="open")
    #: why it was decided so
    decision: Mapped[str] = mapped_column(default="")
    #: Actor.name of who decided
    decided_by: Mapped[str | None]
    #: when decided
    decided_at: Mapped[datetime | None]
