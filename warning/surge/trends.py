"""Today's colours: region by industry, and the signals of one series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.clock import local_date
from warning.surge.counts import ZONE, current_series, former_series, weekly
from warning.surge.deciding import seen_by
from warning.surge.signal_models import JudgedWeek, SurgeSignal

#: weeks whose cases a field of the matrix shows
WEEKS = 4
#: regions and industries shown, those with most cases first
_MOST = 15
#: signals a series' page shows
_SIGNALS = 50


@dataclass(frozen=True)
class Matrix:
    """Cases of the last weeks and the newest judged week's signals.

    Attributes:
        regions, industries: ids, those with most cases first.
        counts: (region, industry) -> cases.
        cells: (region, industry) -> signal; ``rows`` and ``columns`` those of a whole region or industry.
        week: the newest judged week; None before the first.
    """

    regions: Sequence[str]
    industries: Sequence[str]
    counts: Mapping[tuple[str, str], int]
    cells: Mapping[tuple[str, str], SurgeSignal]
    rows: Mapping[str, SurgeSignal]
    columns: Mapping[str, SurgeSignal]
    week: JudgedWeek | None
    since: date
    until: date
    more: int


def matrix(session: Session, actor: Actor, now: datetime) -> Matrix:
    """The matrix at ``now`` (aware), with the signals that ``actor`` may see."""
    until = local_date(now, ZONE)
    since = until - timedelta(weeks=WEEKS) + timedelta(days=1)
    week = session.scalars(select(JudgedWeek).order_by(JudgedWeek.week.desc()).limit(1)).first()
    signals = (
        session.scalars(seen_by(actor).where(SurgeSignal.week == week.week)).all() if week is not None else []
    )
    by_kind: dict[str, dict[str, SurgeSignal]] = {}
    for signal in signals:
        named = by_kind.setdefault(signal.kind, {})
        series = current_series(signal.kind, signal.value)
        if series == signal.value or series not in named:
            named[series] = signal
    counts = {
        _pair(value): sum(weeks) for value, weeks in weekly(session, "cell", first=since, last=until).items()
    }
    cells = {_pair(value): signal for value, signal in by_kind.get("cell", {}).items()}
    regions, industries = _ranked(counts, cells, 0), _ranked(counts, cells, 1)
    return Matrix(
        regions[:_MOST],
        industries[:_MOST],
        counts,
        cells,
        by_kind.get("region", {}),
        by_kind.get("industry", {}),
        week,
        since,
        until,
        max(0, len(regions) - _MOST) + max(0, len(industries) - _MOST),
    )


def signals_of(session: Session, actor: Actor, kind: str, value: str) -> list[SurgeSignal]:
    """The signals of a series that the actor may see, the newest first."""
    query = seen_by(actor).where(SurgeSignal.kind == kind, SurgeSignal.value.in_(former_series(kind, value)))
    return list(session.scalars(query.order_by(SurgeSignal.week.desc()).limit(_SIGNALS)))


def _pair(value: str) -> tuple[str, str]:
    region, _, industry = value.partition("|")
    return region, industry


def _ranked(
    counts: Mapping[tuple[str, str], int], cells: Mapping[tuple[str, str], SurgeSignal], at: int
) -> list[str]:
    """Ids of one side; what has a signal stands before what has only cases."""
    total: dict[str, int] = {}
    for pair, count in counts.items():
        total[pair[at]] = total.get(pair[at], 0) + count
    marked = {pair[at] for pair in cells}
    names = set(total) | marked
    return sorted(names, key=lambda name: (name not in marked, -total.get(name, 0), name))
