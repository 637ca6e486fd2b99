"""Centres: the bodies that run Seamark. Every private row carries a centre; cases and public evidence are shared."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db import Base, new_id
from core.errors import NotFound


class Centre(Base):
    """An IP-protection centre."""

    __tablename__ = "centre"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: short key in numbers and file names
    slug: Mapped[str] = mapped_column(unique=True)
    #: name in Chinese
    zh: Mapped[str]
    #: name in English
    en: Mapped[str]
    #: IANA zone of its working day
    zone: Mapped[str] = mapped_column(default="Asia/Shanghai")


def seed_centre(session: Session, *, slug: str, zh: str, en: str) -> Centre:
    """The centre called ``slug``, made when it is not there yet."""
    centre = session.scalar(select(Centre).where(Centre.slug == slug))
    if centre is None:
        centre = Centre(slug=slug, zh=zh, en=en)
        session.add(centre)
        session.flush()
    return centre


def first_centre(session: Session) -> Centre:
    """The centre of a one-centre installation (the oldest). Raises NotFound on an empty store."""
    centre = session.scalar(select(Centre).order_by(Centre.id).limit(1))
    if centre is None:
        raise NotFound("This store has no centre yet.", fix="Run `seamark db upgrade`.")
    return centre
