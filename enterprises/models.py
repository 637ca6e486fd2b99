"""Tables of the firm register. Every row belongs to a centre."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, false, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.actor import Actor, Permission
from core.db import Base, new_id


class NameKind(StrEnum):
    """What a name is to its firm."""

    LEGAL_ZH = "legal_zh"
    LEGAL_EN = "legal_en"
    PINYIN = "pinyin"
    BRAND = "brand"
    FORMER = "former"
    SUBSIDIARY = "subsidiary"
    SHOP = "shop"


class Station(Base):
    """A station (工作站) in a district or a park that looks after firms of the register."""

    __tablename__ = "station"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre it belongs to
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: its name, unique in the centre
    name: Mapped[str]
    #: False once closed: its people act for no firm any more
    is_active: Mapped[bool] = mapped_column(default=True)
    #: counts up with every change
    version: Mapped[int] = mapped_column(default=1)
    #: when entered
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("centre_id", "name"),)

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[Station]:
        """The centre's for staff, one's own for somebody of a station or of a firm it looks after."""
        query = select(cls)
        if actor.system and actor.centre_id is None:
            return query
        query = query.where(cls.centre_id == actor.centre_id)
        if actor.is_staff and actor.may(Permission.FIRM_WRITE):
            return query
        if actor.may(Permission.STATION_ACT):
            return query.where(cls.id == actor.station_id)
        of_firm = select(Firm.station_id).where(Firm.id == actor.firm_id)
        return query.where(cls.id.in_(of_firm)) if actor.firm_id else query.where(false())


class Firm(Base):
    """A firm the centre serves."""

    __tablename__ = "firm"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre whose register it stands in
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the importer's key for it, unique in the centre
    ref: Mapped[str]
    #: Chinese legal name
    name_zh: Mapped[str]
    #: English name, when it has one
    name_en: Mapped[str] = mapped_column(default="")
    #: taxonomy industry ids
    industries: Mapped[list[str]] = mapped_column(default=list)
    #: whether it is of the centre's own city
    is_local: Mapped[bool] = mapped_column(default=True)
    #: the station that looks after it
    station_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("station.id", ondelete="SET NULL"), index=True
    )
    #: counts up with every change
    version: Mapped[int] = mapped_column(default=1)
    #: when registered
    created_at: Mapped[datetime]
    #: when last changed
    updated_at: Mapped[datetime]

    names: Mapped[list[FirmName]] = relationship(
        back_populates="firm", cascade="all, delete-orphan", order_by="FirmName.kind, FirmName.name"
    )
    others: Mapped[list[OtherFirm]] = relationship(
        back_populates="firm", cascade="all, delete-orphan", order_by="OtherFirm.noted_at, OtherFirm.id"
    )

    __table_args__ = (UniqueConstraint("centre_id", "ref"), Index("ix_firm_centre", "centre_id", "name_zh"))

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[Firm]:
        """The centre's firms for staff, one's own for a firm member, none for anybody else."""
        query = select(cls)
        if actor.system and actor.centre_id is None:
            return query
        if not actor.may(Permission.FIRM_READ):
            return query.where(false())
        query = query.where(cls.centre_id == actor.centre_id)
        return query if actor.is_staff else query.where(cls.id == actor.firm_id)


class FirmName(Base):
    """A name a firm is known by, with where and since when we know it."""

    __tablename__ = "firm_name"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the firm
    firm_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"))
    #: the name
    name: Mapped[str]
    #: legal_zh, legal_en, pinyin, brand, former, subsidiary, shop
    kind: Mapped[str]
    #: who says so
    source: Mapped[str] = mapped_column(default="")
    #: known since
    since: Mapped[date | None]
    #: the day from which no new case is compared with it; None while it is
    retired_on: Mapped[date | None]
    #: why it was retired
    retired_because: Mapped[str] = mapped_column(default="")

    firm: Mapped[Firm] = relationship(back_populates="names")

    __table_args__ = (UniqueConstraint("firm_id", "name", "kind"),)


class OtherFirm(Base):
    """A name that a person said is somebody else's, though it is like the firm's: never matched with it again."""

    __tablename__ = "other_firm"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the firm it is not
    firm_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"))
    #: the name, as a source printed it
    name: Mapped[str]
    #: where it was met, or who says so
    source: Mapped[str] = mapped_column(default="")
    #: when the person said so
    noted_at: Mapped[datetime]

    firm: Mapped[Firm] = relationship(back_populates="others")

    __table_args__ = (UniqueConstraint("firm_id", "name"),)
