"""The Federal Register's interface: its documented shape, the Commission's real abstracts, and answers that are broken."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest

from core.errors import SourceDrifted
from crawlers.relevance import is_ip
from crawlers.source import SourceStatus
from crawlers.sources.us_federal_register import SPEC, complainants

COMMISSION = [
    {"raw_name": "INTERNATIONAL TRADE COMMISSION", "name": "International Trade Commission", "id": 266}
]
ABSTRACT = (
    "Notice is given that a complaint was filed with the U.S. International Trade Commission on March 1, 2024, under "
    "section 337 of the Tariff Act of 1930, on behalf of Alpha, Inc. of St. George, Utah and Beta Electronics Co., Ltd. of "
    "Suwon, Republic of Korea. A supplement was filed on March 5, 2024. U.S. Patent No. 9,548,839 and others are asserted."
)


def notice(**told: Any) -> dict[str, Any]:
    return {
        "abstract": ABSTRACT,
        "action": "Notice.",
        "agencies": COMMISSION,
        "docket_ids": ["Investigation No. 337-TA-1400"],
        "document_number": "2024-07000",
        "html_url": "https://www.federalregister.gov/documents/2024/04/02/2024-07000/certain-drones",
        "publication_date": "2024-04-02",
        "title": "Certain Drones and Components Thereof; Notice of Institution of Investigation",
        "type": "Notice",
    } | told


def answer(*rows: Any, **told: Any) -> str:
    return json.dumps({"count": len(rows), "total_pages": 1, "results": list(rows)} | told)


# --- recordings


def test_a_real_answer_has_the_documented_shape_and_other_agencies_documents_are_refused(
    take, recording
) -> None:
    result = take("us_federal_register", recording("federal_register/api_documents_2026-08-25_trim2.json"))
    assert (result.items, list(result.cases)) == (2, [])
    assert [r.reason for r in result.rejected] == [
        "it is no document of the International Trade Commission"
    ] * 2


def test_the_commissions_real_abstracts_name_their_complainants_and_where_they_are(recording) -> None:
    rows = [
        json.loads(line)
        for line in recording("federal_register/section337_notices_2020_2024.jsonl").splitlines()
    ]
    told = [complainants(r["abstract"]) for r in rows if r["kind"] == "institution"]
    named = [parties for parties in told if parties]
    # Of 143, one says "of behalf of" nobody a place is told for; none may swallow the sentence that follows.
    assert len(named) >= 140
    assert sum(all(party.country for party in parties) for parties in named) >= 138
    assert max(len(party.name) for parties in named for party in parties) < 80


def test_trade_remedies_without_a_number_are_no_case(take, recording) -> None:
    rows = [json.loads(line) for line in recording("federal_register/itc_other_notices.jsonl").splitlines()]
    content = answer(*(notice(title=r["title"], abstract=r["abstract"], docket_ids=[]) for r in rows))
    result = take("us_federal_register", content)
    assert result.items == 166
    assert not any(is_ip(case, SPEC) for case in result.cases)


# --- what a notice may say


def test_it_is_switched_off_until_a_real_answer_has_been_read() -> None:
    assert SPEC.status is SourceStatus.UNPROVEN
    (url,) = SPEC.urls
    assert "per_page=100" in url and "[" not in url


def test_a_notice_of_institution_is_a_case_with_its_complainants_and_patents(take, checked) -> None:
    (case,) = checked(take("us_federal_register", answer(notice())))
    assert (case.docket_number, case.caption) == ("337-TA-1400", "Certain Drones and Components Thereof")
    assert [(p.name, p.role, p.country) for p in case.parties] == [
        ("Alpha, Inc.", "complainant", "US"),
        ("Beta Electronics Co., Ltd.", "complainant", "KR"),
    ]
    assert [(r.kind, r.number) for r in case.rights] == [("patent", "US 9,548,839")]
    (event,) = case.events
    assert (event.on, event.kind) == (date(2024, 4, 2), "Notice of Institution of Investigation")
    assert (case.filed_on, case.outcome) == (date(2024, 3, 1), None)
    assert is_ip(case, SPEC)


def test_notices_of_one_investigation_are_one_case_whatever_their_order(take) -> None:
    later = notice(
        document_number="2025-00001",
        publication_date="2025-01-02",
        title="Certain Drones and Components Thereof; Commission Determination To Review",
        abstract="The Commission reviews.",
    )
    told = [
        take("us_federal_register", answer(*rows)).cases for rows in ((notice(), later), (later, notice()))
    ]
    assert [len(cases) for cases in told] == [1, 1]
    first, second = (cases[0] for cases in told)
    assert (first.caption, first.text, first.url, first.parties) == (
        second.caption,
        second.text,
        second.url,
        second.parties,
    )
    assert len(first.events) == 2


@pytest.mark.parametrize(
    ("title", "caption", "kind"),
    [
        ("Certain Drones; Institution of Investigation", "Certain Drones", "Institution of Investigation"),
        ("Certain Drones Institution of Investigation", "Certain Drones", "Institution of Investigation"),
        ("Certain Drones: Institution of Investigation", "Certain Drones", "Institution of Investigation"),
        ("Notice of a Determination; Certain Drones", "Certain Drones", "Notice of a Determination"),
        ("Drones From Mars", "Drones From Mars", "Notice."),
    ],
)
def test_a_title_is_the_goods_and_the_act_in_either_order(title: str, caption: str, kind: str, take) -> None:
    (case,) = take("us_federal_register", answer(notice(title=title))).cases
    assert (case.caption, case.events[0].kind) == (caption, kind)


@pytest.mark.parametrize(
    ("dockets", "numbers"),
    [
        (["Investigation No. 337-TA-1400"], [("337-TA-1400", ())]),
        (["DN 3700"], [("337-3700", ())]),
        (["Docket No. 3700"], [("337-3700", ())]),
        (["Investigation Nos. 337-TA-1205 and 337-TA-1206"], [("337-TA-1205", ()), ("337-TA-1206", ())]),
        (["Inv. Nos. 337-TA-1205 and 337-TA-1206 (Consolidated)"], [("337-TA-1205", ("337-TA-1206",))]),
        (["Investigation Nos. 701-TA-671 and 731-TA-1571-1573 (Final)"], [("701-TA-671", ())]),
        (["Investigation No. 332-592"], [("332-592", ())]),
        # a section 337 notice that gives no number is kept under the document's
        ([], [("FR Doc. 2024-07000", ())]),
    ],
)
def test_a_notice_belongs_to_the_investigations_it_names(
    dockets: list[str], numbers: list[tuple[str, tuple[str, ...]]], take
) -> None:
    cases = take("us_federal_register", answer(notice(docket_ids=dockets))).cases
    assert [(case.docket_number, case.aliases) for case in cases] == numbers
    assert [is_ip(case, SPEC) for case in cases] == [not n.startswith(("701", "332")) for n, _ in numbers]


def test_a_trade_remedy_takes_no_party_and_no_patent(take) -> None:
    (case,) = take("us_federal_register", answer(notice(docket_ids=["731-TA-1103"]))).cases
    assert (case.parties, case.rights, case.filed_on, case.text) == ((), (), None, "")


@pytest.mark.parametrize(
    ("listed", "parties"),
    [
        ("Canon Inc. of Japan; Canon U.S.A., Inc. of Melville, New York; and Canon Virginia, Inc. of Newport News, Virginia.",
         [("Canon Inc.", "JP"), ("Canon U.S.A., Inc.", "US"), ("Canon Virginia, Inc.", "US")]),
        ("Medtronic, Inc., Medtronic Logistics, LLC, and Medtronic USA, Inc., of Minneapolis, Minnesota.",
         [("Medtronic, Inc.", "US"), ("Medtronic Logistics, LLC", "US"), ("Medtronic USA, Inc.", "US")]),
        ("Peloton Interactive, Inc. of New York, New York. A supplement was filed by Jane Roe of Austin, Texas.",
         [("Peloton Interactive, Inc.", "US")]),
        ("One World Technologies, Inc. of Anderson, South Carolina, and Techtronic Ltd. of the British Virgin Islands.",
         [("One World Technologies, Inc.", "US"), ("Techtronic Ltd.", "VG")]),
        ("Wangs Alliance Corporation d/b/a WAC Lighting. A supplement was filed.",
         [("Wangs Alliance Corporation d/b/a WAC Lighting", None)]),
        ("respondent Alpha, Inc. of Austin, Texas.", []),
    ],
)  # fmt: skip
def test_complainants_are_read_with_their_places(listed: str, parties: list[tuple[str, str | None]]) -> None:
    abstract = f"A complaint was filed under section 337 of the Tariff Act, on behalf of {listed}"
    assert [(p.name, p.country) for p in complainants(abstract)] == parties


def test_goods_imported_on_behalf_of_somebody_are_no_complaint() -> None:
    text = "The complaint under section 337 names goods imported by or on behalf of Alpha, Inc. of Austin, Texas."
    assert complainants(text) == ()


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (
            notice(agencies=[{"name": "Treasury Department"}]),
            "no document of the International Trade Commission",
        ),
        (notice(title=""), "no title"),
        (notice(title=None), "no title"),
        (notice(publication_date="soon"), "cannot be read"),
        (notice(publication_date="0024-04-02"), "cannot be read"),
        (
            notice(docket_ids=[], abstract="The Commission meets.", title="Sunshine Act Meetings"),
            "names no investigation",
        ),
        (None, "no JSON object"),
    ],
)
def test_a_bad_notice_is_refused_with_its_reason_and_the_rest_goes_on(broken: Any, reason: str, take) -> None:
    result = take("us_federal_register", answer(broken, notice(docket_ids=["337-TA-1401"])))
    assert [case.docket_number for case in result.cases] == ["337-TA-1401"]
    assert [(r.position, reason in r.reason) for r in result.rejected] == [(0, True)]


def test_an_answer_that_counts_nothing_has_no_list_and_is_no_fault(take) -> None:
    assert list(take("us_federal_register", '{"count": 0, "description": "x"}').cases) == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "the answer is empty"),
        ("<html></html>", "an HTML page came"),
        (answer(notice())[:-5], "not JSON, or is cut off"),
        ('{"errors": {"conditions": "x"}}', 'no list called "results"'),
        (answer({"id": 1}), "no result has a document number"),
    ],
)
def test_an_unusable_answer_is_drift(content: str, problem: str, take) -> None:
    with pytest.raises(SourceDrifted, match=re.escape(problem)):
        take("us_federal_register", content)
