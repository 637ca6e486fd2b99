"""Pages of telling: whom a signal touches and the button that tells them; what a firm was told."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from marshmallow import EXCLUDE, Schema, fields, validate

from cases.models import Case, CaseStatus
from core.actor import Permission
from core.errors import BadInput
from core.web import current_actor, house, load, read_session, requires, uuid_or_404, write_session
from warning.bulletin_reading import people
from warning.models import ALERT_WORKFLOW
from warning.surge.deciding import get_signal
from warning.surge.explain import series_words, window_of
from warning.surge.hearing import who_hears
from warning.surge.signal_models import SIGNAL_WORKFLOW, JudgedWeek, SignalState, SurgeSignal
from warning.surge.telling import now_words, tell_signal
from warning.surge.told import get_signal_alert, mark_signal_alert, state_at, tellings_of
from warning.surge.views import known_series, series_chart, signal_words

BLUEPRINT = Blueprint("signal_telling", __name__)


class TellSchema(Schema):
    """Tell those who were shown."""

    class Meta:
        unknown = EXCLUDE

    seal = fields.Str(required=True)


class StepSchema(Schema):
    """What a firm does with an alert."""

    class Meta:
        unknown = EXCLUDE

    step = fields.Str(required=True, validate=validate.OneOf(["read", "unread"]))


_TELL, _STEP = TellSchema(), StepSchema()


@BLUEPRINT.get("/signals/<signal_id>/tell")
@requires(Permission.SIGNAL_DECIDE)
def preview(signal_id: str) -> ResponseReturnValue:
    """Whom a signal would be told to, in numbers, and what they would read."""
    actor = current_actor()
    with read_session() as session:
        signal = get_signal(session, actor, uuid_or_404(signal_id))
        if actor.centre_id is None:
            raise BadInput("Firms are told by a centre, and this actor has none.", fix="Name the centre.")
        told = tellings_of(session, actor, signal)
        return render_template(
            "warning/signal_tell.html",
            signal=signal,
            state=state_at(session, actor.centre_id, signal.id),
            states=SIGNAL_WORKFLOW.states,
            hearing=who_hears(session, house().clock, actor.centre_id, signal),
            told=told,
            people=people(session, actor, [one.by for one in told]) if told else {},
            **signal_words(),
        )


@BLUEPRINT.post("/signals/<signal_id>/tell")
@requires(Permission.SIGNAL_DECIDE)
def tell(signal_id: str) -> ResponseReturnValue:
    """Tell them."""
    values = load(_TELL, request.form)
    with write_session() as session:
        count = tell_signal(
            session, house().clock, current_actor(), uuid_or_404(signal_id), seal=values["seal"]
        )
    if count:
        words = ngettext("Told to %(num)s watch profile.", "Told to %(num)s watch profiles.", count)
    else:
        words = gettext("Everybody whom it touches has been told; nobody was told again.")
    flash(words, "done")
    return redirect(url_for("signal_telling.preview", signal_id=signal_id))


@BLUEPRINT.get("/alerts/signals/<alert_id>")
@requires(Permission.ALERT_READ)
def alert(alert_id: str) -> ResponseReturnValue:
    """A signal as a firm was told of it: what, why this firm, the cases, and whether the centre still stands by it."""
    actor = current_actor()
    with read_session() as session:
        found = get_signal_alert(session, actor, uuid_or_404(alert_id))
        signal = session.get_one(SurgeSignal, found.signal_id)
        series = known_series(session, signal.kind, signal.value, signal.week)
        names = series_words(signal.kind, signal.value)
        ids = [uuid.UUID(identity) for identity in found.case_ids]
        public = Case.visible_to(actor).where(Case.id.in_(ids), Case.status == CaseStatus.PUBLIC.value)
        state = state_at(session, found.centre_id, signal.id)
        first, last = window_of(signal)
        return render_template(
            "warning/signal_alert.html",
            alert=found,
            signal=signal,
            week=session.get_one(JudgedWeek, signal.week),
            first=first,
            last=last,
            series=series,
            chart=series_chart(series, f"{names.zh} / {names.en}", signal),
            cases=session.scalars(public.order_by(Case.filed_on.desc(), Case.id)).all(),
            now=now_words(state),
            is_confirmed=state == SignalState.CONFIRMED.value,
            steps=ALERT_WORKFLOW.open_to(found.state, actor),
            **signal_words(),
        )


@BLUEPRINT.post("/alerts/signals/<alert_id>/step")
@requires(Permission.ALERT_DISPOSE)
def step(alert_id: str) -> ResponseReturnValue:
    """Mark it as read or unread."""
    values = load(_STEP, request.form)
    with write_session() as session:
        mark_signal_alert(session, house().clock, current_actor(), uuid_or_404(alert_id), values["step"])
    flash(gettext("Marked as read.") if values["step"] == "read" else gettext("Marked as unread."), "done")
    return redirect(url_for("signal_telling.alert", alert_id=alert_id))


def init_signal_telling(app: Flask) -> None:
    """Give ``app`` the pages of telling."""
    filters: dict[str, Any] = {"series_words": lambda signal: series_words(signal.kind, signal.value)}
    app.jinja_env.filters.update(filters)
    app.register_blueprint(BLUEPRINT)
