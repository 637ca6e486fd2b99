"""robots.txt, pace and visiting hours."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from werkzeug import Response

from core.clock import FixedClock
from core.errors import AddressRefused, SourceBlocked
from crawlers.fetch import (
    PATIENCE,
    HttpFetcher,
    VisitDeferred,
)
from crawlers.manners import Pace, RobotsCache, next_opening
from tests.conftest import NOW
from tests.crawlers.sites import (
    FEED,
    PAGE,
    SPEC,
    MakeFetcher,
    Site,
    Ticks,
    ask,
    bytes_of,
    feed,
    moved,
)


def robots(text: str, status: int = 200) -> Response:
    return Response(text, status=status, content_type="text/plain")


@pytest.mark.parametrize(
    "text",
    ["User-agent: *\nDisallow: /feed", "User-agent: other\nAllow: /\n\nUser-agent: SEAMARK\nDisallow: /"],
)
def test_what_robots_txt_forbids_is_not_asked_for(site: Site, make_fetcher: MakeFetcher, text: str) -> None:
    site.pages["/robots.txt"] = robots(text)
    with pytest.raises(SourceBlocked, match=r"robots\.txt .* forbids Seamark"):
        make_fetcher(site.port).fetch(ask(site.url()), SPEC)
    assert site.asked() == 0


@pytest.mark.parametrize(
    "page",
    [
        robots("User-agent: *\nDisallow: /private"),
        robots("User-agent: example\nDisallow: /"),  # a word of our User-Agent, but not our name
        robots("User-agent: *\nDisallow: /\n\nUser-agent: Seamark\nAllow: /"),
        robots("no", 404),
        robots("no", 403),
        robots(PAGE.decode()),
        robots("#" * 600_000 + "\nUser-agent: *\nDisallow: /"),  # beyond what must be read (RFC 9309, 2.5)
    ],
)
def test_what_robots_txt_does_not_forbid_is_asked_for(
    site: Site, make_fetcher: MakeFetcher, page: Response
) -> None:
    site.pages["/robots.txt"] = page
    assert bytes_of(make_fetcher(site.port).fetch(ask(site.url()), SPEC)) == FEED


@pytest.mark.parametrize("status", [429, 500, 503, 599])
def test_a_site_whose_robots_txt_fails_is_not_asked_anything(
    site: Site, make_fetcher: MakeFetcher, clock: FixedClock, status: int
) -> None:
    site.pages["/robots.txt"] = robots("", status)
    with pytest.raises(VisitDeferred, match=f"cannot be had.*HTTP {status}") as caught:
        make_fetcher(site.port).fetch(ask(site.url()), SPEC)
    assert site.asked() == 0
    assert caught.value.until == clock.now() + timedelta(hours=1)


def test_a_site_whose_robots_txt_cannot_be_reached_is_not_asked_anything(make_fetcher: MakeFetcher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(VisitDeferred, match="cannot be connected to"):
        make_fetcher(port).fetch(ask(f"http://court.test:{port}/feed.xml"), SPEC)


def test_a_site_that_challenges_even_for_robots_txt_blocks_us(site: Site, make_fetcher: MakeFetcher) -> None:
    site.pages["/robots.txt"] = Response(status=503, headers={"cf-mitigated": "challenge"})
    with pytest.raises(SourceBlocked, match="Cloudflare"):
        make_fetcher(site.port).fetch(ask(site.url()), SPEC)


def test_a_robots_txt_that_leads_into_a_private_network_is_refused(
    site: Site, make_fetcher: MakeFetcher
) -> None:
    site.pages["/robots.txt"] = moved("http://10.0.0.5/")
    with pytest.raises(AddressRefused):
        make_fetcher(site.port).fetch(ask(site.url()), SPEC)


def test_robots_txt_is_read_once_a_day(site: Site, make_fetcher: MakeFetcher, clock: FixedClock) -> None:
    fetcher = make_fetcher(site.port)
    for _ in range(3):
        fetcher.fetch(ask(site.url()), SPEC)
    assert site.asked("/robots.txt") == 1
    clock.advance(timedelta(hours=24))
    fetcher.fetch(ask(site.url()), SPEC)
    assert site.asked("/robots.txt") == 2


def test_the_host_that_a_redirect_leads_to_has_its_own_robots_txt(
    site: Site, make_fetcher: MakeFetcher
) -> None:
    site.pages["/feed.xml"] = moved(site.url("/moved.xml", host="other.test"))
    site.pages["/moved.xml"] = feed()
    site.pages["/robots.txt"] = lambda request: robots(
        "User-agent: *\nDisallow: /moved" if request.host.startswith("other.test") else ""
    )
    with pytest.raises(SourceBlocked, match=r"robots\.txt of http://other\.test"):
        make_fetcher(site.port).fetch(ask(site.url()), SPEC)
    assert site.asked("/moved.xml") == 0


def test_the_crawl_delay_counts_between_requests_but_not_after_robots_txt(
    site: Site, make_fetcher: MakeFetcher, naps: list[float]
) -> None:
    site.pages["/robots.txt"] = robots("User-agent: *\nCrawl-delay: 30")
    fetcher = make_fetcher(site.port)
    fetcher.fetch(ask(site.url()), SPEC)
    assert naps == []
    fetcher.fetch(ask(site.url()), SPEC)
    assert naps == [30.0]


def test_a_crawl_delay_that_is_too_long_to_sleep_becomes_a_later_visit(
    site: Site, make_fetcher: MakeFetcher, naps: list[float], ticks: Ticks
) -> None:
    site.pages["/robots.txt"] = robots("User-agent: *\nCrawl-delay: 600")
    fetcher = make_fetcher(site.port)
    fetcher.fetch(ask(site.url()), SPEC)
    with pytest.raises(VisitDeferred, match="600 s") as caught:
        fetcher.fetch(ask(site.url()), SPEC)
    assert (caught.value.until, naps) == (NOW + timedelta(seconds=600), [])
    ticks.at = 600.0
    assert bytes_of(fetcher.fetch(ask(site.url()), SPEC)) == FEED


@pytest.mark.parametrize("delay", ["nan", "inf", "-3", "often"])
def test_a_crawl_delay_that_is_no_delay_is_ignored(
    site: Site, make_fetcher: MakeFetcher, naps: list[float], delay: str
) -> None:
    site.pages["/robots.txt"] = robots(f"User-agent: *\nCrawl-delay: {delay}")
    fetcher = make_fetcher(site.port)
    fetcher.fetch(ask(site.url()), SPEC)
    fetcher.fetch(ask(site.url()), SPEC)
    assert naps == []


def test_requests_to_one_host_keep_their_distance_across_threads(
    site: Site, make_fetcher: MakeFetcher, naps: list[float]
) -> None:
    spec = replace(SPEC, pace_seconds=2.0)
    fetcher = make_fetcher(site.port)
    fetcher.fetch(ask(site.url()), spec)  # robots.txt at 0 s, the feed at 2 s
    naps.clear()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: fetcher.fetch(ask(site.url()), spec), range(8)))
    assert sorted(naps) == [4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 16.0, 18.0]


def test_hosts_do_not_wait_for_each_other(site: Site, make_fetcher: MakeFetcher, naps: list[float]) -> None:
    known = RobotsCache()
    for host in ("court.test", "other.test"):
        known.put(f"http://{host}:{site.port}", NOW, "")
    fetcher = make_fetcher(site.port, robots=known)
    for host in ("court.test", "other.test"):
        fetcher.fetch(ask(site.url(host=host)), replace(SPEC, pace_seconds=2.0))
    assert naps == []


def test_a_retry_waits_for_its_turn_too(site: Site, make_fetcher: MakeFetcher, naps: list[float]) -> None:
    site.in_turn("/feed.xml", Response(status=500), feed())
    make_fetcher(site.port).fetch(ask(site.url()), replace(SPEC, pace_seconds=20.0))
    # The clock of turns stands still: robots.txt goes at 0 s, the feed at 20 s and, after its backoff, at 40 s.
    assert (naps[0], naps[2]) == (20.0, 40.0)


def test_fetchers_of_one_process_share_a_hosts_turns_and_its_robots_txt(
    site: Site, clock: FixedClock, naps: list[float], ticks: Ticks
) -> None:
    host = "one-process.test"
    for _ in range(2):
        HttpFetcher(
            clock,
            user_agent="Seamark/0.1",
            allow_private=frozenset({f"{host}:{site.port}"}),
            resolver=lambda host, port: ["127.0.0.1"],
            sleep=naps.append,
            monotonic=ticks,
        ).fetch(ask(site.url(host=host)), replace(SPEC, pace_seconds=2.0))
    assert naps == [2.0, 4.0]
    assert site.asked("/robots.txt") == 1


def test_a_queue_longer_than_patience_becomes_a_later_visit_and_takes_no_turn() -> None:
    pace = Pace()
    assert pace.take("court.test", 50.0, 0.0, PATIENCE) == 0.0
    assert pace.take("court.test", 50.0, 0.0, PATIENCE) == 50.0
    assert pace.take("court.test", 50.0, 0.0, PATIENCE) == 100.0
    assert pace.take("court.test", 50.0, 90.0, PATIENCE) == 10.0


def test_a_site_is_not_asked_outside_its_visiting_hours(site: Site, make_fetcher: MakeFetcher) -> None:
    # 09:30 UTC is 04:30 in New York.
    spec = replace(SPEC, zone="America/New_York", visiting_hours=(6, 22))
    with pytest.raises(VisitDeferred, match="6:00 to 22:00") as caught:
        make_fetcher(site.port).fetch(ask(site.url()), spec)
    assert caught.value.until == datetime(2026, 3, 2, 11, tzinfo=UTC)
    assert site.seen == []


def test_a_site_is_asked_within_its_visiting_hours(site: Site, make_fetcher: MakeFetcher) -> None:
    spec = replace(SPEC, zone="America/New_York", visiting_hours=(4, 5))
    assert bytes_of(make_fetcher(site.port).fetch(ask(site.url()), spec)) == FEED


@pytest.mark.parametrize(
    ("local", "hours", "opens"),
    [
        ("2026-03-02T05:59", (6, 22), "2026-03-02T06:00"),
        ("2026-03-02T06:00", (6, 22), None),
        ("2026-03-02T21:59", (6, 22), None),
        ("2026-03-02T22:00", (6, 22), "2026-03-03T06:00"),
        ("2026-03-02T23:30", (22, 5), None),
        ("2026-03-02T04:59", (22, 5), None),
        ("2026-03-02T05:00", (22, 5), "2026-03-02T22:00"),
        ("2026-03-02T12:00", (8, 8), None),
        ("2026-03-02T12:00", (0, 24), None),
        ("2026-03-07T22:00", (6, 22), "2026-03-08T06:00"),  # the night summer time begins
        ("2026-10-31T22:00", (6, 22), "2026-11-01T06:00"),  # the night it ends
    ],
)
def test_visiting_hours_are_the_sites_own(local: str, hours: tuple[int, int], opens: str | None) -> None:
    zone = ZoneInfo("America/New_York")
    now = datetime.fromisoformat(local).replace(tzinfo=zone).astimezone(UTC)
    due = datetime.fromisoformat(opens).replace(tzinfo=zone).astimezone(UTC) if opens else None
    assert next_opening(now, hours, "America/New_York") == due
