"""Pages of bulletins that count: asking for a draft from a search, and the cases that a count rests on."""

from __future__ import annotations

import csv
import io
import json
import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Flask, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.actor import Actor, Permission
from core.errors import BadInput, NotFound
from core.i18n import language
from core.said import said
from core.web import (
    current_actor,
    house,
    load,
    read_session,
    register_fragment,
    register_words,
    requires,
    uuid_or_404,
    write_session,
)
from warning.bulletin_counts import SOURCE, Window, query_of
from warning.bulletin_forms import CountedSchema, SurveySchema
from warning.bulletin_reading import get_published
from warning.bulletin_survey import query_words
from warning.bulletin_survey_drafts import draft_from_search
from warning.bulletins import get_bulletin, today_of
from warning.charts import bars
from warning.surge.deciding import get_signal
from warning.surge.explain import sentence
from warning.surge.figure import KIND as WEEKS
from warning.surge.figure import SOURCE as SERIES
from warning.surge.figure import draw

BLUEPRINT = Blueprint("bulletin_survey", __name__, url_prefix="/bulletins")
_SURVEY, _COUNTED = SurveySchema(), CountedSchema()
#: days a search without dates is counted over
_DAYS = 30
_COLUMNS = ("venue", "docket_number", "on", "region", "industry", "dispute_type", "id", "snapshots")


@BLUEPRINT.get("/drafts/new")
@requires(Permission.BULLETIN_DRAFT)
def form() -> ResponseReturnValue:
    """What will be counted, before it is."""
    values = load(_SURVEY, request.args)
    with read_session() as session:
        today = today_of(session, house().clock, current_actor().centre_id)  # type: ignore[arg-type]
    if "kind" not in request.args:
        values["kind"] = "industry" if values["industry"] else "country" if values["region"] else "topic"
    return _page({**values, **_window(values, today)})


def _window(values: Mapping[str, Any], today: date) -> dict[str, date]:
    if values["ym"]:
        year, month = map(int, values["ym"].split("-"))
        return {"since": date(year, month, 1), "until": date(year, month, monthrange(year, month)[1])}
    until = values["until"] or today
    return {"since": values["since"] or until - timedelta(days=_DAYS - 1), "until": until}


def _page(values: Mapping[str, Any], error: BadInput | None = None) -> str:
    query = query_of(values)
    told = None
    if values["signal"]:
        with read_session() as session:
            told = sentence(get_signal(session, current_actor(), values["signal"]))
    problems: Any = (error.details.get("fields") if error else None) or {}
    return render_template(
        "warning/bulletin_survey.html",
        values=values,
        query=query,
        asked=query_words(query),
        signal=told,
        error=error,
        problems=problems,
    )


@BLUEPRINT.post("/drafts/survey")
@requires(Permission.BULLETIN_DRAFT)
def create() -> ResponseReturnValue:
    """Count, and draft."""
    values = load(_SURVEY, request.form)
    told = house()
    try:
        if values["since"] is None or values["until"] is None:
            missing = {n: [said("This is missing: fill it in.")] for n in ("since", "until") if not values[n]}
            raise BadInput(said("A count needs its first and its last day."), fields=missing)
        window = Window(values["since"], values["until"], values["by"])
        with write_session() as session:
            bulletin = draft_from_search(
                session,
                told.clock,
                told.index,
                told.evidence,
                current_actor(),
                values["kind"],
                query_of(values),
                window,
                signal_id=values["signal"],
            )
    except BadInput as error:
        return _page(values, error), 422
    return redirect(url_for("bulletin_desk.show", bulletin_id=bulletin.id))


@BLUEPRINT.get("/drafts/<bulletin_id>/counts/<number>")
@requires(Permission.BULLETIN_DRAFT)
def source(bulletin_id: str, number: str) -> ResponseReturnValue:
    """The bytes of a count, for whoever checks it; ``number`` is its source's."""
    if not re.fullmatch(r"[1-9]\d{0,3}", number):
        raise NotFound(said("There is no such count."))
    with read_session() as session:
        bulletin = get_bulletin(session, current_actor(), uuid_or_404(bulletin_id))
    content, sha256 = _count_of(bulletin.content, int(number))
    answer = Response(content, mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{sha256}.json"'
    return answer


@BLUEPRINT.get("/<slug>/cases")
@requires(Permission.BULLETIN_READ)
def cases(slug: str) -> ResponseReturnValue:
    """The cases that a count of a published bulletin rests on, as CSV."""
    values = load(_COUNTED, request.args)
    with read_session() as session:
        found = get_published(session, current_actor(), slug, values["edition"])
    if found.newest.state == "withdrawn":
        raise NotFound(
            said("This bulletin was withdrawn: its text is no longer handed out."),
            fix=said("Its page says why."),
        )
    content, _ = _count_of(found.shown.content, values["source"])
    if "cases" not in json.loads(content):
        raise NotFound(said("There is no such count."))
    answer = Response(_csv(json.loads(content)["cases"]), mimetype="text/csv")
    name = f"{slug}-{found.shown.edition}-{values['source']}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _count_of(content: Mapping[str, Any], number: int) -> tuple[bytes, str]:
    sources = content["sources"]
    if not 1 <= number <= len(sources) or sources[number - 1]["source"] not in (SOURCE, SERIES):
        raise NotFound(said("There is no such count."))
    sha256 = sources[number - 1]["sha256"]
    return house().evidence.get(sha256), sha256


def _csv(rows: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    out.write("\ufeff")
    write = csv.writer(out).writerow
    write(_COLUMNS)
    for row in rows:
        write([_cell(row[name]) for name in _COLUMNS])
    return out.getvalue()


def _cell(value: Any) -> str:
    text = "; ".join(value) if isinstance(value, list) else str(value)
    # A spreadsheet runs what begins like a formula.
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def chart(figure: Mapping[str, Any], place: str) -> str:
    """A figure as SVG in the reader's language. ``place`` keeps its ids apart from another one's on the page."""
    told = language()
    if figure["kind"] == WEEKS:
        described = gettext(
            "%(count)s cases in %(weeks)s weeks; the table below tells each.",
            count=figure["total"],
            weeks=len(figure["drawn"]["counts"]),
        )
        return draw(
            figure, identity=f"chart-{place}-{figure['id']}", title=figure[told], description=described
        )
    rows = [(row[told], row["count"]) for row in figure["rows"]]
    said_rows = "; ".join(f"{label}: {count}" for label, count in rows)
    return bars(
        rows,
        identity=f"chart-{place}-{figure['id']}",
        title=figure[told],
        description=gettext("Bars, most first: %(rows)s", rows=said_rows),
    )


def _offer(actor: Actor, *, values: Mapping[str, Any], **context: Any) -> str:
    if not actor.may(Permission.BULLETIN_DRAFT):
        return ""
    asked = {**query_of(values), **{n: values[n] for n in ("since", "until", "ym") if values[n]}}
    return render_template("warning/_search_bulletin.html", asked=asked)


def _words(identity: str, told: str) -> str | None:
    words = {
        SOURCE: ("本平台公开案件计数", "Count of this service's public cases"),
        SERIES: ("本平台案件异动序列", "Series of this service's public cases, as judged"),
    }.get(identity)
    return words and words[told != "zh"]


def init_bulletin_surveys(app: Flask) -> None:
    """Give ``app`` the pages of bulletins that count."""
    app.register_blueprint(BLUEPRINT)
    app.jinja_env.globals.update(chart=chart, COUNT_SOURCE=SOURCE, COUNT_SOURCES=(SOURCE, SERIES))
    register_words(app, _words)
    register_fragment(app, "cases.found", _offer)
