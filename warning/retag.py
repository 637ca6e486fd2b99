"""Tagging every stored case anew after a rule was published: beside the pages and the crawl, to be stopped, gone on with
after a stop or a death, and quiet.

A case that the new book tells the same keeps its rows and is only pinned to the new book. One that it tells otherwise gets
a new version and one ``case.tagged`` marked as backfill, so that the index and the counts follow and nobody is alerted.
A chunk and how far it came are one transaction, so a run that died goes on where its row says.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, selectinload

from cases.models import SAID_BY_STAFF, Case, Tag
from core import lease
from core.actor import Actor
from core.clock import Clock
from core.db import Database
from core.errors import JobCancelled, SeamarkError, StoreBusy
from core.jobs import Job, JobHandle, JobState, run_job
from core.log import run_context
from core.outbox import emit
from warning.corrections import corrected, corrections_of
from warning.rule_shelf import RuleShelf, edition_of
from warning.rules.tagger import Rulebook
from warning.understand import is_same, keep_margins, told_by

log = structlog.get_logger(__name__)

#: the job's name, and the lease under which one runs at a time
RETAG = "retag"
#: cases of one transaction: on SQLite nobody else writes meanwhile
CHUNK = 100
#: seconds between two of them in which others come to write: SQLite keeps no queue of those who wait
_BREATH = 0.03
#: seconds a page waits for the row of the run it began
_PATIENCE = 5.0


def run_retag(
    database: Database,
    clock: Clock,
    shelf: RuleShelf,
    actor: Actor,
    *,
    at_work: Callable[[], None] = lambda: None,
) -> int:
    """Tag every case by the book in force; returns how many changed. Goes on where a run for the same book ended early.
    ``at_work`` is called once the run's row stands.

    When another rule is published meanwhile it begins again, with the newer book.

    Raises StoreBusy while another process does it, JobCancelled when asked to stop.
    """
    with lease.held(database, clock, RETAG):
        with database.write() as session:
            # Whoever holds the lease is the only one: a row that still says running is of a process that died.
            _bury(session, clock)
            begun = _unfinished(session)
            edition = edition_of(session)
        params = {"edition": edition, **({"resumes": str(begun.id)} if begun is not None else {})}

        def work(handle: JobHandle) -> int:
            at_work()
            return _run(database, clock, shelf, handle, begun.cursor if begun is not None else None)

        return run_job(database, clock, actor, RETAG, work, params)


def begin_retag(database: Database, clock: Clock, shelf: RuleShelf, actor: Actor) -> threading.Thread:
    """:func:`run_retag` in a thread of this process; returns once its row stands. Where a run goes on already, that one
    notices the newer book by itself."""
    stands = threading.Event()

    def run() -> None:
        with run_context(f"job-{RETAG}"):
            try:
                run_retag(database, clock, shelf, actor, at_work=stands.set)
            except (StoreBusy, JobCancelled) as told:
                log.info("retag_ended", reason=str(told))
            except SeamarkError as error:
                log.warning("job_ended", job=RETAG, error=str(error))
            except Exception:
                # The row already says why; a thread has nobody to raise to.
                log.exception("job_crashed", job=RETAG)
            finally:
                stands.set()

    thread = threading.Thread(target=run, name=f"job-{RETAG}", daemon=True)
    thread.start()
    stands.wait(_PATIENCE)
    return thread


def continue_retag(database: Database, clock: Clock, shelf: RuleShelf, actor: Actor) -> int:
    """Begin or go on with a retag that is due: a rule was published and no run has told it to every case, and nobody
    stopped it. Returns how many cases changed; 0 where nothing is due or another process is at it."""
    with database.read() as session:
        if not is_due(session):
            return 0
    with suppress(StoreBusy, JobCancelled):
        return run_retag(database, clock, shelf, actor)
    return 0


def is_due(session: Session) -> bool:
    """Whether the newest edition has not been told to every case, and nobody asked the run to stop."""
    edition = edition_of(session)
    last = last_run(session)
    if edition == 0:
        return False
    if last is None:
        return True
    if last.state == JobState.CANCELLED.value:
        return _edition(last) < edition
    return last.state != JobState.DONE.value or _edition(last) < edition


def last_run(session: Session) -> Job | None:
    """The newest run, whatever became of it."""
    return session.scalar(select(Job).where(Job.name == RETAG).order_by(Job.id.desc()).limit(1))


def _edition(job: Job) -> int:
    """The edition a run told, or was telling, last."""
    told = (job.cursor or job.params).get("edition", 0)
    return int(told)


def _bury(session: Session, clock: Clock) -> None:
    for job in session.scalars(select(Job).where(Job.name == RETAG, Job.state == JobState.RUNNING.value)):
        job.state, job.finished_at = JobState.FAILED.value, clock.now()
        job.message = "The process that ran it ended without a word; start it again."


def _unfinished(session: Session) -> Job | None:
    """The newest run that ended early and knows how far it came. One that died before its first chunk knows it from the
    run it went on with."""
    run = last_run(session)
    while run is not None and run.state != JobState.DONE.value and not run.cursor:
        before = run.params.get("resumes")
        run = session.get(Job, uuid.UUID(before)) if before else None
    return run if run is not None and run.state != JobState.DONE.value else None


def _run(
    database: Database, clock: Clock, shelf: RuleShelf, handle: JobHandle, begun: dict[str, Any] | None
) -> int:
    with database.read() as session:
        book = shelf.current(session)
        total = session.scalar(select(func.count(Case.id))) or 0
    place = _Place.of(begun, book.version)
    handle.advance(place.done, max(total, place.done))
    while True:
        with database.write() as session:
            book = shelf.current(session)
            if place.book != book.version:
                place = _Place(book.version)
            place.edition = edition_of(session)
            is_more = _chunk(session, clock, book, place)
            # With the chunk itself: whoever takes over after a death neither skips nor counts a case twice.
            session.get_one(Job, handle.id).cursor = place.as_json()
        handle.advance(place.done, max(total, place.done))
        if not is_more:
            return place.changed
        time.sleep(_BREATH)


class _Place:
    """How far a run is: with which book, after which case, how many cases it has told and how many of them changed."""

    def __init__(self, book: str) -> None:
        self.book, self.edition = book, 0
        self.after = uuid.UUID(int=0)
        self.done = self.changed = 0

    @classmethod
    def of(cls, kept: dict[str, Any] | None, book: str) -> _Place:
        """Where an earlier run of the same book stopped; the beginning for another book."""
        place = cls(book)
        if kept and kept["book"] == book:
            place.after, place.done, place.changed = uuid.UUID(kept["after"]), kept["done"], kept["changed"]
        return place

    def as_json(self) -> dict[str, Any]:
        return {
            "book": self.book,
            "edition": self.edition,
            "after": str(self.after),
            "done": self.done,
            "changed": self.changed,
        }


def _chunk(session: Session, clock: Clock, book: Rulebook, place: _Place) -> bool:
    """Tag the next cases; False when there were none."""
    query = select(Case).where(Case.id > place.after).order_by(Case.id).limit(CHUNK)
    query = query.options(selectinload(Case.parties), selectinload(Case.tags))
    cases = session.scalars(query.with_for_update(of=Case)).all()
    if not cases:
        return False
    spoken = corrections_of(session, [case.id for case in cases])
    same: list[Case] = []
    for case in cases:
        fresh = corrected(told_by(case, book), spoken.get(case.id, {}))
        if is_same(case.tags, fresh, whatever_book=True):
            keep_margins(case.tags, fresh)
            same.append(case)
            continue
        case.tags = fresh
        case.version += 1
        case.updated_at = clock.now()
        session.flush()
        payload = {"added": [], "backfill": True, "version": case.version}
        emit(session, "case.tagged", str(case.id), payload, clock)
        place.changed += 1
    if same:
        pinned = Tag.case_id.in_([case.id for case in same]) & (Tag.field != SAID_BY_STAFF)
        session.execute(
            update(Tag)
            .where(pinned, Tag.rulebook != book.version)
            .values(rulebook=book.version)
            .execution_options(synchronize_session=False)
        )
    place.after, place.done = cases[-1].id, place.done + len(cases)
    return True
