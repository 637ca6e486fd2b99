"""Whatever arrives: a parser gives cases or says SourceDrifted, and order and white space change nothing."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import SeamarkError
from crawlers.schemas import load_case, validated
from crawlers.source import as_json

RECORDINGS = Path(__file__).parents[2] / "samples" / "recordings"
#: one shipped recording a source, and the court it is of
SEEDS = {
    "us_cafc": ("us_cafc/opinions.xml", None),
    "us_pacer_rss": ("us_pacer_rss/ilnd.xml", "ilnd"),
    "us_pacer_docket": ("us_pacer_docket/txed_2-22-cv-00232.xml", "txed"),
    "us_ttab": ("us_ttab/decisions.json", None),
    "us_edis": ("us_edis/documents.xml", None),
    "us_itc_ids": ("us_itc_ids/investigations.json", None),
    "us_federal_register": ("us_federal_register/notices.json", None),
    "us_ptab": ("us_ptab/proceedings.json", None),
    "upc_decisions": ("upc_decisions/decisions.html", None),
    "uk_fcl": ("uk_fcl/judgments.xml", None),
}
REPORT = (
    "<html><head><title>CM/ECF</title></head><body><h3>U.S. District Court<br>District of Delaware (Wilmington)<br>"
    "CIVIL DOCKET FOR CASE #: 1:24-cv-00077-ABC</h3><table><tr><td><br>Alpha v. Beta<br>Cause: 35:271 Patent</td>"
    "<td>Date Filed: 01/16/2024<br>Nature of Suit: 830 Patent</td></tr></table><table><tr><td><b><u>Plaintiff</u></b>"
    "</td></tr><tr><td><b>Alpha</b></td></tr></table><table><tr><td>Date Filed</td><th>#</th><td>Docket Text</td></tr>"
    "<tr><td>01/16/2024</td><td><a href='/doc1/1'>1</a></td><td>COMPLAINT</td></tr></table></body></html>"
)
#: pieces that parsers stumble over
SPITE = st.sampled_from(
    [b"\x00", b"\xff\xfe", b"<", b">", b"]]>", b"<![CDATA[", b"&", b"&#0;", b"&#x110000;", b"&amp;amp;", b"\xed\xa0\x80",
     b"<!--", b'"', b"\\ud800", b"{", b"[", b"null", b"1e999", b"<!DOCTYPE x [", b"http://[", b"99999999999999999999",
     b"0000-00-00", b"\r\n", b"\xe2\x80\xae", b"<table>", b"</td>", b"<b><u>"]
)  # fmt: skip


def seed(source_id: str) -> bytes:
    return (RECORDINGS / SEEDS[source_id][0]).read_bytes()


def survives(take: Any, source_id: str, content: bytes, court: str | None) -> None:
    """Parsing raises nothing but a Seamark error, and whatever comes out is fit to print and to load again."""
    try:
        result = take(source_id, content, court=court)
    except SeamarkError as error:
        assert "\n" not in error.message
        return
    kept = validated(result)
    for case in kept.cases:
        json.dumps(as_json(case), ensure_ascii=False).encode()
    for refused in kept.rejected:
        assert refused.reason and "\n" not in refused.reason
        f"{refused.reason} {refused.excerpt}".encode()


@pytest.mark.parametrize("source_id", SEEDS)
@settings(max_examples=60)
@given(data=st.data())
def test_damaged_bytes_never_break_a_parser(take, source_id: str, data: st.DataObject) -> None:
    content = seed(source_id)
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content)))
        gone = data.draw(st.integers(0, 40))
        content = content[:place] + data.draw(SPITE | st.binary(max_size=8)) + content[place + gone :]
    survives(take, source_id, content, SEEDS[source_id][1])


@pytest.mark.parametrize("source_id", SEEDS)
@settings(max_examples=40)
@given(data=st.data())
def test_bytes_cut_off_anywhere_never_break_a_parser(take, source_id: str, data: st.DataObject) -> None:
    content = seed(source_id)
    survives(take, source_id, content[: data.draw(st.integers(0, len(content)))], SEEDS[source_id][1])


@settings(max_examples=80)
@given(data=st.data())
def test_a_damaged_docket_report_never_breaks_its_parser(take, data: st.DataObject) -> None:
    content = REPORT.encode()
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(content)))
        content = (
            content[:place]
            + data.draw(SPITE | st.binary(max_size=8))
            + content[place + data.draw(st.integers(0, 30)) :]
        )
    survives(take, "us_pacer_docket", content, "ded")


@pytest.mark.parametrize("source_id", SEEDS)
@settings(max_examples=40)
@given(content=st.binary(max_size=300))
def test_noise_never_breaks_a_parser(take, source_id: str, content: bytes) -> None:
    survives(take, source_id, content, SEEDS[source_id][1])


@settings(max_examples=60)
@given(rows=st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["proceedingNumber", "proceedingNumberDisplay", "partyName", "issueDate", "issueDateStr",
                         "decision", "documentId", "applicantMarkGoodService", "groundsForRefusalCategory", "x"]),
        inner, max_size=6),
    max_leaves=12,
))  # fmt: skip
def test_json_of_any_shape_never_breaks_the_boards_parser(take, rows: Any) -> None:
    survives(take, "us_ttab", json.dumps({"results": rows}).encode(), None)


#: the list of a JSON answer, and fields within its rows that hold more than a word
JSON_SOURCES = {
    "us_itc_ids": ("data", ["Investigation Number", "Start Date", "Investigation Phase", "Name", "Participants",
                            "Participant", "Participant Type", "Country", "name", "Intellectual Property", "date",
                            "Intellectual Property ID", "Type", "Number", "Unfair Act", "HTS Number & Description"]),
    "us_federal_register": ("results", ["document_number", "title", "abstract", "docket_ids", "publication_date",
                                        "agencies", "name", "html_url", "type"]),
    "us_ptab": ("patentTrialDocumentDataBag", ["trialNumber", "trialMetaData", "petitionFilingDate", "patentOwnerData",
                                               "patentNumber", "realPartyInInterestName", "documentData", "decisionData",
                                               "documentTitleText", "fileDownloadURI", "issueTypeBag"]),
}  # fmt: skip
#: what a field may hold to be read further
WORDS = st.sampled_from(
    ["337-1400", "337-3700", "IPR2024-00001", "2024-01-02", "01-02-2024", "Investigation No. 337-TA-1400", "D579868",
     "on behalf of A, Inc. of Austin, Texas; under section 337 a complaint", "https://e.example/x", "Respondent"]
)  # fmt: skip


@pytest.mark.parametrize("source_id", JSON_SOURCES)
@settings(max_examples=60)
@given(data=st.data())
def test_json_of_any_shape_never_breaks_a_parser(take, source_id: str, data: st.DataObject) -> None:
    bag, names = JSON_SOURCES[source_id]
    rows = data.draw(
        st.lists(
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.text(max_size=20) | WORDS,
                lambda inner: (
                    st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(names), inner, max_size=6)
                ),
                max_leaves=12,
            ),
            max_size=4,
        )
    )
    survives(take, source_id, json.dumps({bag: rows}).encode(), None)


def contents(take: Any, source_id: str, content: bytes) -> dict[str, Any]:
    """What each docket holds, in no order."""
    result = take(source_id, content, court=SEEDS[source_id][1])
    assert list(result.rejected) == []
    return {
        case.docket_number: (
            case.caption,
            frozenset(case.parties),
            frozenset(case.events),
            {scheme: frozenset(values) for scheme, values in case.codes.items()},
            case.outcome,
        )
        for case in result.cases
    }


@pytest.mark.parametrize(
    "name", ["us_cafc/opinions.xml", *(f"us_pacer_rss/{c}.xml" for c in ("cand", "ilnd", "txed"))]
)
def test_the_order_and_spacing_of_items_change_no_case(name: str, take) -> None:
    source_id = name.split("/")[0]
    text = (RECORDINGS / name).read_text(encoding="utf-8")
    court = text.split("https://ecf.")[1].split(".")[0] if source_id == "us_pacer_rss" else None
    items = re.findall(r"<item>.*?</item>", text, re.DOTALL)
    before, after = text.split("<item>")[0], text.rsplit("</item>", 1)[1]
    assert len(items) > 2

    def told(content: str) -> dict[str, Any]:
        return {
            case.docket_number: (
                case.caption,
                frozenset(case.parties),
                frozenset(case.events),
                str(case.codes),
            )
            for case in take(source_id, content, court=court).cases
        }

    chance = random.Random(7)
    for _ in range(5):
        shuffled = chance.sample(items, len(items))
        assert told(before + "\n\t \n".join(shuffled) + after) == told(text)


def test_the_order_of_decisions_and_the_spacing_of_json_change_no_case(take) -> None:
    answer = json.loads(seed("us_ttab"))
    expected = contents(take, "us_ttab", seed("us_ttab"))
    chance = random.Random(7)
    for indent in (None, 1, 8):
        chance.shuffle(answer["results"])
        assert contents(take, "us_ttab", json.dumps(answer, indent=indent).encode()) == expected


@pytest.mark.parametrize(
    ("source_id", "item"),
    [
        ("us_edis", r"<document>.*?</document>"),
        ("uk_fcl", r"<entry>.*?</entry>"),
        ("upc_decisions", r"<tr>\s*<td.*?</tr>"),
    ],
)
def test_the_order_of_rows_changes_no_case(source_id: str, item: str, take) -> None:
    text = seed(source_id).decode()
    items = re.findall(item, text, re.DOTALL)
    assert len(items) > 1
    before, after = text.split(items[0])[0], text.rsplit(items[-1], 1)[1]
    expected = contents(take, source_id, text.encode())
    chance = random.Random(7)
    for _ in range(5):
        told = before + "\n\t \n".join(chance.sample(items, len(items))) + after
        assert contents(take, source_id, told.encode()) == expected


@pytest.mark.parametrize("source_id", JSON_SOURCES)
def test_the_order_of_rows_and_the_spacing_of_json_change_no_case(source_id: str, take) -> None:
    answer = json.loads(seed(source_id))
    expected = contents(take, source_id, seed(source_id))
    rows = next(value for value in answer.values() if isinstance(value, list))
    chance = random.Random(7)
    for indent in (None, 1, 8):
        chance.shuffle(rows)
        assert contents(take, source_id, json.dumps(answer, indent=indent).encode()) == expected


def test_the_spacing_of_a_docket_changes_nothing(take) -> None:
    text = seed("us_pacer_docket").decode()
    spaced = text.replace("><", ">\n\n  <").replace("\n", "\r\n\t ")
    assert contents(take, "us_pacer_docket", spaced.encode()) == contents(
        take, "us_pacer_docket", text.encode()
    )


@pytest.mark.parametrize("path", sorted(RECORDINGS.rglob("*.*")), ids=lambda p: f"{p.parent.name}/{p.name}")
def test_what_is_printed_can_be_loaded_again(path: Path, take) -> None:
    cases = take(path.parent.name, path.read_bytes()).cases
    assert cases
    for case in cases:
        # Other numbers are not printed: a reader of the record looks one docket up.
        assert load_case(json.loads(json.dumps(as_json(case)))) == replace(case, aliases=())
