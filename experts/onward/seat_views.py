"""The page of a seat, which its private link opens without an account: a department, the other side, a neutral."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from core.actor import Actor, Role
from core.errors import BadInput, TransitionRefused
from core.said import said
from core.web import Gate, house, load, requires, write_session
from enterprises.models import Firm
from experts.agencies.moving import today_of
from experts.life_web import Problems, done, problems_in
from experts.onward import joint, mediations, walls
from experts.onward.forms import SeatForm
from experts.onward.kinds import KINDS, ROOMS
from experts.onward.models import JointTask, OnwardSeat
from experts.onward.moving import get_affair, written
from experts.onward.onward_web import standing_of
from experts.onward.seats import by_token, seat_actor
from experts.onward.workflow import TALKING

BLUEPRINT = Blueprint("seat", __name__)
#: acts of a seat that are steps of the procedure
_STEPS = ("consent", "refuse", "leave", "settle", "award", "fail")


def _page(token: str, problems: Problems | None = None, status: int = 200) -> ResponseReturnValue:
    with write_session() as session:
        seat = by_token(session, token)
        actor = seat_actor(seat)
        shown = {"token": token, "typed": request.form, "problems": problems or {}}
        if Role.DEPARTMENT in actor.roles:
            task = get_affair(session, actor, JointTask, seat.subject_id)
            written(session, house().clock, actor, task, "read")
            one = joint.own_department(session, actor, task)
            return render_template("onward/seat_department.html", row=task, one=one, **shown), status
        row, rooms, heard = walls.hear(session, house().clock, actor, house().vault, seat.subject_id)
        page = render_template(
            "onward/seat_mediation.html",
            **standing_of(session, row, actor),
            kind=KINDS[row.kind],
            firm=session.get_one(Firm, row.firm_id),
            side=seat.role,
            neutral=walls.neutral_of(session, actor, row),
            rooms=[room for room in ROOMS if room in rooms],
            room_words=ROOMS,
            heard=heard,
            talking=row.state in {state.value for state in TALKING},
            today=today_of(session, house().clock, row.centre_id),
            **shown,
        )
    return page, status


@BLUEPRINT.get("/seat/<token>")
@requires(Gate.OPEN)
def show(token: str) -> ResponseReturnValue:
    """What the seat is for, and what one may do from it."""
    return _page(token)


@BLUEPRINT.post("/seat/<token>")
@requires(Gate.OPEN)
def act(token: str) -> ResponseReturnValue:
    """Do what the seat allows."""
    try:
        values = load(SeatForm(), request.form)
        with write_session() as session:
            seat = by_token(session, token)
            _act(session, seat_actor(seat), seat, values)
    except BadInput as error:
        return _page(token, problems_in(error), 422)
    flash(done(), "done")
    if values["act"] == "step_aside":
        # The link has ended with the step.
        return render_template("onward/seat_over.html")
    return redirect(url_for("seat.show", token=token))


def _act(session: Session, actor: Actor, seat: OnwardSeat, values: dict[str, Any]) -> None:
    clock, vault, subject, words = house().clock, house().vault, seat.subject_id, values["words"]
    what, seen = values["act"], values["version"]
    if Role.DEPARTMENT in actor.roles and what == "reply":
        joint.reply(session, clock, actor, subject, text=words, is_declined=values["declined"])
    elif what == "say":
        walls.say(session, clock, actor, vault, subject, values["room"], words)
    elif what in ("declare", "step_aside"):
        mediations.declare(
            session, clock, actor, subject, is_free=what == "declare", disclosed=words, seen_version=seen
        )
    elif what == "challenge" and values["neutral"] is not None:
        mediations.challenge(
            session, clock, actor, subject, values["neutral"], reason=words, seen_version=seen
        )
    elif what == "meeting":
        mediations.plan_meeting(session, clock, actor, subject, on=values["on"], how=words)
    elif what in _STEPS:
        mediations.take(session, clock, actor, vault, subject, what, seen_version=seen, words=words)
    else:
        raise TransitionRefused(said("There is nothing like that to be done here."))
