"""The embedded index: tantivy in a folder, one machine, one writer, many readers.

A generation is a folder named by schema and time; the file LIVE names the one readers use and is replaced whole. The
writer's lock is taken for each put and given back, so several processes may write in turn; kill -9 leaves at worst an
uncommitted put, which its caller repeats.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import tantivy

from core.actor import Actor
from core.errors import IndexNotReady, SeamarkError, StoreBusy, StoreFull
from search import embedded_schema as schema
from search.cursor import after_mark, after_offset, mark_of, offset_of
from search.entry import is_newer, newest_of, refusal
from search.port import (
    Document,
    FacetCount,
    Hit,
    IndexState,
    PutReport,
    ReindexNeeded,
    Removal,
    SearchPage,
    SearchRequest,
)

_LIVE = "LIVE"
_WRITER_HEAP = 60_000_000
#: seconds a put waits for another process's put
_PATIENCE = 15.0
#: buckets enough for every value of every facet, so that counts are exact
_BUCKETS = 60_000
#: counts of months among those of facets, whose names have no capitals
_MONTHS = "MONTHS"


class TantivyIndex:
    """SearchIndex on tantivy.

    Args:
        path: the folder that holds all generations; made when missing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._opened: dict[str, tantivy.Index] = {}

    def put(self, documents: Sequence[Document | Removal], generation: str | None = None) -> PutReport:
        if not documents:
            return PutReport()
        name = generation or self._required_live()
        report = self._put(self._open(name), documents)
        if generation is None and self._live() != name:
            # Another one was promoted meanwhile, and may have been compared with this one before the last write.
            return self.put(documents)
        return report

    def _put(self, index: tantivy.Index, documents: Sequence[Document | Removal]) -> PutReport:
        with self._lock:
            writer = self._writer(index)
            try:
                return self._write(index, writer, documents)
            except (ValueError, OSError) as error:
                raise self._explained(error) from error
            finally:
                try:
                    writer.wait_merging_threads()
                except (ValueError, OSError) as error:
                    raise self._explained(error) from error

    def _write(self, index: tantivy.Index, writer: Any, documents: Sequence[Document | Removal]) -> PutReport:
        latest, stale = newest_of(documents)
        report = PutReport(stale=stale)
        for key, document in list(latest.items()):
            if reason := refusal(document):
                report.rejected.append((document.id, reason))
                del latest[key]
        known = self._versions(index, list(latest))
        for key, document in latest.items():
            if key in known and not is_newer(document, known[key]):
                report.stale += 1
                continue
            fresh = schema.to_tantivy(document, known.get(key, 0))
            if isinstance(fresh, str):
                report.rejected.append((document.id, fresh))
                continue
            if key in known:
                writer.delete_documents_by_term("key", key)
            writer.add_document(fresh)
            report.stored += 1
        writer.commit()
        index.reload()
        return report

    def _versions(self, index: tantivy.Index, keys: list[str]) -> dict[str, int]:
        index.reload()
        searcher = index.searcher()
        if searcher.num_docs == 0:
            return {}
        query = tantivy.Query.term_set_query(schema.SCHEMA, "key", keys)
        addresses = [address for _, address in searcher.search(query, limit=len(keys), count=False).hits]
        versions = searcher.fast_field_values("version", addresses)
        return {
            str(searcher.doc(address).get_first("key")): int(version or 0)
            for address, version in zip(addresses, versions, strict=True)
        }

    def search(self, request: SearchRequest, actor: Actor) -> SearchPage:
        index = self._open(self._required_live())
        try:
            index.reload()
            return self._search(index.searcher(), request, actor)
        except (ValueError, OSError) as error:
            raise self._explained(error) from error

    def _search(self, searcher: tantivy.Searcher, request: SearchRequest, actor: Actor) -> SearchPage:
        everything = schema.query(request, actor)
        if request.sort == "relevance" and request.text.strip():
            hits, total, cursor = _by_relevance(searcher, everything, request)
        else:
            hits, total, cursor = _by_date(searcher, everything, request)
        own = [name for name in request.facets if request.filters.get(name)]
        asked = {name: _values(f"facets.{name}") for name in request.facets if name not in own}
        if request.histogram:
            asked[_MONTHS] = _values("ym")
        counted = searcher.aggregate(everything, asked) if asked else {}
        for name in own:
            wider = schema.query(request, actor, without=name)
            counted |= searcher.aggregate(wider, {name: _values(f"facets.{name}")})
        facets = {name: _facet(counted[name]) for name in request.facets}
        return SearchPage(hits, total, facets, _months(counted[_MONTHS]) if request.histogram else (), cursor)

    def fingerprints(self, collection: str, generation: str | None = None) -> Iterator[tuple[str, int, str]]:
        index = self._open(generation or self._required_live())
        index.reload()
        searcher = index.searcher()
        living = schema.living(collection)
        page = living
        while True:
            found = searcher.search(page, limit=1000, count=False, order_by_field="sort").hits
            if not found:
                return
            versions = searcher.fast_field_values("version", [address for _, address in found])
            last, seen = int(found[-1][0]), []
            for (sort, address), version in zip(found, versions, strict=True):
                kept = searcher.doc(address)
                if int(sort) == last:
                    seen.append(str(kept.get_first("key")))
                yield _text(kept, "id"), int(version or 0), _text(kept, "fingerprint")
            page = schema.after(living, last, seen, ascending=False)

    def begin_generation(self) -> str:
        name = f"g{schema.SCHEMA_VERSION}-{time.time_ns():x}-{uuid.uuid4().hex[:6]}"
        folder = self._path / name
        folder.mkdir()
        self._opened[name] = tantivy.Index(schema.SCHEMA, path=str(folder))
        return name

    def promote(self, generation: str) -> None:
        if not (self._path / generation).is_dir():
            raise IndexNotReady(f"There is no index generation {generation}.")
        temporary = self._path / f".live-{uuid.uuid4().hex}"
        with temporary.open("w") as stream:
            stream.write(generation)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(self._path / _LIVE)

    def drop_generations(self, keep: Sequence[str]) -> None:
        live = self._live()
        for name in self._generations():
            if name != live and name not in keep:
                self._opened.pop(name, None)
                shutil.rmtree(self._path / name, ignore_errors=True)

    def state(self) -> IndexState:
        live = self._live()
        count = 0
        if live is not None:
            index = self._open(live)
            index.reload()
            count = _count(index.searcher(), schema.living(None))
        return IndexState(live, tuple(self._generations()), count)

    def _generations(self) -> list[str]:
        return sorted(p.name for p in self._path.iterdir() if p.is_dir())

    def _live(self) -> str | None:
        try:
            return (self._path / _LIVE).read_text().strip() or None
        except FileNotFoundError:
            return None

    def _required_live(self) -> str:
        name = self._live()
        if name is None:
            # An empty store has an empty index, not a broken one.
            return self._make_live()
        return name

    def _make_live(self) -> str:
        with self._lock:
            name = self._live()
            if name is None:
                name = self.begin_generation()
                self.promote(name)
            return name

    def _open(self, name: str) -> tantivy.Index:
        index = self._opened.get(name)
        if index is not None:
            return index
        if not name.startswith(f"g{schema.SCHEMA_VERSION}-"):
            raise ReindexNeeded(
                f"The index generation {name} was written by another version of Seamark.",
                fix="Run `seamark reindex`.",
            )
        try:
            index = tantivy.Index.open(str(self._path / name))
        except (ValueError, OSError) as error:
            raise IndexNotReady(
                f"The index generation {name} in {self._path} cannot be read: {error}.",
                fix="Run `seamark reindex`.",
            ) from error
        self._opened[name] = index
        return index

    def _writer(self, index: tantivy.Index) -> Any:
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                return index.writer(_WRITER_HEAP, 1)
            except (ValueError, OSError) as error:
                if "lock" not in str(error).lower():
                    raise self._explained(error) from error
                if time.monotonic() > deadline:
                    raise StoreBusy(
                        f"Another process is writing the search index in {self._path}.",
                        fix="Wait for it to finish, or stop it, and run this again; nothing was changed.",
                    ) from error
            time.sleep(0.05)

    def _explained(self, error: Exception) -> SeamarkError:
        said = str(error)
        if "No space left" in said or "StorageFull" in said or "os error 28" in said:
            return StoreFull(
                f"The disk that holds the search index {self._path} is full; the put was not made.",
                fix="Free some space; the outbox will write it again.",
            )
        return IndexNotReady(
            f"The search index in {self._path} failed: {said[:300]}.", fix="Run `seamark reindex`."
        )


def _text(kept: tantivy.Document, name: str) -> str:
    value = kept.get_first(name)
    return bytes(value).decode() if value is not None else ""


def _hits(searcher: tantivy.Searcher, found: Sequence[tuple[Any, Any]], by_score: bool) -> list[Hit]:
    versions = searcher.fast_field_values("version", [address for _, address in found])
    hits = []
    for (value, address), version in zip(found, versions, strict=True):
        kept = searcher.doc(address)
        stored = json.loads(_text(kept, "stored"))
        hits.append(Hit(_text(kept, "id"), int(version or 0), float(value) if by_score else 0.0, stored))
    return hits


def _count(searcher: tantivy.Searcher, query: tantivy.Query) -> int:
    counted: Any = searcher.search(query, limit=1)
    return int(counted.count or 0)


def _by_relevance(
    searcher: tantivy.Searcher, query: tantivy.Query, request: SearchRequest
) -> tuple[list[Hit], int, str | None]:
    offset = offset_of(request.cursor)
    result: Any = searcher.search(query, limit=request.limit, offset=offset)
    total = int(result.count or 0)
    return _hits(searcher, result.hits, True), total, after_offset(offset, request.limit, total)


def _by_date(
    searcher: tantivy.Searcher, query: tantivy.Query, request: SearchRequest
) -> tuple[list[Hit], int, str | None]:
    oldest_first = request.sort == "oldest"
    order = tantivy.Order.Asc if oldest_first else tantivy.Order.Desc
    mark = mark_of(request.cursor) if request.cursor is not None else None
    page = schema.after(query, *mark, ascending=oldest_first) if mark else query
    result: Any = searcher.search(page, limit=request.limit + 1, order_by_field="sort", order=order)
    total = int(result.count or 0) if mark is None else _count(searcher, query)
    found = result.hits[: request.limit]
    cursor = None
    if len(result.hits) > request.limit:
        last = int(found[-1][0])
        same = [str(searcher.doc(address).get_first("key")) for sort, address in found if int(sort) == last]
        cursor = after_mark(last, same, mark)
    return _hits(searcher, found, False), total, cursor


def _values(field: str) -> Mapping[str, Any]:
    return {"terms": {"field": field, "size": _BUCKETS, "segment_size": _BUCKETS}}


def _facet(counted: Mapping[str, Any]) -> list[FacetCount]:
    counts = [FacetCount(str(b["key"]).removeprefix("="), int(b["doc_count"])) for b in counted["buckets"]]
    return sorted(counts, key=lambda c: (-c.count, c.value))


def _months(counted: Mapping[str, Any]) -> list[tuple[int, int]]:
    buckets = [(int(float(b["key"])), int(b["doc_count"])) for b in counted["buckets"]]
    return sorted((month, count) for month, count in buckets if month > 0)
