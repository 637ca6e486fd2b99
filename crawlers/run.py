"""Visiting sources: fetch, keep the bytes, parse, record. Nothing is lost when a visit dies half-way.

The bytes stand in the evidence store and a snapshot row says so before anything reads them; validators (ETag) count
only once their snapshot is parsed. A visit that died leaves a snapshot marked fetched, which the next one parses
first. Each case is recorded in a transaction of its own with its outbox row, so repeating a snapshot is harmless.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial

import structlog
from sqlalchemy import select

from cases.facts import RawCase
from cases.identity import docket_key
from cases.record import Origin, record_case
from core import lease
from core.clock import Clock
from core.db import Database
from core.errors import SeamarkError, SourceDrifted, StoreBusy, StoreFull
from core.evidence import EvidenceStore
from core.log import run_context
from crawlers.fetch import Fetched, Fetcher, FetchRequest, NotModified, VisitDeferred
from crawlers.models import CrawlRun, FeedState, RejectedItem, RunState, SnapshotRow
from crawlers.registry import get_source
from crawlers.relevance import is_ip
from crawlers.schemas import validated
from crawlers.source import ParseResult, Snapshot, Source, SourceSpec

log = structlog.get_logger(__name__)

#: cases recorded in one transaction; small enough that a page's write never waits long
_BATCH = 50
#: a visit holds its source this long; renewed after every answer and with every batch
_LEASE_SECONDS = 300
#: how the address of a replayed recording begins
RECORDING = "recording:"


@dataclass
class Tally:
    """What one visit did."""

    source_id: str
    court: str
    state: RunState = RunState.RUNNING
    items: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    error: SeamarkError | None = None


@dataclass(frozen=True)
class Crawler:
    """Everything a visit needs; made by the composition root."""

    database: Database
    clock: Clock
    evidence: EvidenceStore
    fetcher: Fetcher
    #: history being loaded: nobody is alerted
    is_backfill: bool = False
    #: replaying the shipped sample
    is_sample: bool = False
    #: leave out cases whose newest date lies before this
    since: date | None = None
    #: base URL of a relay that is asked instead of the sites; "" for none
    mirror: str = ""
    on_tally: Callable[[Tally], None] = field(default=lambda tally: None)

    def crawl(self, source_id: str, courts: tuple[str, ...] = ()) -> list[Tally]:
        """Visit every feed of a source (only ``courts`` when given) and return one tally a feed.

        A feed that fails does not stop the others; its error stands in its tally and in the run ledger.
        Raises BadInput for an unknown source, StoreBusy when another process is visiting it.
        """
        source = get_source(source_id)
        spec = source.SPEC
        tallies = []
        for court in (courts or spec.courts) or ("",):
            with self._hold(spec.id, court) as held, run_context(f"crawl-{spec.id}"):
                tally = self._visit(source, court, held)
            tallies.append(tally)
            self.on_tally(tally)
        return tallies

    def replay(self, source_id: str, answers: Iterator[tuple[str, Fetched]]) -> list[Tally]:
        """Take recorded answers, (court or "", answer) each, through the same path as live ones."""
        source = get_source(source_id)
        tallies = []
        for court, answer in answers:
            with self._hold(source.SPEC.id, court) as held, run_context(f"replay-{source.SPEC.id}"):
                tally = self._guard(source, court, held, partial(self._take, source, court, answer=answer))
            tallies.append(tally)
            self.on_tally(tally)
        return tallies

    def _hold(self, source_id: str, court: str) -> _Held:
        return _Held(self.database, self.clock, f"crawl:{source_id}:{court}")

    def _addresses(self, spec: SourceSpec, court: str) -> tuple[str, ...]:
        """What to ask for one feed: the site itself, or the relay's copy of each of its addresses."""
        urls = spec.urls_for(court)
        if not self.mirror:
            return urls
        place = "/".join([self.mirror.rstrip("/"), spec.id, *([court] if court else [])])
        return (place,) if len(urls) == 1 else tuple(f"{place}/{n}" for n in range(1, len(urls) + 1))

    def _visit(self, source: Source, court: str, held: _Held) -> Tally:
        def ask(run: _Run) -> None:
            self._finish_waiting(source, court, run)
            with self.database.read() as session:
                state = session.get(FeedState, (source.SPEC.id, court))
            urls = self._addresses(source.SPEC, court)
            if len(urls) > 1:
                # Validators belong to one address; a feed of several is asked in full.
                state = None
            for url in urls:
                request = FetchRequest(
                    source_id=source.SPEC.id,
                    url=url,
                    court=court or None,
                    etag=state.etag if state else None,
                    last_modified=state.last_modified if state else None,
                )
                answer = self.fetcher.fetch(request, source.SPEC)
                held.renew()
                if not isinstance(answer, NotModified):
                    self._take(source, court, run, answer)
                elif not run.tally.items:
                    run.tally.state = RunState.UNCHANGED

        return self._guard(source, court, held, ask)

    def _guard(self, source: Source, court: str, held: _Held, work: Callable[[_Run], None]) -> Tally:
        """Run ``work`` under a ledger row; whatever happens, the row and the feed's state say how it ended."""
        spec = source.SPEC
        tally = Tally(spec.id, court)
        with self.database.write() as session:
            row = CrawlRun(source_id=spec.id, court=court, started_at=self.clock.now())
            session.add(row)
            session.flush()
            run = _Run(row.id, tally, held)
        try:
            work(run)
        except VisitDeferred as error:
            tally.state, tally.error = RunState.DEFERRED, error
        except SeamarkError as error:
            tally.state, tally.error = RunState.FAILED, error
            log.warning("visit_failed", source=spec.id, court=court, code=error.code, error=str(error))
        except Exception as error:
            # A fault of ours must end this visit only, and loudly: the ledger and the health table show it.
            tally.state = RunState.FAILED
            tally.error = SeamarkError(f"The visit of {spec.id} failed: {_in_short(error)}.")
            log.exception("visit_broken", source=spec.id, court=court)
        if tally.state is RunState.RUNNING:
            tally.state = RunState.DONE
        self._close(run, spec)
        return tally

    def _close(self, run: _Run, spec: SourceSpec) -> None:
        tally, now = run.tally, self.clock.now()
        with self.database.write() as session:
            row = session.get_one(CrawlRun, run.id)
            row.state, row.finished_at = tally.state.value, now
            row.items, row.created, row.changed = tally.items, tally.created, tally.changed
            row.unchanged, row.rejected = tally.unchanged, tally.rejected
            row.error = tally.error.code if tally.error else None
            row.message = str(tally.error) if tally.error else ""
            state = session.get(FeedState, (spec.id, tally.court))
            if state is None:
                state = FeedState(source_id=spec.id, court=tally.court, failures=0)
                session.add(state)
            state.visited_at = now
            state.error, state.message = row.error, row.message
            if tally.state is RunState.FAILED:
                state.failures += 1
                # Doubles to a day at most, so that a court that is down is asked ever less often (never abandoned).
                minutes = min(spec.every_minutes * 2 ** min(state.failures, 10), 1440)
                state.due_at = now + timedelta(minutes=minutes * random.uniform(0.9, 1.1))
            else:
                if tally.state is not RunState.DEFERRED:
                    state.succeeded_at, state.failures = now, 0
                state.due_at = now + timedelta(minutes=spec.every_minutes)
                if isinstance(tally.error, VisitDeferred):
                    state.due_at = max(state.due_at, tally.error.until)

    def _take(self, source: Source, court: str, run: _Run, answer: Fetched) -> None:
        sha256 = self.evidence.put(answer.content)
        with self.database.write() as session:
            row = SnapshotRow(
                source_id=source.SPEC.id,
                court=court,
                url=answer.url,
                sha256=sha256,
                size=len(answer.content),
                fetched_at=answer.fetched_at,
                content_type=answer.content_type,
                charset=answer.charset,
                etag=answer.etag,
                last_modified=answer.last_modified,
                is_sample=self.is_sample,
                run_id=run.id,
            )
            session.add(row)
        self._parse(source, run, row)

    def _finish_waiting(self, source: Source, court: str, run: _Run) -> None:
        """Parse what an earlier visit fetched and did not get to read."""
        with self.database.read() as session:
            waiting = session.scalars(
                select(SnapshotRow)
                .where(
                    SnapshotRow.source_id == source.SPEC.id,
                    SnapshotRow.court == court,
                    SnapshotRow.state == "fetched",
                )
                .order_by(SnapshotRow.id)
            ).all()
        for row in waiting:
            self._parse(source, run, row)

    def _parse(self, source: Source, run: _Run, row: SnapshotRow) -> None:
        try:
            result = self._read(source, row)
            self._refuse_shrunken(source, row, result)
            run.tally.items += result.items
            run.tally.rejected += len(result.rejected)
            wanted = [raw for raw in result.cases if self._is_recent(raw)]
            for start in range(0, len(wanted), _BATCH):
                self._record(source.SPEC, run.tally, row, wanted[start : start + _BATCH])
                run.held.renew()
            with self.database.write() as session:
                session.add_all(
                    RejectedItem(
                        snapshot_id=row.id, position=r.position, reason=r.reason, excerpt=r.excerpt[:500]
                    )
                    for r in result.rejected
                )
        except (StoreBusy, StoreFull, OSError):
            # These pass by themselves; the snapshot waits for the next visit.
            raise
        except Exception:
            # Left waiting it would fail every visit before the source is asked. Nothing is lost: its validators are
            # not kept, so the source gives the same bytes again.
            self._mark(row.id, "failed", row)
            raise
        self._mark(row.id, "parsed", row)

    def _read(self, source: Source, row: SnapshotRow) -> ParseResult:
        snapshot = Snapshot(
            source_id=row.source_id,
            url=row.url,
            content=self.evidence.get(row.sha256),
            sha256=row.sha256,
            fetched_at=row.fetched_at,
            content_type=row.content_type,
            charset=row.charset,
            court=row.court or None,
        )
        try:
            result = validated(source.parse(snapshot))
        except SeamarkError:
            raise
        except Exception as error:
            log.exception("parser_failed", source=row.source_id, court=row.court)
            raise SourceDrifted(f"The parser of {row.source_id} failed: {_in_short(error)}.") from error
        if source.SPEC.expects_items and not result.items:
            raise SourceDrifted(
                f"{source.SPEC.id} gave no items, and it always has some ({row.url}).",
                fix="Look at the page: its layout or address may have changed.",
            )
        return result

    def _refuse_shrunken(self, source: Source, row: SnapshotRow, result: ParseResult) -> None:
        """Raise SourceDrifted where a complete download lacks more of the last one's cases than its source may lose.

        Cases are compared, not counted: what is new does not make up for what is missing. A file that somebody brings
        is believed.
        """
        may_lose = source.SPEC.may_shrink_by
        if may_lose is None or row.url.startswith(RECORDING):
            return
        before = self._last_parsed(source, row)
        if before is None:
            return
        numbers = {key for raw in result.cases for key in _keys(raw)}
        lost = sum(numbers.isdisjoint(_keys(raw)) for raw in before.cases)
        if lost > may_lose * len(before.cases):
            raise SourceDrifted(
                f"{source.SPEC.id}: the download lacks {lost:,} of the {len(before.cases):,} cases that the one before "
                f"it had, more than {may_lose:.0%}: it is taken for incomplete and not recorded.",
                fix="It is asked again at its next visit. If the source really dropped them, save its file and bring it: "
                "seamark crawl --replay DIR.",
                lost=lost,
            )

    def _last_parsed(self, source: Source, row: SnapshotRow) -> ParseResult | None:
        """What the last whole download of the same feed says, read again by today's parser; None where there is none."""
        with self.database.read() as session:
            before = session.scalar(
                select(SnapshotRow)
                .where(
                    SnapshotRow.source_id == row.source_id,
                    SnapshotRow.court == row.court,
                    SnapshotRow.state == "parsed",
                    SnapshotRow.is_sample.is_(False),
                    SnapshotRow.id < row.id,
                )
                .order_by(SnapshotRow.id.desc())
                .limit(1)
            )
        if before is None or before.sha256 == row.sha256:
            return None
        try:
            return self._read(source, before)
        except SeamarkError as error:
            # Evidence that is damaged, or gone after its time, is no reason to take nothing new.
            log.warning(
                "last_download_unreadable", source=row.source_id, sha256=before.sha256, error=str(error)
            )
            return None

    def _is_recent(self, raw: RawCase) -> bool:
        if self.since is None:
            return True
        dates = [d for d in (raw.filed_on, *(e.on for e in raw.events)) if d is not None]
        return not dates or max(dates) >= self.since

    def _record(self, spec: SourceSpec, tally: Tally, row: SnapshotRow, batch: list[RawCase]) -> None:
        origin = Origin(
            source=spec.id,
            authority=spec.authority,
            sha256=row.sha256,
            url=row.url,
            fetched_at=row.fetched_at,
            is_sample=row.is_sample,
            is_backfill=self.is_backfill,
        )
        with self.database.write() as session:
            done = [record_case(session, self.clock, raw, origin, is_ip=is_ip(raw, spec)) for raw in batch]
        tally.created += sum(d.created for d in done)
        tally.changed += sum(bool(d.changed) and not d.created for d in done)
        tally.unchanged += sum(not d.changed for d in done)

    def _mark(self, snapshot_id: int, state: str, row: SnapshotRow) -> None:
        with self.database.write() as session:
            kept = session.get_one(SnapshotRow, snapshot_id)
            kept.state = state
            if state != "parsed":
                return
            feed = session.get(FeedState, (row.source_id, row.court))
            if feed is None:
                feed = FeedState(source_id=row.source_id, court=row.court, failures=0)
                session.add(feed)
            feed.etag, feed.last_modified = row.etag, row.last_modified


def _keys(raw: RawCase) -> set[tuple[str, str]]:
    return {(raw.venue, docket_key(raw.venue, number)) for number in (raw.docket_number, *raw.aliases)}


@dataclass
class _Run:
    id: uuid.UUID
    tally: Tally
    held: _Held


def _in_short(error: Exception) -> str:
    """A fault's kind and first line: the lines below may hold a statement with its parameters."""
    first = (str(error).splitlines() or [""])[0].replace("\0", "")
    return f"{type(error).__name__}: {first[:300]}".rstrip(": .")


class _Held:
    """Holds a feed's lease for the length of a visit."""

    def __init__(self, database: Database, clock: Clock, name: str) -> None:
        self.database, self.clock, self.name = database, clock, name
        self.holder = lease.holder_name()

    def __enter__(self) -> _Held:
        if not lease.acquire(self.database, self.clock, self.name, self.holder, _LEASE_SECONDS):
            raise StoreBusy(
                f"Another process is visiting {self.name.removeprefix('crawl:')} now.",
                fix="Wait until it has finished (at most five minutes if it died), then crawl again.",
            )
        return self

    def renew(self) -> None:
        """Hold it for another while. Losing it to another visitor does no harm: recording twice changes nothing."""
        lease.acquire(self.database, self.clock, self.name, self.holder, _LEASE_SECONDS)

    def __exit__(self, *exc: object) -> None:
        lease.release(self.database, self.name, self.holder)


def finish_snapshots(crawler: Crawler, source_id: str) -> list[Tally]:
    """Parse a source's snapshots that an earlier visit left unread, without asking the source anything."""
    source = get_source(source_id)
    with crawler.database.read() as session:
        courts = session.scalars(
            select(SnapshotRow.court)
            .where(SnapshotRow.source_id == source_id, SnapshotRow.state == "fetched")
            .distinct()
            .order_by(SnapshotRow.court)
        ).all()
    tallies = []
    for court in courts:
        with crawler._hold(source_id, court) as held:
            tallies.append(
                crawler._guard(source, court, held, partial(crawler._finish_waiting, source, court))
            )
    return tallies


def as_backfill(crawler: Crawler) -> Crawler:
    """The same crawler, loading history: nobody is alerted."""
    return replace(crawler, is_backfill=True)
