"""Pages of a joint task for the centre's staff; a department has its seat."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.actor import Permission
from core.errors import BadInput
from core.web import current_actor, house, load, requires, uuid_or_404, write_session
from experts.agencies.moving import today_of
from experts.consultation_models import Consultation
from experts.life_web import Problems, done, problems_in
from experts.onward import joint
from experts.onward.forms import ExtendForm, ReplyForm, StepForm, TaskForm
from experts.onward.kinds import DEPARTMENTS
from experts.onward.models import JointTask
from experts.onward.moving import get_affair, written
from experts.onward.onward_web import consent_port, links_page, standing_of
from experts.onward.workflow import REPLY_DAYS

BLUEPRINT = Blueprint("joint_tasks", __name__)
#: lines of the form beyond those that are filled in
_SPARE = 3


def _page(task_id: str, problems: Problems | None = None, status: int = 200) -> ResponseReturnValue:
    actor = current_actor()
    with write_session() as session:
        row = get_affair(session, actor, JointTask, uuid_or_404(task_id))
        written(session, house().clock, actor, row, "read")
        page = render_template(
            "onward/joint.html",
            **standing_of(session, row),
            consultation=session.get(Consultation, row.consultation_id) if row.consultation_id else None,
            today=today_of(session, house().clock, row.centre_id),
            usual=DEPARTMENTS,
            reply_days=REPLY_DAYS,
            spare=_SPARE,
            typed=request.form,
            problems=problems or {},
        )
    return page, status


@BLUEPRINT.get("/joint-tasks/<task_id>")
@requires(Permission.ONWARD_HANDLE)
def show(task_id: str) -> ResponseReturnValue:
    """One task: the question, each department's day and reply."""
    return _page(task_id)


@BLUEPRINT.post("/joint-tasks/<task_id>")
@requires(Permission.ONWARD_HANDLE)
def write(task_id: str) -> ResponseReturnValue:
    """Save a draft."""
    try:
        values = load(TaskForm(), request.form)
        days = [*values["days"], *[REPLY_DAYS] * len(values["department"])]
        with write_session() as session:
            joint.write_task(
                session, house().clock, current_actor(), uuid_or_404(task_id), title=values["title"],
                question=values["question"],
                departments=list(zip(values["department"], days, strict=False)), seen_version=values["version"],
            )  # fmt: skip
    except BadInput as error:
        return _page(task_id, problems_in(error), 422)
    flash(done(), "done")
    return redirect(url_for("joint_tasks.show", task_id=task_id))


@BLUEPRINT.post("/joint-tasks/<task_id>/step")
@requires(Permission.ONWARD_HANDLE)
def step(task_id: str) -> ResponseReturnValue:
    """Ask the departments, ask again, conclude or cancel."""
    tokens = None
    try:
        values = load(StepForm(), request.form)
        with write_session() as session:
            asked = (session, house().clock, current_actor(), uuid_or_404(task_id))
            seen = {"seen_version": values["version"]}
            if values["step"] == "ask":
                tokens = joint.ask(*asked, **seen, consent_given=consent_port())
            elif values["step"] == "ask_more":
                tokens = joint.ask_again(*asked, values["departments"], words=values["words"], **seen)
            else:
                joint.take(*asked, values["step"], words=values["words"], **seen)
    except BadInput as error:
        return _page(task_id, problems_in(error), 422)
    if tokens is not None:
        back = url_for("joint_tasks.show", task_id=task_id)
        return links_page(gettext("The departments are asked"), tokens, back)
    flash(done(), "done")
    return redirect(url_for("joint_tasks.show", task_id=task_id))


@BLUEPRINT.post("/joint-tasks/<task_id>/departments/<department_id>/reply")
@requires(Permission.ONWARD_HANDLE)
def reply(task_id: str, department_id: str) -> ResponseReturnValue:
    """Write down a reply that came by letter or telephone."""
    try:
        values = load(ReplyForm(), request.form)
        with write_session() as session:
            joint.reply(
                session, house().clock, current_actor(), uuid_or_404(task_id), text=values["reply"],
                is_declined=values["declined"], department_id=uuid_or_404(department_id),
            )  # fmt: skip
    except BadInput as error:
        return _page(task_id, problems_in(error), 422)
    flash(done(), "done")
    return redirect(url_for("joint_tasks.show", task_id=task_id))


@BLUEPRINT.post("/joint-tasks/<task_id>/departments/<department_id>/extend")
@requires(Permission.ONWARD_HANDLE)
def extend(task_id: str, department_id: str) -> ResponseReturnValue:
    """Give a department longer."""
    try:
        values = load(ExtendForm(), request.form)
        with write_session() as session:
            joint.extend(
                session, house().clock, current_actor(), uuid_or_404(task_id), uuid_or_404(department_id),
                days=values["days"], reason=values["reason"], seen_version=values["version"],
            )  # fmt: skip
    except BadInput as error:
        return _page(task_id, problems_in(error), 422)
    flash(done(), "done")
    return redirect(url_for("joint_tasks.show", task_id=task_id))
