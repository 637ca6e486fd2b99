"""Two engines side by side: questions go to the primary, and to the fallback while the primary is away.

Each engine has a projector and an outbox consumer of its own: what the primary misses waits in the outbox and is
written when it is back, and neither waits for the other. Both use the same cursors, so that a list begun on one goes on
in the other.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.errors import IndexNotReady
from core.outbox import Consumer, Delivery, OutboxRow
from search.port import (
    Document,
    IndexReader,
    IndexState,
    PutReport,
    ReindexNeeded,
    Removal,
    SearchIndex,
    SearchPage,
    SearchRequest,
)
from search.projector import Projector, Read

log = structlog.get_logger(__name__)

#: seconds an index that failed is left alone; doubled with each failure on end, up to the second
_REST, _LONGEST_REST = 5.0, 60.0


class GuardedIndex:
    """A SearchIndex that is left alone for a while after it failed, so that readers and the outbox do not wait for it
    again and again. One question after each rest tries it. Building a generation is not guarded.

    Args:
        now: seconds that only ever grow.
    """

    def __init__(self, index: SearchIndex, now: Callable[[], float] = time.monotonic) -> None:
        self._index, self._now = index, now
        self._lock = threading.Lock()
        self._failures = 0
        self._rests_until = 0.0

    def close(self) -> None:
        """Give back what the index holds open."""
        close = getattr(self._index, "close", None)
        if close is not None:
            close()

    def put(self, documents: Sequence[Document | Removal], generation: str | None = None) -> PutReport:
        if generation is not None:
            return self._index.put(documents, generation)
        with self._guarding():
            return self._index.put(documents)

    def search(self, request: SearchRequest, actor: Actor) -> SearchPage:
        with self._guarding():
            return self._index.search(request, actor)

    def fingerprints(self, collection: str, generation: str | None = None) -> Iterator[tuple[str, int, str]]:
        return self._index.fingerprints(collection, generation)

    def begin_generation(self) -> str:
        return self._index.begin_generation()

    def promote(self, generation: str) -> None:
        self._index.promote(generation)

    def drop_generations(self, keep: Sequence[str]) -> None:
        self._index.drop_generations(keep)

    def state(self) -> IndexState:
        return self._index.state()

    @contextmanager
    def _guarding(self) -> Iterator[None]:
        self._require_rested()
        try:
            yield
        except ReindexNeeded:
            # It answers; what it lacks does not come back by waiting.
            self._answered()
            raise
        except IndexNotReady as error:
            self._failed(error)
            raise
        self._answered()

    def _require_rested(self) -> None:
        with self._lock:
            now = self._now()
            if self._failures and now < self._rests_until:
                raise IndexNotReady(
                    f"The search index failed and is left alone for another {self._rests_until - now:.0f} s.",
                    fix="Wait; nothing is lost.",
                )
            # Whoever comes while this one tries is not made to wait as well.
            self._rests_until = now + self._rest()

    def _rest(self) -> float:
        return min(_REST * 2.0 ** max(self._failures - 1, 0), _LONGEST_REST)

    def _failed(self, error: IndexNotReady) -> None:
        with self._lock:
            self._failures += 1
            self._rests_until = self._now() + self._rest()
            is_first = self._failures == 1
        if is_first:
            log.warning("index_went_away", error=str(error))

    def _answered(self) -> None:
        with self._lock:
            was_away, self._failures = self._failures > 0, 0
        if was_away:
            log.info("index_came_back")


class StandbyIndex:
    """An IndexReader over a primary, which should be guarded, and a fallback that answers while it is away."""

    def __init__(self, primary: IndexReader, fallback: IndexReader) -> None:
        self._primary, self._fallback = primary, fallback

    def search(self, request: SearchRequest, actor: Actor) -> SearchPage:
        try:
            return self._primary.search(request, actor)
        except IndexNotReady:
            return replace(self._fallback.search(request, actor), is_fallback=True)

    def fingerprints(self, collection: str, generation: str | None = None) -> Iterator[tuple[str, int, str]]:
        index = self._fallback if self.state().is_fallback else self._primary
        return index.fingerprints(collection, generation)

    def state(self) -> IndexState:
        """The primary's; the fallback's while the primary is away or not yet built."""
        try:
            state = self._primary.state()
        except IndexNotReady:
            return replace(self._fallback.state(), is_fallback=True)
        return state if state.live else replace(self._fallback.state(), is_fallback=True)


def rebuild(
    projectors: Mapping[str, Projector],
    read: Read,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
) -> dict[str, str]:
    """Reindex every engine; returns name -> new generation. One that is away does not keep the others waiting.

    Raises:
        IndexNotReady: at least one was away; the message says which, and the others are done.
        GenerationRefused: as :meth:`Projector.reindex`.
    """
    made: dict[str, str] = {}
    away: dict[str, IndexNotReady] = {}
    for name, projector in projectors.items():
        try:
            made[name] = projector.reindex(read, progress)
        except IndexNotReady as error:
            away[name] = error
    if away:
        done = f" Rebuilt: {', '.join(made)}." if made else ""
        name, why = next(iter(away.items()))
        raise IndexNotReady(f"{name} was not rebuilt: {why.message}{done}", fix=why.fix) from why
    return made


def build_missing(projector: Projector, read: Read, consumer: Consumer) -> str | None:
    """Reindex an engine that has no generation, or one that ``consumer`` did not keep up; returns the new generation,
    None when nothing was to be done.

    An engine switched on for an existing store, or off and on again, lacks what no delivery was made for: the outbox
    knows only the consumers of its time. For the start of a process and now and then.

    Raises:
        IndexNotReady: the engine is away.
    """
    try:
        live = projector.index.state().live
    except ReindexNeeded:
        live = None
    if live is not None:
        with read() as session:
            if not _missed(session, consumer, _made_at(live)):
                return None
    return projector.reindex(read)


def _missed(session: Session, consumer: Consumer, since: datetime) -> bool:
    """Whether something happened after ``since`` of which there is no delivery to ``consumer``."""
    told = select(Delivery.outbox_id).where(
        Delivery.outbox_id == OutboxRow.id, Delivery.consumer == consumer.name
    )
    untold = select(OutboxRow.id).where(
        OutboxRow.topic.in_(consumer.topics), OutboxRow.at > since, ~told.exists()
    )
    return session.scalar(untold.limit(1)) is not None


def _made_at(generation: str) -> datetime:
    """When a generation was begun: the second part of every engine's generation names."""
    return datetime.fromtimestamp(int(generation.split("-")[1], 16) / 1e9, UTC)
