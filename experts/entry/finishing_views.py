"""Pages that end the entry: what to do now, check, send, received, and taken over by a firm."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.actor import Permission
from core.errors import BadInput, NotFound
from core.said import said
from core.web import Gate, current_actor, house, read_session, requires, write_session
from experts.consultation_web import Problems, problems_in
from experts.consultation_workflow import Urgency
from experts.consultations import submit
from experts.entry import asking
from experts.entry.claiming import claim
from experts.entry.holding import BLUEPRINT, held, held_code, let_go, steps_title
from experts.entry.questions import PAGES, limits_of, page_of, problems_of_all, venue_in
from experts.entry.workflow import EntryState
from experts.urgency import judge_urgency
from knowledge.responses import load_responses


@BLUEPRINT.get("/plan")
@requires(Gate.OPEN)
def plan() -> ResponseReturnValue:
    """What to do now: first hours, never, evidence, time limits, ways to respond."""
    with read_session() as session:
        row = held(session)
        answers = asking.answers_of(house().vault, row)
        today = asking.today_at(session, house().clock, row)
        limits = limits_of(row.scenario, answers, today)
        forum = venue_in(answers)
        return render_template(
            "entry/plan.html",
            row=row,
            title=steps_title(row.scenario),
            limits=limits,
            today=today,
            judged=judge_urgency(row.scenario, limits.first, today),
            forum=forum.id if forum else "",
            region=answers.get("region", ""),
            response=load_responses().get(row.scenario),
        )


def check_page(problems: Problems | None = None, status: int = 200) -> ResponseReturnValue:
    """What was told, with what is still open."""
    with read_session() as session:
        row = held(session)
        if row.state != EntryState.DRAFT.value:
            return redirect(url_for("entry.received"))
        answers = asking.answers_of(house().vault, row)
        today = asking.today_at(session, house().clock, row)
        judged = judge_urgency(row.scenario, limits_of(row.scenario, answers, today).first, today)
        page = render_template(
            "entry/check.html",
            row=row,
            answers=answers,
            title=steps_title(row.scenario),
            pages=PAGES,
            page_of=page_of,
            missing=problems_of_all(answers, today),
            problems=problems or {},
            judged=judged,
            typed=request.form,
            is_firm=current_actor().may(Permission.CONSULT_SUBMIT),
        )
    return page, status


@BLUEPRINT.get("/check")
@requires(Gate.OPEN)
def check() -> ResponseReturnValue:
    """Check the answers."""
    return check_page()


@BLUEPRINT.post("/send")
@requires(Gate.OPEN)
def send() -> ResponseReturnValue:
    """Let the centre know. Somebody of a firm who is signed in submits it as the firm's consultation at once."""
    agreed = {name: name in request.form for name in ("truth", "contact", "expert")}
    firm, code = current_actor(), held_code()
    try:
        with write_session() as session:
            row = held(session)
            asking.send(session, house().clock, asking.asker_of(row), house().vault, row.id, **agreed)
            if firm.may(Permission.CONSULT_SUBMIT) and firm.firm_id is not None:
                made = claim(session, house().clock, firm, house().vault, code)
                submit(
                    session, house().clock, firm, made.id, seen_version=made.version,
                    truth=agreed["truth"], notice=True, expert=agreed["expert"],
                )  # fmt: skip
                number, made_id = made.number, made.id
            else:
                number, made_id = None, None
    except BadInput as error:
        return check_page(problems_in(error), 422)
    if made_id is not None:
        flash(gettext("Submitted under %(number)s. This page shows where it is.", number=number), "done")
        return let_go(redirect(url_for("consultations.show", consultation_id=made_id)))
    return redirect(url_for("entry.received"))


def received_page(problems: Problems | None = None, status: int = 200) -> ResponseReturnValue:
    """Where a request is that was sent."""
    with read_session() as session:
        row = held(session)
        if row.state == EntryState.DRAFT.value:
            return redirect(url_for("entry.check"))
        judged = judge_urgency(row.scenario, row.limit_on, asking.today_at(session, house().clock, row))
        page = render_template(
            "entry/received.html",
            row=row,
            judged=judged,
            is_hours=row.urgency == Urgency.U1.value,
            code=held_code(),
            files=list(row.files),
            title=steps_title(row.scenario),
            problems=problems or {},
            is_firm=current_actor().may(Permission.CONSULT_SUBMIT),
        )
    return page, status


@BLUEPRINT.get("/received")
@requires(Gate.OPEN)
def received() -> ResponseReturnValue:
    """It is with the centre: by when it answers, and how the firm takes it over."""
    return received_page()


@BLUEPRINT.post("/delete")
@requires(Gate.OPEN)
def delete() -> ResponseReturnValue:
    """Delete the request and its files."""
    with write_session() as session:
        row = held(session)
        asking.delete(session, house().clock, asking.asker_of(row), house().vault, row.id)
    flash(gettext("The request and its files are deleted."), "done")
    return let_go(redirect(url_for("site.home")))


@BLUEPRINT.get("/claim")
@requires(Permission.CONSULT_SUBMIT)
def claiming() -> ResponseReturnValue:
    """What this browser holds, to be taken into the firm's consultations."""
    with read_session() as session:
        row = held(session)
        answers = asking.answers_of(house().vault, row)
        return render_template(
            "entry/claim.html",
            row=row,
            answers=answers,
            title=steps_title(row.scenario),
            files=list(row.files),
        )


@BLUEPRINT.post("/claim")
@requires(Permission.CONSULT_SUBMIT)
def take() -> ResponseReturnValue:
    """Take it into the firm's consultations, as a draft."""
    code = held_code()
    if not code:
        raise NotFound(said("No request is open in this browser."))
    with write_session() as session:
        made = claim(session, house().clock, current_actor(), house().vault, code)
    flash(gettext("It is your firm's draft now, with all its files. Check it and submit it."), "done")
    return let_go(redirect(url_for("consultations.check", consultation_id=made.id)))
