"""The desk in the morning: what arrived, what is doubtful, what is due, who has not answered, what was not delivered."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from cases.models import Case, CaseStatus
from core.actor import Actor, Permission
from core.clock import Clock
from enterprises.models import Firm
from notify.ledger import Line, count_states, list_deliveries
from notify.models import DeliveryState
from warning.answer_models import Answer
from warning.desk_models import DeskTask
from warning.desk_tasks import count_tasks, list_tasks
from warning.models import Alert, PartyMatch
from warning.queue import count_candidates, list_candidates
from warning.severity import LEVELS

#: rows of each part; the rest is a link away
SHOWN = 6
#: how far back something has "arrived", and a likely name is still looked at
ARRIVED, DOUBTED = timedelta(days=7), timedelta(days=30)
#: the gravest first
_BY_LEVEL = tuple(reversed(LEVELS))


@dataclass(frozen=True)
class Part:
    """One part of the desk: how many there are, how many of them are late, and the first rows."""

    count: int
    rows: Sequence[object]
    late: int = 0


@dataclass(frozen=True)
class Desk:
    """Everything on the desk of a centre, and the cases and firms its rows speak of."""

    tasks: Part
    arrived: Part
    by_level: Mapping[str, int]
    candidates: Part
    matches: Part
    silent: Part
    failed: Part
    cases: Mapping[uuid.UUID, Case]
    firms: Mapping[uuid.UUID, Firm]


def read_desk(session: Session, clock: Clock, actor: Actor) -> Desk:
    """The desk of the actor's centre. Raises NotAllowed."""
    actor.require(Permission.DESK_WORK)
    open_tasks, late_tasks = count_tasks(session, clock, actor)
    tasks = list_tasks(session, clock, actor, limit=SHOWN).rows
    levels, arrived = _arrived(session, clock, actor)
    waiting = list_candidates(session, actor, status=CaseStatus.CANDIDATE, limit=SHOWN).rows
    doubtful, matches = _doubtful(session, clock, actor)
    silent = _silent(session, clock, actor)
    failures: Sequence[Line] = list_deliveries(
        session, actor, state=DeliveryState.FAILED.value, limit=SHOWN
    ).rows
    alerts: list[Alert] = [*arrived, *_alerts(silent.rows)]
    case_ids = {a.case_id for a in alerts} | {t.case_id for t in tasks} | {m.case_id for m in matches}
    firm_ids = {a.firm_id for a in alerts} | {m.firm_id for m in matches}
    return Desk(
        tasks=Part(open_tasks, tasks, late_tasks),
        arrived=Part(sum(levels.values()), arrived),
        by_level=levels,
        candidates=Part(count_candidates(session, actor), waiting),
        matches=Part(doubtful, matches),
        silent=silent,
        failed=Part(count_states(session, actor).get(DeliveryState.FAILED.value, 0), failures),
        cases=cases_of(session, actor, case_ids),
        firms=firms_of(session, actor, firm_ids | {t.firm_id for t in tasks if t.firm_id}),
    )


def cases_of(session: Session, actor: Actor, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Case]:
    """Those of the cases the actor sees."""
    return {row.id: row for row in session.scalars(Case.visible_to(actor).where(Case.id.in_(set(ids))))}


def firms_of(session: Session, actor: Actor, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Firm]:
    """Those of the firms the actor sees."""
    return {row.id: row for row in session.scalars(Firm.visible_to(actor).where(Firm.id.in_(set(ids))))}


def _alerts(rows: Sequence[object]) -> list[Alert]:
    return [row for row in rows if isinstance(row, Alert)]


def _arrived(session: Session, clock: Clock, actor: Actor) -> tuple[dict[str, int], list[Alert]]:
    seen = Alert.visible_to(actor).where(Alert.raised_at >= clock.now() - ARRIVED)
    rows = seen.subquery()
    by_level = select(rows.c.level, func.count()).group_by(rows.c.level)
    counted = {str(level or ""): int(count) for level, count in session.execute(by_level).all()}
    levels = {level: counted.get(level, 0) for level in (*_BY_LEVEL, "")}
    rank = case({level: n for n, level in enumerate(_BY_LEVEL)}, value=Alert.level, else_=len(_BY_LEVEL))
    return levels, list(session.scalars(seen.order_by(rank, Alert.id.desc()).limit(SHOWN)))


def _doubtful(session: Session, clock: Clock, actor: Actor) -> tuple[int, list[PartyMatch]]:
    """Likely names in public cases, lately found: no firm is told of them until a person has looked."""
    query: Select[PartyMatch] = (
        PartyMatch.visible_to(actor)
        .join(Case, Case.id == PartyMatch.case_id)
        .where(PartyMatch.grade == "review", Case.status == CaseStatus.PUBLIC.value)
        .where(PartyMatch.found_at >= clock.now() - DOUBTED)
    )
    count = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    best = query.order_by(PartyMatch.score.desc(), PartyMatch.id.desc()).limit(SHOWN)
    return count, list(session.scalars(best))


def _silent(session: Session, clock: Clock, actor: Actor) -> Part:
    """Firms that have not answered and may be telephoned for it, the first due first: one row a firm and case."""
    query = Alert.visible_to(actor).where(
        Alert.answer == Answer.OPEN.value, Alert.answer_by.is_not(None), Alert.profile_id.is_(None)
    )
    late = query.where(Alert.answer_by <= clock.now())
    counts = []
    for wanted in (query, late):
        pairs = wanted.with_only_columns(Alert.firm_id, Alert.case_id).distinct().subquery()
        counts.append(session.scalar(select(func.count()).select_from(pairs)) or 0)
    rows: dict[tuple[uuid.UUID, uuid.UUID], Alert] = {}
    for alert in session.scalars(query.order_by(Alert.answer_by, Alert.id).limit(SHOWN * 10)):
        rows.setdefault((alert.firm_id, alert.case_id), alert)
    return Part(counts[0], list(rows.values())[:SHOWN], counts[1])


def task_rows(tasks: Sequence[DeskTask]) -> tuple[set[uuid.UUID], set[uuid.UUID]]:
    """The cases and firms some tasks speak of."""
    return {task.case_id for task in tasks}, {task.firm_id for task in tasks if task.firm_id}
