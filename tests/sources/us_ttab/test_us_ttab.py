"""The Trademark Trial and Appeal Board's reading room: a real answer, another parser's reading of it, broken answers."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.errors import SourceDrifted
from crawlers.source import as_json

EXPECTED: dict[str, Any] = json.loads(Path(__file__).with_name("expected.json").read_text(encoding="utf-8"))


def row(**told: Any) -> dict[str, Any]:
    return {
        "proceedingNumber": 91270001,
        "proceedingNumberDisplay": "91270001",
        "partyName": "Alpha Co., Ltd. v. Beta GmbH",
        "proceedingTypeCd": "OPP",
        "decision": "Opposition Sustained",
        "decisionTypeCategory": "Final Decision",
        "decisionTypeCd": "F",
        "issue": "2(d)",
        "issueDate": 1769490000000,
        "issueDateStr": "27-JAN-2026",
        "precedentCitableIndicator": "N",
        "documentId": "/legal-proceeding/91270001/decision/OPP_12.pdf",
        "applicantMarkGoodService": "BETTA\n[Drones, in International Classes 9, 12 and 28]",
        "opposerMarkGoodService": "BETA\n[Toys, in Class 28]",
    } | told


def answer(*rows: Any) -> str:
    return json.dumps({"recordTotalQuantity": len(rows), "results": list(rows)})


# --- real recordings


def test_every_recording_has_an_expectation(shared: Path) -> None:
    recorded = {p.name for p in (shared / "ttab").glob("*.json") if not p.name.endswith(".compare.json")}
    assert recorded == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_answer_gives_what_was_reviewed(name: str, take, recording, checked, digest) -> None:
    expected = EXPECTED[name]
    result = take("us_ttab", recording(f"ttab/{name}"))
    cases = checked(result)
    assert list(result.rejected) == []
    assert result.items == expected["items"]
    for case, fact in zip(cases, expected["facts"], strict=True):
        record = as_json(case)
        assert {field: record.get(field) for field in fact} == fact
    assert digest(cases) == expected["sha256"]


def test_juriscraper_reads_the_same_in_a_real_answer(take, recording, truth) -> None:
    cases = take("us_ttab", recording("ttab/ttab_example.json")).cases
    for case, theirs in zip(cases, truth("ttab/ttab_example.compare.json"), strict=True):
        (event,) = case.events
        assert case.docket_number == theirs["docket_numbers"]
        assert case.caption == theirs["case_names"]
        assert event.on == date.fromisoformat(theirs["case_dates"])
        assert event.url == theirs["download_urls"]
        assert case.outcome == theirs["dispositions"]
        assert theirs["summaries"] in event.text


# --- what a row may say


@pytest.mark.parametrize(
    ("kind", "party", "roles"),
    [
        ("OPP", "A Co. v. B Co.", ["opposer", "applicant"]),
        ("CAN", "A Co. v. B Co.", ["petitioner", "respondent"]),
        ("EXT", "A Co. v. B Co.", ["opposer", "applicant"]),
        ("EXA", "A Co. & C Co.", ["applicant"]),
        ("EXA", "In re A Co.", ["applicant"]),
        ("CNU", "A Co. v. B Co.", ["party", "party"]),
        ("None", "A Co.", ["party"]),
    ],
)
def test_the_kind_of_proceeding_gives_the_roles(kind: str, party: str, roles: list[str], take) -> None:
    (case,) = take("us_ttab", answer(row(proceedingTypeCd=kind, partyName=party))).cases
    assert [p.role for p in case.parties] == roles
    assert case.parties[0].name.startswith("A Co.")


def test_classes_are_those_of_the_mark_under_attack(take) -> None:
    (case,) = take("us_ttab", answer(row())).cases
    assert case.codes == {"nice": ("9", "12", "28")}
    (case,) = take("us_ttab", answer(row(applicantMarkGoodService=None))).cases
    assert case.codes == {"nice": ("28",)}
    (case,) = take(
        "us_ttab", answer(row(applicantMarkGoodService="X [in Class 99]", opposerMarkGoodService=""))
    ).cases
    assert case.codes == {}


def test_decisions_of_one_proceeding_are_one_case_and_the_latest_word_is_the_outcome(take) -> None:
    older = row(decision="Opposition Dismissed", issueDateStr="01-FEB-2024", documentId="None")
    result = take("us_ttab", answer(row(), older))
    (case,) = result.cases
    assert [event.on for event in case.events] == [date(2026, 1, 27), date(2024, 2, 1)]
    assert case.outcome == "Opposition Sustained"
    assert case.events[1].url == ""
    (case,) = take("us_ttab", answer(older, row())).cases
    assert case.outcome == "Opposition Sustained"
    assert result.items == 2


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ({"decision": "Refusal Affirmed"}, "Refusal Affirmed"),
        ({"decision": "Final Decision"}, None),
        ({"decision": "Decision on remand"}, None),
        ({"decision": None}, None),
        ({"decision": "Motion to compel granted", "decisionTypeCategory": "Decision on Motion"}, None),
        (
            {
                "decision": "SJ granted: Petition to Cancel Denied",
                "decisionTypeCategory": "Decision on Motion",
            },
            "SJ granted: Petition to Cancel Denied",
        ),
    ],
)
def test_an_outcome_is_given_only_where_the_decision_says_one(
    told: dict[str, Any], outcome: str | None, take
) -> None:
    (case,) = take("us_ttab", answer(row(**told))).cases
    assert case.outcome == outcome
    assert ("outcome" in as_json(case)) == (outcome is not None)


def test_consolidated_proceedings_are_one_case_with_other_numbers(take) -> None:
    (case,) = take("us_ttab", answer(row(proceedingNumberDisplay="91213564; 91206084"))).cases
    assert (case.docket_number, case.aliases) == ("91213564", ("91206084",))


def test_a_decision_without_parties_takes_them_from_another(take) -> None:
    (case,) = take("us_ttab", answer(row(partyName=None), row(issueDateStr="01-FEB-2024"))).cases
    assert case.caption == "Alpha Co., Ltd. v. Beta GmbH"
    (case,) = take("us_ttab", answer(row(partyName="None"))).cases
    assert (case.caption, case.parties) == ("", ())


def test_the_day_may_stand_in_milliseconds_alone(take) -> None:
    (case,) = take("us_ttab", answer(row(issueDateStr=None))).cases
    assert case.events[0].on == date(2026, 1, 27)
    (case,) = take("us_ttab", answer(row(issueDateStr="", issueDate=None))).cases
    assert case.events[0].on is None


@pytest.mark.parametrize(
    "document", ["None", "../../etc/passwd.pdf", "//evil.example/x.pdf", "https://e.example/x.pdf", 7]
)
def test_a_document_outside_the_reading_room_is_left_out(document: object, take) -> None:
    (case,) = take("us_ttab", answer(row(documentId=document))).cases
    assert case.events[0].url == ""


def test_half_a_surrogate_pair_does_not_reach_the_database(take) -> None:
    text = answer(row(partyName="Al\ud83dpha v. Beta"))
    (case,) = take("us_ttab", text).cases
    assert case.caption == "Alpha v. Beta"
    json.dumps(as_json(case), ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"proceedingNumber": None, "proceedingNumberDisplay": "n/a"}, "no proceeding number"),
        ({"issueDateStr": "27-FOO-2026"}, "no such month"),
        ({"issueDateStr": "31-FEB-2026"}, "day is out of range"),
        ({"issueDateStr": "soon"}, "cannot be read"),
        ({"issueDateStr": None, "issueDate": 10**30}, "no date"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason_and_the_rest_goes_on(
    broken: dict[str, Any], reason: str, take
) -> None:
    result = take("us_ttab", answer(row(**broken), row(proceedingNumberDisplay="92000001")))
    assert [case.docket_number for case in result.cases] == ["92000001"]
    assert [(r.position, reason in r.reason) for r in result.rejected] == [(0, True)]


@pytest.mark.parametrize("stray", [None, 7, "text", []])
def test_a_row_that_is_no_object_is_refused(stray: object, take) -> None:
    result = take("us_ttab", answer(stray, row()))
    assert [r.position for r in result.rejected] == [0]
    assert len(result.cases) == 1


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "the answer is empty"),
        ("<html><head></head></html>", "an HTML page came"),
        (answer(row())[:-5], "not JSON, or is cut off"),
        ("[1, 2]", 'no list called "results"'),
        ('{"results": {"a": 1}}', 'no list called "results"'),
        ('{"results": [NaN]}', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"results": [{"id": 1}, {"id": 2}]}', "no row of the results has a proceeding number"),
    ],
)
def test_an_unusable_answer_is_drift(content: str, problem: str, take) -> None:
    with pytest.raises(SourceDrifted, match=re.escape(problem)):
        take("us_ttab", content)
