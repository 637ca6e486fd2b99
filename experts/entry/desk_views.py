"""Pages of the centre about requests that no firm has taken over: masked in lists, audited when opened."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.actor import Actor, Permission
from core.errors import BadInput, NotFound
from core.web import current_actor, house, read_session, requires, uuid_or_404, write_session
from experts.consultation_web import Problems, problems_in
from experts.entry import asking, claiming
from experts.entry.claiming import masked
from experts.entry.holding import held_code, steps_title
from experts.entry.models import EntryRequest
from experts.entry.questions import PAGES, limits_of
from experts.entry.workflow import ENTRY_WORKFLOW, EntryState
from experts.file_kinds import MEDIA_TYPES
from experts.urgency import judge_urgency

DESK = Blueprint("entries", __name__, url_prefix="/entries")
_FEW = 6


def _contacts(rows: Iterable[EntryRequest]) -> dict[Any, str]:
    """Whom each names, masked: a list shows the least."""
    told = {row.id: asking.answers_of(house().vault, row) for row in rows}
    return {
        identity: " · ".join(masked(a[n]) for n in ("firm_name", "contact_name") if a.get(n))
        for identity, a in told.items()
    }


@DESK.get("")
@requires(Permission.ENTRY_HANDLE)
def index() -> ResponseReturnValue:
    """Requests that wait, the most pressing first."""
    with read_session() as session:
        page = claiming.list_waiting(session, current_actor(), cursor=request.args.get("cursor"))
        return render_template(
            "entry/list.html",
            page=page,
            contacts=_contacts(page.rows),
            states=ENTRY_WORKFLOW.states,
            now=house().clock.now(),
        )


def _page(request_id: str, problems: Problems | None = None, status: int = 200) -> ResponseReturnValue:
    actor = current_actor()
    # A reading is written down, so this page writes.
    with write_session() as session:
        row, answers = claiming.read_request(
            session, house().clock, actor, house().vault, uuid_or_404(request_id)
        )
        today = asking.today_at(session, house().clock, row)
        limits = limits_of(row.scenario, answers, today)
        page = render_template(
            "entry/show.html",
            row=row,
            answers=answers,
            pages=PAGES,
            files=list(row.files),
            state=ENTRY_WORKFLOW.states[row.state],
            may_answer=row.state == EntryState.SENT.value,
            judged=judge_urgency(row.scenario, limits.first, today),
            limits=limits,
            problems=problems or {},
            typed=request.form,
            now=house().clock.now(),
        )
    return page, status


@DESK.get("/<request_id>")
@requires(Permission.ENTRY_HANDLE)
def show(request_id: str) -> ResponseReturnValue:
    """One request; that it was read is audited."""
    return _page(request_id)


@DESK.post("/<request_id>/answer")
@requires(Permission.ENTRY_HANDLE)
def answer(request_id: str) -> ResponseReturnValue:
    """Record the first answer."""
    try:
        with write_session() as session:
            claiming.answer(
                session, house().clock, current_actor(), uuid_or_404(request_id),
                request.form.get("answer", "")[:2_000],
            )  # fmt: skip
    except BadInput as error:
        return _page(request_id, problems_in(error), 422)
    flash(gettext("The first answer is written down; whoever holds the link reads it."), "done")
    return redirect(url_for("entries.show", request_id=request_id))


@DESK.post("/<request_id>/lodge")
@requires(Permission.ENTRY_HANDLE)
def lodge(request_id: str) -> ResponseReturnValue:
    """Make it a consultation of a firm of the register."""
    try:
        with write_session() as session:
            made = claiming.lodge(
                session, house().clock, current_actor(), house().vault, uuid_or_404(request_id),
                request.form.get("firm", ""),
            )  # fmt: skip
            number = made.number
    except BadInput as error:
        return _page(request_id, problems_in(error), 422)
    flash(gettext("It is consultation %(number)s now, with its files.", number=number), "done")
    return redirect(url_for("consultations.show", consultation_id=made.id))


@DESK.get("/<request_id>/files/<file_id>")
@requires(Permission.ENTRY_HANDLE)
def download(request_id: str, file_id: str) -> ResponseReturnValue:
    """A file, which no browser opens by itself; that it was taken is audited."""
    with write_session() as session:
        file, content = claiming.read_file(
            session, house().clock, current_actor(), house().vault,
            uuid_or_404(request_id), uuid_or_404(file_id),
        )  # fmt: skip
    sent = send_file(
        io.BytesIO(content), mimetype=MEDIA_TYPES[file.kind], as_attachment=True,
        download_name=file.filename, etag=False,
    )  # fmt: skip
    sent.headers["X-Content-Type-Options"] = "nosniff"
    sent.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return sent


def show_on_desk(actor: Actor, **context: Any) -> str:
    """Requests that wait for a first answer, for the centre's desk."""
    if not actor.may(Permission.ENTRY_HANDLE) or actor.centre_id is None:
        return ""
    with read_session() as session:
        rows = claiming.list_waiting(session, actor, limit=_FEW).rows
        return render_template(
            "entry/_desk.html", rows=rows, contacts=_contacts(rows), now=house().clock.now()
        )


def show_on_home(actor: Actor, **context: Any) -> str:
    """That this browser holds a request: to go on with it, or to take it into the firm's consultations."""
    code = held_code()
    if not code:
        return ""
    with read_session() as session:
        try:
            row = asking.by_code(session, code)
        except NotFound:
            return ""
        if row.state == EntryState.CLAIMED.value:
            return ""
        return render_template(
            "entry/_home.html",
            row=row,
            title=steps_title(row.scenario),
            may_claim=actor.may(Permission.CONSULT_SUBMIT),
        )
