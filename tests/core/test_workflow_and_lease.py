"""Declared state machines, and leases: however many are started, one leads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.models import CASE_REVIEW
from core import lease
from core.actor import VISITOR, Actor, Role, system_actor
from core.clock import FixedClock
from core.db import Base, Database
from core.errors import NotAllowed, StoreBusy, TransitionRefused
from core.jobs import JOB_WORKFLOW
from warning.models import ALERT_WORKFLOW

STAFF = Actor("staff", frozenset({Role.STAFF}))


def test_a_visitor_may_not_take_a_step() -> None:
    with pytest.raises(NotAllowed):
        CASE_REVIEW.take("confirm", "candidate", VISITOR)


def test_a_step_from_the_wrong_state_is_refused_with_the_states_name() -> None:
    with pytest.raises(TransitionRefused, match="not an IP case"):
        CASE_REVIEW.take("dismiss", "dismissed", STAFF)


def test_only_the_system_ends_a_job() -> None:
    with pytest.raises(TransitionRefused):
        JOB_WORKFLOW.take("finish", "running", STAFF)
    assert JOB_WORKFLOW.take("finish", "running", system_actor("x")) == "done"


@pytest.mark.parametrize("workflow", [CASE_REVIEW, JOB_WORKFLOW, ALERT_WORKFLOW], ids=lambda w: w.name)
@given(names=st.lists(st.integers(0, 10), max_size=12))
def test_every_walk_stays_inside_the_declared_states(workflow: object, names: list[int]) -> None:
    machine = workflow
    state = machine.initial  # type: ignore[attr-defined]
    for n in names:
        steps = machine.steps  # type: ignore[attr-defined]
        try:
            state = machine.take(steps[n % len(steps)].name, state, system_actor("t"))  # type: ignore[attr-defined]
        except TransitionRefused:
            continue
        assert state in machine.states  # type: ignore[attr-defined]


@pytest.fixture
def database(each_database_url: str) -> Iterator[Database]:
    database = Database(each_database_url)
    Base.metadata.create_all(database.engine)
    yield database
    database.dispose()


def test_of_many_seekers_one_leads(database: Database) -> None:
    clock = FixedClock(datetime(2026, 1, 5, tzinfo=UTC))
    won: list[str] = []

    def seek(name: str) -> None:
        if lease.acquire(database, clock, "scheduler", name, 60):
            won.append(name)

    seekers = [threading.Thread(target=seek, args=(f"other-host:{n}:x",)) for n in range(8)]
    for seeker in seekers:
        seeker.start()
    for seeker in seekers:
        seeker.join()
    assert len(won) == 1


def test_a_lease_passes_on_when_its_time_is_over(database: Database) -> None:
    clock = FixedClock(datetime(2026, 1, 5, tzinfo=UTC))
    assert lease.acquire(database, clock, "scheduler", "other-host:1:x", 60)
    assert not lease.acquire(database, clock, "scheduler", "other-host:2:x", 60)
    clock.advance(timedelta(seconds=61))
    assert lease.acquire(database, clock, "scheduler", "other-host:2:x", 60)


def test_a_lease_of_a_dead_process_of_this_host_is_free_at_once(database: Database) -> None:
    clock = FixedClock(datetime(2026, 1, 5, tzinfo=UTC))
    host = lease.holder_name().split(":")[0]
    assert lease.acquire(database, clock, "scheduler", f"{host}:999999999:x", 3600)
    assert lease.acquire(database, clock, "scheduler", lease.holder_name(), 60)


def test_a_lease_is_held_for_a_block_however_long_and_given_back(database: Database) -> None:
    clock = FixedClock(datetime(2026, 3, 2, tzinfo=UTC))
    with lease.held(database, clock, "build", seconds=1):
        clock.advance(timedelta(seconds=1))
        # The renewal beside the block takes it on from the clock's new time.
        for _ in range(50):
            with database.read() as session:
                if session.get_one(lease.LeaseRow, "build").until > clock.now():
                    break
            threading.Event().wait(0.1)
        with pytest.raises(StoreBusy), lease.held(database, clock, "build"):
            pytest.fail("two hold it")
    with lease.held(database, clock, "build"):
        pass


def test_a_lease_is_given_back_when_its_block_fails(database: Database) -> None:
    clock = FixedClock(datetime(2026, 3, 2, tzinfo=UTC))
    with pytest.raises(ValueError, match="broken"), lease.held(database, clock, "build"):
        raise ValueError("broken")
    with lease.held(database, clock, "build"):
        pass
