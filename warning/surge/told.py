"""What firms were told of signals: the firm's own list, how many for the staff, and what is taken back."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import NotFound
from core.paging import Page, decode_cursor, encode_cursor, id_in_cursor
from core.said import said
from notify.sending import mark_read
from notify.topics import SURGE, SURGE_CORRECTED
from warning.models import ALERT_WORKFLOW, AlertState
from warning.surge.signal_models import SignalReview, SignalState, SurgeSignal
from warning.surge.told_models import SignalAlert


@dataclass(frozen=True)
class Telling:
    """One telling by a centre's staff: when, by whom, how many profiles and firms, how many have read it or were told
    that it was taken back."""

    at: datetime
    by: str
    level: str
    profiles: int
    firms: int
    read: int
    corrected: int


def list_signal_alerts(
    session: Session,
    actor: Actor,
    *,
    unread_only: bool = False,
    cursor: str | None = None,
    limit: int = 30,
) -> Page[SignalAlert]:
    """What the actor's firm was told of signals, newest first. Raises BadInput on a bad cursor."""
    query = SignalAlert.visible_to(actor).order_by(SignalAlert.id.desc()).limit(limit + 1)
    if unread_only:
        query = query.where(SignalAlert.state == AlertState.UNREAD.value)
    if cursor:
        (after,) = decode_cursor(cursor, 1)
        query = query.where(SignalAlert.id < id_in_cursor(after))
    rows = list(session.scalars(query))
    more = encode_cursor([str(rows[limit - 1].id)]) if len(rows) > limit else None
    return Page(rows[:limit], more)


def count_unread_signals(session: Session, actor: Actor) -> int:
    """How many the actor's firm has not read."""
    unread = SignalAlert.visible_to(actor).where(SignalAlert.state == AlertState.UNREAD.value).subquery()
    return session.scalar(select(func.count()).select_from(unread)) or 0


def get_signal_alert(session: Session, actor: Actor, alert_id: uuid.UUID) -> SignalAlert:
    """The alert. Raises NotFound when the actor may not know of it."""
    alert = session.scalar(SignalAlert.visible_to(actor).where(SignalAlert.id == alert_id))
    if alert is None:
        raise NotFound(said("There is no such alert for you."))
    return alert


def mark_signal_alert(
    session: Session, clock: Clock, actor: Actor, alert_id: uuid.UUID, step: str
) -> SignalAlert:
    """Take a step (read, unread) on one's own alert. Raises NotFound, NotAllowed, TransitionRefused."""
    alert = get_signal_alert(session, actor, alert_id)
    alert.state = ALERT_WORKFLOW.take(step, alert.state, actor)
    if step == "read":
        alert.read_at = alert.read_at or clock.now()
        for topic in (SURGE, SURGE_CORRECTED):
            mark_read(session, clock, topic.kind, alert.firm_id, alert.id)
    audit.record(session, clock, actor, f"signal_alert.{step}", "signal_alert", alert.id)
    return alert


def signals_behind(session: Session, alerts: Sequence[SignalAlert]) -> dict[uuid.UUID, SurgeSignal]:
    """The signal of each alert, by the signal's id."""
    ids = {alert.signal_id for alert in alerts}
    return {one.id: one for one in session.scalars(select(SurgeSignal).where(SurgeSignal.id.in_(ids)))}


def state_at(session: Session, centre_id: uuid.UUID, signal_id: uuid.UUID) -> str:
    """What the centre makes of a signal now (:class:`SignalState`)."""
    review = session.get(SignalReview, (signal_id, centre_id))
    return review.state if review else SignalState.RAISED.value


def tellings_of(session: Session, actor: Actor, signal: SurgeSignal) -> list[Telling]:
    """How often the actor's centre told of a signal, the newest first, in numbers alone. Nothing for who does not decide."""
    if not actor.may(Permission.SIGNAL_DECIDE):
        return []
    rows = session.execute(
        select(
            SignalAlert.raised_at,
            SignalAlert.told_by,
            SignalAlert.level,
            func.count(),
            func.count(SignalAlert.firm_id.distinct()),
            func.count(SignalAlert.read_at),
            func.count(SignalAlert.corrected_at),
        )
        .where(SignalAlert.signal_id == signal.id, SignalAlert.centre_id == actor.centre_id)
        .group_by(SignalAlert.raised_at, SignalAlert.told_by, SignalAlert.level)
        .order_by(SignalAlert.raised_at.desc())
    )
    return [Telling(*row) for row in rows]


def take_back(
    session: Session, clock: Clock, centre_id: uuid.UUID, signal_id: uuid.UUID
) -> list[SignalAlert]:
    """Note that the centre no longer stands by what it told of a signal; returns what was not taken back before."""
    rows = session.scalars(
        select(SignalAlert)
        .where(
            SignalAlert.signal_id == signal_id,
            SignalAlert.centre_id == centre_id,
            SignalAlert.corrected_at.is_(None),
        )
        .order_by(SignalAlert.id)
        .with_for_update()
    ).all()
    for alert in rows:
        alert.corrected_at = clock.now()
    session.flush()
    return list(rows)
