"""Sessions and their errors: who waits, who is told, what is kept."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError, StatementError

from core.centres import Centre, first_centre, seed_centre
from core.db import Base, Database, explain, new_id
from core.errors import NotFound, StoreBusy, StoreFull
from core.lease import LeaseRow

DAY = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture
def database(each_database_url: str) -> Iterator[Database]:
    database = Database(each_database_url)
    Base.metadata.create_all(database.engine)
    yield database
    database.dispose()


def _count(database: Database) -> int:
    with database.read() as session:
        return len(session.scalars(select(Centre)).all())


def test_a_block_that_fails_keeps_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as session:
        seed_centre(session, slug="a", zh="甲", en="A")
        raise RuntimeError("stop")
    assert _count(database) == 0


def test_a_read_session_refuses_to_write(database: Database) -> None:
    with pytest.raises(RuntimeError, match=r"Database\.write"), database.read() as session:
        seed_centre(session, slug="a", zh="甲", en="A")
    assert _count(database) == 0


def test_an_empty_store_says_how_to_make_a_centre(database: Database) -> None:
    with pytest.raises(NotFound, match="db upgrade"), database.read() as session:
        first_centre(session)


def test_an_instant_keeps_its_moment_and_comes_back_in_utc(database: Database) -> None:
    there = datetime(2026, 1, 5, 8, 0, tzinfo=timezone(timedelta(hours=8)))
    with database.write() as session:
        session.add(LeaseRow(name="x", holder="y", until=there))
    with database.read() as session:
        found = session.get_one(LeaseRow, "x").until
    assert (found, found.tzinfo) == (DAY, UTC)


def test_a_naive_instant_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="needs a time zone"), database.write() as session:
        session.add(LeaseRow(name="x", holder="y", until=DAY.replace(tzinfo=None)))


def test_ids_are_ordered_by_time() -> None:
    ids = [new_id() for _ in range(500)]
    assert ids == sorted(ids)
    assert {i.version for i in ids} == {7}


def test_a_foreign_key_is_kept(database: Database) -> None:
    from sqlalchemy.exc import IntegrityError

    from core.jobs import Job

    with pytest.raises(IntegrityError), database.write() as session:
        session.add(
            Job(name="x", started_by="y", centre_id=new_id(), params={}, started_at=DAY, heartbeat_at=DAY)
        )


def test_another_writer_who_does_not_let_go_is_named(database_url: str) -> None:
    database = Database(database_url)
    Base.metadata.create_all(database.engine)
    other = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with database.engine.connect() as connection:
            connection.execute(text("PRAGMA busy_timeout=50"))
        with pytest.raises(StoreBusy, match="nothing was changed"), database.write() as session:
            seed_centre(session, slug="a", zh="甲", en="A")
    finally:
        other.rollback()
        other.close()
    with database.write() as session:
        seed_centre(session, slug="a", zh="甲", en="A")
    assert _count(database) == 1
    database.dispose()


def test_readers_go_on_while_somebody_writes(database: Database) -> None:
    with database.write() as session:
        seed_centre(session, slug="a", zh="甲", en="A")
        session.flush()
        assert _count(database) == 0
    assert _count(database) == 1


def test_writers_take_turns(database: Database) -> None:
    with database.write() as session:
        session.add(LeaseRow(name="count", holder="0", until=DAY))

    def add() -> None:
        for _ in range(10):
            with database.write() as session:
                row = session.scalars(
                    select(LeaseRow).where(LeaseRow.name == "count").with_for_update()
                ).one()
                row.holder = str(int(row.holder) + 1)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert session.get_one(LeaseRow, "count").holder == "40"


def test_a_full_disk_is_told_and_nothing_is_kept(database_url: str) -> None:
    database = Database(database_url)
    Base.metadata.create_all(database.engine)
    with database.engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        # The limit holds for this connection, which the pool hands out again.
        connection.execute(text(f"PRAGMA max_page_count={pages + 4}"))
    with pytest.raises(StoreFull, match="rolled back"), database.write() as session:
        for n in range(2000):
            seed_centre(session, slug=f"s{n}", zh="甲" * 200, en="A" * 200)
    with database.engine.connect() as connection:
        connection.execute(text("PRAGMA max_page_count=1000000"))
    assert _count(database) == 0
    database.dispose()


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("database is locked", StoreBusy),
        ("database or disk is full", StoreFull),
        ("could not extend file: No space left on device", StoreFull),
        ("syntax error", None),
    ],
)
def test_a_drivers_words_are_understood(said: str, error: type | None) -> None:
    found = explain(OperationalError("SELECT 1", {}, sqlite3.OperationalError(said)), "here")
    assert (type(found) if found else None) == error


def test_a_folder_for_the_database_is_made(tmp_path: Path) -> None:
    Database(f"sqlite:///{tmp_path / 'a' / 'b' / 'x.db'}").ping()
