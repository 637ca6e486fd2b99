"""Trials: thresholds run over simulated years and over the stored history as it was known, part by part.

A part is a seed or a week. What was counted stays, so that a trial that was stopped goes on where it was.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import audit, lease
from core.actor import Actor, Permission
from core.clock import Clock
from core.db import Database
from core.errors import BadInput
from core.jobs import Job, JobHandle
from core.said import said
from warning.surge import harmonic
from warning.surge.believing import belief_in_force
from warning.surge.count_models import CountedCase
from warning.surge.counts import monday
from warning.surge.judging import KINDS, judged_series, newest_due
from warning.surge.scoring import as_told, record_of, score_replay, score_world
from warning.surge.signal_models import SignalReview, SignalState, SurgeSignal
from warning.surge.signals import Belief, judge_kind
from warning.surge.simulated import draw_world
from warning.surge.thresholds import read_rules
from warning.surge.trial_models import Trial, TrialPart

#: the job of a trial
JOB = "surge-trial"
#: seeds of simulated years; nothing was tuned on them, and the benchmark has others
SEEDS = (8001, 8002, 8003, 8004, 8005, 8006)
#: simulations of each scenario a seed
SIMULATIONS = 10
#: stored weeks replayed at most: three years
MOST_WEEKS = 156
LEAST_NOTE, MOST_NOTE = 4, 300


def begin_trial(session: Session, clock: Clock, actor: Actor, told: Mapping[str, Any], note: str) -> Trial:
    """Keep thresholds that are to be tried. Raises NotAllowed, BadInput (they cannot be read, no note, no centre)."""
    actor.require(Permission.SIGNAL_DECIDE)
    if actor.centre_id is None:
        raise BadInput("A trial is a centre's, and this actor has none.", fix="Name the centre.")
    if not LEAST_NOTE <= len(note.strip()) <= MOST_NOTE:
        raise BadInput(
            said("Say in %(least)s to %(most)s characters what is tried.", least=LEAST_NOTE, most=MOST_NOTE),
            fix=said("For example: fewer blue signals."),
        )
    try:
        read_rules(told)
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(said("These thresholds cannot be read."), fix=str(error)) from error
    version, belief = belief_in_force(session)
    trial = Trial(
        centre_id=actor.centre_id,
        rules=dict(told),
        belief={"trusted": belief.trusted, "excess": belief.excess, "version": version},
        note=note.strip(),
        made_by=actor.name,
        made_at=clock.now(),
        result=None,
    )
    session.add(trial)
    session.flush()
    audit.record(session, clock, actor, "thresholds.try", "thresholds", trial.id, values={"note": note})
    return trial


def run_trial(database: Database, clock: Clock, trial_id: uuid.UUID, handle: JobHandle | None = None) -> None:
    """Count the parts that are missing, then the records. Raises JobCancelled when asked to stop: what was counted stays,
    and StoreBusy while another process runs it."""
    with lease.held(database, clock, f"surge-trial:{trial_id}"):
        with database.read() as session:
            trial = session.get_one(Trial, trial_id)
            parts = [f"seed:{seed}" for seed in SEEDS] + [
                f"week:{week}" for week in replayable(session, clock, most=MOST_WEEKS)
            ]
            done = set(session.scalars(select(TrialPart.part).where(TrialPart.trial_id == trial_id)))
        for at, part in enumerate(parts):
            if handle is not None:
                handle.advance(at, len(parts), part)
            if part in done:
                continue
            sums = _count(database, trial, part)
            with database.write() as session:
                session.add(TrialPart(trial_id=trial_id, part=part, sums=sums))
        with database.write() as session:
            row = session.get_one(Trial, trial_id)
            if row.result is None:
                row.result, row.done_at = _records(session, trial_id), clock.now()
        if handle is not None:
            handle.advance(len(parts), len(parts))


def replayable(session: Session, clock: Clock, *, most: int | None) -> list[date]:
    """Stored weeks with history enough before them, the newest ``most``, oldest first."""
    first = session.scalar(select(func.min(CountedCase.event_on)))
    if first is None:
        return []
    newest = newest_due(clock.now())
    begin = monday(first) + timedelta(weeks=harmonic.GAP + harmonic.SHORTEST)
    if most is not None:
        begin = max(begin, newest - timedelta(weeks=most - 1))
    return [begin + timedelta(weeks=at) for at in range(max(0, (newest - begin).days // 7 + 1))]


def _count(database: Database, trial: Trial, part: str) -> list[Any]:
    rules, alpha = read_rules(trial.rules)
    belief = Belief(trial.belief["trusted"], trial.belief["excess"])
    kind, _, name = part.partition(":")
    if kind == "seed":
        return list(score_world(draw_world(int(name), SIMULATIONS), rules, alpha, belief))
    week, alarms = date.fromisoformat(name), []
    with database.read() as session:
        for series_kind in KINDS:
            series, begins = judged_series(session, series_kind, week)
            judged = judge_kind(
                series_kind, series, week, alpha=alpha, rules=rules, begins=begins, belief=belief
            )
            alarms += [[one.kind, one.value, one.level] for one in judged.signals if one.held_since is None]
    return alarms


def _records(session: Session, trial_id: uuid.UUID) -> dict[str, Any]:
    rows = session.scalars(
        select(TrialPart).where(TrialPart.trial_id == trial_id).order_by(TrialPart.part)
    ).all()
    kinds = [sums for row in rows if row.part.startswith("seed:") for sums in row.sums]
    weeks = {
        date.fromisoformat(row.part.removeprefix("week:")): row.sums
        for row in rows
        if row.part.startswith("week:")
    }
    history = score_replay(weeks, decided_rises(session)) if weeks else []
    return {"simulated": as_told(record_of(kinds)), "history": as_told(history)}


def decided_rises(
    session: Session,
) -> dict[tuple[str, str], list[tuple[date, date, bool]]]:
    """The rises that staff of any centre decided about, of each series: first week, last week, whether one week of it was
    confirmed; those of which nothing was confirmed and something dismissed are the false ones."""
    states: dict[uuid.UUID, set[str]] = {}
    for signal_id, state in session.execute(select(SignalReview.signal_id, SignalReview.state)):
        states.setdefault(signal_id, set()).add(state)
    found: dict[tuple[str, str], list[tuple[date, date, bool]]] = {}
    signals = session.scalars(
        select(SurgeSignal).order_by(SurgeSignal.kind, SurgeSignal.value, SurgeSignal.week)
    )
    runs: dict[tuple[str, str], list[list[SurgeSignal]]] = {}
    for signal in signals:
        of_series = runs.setdefault((signal.kind, signal.value), [])
        if of_series and signal.week - of_series[-1][-1].week == timedelta(weeks=1):
            of_series[-1].append(signal)
        else:
            of_series.append([signal])
    for key, of_series in runs.items():
        for run in of_series:
            said_of = {state for one in run for state in states.get(one.id, ())}
            is_true = SignalState.CONFIRMED.value in said_of
            if is_true or SignalState.DISMISSED.value in said_of:
                found.setdefault(key, []).append((run[0].week, run[-1].week, is_true))
    return found


def list_trials(session: Session, actor: Actor, limit: int = 30) -> Sequence[Trial]:
    """Trials, the newest first; nothing for who does not decide."""
    return session.scalars(Trial.visible_to(actor).order_by(Trial.id.desc()).limit(limit)).all()


def job_of(session: Session, trial_id: uuid.UUID) -> Job | None:
    """The newest job that ran a trial."""
    query = select(Job).where(Job.name == JOB).order_by(Job.id.desc()).limit(50)
    return next((job for job in session.scalars(query) if job.params.get("trial") == str(trial_id)), None)
