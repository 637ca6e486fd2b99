"""Pages of signals and trends: the list, one signal with its reasons and steps, a series, the matrix of today's colours."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, fields, validate
from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import Case, CaseStatus
from core.actor import Actor, Permission
from core.errors import NotFound
from core.said import said
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
from warning.bulletin_reading import people
from warning.surge.chart import weeks_chart
from warning.surge.counts import as_reported, contributing, current_series, monday, weekly
from warning.surge.deciding import (
    LEAST_REASON,
    MOST_REASON,
    acts_of,
    count_new,
    decide,
    get_signal,
    list_signals,
    reviews_of,
    seen_by,
)
from warning.surge.explain import COLOURS, MARKS, next_level, sentence, series_words, window_of
from warning.surge.judging import KINDS, LAG, known_at
from warning.surge.signal_models import SIGNAL_WORKFLOW, JudgedWeek, SignalState, SurgeSignal
from warning.surge.told import tellings_of
from warning.surge.trends import matrix, signals_of

BLUEPRINT = Blueprint("signals", __name__)
#: weeks a chart shows, cases a page names
_WEEKS, _CASES = 104, 50


class ListSchema(Schema):
    """The list's questions."""

    class Meta:
        unknown = EXCLUDE

    state = fields.Str(
        load_default="", validate=validate.OneOf(["", *SignalState], error="Choose one of the kinds.")
    )
    kind = fields.Str(
        load_default="", validate=validate.OneOf(["", *KINDS], error="Choose one of the kinds.")
    )
    cursor = fields.Str(load_default=None)


class SeriesSchema(Schema):
    """Which series."""

    class Meta:
        unknown = EXCLUDE

    kind = fields.Str(required=True, validate=validate.OneOf(KINDS, error="Choose one of the kinds."))
    value = fields.Str(required=True, validate=validate.Length(min=1, max=200))


class StepSchema(Schema):
    """A step about a signal."""

    class Meta:
        unknown = EXCLUDE

    step = fields.Str(required=True, validate=validate.OneOf([s.name for s in SIGNAL_WORKFLOW.steps]))
    reason = fields.Str(load_default="")
    version = fields.Int(required=True)
    into = fields.UUID(load_default=None)


_LIST, _SERIES, _STEP = ListSchema(), SeriesSchema(), StepSchema()


@BLUEPRINT.get("/signals")
@requires(Permission.CASE_READ)
def index() -> ResponseReturnValue:
    """Signals, the newest week first."""
    values = load(_LIST, request.args)
    actor = current_actor()
    with read_session() as session:
        page = list_signals(session, actor, **values)
        newest = session.scalars(select(JudgedWeek).order_by(JudgedWeek.week.desc()).limit(1)).first()
        return render_template(
            "warning/signals.html",
            page=page,
            values=values,
            reviews=reviews_of(session, actor, page.rows),
            newest=newest,
            kinds=KINDS,
            states=SIGNAL_WORKFLOW.states,
            may_decide=actor.may(Permission.SIGNAL_DECIDE),
            **signal_words(),
        )


@BLUEPRINT.get("/signals/<signal_id>")
@requires(Permission.CASE_READ)
def show(signal_id: str) -> ResponseReturnValue:
    """One signal: what, why this colour, the cases, and what the centre made of it."""
    actor = current_actor()
    with read_session() as session:
        signal = get_signal(session, actor, uuid_or_404(signal_id))
        week = session.get_one(JudgedWeek, signal.week)
        first, last = window_of(signal)
        series = known_series(session, signal.kind, signal.value, signal.week)
        ids = contributing(signal.kind, signal.value, first=first, last=last, as_of=known_at(signal.week))
        cases = session.scalars(
            select(Case)
            .where(Case.id.in_(ids), Case.status == CaseStatus.PUBLIC.value)
            .order_by(Case.filed_on.desc(), Case.id)
            .limit(_CASES)
        ).all()
        review = reviews_of(session, actor, [signal]).get(signal.id)
        acts = acts_of(session, actor, signal)
        names = series_words(signal.kind, signal.value)
        others = session.scalars(
            seen_by(actor)
            .where(SurgeSignal.week == signal.week, SurgeSignal.id != signal.id)
            .order_by(SurgeSignal.p)
        ).all()
        state = review.state if review else SIGNAL_WORKFLOW.initial
        level, ways, held = next_level(signal)
        return render_template(
            "warning/signal.html",
            signal=signal,
            week=week,
            first=first,
            last=last,
            series=series,
            chart=series_chart(series, f"{names.zh} / {names.en}", signal),
            cases=cases,
            review=review,
            state=state,
            steps=SIGNAL_WORKFLOW.open_to(state, actor),
            states=SIGNAL_WORKFLOW.states,
            acts=acts,
            people=people(session, actor, [act.done_by for act in acts]) if acts else {},
            others=others,
            next=(level, ways, held),
            told=tellings_of(session, actor, signal),
            draft=_draft(signal) if actor.may(Permission.BULLETIN_DRAFT) else None,
            least=LEAST_REASON,
            most=MOST_REASON,
            lag=LAG.days,
            **signal_words(),
        )


@BLUEPRINT.post("/signals/<signal_id>/step")
@requires(Permission.SIGNAL_DECIDE)
def step(signal_id: str) -> ResponseReturnValue:
    """Confirm, dismiss, merge or look again."""
    values = load(_STEP, request.form)
    with write_session() as session:
        decide(
            session,
            house().clock,
            current_actor(),
            uuid_or_404(signal_id),
            values["step"],
            values["reason"],
            seen_version=values["version"],
            into_id=values["into"],
        )
    flash(gettext("Kept. It can be looked at again below."), "done")
    return redirect(url_for("signals.show", signal_id=signal_id) + "#decide")


@BLUEPRINT.get("/trends")
@requires(Permission.CASE_READ)
def trends() -> ResponseReturnValue:
    """Region by industry: cases of the last four weeks and the newest week's colours."""
    actor = current_actor()
    with read_session() as session:
        found = matrix(session, actor, house().clock.now())
        return render_template("warning/trends.html", found=found, **signal_words())


@BLUEPRINT.get("/trends/series")
@requires(Permission.CASE_READ)
def series() -> ResponseReturnValue:
    """One series: two years by week, and its signals."""
    values = load(_SERIES, request.args)
    actor = current_actor()
    kind, value = values["kind"], values["value"]
    if (now := current_series(kind, value)) != value:
        return redirect(url_for("signals.series", kind=kind, value=now), code=301)
    with read_session() as session:
        today = house().clock.now().date()
        begin = monday(today) - timedelta(weeks=_WEEKS)
        counts = weekly(session, kind, first=begin, last=today, values=[value]).get(value)
        found = signals_of(session, actor, kind, value)
        if counts is None and not found:
            raise NotFound(said("No public case counts in such a series in the last two years."))
        counts = counts or [0] * (_WEEKS + 1)
        rows = [(begin + timedelta(weeks=at), count) for at, count in enumerate(counts)]
        names = series_words(kind, value)
        return render_template(
            "warning/series.html",
            kind=kind,
            value=value,
            rows=rows,
            chart=series_chart(rows, f"{names.zh} / {names.en}", None),
            signals=found,
            reviews=reviews_of(session, actor, found),
            states=SIGNAL_WORKFLOW.states,
            asked=_asked(kind, value),
            **signal_words(),
        )


def known_series(session: Session, kind: str, value: str, week: date) -> list[tuple[date, int]]:
    """The weeks up to ``week`` as they were known at its age."""
    last, known = week + timedelta(days=6), known_at(week)
    found = as_reported(session, kind, last=last, weeks=_WEEKS, lag=LAG, as_of=known, values=[value])
    counts = found.get(value, [0] * _WEEKS)
    begin = week - timedelta(weeks=_WEEKS - 1)
    return [(begin + timedelta(weeks=at), count) for at, count in enumerate(counts)]


def series_chart(rows: list[tuple[date, int]], names: str, signal: SurgeSignal | None) -> Any:
    """The weeks drawn, the window of ``signal`` in its colour."""
    total = sum(count for _, count in rows)
    return weeks_chart(
        rows,
        identity="weeks",
        title=gettext("Cases by week: %(series)s", series=names),
        description=gettext(
            "%(count)s cases in %(weeks)s weeks; the table below tells each.", count=total, weeks=len(rows)
        ),
        window=signal.window if signal else 0,
        level=signal.level if signal else "",
        upper=signal.upper if signal else None,
    )


def _asked(kind: str, value: str) -> dict[str, Any]:
    """The case search that finds a series' cases."""
    if kind == "cell":
        region, industry = value.split("|", 1)
        return {"region": region, "industry": industry}
    return {"venue" if kind == "forum" else kind: value}


def _draft(signal: SurgeSignal) -> dict[str, Any]:
    first, last = window_of(signal)
    return {**_asked(signal.kind, signal.value), "since": first.isoformat(), "until": last.isoformat()}


def signal_words() -> dict[str, Any]:
    """What templates of signals call things by."""
    return {
        "series_words": series_words,
        "sentence": sentence,
        "colours": COLOURS,
        "marks": MARKS,
        "signal_step": _step_words,
    }


def _step_words(name: str) -> tuple[str, str]:
    step = SIGNAL_WORKFLOW.step(name)
    return step.zh, step.en


def _desk(actor: Actor, **context: Any) -> str:
    if not actor.may(Permission.SIGNAL_DECIDE):
        return ""
    with read_session() as session:
        count = count_new(session, actor)
        page = list_signals(session, actor, state=SignalState.RAISED.value, limit=5)
        return render_template("warning/_desk_signals.html", count=count, signals=page.rows, **signal_words())


def init_signals(app: Flask) -> None:
    """Give ``app`` the pages of signals and trends, and the desk what nobody has looked at."""
    app.register_blueprint(BLUEPRINT)
    register_fragment(app, "desk.due", _desk)
