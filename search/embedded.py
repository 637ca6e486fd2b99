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
from core.errors import BadInput, IndexNotReady, SeamarkError, StoreBusy, StoreFull
from core.paging import decode_cursor, encode_cursor
from search import embedded_schema as schema
from search.port import (
    MAX_DEPTH,
    Document,
    FacetCount,
    Hit,
    IndexState,
    PutReport,
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
        name = generation or self._live() or self._make_live()
        index = self._open(name)
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
        report = PutReport()
        latest: dict[str, Document | Removal] = {}
        for document in documents:
            key = schema.key_of(document.collection, document.id)
            rival = latest.get(key)
            if rival is None or _newer(document, rival.version):
                report.stale += rival is not None
                latest[key] = document
            else:
                report.stale += 1
        known = self._versions(index, list(latest))
        for key, document in latest.items():
            if key in known and not _newer(document, known[key]):
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
        facets = {
            name: _facet(searcher, schema.query(request, actor, without=name) if name in request.filters else everything, name)
            for name in request.facets
        }
        return SearchPage(hits, total, facets, _months(searcher, everything) if request.histogram else (), cursor)

    def fingerprints(self, collection: str, generation: str | None = None) -> Iterator[tuple[str, int, str]]:
        index = self._open(generation or self._required_live())
        index.reload()
        searcher = index.searcher()
        living = schema.living(collection)
        last: int | None = None
        while True:
            page = living if last is None else tantivy.Query.boolean_query(
                [(tantivy.Occur.Must, living), (tantivy.Occur.Must, schema.sort_range(upper=last))]
            )
            found = searcher.search(page, limit=1000, count=False, order_by_field="sort").hits
            if not found:
                return
            for _, address in found:
                kept = searcher.doc(address)
                version = int(searcher.fast_field_values("version", [address])[0] or 0)
                yield str(kept.get_first("id")), version, str(kept.get_first("fingerprint"))
            last = int(found[-1][0])

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
            count = index.searcher().search(schema.living(None), limit=1).count or 0
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
            raise IndexNotReady(
                f"The index generation {name} was written by another version of Seamark.", fix="Run `seamark reindex`."
            )
        try:
            index = tantivy.Index.open(str(self._path / name))
        except (ValueError, OSError) as error:
            raise IndexNotReady(
                f"The index generation {name} in {self._path} cannot be read: {error}.", fix="Run `seamark reindex`."
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
        return IndexNotReady(f"The search index in {self._path} failed: {said[:300]}.", fix="Run `seamark reindex`.")


def _newer(document: Document | Removal, than: int | None) -> bool:
    return document.version is None or than is None or document.version > than


def _hits(searcher: tantivy.Searcher, found: Sequence[tuple[Any, Any]], by_score: bool) -> list[Hit]:
    versions = searcher.fast_field_values("version", [address for _, address in found])
    hits = []
    for (value, address), version in zip(found, versions, strict=True):
        kept = searcher.doc(address)
        stored = json.loads(str(kept.get_first("stored")))
        hits.append(Hit(str(kept.get_first("id")), int(version or 0), float(value) if by_score else 0.0, stored))
    return hits


def _by_relevance(
    searcher: tantivy.Searcher, query: tantivy.Query, request: SearchRequest
) -> tuple[list[Hit], int, str | None]:
    offset = _offset(request.cursor)
    result = searcher.search(query, limit=request.limit, offset=offset)
    total = result.count or 0
    after = offset + request.limit
    more = after < min(total, MAX_DEPTH)
    return _hits(searcher, result.hits, True), total, encode_cursor(["r", after]) if more else None


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    kind, offset = decode_cursor(cursor, 2)
    if kind != "r" or not isinstance(offset, int) or not 0 <= offset <= MAX_DEPTH:
        raise BadInput("The page mark belongs to another order of the list.", fix="Go back to the first page.")
    return offset


def _by_date(
    searcher: tantivy.Searcher, query: tantivy.Query, request: SearchRequest
) -> tuple[list[Hit], int, str | None]:
    oldest_first = request.sort == "oldest"
    order = tantivy.Order.Asc if oldest_first else tantivy.Order.Desc
    page = query
    if request.cursor is not None:
        kind, last = decode_cursor(request.cursor, 2)
        if kind != "d" or not isinstance(last, int) or last < 0:
            raise BadInput("The page mark belongs to another order of the list.", fix="Go back to the first page.")
        bound = schema.sort_range(lower=last) if oldest_first else schema.sort_range(upper=last)
        page = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, bound)])
    result = searcher.search(page, limit=request.limit + 1, order_by_field="sort", order=order)
    total = (result.count or 0) if request.cursor is None else (searcher.search(query, limit=1).count or 0)
    found = result.hits[: request.limit]
    cursor = encode_cursor(["d", int(found[-1][0])]) if len(result.hits) > request.limit else None
    return _hits(searcher, found, False), total, cursor


def _facet(searcher: tantivy.Searcher, query: tantivy.Query, name: str) -> list[FacetCount]:
    asked = {"f": {"terms": {"field": "facet", "size": _BUCKETS, "segment_size": _BUCKETS}}}
    buckets: list[Mapping[str, Any]] = searcher.aggregate(query, asked)["f"]["buckets"]
    prefix = f"{name}="
    counts = [
        FacetCount(str(b["key"]).removeprefix(prefix), int(b["doc_count"]))
        for b in buckets
        if str(b["key"]).startswith(prefix)
    ]
    return sorted(counts, key=lambda c: (-c.count, c.value))


def _months(searcher: tantivy.Searcher, query: tantivy.Query) -> list[tuple[int, int]]:
    asked = {"m": {"terms": {"field": "ym", "size": _BUCKETS, "segment_size": _BUCKETS}}}
    buckets = searcher.aggregate(query, asked)["m"]["buckets"]
    return sorted((int(float(b["key"])), int(b["doc_count"])) for b in buckets if int(float(b["key"])) > 0)
