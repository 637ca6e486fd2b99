"""Tables of reports upward, joint tasks and referrals, of consents, seats and cautions. Mediations: ``mediation_models``.

Who sees what: staff their centre's; a firm what concerns it, a report from the day it is asked about it; whoever holds a
seat's private link what that seat is for. An expert sees none of it.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Index,
    Select,
    Text,
    UniqueConstraint,
    event,
    false,
    inspect,
    select,
)
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship
from sqlalchemy.orm.attributes import get_history

import experts.consultation_models  # what the foreign keys below name
import experts.resources.models  # noqa: F401 - the same
from core.actor import Actor, Role
from core.db import Base, BigId, new_id
from core.errors import TransitionRefused
from experts.onward.workflow import EscalationState, JointState, ReferralState


class Affair:
    """What the four share."""

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
    #: Actor.name of who began it
    created_by: Mapped[str]
    #: when begun
    created_at: Mapped[datetime]
    #: when last changed
    updated_at: Mapped[datetime]


def _own_or_staff(kind: type[Any], actor: Actor) -> Select[Any]:
    """The centre's for its staff, a firm's own for its members, nothing for anybody else."""
    query = select(kind)
    if actor.system and actor.centre_id is None:
        return query
    if actor.centre_id is None:
        return query.where(false())
    query = query.where(kind.centre_id == actor.centre_id)
    if actor.is_staff:
        return query
    if Role.FIRM_MEMBER in actor.roles and actor.firm_id is not None:
        return query.where(kind.firm_id == actor.firm_id)
    return query.where(false())


class OnwardConsent(Base):
    """A firm's consent to one purpose, or its taking back; the newest row of a purpose counts."""

    __tablename__ = "onward_consent"

    #: order
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: the consultation
    consultation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("consultation.id", ondelete="CASCADE"), index=True
    )
    #: expert, upward, case
    purpose: Mapped[str]
    #: given, or taken back
    is_given: Mapped[bool]
    #: version of the words agreed to
    notice: Mapped[str]
    #: Actor.name
    by: Mapped[str]
    #: when
    at: Mapped[datetime]


class Escalation(Affair, Base):
    """A report to the national centre (报送)."""

    __tablename__ = "escalation"

    #: the centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: 报送-2026-00001
    number: Mapped[str]
    state: Mapped[str] = mapped_column(default=EscalationState.PREPARED.value)
    #: the firm it is about; None for one on a public case alone
    firm_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), index=True)
    #: the consultation it came from
    consultation_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("consultation.id", ondelete="CASCADE"), index=True
    )
    #: the case it is about
    case_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("case.id", ondelete="SET NULL"))
    #: a key of :data:`experts.onward.kinds.REPORTS`
    kind: Mapped[str] = mapped_column(default="major")
    #: what happened, no more than the report needs
    facts: Mapped[str] = mapped_column(default="")
    #: industry, amounts, employment, what it means for others
    impact: Mapped[str] = mapped_column(default="")
    #: what was done already
    measures: Mapped[str] = mapped_column(default="")
    #: what is asked of the national centre
    asked: Mapped[str] = mapped_column(default="")
    #: secrecy label: public, internal, sensitive
    secrecy: Mapped[str] = mapped_column(default="internal")
    #: files of the consultation that go with it
    files: Mapped[list[str]] = mapped_column(default=list)
    #: Actor.names of whoever wrote any of it; they neither check nor sign
    writers: Mapped[list[str]] = mapped_column(default=list)
    #: Actor.name of who checked its secrecy
    checked_by: Mapped[str | None]
    #: Actor.name of who signed
    signed_by: Mapped[str | None]
    #: when signed
    signed_at: Mapped[datetime | None]
    #: what was signed, as JSON; never written again
    content: Mapped[str] = mapped_column(Text, default="")
    #: the vault's id of the signed DOCX
    docx_id: Mapped[uuid.UUID | None]
    #: SHA-256 of every file of the package, as sha256sum writes it
    manifest: Mapped[str] = mapped_column(Text, default="")
    #: how it was sent
    channel: Mapped[str] = mapped_column(default="")
    #: number of the receipt
    receipt: Mapped[str] = mapped_column(default="")
    #: what the national centre answered
    guidance: Mapped[str] = mapped_column(default="")
    #: what the firm was told of it
    feedback: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        UniqueConstraint("centre_id", "number"),
        Index("ix_escalation_open", "centre_id", "state", "due_on"),
    )

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[Escalation]:
        """The centre's for its staff; a firm's own."""
        return _own_or_staff(cls, actor)


class JointTask(Affair, Base):
    """A question put to several departments at once (联席会议任务)."""

    __tablename__ = "joint_task"

    #: the centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: 联席-2026-00001
    number: Mapped[str]
    state: Mapped[str] = mapped_column(default=JointState.DRAFT.value)
    #: the consultation it came from
    consultation_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("consultation.id", ondelete="CASCADE"), index=True
    )
    #: what it is about
    title: Mapped[str] = mapped_column(default="")
    #: what the departments are asked; they read it
    question: Mapped[str] = mapped_column(default="")
    #: what came of it
    conclusion: Mapped[str] = mapped_column(default="")

    departments: Mapped[list[JointDepartment]] = relationship(
        cascade="all, delete-orphan", order_by="JointDepartment.id", lazy="selectin"
    )

    __table_args__ = (
        UniqueConstraint("centre_id", "number"),
        Index("ix_joint_task_open", "centre_id", "state", "due_on"),
    )

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[JointTask]:
        """The centre's for its staff; for a department the task of its seat, once it is asked."""
        query = select(cls)
        if Role.DEPARTMENT in actor.roles:
            mine = select(OnwardSeat.subject_id).where(OnwardSeat.id == seat_of(actor))
            return query.where(cls.id.in_(mine), cls.state != JointState.DRAFT.value)
        if actor.system and actor.centre_id is None:
            return query
        if not actor.is_staff:
            return query.where(false())
        return query.where(cls.centre_id == actor.centre_id)


class JointDepartment(Base):
    """A department that is asked, and what it replied."""

    __tablename__ = "joint_department"

    #: order of asking; outside id too
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the task
    task_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("joint_task.id", ondelete="CASCADE"), index=True)
    #: its name
    name: Mapped[str]
    #: working days it has, counted from the day it is asked
    days: Mapped[int]
    #: its last day; None until asked
    due_on: Mapped[date | None]
    #: waiting, replied, declined
    state: Mapped[str] = mapped_column(default="waiting")
    #: what it replied
    reply: Mapped[str] = mapped_column(default="")
    #: who brought the reply: department (by its link), staff
    by_side: Mapped[str] = mapped_column(default="")
    #: when it replied
    replied_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("task_id", "name"),)


class Referral(Affair, Base):
    """A matter passed on to institutions (转介)."""

    __tablename__ = "referral"

    #: the centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: 转介-2026-00001
    number: Mapped[str]
    state: Mapped[str] = mapped_column(default=ReferralState.REQUESTED.value)
    #: the firm
    firm_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), index=True)
    #: the consultation it came from
    consultation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("consultation.id", ondelete="CASCADE"), index=True
    )
    #: a key of :data:`experts.onward.kinds.KINDS`
    kind: Mapped[str]
    #: what is told of it: field of the kind -> words
    told: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: keys of :data:`experts.onward.kinds.PASSED` that are passed on
    passes: Mapped[list[str]] = mapped_column(default=list)
    #: files of the consultation that are passed on
    files: Mapped[list[str]] = mapped_column(default=list)
    #: SHA-256 of what the firm agreed to, as :func:`experts.onward.referrals.terms_of` writes it
    agreed_sha256: Mapped[str | None]
    #: how it came out: a code
    outcome: Mapped[str | None]
    #: words with the outcome
    outcome_note: Mapped[str] = mapped_column(default="")

    recipients: Mapped[list[ReferralRecipient]] = relationship(
        cascade="all, delete-orphan", order_by="ReferralRecipient.id", lazy="selectin"
    )

    __table_args__ = (
        UniqueConstraint("centre_id", "number"),
        Index("ix_referral_open", "centre_id", "state", "due_on"),
    )

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[Referral]:
        """The centre's for its staff; a firm's own."""
        return _own_or_staff(cls, actor)


class ReferralRecipient(Base):
    """An institution a matter is passed on to."""

    __tablename__ = "referral_recipient"

    #: outside id; order of naming
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the referral
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id", ondelete="CASCADE"), index=True)
    #: its entry in the resource directory, which may go
    institution_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("institution.id", ondelete="SET NULL")
    )
    #: its name when it was chosen
    name: Mapped[str]
    #: where it sits
    region: Mapped[str]
    #: "" until it answers, then taken or declined
    answer: Mapped[str] = mapped_column(default="")
    #: its words
    note: Mapped[str] = mapped_column(default="")
    #: when sent
    sent_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("referral_id", "institution_id"),)


class OnwardSeat(Base):
    """A private link for somebody without an account: a department, the other side, a neutral."""

    __tablename__ = "onward_seat"

    #: what the actor is called by
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: SHA-256 of the link's secret
    token_sha256: Mapped[str] = mapped_column(unique=True)
    #: department, other_side, neutral
    role: Mapped[str]
    #: the joint task or the mediation
    subject_id: Mapped[uuid.UUID] = mapped_column(index=True)
    #: the department or the neutral; None for the other side
    person_id: Mapped[uuid.UUID | None]
    #: when the secret was made
    made_at: Mapped[datetime]
    #: when it ended
    ended_at: Mapped[datetime | None]


def seat_of(actor: Actor) -> uuid.UUID:
    """The seat an actor holds; its name is given by :func:`experts.onward.seats.seat_actor` alone."""
    return uuid.UUID(actor.name.removeprefix("seat:"))


class AbroadCaution(Base):
    """Somebody read the caution on sending material abroad, and says that what it asks was done."""

    __tablename__ = "abroad_caution"

    #: order
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: the centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: consultation, escalation, referral, mediation
    subject: Mapped[str]
    #: its id
    subject_id: Mapped[uuid.UUID]
    #: who is to have it
    recipient: Mapped[str]
    #: where they are
    region: Mapped[str]
    #: version of the caution's words
    notice: Mapped[str]
    #: what was looked at before, in the words of who did
    note: Mapped[str]
    #: Actor.name
    by: Mapped[str]
    #: when
    at: Mapped[datetime]

    __table_args__ = (Index("ix_abroad_caution_subject", "subject", "subject_id"),)


class OnwardStep(Base):
    """A step that one of the four took."""

    __tablename__ = "onward_step"

    #: order
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: escalation, joint_task, referral, mediation
    subject: Mapped[str]
    #: its id
    subject_id: Mapped[uuid.UUID]
    #: the step
    step: Mapped[str]
    #: the state it led to
    state: Mapped[str]
    #: words with it, for everybody who sees the record
    note: Mapped[str] = mapped_column(default="")
    #: firm, staff, department, other_side, neutral, system
    by_side: Mapped[str]
    #: Actor.name
    by: Mapped[str]
    #: when
    at: Mapped[datetime]

    __table_args__ = (Index("ix_onward_step_subject", "subject", "subject_id"),)


#: what a signature fixes
_SIGNED = frozenset(
    {"kind", "facts", "impact", "measures", "asked", "secrecy", "files", "writers", "checked_by", "signed_by",
     "signed_at", "content", "docx_id", "manifest"}
)  # fmt: skip


@event.listens_for(Escalation, "before_update")
def _keep_what_was_signed(mapper: Mapper[Escalation], connection: object, report: Escalation) -> None:
    """Whatever a service does, a signed report is not written again."""
    history = get_history(report, "content")
    before = history.deleted[0] if history.deleted else report.content
    changed = {a.key for a in inspect(report).attrs if a.history.has_changes()} & _SIGNED
    if before and changed:
        raise TransitionRefused("A signed report cannot be changed.", fix="Prepare another report.")
