"""Long work as a row: progress, stop, failure, and the work of a process that died."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from core.actor import VISITOR, Actor, Role, system_actor
from core.background import start_job
from core.centres import seed_centre
from core.clock import FixedClock
from core.db import Base, Database
from core.errors import BadInput, JobCancelled, NotFound
from core.jobs import Job, JobHandle, bury_dead, request_stop, run_job
from core.jobs_views import list_jobs


@pytest.fixture
def database(each_database_url: str) -> Iterator[Database]:
    database = Database(each_database_url)
    Base.metadata.create_all(database.engine)
    yield database
    database.dispose()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 1, 5, tzinfo=UTC))


def _staff(database: Database, slug: str = "a") -> Actor:
    with database.write() as session:
        centre = seed_centre(session, slug=slug, zh="甲", en="A")
        return Actor(f"user:{slug}", frozenset({Role.STAFF}), centre_id=centre.id)


def _only(database: Database) -> Job:
    with database.read() as session:
        return session.scalars(select(Job)).one()


def test_work_that_ends_well_says_so(database: Database, clock: FixedClock) -> None:
    def work(handle: JobHandle) -> str:
        handle.advance(1, 2, "half", cursor={"at": 1})
        clock.advance(timedelta(minutes=1))
        handle.advance(2)
        return "result"

    assert run_job(database, clock, _staff(database), "reindex", work, {"x": 1}) == "result"
    job = _only(database)
    assert (job.state, job.progress, job.total, job.message) == ("done", 2, 2, "half")
    assert (job.params, job.cursor) == ({"x": 1}, {"at": 1})
    assert job.finished_at == clock.now()


def test_work_that_fails_leaves_its_reason_and_raises(database: Database, clock: FixedClock) -> None:
    def known(handle: JobHandle) -> None:
        raise BadInput("The file is empty.", fix="Choose another.")

    def unknown(handle: JobHandle) -> None:
        raise ZeroDivisionError("by zero")

    for work, words in (
        (known, "The file is empty. Choose another."),
        (unknown, "ZeroDivisionError: by zero"),
    ):
        with pytest.raises((BadInput, ZeroDivisionError)):
            run_job(database, clock, _staff(database), "reindex", work)
        with database.read() as session:
            job = session.scalars(select(Job).order_by(Job.id.desc())).first()
        assert job is not None
        assert (job.state, job.message) == ("failed", words)


def test_work_asked_to_stop_stops_at_its_next_sign_of_life(database: Database, clock: FixedClock) -> None:
    staff = _staff(database)

    def work(handle: JobHandle) -> None:
        with database.write() as session:
            request_stop(session, clock, staff, handle.id)
        handle.advance(1)

    with pytest.raises(JobCancelled):
        run_job(database, clock, staff, "reindex", work)
    assert _only(database).state == "cancelled"


def test_work_of_a_process_that_died_is_buried(database: Database, clock: FixedClock) -> None:
    with database.write() as session:
        session.add(
            Job(name="x", started_by="y", params={}, started_at=clock.now(), heartbeat_at=clock.now())
        )
    clock.advance(timedelta(minutes=9))
    with database.write() as session:
        assert bury_dead(session, clock) == 0
    clock.advance(timedelta(minutes=2))
    with database.write() as session:
        assert bury_dead(session, clock) == 1
    job = _only(database)
    assert (job.state, job.finished_at) == ("failed", clock.now())


def test_work_that_was_only_silent_still_ends_well(database: Database, clock: FixedClock) -> None:
    def work(handle: JobHandle) -> None:
        clock.advance(timedelta(hours=1))
        with database.write() as session:
            assert bury_dead(session, clock) == 1

    run_job(database, clock, _staff(database), "import-firms", work)
    assert _only(database).state == "done"


def test_jobs_belong_to_their_centre(database: Database, clock: FixedClock) -> None:
    ours, theirs = _staff(database), _staff(database, "b")
    run_job(database, clock, ours, "reindex", lambda handle: None)
    run_job(database, clock, system_actor("job:crawl"), "crawl", lambda handle: None)
    job = next(j for j in _all(database) if j.name == "reindex")
    with database.read() as session:
        assert {j.name for j in list_jobs(session, ours).rows} == {"reindex", "crawl"}
        assert {j.name for j in list_jobs(session, theirs).rows} == {"crawl"}
        assert list_jobs(session, VISITOR).rows == []
    with pytest.raises(NotFound), database.write() as session:
        request_stop(session, clock, theirs, job.id)
    with pytest.raises(NotFound), database.write() as session:
        request_stop(session, clock, ours, uuid.uuid4())


def _all(database: Database) -> list[Job]:
    with database.read() as session:
        return list(session.scalars(select(Job)))


def test_a_job_started_beside_a_page_stands_when_the_page_answers(
    database: Database, clock: FixedClock
) -> None:
    import threading

    go = threading.Event()
    thread = start_job(database, clock, _staff(database), "reindex", lambda handle: go.wait(20))
    assert _only(database).state == "running"
    go.set()
    thread.join(20)
    assert _only(database).state == "done"


def test_a_job_that_crashes_beside_a_page_harms_nobody(database: Database, clock: FixedClock) -> None:
    def crash(handle: JobHandle) -> None:
        raise ZeroDivisionError

    start_job(database, clock, _staff(database), "reindex", crash).join(20)
    assert _only(database).state == "failed"
