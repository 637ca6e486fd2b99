"""Lists of cases straight from SQL: the newest for the home page, and what is shown while the index is away."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from cases.models import Case, CaseEvent, CaseStatus
from core.actor import Actor
from core.paging import Page, bad_cursor, decode_cursor, encode_cursor, id_in_cursor

_LONG_AGO = date(1, 1, 1)


def after_case(query: Select[Case], cursor: str) -> Select[Case]:
    """``query`` (ordered by latest_on, id, both descending) from the case after ``cursor``. Raises BadInput."""
    on, case_id = decode_cursor(cursor, 2)
    try:
        last_on, last_id = date.fromisoformat(str(on)), id_in_cursor(case_id)
    except ValueError as error:
        raise bad_cursor() from error
    day = func.coalesce(Case.latest_on, _LONG_AGO)
    return query.where((day < last_on) | ((day == last_on) & (Case.id < last_id)))


def cursor_of(case: Case) -> str:
    """The mark of a case in such a list."""
    return encode_cursor([(case.latest_on or _LONG_AGO).isoformat(), str(case.id)])


def newest_cases(session: Session, actor: Actor, *, cursor: str | None = None, limit: int = 20) -> Page[Case]:
    """Public cases by their newest date. Raises BadInput on a bad cursor."""
    query = (
        Case.visible_to(actor)
        .where(Case.status == CaseStatus.PUBLIC.value)
        .options(selectinload(Case.parties), selectinload(Case.tags))
        .order_by(func.coalesce(Case.latest_on, _LONG_AGO).desc(), Case.id.desc())
        .limit(limit + 1)
    )
    if cursor:
        query = after_case(query, cursor)
    rows = list(session.scalars(query))
    return Page(rows[:limit], cursor_of(rows[limit - 1]) if len(rows) > limit else None)


def holds_sample(session: Session) -> bool:
    """Whether any case is of the shipped sample."""
    return session.scalar(select(Case.id).where(Case.is_sample).limit(1)) is not None


def events_of(session: Session, case_id: uuid.UUID, *, limit: int) -> tuple[list[CaseEvent], int]:
    """The newest ``limit`` events of a case and how many there are; undated ones come last."""
    query = select(CaseEvent).where(CaseEvent.case_id == case_id)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(func.coalesce(CaseEvent.on, _LONG_AGO).desc(), CaseEvent.id.desc())
    return list(session.scalars(ordered.limit(limit))), total
