"""Tables of consultations: the matter, its steps, follow-ups, messages and files.

Who sees what: a firm its own, staff the centre's once submitted, an expert those that are with them now. Before experts
have declared no conflict they see the names alone, which is what a conflict is judged by (:meth:`Consultation.opens_to`).
"""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Select,
    UniqueConstraint,
    false,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.actor import Actor, Permission, Role
from core.db import Base, BigId, new_id
from experts.assignment_models import Assignment, AssignmentObjection, Clearance, ObjectionState
from experts.beside.models import Beside
from experts.beside.workflow import LIVE, BesideState
from experts.consultation_workflow import ConsultationState, Urgency


class Consultation(Base):
    """A firm's request for advice on a dispute abroad (咨询与指导申请)."""

    __tablename__ = "consultation"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the firm's centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the firm
    firm_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), index=True)
    #: 受理号, given at submission: 咨询-2026-00001
    number: Mapped[str | None]
    #: a state of the workflow
    state: Mapped[str] = mapped_column(default=ConsultationState.DRAFT.value)
    #: u1, u2, u3, u4
    urgency: Mapped[str] = mapped_column(default=Urgency.U3.value)
    #: the last working day for whoever holds it; None when nobody is waited for
    due_on: Mapped[date | None]
    #: the instant when office hours are promised, as for what is most urgent; None when the whole of ``due_on`` counts
    due_at: Mapped[datetime | None]
    #: working days left on the clock that stands while the firm is waited for
    days_left: Mapped[int | None]
    #: the same in office minutes, when office hours are promised
    minutes_left: Mapped[int | None]
    #: the refused consultation this one takes up again
    resubmits: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("consultation.id", ondelete="SET NULL"))
    #: the running consultation it was merged into
    merged_into: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("consultation.id", ondelete="SET NULL"))
    #: the alert it began with
    alert_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("alert.id", ondelete="SET NULL"))
    #: the case it is about
    case_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("case.id", ondelete="SET NULL"))
    #: the expert it is with now
    expert_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("expert.id", ondelete="SET NULL"), index=True
    )
    #: what happened: a scenario's id, "" until chosen
    scenario: Mapped[str] = mapped_column(default="")
    #: what happened, in the firm's words
    story: Mapped[str] = mapped_column(default="")
    #: code of the country or region, "" until told
    region: Mapped[str] = mapped_column(default="")
    #: the forum: a taxonomy id or the firm's words
    venue: Mapped[str] = mapped_column(default="")
    #: as the forum writes it
    docket_number: Mapped[str] = mapped_column(default="")
    #: names of the other side
    opponents: Mapped[list[str]] = mapped_column(default=list)
    #: when the papers were served, or the firm learned of it
    known_on: Mapped[date | None]
    #: the last day that was told, which makes it more urgent; None when none is known
    limit_on: Mapped[date | None]
    #: what the firm wants to know
    question: Mapped[str] = mapped_column(default="")
    #: whom to speak to; personal
    contact_name: Mapped[str] = mapped_column(default="")
    #: personal
    contact_phone: Mapped[str] = mapped_column(default="")
    #: personal
    contact_email: Mapped[str] = mapped_column(default="")
    #: language the advice is wanted in: zh, en
    language: Mapped[str] = mapped_column(default="zh")
    #: the firm says what it told is true (诚信承诺)
    consent_truth: Mapped[bool] = mapped_column(default=False)
    #: the firm agreed to the notice on personal information
    consent_notice: Mapped[bool] = mapped_column(default=False)
    #: the firm lets the matter be passed to an expert; may be taken back
    consent_expert: Mapped[bool] = mapped_column(default=False)
    #: version of the notice the consents were given to
    consent_version: Mapped[str] = mapped_column(default="")
    #: when consents were last given or taken back
    consent_at: Mapped[datetime | None]
    #: why it was refused: a code
    refusal: Mapped[str | None]
    #: why advice was ended: a code
    termination: Mapped[str | None]
    #: how the matter came out: a code
    outcome: Mapped[str | None]
    #: cost saved, whole yuan, as the confirmer confirms it
    cost_saved: Mapped[int | None] = mapped_column(BigInteger)
    #: how the saving was counted
    saving_method: Mapped[str] = mapped_column(default="")
    #: who confirmed the saving, by name and office
    saving_confirmer: Mapped[str] = mapped_column(default="")
    #: the firm's mark at the end, 1-5
    satisfaction: Mapped[int | None]
    #: the firm's words at the end
    closing_words: Mapped[str] = mapped_column(default="")
    #: counts up with every change
    version: Mapped[int] = mapped_column(default=1)
    #: who began it
    created_by: Mapped[str]
    #: when begun
    created_at: Mapped[datetime]
    #: when last changed
    updated_at: Mapped[datetime]
    #: when submitted
    submitted_at: Mapped[datetime | None]

    steps: Mapped[list[ConsultationStep]] = relationship(
        cascade="all, delete-orphan", order_by="ConsultationStep.id"
    )
    assignments: Mapped[list[Assignment]] = relationship(
        cascade="all, delete-orphan", order_by="Assignment.id"
    )
    clearances: Mapped[list[Clearance]] = relationship(cascade="all, delete-orphan", order_by="Clearance.id")
    objection: Mapped[AssignmentObjection | None] = relationship(cascade="all, delete-orphan")

    besides: Mapped[list[Beside]] = relationship(
        cascade="all, delete-orphan", order_by="(Beside.asked_at, Beside.id)"
    )

    follow_ups: Mapped[list[FollowUp]] = relationship(
        cascade="all, delete-orphan", order_by="FollowUp.due_on"
    )

    __table_args__ = (
        UniqueConstraint("centre_id", "number"),
        Index("ix_consultation_queue", "centre_id", "state", "due_on"),
    )

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[Consultation]:
        """One's own for a firm member, those with them for an expert, the centre's submitted ones for staff."""
        query = select(cls)
        if actor.system and actor.centre_id is None:
            return query
        if not actor.may(Permission.CONSULT_READ) or actor.centre_id is None:
            return query.where(false())
        query = query.where(cls.centre_id == actor.centre_id)
        if actor.system:
            return query
        mine = []
        if Role.STAFF in actor.roles:
            mine.append(cls.state != ConsultationState.DRAFT.value)
        if Role.FIRM_MEMBER in actor.roles and actor.firm_id is not None:
            mine.append(cls.firm_id == actor.firm_id)
        if Role.EXPERT in actor.roles and actor.expert_id is not None:
            beside = select(Beside.consultation_id).where(
                Beside.expert_id == actor.expert_id, Beside.state.in_([state.value for state in LIVE])
            )
            mine += [cls.expert_id == actor.expert_id, cls.id.in_(beside)]
        return query.where(or_(false(), *mine))

    def opens_to(self, actor: Actor) -> bool:
        """Whether an actor who sees this consultation may read what the firm told in confidence."""
        if Role.EXPERT not in actor.roles:
            return True
        if self.expert_id is not None and self.expert_id == actor.expert_id:
            return self.state != ConsultationState.ASSIGNED.value
        beside = self.beside_of(actor)
        if beside is not None:
            return beside.state != BesideState.WAITING.value
        return Role.STAFF in actor.roles or Role.FIRM_MEMBER in actor.roles

    def beside_of(self, actor: Actor) -> Beside | None:
        """What the actor is asked to write beside the leading expert; None for everybody else."""
        if actor.expert_id is None:
            return None
        return next((one for one in self.besides if one.expert_id == actor.expert_id and one.is_live), None)

    def is_apart(self, actor: Actor) -> bool:
        """Whether the actor writes beside the others and may not read them yet."""
        beside = self.beside_of(actor)
        return beside is not None and beside.opened_at is None

    @property
    def is_objected(self) -> bool:
        """Whether the firm's objection to its expert waits for the centre."""
        return self.objection is not None and self.objection.state == ObjectionState.OPEN.value


class ConsultationStep(Base):
    """A step that was taken."""

    __tablename__ = "consultation_step"

    #: order of taking
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: the consultation
    consultation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("consultation.id", ondelete="CASCADE"), index=True
    )
    #: the step's name
    step: Mapped[str]
    #: the state it led to
    state: Mapped[str]
    #: what was said with it, for everybody who sees the consultation; "" for none
    note: Mapped[str] = mapped_column(default="")
    #: firm, staff, expert, system
    by_side: Mapped[str]
    #: Actor.name
    by: Mapped[str]
    #: when
    at: Mapped[datetime]


class FollowUp(Base):
    """A day on which the centre asks how it went after the opinion."""

    __tablename__ = "consultation_follow_up"

    #: order of planning
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: the consultation
    consultation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("consultation.id", ondelete="CASCADE"), index=True
    )
    #: when to ask
    due_on: Mapped[date]
    #: when it was asked
    done_at: Mapped[datetime | None]
    #: Actor.name of who asked
    done_by: Mapped[str | None]
    #: when the centre's staff were told that it is due
    told_at: Mapped[datetime | None]
    #: what the firm said; the firm and the centre read it
    note: Mapped[str] = mapped_column(default="")


class ConsultationMessage(Base):
    """Words between the firm, the centre and the expert."""

    __tablename__ = "consultation_message"

    #: order of writing
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: the consultation
    consultation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("consultation.id", ondelete="CASCADE"), index=True
    )
    #: firm, staff, expert
    by_side: Mapped[str]
    #: Actor.name
    by: Mapped[str]
    #: what was written
    text: Mapped[str]
    #: secrecy label: public, internal, sensitive
    secrecy: Mapped[str] = mapped_column(default="internal")
    #: the message it answers
    reply_to: Mapped[int | None] = mapped_column(ForeignKey("consultation_message.id", ondelete="SET NULL"))
    #: when
    at: Mapped[datetime]

    readers: Mapped[list[MessageReader]] = relationship(
        cascade="all, delete-orphan", order_by="MessageReader.id", lazy="selectin"
    )


class MessageReader(Base):
    """A party a message was sent to. The centre reads every message and has no row."""

    __tablename__ = "consultation_message_reader"

    #: order of naming
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: the message
    message_id: Mapped[int] = mapped_column(
        ForeignKey("consultation_message.id", ondelete="CASCADE"), index=True
    )
    #: firm; lead, whoever leads then; or the id of an expert who writes beside
    party: Mapped[str]
    #: that expert
    expert_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("expert.id", ondelete="CASCADE"))


class MessageMark(Base):
    """Somebody opened a message."""

    __tablename__ = "consultation_message_mark"

    #: order of opening
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: the message
    message_id: Mapped[int] = mapped_column(ForeignKey("consultation_message.id", ondelete="CASCADE"))
    #: Actor.name
    by: Mapped[str]
    #: firm, staff, expert
    by_side: Mapped[str]
    #: when first
    at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("message_id", "by"),)


class Attachment(Base):
    """A file of a consultation; its bytes are in the vault under this id."""

    __tablename__ = "consultation_attachment"

    #: outside id, and the vault's
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre whose key closes it
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the consultation
    consultation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("consultation.id", ondelete="CASCADE"), index=True
    )
    #: its name, made safe
    filename: Mapped[str]
    #: what its content is: pdf, png, jpeg, docx, xlsx, pptx, zip, eml, txt
    kind: Mapped[str]
    #: secrecy label: public, internal, sensitive
    secrecy: Mapped[str] = mapped_column(default="internal")
    #: whether the expert may have it; the firm and the centre always may
    for_expert: Mapped[bool] = mapped_column(default=True)
    #: the message it came with
    message_id: Mapped[int | None] = mapped_column(ForeignKey("consultation_message.id", ondelete="SET NULL"))
    #: bytes
    size: Mapped[int]
    #: SHA-256 of the plain bytes
    sha256: Mapped[str]
    #: firm, staff, expert
    by_side: Mapped[str]
    #: Actor.name
    by: Mapped[str]
    #: when
    at: Mapped[datetime]
