"""What the desk's job does: give each alert its level and the time to answer, make tasks, end those without a cause.

Run as often as one likes, by as many as like: a task is made once for its key, and a process that dies in between
leaves the rest to the next run. What a firm's watch profiles find is its own affair and makes no task.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from cases.models import Case, CaseStatus
from core.actor import Actor, system_actor
from core.centres import Centre
from core.clock import Clock
from core.outbox import emit
from warning.answer_models import Answer
from warning.desk_clocks import CALL, load_desk_clocks
from warning.desk_models import DeskTask, TaskState
from warning.desk_tasks import lapse_task
from warning.levels import standing_of_case
from warning.models import Alert, LevelDecision

#: alerts that are looked at in one transaction
_CHUNK = 200
#: the levels that put tasks of the centre's own on the desk
ACTED_ON = ("L1", "L2")


@dataclass(frozen=True)
class DeskReport:
    """What one run did."""

    levelled: int = 0
    made: int = 0
    lapsed: int = 0


def work_desk(session: Session, clock: Clock, centre_id: uuid.UUID) -> DeskReport:
    """One run for a centre; the caller commits, and runs again while alerts are left without a level."""
    actor = system_actor("job:desk", centre_id)
    made = 0
    levelled = _level_alerts(session, clock, centre_id)
    for task in [*_for_levels(session, centre_id), *_for_decisions(session, centre_id)]:
        made += _make(session, clock, task)
    for task in _unanswered(session, clock, centre_id):
        made += _make(session, clock, task)
    return DeskReport(levelled, made, _lapse(session, clock, actor))


def _level_alerts(session: Session, clock: Clock, centre_id: uuid.UUID) -> int:
    rows = session.scalars(
        select(Alert)
        .where(Alert.centre_id == centre_id, Alert.profile_id.is_(None), Alert.level.is_(None))
        .order_by(Alert.id)
        .limit(_CHUNK)
    ).all()
    zone = session.get_one(Centre, centre_id).zone
    loaded = [selectinload(Case.tags), selectinload(Case.parties), selectinload(Case.events)]
    query = select(Case).where(Case.id.in_({alert.case_id for alert in rows})).options(*loaded)
    levels = {
        case.id: standing_of_case(session, clock, centre_id, case).level for case in session.scalars(query)
    }
    for alert in rows:
        alert.level = levels[alert.case_id]
        alert.answer_by = load_desk_clocks().due(CALL, alert.level, alert.raised_at, zone)
    session.flush()
    return len(rows)


def _for_levels(session: Session, centre_id: uuid.UUID) -> Iterator[DeskTask]:
    """The centre's own tasks for the cases whose alerts stand at a level that is acted on."""
    query = (
        select(Alert)
        .join(Case, Case.id == Alert.case_id)
        .where(Alert.centre_id == centre_id, Alert.level.in_(ACTED_ON), Alert.profile_id.is_(None))
        .where(Case.status == CaseStatus.PUBLIC.value, ~_has_own_tasks(centre_id, Alert.case_id, Alert.level))
        .order_by(Alert.id)
    )
    for alert in session.scalars(query).all():
        yield from _own_tasks(session, centre_id, alert.case_id, str(alert.level), alert.raised_at)


def _for_decisions(session: Session, centre_id: uuid.UUID) -> Iterator[DeskTask]:
    """Likewise for cases that staff set to such a level, whether or not they name a firm."""
    query = (
        select(LevelDecision)
        .join(Case, Case.id == LevelDecision.case_id)
        .where(LevelDecision.centre_id == centre_id, LevelDecision.level.in_(ACTED_ON))
        .where(LevelDecision.ended_at.is_(None), Case.status == CaseStatus.PUBLIC.value)
        .where(~_has_own_tasks(centre_id, LevelDecision.case_id, LevelDecision.level))
        .order_by(LevelDecision.id)
    )
    for decision in session.scalars(query).all():
        yield from _own_tasks(session, centre_id, decision.case_id, decision.level, decision.decided_at)


def _has_own_tasks(centre_id: uuid.UUID, case_id: Any, level: Any) -> ColumnElement[bool]:
    """Whether the tasks of a case and level stand there: they are made together, in one transaction."""
    made = select(DeskTask.id).where(
        DeskTask.centre_id == centre_id,
        DeskTask.case_id == case_id,
        DeskTask.level == level,
        DeskTask.kind != CALL,
    )
    return made.exists()


def _own_tasks(
    session: Session, centre_id: uuid.UUID, case_id: uuid.UUID, level: str, at: datetime
) -> Iterator[DeskTask]:
    clocks, zone = load_desk_clocks(), session.get_one(Centre, centre_id).zone
    for kind in clocks.names:
        due = clocks.due(kind, level, at, zone) if kind != CALL else None
        if due is not None:
            yield DeskTask(
                centre_id=centre_id,
                kind=kind,
                key=f"{kind}:{case_id}:{level}",
                level=level,
                case_id=case_id,
                due_at=due,
            )


def _unanswered(session: Session, clock: Clock, centre_id: uuid.UUID) -> Iterator[DeskTask]:
    """A call for each firm that let the time to answer pass: one a firm and case, however many alerts tell of it."""
    late = (
        select(Alert)
        .join(Case, Case.id == Alert.case_id)
        .where(Alert.centre_id == centre_id, Alert.profile_id.is_(None), Alert.answer == Answer.OPEN.value)
        .where(Alert.answer_by <= clock.now(), Case.status == CaseStatus.PUBLIC.value)
        .where(~select(DeskTask.id).where(DeskTask.alert_id == Alert.id).exists())
        .order_by(Alert.id)
    )
    for alert in session.scalars(late).all():
        if _was_heard(session, alert) or _is_called(session, alert):
            continue
        yield DeskTask(
            centre_id=centre_id,
            kind=CALL,
            key=f"{CALL}:{alert.id}",
            level=str(alert.level),
            case_id=alert.case_id,
            firm_id=alert.firm_id,
            alert_id=alert.id,
            # The time to answer has passed: the call itself is due at once.
            due_at=alert.answer_by,
        )


def _was_heard(session: Session, alert: Alert) -> bool:
    """Whether the firm answered anything about the case since the alert."""
    query = select(Alert.id).where(
        Alert.case_id == alert.case_id,
        Alert.firm_id == alert.firm_id,
        Alert.profile_id.is_(None),
        Alert.answered_at >= alert.raised_at,
    )
    return session.scalar(query.limit(1)) is not None


def _is_called(session: Session, alert: Alert) -> bool:
    """Whether a call about the case waits, or the firm was called since the alert."""
    query = select(DeskTask.id).where(
        DeskTask.kind == CALL,
        DeskTask.case_id == alert.case_id,
        DeskTask.firm_id == alert.firm_id,
        (DeskTask.state == TaskState.OPEN.value) | (DeskTask.closed_at >= alert.raised_at),
    )
    return session.scalar(query.limit(1)) is not None


def _make(session: Session, clock: Clock, task: DeskTask) -> int:
    there = select(DeskTask.id).where(DeskTask.centre_id == task.centre_id, DeskTask.key == task.key)
    if session.scalar(there) is not None:
        return 0
    task.created_at = clock.now()
    try:
        with session.begin_nested():
            session.add(task)
    except IntegrityError:
        # Another process made it between our look and our claim.
        return 0
    emit(session, "task.made", str(task.case_id), {"task": str(task.id)}, clock)
    return 1


def _lapse(session: Session, clock: Clock, actor: Actor) -> int:
    """End calls to firms that answered meanwhile, and tasks about a case that is no longer public."""
    query = (
        select(DeskTask, Case.status, Alert)
        .join(Case, Case.id == DeskTask.case_id)
        .outerjoin(Alert, Alert.id == DeskTask.alert_id)
        .where(DeskTask.centre_id == actor.centre_id, DeskTask.state == TaskState.OPEN.value)
        .order_by(DeskTask.id)
    )
    ended = 0
    for task, status, alert in session.execute(query).all():
        if status != CaseStatus.PUBLIC.value:
            lapse_task(session, clock, actor, task, "the case is no longer public")
        elif alert is not None and _was_heard(session, alert):
            lapse_task(session, clock, actor, task, "the firm has answered")
        else:
            continue
        ended += 1
    return ended
