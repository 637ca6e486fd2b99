"""Pages of warnings: a firm's alerts, the staff's queue of candidates, and what other rooms show of matches."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from cases.deadlines.docket import next_deadline
from cases.models import CASE_REVIEW, Case, CaseStatus, Party
from cases.parties.profile import Figures, figures_in
from cases.query import review_case
from cases.similar import similar_cases
from cases.summary import summarise
from core.actor import Actor, Permission, Role
from core.errors import BadInput
from core.i18n import language
from core.paging import Page
from core.said import Said
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
from enterprises.models import Firm
from notify.letters import Text, Words
from warning.alert_list import case_ids, count_unread_told, list_told
from warning.alerts import (
    get_alert,
    mark_alert,
    matches_of_case,
    matches_of_firm,
)
from warning.answer_models import ANSWER_WORKFLOW
from warning.answers import MOST_WORDS, answer_alert, answers_of, count_answers
from warning.change_words import clock_words, headline, kind_words, value
from warning.joint import agree, joint_of, withdraw
from warning.levels import standing_of_case
from warning.models import ALERT_WORKFLOW, Alert, PartyMatch
from warning.queue import count_candidates, list_candidates
from warning.schemas import (
    AlertListSchema,
    AlertStepSchema,
    AnswerSchema,
    CandidateListSchema,
    JointSchema,
    ReviewSchema,
)
from warning.surge.explain import MARKS, sentence
from warning.surge.told import signals_behind
from warning.surge.told_models import SignalAlert

BLUEPRINT = Blueprint("warning", __name__)
_ALERTS, _STEP, _QUEUE, _REVIEW = AlertListSchema(), AlertStepSchema(), CandidateListSchema(), ReviewSchema()
_ANSWER, _JOINT = AnswerSchema(), JointSchema()


def _cases(session: Session, actor: Actor, ids: list[uuid.UUID]) -> dict[uuid.UUID, Case]:
    query = Case.visible_to(actor).where(Case.id.in_(ids)).options(selectinload(Case.tags))
    return {case.id: case for case in session.scalars(query)}


def _firms(session: Session, actor: Actor, ids: list[uuid.UUID]) -> dict[uuid.UUID, Firm]:
    return {firm.id: firm for firm in session.scalars(Firm.visible_to(actor).where(Firm.id.in_(ids)))}


def _signals(session: Session, page: Page[Alert | SignalAlert]) -> dict[str, Any]:
    """What rows about signals need."""
    alerts = [row for row in page.rows if isinstance(row, SignalAlert)]
    return {"signals": signals_behind(session, alerts), "marks": MARKS, "sentence": sentence}


@BLUEPRINT.get("/alerts")
@requires(Permission.ALERT_READ)
def alerts() -> ResponseReturnValue:
    """The firm's alerts; for staff, the centre's."""
    actor = current_actor()
    values = load(_ALERTS, request.args)
    with read_session() as session:
        page = list_told(
            session,
            actor,
            unread_only=values["state"] == "unread",
            answer=values["answer"],
            cursor=values["cursor"],
        )
        return render_template(
            "warning/alerts.html",
            page=page,
            values=values,
            unread=count_unread_told(session, actor),
            cases=_cases(session, actor, case_ids(page)),
            firms=_firms(session, actor, [alert.firm_id for alert in page.rows]),
            **_signals(session, page),
            states=ALERT_WORKFLOW.states,
            answers=ANSWER_WORKFLOW.states,
            counts=count_answers(session, actor),
        )


@BLUEPRINT.get("/alerts/<alert_id>")
@requires(Permission.ALERT_READ)
def alert(alert_id: str) -> ResponseReturnValue:
    """What happened, why this firm is told, how grave it is, what to do."""
    return _alert_page(alert_id)


def _alert_page(alert_id: str, problem: BadInput | None = None) -> ResponseReturnValue:
    actor, clock = current_actor(), house().clock
    with read_session() as session:
        found = get_alert(session, actor, uuid_or_404(alert_id))
        case = _cases(session, actor, [found.case_id]).get(found.case_id)
        # Whoever only watches a case has no deadline in it.
        is_party = case is not None and found.profile_id is None
        page = render_template(
            "warning/alert.html",
            alert=found,
            case=case,
            summary=summarise(case) if case else [],
            deadline=next_deadline(case.venue, case.events, clock.now()) if case and is_party else None,
            firm=_firms(session, actor, [found.firm_id]).get(found.firm_id),
            states=ALERT_WORKFLOW.states,
            steps=ALERT_WORKFLOW.open_to(found.state, actor),
            answer_steps=ANSWER_WORKFLOW.open_to(found.answer, actor),
            answers=ANSWER_WORKFLOW.states,
            given=answers_of(session, actor, found.id),
            most_words=MOST_WORDS,
            standing=standing_of_case(session, clock, found.centre_id, case) if case else None,
            similar=similar_cases(session, actor, case) if case else [],
            joint=joint_of(session, actor, case) if case and is_party else None,
            joint_problem=problem,
            typed_contact=request.form.get("contact", ""),
        )
    return page, problem.status if problem else 200


@BLUEPRINT.post("/alerts/<alert_id>/joint")
@requires(Permission.ALERT_DISPOSE)
def joint(alert_id: str) -> ResponseReturnValue:
    """Agree to be put in touch with the other firms of the case, or take it back."""
    values, actor, clock = load(_JOINT, request.form), current_actor(), house().clock
    try:
        with write_session() as session:
            case_id = get_alert(session, actor, uuid_or_404(alert_id)).case_id
            if values["step"] == "agree":
                agree(session, clock, actor, case_id, values["contact"])
            else:
                withdraw(session, clock, actor, case_id)
    except BadInput as problem:
        return _alert_page(alert_id, problem)
    is_agreed = values["step"] == "agree"
    done = (
        gettext("Agreed. Firms that agree too see your contact.")
        if is_agreed
        else gettext("Taken back; your contact is erased.")
    )
    flash(done, "done")
    return redirect(url_for("warning.alert", alert_id=alert_id) + "#joint")


@BLUEPRINT.post("/alerts/<alert_id>/step")
@requires(Permission.ALERT_DISPOSE)
def alert_step(alert_id: str) -> ResponseReturnValue:
    """Mark an alert as read or unread."""
    values = load(_STEP, request.form)
    with write_session() as session:
        mark_alert(session, house().clock, current_actor(), uuid_or_404(alert_id), values["step"])
    flash(gettext("Marked as read.") if values["step"] == "read" else gettext("Marked as unread."), "done")
    return redirect(url_for("warning.alert", alert_id=alert_id))


@BLUEPRINT.post("/alerts/<alert_id>/answer")
@requires(Permission.ALERT_DISPOSE)
def answer(alert_id: str) -> ResponseReturnValue:
    """Say what the firm makes of an alert; whoever needs help is led to the form, filled in from the case."""
    values = load(_ANSWER, request.form)
    with write_session() as session:
        answer_alert(
            session,
            house().clock,
            current_actor(),
            uuid_or_404(alert_id),
            values["step"],
            values["words"],
            seen=values["seen"],
        )
    if values["step"] == "help":
        flash(gettext("Recorded. Now tell us what happened; the form is filled in from the case."), "done")
        return redirect(url_for("consultations.new", alert=alert_id))
    done = gettext("Reopened.") if values["step"] == "reopen" else gettext("Your answer is recorded.")
    flash(done, "done")
    return redirect(url_for("warning.alert", alert_id=alert_id) + "#answer")


@BLUEPRINT.get("/candidates")
@requires(Permission.CANDIDATE_REVIEW)
def candidates() -> ResponseReturnValue:
    """Cases that wait for a person's decision."""
    actor = current_actor()
    values = load(_QUEUE, request.args)
    with read_session() as session:
        page = list_candidates(session, actor, status=CaseStatus(values["status"]), cursor=values["cursor"])
        return render_template(
            "warning/candidates.html",
            page=page,
            values=values,
            waiting=count_candidates(session, actor),
            steps={status.value: CASE_REVIEW.open_to(status.value, actor) for status in CaseStatus},
        )


@BLUEPRINT.post("/candidates/<case_id>/review")
@requires(Permission.CANDIDATE_REVIEW)
def review(case_id: str) -> ResponseReturnValue:
    """Confirm, dismiss or return a case."""
    values = load(_REVIEW, request.form)
    with write_session() as session:
        case = review_case(
            session,
            house().clock,
            current_actor(),
            uuid_or_404(case_id),
            values["step"],
            seen_version=values["version"],
        )
    said = {
        "confirm": gettext(
            "Confirmed: %(number)s is public now, and firms it names are alerted.", number=case.docket_number
        ),
        "dismiss": gettext(
            "Dismissed: %(number)s. It can be returned from the list of dismissed cases.",
            number=case.docket_number,
        ),
        "return": gettext("Returned: %(number)s waits for review again.", number=case.docket_number),
    }
    flash(said[values["step"]], "done")
    if values["step"] == "dismiss":
        flash(f"{case.id}:{case.version}", "undo")
    if values["back"] == "case":
        return redirect(url_for("cases.show", case_id=case_id))
    return redirect(url_for("warning.candidates"))


def _case_matches(actor: Actor, *, case: Case, **context: Any) -> str:
    if not actor.may(Permission.FIRM_READ):
        return ""
    with read_session() as session:
        matches = matches_of_case(session, actor, case.id)
        if not matches:
            return ""
        return render_template(
            "warning/_case_matches.html",
            matches=matches,
            parties={party.id: party for party in case.parties},
            firms=_firms(session, actor, [match.firm_id for match in matches]),
        )


def _by_case(matches: list[PartyMatch], cases: dict[uuid.UUID, Case]) -> list[tuple[Case, list[PartyMatch]]]:
    """The cases of ``matches`` that may be shown, newest first, each with its matches, best first."""
    grouped: dict[uuid.UUID, list[PartyMatch]] = {}
    for match in sorted(matches, key=lambda m: -m.score):
        if match.case_id in cases:
            grouped.setdefault(match.case_id, []).append(match)
    newest = sorted(grouped, key=lambda i: (cases[i].latest_on or date.min, i), reverse=True)
    return [(cases[case_id], grouped[case_id]) for case_id in newest]


def _firm_matches(actor: Actor, *, firm: Firm, **context: Any) -> str:
    with read_session() as session:
        matches = matches_of_firm(session, actor, firm.id)
        cases = _cases(session, actor, [match.case_id for match in matches])
        parties = session.scalars(select(Party).where(Party.id.in_([match.party_id for match in matches])))
        query = Alert.visible_to(actor).where(Alert.firm_id == firm.id).order_by(Alert.id.desc()).limit(20)
        return render_template(
            "warning/_firm_matches.html",
            firm=firm,
            named=_by_case(matches, cases),
            parties={party.id: party for party in parties},
            cases=cases,
            alerts=list(session.scalars(query)),
            states=ALERT_WORKFLOW.states,
            figures=_figures(session, matches, cases),
        )


def _figures(session: Session, matches: Sequence[PartyMatch], cases: Mapping[uuid.UUID, Case]) -> Figures:
    """A firm's side of the cases that surely name it."""
    sure = [match for match in matches if match.grade == "confirm" and match.case_id in cases]
    keys = set(session.scalars(select(Party.who).where(Party.id.in_([match.party_id for match in sure]))))
    return figures_in(session, keys, list({match.case_id for match in sure}))


def _review_steps(actor: Actor, *, case: Case, **context: Any) -> str:
    steps = CASE_REVIEW.open_to(case.status, actor)
    return render_template("warning/_review.html", case=case, steps=steps) if steps else ""


def _unread_badge(actor: Actor, **context: Any) -> str:
    if Role.FIRM_MEMBER not in actor.roles:
        return ""
    with read_session() as session:
        count = count_unread_told(session, actor)
    return render_template("warning/_badge.html", count=count) if count else ""


def _home_alerts(actor: Actor, **context: Any) -> str:
    if not actor.may(Permission.ALERT_READ):
        return ""
    with read_session() as session:
        page = list_told(session, actor, limit=3)
        return render_template(
            "warning/_home.html",
            page=page,
            unread=count_unread_told(session, actor),
            waiting=count_candidates(session, actor) if actor.may(Permission.CANDIDATE_REVIEW) else 0,
            cases=_cases(session, actor, case_ids(page)),
            firms=_firms(session, actor, [alert.firm_id for alert in page.rows]),
            **_signals(session, page),
        )


def spoken(text: Text) -> str:
    """A sentence or words of a letter in the reader's language."""
    if isinstance(text, Words):
        return text.zh if language() == "zh" else text.en
    if isinstance(text, Said):
        return str(gettext(text.template, **{name: spoken(value) for name, value in text.values.items()}))
    return str(text)


def alert_headline(alert: Alert, firm: Firm | None = None) -> str:
    """What an alert says, in one line; ``firm`` where the reader must be told which."""
    if alert.change is not None:
        what = spoken(headline(alert.change))
        return f"{firm.name_zh}{gettext(': ')}{what}" if firm is not None else what
    if alert.profile_id is not None:
        profile = alert.grounds[0]["profile"]
        return str(gettext("A case matches your watch profile %(profile)s", profile=profile))
    if firm is not None:
        return str(gettext("%(firm)s is named in a case", firm=firm.name_zh))
    return str(gettext("Your firm is named in a case"))


def init_warning(app: Flask) -> None:
    """Give ``app`` the pages of warnings, and other rooms' pages what they show of matches and alerts."""
    app.jinja_env.filters.update(
        alert_headline=alert_headline,
        change_value=lambda change, which: spoken(value(change, which)),
        change_kind=lambda kind: spoken(kind_words(kind)),
        clock_words=lambda identity: spoken(clock_words(identity)),
    )
    app.register_blueprint(BLUEPRINT)
    register_fragment(app, "case.review", _review_steps)
    register_fragment(app, "case.matches", _case_matches)
    register_fragment(app, "firm.matches", _firm_matches)
    register_fragment(app, "nav.alerts", _unread_badge)
    register_fragment(app, "home.mine", _home_alerts)
