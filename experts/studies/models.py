"""The table of case studies."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, false, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from core.actor import Actor, Role
from core.db import Base, new_id
from experts.consultation_models import Consultation
from experts.studies.workflow import StudyState


class CaseStudy(Base):
    """A consultation told publicly, without a name."""

    __tablename__ = "case_study"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the consultation it tells; never shown on the public page
    consultation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("consultation.id", ondelete="CASCADE"), index=True
    )
    #: 案例-2026-00001, given when published
    number: Mapped[str | None]
    #: a state of the workflow
    state: Mapped[str] = mapped_column(default=StudyState.DRAFT.value)
    #: its heading
    title: Mapped[str] = mapped_column(default="")
    #: section -> text, masked
    texts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: points of the checklist that were confirmed
    checked: Mapped[list[str]] = mapped_column(default=list)
    #: country or region of the forum
    region: Mapped[str] = mapped_column(default="")
    #: what the firm had received: a scenario's id
    scenario: Mapped[str] = mapped_column(default="")
    #: Actor.name of everybody who wrote some of it
    writers: Mapped[list[str]] = mapped_column(default=list)
    #: Actor.name of who signed it
    signed_by: Mapped[str | None]
    #: the day it went public, at the centre
    published_on: Mapped[date | None]
    #: SHA-256 of what was signed
    sha256: Mapped[str | None]
    #: why it was returned or withdrawn; staff read it
    note: Mapped[str] = mapped_column(default="")
    #: counts up with every change
    version: Mapped[int] = mapped_column(default=1)
    #: Actor.name of who began it
    created_by: Mapped[str]
    #: when begun
    created_at: Mapped[datetime]
    #: when last changed
    updated_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("centre_id", "number"),
        Index("ix_case_study_public", "state", "published_on"),
    )

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[CaseStudy]:
        """What is public for everybody; every one of the centre for its staff, what tells of its matters for a firm."""
        query = select(cls)
        if actor.system and actor.centre_id is None:
            return query
        public = cls.state == StudyState.PUBLISHED.value
        own = cls.centre_id == actor.centre_id if actor.is_staff and actor.centre_id else false()
        if Role.FIRM_MEMBER in actor.roles and actor.firm_id is not None:
            own = cls.consultation_id.in_(
                select(Consultation.id).where(Consultation.firm_id == actor.firm_id)
            )
        return query.where(or_(public, own))
