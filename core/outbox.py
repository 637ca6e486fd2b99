"""The outbox: what happened, written in the change's own transaction, delivered to each consumer in order.

A handler runs inside the transaction that marks its rows done, so what it writes to SQL happens exactly once and what
it writes elsewhere (an index) happens at least once. Rows of one key reach one consumer in order; a row that keeps
failing is poisoned and blocks only its key and consumer until somebody retries or skips it with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import ForeignKey, Index, and_, func, insert, select, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from core.clock import Clock
from core.db import Base, BigId, Database
from core.errors import BadInput, SeamarkError

log = structlog.get_logger(__name__)

#: a row that failed this often is poisoned
MAX_ATTEMPTS = 5


class DeliveryState(StrEnum):
    """Where one row stands with one consumer."""

    PENDING = "pending"
    DONE = "done"
    POISONED = "poisoned"
    SKIPPED = "skipped"


class OutboxRow(Base):
    """Something that happened."""

    __tablename__ = "outbox"

    #: order of happening
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: what happened, e.g. case.recorded
    topic: Mapped[str]
    #: rows of one key stay in order (the case's id)
    key: Mapped[str] = mapped_column(index=True)
    #: ids and field names; never personal values
    payload: Mapped[dict[str, Any]]
    #: when
    at: Mapped[datetime]


class Delivery(Base):
    """One row on its way to one consumer."""

    __tablename__ = "outbox_delivery"

    #: the row
    outbox_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True
    )
    #: to whom
    consumer: Mapped[str] = mapped_column(primary_key=True)
    #: the row's key, repeated so that order can be kept without a join
    key: Mapped[str]
    #: pending, done, poisoned, skipped
    state: Mapped[str] = mapped_column(default=DeliveryState.PENDING.value)
    #: failures so far
    attempts: Mapped[int] = mapped_column(default=0)
    #: not before this instant
    due_at: Mapped[datetime | None]
    #: the last failure, or the reason of a skip
    note: Mapped[str | None]

    __table_args__ = (
        Index("ix_outbox_delivery_queue", "consumer", "state", "outbox_id"),
        Index("ix_outbox_delivery_key", "consumer", "key", "state", "outbox_id"),
    )


@dataclass(frozen=True)
class Message:
    """A row as a handler sees it."""

    id: int
    topic: str
    key: str
    payload: dict[str, Any]


Handler = Callable[[Session, Sequence[Message]], None]


@dataclass(frozen=True)
class Consumer:
    """Somebody who wants to know. ``handler`` is idempotent and takes a batch in order."""

    name: str
    topics: frozenset[str]
    handler: Handler
    batch: int = 200


@dataclass
class Subscriptions:
    """Who wants which topics; filled by the composition root, carried by every session."""

    consumers: list[Consumer] = field(default_factory=list)
    #: called with the session before each batch: what a process keeps in memory is brought up to date
    before: Callable[[Session], None] = lambda session: None

    def add(self, consumer: Consumer) -> None:
        """Register ``consumer``; its name must be new."""
        if any(known.name == consumer.name for known in self.consumers):
            raise ValueError(f"two consumers are called {consumer.name}")
        self.consumers.append(consumer)

    def wanting(self, topic: str) -> list[str]:
        """Names of the consumers of ``topic``."""
        return [consumer.name for consumer in self.consumers if topic in consumer.topics]


def emit(session: Session, topic: str, key: str, payload: dict[str, Any], clock: Clock) -> None:
    """Write down that ``topic`` happened to ``key`` in this session's transaction."""
    row = OutboxRow(topic=topic, key=key, payload=payload, at=clock.now())
    session.add(row)
    session.flush()
    subscriptions: Subscriptions = session.info.get("subscriptions", Subscriptions())
    deliveries = [
        {
            "outbox_id": row.id,
            "consumer": name,
            "key": key,
            "state": DeliveryState.PENDING.value,
            "attempts": 0,
        }
        for name in subscriptions.wanting(topic)
    ]
    if deliveries:
        session.execute(insert(Delivery), deliveries)


@dataclass(frozen=True)
class DrainReport:
    """What a drain did: rows done, failed (to be tried again) and poisoned."""

    done: int = 0
    failed: int = 0
    poisoned: int = 0

    def __add__(self, other: DrainReport) -> DrainReport:
        return DrainReport(self.done + other.done, self.failed + other.failed, self.poisoned + other.poisoned)


def _take(session: Session, consumer: str, now: datetime, limit: int) -> list[Delivery]:
    """Lock up to ``limit`` rows whose key has nothing older unfinished outside this batch."""
    older = aliased(Delivery)
    waiting = Delivery.state == DeliveryState.PENDING.value
    blocked = (
        select(older.outbox_id)
        .where(
            older.consumer == consumer,
            older.key == Delivery.key,
            older.outbox_id < Delivery.outbox_id,
            (older.state == DeliveryState.POISONED.value)
            | and_(older.state == DeliveryState.PENDING.value, older.due_at > now),
        )
        .exists()
    )
    rows = list(
        session.scalars(
            select(Delivery)
            .where(
                Delivery.consumer == consumer, waiting, (Delivery.due_at.is_(None)) | (Delivery.due_at <= now)
            )
            .where(~blocked)
            .order_by(Delivery.outbox_id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )
    if session.get_bind().dialect.name == "sqlite":
        return rows
    mine = {row.outbox_id for row in rows}
    # Another worker may hold an older row of the same key, in front of mine or between them; taking the younger one now
    # would break the order. It may also let go of it undelivered, so that nothing but the state counts.
    unfinished = session.execute(
        select(Delivery.key, Delivery.outbox_id)
        .where(Delivery.consumer == consumer, waiting, Delivery.key.in_({row.key for row in rows}))
        .where(Delivery.outbox_id <= max(mine, default=0))
    )
    first_of_others: dict[str, int] = {}
    for key, outbox_id in unfinished:
        if outbox_id not in mine:
            first_of_others[key] = min(outbox_id, first_of_others.get(key, outbox_id))
    return [row for row in rows if row.outbox_id < first_of_others.get(row.key, row.outbox_id + 1)]


def _messages(session: Session, rows: Sequence[Delivery]) -> list[Message]:
    found = session.scalars(select(OutboxRow).where(OutboxRow.id.in_([row.outbox_id for row in rows])))
    by_id = {row.id: row for row in found}
    return [Message(r.outbox_id, by_id[r.outbox_id].topic, r.key, by_id[r.outbox_id].payload) for r in rows]


def _deliver(database: Database, consumer: Consumer, clock: Clock, limit: int) -> int:
    with database.write() as session:
        rows = _take(session, consumer.name, clock.now(), limit)
        if not rows:
            return 0
        subscriptions: Subscriptions = session.info.get("subscriptions", Subscriptions())
        subscriptions.before(session)
        consumer.handler(session, _messages(session, rows))
        for row in rows:
            row.state = DeliveryState.DONE.value
            row.note = None
        return len(rows)


def _note_failure(database: Database, consumer: str, clock: Clock, error: Exception) -> DrainReport:
    """Mark the first waiting row as failed; it was alone in its batch."""
    with database.write() as session:
        rows = _take(session, consumer, clock.now(), 1)
        if not rows:
            return DrainReport()
        row = rows[0]
        row.attempts += 1
        row.note = f"{type(error).__name__}: {error}"[:500]
        if row.attempts >= MAX_ATTEMPTS:
            row.state = DeliveryState.POISONED.value
            log.error(
                "delivery_poisoned", consumer=consumer, outbox_id=row.outbox_id, key=row.key, error=row.note
            )
            return DrainReport(poisoned=1)
        row.due_at = clock.now() + timedelta(seconds=2**row.attempts)
        log.warning(
            "delivery_failed", consumer=consumer, outbox_id=row.outbox_id, key=row.key, error=row.note
        )
        return DrainReport(failed=1)


def drain_consumer(database: Database, consumer: Consumer, clock: Clock) -> DrainReport:
    """Deliver one batch to ``consumer``; when the batch fails, its rows are tried one by one.

    Raises:
        SeamarkError: what the handler raised when the whole consumer cannot work now (status 503: an index away,
            a store busy); nothing is counted against the rows.
    """
    try:
        return DrainReport(done=_deliver(database, consumer, clock, consumer.batch))
    except SeamarkError as error:
        if error.status in (503, 507):
            raise
    except Exception:
        log.exception("batch_failed", consumer=consumer.name)
    try:
        return DrainReport(done=_deliver(database, consumer, clock, 1))
    except SeamarkError as error:
        if error.status in (503, 507):
            raise
        return _note_failure(database, consumer.name, clock, error)
    except Exception as error:
        return _note_failure(database, consumer.name, clock, error)


def drain(database: Database, subscriptions: Subscriptions, clock: Clock) -> DrainReport:
    """Deliver until nothing is waiting (rows put off by a failure stay for later).

    Raises:
        SeamarkError: what a consumer raised that cannot work now (status 503 or 507), after everybody else has had
            all of theirs; its rows wait.
    """
    total = DrainReport()
    away: dict[str, SeamarkError] = {}
    while True:
        round_total = DrainReport()
        for consumer in subscriptions.consumers:
            if consumer.name in away:
                continue
            try:
                round_total += drain_consumer(database, consumer, clock)
            except SeamarkError as error:
                away[consumer.name] = error
        total += round_total
        if round_total == DrainReport():
            break
    if away:
        raise next(iter(away.values()))
    return total


def backlog(session: Session) -> dict[str, dict[str, int]]:
    """Rows not done, per consumer and state: ``{"index": {"pending": 3}}``."""
    counts: dict[str, dict[str, int]] = {}
    query = (
        select(Delivery.consumer, Delivery.state, func.count())
        .where(Delivery.state.in_([DeliveryState.PENDING.value, DeliveryState.POISONED.value]))
        .group_by(Delivery.consumer, Delivery.state)
    )
    for consumer, state, count in session.execute(query):
        counts.setdefault(consumer, {})[state] = count
    return counts


def retry_poisoned(session: Session, consumer: str, outbox_id: int) -> None:
    """Give a poisoned row another :data:`MAX_ATTEMPTS` tries. Raises BadInput when it is not poisoned."""
    _resolve(session, consumer, outbox_id, DeliveryState.PENDING, None)


def skip_poisoned(session: Session, consumer: str, outbox_id: int, reason: str) -> None:
    """Let a poisoned row go, so that its key moves on. ``reason`` must not be empty."""
    if not reason.strip():
        raise BadInput("A skip needs a reason.", fix="Say why this row may be left out.")
    _resolve(session, consumer, outbox_id, DeliveryState.SKIPPED, reason.strip())


def _resolve(session: Session, consumer: str, outbox_id: int, state: DeliveryState, note: str | None) -> None:
    done = session.execute(
        update(Delivery)
        .where(
            Delivery.consumer == consumer,
            Delivery.outbox_id == outbox_id,
            Delivery.state == DeliveryState.POISONED.value,
        )
        .values(state=state.value, attempts=0, due_at=None, note=note)
        .returning(Delivery.outbox_id)
    ).all()
    if not done:
        raise BadInput(
            f"Row {outbox_id} of {consumer} is not poisoned.",
            fix="List them with `seamark drain --poisoned`.",
        )


def poisoned(session: Session) -> list[Delivery]:
    """Rows that keep failing, oldest first."""
    query = (
        select(Delivery).where(Delivery.state == DeliveryState.POISONED.value).order_by(Delivery.outbox_id)
    )
    return list(session.scalars(query))
