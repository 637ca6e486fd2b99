"""The case pages over a real Elasticsearch: the answers of the embedded index, and an answer while the node is away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from core.errors import IndexNotReady
from tests.elasticsearch_server import ElasticServer
from tests.web.asking import assert_visitor_sees_no_candidates
from tests.web.conftest import make_site
from tests.web.reading import main_text, page, text_of
from tests.web.world import Site, record

AWAY = "The main search index is away"
QUESTIONS = (
    "",
    "?q=hailan+drone",
    "?q=专利",
    "?q=Acme",
    "?region=US",
    "?q=nothing-of-the-kind",
    "?q=Acme&since=2026-01-01",
)


@pytest.fixture(scope="module")
def elastic(elasticsearch_server: ElasticServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The world of the pages on a node of its own."""
    made = make_site(tmp_path_factory.mktemp("elastic"), SEAMARK_ELASTICSEARCH_URL=elasticsearch_server.url)
    yield made
    made.house.close()
    elasticsearch_server.clear()


def shown(site: Site, question: str) -> tuple[list[str], list[str]]:
    """The titles, whose order among one day's cases is by id, and the facet counts of a search."""
    soup = page(site.visitor(), f"/cases{question}")
    assert AWAY not in main_text(soup)
    return sorted(text_of(t) for t in soup.select(".case-title")), [text_of(f) for f in soup.select(".facet")]


def catch_up(site: Site) -> None:
    """Drain again and again, as the job does, until the engine takes what waited for it."""
    until = time.monotonic() + 60
    while True:
        try:
            return site.drain()
        except IndexNotReady:
            assert time.monotonic() < until, "Elasticsearch took nothing a minute after it was back"
            time.sleep(0.5)


@pytest.mark.parametrize("question", QUESTIONS)
def test_both_engines_answer_a_page_alike(elastic: Site, site: Site, question: str) -> None:
    assert elastic.house.projector.index.state().documents > 0
    assert shown(elastic, question) == shown(site, question)


def test_candidates_stay_unseen(elastic: Site) -> None:
    assert_visitor_sees_no_candidates(elastic)


def test_the_pages_answer_while_the_node_is_away_and_it_catches_up(
    elastic: Site, elasticsearch_server: ElasticServer
) -> None:
    elasticsearch_server.kill()
    try:
        visitor = elastic.visitor()
        found = page(visitor, "/cases?q=hailan+drone")
        assert AWAY in main_text(found)
        assert len(found.select(".case-row")) == 1
        record(elastic, "2:26-cv-00099", "Acme v. Later Kites", "Later Kites LLC", is_ip=True)
        with suppress(IndexNotReady):
            elastic.drain()
        assert len(page(visitor, "/cases?q=kites").select(".case-row")) == 1
    finally:
        elasticsearch_server.start()
    catch_up(elastic)
    found = page(elastic.visitor(), "/cases?q=kites")
    assert AWAY not in main_text(found)
    assert len(found.select(".case-row")) == 1
