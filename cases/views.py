"""Pages of cases: the search, one case, its stored evidence, the newest on the home page."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cases.clock_views import clock_part
from cases.documents import FACETS
from cases.explaining import explain_tags, marked_text
from cases.listing import events_of, holds_sample, newest_cases
from cases.models import CASE_REVIEW
from cases.query import evidence_of, get_case
from cases.schemas import CaseSearchSchema, ClockSchema, ExportSchema
from cases.searching import as_csv, as_jsonl, asked_anew, export_rows, found, in_force, request_of, started
from cases.summary import summarise
from cases.taxonomy import load_taxonomy
from cases.translating import translations_of
from cases.translation_views import may_translate
from core.actor import Actor, Permission
from core.errors import IndexNotReady, NotFound
from core.i18n import language
from core.web import (
    current_actor,
    house,
    load,
    read_session,
    register_fragment,
    requires,
    uuid_or_404,
    words_for,
)

BLUEPRINT = Blueprint("cases", __name__)
#: events shown before a reader asks for all, and then
_FEW, _MANY = 20, 1000
_SHA256 = re.compile(r"^[0-9a-f]{64}$")
_SEARCH, _EXPORT, _CLOCK = CaseSearchSchema(), ExportSchema(), ClockSchema()


def label(identity: str) -> str:
    """The words for a taxonomy id, or for another room's id, in the reader's language; the id when nobody knows it."""
    return words_for(identity, language()) or load_taxonomy().label(identity, language())


@BLUEPRINT.get("/cases")
@requires(Permission.CASE_READ)
def index() -> ResponseReturnValue:
    """Search the cases."""
    values = load(_SEARCH, request.args)
    actor = current_actor()
    if (anew := asked_anew(list(request.args.items(multi=True)), FACETS)) is not None:
        # An address that was kept from before a term was retired goes on leading to what it meant.
        return redirect(url_for("cases.index") + "?" + urlencode(anew), code=301)
    question = request_of(values, actor)
    try:
        page = house().index.search(question, actor)
    except IndexNotReady:
        # A list that says what it is beats an apology: SQL still knows the newest.
        with read_session() as session:
            newest = newest_cases(
                session, actor, cursor=values["cursor"] if "fallback" in request.args else None
            )
            return render_template("cases/fallback.html", page=newest, values=values)
    hits = found(page.hits, question.text)
    return render_template(
        "cases/search.html",
        page=replace(page, facets=in_force(page.facets)),
        hits=hits,
        values=values,
        question=question,
        months=list(page.histogram)[::-1],
    )


@BLUEPRINT.get("/cases/export")
@requires(Permission.EXPORT)
def export() -> ResponseReturnValue:
    """The hits of a search as a file."""
    values = load(_EXPORT, request.args)
    actor = current_actor()
    question = request_of({**values, "cursor": None}, actor)
    rows = started(export_rows(house().index, question, actor))
    is_csv = values["format"] == "csv"
    body = as_csv(rows) if is_csv else as_jsonl(rows)
    return Response(
        body,
        mimetype="text/csv" if is_csv else "application/x-ndjson",
        headers={"Content-Disposition": f'attachment; filename="cases.{values["format"]}"'},
    )


@BLUEPRINT.get("/cases/<case_id>")
@requires(Permission.CASE_READ)
def show(case_id: str) -> ResponseReturnValue:
    """One case: facts, parties, events, why it is tagged, what it rests on."""
    actor = current_actor()
    limit = _MANY if request.args.get("events") == "all" else _FEW
    with read_session() as session:
        case = get_case(session, actor, uuid_or_404(case_id))
        events, total = events_of(session, case.id, limit=limit)
        clocks = clock_part(case, house().clock.now(), load(_CLOCK, request.args))
        return render_template(
            "cases/case.html",
            case=case,
            events=events,
            events_total=total,
            summary=summarise(case, clocks.clocks.of_the_firm),
            translations=translations_of(session, case),
            may_translate=may_translate(case, actor),
            explained=explain_tags(case),
            # Rules read the caption as the title where a case has no title.
            title=marked_text(case.title or case.caption, case.tags, "title"),
            text=marked_text(case.text, case.tags, "text"),
            evidence=evidence_of(session, case.id),
            status=CASE_REVIEW.states[case.status],
            steps=CASE_REVIEW.open_to(case.status, actor),
            part=clocks,
        )


@BLUEPRINT.get("/cases/<case_id>/evidence/<sha256>")
@requires(Permission.EXPORT)
def evidence(case_id: str, sha256: str) -> ResponseReturnValue:
    """The stored bytes of one of a case's snapshots, as a file that no browser runs."""
    with read_session() as session:
        case = get_case(session, current_actor(), uuid_or_404(case_id))
        known = {row.sha256 for row in evidence_of(session, case.id)}
    if not _SHA256.match(sha256) or sha256 not in known:
        raise NotFound("This case does not rest on such a snapshot.")
    return Response(
        house().evidence.get(sha256),
        mimetype="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="{sha256[:16]}.bin"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


def _newest(actor: Actor, **context: Any) -> str:
    with read_session() as session:
        return render_template("cases/_newest.html", page=newest_cases(session, actor, limit=6))


def _sample_notice(actor: Actor, **context: Any) -> str:
    with read_session() as session:
        return render_template("cases/_sample.html") if holds_sample(session) else ""


def init_cases(app: Flask) -> None:
    """Give ``app`` the case pages, the home page's newest cases and the sample's notice."""
    app.register_blueprint(BLUEPRINT)
    app.jinja_env.filters["label"] = label
    register_fragment(app, "home", _newest)
    register_fragment(app, "notice", _sample_notice)
