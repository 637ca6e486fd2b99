"""The outbox on both databases: order, isolation of a poisoned row, nothing delivered twice to SQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import outbox
from core.clock import FixedClock
from core.db import Base, Database
from core.errors import BadInput, IndexNotReady
from core.outbox import Consumer, Delivery, Message, Subscriptions


class World:
    """A database with one consumer that writes down what it gets and fails on the keys it is told to."""

    def __init__(self, url: str) -> None:
        self.subscriptions = Subscriptions()
        self.database = Database(url, info={"subscriptions": self.subscriptions})
        Base.metadata.create_all(self.database.engine)
        self.clock = FixedClock(datetime(2026, 1, 5, tzinfo=UTC))
        self.seen: list[tuple[str, int]] = []
        self.failing: set[str] = set()
        self.subscriptions.add(Consumer("reader", frozenset({"thing.happened"}), self.read, batch=4))

    def read(self, session: Session, messages: Sequence[Message]) -> None:
        for message in messages:
            if message.key in self.failing:
                raise ValueError(f"cannot read {message.key}")
        self.seen += [(m.key, m.payload["n"]) for m in messages]

    def happen(self, key: str, n: int) -> None:
        with self.database.write() as session:
            outbox.emit(session, "thing.happened", key, {"n": n}, self.clock)

    def drain(self) -> outbox.DrainReport:
        return outbox.drain(self.database, self.subscriptions, self.clock)


@pytest.fixture
def world(each_database_url: str) -> Iterator[World]:
    world = World(each_database_url)
    yield world
    world.database.dispose()


def test_a_row_reaches_its_consumer_once(world: World) -> None:
    world.happen("a", 1)
    world.drain()
    world.drain()
    assert world.seen == [("a", 1)]


def test_a_rolled_back_change_tells_nobody(world: World) -> None:
    with pytest.raises(RuntimeError), world.database.write() as session:
        outbox.emit(session, "thing.happened", "a", {"n": 1}, world.clock)
        raise RuntimeError("the change failed")
    world.drain()
    assert world.seen == []


def test_a_failing_key_holds_back_its_own_later_rows_and_no_others(world: World) -> None:
    world.failing = {"bad"}
    for n, key in enumerate(["bad", "good", "bad", "good"]):
        world.happen(key, n)
    for _ in range(20):
        world.drain()
        world.clock.advance(timedelta(hours=1))
    assert world.seen == [("good", 1), ("good", 3)]
    with world.database.read() as session:
        assert outbox.backlog(session) == {"reader": {"poisoned": 1, "pending": 1}}


def test_a_poisoned_row_goes_on_in_order_after_a_retry(world: World) -> None:
    world.failing = {"bad"}
    world.happen("bad", 1)
    world.happen("bad", 2)
    for _ in range(10):
        world.drain()
        world.clock.advance(timedelta(hours=1))
    with world.database.read() as session:
        row = outbox.poisoned(session)[0]
    world.failing = set()
    with world.database.write() as session:
        outbox.retry_poisoned(session, "reader", row.outbox_id)
    world.drain()
    assert world.seen == [("bad", 1), ("bad", 2)]


def test_a_skipped_row_lets_its_key_move_on_and_keeps_the_reason(world: World) -> None:
    world.failing = {"bad"}
    world.happen("bad", 1)
    for _ in range(10):
        world.drain()
        world.clock.advance(timedelta(hours=1))
    world.failing = set()
    world.happen("bad", 2)
    with world.database.write() as session:
        row = outbox.poisoned(session)[0]
        outbox.skip_poisoned(session, "reader", row.outbox_id, "a test row")
    world.drain()
    assert world.seen == [("bad", 2)]
    with world.database.read() as session:
        assert session.scalar(select(Delivery.note).where(Delivery.state == "skipped")) == "a test row"


def test_a_skip_without_a_reason_is_refused(world: World) -> None:
    with pytest.raises(BadInput), world.database.write() as session:
        outbox.skip_poisoned(session, "reader", 1, "  ")


def test_a_consumer_that_cannot_work_now_counts_nothing_against_its_rows(world: World) -> None:
    def away(session: Session, messages: Sequence[Message]) -> None:
        raise IndexNotReady("the index is away")

    world.subscriptions.add(Consumer("index", frozenset({"thing.happened"}), away))
    world.happen("a", 1)
    with pytest.raises(IndexNotReady):
        world.drain()
    with world.database.read() as session:
        row = session.scalars(select(Delivery).where(Delivery.consumer == "index")).one()
        assert (row.state, row.attempts) == ("pending", 0)


def test_two_workers_at_once_deliver_each_row_once_and_keys_in_order(world: World) -> None:
    lock = threading.Lock()
    seen: list[tuple[str, int]] = []

    def read(session: Session, messages: Sequence[Message]) -> None:
        with lock:
            seen.extend((m.key, m.payload["n"]) for m in messages)

    world.subscriptions.consumers[:] = [Consumer("reader", frozenset({"thing.happened"}), read, batch=7)]
    for n in range(200):
        world.happen(f"k{n % 13}", n)
    workers = [threading.Thread(target=world.drain) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    world.drain()
    assert len(seen) == 200
    for key in {key for key, _ in seen}:
        numbers = [n for k, n in seen if k == key]
        assert numbers == sorted(numbers)


@pytest.mark.postgres
def test_a_row_that_another_worker_holds_is_not_jumped_over(postgres_url: str) -> None:
    world = World(postgres_url)
    for n in range(3):
        world.happen("a", n)
    with world.database.write() as other:
        middle = other.scalars(select(Delivery).order_by(Delivery.outbox_id).offset(1).limit(1)).one()
        other.scalars(select(Delivery).where(Delivery.outbox_id == middle.outbox_id).with_for_update()).one()
        world.drain()
        assert world.seen == [("a", 0)]
    world.drain()
    assert world.seen == [("a", 0), ("a", 1), ("a", 2)]
    world.database.dispose()
