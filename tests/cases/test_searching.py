"""A search as a page asks it: what an actor may filter by, what is marked, what an export holds."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from cases.explaining import explain_tags, marked_text
from cases.models import Case, Tag
from cases.schemas import CaseSearchSchema
from cases.searching import COLUMNS, as_csv, export_rows, found, request_of, started
from core.actor import VISITOR, Actor, Role
from core.errors import BadInput, IndexNotReady, NotAllowed
from core.web import load
from house import House
from search.port import SearchPage
from tests.factories import drain, raw_case, record, staff

STAFF = Actor("s", frozenset({Role.STAFF}))


def _values(**query: Any) -> dict[str, Any]:
    return load(CaseSearchSchema(), MultiDict(query))


def test_a_visitor_cannot_ask_by_status() -> None:
    question = request_of(_values(status="candidate"), VISITOR)
    assert "status" not in question.filters
    assert "status" not in question.facets


def test_staff_find_candidates_too_but_what_was_dismissed_only_when_asked() -> None:
    assert request_of(_values(), STAFF).filters["status"] == ("public", "candidate")
    assert request_of(_values(status="dismissed"), STAFF).filters["status"] == ("dismissed",)


def test_words_are_ordered_by_relevance_and_lists_by_date() -> None:
    assert request_of(_values(q=" drone "), VISITOR).sort == "relevance"
    assert request_of(_values(q="   "), VISITOR).sort == "newest"
    assert request_of(_values(q="drone", sort="oldest"), VISITOR).sort == "oldest"


def test_a_month_is_its_first_and_last_day() -> None:
    question = request_of(_values(ym="2024-02"), VISITOR)
    assert (question.since, question.until) == (date(2024, 2, 1), date(2024, 2, 29))


@pytest.mark.parametrize("query", [{"since": "x"}, {"ym": "2024-13"}, {"sort": "up"}, {"q": "x" * 501}])
def test_a_question_that_cannot_be_understood_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(BadInput) as told:
        _values(**query)
    assert list(told.value.details["fields"]) == list(query)  # type: ignore[call-overload]


def _search(house: House, actor: Actor, **query: Any) -> SearchPage:
    return house.index.search(request_of(_values(**query), actor), actor)


def test_hits_totals_facets_and_months_are_of_what_one_may_see(house: House) -> None:
    record(house, raw_case())
    record(house, raw_case("2:26-cv-00012"), is_ip=False)
    drain(house)
    for actor, count in ((VISITOR, 1), (staff(house), 2)):
        page = _search(house, actor, q="hailan")
        assert (page.total, len(page.hits), dict(page.histogram)) == (count, count, {202602: count})
        assert [f.count for f in page.facets["venue"]] == [count]


def test_a_hit_marks_the_words_it_was_found_by(house: House) -> None:
    record(house, raw_case())
    drain(house)
    (hit,) = found(_search(house, VISITOR, q="hailan 00011").hits, "hailan 00011")
    assert [text for text, is_marked in hit.caption if is_marked] == ["Hailan"]
    assert "".join(text for text, _ in hit.docket_number) == "2:26-cv-00011"


def test_a_case_without_a_caption_is_called_by_its_number(house: House) -> None:
    record(house, raw_case(caption=""))
    drain(house)
    (hit,) = found(_search(house, VISITOR).hits, "")
    assert "".join(text for text, _ in hit.caption) == "2:26-cv-00011"


def test_an_export_is_staffs_and_holds_every_hit_once(house: House) -> None:
    for n in range(230):
        record(house, raw_case(f"2:26-cv-5{n:04d}", events=()))
    drain(house)
    question = request_of(_values(), STAFF)
    rows = list(export_rows(house.index, question, staff(house)))
    assert len({row["id"] for row in rows}) == len(rows) == 230
    with pytest.raises(NotAllowed):
        list(export_rows(house.index, question, VISITOR))


def test_an_export_refuses_before_it_has_begun(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: object) -> None:
        raise IndexNotReady("away")

    monkeypatch.setattr(type(house.index), "search", away)
    with pytest.raises(IndexNotReady):
        started(export_rows(house.index, request_of(_values(), STAFF), STAFF))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_no_cell_of_an_export_is_a_formula(text: str) -> None:
    row = {**dict.fromkeys(COLUMNS), "caption": text, "region": ["US", "EU"]}
    told = "".join(as_csv(iter([row])))
    (kept,) = csv.DictReader(io.StringIO(told.removeprefix("\ufeff"), newline=""))
    assert kept["caption"] == f"'{text}"
    assert kept["region"] == "US; EU"


def _tag(field: str, start: int, end: int, text: str, value: str = "x", weight: float = 1.0) -> Tag:
    return Tag(
        kind="industry",
        value=value,
        rule="r",
        rulebook="1",
        field=field,
        start=start,
        end=end,
        text=text,
        weight=weight,
    )


def test_words_of_several_rules_are_marked_once_each() -> None:
    text = "a patent on drones and drone motors"
    tags = [_tag("text", 2, 8, "patent"), _tag("text", 12, 18, "drones"), _tag("text", 12, 17, "drone")]
    assert [w for w, is_marked in marked_text(text, tags, "text") if is_marked] == ["patent", "drones"]
    assert "".join(w for w, _ in marked_text(text, tags, "text")) == text


def test_a_span_that_no_longer_fits_is_not_marked() -> None:
    assert marked_text("other words", [_tag("text", 0, 6, "patent")], "text") == [("other words", False)]


def test_a_tag_is_explained_by_its_pieces_heaviest_first() -> None:
    case = Case(caption="Drone v. Motor", title="", text="a drone")
    case.tags = [
        _tag("text", 2, 7, "drone", "b", 1.0),
        _tag("title", 0, 5, "Drone", "b", 2.0),
        _tag("title", 9, 14, "Motor", "a", 1.5),
    ]
    explained = explain_tags(case)["industry"]
    assert [(t.value, t.weight) for t in explained] == [("b", 3.0), ("a", 1.5)]
    first = explained[0].pieces[0]
    assert first.tag.field == "title"
    assert ("Drone", True) in first.context
