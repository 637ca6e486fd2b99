"""Keeping an index equal to SQL: single records as the outbox tells of them, all of them in a new generation.

A room registers how its records become documents; this file knows no room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.errors import GenerationRefused
from search.port import Document, IndexState, PutReport, ReindexNeeded, Removal, SearchIndex

#: opens a session that reads
Read = Callable[[], AbstractContextManager[Session]]

__all__ = ["Collection", "Projector", "Removal"]


@dataclass(frozen=True)
class Collection:
    """How one kind of record becomes documents.

    Attributes:
        load: documents of these ids as the session sees them; a Removal for one that is gone.
        ids: every id, streamed.
    """

    name: str
    load: Callable[[Session, Sequence[str]], Iterable[Document | Removal]]
    ids: Callable[[Session], Iterator[str]]


class Projector:
    """Writes documents of registered collections to an index."""

    def __init__(self, index: SearchIndex, collections: Mapping[str, Collection]) -> None:
        self.index = index
        self._collections = collections

    def project(self, session: Session, collection: str, ids: Sequence[str]) -> PutReport:
        """Write the records called ``ids`` to the live generation. Raises GenerationRefused when one is refused."""
        report = self.index.put(list(self._collections[collection].load(session, ids)))
        if report.rejected:
            identity, reason = report.rejected[0]
            raise GenerationRefused(f"The index refused {collection}/{identity}: {reason}.")
        return report

    def reindex(
        self,
        read: Read,
        progress: Callable[[int, int | None], None] = lambda done, total: None,
        *,
        batch: int = 1000,
    ) -> str:
        """Build a new generation from SQL beside the live one and promote it; returns its name.

        What changes meanwhile is written to the live generation by the outbox; after the swap every record of which
        the old generation knows a newer version is loaded again.

        Raises:
            GenerationRefused: a document was refused, or the count differs from SQL; the live generation stays.
        """
        generation = self.index.begin_generation()
        try:
            for collection in self._collections.values():
                self._fill(read, collection, generation, progress, batch)
                self._check(read, collection, generation, batch)
        except BaseException:
            state = self._readable()
            others = state.generations if state else ()
            self.index.drop_generations(keep=[g for g in others if g != generation])
            raise
        state = self._readable()
        before = state.live if state else None
        self.index.promote(generation)
        if before:
            # What the outbox wrote to the old generation while the new one was being filled.
            for collection in self._collections.values():
                self._catch_up(read, collection, before, generation, batch)
        self.index.drop_generations(keep=[before] if before else [])
        return generation

    def _readable(self) -> IndexState | None:
        """What there is, or None where this version can neither read nor have written it."""
        try:
            return self.index.state()
        except ReindexNeeded:
            return None

    def _catch_up(self, read: Read, collection: Collection, old: str, new: str, batch: int) -> None:
        reached = {
            identity: version for identity, version, _ in self.index.fingerprints(collection.name, new)
        }
        behind = [
            identity
            for identity, version, _ in self.index.fingerprints(collection.name, old)
            if reached.get(identity, -1) < version
        ]
        with read() as session:
            gone = reached.keys() - set(collection.ids(session))
        self._write(read, collection, [*behind, *sorted(gone)], new, batch)

    def _fill(
        self,
        read: Read,
        collection: Collection,
        generation: str,
        progress: Callable[[int, int | None], None],
        batch: int,
    ) -> None:
        with read() as session:
            ids = list(collection.ids(session))
        self._write(read, collection, ids, generation, batch, lambda done: progress(done, len(ids)))

    def _write(
        self,
        read: Read,
        collection: Collection,
        ids: Sequence[str],
        generation: str,
        batch: int,
        progress: Callable[[int], None] = lambda done: None,
    ) -> None:
        for start in range(0, len(ids), batch):
            chunk = ids[start : start + batch]
            with read() as session:
                report = self.index.put(list(collection.load(session, chunk)), generation)
            if report.rejected:
                identity, reason = report.rejected[0]
                raise GenerationRefused(
                    f"The new generation refused {len(report.rejected)} documents, first {identity}: {reason}.",
                    fix="The live generation was left as it is; mend the record and reindex again.",
                )
            progress(start + len(chunk))

    def _check(self, read: Read, collection: Collection, generation: str, batch: int) -> None:
        """Bring in what came and went since, then compare ids with SQL."""
        indexed = {identity for identity, _, _ in self.index.fingerprints(collection.name, generation)}
        with read() as session:
            stored = set(collection.ids(session))
        self._write(read, collection, sorted(stored ^ indexed), generation, batch)
        indexed = {identity for identity, _, _ in self.index.fingerprints(collection.name, generation)}
        if missing := stored - indexed:
            raise GenerationRefused(
                f"The new generation lacks {len(missing)} of {len(stored)} records of {collection.name}.",
                fix="The live generation was left as it is; reindex again.",
            )
