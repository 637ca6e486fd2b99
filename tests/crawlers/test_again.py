"""The same facts told again — snapshots cleared, another ETag, other white space, the order reversed — change nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import delete, func, select

from config import ROOT
from core.outbox import drain
from crawlers.fetch import Fetched, ReplayFetcher
from crawlers.models import FeedState, SnapshotRow
from crawlers.registry import get_source
from enterprises.importing import import_firms
from house import House
from tests.conftest import staff_of
from warning.models import Alert

SAMPLES = ROOT / "samples"
#: elements whose children stand in an order that says nothing
_LISTS = ("channel", "document_list", "party_list")
FEEDS = [
    ("us_cafc", "cafc/cafc_example.xml", ""),
    ("us_ttab", "ttab/ttab_example.json", ""),
    ("us_pacer_rss", "pacer_rss/sdny_1.xml", "nysd"),
    ("us_pacer_docket", "pacer_dockets/azd_1061043.xml", ""),
    ("us_pacer_docket", "pacer_dockets/ded.html", ""),
]


def told_otherwise(content: bytes) -> bytes:
    """The same feed with its items reversed and other white space between them."""
    if content.lstrip().startswith(b"{"):
        data = json.loads(content)
        data["results"] = data["results"][::-1]
        return json.dumps(data, indent=7, ensure_ascii=False).encode()
    if b"<html" in content[:2000].lower():
        return re.sub(rb">[ \n]+<", b">\n\n   <", content)
    root = etree.fromstring(
        content, etree.XMLParser(resolve_entities=False, no_network=True, strip_cdata=False)
    )
    for parent in root.iter(*_LISTS):
        repeated = [child for child in parent if child.tag in ("item", "document", "party")]
        places = [parent.index(child) for child in repeated]
        for place, child in zip(places, reversed(repeated), strict=True):
            parent[place] = child.__copy__()
        for child in parent:
            child.tail = "\n\n\t  "
    return bytes(
        etree.tostring(root, xml_declaration=True, encoding=root.getroottree().docinfo.encoding or "utf-8")
    )


def crawl(house: House, source_id: str, answers: list[tuple[str, Fetched]]) -> tuple[int, int]:
    """Cases created and changed by taking ``answers``; the outbox is drained after them."""
    tallies = house.crawler().replay(source_id, iter(answers))
    assert [tally.error for tally in tallies if tally.error] == []
    report = drain(house.database, house.subscriptions, house.clock)
    assert (report.failed, report.poisoned) == (0, 0)
    return sum(t.created for t in tallies), sum(t.changed for t in tallies)


def forget_snapshots(house: House) -> None:
    with house.database.write() as session:
        session.execute(delete(SnapshotRow))
        session.execute(delete(FeedState))


def count_alerts(house: House) -> int:
    with house.database.read() as session:
        return session.scalar(select(func.count(Alert.id))) or 0


def again(answers: list[tuple[str, Fetched]]) -> list[tuple[str, Fetched]]:
    return [
        (court, replace(answer, content=told_otherwise(answer.content), etag='"another"'))
        for court, answer in answers
    ]


def test_the_sample_told_again_creates_changes_and_alerts_nothing(house: House) -> None:
    firms = SAMPLES / "firms.csv"
    import_firms(house.database, house.clock, staff_of(house), firms.name, firms.read_bytes())
    recordings = ReplayFetcher(SAMPLES / "recordings", house.clock)
    told = {
        source_id: list(recordings.answers(get_source(source_id).SPEC))
        for source_id in ("us_cafc", "us_pacer_docket", "us_pacer_rss", "us_ttab")
    }
    created = sum(crawl(house, source_id, answers)[0] for source_id, answers in told.items())
    alerts = count_alerts(house)
    assert created > 50
    assert alerts > 10
    forget_snapshots(house)
    for source_id, answers in reversed(told.items()):
        assert crawl(house, source_id, again(answers)) == (0, 0), source_id
    assert count_alerts(house) == alerts


@pytest.mark.parametrize(("source_id", "file", "court"), FEEDS)
def test_a_real_recording_told_again_creates_and_changes_nothing(
    house: House, shared_data: Path, source_id: str, file: str, court: str
) -> None:
    content = (shared_data / file).read_bytes()
    answer = Fetched(
        url="https://example.org/feed", content=content, fetched_at=house.clock.now(), etag='"one"'
    )
    created, _ = crawl(house, source_id, [(court, answer)])
    assert created > 0
    forget_snapshots(house)
    assert crawl(house, source_id, again([(court, answer)])) == (0, 0)


def test_the_rewriting_really_reverses() -> None:
    feed = (SAMPLES / "recordings/us_pacer_rss/ded.xml").read_bytes()
    titles: Callable[[bytes], list[str]] = lambda told: [  # noqa: E731
        str(item.findtext("title")) for item in etree.fromstring(told).iter("item")
    ]
    assert titles(told_otherwise(feed)) == titles(feed)[::-1]
    assert len(titles(feed)) > 1
