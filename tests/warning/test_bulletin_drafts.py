"""What a draft says, and what it may not: facts with their snapshots, levels by rule, hidden names, valid feeds."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from cases.facts import RawEvent, RawParty
from cases.models import Case, CaseEvidence, Party
from cases.query import evidence_of, get_case
from core.errors import BadInput
from house import House
from tests.factories import bring_firms, drain, firm_id
from tests.warning.bulletin_world import Desk, a_case, edit_of
from warning.bulletin_changes import changes
from warning.bulletin_draft import draft_content, type_of
from warning.bulletin_models import Bulletin
from warning.bulletin_parties import Named, hidden_of
from warning.feeds import Feed, FeedEntry, atom, json_feed
from warning.levels import severity_facts
from warning.masking import Hidden, letter_of
from warning.severity import SeverityFacts, judge, level_of, rubric

ATOM = "{http://www.w3.org/2005/Atom}"
WORDS = st.text(max_size=60)


def test_every_sentence_of_fact_rests_on_a_snapshot_that_told_its_fields(each_house: House) -> None:
    desk = Desk(each_house)
    content = desk.now.content
    with each_house.database.read() as session:
        rows = {row.sha256: row for row in evidence_of(session, desk.case_id)}
        case = get_case(session, desk.drafter, desk.case_id)
    sources = content["sources"]
    assert {s["sha256"] for s in sources} <= set(rows)
    facts = [p for p in content["paragraphs"] if type_of(p) == "fact"]
    assert len(facts) >= 4
    for paragraph in facts:
        assert paragraph["sources"], paragraph
        for ref in paragraph["sources"]:
            told = rows[sources[ref["source"] - 1]["sha256"]].fields
            assert set(ref["fields"]) <= {*told, "venue", "docket_number"}
    first = facts[0]
    for value in (case.docket_number, str(case.filed_on)):
        assert value in first["zh"] and value in first["en"]


def _case(**facts: Any) -> Case:
    case = Case(
        id=uuid.uuid4(), venue="v.us.txed", docket_number="2:26-cv-1", caption="", title="", text="", url="",
        codes={}, rights=[], provenance={}, parties=[], events=[], tags=[],
    )  # fmt: skip
    for name, value in facts.items():
        setattr(case, name, value)
    return case


@given(
    caption=WORDS,
    outcome=WORDS,
    told=st.sets(st.sampled_from(["caption", "outcome", "parties", "rights", "filed_on"])),
)
def test_what_no_snapshot_told_is_not_said(caption: str, outcome: str, told: set[str]) -> None:
    case = _case(
        caption=f"<{caption}>",
        outcome=f"[{outcome}]",
        filed_on=date(2026, 2, 2),
        rights=[{"kind": "patent", "number": "US1"}],
    )
    named = [Named("1", "Acme", "claimant", "plaintiff")]
    row = CaseEvidence(
        case_id=case.id,
        sha256="a" * 64,
        source="s",
        url="u",
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        fields=sorted(told),
    )
    content = draft_content(case, [row], named, judge(SeverityFacts()), ("甲", "A"))
    used = {field for p in content["paragraphs"] for ref in p["sources"] for field in ref["fields"]}
    assert used <= {*told, "venue", "docket_number"}
    printed = json.dumps([content["paragraphs"], content["key_dates"]], ensure_ascii=False)
    if "outcome" not in told:
        assert "Outcome" not in printed
    if "rights" not in told:
        assert "US1" not in printed
    assert draft_content(case, [], named, judge(SeverityFacts()), ("甲", "A"))["paragraphs"] == []


def test_a_clock_without_a_day_of_service_has_no_date_and_says_its_basis(house: House) -> None:
    dates = Desk(house).now.content["key_dates"]
    clocks = [d for d in dates if d["on"] is None]
    assert any(d["basis"].startswith("FRCP 12") and "21" in d["zh"] for d in clocks)
    assert all(d["basis"] for d in dates)


@pytest.mark.parametrize("example", rubric()["examples"], ids=lambda e: e["zh"])
def test_the_rubrics_own_examples_come_out_as_they_say(example: dict[str, Any]) -> None:
    assert sum(example["parts"].values()) == example["total"]
    assert level_of(example["total"]) == example["level"]


@pytest.mark.parametrize(
    ("facts", "total", "level"),
    [
        (SeverityFacts(("dt.section_337",), ("limited_exclusion_order",), 1, days_to_clock=20), 64, "L2"),
        (
            SeverityFacts(
                ("dt.section_337",), ("general_exclusion_order",), 1, days_to_clock=20, is_key_industry=True
            ),
            84,
            "L1",
        ),
        (SeverityFacts(("dt.tro_schedule_a",), ("asset_freeze",), 1, days_to_clock=14), 55, "L3"),
        (SeverityFacts(("dt.tro_schedule_a",), ("asset_freeze",), 5, days_to_clock=14), 67, "L2"),
        (SeverityFacts(("dt.patent_infringement",), ("damages",), 1, days_to_clock=21), 44, "L3"),
        (SeverityFacts(("dt.patent_infringement",), ("damages",), is_key_industry=True), 30, "L4"),
        (SeverityFacts(("dt.criminal_enforcement",), (), 1, is_key_industry=True), 80, "L1"),
        (SeverityFacts(("dt.policy_change",), (), is_key_industry=True), 16, "L0"),
        (SeverityFacts(("dt.patent_infringement",), (), 1, is_concluded=True), 18, "L0"),
        (SeverityFacts(("dt.patent_infringement",), (), 1, days_quiet=65), 28, "L4"),
        (SeverityFacts(("dt.patent_infringement",), (), days_quiet=2000), 0, "L0"),
        (SeverityFacts((), (), 20), 32, "L4"),
        (SeverityFacts(campaign=9), 8, "L0"),
    ],
)
def test_levels_add_up(facts: SeverityFacts, total: int, level: str) -> None:
    # The second adds the chain's four points, which the rubric's own example leaves out.
    result = judge(facts)
    assert (result.total, result.level) == (total, level)
    assert result.total == max(0, sum(f.points or 0 for f in result.factors))
    assert all(f.zh and f.en and f.why_zh and f.why_en for f in result.factors)


def test_what_is_not_stored_is_not_assessed_rather_than_nought() -> None:
    silent = {f.id for f in judge(SeverityFacts()).factors if f.points is None}
    assert {"f.dispute_base", "f.clock", "f.industry_key", "f.export_exposure", "f.local_watch_hit"} <= silent


def test_a_right_holders_other_suits_and_the_centres_firms_are_counted(each_house: House) -> None:
    bring_firms(each_house)
    first = a_case(each_house, "2:26-cv-00001")
    for n in range(3):
        a_case(each_house, f"2:26-cv-0010{n}", parties=(RawParty("Acme Optics Inc.", "plaintiff"),))
    desk = Desk(each_house, first)
    with each_house.database.read() as session:
        case = get_case(session, desk.drafter, first)
        centre = desk.drafter.centre_id
        assert centre is not None
        facts = severity_facts(session, centre, case, each_house.clock.now())
    assert (facts.local_named, facts.campaign) == (1, 3)
    assert "dt.patent_infringement" in facts.dispute_types


@pytest.mark.parametrize(
    "text",
    [
        "Hailan",
        "HAILAN DRONE",
        "sued hailan-drone today",
        "海岚",
        "海 岚",
        "Ｈａｉｌａｎ",
        "海嵐",
        "hai lan",
        "Hailan Drone Technology Co., Ltd.",
    ],
)
def test_a_hidden_name_is_found_however_it_is_written(text: str) -> None:
    hidden = Hidden(["Hailan Drone Technology Co., Ltd.", "海岚无人机科技股份有限公司"])
    assert hidden.found_in(f"… {text}, …")


@pytest.mark.parametrize(
    "text",
    ["", "Acme Optics", "unmanned drone technology", "无人机科技", "an island", "示范市知识产权保护中心"],
)
def test_other_words_are_free(text: str) -> None:
    assert Hidden(["Hailan Drone Technology Co., Ltd.", "海岚无人机科技股份有限公司"]).found_in(text) is None


def test_letters_go_on_after_z() -> None:
    assert [letter_of(n) for n in (0, 25, 26, 27, 701, 702)] == ["A", "Z", "AA", "AB", "ZZ", "AAA"]


def test_a_subsidiary_that_tells_who_it_is_is_hidden_too(each_house: House) -> None:
    bring_firms(each_house)
    parties = (
        RawParty("Acme Optics Inc.", "plaintiff"),
        RawParty("Hailan Drone Technology Co., Ltd.", "defendant"),
        RawParty("Hailan America LLC", "defendant"),
        RawParty("Beize Lighting Co. Ltd.", "defendant"),
    )
    now = Desk(each_house, a_case(each_house, parties=parties, caption="Acme v. Hailan")).now
    assert [p.get("letter") or p["name"] for p in now.content["parties"]] == [
        "Acme Optics Inc.",
        "A",
        "A",
        "B",
    ]
    printed = json.dumps(now.content, ensure_ascii=False)
    assert (
        hidden_of([Named(**{**n, "hidden": tuple(n["hidden"])}) for n in now.names]).found_in(printed) is None
    )


def test_a_firm_that_joins_the_register_later_stops_the_bulletin(each_house: House) -> None:
    from core.errors import BadInput

    bring_firms(each_house, "firm,name,kind\nomega,远洋测绘股份有限公司,legal_zh\n")
    desk = Desk(each_house, a_case(each_house))
    desk.edit()
    bring_firms(each_house)
    drain(each_house)
    assert firm_id(each_house, "alpha")
    with pytest.raises(BadInput) as caught:
        desk.submit()
    assert "parties" in caught.value.details["fields"]  # type: ignore[operator]


def test_a_quoted_event_never_names_who_is_hidden(each_house: House) -> None:
    bring_firms(each_house)
    event = RawEvent(date(2026, 2, 20), "ORDER", "ORDER against Hailan Drone Technology Co., Ltd.")
    dates = Desk(each_house, a_case(each_house, events=(event,))).now.content["key_dates"]
    assert any(d["en"] == "Docket entry: ORDER" for d in dates)


def test_changes_are_told_part_by_part(each_house: House) -> None:
    desk = Desk(each_house).publish()
    old = desk.now.content
    new = {**old, "level": "L1", "paragraphs": old["paragraphs"][1:], "title": {**old["title"], "zh": "新"}}
    told = changes(old, new)
    assert [c.part for c in told] == ["title", "level", "summary"]
    assert told[2].new == ("", "")
    assert changes(old, old) == []


def _entry(n: int, text: str = "x", mark: str = "") -> FeedEntry:
    at = datetime(2026, 3, 2, 9, 30, n % 60, 999, tzinfo=UTC)
    return FeedEntry(
        uuid.UUID(int=n), f"https://example.org/bulletins/{n}", text, text, f"<p>{n}</p>", f"<p>{n}</p>", "L2", at,
        at + timedelta(hours=1), "中心", "Centre", mark,
    )  # fmt: skip


def _feed(*entries: FeedEntry) -> Feed:
    base = "https://example.org/bulletins"
    return Feed(
        f"urn:uuid:{uuid.UUID(int=1)}", "公报", base, f"{base}/feed.atom", f"{base}/feed.json", entries
    )


def test_the_atom_feed_is_valid() -> None:
    body = atom(_feed(_entry(1), _entry(2, mark="withdrawn"), _entry(3, mark="corrected")))
    parsed = feedparser.parse(body)
    assert not parsed.bozo and parsed.version == "atom10"
    root = etree.fromstring(body)
    needed = {f"{ATOM}id", f"{ATOM}title", f"{ATOM}updated"}
    assert needed <= {child.tag for child in root}
    ids = [e.findtext(f"{ATOM}id") for e in root.iter(f"{ATOM}entry")]
    assert len(set(ids)) == len(ids) == 3
    for entry in root.iter(f"{ATOM}entry"):
        assert {*needed, f"{ATOM}author", f"{ATOM}link", f"{ATOM}content"} <= {c.tag for c in entry}
    for name in ("updated", "published"):
        for element in root.iter(f"{ATOM}{name}"):
            assert element.text is not None and element.text.endswith("Z")
            assert datetime.fromisoformat(element.text).tzinfo is not None
    assert [link.get("rel") for link in root.findall(f"{ATOM}link")] == ["self", "alternate"]
    assert parsed.entries[1].title.startswith("[已撤回]")
    content = parsed.entries[0].content[0].value
    assert 'lang="zh-CN"' in content and 'lang="en"' in content


def test_the_json_feed_is_valid() -> None:
    told = json.loads(json_feed(_feed(_entry(1), _entry(2, mark="withdrawn"))))
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert {"title", "home_page_url", "feed_url", "items"} <= set(told)
    assert len({item["id"] for item in told["items"]}) == 2
    for item in told["items"]:
        assert item["content_html"] and datetime.fromisoformat(item["date_published"]).tzinfo
    assert [item["_seamark"]["withdrawn"] for item in told["items"]] == [False, True]


@given(text=st.text())
def test_a_feed_stands_any_text(text: str) -> None:
    body = atom(_feed(_entry(1, text)))
    assert etree.fromstring(body).find(f"{ATOM}entry") is not None
    json.loads(json_feed(_feed(_entry(1, text))))


def test_an_empty_feed_is_valid() -> None:
    assert not feedparser.parse(atom(_feed())).bozo


def test_parties_of_no_known_role_are_listed_plainly() -> None:
    case = _case(parties=[Party(id=uuid.uuid4(), name="X", role="party", key="x", position=0)])
    row = CaseEvidence(
        case_id=case.id,
        sha256="a" * 64,
        source="s",
        url="u",
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        fields=["parties"],
    )
    content = draft_content(
        case, [row], [Named("1", "X", "other", "party")], judge(SeverityFacts()), ("甲", "A")
    )
    assert any(p["en"] == "Parties: X." for p in content["paragraphs"])


NEW = {"id": "new-advice", "section": "advice", "zh": "保存证据。", "en": "Keep evidence.", "sources": []}


def _with(bulletin: Bulletin, **row: Any) -> dict[str, Any]:
    kept = edit_of(bulletin).paragraphs
    return {"paragraphs": (*kept, {**NEW, **row})}


def test_a_paragraph_is_a_fact_until_its_writer_says_otherwise_and_a_fact_rests_on_a_source(
    house: House,
) -> None:
    desk = Desk(house)
    for told in ({}, {"type": "fact"}):
        with pytest.raises(BadInput) as caught:
            desk.edit(**_with(desk.now, **told))
        (field,) = caught.value.details["fields"]  # type: ignore[misc]
        assert str(field).endswith("-sources")
    with pytest.raises(BadInput) as caught:
        desk.edit(**_with(desk.now, type="rumour"))
    assert str(next(iter(caught.value.details["fields"]))).endswith("-type")  # type: ignore[call-overload]
    desk.edit(**_with(desk.now, type="advice"))
    assert desk.edit(**_with(desk.now, sources=[1])).content["paragraphs"][-1]["type"] == "fact"
    assert [type_of(p) for p in desk.now.content["paragraphs"][-2:]] == ["advice", "fact"]


def test_a_fact_without_a_source_is_not_signed_however_it_came_to_be_one(house: House) -> None:
    desk = Desk(house)
    desk.edit(**_with(desk.now, type="advice"))
    desk.submit()
    desk.approve()
    with house.database.write() as session:
        stored = session.get_one(Bulletin, desk.id)
        rows = stored.content["paragraphs"]
        stored.content = {**stored.content, "paragraphs": [*rows[:-1], {**rows[-1], "type": "fact"}]}
    with pytest.raises(BadInput) as caught:
        desk.sign()
    assert any(str(f).endswith("-sources") for f in caught.value.details["fields"])  # type: ignore[attr-defined]
    assert desk.now.state == "approved"


def test_a_change_of_what_a_paragraph_is_shows(house: House) -> None:
    desk = Desk(house)
    before = desk.now.content
    rows = edit_of(desk.now).paragraphs
    now = desk.edit(paragraphs=({**rows[0], "type": "analysis"}, *rows[1:])).content
    (change,) = [c for c in changes(before, now) if c.part == "summary"]
    assert change.old[0].startswith("【事实】") and change.new[0].startswith("【分析】")


def test_what_was_signed_before_paragraphs_had_a_type_is_still_told_apart() -> None:
    told = [type_of({"section": section}) for section in ("summary", "risk", "affected", "advice")]
    assert told == ["fact", "analysis", "fact", "advice"]
