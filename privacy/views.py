"""Pages of people's own data: what is known, a copy, corrections, requests; the centre's list and decisions."""

from __future__ import annotations

import io
import uuid
from datetime import date
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import User
from core.actor import Actor, Permission, Role
from core.errors import BadInput
from core.masking import masked
from core.said import said
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
from core.workdays import working_days_between
from experts.consultation_models import Consultation
from experts.consultation_workflow import OPEN_STATES, ConsultationState
from experts.consultations import refuse, today_of
from experts.life_web import Problems, done, problems_in
from privacy import asking, deciding, revealing
from privacy.export import pack, told
from privacy.forms import AskForm, ContactForm, HoldForm, QueueQuery, RevealForm, StepForm, VersionForm
from privacy.models import PrivacyRequest, PrivacyStep
from privacy.own import held_about, note_export, person_asking, readings_of
from privacy.retention import retention
from privacy.workflow import BASIS, DAYS, GRACE, REFUSALS, REQUEST_WORKFLOW

BLUEPRINT = Blueprint("privacy", __name__)
_CORRECTABLE = {ConsultationState.DRAFT.value, *(state.value for state in OPEN_STATES)}


def _own_page(problems: Problems | None = None, status: int = 200) -> ResponseReturnValue:
    actor, web = current_actor(), house()
    with read_session() as session:
        person = person_asking(session, web.vault, actor)
        contacts = session.scalars(
            select(Consultation)
            .where(Consultation.id.in_(person.begun), Consultation.state.in_(_CORRECTABLE))
            .order_by(Consultation.id.desc())
        ).all()
        page = render_template(
            "privacy/own.html",
            held=held_about(session, person),
            readings=readings_of(session, person),
            requests=asking.requests_of(session, actor),
            contacts=contacts if Role.FIRM_MEMBER in actor.roles else [],
            open_states=asking.OPEN,
            retention=retention(),
            states=REQUEST_WORKFLOW.states,
            request_states=REQUEST_WORKFLOW.states,
            refusals=REFUSALS,
            basis=BASIS,
            days=DAYS,
            problems=problems or {},
            typed=request.form,
        )
    return page, status


@BLUEPRINT.get("/account/data")
@requires(Permission.PRIVACY_ASK)
def own() -> ResponseReturnValue:
    """What is known of whoever asks."""
    return _own_page()


@BLUEPRINT.post("/account/data/export")
@requires(Permission.PRIVACY_ASK)
def export() -> ResponseReturnValue:
    """A copy to take along; that it was taken is written down."""
    actor, web = current_actor(), house()
    with write_session() as session:
        person = person_asking(session, web.vault, actor)
        held, readings = held_about(session, person), readings_of(session, person)
        page = render_template(
            "privacy/copy.html",
            held=held,
            readings=readings,
            at=web.clock.now(),
            request_states=REQUEST_WORKFLOW.states,
        )
        content = pack(session, web.vault, person, told(held, readings, web.clock.now()), page)
        note_export(session, web.clock, actor, person)
    return send_file(
        io.BytesIO(content), "application/zip", as_attachment=True, download_name="my-data.zip", max_age=0
    )


@BLUEPRINT.post("/account/data/contacts/<consultation_id>")
@requires(Permission.CONSULT_SUBMIT)
def contact(consultation_id: str) -> ResponseReturnValue:
    """Correct whom the centre speaks to."""
    try:
        values = load(ContactForm(), request.form)
        with write_session() as session:
            asking.correct_contact(
                session, house().clock, current_actor(), uuid_or_404(consultation_id),
                name=values["contact_name"], phone=values["contact_phone"], email=values["contact_email"],
            )  # fmt: skip
    except BadInput as error:
        return _own_page(problems_in(error), 422)
    flash(done(), "done")
    return redirect(url_for("privacy.own"))


@BLUEPRINT.post("/account/data/requests")
@requires(Permission.PRIVACY_ASK)
def ask() -> ResponseReturnValue:
    """Ask for deletion or correction."""
    try:
        values = load(AskForm(), request.form)
        with write_session() as session:
            asked = (session, house().clock, current_actor())
            if values["kind"] == "correct":
                asking.ask_correction(*asked, values["field"], values["proposed"])
            elif not values["understood"]:
                raise refuse("understood", said("Confirm that you know what is deleted."))
            else:
                asking.ask_deletion(*asked, values["words"])
    except BadInput as error:
        return _own_page(problems_in(error), 422)
    flash(done(), "done")
    return redirect(url_for("privacy.own") + "#requests")


@BLUEPRINT.post("/account/data/requests/<request_id>/take-back")
@requires(Permission.PRIVACY_ASK)
def take_back(request_id: str) -> ResponseReturnValue:
    """Take one's own request back."""
    seen = load(VersionForm(), request.form)["version"]
    with write_session() as session:
        asking.take_back(session, house().clock, current_actor(), uuid_or_404(request_id), seen_version=seen)
    flash(done(), "done")
    return redirect(url_for("privacy.own") + "#requests")


def _people(session: Session, rows: list[PrivacyRequest]) -> dict[uuid.UUID, User]:
    ids = {row.account_id for row in rows}
    return {user.id: user for user in session.scalars(select(User).where(User.id.in_(ids)))}


@BLUEPRINT.get("/privacy/requests")
@requires(Permission.PRIVACY_DECIDE)
def index() -> ResponseReturnValue:
    """Requests of the centre, the most pressing first."""
    state = load(QueueQuery(), request.args)["state"]
    with read_session() as session:
        rows = list(deciding.queue(session, current_actor(), state=state))
        return render_template(
            "privacy/list.html", rows=rows, wanted=state, states=REQUEST_WORKFLOW.states, people=_people(session, rows),
            left=_left(session, rows), basis=BASIS,
        )  # fmt: skip


def _left(session: Session, rows: list[PrivacyRequest]) -> dict[uuid.UUID, int | None]:
    return {
        row.id: working_days_between(today_of(session, house().clock, row.centre_id), row.due_on)
        if row.due_on
        else None
        for row in rows
    }


def _request_page(
    request_id: str, problems: Problems | None = None, status: int = 200
) -> ResponseReturnValue:
    actor = current_actor()
    with read_session() as session:
        row = asking.get_request(session, actor, uuid_or_404(request_id))
        is_open = row.state in asking.OPEN
        query = select(PrivacyStep).where(PrivacyStep.request_id == row.id).order_by(PrivacyStep.id)
        matters = select(Consultation).where(Consultation.created_by == f"user:{row.account_id}")
        page = render_template(
            "privacy/request.html",
            row=row,
            person=session.get_one(User, row.account_id),
            steps={step.name: step for step in REQUEST_WORKFLOW.open_to(row.state, actor)},
            history=session.scalars(query).all(),
            obstacles=deciding.obstacles(session, row) if is_open and row.kind == "delete" else [],
            holds=deciding.holds_on(session, row) if is_open else [],
            matters=session.scalars(matters.order_by(Consultation.id)).all(),
            is_own=row.account_id == actor.user_id,
            left=_left(session, [row])[row.id],
            states=REQUEST_WORKFLOW.states,
            refusals=REFUSALS,
            graces=GRACE,
            basis=BASIS,
            problems=problems or {},
            typed=request.form,
        )
    return page, status


@BLUEPRINT.get("/privacy/requests/<request_id>")
@requires(Permission.PRIVACY_DECIDE)
def show(request_id: str) -> ResponseReturnValue:
    """One request: what is asked, what stands in the way, what one may decide."""
    return _request_page(request_id)


@BLUEPRINT.post("/privacy/requests/<request_id>/step")
@requires(Permission.PRIVACY_DECIDE)
def step(request_id: str) -> ResponseReturnValue:
    """Decide."""
    try:
        values = load(StepForm(), request.form)
        name, seen = values["step"], {"seen_version": values["version"]}
        with write_session() as session:
            asked = (session, house().clock, current_actor(), uuid_or_404(request_id))
            if name == "confirm":
                deciding.confirm(*asked, grace=values["grace"], reason=values["reason"], **seen)
            elif name == "restore":
                deciding.restore(*asked, **seen)
            elif name == "correct":
                deciding.correct(*asked, reason=values["reason"], **seen)
            elif name == "refuse":
                deciding.refuse_request(*asked, refusal=values["refusal"], reason=values["reason"], **seen)
            else:
                raise BadInput(said("This step is taken on another page."))
    except BadInput as error:
        return _request_page(request_id, problems_in(error), 422)
    flash(done(), "done")
    return redirect(url_for("privacy.show", request_id=request_id))


@BLUEPRINT.post("/privacy/holds")
@requires(Permission.PRIVACY_DECIDE)
def hold() -> ResponseReturnValue:
    """Hold something back from deletion."""
    values: dict[str, Any] = {}
    try:
        values = load(HoldForm(), request.form)
        with write_session() as session:
            deciding.put_hold(
                session,
                house().clock,
                current_actor(),
                values["subject"],
                values["subject_id"],
                values["hold"],
            )
    except BadInput as error:
        if not values.get("back"):
            raise
        return _request_page(str(values["back"]), problems_in(error), 422)
    flash(done(), "done")
    return _back(values["back"])


def _back(to: uuid.UUID | None) -> ResponseReturnValue:
    return redirect(url_for("privacy.show", request_id=to) if to else url_for("privacy.index"))


@BLUEPRINT.post("/privacy/holds/<int:hold_id>/lift")
@requires(Permission.PRIVACY_DECIDE)
def lift(hold_id: int) -> ResponseReturnValue:
    """Lift a hold."""
    with write_session() as session:
        deciding.lift_hold(session, house().clock, current_actor(), hold_id)
    flash(done(), "done")
    back = request.form.get("back", "")
    return _back(uuid_or_404(back) if back else None)


def _reveal_page(
    subject: str,
    subject_id: str,
    value: str | None = None,
    problems: Problems | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    actor, identity = current_actor(), uuid_or_404(subject_id)
    kind = revealing.masked_of(actor, subject)
    with read_session() as session:
        hidden = masked(kind.read(session, actor, identity))
    return render_template(
        "privacy/reveal.html", subject=subject, subject_id=identity, field=kind.field, hidden=hidden, value=value,
        reasons=revealing.REASONS, problems=problems or {}, typed=request.form,
    ), status  # fmt: skip


@BLUEPRINT.get("/privacy/reveal/<subject>/<subject_id>")
@requires(Permission.REVEAL)
def ask_reveal(subject: str, subject_id: str) -> ResponseReturnValue:
    """Why a masked value is needed."""
    return _reveal_page(subject, subject_id)


@BLUEPRINT.post("/privacy/reveal/<subject>/<subject_id>")
@requires(Permission.REVEAL)
def reveal(subject: str, subject_id: str) -> ResponseReturnValue:
    """Show one masked value, once; who saw it and why is kept."""
    try:
        reason = load(RevealForm(), request.form)["reason"]
        with write_session() as session:
            value = revealing.reveal(
                session, house().clock, current_actor(), subject, uuid_or_404(subject_id), reason
            )
    except BadInput as error:
        return _reveal_page(subject, subject_id, None, problems_in(error), 422)
    return _reveal_page(subject, subject_id, value)


def _desk(actor: Actor, **context: Any) -> str:
    """Requests about people's own data that wait for the centre."""
    if not actor.may(Permission.PRIVACY_DECIDE):
        return ""
    with read_session() as session:
        rows = [row for row in deciding.queue(session, actor, limit=8) if row.due_on is not None]
        if not rows:
            return ""
        rows.sort(key=lambda row: row.due_on or date.max)
        return render_template(
            "privacy/_desk.html", rows=rows, left=_left(session, rows), states=REQUEST_WORKFLOW.states
        )


def init_privacy(app: Flask) -> None:
    """Give ``app`` the pages of people's own data."""
    app.register_blueprint(BLUEPRINT)
    register_fragment(app, "desk.due", _desk)
