"""The investigations database: rows in the shape that is described, odd ones, and downloads that are broken."""

from __future__ import annotations

import json
import random
import re
from datetime import date
from typing import Any

import pytest

from core.errors import SourceDrifted
from crawlers.relevance import is_ip
from crawlers.source import SourceStatus
from crawlers.sources.us_itc_ids import SPEC


def participant(role: str, name: str, country: str) -> dict[str, Any]:
    return {"Participant Type": {"name": role}, "Participant": {"Name": name, "Country": {"name": country}}}


def right(kind: str, number: str) -> dict[str, Any]:
    return {"Intellectual Property ID": {"Type": {"Name": kind}, "Number": number}}


def row(number: str = "337-1400", phase: str = "Violation", **told: Any) -> dict[str, Any]:
    return {
        "Investigation Number": number,
        "Investigation Phase": {"Name": phase},
        "Investigation Status": {"Name": "Active"},
        "Investigation Type": {"Name": "Unfair Imports"},
        "Investigation Categories": [{"ID": 6, "Name": "337 - Unfair Imports"}],
        "Topic": "Drones",
        "Full Title": "Certain Drones; Inv. No. 337-TA-1400",
        "Docket Number": "3700",
        "Start Date": "04-01-2024",
        "Initiating Document Received Date": "03-01-2024",
        "Date of Publication of FR Notice (NOI)": {"date": "2024-04-02T12:00:00.000+00:00", "isNa": False},
        "F.R. Citation for Notice of Institution": "89 FR 22222",
        "Participants": [
            participant("Complainant", "Alpha, Inc.", "United States of America"),
            participant("Respondent", "Beta Co., Ltd.", "China"),
            participant("Commission Investigative Staff", "Jane Roe", ""),
        ],
        "Staff": [{"Name": "John Doe"}],
        "Intellectual Property": [right("Patent", "9,548,839"), right("Patent", "D579,868")],
        "Unfair Act": [{"Unfair Act in Notice": {"name": "Patent Infringement", "ID": 1}}],
        "HTS Number & Description": "8806.22.00 Unmanned aircraft",
    } | told


def download(*rows: Any, **told: Any) -> str:
    return json.dumps(
        {"data": list(rows), "date": "2026-09-21T22:00:01.996+00:00", "count": len(rows)} | told
    )


def test_it_is_switched_off_until_a_real_download_has_been_read() -> None:
    assert SPEC.status is SourceStatus.UNPROVEN
    assert SPEC.may_shrink_by == 0.02


def test_an_investigation_has_its_sides_their_countries_and_its_rights(take, checked) -> None:
    (case,) = checked(take("us_itc_ids", download(row())))
    assert (case.docket_number, case.aliases, case.caption) == (
        "337-TA-1400",
        ("337-3700",),
        "Certain Drones",
    )
    assert [(p.name, p.role, p.country) for p in case.parties] == [
        ("Alpha, Inc.", "complainant", "US"),
        ("Beta Co., Ltd.", "respondent", "CN"),
    ]
    assert [(r.kind, r.number) for r in case.rights] == [
        ("patent", "US 9,548,839"),
        ("design", "US D579,868"),
    ]
    assert case.codes == {"investigation": ("337",), "hs": ("8806.22.00",)}
    assert case.filed_on == date(2024, 3, 1)
    assert [(e.on, e.kind, e.text) for e in case.events] == [
        (date(2024, 3, 1), "Complaint received", "Violation"),
        (date(2024, 4, 1), "Investigation instituted", "Violation"),
        (date(2024, 4, 2), "Notice in the Federal Register", "Violation: 89 FR 22222"),
    ]
    assert "Patent Infringement" in case.text and "Violation: Active" in case.text
    assert case.outcome is None
    assert is_ip(case, SPEC)
    assert "Jane Roe" not in repr(case) and "John Doe" not in repr(case)


def test_the_stages_of_an_investigation_are_one_case_whatever_their_order(take) -> None:
    violation = row(
        **{
            "Investigation End Date": "06-30-2025",
            "Final Determination Type": {"finalDeterminationType": "Violation Found"},
        }
    )
    enforcement = row(
        phase="Enforcement",
        **{
            "Start Date": "09-01-2025",
            "Initiating Document Received Date": "08-01-2025",
            "Investigation End Date": "02-01-2026",
            "Final Determination Type": {"finalDeterminationType": "Terminated"},
            "Participants": [participant("Respondent", "Gamma Ltd.", "Hong Kong")],
        },
    )
    told = []
    for rows in ([violation, enforcement], [enforcement, violation]):
        (case,) = take("us_itc_ids", download(*rows)).cases
        told.append(case)
    assert told[0] == told[1]
    assert {(e.kind, e.text) for e in case.events} >= {
        ("Investigation instituted", "Violation"),
        ("Investigation ended", "Violation"),
        ("Proceeding instituted", "Enforcement"),
        ("Proceeding ended", "Enforcement"),
    }
    assert {(p.name, p.country) for p in case.parties} >= {("Beta Co., Ltd.", "CN"), ("Gamma Ltd.", "HK")}
    assert (case.outcome, case.filed_on) == ("Enforcement: Terminated", date(2024, 3, 1))


def test_a_complaints_row_is_merged_into_the_investigation_it_became(take) -> None:
    complaint = row("337-3700", **{"Docket Number": "3700", "Full Title": "Drones", "Start Date": ""})
    waiting = row(
        "337-3933", **{"Docket Number": "3933", "Full Title": "Certain Chairs; Inv. No. 337-TA-3933"}
    )
    rows = [complaint, row(), waiting]
    random.Random(7).shuffle(rows)
    cases = take("us_itc_ids", download(*rows)).cases
    assert {(c.docket_number, c.aliases, c.caption) for c in cases} == {
        ("337-TA-1400", ("337-3700",), "Certain Drones"),
        ("337-3933", (), "Certain Chairs"),
    }
    (joined,) = [case for case in cases if case.aliases]
    assert [event.kind for event in joined.events].count("Complaint received") == 1


def test_rows_of_other_matters_are_left_out_even_under_a_337_number(take) -> None:
    study = row(
        "337-003", **{"Investigation Categories": [{"Name": "332 - Studies"}], "Investigation Type": {}}
    )
    steel = row(
        "731-1103", **{"Investigation Categories": [{"Name": "731 - Antidumping"}], "Investigation Type": {}}
    )
    result = take("us_itc_ids", download(study, steel, row()))
    assert [case.docket_number for case in result.cases] == ["337-TA-1400"]
    assert (result.items, list(result.rejected)) == (1, [])


def test_what_a_row_does_not_say_is_left_open(take, checked) -> None:
    bare = {"Investigation Number": "337-1401"}
    na = row(
        "337-1402",
        **{"Date of Publication of FR Notice (NOI)": {"date": None, "isNa": True}, "Participants": None},
    )
    first, second = checked(take("us_itc_ids", download(bare, na)))
    assert (first.caption, first.parties, first.events, first.filed_on) == ("", (), (), None)
    assert "Notice in the Federal Register" not in {event.kind for event in second.events}


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (row("n/a"), "no number of a section 337 investigation"),
        (row(**{"Start Date": "13-01-2024"}), "its Start Date"),
        (row(**{"Start Date": "soon"}), "'soon' is no date"),
        (row(**{"Investigation End Date": {"date": "0024-01-01T00:00:00"}}), "its Investigation End Date"),
        (None, "no JSON object"),
        ("text", "no JSON object"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason_and_the_rest_goes_on(broken: Any, reason: str, take) -> None:
    result = take("us_itc_ids", download(broken, row("337-1401", **{"Docket Number": "3701"})))
    assert [case.docket_number for case in result.cases] == ["337-TA-1401"]
    assert [(r.position, reason in r.reason) for r in result.rejected] == [(0, True)]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "the answer is empty"),
        ("<html></html>", "an HTML page came"),
        (download(row())[:-40], "not JSON, or is cut off"),
        ("[]", 'no list called "data"'),
        ('{"data": {}}', 'no list called "data"'),
        (download({"id": 1}), 'no row has an "Investigation Number"'),
        (download(row(), count=1_680), "states 1,680 rows and holds 1"),
    ],
)
def test_an_unusable_download_is_drift(content: str, problem: str, take) -> None:
    with pytest.raises(SourceDrifted, match=re.escape(problem)):
        take("us_itc_ids", content)
