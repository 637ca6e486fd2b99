"""Pages of case studies: the public list and page, and the staff's draft on the same address."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, fields, validate

from core.actor import Actor, Permission, Role
from core.errors import BadInput
from core.said import said
from core.web import (
    Gate,
    current_actor,
    house,
    load,
    read_session,
    register_fragment,
    requires,
    uuid_or_404,
    write_session,
)
from experts.consents import Purpose, is_given
from experts.consultation_models import Consultation
from experts.life_web import Problems, done, problems_in
from experts.studies import publishing, writing
from experts.studies.checking import found_in
from experts.studies.workflow import CHECKLIST, SECTIONS, STUDY_WORKFLOW, StudyState

BLUEPRINT = Blueprint("studies", __name__)


class _Draft(Schema):
    """What is written of a case study."""

    class Meta:
        unknown = EXCLUDE

    version = fields.Integer(required=True)
    title = fields.String(load_default="", validate=validate.Length(max=120))
    checked = fields.List(fields.String(), load_default=list)
    background = fields.String(load_default="", validate=validate.Length(max=5000))
    course = fields.String(load_default="", validate=validate.Length(max=5000))
    outcome = fields.String(load_default="", validate=validate.Length(max=5000))
    lessons = fields.String(load_default="", validate=validate.Length(max=5000))


class _Step(Schema):
    """A step, with words where it needs them."""

    class Meta:
        unknown = EXCLUDE

    version = fields.Integer(required=True)
    step = fields.String(required=True)
    note = fields.String(load_default="", validate=validate.Length(max=2000))


@BLUEPRINT.get("/case-studies")
@requires(Gate.OPEN)
def index() -> ResponseReturnValue:
    """What everybody reads."""
    with read_session() as session:
        return render_template("studies/list.html", rows=publishing.public_studies(session))


def _page(study_id: str, problems: Problems | None = None, status: int = 200) -> ResponseReturnValue:
    actor = current_actor()
    with read_session() as session:
        row = publishing.get_study(session, actor, uuid_or_404(study_id))
        is_own = actor.is_staff and row.centre_id == actor.centre_id
        consultation = session.get(Consultation, row.consultation_id) if is_own else None
        open_steps = STUDY_WORKFLOW.open_to(row.state, actor) if is_own else []
        page = render_template(
            "studies/show.html",
            row=row,
            consultation=consultation,
            has_consent=consultation is not None and is_given(session, consultation, Purpose.CASE),
            found=found_in(session, row) if is_own and row.state != StudyState.WITHDRAWN.value else [],
            steps={step.name: step for step in open_steps},
            is_own=is_own,
            is_draft=is_own and row.state == StudyState.DRAFT.value,
            sections=SECTIONS,
            checklist=CHECKLIST,
            states=STUDY_WORKFLOW.states,
            problems=problems or {},
            typed=request.form,
        )
    return page, status


@BLUEPRINT.get("/case-studies/<study_id>")
@requires(Gate.OPEN)
def show(study_id: str) -> ResponseReturnValue:
    """One case study; for the staff of its centre also where it stands and what they may do."""
    return _page(study_id)


@BLUEPRINT.post("/consultations/<consultation_id>/case-study")
@requires(Permission.STUDY_WRITE)
def begin(consultation_id: str) -> ResponseReturnValue:
    """Begin a case study of a consultation that is over."""
    with write_session() as session:
        row = writing.begin(session, house().clock, current_actor(), uuid_or_404(consultation_id))
        study_id = row.id
    return redirect(url_for("studies.show", study_id=study_id))


@BLUEPRINT.post("/case-studies/<study_id>")
@requires(Permission.STUDY_WRITE)
def write(study_id: str) -> ResponseReturnValue:
    """Save a draft."""
    try:
        values = load(_Draft(), request.form)
        with write_session() as session:
            writing.write(
                session, house().clock, current_actor(), uuid_or_404(study_id), title=values["title"],
                texts={name: values[name] for name in SECTIONS}, checked=values["checked"],
                seen_version=values["version"],
            )  # fmt: skip
    except BadInput as error:
        return _page(study_id, problems_in(error), 422)
    flash(done(), "done")
    return redirect(url_for("studies.show", study_id=study_id))


@BLUEPRINT.post("/case-studies/<study_id>/step")
@requires(Permission.STUDY_WRITE)
def step(study_id: str) -> ResponseReturnValue:
    """Send it on, return it, sign it or take it down."""
    acts: dict[str, Any] = {"submit": writing.hand_in, "publish": publishing.publish}
    worded: dict[str, Any] = {"return": writing.send_back, "withdraw": publishing.withdraw}
    try:
        values = load(_Step(), request.form)
        name, seen = values["step"], values["version"]
        with write_session() as session:
            asked = (session, house().clock, current_actor(), uuid_or_404(study_id))
            if name in acts:
                acts[name](*asked, seen_version=seen)
            elif name in worded:
                worded[name](*asked, note=values["note"], seen_version=seen)
            else:
                raise BadInput(said("This step is taken on another page."))
    except BadInput as error:
        return _page(study_id, problems_in(error), 422)
    flash(done(), "done")
    return redirect(url_for("studies.show", study_id=study_id))


def _on_consultation(actor: Actor, *, consultation: Consultation, **context: Any) -> str:
    """Its case study, for the staff and the firm; how to begin one."""
    is_firm = Role.FIRM_MEMBER in actor.roles
    if not actor.is_staff and not is_firm:
        return ""
    with read_session() as session:
        rows = publishing.studies_on(session, actor, consultation.id)
        agreed = is_given(session, consultation, Purpose.CASE)
        can_begin = (
            actor.is_staff
            and agreed
            and consultation.state in writing.TELLABLE
            and all(row.state == StudyState.WITHDRAWN.value for row in rows)
        )
        if not rows and not can_begin:
            return ""
        return render_template(
            "studies/_consultation.html", row=consultation, rows=rows, can_begin=can_begin, is_firm=is_firm,
            states=STUDY_WORKFLOW.states,
        )  # fmt: skip


def init_studies(app: Flask) -> None:
    """Give ``app`` the pages of case studies."""
    app.register_blueprint(BLUEPRINT)
    register_fragment(app, "consultation.onward", _on_consultation)
