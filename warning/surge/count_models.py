"""What was counted, and from when until when: rows are closed and never rewritten, so that any day can be counted again
as it was known."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, BigId


class CountedCase(Base):
    """A public case as it counted during one stretch of time. Its marks say in which series it counts."""

    __tablename__ = "counted_case"

    #: order of writing
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: the case; no foreign key, for what was counted stays counted when a case is deleted
    case_id: Mapped[uuid.UUID]
    #: the day it began: filing date, else its first dated event, else the day it was first counted
    event_on: Mapped[date]
    #: the day it was first counted, by the calendar of the centres; the same in all its rows
    reported_on: Mapped[date]
    #: it counts from this instant on
    known_from: Mapped[datetime]
    #: and up to this one, which no longer counts; none: it counts now
    known_until: Mapped[datetime | None]

    marks: Mapped[list[CountMark]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    __table_args__ = (
        Index(
            "uq_counted_case_open",
            "case_id",
            unique=True,
            sqlite_where=text("known_until IS NULL"),
            postgresql_where=text("known_until IS NULL"),
        ),
        Index("ix_counted_case_event", "event_on"),
        Index("ix_counted_case_reported", "reported_on"),
    )


class CountMark(Base):
    """One series in which a counted case counts."""

    __tablename__ = "count_mark"

    #: the counted case
    counted_id: Mapped[int] = mapped_column(
        ForeignKey("counted_case.id", ondelete="CASCADE"), primary_key=True
    )
    #: all, region, industry, cell (region|industry), dispute_type, forum, plaintiff
    kind: Mapped[str] = mapped_column(primary_key=True)
    #: code, taxonomy id or party key; "" for all
    value: Mapped[str] = mapped_column(primary_key=True)

    __table_args__ = (Index("ix_count_mark_series", "kind", "value"),)
