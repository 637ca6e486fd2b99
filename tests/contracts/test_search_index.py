"""The contract of every SearchIndex. A new engine joins by one line in ``index`` (conftest)."""

from __future__ import annotations

import random
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.actor import VISITOR, Actor, Role, system_actor
from core.errors import BadInput, IndexNotReady
from core.paging import encode_cursor
from search import entry
from search.digest import digest
from search.port import Document, IndexState, PutReport, Removal, SearchIndex, SearchRequest
from search.query import parse_query

CENTRE, OTHER_CENTRE = uuid.UUID(int=1), uuid.UUID(int=2)
FIRM_A, FIRM_B = uuid.UUID(int=11), uuid.UUID(int=12)
STAFF = Actor("staff", frozenset({Role.STAFF}), centre_id=CENTRE)
MEMBER_A = Actor("a", frozenset({Role.FIRM_MEMBER}), centre_id=CENTRE, firm_id=FIRM_A)
MEMBER_B = Actor("b", frozenset({Role.FIRM_MEMBER}), centre_id=CENTRE, firm_id=FIRM_B)


def doc(identity: str, words: str = "", **changes: object) -> Document:
    document = Document(
        collection="cases",
        id=identity,
        version=1,
        centre_id=None,
        audience=frozenset({"public"}),
        text={"body": words},
        facets={},
        on=date(2026, 1, 1),
        stored={"id": identity},
    )
    return replace(document, **changes)  # type: ignore[arg-type]


def found(index: SearchIndex, text: str = "", actor: Actor = VISITOR, **changes: object) -> set[str]:
    request = replace(SearchRequest("cases", text=text, limit=200), **changes)  # type: ignore[arg-type]
    return {hit.id for hit in index.search(request, actor).hits}


def test_an_empty_index_finds_nothing(index: SearchIndex) -> None:
    page = index.search(SearchRequest("cases", facets=("region",), histogram=True), VISITOR)
    assert (page.total, list(page.hits), page.next_cursor) == (0, [], None)


def test_every_word_must_be_there(index: SearchIndex) -> None:
    index.put([doc("1", "patent infringement of a drone"), doc("2", "patent appeal")])
    assert found(index, "drone patent") == {"1"}


def test_a_phrase_must_stand_together(index: SearchIndex) -> None:
    index.put([doc("1", "trade secret"), doc("2", "secret of the trade")])
    assert found(index, '"trade secret"') == {"1"}


def test_a_minus_excludes(index: SearchIndex) -> None:
    index.put([doc("1", "drone patent"), doc("2", "drone trademark")])
    assert found(index, "drone -trademark") == {"1"}
    assert found(index, "-trademark") == {"1"}


def test_accents_and_width_and_case_do_not_matter(index: SearchIndex) -> None:
    index.put([doc("1", "Zürich ＡＢＣ")])
    assert found(index, "zurich abc") == {"1"}


def test_a_docket_number_is_found_with_and_without_its_zeros(index: SearchIndex) -> None:
    index.put(
        [doc("1", text={"docket_number": "1:17-cv-00554"}), doc("2", text={"docket_number": "1:17-cv-00555"})]
    )
    for question in ("1:17-cv-00554", "17-cv-554", "00554"):
        assert found(index, question) == {"1"}


def test_traditional_and_simplified_find_each_other(index: SearchIndex) -> None:
    index.put([doc("1", "專利侵權訴訟"), doc("2", "专利无效")])
    assert found(index, "专利侵权") == {"1"}
    assert found(index, "專利") == {"1", "2"}


def test_one_chinese_character_is_found_inside_a_word(index: SearchIndex) -> None:
    index.put([doc("1", "晶圆代工"), doc("2", "无人机")])
    assert found(index, "圆") == {"1"}


def test_a_phrase_does_not_run_over_the_edge_of_a_field(index: SearchIndex) -> None:
    index.put([doc("1", text={"title": "专利", "body": "侵权"})])
    assert found(index, '"专利侵权"') == set()


def test_any_chinese_substring_is_found_and_nothing_else(index: SearchIndex) -> None:
    chance = random.Random(7)
    texts = {
        str(n): "".join(chance.choice("专利商标侵权无人机A1 ,") for _ in range(chance.randint(1, 40)))
        for n in range(300)
    }
    index.put([doc(identity, words) for identity, words in texts.items()])
    for _ in range(150):
        question = "".join(chance.choice("专利商标侵权无人机") for _ in range(chance.randint(1, 4)))
        page = index.search(SearchRequest("cases", text=question, limit=200), VISITOR)
        truth = {identity for identity, words in texts.items() if question in words}
        assert page.total == len(truth), question
        assert {hit.id for hit in page.hits} <= truth


def test_what_is_private_is_invisible_in_hits_totals_facets_and_months(index: SearchIndex) -> None:
    index.put(
        [
            doc("p", "drone", facets={"region": ("US",)}),
            doc(
                "a",
                "drone",
                facets={"region": ("DE",)},
                centre_id=str(CENTRE),
                audience=frozenset({f"firm:{FIRM_A}"}),
            ),
            doc("s", "drone", facets={"region": ("JP",)}, audience=frozenset({"staff"}), on=date(2025, 5, 5)),
        ]
    )
    request = SearchRequest("cases", text="drone", facets=("region",), histogram=True)
    seen = {}
    for name, actor in {"visitor": VISITOR, "a": MEMBER_A, "b": MEMBER_B, "staff": STAFF}.items():
        page = index.search(request, actor)
        seen[name] = (
            {h.id for h in page.hits},
            page.total,
            {f.value for f in page.facets["region"]},
            list(page.histogram),
        )
    assert seen["visitor"] == seen["b"] == ({"p"}, 1, {"US"}, [(202601, 1)])
    assert seen["a"] == ({"p", "a"}, 2, {"US", "DE"}, [(202601, 2)])
    assert seen["staff"] == ({"p", "s"}, 2, {"US", "JP"}, [(202505, 1), (202601, 1)])


def test_another_centres_documents_are_invisible(index: SearchIndex) -> None:
    index.put([doc("1", centre_id=str(OTHER_CENTRE), audience=frozenset({"staff", "public"}))])
    assert found(index, actor=STAFF) == set()
    assert found(index, actor=system_actor("x")) == {"1"}


def test_values_of_a_filter_are_alternatives_and_filters_narrow_each_other(index: SearchIndex) -> None:
    index.put(
        [
            doc("1", facets={"region": ("US",), "industry": ("x",)}),
            doc("2", facets={"region": ("DE",), "industry": ("x",)}),
            doc("3", facets={"region": ("US",), "industry": ("y",)}),
        ]
    )
    assert found(index, filters={"region": ("US", "DE"), "industry": ("x",)}) == {"1", "2"}


def test_a_facets_own_filter_is_left_out_of_its_counts(index: SearchIndex) -> None:
    index.put([doc("1", facets={"region": ("US",)}), doc("2", facets={"region": ("DE",)})])
    page = index.search(SearchRequest("cases", filters={"region": ("US",)}, facets=("region",)), VISITOR)
    assert page.total == 1
    assert {f.value: f.count for f in page.facets["region"]} == {"US": 1, "DE": 1}


def test_facet_counts_are_exact_with_many_values(index: SearchIndex) -> None:
    documents = [doc(str(n), facets={"venue": (f"v{n % 300}",)}) for n in range(1500)]
    for start in range(0, 1500, 100):
        index.put(documents[start : start + 100])
    page = index.search(SearchRequest("cases", facets=("venue",)), VISITOR)
    assert {f.count for f in page.facets["venue"]} == {5}
    assert len(page.facets["venue"]) == 300


def test_a_span_of_dates_takes_both_ends(index: SearchIndex) -> None:
    index.put([doc(str(n), on=date(2026, 1, n)) for n in range(1, 6)] + [doc("undated", on=None)])
    assert found(index, since=date(2026, 1, 2), until=date(2026, 1, 4)) == {"2", "3", "4"}


@pytest.mark.parametrize("sort", ["newest", "oldest", "relevance"])
def test_paging_loses_and_repeats_nothing(index: SearchIndex, sort: str) -> None:
    chance = random.Random(3)
    days = {str(n): date(2026, 1, 1) + timedelta(days=chance.randint(0, 9)) for n in range(157)}
    index.put([doc(identity, "drone", on=on) for identity, on in days.items()])
    request = SearchRequest("cases", text="drone", sort=sort, limit=10)
    seen: list[str] = []
    while True:
        page = index.search(request, VISITOR)
        assert page.total == 157
        seen += [hit.id for hit in page.hits]
        if page.next_cursor is None:
            break
        request = replace(request, cursor=page.next_cursor)
    assert sorted(seen, key=int) == sorted(days, key=int)
    if sort != "relevance":
        order = [days[identity] for identity in seen]
        assert order == sorted(order, reverse=sort == "newest")


def test_a_hit_in_the_caption_comes_before_one_in_the_body(index: SearchIndex) -> None:
    index.put(
        [
            doc("body", text={"caption": "x", "body": "drone"}),
            doc("caption", text={"caption": "drone", "body": "x"}),
        ]
    )
    page = index.search(SearchRequest("cases", text="drone"), VISITOR)
    assert [hit.id for hit in page.hits] == ["caption", "body"]


def test_an_older_or_equal_version_changes_nothing(index: SearchIndex) -> None:
    index.put([doc("1", "new", version=3)])
    assert index.put([doc("1", "old", version=2), doc("1", "same", version=3)]).stale == 2
    assert found(index, "new") == {"1"}
    assert found(index, "old") == found(index, "same") == set()


def test_within_one_put_the_newest_version_wins(index: SearchIndex) -> None:
    index.put([doc("1", "second", version=2), doc("1", "first", version=1)])
    assert found(index, "second") == {"1"}
    assert index.state().documents == 1


def test_a_put_replaces_the_whole_document(index: SearchIndex) -> None:
    index.put([doc("1", "first", facets={"region": ("US",)})])
    index.put([doc("1", "second", version=2)])
    assert found(index, "first") == found(index, filters={"region": ("US",)}) == set()


def test_a_late_replay_does_not_bring_back_what_was_removed(index: SearchIndex) -> None:
    index.put([doc("1", "drone", version=1)])
    index.put([Removal("cases", "1", version=2)])
    index.put([doc("1", "drone", version=1)])
    assert found(index) == set()
    assert list(index.fingerprints("cases")) == []


def test_a_removal_without_a_version_keeps_the_version_it_removed(index: SearchIndex) -> None:
    index.put([doc("1", "drone", version=4)])
    assert index.put([Removal("cases", "1")]).stored == 1
    assert found(index) == set()
    assert index.put([doc("1", "drone", version=4)]).stale == 1
    index.put([doc("1", "drone", version=5), Removal("cases", "never there")])
    assert found(index) == {"1"}
    assert index.state().documents == 1


def test_a_removal_of_an_older_version_removes_nothing(index: SearchIndex) -> None:
    index.put([doc("1", "drone", version=4)])
    assert index.put([Removal("cases", "1", version=3)]).stale == 1
    assert found(index) == {"1"}


def test_many_writers_leave_the_newest_version(index: SearchIndex) -> None:
    versions = list(range(1, 25))
    random.Random(5).shuffle(versions)

    def write(version: int) -> PutReport:
        return index.put([doc("1", f"word{version}", version=version)])

    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(write, versions))
    assert sum(r.stored + r.stale for r in reports) == len(versions)
    assert found(index, "word24") == {"1"}
    assert index.search(SearchRequest("cases"), VISITOR).hits[0].version == 24


def test_the_largest_version_and_number_and_an_odd_record_come_back_as_they_were(index: SearchIndex) -> None:
    stored = {"n": 2**70, "x": 0.1, "deep": {"": [None, {"a.b": "专利"}]}, "date": "2026-01-01"}
    long_id = "标" * 400
    assert index.put([doc(long_id, version=2**63 - 1, stored=stored)]).stored == 1
    hit = index.search(SearchRequest("cases"), VISITOR).hits[0]
    assert (hit.id, hit.version, hit.stored) == (long_id, 2**63 - 1, stored)
    assert [identity for identity, _, _ in index.fingerprints("cases")] == [long_id]


@pytest.mark.parametrize(
    "bad",
    [
        doc(""),
        doc("\ud800"),
        doc("x" * 30_001),
        doc("b", version=-1),
        doc("b", version=2**63),
        doc("b", "half a pair", facets={"region": ("\udc00",)}),
        doc("b", facets={"Region": ("US",)}),
        doc("b", facets={"region": ("x" * 30_001,)}),
        doc("b", stored={"x": "\ud800"}),
        Removal("cases", "\ud800"),
    ],
)
def test_a_document_that_cannot_be_kept_is_refused_with_a_reason_and_costs_nothing_else(
    index: SearchIndex, bad: Document | Removal
) -> None:
    report = index.put([bad, doc("good")])
    assert [identity for identity, _ in report.rejected] == [bad.id]
    assert all(reason for _, reason in report.rejected)
    assert (report.stored, found(index)) == (1, {"good"})


def test_a_very_long_word_is_found_whole_and_by_nothing_else(index: SearchIndex) -> None:
    word = "x" * 300
    index.put([doc("1", word), doc("2", "y" * 40_000), doc("3", "x" * 255), doc("4", f"{word} drone")])
    assert found(index, word) == {"1", "4"}
    assert found(index, f'"{word} drone"') == {"4"}
    assert found(index, "x" * 255) == {"3"}
    assert found(index, "x" * 45) == set()


def test_a_number_is_found_with_and_without_its_thousands_commas(index: SearchIndex) -> None:
    index.put([doc("1", "US 9,155,544 B2"), doc("2", "US 9155544"), doc("3", "155,544")])
    for question in ("9,155,544", "9155544"):
        assert found(index, question) == {"1", "2"}


def test_facet_values_are_taken_as_they_are(index: SearchIndex) -> None:
    values = ("2026-01-01", "1", "true", "", "US ", "us", "专利", "2026-01-01T00:00:00Z")
    index.put([doc(str(n), facets={"mark": (value, value)}) for n, value in enumerate(values)])
    page = index.search(SearchRequest("cases", facets=("mark",)), VISITOR)
    assert {f.value: f.count for f in page.facets["mark"]} == dict.fromkeys(values, 1)
    for n, value in enumerate(values):
        assert found(index, filters={"mark": (value,)}) == {str(n)}


def test_a_collection_knows_nothing_of_another(index: SearchIndex) -> None:
    index.put([doc("1", "drone"), doc("1", "drone", collection="experts")])
    assert index.search(SearchRequest("cases", text="drone", histogram=True), VISITOR).total == 1
    index.put([Removal("experts", "1")])
    assert found(index) == {"1"}
    assert list(index.fingerprints("experts")) == []


def test_a_facet_nobody_has_and_an_empty_filter_break_nothing(index: SearchIndex) -> None:
    index.put([doc("1", facets={"region": ("US",)})])
    request = SearchRequest("cases", filters={"region": (), "colour": ("red",)}, facets=("colour", "region"))
    page = index.search(request, VISITOR)
    assert (page.total, list(page.facets["colour"]), list(page.facets["region"])) == (0, [], [])


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_documents_of_one_day_and_one_tie_breaker_are_paged_once_each(
    index: SearchIndex, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr(entry, "_sort_key", lambda on, identity: (on.toordinal() if on else 0) << 40)
    index.put([doc(str(n), on=date(2026, 1, 1 + n % 2)) for n in range(11)])
    request = SearchRequest("cases", sort=sort, limit=2)
    seen: list[str] = []
    while True:
        page = index.search(request, VISITOR)
        assert page.total == 11
        seen += [hit.id for hit in page.hits]
        if page.next_cursor is None:
            break
        request = replace(request, cursor=page.next_cursor)
    assert sorted(seen, key=int) == [str(n) for n in range(11)]


def test_a_put_into_a_generation_that_is_not_there_is_refused(index: SearchIndex) -> None:
    index.put([doc("1")])
    generation = index.begin_generation()
    index.drop_generations(keep=[])
    with pytest.raises(IndexNotReady):
        index.put([doc("2")], generation)
    with pytest.raises(IndexNotReady):
        index.promote(generation)
    assert len(index.state().generations) == 1


def test_a_put_into_the_live_generation_by_name_is_seen_at_once(index: SearchIndex) -> None:
    generation = index.begin_generation()
    index.put([doc("1")], generation)
    index.promote(generation)
    index.put([doc("2")], generation)
    assert found(index) == {"1", "2"}
    assert index.state() == IndexState(generation, (generation,), 2)


def test_a_document_without_an_audience_is_refused_and_the_others_kept(index: SearchIndex) -> None:
    report = index.put([doc("1", audience=frozenset()), doc("2")])
    assert [identity for identity, _ in report.rejected] == ["1"]
    assert found(index) == {"2"}


def test_a_generation_is_invisible_until_promoted_and_then_alone(index: SearchIndex) -> None:
    index.put([doc("old")])
    generation = index.begin_generation()
    index.put([doc("new")], generation)
    assert found(index) == {"old"}
    index.promote(generation)
    assert found(index) == {"new"}
    index.drop_generations(keep=[])
    assert index.state().generations == (generation,)


def test_the_digest_ignores_order_ids_and_versions_and_sees_a_word(index: SearchIndex) -> None:
    index.put([doc("1", "a"), doc("2", "b")])
    first = digest(index, "cases")
    generation = index.begin_generation()
    index.put([doc("9", "b", version=7), doc("8", "a")], generation)
    index.promote(generation)
    assert digest(index, "cases") == first
    index.put([doc("8", "c", version=2)])
    assert digest(index, "cases") != first


@pytest.mark.parametrize("cursor", ["x", "WyJyIiwxXQ", "WyJkIiwiYSJd", "é", encode_cursor(["d", 2**63])])
def test_a_page_mark_that_is_not_ours_is_refused(index: SearchIndex, cursor: str) -> None:
    index.put([doc("1", "drone")])
    with pytest.raises(BadInput):
        index.search(SearchRequest("cases", text="drone", sort="newest", cursor=cursor), VISITOR)


def test_the_last_mark_there_can_be_leads_to_the_first_page(index: SearchIndex) -> None:
    index.put([doc("1")])
    assert found(index, sort="newest", cursor=encode_cursor(["d", 2**63 - 1])) == {"1"}
    assert found(index, sort="oldest", cursor=encode_cursor(["d", 0, "cases/none"])) == {"1"}


@pytest.mark.parametrize(
    "bad",
    [
        {"filters": {"region": ("\ud800",)}},
        {"text": "x" * 501},
        {"limit": 0},
        {"limit": 201},
        {"sort": "best"},
    ],
)
def test_a_question_out_of_bounds_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        SearchRequest("cases", **bad)  # type: ignore[arg-type]


@given(st.text(max_size=200))
def test_no_question_breaks_the_parser(text: str) -> None:
    for clause in parse_query(text):
        assert clause.words
        assert clause.characters


def test_no_question_breaks_the_index(index: SearchIndex) -> None:
    index.put([doc("1", "drone 专利")])
    for question in (
        '"',
        '-"',
        "--",
        "a:b",
        "title:x AND (",
        "*",
        "\\",
        "' OR 1=1",
        "\x00",
        "专",
        '"专 drone"',
        "-" * 400,
    ):
        index.search(SearchRequest("cases", text=question), VISITOR)
