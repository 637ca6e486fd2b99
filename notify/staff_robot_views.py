"""Pages of the robots of the centre's own staff, for an administrator."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.actor import Permission
from core.errors import BadInput
from core.vault import Vault
from core.web import current_actor, house, load, read_session, requires, uuid_or_404, write_session
from notify.models import DELIVERY_WORKFLOW
from notify.robots import ROBOTS, Shape
from notify.schemas import StaffRobotActSchema, StaffRobotSchema
from notify.sending import Mailroom
from notify.staff_robots import (
    MOST_ROBOTS,
    add_robot,
    choose_topics,
    list_robots,
    remove_robot,
    send_robot_test,
)
from notify.topics import OF_ROBOTS

BLUEPRINT = Blueprint("staff_robots", __name__, url_prefix="/robots")
_NEW, _ACT = StaffRobotSchema(), StaffRobotActSchema()


@BLUEPRINT.get("")
@requires(Permission.USER_WRITE)
def index() -> ResponseReturnValue:
    """The robots, what each is told of and what came of it; a form for another."""
    return _page()


def _page(problem: BadInput | None = None) -> ResponseReturnValue:
    with read_session() as session:
        page = render_template(
            "notify/staff_robots.html",
            rows=list_robots(session, current_actor()),
            topics=OF_ROBOTS,
            shapes=[shape.value for shape in ROBOTS],
            states=DELIVERY_WORKFLOW.states,
            most=MOST_ROBOTS,
            problem=problem,
            # The address is a secret: a form that was refused does not print it again.
            shape=request.form.get("shape", ""),
            chosen=request.form.getlist("topics") if problem else [topic.id for topic in OF_ROBOTS],
        )
    return page, problem.status if problem else 200


@BLUEPRINT.post("")
@requires(Permission.USER_WRITE)
def add() -> ResponseReturnValue:
    """Add a robot; its address is not shown again."""
    told, app = load(_NEW, request.form), house()
    try:
        with write_session() as session:
            add_robot(
                session,
                app.clock,
                cast(Vault, current_app.extensions["seamark_vault"]),
                current_actor(),
                Shape(told["shape"]),
                told["url"],
                told["secret"],
                told["topics"],
                app.settings.webhook_allow,
            )
    except BadInput as problem:
        return _page(problem)
    flash(gettext("The robot is set. Send a test to see whether it answers."), "done")
    return redirect(url_for("staff_robots.index"))


@BLUEPRINT.post("/<robot_id>")
@requires(Permission.USER_WRITE)
def act(robot_id: str) -> ResponseReturnValue:
    """Choose what a robot is told of, test it, or take it away."""
    told: dict[str, Any] = load(_ACT, request.form)
    identity, clock = uuid_or_404(robot_id), house().clock
    with write_session() as session:
        if told["act"] == "topics":
            choose_topics(session, clock, current_actor(), identity, told["topics"])
        elif told["act"] == "test":
            mailroom: Mailroom = current_app.extensions["seamark_mailroom"]
            send_robot_test(session, clock, mailroom, current_actor(), identity)
        else:
            remove_robot(session, clock, current_actor(), identity)
    done = {
        "topics": gettext("Saved. It counts from now on."),
        "test": gettext("The test leaves within a minute; look here what comes of it."),
        "remove": gettext("The robot was removed; nothing more is sent there."),
    }
    flash(done[told["act"]], "done")
    return redirect(url_for("staff_robots.index"))


def init_staff_robots(app: Flask) -> None:
    """Give ``app`` the pages of the staff's robots."""
    app.register_blueprint(BLUEPRINT)
