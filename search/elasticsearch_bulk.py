"""Writing in bulk: every document of a put ends as stored, stale or rejected, or all of the put is an error."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import ApiError, Elasticsearch

from core.errors import IndexNotReady
from search import elasticsearch_schema as schema
from search.elasticsearch_errors import Outcome, outcome_of
from search.entry import entry_of, key_of
from search.port import Document, PutReport, Removal

#: seconds a put goes on trying where the server says it is overloaded
_PATIENCE = 15.0
_CHUNK_DOCUMENTS = 1000
_CHUNK_BYTES = 5_000_000


@dataclass(frozen=True)
class _Write:
    """One document on its way. A removal without a version takes the place of whatever stands there."""

    document: Document | Removal
    id: str
    version: int
    source: bytes

    @property
    def lines(self) -> tuple[bytes, bytes]:
        kind = "external_gte" if self.document.version is None else "external"
        header = {"index": {"_id": self.id, "version": self.version, "version_type": kind}}
        return json.dumps(header, ensure_ascii=False).encode(), self.source


def put_in_bulk(
    client: Elasticsearch,
    host: str,
    target: str,
    documents: Mapping[str, Document | Removal],
    report: PutReport,
) -> None:
    """Write ``documents`` (key -> document) to the alias ``target`` and enter in ``report`` what became of each.

    Raises:
        IndexNotReady, StoreFull: some may be written; putting all of them again is harmless.
    """
    bulk = _Bulk(client, host, target, report)
    for chunk in _chunks(bulk.writes(documents)):
        bulk.send(chunk)


class _Bulk:
    """One put on its way to one alias."""

    def __init__(self, client: Elasticsearch, host: str, target: str, report: PutReport) -> None:
        self._client, self._host, self._target, self._report = client, host, target, report

    def writes(self, documents: Mapping[str, Document | Removal]) -> Iterator[_Write]:
        """What to send, made as it is taken; what cannot be sent is entered as rejected."""
        known = self._versions([key for key, document in documents.items() if document.version is None])
        for key, document in documents.items():
            write = _write_of(document, known.get(key, 0))
            if isinstance(write, str):
                self._report.rejected.append((document.id, write))
            else:
                yield write

    def _versions(self, keys: Sequence[str]) -> dict[str, int]:
        """The versions that stand where something is to be removed whatever its version."""
        if not keys:
            return {}
        by_id = {schema.id_of(key): key for key in keys}
        found = self._client.mget(index=self._target, ids=list(by_id), source=False)["docs"]
        return {by_id[one["_id"]]: one["_version"] for one in found if one.get("found")}

    def send(self, writes: list[_Write]) -> None:
        """Write one chunk, what the server is too busy for again until patience ends."""
        deadline, pause = time.monotonic() + _PATIENCE, 0.1
        while writes := self._attempt(writes):
            if time.monotonic() > deadline:
                raise IndexNotReady(
                    f"Elasticsearch at {self._host} is overloaded: {len(writes)} documents were not taken "
                    f"within {_PATIENCE:.0f} s.",
                    fix="They will be written again; if it lasts, give the cluster more room.",
                )
            time.sleep(pause)
            pause = min(pause * 2, 2.0)

    def _attempt(self, writes: list[_Write]) -> list[_Write]:
        """Send once; returns what is to be sent again."""
        lines: list[Any] = [line for write in writes for line in write.lines]
        try:
            answer = self._client.bulk(index=self._target, operations=lines, require_alias=True)
        except ApiError as error:
            if error.status_code != 413:
                raise
            if len(writes) == 1:
                self._report.rejected.append((writes[0].document.id, "it is larger than the server takes"))
                return []
            half = len(writes) // 2
            return self._attempt(writes[:half]) + self._attempt(writes[half:])
        again = []
        for write, item in zip(writes, answer["items"], strict=True):
            outcome, reason = outcome_of(item["index"], self._host)
            if outcome is Outcome.STORED:
                self._report.stored += 1
            elif outcome is Outcome.REJECTED:
                self._report.rejected.append((write.document.id, reason))
            elif outcome is Outcome.OVERLOADED:
                again.append(write)
            elif write.document.version is None:
                # Something newer came between reading the version and removing it.
                again += self.writes({key_of(write.document.collection, write.document.id): write.document})
            else:
                self._report.stale += 1
        return again


def _write_of(document: Document | Removal, known_version: int) -> _Write | str:
    entry = entry_of(document, known_version)
    if isinstance(entry, str):
        return entry
    try:
        return _Write(document, schema.id_of(entry.key), entry.version, schema.source_of(entry))
    except UnicodeEncodeError as error:
        return f"it cannot be indexed: {error}"


def _chunks(writes: Iterable[_Write]) -> Iterator[list[_Write]]:
    chunk: list[_Write] = []
    size = 0
    for write in writes:
        if chunk and (len(chunk) == _CHUNK_DOCUMENTS or size + len(write.source) > _CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(write)
        size += len(write.source)
    if chunk:
        yield chunk
