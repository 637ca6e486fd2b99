"""tantivy and Elasticsearch are given the same random history and asked the same random questions: hits, totals, facets,
months and the order of dated lists are equal, page after page to the end, for every kind of reader."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from config import prove_rounds
from core.actor import VISITOR, Actor, Role, system_actor
from search.digest import digest
from search.elasticsearch import ElasticIndex
from search.embedded import TantivyIndex
from search.port import Document, PutReport, Removal, SearchIndex, SearchPage, SearchRequest

pytestmark = pytest.mark.elasticsearch

CENTRES = [uuid.UUID(int=1), uuid.UUID(int=2)]
FIRMS = [uuid.UUID(int=n) for n in (11, 12, 13)]
ACTORS = [
    VISITOR,
    system_actor("everything"),
    system_actor("one centre", CENTRES[0]),
    Actor("staff", frozenset({Role.STAFF}), centre_id=CENTRES[0]),
    Actor("other staff", frozenset({Role.STAFF}), centre_id=CENTRES[1]),
    *[Actor("member", frozenset({Role.FIRM_MEMBER}), centre_id=CENTRES[0], firm_id=firm) for firm in FIRMS],
]
LATIN = [
    "patent",
    "trade",
    "secret",
    "trademark",
    "drone",
    "Zürich",
    "naïve",
    "Société",
    "GmbH",
    "Co.,",
    "Ltd.",
    "v.",
    "infringement",
    "of",
    "the",
    "a",
    "5G",
    "AirPods™",
    "U.S.",
    "1:17-cv-00189",
    "337-TA-1500",
    "9,155,544",
    "9155544",
    "D579,868",
    "1,000",
    "1,000,000",
    "12,34",
    "007",
    "ＡＢＣ",
    "x²",
]
CJK = "专利專商标標侵权權无無人机機诉訟株式会社の特許ドローンパテント반도체·々"
PUNCTUATION = (" ", " ", " ", ", ", " / ", "-", "\n", "。", "、", "", "")
FACETS = {
    "region": ("US", "EU", "DE", "JP", "CN"),
    "industry": tuple(f"i.{n}" for n in range(12)),
    "mark": ("2026-01-01", "1", "true", "专利", "a b", "A B", "=x"),
    "rare": tuple(f"r{n}" for n in range(400)),
}


class Chance(random.Random):
    """Random documents and questions over a vocabulary small enough that they meet."""

    def words(self, most: int) -> str:
        pieces = []
        for _ in range(self.randint(0, most)):
            piece = (
                self.choice(LATIN)
                if self.random() < 0.6
                else "".join(self.choices(CJK, k=self.randint(1, 6)))
            )
            pieces += [piece, self.choice(PUNCTUATION)]
        return "".join(pieces)

    def day(self) -> date | None:
        return None if self.random() < 0.05 else date(2024, 1, 1) + timedelta(days=self.randint(0, 800))

    def document(self, identity: str) -> Document | Removal:
        version = self.randint(1, 6)
        if self.random() < 0.08:
            return Removal("cases", identity, None if self.random() < 0.5 else version)
        audience = self.choices(
            ["public", "staff", *(f"firm:{firm}" for firm in FIRMS)], [6, 2, 1, 1, 1], k=2
        )
        return Document(
            collection="cases" if self.random() < 0.95 else "experts",
            id=identity,
            version=version,
            centre_id=str(self.choice(CENTRES)) if self.random() < 0.2 else None,
            audience=frozenset(audience) if self.random() < 0.98 else frozenset(),
            text={
                "caption": self.words(4),
                "docket_number": self.choice(LATIN) if self.random() < 0.5 else "",
                "parties": "\n".join(self.words(3) for _ in range(self.randint(0, 3))),
                "body": self.words(40),
            },
            facets={
                name: tuple(self.choices(values, k=self.randint(0, 3)))
                for name, values in FACETS.items()
                if self.random() < 0.8
            },
            on=self.day(),
            stored={"n": self.random(), "words": self.words(3)},
        )

    def question(self) -> str:
        clauses = []
        for _ in range(self.choice([0, 1, 1, 1, 1, 2, 2, 3])):
            words = self.words(3) if self.random() < 0.5 else self.choice([*LATIN, *CJK])
            clause = f'"{words}"' if self.random() < 0.3 else words
            clauses.append(f"-{clause}" if self.random() < 0.15 else clause)
        return " ".join(clauses)[:500]

    def request(self) -> SearchRequest:
        filters = {
            name: tuple(self.sample(values, self.randint(1, 3)))
            for name, values in FACETS.items()
            if self.random() < 0.2
        }
        days = sorted(filter(None, (self.day(), self.day())))
        return SearchRequest(
            collection=self.choice(["cases"] * 9 + ["experts"]),
            text=self.question(),
            filters=filters,
            since=days[0] if days and self.random() < 0.25 else None,
            until=days[-1] if days and self.random() < 0.25 else None,
            facets=tuple(name for name in FACETS if self.random() < 0.6),
            histogram=self.random() < 0.6,
            sort=self.choice(["relevance", "newest", "oldest"]),
            limit=self.choice([7, 20, 50, 200]),
        )


def told(report: PutReport) -> tuple[int, int, list[tuple[str, str]]]:
    return report.stored, report.stale, sorted(report.rejected)


def pages(index: SearchIndex, request: SearchRequest, actor: Actor) -> list[SearchPage]:
    """Every page of the answer."""
    walked = [index.search(request, actor)]
    while walked[-1].next_cursor is not None:
        walked.append(index.search(replace(request, cursor=walked[-1].next_cursor), actor))
    return walked


def compare(ours: SearchIndex, theirs: SearchIndex, request: SearchRequest, actor: Actor) -> int:
    """Assert that both answer alike; returns how many hits they found."""
    mine, other = pages(ours, request, actor), pages(theirs, request, actor)
    assert len(mine) == len(other)
    for one, two in zip(mine, other, strict=True):
        assert one.total == two.total
        assert one.facets == two.facets
        assert list(one.histogram) == list(two.histogram)
        assert len(one.hits) == len(two.hits)
    first = [(h.id, h.version, str(h.stored)) for page in mine for h in page.hits]
    second = [(h.id, h.version, str(h.stored)) for page in other for h in page.hits]
    assert len(first) == mine[0].total
    if request.sort == "relevance" and request.text.strip():
        # Each engine has its own scale of relevance; what is found is one thing.
        assert Counter(first) == Counter(second)
    else:
        assert first == second
        assert [p.next_cursor for p in mine] == [p.next_cursor for p in other]
    return len(first)


@pytest.mark.parametrize("seed", range(4))
def test_both_engines_answer_alike(elastic_index: ElasticIndex, tmp_path: Path, seed: int) -> None:
    compare_histories(elastic_index, TantivyIndex(tmp_path / "index"), Chance(seed))


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(1000, 1000 + prove_rounds()))
def test_both_engines_answer_alike_to_many_more(
    elastic_index: ElasticIndex, tmp_path: Path, seed: int
) -> None:
    compare_histories(elastic_index, TantivyIndex(tmp_path / "index"), Chance(seed))


def compare_histories(theirs: SearchIndex, ours: SearchIndex, chance: Chance) -> None:
    """Write and ask in turn, and compare everything said."""
    ids = [f"{n}" if n % 7 else f"标识-{n}/" + "x" * 600 for n in range(260)]
    hits = asked = 0
    for _ in range(3):
        for _ in range(6):
            batch = [chance.document(chance.choice(ids)) for _ in range(80)]
            assert told(ours.put(batch)) == told(theirs.put(batch))
        assert ours.state().documents == theirs.state().documents
        for collection in ("cases", "experts"):
            assert digest(ours, collection) == digest(theirs, collection)
            assert sorted(ours.fingerprints(collection)) == sorted(theirs.fingerprints(collection))
        for _ in range(50):
            hits += compare(ours, theirs, chance.request(), chance.choice(ACTORS))
            asked += 1
    print(f"{asked} questions, {hits} hits compared")
    assert hits > asked, "too few questions found anything: the comparison proves little"


def test_a_list_begun_on_one_engine_goes_on_in_the_other(elastic_index: ElasticIndex, tmp_path: Path) -> None:
    chance = Chance(99)
    embedded = TantivyIndex(tmp_path / "index")
    batch = [d for d in (chance.document(str(n)) for n in range(300)) if isinstance(d, Document)]
    embedded.put(batch)
    elastic_index.put(batch)
    for sort in ("newest", "oldest"):
        request = SearchRequest("cases", sort=sort, limit=7)
        whole = [h.id for page in pages(embedded, request, VISITOR) for h in page.hits]
        walked: list[str] = []
        engines: list[SearchIndex] = [elastic_index, embedded]
        while True:
            page = engines[len(walked) % 2].search(request, VISITOR)
            walked += [h.id for h in page.hits]
            if page.next_cursor is None:
                break
            request = replace(request, cursor=page.next_cursor)
        assert walked == whole
