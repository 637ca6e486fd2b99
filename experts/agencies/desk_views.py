"""The centre's pages of agencies: what waits, one application, one review."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor, Permission
from core.errors import BadInput
from core.web import current_actor, house, load, read_session, requires, uuid_or_404, write_session
from experts.agencies import checking, complaints, publicity, reviews, standing
from experts.agencies.criteria import (
    CHECKS,
    CRITERIA,
    LEAST_MARKERS,
    PASS_MARK,
    REFUSALS,
    SUSPENSION_MONTHS,
    VERIFICATIONS,
)
from experts.agencies.forms import (
    CheckForm,
    DecisionForm,
    MarkForm,
    QueueQuery,
    StepForm,
    VerificationForm,
    found_in,
    points_in,
)
from experts.agencies.models import AgencyApplication, AgencyReview
from experts.agencies.moving import get_affair, history_of, written
from experts.agencies.web import PER_PAGE, Problems, done, problems_in
from experts.agencies.workflow import ADMISSIONS, COMPLAINTS, REVIEWS, Machine
from experts.models import Agency

BLUEPRINT = Blueprint("agency_desk", __name__)
_MACHINES: dict[str, Machine] = {"applications": ADMISSIONS, "complaints": COMPLAINTS, "reviews": REVIEWS}
_LISTS: dict[str, Any] = {
    "applications": checking.list_applications,
    "complaints": complaints.list_complaints,
    "reviews": reviews.list_reviews,
}


@BLUEPRINT.get("/agencies/affairs")
@requires(Permission.AGENCY_HANDLE)
def index() -> ResponseReturnValue:
    """Applications, complaints and reviews, the most pressing first."""
    actor, values = current_actor(), load(QueueQuery(), request.args)
    machine, number = _MACHINES[values["kind"]], values["page"]
    state = values["state"] if values["state"] in (*machine.workflow.states, "all") else "open"
    with read_session() as session:
        start = (number - 1) * PER_PAGE
        rows = _LISTS[values["kind"]](session, actor, state=state, offset=start, limit=PER_PAGE + 1)
        names = {} if values["kind"] == "applications" else names_of(session, [r.agency_id for r in rows])
        left = {row.id: checking.days_to(session, house().clock, row.centre_id, row.due_on) for row in rows}
        return render_template(
            "agencies/affairs.html",
            kind=values["kind"],
            rows=rows[:PER_PAGE],
            names=names,
            left=left,
            wanted=state,
            number=number,
            is_more=len(rows) > PER_PAGE,
            states=machine.workflow.states,
            holders=machine.holders,
        )


def names_of(session: Session, ids: list[Any]) -> dict[Any, str]:
    """Names of agencies by id."""
    rows = session.execute(select(Agency.id, Agency.name_zh).where(Agency.id.in_(ids)))
    return {row.id: row.name_zh for row in rows}


def _application(
    application_id: str, problems: Problems | None = None, status: int = 200
) -> ResponseReturnValue:
    actor, machine = current_actor(), ADMISSIONS
    with write_session() as session:
        row = get_affair(session, actor, AgencyApplication, uuid_or_404(application_id))
        # Contacts and conflicts stand on this page: it is written down who read it.
        written(session, house().clock, actor, row, "read")
        page = render_template(
            "agencies/application.html",
            row=row,
            told=row.answers,
            state=machine.workflow.states[row.state],
            states=machine.workflow.states,
            left=checking.days_to(session, house().clock, row.centre_id, row.due_on),
            holder=machine.holders.get(row.state),
            history=history_of(session, machine.noun, row.id),
            steps={s.name: s for s in machine.workflow.open_to(row.state, actor)},
            checks=CHECKS,
            criteria=CRITERIA,
            verifications=VERIFICATIONS,
            refusals=REFUSALS,
            least=LEAST_MARKERS,
            pass_mark=PASS_MARK,
            mean=checking.mean_of(row),
            own=next((m for m in row.marks if m.account_id == actor.user_id), None),
            typed=request.form,
            problems=problems or {},
        )
    return page, status


@BLUEPRINT.get("/agencies/applications/<application_id>")
@requires(Permission.AGENCY_HANDLE)
def application(application_id: str) -> ResponseReturnValue:
    """One application."""
    return _application(application_id)


def _to_application(application_id: str) -> ResponseReturnValue:
    flash(done(), "done")
    return redirect(url_for("agency_desk.application", application_id=application_id))


@BLUEPRINT.post("/agencies/applications/<application_id>/step")
@requires(Permission.AGENCY_HANDLE)
def step(application_id: str) -> ResponseReturnValue:
    """Take a step of an application."""
    try:
        values = load(StepForm(), request.form)
        with write_session() as session:
            asked = (session, house().clock, current_actor(), uuid_or_404(application_id))
            if values["step"] == "admit":
                standing.admit(*asked, seen_version=values["version"])
            else:
                checking.take(
                    *asked, values["step"],
                    seen_version=values["version"], note=values["words"], refusal=values["refusal"],
                )  # fmt: skip
    except BadInput as error:
        return _application(application_id, problems_in(error), 422)
    return _to_application(application_id)


@BLUEPRINT.post("/agencies/applications/<application_id>/check")
@requires(Permission.AGENCY_HANDLE)
def check(application_id: str) -> ResponseReturnValue:
    """Keep what the form check found."""
    try:
        values = load(CheckForm(), request.form)
        with write_session() as session:
            checking.keep_checklist(
                session, house().clock, current_actor(), uuid_or_404(application_id), found_in(request.form),
                seen_version=values["version"],
            )  # fmt: skip
    except BadInput as error:
        return _application(application_id, problems_in(error), 422)
    return _to_application(application_id)


@BLUEPRINT.post("/agencies/applications/<application_id>/verification")
@requires(Permission.AGENCY_HANDLE)
def verification(application_id: str) -> ResponseReturnValue:
    """Keep one way in which it was verified."""
    try:
        values = load(VerificationForm(), request.form)
        with write_session() as session:
            checking.keep_verification(
                session, house().clock, current_actor(), uuid_or_404(application_id), values["how"],
                values["found"], seen_version=values["version"],
            )  # fmt: skip
    except BadInput as error:
        return _application(application_id, problems_in(error), 422)
    return _to_application(application_id)


@BLUEPRINT.post("/agencies/applications/<application_id>/mark")
@requires(Permission.AGENCY_HANDLE)
def mark(application_id: str) -> ResponseReturnValue:
    """Mark an application."""
    try:
        values = load(MarkForm(), request.form)
        with write_session() as session:
            checking.mark(
                session, house().clock, current_actor(), uuid_or_404(application_id), points_in(request.form),
                is_free=values["is_free"], note=values["note"],
            )  # fmt: skip
    except BadInput as error:
        return _application(application_id, problems_in(error), 422)
    return _to_application(application_id)


@BLUEPRINT.post("/agencies/applications/<application_id>/objections/<objection_id>")
@requires(Permission.AGENCY_HANDLE)
def decide(application_id: str, objection_id: str) -> ResponseReturnValue:
    """Decide an objection."""
    try:
        values = load(DecisionForm(), request.form)
        with write_session() as session:
            publicity.decide_objection(
                session, house().clock, current_actor(), uuid_or_404(application_id),
                uuid_or_404(objection_id), is_upheld=values["outcome"] == "upheld",
                decision=values["decision"], seen_version=values["version"],
            )  # fmt: skip
    except BadInput as error:
        return _application(application_id, problems_in(error), 422)
    return _to_application(application_id)


def _review(review_id: str, problems: Problems | None = None, status: int = 200) -> ResponseReturnValue:
    actor, machine = current_actor(), REVIEWS
    with read_session() as session:
        row = get_affair(session, actor, AgencyReview, uuid_or_404(review_id))
        agency = session.get_one(Agency, row.agency_id)
        page = render_template(
            "agencies/review.html",
            row=row,
            entry=agency,
            listing=standing.peek(session, agency),
            reached_by=standing.contact_of(session, agency.id),
            state=machine.workflow.states[row.state],
            states=machine.workflow.states,
            left=checking.days_to(session, house().clock, row.centre_id, row.due_on),
            holder=machine.holders.get(row.state),
            history=history_of(session, machine.noun, row.id),
            steps=_own_steps(actor, row),
            months=SUSPENSION_MONTHS,
            typed=request.form,
            problems=problems or {},
        )
    return page, status


def _own_steps(actor: Actor, row: AgencyReview) -> list[Any]:
    return [s for s in REVIEWS.workflow.open_to(row.state, actor) if s.name in reviews.STEPS]


@BLUEPRINT.get("/agencies/reviews/<review_id>")
@requires(Permission.AGENCY_HANDLE)
def review(review_id: str) -> ResponseReturnValue:
    """One yearly review."""
    return _review(review_id)


@BLUEPRINT.post("/agencies/reviews/<review_id>/step")
@requires(Permission.AGENCY_HANDLE)
def review_step(review_id: str) -> ResponseReturnValue:
    """Take a step of a review."""
    try:
        values = load(StepForm(), request.form)
        with write_session() as session:
            reviews.take(
                session, house().clock, current_actor(), uuid_or_404(review_id), values["step"],
                seen_version=values["version"], words=values["words"], months=values["months"],
            )  # fmt: skip
    except BadInput as error:
        return _review(review_id, problems_in(error), 422)
    flash(done(), "done")
    return redirect(url_for("agency_desk.review", review_id=review_id))
