"""The record of the thresholds in force: what stands beside each colour, and on the page of the record.

For levels.yml it was counted once and ships with the program (record.yml; ``python -m warning.surge.record`` writes it anew,
and a test says when it must); adopted thresholds bring the record of their trial. What staff confirmed and dismissed of
the signals that were raised is counted as it stands.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from warning.surge.believing import newest_belief
from warning.surge.levels import NAMES
from warning.surge.scoring import KIND, LEFT_OUT, Figure, as_told, record_of, score_world, share
from warning.surge.signal_models import JudgedWeek, SignalReview, SignalState, SurgeSignal
from warning.surge.signals import SIMULATED
from warning.surge.simulated import draw_world
from warning.surge.thresholds import adopted, shipped
from warning.surge.trial_models import FittedBelief, ThresholdState, Trial
from warning.surge.trials import SEEDS, SIMULATIONS

_FILE = Path(__file__).with_name("record.yml")


@dataclass(frozen=True)
class Record:
    """What is known of the thresholds in force.

    Attributes:
        version: nought for levels.yml.
        since: when they were adopted; None for levels.yml.
        told: the thresholds.
        simulated, history: a row a level, as :func:`warning.surge.scoring.as_told` writes them.
        series: how many series were judged in the newest week.
        belief: the fitted one in force; None for that of simulated years.
    """

    version: int
    since: datetime | None
    told: Mapping[str, Any]
    simulated: Sequence[Mapping[str, Any]]
    history: Sequence[Mapping[str, Any]]
    series: int
    belief: FittedBelief | None
    trial: Trial | None


@dataclass(frozen=True)
class StaffCount:
    """What staff made of the signals of one level; a signal that some centre confirmed counts as confirmed."""

    level: str
    raised: int
    confirmed: int
    dismissed: int
    merged: int
    right: Figure  #: confirmed among the confirmed and dismissed

    @property
    def open(self) -> int:
        """Signals that nobody decided about."""
        return self.raised - self.confirmed - self.dismissed - self.merged


def record_in_force(session: Session) -> Record:
    """The record of the thresholds in force."""
    trial = adopted(session)
    newest = session.scalars(select(JudgedWeek).order_by(JudgedWeek.week.desc()).limit(1)).first()
    series = newest.series if newest else 0
    belief = newest_belief(session)
    if trial is not None and trial.result is not None:
        result = trial.result
        return Record(
            trial.version or 0,
            trial.decided_at,
            trial.rules,
            result["simulated"],
            result["history"],
            series,
            belief,
            trial,
        )
    # What the stored history says of levels.yml is known once somebody has tried just these thresholds.
    return Record(
        0,
        None,
        shipped().told,
        shipped_record()["simulated"],
        _tried_as_shipped(session),
        series,
        belief,
        None,
    )


def _tried_as_shipped(session: Session) -> Sequence[Mapping[str, Any]]:
    done = select(Trial).where(Trial.done_at.is_not(None), Trial.state != ThresholdState.REFUSED.value)
    for trial in session.scalars(done.order_by(Trial.done_at.desc()).limit(20)):
        if trial.result and trial.result["history"] and trial.rules == shipped().told:
            return list(trial.result["history"])
    return []


def level_words(record: Record) -> dict[str, Mapping[str, Any]]:
    """Level -> what stands beside its colour: the row of the simulated record."""
    return {row["level"]: row for row in record.simulated}


def staff_counts(session: Session) -> list[StaffCount]:
    """What staff of any centre made of the signals, a row a level, the gravest first."""
    states: dict[Any, set[str]] = {}
    for signal_id, state in session.execute(select(SignalReview.signal_id, SignalReview.state)):
        states.setdefault(signal_id, set()).add(state)
    of_level: dict[str, list[str]] = {name: [] for name in NAMES[1:]}
    order = (SignalState.CONFIRMED.value, SignalState.DISMISSED.value, SignalState.MERGED.value)
    for signal_id, level in session.execute(select(SurgeSignal.id, SurgeSignal.level)):
        said = states.get(signal_id, set())
        of_level[level].append(next((state for state in order if state in said), SignalState.RAISED.value))
    rows = []
    for name in reversed(NAMES[1:]):
        found = of_level[name]
        confirmed, dismissed, merged = (found.count(state) for state in order)
        rows.append(
            StaffCount(
                name, len(found), confirmed, dismissed, merged, share(confirmed, confirmed + dismissed)
            )
        )
    return rows


def judged_span(session: Session) -> tuple[date, date, int] | None:
    """The first and the last judged week and how many there are; None before the first."""
    weeks = session.scalars(select(JudgedWeek.week).order_by(JudgedWeek.week)).all()
    return (weeks[0], weeks[-1], len(weeks)) if weeks else None


@cache
def shipped_record() -> Mapping[str, Any]:
    """record.yml."""
    told: Mapping[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return told


def fingerprint() -> str:
    """Of all that the shipped record was counted from, but for the detector's code."""
    told = {
        "rules": shipped().told,
        "belief": [SIMULATED.trusted, SIMULATED.excess],
        "simulation": Path(__file__).with_name("simulation.yml").read_text(encoding="utf-8"),
        "seeds": SEEDS,
        "simulations": SIMULATIONS,
        "kind": [KIND, LEFT_OUT],
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def count_shipped() -> Mapping[str, Any]:
    """The shipped record, counted anew; half a minute to two minutes."""
    force = shipped()
    rows = [
        row
        for seed in SEEDS
        for row in score_world(draw_world(seed, SIMULATIONS), force.rules, force.alpha, SIMULATED)
    ]
    return {"fingerprint": fingerprint(), "simulated": as_told(record_of(rows))}


if __name__ == "__main__":
    head = "# Counted by `python -m warning.surge.record`; not written by hand.\n"
    _FILE.write_text(head + yaml.safe_dump(count_shipped(), sort_keys=False), encoding="utf-8")
