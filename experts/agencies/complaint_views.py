"""Pages of complaints for firms and the centre, and the publicity of proposed agencies."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.actor import Actor, Permission
from core.errors import BadInput
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
from experts.agencies import (
    checking,
    complaints,
    desk_views,
    directory_views,
    own_views,
    publicity,
    reviews,
    standing,
)
from experts.agencies.criteria import GROUNDS, NOT_ACCEPTED, SUSPENSION_MONTHS
from experts.agencies.desk_views import names_of
from experts.agencies.forms import ComplaintForm, ObjectionForm, QueueQuery, StepForm
from experts.agencies.models import AgencyComplaint
from experts.agencies.moving import get_affair, history_of, written
from experts.agencies.web import PER_PAGE, Problems, button, done, limit_visitors, pair, problems_in
from experts.agencies.workflow import ADMISSIONS, COMPLAINTS, REVIEWS
from experts.library import get_entry
from experts.models import Agency

COMPLAINT_PAGES = Blueprint("agency_complaints", __name__)
PUBLICITY = Blueprint("agency_publicity", __name__)


def _form(agency_id: str, problems: Problems | None = None, status: int = 200) -> ResponseReturnValue:
    actor = current_actor()
    with read_session() as session:
        agency = get_entry(session, actor, Agency, uuid_or_404(agency_id))
        return render_template(
            "agencies/complain.html",
            entry=agency,
            grounds=GROUNDS,
            clocks=COMPLAINTS.clocks,
            typed=request.form,
            problems=problems or {},
        ), status


@COMPLAINT_PAGES.get("/agencies/<agency_id>/complain")
@requires(Permission.COMPLAINT_READ)
def form(agency_id: str) -> ResponseReturnValue:
    """The form of a complaint, for firms and for staff who write one down."""
    return _form(agency_id)


@COMPLAINT_PAGES.post("/agencies/<agency_id>/complain")
@requires(Permission.COMPLAINT_READ)
def create(agency_id: str) -> ResponseReturnValue:
    """Take in a complaint."""
    try:
        values = load(ComplaintForm(), request.form)
        with write_session() as session:
            made = complaints.file_complaint(
                session, house().clock, current_actor(), uuid_or_404(agency_id), **values
            )
            one, number = made.id, made.number
    except BadInput as error:
        return _form(agency_id, problems_in(error), 422)
    flash(gettext("Received as %(number)s.", number=number), "done")
    return redirect(url_for("agency_complaints.show", complaint_id=one))


@COMPLAINT_PAGES.get("/complaints")
@requires(Permission.AGENCY_COMPLAIN)
def index() -> ResponseReturnValue:
    """A firm's own complaints."""
    values = load(QueueQuery(), request.args)
    with read_session() as session:
        start = (values["page"] - 1) * PER_PAGE
        rows = complaints.list_complaints(
            session, current_actor(), state="all", offset=start, limit=PER_PAGE + 1
        )
        return render_template(
            "agencies/complaints.html",
            rows=rows[:PER_PAGE],
            names=names_of(session, [row.agency_id for row in rows]),
            states=COMPLAINTS.workflow.states,
            number=values["page"],
            is_more=len(rows) > PER_PAGE,
        )


def _page(complaint_id: str, problems: Problems | None = None, status: int = 200) -> ResponseReturnValue:
    actor = current_actor()
    with write_session() as session:
        row = get_affair(session, actor, AgencyComplaint, uuid_or_404(complaint_id))
        written(session, house().clock, actor, row, "read")
        page = render_template(
            "agencies/complaint.html",
            row=row,
            entry=session.get_one(Agency, row.agency_id),
            is_staff=actor.is_staff,
            state=COMPLAINTS.workflow.states[row.state],
            states=COMPLAINTS.workflow.states,
            left=checking.days_to(session, house().clock, row.centre_id, row.due_on),
            holder=COMPLAINTS.holders.get(row.state),
            history=history_of(session, COMPLAINTS.noun, row.id),
            steps={s.name: s for s in COMPLAINTS.workflow.open_to(row.state, actor)},
            is_own=row.handled_by == actor.name,
            reached_by=standing.contact_of(session, row.agency_id) if actor.is_staff else "",
            grounds=GROUNDS,
            refusals=NOT_ACCEPTED,
            months=SUSPENSION_MONTHS,
            typed=request.form,
            problems=problems or {},
        )
    return page, status


@COMPLAINT_PAGES.get("/complaints/<complaint_id>")
@requires(Permission.COMPLAINT_READ)
def show(complaint_id: str) -> ResponseReturnValue:
    """One complaint."""
    return _page(complaint_id)


@COMPLAINT_PAGES.post("/complaints/<complaint_id>/step")
@requires(Permission.COMPLAINT_READ)
def step(complaint_id: str) -> ResponseReturnValue:
    """Take a step of a complaint: the firm takes it back, everything else is the centre's."""
    actor = current_actor()
    try:
        values = load(StepForm(), request.form)
        with write_session() as session:
            asked = (session, house().clock, actor, uuid_or_404(complaint_id))
            if values["step"] == "withdraw":
                complaints.withdraw(*asked, seen_version=values["version"])
            else:
                complaints.take(
                    *asked, values["step"], seen_version=values["version"], words=values["words"],
                    refusal=values["refusal"], months=values["months"],
                )  # fmt: skip
    except BadInput as error:
        return _page(complaint_id, problems_in(error), 422)
    flash(done(), "done")
    return redirect(url_for("agency_complaints.show", complaint_id=complaint_id))


@PUBLICITY.get("/agencies/publicity")
@requires(Gate.OPEN)
def proposed() -> ResponseReturnValue:
    """Agencies proposed now."""
    with read_session() as session:
        return render_template("agencies/publicity.html", rows=publicity.list_published(session))


def _published(
    application_id: str, problems: Problems | None = None, status: int = 200
) -> ResponseReturnValue:
    with read_session() as session:
        row = publicity.get_published(session, uuid_or_404(application_id))
        return render_template(
            "agencies/published.html", row=row, typed=request.form, problems=problems or {}
        ), status


@PUBLICITY.get("/agencies/publicity/<application_id>")
@requires(Gate.OPEN)
def published(application_id: str) -> ResponseReturnValue:
    """One agency proposed, and how to object."""
    return _published(application_id)


@PUBLICITY.post("/agencies/publicity/<application_id>")
@requires(Gate.OPEN)
def object_to(application_id: str) -> ResponseReturnValue:
    """File an objection."""
    try:
        values = load(ObjectionForm(), request.form)
        with write_session() as session:
            publicity.object_to(session, house().clock, uuid_or_404(application_id), **values)
    except BadInput as error:
        return _published(application_id, problems_in(error), 422)
    flash(gettext("Your objection is received; the publicity stands until it is decided."), "done")
    return redirect(url_for("agency_publicity.published", application_id=application_id))


def _desk(actor: Actor, **context: object) -> str:
    if not actor.may(Permission.AGENCY_HANDLE):
        return ""
    with read_session() as session:
        found = (
            ("applications", ADMISSIONS, checking.list_applications(session, actor, limit=5)),
            ("complaints", COMPLAINTS, complaints.list_complaints(session, actor, limit=5)),
            ("reviews", REVIEWS, reviews.list_reviews(session, actor, limit=5)),
        )
        ids = [row.agency_id for _, _, rows in found[1:] for row in rows]  # type: ignore[attr-defined]
        names = names_of(session, ids)
        left = {
            row.id: checking.days_to(session, house().clock, row.centre_id, row.due_on)
            for _, _, rows in found
            for row in rows  # type: ignore[attr-defined]
        }
    return render_template("agencies/_desk.html", found=found, names=names, left=left) if left else ""


def init_agencies(app: Flask) -> None:
    """Give ``app`` the pages of the agency library, and staff what waits of it on their desk."""
    for blueprint in (
        directory_views.BLUEPRINT,
        own_views.BLUEPRINT,
        desk_views.BLUEPRINT,
        COMPLAINT_PAGES,
        PUBLICITY,
    ):
        app.register_blueprint(blueprint)
    app.jinja_env.filters.update(agency_pair=pair, agency_button=button)
    limit_visitors(app, "agencies.begin", "agency_publicity.object_to")
    register_fragment(app, "desk.due", _desk)
