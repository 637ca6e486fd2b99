"""Judging weeks as they were known when their time had come, and writing down the signals. A week is judged once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.clock import Clock, local_date
from core.outbox import emit
from warning.surge.believing import belief_in_force, keep_tails
from warning.surge.count_models import CountedCase
from warning.surge.counts import ZONE, as_reported, monday
from warning.surge.signal_models import JudgedWeek, SurgeSignal
from warning.surge.signals import Signal, judge_kind
from warning.surge.thresholds import rules_in_force

#: a week is judged so long after its Sunday; earlier weeks are held against it as they were known at the same age
LAG = timedelta(days=2)
#: kinds of series that are judged, each for itself
KINDS = ("region", "industry", "cell", "dispute_type", "forum")
#: weeks of history looked at
_MOST_WEEKS = 6 * 52
#: weeks judged after a standstill; older ones are left to the backtest
_MOST_BEHIND = 8
#: completeness is told by weeks so old that nothing more comes of them, and so many of them
_SETTLED, _LIKE = 8, 26


def judge_due(session: Session, clock: Clock) -> int:
    """Judge every week whose time has come and that was not judged yet; returns how many signals were raised."""
    newest = newest_due(clock.now())
    first = session.scalar(select(func.min(CountedCase.event_on)))
    if first is None or monday(first) > newest:
        return 0
    last = session.scalar(select(func.max(JudgedWeek.week)))
    week = newest if last is None else max(last + timedelta(weeks=1), newest - timedelta(weeks=_MOST_BEHIND))
    raised = 0
    while week <= newest:
        raised += _judge(session, clock, week)
        week += timedelta(weeks=1)
    return raised


def newest_due(now: datetime) -> date:
    """The Monday of the newest week whose time has come at ``now`` (aware)."""
    today = local_date(now, ZONE)
    week = monday(today) - timedelta(weeks=1)
    return week if now >= known_at(week) else week - timedelta(weeks=1)


def known_at(week: date) -> datetime:
    """The instant as of which the week that begins on ``week`` is judged: :data:`LAG` after its Sunday has ended."""
    return datetime.combine(week + timedelta(days=7), time.min, ZoneInfo(ZONE)) + LAG


def judged_series(session: Session, kind: str, week: date) -> tuple[dict[str, list[int]], dict[str, int]]:
    """The weekly series of ``kind`` that end with ``week`` as it is judged, and how many first weeks of each are no history.

    A region or a forum has a history from its first case on: before, no source told of it. A cell of a region has its
    region's. Other kinds begin where the counts begin.
    """
    first = session.scalar(select(func.min(CountedCase.event_on))) or week
    weeks = min(_MOST_WEEKS, max(1, (week - monday(first)).days // 7 + 1))

    def series_of(of: str) -> dict[str, list[int]]:
        last = week + timedelta(days=6)
        return as_reported(session, of, last=last, weeks=weeks, lag=LAG, as_of=known_at(week))

    series = series_of(kind)
    if kind in ("region", "forum"):
        return series, {name: _first(counts) for name, counts in series.items()}
    if kind == "cell":
        regions = {name: _first(counts) for name, counts in series_of("region").items()}
        return series, {name: regions.get(name.split("|")[0], 0) for name in series}
    return series, {}


def completeness(session: Session, week: date) -> float | None:
    """Of the cases of settled weeks before, the share that was known when those weeks were judged; None without any."""
    end = week - timedelta(weeks=_SETTLED)

    def known_after(lag: timedelta) -> int:
        last = end + timedelta(days=6)
        return sum(
            as_reported(session, "all", last=last, weeks=_LIKE, lag=lag, as_of=known_at(week)).get("", ())
        )

    late = known_after(timedelta(weeks=_SETTLED))
    return known_after(LAG) / late if late else None


def _first(counts: Sequence[int]) -> int:
    return next((at for at, count in enumerate(counts) if count), 0)


def _judge(session: Session, clock: Clock, week: date) -> int:
    now = clock.now()
    found: list[Signal] = []
    looked = 0
    rules, (belief_version, belief) = rules_in_force(session), belief_in_force(session)
    for kind in KINDS:
        series, begins = judged_series(session, kind, week)
        looked += len(series)
        judged = judge_kind(
            kind, series, week, alpha=rules.alpha, rules=rules.rules, begins=begins, belief=belief
        )
        found += judged.signals
        keep_tails(session, week, kind, judged.p)
    session.add(
        JudgedWeek(
            week=week,
            judged_at=now,
            series=looked,
            completeness=completeness(session, week),
            rules_version=rules.version,
            belief_version=belief_version,
        )
    )
    session.flush()
    for signal in found:
        row = SurgeSignal(**_columns(signal), raised_at=now)
        session.add(row)
        session.flush()
        emit(session, "signal.raised", f"{signal.kind}:{signal.value}", {"signal": str(row.id)}, clock)
    return len(found)


def _columns(signal: Signal) -> Mapping[str, object]:
    return {name: getattr(signal, name) for name in signal.__dataclass_fields__}
