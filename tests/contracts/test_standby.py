"""Two engines side by side: pages go on while the primary is away, and it catches up when it is back."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select, update
from sqlalchemy.orm import Session

from core import outbox
from core.actor import VISITOR, Actor
from core.clock import FixedClock
from core.db import Base, Database
from core.errors import BadInput, IndexNotReady
from core.outbox import Consumer, Message, Subscriptions
from search.digest import digest
from search.embedded import TantivyIndex
from search.port import Document, PutReport, ReindexNeeded, Removal, SearchIndex, SearchPage, SearchRequest
from search.projector import Collection, Projector
from search.standby import GuardedIndex, StandbyIndex, build_missing, rebuild

EVERYTHING = SearchRequest("cases")


class Moody(TantivyIndex):
    """An index that can be away."""

    error: IndexNotReady | None = None
    asked = 0

    def search(self, request: SearchRequest, actor: Actor) -> SearchPage:
        self._meet()
        return super().search(request, actor)

    def put(self, documents: Sequence[Document | Removal], generation: str | None = None) -> PutReport:
        self._meet()
        return super().put(documents, generation)

    def begin_generation(self) -> str:
        self._meet()
        return super().begin_generation()

    def _meet(self) -> None:
        self.asked += 1
        if self.error:
            raise self.error


class Pair:
    """A guarded primary and a fallback, each with the same three documents, and a clock for the guard."""

    def __init__(self, folder: Path) -> None:
        self.now = 1000.0
        self.primary, self.fallback = Moody(folder / "primary"), Moody(folder / "fallback")
        self.guarded = GuardedIndex(self.primary, now=lambda: self.now)
        self.index = StandbyIndex(self.guarded, self.fallback)
        for index in (self.primary, self.fallback):
            index.put([doc(str(n)) for n in range(3)])
            index.asked = 0

    def search(self) -> SearchPage:
        return self.index.search(EVERYTHING, VISITOR)

    def leave(self, error: type[IndexNotReady] = IndexNotReady) -> None:
        self.primary.error = error("away")

    def come_back(self) -> None:
        self.primary.error = None


def doc(identity: str, version: int = 1) -> Document:
    return Document("cases", identity, version, None, frozenset({"public"}), {}, {}, date(2026, 1, 1))


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


def test_the_primary_answers_while_it_is_there(pair: Pair) -> None:
    page = pair.search()
    assert (page.total, page.is_fallback, pair.fallback.asked) == (3, False, 0)
    assert not pair.index.state().is_fallback


def test_the_fallback_answers_and_says_so_while_the_primary_is_away(pair: Pair) -> None:
    pair.leave()
    page = pair.search()
    assert (page.total, page.is_fallback) == (3, True)


def test_a_primary_that_failed_is_left_alone_and_then_tried_once(pair: Pair) -> None:
    pair.leave()
    for _ in range(10):
        pair.search()
    assert pair.primary.asked == 1
    pair.now += 5
    for _ in range(10):
        pair.search()
    assert pair.primary.asked == 2


def test_a_primary_that_keeps_failing_is_tried_less_and_less_but_every_minute(pair: Pair) -> None:
    pair.leave()
    tried = []
    for second in range(400):
        before = pair.primary.asked
        pair.search()
        if pair.primary.asked > before:
            tried.append(second)
        pair.now += 1
    assert tried == [0, 5, 15, 35, 75, 135, 195, 255, 315, 375]


def test_a_primary_that_is_back_answers_again(pair: Pair) -> None:
    pair.leave()
    pair.search()
    pair.come_back()
    assert pair.search().is_fallback
    pair.now += 5
    assert not pair.search().is_fallback
    pair.leave()
    pair.search()
    pair.now += 5
    pair.come_back()
    assert not pair.search().is_fallback


def test_while_one_reader_tries_the_primary_the_others_do_not_wait(pair: Pair) -> None:
    pair.leave()
    pair.search()
    pair.now += 5
    entered, go_on = threading.Event(), threading.Event()

    def slow(request: SearchRequest, actor: Actor) -> SearchPage:
        entered.set()
        assert go_on.wait(30)
        raise IndexNotReady("timed out")

    pair.primary.search = slow  # type: ignore[method-assign]
    trying = threading.Thread(target=pair.search)
    trying.start()
    assert entered.wait(30)
    assert pair.search().is_fallback
    go_on.set()
    trying.join()


def test_a_question_that_makes_no_sense_is_the_readers_fault(pair: Pair) -> None:
    with pytest.raises(BadInput):
        pair.index.search(replace(EVERYTHING, cursor="x"), VISITOR)
    assert not pair.search().is_fallback


def test_a_primary_that_must_be_rebuilt_is_passed_over_but_not_left_alone(pair: Pair) -> None:
    pair.leave(ReindexNeeded)
    assert pair.search().is_fallback
    pair.come_back()
    assert not pair.search().is_fallback


def test_when_both_are_away_the_page_is_told(pair: Pair) -> None:
    pair.leave()
    pair.fallback.error = IndexNotReady("away")
    with pytest.raises(IndexNotReady):
        pair.search()


def test_a_list_begun_on_the_primary_goes_on_in_the_fallback(pair: Pair) -> None:
    request = replace(EVERYTHING, sort="newest", limit=2)
    first = pair.index.search(request, VISITOR)
    pair.leave()
    second = pair.index.search(replace(request, cursor=first.next_cursor), VISITOR)
    assert {h.id for h in (*first.hits, *second.hits)} == {"0", "1", "2"}
    assert second.next_cursor is None


def test_a_put_does_not_wait_for_a_primary_that_is_left_alone_but_a_generation_is_built(pair: Pair) -> None:
    pair.leave()
    pair.search()
    with pytest.raises(IndexNotReady):
        pair.guarded.put([doc("4")])
    assert pair.primary.asked == 1
    pair.come_back()
    generation = pair.guarded.begin_generation()
    assert pair.guarded.put([doc("4")], generation).stored == 1
    pair.guarded.promote(generation)
    pair.guarded.drop_generations(keep=[])
    assert pair.index.state().generations == (generation,)


#: the records of this file; not one of the program's tables
THINGS = Table("thing", MetaData(), Column("id", String, primary_key=True), Column("version", Integer))


class World:
    """A database whose things go by the outbox to a primary and a fallback."""

    def __init__(self, url: str, folder: Path) -> None:
        self.pair = Pair(folder)
        self.clock = FixedClock(datetime.now(UTC))
        self.subscriptions = Subscriptions()
        self.database = Database(url, info={"subscriptions": self.subscriptions})
        Base.metadata.create_all(self.database.engine)
        THINGS.create(self.database.engine)
        self.projectors = {
            "index": self._subscribed("index", self.pair.fallback),
            "index-elastic": self._subscribed("index-elastic", self.pair.guarded),
        }

    def _subscribed(self, name: str, index: SearchIndex) -> Projector:
        projector = Projector(index, {"cases": Collection("cases", self._load, self._ids)})

        def project(session: Session, messages: Sequence[Message]) -> None:
            projector.project(session, "cases", [m.key for m in messages])

        self.subscriptions.add(Consumer(name, frozenset({"thing"}), project))
        return projector

    def consumer(self, name: str) -> Consumer:
        return next(c for c in self.subscriptions.consumers if c.name == name)

    @staticmethod
    def _load(session: Session, ids: Sequence[str]) -> Iterator[Document | Removal]:
        versions = dict(session.execute(select(THINGS).where(THINGS.c.id.in_(ids))).all())
        for identity in ids:
            version = versions.get(identity)
            yield doc(identity, version) if version else Removal("cases", identity)

    @staticmethod
    def _ids(session: Session) -> Iterator[str]:
        yield from session.scalars(select(THINGS.c.id))

    def write(self, identity: str) -> None:
        with self.database.write() as session:
            changed = update(THINGS).where(THINGS.c.id == identity).values(version=THINGS.c.version + 1)
            if not session.execute(changed.returning(THINGS.c.id)).all():
                session.execute(insert(THINGS).values(id=identity, version=1))
            outbox.emit(session, "thing", identity, {}, self.clock)

    def drain(self, name: str) -> None:
        while outbox.drain_consumer(self.database, self.consumer(name), self.clock).done:
            pass

    def backlog(self) -> dict[str, dict[str, int]]:
        with self.database.read() as session:
            return outbox.backlog(session)

    def is_equal(self) -> bool:
        return digest(self.pair.primary, "cases") == digest(self.pair.fallback, "cases")


@pytest.fixture
def world(each_database_url: str, tmp_path: Path) -> Iterator[World]:
    world = World(each_database_url, tmp_path)
    yield world
    world.database.dispose()


def test_what_the_primary_misses_waits_and_is_written_when_it_is_back(world: World) -> None:
    world.write("a")
    for name in world.projectors:
        world.drain(name)
    world.pair.leave()
    for identity in ("a", "b", "c"):
        world.write(identity)
    world.drain("index")
    with pytest.raises(IndexNotReady):
        world.drain("index-elastic")
    assert world.backlog() == {"index-elastic": {"pending": 3}}
    assert world.pair.search().total == 6
    world.pair.come_back()
    world.pair.now += 60
    world.drain("index-elastic")
    assert world.backlog() == {}
    assert world.is_equal()


def test_rebuilding_does_the_engines_that_are_there_and_names_those_that_are_not(world: World) -> None:
    world.write("a")
    world.pair.leave()
    with pytest.raises(IndexNotReady, match=r"index-elastic was not rebuilt.*Rebuilt: index\."):
        rebuild(world.projectors, world.database.read)
    assert world.pair.fallback.state().documents == 1
    world.pair.come_back()
    assert set(rebuild(world.projectors, world.database.read)) == {"index", "index-elastic"}
    assert world.pair.primary.state().documents == 1


def test_an_engine_switched_on_for_an_existing_store_is_built_and_then_left(
    world: World, tmp_path: Path
) -> None:
    world.write("a")
    fresh = Moody(tmp_path / "fresh")
    projector = Projector(fresh, {"cases": Collection("cases", world._load, world._ids)})
    build = partial(build_missing, projector, world.database.read, world.consumer("index-elastic"))
    assert build() is not None
    assert fresh.state().documents == 1
    assert build() is None


def test_an_engine_switched_off_for_a_while_is_built_again(world: World) -> None:
    world.write("a")
    rebuild(world.projectors, world.database.read)
    build = partial(
        build_missing,
        world.projectors["index-elastic"],
        world.database.read,
        world.consumer("index-elastic"),
    )
    world.clock.advance(timedelta(minutes=1))
    world.write("b")
    assert build() is None
    consumer = world.consumer("index-elastic")
    world.subscriptions.consumers.remove(consumer)
    world.write("c")
    world.subscriptions.consumers.append(consumer)
    assert build() is not None
    assert world.pair.primary.state().documents == 3


def test_an_engine_written_by_another_version_is_built_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.write("a")
    projector = world.projectors["index"]
    monkeypatch.setattr("search.embedded_schema.SCHEMA_VERSION", 99)
    world.pair.fallback._opened.clear()
    assert build_missing(projector, world.database.read, world.consumer("index")) is not None
    assert world.pair.fallback.state().documents == 1
