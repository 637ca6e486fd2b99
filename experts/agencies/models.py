"""Tables of an agency's life: links, applications with marks and objections, listings, complaints, reviews, bars.

Who sees what: whoever holds an agency's private link sees what is that agency's; a firm the complaints it made; staff
their centre's. The public reads of an application in publicity only what :func:`publicity.published` shows.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, false, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.actor import Actor, Role
from core.db import Base, BigId, new_id
from experts.agencies.workflow import AdmissionState, ComplaintState, ReviewState


def access_of(actor: Actor) -> uuid.UUID:
    """The link an agency's actor stands for; its name is given by :func:`access.agency_actor` alone."""
    return uuid.UUID(actor.name.removeprefix("agency:"))


class AgencyAccess(Base):
    """A private link, by which an agency acts without an account."""

    __tablename__ = "agency_access"

    #: what the actor is called by
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: SHA-256 of the link's secret
    token_sha256: Mapped[str] = mapped_column(unique=True)
    #: the agency, once it is listed
    agency_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("agency.id", ondelete="CASCADE"), unique=True
    )
    #: when the secret was made
    made_at: Mapped[datetime]


class _Affair:
    """What applications, complaints and reviews share."""

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: a state of the workflow
    state: Mapped[str]
    #: the last working day of whoever holds it; None when nobody is waited for
    due_on: Mapped[date | None]
    #: working days left on the clock that stands while somebody else is waited for
    days_left: Mapped[int | None]
    #: counts up with every change
    version: Mapped[int] = mapped_column(default=1)
    #: when begun
    created_at: Mapped[datetime]
    #: when last changed
    updated_at: Mapped[datetime]


class AgencyApplication(_Affair, Base):
    """An application to the agency library (入库申请)."""

    __tablename__ = "agency_application"

    #: the centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the applicant's link; None once the link was made anew for somebody else
    access_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("agency_access.id", ondelete="SET NULL"), index=True
    )
    #: given at submission: 机构-2026-00001
    number: Mapped[str | None]
    state: Mapped[str] = mapped_column(default=AdmissionState.DRAFT.value)
    #: what the applicant tells: the entry's fields, and those of :data:`applying.PROFILE`
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: who can be reached, and how; personal
    contact: Mapped[str] = mapped_column(default="")
    #: they say what they told is true
    consent_truth: Mapped[bool] = mapped_column(default=False)
    #: they agreed to the notice, publicity included
    consent_notice: Mapped[bool] = mapped_column(default=False)
    #: they promise to take and give no commission for referrals
    consent_promise: Mapped[bool] = mapped_column(default=False)
    #: version of the notice
    consent_version: Mapped[str] = mapped_column(default="")
    #: item of the check -> met or missing
    checklist: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: how it was verified -> what was found
    verified_by: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: what is to be supplemented, in the centre's words
    wanted: Mapped[str] = mapped_column(default="")
    #: the markers' mean, tenths of a point; None before it is concluded
    mark: Mapped[int | None]
    #: first day of publicity
    published_on: Mapped[date | None]
    #: why it was refused: a code
    refusal: Mapped[str | None]
    #: the entry it became
    agency_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("agency.id", ondelete="SET NULL"))

    marks: Mapped[list[AgencyMark]] = relationship(
        cascade="all, delete-orphan", order_by="AgencyMark.at", lazy="selectin"
    )
    objections: Mapped[list[AgencyObjection]] = relationship(
        cascade="all, delete-orphan", order_by="AgencyObjection.filed_at", lazy="selectin"
    )

    __table_args__ = (
        UniqueConstraint("centre_id", "number"),
        Index("ix_agency_application_open", "centre_id", "state", "due_on"),
    )

    @property
    def name(self) -> str:
        """What the applicant is called."""
        return str(self.answers.get("name_zh", ""))

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[AgencyApplication]:
        """The link's own; the centre's, once submitted, for its staff; nobody else's."""
        query = select(cls)
        if Role.AGENCY in actor.roles:
            return query.where(cls.access_id == access_of(actor))
        if actor.system and actor.centre_id is None:
            return query
        if not actor.is_staff:
            return query.where(false())
        query = query.where(cls.centre_id == actor.centre_id)
        return query if actor.system else query.where(cls.number.is_not(None))


class AgencyMark(Base):
    """What one member of staff marked."""

    __tablename__ = "agency_mark"

    #: the application
    application_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("agency_application.id", ondelete="CASCADE"), primary_key=True
    )
    #: who marked
    account_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
    )
    #: criterion -> points
    points: Mapped[dict[str, Any]]
    #: their sum
    total: Mapped[int]
    #: what the marker wrote
    note: Mapped[str] = mapped_column(default="")
    #: when
    at: Mapped[datetime]


class AgencyObjection(Base):
    """An objection during publicity; who objects is known to staff alone."""

    __tablename__ = "agency_objection"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the application
    application_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("agency_application.id", ondelete="CASCADE"), index=True
    )
    #: who objects; personal
    name: Mapped[str]
    #: how to answer them; personal
    contact: Mapped[str]
    #: what they object to
    ground: Mapped[str]
    #: open, dismissed, upheld
    state: Mapped[str] = mapped_column(default="open")
    #: why it was decided so
    decision: Mapped[str] = mapped_column(default="")
    #: Actor.name
    decided_by: Mapped[str | None]
    #: when filed
    filed_at: Mapped[datetime]


class AgencyListing(Base):
    """How long and on what an agency is listed; its status stands in ``agency.status``."""

    __tablename__ = "agency_listing"

    #: the agency
    agency_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("agency.id", ondelete="CASCADE"), primary_key=True
    )
    #: the centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"), index=True)
    #: registration number, by which a bar is found again; "" when not told
    registration: Mapped[str] = mapped_column(default="")
    #: fields of :data:`applying.PROFILE`; everybody sees them
    profile: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: first day
    listed_on: Mapped[date]
    #: last day; None for an entry brought from a file without one
    listed_until: Mapped[date | None]
    #: when the next yearly review is over a year; None for an entry without a term
    review_on: Mapped[date | None]
    #: passed its last review under observation
    is_observed: Mapped[bool] = mapped_column(default=False)
    #: last day of a suspension
    suspended_until: Mapped[date | None]


class AgencyComplaint(_Affair, Base):
    """A complaint about a listed agency (投诉)."""

    __tablename__ = "agency_complaint"

    #: the centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the agency
    agency_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agency.id", ondelete="CASCADE"), index=True)
    #: 投诉-2026-00001
    number: Mapped[str]
    state: Mapped[str] = mapped_column(default=ComplaintState.RECEIVED.value)
    #: the firm that complains; None when staff wrote it down for somebody else
    firm_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("firm.id", ondelete="SET NULL"), index=True)
    #: who complains, staff only; personal
    complainant: Mapped[str]
    #: how to answer them; personal
    contact: Mapped[str]
    #: a code of :data:`criteria.GROUNDS`
    ground: Mapped[str]
    #: what happened; the agency reads it, so that it can answer
    text: Mapped[str]
    #: Actor.name of whoever accepted it; somebody else suspends or delists
    handled_by: Mapped[str | None]
    #: what the agency answers
    reply: Mapped[str] = mapped_column(default="")
    #: why it is not accepted: a code
    refusal: Mapped[str | None]
    #: the decision with its reasons; complainant and agency read it
    decision: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        UniqueConstraint("centre_id", "number"),
        Index("ix_agency_complaint_open", "centre_id", "state", "due_on"),
    )

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[AgencyComplaint]:
        """A firm's own, an agency's once accepted, the centre's for its staff."""
        query = select(cls)
        if Role.AGENCY in actor.roles:
            mine = select(AgencyAccess.agency_id).where(AgencyAccess.id == access_of(actor))
            unheard = (ComplaintState.RECEIVED.value, ComplaintState.NOT_ACCEPTED.value)
            heard = cls.handled_by.is_not(None) & cls.state.not_in(unheard)
            return query.where(cls.agency_id.in_(mine), heard)
        if actor.system and actor.centre_id is None:
            return query
        if actor.is_staff:
            return query.where(cls.centre_id == actor.centre_id)
        if actor.firm_id is None:
            return query.where(false())
        return query.where(cls.firm_id == actor.firm_id)


class AgencyReview(_Affair, Base):
    """A yearly review of a listed agency (年审)."""

    __tablename__ = "agency_review"

    #: the centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the agency
    agency_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agency.id", ondelete="CASCADE"))
    #: the day the year under review is over
    year_ends_on: Mapped[date]
    state: Mapped[str] = mapped_column(default=ReviewState.ASKED.value)
    #: matters, changes, insurance, discipline, pro bono: what the agency reports
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: what the centre found, or wants
    finding: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        UniqueConstraint("agency_id", "year_ends_on"),
        Index("ix_agency_review_open", "centre_id", "state", "due_on"),
    )

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[AgencyReview]:
        """An agency's own, the centre's for its staff."""
        query = select(cls)
        if Role.AGENCY in actor.roles:
            mine = select(AgencyAccess.agency_id).where(AgencyAccess.id == access_of(actor))
            return query.where(cls.agency_id.in_(mine))
        if actor.system and actor.centre_id is None:
            return query
        if not actor.is_staff:
            return query.where(false())
        return query.where(cls.centre_id == actor.centre_id)


class AgencyBar(Base):
    """Who was delisted and may not apply again until a day (禁入)."""

    __tablename__ = "agency_bar"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"), index=True)
    #: folded name; a bar without a registration number is found by it
    name_key: Mapped[str]
    #: registration number; "" when none is known
    registration: Mapped[str] = mapped_column(default="")
    #: last day
    until_on: Mapped[date]
    #: why
    reason: Mapped[str]
    #: when made
    at: Mapped[datetime]


class AgencyStep(Base):
    """A step that an application, a listing, a complaint or a review took."""

    __tablename__ = "agency_step"

    #: order
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: agency_application, agency_complaint, agency_review, agency
    subject: Mapped[str]
    #: its id
    subject_id: Mapped[uuid.UUID]
    #: the step
    step: Mapped[str]
    #: the state it led to
    state: Mapped[str]
    #: words with it, for both sides
    note: Mapped[str] = mapped_column(default="")
    #: agency, firm, staff, public, system
    by_side: Mapped[str]
    #: Actor.name
    by: Mapped[str]
    #: when
    at: Mapped[datetime]

    __table_args__ = (Index("ix_agency_step_subject", "subject", "subject_id"),)
