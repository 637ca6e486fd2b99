"""What a firm was told, of cases and of signals, in one list: both in order of time, their ids begin with it."""

from __future__ import annotations

import uuid

from sqlalchemy.orm import Session

from core.actor import Actor
from core.paging import Page, encode_cursor
from warning.alerts import count_unread, list_alerts
from warning.models import Alert
from warning.surge.told import count_unread_signals, list_signal_alerts
from warning.surge.told_models import SignalAlert


def list_told(
    session: Session,
    actor: Actor,
    *,
    unread_only: bool = False,
    answer: str = "",
    cursor: str | None = None,
    limit: int = 30,
) -> Page[Alert | SignalAlert]:
    """The actor's alerts, newest first; with ``answer`` those of cases that stand at it. Raises BadInput on a bad cursor."""
    of_cases = list_alerts(session, actor, unread_only=unread_only, answer=answer, cursor=cursor, limit=limit)
    if answer:
        return Page(list(of_cases.rows), of_cases.next_cursor)
    of_signals = list_signal_alerts(session, actor, unread_only=unread_only, cursor=cursor, limit=limit)
    rows: list[Alert | SignalAlert] = sorted(
        [*of_cases.rows, *of_signals.rows], key=lambda row: row.id, reverse=True
    )
    goes_on = len(rows) > limit or of_cases.next_cursor or of_signals.next_cursor
    return Page(rows[:limit], encode_cursor([str(rows[limit - 1].id)]) if goes_on else None)


def count_unread_told(session: Session, actor: Actor) -> int:
    """How many of both the actor has not read."""
    return count_unread(session, actor) + count_unread_signals(session, actor)


def case_ids(page: Page[Alert | SignalAlert]) -> list[uuid.UUID]:
    """The cases that rows of a page are about."""
    return [row.case_id for row in page.rows if isinstance(row, Alert)]
