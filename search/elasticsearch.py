"""The production index: Elasticsearch, shared by many processes and machines.

A generation is one index of one shard, ``<prefix>-g<schema>-<time>-<hex>``; what readers and the outbox use is an alias,
``<prefix>-live-<schema>``, which one request moves from generation to generation. Writes name an alias and require it,
so that none can bring an index without a mapping into being. Every write carries the record's version: repeating one
changes nothing, so a put that failed half way is simply put again.
"""

from __future__ import annotations

import contextlib
import json
import re
import time
import uuid
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from elasticsearch import ApiError, BadRequestError, Elasticsearch, NotFoundError, TransportError

from core.actor import Actor
from core.errors import IndexNotReady
from search import elasticsearch_schema as schema
from search.cursor import after_mark, after_offset, mark_of, offset_of
from search.elasticsearch_bulk import put_in_bulk
from search.elasticsearch_errors import explained
from search.entry import key_of, newest_of, refusal
from search.port import (
    Document,
    Hit,
    IndexState,
    PutReport,
    ReindexNeeded,
    Removal,
    SearchPage,
    SearchRequest,
)

#: documents a walk over all of them takes at a time
_PAGE = 5000


class ElasticIndex:
    """SearchIndex on Elasticsearch 9.

    Args:
        url: of the cluster, with user and password where it asks for them.
        prefix: begins the name of everything made there; small letters, digits and -.
        makes_first: a put into an empty cluster makes the first generation. False beside a fallback: until a reindex
            has brought everything, IndexNotReady is the truth and the few documents of today are not.
        search_seconds: longest a question may take.
    """

    def __init__(
        self,
        url: str,
        prefix: str = "seamark",
        *,
        makes_first: bool = True,
        search_seconds: float = 3.0,
        write_seconds: float = 30.0,
    ) -> None:
        if not re.fullmatch("[a-z][a-z0-9-]{0,80}", prefix):
            raise ValueError(f"{prefix!r} cannot begin an index's name")
        self._prefix, self._makes_first = prefix, makes_first
        self._host = urlsplit(url).netloc.rpartition("@")[2]
        client = Elasticsearch(url, request_timeout=write_seconds, max_retries=0, retry_on_timeout=False)
        self._client = client
        # One more try at once: a connection kept from before a restart fails on its first use.
        self._reader = client.options(request_timeout=search_seconds, max_retries=1)

    def close(self) -> None:
        """Give back connections."""
        self._client.close()

    def put(self, documents: Sequence[Document | Removal], generation: str | None = None) -> PutReport:
        if not documents:
            return PutReport()
        latest, stale = newest_of(documents)
        report = PutReport(stale=stale)
        for key, document in list(latest.items()):
            if reason := refusal(document):
                report.rejected.append((document.id, reason))
                del latest[key]
        with self._explaining():
            name = generation or self._live() or self._make_first()
            self._write(name, latest, report)
            if generation is None and self._live() != name:
                # Another one was promoted meanwhile, and may have been compared with this one before the last write.
                return self.put(documents)
        return report

    def _write(self, generation: str, documents: Mapping[str, Document | Removal], report: PutReport) -> None:
        aliases = self._aliases().get(self._index(generation))
        if aliases is None:
            raise IndexNotReady(f"There is no index generation {generation}.", fix="Run `seamark reindex`.")
        put_in_bulk(self._client, self._host, self._write_alias(generation), documents, report)
        if self._live_alias in aliases:
            self._client.indices.refresh(index=self._index(generation))

    def search(self, request: SearchRequest, actor: Actor) -> SearchPage:
        by_relevance = request.sort == "relevance" and bool(request.text.strip())
        asked = schema.question(request, actor)
        with self._explaining():
            try:
                return self._by_relevance(asked, request) if by_relevance else self._by_date(asked, request)
            except NotFoundError:
                if self._is_anything_live():
                    raise
                return SearchPage([], 0, {name: [] for name in request.facets}, (), None)

    def _by_relevance(self, asked: dict[str, Any], request: SearchRequest) -> SearchPage:
        offset = offset_of(request.cursor)
        order = [{"_score": {"order": "desc"}}, {"sort": {"order": "desc"}}]
        answer = self._ask(asked, request, sort=order, from_=offset, size=request.limit)
        hits = [_hit(h) for h in answer["hits"]["hits"]]
        total = answer["hits"]["total"]["value"]
        return _page(answer, request, hits, after_offset(offset, request.limit, total))

    def _by_date(self, asked: dict[str, Any], request: SearchRequest) -> SearchPage:
        mark = mark_of(request.cursor) if request.cursor is not None else None
        ascending = request.sort == "oldest"
        more: dict[str, Any] = {"sort": [{"sort": {"order": "asc" if ascending else "desc"}}]}
        if mark:
            # The total stays that of the whole list; what was shown of the last sort key is left out here.
            more["search_after"] = schema.beyond(mark[0], ascending=ascending)
        seen = {schema.id_of(key) for key in mark[1]} if mark else set()
        answer = self._ask(asked, request, size=request.limit + 1 + len(seen), **more)
        found = [h for h in answer["hits"]["hits"] if h["_id"] not in seen]
        shown, cursor = found[: request.limit], None
        if len(found) > request.limit:
            last = shown[-1]["sort"][0]
            same = [key_of(request.collection, h["_source"]["id"]) for h in shown if h["sort"][0] == last]
            cursor = after_mark(last, same, mark)
        return _page(answer, request, [_hit(h) for h in shown], cursor)

    def _ask(self, asked: dict[str, Any], request: SearchRequest, **more: Any) -> Any:
        return self._reader.search(
            index=self._live_alias,
            track_total_hits=True,
            version=True,
            source={"includes": ["id", "stored"]},
            allow_partial_search_results=False,
            # Copies of a shard break ties of relevance each in its own way: the pages of a list come from one.
            preference=f"text-{zlib.crc32(request.text.encode(errors='replace')) % 1000}",
            **asked,
            **more,
        )

    def fingerprints(self, collection: str, generation: str | None = None) -> Iterator[tuple[str, int, str]]:
        with self._explaining():
            if generation is None and not self._is_anything_live():
                return
            index = self._index(generation) if generation else self._live_alias
            self._client.indices.refresh(index=index)
            point = self._client.open_point_in_time(index=index, keep_alive="5m")["id"]
            try:
                yield from self._walk(point, schema.living(collection))
            finally:
                with contextlib.suppress(ApiError, TransportError):
                    self._client.close_point_in_time(id=point)

    def _walk(self, point: str, query: dict[str, Any]) -> Iterator[tuple[str, int, str]]:
        after: dict[str, Any] = {}
        while True:
            answer = self._client.search(
                pit={"id": point, "keep_alive": "5m"}, query=query, sort=["_shard_doc"], size=_PAGE,
                version=True, source={"includes": ["id", "fingerprint"]}, track_total_hits=False,
                allow_partial_search_results=False, **after,
            )  # fmt: skip
            found = answer["hits"]["hits"]
            for hit in found:
                yield hit["_source"]["id"], hit["_version"], hit["_source"]["fingerprint"]
            if len(found) < _PAGE:
                return
            after = {"search_after": found[-1]["sort"]}

    def begin_generation(self) -> str:
        name = f"g{schema.SCHEMA_VERSION}-{time.time_ns():x}-{uuid.uuid4().hex[:6]}"
        with self._explaining():
            self._create(name, schema.SETTINGS, {})
        return name

    def promote(self, generation: str) -> None:
        index = self._index(generation)
        with self._explaining():
            if generation not in self._generations():
                raise IndexNotReady(f"There is no index generation {generation}.")
            self._client.indices.put_settings(index=index, settings={"refresh_interval": None})
            self._client.indices.refresh(index=index)
            moved = [
                {"remove": {"index": other, "alias": alias}}
                for other, aliases in self._aliases().items()
                for alias in filter(self._is_live_alias, aliases)
                if other != index
            ]
            self._client.indices.update_aliases(
                actions=[*moved, {"add": {"index": index, "alias": self._live_alias}}]
            )

    def drop_generations(self, keep: Sequence[str]) -> None:
        kept = {self._index(name) for name in keep}
        with self._explaining():
            for index, aliases in self._aliases().items():
                if index not in kept and not any(map(self._is_live_alias, aliases)):
                    self._client.indices.delete(index=index, ignore_unavailable=True)

    def state(self) -> IndexState:
        with self._explaining():
            live = self._live()
            found = self._reader.count(index=self._live_alias, query=schema.living(None)) if live else None
            return IndexState(live, tuple(self._generations()), found["count"] if found else 0)

    @property
    def _live_alias(self) -> str:
        return f"{self._prefix}-live-{schema.SCHEMA_VERSION}"

    def _index(self, generation: str) -> str:
        return f"{self._prefix}-{generation}"

    def _write_alias(self, generation: str) -> str:
        return f"{self._index(generation)}-write"

    def _is_live_alias(self, alias: str) -> bool:
        return re.fullmatch(rf"{self._prefix}-live-\d+", alias) is not None

    def _aliases(self) -> dict[str, list[str]]:
        """Our indices and their aliases. The pattern also meets those of a longer prefix; the names tell them apart."""
        found = self._reader.indices.get_alias(index=f"{self._prefix}-g*")
        ours = re.compile(rf"{self._prefix}-g\d+-[0-9a-f]+-[0-9a-f]{{6}}")
        return {index: list(one["aliases"]) for index, one in found.items() if ours.fullmatch(index)}

    def _generations(self) -> list[str]:
        return sorted(index.removeprefix(f"{self._prefix}-") for index in self._aliases())

    def _live(self) -> str | None:
        """The live generation; None in an empty cluster. Raises ReindexNeeded where another version's is live."""
        aliases = self._aliases()
        live = [index for index, names in aliases.items() if self._live_alias in names]
        if live:
            return live[0].removeprefix(f"{self._prefix}-")
        if any(self._is_live_alias(alias) for names in aliases.values() for alias in names):
            raise self._needs_reindex("was written by another version of Seamark")
        return None

    def _is_anything_live(self) -> bool:
        """False in an empty cluster that fills itself. Raises ReindexNeeded in one that waits to be filled."""
        live = self._live()
        if live is None and not self._makes_first:
            raise self._needs_reindex("has not been filled")
        return live is not None

    def _make_first(self) -> str:
        if not self._makes_first:
            raise self._needs_reindex("has not been filled")
        # Everybody's first generation has one name, so that two processes cannot make two.
        name = f"g{schema.SCHEMA_VERSION}-0-000000"
        settings = {k: v for k, v in schema.SETTINGS.items() if k != "refresh_interval"}
        try:
            self._create(name, settings, {self._live_alias: {}})
        except BadRequestError as error:
            if self._live() is None:
                raise self._needs_reindex("has lost its live generation") from error
        return name

    def _create(self, name: str, settings: Mapping[str, Any], aliases: Mapping[str, Any]) -> None:
        self._client.indices.create(
            index=self._index(name),
            settings=settings,
            mappings=schema.MAPPINGS,
            aliases={self._write_alias(name): {}, **aliases},
        )

    def _needs_reindex(self, why: str) -> ReindexNeeded:
        return ReindexNeeded(
            f"The search index at {self._host} {why}.",
            fix="Run `seamark reindex`; until then nothing is lost, only not found there.",
        )

    @contextlib.contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except (ApiError, TransportError) as error:
            raise explained(error, self._host) from error


def _hit(found: Mapping[str, Any]) -> Hit:
    kept = found["_source"]
    return Hit(kept["id"], found["_version"], found["_score"] or 0.0, json.loads(kept["stored"]))


def _page(
    answer: Mapping[str, Any], request: SearchRequest, hits: list[Hit], next_cursor: str | None
) -> SearchPage:
    counted = answer.get("aggregations", {})
    return SearchPage(
        hits,
        answer["hits"]["total"]["value"],
        schema.facets_of(counted, request),
        schema.months_of(counted) if request.histogram else (),
        next_cursor,
    )
