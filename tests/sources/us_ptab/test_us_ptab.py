"""The Open Data Portal's trials: real answers of its lists, and rows that are odd or broken."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.errors import SourceDrifted
from crawlers.relevance import is_ip
from crawlers.source import SourceStatus, as_json
from crawlers.sources.us_ptab import SPEC

EXPECTED: dict[str, Any] = json.loads(Path(__file__).with_name("expected.json").read_text(encoding="utf-8"))
#: answers of the portal that are of no trial: a trademark's status, appeals of applicants, interferences of inventors
OTHERS = (
    "get_trademark_status",
    "search_appeal_decisions",
    "search_appeal_decisions_download",
    "search_interference_decisions",
    "search_interference_decisions_download",
)


def row(**told: Any) -> dict[str, Any]:
    return {
        "trialNumber": "IPR2024-00123",
        "patentOwnerData": {
            "patentNumber": "9548839",
            "realPartyInInterestName": "Beta LLC",
            "inventorName": "Jane Roe et al",
            "counselName": "Roe, Johnet al",
            "technologyCenterNumber": "2600",
        },
        "regularPetitionerData": {
            "realPartyInInterestName": "Alpha Co., Ltd. et al.",
            "counselName": "Doe, J",
        },
        "trialMetaData": {
            "petitionFilingDate": "2024-01-30",
            "trialLastModifiedDate": "2024-02-01",
            "trialStatusCategory": "Pending",
            "trialTypeCode": "IPR",
        },
    } | told


def paper(**told: Any) -> dict[str, Any]:
    return {
        "documentFilingDate": "2024-02-15",
        "documentNumber": 3,
        "documentTitleText": "Notice: Accorded",
        "documentTypeDescriptionText": "Notice: filing date accorded",
        "fileDownloadURI": "https://api.uspto.gov/api/v1/patent/ptab-files/IPR/2024/00123/1.pdf",
    } | told


def answer(*rows: Any, bag: str = "patentTrialProceedingDataBag") -> str:
    return json.dumps({"count": len(rows), bag: list(rows)})


# --- real recordings


def test_every_recording_has_an_expectation(shared: Path) -> None:
    folder = shared / "uspto_odp"
    examples = {
        f"demo/examples/{p.parent.name}/response.json" for p in folder.glob("demo/examples/*/response.json")
    }
    strict = {f"testdata/strictdecode/{p.name}" for p in folder.glob("testdata/strictdecode/*.json")}
    others = {f"demo/examples/{name}/response.json" for name in OTHERS}
    assert examples | strict == set(EXPECTED) | others


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_answer_gives_what_was_reviewed(name: str, take, recording, checked, digest) -> None:
    expected = EXPECTED[name]
    content = json.loads(recording(f"uspto_odp/{name}"))
    result = take("us_ptab", json.dumps(content))
    cases = checked(result)
    assert list(result.rejected) == []
    (rows,) = [value for value in content.values() if isinstance(value, list)]
    assert (result.items, len(cases)) == (len(rows), expected["trials"])
    assert sum(len(case.events) for case in cases) == expected["events"]
    assert {case.docket_number for case in cases} == {r["trialNumber"] for r in rows}
    by_number = {case.docket_number: as_json(case) for case in cases}
    for fact in expected["facts"]:
        record = by_number[fact["docket_number"]]
        assert {field: record.get(field) for field in fact} == fact
    assert digest(cases) == expected["sha256"]


@pytest.mark.parametrize("name", EXPECTED)
def test_neither_inventors_nor_counsel_become_parties(name: str, take, recording) -> None:
    content = recording(f"uspto_odp/{name}").decode()
    persons = set(re.findall(r'"(?:inventorName|counselName)": ?"([^"]+?)(?: ?et al)?"', content))
    parties = {party.name for case in take("us_ptab", content).cases for party in case.parties}
    assert not parties & persons


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_trial_is_drift(name: str, take, recording) -> None:
    with pytest.raises(SourceDrifted, match=r"no list of trials|no row has a trial number"):
        take("us_ptab", recording(f"uspto_odp/demo/examples/{name}/response.json"))


def test_a_key_is_needed_so_nothing_is_fetched() -> None:
    assert (SPEC.status, SPEC.urls) == (SourceStatus.MANUAL, ())
    assert "X-API-KEY" in SPEC.terms


# --- what a row may say


def test_a_trial_has_its_sides_its_patent_and_its_course(take) -> None:
    meta = row()["trialMetaData"] | {
        "institutionDecisionDate": "2024-08-20",
        "accordedFilingDate": "2024-02-15",
    }
    (case,) = take("us_ptab", answer(row(trialMetaData=meta))).cases
    assert case.caption == "Alpha Co., Ltd. et al. v. Beta LLC"
    assert [(p.name, p.role) for p in case.parties] == [
        ("Alpha Co., Ltd.", "petitioner"),
        ("Beta LLC", "patent_owner"),
    ]
    assert [r.number for r in case.rights] == ["US 9,548,839"]
    assert [(e.on, e.kind) for e in case.events] == [
        (date(2024, 1, 30), "Petition filed"),
        (date(2024, 2, 15), "Filing date accorded"),
        (date(2024, 8, 20), "Decision on institution"),
    ]
    assert (case.filed_on, case.outcome) == (date(2024, 1, 30), None)
    assert is_ip(case, SPEC)


def test_a_fresh_petition_names_no_owner_and_the_patent_stands_in_the_caption(take) -> None:
    owner = {"patentNumber": "9548839", "inventorName": "Jane Roe"}
    (case,) = take("us_ptab", answer(row(patentOwnerData=owner))).cases
    assert case.caption == "Alpha Co., Ltd. et al. (US 9,548,839)"
    assert [p.role for p in case.parties] == ["petitioner"]


def test_a_derivation_has_a_petitioner_and_a_respondent(take) -> None:
    told = row(trialNumber="DER2024-00001", respondentData={"realPartyInInterestName": "Gamma AG"})
    told["derivationPetitionerData"] = told.pop("regularPetitionerData")
    del told["patentOwnerData"]
    (case,) = take("us_ptab", answer(told)).cases
    assert [(p.name, p.role) for p in case.parties] == [
        ("Alpha Co., Ltd.", "petitioner"),
        ("Gamma AG", "respondent"),
    ]
    assert case.text.startswith("Proceeding: Derivation proceeding")


def test_documents_of_one_trial_are_its_events_and_the_row_changed_last_tells_its_state(take) -> None:
    done = row()["trialMetaData"] | {
        "trialStatusCategory": "Final Written Decision",
        "terminationDate": "2025-02-10",
        "trialLastModifiedDate": "2025-02-11",
    }
    decided = {"trialOutcomeCategory": "Final Written Decision", "issueTypeBag": ["103", "102"]}
    rows = [
        row(documentData=paper()),
        row(
            documentData=paper(documentNumber=30, documentTitleText="Judgment"),
            decisionData=decided,
            trialMetaData=done,
        ),
    ]
    for told in (rows, rows[::-1]):
        (case,) = take("us_ptab", answer(*told, bag="patentTrialDocumentDataBag")).cases
        assert case.outcome == "Final Written Decision"
        assert {e.text for e in case.events} == {
            "", "Paper 3; Notice: Accorded", "Paper 30; Judgment; Final Written Decision",
        }  # fmt: skip
        assert "35 U.S.C. § 102, 35 U.S.C. § 103" in case.text


@pytest.mark.parametrize(
    ("status", "ended", "outcome"),
    [
        ("Pending", None, None),
        ("Instituted", "2025-02-10", None),
        ("Discretionary Denial", "2025-02-10", "Discretionary Denial"),
        ("Terminated-Settled", "2025-02-10", "Terminated-Settled"),
        ("Final Written Decision", None, None),
    ],
)
def test_an_outcome_is_given_only_where_the_trial_has_ended(
    status: str, ended: str | None, outcome: str | None, take
) -> None:
    meta = row()["trialMetaData"] | {"trialStatusCategory": status, "terminationDate": ended}
    (case,) = take("us_ptab", answer(row(trialMetaData=meta))).cases
    assert case.outcome == outcome


def test_a_file_elsewhere_than_on_the_web_is_left_out(take) -> None:
    (case,) = take("us_ptab", answer(row(documentData=paper(fileDownloadURI="file:///etc/x")))).cases
    assert {event.url for event in case.events} == {""}


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (row(trialNumber="n/a"), "no trial number"),
        (row(trialNumber=None), "no trial number"),
        (row(trialMetaData={"petitionFilingDate": "soon"}), "petitionFilingDate 'soon' cannot be read"),
        (row(documentData=paper(documentFilingDate="2024-02-31")), "documentFilingDate"),
        (row(trialMetaData={"terminationDate": "0024-02-01"}), "terminationDate"),
        (None, "no JSON object"),
        ([], "no JSON object"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason_and_the_rest_goes_on(broken: Any, reason: str, take) -> None:
    result = take("us_ptab", answer(broken, row(trialNumber="PGR2024-7")))
    assert [case.docket_number for case in result.cases] == ["PGR2024-00007"]
    assert [(r.position, reason in r.reason) for r in result.rejected] == [(0, True)]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "the answer is empty"),
        ("<html></html>", "an HTML page came"),
        (answer(row())[:-5], "not JSON, or is cut off"),
        ('{"code": 403, "error": "Forbidden"}', "no list of trials"),
        ("[]", "no list of trials"),
        ('{"patentTrialData": [{"id": 1}]}', "no row has a trial number"),
    ],
)
def test_an_unusable_answer_is_drift(content: str, problem: str, take) -> None:
    with pytest.raises(SourceDrifted, match=re.escape(problem)):
        take("us_ptab", content)
