"""Visits over real HTTP, on a server that answers as a test wants: what the ledger, the evidence and the cases say.

``feed`` is a small source known for the length of a test: a JSON list of [docket number, caption]. Nothing is replaced
but sleeping. Tests that take ``each_house`` hold on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import errno
import json
import os
import random
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import func, select
from werkzeug import Request, Response

from cases.models import Case
from core.clock import FixedClock
from core.db import Base
from core.errors import SeamarkError, SourceDrifted, StoreBusy, StoreFull
from core.evidence import FolderEvidenceStore
from core.lease import LeaseRow
from core.outbox import OutboxRow
from crawlers import run
from crawlers.fetch import Fetched, HttpFetcher
from crawlers.manners import Pace, RobotsCache
from crawlers.models import CrawlRun, FeedState, RejectedItem, RunState, SnapshotRow
from crawlers.registry import with_source
from crawlers.run import Crawler, Tally, finish_snapshots
from crawlers.source import ParseResult, RawCase, Rejected, Snapshot, SourceSpec, SourceStatus
from crawlers.sources import us_cafc
from house import House
from tests.conftest import NOW, MakeHouse

EVERY = timedelta(hours=1)


class Feed:
    """The source and the server behind it."""

    def __init__(self, server: HTTPServer) -> None:
        self.server = server
        self.SPEC = SourceSpec(
            id="test_feed",
            zh="测试来源",
            en="Test feed",
            homepage="https://example.org/",
            urls=(f"http://127.0.0.1:{server.port}/feed",),
            status=SourceStatus.LIVE,
            media_types=("application/json",),
            every_minutes=60,
            expects_items=True,
            pace_seconds=0.0,
        )
        self.pages: dict[str, Callable[[Request], Response]] = {}
        self.asked: list[Request] = []
        #: called before a snapshot is read; a test makes it fail
        self.before_parse: Callable[[Snapshot], None] = lambda snapshot: None
        server.expect_request(re.compile(".*")).respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        if request.path not in self.pages:
            return Response(status=404)
        self.asked.append(request)
        return self.pages[request.path](request)

    def gives(
        self,
        *cases: tuple[str, str],
        etag: str | None = None,
        path: str = "/feed",
        status: int = 200,
        **headers: str,
    ) -> None:
        """From now on answer with ``cases``, or 304 to who knows ``etag``."""

        def page(request: Request) -> Response:
            if etag and request.headers.get("If-None-Match") == etag:
                return Response(status=304)
            response = Response(json.dumps(cases), status=status, content_type="application/json")
            response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
            if etag:
                response.headers["ETag"] = etag
            return response

        self.pages[path] = page

    def parse(self, snapshot: Snapshot) -> ParseResult:
        self.before_parse(snapshot)
        items = json.loads(snapshot.content)
        cases = [RawCase("test_feed", "v.us.cafc", number, caption) for number, caption in items if number]
        refused = [
            Rejected(i, "no number", caption) for i, (number, caption) in enumerate(items) if not number
        ]
        return ParseResult(cases, refused, len(items))


@pytest.fixture
def feed(httpserver: HTTPServer) -> Iterator[Feed]:
    made = Feed(httpserver)
    with with_source(made):
        yield made


@pytest.fixture
def calm(monkeypatch: pytest.MonkeyPatch) -> None:
    """No jitter in what is due."""
    monkeypatch.setattr(random, "uniform", lambda low, high: (low + high) / 2)


def crawler_of(house: House, feed: Feed) -> Crawler:
    fetcher = HttpFetcher(
        house.clock,
        user_agent="Seamark/0.1",
        allow_private=frozenset({f"127.0.0.1:{feed.server.port}"}),
        sleep=lambda seconds: None,
        pace=Pace(),
        robots=RobotsCache(),
    )
    return replace(house.crawler(), fetcher=fetcher)


def visit(house: House, feed: Feed) -> Tally:
    (tally,) = crawler_of(house, feed).crawl(feed.SPEC.id)
    return tally


def count(house: House, model: type[Base], *where: Any) -> int:
    with house.database.read() as session:
        return session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def state_of(house: House, court: str = "") -> FeedState:
    with house.database.read() as session:
        return session.get_one(FeedState, ("test_feed", court))


def snapshots(house: House) -> list[str]:
    with house.database.read() as session:
        return list(session.scalars(select(SnapshotRow.state).order_by(SnapshotRow.id)))


def last_run(house: House) -> CrawlRun:
    with house.database.read() as session:
        return session.scalars(select(CrawlRun).order_by(CrawlRun.id.desc())).first() or pytest.fail("no run")


# -- what a visit leaves behind ----------------------------------------------------------------------------------


def test_a_visit_keeps_the_bytes_records_the_cases_and_says_when_the_next_is_due(
    each_house: House, feed: Feed
) -> None:
    feed.gives(("24-1", "A v. B"), ("24-2", "C v. D"), etag='"v1"')
    tally = visit(each_house, feed)
    assert (tally.state, tally.items, tally.created, tally.error) == (RunState.DONE, 2, 2, None)
    ledger, state = last_run(each_house), state_of(each_house)
    assert (ledger.state, ledger.items, ledger.created, ledger.finished_at) == ("done", 2, 2, NOW)
    assert (state.etag, state.succeeded_at, state.failures, state.due_at) == ('"v1"', NOW, 0, NOW + EVERY)
    with each_house.database.read() as session:
        kept = session.scalars(select(SnapshotRow)).one()
    assert (kept.state, kept.url, kept.fetched_at) == ("parsed", feed.SPEC.urls[0], NOW)
    assert json.loads(each_house.evidence.get(kept.sha256)) == [["24-1", "A v. B"], ["24-2", "C v. D"]]


def test_a_source_that_has_not_changed_is_neither_kept_nor_parsed_again(
    each_house: House, feed: Feed
) -> None:
    feed.gives(("24-1", "A v. B"), etag='"v1"')
    visit(each_house, feed)
    assert visit(each_house, feed).state is RunState.UNCHANGED
    assert snapshots(each_house) == ["parsed"]
    assert last_run(each_house).state == "unchanged"


def test_the_same_bytes_twice_change_nothing(each_house: House, feed: Feed) -> None:
    feed.gives(("24-1", "A v. B"))
    visit(each_house, feed)
    tally = visit(each_house, feed)
    assert (tally.state, tally.created, tally.unchanged) == (RunState.DONE, 0, 1)
    assert count(each_house, Case) == 1


def test_a_refused_item_is_kept_with_its_reason_and_the_others_go_on(house: House, feed: Feed) -> None:
    feed.gives(("", "nobody knows"), ("24-1", "A v. B"))
    tally = visit(house, feed)
    assert (tally.state, tally.created, tally.rejected) == (RunState.DONE, 1, 1)
    with house.database.read() as session:
        refused = session.scalars(select(RejectedItem)).one()
    assert (refused.position, refused.reason, refused.excerpt) == (0, "no number", "nobody knows")


def test_the_program_as_it_is_wired_reads_a_real_source_over_http(
    make_house: MakeHouse, database_url: str, feed: Feed
) -> None:
    recording = Path(__file__).parents[2] / "samples" / "recordings" / "us_cafc" / "opinions.xml"
    feed.pages["/feed"] = lambda request: Response(recording.read_bytes(), content_type="application/rss+xml")
    feed.SPEC = replace(us_cafc.SPEC, id="test_feed", urls=feed.SPEC.urls, pace_seconds=0.0)
    feed.parse = us_cafc.parse  # type: ignore[method-assign]
    house = make_house(database_url, SEAMARK_FETCH_ALLOW=f"127.0.0.1:{feed.server.port}")
    (tally,) = house.crawler().crawl("test_feed")
    assert (tally.state, tally.created, tally.rejected, tally.error) == (RunState.DONE, 10, 0, None)
    assert "Seamark/0.1" in feed.asked[0].headers["User-Agent"]


# -- failing and coming back -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("calm")
def test_a_failing_source_is_asked_ever_less_often_up_to_a_day_and_at_its_own_pace_once_it_is_back(
    each_house: House, feed: Feed, clock: FixedClock
) -> None:
    hours = []
    for failures in range(1, 7):
        tally = visit(each_house, feed)  # no such page
        state, ledger = state_of(each_house), last_run(each_house)
        assert (tally.state, ledger.state, ledger.error) == (RunState.FAILED, "failed", "fetch_failed")
        assert (state.failures, state.error, state.succeeded_at) == (failures, "fetch_failed", None)
        assert "HTTP 404" in ledger.message
        assert state.due_at is not None
        hours.append((state.due_at - clock.now()) / timedelta(hours=1))
        clock.advance(timedelta(days=1))
    assert hours == [2, 4, 8, 16, 24, 24]
    feed.gives(("24-1", "A v. B"))
    visit(each_house, feed)
    state = state_of(each_house)
    assert (state.failures, state.error, state.due_at) == (0, None, clock.now() + EVERY)


@pytest.mark.parametrize(("asked", "due"), [("86400", timedelta(days=1)), ("120", EVERY)])
def test_a_source_that_asks_to_come_back_later_is_asked_no_sooner_and_has_not_failed(
    each_house: House, feed: Feed, asked: str, due: timedelta
) -> None:
    feed.gives(status=429, Retry_After=asked)
    assert visit(each_house, feed).state is RunState.DEFERRED
    state, ledger = state_of(each_house), last_run(each_house)
    assert (ledger.state, ledger.error) == ("deferred", "visit_deferred")
    assert (state.due_at, state.failures, state.succeeded_at) == (NOW + due, 0, None)


def test_a_feed_that_fails_does_not_stop_the_others(each_house: House, feed: Feed) -> None:
    feed.SPEC = replace(
        feed.SPEC,
        courts=("ca1", "ca2", "ca3"),
        urls=(feed.SPEC.urls[0] + "/{court}",),
        court_urls={"ca3": feed.SPEC.urls[0] + "/elsewhere"},
    )
    feed.gives(("24-2", "C v. D"), path="/feed/ca2")
    feed.gives(("24-3", "E v. F"), path="/feed/elsewhere")
    tallies = crawler_of(each_house, feed).crawl("test_feed")
    assert [(t.court, t.state) for t in tallies] == [
        ("ca1", RunState.FAILED),
        ("ca2", RunState.DONE),
        ("ca3", RunState.DONE),
    ]
    assert [state_of(each_house, court).failures for court in feed.SPEC.courts] == [1, 0, 0]


def test_no_items_where_some_are_due_is_drift(house: House, feed: Feed) -> None:
    feed.gives()
    tally = visit(house, feed)
    assert (tally.state, type(tally.error)) == (RunState.FAILED, SourceDrifted)
    assert snapshots(house) == ["failed"]


# -- validators --------------------------------------------------------------------------------------------------


def test_the_etag_counts_only_once_its_snapshot_is_parsed(each_house: House, feed: Feed) -> None:
    def drifted(snapshot: Snapshot) -> None:
        raise SourceDrifted("The page has a new layout.")

    feed.gives(("24-1", "A v. B"), etag='"v1"')
    visit(each_house, feed)
    feed.gives(("24-2", "C v. D"), etag='"v2"')
    feed.before_parse = drifted
    assert visit(each_house, feed).state is RunState.FAILED
    assert (state_of(each_house).etag, snapshots(each_house)) == ('"v1"', ["parsed", "failed"])
    feed.before_parse = lambda snapshot: None
    assert visit(each_house, feed).created == 1
    assert feed.asked[-1].headers["If-None-Match"] == '"v1"'
    assert state_of(each_house).etag == '"v2"'


def test_a_feed_of_several_addresses_is_asked_in_full(house: House, feed: Feed) -> None:
    feed.SPEC = replace(feed.SPEC, urls=(feed.SPEC.urls[0], feed.SPEC.urls[0] + "/2"))
    feed.gives(("24-1", "A v. B"), etag='"v1"')
    feed.gives(("24-2", "C v. D"), etag='"v1"', path="/feed/2")
    for _ in range(2):
        assert visit(house, feed).items == 2
    assert not any("If-None-Match" in request.headers for request in feed.asked)


# -- visits that die, disks that are full ------------------------------------------------------------------------


def kill(snapshot: Snapshot) -> None:
    raise KeyboardInterrupt


def test_a_snapshot_left_by_a_visit_that_died_is_parsed_by_the_next_before_it_asks(
    each_house: House, feed: Feed
) -> None:
    feed.gives(("24-1", "A v. B"), etag='"v1"')
    feed.before_parse = kill
    with pytest.raises(KeyboardInterrupt):
        visit(each_house, feed)
    assert (snapshots(each_house), count(each_house, Case)) == (["fetched"], 0)
    feed.before_parse = lambda snapshot: None
    tally = visit(each_house, feed)
    assert (tally.state, tally.created) == (RunState.DONE, 1)
    assert snapshots(each_house) == ["parsed"]
    assert feed.asked[-1].headers["If-None-Match"] == '"v1"'


def test_what_is_left_can_be_parsed_without_asking_the_source(house: House, feed: Feed) -> None:
    feed.gives(("24-1", "A v. B"))
    feed.before_parse = kill
    with pytest.raises(KeyboardInterrupt):
        visit(house, feed)
    feed.before_parse = lambda snapshot: None
    (tally,) = finish_snapshots(crawler_of(house, feed), "test_feed")
    assert (tally.created, len(feed.asked), snapshots(house)) == (1, 1, ["parsed"])


def test_evidence_that_was_damaged_while_it_waited_fails_one_visit_and_not_every_one(
    house: House, feed: Feed
) -> None:
    feed.gives(("24-1", "A v. B"), etag='"v1"')
    feed.before_parse = kill
    with pytest.raises(KeyboardInterrupt):
        visit(house, feed)
    feed.before_parse = lambda snapshot: None
    assert isinstance(house.evidence, FolderEvidenceStore)
    for path in house.evidence.root.rglob("*"):
        if path.is_file():
            path.write_bytes(b"changed")
    damaged = visit(house, feed)
    assert damaged.error is not None and damaged.error.code == "evidence_damaged"
    assert (visit(house, feed).created, snapshots(house)) == (1, ["failed", "parsed"])


def test_a_full_disk_is_told_and_nothing_is_recorded(
    each_house: House, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    feed.gives(("24-1", "A v. B"), etag='"v1"')
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        tally = visit(each_house, feed)
    assert (tally.state, type(tally.error)) == (RunState.FAILED, StoreFull)
    assert [count(each_house, model) for model in (SnapshotRow, Case, OutboxRow)] == [0, 0, 0]
    assert (state_of(each_house).etag, last_run(each_house).error) == (None, "store_full")
    assert visit(each_house, feed).created == 1


def test_a_disk_that_fills_while_cases_are_recorded_leaves_the_snapshot_for_the_next_visit(
    each_house: House, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise StoreFull("The disk is full.")

    feed.gives(("24-1", "A v. B"))
    with monkeypatch.context() as patch:
        patch.setattr(run, "record_case", full)
        assert isinstance(visit(each_house, feed).error, StoreFull)
    assert (snapshots(each_house), count(each_house, OutboxRow)) == (["fetched"], 0)
    feed.pages.clear()
    assert visit(each_house, feed).created == 1
    assert snapshots(each_house) == ["parsed"]


def test_a_parser_that_crashes_ends_its_own_visit_only_and_says_so_in_one_line(
    house: House, feed: Feed
) -> None:
    def crash(snapshot: Snapshot) -> None:
        raise ValueError("bad\0 date\nand the whole page after it")

    feed.gives(("24-1", "A v. B"))
    feed.before_parse = crash
    assert isinstance(visit(house, feed).error, SourceDrifted)
    assert last_run(house).message == "The parser of test_feed failed: ValueError: bad date."
    assert snapshots(house) == ["failed"]


def test_a_snapshot_that_cannot_be_recorded_does_not_keep_the_source_from_being_asked(
    house: House, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("a fault of ours")

    feed.gives(("24-1", "A v. B"), etag='"v1"')
    with monkeypatch.context() as patch:
        patch.setattr(run, "record_case", broken)
        error = visit(house, feed).error
    assert type(error) is SeamarkError and "a fault of ours" in error.message
    assert (visit(house, feed).created, len(feed.asked)) == (1, 2)


# -- one visitor at a time ---------------------------------------------------------------------------------------


def test_two_visitors_of_one_feed_are_never_in_it_together(each_house: House, feed: Feed) -> None:
    inside, leave = threading.Event(), threading.Event()

    def slow(request: Request) -> Response:
        inside.set()
        assert leave.wait(30)
        return Response(json.dumps([["24-1", "A v. B"]]), content_type="application/json")

    feed.pages["/feed"] = slow
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(visit, each_house, feed)
        try:
            assert inside.wait(30)
            with pytest.raises(StoreBusy, match="Another process is visiting test_feed"):
                visit(each_house, feed)
        finally:
            leave.set()
        assert first.result().created == 1
    assert len(feed.asked) == 1
    assert visit(each_house, feed).state is RunState.DONE


def test_a_visit_that_takes_long_keeps_its_feed(house: House, feed: Feed, clock: FixedClock) -> None:
    held_until = []

    def slow(request: Request) -> Response:
        clock.advance(timedelta(minutes=4))
        return Response(json.dumps([["24-1", "A v. B"]]), content_type="application/json")

    def look(snapshot: Snapshot) -> None:
        with house.database.read() as session:
            held_until.append(session.get_one(LeaseRow, "crawl:test_feed:").until)

    feed.pages["/feed"], feed.before_parse = slow, look
    visit(house, feed)
    assert held_until == [NOW + timedelta(minutes=9)]
    assert count(house, LeaseRow) == 0


# -- complete downloads ------------------------------------------------------------------------------------------


def whole(feed: Feed, numbers: range) -> None:
    feed.gives(*((f"24-{number}", "A v. B") for number in numbers))


@pytest.fixture
def complete(feed: Feed) -> Feed:
    """The same feed as one download that holds everything, and may lose 2 % of it."""
    feed.SPEC = replace(feed.SPEC, may_shrink_by=0.02)
    return feed


@pytest.mark.parametrize(("left", "state"), [(98, RunState.DONE), (97, RunState.FAILED)])
def test_a_complete_download_that_loses_more_than_it_may_is_refused(
    each_house: House, complete: Feed, left: int, state: RunState
) -> None:
    whole(complete, range(100))
    visit(each_house, complete)
    whole(complete, range(left))
    tally = visit(each_house, complete)
    assert (tally.state, snapshots(each_house)[-1]) == (
        state,
        "failed" if state is RunState.FAILED else "parsed",
    )
    if state is RunState.FAILED:
        assert isinstance(tally.error, SourceDrifted)
        assert "lacks 3 of the 100 cases" in tally.error.message and "more than 2%" in tally.error.message
        assert last_run(each_house).error == "source_drifted"


def test_what_is_new_does_not_make_up_for_what_is_missing(house: House, complete: Feed) -> None:
    whole(complete, range(100))
    visit(house, complete)
    whole(complete, range(50, 200))
    tally = visit(house, complete)
    assert (tally.state, tally.created, count(house, Case)) == (RunState.FAILED, 0, 100)


def test_a_refused_download_is_not_what_the_next_is_measured_by(house: House, complete: Feed) -> None:
    whole(complete, range(100))
    visit(house, complete)
    whole(complete, range(10))
    assert [visit(house, complete).state for _ in range(2)] == [RunState.FAILED] * 2
    whole(complete, range(101))
    assert (visit(house, complete).state, count(house, Case)) == (RunState.DONE, 101)


def test_a_file_that_somebody_brings_is_believed_though_it_is_small(house: House, complete: Feed) -> None:
    whole(complete, range(100))
    visit(house, complete)
    brought = Fetched(
        "recording:test_feed/all.json", json.dumps([["24-0", "A v. B"]]).encode(), house.clock.now()
    )
    (tally,) = crawler_of(house, complete).replay("test_feed", iter([("", brought)]))
    assert (tally.state, tally.unchanged) == (RunState.DONE, 1)
    whole(complete, range(1))
    assert visit(house, complete).state is RunState.DONE


def test_the_first_download_and_one_whose_forerunner_is_damaged_are_taken(
    house: House, complete: Feed
) -> None:
    whole(complete, range(100))
    assert visit(house, complete).created == 100
    assert isinstance(house.evidence, FolderEvidenceStore)
    for path in house.evidence.root.rglob("*"):
        if path.is_file():
            path.write_bytes(b"changed")
    whole(complete, range(10))
    assert visit(house, complete).state is RunState.DONE


def test_a_feed_may_show_ever_other_cases(house: House, feed: Feed) -> None:
    whole(feed, range(100))
    visit(house, feed)
    whole(feed, range(100, 101))
    assert visit(house, feed).created == 1


# -- one investigation, three sources ----------------------------------------------------------------------------


def taken(house: House, feed: Feed, source_id: str, content: str) -> Tally:
    answer = Fetched(f"recording:{source_id}/x", content.encode(), house.clock.now())
    (tally,) = crawler_of(house, feed).replay(source_id, iter([("", answer)]))
    assert tally.error is None
    return tally


def test_an_investigation_told_by_edis_the_federal_register_and_the_database_is_one_case(
    each_house: House, feed: Feed
) -> None:
    edis = (
        "<results><documents><document><id>1</id><documentType>Complaint</documentType><documentTitle>Complaint"
        "</documentTitle><investigationNumber>337-3700</investigationNumber><investigationType>Sec 337"
        "</investigationType><onBehalfOf>Alpha, Inc.</onBehalfOf><documentDate>2024/03/01 00:00:00</documentDate>"
        "</document></documents></results>"
    )
    database = {
        "data": [
            {
                "Investigation Number": "337-1400",
                "Docket Number": "3700",
                "Full Title": "Certain Drones; Inv. No. 337-TA-1400",
                "Start Date": "04-02-2024",
                "Participants": [
                    {
                        "Participant Type": {"name": "Respondent"},
                        "Participant": {"Name": "Beta Co., Ltd.", "Country": {"name": "China"}},
                    }
                ],
            }
        ]
    }
    register = {
        "results": [
            {
                "document_number": "2024-07000",
                "title": "Certain Drones; Institution of Investigation",
                "docket_ids": ["Investigation No. 337-TA-1400"],
                "publication_date": "2024-04-02",
            }
        ]
    }
    assert taken(each_house, feed, "us_edis", edis).created == 1
    assert taken(each_house, feed, "us_itc_ids", json.dumps(database)).changed == 1
    assert taken(each_house, feed, "us_federal_register", json.dumps(register)).changed == 1
    with each_house.database.read() as session:
        (case,) = session.scalars(select(Case)).all()
        assert (case.venue, case.status, case.caption) == ("v.us.itc", "public", "Certain Drones")
        assert {event.source for event in case.events} == {"us_edis", "us_itc_ids", "us_federal_register"}
        assert [(p.name, p.country) for p in case.parties] == [("Beta Co., Ltd.", "CN")]
