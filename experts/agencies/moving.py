"""The one function that takes a step of an application, a complaint or a review: guards, state, clock, history, audit."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role, system_actor
from core.centres import Centre
from core.clock import Clock as Time
from core.clock import local_date
from core.errors import BadInput, NotFound, StaleWrite
from core.outbox import emit
from core.said import Said, said
from experts.agencies.clocks import Clock, started
from experts.agencies.models import AgencyApplication, AgencyComplaint, AgencyReview, AgencyStep
from experts.agencies.workflow import ADMISSIONS, COMPLAINTS, REVIEWS, Machine

Affair = AgencyApplication | AgencyComplaint | AgencyReview
T = TypeVar("T", AgencyApplication, AgencyComplaint, AgencyReview)
MACHINES: Mapping[type[Any], Machine] = {
    AgencyApplication: ADMISSIONS,
    AgencyComplaint: COMPLAINTS,
    AgencyReview: REVIEWS,
}


@dataclass(frozen=True)
class Obstacle:
    """Why a step is not taken, and which field of the form it is about ("" for none)."""

    sentence: Said
    field: str = ""


Guard = Callable[[Any, Actor, date], Obstacle | None]


def side_of(actor: Actor) -> str:
    """The side an actor acts for: agency, firm, staff or system."""
    if Role.AGENCY in actor.roles:
        return "agency"
    if actor.system:
        return "system"
    return "staff" if actor.is_staff else "firm"


def refuse(field: str, sentence: Said, fix: Said | None = None) -> BadInput:
    """What is raised for one answer of a form that cannot be used."""
    return BadInput(
        sentence, fix=fix or said("Mend what is named and send it again."), fields={field: [sentence]}
    )


def today_of(session: Session, time: Time, centre_id: uuid.UUID) -> date:
    """The date at a centre."""
    return local_date(time.now(), session.get_one(Centre, centre_id).zone)


def house_for(affair: Affair, name: str) -> Actor:
    """The house acting in an affair, in the name of whoever caused it."""
    return system_actor(name, affair.centre_id)


def get_affair(session: Session, actor: Actor, kind: type[T], affair_id: uuid.UUID) -> T:
    """The affair. Raises NotFound when the actor may not know of it."""
    query: Select[Any] = kind.visible_to(actor)
    found: T | None = session.scalar(query.where(kind.id == affair_id))
    if found is None:
        raise NotFound(said("There is no such record for you."))
    return found


def changing(
    session: Session, actor: Actor, kind: type[T], affair_id: uuid.UUID, seen_version: int | None = None
) -> T:
    """The affair, locked for a change. Raises NotFound, or StaleWrite when it is no longer the version seen."""
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
    machine = MACHINES[type(affair)]
    target = machine.workflow.take(step, affair.state, actor)
    today = today_of(session, time, affair.centre_id)
    for guard in guards:
        if (obstacle := guard(affair, actor, today)) is not None:
            raise refuse(obstacle.field, obstacle.sentence)
    before = affair.state
    clock = clock_after(machine, Clock(affair.due_on, affair.days_left), before, target, today)
    affair.state, affair.due_on, affair.days_left = target, clock.due_on, clock.left
    touched(affair, time)
    add_step(session, time, actor, machine.noun, affair.id, step, target, note=note, by_side=by_side)
    written(session, time, actor, affair, step, {"state": target, "note": note})
    told = {"step": step, "before": before, "state": target}
    emit(session, f"{machine.noun}.moved", str(affair.id), told, time)


def clock_after(machine: Machine, clock: Clock, before: str, target: str, today: date) -> Clock:
    """The clock in ``target``: a new one; the one that stood; or, where another's clock stands meanwhile, a new one
    beside what is left of that. A clock that never ran stands whole."""
    paused = machine.pauses.get(target)
    if paused is not None:
        left = clock.stopped(today).left if before == paused else clock.left
        return Clock(
            started(today, machine.clocks[target]).due_on, machine.clocks[paused] if left is None else left
        )
    if machine.pauses.get(before) == target and clock.left is not None:
        return Clock(left=clock.left).going_on(today)
    return started(today, machine.clocks[target]) if target in machine.clocks else Clock()


def touched(affair: Affair, time: Time) -> None:
    """Count a change."""
    affair.version += 1
    affair.updated_at = time.now()


def add_step(
    session: Session,
    time: Time,
    actor: Actor,
    subject: str,
    subject_id: uuid.UUID,
    step: str,
    state: str,
    *,
    note: str = "",
    by_side: str | None = None,
) -> None:
    """Write a step into the history."""
    session.add(
        AgencyStep(
            subject=subject, subject_id=subject_id, step=step, state=state, note=note,
            by_side=by_side or side_of(actor), by=actor.name, at=time.now(),
        )
    )  # fmt: skip
    session.flush()


def history_of(session: Session, subject: str, subject_id: uuid.UUID) -> Sequence[AgencyStep]:
    """The steps a record took, the oldest first."""
    query = select(AgencyStep).where(AgencyStep.subject == subject, AgencyStep.subject_id == subject_id)
    return session.scalars(query.order_by(AgencyStep.id)).all()


def written(
    session: Session, time: Time, actor: Actor, affair: Affair, act: str, values: dict[str, Any] | None = None
) -> None:
    """Write the audit row of an act on an affair, a reading too."""
    noun = MACHINES[type(affair)].noun
    audit.record(
        session, time, actor, f"{noun}.{act}", noun, affair.id, values=values, centre_id=affair.centre_id
    )
