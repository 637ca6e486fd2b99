"""The one function that takes a step of an application: guards, state, clocks, history, audit, outbox."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core import audit
from core.actor import Actor, Role, system_actor
from core.centres import Centre
from core.clock import Clock as Time
from core.clock import local_date
from core.errors import BadInput, NotFound, StaleWrite
from core.outbox import emit
from core.said import Said, said
from experts.appointing.clocks import Clock, started
from experts.appointing.guards import GUARDS
from experts.appointing.models import Application, ApplicationStep
from experts.appointing.workflow import APPLICATION_WORKFLOW, CLOCKS, PAUSES


def side_of(actor: Actor) -> str:
    """The side an actor acts for: applicant, staff or system."""
    if Role.APPLICANT in actor.roles:
        return "applicant"
    return "system" if actor.system else "staff"


def refuse(field: str, sentence: Said, fix: Said | None = None) -> BadInput:
    """What is raised for one answer of a form that cannot be used."""
    return BadInput(
        sentence, fix=fix or said("Mend what is named and send it again."), fields={field: [sentence]}
    )


def today_of(session: Session, time: Time, centre_id: uuid.UUID) -> date:
    """The date at a centre."""
    return local_date(time.now(), session.get_one(Centre, centre_id).zone)


def get_application(session: Session, actor: Actor, application_id: uuid.UUID) -> Application:
    """The application, with all that belongs to it. Raises NotFound when the actor may not know of it."""
    query = Application.visible_to(actor).where(Application.id == application_id)
    found = session.scalar(
        query.options(
            selectinload(Application.steps),
            selectinload(Application.seats),
            selectinload(Application.objections),
            selectinload(Application.files),
        )
    )
    if found is None:
        raise NotFound(said("There is no such application for you."))
    return found


def changing(
    session: Session, actor: Actor, application_id: uuid.UUID, seen_version: int | None = None
) -> Application:
    """The application, locked for a change. Raises NotFound, or StaleWrite when it is no longer the version seen."""
    session.execute(select(Application.id).where(Application.id == application_id).with_for_update())
    found = get_application(session, actor, application_id)
    if seen_version is not None and found.version != seen_version:
        raise StaleWrite(
            said("This application changed while you were looking at it."),
            fix=said("Look again and decide anew; nothing was changed."),
            yours=seen_version,
            current=found.version,
        )
    return found


def move(
    session: Session,
    time: Time,
    actor: Actor,
    application: Application,
    step: str,
    *,
    note: str = "",
    by_side: str | None = None,
) -> None:
    """Take a declared step.

    Raises:
        NotAllowed, TransitionRefused: the table does not let this actor take it from here.
        BadInput: a guard of the step is not met; the sentence says which.
    """
    target = APPLICATION_WORKFLOW.take(step, application.state, actor)
    today = today_of(session, time, application.centre_id)
    for guard in GUARDS.get(step, ()):
        if (obstacle := guard(application, actor, today)) is not None:
            raise refuse(obstacle.field, obstacle.sentence)
    before, now = application.state, time.now()
    clock = _clock_after(application, target, today)
    application.state, application.due_on, application.days_left = target, clock.due_on, clock.left
    application.version += 1
    application.updated_at = now
    taken = ApplicationStep(
        step=step, state=target, note=note, by_side=by_side or side_of(actor), by=actor.name, at=now
    )
    application.steps.append(taken)
    session.flush()
    written(session, time, actor, application, step, {"state": target, "note": note})
    told = {
        "application": str(application.id),
        "step": step,
        "before": before,
        "state": target,
        "id": taken.id,
    }
    emit(session, "application.moved", str(application.id), told, time)


def _clock_after(application: Application, target: str, today: date) -> Clock:
    """The clock in ``target``: a new one, the one that stood, or, entering a pause, a new one beside what is left."""
    if PAUSES.get(target) == application.state:
        left = Clock(due_on=application.due_on).stopped(today).left
        return Clock(started(today, CLOCKS[target]).due_on, left)
    if PAUSES.get(application.state) == target:
        return Clock(left=application.days_left).going_on(today)
    return started(today, CLOCKS[target]) if target in CLOCKS else Clock()


def written(
    session: Session,
    time: Time,
    actor: Actor,
    application: Application,
    act: str,
    values: dict[str, Any] | None = None,
) -> None:
    """Write the audit row of an act on an application."""
    audit.record(
        session,
        time,
        actor,
        f"application.{act}",
        "application",
        application.id,
        values=values,
        centre_id=application.centre_id,
    )


def house_for(application: Application, name: str) -> Actor:
    """The house acting in the affair, in the name of whoever caused it."""
    return system_actor(name, application.centre_id)
