"""Open calls: written, published, closed."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Permission
from core.clock import Clock as Time
from core.errors import NotFound, StaleWrite
from core.said import said
from core.text import collapse
from experts.appointing.models import Call
from experts.appointing.moving import refuse, today_of
from experts.appointing.workflow import CALL_WORKFLOW, TERM_YEARS, CallState


def list_calls(session: Session, actor: Actor) -> list[Call]:
    """Calls the actor may see, the newest first; a centre has a few a year."""
    query = Call.visible_to(actor).order_by(Call.opens_on.desc(), Call.id.desc()).limit(100)
    return list(session.scalars(query))


def get_call(session: Session, actor: Actor, call_id: uuid.UUID) -> Call:
    """The call. Raises NotFound when the actor may not know of it."""
    found = session.scalar(Call.visible_to(actor).where(Call.id == call_id))
    if found is None:
        raise NotFound(said("There is no such call."))
    return found


def takes(call: Call, today: date) -> bool:
    """Whether one may apply on ``today``."""
    return call.state == CallState.OPEN.value and call.opens_on <= today <= call.closes_on


def write_call(
    session: Session,
    time: Time,
    actor: Actor,
    *,
    title_zh: str,
    text_zh: str,
    opens_on: date,
    closes_on: date,
    title_en: str = "",
    text_en: str = "",
    term_years: int = TERM_YEARS,
) -> Call:
    """A draft of a call. Raises NotAllowed, BadInput (its days or years make no sense)."""
    actor.require(Permission.APPOINT_HANDLE)
    if closes_on < opens_on:
        raise refuse("closes_on", said("It closes before it opens."))
    if not 1 <= term_years <= 5:
        raise refuse("term_years", said("A term is one to five years."))
    if actor.centre_id is None:
        raise NotFound(said("There is no such call."))
    call = Call(
        centre_id=actor.centre_id,
        title_zh=collapse(title_zh),
        title_en=collapse(title_en),
        text_zh=text_zh.strip(),
        text_en=text_en.strip(),
        opens_on=opens_on,
        closes_on=closes_on,
        term_years=term_years,
        created_by=actor.name,
        created_at=time.now(),
    )
    session.add(call)
    session.flush()
    values = {"title": call.title_zh, "opens": opens_on, "closes": closes_on}
    audit.record(
        session, time, actor, "call.written", "call", call.id, values=values, centre_id=call.centre_id
    )
    return call


def step_call(
    session: Session, time: Time, actor: Actor, call_id: uuid.UUID, step: str, *, seen_version: int
) -> Call:
    """Publish or close a call. Raises NotFound, NotAllowed, StaleWrite, TransitionRefused, BadInput (its time is over)."""
    session.execute(select(Call.id).where(Call.id == call_id).with_for_update())
    call = get_call(session, actor, call_id)
    target = CALL_WORKFLOW.take(step, call.state, actor)
    if call.version != seen_version:
        raise StaleWrite(
            said("This call changed while you were looking at it."),
            fix=said("Look again and decide anew; nothing was changed."),
        )
    if step == "open" and call.closes_on < today_of(session, time, call.centre_id):
        raise refuse("closes_on", said("Its last day has passed: write a new call."))
    call.state = target
    call.version += 1
    audit.record(
        session,
        time,
        actor,
        f"call.{step}",
        "call",
        call.id,
        values={"state": target},
        centre_id=call.centre_id,
    )
    return call
