"""The job that reads stored weeks for what small p-values are worth, a few weeks a run, and fits a new belief when it is due."""

from __future__ import annotations

from sqlalchemy import func, select

from core.clock import Clock
from core.db import Database
from warning.surge.believing import (
    LEAST_WEEKS,
    belief_in_force,
    fit_due,
    keep_tails,
    weeks_without_tails,
)
from warning.surge.judging import KINDS, judged_series, newest_due
from warning.surge.signals import judge_kind
from warning.surge.thresholds import rules_in_force
from warning.surge.trial_models import JudgedTail
from warning.surge.trials import replayable

#: weeks replayed in one run of the job
A_RUN = 8


def believe_due(database: Database, clock: Clock, *, most: int = A_RUN) -> int:
    """Write down the p-values of up to ``most`` stored weeks that were not, as they were known when their time had come;
    then fit a belief where one is due. Returns how many weeks were read. Nothing is read before three years are stored."""
    with database.read() as session:
        weeks = replayable(session, clock, most=None)
        if len(weeks) < LEAST_WEEKS:
            return 0
        missing = set(weeks_without_tails(session, newest_due(clock.now())))
        todo = [week for week in reversed(weeks) if week in missing][:most]
    for week in todo:
        with database.write() as session:
            rules, (_, belief) = rules_in_force(session), belief_in_force(session)
            for kind in KINDS:
                series, begins = judged_series(session, kind, week)
                found = judge_kind(
                    kind, series, week, alpha=rules.alpha, rules=rules.rules, begins=begins, belief=belief
                )
                keep_tails(session, week, kind, found.p)
    with database.write() as session:
        enough = session.scalar(select(func.count(JudgedTail.week.distinct()))) or 0
        if enough >= LEAST_WEEKS:
            fit_due(session, clock)
    return len(todo)
