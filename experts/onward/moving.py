"""The one function that takes a step of a report, a joint task, a referral or a mediation: guards, state, clock, history,
audit."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role, system_actor
from core.clock import Clock as Time
from core.errors import NotFound, StaleWrite
from core.numbers import next_number
from core.outbox import emit
from core.said import said
from core.workdays import working_days_between
from experts.agencies.moving import Guard, Obstacle, clock_after, refuse, today_of
from experts.agencies.workflow import Machine
from experts.clocks import Clock, started
from experts.onward.mediation_models import Mediation
from experts.onward.models import Escalation, JointTask, OnwardStep, Referral
from experts.onward.workflow import ESCALATIONS, JOINT_TASKS, MEDIATIONS, REFERRALS

Affair = Escalation | JointTask | Referral | Mediation
T = TypeVar("T", Escalation, JointTask, Referral, Mediation)
_MACHINES: dict[type[Any], Machine] = {
    Escalation: ESCALATIONS,
    JointTask: JOINT_TASKS,
    Referral: REFERRALS,
    Mediation: MEDIATIONS,
}
#: kind -> the word its numbers begin with
_NUMBERS: dict[type[Any], str] = {Escalation: "报送", JointTask: "联席", Referral: "转介", Mediation: "调解"}
_SIDES = (
    (Role.DEPARTMENT, "department"),
    (Role.OTHER_SIDE, "other_side"),
    (Role.NEUTRAL, "neutral"),
    (Role.FIRM_MEMBER, "firm"),
    (Role.EXPERT, "expert"),
    (Role.STAFF, "staff"),
)


def machine_of(affair: Affair) -> Machine:
    """Its workflow with its clocks."""
    return _MACHINES[type(affair)]


def side_of(actor: Actor) -> str:
    """The side an actor acts for."""
    return next((side for role, side in _SIDES if role in actor.roles), "system")


def begun(
    session: Session, time: Time, actor: Actor, centre_id: uuid.UUID, kind: type[T], /, **facts: Any
) -> dict[str, Any]:
    """The facts of a new record of ``kind``: ``facts``, a number, its first state and the clock of that."""
    machine, today, now = _MACHINES[kind], today_of(session, time, centre_id), time.now()
    state = facts.pop("state", machine.workflow.initial)
    number = next_number(session, centre_id, machine.noun, today.year)
    due = started(today, machine.clocks[state]).due_on if state in machine.clocks else None
    return {
        "centre_id": centre_id, "number": f"{_NUMBERS[kind]}-{today.year}-{number:05d}", "state": state,
        "due_on": due, "days_left": None, "version": 1, "created_by": actor.name, "created_at": now,
        "updated_at": now, **facts,
    }  # fmt: skip


def keep(session: Session, time: Time, actor: Actor, affair: Affair, step: str) -> None:
    """Write a new record with the first line of its history and its audit row."""
    session.add(affair)
    session.flush()
    _history(session, time, actor, affair, step, "", None)
    written(session, time, actor, affair, step)


def get_affair(session: Session, actor: Actor, kind: type[T], affair_id: uuid.UUID) -> T:
    """The record. Raises NotFound when the actor may not know of it."""
    query: Select[Any] = kind.visible_to(actor)
    found: T | None = session.scalar(query.where(kind.id == affair_id))
    if found is None:
        raise NotFound(said("There is no such record for you."))
    return found


def changing(
    session: Session, actor: Actor, kind: type[T], affair_id: uuid.UUID, seen_version: int | None = None
) -> T:
    """The record, locked for a change. Raises NotFound, or StaleWrite when it is no longer the version seen."""
    session.execute(select(kind.id).where(kind.id == affair_id).with_for_update())
    found = get_affair(session, actor, kind, affair_id)
    if seen_version is not None and found.version != seen_version:
        raise StaleWrite(
            said("This changed while you were looking at it."),
            fix=said("Look again and decide anew; nothing was changed."),
            yours=seen_version,
            current=found.version,
        )
    return found


def move(
    session: Session,
    time: Time,
    actor: Actor,
    affair: Affair,
    step: str,
    *,
    guards: Sequence[Guard] = (),
    note: str = "",
    by_side: str | None = None,
) -> None:
    """Take a declared step.

    Raises:
        NotAllowed, TransitionRefused: the table does not let this actor take it from here.
        BadInput: a guard is not met; the sentence says which.
    """
    machine = machine_of(affair)
    target = machine.workflow.take(step, affair.state, actor)
    today = today_of(session, time, affair.centre_id)
    for guard in guards:
        if (obstacle := guard(affair, actor, today)) is not None:
            raise refuse(obstacle.field, obstacle.sentence)
    before = affair.state
    if target != before:
        clock = clock_after(machine, Clock(affair.due_on, affair.days_left), before, target, today)
        affair.state, affair.due_on, affair.days_left = target, clock.due_on, clock.left
    touched(affair, time)
    session.flush()
    _history(session, time, actor, affair, step, note, by_side)
    written(session, time, actor, affair, step, {"state": target, "note": note})
    told = {"step": step, "before": before, "state": target, "side": by_side or side_of(actor)}
    emit(session, f"{machine.noun}.moved", str(affair.id), told, time)


def house_moves(
    session: Session, time: Time, cause: Actor, affair: Affair, step: str, *, note: str = ""
) -> None:
    """Let the house take a step of its own, in the name of whoever caused it."""
    house = system_actor(cause.name, affair.centre_id)
    move(session, time, house, affair, step, note=note, by_side="system")


def touched(affair: Affair, time: Time) -> None:
    """Count a change."""
    affair.version += 1
    affair.updated_at = time.now()


def _history(
    session: Session, time: Time, actor: Actor, affair: Affair, step: str, note: str, by_side: str | None
) -> None:
    session.add(
        OnwardStep(
            subject=machine_of(affair).noun, subject_id=affair.id, step=step, state=affair.state, note=note,
            by_side=by_side or side_of(actor), by=actor.name, at=time.now(),
        )
    )  # fmt: skip
    session.flush()


def history_of(session: Session, affair: Affair) -> Sequence[OnwardStep]:
    """The steps a record took, the oldest first."""
    query = select(OnwardStep).where(
        OnwardStep.subject == machine_of(affair).noun, OnwardStep.subject_id == affair.id
    )
    return session.scalars(query.order_by(OnwardStep.id)).all()


def written(
    session: Session, time: Time, actor: Actor, affair: Affair, act: str, values: dict[str, Any] | None = None
) -> None:
    """Write the audit row of an act on a record, a reading too."""
    noun = machine_of(affair).noun
    audit.record(
        session, time, actor, f"{noun}.{act}", noun, affair.id, values=values, centre_id=affair.centre_id
    )


def listed(
    session: Session, actor: Actor, kind: type[T], *, state: str = "open", offset: int = 0, limit: int = 31
) -> Sequence[T]:
    """Records the actor may see, the most pressing first.

    Args:
        state: a state, "open" (somebody is waited for or a step is left), or "all".
    """
    query: Select[Any] = kind.visible_to(actor)
    workflow = _MACHINES[kind].workflow
    if state == "open":
        query = query.where(kind.state.in_(sorted({s for step in workflow.steps for s in step.sources})))
    elif state != "all":
        query = query.where(kind.state == state)
    order = (func.coalesce(kind.due_on, date(9999, 1, 1)), kind.id.desc())
    return session.scalars(query.order_by(*order).offset(offset).limit(limit)).all()


def days_to(session: Session, time: Time, affair: Affair) -> int | None:
    """Working days until it is due; negative when late, None when nobody is waited for."""
    if affair.due_on is None:
        return None
    return working_days_between(today_of(session, time, affair.centre_id), affair.due_on)


def says(field: str, words: str, sentence: Any) -> Guard:
    """A guard that wants words in a field."""
    return lambda *_: None if words.strip() else Obstacle(sentence, field)
