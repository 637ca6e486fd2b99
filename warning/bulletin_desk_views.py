"""The staff's pages of bulletins: the desk, one edition with its steps, the form, correcting and withdrawing."""

from __future__ import annotations

import re
import uuid
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from cases.models import Case, CaseStatus
from core.actor import Actor, Permission
from core.errors import BadInput, StaleWrite
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
from warning.bulletin_changes import changes
from warning.bulletin_checks import DECLARATIONS, repeat_problems
from warning.bulletin_forms import DeskSchema, DraftSchema, StepSchema, read_edit, read_reason
from warning.bulletin_models import Bulletin
from warning.bulletin_publishing import (
    approve_bulletin,
    check_sources,
    correct_bulletin,
    repeats_of,
    return_bulletin,
    sign_bulletin,
    withdraw_bulletin,
)
from warning.bulletin_reading import count_desk, list_desk, people
from warning.bulletin_workflow import BULLETIN_WORKFLOW, STANDING
from warning.bulletins import (
    draft_from_case,
    edit_bulletin,
    get_bulletin,
    open_draft_of,
    preview_of,
    submit_bulletin,
)

BLUEPRINT = Blueprint("bulletin_desk", __name__, url_prefix="/bulletins")
_DESK, _DRAFT, _STEP = DeskSchema(), DraftSchema(), StepSchema()
Problems = dict[str, Any]


@BLUEPRINT.get("/desk")
@requires(Permission.BULLETIN_DRAFT)
def desk() -> ResponseReturnValue:
    """The centre's bulletins by state, and who did what."""
    actor, values = current_actor(), load(_DESK, request.args)
    with read_session() as session:
        page = list_desk(session, actor, state=values["state"] or None, cursor=values["cursor"])
        return render_template(
            "warning/bulletin_desk.html",
            page=page,
            values=values,
            counts=count_desk(session, actor),
            people=people(session, actor, (act.actor for row in page.rows for act in row.acts)),
        )


@BLUEPRINT.post("/drafts")
@requires(Permission.BULLETIN_DRAFT)
def create() -> ResponseReturnValue:
    """A draft from a case."""
    case_id = uuid_or_404(load(_DRAFT, request.form)["case"])
    with write_session() as session:
        bulletin = draft_from_case(session, house().clock, current_actor(), case_id)
    return redirect(url_for("bulletin_desk.show", bulletin_id=bulletin.id))


@BLUEPRINT.get("/drafts/<bulletin_id>")
@requires(Permission.BULLETIN_DRAFT)
def show(bulletin_id: str) -> ResponseReturnValue:
    """One edition: how it will read, what its level counts, who did what, what may be done."""
    return _shown(uuid_or_404(bulletin_id))


def _shown(
    bulletin_id: uuid.UUID, problems: Problems | None = None, error: Any = None, note: str = ""
) -> ResponseReturnValue:
    actor = current_actor()
    with read_session() as session:
        bulletin = get_bulletin(session, actor, bulletin_id)
        steps = {step.name: step for step in BULLETIN_WORKFLOW.open_to(bulletin.state, actor)}
        if actor.name in bulletin.authors:
            steps = {n: s for n, s in steps.items() if n not in ("approve", "return", "sign")}
        before = _before(session, actor, bulletin)
        page = render_template(
            "warning/bulletin_staff.html",
            bulletin=bulletin,
            steps=steps,
            may_correct=bulletin.state in STANDING,
            people=people(session, actor, [*(act.actor for act in bulletin.acts), *bulletin.authors]),
            # Read now, so that the reviewer sees what the program found before ticking anything.
            damaged=check_sources(house().evidence, bulletin.content) if "approve" in steps else {},
            repeated=repeat_problems(repeats_of(session, bulletin)) if "approve" in steps else {},
            declarations=DECLARATIONS,
            changed=changes(before.content, bulletin.content) if before else [],
            problems=problems or {},
            error=error,
            note=note,
        )
    return (page, 422) if problems else page


def _before(session: Session, actor: Actor, bulletin: Bulletin) -> Bulletin | None:
    query = Bulletin.visible_to(actor).where(Bulletin.series_id == bulletin.series_id)
    return session.scalar(query.where(Bulletin.edition == bulletin.edition - 1))


@BLUEPRINT.get("/drafts/<bulletin_id>/edit")
@requires(Permission.BULLETIN_DRAFT)
def edit_form(bulletin_id: str) -> ResponseReturnValue:
    """The form of a draft."""
    actor = current_actor()
    with read_session() as session:
        bulletin = get_bulletin(session, actor, uuid_or_404(bulletin_id))
        BULLETIN_WORKFLOW.take("edit", bulletin.state, actor)
        return _form(bulletin, bulletin.content, bulletin.version)


def _form(bulletin: Bulletin, content: Any, version: int, **more: Any) -> str:
    return render_template(
        "warning/bulletin_edit.html", bulletin=bulletin, content=content, version=version, **more
    )


@BLUEPRINT.post("/drafts/<bulletin_id>/edit")
@requires(Permission.BULLETIN_DRAFT)
def edit(bulletin_id: str) -> ResponseReturnValue:
    """Save a draft, or show how it would read."""
    identity, actor = uuid_or_404(bulletin_id), current_actor()
    with read_session() as session:
        bulletin = get_bulletin(session, actor, identity)
        BULLETIN_WORKFLOW.take("edit", bulletin.state, actor)
    told, asked = read_edit(request.form)
    with read_session() as session:
        content = preview_of(session, actor, identity, told)
    version = asked["version"]
    if asked["act"] == "preview":
        return _form(bulletin, content, version, is_preview=True, disclosed=told.disclosed)
    try:
        with write_session() as session:
            edit_bulletin(session, house().clock, actor, identity, told, seen_version=version)
    except BadInput as error:
        more = {"problems": error.details["fields"], "error": error, "disclosed": told.disclosed}
        return _form(bulletin, content, version, **more), 422
    except StaleWrite as error:
        details: Any = error.details
        theirs = changes(details["current"], details["yours"])
        more = {"stale": theirs, "error": error, "disclosed": told.disclosed}
        return _form(bulletin, content, details["version"], **more), 409
    flash(gettext("Saved."), "done")
    return redirect(url_for("bulletin_desk.show", bulletin_id=identity))


@BLUEPRINT.post("/drafts/<bulletin_id>/step")
@requires(Permission.BULLETIN_DRAFT)
def step(bulletin_id: str) -> ResponseReturnValue:
    """Submit, return, approve or sign."""
    identity, actor, values = uuid_or_404(bulletin_id), current_actor(), load(_STEP, request.form)
    clock, evidence, seen = house().clock, house().evidence, values["version"]
    try:
        with write_session() as session:
            match values["step"]:
                case "submit":
                    submit_bulletin(session, clock, actor, identity, seen_version=seen)
                case "return":
                    return_bulletin(session, clock, actor, identity, values["note"], seen_version=seen)
                case "approve":
                    approve_bulletin(
                        session,
                        clock,
                        evidence,
                        actor,
                        identity,
                        values["checked"],
                        declared=values["declared"],
                        seen_version=seen,
                    )
                case _:
                    sign_bulletin(session, clock, evidence, actor, identity, seen_version=seen)
    except BadInput as error:
        return _shown(identity, dict(error.details["fields"] or {}), error, values["note"])  # type: ignore[call-overload]
    said = {
        "submit": gettext("Submitted: a colleague checks it now."),
        "return": gettext("Returned to the drafter."),
        "approve": gettext("Approved: it waits for a signature."),
        "sign": gettext("Signed and published."),
    }
    flash(said[values["step"]], "done")
    return redirect(url_for("bulletin_desk.show", bulletin_id=identity))


@BLUEPRINT.get("/drafts/<bulletin_id>/correct")
@requires(Permission.BULLETIN_DRAFT)
def correct_form(bulletin_id: str) -> ResponseReturnValue:
    """Why it is corrected."""
    return _reason_form(uuid_or_404(bulletin_id), "correct")


@BLUEPRINT.post("/drafts/<bulletin_id>/correct")
@requires(Permission.BULLETIN_DRAFT)
def correct(bulletin_id: str) -> ResponseReturnValue:
    """Begin the next edition."""
    identity, values = uuid_or_404(bulletin_id), read_reason(request.form)
    try:
        with write_session() as session:
            draft = correct_bulletin(
                session, house().clock, current_actor(), identity, values["zh"], values["en"]
            )
    except BadInput as error:
        return _reason_form(identity, "correct", values, error), 422
    return redirect(url_for("bulletin_desk.edit_form", bulletin_id=draft.id))


@BLUEPRINT.get("/drafts/<bulletin_id>/withdraw")
@requires(Permission.BULLETIN_SIGN)
def withdraw_form(bulletin_id: str) -> ResponseReturnValue:
    """What withdrawing does, asked before it is done."""
    return _reason_form(uuid_or_404(bulletin_id), "withdraw")


@BLUEPRINT.post("/drafts/<bulletin_id>/withdraw")
@requires(Permission.BULLETIN_SIGN)
def withdraw(bulletin_id: str) -> ResponseReturnValue:
    """Withdraw the edition that stands."""
    identity, values = uuid_or_404(bulletin_id), read_reason(request.form)
    try:
        with write_session() as session:
            withdraw_bulletin(
                session,
                house().clock,
                current_actor(),
                identity,
                values["zh"],
                values["en"],
                seen_version=values["version"],
            )
    except BadInput as error:
        return _reason_form(identity, "withdraw", values, error), 422
    flash(gettext("Withdrawn: its page stays and says why."), "done")
    return redirect(url_for("bulletin_desk.show", bulletin_id=identity))


def _reason_form(
    identity: uuid.UUID, act: str, values: dict[str, Any] | None = None, error: BadInput | None = None
) -> str:
    with read_session() as session:
        bulletin = get_bulletin(session, current_actor(), identity)
    problems = error.details["fields"] if error else {}
    return render_template(
        "warning/bulletin_reason.html",
        bulletin=bulletin,
        act=act,
        values=values or {"zh": "", "en": ""},
        problems=problems,
        error=error,
    )


def _case_bulletin(actor: Actor, *, case: Case, **context: Any) -> str:
    if not actor.may(Permission.BULLETIN_DRAFT) or case.status != CaseStatus.PUBLIC.value:
        return ""
    with read_session() as session:
        return render_template(
            "warning/_case_bulletin.html", case=case, draft=open_draft_of(session, actor, case.id)
        )


def field_words(name: str) -> str:
    """What a form's field is called, for the list of what must be mended."""
    head, _, tail = name.rpartition("-")
    known = {
        "title": gettext("Title"),
        "contact": gettext("Contact"),
        "reason": gettext("Reason"),
        "valid_until": gettext("Valid until"),
        "level": gettext("Level"),
        "level_reason": gettext("Reason for the level"),
        "kind": gettext("Kind"),
        "parties": gettext("Parties"),
        "note": gettext("Note"),
        "since": gettext("First day"),
        "named": gettext("Firms by key or whole name, one a line"),
        "until": gettext("Last day"),
        "new-summary": gettext("Summary"),
    }
    tails = {
        "zh": gettext("Chinese"),
        "en": gettext("English"),
        "sources": gettext("Evidence and sources"),
        "basis": gettext("What it rests on"),
        "on": gettext("Date"),
        "type": gettext("Fact, analysis or advice"),
    }
    if head == "declared":
        return str(gettext("Check for secrets and rights"))
    if head == "source":
        return str(gettext("Source %(number)s", number=tail))
    part = head or tail
    if re.fullmatch(r"f\d+", part):
        return str(gettext("Figures"))
    if re.fullmatch(r"[pd]\d+", part):
        words = gettext("Paragraph %(number)s", number=part[1:]) if part[0] == "p" else gettext("Key dates")
    else:
        words = known.get(part, part)
    return f"{words} ({tails[tail]})" if head and tail in tails else str(words)


def init_bulletin_desk(app: Flask) -> None:
    """Give ``app`` the staff's pages of bulletins, and the case page its button."""
    app.register_blueprint(BLUEPRINT)
    app.jinja_env.filters["bulletin_field"] = field_words
    register_fragment(app, "case.bulletin", _case_bulletin)
