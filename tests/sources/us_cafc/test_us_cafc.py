"""The Federal Circuit's own announcements: a real feed, another parser's reading of it, and items that are broken."""

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
from crawlers.sources.us_cafc import SPEC

EXPECTED: dict[str, Any] = json.loads(Path(__file__).with_name("expected.json").read_text(encoding="utf-8"))


def feed(*items: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Opinion-Order</title>'
        f"<link>https://cafc.uscourts.gov</link>{''.join(items)}</channel></rss>"
    )


def item(
    title: str = "24-1001: ALPHA TECH CO., LTD. v. BETA, INC. [OPINION], Precedential",
    origin: str = "PTO",
    published: str = "Mon, 03 Mar 2025 16:00:05 +0000",
    pdf: str = "/opinions-orders/24-1001.OPINION.3-3-2025_1.pdf",
) -> str:
    return (
        f"<item><title>{title}</title><link>https://cafc.uscourts.gov/03-03-2025-24-1001/</link>"
        f"<pubDate>{published}</pubDate><description><![CDATA[OPINION Posted]]></description>"
        f'<content:encoded><![CDATA[<p><a href="{pdf}">X [OPINION](pdf)</a> <br />Appeal Number: 24-1001 '
        f"<br />Origin: {origin} <br />Precedential </p>]]></content:encoded></item>"
    )


# --- real recordings


def test_every_recording_has_an_expectation(shared: Path) -> None:
    assert {path.name for path in (shared / "cafc").glob("*.xml")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_feed_gives_what_was_reviewed(name: str, take, recording, checked, digest) -> None:
    expected = EXPECTED[name]
    result = take("us_cafc", recording(f"cafc/{name}"))
    cases = checked(result)
    assert list(result.rejected) == []
    assert (result.items, len(cases)) == (expected["items"], expected["dockets"])
    assert sum(len(case.events) for case in cases) == result.items
    assert {case.venue for case in cases} == {"v.us.cafc"}
    assert Counter(case.codes["origin"][0] for case in cases) == expected["origins"]
    assert sum(is_ip(case, SPEC) for case in cases) == expected["shown_to_be_ip"]
    by_number = {case.docket_number: case for case in cases}
    for fact in expected["facts"]:
        record = as_json(by_number[fact["docket_number"]])
        assert {field: record.get(field) for field in fact} == fact
    assert digest(cases) == expected["sha256"]


def test_the_count_is_that_of_the_data_sheet(truth) -> None:
    assert EXPECTED["cafc_example.xml"]["items"] == truth("COUNTS.json")["cafc/cafc_example.xml"]["items"]


def test_juriscraper_reads_the_same_in_a_real_feed(take, recording, truth) -> None:
    """Numbers, dates, documents and precedential status agree; it writes captions in title case ("Itc") and "US" out."""
    cases = {c.docket_number: c for c in take("us_cafc", recording("cafc/cafc_example.xml")).cases}
    rows = truth("cafc/cafc_example.compare.json")
    assert {row["docket_numbers"] for row in rows} == set(cases)
    for row in rows:
        case = cases[row["docket_numbers"]]
        (event,) = [e for e in case.events if e.url == row["download_urls"]]
        assert event.on == date.fromisoformat(row["case_dates"])
        assert ("Nonprecedential" in event.text) == (row["precedential_statuses"] == "Unpublished")
        assert _plain(case.caption) == _plain(row["case_names"])


def _plain(caption: str) -> str:
    return re.sub(r"[\W_]+", "", re.sub(r"\bunited states\b", "us", caption.lower()))


# --- what an item may say


def test_an_opinion_is_an_event_with_its_document(take) -> None:
    (case,) = take("us_cafc", feed(item())).cases
    assert (case.docket_number, case.caption) == ("24-1001", "ALPHA TECH CO., LTD. v. BETA, INC.")
    (event,) = case.events
    assert (event.on, event.kind) == (date(2025, 3, 3), "OPINION")
    assert event.text == "24-1001: ALPHA TECH CO., LTD. v. BETA, INC. [OPINION], Precedential"
    assert event.url == "https://cafc.uscourts.gov/opinions-orders/24-1001.OPINION.3-3-2025_1.pdf"
    assert case.outcome is None


@pytest.mark.parametrize(
    ("origin", "title", "roles"),
    [
        # 35 U.S.C. § 141: who is dissatisfied with the Office's decision appeals, and stands first
        ("PTO", "24-1001: A CO. v. B CO. [OPINION]", ["appellant", "appellee"]),
        ("ITC", "24-1001: A CO. v. ITC [OPINION]", ["appellant", "appellee"]),
        # FRAP 12(a): a suit keeps its title on appeal, whoever appeals
        ("DCT", "24-1001: A CO. v. B CO. [OPINION]", ["plaintiff", "defendant"]),
        ("CIT", "24-1001: A CO. v. US [OPINION]", ["plaintiff", "defendant"]),
        ("PTO", "24-1001: In Re A CO. [OPINION]", ["appellant"]),
        ("RIT", "24-101: IN RE: A CO. [ORDER]", ["petitioner"]),
    ],
)
def test_a_partys_role_follows_from_where_the_appeal_comes_from(
    origin: str, title: str, roles: list[str], take
) -> None:
    (case,) = take("us_cafc", feed(item(title=title, origin=origin))).cases
    assert [p.role for p in case.parties] == roles
    assert case.codes == {"origin": (origin,)}
    assert case.parties[0].name == "A CO."


def test_several_items_of_an_appeal_are_one_case(take) -> None:
    result = take("us_cafc", feed(item(title="24-1001: A CO. v. B [ERRATA], Nonprecedential"), item()))
    (case,) = result.cases
    assert [event.kind for event in case.events] == ["ERRATA", "OPINION"]
    assert result.items == 2


def test_joined_appeals_are_one_case_with_other_numbers(take) -> None:
    (case,) = take("us_cafc", feed(item(title="2024-1001, 24-1002 and 2024-1003: A CO. v. B [ORDER]"))).cases
    assert (case.docket_number, case.aliases) == ("24-1001", ("24-1002", "24-1003"))


def test_a_year_said_once_holds_for_the_numbers_after_it(take) -> None:
    (case,) = take("us_cafc", feed(item(title="2024-1001, -1002: A CO. v. B [ORDER]"))).cases
    assert (case.docket_number, case.caption, case.aliases) == ("24-1001", "A CO. v. B", ("24-1002",))


def test_a_title_without_brackets_still_gives_a_case(take) -> None:
    (case,) = take("us_cafc", feed(item(title="24-1001 A CO. v. B CO."))).cases
    assert (case.caption, case.events[0].kind) == ("A CO. v. B CO.", "opinion or order")


def test_an_unknown_origin_leaves_the_roles_open(take) -> None:
    (case,) = take("us_cafc", feed(item(origin=""))).cases
    assert [p.role for p in case.parties] == ["party", "party"]
    assert case.codes == {}


def test_a_document_elsewhere_than_on_the_web_is_left_out(take) -> None:
    (case,) = take("us_cafc", feed(item(pdf="file:///etc/x.pdf"))).cases
    assert case.events[0].url == "https://cafc.uscourts.gov/03-03-2025-24-1001/"


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (item(title="Courtroom closed"), "does not begin with an appeal number"),
        (item(title="24-1001: [ORDER]"), "names no parties"),
        (item(published="Mon, 03 Foo 2025 16:00:05 +0000"), "is no date"),
        (item(published="Mon, 03 Mar 2025 26:00:05 +0000"), "hour must be in 0..23"),
    ],
)
def test_a_bad_item_is_refused_with_its_reason_and_the_rest_goes_on(broken: str, reason: str, take) -> None:
    result = take("us_cafc", feed(item(title="23-1: A v. B [ORDER]"), broken))
    assert [case.docket_number for case in result.cases] == ["23-1"]
    assert [(r.position, reason in r.reason) for r in result.rejected] == [(1, True)]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "the answer is empty"),
        ("<html><body>Just a moment...</body></html>", "an HTML page came"),
        (feed(item())[:-20], "broken or cut off"),
        (
            feed(item(title="A page"), item(title="Another")),
            "no title of the feed begins with an appeal number",
        ),
        ('{"results": []}', "broken or cut off"),
    ],
)
def test_an_unusable_answer_is_drift(content: str, problem: str, take) -> None:
    with pytest.raises(SourceDrifted, match=re.escape(problem)):
        take("us_cafc", content)
