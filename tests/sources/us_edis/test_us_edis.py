"""EDIS: real answers of its data service and its feed, and rows that are odd or broken."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.errors import SourceDrifted
from crawlers.relevance import is_ip
from crawlers.source import as_json
from crawlers.sources.us_edis import SPEC

EXPECTED: dict[str, Any] = json.loads(Path(__file__).with_name("expected.json").read_text(encoding="utf-8"))


def document(**told: str) -> str:
    fields = {
        "id": "900001",
        "documentType": "Motion",
        "documentTitle": "Motion to amend",
        "securityLevel": "Public",
        "investigationNumber": "337-1451",
        "investigationPhase": "Violation",
        "investigationStatus": "Active",
        "investigationTitle": "Certain Ink Cartridges; Inv. No. 337-TA-1451 (Violation)",
        "investigationType": "Sec 337",
        "firmOrganization": "Alpha &amp; Beta LLP",
        "filedBy": "Jane Roe",
        "onBehalfOf": "Alpha Co., Ltd.",
        "documentDate": "2026/09/24 00:00:00",
        "officialReceivedDate": "2026/09/25 08:00:00",
    } | told
    cells = "".join(f"<{name}>{words}</{name}>" if words else f"<{name}/>" for name, words in fields.items())
    return f"<document>{cells}</document>"


def documents(*rows: str) -> str:
    return f"<results><documents>{''.join(rows)}</documents></results>"


def investigation(number: str, title: str, status: str, docket: str) -> str:
    return (
        f"<investigation><investigationNumber>{number}</investigationNumber><investigationPhase>Violation"
        f"</investigationPhase><investigationStatus>{status}</investigationStatus><investigationTitle>{title}"
        f"</investigationTitle><investigationType>Sec 337</investigationType><docketNumber>{docket}</docketNumber>"
        "</investigation>"
    )


def feed(title: str, content: str = "", description: str = "") -> str:
    return (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>USITC</title>'
        f"<item><title>{title}</title><description>{description}</description>"
        f"<pubDate>Fri, 27 May 2022 20:24:51 GMT</pubDate><content:encoded><![CDATA[{content}]]></content:encoded>"
        "</item></channel></rss>"
    )


# --- real recordings


def test_every_recording_has_an_expectation(shared: Path) -> None:
    assert {path.name for path in (shared / "usitc_edis").glob("*.xml")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_answer_gives_what_was_reviewed(name: str, take, recording, truth, checked, digest) -> None:
    expected = EXPECTED[name]
    result = take("us_edis", recording(f"usitc_edis/{name}"))
    (case,) = checked(result)
    assert list(result.rejected) == []
    assert result.items == len(case.events) == truth("COUNTS.json")[f"usitc_edis/{name}"]["items"]
    record = as_json(case)
    fact = expected["facts"]
    assert {field: record.get(field) for field in fact} == fact
    assert [event["on"] for event in record["events"]] == expected["days"]
    assert is_ip(case, SPEC)
    assert digest([case]) == expected["sha256"]


@pytest.mark.parametrize("name", EXPECTED)
def test_nobody_who_signs_a_filing_is_taken(name: str, take, recording) -> None:
    content = recording(f"usitc_edis/{name}").decode()
    told = json.dumps([as_json(c) for c in take("us_edis", content).cases], ensure_ascii=False)
    signers = re.findall(r"<filedBy>([^<]+)</filedBy>", content) + re.findall(
        r"\d\d:\d\d by (.+?) of ", content
    )
    assert signers
    assert [name for name in signers if name in told] == []


# --- what a row may say


def test_a_query_by_number_brings_longer_numbers_and_each_row_keeps_its_own(take) -> None:
    rows = [document(investigationNumber=f"337-{n}", id=str(n)) for n in (1451, 1453, 1454, 1451)]
    result = take("us_edis", documents(*rows))
    assert [(c.docket_number, len(c.events)) for c in result.cases] == [
        ("337-TA-1451", 1),
        ("337-TA-1453", 1),
        ("337-TA-1454", 1),
    ]
    assert result.items == 4


def test_a_complaint_before_institution_stands_under_its_docket_number(take) -> None:
    row = document(
        investigationNumber="337-3673", investigationStatus="Preinstitution", documentType="Complaint"
    )
    (case,) = take("us_edis", documents(row)).cases
    assert (case.docket_number, case.aliases, case.outcome) == ("337-3673", (), None)
    assert "Status: Preinstitution" in case.text
    assert [(p.name, p.role) for p in case.parties] == [("Alpha Co., Ltd.", "complainant")]


def test_the_list_of_investigations_says_which_complaint_each_was(take) -> None:
    rows = (
        investigation("337-1500", "Certain Chips; Inv. No. 337-TA-1500 (Violation)", "Active", "3896"),
        investigation(
            "337-3933", "Certain Chairs; Inv. No. 337-TA-3933 (Violation)", "Preinstitution", "3933"
        ),
        investigation("337-1027", "Certain Dyes", "Active", "12"),
    )
    told = take("us_edis", f"<results><investigations>{''.join(rows)}</investigations></results>").cases
    assert [(c.docket_number, c.caption, c.aliases) for c in told] == [
        ("337-TA-1500", "Certain Chips", ("337-3896",)),
        ("337-3933", "Certain Chairs", ()),
        # 12 was the number of an old investigation: no docket number is so small
        ("337-TA-1027", "Certain Dyes", ()),
    ]


def test_an_investigation_of_another_kind_is_no_ip_case(take) -> None:
    row = document(
        investigationNumber="731-1103",
        investigationType="Import Injury",
        investigationTitle="Steel Pipe; Inv. No. 731-TA-1103 (Final)",
    )
    (case,) = take("us_edis", documents(row)).cases
    assert (case.docket_number, case.caption, is_ip(case, SPEC)) == ("731-TA-1103", "Steel Pipe", False)


@pytest.mark.parametrize(
    ("told", "parties"),
    [
        ({"documentTitle": "Respondent Alpha Co., Ltd.'s Opposition"}, [("Alpha Co., Ltd.", "respondent")]),
        (
            {"documentTitle": "Respondents’ Response to Complainant’s Motion"},
            [("Alpha Co., Ltd.", "respondent")],
        ),
        ({"documentTitle": "Complainants' Brief"}, [("Alpha Co., Ltd.", "complainant")]),
        ({"documentTitle": "Complainant and Respondents' Joint Motion"}, [("Alpha Co., Ltd.", "party")]),
        ({"documentType": "Answer to Complaint", "documentTitle": "x"}, [("Alpha Co., Ltd.", "respondent")]),
        ({}, [("Alpha Co., Ltd.", "party")]),
        # anybody may comment
        ({"documentType": "Comments/Response to Comments"}, []),
        ({"documentType": "Statement on the Public Interest"}, []),
        ({"onBehalfOf": "Office of Unfair Import Investigations"}, []),
        ({"onBehalfOf": "Administrative Law Judge", "firmOrganization": "USITC"}, []),
        ({"onBehalfOf": ""}, []),
    ],
)
def test_who_filed_has_the_role_the_filing_shows(
    told: dict[str, str], parties: list[tuple[str, str]], take
) -> None:
    (case,) = take("us_edis", documents(document(**told))).cases
    assert [(p.name, p.role) for p in case.parties] == parties


def test_a_role_once_shown_holds_for_the_filings_that_show_none(take) -> None:
    rows = [document(id="1"), document(id="2", documentTitle="Respondents' brief")]
    for told in (rows, rows[::-1]):
        (case,) = take("us_edis", documents(*told)).cases
        assert [p.role for p in case.parties] == ["respondent"]


def test_empty_elements_say_nothing_and_marks_escaped_twice_are_read(take) -> None:
    row = document(
        documentTitle="Staff&amp;#39;s Response to the Parties’ “Petitions”",
        officialReceivedDate="",
        documentDate="2005-01-25 00:00:00.0",
        onBehalfOf="",
        investigationPhase="",
    )
    (case,) = take("us_edis", documents(row)).cases
    (event,) = case.events
    assert (event.on, event.text) == (date(2005, 1, 25), "Staff's Response to the Parties’ “Petitions”")
    assert "Phase" not in case.text


def test_a_confidential_document_is_told_as_one(take) -> None:
    (case,) = take("us_edis", documents(document(securityLevel="Confidential"))).cases
    assert case.events[0].text == "Motion to amend [Confidential]"


def test_a_notice_of_the_feed_and_the_document_itself_are_one_event(take) -> None:
    content = (
        "<p>For <strong>Investigation 337-1451- Violation - Sec 337</strong>, received.&nbsp; Document was filed  on "
        "09/25/2026 08:00 by Jane Roe of Alpha & Beta LLP on behalf of Alpha Co., Ltd.</p>Document ID: 900001<br/>"
        "Document Type: Motion<br/>Document Title: Motion to amend<br/>Security Level: Public<br/>"
    )
    notice = take(
        "us_edis", feed("Document Approved : 337-1451 Violation : Doc ID 900001, Motion", content)
    ).cases
    (case,) = take("us_edis", documents(document())).cases
    assert [(c.docket_number, c.events, c.parties) for c in notice] == [
        (case.docket_number, case.events, case.parties)
    ]


def test_a_page_behind_the_last_is_empty_and_no_fault(take) -> None:
    result = take("us_edis", "<results><documents/></results>")
    assert (list(result.cases), list(result.rejected), result.items) == ([], [], 0)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"investigationNumber": "n/a"}, "is no investigation number"),
        ({"investigationNumber": ""}, "is no investigation number"),
        ({"officialReceivedDate": "soon"}, "cannot be read"),
        ({"officialReceivedDate": "2026/02/31 00:00:00"}, "cannot be"),
        ({"officialReceivedDate": "0026/02/03 00:00:00"}, "cannot be"),
        ({"documentType": "", "documentTitle": ""}, "neither a type nor a title"),
        (
            {"investigationNumber": "337-003", "investigationType": "Industry and Economic Analysis"},
            "another kind",
        ),
    ],
)
def test_a_bad_row_is_refused_with_its_reason_and_the_rest_goes_on(
    broken: dict[str, str], reason: str, take
) -> None:
    result = take("us_edis", documents(document(**broken), document()))
    assert [case.docket_number for case in result.cases] == ["337-TA-1451"]
    assert [(r.position, reason in r.reason) for r in result.rejected] == [(0, True)]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "the answer is empty"),
        ("<html><head><title>Access Denied</title></head></html>", "an HTML page came"),
        (documents(document())[:-9], "broken or cut off"),
        ("<results><attachments/></results>", "neither <documents> nor <investigations>"),
        ("<documents/>", "neither <documents> nor <investigations>"),
        ("<results><documents><row/><row/></documents></results>", "no row states an investigation number"),
        (feed("A page", "x"), "no title of the feed names an investigation"),
        ('<!DOCTYPE r [<!ENTITY a "b">]><results><documents/></results>', "declares entities"),
    ],
)
def test_an_unusable_answer_is_drift(content: str, problem: str, take) -> None:
    with pytest.raises(SourceDrifted, match=re.escape(problem)):
        take("us_edis", content)
