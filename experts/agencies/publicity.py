"""Publicity (公示) of proposed agencies: what the public reads, objections and their decision."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor, Permission
from core.clock import Clock as Time
from core.db import new_id
from core.errors import NotFound, TransitionRefused
from core.said import said
from core.text import collapse
from experts.agencies.models import AgencyApplication, AgencyObjection
from experts.agencies.moving import changing, house_for, move, refuse, today_of, touched, written
from experts.agencies.workflow import PUBLIC_STATES, AdmissionState

_OBJECTION = AdmissionState.OBJECTION.value
#: objections that wait at a time; more of the same are taken by telephone
MOST_OPEN = 20


@dataclass(frozen=True)
class Published:
    """What the public reads of an agency proposed: no mark, no contact, nothing of its clients."""

    id: uuid.UUID
    number: str
    name_zh: str
    name_en: str
    agency_class: str
    offices: tuple[dict[str, Any], ...]
    languages: tuple[str, ...]
    dispute_types: tuple[str, ...]
    from_on: date
    #: the last day to object; None while an objection is decided and the clock stands
    until_on: date | None
    #: working days left while the clock stands
    days_left: int | None


def _published(application: AgencyApplication) -> Published:
    told: dict[str, Any] = application.answers
    stands = application.state == _OBJECTION
    assert application.published_on is not None
    return Published(
        application.id,
        application.number or "",
        application.name,
        str(told.get("name_en", "")),
        str(told.get("agency_class", "")),
        tuple(told.get("offices") or ()),
        tuple(told.get("languages") or ()),
        tuple(told.get("dispute_types") or ()),
        application.published_on,
        None if stands else application.due_on,
        application.days_left if stands else None,
    )


def list_published(session: Session) -> list[Published]:
    """Every agency proposed now, the longest first. A centre proposes some dozens at a time."""
    query = select(AgencyApplication).where(AgencyApplication.state.in_([s.value for s in PUBLIC_STATES]))
    order = (AgencyApplication.published_on, AgencyApplication.number)
    return [_published(row) for row in session.scalars(query.order_by(*order))]


def get_published(session: Session, application_id: uuid.UUID) -> Published:
    """One that is proposed. Raises NotFound when the publicity is over: what was published is not kept in public."""
    for row in list_published(session):
        if row.id == application_id:
            return row
    raise NotFound(
        said("No agency is published under this address now."),
        fix=said("A publicity is taken down when it ends; the list shows the agencies under way."),
    )


def object_to(
    session: Session, time: Time, application_id: uuid.UUID, *, name: str, contact: str, ground: str
) -> AgencyObjection:
    """File an objection; the publicity's clock stands until it is decided.

    Raises BadInput (anonymous or empty), NotFound, TransitionRefused (too late, or too many wait).
    """
    states = [state.value for state in PUBLIC_STATES]
    application = session.scalar(
        select(AgencyApplication)
        .where(AgencyApplication.id == application_id, AgencyApplication.state.in_(states))
        .with_for_update()
    )
    if application is None:
        raise NotFound(said("No agency is published under this address now."))
    for field, value, sentence in (
        ("name", name, said("Write your name: it is shown to the centre's staff alone.")),
        ("contact", contact, said("Say how the centre can answer you.")),
        ("ground", ground, said("Say what you object to and what it rests on.")),
    ):
        if not collapse(value):
            raise refuse(field, sentence)
    today = today_of(session, time, application.centre_id)
    is_over = application.due_on is not None and today > application.due_on
    if application.state != _OBJECTION and is_over:
        raise TransitionRefused(said("The last day to object has passed."))
    if sum(one.state == "open" for one in application.objections) >= MOST_OPEN:
        raise TransitionRefused(said("Many objections wait already; call the centre instead."))
    objection = AgencyObjection(
        id=new_id(), application_id=application.id, name=collapse(name), contact=collapse(contact),
        ground=ground.strip(), state="open", decision="", decided_by=None, filed_at=time.now(),
    )  # fmt: skip
    application.objections.append(objection)
    session.flush()
    house = house_for(application, "visitor")
    written(session, time, house, application, "objection_filed", {"objection": str(objection.id)})
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
    is_upheld: bool,
    decision: str,
    seen_version: int,
) -> AgencyApplication:
    """Decide an objection. One upheld ends the application; the last one dismissed lets the publicity go on.

    Raises BadInput (no reason, or the actor marked it), NotFound, NotAllowed, StaleWrite, TransitionRefused.
    """
    application = changing(session, actor, AgencyApplication, application_id, seen_version)
    actor.require(Permission.AGENCY_HANDLE)
    objection = next((one for one in application.objections if one.id == objection_id), None)
    if objection is None:
        raise NotFound(said("There is no such objection."))
    if application.state != _OBJECTION or objection.state != "open":
        raise TransitionRefused(said("This objection is decided."))
    if any(mark.account_id == actor.user_id for mark in application.marks):
        raise refuse("decision", said("You marked this application: another person decides this."))
    if not collapse(decision):
        raise refuse("decision", said("Say why; the decision is kept with the application."))
    objection.state = "upheld" if is_upheld else "dismissed"
    objection.decision, objection.decided_by = decision.strip(), actor.name
    session.flush()
    written(
        session, time, actor, application, "objection_decided",
        {"objection": str(objection.id), "state": objection.state},
    )  # fmt: skip
    if is_upheld:
        move(session, time, actor, application, "uphold")
        application.refusal = "objection"
    elif all(one.state == "dismissed" for one in application.objections):
        move(session, time, actor, application, "dismiss")
    else:
        touched(application, time)
    session.flush()
    return application
