"""Working off the desk's tasks: take one on, call the firm, finish, drop with a reason, reopen. Every act is kept."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Permission
from core.centres import Centre
from core.clock import Clock, local_date
from core.errors import BadInput, NotFound, StaleWrite
from core.paging import Page, bad_cursor, decode_cursor, encode_cursor, id_in_cursor
from core.said import said
from core.workdays import add_working_days
from warning.desk_clocks import CALL
from warning.desk_models import TASK_WORKFLOW, CallResult, DeskNote, DeskTask, TaskState

#: characters of what was done, or why a task is dropped
LEAST_WORDS, MOST_WORDS = 4, 2000


def get_task(session: Session, actor: Actor, task_id: uuid.UUID) -> DeskTask:
    """The task. Raises NotFound when the actor may not know of it."""
    task = session.scalar(DeskTask.visible_to(actor).where(DeskTask.id == task_id))
    if task is None:
        raise NotFound(said("There is no such task for you."))
    return task


def list_tasks(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    state: str = "open",
    kind: str = "",
    due: str = "",
    cursor: str | None = None,
    limit: int = 30,
) -> Page[DeskTask]:
    """The centre's tasks, the first due first.

    Args:
        state: open, done, dropped; all.
        due: overdue, or "".

    Raises BadInput on a bad cursor.
    """
    query = DeskTask.visible_to(actor).order_by(DeskTask.due_at, DeskTask.id).limit(limit + 1)
    if state != "all":
        query = query.where(DeskTask.state == state)
    if kind:
        query = query.where(DeskTask.kind == kind)
    if due == "overdue":
        query = query.where(DeskTask.due_at < clock.now())
    if cursor:
        (after,) = decode_cursor(cursor, 1)
        last = session.get(DeskTask, id_in_cursor(after))
        if last is None:
            raise bad_cursor()
        query = query.where(
            (DeskTask.due_at > last.due_at) | ((DeskTask.due_at == last.due_at) & (DeskTask.id > last.id))
        )
    rows = list(session.scalars(query))
    more = rows[limit - 1] if len(rows) > limit else None
    return Page(rows[:limit], encode_cursor([str(more.id)]) if more else None)


def count_tasks(session: Session, clock: Clock, actor: Actor) -> tuple[int, int]:
    """How many tasks are open, and how many of them overdue."""
    seen = DeskTask.visible_to(actor).where(DeskTask.state == TaskState.OPEN.value)
    late = seen.where(DeskTask.due_at < clock.now())
    counts = [session.scalar(select(func.count()).select_from(q.subquery())) or 0 for q in (seen, late)]
    return counts[0], counts[1]


def notes_of(session: Session, actor: Actor, task: DeskTask) -> list[DeskNote]:
    """What was done about a task the actor sees, the newest first."""
    get_task(session, actor, task.id)
    return list(
        session.scalars(select(DeskNote).where(DeskNote.task_id == task.id).order_by(DeskNote.id.desc()))
    )


def take_task(
    session: Session,
    clock: Clock,
    actor: Actor,
    task_id: uuid.UUID,
    *,
    seen_version: int,
    is_mine: bool = True,
) -> DeskTask:
    """Take an open task on, or give it back. Raises NotAllowed, NotFound, StaleWrite, TransitionRefused."""
    task = _held(session, actor, task_id, seen_version)
    # Whoever may finish it may take it on.
    TASK_WORKFLOW.take("finish", task.state, actor)
    task.assignee = actor.name if is_mine else None
    _note(session, clock, actor, task, "take" if is_mine else "release")
    return task


def record_call(
    session: Session,
    clock: Clock,
    actor: Actor,
    task_id: uuid.UUID,
    result: str,
    words: str = "",
    next_on: date | None = None,
    *,
    seen_version: int,
) -> DeskTask:
    """Record a call: whoever was reached ends the task, otherwise it stays open until the next try.

    Args:
        next_on: the day of the next try at the centre; without one the next working day. Ignored when reached.

    Raises NotAllowed, NotFound, StaleWrite, TransitionRefused (not open), BadInput (not a call, no such result, words
    too long, a next try that lies in the past).
    """
    task = _held(session, actor, task_id, seen_version)
    TASK_WORKFLOW.take("finish", task.state, actor)
    if task.kind != CALL:
        raise BadInput(said("This task is no call."), fix=said("Finish it with what was done."))
    if result not in list(CallResult):
        raise BadInput(said("How did the call end?"), fix=said("Choose one of the three results."))
    written = _words(words, least=0)
    if result == CallResult.REACHED:
        task.next_on = None
        _close(clock, actor, task, "finish")
    else:
        today = local_date(clock.now(), session.get_one(Centre, task.centre_id).zone)
        if next_on is not None and next_on < today:
            raise BadInput(said("The next try lies in the past."), fix=said("Choose today or a later day."))
        task.next_on = next_on or add_working_days(today, 1)
    task.assignee = task.assignee or actor.name
    _note(session, clock, actor, task, "call", result=result, words=written, next_on=task.next_on)
    return task


def move_task(
    session: Session,
    clock: Clock,
    actor: Actor,
    task_id: uuid.UUID,
    step: str,
    words: str = "",
    *,
    seen_version: int,
) -> DeskTask:
    """Finish (with what was done), drop (with the reason) or reopen a task.

    A call is finished by :func:`record_call` alone, so that its result is never missing.

    Raises NotAllowed, NotFound, StaleWrite, TransitionRefused, BadInput (words missing or too long).
    """
    task = _held(session, actor, task_id, seen_version)
    target = TASK_WORKFLOW.take(step, task.state, actor)
    if step == "finish" and task.kind == CALL:
        raise BadInput(said("A call ends with its result."), fix=said("Record how the call ended."))
    written = _words(words, least=0 if step == "reopen" else LEAST_WORDS)
    if target == TaskState.OPEN.value:
        task.state, task.reason, task.closed_at = target, "", None
    else:
        _close(clock, actor, task, step)
        task.reason = written if step == "drop" else ""
    _note(session, clock, actor, task, step, words=written)
    return task


def lapse_task(session: Session, clock: Clock, actor: Actor, task: DeskTask, reason: str) -> None:
    """End an open task whose cause is gone; a system's act. Raises TransitionRefused for a person."""
    _close(clock, actor, task, "lapse")
    task.reason = reason
    _note(session, clock, actor, task, "lapse", words=reason)


def _words(words: str, *, least: int) -> str:
    written = words.strip()
    if not least <= len(written) <= MOST_WORDS:
        raise BadInput(
            said("This needs words: what was done, or why."),
            fix=said("Write %(least)s to %(most)s characters.", least=least, most=MOST_WORDS),
        )
    return written


def _held(session: Session, actor: Actor, task_id: uuid.UUID, seen_version: int) -> DeskTask:
    actor.require(Permission.DESK_WORK)
    session.execute(select(DeskTask.id).where(DeskTask.id == task_id).with_for_update())
    task = get_task(session, actor, task_id)
    if task.version != seen_version:
        raise StaleWrite(
            said("A colleague worked on this task while you were reading."),
            fix=said("Look at it again; nothing was changed."),
            yours=str(seen_version),
            current=str(task.version),
        )
    return task


def _close(clock: Clock, actor: Actor, task: DeskTask, step: str) -> None:
    task.state = TASK_WORKFLOW.take(step, task.state, actor)
    task.closed_at = clock.now()


def _note(
    session: Session,
    clock: Clock,
    actor: Actor,
    task: DeskTask,
    act: str,
    *,
    result: str = "",
    words: str = "",
    next_on: date | None = None,
) -> None:
    task.version += 1
    session.add(
        DeskNote(
            task_id=task.id,
            act=act,
            result=result,
            words=words,
            next_on=next_on,
            noted_by=actor.name,
            noted_at=clock.now(),
        )
    )
    session.flush()
    values = {"state": task.state, "result": result, "words": words}
    audit.record(
        session, clock, actor, f"task.{act}", "task", task.id, values=values, centre_id=task.centre_id
    )
