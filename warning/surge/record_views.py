"""Pages of the record: how good each colour is, for everybody; trying other thresholds and adopting them, for staff."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, fields, validate
from sqlalchemy.orm import Session

from core.actor import Actor, Permission
from core.background import start_job
from core.errors import BadInput, NotFound
from core.jobs import JobState, request_stop
from core.said import said
from core.web import current_actor, house, load, read_session, requires, uuid_or_404, write_session
from warning.bulletin_reading import people
from warning.surge.explain import COLOURS, MARKS
from warning.surge.levels import NAMES
from warning.surge.record import Record, judged_span, record_in_force, staff_counts
from warning.surge.scoring import KIND
from warning.surge.simulated import FIRST, WEEKS
from warning.surge.thresholds import (
    LEAST_REASON,
    MOST_REASON,
    decide_thresholds,
    get_trial,
    rules_in_force,
    shipped,
)
from warning.surge.trial_models import THRESHOLD_WORKFLOW
from warning.surge.trials import (
    JOB,
    LEAST_NOTE,
    MOST_NOTE,
    SEEDS,
    SIMULATIONS,
    begin_trial,
    job_of,
    list_trials,
    run_trial,
)

BLUEPRINT = Blueprint("surge_record", __name__, url_prefix="/signals")
#: levels whose rule may be tried, ways of each, and the parts of a way
_LEVELS, _WAYS = ("III", "II", "I"), (0, 1)
_PARTS = ("p_share", "times", "cases", "alarms")
_BAD = "Write a number of the range that stands beside it."


def _way_fields() -> dict[str, fields.Field[Any]]:
    kinds: dict[str, fields.Field[Any]] = {}
    for level in _LEVELS:
        for way in _WAYS:
            kinds[f"{level}-{way}-p_share"] = fields.Float(
                load_default=None, validate=validate.Range(1e-6, 1, error=_BAD)
            )
            kinds[f"{level}-{way}-times"] = fields.Float(
                load_default=None, validate=validate.Range(1, 100, error=_BAD)
            )
            kinds[f"{level}-{way}-cases"] = fields.Int(
                load_default=None, validate=validate.Range(1, 1000, error=_BAD)
            )
            kinds[f"{level}-{way}-alarms"] = fields.Int(
                load_default=None, validate=validate.Range(2, 3, error=_BAD)
            )
    return kinds


class _Trial(Schema):
    """Thresholds to be tried; an empty part is not asked for, an empty way is none."""

    class Meta:
        unknown = EXCLUDE

    note = fields.Str(load_default="")
    alpha = fields.Float(required=True, validate=validate.Range(1e-4, 0.05, error=_BAD))
    false_share = fields.Float(required=True, validate=validate.Range(0.01, 0.5, error=_BAD))
    quiet_weeks = fields.Int(required=True, validate=validate.Range(1, 12, error=_BAD))


class _Step(Schema):
    """A step about tried thresholds."""

    class Meta:
        unknown = EXCLUDE

    step = fields.Str(
        required=True, validate=validate.OneOf([s.name for s in THRESHOLD_WORKFLOW.steps if s.permission])
    )
    reason = fields.Str(load_default="")
    revision = fields.Int(required=True)


_TRIAL = type("TrialSchema", (_Trial,), _way_fields())()
_STEP = _Step()


@BLUEPRINT.get("/record")
@requires(Permission.CASE_READ)
def show() -> ResponseReturnValue:
    """How good each colour is, with intervals and the counts behind them."""
    with read_session() as session:
        record = record_in_force(session)
        return render_template(
            "warning/surge_record.html",
            record=record,
            staff=staff_counts(session),
            span=judged_span(session),
            **_facts(record),
        )


@BLUEPRINT.get("/trials")
@requires(Permission.SIGNAL_DECIDE)
def trials() -> ResponseReturnValue:
    """Trials so far, and the form of another."""
    return _trials_page(None)


@BLUEPRINT.post("/trials")
@requires(Permission.SIGNAL_DECIDE)
def begin() -> ResponseReturnValue:
    """Try thresholds: a job counts the record."""
    try:
        values = load(_TRIAL, request.form)
        with write_session() as session:
            caps = rules_in_force(session).told["caps"]
            trial = begin_trial(
                session, house().clock, current_actor(), {**_told(values), "caps": caps}, values["note"]
            )
    except BadInput as problem:
        return _trials_page(problem)
    _start(trial.id)
    return redirect(url_for("surge_record.trial", trial_id=trial.id))


@BLUEPRINT.get("/trials/<trial_id>")
@requires(Permission.SIGNAL_DECIDE)
def trial(trial_id: str) -> ResponseReturnValue:
    """A trial: how far it is, its record beside the one in force, and what staff make of it."""
    actor = current_actor()
    with read_session() as session:
        found = get_trial(session, actor, uuid_or_404(trial_id))
        record = record_in_force(session)
        job = job_of(session, found.id)
        names = [name for name in (found.made_by, found.proposed_by, found.decided_by) if name]
        return render_template(
            "warning/surge_trial.html",
            trial=found,
            record=record,
            before={row["level"]: row for row in record.simulated},
            job=job,
            is_running=job is not None and job.state == JobState.RUNNING.value,
            rows=_rows(found.rules, record.told),
            steps=THRESHOLD_WORKFLOW.open_to(found.state, actor) if found.result else [],
            states=THRESHOLD_WORKFLOW.states,
            people=_people(session, actor, names),
            mine=found.proposed_by == actor.name,
            least=LEAST_REASON,
            most=MOST_REASON,
            **_facts(record),
        )


@BLUEPRINT.post("/trials/<trial_id>/run")
@requires(Permission.SIGNAL_DECIDE)
def run(trial_id: str) -> ResponseReturnValue:
    """Go on with a trial that was stopped."""
    with read_session() as session:
        found = get_trial(session, current_actor(), uuid_or_404(trial_id))
        job = job_of(session, found.id)
    if found.result is None and (job is None or job.state != JobState.RUNNING.value):
        _start(found.id)
    return redirect(url_for("surge_record.trial", trial_id=trial_id))


@BLUEPRINT.post("/trials/<trial_id>/stop")
@requires(Permission.SIGNAL_DECIDE)
def stop(trial_id: str) -> ResponseReturnValue:
    """Ask a trial to stop; what was counted stays."""
    actor = current_actor()
    with write_session() as session:
        found = get_trial(session, actor, uuid_or_404(trial_id))
        job = job_of(session, found.id)
        if job is None:
            raise NotFound(said("There is no such job."))
        request_stop(session, house().clock, actor, job.id)
    flash(gettext("It stops at its next part; what was counted stays."), "done")
    return redirect(url_for("surge_record.trial", trial_id=trial_id))


@BLUEPRINT.post("/trials/<trial_id>/step")
@requires(Permission.SIGNAL_DECIDE)
def step(trial_id: str) -> ResponseReturnValue:
    """Propose, adopt, refuse or withdraw thresholds."""
    values = load(_STEP, request.form)
    with write_session() as session:
        decide_thresholds(
            session,
            house().clock,
            current_actor(),
            uuid_or_404(trial_id),
            values["step"],
            values["reason"],
            seen=values["revision"],
        )
    told = {
        "propose": gettext("Proposed; it waits for a second person."),
        "adopt": gettext("Adopted: weeks are judged by these thresholds from the next one on."),
        "refuse": gettext("Not adopted; the reason stands below."),
        "withdraw": gettext("Withdrawn."),
    }
    flash(told[values["step"]], "done")
    return redirect(url_for("surge_record.trial", trial_id=trial_id))


def _trials_page(problem: BadInput | None) -> ResponseReturnValue:
    actor = current_actor()
    with read_session() as session:
        force = rules_in_force(session)
        found = list_trials(session, actor)
        typed = dict(request.form) if problem else _typed(force.told)
        page = render_template(
            "warning/surge_trials.html",
            trials=found,
            jobs={one.id: job_of(session, one.id) for one in found if one.result is None},
            states=THRESHOLD_WORKFLOW.states,
            people=_people(session, actor, [one.made_by for one in found]),
            force=force,
            typed=typed,
            levels=_LEVELS,
            ways=_WAYS,
            parts_of=_PARTS,
            error=problem,
            problems=(problem.details.get("fields") if problem else None) or {},
            least=LEAST_NOTE,
            most=MOST_NOTE,
            seeds=len(SEEDS),
            marks=MARKS,
            colours=COLOURS,
        )
    return page, problem.status if problem else 200


def _people(session: Session, actor: Actor, names: Sequence[str]) -> dict[str, str]:
    """What people are called; those of another centre have no name here."""
    known = people(session, actor, names) if names else {}
    return {name: known.get(name) or gettext("somebody of another centre") for name in names}


def _start(trial_id: uuid.UUID) -> None:
    database, clock = house().database, house().clock
    start_job(
        database,
        clock,
        current_actor(),
        JOB,
        lambda handle: run_trial(database, clock, trial_id, handle),
        {"trial": str(trial_id)},
    )


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """A form's thresholds as levels.yml tells them."""
    levels: dict[str, Any] = {"IV": [{}]}
    for level in _LEVELS:
        ways = [
            {part: told for part in _PARTS if (told := values[f"{level}-{way}-{part}"]) is not None}
            for way in _WAYS
        ]
        levels[level] = [way for way in ways if way]
        if not levels[level]:
            raise BadInput(
                said("A level without any condition would be every alarm's."),
                fix=said("Ask for at least one part in one of its ways."),
                fields={f"{level}-0-p_share": [said("Ask for at least one part in one of its ways.")]},
            )
    return {
        "levels": levels,
        "quiet_weeks": values["quiet_weeks"],
        "false_share": values["false_share"],
        "alpha": values["alpha"],
    }


def _typed(told: Mapping[str, Any]) -> dict[str, Any]:
    """Thresholds as the form writes them."""
    typed = {name: told[name] for name in ("alpha", "false_share", "quiet_weeks")}
    for level in _LEVELS:
        for way, parts in enumerate(told["levels"][level][: len(_WAYS)]):
            typed.update({f"{level}-{way}-{part}": value for part, value in parts.items()})
    return typed


def _rows(told: Mapping[str, Any], now: Mapping[str, Any]) -> list[tuple[str, int, str, Any, Any]]:
    """(level or "", way, part, tried, in force) of every threshold that either has."""
    tried, stands = _typed(told), _typed(now)
    rows: list[tuple[str, int, str, Any, Any]] = []
    for name in ("alpha", "false_share", "quiet_weeks"):
        rows.append(("", 0, name, tried.get(name), stands.get(name)))
    for level in reversed(_LEVELS):
        for way in _WAYS:
            for part in _PARTS:
                key = f"{level}-{way}-{part}"
                if key in tried or key in stands:
                    rows.append((level, way + 1, part, tried.get(key), stands.get(key)))
    return rows


def _facts(record: Record) -> dict[str, Any]:
    return {
        "marks": MARKS,
        "colours": COLOURS,
        "names": NAMES[:0:-1],
        "kind_size": KIND,
        "simulated_series": len(SEEDS) * SIMULATIONS * 42,
        "simulated_weeks": WEEKS - FIRST,
        "shipped": shipped(),
        "weekly": record.series / 1000,
    }


def init_record(app: Flask) -> None:
    """Give ``app`` the pages of the record."""
    app.register_blueprint(BLUEPRINT)
