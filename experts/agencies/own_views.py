"""An agency's own pages, which its private link opens without an account: application, complaints, reviews, leaving."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import ValidationError
from sqlalchemy.orm import Session

from cases.taxonomy import load_taxonomy
from core.errors import BadInput, NotFound
from core.said import said
from core.web import Gate, house, load, read_session, requires, uuid_or_404, write_session
from experts.agencies import applying, complaints, reviews, standing
from experts.agencies.access import agency_actor, by_token
from experts.agencies.applying import gaps_in, own_application
from experts.agencies.criteria import BAR_YEARS, GROUNDS, KEEP_FAILED_YEARS, REFUSALS
from experts.agencies.forms import (
    CURRENCIES,
    OFFICES,
    AnswersForm,
    ReplyForm,
    ReportForm,
    StepForm,
    answers_of,
    regions_known,
)
from experts.agencies.models import AgencyApplication, AgencyComplaint, AgencyReview
from experts.agencies.moving import get_affair, history_of
from experts.agencies.web import Problems, done, problems_in
from experts.agencies.workflow import ADMISSIONS, COMPLAINTS, LISTING, REVIEWS
from experts.models import Agency
from experts.vocabulary import vocabulary

BLUEPRINT = Blueprint("agency", __name__)
_LISTS = ("languages", "industries", "dispute_types")


def _typed(application: AgencyApplication) -> dict[str, Any]:
    told = dict(application.answers)
    fees = told.get("fees") or {}
    told["currency"], told["fee_note"] = fees.get("currency", "CNY"), fees.get("note", "")
    for name in ("from", "to", "cap"):
        told[f"fee_{name}"] = fees[name] // 100 if fees.get(name) is not None else None
    for n, office in enumerate((told.get("offices") or ())[:OFFICES]):
        told[f"office{n}_region"], told[f"office{n}_address"] = office.get("region"), office.get("address")
    for name in ("contact", *applying.CONSENTS):
        told[name] = getattr(application, name)
    return told


def _page(
    token: str, problems: Problems | None = None, status: int = 200, typed: Mapping[str, Any] | None = None
) -> ResponseReturnValue:
    with read_session() as session:
        access = by_token(session, token)
        actor = agency_actor(access)
        application = own_application(session, actor)
        agency = session.get(Agency, access.agency_id) if access.agency_id else None
        if agency is not None:
            return _listed_page(session, token, agency, actor, problems, status)
        if application is None:
            raise NotFound(said("This link leads to no agency."))
        words, taxonomy = vocabulary(), load_taxonomy()
        machine = ADMISSIONS
        may_change = application.state in ("draft", "supplement")
        page = render_template(
            "agencies/own_application.html",
            row=application,
            token=token,
            typed=typed if typed is not None else _typed(application),
            gaps=gaps_in(application) if may_change else {},
            state=machine.workflow.states[application.state],
            states=machine.workflow.states,
            holder=machine.holders.get(application.state),
            history=history_of(session, machine.noun, application.id),
            may_change=may_change,
            may_withdraw=any(
                s.name == "withdraw" for s in machine.workflow.open_to(application.state, actor)
            ),
            classes=list(words.agencies),
            languages=list(words.languages),
            industries=list(taxonomy.industries),
            dispute_types=list(taxonomy.dispute_types),
            regions=regions_known(),
            offices=range(OFFICES),
            currencies=CURRENCIES,
            refusals=REFUSALS,
            keep_years=KEEP_FAILED_YEARS,
            problems=problems or {},
        )
    return page, status


def _listed_page(
    session: Session, token: str, agency: Agency, actor: Any, problems: Problems | None, status: int
) -> ResponseReturnValue:
    mine = session.scalars(
        AgencyComplaint.visible_to(actor).order_by(AgencyComplaint.created_at.desc())
    ).all()
    years = session.scalars(AgencyReview.visible_to(actor).order_by(AgencyReview.year_ends_on.desc())).all()
    page = render_template(
        "agencies/own_listed.html",
        entry=agency,
        listing=standing.peek(session, agency),
        token=token,
        status=LISTING.states[agency.status],
        complaints=mine,
        complaint_states=COMPLAINTS.workflow.states,
        reviews=years,
        review_states=REVIEWS.workflow.states,
        history=history_of(session, "agency", agency.id),
        states=LISTING.states,
        may_leave=any(s.name == "leave" for s in LISTING.open_to(agency.status, actor)),
        bar_years=BAR_YEARS,
        problems=problems or {},
    )
    return page, status


@BLUEPRINT.get("/agency/<token>", endpoint="show")
@requires(Gate.OPEN)
def show_own(token: str) -> ResponseReturnValue:
    """One's own application or, once listed, one's place in the library."""
    return _page(token)


@BLUEPRINT.post("/agency/<token>")
@requires(Gate.OPEN)
def save(token: str) -> ResponseReturnValue:
    """Keep the answers; submit them, or send the supplement, when that is asked."""
    clock = house().clock
    typed: dict[str, Any] = {**request.form, **{name: request.form.getlist(name) for name in _LISTS}}
    try:
        values = load(AnswersForm(), request.form)
        try:
            told = answers_of(values, request.form)
        except ValidationError as error:
            raise BadInput(said("Choose from the list."), fields={"offices": error.messages}) from error
        with write_session() as session:
            actor = agency_actor(by_token(session, token))
            application = own_application(session, actor)
            if application is None:
                raise NotFound(said("This link leads to no agency."))
            kept = applying.tell(session, clock, actor, application.id, told, seen_version=values["version"])
            gaps, version, one = gaps_in(kept), kept.version, kept.id
        # What was typed is kept even where it cannot be sent yet.
        if values["act"] != "save" and gaps:
            return _page(token, gaps, 422)
        with write_session() as session:
            if values["act"] == "submit":
                applying.submit(session, clock, actor, one, seen_version=version)
            elif values["act"] == "supplement":
                applying.supplement(session, clock, actor, one, words=values["words"], seen_version=version)
    except BadInput as error:
        return _page(token, problems_in(error), 422, typed)
    flash(
        gettext("Saved.") if values["act"] == "save" else gettext("Sent. What happens next stands below."),
        "done",
    )
    return redirect(url_for("agency.show", token=token))


@BLUEPRINT.post("/agency/<token>/step")
@requires(Gate.OPEN)
def take(token: str) -> ResponseReturnValue:
    """Take the application back, or leave the library."""
    clock = house().clock
    try:
        values = load(StepForm(), request.form)
        with write_session() as session:
            actor = agency_actor(by_token(session, token))
            if values["step"] == "withdraw":
                application = own_application(session, actor)
                if application is None:
                    raise NotFound(said("This link leads to no agency."))
                applying.withdraw(session, clock, actor, application.id, seen_version=values["version"])
            elif values["step"] == "leave":
                standing.leave(session, clock, actor, reason=values["words"], seen_version=values["version"])
            else:
                raise BadInput(said("This step is taken on another page."))
    except BadInput as error:
        return _page(token, problems_in(error), 422)
    flash(done(), "done")
    return redirect(url_for("agency.show", token=token))


def _complaint_page(token: str, complaint_id: str, problems: Problems, status: int) -> ResponseReturnValue:
    with read_session() as session:
        actor = agency_actor(by_token(session, token))
        row = get_affair(session, actor, AgencyComplaint, uuid_or_404(complaint_id))
        page = render_template(
            "agencies/own_complaint.html",
            row=row,
            token=token,
            state=COMPLAINTS.workflow.states[row.state],
            states=COMPLAINTS.workflow.states,
            grounds=GROUNDS,
            # The centre's words to both sides; what the complainant wrote beside them is not the agency's.
            history=[s for s in history_of(session, COMPLAINTS.noun, row.id) if s.step != "file"],
            may_reply=row.state == "reply_due",
            typed=request.form,
            problems=problems,
        )
    return page, status


@BLUEPRINT.get("/agency/<token>/complaints/<complaint_id>")
@requires(Gate.OPEN)
def complaint(token: str, complaint_id: str) -> ResponseReturnValue:
    """A complaint about oneself, without the name of whoever complains."""
    return _complaint_page(token, complaint_id, {}, 200)


@BLUEPRINT.post("/agency/<token>/complaints/<complaint_id>")
@requires(Gate.OPEN)
def reply(token: str, complaint_id: str) -> ResponseReturnValue:
    """Answer a complaint."""
    try:
        values = load(ReplyForm(), request.form)
        with write_session() as session:
            actor = agency_actor(by_token(session, token))
            complaints.reply(
                session, house().clock, actor, uuid_or_404(complaint_id),
                text=values["reply"], seen_version=values["version"],
            )  # fmt: skip
    except BadInput as error:
        return _complaint_page(token, complaint_id, problems_in(error), 422)
    flash(done(), "done")
    return redirect(url_for("agency.complaint", token=token, complaint_id=complaint_id))


def _review_page(token: str, review_id: str, problems: Problems, status: int) -> ResponseReturnValue:
    with read_session() as session:
        actor = agency_actor(by_token(session, token))
        row = get_affair(session, actor, AgencyReview, uuid_or_404(review_id))
        page = render_template(
            "agencies/own_review.html",
            row=row,
            token=token,
            state=REVIEWS.workflow.states[row.state],
            states=REVIEWS.workflow.states,
            history=history_of(session, REVIEWS.noun, row.id),
            may_report=any(s.name == "report" for s in REVIEWS.workflow.open_to(row.state, actor)),
            typed=request.form if request.method == "POST" else row.report,
            problems=problems,
        )
    return page, status


@BLUEPRINT.get("/agency/<token>/reviews/<review_id>")
@requires(Gate.OPEN)
def review(token: str, review_id: str) -> ResponseReturnValue:
    """One's yearly review."""
    return _review_page(token, review_id, {}, 200)


@BLUEPRINT.post("/agency/<token>/reviews/<review_id>")
@requires(Gate.OPEN)
def report(token: str, review_id: str) -> ResponseReturnValue:
    """Send the yearly report."""
    try:
        values = load(ReportForm(), request.form)
        insured = values.pop("insured_until")
        told = {**values, "insured_until": insured.isoformat() if insured else ""}
        with write_session() as session:
            actor = agency_actor(by_token(session, token))
            reviews.report(
                session, house().clock, actor, uuid_or_404(review_id), told, seen_version=values["version"]
            )
    except BadInput as error:
        return _review_page(token, review_id, problems_in(error), 422)
    flash(done(), "done")
    return redirect(url_for("agency.review", token=token, review_id=review_id))
