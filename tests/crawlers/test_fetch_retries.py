"""What is tried again, how often, and after how long."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
import tenacity
from werkzeug import Response

from core.errors import FetchFailed
from crawlers.fetch import (
    ATTEMPTS,
    VisitDeferred,
)
from crawlers.manners import RobotsCache, retry_after
from tests.conftest import NOW
from tests.crawlers.sites import (
    FEED,
    HEAD,
    SPEC,
    MakeFetcher,
    RawServer,
    Site,
    ask,
    bytes_of,
    feed,
)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_an_error_that_passes_is_waited_out(
    site: Site, make_fetcher: MakeFetcher, naps: list[float], status: int
) -> None:
    site.in_turn("/feed.xml", Response(status=status), Response(status=status), feed())
    assert bytes_of(make_fetcher(site.port).fetch(ask(site.url()), SPEC)) == FEED
    assert len(naps) == 2


def test_an_error_that_stays_is_given_up_after_ever_longer_waits_with_jitter(
    site: Site, make_fetcher: MakeFetcher, naps: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    shares = iter([0.25, 0.5, 0.75, 0.0])
    monkeypatch.setattr(tenacity.wait.random, "uniform", lambda low, high: low + next(shares) * (high - low))
    site.pages["/feed.xml"] = Response(status=500)
    with pytest.raises(FetchFailed, match=f"still answered HTTP 500 after {ATTEMPTS} attempts"):
        make_fetcher(site.port).fetch(ask(site.url()), SPEC)
    assert site.asked() == ATTEMPTS
    assert naps == [1.25, 2.5, 4.75]


@pytest.mark.parametrize("asked", ["7", format_datetime(NOW + timedelta(seconds=7), usegmt=True)])
def test_a_short_retry_after_is_waited(
    site: Site, make_fetcher: MakeFetcher, naps: list[float], asked: str
) -> None:
    site.in_turn("/feed.xml", feed(b"", 429, Retry_After=asked), feed())
    assert bytes_of(make_fetcher(site.port).fetch(ask(site.url()), SPEC)) == FEED
    assert naps == [7.0]


@pytest.mark.parametrize(
    ("asked", "until"),
    [
        ("7200", NOW + timedelta(hours=2)),
        (format_datetime(NOW + timedelta(days=1), usegmt=True), NOW + timedelta(days=1)),
        ("9" * 5000, NOW + timedelta(days=7)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", NOW + timedelta(days=7)),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_long_retry_after_puts_the_visit_off_until_that_instant_and_no_more_than_a_week(
    site: Site, make_fetcher: MakeFetcher, naps: list[float], asked: str, until: datetime, status: int
) -> None:
    site.pages["/feed.xml"] = feed(b"", status, Retry_After=asked)
    with pytest.raises(VisitDeferred, match="asks not to be visited before") as caught:
        make_fetcher(site.port).fetch(ask(site.url()), SPEC)
    assert caught.value.until == until
    assert caught.value.code == "visit_deferred"
    assert (site.asked(), naps) == (1, [])


@pytest.mark.parametrize(
    "value", [None, "", "soon", "-5", "1.5", "²", "Mon, 99 Foo 2026", "Mon, 02 Mar 26 25:99 X"]
)
def test_a_retry_after_that_says_nothing_is_no_reason_to_wait(value: str | None) -> None:
    assert retry_after(value, NOW) is None


def test_a_retry_after_in_the_past_is_no_wait() -> None:
    assert retry_after("Sun, 06 Nov 1994 08:49:37 GMT", NOW) == timedelta(0)


def test_a_silent_server_is_asked_again_and_then_given_up(
    raw: Callable[..., RawServer], make_fetcher: MakeFetcher, naps: list[float]
) -> None:
    server = raw(lambda connection, server: server.stopped.wait(20))
    with pytest.raises(FetchFailed, match="fell silent"):
        make_fetcher(server.port, silent_seconds=0.05).fetch(ask(server.url()), SPEC)
    assert (server.asked, len(naps)) == (ATTEMPTS, ATTEMPTS - 1)


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Content-Length: 100\r\n\r\n<rss>",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n",
        # Without a length only the compressed stream itself can tell.
        HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(FEED)[:-12],
        HEAD + b"Content-Length: 5\r\nContent-Encoding: gzip\r\n\r\n<rss>",
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
    ],
    ids=["length", "chunked", "gzip", "damaged-gzip", "nothing", "not-http"],
)
def test_a_body_cut_short_is_asked_for_again_and_never_taken_for_whole(
    raw: Callable[..., RawServer], make_fetcher: MakeFetcher, answer: bytes
) -> None:
    server = raw(lambda connection, server: connection.sendall(answer))
    with pytest.raises(FetchFailed, match="cut short or not HTTP") as caught:
        make_fetcher(server.port).fetch(ask(server.url()), SPEC)
    assert server.asked == ATTEMPTS
    assert "OpenSSH" not in str(caught.value)


def test_a_body_cut_short_once_is_whole_the_next_time(
    raw: Callable[..., RawServer], make_fetcher: MakeFetcher
) -> None:
    def script(connection: socket.socket, server: RawServer) -> None:
        sent = FEED[:20] if server.asked == 1 else FEED
        connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(FEED) + sent)

    server = raw(script)
    assert bytes_of(make_fetcher(server.port).fetch(ask(server.url()), SPEC)) == FEED


def test_a_closed_port_is_tried_again(make_fetcher: MakeFetcher, naps: list[float]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    robots = RobotsCache()
    robots.put(f"http://court.test:{port}", NOW, "")
    with pytest.raises(FetchFailed, match="cannot be connected to"):
        make_fetcher(port, robots=robots).fetch(ask(f"http://court.test:{port}/feed.xml"), SPEC)
    assert len(naps) == ATTEMPTS - 1


@pytest.mark.parametrize(
    "error",
    [socket.gaierror(socket.EAI_NONAME, "Name or service not known"), UnicodeError("label too long"), None],
)
def test_a_name_that_does_not_resolve_is_told_as_such(
    make_fetcher: MakeFetcher, error: Exception | None
) -> None:
    def resolver(host: str, port: int) -> list[str]:
        if error is not None:
            raise error
        return []

    robots = RobotsCache()
    robots.put("http://court.test", NOW, "")
    with pytest.raises(FetchFailed, match="does not resolve"):
        make_fetcher(resolver=resolver, robots=robots).fetch(ask("http://court.test/feed.xml"), SPEC)
