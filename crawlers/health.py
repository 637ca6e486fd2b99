"""How each source is doing: last success, failures in a row, what was refused, and whether it has gone stale."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.clock import Clock
from crawlers.models import CrawlRun, FeedState, RejectedItem, RunState, SnapshotRow
from crawlers.registry import all_sources
from crawlers.source import SourceSpec, SourceStatus


@dataclass(frozen=True)
class SourceHealth:
    """One row of the health table; instants are UTC."""

    spec: SourceSpec
    state: str  # healthy|failing|stale|never|manual|off|unproven
    feeds: int
    visited_at: datetime | None
    succeeded_at: datetime | None
    failures: int
    message: str
    rejected: int


def source_health(session: Session, clock: Clock) -> list[SourceHealth]:
    """The health of every known source, in order of id. A live source is stale when a feed has not succeeded for
    six of its intervals (at least a day)."""
    states: dict[str, list[FeedState]] = {}
    for row in session.scalars(select(FeedState)):
        states.setdefault(row.source_id, []).append(row)
    refused = dict(
        session.execute(
            select(SnapshotRow.source_id, func.count())
            .join(RejectedItem, RejectedItem.snapshot_id == SnapshotRow.id)
            .group_by(SnapshotRow.source_id)
        ).all()
    )
    return [
        _health(source.SPEC, states.get(source_id, []), refused.get(source_id, 0), clock)
        for source_id, source in sorted(all_sources().items())
    ]


def _health(spec: SourceSpec, feeds: list[FeedState], rejected: int, clock: Clock) -> SourceHealth:
    successes = [f.succeeded_at for f in feeds if f.succeeded_at]
    visits = [f.visited_at for f in feeds if f.visited_at]
    failures = max((f.failures for f in feeds), default=0)
    patience = max(timedelta(minutes=spec.every_minutes * 6), timedelta(days=1))
    if spec.status is not SourceStatus.LIVE:
        state = spec.status.value
    elif failures:
        state = "failing"
    elif not feeds:
        state = "never"
    elif not successes or clock.now() - min(successes) > patience:
        state = "stale"
    else:
        state = "healthy"
    failing = next((f for f in feeds if f.failures), None)
    return SourceHealth(
        spec=spec,
        state=state,
        feeds=len(feeds),
        visited_at=max(visits, default=None),
        succeeded_at=max(successes, default=None),
        failures=failures,
        message=failing.message if failing else "",
        rejected=rejected,
    )


def recent_runs(session: Session, source_id: str, *, limit: int = 50) -> list[CrawlRun]:
    """The newest visits of a source."""
    query = (
        select(CrawlRun)
        .where(CrawlRun.source_id == source_id)
        .order_by(CrawlRun.started_at.desc())
        .limit(limit)
    )
    return list(session.scalars(query))


def recent_rejects(session: Session, source_id: str, *, limit: int = 50) -> list[RejectedItem]:
    """The newest items of a source that could not be used."""
    query = (
        select(RejectedItem)
        .join(SnapshotRow, SnapshotRow.id == RejectedItem.snapshot_id)
        .where(SnapshotRow.source_id == source_id)
        .order_by(RejectedItem.id.desc())
        .limit(limit)
    )
    return list(session.scalars(query))


def due_feeds(session: Session, clock: Clock, spec: SourceSpec) -> list[str]:
    """Courts ("" for a source with one feed) whose next visit is due."""
    waiting = {
        row.court
        for row in session.scalars(select(FeedState).where(FeedState.source_id == spec.id))
        if row.due_at is not None and row.due_at > clock.now()
    }
    return [court for court in (spec.courts or ("",)) if court not in waiting]


def close_dead_runs(session: Session, clock: Clock, *, silent: timedelta = timedelta(hours=1)) -> int:
    """Mark visits that never ended (their process died) as failed; returns how many."""
    rows = session.scalars(
        select(CrawlRun).where(
            CrawlRun.state == RunState.RUNNING.value, CrawlRun.started_at < clock.now() - silent
        )
    ).all()
    for row in rows:
        row.state, row.finished_at = RunState.FAILED.value, clock.now()
        row.error, row.message = "died", "The process that visited it ended without a word."
    return len(rows)
