"""Tables of the expert library and the agency library. Every row belongs to a centre."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Select, UniqueConstraint, event, or_, select
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from core.actor import Actor, Permission
from core.db import Base, new_id
from core.workflow import Step, Workflow, states_of
from experts.facets import marks_of


class EntryStatus(StrEnum):
    """Whether an expert or agency may be recommended."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    TERM_END = "term_end"
    EXITED = "exited"
    REMOVED = "removed"


_STAYING = frozenset({EntryStatus.ACTIVE.value, EntryStatus.SUSPENDED.value, EntryStatus.TERM_END.value})
#: how an entry's status changes; an import never changes it
ENTRY_STATUS = Workflow(
    name="library entry",
    states=states_of(
        EntryStatus,
        [
            ("在库", "active"),
            ("暂停", "suspended"),
            ("聘期届满", "term ended"),
            ("已退出", "exited"),
            ("已除名", "removed"),
        ],
    ),
    initial=EntryStatus.ACTIVE.value,
    steps=(
        Step(
            "suspend",
            frozenset({EntryStatus.ACTIVE.value}),
            EntryStatus.SUSPENDED.value,
            Permission.EXPERT_WRITE,
            "暂停",
            "Suspend",
        ),
        Step(
            "resume",
            frozenset({EntryStatus.SUSPENDED.value}),
            EntryStatus.ACTIVE.value,
            Permission.EXPERT_WRITE,
            "恢复",
            "Resume",
        ),
        Step(
            "end_term",
            frozenset({EntryStatus.ACTIVE.value, EntryStatus.SUSPENDED.value}),
            EntryStatus.TERM_END.value,
            Permission.EXPERT_WRITE,
            "聘期届满",
            "End the term",
        ),
        Step(
            "renew",
            frozenset({EntryStatus.TERM_END.value}),
            EntryStatus.ACTIVE.value,
            Permission.EXPERT_WRITE,
            "续聘",
            "Renew",
        ),
        Step("exit", _STAYING, EntryStatus.EXITED.value, Permission.EXPERT_WRITE, "退出", "Record the exit"),
        Step("remove", _STAYING, EntryStatus.REMOVED.value, Permission.EXPERT_WRITE, "除名", "Remove"),
    ),
)


def _visible(entry: type[Any], actor: Actor) -> Select[Any]:
    query = select(entry)
    if actor.system and actor.centre_id is None:
        return query
    if actor.centre_id is not None:
        query = query.where(entry.centre_id == actor.centre_id)
    if actor.is_staff:
        return query
    is_public = (entry.status == EntryStatus.ACTIVE.value) & entry.verified
    return query.where(or_(is_public, entry.id == actor.expert_id) if actor.expert_id else is_public)


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
    #: title or post, as they call it
    title: Mapped[str] = mapped_column(default="")
    #: hours a year they give the centre; None when not told
    hours: Mapped[int | None]
    #: [{from, to, note}]: days away, ISO dates; a public reader learns none of it
    calendar: Mapped[list[Any]] = mapped_column(default=list)
    #: field -> public, members or staff, where the entry says other than :mod:`experts.fields`
    visibility: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: why the status is what it is; staff only
    status_note: Mapped[str] = mapped_column(default="")
    #: what it is found by, ``kind:value``; kept by the mapper
    facets: Mapped[list[str]] = mapped_column(default=list)
    #: invented for the sample, marked 示例
    is_sample: Mapped[bool] = mapped_column(default=False)
    #: counts up with every change
    version: Mapped[int] = mapped_column(default=1)
    #: when made
    created_at: Mapped[datetime]
    #: when last changed
    updated_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("centre_id", "ref"),)

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[Expert]:
        """The centre's whole library for staff; active, verified entries for everybody else, and an expert's own."""
        return _visible(cls, actor)


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
    #: field -> public or staff, where the entry says other than :mod:`experts.fields`
    visibility: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: why the status is what it is; staff only
    status_note: Mapped[str] = mapped_column(default="")
    #: what it is found by, ``kind:value``; kept by the mapper
    facets: Mapped[list[str]] = mapped_column(default=list)
    #: invented for the sample, marked 示例
    is_sample: Mapped[bool] = mapped_column(default=False)
    #: counts up with every change
    version: Mapped[int] = mapped_column(default=1)
    #: when made
    created_at: Mapped[datetime]
    #: when last changed
    updated_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("centre_id", "ref"),)

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[Agency]:
        """The centre's whole library for staff; active, verified agencies for everybody else."""
        return _visible(cls, actor)


@event.listens_for(Expert, "before_insert")
@event.listens_for(Expert, "before_update")
def _mark_expert(mapper: Mapper[Expert], connection: Any, expert: Expert) -> None:
    expert.facets = marks_of(expert, expert.expert_class, expert.admissions or ())


@event.listens_for(Agency, "before_insert")
@event.listens_for(Agency, "before_update")
def _mark_agency(mapper: Mapper[Agency], connection: Any, agency: Agency) -> None:
    agency.facets = marks_of(agency, agency.agency_class, agency.offices or ())
