"""Official numbers (公报编号, 受理号): one locked sequence per centre, kind and year, without gaps in what was kept."""

from __future__ import annotations

import uuid

from sqlalchemy import ForeignKey, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db import Base


class NumberSequence(Base):
    """The last number given."""

    __tablename__ = "number_sequence"

    #: the centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"), primary_key=True)
    #: what is numbered, e.g. bulletin, consultation
    kind: Mapped[str] = mapped_column(primary_key=True)
    #: calendar year in the centre's zone
    year: Mapped[int] = mapped_column(primary_key=True)
    #: the last one
    last: Mapped[int]


def next_number(session: Session, centre_id: uuid.UUID, kind: str, year: int) -> int:
    """The next number of ``kind`` in ``year``, from 1. It is taken with the transaction: a rollback gives it back, and
    two transactions wait for each other, so no number is given twice or lost."""
    query = (
        select(NumberSequence)
        .where(
            NumberSequence.centre_id == centre_id, NumberSequence.kind == kind, NumberSequence.year == year
        )
        .with_for_update()
    )
    row = session.scalar(query)
    if row is None:
        try:
            with session.begin_nested():
                session.add(NumberSequence(centre_id=centre_id, kind=kind, year=year, last=0))
        except IntegrityError:
            # Another transaction began the year between our look and our claim; its row is locked next.
            pass
        row = session.scalars(query.execution_options(populate_existing=True)).one()
    row.last += 1
    session.flush()
    return row.last
