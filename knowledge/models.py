"""Tables of knowledge: who reviewed what is shown."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, new_id


class ItemReview(Base):
    """A named practitioner's signature under one version of a first-hours item. Public, as the item is."""

    __tablename__ = "item_review"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre that recorded it
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the item
    item_id: Mapped[str]
    #: the version that was reviewed; a newer one is unreviewed again
    item_version: Mapped[int]
    #: SHA-256 of the item's words and basis as reviewed
    item_sha256: Mapped[str]
    #: the reviewer's name, shown
    reviewer: Mapped[str]
    #: where and as what they are admitted, shown
    qualification: Mapped[str]
    #: Actor.name of the member of staff who recorded it
    recorded_by: Mapped[str]
    #: when signed
    signed_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("centre_id", "item_id", "item_version"),)
