"""Tables of bulletins. A row of ``bulletin`` is one edition; the editions of one bulletin share series, number and slug.

What is printed stands in ``content`` alone. The real names of masked firms stand in ``names``, which no public page or
feed reads, so that a slip in a template cannot print one.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, event, false, inspect, or_, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Mapper, aliased, mapped_column, relationship

from core.actor import Actor, Permission, Role
from core.db import Base, BigId, new_id
from warning.bulletin_workflow import PUBLIC, BulletinState


class Bulletin(Base):
    """One edition of a risk bulletin (风险预警公报)."""

    __tablename__ = "bulletin"

    #: outside id of the edition
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the bulletin: the id of its first edition
    series_id: Mapped[uuid.UUID]
    #: 1, then one more for each correction
    edition: Mapped[int] = mapped_column(default=1)
    #: the centre that publishes it
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the case it was drafted from
    case_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("case.id", ondelete="SET NULL"), index=True)
    #: the claim of a draft made by schedule: weekly or monthly and the first day of its window
    draft_key: Mapped[str | None]
    #: draft, in_review, returned, approved, published, corrected, withdrawn, expired
    state: Mapped[str] = mapped_column(default=BulletinState.DRAFT.value)
    #: what is printed: see :mod:`warning.bulletin_draft`
    content: Mapped[dict[str, Any]]
    #: [{party, name, side, role, local, letter, disclosed, hidden}]: who is behind a masked name; staff only
    names: Mapped[list[Any]] = mapped_column(default=list)
    #: L0-L4 as decided by the drafter, repeated for lists
    level: Mapped[str]
    #: public, members, targeted: who may read it, repeated for lists
    scope: Mapped[str] = mapped_column(default="public")
    #: last day it is valid, repeated for the job that ends it
    valid_until: Mapped[date | None]
    #: why it corrects the edition before, {zh, en}; {} for the first edition
    correction: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: why it was withdrawn, {zh, en}; {} while it stands
    withdrawal: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Actor.name of everybody who wrote any of it, the drafter first
    authors: Mapped[list[str]]
    #: year and number, from the signing of the first edition
    year: Mapped[int | None]
    #: counts from 1 in a centre and year
    number: Mapped[int | None]
    #: the public address, e.g. main-2026-0001
    slug: Mapped[str | None]
    #: SHA-256 of what was signed
    content_sha256: Mapped[str | None]
    #: when signed and published
    published_at: Mapped[datetime | None]
    #: when it was superseded or withdrawn
    ended_at: Mapped[datetime | None]
    #: facts of the shipped sample
    is_sample: Mapped[bool] = mapped_column(default=False)
    #: counts up with every change
    version: Mapped[int] = mapped_column(default=1)
    #: when drafted
    created_at: Mapped[datetime]
    #: when last changed
    updated_at: Mapped[datetime]

    facets: Mapped[list[BulletinFacet]] = relationship(cascade="all, delete-orphan")
    acts: Mapped[list[BulletinAct]] = relationship(cascade="all, delete-orphan", order_by="BulletinAct.id")

    __table_args__ = (
        UniqueConstraint("series_id", "edition"),
        UniqueConstraint("slug", "edition"),
        UniqueConstraint("centre_id", "draft_key"),
        Index("ix_bulletin_desk", "centre_id", "state"),
        Index("ix_bulletin_published", "published_at"),
    )

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[Bulletin]:
        """The centre's for its staff: drafts and all. See :meth:`published_to` for what is read by others."""
        query = select(cls)
        if actor.system and actor.centre_id is None:
            return query
        if not actor.is_staff or not actor.may(Permission.BULLETIN_DRAFT):
            return query.where(false())
        return query.where(cls.centre_id == actor.centre_id)

    @classmethod
    def published_to(cls, actor: Actor) -> Select[Bulletin]:
        """Editions that were published and that the actor may read, of every centre, withdrawn ones too: those for
        everybody, those for members of the actor's own centre, and those the actor's firm was sent."""
        query = select(cls).where(cls.state.in_(PUBLIC))
        if actor.system and actor.centre_id is None:
            return query
        mine = [cls.scope == "public"]
        if actor.system or actor.roles & {Role.FIRM_MEMBER, Role.STAFF, Role.SIGNER}:
            mine.append((cls.scope == "members") & (cls.centre_id == actor.centre_id))
        if actor.is_staff:
            mine.append(cls.centre_id == actor.centre_id)
        if actor.firm_id is not None:
            edition = aliased(cls)
            sent = (
                select(edition.series_id)
                .join(BulletinReceipt, BulletinReceipt.bulletin_id == edition.id)
                .where(BulletinReceipt.firm_id == actor.firm_id)
            )
            mine.append(cls.series_id.in_(sent))
        return query.where(or_(*mine))


class BulletinFacet(Base):
    """What a bulletin can be found by."""

    __tablename__ = "bulletin_facet"

    #: the edition
    bulletin_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("bulletin.id", ondelete="CASCADE"), primary_key=True
    )
    #: region or industry
    kind: Mapped[str] = mapped_column(primary_key=True)
    #: taxonomy id or code
    value: Mapped[str] = mapped_column(primary_key=True)

    __table_args__ = (Index("ix_bulletin_facet_value", "kind", "value"),)


class BulletinAct(Base):
    """Who did what to an edition: what the desk shows. The audit has it too, without the note."""

    __tablename__ = "bulletin_act"

    #: order of happening
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: the edition
    bulletin_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bulletin.id", ondelete="CASCADE"), index=True)
    #: when
    at: Mapped[datetime]
    #: Actor.name
    actor: Mapped[str]
    #: the workflow's step, or draft, correct
    step: Mapped[str]
    #: what they wrote, e.g. why it was returned
    note: Mapped[str] = mapped_column(default="")
    #: what was declared with it, as :func:`warning.bulletin_checks.as_kept` says; none for other steps
    details: Mapped[dict[str, Any] | None]


class BulletinOffice(Base):
    """How a centre prints what it signs. A centre without a row prints the plain form."""

    __tablename__ = "bulletin_office"

    #: the centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"), primary_key=True)
    #: whether its documents may carry the red head (红头)
    has_red_head: Mapped[bool]
    #: the issuing body's mark over the red line, in Chinese
    mark_zh: Mapped[str]
    #: the same in English
    mark_en: Mapped[str]
    #: counts up with every change
    version: Mapped[int]
    #: Actor.name of who changed it last
    changed_by: Mapped[str]
    #: when
    changed_at: Mapped[datetime]


class BulletinReceipt(Base):
    """That a firm was sent an edition, and when it read it on the pages."""

    __tablename__ = "bulletin_receipt"

    #: the edition
    bulletin_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("bulletin.id", ondelete="CASCADE"), primary_key=True
    )
    #: the firm
    firm_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("firm.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    #: its centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: [{kind, value}]: industry, region, named, before; nothing of what the firm watches
    why: Mapped[list[Any]]
    #: whether a watch profile of the firm asks for it; the firm's own affair
    by_watch: Mapped[bool]
    #: whether nothing but a watch profile leads to the firm, so that staff do not see which one it is
    is_private: Mapped[bool]
    #: Actor.name of who sent it
    sent_by: Mapped[str]
    #: when
    sent_at: Mapped[datetime]
    #: when somebody of the firm first opened it
    read_at: Mapped[datetime | None]

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[BulletinReceipt]:
        """The centre's for staff, but not those that tell what a firm watches; one's own for a firm member."""
        query = select(cls)
        if actor.system and actor.centre_id is None:
            return query
        query = query.where(cls.centre_id == actor.centre_id)
        if actor.is_staff and actor.may(Permission.BULLETIN_DRAFT):
            return query if actor.system else query.where(cls.is_private.is_(False))
        return query.where(cls.firm_id == actor.firm_id) if actor.firm_id else query.where(false())


#: what signing fixes
FROZEN = (
    "series_id",
    "edition",
    "centre_id",
    "content",
    "names",
    "level",
    "scope",
    "valid_until",
    "correction",
    "authors",
    "year",
    "number",
    "slug",
    "content_sha256",
    "published_at",
)


@event.listens_for(Bulletin, "before_update")
def refuse_change_of_what_was_signed(
    mapper: Mapper[Bulletin], connection: Connection, target: Bulletin
) -> None:
    """The last wall behind the services: what was signed is never written again, whoever asks."""
    history = inspect(target).attrs
    before = history.published_at.history
    was_signed = bool(before.deleted[0] if before.deleted else target.published_at and not before.added)
    if was_signed and (changed := [name for name in FROZEN if history[name].history.has_changes()]):
        raise RuntimeError(f"bulletin {target.id} was signed; {', '.join(changed)} cannot change")
