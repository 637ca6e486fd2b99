"""How far small p-values are believed, fitted on the weeks that were stored.

A detector's p is a promise: p = .0001 should come once in ten thousand quiet weeks. Below some p it comes more often. The
model is that of :class:`warning.surge.signals.Belief`: the share of weeks with a p of at most t is t above ``trusted``, and
t (trusted / t) ** excess below it. What is fitted are counts of p-values by halves of their size, independent Poisson
numbers by the likelihood on a grid; the interval of the excess is that of the profile likelihood.

Until three years of weeks are stored the belief is that of simulated years. A week that lies in a rise which staff
confirmed is left out: an outbreak is no false promise. What nobody confirmed stays in, so that the fit is rather too careful.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.clock import Clock
from warning.surge.count_models import CountedCase
from warning.surge.counts import monday
from warning.surge.signal_models import JudgedWeek, SignalReview, SignalState, SurgeSignal
from warning.surge.signals import SIMULATED, Belief
from warning.surge.tails import Floats
from warning.surge.trial_models import FittedBelief, JudgedTail

#: p-values are counted by halves from here down; the last bin holds all that are smaller
EDGES: Floats = 0.01 * np.power(0.5, np.arange(24, dtype=np.float64))
#: stored weeks needed, and looked at most (six years)
LEAST_WEEKS, MOST_WEEKS = 156, 312
#: small p-values that a fit needs: of fewer it would say anything
LEAST_SMALL = 100
#: a belief is fitted anew after so many weeks
ANEW = timedelta(weeks=13)
_EXCESS: Floats = np.linspace(0.0, 0.7, 71)
_TRUSTED: Floats = EDGES[:12]
#: half the 95 % point of chi-square with one degree of freedom
_DROP = 1.92


@dataclass(frozen=True)
class Fit:
    """A belief with the interval of its excess."""

    belief: Belief
    low: float
    high: float


def tail_bins(p: Floats) -> tuple[int, list[int]]:
    """How many p there are, NaN aside, and how many in each bin of :data:`EDGES`."""
    told = p[np.isfinite(p)]
    at_most = [int((told <= edge).sum()) for edge in EDGES]
    return int(told.size), [upper - lower for upper, lower in zip(at_most, [*at_most[1:], 0], strict=True)]


def fit_belief(tests: int, bins: Sequence[int]) -> Fit | None:
    """The belief that makes the counted ``bins`` likeliest; None when they hold too few small p-values to say."""
    seen = np.array(bins, dtype=float)
    if seen.sum() < LEAST_SMALL:
        return None
    best = np.empty((_TRUSTED.size, _EXCESS.size))
    for row, trusted in enumerate(_TRUSTED):
        for column, excess in enumerate(_EXCESS):
            share = EDGES * np.maximum(1.0, trusted / EDGES) ** excess
            expected = tests * np.maximum(share - np.append(share[1:], 0.0), 1e-12)
            best[row, column] = float((seen * np.log(expected) - expected).sum())
    at_row, at_column = divmod(int(best.argmax()), _EXCESS.size)
    profile = best.max(axis=0)
    inside = _EXCESS[profile >= profile.max() - _DROP]
    return Fit(
        Belief(float(_TRUSTED[at_row]), float(_EXCESS[at_column])), float(inside.min()), float(inside.max())
    )


def belief_in_force(session: Session) -> tuple[int, Belief]:
    """The newest fitted belief and its number; that of simulated years, nought, before the first."""
    row = newest_belief(session)
    return (row.version, Belief(row.trusted, row.excess)) if row else (0, SIMULATED)


def newest_belief(session: Session) -> FittedBelief | None:
    """The belief fitted last."""
    return session.scalars(select(FittedBelief).order_by(FittedBelief.version.desc()).limit(1)).first()


def keep_tails(session: Session, week: date, kind: str, p: Floats) -> None:
    """Write down how small the p-values of a kind's series were in a week; also that there were none to judge."""
    tests, bins = tail_bins(p)
    if session.get(JudgedTail, (week, kind)) is None:
        session.add(JudgedTail(week=week, kind=kind, tests=tests, bins=bins))


def weeks_without_tails(session: Session, newest: date) -> list[date]:
    """Stored weeks up to ``newest`` whose p-values were never written down, the newest first: those before the first judged
    one, and those of a standstill."""
    first = session.scalar(select(func.min(CountedCase.event_on)))
    if first is None:
        return []
    have = set(session.scalars(select(JudgedTail.week).distinct()))
    begin = max(monday(first), newest - timedelta(weeks=MOST_WEEKS - 1))
    weeks = (newest - begin).days // 7 + 1
    every = [newest - timedelta(weeks=back) for back in range(max(0, weeks))]
    return [week for week in every if week not in have]


def fit_due(session: Session, clock: Clock) -> FittedBelief | None:
    """Fit a new version where three years of weeks are stored and the last one is old; returns it. The caller commits."""
    last = newest_belief(session)
    if last is not None and clock.now() - last.fitted_at < ANEW:
        return None
    rows = session.scalars(select(JudgedTail).order_by(JudgedTail.week.desc())).all()
    weeks = sorted({row.week for row in rows}, reverse=True)[:MOST_WEEKS]
    if len(weeks) < LEAST_WEEKS:
        return None
    tests, bins = 0, np.zeros(EDGES.size, dtype=int)
    for row in rows:
        if row.week >= weeks[-1]:
            tests += row.tests
            bins += np.array(row.bins, dtype=int)
    known = _of_confirmed_rises(session, weeks[-1])
    tests, bins = tests - known[0], np.maximum(bins - known[1], 0)
    fit = fit_belief(tests, [int(count) for count in bins])
    if fit is None:
        return None
    fresh = FittedBelief(
        version=(last.version if last else 0) + 1,
        trusted=fit.belief.trusted,
        excess=fit.belief.excess,
        excess_low=fit.low,
        excess_high=fit.high,
        weeks=len(weeks),
        first_week=weeks[-1],
        last_week=weeks[0],
        tests=tests,
        fitted_at=clock.now(),
    )
    session.add(fresh)
    session.flush()
    return fresh


def _of_confirmed_rises(
    session: Session, since: date
) -> tuple[int, np.ndarray[tuple[int], np.dtype[np.int_]]]:
    """Series and weeks that staff confirmed to be a rise, and the bins of their p."""
    confirmed = select(SignalReview.signal_id).where(SignalReview.state == SignalState.CONFIRMED.value)
    p = session.scalars(
        select(SurgeSignal.p)
        .join(JudgedWeek, JudgedWeek.week == SurgeSignal.week)
        .where(SurgeSignal.id.in_(confirmed), SurgeSignal.week >= since)
    ).all()
    tests, bins = tail_bins(np.array(p, dtype=float))
    return tests, np.array(bins, dtype=int)
