"""Pages of the desk: the morning's view, the tasks, one task with what was done about it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from accounts.models import User
from core.actor import Actor, Permission
from core.errors import BadInput
from core.web import (
    current_actor,
    house,
    load,
    read_session,
    register_fragment,
    requires,
    uuid_or_404,
    write_session,
)
from warning.bulletin_reading import people
from warning.desk import cases_of, firms_of, read_desk, task_rows
from warning.desk_clocks import CALL, load_desk_clocks
from warning.desk_models import TASK_WORKFLOW, CallResult
from warning.desk_tasks import (
    LEAST_WORDS,
    MOST_WORDS,
    count_tasks,
    get_task,
    list_tasks,
    move_task,
    notes_of,
    record_call,
    take_task,
)
from warning.schemas import TaskListSchema, TaskStepSchema

BLUEPRINT = Blueprint("desk", __name__, url_prefix="/desk")
_LIST, _STEP = TaskListSchema(), TaskStepSchema()


@BLUEPRINT.get("")
@requires(Permission.DESK_WORK)
def show() -> ResponseReturnValue:
    """What arrived, what is doubtful, what is due, who has not answered, what was not delivered."""
    actor = current_actor()
    with read_session() as session:
        return render_template(
            "warning/desk.html",
            desk=read_desk(session, house().clock, actor),
            kinds=load_desk_clocks().names,
            now=house().clock.now(),
        )


@BLUEPRINT.get("/tasks")
@requires(Permission.DESK_WORK)
def tasks() -> ResponseReturnValue:
    """The centre's tasks, the first due first."""
    actor, values = current_actor(), load(_LIST, request.args)
    with read_session() as session:
        page = list_tasks(session, house().clock, actor, **values)
        cases, firms = task_rows(page.rows)
        return render_template(
            "warning/desk_tasks.html",
            page=page,
            values=values,
            counts=count_tasks(session, house().clock, actor),
            cases=cases_of(session, actor, cases),
            firms=firms_of(session, actor, firms),
            kinds=load_desk_clocks().names,
            states=TASK_WORKFLOW.states,
            people=people(session, actor, [task.assignee for task in page.rows if task.assignee]),
            now=house().clock.now(),
        )


@BLUEPRINT.get("/tasks/<task_id>")
@requires(Permission.DESK_WORK)
def task(task_id: str) -> ResponseReturnValue:
    """One task: what it is about, what was done, what may be done."""
    return _task_page(task_id)


def _task_page(task_id: str, problem: BadInput | None = None) -> ResponseReturnValue:
    actor = current_actor()
    with read_session() as session:
        found = get_task(session, actor, uuid_or_404(task_id))
        notes = notes_of(session, actor, found)
        cases, firms = task_rows([found])
        accounts = select(User.email).where(User.firm_id == found.firm_id, User.active).order_by(User.email)
        page = render_template(
            "warning/desk_task.html",
            task=found,
            notes=notes,
            case=cases_of(session, actor, cases).get(found.case_id),
            firm=firms_of(session, actor, firms).get(found.firm_id) if found.firm_id else None,
            accounts=list(session.scalars(accounts)) if found.firm_id else [],
            kinds=load_desk_clocks().names,
            states=TASK_WORKFLOW.states,
            steps={step.name: step for step in TASK_WORKFLOW.open_to(found.state, actor)},
            is_call=found.kind == CALL,
            results=[result.value for result in CallResult],
            people=people(session, actor, [note.noted_by for note in notes] + [found.assignee or ""]),
            typed=request.form if problem else {},
            problem=problem,
            least=LEAST_WORDS,
            most=MOST_WORDS,
            now=house().clock.now(),
        )
    return page, problem.status if problem else 200


@BLUEPRINT.post("/tasks/<task_id>/step")
@requires(Permission.DESK_WORK)
def step(task_id: str) -> ResponseReturnValue:
    """Take a task on or give it back, record a call, finish, drop or reopen."""
    actor, clock, identity = current_actor(), house().clock, uuid_or_404(task_id)
    try:
        values = load(_STEP, request.form)
        seen: dict[str, Any] = {"seen_version": values["version"]}
        with write_session() as session:
            match values["step"]:
                case "call":
                    record_call(
                        session,
                        clock,
                        actor,
                        identity,
                        values["result"],
                        values["words"],
                        values["next_on"],
                        **seen,
                    )
                case "take" | "release":
                    take_task(session, clock, actor, identity, is_mine=values["step"] == "take", **seen)
                case _:
                    move_task(session, clock, actor, identity, values["step"], values["words"], **seen)
    except BadInput as problem:
        return _task_page(task_id, problem)
    done = {
        "call": gettext("The call is recorded."),
        "take": gettext("You took it on."),
        "release": gettext("Given back to the desk."),
        "finish": gettext("Finished."),
        "drop": gettext("Dropped; the reason is kept."),
        "reopen": gettext("Reopened."),
    }
    flash(done[values["step"]], "done")
    return redirect(url_for("desk.task", task_id=task_id))


def _badge(actor: Actor, **context: Any) -> str:
    if not actor.may(Permission.DESK_WORK):
        return ""
    with read_session() as session:
        _, late = count_tasks(session, house().clock, actor)
    return render_template("warning/_desk_badge.html", count=late) if late else ""


def init_desk(app: Flask) -> None:
    """Give ``app`` the desk's pages."""
    app.register_blueprint(BLUEPRINT)
    register_fragment(app, "nav.desk", _badge)
