"""Elasticsearch killed with -9 at random and started again: nothing written is lost, and every question is answered.

``SEAMARK_PROVE_ROUNDS`` rounds (20 are a full proof). In each, cases are recorded and projected to both engines while
the node is killed at a random moment, in every third round once more while it starts, and in every fourth while a
reindex runs; a reader asks all the time. When the outbox is empty again, both engines hold exactly what SQL says.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from cases.documents import COLLECTION, case_ids, load_documents
from cases.facts import RawCase, RawEvent, RawParty
from cases.record import Origin, record_case
from config import prove_rounds
from core import outbox
from core.actor import VISITOR
from core.clock import SystemClock
from core.db import Base, Database
from core.errors import IndexNotReady
from core.outbox import Consumer, Message, Subscriptions
from search import elasticsearch_schema
from search.elasticsearch import ElasticIndex
from search.embedded import TantivyIndex
from search.port import Document, SearchIndex, SearchRequest
from search.projector import Collection, Projector
from search.standby import GuardedIndex, StandbyIndex
from tests.conftest import missing
from tests.elasticsearch_server import ElasticServer, Unavailable

pytestmark = [pytest.mark.prove, pytest.mark.elasticsearch]

#: how much faster the guard's time runs, so that its rests do not make the proof long
_HASTE = 20
_CATCH_UP_SECONDS = 180
_QUESTIONS = ("", "drone", '"trade secret"', "专利", "drone -patent", "9,155,544")


class Store:
    """SQL, the outbox, and both engines behind it."""

    def __init__(self, folder: Path, url: str, chance: random.Random) -> None:
        self.chance, self.clock = chance, SystemClock()
        self.subscriptions = Subscriptions()
        self.database = Database(
            f"sqlite:///{folder / 'seamark.db'}", info={"subscriptions": self.subscriptions}
        )
        Base.metadata.create_all(self.database.engine)
        self.embedded = TantivyIndex(folder / "index")
        self.elastic = ElasticIndex(url, makes_first=False, search_seconds=2, write_seconds=30)
        guarded = GuardedIndex(self.elastic, now=lambda: time.monotonic() * _HASTE)
        self.index = StandbyIndex(guarded, self.embedded)
        self.projectors = {
            "index": self._subscribed("index", self.embedded),
            "index-elastic": self._subscribed("index-elastic", guarded),
        }
        self.numbers = 0

    def _subscribed(self, name: str, index: SearchIndex) -> Projector:
        projector = Projector(index, {COLLECTION: Collection(COLLECTION, load_documents, case_ids)})

        def project(session: Session, messages: Sequence[Message]) -> None:
            projector.project(session, COLLECTION, list(dict.fromkeys(m.key for m in messages)))

        topics = frozenset({"case.recorded", "case.changed"})
        self.subscriptions.add(Consumer(name, topics, project, batch=200))
        return projector

    def close(self) -> None:
        self.database.dispose()
        self.elastic.close()

    def record(self, count: int) -> None:
        """Record ``count`` cases, new ones and changes to earlier ones."""
        with self.database.write() as session:
            for _ in range(count):
                is_new = self.numbers < 50 or self.chance.random() < 0.5
                self.numbers += is_new
                number = self.numbers if is_new else self.chance.randint(1, self.numbers)
                record_case(session, self.clock, self._raw(number), _origin(), is_ip=True)

    def _raw(self, number: int) -> RawCase:
        words = " ".join(
            self.chance.choices(("drone", "patent", "trade secret", "专利侵权", "9,155,544"), k=60)
        )
        return RawCase(
            source="us_itc",
            venue="v.us.itc",
            docket_number=f"337-TA-{number}",
            caption=f"Certain Drones {number}",
            filed_on=date(2026, 1, 1 + number % 28),
            text=words,
            parties=(RawParty("示例公司", "respondent"),),
            events=(RawEvent(date(2026, 2, 1), "notice", f"notice {self.chance.random()}"),),
        )

    def drain(self) -> int:
        """Deliver what can be delivered; returns how many rows still wait."""
        for consumer in self.subscriptions.consumers:
            with suppress(IndexNotReady):
                while outbox.drain_consumer(self.database, consumer, self.clock).done:
                    pass
        with self.database.read() as session:
            return sum(sum(states.values()) for states in outbox.backlog(session).values())

    def catch_up(self) -> float:
        """Drain until nothing waits; returns the seconds it took."""
        begin = time.monotonic()
        while waiting := self.drain():
            assert time.monotonic() - begin < _CATCH_UP_SECONDS, f"{waiting} rows still wait"
            time.sleep(0.1)
        return time.monotonic() - begin

    def truth(self) -> list[tuple[str, int, str]]:
        """What both engines must hold, from SQL."""
        with self.database.read() as session:
            documents = load_documents(session, list(case_ids(session)))
            return sorted((d.id, d.version, d.fingerprint()) for d in documents if isinstance(d, Document))


def _origin() -> Origin:
    return Origin("us_itc", 50, "0" * 64, "https://example.org/", datetime(2026, 1, 1, tzinfo=UTC))


class Reader(threading.Thread):
    """Somebody who asks all the time."""

    def __init__(self, index: StandbyIndex) -> None:
        super().__init__(daemon=True)
        self._index = index
        self._over = threading.Event()
        self.seconds: list[float] = []
        self.fallbacks = 0
        self.errors: list[Exception] = []

    def run(self) -> None:
        number = 0
        while not self._over.wait(0.02):
            number += 1
            request = SearchRequest(
                COLLECTION,
                text=_QUESTIONS[number % len(_QUESTIONS)],
                facets=("region", "venue"),
                histogram=True,
            )
            begin = time.monotonic()
            try:
                page = self._index.search(request, VISITOR)
            except Exception as error:
                # Whatever it is, a reader must not have met it.
                self.errors.append(error)
                continue
            self.seconds.append(time.monotonic() - begin)
            self.fallbacks += page.is_fallback

    def finish(self) -> None:
        self._over.set()
        self.join()

    def told(self) -> str:
        ordered = sorted(self.seconds)
        p50, p99 = (ordered[int(len(ordered) * part)] * 1000 for part in (0.5, 0.99))
        return (
            f"{len(ordered)} questions answered, {self.fallbacks} by the fallback, {len(self.errors)} errors; "
            f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, longest {ordered[-1] * 1000:.0f} ms"
        )


@pytest.fixture
def server() -> Iterator[ElasticServer]:
    """A node of its own: others must not be killed with it."""
    try:
        server = ElasticServer()
        server.start()
    except Unavailable as error:
        missing(f"Elasticsearch: {error}")
    yield server
    server.stop()


@pytest.fixture
def store(server: ElasticServer, tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path, server.url, random.Random())
    store.record(50)
    for projector in store.projectors.values():
        projector.reindex(store.database.read)
    store.catch_up()
    yield store
    store.close()


def disturb(store: Store, server: ElasticServer, *, twice: bool, by_reindex: bool) -> str:
    """Write while the node is killed and started again; returns what was met, for the log."""
    chance = store.chance
    killed = threading.Event()
    after = chance.uniform(0.0, 2.0)

    def kill() -> None:
        time.sleep(after)
        server.kill()
        killed.set()

    killer = threading.Thread(target=kill)
    killer.start()
    reindexed = "no reindex"
    while not killed.is_set():
        store.record(chance.randint(1, 60))
        store.drain()
        if by_reindex:
            try:
                store.projectors["index-elastic"].reindex(store.database.read, batch=50)
                reindexed = "reindex done"
            except IndexNotReady:
                reindexed = "reindex interrupted"
    killer.join()
    for _ in range(5):
        store.record(chance.randint(1, 60))
        store.drain()
    server.start(wait=False)
    if twice:
        until = time.monotonic() + chance.uniform(1, 15)
        while time.monotonic() < until:
            store.record(1)
            store.drain()
        server.kill()
        server.start(wait=False)
    store.record(20)
    waiting = store.drain()
    server.wait()
    return f"killed after {after:.2f} s{' and again' if twice else ''}, {reindexed}, {waiting} rows waited"


def test_a_killed_server_loses_nothing_and_no_reader_notices(store: Store, server: ElasticServer) -> None:
    rounds = prove_rounds()
    reader = Reader(store.index)
    reader.start()
    try:
        for number in range(rounds):
            met = disturb(store, server, twice=number % 3 == 2, by_reindex=number % 4 == 3)
            seconds = store.catch_up()
            truth = store.truth()
            for engine in (store.elastic, store.embedded):
                assert sorted(engine.fingerprints(COLLECTION)) == truth
            assert store.elastic.state().documents == len(truth)
            print(
                f"round {number + 1}/{rounds}: {met}, caught up in {seconds:.1f} s: {len(truth)} cases equal"
            )
    finally:
        reader.finish()
        print(reader.told())
    assert reader.errors == []
    assert 0 < reader.fallbacks < len(reader.seconds)


def test_a_planted_lost_write_is_caught(
    server: ElasticServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lazy = {**elasticsearch_schema.SETTINGS, "translog.durability": "async", "translog.sync_interval": "1h"}
    monkeypatch.setattr(elasticsearch_schema, "SETTINGS", lazy)
    store = Store(tmp_path, server.url, random.Random(7))
    try:
        store.projectors["index-elastic"].reindex(store.database.read)
        for number in range(10):
            disturb(store, server, twice=False, by_reindex=False)
            store.catch_up()
            if sorted(store.elastic.fingerprints(COLLECTION)) != store.truth():
                print(f"planted fault caught in round {number + 1}")
                return
    finally:
        store.close()
    pytest.fail("ten kills did not show the planted fault: the proof proves nothing")
