"""Counting public cases: per region, industry, both, dispute type, forum and plaintiff, by the day they began or were
reported, as it is known now or was known at any earlier instant.

A case that changes so that it counts elsewhere closes its row and opens another; what was counted before stays as it was.
Counting is idempotent: it compares a case as it stands with its open row, whatever message asked for it.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy import case as case_of
from sqlalchemy.orm import Session, selectinload

from cases.models import Case, CaseStatus
from cases.taxonomy import load_taxonomy
from core.clock import Clock, local_date
from core.outbox import Message
from warning.bulletin_parties import side_of
from warning.surge.count_models import CountedCase, CountMark

#: the calendar of the centres
ZONE = "Asia/Shanghai"
#: a case first counted so long after it began was loaded as history
_HISTORY = timedelta(days=365)
#: cases compared in one go when all are counted anew
_CHUNK = 500
Mark = tuple[str, str]
#: kinds of series that are named by a term of the vocabulary
_OF_TERMS = frozenset({"industry", "dispute_type", "forum"})


class Basis(StrEnum):
    """By which day a case counts."""

    EVENT = "event"
    REPORT = "report"


@dataclass(frozen=True)
class _Now:
    """How a case counts as it stands."""

    event_on: date | None
    marks: frozenset[Mark]


class CaseCounter:
    """Keeps the counts in step with the cases. ``clock`` says from when a row is known."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def count_cases(self, session: Session, messages: Sequence[Message]) -> None:
        """Consumer of case.recorded, case.changed, case.confirmed and case.tagged."""
        self.count(session, {uuid.UUID(message.key) for message in messages})

    def count(self, session: Session, case_ids: Collection[uuid.UUID]) -> int:
        """Compare these cases with what is counted and put right what differs; returns how many rows were opened or
        closed. The caller commits."""
        options = selectinload(Case.tags), selectinload(Case.parties), selectinload(Case.events)
        cases = {
            case.id: case
            for case in session.scalars(select(Case).where(Case.id.in_(case_ids)).options(*options))
        }
        open_rows = select(CountedCase).where(
            CountedCase.case_id.in_(case_ids), CountedCase.known_until.is_(None)
        )
        rows = {row.case_id: row for row in session.scalars(open_rows)}
        changed = 0
        for case_id in sorted(case_ids):
            changed += self._put_right(session, case_id, cases.get(case_id), rows.get(case_id))
        return changed

    def count_all(self, session: Session) -> int:
        """As :meth:`count`, of every case there is and every case that is counted: after lost messages or at first."""
        every = select(Case.id).union(select(CountedCase.case_id).where(CountedCase.known_until.is_(None)))
        ids = sorted(session.scalars(every))
        return sum(self.count(session, ids[start : start + _CHUNK]) for start in range(0, len(ids), _CHUNK))

    def _put_right(
        self, session: Session, case_id: uuid.UUID, case: Case | None, row: CountedCase | None
    ) -> int:
        wanted = _as_it_counts(case) if case is not None and case.status == CaseStatus.PUBLIC.value else None
        now = self._clock.now()
        if row is not None:
            if wanted and _says_the_same(row, wanted):
                return 0
            row.known_until = now
            # Before the next one opens: only one row of a case is open.
            session.flush()
        if wanted is None:
            return int(row is not None)
        reported = row.reported_on if row is not None else self._first_reported(session, case_id)
        fresh = CountedCase(
            case_id=case_id,
            event_on=wanted.event_on or reported,
            reported_on=reported,
            known_from=now,
            marks=[CountMark(kind=kind, value=value) for kind, value in sorted(wanted.marks)],
        )
        session.add(fresh)
        session.flush()
        return 1

    def _first_reported(self, session: Session, case_id: uuid.UUID) -> date:
        """The day a case was first counted, however often it was taken back since; today for a new one."""
        before = select(func.min(CountedCase.reported_on)).where(CountedCase.case_id == case_id)
        return session.scalar(before) or local_date(self._clock.now(), ZONE)


def _as_it_counts(case: Case) -> _Now:
    tags: dict[str, set[str]] = {"region": set(), "industry": set(), "dispute_type": set()}
    current = load_taxonomy().current
    for tag in case.tags:
        if tag.kind in tags:
            tags[tag.kind].add(current(tag.value))
    marks: set[Mark] = {("all", ""), ("forum", case.venue)}
    marks |= {(kind, value) for kind, values in tags.items() for value in values}
    marks |= {("cell", f"{region}|{industry}") for region in tags["region"] for industry in tags["industry"]}
    marks |= {
        ("plaintiff", party.key) for party in case.parties if side_of(party.role) == "claimant" and party.key
    }
    dated = [event.on for event in case.events if event.on is not None]
    return _Now(case.filed_on or min(dated, default=None), frozenset(marks))


def _says_the_same(row: CountedCase, wanted: _Now) -> bool:
    return row.event_on == (wanted.event_on or row.reported_on) and wanted.marks == {
        (mark.kind, mark.value) for mark in row.marks
    }


def daily(
    session: Session,
    kind: str,
    *,
    first: date,
    last: date,
    basis: Basis = Basis.EVENT,
    as_of: datetime | None = None,
    values: Iterable[str] | None = None,
) -> dict[str, dict[date, int]]:
    """Cases a day of each series of ``kind`` (all, region, industry, cell, dispute_type, forum, plaintiff), value -> day ->
    count, days without any left out.

    Args:
        first, last: the days, both included, by ``basis``: when cases began at their forum, or were first counted here.
        as_of: aware; what was known at this instant. None: what is known now.
        values: only these series.
    """
    day = CountedCase.event_on if basis is Basis.EVENT else CountedCase.reported_on
    now = _now_called(session, kind)
    series = case_of(now, value=CountMark.value, else_=CountMark.value) if now else CountMark.value
    # A case that had a retired tag and its successor counts once.
    count = func.count(CountedCase.id.distinct()) if now else func.count()
    query = select(series, day, count).join(CountedCase, CountedCase.id == CountMark.counted_id)
    query = query.where(CountMark.kind == kind, day >= first, day <= last, known(as_of))
    if values is not None:
        query = query.where(CountMark.value.in_(_ever_called(values, now)))
    found: dict[str, dict[date, int]] = {}
    for value, on, count in session.execute(query.group_by(series, day)):
        found.setdefault(value, {})[on] = count
    return found


def weekly(
    session: Session,
    kind: str,
    *,
    first: date,
    last: date,
    basis: Basis = Basis.EVENT,
    as_of: datetime | None = None,
    values: Iterable[str] | None = None,
) -> dict[str, list[int]]:
    """Cases a week (Monday to Sunday) of each series, from the week of ``first`` to that of ``last``, noughts written out.

    Arguments as for :func:`daily`; the weeks at both ends are whole.
    """
    begin, end = monday(first), monday(last) + timedelta(days=6)
    weeks = (end - begin).days // 7 + 1
    days = daily(session, kind, first=begin, last=end, basis=basis, as_of=as_of, values=values)
    return {value: _by_week(counts, begin, weeks) for value, counts in days.items()}


def _by_week(counts: Mapping[date, int], begin: date, weeks: int) -> list[int]:
    found = [0] * weeks
    for on, count in counts.items():
        found[(on - begin).days // 7] += count
    return found


def monday(day: date) -> date:
    """The Monday of the week of ``day``."""
    return day - timedelta(days=day.weekday())


def known(as_of: datetime | None) -> ColumnElement[bool]:
    """The condition of what counted at ``as_of`` (aware), or counts now."""
    if as_of is None:
        return CountedCase.known_until.is_(None)
    return and_(
        CountedCase.known_from <= as_of,
        or_(CountedCase.known_until.is_(None), CountedCase.known_until > as_of),
    )


def contributing(
    kind: str,
    value: str,
    *,
    first: date,
    last: date,
    basis: Basis = Basis.EVENT,
    as_of: datetime | None = None,
) -> Select[uuid.UUID]:
    """The ids of the cases that count in a series between two days, both included; arguments as for :func:`daily`."""
    day = CountedCase.event_on if basis is Basis.EVENT else CountedCase.reported_on
    query = select(CountedCase.case_id).join(CountMark, CountMark.counted_id == CountedCase.id)
    return query.where(
        CountMark.kind == kind,
        CountMark.value.in_(former_series(kind, value)),
        day >= first,
        day <= last,
        known(as_of),
    ).distinct()


def as_reported(
    session: Session,
    kind: str,
    *,
    last: date,
    weeks: int,
    lag: timedelta,
    as_of: datetime | None = None,
    values: Iterable[str] | None = None,
) -> dict[str, list[int]]:
    """Weekly series in which every week counts what was known of it ``lag`` after its last day: like compared with like.

    Reports come late, and a week that has just ended is always short of some. Held against earlier weeks as they stood
    at the same age it is neither a fall nor, once its reports have come, a rise.

    Args:
        last: a day of the newest week (Monday to Sunday, by event date); ``weeks`` in all, oldest first.
        lag: what is added to the end of a week's Sunday in the centres' zone; not negative.
        as_of: aware; nothing that was known only after it counts. None: now.
        values: only these series.

    What was first counted over a year after it began is history that was loaded, not news that came late: it counts in
    its week whenever it was loaded before ``as_of``. Raises ValueError for a negative ``lag``.
    """
    if lag < timedelta(0):
        raise ValueError("a week is not known before it has ended")
    begin = monday(last) - timedelta(weeks=weeks - 1)
    now = _now_called(session, kind)
    series = case_of(now, value=CountMark.value, else_=CountMark.value) if now else CountMark.value
    query = select(
        series,
        CountedCase.event_on,
        CountedCase.reported_on,
        CountedCase.known_from,
        CountedCase.known_until,
        CountedCase.id,
    ).join(CountedCase, CountedCase.id == CountMark.counted_id)
    query = query.where(
        CountMark.kind == kind,
        CountedCase.event_on >= begin,
        CountedCase.event_on < begin + timedelta(weeks=weeks),
    )
    if values is not None:
        query = query.where(CountMark.value.in_(_ever_called(values, now)))
    found: dict[str, list[int]] = {}
    for value, event_on, reported_on, known_from, known_until, _ in session.execute(query.distinct()):
        week = (event_on - begin).days // 7
        seen = _end_of(begin + timedelta(weeks=week)) + lag
        if reported_on - event_on > _HISTORY:
            # Loaded later: as it stands at the end.
            seen = datetime.max.replace(tzinfo=UTC)
        if as_of is not None:
            seen = min(seen, as_of)
        if known_from <= seen and (known_until is None or known_until > seen):
            found.setdefault(value, [0] * weeks)[week] += 1
    return found


def current_series(kind: str, value: str) -> str:
    """The series that goes on for one that was named by a retired id; the same where nothing took its place."""
    current = load_taxonomy().current
    if kind == "cell":
        region, _, industry = value.partition("|")
        return f"{region}|{current(industry)}"
    return current(value) if kind in _OF_TERMS else value


def former_series(kind: str, value: str) -> list[str]:
    """Every value under which what a series counts was ever marked, the one in force first."""
    forms = load_taxonomy().with_former
    if kind == "cell":
        region, _, industry = value.partition("|")
        return [f"{region}|{one}" for one in forms(industry)]
    return list(forms(value)) if kind in _OF_TERMS else [value]


def _now_called(session: Session, kind: str) -> dict[str, str]:
    """Stored value of a series that was named by a retired id -> what it is called now."""
    gone = {old: now for old, now in load_taxonomy().gone.items() if now is not None}
    if not gone or kind not in (*_OF_TERMS, "cell"):
        return {}
    if kind != "cell":
        return gone
    ends = or_(*(CountMark.value.endswith(f"|{old}", autoescape=True) for old in gone))
    stored = session.scalars(select(CountMark.value).where(CountMark.kind == kind, ends).distinct())
    return {value: current_series(kind, value) for value in stored}


def _ever_called(values: Iterable[str], now: Mapping[str, str]) -> list[str]:
    wanted = {now.get(value, value) for value in values}
    return sorted(wanted | {old for old, current in now.items() if current in wanted})


def _end_of(week: date) -> datetime:
    """The end of the Sunday of a week that begins on ``week``, in the centres' zone."""
    return datetime.combine(week + timedelta(days=7), time.min, ZoneInfo(ZONE))
