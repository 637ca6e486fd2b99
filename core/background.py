"""Long work that a page starts: a thread of this process with a job row, so that whoever started it can watch it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import structlog

from core.actor import Actor
from core.clock import Clock
from core.db import Database
from core.errors import SeamarkError
from core.jobs import JobHandle, run_job
from core.log import run_context

log = structlog.get_logger(__name__)

#: seconds a page waits for the row of a job it started
_PATIENCE = 5.0


def start_job(
    database: Database,
    clock: Clock,
    actor: Actor,
    name: str,
    work: Callable[[JobHandle], object],
    params: dict[str, Any] | None = None,
) -> threading.Thread:
    """Run ``work`` beside the pages; returns once its row stands, which says how it goes and how it ended."""
    stands = threading.Event()

    def begin(handle: JobHandle) -> object:
        stands.set()
        return work(handle)

    def run() -> None:
        with run_context(f"job-{name}"):
            try:
                run_job(database, clock, actor, name, begin, params)
            except SeamarkError as error:
                log.warning("job_ended", job=name, error=str(error))
            except Exception:
                # The row already says why; a thread has nobody to raise to.
                log.exception("job_crashed", job=name)
            finally:
                stands.set()

    thread = threading.Thread(target=run, name=f"job-{name}", daemon=True)
    thread.start()
    stands.wait(_PATIENCE)
    return thread
