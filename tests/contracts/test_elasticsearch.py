"""What only Elasticsearch can do wrong: being away, frozen, full, overloaded, shared, of another version."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date

import pytest
from elasticsearch import Elasticsearch
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.actor import VISITOR
from core.errors import IndexNotReady, StoreFull
from search import elasticsearch_bulk, elasticsearch_schema
from search.elasticsearch import ElasticIndex
from search.port import Document, ReindexNeeded, SearchRequest
from tests.elasticsearch_server import ElasticServer

EVERYTHING = SearchRequest("cases")


def doc(identity: str, **changes: object) -> Document:
    document = Document(
        "cases", identity, 1, None, frozenset({"public"}), {"body": "drone"}, {}, date(2026, 1, 1)
    )
    return replace(document, **changes)  # type: ignore[arg-type]


def found(index: ElasticIndex) -> set[str]:
    return {hit.id for hit in index.search(EVERYTHING, VISITOR).hits}


@pytest.fixture
def prefix() -> str:
    return f"t-{uuid.uuid4().hex}"


@pytest.fixture
def client(elasticsearch_server: ElasticServer) -> Iterator[Elasticsearch]:
    with Elasticsearch(elasticsearch_server.url) as client:
        yield client
    elasticsearch_server.clear()


def test_a_server_that_is_not_there_is_not_ready_and_no_password_is_told() -> None:
    with closing(ElasticIndex("http://seamark:hush-hush@127.0.0.1:1")) as index:
        for ask in (
            lambda: index.search(EVERYTHING, VISITOR),
            lambda: index.put([doc("1")]),
            index.state,
            index.begin_generation,
            lambda: list(index.fingerprints("cases")),
        ):
            with pytest.raises(IndexNotReady, match=r"127\.0\.0\.1:1 does not answer") as raised:
                ask()
            assert "hush" not in str(raised.value)


@pytest.mark.elasticsearch
def test_a_frozen_server_keeps_nobody_waiting(
    elasticsearch_server: ElasticServer, client: Elasticsearch, prefix: str
) -> None:
    with closing(ElasticIndex(elasticsearch_server.url, prefix, search_seconds=0.5)) as index:
        index.put([doc("1")])
        elasticsearch_server.pause()
        try:
            begin = time.monotonic()
            with pytest.raises(IndexNotReady):
                index.search(EVERYTHING, VISITOR)
            with pytest.raises(IndexNotReady):
                index.put([doc("2")])
            assert time.monotonic() - begin < 5
        finally:
            elasticsearch_server.resume()
        elasticsearch_server.wait()
        index.put([doc("1"), doc("2")])
        assert index.state().documents == 2


@pytest.mark.elasticsearch
def test_a_full_disk_takes_nothing_and_loses_nothing(
    elastic_index: ElasticIndex, client: Elasticsearch
) -> None:
    elastic_index.put([doc("1")])
    # What the server itself sets at the flood-stage watermark.
    client.indices.put_settings(index="t-*", settings={"blocks.read_only_allow_delete": True})
    with pytest.raises(StoreFull):
        elastic_index.put([doc("2")])
    assert found(elastic_index) == {"1"}
    client.indices.put_settings(index="t-*", settings={"blocks.read_only_allow_delete": None})
    assert elastic_index.put([doc("2")]).stored == 1


@pytest.mark.elasticsearch
def test_a_document_the_server_refuses_is_reported_and_the_others_are_kept(
    elastic_index: ElasticIndex,
) -> None:
    too_many = {f"f{n}": ("x",) for n in range(1100)}
    report = elastic_index.put([doc("1"), doc("many", facets=too_many), doc("2")])
    assert [identity for identity, _ in report.rejected] == ["many"]
    assert "limit" in report.rejected[0][1].lower()
    assert (report.stored, found(elastic_index)) == (2, {"1", "2"})


@pytest.mark.elasticsearch
def test_a_closed_index_is_not_ready_and_rejects_no_document(
    elastic_index: ElasticIndex, client: Elasticsearch
) -> None:
    elastic_index.put([doc("1")])
    client.indices.close(index=list(client.indices.get_alias(index="t-*")))
    with pytest.raises(IndexNotReady):
        elastic_index.put([doc("2")])
    with pytest.raises(IndexNotReady):
        elastic_index.search(EVERYTHING, VISITOR)


@pytest.mark.elasticsearch
def test_an_index_that_was_deleted_is_not_made_again_by_a_write(
    elastic_index: ElasticIndex, client: Elasticsearch
) -> None:
    generation = elastic_index.begin_generation()
    client.indices.delete(index=list(client.indices.get_alias(index=f"t-*{generation}")))
    with pytest.raises(IndexNotReady):
        elastic_index.put([doc("1")], generation)
    assert elastic_index.state().generations == ()


@pytest.mark.elasticsearch
def test_beside_a_fallback_an_empty_cluster_waits_to_be_filled(
    elasticsearch_server: ElasticServer, client: Elasticsearch, prefix: str
) -> None:
    with closing(ElasticIndex(elasticsearch_server.url, prefix, makes_first=False)) as index:
        assert index.state().live is None
        for ask in (
            lambda: index.search(EVERYTHING, VISITOR),
            lambda: index.put([doc("1")]),
            lambda: list(index.fingerprints("cases")),
        ):
            with pytest.raises(ReindexNeeded):
                ask()
        generation = index.begin_generation()
        index.put([doc("1")], generation)
        index.promote(generation)
        index.put([doc("2")])
        assert found(index) == {"1", "2"}


@pytest.mark.elasticsearch
def test_another_versions_generation_is_left_to_it_until_ours_is_promoted(
    elasticsearch_server: ElasticServer,
    client: Elasticsearch,
    prefix: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with closing(ElasticIndex(elasticsearch_server.url, prefix)) as index:
        index.put([doc("1")])
        with monkeypatch.context() as later:
            later.setattr(elasticsearch_schema, "SCHEMA_VERSION", 2)
            for ask in (
                lambda: index.search(EVERYTHING, VISITOR),
                lambda: index.put([doc("1")]),
                index.state,
            ):
                with pytest.raises(ReindexNeeded):
                    ask()
            generation = index.begin_generation()
            index.put([doc("1"), doc("2")], generation)
            index.drop_generations(keep=[generation])
        assert found(index) == {"1"}
        with monkeypatch.context() as later:
            later.setattr(elasticsearch_schema, "SCHEMA_VERSION", 2)
            index.promote(generation)
            index.drop_generations(keep=[])
            assert found(index) == {"1", "2"}
            assert index.state().generations == (generation,)
        with pytest.raises(ReindexNeeded):
            index.search(EVERYTHING, VISITOR)


@pytest.mark.elasticsearch
def test_a_prefix_that_begins_another_touches_nothing_of_it(
    elasticsearch_server: ElasticServer, client: Elasticsearch, prefix: str
) -> None:
    with (
        closing(ElasticIndex(elasticsearch_server.url, prefix)) as short,
        closing(ElasticIndex(elasticsearch_server.url, f"{prefix}-g1-live")) as long,
    ):
        long.put([doc("theirs")])
        short.put([doc("ours")])
        generation = short.begin_generation()
        short.promote(generation)
        short.drop_generations(keep=[])
        assert short.state().generations == (generation,)
        assert found(long) == {"theirs"}


@pytest.mark.elasticsearch
def test_processes_that_begin_together_share_one_first_generation(
    elasticsearch_server: ElasticServer, client: Elasticsearch, prefix: str
) -> None:
    indexes = [ElasticIndex(elasticsearch_server.url, prefix) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: indexes[n].put([doc(str(n))]), range(4)))
    assert found(indexes[0]) == {"0", "1", "2", "3"}
    assert len(indexes[0].state().generations) == 1
    for index in indexes:
        index.close()


@pytest.mark.elasticsearch
def test_a_search_finds_one_generation_or_the_other_while_they_are_swapped(
    elastic_index: ElasticIndex,
) -> None:
    elastic_index.put([doc(str(n)) for n in range(5)])
    seen: set[int] = set()
    with ThreadPoolExecutor(1) as pool:
        for count in range(6, 12):
            generation = elastic_index.begin_generation()
            elastic_index.put([doc(str(n)) for n in range(count)], generation)
            promoted = pool.submit(elastic_index.promote, generation)
            while not promoted.done():
                seen.add(elastic_index.search(EVERYTHING, VISITOR).total)
            promoted.result()
            assert elastic_index.search(EVERYTHING, VISITOR).total == count
    assert seen <= set(range(5, 12))
    assert 0 not in seen


class Scripted:
    """An Elasticsearch that says of the documents of each bulk what it is told to; everything else goes well."""

    def __init__(self, httpserver: HTTPServer) -> None:
        #: for each bulk in turn: a status of the whole, or (status, error) of each document
        self.answers: list[int | list[tuple[int, str]]] = []
        self.sizes: list[int] = []
        httpserver.expect_request(re.compile("/.*")).respond_with_handler(self._answer)
        self.url = httpserver.url_for("")

    def _answer(self, request: Request) -> Response:
        if request.path.endswith("/_bulk"):
            return self._bulk(request)
        return said({"s-g1-0-000000": {"aliases": {"s-live-1": {}}}} if "_alias" in request.path else {})

    def _bulk(self, request: Request) -> Response:
        self.sizes.append(len(request.get_data().strip().split(b"\n")) // 2)
        answer = self.answers.pop(0)
        if isinstance(answer, int):
            return said({"error": {"type": "refused", "reason": "the whole"}}, answer)
        items = [
            {"index": {"status": status, "error": {"type": kind, "reason": kind}}} for status, kind in answer
        ]
        return said({"items": items})


def said(value: object, status: int = 200) -> Response:
    kind = "application/vnd.elasticsearch+json;compatible-with=9"
    return Response(json.dumps(value), status, {"X-Elastic-Product": "Elasticsearch"}, content_type=kind)


@pytest.fixture
def scripted(httpserver: HTTPServer) -> Scripted:
    return Scripted(httpserver)


@pytest.fixture
def scripted_index(scripted: Scripted) -> Iterator[ElasticIndex]:
    with closing(ElasticIndex(scripted.url, "s")) as index:
        yield index


STORED, BUSY = (201, ""), (429, "es_rejected_execution_exception")


def test_what_a_busy_server_did_not_take_is_sent_again_and_nothing_else(
    scripted: Scripted, scripted_index: ElasticIndex
) -> None:
    scripted.answers = [[STORED, BUSY, (409, ""), BUSY], [BUSY, STORED], [STORED]]
    report = scripted_index.put([doc(str(n)) for n in range(4)])
    assert (report.stored, report.stale, report.rejected) == (3, 1, [])
    assert scripted.sizes == [4, 2, 1]


def test_a_server_that_stays_busy_is_not_ready(
    scripted: Scripted, scripted_index: ElasticIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elasticsearch_bulk, "_PATIENCE", 0.0)
    scripted.answers = [[BUSY]]
    with pytest.raises(IndexNotReady, match="overloaded"):
        scripted_index.put([doc("1")])


def test_a_bulk_too_large_for_the_server_is_halved(scripted: Scripted, scripted_index: ElasticIndex) -> None:
    scripted.answers = [413, [STORED, STORED], 413, [STORED], 413]
    report = scripted_index.put([doc(str(n)) for n in range(4)])
    assert (report.stored, [identity for identity, _ in report.rejected]) == (3, ["3"])
    assert scripted.sizes == [4, 2, 2, 1, 1]


@pytest.mark.parametrize(
    "fault", [(500, "io_exception"), (404, "index_not_found_exception"), (403, "cluster_block_exception")]
)
def test_a_fault_of_the_index_is_no_documents_fault(
    scripted: Scripted, scripted_index: ElasticIndex, fault: tuple[int, str]
) -> None:
    scripted.answers = [[STORED, fault]]
    with pytest.raises(IndexNotReady):
        scripted_index.put([doc("1"), doc("2")])


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
def test_a_bulk_refused_whole_is_an_error(
    scripted: Scripted, scripted_index: ElasticIndex, status: int
) -> None:
    scripted.answers = [status]
    with pytest.raises(IndexNotReady):
        scripted_index.put([doc("1")])
