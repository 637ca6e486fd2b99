"""The shipped sample: well-formed, confirmed, free of private data, and readable by the real crawlers."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree

from cases.facts import RawCase
from cases.identity import docket_key
from cases.names import FirmName, NameIndex
from crawlers.registry import get_source
from crawlers.source import Snapshot
from enterprises.models import NameKind
from warning.masking import Hidden

SAMPLES = Path(__file__).parents[1] / "samples"
RECORDINGS = SAMPLES / "recordings"
FILES = sorted(path for path in RECORDINGS.rglob("*") if path.is_file())
DOCKETS = sorted((RECORDINGS / "us_pacer_docket").glob("*.xml"))
FEEDS = sorted((RECORDINGS / "us_pacer_rss").glob("*.xml"))
APPEALS = RECORDINGS / "us_cafc" / "opinions.xml"
BOARD = RECORDINGS / "us_ttab" / "decisions.json"
#: what a source calls the list in its JSON, where that is not "results"
LISTS = {"us_itc_ids": "data", "us_ptab": "patentTrialProceedingDataBag"}
#: sources whose every case stands in a table of SOURCES.md by its number
OFFICES = ("uk_fcl", "upc_decisions", "us_edis", "us_federal_register", "us_itc_ids", "us_ptab")
OFFICE_FILES = [path for path in FILES if path.parent.name in OFFICES]

#: firms whose names only resemble a party's: they must never be alerted
NEAR_NAMES = ("catl", "rockchip")
#: the firm that nobody is, which asks in the followed case
INVENTED = "sample-firm"
_SIDES = ("client", "opponent")
CASE_NUMBER = re.compile(r"\b\d:\d\d-cv-\d{5}\b")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
TELEPHONE = re.compile(r"(?<![\d,])(?:\+?1[ .-])?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?!\d)")
#: how a firm's name ends, or what else marks a party that is not a person
NOT_A_PERSON = re.compile(
    r"\b(?:Inc|LLC|LLLP|Ltd|Limited|Corp|Corporation|Co|B\.V|Bhd|Company|Partnerships?|GmbH|Cellco)\b|"
    r"Ericsson|Samsung Research America|MiniMax|LIMITED|SASU|Guangzhoushi"
)


def _xml(path: Path) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(path.read_bytes(), parser)


def _firms() -> list[dict[str, str]]:
    with (SAMPLES / "firms.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _sources() -> str:
    return (SAMPLES / "SOURCES.md").read_text(encoding="utf-8")


def test_there_is_a_recording_for_every_source_of_the_first_release() -> None:
    assert {path.parent.name for path in FILES} == {
        "uk_fcl",
        "upc_decisions",
        "us_cafc",
        "us_edis",
        "us_federal_register",
        "us_itc_ids",
        "us_pacer_docket",
        "us_pacer_rss",
        "us_ptab",
        "us_ttab",
    }


def test_the_sample_is_rich_enough_for_a_newcomer() -> None:
    assert len(DOCKETS) >= 25


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_a_recording_is_well_formed(path: Path) -> None:
    if path.suffix == ".json":
        answer = json.loads(path.read_text(encoding="utf-8"))
        assert answer[LISTS.get(path.parent.name, "results")]
    else:
        assert len(_xml(path))


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_a_recording_holds_no_private_data(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    assert not EMAIL.search(text)
    assert not TELEPHONE.search(text)
    assert not re.search(
        r"attorney|assigned_to|referred_to|panelMember|decisionWriter|filedBy|inventorName|counselName|\"Staff\"",
        text,
        re.IGNORECASE,
    )
    # EDIS says an order was made "on behalf of" the office, which is no person.
    assert not re.search(r"(?<!Administrative Law )\bJudge\b", text, re.IGNORECASE)


@pytest.mark.parametrize("path", DOCKETS, ids=lambda p: p.name)
def test_a_docket_names_no_private_person_as_a_party(path: Path) -> None:
    names = [element.text or "" for element in _xml(path).iterfind("party_list/party/name")]
    assert names
    assert [name for name in names if not NOT_A_PERSON.search(name)] == []


@pytest.mark.parametrize("path", DOCKETS, ids=lambda p: p.name)
def test_a_docket_opens_with_a_complaint_on_its_filing_date(path: Path) -> None:
    docket = _xml(path)
    days = [element.text for element in docket.iterfind("document_list/document/date_filed")]
    assert days[0] == docket.findtext("case_details/date_case_filed")
    assert days == sorted(day or "" for day in days)
    assert (docket.findtext("document_list/document/long_desc") or "").startswith("COMPLAINT")


@pytest.mark.parametrize("path", DOCKETS, ids=lambda p: p.name)
def test_a_docket_file_is_named_by_its_court_and_number(path: Path) -> None:
    docket = _xml(path)
    number = (docket.findtext("case_details/docket_num") or "").replace(":", "-")
    assert path.stem == f"{docket.findtext('case_details/court')}_{number}"


def test_every_docket_says_how_it_was_confirmed() -> None:
    sources = _sources()
    numbers = {_xml(path).findtext("case_details/docket_num") or "" for path in DOCKETS}
    for path in FEEDS:
        numbers |= set(CASE_NUMBER.findall(path.read_text(encoding="iso-8859-1")))
    numbers |= {(e.text or "").split(":")[0] for e in _xml(APPEALS).iterfind("channel/item/title")}
    numbers |= {
        row["proceedingNumberDisplay"] for row in json.loads(BOARD.read_text(encoding="utf-8"))["results"]
    }
    assert [number for number in sorted(numbers) if f"| {number} |" not in sources] == []


def test_a_feed_and_a_docket_give_the_same_case_the_same_caption() -> None:
    captions = {}
    for path in DOCKETS:
        details = _xml(path).find("case_details")
        assert details is not None
        captions[details.findtext("court"), details.findtext("docket_num")] = details.findtext("case_name")
    shared = 0
    for path in FEEDS:
        for title in _xml(path).iterfind("channel/item/title"):
            number, _, caption = (title.text or "").partition(" ")
            if (path.stem, number) in captions:
                shared += 1
                assert captions[path.stem, number] == caption
    assert shared


def test_some_feed_items_stay_candidates_without_a_docket_page() -> None:
    known = {_xml(path).findtext("case_details/docket_num") for path in DOCKETS}
    in_feeds = {n for path in FEEDS for n in CASE_NUMBER.findall(path.read_text(encoding="iso-8859-1"))}
    assert in_feeds - known


def test_the_firms_table_has_the_columns_and_kinds_the_importer_expects() -> None:
    rows = _firms()
    assert list(rows[0]) == ["firm", "name", "kind", "lang", "source", "industry", "is_local"]
    assert {row["kind"] for row in rows} <= {kind.value for kind in NameKind}
    assert {row["is_local"] for row in rows} == {"true", "false"}
    assert all(row["name"].strip() == row["name"] and row["source"] for row in rows)


def test_every_firm_has_both_official_names_and_no_name_twice() -> None:
    rows = _firms()
    for firm in {row["firm"] for row in rows}:
        kinds = [row["kind"] for row in rows if row["firm"] == firm]
        assert kinds.count("legal_zh") == kinds.count("legal_en") == 1, firm
    names = [row["name"] for row in rows]
    assert len(names) == len(set(names))


def test_every_firm_but_the_near_names_is_party_to_a_case() -> None:
    parties = " ".join(
        (e.text or "").lower() for path in DOCKETS for e in _xml(path).iterfind("party_list/party/name")
    )
    named = {
        row["firm"] for row in _firms() if row["name"].lower().rstrip(".") in parties or _core(row) in parties
    }
    assert {row["firm"] for row in _firms()} - named == {*NEAR_NAMES, INVENTED}


def _entries() -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for name in ("experts.jsonl", "agencies.jsonl")
        for line in (SAMPLES / name).read_text(encoding="utf-8").splitlines()
    ]


def test_every_entry_of_the_libraries_says_that_it_is_a_sample() -> None:
    for entry in _entries():
        assert entry["is_sample"] is True
        assert entry["name"].startswith(("示例专家", "示例机构"))
        assert "虚构" in entry["bio"]


def test_nobody_real_stands_in_an_invented_relation() -> None:
    told = [client["name"] for entry in _entries() for client in entry["clients"]]
    told += [case[side] for entry in _entries() for case in entry.get("cases", ()) for side in _SIDES]
    followed = yaml.safe_load((SAMPLES / "followed_case.yml").read_text(encoding="utf-8"))
    told += followed["consultation"]["opponents"]
    real = {party.name for path in FILES for case in _cases(path) for party in case.parties}
    real |= {row["name"] for row in _firms() if row["firm"] != INVENTED}
    index = NameIndex(FirmName(name, name, "legal_en") for name in real)
    assert {name: found for name in told if (found := index.screen(name))} == {}


def test_the_firm_that_asks_says_that_it_is_a_sample() -> None:
    names = [row["name"] for row in _firms() if row["firm"] == INVENTED]
    assert names
    assert all("示例" in name or "Sample" in name for name in names)


def test_every_text_of_the_followed_case_says_that_it_is_a_sample() -> None:
    followed = yaml.safe_load((SAMPLES / "followed_case.yml").read_text(encoding="utf-8"))
    texts = [followed["consultation"][name] for name in ("story", "question")]
    texts += [*followed["opinion"].values()]
    texts += [row["zh"] for row in followed["bulletin"]["paragraphs"]]
    assert [text[:20] for text in texts if not text.startswith("【示例】")] == []
    assert all(row["en"].startswith("[Sample] ") for row in followed["bulletin"]["paragraphs"])


def test_no_sentence_of_the_followed_case_names_a_firm_of_the_register() -> None:
    text = (SAMPLES / "followed_case.yml").read_text(encoding="utf-8")
    hidden = Hidden(row["name"] for row in _firms() if row["firm"] != INVENTED)
    assert hidden.found_in(text) is None


def _core(row: dict[str, str]) -> str:
    """A legal English name without its legal form, as courts often shorten it."""
    if row["kind"] != "legal_en":
        return "\0"
    return re.sub(r",? (?:Co\.?,? )?(?:Ltd\.?|Limited|Inc\.?)$", "", row["name"]).lower()


def test_the_industries_of_the_firms_are_the_taxonomys() -> None:
    taxonomy = (Path(__file__).parents[1] / "cases" / "taxonomy" / "industries.yml").read_text(
        encoding="utf-8"
    )
    known = set(re.findall(r"^- id: (\S+)", taxonomy, re.MULTILINE))
    assert {i for row in _firms() for i in row["industry"].split(";")} <= known


def _cases(path: Path) -> list[RawCase]:
    content = path.read_bytes()
    source_id = path.parent.name
    result = get_source(source_id).parse(
        Snapshot(
            source_id=source_id,
            url=f"recording:{source_id}/{path.name}",
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
            fetched_at=datetime(2026, 6, 1, tzinfo=UTC),
            court=path.stem.split("_")[0] if source_id.startswith("us_pacer") else None,
        )
    )
    return list(result.cases)


@pytest.mark.parametrize("path", OFFICE_FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_every_matter_of_an_office_or_of_europe_says_how_it_was_confirmed(path: Path) -> None:
    sources = _sources()
    cases = _cases(path)
    assert [case.docket_number for case in cases if f"| {case.docket_number} | " not in sources] == []
    assert [case.caption for case in cases if not case.caption] == []


@pytest.mark.parametrize("path", OFFICE_FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_a_matter_of_an_office_or_of_europe_names_no_private_person(path: Path) -> None:
    names = [party.name for case in _cases(path) for party in case.parties]
    assert [name for name in names if not NOT_A_PERSON.search(name)] == []


def test_an_investigation_that_two_sources_tell_of_is_one_case() -> None:
    keys = {
        path.parent.name: {
            docket_key(case.venue, number)
            for p in OFFICE_FILES
            if p.parent == path.parent
            for case in _cases(p)
            for number in (case.docket_number, *case.aliases)
        }
        for path in OFFICE_FILES
    }
    assert keys["us_itc_ids"] >= keys["us_federal_register"]
    assert keys["us_itc_ids"] & keys["us_edis"]


def test_some_investigations_name_firms_of_the_mainland_and_of_hong_kong() -> None:
    (path,) = (RECORDINGS / "us_itc_ids").iterdir()
    told = {party.country for case in _cases(path) for party in case.parties if party.role == "respondent"}
    assert {"CN", "HK"} <= told


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_the_real_source_reads_a_recording_without_rejecting_an_item(path: Path) -> None:
    content = path.read_bytes()
    source_id = path.parent.name
    result = get_source(source_id).parse(
        Snapshot(
            source_id=source_id,
            url=f"recording:{source_id}/{path.name}",
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
            fetched_at=datetime(2026, 6, 1, tzinfo=UTC),
            court=path.stem.split("_")[0] if source_id.startswith("us_pacer") else None,
        )
    )
    assert list(result.rejected) == []
    assert result.cases
    assert all(case.docket_number and case.caption for case in result.cases)
