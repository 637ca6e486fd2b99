"""Pages of the centre and of reviewers: the queue of applications, one application and what may be done with it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import User
from core.actor import Actor, Permission
from core.clock import Clock as Time
from core.errors import BadInput
from core.said import said
from core.web import current_actor, house, load, read_session, requires, uuid_or_404, write_session
from core.workdays import working_days_between
from experts.appointing import applying, publicity, reviewing, standing
from experts.appointing.apply_views import handed_out
from experts.appointing.forms import DecisionForm, PanelForm, StepForm, check_form, marks_form
from experts.appointing.guards import mean_of
from experts.appointing.models import Application, Call
from experts.appointing.moving import get_application, today_of, written
from experts.appointing.web import Problems, done, problems_in
from experts.appointing.workflow import (
    APPLICATION_WORKFLOW,
    CHECKS,
    CRITERIA,
    DOCUMENTS,
    HOLDERS,
    OPEN_STATES,
    PASS_MARK,
    REFUSALS,
    WAIVABLE,
)

DESK = Blueprint("applications", __name__)
#: rows of the queue; a call brings dozens, and what is over is found by its state
MOST = 200


@DESK.get("/applications")
@requires(Permission.APPOINT_SCORE)
def index() -> ResponseReturnValue:
    """The queue for staff, the most pressing first; for a reviewer those that wait for their marks."""
    actor, wanted = current_actor(), request.args.get("state", "open")
    query = Application.visible_to(actor)
    if wanted in APPLICATION_WORKFLOW.states:
        query = query.where(Application.state == wanted)
    elif wanted != "all":
        query = query.where(Application.state.in_([state.value for state in OPEN_STATES]))
    with read_session() as session:
        order = (Application.due_on.is_(None), Application.due_on, Application.number)
        rows = list(session.scalars(query.order_by(*order).limit(MOST)))
        today = today_of(session, house().clock, actor.centre_id) if actor.centre_id else None
        left = {
            row.id: working_days_between(today, row.due_on)
            for row in rows
            if row.due_on is not None and today
        }
        return render_template(
            "appointing/applications.html",
            rows=rows,
            left=left,
            wanted=wanted,
            states=APPLICATION_WORKFLOW.states,
            holders=HOLDERS,
            staff=actor.may(Permission.APPOINT_HANDLE),
        )


#: states in which the centre is waited for
_CENTRES = ("submitted", "qualification_check", "panel_review", "objection", "approved")


def on_desk(actor: Actor, **context: Any) -> str:
    """The applications that wait for the centre, the most pressing first, for its desk."""
    if not actor.may(Permission.APPOINT_HANDLE) or actor.centre_id is None:
        return ""
    waits = Application.visible_to(actor).where(Application.state.in_(_CENTRES))
    with read_session() as session:
        rows = list(session.scalars(waits.order_by(Application.due_on, Application.number).limit(6)))
        today = today_of(session, house().clock, actor.centre_id)
        left = {row.id: working_days_between(today, row.due_on) for row in rows if row.due_on is not None}
        return render_template(
            "appointing/_desk.html", rows=rows, left=left, states=APPLICATION_WORKFLOW.states
        )


def _people(session: Session, row: Application) -> dict[uuid.UUID, str]:
    """Addresses of the panel: accounts have no other name."""
    ids = {seat.account_id for seat in row.seats} | {row.supervisor_id}
    return {user.id: user.email for user in session.scalars(select(User).where(User.id.in_(ids)))}


def _page(application_id: str, problems: Problems | None = None, status: int = 200) -> ResponseReturnValue:
    actor = current_actor()
    with read_session() as session:
        row = get_application(session, actor, uuid_or_404(application_id))
        staff = actor.may(Permission.APPOINT_HANDLE)
        today = today_of(session, house().clock, row.centre_id)
        mine = next((seat for seat in row.seats if seat.account_id == actor.user_id), None)
        page = render_template(
            "appointing/application.html",
            row=row,
            told=row.answers,
            call=session.get_one(Call, row.call_id),
            state=APPLICATION_WORKFLOW.states[row.state],
            holder=HOLDERS.get(row.state),
            left=working_days_between(today, row.due_on) if row.due_on else None,
            steps={step.name: step for step in APPLICATION_WORKFLOW.open_to(row.state, actor)},
            workflow=APPLICATION_WORKFLOW,
            staff=staff,
            mine=mine,
            people=_people(session, row),
            possible=(
                reviewing.possible_reviewers(session, actor) if staff and row.state == "panel_review" else []
            ),
            mean=mean_of(row),
            pass_mark=PASS_MARK,
            checks=CHECKS,
            waivable=WAIVABLE,
            criteria=CRITERIA,
            refusals=REFUSALS,
            files=[file for file in row.files if applying.opens_to(file, actor)],
            documents=DOCUMENTS,
            problems=problems or {},
            typed=request.form,
        )
    return page, status


@DESK.get("/applications/<application_id>")
@requires(Permission.APPOINT_SCORE)
def show(application_id: str) -> ResponseReturnValue:
    """What is told, checked, marked, objected; and what one may do now. That it was read is audited."""
    with write_session() as session:
        row = get_application(session, current_actor(), uuid_or_404(application_id))
        written(session, house().clock, current_actor(), row, "read")
    return _page(application_id)


@DESK.get("/applications/<application_id>/files/<file_id>")
@requires(Permission.APPOINT_SCORE)
def download(application_id: str, file_id: str) -> ResponseReturnValue:
    """A document; that it was taken is audited."""
    with write_session() as session:
        file, content = applying.read_file(
            session, house().clock, current_actor(), house().vault,
            uuid_or_404(application_id), uuid_or_404(file_id),
        )  # fmt: skip
    return handed_out(file, content)


@DESK.post("/applications/<application_id>/step")
@requires(Permission.APPOINT_HANDLE)
def step(application_id: str) -> ResponseReturnValue:
    """Take a step; the service asks whether this actor may."""
    try:
        values = load(StepForm(), request.form)
        with write_session() as session:
            _take(session, house().clock, uuid_or_404(application_id), values)
    except BadInput as error:
        return _page(application_id, problems_in(error), 422)
    flash(done(), "done")
    return redirect(url_for("applications.show", application_id=application_id))


def _take(session: Session, clock: Time, one: uuid.UUID, values: dict[str, Any]) -> None:
    actor, seen, note = current_actor(), values["version"], values["note"]
    name = values["step"]
    if name == "begin_check":
        reviewing.begin_check(session, clock, actor, one, seen_version=seen)
    elif name == "ask_supplement":
        reviewing.ask_supplement(session, clock, actor, one, note=note, seen_version=seen)
    elif name in ("pass_check", "fail_check"):
        passes, reason = name == "pass_check", values["reason"]
        reviewing.decide_check(
            session, clock, actor, one, passes=passes, reason=reason, note=note, seen_version=seen
        )
    elif name in ("conclude_panel", "fail_panel"):
        reviewing.conclude_panel(session, clock, actor, one, seen_version=seen)
    elif name == "appoint":
        standing.appoint(session, clock, actor, one, seen_version=seen)
    else:
        raise BadInput(said("This step is taken on another page."))


@DESK.post("/applications/<application_id>/check")
@requires(Permission.APPOINT_HANDLE)
def check(application_id: str) -> ResponseReturnValue:
    """Write down what the check found."""
    try:
        values = load(check_form(), request.form)
        found = {
            item: {"result": values[f"{item}_result"], "note": values[f"{item}_note"]} for item, _ in CHECKS
        }
        with write_session() as session:
            reviewing.keep_checklist(
                session, house().clock, current_actor(), uuid_or_404(application_id), found,
                seen_version=values["version"],
            )  # fmt: skip
    except BadInput as error:
        return _page(application_id, problems_in(error), 422)
    flash(done(), "done")
    return redirect(url_for("applications.show", application_id=application_id))


@DESK.post("/applications/<application_id>/panel")
@requires(Permission.APPOINT_HANDLE)
def panel(application_id: str) -> ResponseReturnValue:
    """Name who marks and who watches over them."""
    try:
        values = load(PanelForm(), request.form)
        with write_session() as session:
            reviewing.name_panel(
                session, house().clock, current_actor(), uuid_or_404(application_id),
                reviewers=values["reviewers"], supervisor=values["supervisor"],
                seen_version=values["version"],
            )  # fmt: skip
    except BadInput as error:
        return _page(application_id, problems_in(error), 422)
    flash(done(), "done")
    return redirect(url_for("applications.show", application_id=application_id))


@DESK.post("/applications/<application_id>/mark")
@requires(Permission.APPOINT_SCORE)
def mark(application_id: str) -> ResponseReturnValue:
    """A reviewer's marks."""
    try:
        values = load(marks_form(), request.form)
        points = {c.id: values[c.id] for c in CRITERIA}
        with write_session() as session:
            reviewing.mark(
                session, house().clock, current_actor(), uuid_or_404(application_id), points,
                is_free=values["is_free"], words=values["words"],
            )  # fmt: skip
    except BadInput as error:
        return _page(application_id, problems_in(error), 422)
    flash(done(), "done")
    return redirect(url_for("applications.show", application_id=application_id))


@DESK.post("/applications/<application_id>/objections/<objection_id>")
@requires(Permission.APPOINT_HANDLE)
def decide(application_id: str, objection_id: str) -> ResponseReturnValue:
    """Decide an objection."""
    try:
        values = load(DecisionForm(), request.form)
        with write_session() as session:
            publicity.decide_objection(
                session, house().clock, current_actor(), uuid_or_404(application_id), uuid_or_404(objection_id),
                upheld=values["outcome"] == "upheld", decision=values["decision"],
                seen_version=values["version"],
            )  # fmt: skip
    except BadInput as error:
        return _page(application_id, problems_in(error), 422)
    flash(done(), "done")
    return redirect(url_for("applications.show", application_id=application_id))
