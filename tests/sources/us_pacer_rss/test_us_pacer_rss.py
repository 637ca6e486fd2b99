"""RSS of the courts' CM/ECF: real feeds, another parser's reading of them, and feeds that are broken."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cases.taxonomy.zones import us_court_zone
from core.errors import SourceDrifted
from crawlers.relevance import is_ip
from crawlers.source import as_json
from crawlers.sources.us_pacer_rss import SPEC

EXPECTED: dict[str, Any] = json.loads(Path(__file__).with_name("expected.json").read_text(encoding="utf-8"))


def feed(*items: str, court: str = "ilnd", channel: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<rss version="2.0"><channel><title>Northern District</title>'
        f"<link>https://ecf.{court}.uscourts.gov</link>{channel}{''.join(items)}</channel></rss>"
    )


def item(
    title: str = "1:24-cv-12613 Alpha Co., Ltd. v. Beta Inc. et al",
    description: str = '[Complaint] (&lt;a href="https://ecf.ilnd.uscourts.gov/doc1/067131234567?caseid=1"&gt;1&lt;/a&gt;)',
    published: str = "Mon, 09 Dec 2024 15:00:00 GMT",
    link: str = "https://ecf.ilnd.uscourts.gov/cgi-bin/DktRpt.pl?470001",
) -> str:
    return (
        f"<item><title>{title}</title><link>{link}</link><description>{description}</description>"
        f'<guid isPermaLink="true">{link}</guid><pubDate>{published}</pubDate></item>'
    )


# --- real recordings


def test_every_recording_has_an_expectation(shared: Path) -> None:
    recorded = {path.name for path in (shared / "pacer_rss").glob("*.xml")}
    assert recorded == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_feed_gives_what_was_reviewed(name: str, take, recording, checked, digest) -> None:
    expected = EXPECTED[name]
    result = take("us_pacer_rss", recording(f"pacer_rss/{name}"), court=expected["court"])
    cases = checked(result)
    assert list(result.rejected) == []
    assert {case.venue for case in cases} == {expected["venue"]}
    assert (result.items, len(cases)) == (expected["items"], expected["dockets"])
    assert sum(len(case.events) for case in cases) == result.items
    by_number = {case.docket_number: case for case in cases}
    for fact in expected["facts"]:
        record = as_json(by_number[fact["docket_number"]])
        assert {name: record[name] for name in fact} == fact
    assert digest(cases) == expected["sha256"]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_feed_needs_no_court_to_be_given(name: str, take, recording) -> None:
    content = recording(f"pacer_rss/{name}")
    assert take("us_pacer_rss", content) == take("us_pacer_rss", content, court=EXPECTED[name]["court"])


@pytest.mark.parametrize("name", EXPECTED)
def test_the_counts_are_those_of_the_data_sheet(name: str, truth) -> None:
    counts = truth("COUNTS.json")[f"pacer_rss/{name}"]
    assert (EXPECTED[name]["items"], EXPECTED[name]["dockets"]) == (counts["items"], counts["dockets"])


@pytest.mark.parametrize("name", EXPECTED)
def test_juriscraper_reads_the_same_in_a_real_feed(name: str, take, recording, truth) -> None:
    """Docket numbers, events, dates and documents agree. Where we differ on purpose:

    - a caption stands as printed; juriscraper cuts "et al", writes "United States" for "United States of America", and
      invents "Unknown Case Title" where the court gives none: we leave it empty;
    - a date is the court's own day; juriscraper keeps the instant, which late in the evening is tomorrow's in GMT;
    - every item is an event of its own; juriscraper joins those of one second as "Order AND Order(Other)".
    """
    court = EXPECTED[name]["court"]
    cases = {
        c.docket_number: c for c in take("us_pacer_rss", recording(f"pacer_rss/{name}"), court=court).cases
    }
    theirs: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in truth(f"pacer_rss/{name.removesuffix('.xml')}.json"):
        theirs[row["docket_number"]].append(row)
    assert set(cases) == set(theirs)
    for number, rows in theirs.items():
        case = cases[number]
        entries = [row["docket_entries"][0] for row in rows]
        kinds = {kind.strip() for entry in entries for kind in entry["short_description"].split(" AND ")}
        assert {event.kind for event in case.events} == kinds
        days = {
            datetime.fromisoformat(entry["date_filed"]).astimezone(ZoneInfo(us_court_zone(court))).date()
            for entry in entries
        }
        assert {event.on for event in case.events} == days
        assert _plain(case.caption) == _plain(rows[0]["case_name"])
        # A docket of several defendants has an id for each; we keep the first the court opened.
        ids = [row["pacer_case_id"] for row in rows if row["pacer_case_id"]]
        assert not ids or min(ids, key=int) in case.url
        # juriscraper writes a document's id with its fourth digit 0, which is one document under two ids.
        addresses = {re.sub(r"(/docs?1/\d{3})\d", r"\g<1>0", event.url) for event in case.events}
        for entry in entries:
            shown = re.sub(r"^(\d{3})\d", r"\g<1>0", entry["pacer_doc_id"])
            assert not shown or any(shown in address for address in addresses)


def _plain(caption: str) -> str:
    words = re.sub(r",?\s*\bet\.? ?al\b\.?", "", caption.lower()).replace(" vs ", " v. ")
    words = re.sub(r"\b(?:the )?united states(?: of america)?\b|\busa\b", "us", words)
    return re.sub(r"[\W_]+", "", "" if words == "unknown case title" else words)


# --- what a feed may hold


def test_items_of_one_docket_are_one_case(take) -> None:
    result = take(
        "us_pacer_rss",
        feed(
            item(title="1:24-cv-12613-ABC Alpha Co., Ltd. v. Beta Inc. et al", description="[Order]"),
            item(),
            item(title="1:24-cv-99999 Gamma GmbH v. Delta"),
        ),
    )
    assert [case.docket_number for case in result.cases] == ["1:24-cv-12613", "1:24-cv-99999"]
    assert [event.kind for event in result.cases[0].events] == ["Order", "Complaint"]
    assert result.items == 3


def test_a_suit_names_its_sides_and_an_appeal_does_not_say_who_appeals(take) -> None:
    (suit,) = take("us_pacer_rss", feed(item())).cases
    assert [(p.name, p.role) for p in suit.parties] == [
        ("Alpha Co., Ltd.", "plaintiff"),
        ("Beta Inc.", "defendant"),
    ]
    (appeal,) = take("us_pacer_rss", feed(item(title="22-1298 Alpha Co. v. Beta"), court="ca10")).cases
    assert [p.role for p in appeal.parties] == ["party", "party"]
    assert appeal.venue == "v.us.ca10"


def test_an_adversary_proceeding_has_sides_and_a_petition_has_none(take) -> None:
    title, before = "18-00079 Alpha Ltd. v. Beta Inc.", "Type: ap Office: 1 Chapter: 11 [Complaint]"
    (case,) = take("us_pacer_rss", feed(item(title=title, description=before), court="nysb")).cases
    assert (case.venue, case.docket_number) == ("v.us.nysb", "18-00079")
    assert [p.role for p in case.parties] == ["plaintiff", "defendant"]
    assert case.events[0].kind == "Complaint"
    petition = item(
        title="18-10509-shl Alpha Holdings LLC", description="Type: bk Office: 1 Chapter: 11 [Order]"
    )
    (case,) = take("us_pacer_rss", feed(petition, court="nysb")).cases
    assert (case.docket_number, case.parties) == ("18-10509", ())


def test_late_in_the_evening_the_day_is_the_courts(take) -> None:
    late = feed(item(published="Tue, 10 Dec 2024 03:30:00 GMT"))
    (case,) = take("us_pacer_rss", late, court="ilnd").cases
    assert case.events[0].on == date(2024, 12, 9)


def test_a_local_clock_is_taken_as_printed(take) -> None:
    for zone in ("EST", "MST", "AKST", "HST", "ChST"):
        (case,) = take("us_pacer_rss", feed(item(published=f"Mon, 09 Dec 2024 23:59:59 {zone}"))).cases
        assert case.events[0].on == date(2024, 12, 9)


def test_an_item_without_a_date_is_kept_without_one(take) -> None:
    (case,) = take("us_pacer_rss", feed(item(published=""))).cases
    assert case.events[0].on is None


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (item(title="Notice to all users"), "does not begin with a docket number"),
        (item(title=""), "does not begin with a docket number"),
        (item(published="yesterday"), "is no date"),
        (item(published="Mon, 31 Feb 2024 10:00:00 GMT"), "day is out of range"),
        (item(published="Mon, 09 Dec 0024 10:00:00 GMT"), "lies outside"),
    ],
)
def test_a_bad_item_is_refused_with_its_reason_and_the_rest_goes_on(broken: str, reason: str, take) -> None:
    result = take("us_pacer_rss", feed(item(title="1:20-cv-00001 A Co. v. B Co."), broken, item()))
    assert [case.docket_number for case in result.cases] == ["1:20-cv-00001", "1:24-cv-12613"]
    assert [r.position for r in result.rejected] == [1]
    assert reason in result.rejected[0].reason
    assert result.items == 3


def test_a_feed_without_items_is_no_error(take) -> None:
    assert list(take("us_pacer_rss", feed()).cases) == []


def test_words_in_html_come_out_plain(take) -> None:
    described = "[Order &amp;lt;b&amp;gt;on&amp;lt;/b&amp;gt; Motion] &lt;script&gt;alert(1)&lt;/script&gt; A&amp;amp;B"
    (case,) = take(
        "us_pacer_rss", feed(item(title="1:24-cv-1 Food &amp;amp; Water v. Q", description=described))
    ).cases
    assert case.caption == "Food & Water v. Q"
    assert "<script" not in case.events[0].text
    assert "A&B" in case.events[0].text


def test_an_address_that_is_not_the_webs_is_left_out(take) -> None:
    bad = item(
        link="javascript:alert(1)",
        description="[Order] (&lt;a href='javascript:alert(1)//doc1/1'&gt;1&lt;/a&gt;)",
    )
    (case,) = take("us_pacer_rss", feed(bad)).cases
    assert (case.url, case.events[0].url) == ("", "")


def test_the_declared_latin_1_may_be_windows_1252_or_utf_8(take) -> None:
    titled = feed(item(title="1:24-cv-1 Société Générale v. Dell’Arte"))
    for encoding in ("utf-8", "cp1252"):
        (case,) = take("us_pacer_rss", titled.encode(encoding)).cases
        assert case.caption == "Société Générale v. Dell’Arte"


def test_control_characters_in_a_docket_text_do_no_harm(take) -> None:
    (case,) = take("us_pacer_rss", feed(item(title="1:24-cv-1 Alpha\x13 v. Beta\x00"))).cases
    assert case.caption == "Alpha v. Beta"


def test_a_feed_says_nothing_of_ip_so_its_cases_wait(take) -> None:
    (case,) = take("us_pacer_rss", feed(item())).cases
    assert not is_ip(case, SPEC)


# --- which court


def test_a_feed_of_another_court_than_asked_for_is_refused(take) -> None:
    with pytest.raises(SourceDrifted, match="of the court ilnd, and txed was asked for"):
        take("us_pacer_rss", feed(item()), court="txed")


def test_a_feed_of_no_known_court_is_refused(take) -> None:
    anonymous = feed(item(link="https://example.org/1")).replace(
        "https://ecf.ilnd.uscourts.gov<", "https://example.org<"
    )
    with pytest.raises(SourceDrifted, match="does not say which court"):
        take("us_pacer_rss", anonymous)
    with pytest.raises(SourceDrifted, match="'xyzd' is no federal court"):
        take("us_pacer_rss", anonymous, court="xyzd")
    assert take("us_pacer_rss", anonymous, court="nyed").cases[0].venue == "v.us.nyed"


# --- whole answers that are unusable


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "the answer is empty"),
        (b" \n\x00 ", "the answer is empty"),
        (b"<!DOCTYPE html><html><body>Access denied</body></html>", "an HTML page came"),
        (b"<!-- x --><!-- y -->\n<HTML><head></head></HTML>", "an HTML page came"),
        (b"not xml at all", "broken or cut off"),
        (b"<results><row/></results>", "is no feed: its root is <results>"),
        (feed(item(), item()).encode()[:-40], "broken or cut off"),
        (feed(item(), item())[: len(feed(item())) // 2].encode(), "broken or cut off"),
        (feed(item(title="Welcome"), item(title="Closed on Monday")).encode(), "no title of the feed"),
        (
            b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss version="2.0"><channel>'
            b"<title>&x;</title></channel></rss>",
            "declares entities",
        ),
        (
            b"<rss version='2.0'><channel>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</channel></rss>",
            "broken or cut off",
        ),
    ],
)
def test_an_unusable_answer_is_drift(content: bytes, problem: str, take) -> None:
    with pytest.raises(SourceDrifted, match=re.escape(problem)) as caught:
        take("us_pacer_rss", content, court="ilnd")
    assert caught.value.message.startswith("us_pacer_rss: ")
    assert "\n" not in caught.value.message


def test_an_entity_bomb_is_refused_unread(take) -> None:
    bomb = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(SourceDrifted, match="declares entities"):
        take(
            "us_pacer_rss",
            f'{bomb}]><rss version="2.0"><channel><title>&i;</title></channel></rss>',
            court="ilnd",
        )
