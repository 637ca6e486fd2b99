"""A retired term means the one that took its place, in every place that keeps ids. One test a place."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cases.documents import load_documents
from cases.models import Case
from cases.schemas import CaseSearchSchema
from cases.searching import as_jsonl, asked_anew, export_rows, found, in_force, request_of
from cases.taxonomy import load_taxonomy, shipped_taxonomy
from cases.taxonomy.overlay import overlaid, read_term
from core.actor import VISITOR
from experts.facets import current_mark
from experts.importing import import_agencies, import_experts
from experts.library import Wanted, count_entries, list_entries, marks_in_use
from experts.matching import match, read_candidate, read_request
from experts.models import Agency, Expert
from house import House
from search.port import FacetCount
from tests.experts.making import EXPERT, REQUEST, TODAY
from tests.factories import bring_firms, drain, keeper, member, raw_case, record, staff
from tests.warning import vocabulary_world as world
from tests.warning.bulletin_world import Desk, a_case
from tests.warning.rule_world import author
from tests.warning.test_review_samples import drawn, read_all
from warning.bulletin_reading import facet_counts, list_published
from warning.corrections import values_of
from warning.criteria import Criteria, Evaluator
from warning.models import WatchProfile
from warning.quality import quality
from warning.rules.model import Rule
from warning.rules.tagger import Rulebook, TagInput, as_json, load_rulebook, tag
from warning.severity import SeverityFacts, judge
from warning.surge.counts import as_reported, contributing, daily, former_series, weekly
from warning.watch import criteria_of, facts_of
from warning.watch_profiles import create_profile
from warning.watch_schemas import WatchSchema, criteria_from

OLD, NEXT = world.OLD, world.NEXT
BATTERY = "Complaint for patent infringement. The accused product is a lithium-ion battery cell."
SOLAR = "Complaint for patent infringement. The accused product is a photovoltaic module."
DAY = date(2026, 2, 20)


def retired() -> Any:
    return world.in_force(world.retired())


@pytest.fixture
def cases(house: House) -> House:
    """Two cases about batteries and one about solar modules, told while both industries were in force."""
    bring_firms(house)
    for number, text in enumerate((BATTERY, BATTERY, SOLAR)):
        record(house, raw_case(f"2:26-cv-{number}", text=text, filed_on=DAY))
    drain(house)
    return house


def asked(**values: Any) -> dict[str, Any]:
    return CaseSearchSchema().load(values)  # type: ignore[no-any-return]


@pytest.mark.parametrize("value", [OLD, NEXT])
def test_a_search_by_either_id_finds_the_cases_of_both(cases: House, value: str) -> None:
    with retired():
        page = cases.index.search(request_of(asked(industry=[value]), staff(cases)), staff(cases))
        assert page.total == 3
        assert {t for hit in found(page.hits, "") for t in hit.stored["industry"]} == {NEXT}


def test_facets_count_the_successor_alone(cases: House) -> None:
    page = cases.index.search(request_of(asked(), staff(cases)), staff(cases))
    assert {one.value for one in page.facets["industry"]} == {OLD, NEXT}
    with retired():
        assert in_force(page.facets)["industry"] == [FacetCount(NEXT, 3)]
        assert in_force(page.facets)["region"] == list(page.facets["region"])


def test_an_export_names_the_successor(cases: House) -> None:
    with retired():
        rows = export_rows(cases.index, request_of(asked(industry=[OLD]), staff(cases)), staff(cases))
        told = [json.loads(line) for line in as_jsonl(rows)]
    assert len(told) == 3 and all(row["industry"] == [NEXT] for row in told)


def test_an_address_with_an_old_id_is_asked_anew() -> None:
    old = [("q", OLD), ("industry", OLD), ("industry", NEXT), ("region", "US")]
    assert asked_anew(old, ["industry"]) is None
    with retired():
        assert asked_anew(old, ["industry"]) == [("q", OLD), ("industry", NEXT), ("region", "US")]
        assert asked_anew([("industry", NEXT)], ["industry"]) is None


def test_documents_carry_the_successor_before_a_retag_reaches_them(cases: House) -> None:
    with cases.database.read() as session, retired():
        ids = [str(i) for i in session.scalars(select(Case.id))]
        told = [document.facets["industry"] for document in load_documents(session, ids)]  # type: ignore[union-attr]
    assert told == [(NEXT,)] * 3


def test_a_watch_profile_made_for_the_old_term_asks_for_the_new(cases: House) -> None:
    with cases.database.write() as session:
        criteria = Criteria(industries=frozenset({OLD}))
        create_profile(session, cases.clock, member(cases, "alpha"), "ours", criteria)
    with cases.database.read() as session:
        profile = session.scalars(select(WatchProfile)).one()
        solar = session.scalars(select(Case).where(Case.text == SOLAR)).one()
        battery = session.scalars(select(Case).where(Case.text == BATTERY).limit(1)).one()
        assert not Evaluator({1: criteria_of(profile)}).find(facts_of(solar))
        with retired():
            asks = Evaluator({1: criteria_of(profile)})
            # What is tagged by the new word, and what no retag has reached yet.
            assert asks.find(facts_of(solar)) and asks.find(facts_of(battery))


def test_a_watch_form_with_an_old_id_keeps_the_successor() -> None:
    with retired():
        values = WatchSchema().load({"name": "ours", "industries": [OLD], "dispute_types": []})
        assert criteria_from(values).industries == {NEXT}


def _entry(**facts: Any) -> bytes:
    return json.dumps({**EXPERT, "industries": [OLD], **facts}, ensure_ascii=False).encode()


def test_an_expert_who_declared_the_old_term_is_found_and_matched_by_the_new(house: House) -> None:
    import_experts(house.database, house.clock, keeper(house), "e.jsonl", _entry(cases=[]))
    with house.database.read() as session, retired():
        for value in (OLD, NEXT):
            wanted = Wanted(marks=(f"industry:{value}",))
            assert [e.ref for e in list_entries(session, staff(house), Expert, wanted).rows] == ["e1"]
            assert count_entries(session, staff(house), Expert, wanted) == 1
        assert marks_in_use(session, staff(house), Expert)["industry"] == [NEXT]
        assert current_mark("class:" + OLD) == "class:" + OLD
    request = {**REQUEST, "industries": [NEXT]}
    plain = read_candidate(json.loads(_entry(cases=[])))
    before = match(read_request(request, today=TODAY), [plain], [])
    with retired():
        after = match(read_request(request, today=TODAY), [read_candidate(json.loads(_entry(cases=[])))], [])
    assert after.ranked[0].score > before.ranked[0].score


def test_an_agency_likewise(house: House) -> None:
    row = {
        "id": "a1", "name": "示例律所", "class": "ag.law_foreign", "status": "active", "verified": True,
        "offices": [{"region": "US", "address": "1 Example Street"}], "languages": ["en", "zh"],
        "dispute_types": ["dt.tm_opposition_cancellation"],
    }  # fmt: skip
    told = json.dumps(row, ensure_ascii=False).encode()
    import_agencies(house.database, house.clock, keeper(house), "a.jsonl", told)
    gone = world.retired("dt.tm_opposition_cancellation", "dt.trademark_infringement")
    with house.database.read() as session, world.in_force(gone):
        wanted = Wanted(marks=("dispute_type:dt.trademark_infringement",))
        assert [a.ref for a in list_entries(session, staff(house), Agency, wanted).rows] == ["a1"]


def test_figures_of_quality_count_the_old_with_the_new(house: House) -> None:
    bring_firms(house)
    for number in range(5):
        record(house, raw_case(f"2:26-cv-{number}", text=BATTERY))
    drain(house)
    sample = drawn(house)
    read_all(house, sample.id, author(house))
    with house.database.read() as session:
        assert ("industry", OLD) in {row.key for row in quality(session, "tag")}
        with retired():
            rows = {row.key: row for row in quality(session, "tag")}
            assert ("industry", OLD) not in rows and rows["industry", NEXT].right == 5


def test_trend_series_go_on_under_the_successor(cases: House) -> None:
    days: dict[str, Any] = {"first": DAY, "last": DAY}
    with cases.database.read() as session:
        assert daily(session, "industry", **days) == {OLD: {DAY: 2}, NEXT: {DAY: 1}}
        with retired():
            assert daily(session, "industry", **days) == {NEXT: {DAY: 3}}
            assert daily(session, "cell", **days) == {f"US|{NEXT}": {DAY: 3}}
            for value in (OLD, NEXT):
                assert daily(session, "industry", values=[value], **days) == {NEXT: {DAY: 3}}
                assert len(session.scalars(contributing("industry", value, **days)).all()) == 3
            assert sum(weekly(session, "cell", values=[f"US|{OLD}"], **days)[f"US|{NEXT}"]) == 3
            lag = cases.clock.now() - cases.clock.now()
            told = as_reported(session, "industry", last=DAY, weeks=2, lag=lag)
            assert set(told) <= {NEXT}
            assert former_series("cell", f"US|{OLD}") == [f"US|{NEXT}", f"US|{OLD}"]
            assert former_series("region", "US") == ["US"]


def test_a_week_that_was_counted_under_the_old_term_is_the_new_ones_past(cases: House) -> None:
    """Otherwise a merged series would begin with noughts, and its first week would be a surge."""
    days: dict[str, Any] = {"last": DAY, "weeks": 1, "lag": timedelta(days=60)}
    with cases.database.read() as session, retired():
        assert as_reported(session, "industry", **days) == {NEXT: [3]}
        assert as_reported(session, "cell", values=[f"US|{NEXT}"], **days) == {f"US|{NEXT}": [3]}


def test_the_tags_of_a_book_whose_vocabulary_retired_a_term_name_the_successor() -> None:
    rules = [
        rule for rule in load_rulebook().rules.rules if rule.emit[1] in (OLD, NEXT, "dt.patent_infringement")
    ]
    assert all(isinstance(rule, Rule) for rule in rules)
    both = TagInput("x", text=f"{BATTERY} {SOLAR}")
    plain = Rulebook(shipped_taxonomy(), list(rules))
    told = as_json("x", tag(both, plain))
    assert {OLD, NEXT} <= set(told["industries"])  # type: ignore[arg-type]
    book = Rulebook(overlaid(shipped_taxonomy(), [read_term(world.retired())], 1), rules)
    result = tag(both, book)
    assert result.industries == (NEXT,) and book.version != plain.version
    assert {e.tag for e in result.evidence if e.tag.startswith("industry")} == {f"industry:{NEXT}"}
    # The words of both rules stay as reasons, and the margin is the better of the two.
    assert {"rule." + OLD, "rule." + NEXT} <= {e.rule for e in result.evidence}
    before = tag(both, plain).margins
    assert result.margins[f"industry:{NEXT}"] == max(before[f"industry:{OLD}"], before[f"industry:{NEXT}"])
    nothing = Rulebook(overlaid(shipped_taxonomy(), [read_term(world.retired(OLD, None))], 1), rules)
    assert tag(TagInput("x", text=BATTERY), nothing).industries == ()


def test_severity_knows_a_dispute_type_by_its_successor() -> None:
    facts = SeverityFacts(dispute_types=("dt.licensing_contract",))
    before = judge(SeverityFacts(dispute_types=("dt.criminal_enforcement",)))
    with world.in_force(world.retired("dt.criminal_enforcement", "dt.licensing_contract")):
        remedy = next(f for f in judge(facts).factors if f.id == "f.remedy")
    assert remedy.points == next(f for f in before.factors if f.id == "f.remedy").points


def test_bulletins_signed_with_the_old_id_are_listed_under_the_new(house: House) -> None:
    bring_firms(house)
    signed = Desk(house, a_case(house, text=BATTERY)).publish().now
    assert signed.content["industries"] == [OLD]
    with house.database.read() as session, retired():
        for value in (OLD, NEXT):
            rows = list_published(session, VISITOR, industry=value).rows
            assert [row.id for row in rows] == [signed.id]
        assert facet_counts(session, VISITOR)["industry"] == [(NEXT, 1)]


def test_what_forms_offer_leaves_retired_terms_out() -> None:
    with world.in_force(world.retired(), world.retired("damages", None), world.new_term()):
        assert OLD not in values_of("industry") and world.TERM in values_of("industry")
        assert "damages" not in values_of("remedy") and "injunction" in values_of("remedy")
        assert load_taxonomy().current("damages") == "damages"
    assert OLD in values_of("industry") and "damages" in values_of("remedy")
