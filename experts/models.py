"""Tables of the expert library and the agency library. Every row belongs to a centre."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, new_id


class EntryStatus(StrEnum):
    """Whether an expert or agency may be recommended."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    TERM_END = "term_end"
    EXITED = "exited"
    REMOVED = "removed"


class Expert(Base):
    """An expert of the library, in the shape `seamark match` reads (design §6)."""

    __tablename__ = "expert"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre whose library it is
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the centre's own key, unique within it
    ref: Mapped[str]
    #: name in Chinese
    name_zh: Mapped[str]
    #: name in English, "" when not told
    name_en: Mapped[str] = mapped_column(default="")
    #: facets id of the expert's class (legal representative, academic, technical, in-house, finance, customs …)
    expert_class: Mapped[str]
    #: active, suspended, term_end, exited, removed
    status: Mapped[str] = mapped_column(default=EntryStatus.ACTIVE.value)
    #: the centre has seen the proofs of what the entry claims
    verified: Mapped[bool] = mapped_column(default=False)
    #: [{venue|region, qualification, from, to}]
    admissions: Mapped[list[Any]] = mapped_column(default=list)
    #: languages worked in (BCP 47)
    languages: Mapped[list[str]] = mapped_column(default=list)
    #: taxonomy ids
    industries: Mapped[list[str]] = mapped_column(default=list)
    #: taxonomy ids
    dispute_types: Mapped[list[str]] = mapped_column(default=list)
    #: [{venue, dispute_type, industry, on, role, client, opponent}]; client and opponent are seen by staff only
    cases: Mapped[list[Any]] = mapped_column(default=list)
    #: {name, group}
    employer: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: [{name, role, from, to}]: the conflict list, seen by staff and the expert only
    clients: Mapped[list[Any]] = mapped_column(default=list)
    #: consultations at a time
    capacity: Mapped[int] = mapped_column(default=3)
    #: accepts new ones
    available: Mapped[bool] = mapped_column(default=True)
    #: {mean, n} of firms' satisfaction, 1–5
    feedback: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: what they say of themselves
    bio: Mapped[str] = mapped_column(default="")
    #: invented for the sample, marked 示例
    is_sample: Mapped[bool] = mapped_column(default=False)
    #: counts up with every change
    version: Mapped[int] = mapped_column(default=1)
    #: when made
    created_at: Mapped[datetime]
    #: when last changed
    updated_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("centre_id", "ref"),)


class Agency(Base):
    """A service agency of the library. Always shown with others, in neutral order, without endorsement."""

    __tablename__ = "agency"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre whose library it is
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the centre's own key, unique within it
    ref: Mapped[str]
    #: name in Chinese
    name_zh: Mapped[str]
    #: name in English, "" when not told
    name_en: Mapped[str] = mapped_column(default="")
    #: facets id of the agency's class
    agency_class: Mapped[str]
    #: active, suspended, term_end, exited, removed
    status: Mapped[str] = mapped_column(default=EntryStatus.ACTIVE.value)
    #: the centre has seen the proofs
    verified: Mapped[bool] = mapped_column(default=False)
    #: [{region, venue, address, admitted}]
    offices: Mapped[list[Any]] = mapped_column(default=list)
    #: languages worked in (BCP 47)
    languages: Mapped[list[str]] = mapped_column(default=list)
    #: taxonomy ids
    industries: Mapped[list[str]] = mapped_column(default=list)
    #: taxonomy ids
    dispute_types: Mapped[list[str]] = mapped_column(default=list)
    #: [{name, role, from, to}]: the conflict list, seen by staff only
    clients: Mapped[list[Any]] = mapped_column(default=list)
    #: {currency, from, to, cap, note}, minor units
    fees: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: homepage
    url: Mapped[str] = mapped_column(default="")
    #: what it says of itself
    bio: Mapped[str] = mapped_column(default="")
    #: invented for the sample, marked 示例
    is_sample: Mapped[bool] = mapped_column(default=False)
    #: counts up with every change
    version: Mapped[int] = mapped_column(default=1)
    #: when made
    created_at: Mapped[datetime]
    #: when last changed
    updated_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("centre_id", "ref"),)
