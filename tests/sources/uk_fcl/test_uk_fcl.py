"""Find Case Law: real judgments, the feed as the National Archives document it, and documents that are broken."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.errors import SourceDrifted
from crawlers.relevance import is_ip
from crawlers.source import as_json
from crawlers.sources.uk_fcl import SPEC

EXPECTED: dict[str, Any] = json.loads(Path(__file__).with_name("expected.json").read_text(encoding="utf-8"))
PAGE = "https://caselaw.nationalarchives.gov.uk/ewhc/pat/2024/1"


def entry(
    title: str = "Alpha Limited v Beta Co., Ltd. &amp; Anor",
    citation: str = "[2024] EWHC 1 (Pat)",
    published: str = "2024-01-05T00:00:00+00:00",
) -> str:
    return (
        f'<entry><title>{title}</title><link href="{PAGE}" rel="alternate"/><published>{published}</published>'
        "<author><name>High Court (Patents Court)</name></author>"
        f'<tna:identifier slug="x" type="ukncn">{citation}</tna:identifier>'
        '<tna:identifier slug="tna.r8d6ps87" type="fclid">r8d6ps87</tna:identifier>'
        f'<link href="{PAGE}/data.xml" rel="alternate" type="application/akn+xml"/></entry>'
    )


def feed(*entries: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" '
        'xmlns:tna="https://caselaw.nationalarchives.gov.uk"><title>Latest</title>'
        f'<link href="{PAGE}?page=2" rel="next"/>{"".join(entries)}</feed>'
    )


def judgment(
    cite: str = "[2024] EWHC 1 (Pat)", body: str = "", header: str = "", court: str = "EWHC-Chancery-Patents"
) -> str:
    return (
        '<akomaNtoso xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0" '
        'xmlns:uk="https://caselaw.nationalarchives.gov.uk/akn"><judgment name="judgment"><meta><identification>'
        '<FRBRWork><FRBRdate date="2024-01-05" name="judgment"/><FRBRname value="Alpha Limited v Beta Co., Ltd."/></FRBRWork>'
        f'<FRBRExpression><FRBRuri value="{PAGE}"/><FRBRlanguage language="eng"/></FRBRExpression></identification>'
        f"<proprietary><uk:court>{court}</uk:court><uk:cite>{cite}</uk:cite></proprietary></meta>"
        f"<header>{header}</header><judgmentBody><decision><p>{body}</p></decision></judgmentBody></judgment></akomaNtoso>"
    )


# --- real judgments


def test_every_recording_has_an_expectation(shared: Path) -> None:
    assert {path.name for path in (shared / "uk_fcl").glob("*.xml")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_judgment_gives_what_was_reviewed(name: str, take, recording, checked, digest) -> None:
    expected = EXPECTED[name]
    result = take("uk_fcl", recording(f"uk_fcl/{name}"))
    (case,) = checked(result)
    assert result.items == 1
    record = as_json(case)
    fact = expected["facts"]
    assert {field: record.get(field) for field in fact} == fact
    assert list(case.aliases) == expected["aliases"]
    assert Counter(party.role for party in case.parties) == expected["roles"]
    assert is_ip(case, SPEC) is expected["is_ip"]
    assert (case.language, case.outcome, len(case.text) < 7_000) == ("en", None, True)
    assert digest([case]) == expected["sha256"]


# --- the feed


def test_a_visit_asks_the_newest_fifty_of_each_court() -> None:
    assert len(SPEC.urls) == 5
    assert all(url.endswith("&order=-date&per_page=50") for url in SPEC.urls)


def test_an_entry_is_a_case_with_its_judgment(take) -> None:
    (case,) = take("uk_fcl", feed(entry())).cases
    assert (case.docket_number, case.venue, case.url) == ("[2024] EWHC 1 (Pat)", "v.gb.pat", PAGE)
    assert [(p.name, p.role) for p in case.parties] == [
        ("Alpha Limited", "plaintiff"),
        ("Beta Co., Ltd.", "defendant"),
    ]
    (event,) = case.events
    assert (event.on, event.kind, event.url) == (date(2024, 1, 5), "Judgment", PAGE)
    assert is_ip(case, SPEC)


def test_the_feed_and_the_judgment_tell_the_same_event(take) -> None:
    (told,) = take("uk_fcl", feed(entry())).cases
    (case,) = take("uk_fcl", judgment()).cases
    assert (told.docket_number, told.events) == (case.docket_number, case.events)


@pytest.mark.parametrize(
    ("citation", "shown"),
    [("[2024] EWHC 1 (Pat)", True), ("[2024] EWHC 1 (IPEC)", True), ("[2024] EWHC 1 (Ch)", False),
     ("[2024] EWCA Civ 1", False), ("[2024] UKSC 1", False)],
)  # fmt: skip
def test_only_a_court_that_hears_nothing_else_shows_an_ip_case(citation: str, shown: bool, take) -> None:
    (case,) = take("uk_fcl", feed(entry(citation=citation))).cases
    assert (case.docket_number, is_ip(case, SPEC)) == (citation, shown)


def test_the_intellectual_property_list_of_the_chancery_division_shows_one(take) -> None:
    (case,) = take("uk_fcl", judgment("[2024] EWHC 1 (Ch)", court="EWHC-Chancery-IntellectualProperty")).cases
    assert is_ip(case, SPEC)
    (case,) = take("uk_fcl", judgment("[2024] EWHC 1 (Ch)", court="EWHC-Chancery-Business")).cases
    assert not is_ip(case, SPEC)


def test_on_appeal_nobody_has_a_role_by_the_title_alone(take) -> None:
    (case,) = take("uk_fcl", feed(entry(citation="[2024] EWCA Civ 1"))).cases
    assert [p.role for p in case.parties] == ["party", "party"]


def test_a_press_summary_is_an_event_of_its_judgment(take) -> None:
    summary = entry(title="Press Summary of Alpha Limited v Beta Co., Ltd.")
    (case,) = take("uk_fcl", feed(summary, entry(title="Alpha Limited v Beta Co., Ltd."))).cases
    assert case.caption == "Alpha Limited v Beta Co., Ltd."
    assert {event.kind for event in case.events} == {"Judgment", "Press summary"}


def test_two_suits_in_one_title_name_no_party(take) -> None:
    (case,) = take("uk_fcl", feed(entry(title="A Ltd v B Ltd C Ltd v D Ltd"))).cases
    assert case.parties == ()


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (entry(citation="n/a"), "no neutral citation"),
        (entry(citation="[2024] EWCA Crim 5"), "a court that is not read"),
        (entry(citation="[2024] UKPC 5"), "a court that is not read"),
        (entry(title=""), "no title"),
        (entry(published="soon"), "is no date"),
        (entry(published="0024-01-05T00:00:00+00:00"), "lies outside"),
    ],
)
def test_a_bad_entry_is_refused_with_its_reason_and_the_rest_goes_on(broken: str, reason: str, take) -> None:
    result = take("uk_fcl", feed(broken, entry(citation="[2024] EWHC 2 (Pat)")))
    assert [case.docket_number for case in result.cases] == ["[2024] EWHC 2 (Pat)"]
    assert [(r.position, reason in r.reason) for r in result.rejected] == [(0, True)]


# --- a judgment


def test_rights_are_read_where_the_introduction_numbers_them(take) -> None:
    body = "European Patent (UK) No. 1 796 467, GB 2 345 678, the mark UK00900182253; UK registered design No. 9002954222-00001"
    (case,) = take("uk_fcl", judgment(body=body)).cases
    assert {(r.kind, r.number) for r in case.rights} == {
        ("patent", "EP 1 796 467"),
        ("patent", "GB 2 345 678"),
        ("trademark", "UK00900182253"),
        ("design", "UK 9002954222-00001"),
    }


def test_a_claims_number_with_any_hyphen_joins_its_judgments(take) -> None:
    header = "<p>Claim No: IP‐2020‐000080</p><p>On appeal from IP-2019-000001</p>"
    (case,) = take("uk_fcl", judgment(header=header)).cases
    assert case.aliases == ("IP-2020-000080",)


def test_a_day_that_is_not_known_is_none(take) -> None:
    (case,) = take("uk_fcl", judgment().replace("2024-01-05", "1000-01-01")).cases
    assert case.events[0].on is None


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "the answer is empty"),
        ("<html><body></body></html>", "an HTML page came"),
        (feed(entry())[:-9], "broken or cut off"),
        ("<rss/>", "neither a feed nor a judgment"),
        (feed("<entry/>", "<entry/>"), "no entry of the feed has a title"),
        (judgment(cite="none"), "no neutral citation"),
        (judgment(cite="[2024] EWCA Crim 1"), "a court that is not read"),
        (judgment().replace("2024-01-05", "2024-13-05"), "month must be in 1..12"),
        (
            '<akomaNtoso xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0"/>',
            "says nothing of which judgment",
        ),
        ('<!DOCTYPE r [<!ENTITY a "b">]><feed/>', "declares entities"),
    ],
)
def test_an_unusable_answer_is_drift(content: str, problem: str, take) -> None:
    with pytest.raises(SourceDrifted, match=re.escape(problem)):
        take("uk_fcl", content)
