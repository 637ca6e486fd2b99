"""Publicity (公示): what the public reads, objections, their decision, and what time alone brings about."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core.actor import VISITOR, Actor, Permission, system_actor
from core.clock import Clock as Time
from core.db import new_id
from core.errors import NotFound, TransitionRefused
from core.said import said
from core.workdays import add_working_days
from experts.appointing.models import Application, Objection
from experts.appointing.moving import changing, house_for, move, refuse, today_of, written
from experts.appointing.workflow import CLOCKS, PUBLIC_STATES, ApplicationState

_OBJECTION = ApplicationState.OBJECTION.value
#: objections that wait at a time; more of the same are taken by telephone
MOST_OPEN = 20


@dataclass(frozen=True)
class Published:
    """What the public reads of somebody proposed: no mark, no contact, nothing of their clients."""

    id: uuid.UUID
    centre_id: uuid.UUID
    number: str
    name_zh: str
    name_en: str
    expert_class: str
    employer: str
    title: str
    dispute_types: tuple[str, ...]
    languages: tuple[str, ...]
    from_on: date
    #: the last day to object; None while an objection is decided and the clock stands
    until_on: date | None
    #: working days left while the clock stands
    days_left: int | None


def _published(application: Application) -> Published:
    told: dict[str, Any] = application.answers
    stands = application.state == _OBJECTION
    assert application.published_on is not None
    return Published(
        application.id,
        application.centre_id,
        application.number or "",
        application.name,
        str(told.get("name_en", "")),
        str(told.get("expert_class", "")),
        str(told.get("employer", "")),
        str(told.get("title", "")),
        tuple(told.get("dispute_types", ())),
        tuple(told.get("languages", ())),
        application.published_on,
        None if stands else application.due_on,
        application.days_left if stands else None,
    )


def _public(session: Session) -> list[Application]:
    states = [state.value for state in PUBLIC_STATES]
    query = select(Application).where(Application.state.in_(states))
    return list(session.scalars(query.order_by(Application.published_on, Application.number)))


def list_published(session: Session) -> list[Published]:
    """Everybody who is proposed now, the longest first. A panel proposes some dozens at a time."""
    return [_published(row) for row in _public(session)]


def get_published(session: Session, application_id: uuid.UUID) -> Published:
    """One who is proposed. Raises NotFound when the publicity is over: what was published is not kept in public."""
    for row in _public(session):
        if row.id == application_id:
            return _published(row)
    raise NotFound(
        said("Nobody is published under this address now."),
        fix=said("A publicity is taken down when it ends; the list shows those under way."),
    )


def object_to(
    session: Session,
    time: Time,
    application_id: uuid.UUID,
    *,
    name: str,
    contact: str,
    ground: str,
    actor: Actor = VISITOR,
) -> Objection:
    """File an objection; the publicity's clock stands until it is decided.

    Raises BadInput (anonymous or empty), NotFound, TransitionRefused (too late, or too many wait).
    """
    session.execute(select(Application.id).where(Application.id == application_id).with_for_update())
    application = session.scalar(
        select(Application)
        .where(Application.id == application_id, Application.state.in_([s.value for s in PUBLIC_STATES]))
        .options(selectinload(Application.objections), selectinload(Application.steps))
    )
    if application is None:
        raise NotFound(said("Nobody is published under this address now."))
    for field, value, sentence in (
        ("name", name, said("Write your name: it is shown to the centre's staff alone.")),
        ("contact", contact, said("Say how the centre can answer you.")),
        ("ground", ground, said("Say what you object to and what it rests on.")),
    ):
        if not value.strip():
            raise refuse(field, sentence)
    today = today_of(session, time, application.centre_id)
    if application.due_on is not None and application.state != _OBJECTION and today > application.due_on:
        raise TransitionRefused(said("The last day to object has passed."))
    if sum(o.state == "open" for o in application.objections) >= MOST_OPEN:
        raise TransitionRefused(said("Many objections wait already; call the centre instead."))
    objection = Objection(
        id=new_id(),
        name=name.strip(),
        contact=contact.strip(),
        ground=ground.strip(),
        filed_at=time.now(),
        due_on=add_working_days(today, CLOCKS[_OBJECTION]),
    )
    application.objections.append(objection)
    session.flush()
    house = house_for(application, actor.name)
    written(session, time, house, application, "objection_filed", {"objection": objection.id})
    if application.state != _OBJECTION:
        move(session, time, house, application, "object", by_side="public")
    return objection


def decide_objection(
    session: Session,
    time: Time,
    actor: Actor,
    application_id: uuid.UUID,
    objection_id: uuid.UUID,
    *,
    upheld: bool,
    decision: str,
    seen_version: int,
) -> Application:
    """Decide an objection. One upheld ends the application; the last one dismissed lets the publicity go on.

    Raises BadInput (no reason, or the actor sits on the panel), NotFound, NotAllowed, StaleWrite, TransitionRefused.
    """
    application = changing(session, actor, application_id, seen_version)
    actor.require(Permission.APPOINT_HANDLE)
    objection = next((o for o in application.objections if o.id == objection_id), None)
    if objection is None:
        raise NotFound(said("There is no such objection."))
    if application.state != _OBJECTION or objection.state != "open":
        raise TransitionRefused(said("This objection is decided."))
    if any(seat.account_id == actor.user_id for seat in application.seats):
        raise refuse("decision", said("You sit on this panel: another person decides this."))
    if not decision.strip():
        raise refuse("decision", said("Say why; the decision is kept with the application."))
    objection.state = "upheld" if upheld else "dismissed"
    objection.decision, objection.decided_by, objection.decided_at = decision.strip(), actor.name, time.now()
    application.version += 1
    session.flush()
    written(
        session, time, actor, application, "objection_decided",
        {"objection": objection.id, "state": objection.state},
    )  # fmt: skip
    if upheld:
        application.refusal = "objection"
        move(session, time, actor, application, "uphold")
    elif all(o.state == "dismissed" for o in application.objections):
        move(session, time, actor, application, "dismiss")
    return application


def let_time_pass(session: Session, time: Time, centre_id: uuid.UUID) -> int:
    """End publicities whose last day has passed, and let supplements lapse; returns how many. For the job."""
    today, moved = today_of(session, time, centre_id), 0
    steps = {
        ApplicationState.PUBLICITY.value: "end_publicity",
        ApplicationState.SUPPLEMENT.value: "lapse",
    }
    query = select(Application.id).where(
        Application.centre_id == centre_id, Application.state.in_(steps), Application.due_on < today
    )
    house = system_actor("job:appointing", centre_id)
    for application_id in session.scalars(query.order_by(Application.id)).all():
        application = changing(session, house, application_id)
        step = steps[application.state]
        last = application.due_on
        move(session, time, house, application, step)
        if step == "end_publicity":
            application.publicity_ended_on = last
        moved += 1
    session.flush()
    return moved
