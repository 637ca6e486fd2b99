"""Long work is a row: who started it, how far it is, whether it was asked to stop, where it can resume."""

from __future__ import annotations

import traceback
import uuid
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

import structlog
from sqlalchemy import ForeignKey, Select, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.db import Base, Database, new_id
from core.errors import JobCancelled, NotFound, SeamarkError
from core.said import said
from core.workflow import Step, Workflow, states_of

log = structlog.get_logger(__name__)

T = TypeVar("T")


class JobState(StrEnum):
    """Where a job is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


_RUNNING = frozenset({JobState.RUNNING.value})
JOB_WORKFLOW = Workflow(
    name="job",
    states=states_of(
        JobState, [("运行中", "running"), ("已完成", "done"), ("失败", "failed"), ("已取消", "cancelled")]
    ),
    initial=JobState.RUNNING.value,
    steps=(
        Step("finish", _RUNNING, JobState.DONE.value, None, "完成", "Finish"),
        Step("fail", _RUNNING, JobState.FAILED.value, None, "失败", "Fail"),
        Step("stop", _RUNNING, JobState.CANCELLED.value, None, "停止", "Stop"),
    ),
)


class Job(Base):
    """One run of long work."""

    __tablename__ = "job"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: which work, e.g. crawl, reindex, import-firms
    name: Mapped[str] = mapped_column(index=True)
    #: running, done, failed, cancelled
    state: Mapped[str] = mapped_column(default=JobState.RUNNING.value)
    #: Actor.name of whoever started it
    started_by: Mapped[str]
    #: the centre it works for
    centre_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("centre.id"))
    #: what it was asked to do
    params: Mapped[dict[str, Any]]
    #: units finished
    progress: Mapped[int] = mapped_column(default=0)
    #: units in all, when known
    total: Mapped[int | None]
    #: one line about what it is doing, or why it failed
    message: Mapped[str] = mapped_column(default="")
    #: where a restarted run goes on
    cursor: Mapped[dict[str, Any] | None]
    #: somebody asked it to stop
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    #: when it began
    started_at: Mapped[datetime]
    #: last sign of life
    heartbeat_at: Mapped[datetime]
    #: when it ended
    finished_at: Mapped[datetime | None]

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[Job]:
        """Jobs of the actor's centre for staff; one's own otherwise."""
        query = select(cls)
        if actor.system:
            return query
        if actor.may(Permission.JOB_READ):
            return query.where((cls.centre_id == actor.centre_id) | (cls.centre_id.is_(None)))
        return query.where(cls.started_by == actor.name)


class JobHandle:
    """What running work uses to tell how far it is and to learn that it should stop."""

    def __init__(self, database: Database, clock: Clock, job_id: uuid.UUID) -> None:
        self._database, self._clock, self.id = database, clock, job_id

    def advance(self, progress: int, total: int | None = None, message: str = "", cursor: Any = None) -> None:
        """Write down progress (units done, units in all). Raises JobCancelled when asked to stop."""
        with self._database.write() as session:
            job = session.get_one(Job, self.id)
            job.progress, job.heartbeat_at = progress, self._clock.now()
            job.total = total if total is not None else job.total
            job.message = message or job.message
            job.cursor = cursor if cursor is not None else job.cursor
            cancelled = job.cancel_requested
        if cancelled:
            raise JobCancelled(f"The job {self.id} was stopped on request.", fix="Start it again to go on.")


def run_job(
    database: Database,
    clock: Clock,
    actor: Actor,
    name: str,
    work: Callable[[JobHandle], T],
    params: dict[str, Any] | None = None,
) -> T:
    """Run ``work`` under a job row and return what it returns; its error is recorded on the row and raised again."""
    now = clock.now()
    with database.write() as session:
        job = Job(
            name=name,
            started_by=actor.name,
            centre_id=actor.centre_id,
            params=params or {},
            started_at=now,
            heartbeat_at=now,
        )
        session.add(job)
        session.flush()
        job_id = job.id
    system = Actor(name="job", system=True)

    def end(step: str, message: str) -> None:
        with database.write() as session:
            job = session.get_one(Job, job_id)
            # A job that was silent for long may have been buried alive; what it says itself counts.
            job.state = JOB_WORKFLOW.take(step, JobState.RUNNING.value, system)
            job.finished_at = job.heartbeat_at = clock.now()
            job.message = message or job.message

    try:
        result = work(JobHandle(database, clock, job_id))
    except JobCancelled as stop:
        end("stop", stop.message)
        raise
    except SeamarkError as error:
        end("fail", str(error))
        raise
    except BaseException as error:
        log.error("job_failed", job=name, job_id=str(job_id), error=repr(error))
        end("fail", "".join(traceback.format_exception_only(error)).strip())
        raise
    end("finish", "")
    return result


def request_stop(session: Session, clock: Clock, actor: Actor, job_id: uuid.UUID) -> None:
    """Ask a job to stop at its next sign of life. Raises NotFound when the actor may not know of it."""
    job = session.scalar(Job.visible_to(actor).where(Job.id == job_id))
    if job is None:
        raise NotFound(said("There is no such job."))
    job.cancel_requested = True
    audit.record(session, clock, actor, "job.stop_requested", "job", job_id)


def bury_dead(session: Session, clock: Clock, *, silent_seconds: int = 600) -> int:
    """Mark running jobs without a sign of life for ``silent_seconds`` as failed; returns how many."""
    dead = 0
    for job in session.scalars(select(Job).where(Job.state == JobState.RUNNING.value)):
        if (clock.now() - job.heartbeat_at).total_seconds() > silent_seconds:
            job.state, job.finished_at = JobState.FAILED.value, clock.now()
            job.message = "The process that ran it ended without a word; start it again."
            dead += 1
    return dead
