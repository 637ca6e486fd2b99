"""Tables of an expert's standing: appointments with their certificates, bars, evaluations, qualifications, declared
interests, and changes of verified fields that wait for a check."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, BigId, new_id


class Appointment(Base):
    """One term of an expert, and its certificate (聘书)."""

    __tablename__ = "expert_appointment"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the expert
    expert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("expert.id", ondelete="CASCADE"), index=True)
    #: the application it rests on; None for those who came by import or for a renewal
    application_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("expert_application.id", ondelete="SET NULL")
    )
    #: 聘字〔2026〕0001号
    number: Mapped[str]
    #: the secret part of the certificate, by which anybody may check it
    code: Mapped[str] = mapped_column(unique=True)
    #: the name as certified, which stays when the entry's changes
    name_zh: Mapped[str]
    #: the same in English
    name_en: Mapped[str] = mapped_column(default="")
    #: facets id of the class they are appointed in
    expert_class: Mapped[str]
    #: first day
    from_on: Mapped[date]
    #: last day
    until_on: Mapped[date]
    #: the day it ended before its last day; None while it stands
    ended_on: Mapped[date | None]
    #: how it ended: end_term, renew, exit, remove; "" while it stands
    ended_by: Mapped[str] = mapped_column(default="")
    #: the expert and the staff were told that it ends soon
    is_ending_told: Mapped[bool] = mapped_column(default=False)
    #: Actor.name of who signed
    signed_by: Mapped[str]
    #: when signed
    signed_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("centre_id", "number"),)


class Bar(Base):
    """Somebody removed may not apply again until a day."""

    __tablename__ = "expert_bar"

    #: order of writing
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: the centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"), index=True)
    #: the entry that was removed
    expert_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("expert.id", ondelete="SET NULL"))
    #: name, by which and by the next field they are known again; personal
    name_zh: Mapped[str]
    #: last four signs of the identity document, "" when not known; personal
    id_last4: Mapped[str] = mapped_column(default="")
    #: first and last day of the bar
    from_on: Mapped[date]
    #: the last day
    until_on: Mapped[date]
    #: why
    reason: Mapped[str]


class Evaluation(Base):
    """A year's evaluation of an expert. Written once; a year has one."""

    __tablename__ = "expert_evaluation"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the expert
    expert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("expert.id", ondelete="CASCADE"))
    #: the calendar year evaluated
    year: Mapped[int]
    #: part -> points
    points: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: sum of the points, of 100
    total: Mapped[int]
    #: what the centre says with it; the expert reads it
    words: Mapped[str] = mapped_column(default="")
    #: Actor.name
    by: Mapped[str]
    #: when
    at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("expert_id", "year"),)


class Qualification(Base):
    """A licence, admission or title, with who issued it and until when."""

    __tablename__ = "expert_qualification"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the expert
    expert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("expert.id", ondelete="CASCADE"), index=True)
    #: what it is, e.g. Texas bar
    title: Mapped[str]
    #: number of the certificate; staff and the expert see it
    number: Mapped[str] = mapped_column(default="")
    #: who issued it
    issuer: Mapped[str]
    #: where anybody may check it
    verify_url: Mapped[str] = mapped_column(default="")
    #: issued
    issued_on: Mapped[date | None]
    #: last day; None when it does not expire
    expires_on: Mapped[date | None]
    #: waiting, verified, refused
    state: Mapped[str] = mapped_column(default="waiting")
    #: Actor.name of who checked
    checked_by: Mapped[str | None]
    #: when checked
    checked_at: Mapped[datetime | None]
    #: days before the end at which the expert was last reminded; None before the first
    reminded: Mapped[int | None]


class DeclaredInterest(Base):
    """What an expert declares for conflicts: private, read by staff, the expert and the check of conflicts alone."""

    __tablename__ = "expert_interest"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the expert
    expert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("expert.id", ondelete="CASCADE"), index=True)
    #: employer, client, adverse, adviser, holding, post, relative
    kind: Mapped[str]
    #: the firm, body or person
    name: Mapped[str]
    #: the corporate group, "" when not told
    group_name: Mapped[str] = mapped_column(default="")
    #: in the expert's words, e.g. "my sister is its director"
    note: Mapped[str] = mapped_column(default="")
    #: first day; None when not told
    from_on: Mapped[date | None]
    #: last day; None while it goes on
    until_on: Mapped[date | None]
    #: when declared
    declared_at: Mapped[datetime]


class EntryChange(Base):
    """A change of a verified field that its expert asks for; the entry keeps the old value until staff accept it."""

    __tablename__ = "expert_change"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the expert
    expert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("expert.id", ondelete="CASCADE"), index=True)
    #: column of the entry
    field: Mapped[str]
    #: {"value": …} as the column holds it
    proposed: Mapped[dict[str, Any]]
    #: waiting, accepted, refused
    state: Mapped[str] = mapped_column(default="waiting")
    #: why it was refused
    note: Mapped[str] = mapped_column(default="")
    #: Actor.name of who asked
    asked_by: Mapped[str]
    #: when asked
    asked_at: Mapped[datetime]
    #: Actor.name of who decided
    decided_by: Mapped[str | None]
    #: when decided
    decided_at: Mapped[datetime | None]
