"""Pages of calls and of one's own application, which a private link opens without an account."""

from __future__ import annotations

import io
from datetime import timedelta

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from cases.taxonomy import load_taxonomy
from core.actor import Permission
from core.errors import BadInput
from core.said import said
from core.web import (
    Gate,
    current_actor,
    house,
    load,
    read_session,
    requires,
    uuid_or_404,
    write_session,
)
from experts.appointing import applying, calls
from experts.appointing.forms import ROWS, AnswersForm, CallForm, FileForm, StepForm, answers_of
from experts.appointing.guards import gaps_in
from experts.appointing.models import Application, ApplicationFile, Call
from experts.appointing.moving import today_of
from experts.appointing.web import Problems, done, problems_in
from experts.appointing.workflow import APPLICATION_WORKFLOW, CALL_WORKFLOW, DOCUMENTS, HOLDERS, REFUSALS
from experts.file_kinds import MEDIA_TYPES
from experts.vocabulary import vocabulary

CALLS = Blueprint("calls", __name__)
APPLY = Blueprint("apply", __name__)


@CALLS.get("/calls")
@requires(Gate.OPEN)
def index() -> ResponseReturnValue:
    """Open calls, and those of before."""
    with read_session() as session:
        found = calls.list_calls(session, current_actor())
        open_ones = {c.id for c in found if calls.takes(c, today_of(session, house().clock, c.centre_id))}
        return render_template(
            "appointing/calls.html", calls=found, open_ones=open_ones, states=CALL_WORKFLOW.states
        )


def _new_page(problems: Problems | None = None, status: int = 200) -> ResponseReturnValue:
    today = house().clock.now().date()
    dates = {"opens_on": today.isoformat(), "closes_on": (today + timedelta(days=30)).isoformat()}
    return (
        render_template("appointing/call_new.html", problems=problems or {}, typed=request.form or dates),
        status,
    )


@CALLS.get("/calls/new")
@requires(Permission.APPOINT_HANDLE)
def new() -> ResponseReturnValue:
    """Write a call."""
    return _new_page()


@CALLS.post("/calls")
@requires(Permission.APPOINT_HANDLE)
def create() -> ResponseReturnValue:
    """Keep a call as a draft."""
    try:
        values = load(CallForm(), request.form)
        with write_session() as session:
            call = calls.write_call(session, house().clock, current_actor(), **values)
    except BadInput as error:
        return _new_page(problems_in(error), 422)
    flash(gettext("The call is a draft; publish it when it is ready."), "done")
    return redirect(url_for("calls.show", call_id=call.id))


@CALLS.get("/calls/<call_id>")
@requires(Gate.OPEN)
def show(call_id: str) -> ResponseReturnValue:
    """One call."""
    actor = current_actor()
    with read_session() as session:
        call = calls.get_call(session, actor, uuid_or_404(call_id))
        steps = CALL_WORKFLOW.open_to(call.state, actor) if actor.centre_id == call.centre_id else []
        return render_template(
            "appointing/call.html",
            call=call,
            state=CALL_WORKFLOW.states[call.state],
            takes=calls.takes(call, today_of(session, house().clock, call.centre_id)),
            steps=steps,
            documents=DOCUMENTS,
        )


@CALLS.post("/calls/<call_id>/step")
@requires(Permission.APPOINT_HANDLE)
def step(call_id: str) -> ResponseReturnValue:
    """Publish or close a call."""
    values = load(StepForm(), request.form)
    if values["step"] not in ("open", "close"):
        raise BadInput(said("This step is taken on another page."))
    with write_session() as session:
        calls.step_call(
            session, house().clock, current_actor(), uuid_or_404(call_id), values["step"],
            seen_version=values["version"],
        )  # fmt: skip
    flash(done(), "done")
    return redirect(url_for("calls.show", call_id=call_id))


@CALLS.post("/calls/<call_id>/apply")
@requires(Gate.OPEN)
def begin(call_id: str) -> ResponseReturnValue:
    """Begin an application under a private link."""
    with write_session() as session:
        call = calls.get_call(session, current_actor(), uuid_or_404(call_id))
        _, token = applying.begin(session, house().clock, call)
    flash(gettext("Keep the address of this page: it is the only way back to your application."), "done")
    return redirect(url_for("apply.show", token=token))


def _typed(application: Application) -> dict[str, object]:
    told = dict(application.answers)
    for name in (*applying.PRIVATE, *applying.CONSENTS):
        told[name] = getattr(application, name)
    for n, row in enumerate(told.get("qualifications", [])[:ROWS]):
        told.update({f"q{n}_{part}": value for part, value in row.items()})
    return told


def _page(token: str, problems: Problems | None = None, status: int = 200) -> ResponseReturnValue:
    taxonomy, words = load_taxonomy(), vocabulary()
    with read_session() as session:
        application = applying.by_token(session, token)
        call = session.get_one(Call, application.call_id)
        typed = _typed(application)
        if request.method == "POST" and "version" in request.form and "name_zh" in request.form:
            lists = ("languages", "industries", "dispute_types")
            typed = {**request.form.to_dict(), **{name: request.form.getlist(name) for name in lists}}
        page = render_template(
            "appointing/application_own.html",
            row=application,
            call=call,
            token=token,
            typed=typed,
            gaps=gaps_in(application),
            state=APPLICATION_WORKFLOW.states[application.state],
            holder=HOLDERS.get(application.state),
            may_change=application.state in ("draft", "supplement"),
            may_withdraw=any(
                s.name == "withdraw"
                for s in APPLICATION_WORKFLOW.open_to(application.state, applying.applicant_of(application))
            ),
            is_over=application.due_on is None and application.state != "draft",
            classes=list(words.experts),
            languages=list(words.languages),
            industries=list(taxonomy.industries),
            dispute_types=list(taxonomy.dispute_types),
            regions=sorted(taxonomy.extra["by_code"]),
            rows=range(ROWS),
            documents=DOCUMENTS,
            steps=APPLICATION_WORKFLOW,
            refusals=REFUSALS,
            problems=problems or {},
        )
    return page, status


@APPLY.get("/apply/<token>", endpoint="show")
@requires(Gate.OPEN)
def show_application(token: str) -> ResponseReturnValue:
    """One's own application: what is told, what is missing, where it stands."""
    return _page(token)


@APPLY.post("/apply/<token>")
@requires(Gate.OPEN)
def save(token: str) -> ResponseReturnValue:
    """Keep the answers, and submit them when that is asked."""
    clock = house().clock
    try:
        values = load(AnswersForm(), request.form)
        with write_session() as session:
            application = applying.by_token(session, token)
            actor, version = applying.applicant_of(application), values["version"]
            application = applying.tell(
                session, clock, actor, application.id, answers_of(values), seen_version=version
            )
            version = application.version
        if values["act"] == "submit" and (gaps := gaps_in(_reloaded(token))):
            return _page(token, gaps, 422)
        if values["act"] == "submit":
            with write_session() as session:
                applying.submit(session, clock, actor, application.id, seen_version=version)
    except BadInput as error:
        return _page(token, problems_in(error), 422)
    flash(
        gettext("Submitted. What happens next stands below.")
        if values["act"] == "submit"
        else gettext("Saved."),
        "done",
    )
    return redirect(url_for("apply.show", token=token))


def _reloaded(token: str) -> Application:
    with read_session() as session:
        return applying.by_token(session, token)


@APPLY.post("/apply/<token>/files")
@requires(Gate.OPEN)
def upload(token: str) -> ResponseReturnValue:
    """Keep a document, or say on the same page why it is not taken."""
    sent = request.files.get("file")
    try:
        values = load(FileForm(), request.form)
        if sent is None or not sent.filename:
            sentence = said("Choose a file first.")
            raise BadInput(sentence, fields={"file": [sentence]})
        with write_session() as session:
            application = applying.by_token(session, token)
            applying.add_file(
                session, house().clock, applying.applicant_of(application), house().vault, application.id,
                values["document"], sent.filename, sent.stream.read(),
            )  # fmt: skip
    except BadInput as error:
        problems = {"file": [error.message, error.fix]} if error.fix else problems_in(error)
        return _page(token, problems, 422)
    flash(gettext("The file is kept, encrypted."), "done")
    return redirect(url_for("apply.show", token=token) + "#files")


@APPLY.post("/apply/<token>/files/<file_id>/remove")
@requires(Gate.OPEN)
def remove(token: str, file_id: str) -> ResponseReturnValue:
    """Take a document out of a draft."""
    with write_session() as session:
        application = applying.by_token(session, token)
        actor = applying.applicant_of(application)
        applying.remove_file(
            session, house().clock, actor, house().vault, application.id, uuid_or_404(file_id)
        )
    flash(gettext("The file is deleted."), "done")
    return redirect(url_for("apply.show", token=token) + "#files")


def handed_out(file: ApplicationFile, content: bytes) -> Response:
    """A file as a download that no browser opens by itself."""
    answer: Response = send_file(
        io.BytesIO(content),
        mimetype=MEDIA_TYPES[file.kind],
        as_attachment=True,
        download_name=file.filename,
        etag=False,
    )
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


@APPLY.get("/apply/<token>/files/<file_id>")
@requires(Gate.OPEN)
def download(token: str, file_id: str) -> ResponseReturnValue:
    """One's own document."""
    with write_session() as session:
        application = applying.by_token(session, token)
        actor = applying.applicant_of(application)
        file, content = applying.read_file(
            session, house().clock, actor, house().vault, application.id, uuid_or_404(file_id)
        )
    return handed_out(file, content)


@APPLY.post("/apply/<token>/step")
@requires(Gate.OPEN)
def take(token: str) -> ResponseReturnValue:
    """Send the supplement, or take the application back."""
    clock = house().clock
    try:
        values = load(StepForm(), request.form)
        with write_session() as session:
            application = applying.by_token(session, token)
            actor, seen = applying.applicant_of(application), values["version"]
            if values["step"] == "supplement":
                applying.supplement(
                    session, clock, actor, application.id, words=values["note"], seen_version=seen
                )
            elif values["step"] == "withdraw":
                applying.withdraw(session, clock, actor, application.id, seen_version=seen)
            else:
                raise BadInput(said("This step is taken on another page."))
    except BadInput as error:
        return _page(token, problems_in(error), 422)
    flash(done(), "done")
    return redirect(url_for("apply.show", token=token))
