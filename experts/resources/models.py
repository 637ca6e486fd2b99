"""The table of institutions. Every row belongs to a centre, which keeps its own contacts."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from core.actor import Actor
from core.db import Base, new_id


class Institution(Base):
    """A public institution that can help a firm in a dispute abroad."""

    __tablename__ = "institution"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre whose directory it stands in
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: key, unique within the centre; the seed's own where it came from there
    ref: Mapped[str]
    #: name in Chinese
    name_zh: Mapped[str]
    #: name in English, "" when none is known
    name_en: Mapped[str] = mapped_column(default="")
    #: a key of :data:`experts.resources.kinds.KINDS`
    kind: Mapped[str]
    #: region of the taxonomy where it sits
    region: Mapped[str]
    #: city, "" when not told
    city: Mapped[str] = mapped_column(default="")
    #: public website
    url: Mapped[str] = mapped_column(default="")
    #: public telephone; "" when unknown, never a guess
    phone: Mapped[str] = mapped_column(default="")
    #: public e-mail address; "" when unknown
    email: Mapped[str] = mapped_column(default="")
    #: public address; "" when unknown
    address: Mapped[str] = mapped_column(default="")
    #: keys of :data:`experts.resources.kinds.SERVICES`
    services: Mapped[list[str]] = mapped_column(default=list)
    #: what it can do, in Chinese
    does_zh: Mapped[str] = mapped_column(default="")
    #: what it can do, in English
    does_en: Mapped[str] = mapped_column(default="")
    #: where this was read
    source: Mapped[str] = mapped_column(default="")
    #: the day somebody last compared it with its source; None while nobody has
    checked_on: Mapped[date | None]
    #: Actor.name of who did, or "seed"
    checked_by: Mapped[str] = mapped_column(default="")
    #: no longer shown
    is_retired: Mapped[bool] = mapped_column(default=False)
    #: staff changed it, so a newer seed leaves it alone
    is_edited: Mapped[bool] = mapped_column(default=False)
    #: counts up with every change
    version: Mapped[int] = mapped_column(default=1)
    #: when brought
    created_at: Mapped[datetime]
    #: when last changed
    updated_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("centre_id", "ref"),)

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[Institution]:
        """The whole directory for the centre's staff; for everybody else what is not retired."""
        query = select(cls)
        if actor.centre_id is not None:
            query = query.where(cls.centre_id == actor.centre_id)
        return query if actor.is_staff else query.where(cls.is_retired.is_(False))
