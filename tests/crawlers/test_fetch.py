"""Fetching against servers that misbehave on purpose.

``site`` is an HTTP server whose pages a test sets; ``raw`` starts a socket server that may break every rule. Names end
in ``.test`` and are resolved by ``names``, so nothing leaves the machine. Sleeping is recorded in ``naps`` and moves
the clock; ``ticks`` stands still unless a test lets it run, so that no test depends on how fast the machine is.
"""

from __future__ import annotations

import gzip
import re
import shutil
import socket
import ssl
import subprocess
import threading
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpcore
import pytest
import tenacity
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.clock import FixedClock
from core.errors import AddressRefused, BadInput, FetchFailed, SourceBlocked, SourceDrifted
from core.outward import transport
from core.outward.address import is_public, resolve
from crawlers.fetch import (
    ATTEMPTS,
    PATIENCE,
    Fetched,
    FetchRequest,
    HttpFetcher,
    NotModified,
    ReplayFetcher,
    VisitDeferred,
)
from crawlers.manners import Pace, RobotsCache, next_opening, retry_after
from crawlers.source import SourceSpec, SourceStatus
from tests.conftest import NOW, missing

FEED = '<?xml version="1.0" encoding="UTF-8"?><rss><channel><title>Dockets é</title></channel></rss>'.encode()
PAGE = b"<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body>We have a new site</body></html>"
SPEC = SourceSpec(
    id="test_court",
    zh="测试法院",
    en="Test court",
    homepage="http://court.test/",
    urls=("http://court.test/feed.xml",),
    status=SourceStatus.LIVE,
    media_types=("application/rss+xml", "text/xml"),
    pace_seconds=0.0,
    max_bytes=200_000,
)


class Ticks:
    """Monotonic seconds: still, or ``step`` seconds further at each look."""

    def __init__(self) -> None:
        self.at, self.step = 0.0, 0.0

    def __call__(self) -> float:
        self.at += self.step
        return self.at


class Site:
    """Pages by path: a Response, or a function of the request. There is no robots.txt unless a test sets one."""

    def __init__(self, server: HTTPServer) -> None:
        self.port = server.port
        self.pages: dict[str, Response | Callable[[Request], Response]] = {}
        self.seen: list[Request] = []
        server.expect_request(re.compile(".*")).respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        self.seen.append(request)
        page = self.pages.get(request.path, Response(status=404))
        return page(request) if not isinstance(page, Response) else page

    def url(self, path: str = "/feed.xml", host: str = "court.test") -> str:
        return f"http://{host}:{self.port}{path}"

    def asked(self, path: str = "/feed.xml") -> int:
        return sum(request.path == path for request in self.seen)

    def in_turn(self, path: str, *pages: Response) -> None:
        """Give ``pages`` one after the other; the last one for ever."""
        left = list(pages)
        self.pages[path] = lambda request: left.pop(0) if len(left) > 1 else left[0]


@pytest.fixture
def site(httpserver: HTTPServer) -> Site:
    made = Site(httpserver)
    made.pages["/feed.xml"] = feed()
    return made


def feed(content: bytes = FEED, status: int = 200, **headers: str) -> Response:
    given = {"Content-Type": "application/rss+xml", **{k.replace("_", "-"): v for k, v in headers.items()}}
    return Response(content, status=status, headers=given)


def moved(location: str) -> Response:
    # autocorrect would make relative addresses absolute
    response = Response(status=302)
    response.autocorrect_location_header = False
    response.headers["Location"] = location
    return response


class RawServer:
    """Hands every connection's socket, once its request is read, to ``script``; counts those for the feed."""

    def __init__(self, script: Callable[[socket.socket, RawServer], None]) -> None:
        self.asked, self.stopped = 0, threading.Event()
        self._script, self._threads = script, []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.05)
        self.port = self._socket.getsockname()[1]
        self._main = threading.Thread(target=self._accept)
        self._main.start()

    def url(self) -> str:
        return f"http://court.test:{self.port}/feed.xml"

    def _accept(self) -> None:
        while not self.stopped.is_set():
            try:
                connection, _ = self._socket.accept()
            except TimeoutError:
                continue
            thread = threading.Thread(target=self._serve, args=[connection])
            thread.start()
            self._threads.append(thread)

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(10)
            request = b""
            while b"\r\n\r\n" not in request:
                request += connection.recv(4096)
            if b"/robots.txt" in request:
                connection.sendall(b"HTTP/1.1 404 None\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            self.asked += 1
            with suppress(ConnectionError, TimeoutError):  # the crawler hung up, as it should
                self._script(connection, self)

    def until_hung_up(self) -> None:
        """Wait for every conversation to end by the crawler's doing."""
        for thread in list(self._threads):
            thread.join(timeout=20)
            assert not thread.is_alive(), "the crawler left a connection open"

    def close(self) -> None:
        self.stopped.set()
        self._main.join()
        for thread in self._threads:
            thread.join()
        self._socket.close()


@pytest.fixture
def raw() -> Iterator[Callable[[Callable[[socket.socket, RawServer], None]], RawServer]]:
    made: list[RawServer] = []

    def start(script: Callable[[socket.socket, RawServer], None]) -> RawServer:
        made.append(RawServer(script))
        return made[-1]

    yield start
    for server in made:
        server.close()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"


@pytest.fixture
def naps() -> list[float]:
    return []


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def names() -> dict[str, list[str]]:
    return {"court.test": ["127.0.0.1"], "other.test": ["127.0.0.1"]}


def resolve_literal(host: str) -> list[str]:
    """An address resolves to itself, any other name to nothing, without asking anybody."""
    found = socket.getaddrinfo(host, 80, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    return [str(found[0][4][0])]


MakeFetcher = Callable[..., HttpFetcher]


@pytest.fixture
def make_fetcher(
    clock: FixedClock, naps: list[float], ticks: Ticks, names: dict[str, list[str]]
) -> MakeFetcher:
    """A fetcher that may reach this machine at the given ports."""

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        clock.advance(timedelta(seconds=seconds))

    def make(*ports: int, **others: Any) -> HttpFetcher:
        options: dict[str, Any] = {
            "user_agent": "Seamark/0.1 (+https://example.org)",
            "allow_private": frozenset(f"127.0.0.1:{port}" for port in ports),
            "resolver": lambda host, port: names[host] if host in names else resolve_literal(host),
            "sleep": sleep,
            "monotonic": ticks,
            "pace": Pace(),
            "robots": RobotsCache(),
            **others,
        }
        return HttpFetcher(clock, **options)

    return make


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Every (address, port) that a socket was really opened to."""
    seen: list[tuple[str, int]] = []
    real = httpcore.SyncBackend.connect_tcp

    def connect_tcp(
        self: httpcore.SyncBackend, host: str, port: int, **others: Any
    ) -> httpcore.NetworkStream:
        seen.append((host, port))
        return real(self, host, port, **others)

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect_tcp)
    return seen


def ask(url: str, **validators: str) -> FetchRequest:
    return FetchRequest(SPEC.id, url, **validators)


def bytes_of(answer: Fetched | NotModified) -> bytes:
    assert isinstance(answer, Fetched)
    return answer.content


# -- what comes back ---------------------------------------------------------------------------------------------


def test_the_bytes_come_unaltered_with_what_the_headers_claim(site: Site, make_fetcher: MakeFetcher) -> None:
    site.pages["/feed.xml"] = feed(
        Content_Type="text/xml; Charset=iso-8859-1",
        ETag='"v1"',
        Last_Modified="Sun, 01 Mar 2026 08:00:00 GMT",
    )
    assert make_fetcher(site.port).fetch(ask(site.url()), SPEC) == Fetched(
        url=site.url(),
        content=FEED,  # UTF-8, whatever the header says: the parser decides
        fetched_at=NOW,
        content_type="text/xml; Charset=iso-8859-1",
        charset="iso-8859-1",
        etag='"v1"',
        last_modified="Sun, 01 Mar 2026 08:00:00 GMT",
    )


def test_validators_are_sent_and_a_304_is_word_that_nothing_changed(
    site: Site, make_fetcher: MakeFetcher
) -> None:
    site.pages["/feed.xml"] = Response(status=304)
    request = ask(site.url(), etag='"v1"', last_modified="Sun, 01 Mar 2026 08:00:00 GMT")
    assert make_fetcher(site.port).fetch(request, SPEC) == NotModified(site.url(), NOW)
    assert site.seen[-1].headers["If-None-Match"] == '"v1"'
    assert site.seen[-1].headers["If-Modified-Since"] == "Sun, 01 Mar 2026 08:00:00 GMT"


def test_a_search_interface_is_asked_by_post_without_conditions(
    site: Site, make_fetcher: MakeFetcher
) -> None:
    spec = replace(SPEC, post_json='{"q": "甲"}', media_types=("application/json",))
    site.pages["/feed.xml"] = lambda request: Response(request.get_data(), content_type="application/json")
    request = FetchRequest(
        "test_court", site.url(), etag='"1"', last_modified="Mon, 02 Mar 2026 09:00:00 GMT"
    )
    answer = make_fetcher(site.port).fetch(request, spec)
    assert isinstance(answer, Fetched)
    assert answer.content.decode() == '{"q": "甲"}'
    asked = site.seen[-1]
    assert (asked.method, asked.headers["Content-Type"]) == ("POST", "application/json")
    assert "If-None-Match" not in asked.headers
    assert [r.method for r in site.seen if r.path == "/robots.txt"] == ["GET"]


@pytest.mark.parametrize(("status", "method"), [(302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
def test_a_redirected_question_is_asked_again_only_where_http_says_so(
    site: Site, make_fetcher: MakeFetcher, status: int, method: str
) -> None:
    response = moved("/there")
    response.status_code = status
    site.pages["/feed.xml"] = response
    site.pages["/there"] = Response(b"{}", content_type="application/json")
    spec = replace(SPEC, post_json="{}", media_types=("application/json",))
    make_fetcher(site.port).fetch(ask(site.url()), spec)
    assert site.seen[-1].method == method


def test_a_304_that_was_not_asked_for_is_a_failure(site: Site, make_fetcher: MakeFetcher) -> None:
    site.pages["/feed.xml"] = Response(status=304)
    with pytest.raises(FetchFailed, match="HTTP 304"):
        make_fetcher(site.port).fetch(ask(site.url()), SPEC)


def test_a_validator_that_cannot_be_sent_back_is_neither_kept_nor_sent(
    site: Site, make_fetcher: MakeFetcher
) -> None:
    site.pages["/feed.xml"] = feed(ETag='"é"')
    answer = make_fetcher(site.port).fetch(ask(site.url(), etag='"é"'), SPEC)
    assert isinstance(answer, Fetched)
    assert answer.etag is None
    assert "If-None-Match" not in site.seen[-1].headers


def test_the_site_learns_who_asks_even_when_the_contact_is_not_ascii(
    site: Site, make_fetcher: MakeFetcher
) -> None:
    make_fetcher(site.port, user_agent="Seamark/0.1 (+中心)").fetch(ask(site.url()), SPEC)
    assert {request.headers["User-Agent"] for request in site.seen} == {"Seamark/0.1 (+)"}


@pytest.mark.parametrize("status", [401, 403, 451])
def test_a_refusal_is_told_as_one_and_not_repeated(
    site: Site, make_fetcher: MakeFetcher, status: int
) -> None:
    site.pages["/feed.xml"] = Response(PAGE, status=status)
    with pytest.raises(SourceBlocked, match=f"HTTP {status}"):
        make_fetcher(site.port).fetch(ask(site.url()), SPEC)
    assert site.asked() == 1


@pytest.mark.parametrize("status", [204, 206, 400, 404, 410, 501])
def test_a_status_that_will_not_pass_is_not_repeated(
    site: Site, make_fetcher: MakeFetcher, status: int
) -> None:
    site.pages["/feed.xml"] = Response(status=status)
    with pytest.raises(FetchFailed, match=f"HTTP {status}"):
        make_fetcher(site.port).fetch(ask(site.url()), SPEC)
    assert site.asked() == 1


def test_no_message_repeats_the_query_of_an_address(site: Site, make_fetcher: MakeFetcher) -> None:
    site.pages["/feed.xml"] = Response(status=404)
    with pytest.raises(FetchFailed) as caught:
        make_fetcher(site.port).fetch(ask(site.url("/feed.xml?key=hunter2")), SPEC)
    assert site.seen[-1].query_string == b"key=hunter2"
    assert "hunter2" not in str(caught.value)


# -- retries -----------------------------------------------------------------------------------------------------


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


# -- caps and deadlines ------------------------------------------------------------------------------------------


def test_no_step_of_an_answer_may_outlast_what_is_left_of_its_deadline(ticks: Ticks) -> None:
    deadline = transport.Deadline(10.0, ticks)
    assert (deadline.left(30.0), deadline.left(2.0), deadline.left()) == (10.0, 2.0, 10.0)
    ticks.at = 7.0
    assert (deadline.left(30.0), deadline.left(2.0)) == (3.0, 2.0)
    ticks.at = 10.0
    with pytest.raises(FetchFailed, match="within 10 s"):
        deadline.left(2.0)
    deadline.start("the next answer")
    assert deadline.left() == 10.0


@pytest.mark.parametrize("where", ["headers", "body"])
def test_a_server_that_drips_is_left_at_the_deadline_and_not_tried_again(
    raw: Callable[..., RawServer], make_fetcher: MakeFetcher, ticks: Ticks, naps: list[float], where: str
) -> None:
    def script(connection: socket.socket, server: RawServer) -> None:
        connection.sendall(HEAD if where == "headers" else HEAD + b"Content-Length: 100000\r\n\r\n")
        while not server.stopped.wait(0.001):
            connection.sendall(b"X-Drop: 1\r\n" if where == "headers" else b"<")

    server = raw(script)
    ticks.step = 1.0
    with pytest.raises(FetchFailed, match=r"did not finish its answer within 30 s"):
        make_fetcher(server.port, timeout_seconds=30).fetch(ask(server.url()), SPEC)
    assert (server.asked, naps) == (1, [])
    server.until_hung_up()


def test_an_endless_body_is_cut_at_the_cap(
    raw: Callable[..., RawServer], make_fetcher: MakeFetcher, naps: list[float]
) -> None:
    def script(connection: socket.socket, server: RawServer) -> None:
        connection.sendall(HEAD + b"\r\n")
        while not server.stopped.is_set():
            connection.sendall(b"<item/>" * 5000)

    server = raw(script)
    with pytest.raises(FetchFailed, match="more than 200000 bytes"):
        make_fetcher(server.port).fetch(ask(server.url()), SPEC)
    assert (server.asked, naps) == (1, [])
    server.until_hung_up()


@pytest.mark.parametrize(("extra", "is_taken"), [(0, True), (1, False)])
def test_the_cap_itself_may_be_reached(
    site: Site, make_fetcher: MakeFetcher, extra: int, is_taken: bool
) -> None:
    site.pages["/feed.xml"] = feed(b"x" * (SPEC.max_bytes + extra))
    if is_taken:
        assert len(bytes_of(make_fetcher(site.port).fetch(ask(site.url()), SPEC))) == SPEC.max_bytes
    else:
        with pytest.raises(FetchFailed, match="more than"):
            make_fetcher(site.port).fetch(ask(site.url()), SPEC)


@pytest.mark.parametrize("members", [1, 2])
def test_a_compressed_answer_is_unfolded(site: Site, make_fetcher: MakeFetcher, members: int) -> None:
    half = len(FEED) // members
    parts = [FEED[:half], FEED[half:]] if members == 2 else [FEED]
    site.pages["/feed.xml"] = feed(b"".join(map(gzip.compress, parts)), Content_Encoding="gzip")
    assert bytes_of(make_fetcher(site.port).fetch(ask(site.url()), SPEC)) == FEED
    assert site.seen[-1].headers["Accept-Encoding"] == "gzip"


def test_a_compressed_bomb_never_unfolds_in_memory(site: Site, make_fetcher: MakeFetcher) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(64)) + packer.flush()
    assert len(bomb) < SPEC.max_bytes
    site.pages["/feed.xml"] = feed(bomb, Content_Encoding="gzip")
    tracemalloc.start()
    try:
        with pytest.raises(FetchFailed, match="more than"):
            make_fetcher(site.port).fetch(ask(site.url()), SPEC)
        assert tracemalloc.get_traced_memory()[1] < 32_000_000  # unfolded it is 64 MB
    finally:
        tracemalloc.stop()


def test_compressed_data_that_never_comes_to_anything_ends_at_the_cap(
    raw: Callable[..., RawServer], make_fetcher: MakeFetcher
) -> None:
    def script(connection: socket.socket, server: RawServer) -> None:
        connection.sendall(HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"")[:10])
        while not server.stopped.is_set():
            connection.sendall(b"\x00\x00\x00\xff\xff" * 5000)  # empty stored blocks

    server = raw(script)
    with pytest.raises(FetchFailed, match="more than"):
        make_fetcher(server.port).fetch(ask(server.url()), SPEC)
    server.until_hung_up()


def test_an_encoding_that_was_not_asked_for_is_a_failure(site: Site, make_fetcher: MakeFetcher) -> None:
    site.pages["/feed.xml"] = feed(Content_Encoding="br")
    with pytest.raises(FetchFailed, match="not asked for"):
        make_fetcher(site.port).fetch(ask(site.url()), SPEC)


# -- redirects ---------------------------------------------------------------------------------------------------


def test_redirects_are_followed_and_the_address_that_was_asked_is_kept(
    site: Site, make_fetcher: MakeFetcher
) -> None:
    site.pages["/feed.xml"] = moved(site.url("/new?token=abc", host="other.test"))
    site.pages["/new"] = moved("deep/feed")
    site.pages["/deep/feed"] = feed()
    answer = make_fetcher(site.port).fetch(ask(site.url()), SPEC)
    assert isinstance(answer, Fetched)
    assert (answer.content, answer.url) == (FEED, site.url())
    assert site.seen[-1].headers["Host"] == f"other.test:{site.port}"


def test_a_redirect_loop_ends(site: Site, make_fetcher: MakeFetcher, naps: list[float]) -> None:
    site.pages["/feed.xml"] = moved("/back")
    site.pages["/back"] = moved("/feed.xml")
    with pytest.raises(FetchFailed, match="5 redirects"):
        make_fetcher(site.port).fetch(ask(site.url()), SPEC)
    assert (site.asked("/feed.xml") + site.asked("/back"), naps) == (6, [])


@pytest.mark.parametrize(
    "location",
    [
        "http://10.0.0.5/",
        "http://127.0.0.1:9/",
        "http://[::1]/",
        "http://[::ffff:169.254.169.254]/latest/meta-data/",
        "http://inside.test/",
        "//inside.test/",
    ],
)
def test_a_redirect_into_a_private_network_is_refused_before_any_socket_opens(
    site: Site,
    make_fetcher: MakeFetcher,
    names: dict[str, list[str]],
    connected: list[tuple[str, int]],
    location: str,
) -> None:
    names["inside.test"] = ["192.168.1.1"]
    site.pages["/feed.xml"] = moved(location)
    with pytest.raises(AddressRefused, match="not on the public internet"):
        make_fetcher(site.port).fetch(ask(site.url()), SPEC)
    assert set(connected) == {("127.0.0.1", site.port)}


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("file:///etc/passwd", "begins with file:"),
        ("ftp://court.test/feed", "begins with ftp:"),
        ("javascript:alert(1)", "begins with javascript:"),
        ("http://user:hunter2@court.test/", "user name or password"),
    ],
)
def test_a_redirect_to_anything_but_http_is_refused(
    site: Site, make_fetcher: MakeFetcher, location: str, said: str
) -> None:
    site.pages["/feed.xml"] = moved(location)
    with pytest.raises(AddressRefused, match=said) as caught:
        make_fetcher(site.port).fetch(ask(site.url()), SPEC)
    assert "hunter2" not in str(caught.value)
    assert site.asked() == 1


@pytest.mark.parametrize(
    "location", [b"http://court.test:99999/", b"http://court.test:port/", b"http://[::1/"]
)
def test_a_redirect_to_an_address_that_makes_no_sense_is_refused(
    raw: Callable[..., RawServer], make_fetcher: MakeFetcher, location: bytes
) -> None:
    server = raw(
        lambda connection, server: connection.sendall(
            b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n"
        )
    )
    with pytest.raises(AddressRefused, match=r"redirects to an address that (cannot be read|names no)"):
        make_fetcher(server.port).fetch(ask(server.url()), SPEC)
    assert server.asked == 1


def test_a_cookie_reaches_no_other_host_nor_the_next_visit(site: Site, make_fetcher: MakeFetcher) -> None:
    there = moved(site.url("/other.xml", host="other.test"))
    there.set_cookie("session", "secret", domain="test")
    site.pages["/feed.xml"] = there
    site.pages["/other.xml"] = feed()
    fetcher = make_fetcher(site.port)
    fetcher.fetch(ask(site.url()), SPEC)
    fetcher.fetch(ask(site.url()), SPEC)
    assert site.asked("/other.xml") == 2
    assert not any(request.cookies for request in site.seen)


# -- addresses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.1",
        "100.64.0.1",  # carrier-grade NAT
        "169.254.169.254",  # cloud metadata
        "0.0.0.0",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "192.0.2.1",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",  # NAT64
        "64:ff9b:1::8.8.8.8",
        "2002:7f00:1::",  # 6to4
        "2002:808:808::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # Teredo
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "100::1",
    ],
)
def test_an_address_that_is_not_the_public_internets_is_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "156.119.60.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]
)
def test_a_public_address_is_known(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.7"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["169.254.169.254"],
        ["93.184.216.34", "10.0.0.7"],
        ["2606:4700::1111", "::1"],
    ],
)
def test_a_name_with_a_private_address_is_refused_before_any_socket_opens(
    make_fetcher: MakeFetcher,
    names: dict[str, list[str]],
    connected: list[tuple[str, int]],
    addresses: list[str],
) -> None:
    names["court.test"] = addresses
    with pytest.raises(AddressRefused, match="not on the public internet"):
        make_fetcher().fetch(ask("http://court.test/feed.xml"), SPEC)
    assert connected == []


def test_the_systems_own_resolver_is_judged_too(
    make_fetcher: MakeFetcher, monkeypatch: pytest.MonkeyPatch, connected: list[tuple[str, int]]
) -> None:
    found = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::ffff:10.0.0.1", 80, 0, 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)
    with pytest.raises(AddressRefused, match=re.escape("::ffff:10.0.0.1")):
        make_fetcher(resolver=resolve).fetch(ask("http://court.test/feed.xml"), SPEC)
    assert connected == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost"])
def test_a_loopback_address_in_disguise_is_refused(
    make_fetcher: MakeFetcher, connected: list[tuple[str, int]], host: str
) -> None:
    with pytest.raises(AddressRefused):
        make_fetcher(resolver=resolve).fetch(ask(f"http://{host}/feed.xml"), SPEC)
    assert connected == []


def test_a_name_that_changes_its_address_is_never_asked_between_the_judgement_and_the_connection(
    make_fetcher: MakeFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected: list[str] = []

    def connect_tcp(self: object, host: str, port: int, **others: object) -> httpcore.NetworkStream:
        connected.append(host)
        raise httpcore.ConnectError

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect_tcp)
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    with pytest.raises(AddressRefused):
        make_fetcher(resolver=lambda host, port: next(answers)).fetch(ask("http://court.test/feed.xml"), SPEC)
    assert connected == ["93.184.216.34"]


def test_the_next_address_of_a_name_is_tried_when_the_first_is_dead(
    site: Site, make_fetcher: MakeFetcher, names: dict[str, list[str]], naps: list[float]
) -> None:
    names["court.test"] = ["127.0.0.2", "127.0.0.1"]
    allowed = frozenset({f"court.test:{site.port}"})
    assert bytes_of(make_fetcher(allow_private=allowed).fetch(ask(site.url()), SPEC)) == FEED
    assert naps == []


@pytest.mark.parametrize("pair", ["court.test:{port}", "COURT.test:{port}", "127.0.0.1:{port}"])
def test_an_exception_names_a_host_or_an_address_and_a_port(
    site: Site, make_fetcher: MakeFetcher, pair: str
) -> None:
    fetcher = make_fetcher(allow_private=frozenset({pair.format(port=site.port)}))
    assert bytes_of(fetcher.fetch(ask(site.url()), SPEC)) == FEED


def test_an_exception_for_one_port_opens_no_other(
    site: Site, make_fetcher: MakeFetcher, connected: list[tuple[str, int]]
) -> None:
    with pytest.raises(AddressRefused, match=f"add court.test:{site.port} to SEAMARK_FETCH_ALLOW"):
        make_fetcher(site.port + 1).fetch(ask(site.url()), SPEC)
    assert connected == []


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://court.test/", "http://", "http://me:hunter2@court.test/", "court"]
)
def test_a_source_whose_address_is_no_web_address_is_refused(make_fetcher: MakeFetcher, url: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        make_fetcher().fetch(ask(url), SPEC)
    assert "hunter2" not in str(caught.value)


def test_a_proxy_in_the_environment_is_not_used(
    site: Site, make_fetcher: MakeFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert bytes_of(make_fetcher(site.port).fetch(ask(site.url()), SPEC)) == FEED


# -- TLS ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for court.test in one file, signed by itself."""
    if shutil.which("openssl") is None:
        missing("the openssl command")
    folder = tmp_path_factory.mktemp("tls")
    key, cert, both = folder / "key.pem", folder / "cert.pem", folder / "both.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=court.test"
    subprocess.run(
        [
            *command.split(),
            "-addext",
            "subjectAltName=DNS:court.test",
            "-keyout",
            str(key),
            "-out",
            str(cert),
        ],
        check=True,
        capture_output=True,
    )
    both.write_bytes(key.read_bytes() + cert.read_bytes())
    return both


@pytest.fixture
def secure_site(certificate: Path) -> Iterator[tuple[Site, list[str]]]:
    """The feed over TLS, and the names that clients asked for in their greeting (SNI)."""
    greeted: list[str] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda connection, name, context: greeted.append(name)
    with HTTPServer(host="127.0.0.1", ssl_context=context) as server:
        made = Site(server)
        made.pages["/feed.xml"] = feed()
        yield made, greeted


def test_tls_and_host_keep_the_name_while_the_connection_goes_to_the_judged_address(
    secure_site: tuple[Site, list[str]],
    certificate: Path,
    make_fetcher: MakeFetcher,
    connected: list[tuple[str, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site, greeted = secure_site
    trusting = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(transport, "_tls", lambda: trusting)
    url = site.url().replace("http:", "https:")
    assert bytes_of(make_fetcher(site.port).fetch(ask(url), SPEC)) == FEED
    assert set(connected) == {("127.0.0.1", site.port)}
    assert set(greeted) == {"court.test"}
    assert site.seen[-1].headers["Host"] == f"court.test:{site.port}"


def test_a_certificate_that_proves_nothing_is_refused_and_not_tried_again(
    secure_site: tuple[Site, list[str]], make_fetcher: MakeFetcher, naps: list[float]
) -> None:
    site, _ = secure_site
    robots = RobotsCache()
    robots.put(f"https://court.test:{site.port}", NOW, "")
    with pytest.raises(FetchFailed, match="certificate that does not prove its name"):
        make_fetcher(site.port, robots=robots).fetch(ask(site.url().replace("http:", "https:")), SPEC)
    assert (site.seen, naps) == ([], [])


# -- drift and challenges ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("text/html; charset=utf-8", PAGE),
        ("application/rss+xml", PAGE),
        ("text/xml", b"\xef\xbb\xbf \n<!-- moved --><html><body/></html>"),
        ("", PAGE),
        ("application/json", b"{}"),
        ("text/plain", FEED),
    ],
)
def test_a_page_where_a_feed_is_due_is_drift(
    site: Site, make_fetcher: MakeFetcher, content_type: str, content: bytes
) -> None:
    page = feed(content, Content_Type=content_type)
    if not content_type:
        del page.headers["Content-Type"]
    site.pages["/feed.xml"] = page
    with pytest.raises(SourceDrifted, match=r"application/rss\+xml or text/xml is due"):
        make_fetcher(site.port).fetch(ask(site.url()), SPEC)
    assert site.asked() == 1


def test_a_feed_without_a_content_type_is_left_to_the_parser(site: Site, make_fetcher: MakeFetcher) -> None:
    page = feed()
    del page.headers["Content-Type"]
    site.pages["/feed.xml"] = page
    answer = make_fetcher(site.port).fetch(ask(site.url()), SPEC)
    assert isinstance(answer, Fetched)
    assert (answer.content, answer.content_type, answer.charset) == (FEED, "", None)


def test_a_page_is_taken_where_a_page_is_due(site: Site, make_fetcher: MakeFetcher) -> None:
    site.pages["/feed.xml"] = feed(PAGE, Content_Type="text/html")
    spec = replace(SPEC, media_types=("text/html",))
    assert bytes_of(make_fetcher(site.port).fetch(ask(site.url()), spec)) == PAGE


CHALLENGES = [
    ("Cloudflare", 403, "<title>Just a moment...</title><script>window._cf_chl_opt={}</script>"),
    ("Cloudflare", 503, "<title>Just a moment...</title>"),
    ("Incapsula", 200, '<iframe id="main-iframe" src="/_Incapsula_Resource?SWUDNSAI=31&xinfo=1"></iframe>'),
    (
        "Incapsula",
        200,
        '<META NAME="robots" CONTENT="noindex,nofollow"><script src="/_Incapsula_Resource?SWJIYLWA=7"></script>',
    ),
    (
        "Akamai",
        403,
        "<H1>Access Denied</H1>Reference https&#58;&#47;&#47;errors&#46;edgesuite&#46;net&#47;18",
    ),
    ("Akamai", 200, '<meta http-equiv="refresh" content="5; URL=/?bm-verify=AAQ"/>'),
    ("DataDome", 403, '<script src="https://ct.captcha-delivery.com/c.js"></script>'),
    ("AWS WAF", 202, "<script>AwsWafIntegration.saveReferrer();</script>"),
    ("F5", 200, "<title>Request Rejected</title>"),
]


@pytest.mark.parametrize(("vendor", "status", "content"), CHALLENGES)
@pytest.mark.parametrize("media", ["text/xml", "text/html"])
def test_a_challenge_page_is_recognised_whether_a_feed_or_a_page_is_due(
    site: Site, make_fetcher: MakeFetcher, vendor: str, status: int, content: str, media: str
) -> None:
    site.pages["/feed.xml"] = Response(
        f"<html><head></head><body>{content}</body></html>", status=status, content_type="text/html"
    )
    with pytest.raises(SourceBlocked, match=f"challenge page of {vendor}"):
        make_fetcher(site.port).fetch(ask(site.url()), replace(SPEC, media_types=(media,)))
    assert site.asked() == 1


@pytest.mark.parametrize(
    ("name", "value", "vendor"),
    [("cf-mitigated", "challenge", "Cloudflare"), ("x-amzn-waf-action", "challenge", "AWS WAF")],
)
def test_a_challenge_is_recognised_by_its_header_alone(
    site: Site, make_fetcher: MakeFetcher, name: str, value: str, vendor: str
) -> None:
    site.pages["/feed.xml"] = Response(status=503, headers={name: value})
    with pytest.raises(SourceBlocked, match=vendor):
        make_fetcher(site.port).fetch(ask(site.url()), SPEC)


@pytest.mark.parametrize(
    ("media", "content"),
    [
        ("text/xml", b"<rss><title>Just a moment... _cf_chl_opt v. Incapsula, bm-verify</title></rss>"),
        ("text/html", b'<html><script src="/_Incapsula_Resource?SWJIYLWA=7"></script>Cases</html>'),
        (
            "text/html",
            b'<html><script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script></html>',
        ),
        ("text/html", b"<html>Imperva, Inc. v. Cloudflare, Inc.: access denied, captcha</html>"),
    ],
)
def test_what_only_mentions_a_vendor_is_no_challenge(
    site: Site, make_fetcher: MakeFetcher, media: str, content: bytes
) -> None:
    site.pages["/feed.xml"] = feed(content, Content_Type=media)
    spec = replace(SPEC, media_types=(media,))
    assert bytes_of(make_fetcher(site.port).fetch(ask(site.url()), spec)) == content


# -- robots.txt --------------------------------------------------------------------------------------------------


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


# -- pace and visiting hours -------------------------------------------------------------------------------------


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


# -- recordings --------------------------------------------------------------------------------------------------


def test_recordings_come_in_order_with_their_court_and_without_their_path(
    tmp_path: Path, clock: FixedClock
) -> None:
    folder = tmp_path / SPEC.id
    folder.mkdir()
    for name, content in {"txed_2-25-cv-1.xml": b"<b/>", "cand.json": b"{}", "ded.HTML": b"<a/>"}.items():
        (folder / name).write_bytes(content)
    for name in ("README.md", ".hidden.xml"):
        (folder / name).write_bytes(b"not a recording")
    (folder / "sub.xml").mkdir()
    answers = list(ReplayFetcher(tmp_path, clock).answers(replace(SPEC, courts=("cand", "ded", "txed"))))
    assert answers == [
        ("cand", Fetched("recording:test_court/cand.json", b"{}", NOW, "application/json")),
        ("ded", Fetched("recording:test_court/ded.HTML", b"<a/>", NOW, "text/html")),
        ("txed", Fetched("recording:test_court/txed_2-25-cv-1.xml", b"<b/>", NOW, "application/xml")),
    ]


def test_a_source_with_one_feed_has_recordings_without_a_court(tmp_path: Path, clock: FixedClock) -> None:
    (tmp_path / SPEC.id).mkdir()
    (tmp_path / SPEC.id / "opinions.xml").write_bytes(FEED)
    assert [court for court, _ in ReplayFetcher(tmp_path, clock).answers(SPEC)] == [""]


@pytest.mark.parametrize(
    "prepare",
    [
        lambda folder: None,
        lambda folder: folder.mkdir(),
        lambda folder: folder.write_bytes(b"a file"),
    ],
    ids=["missing", "empty", "a-file"],
)
def test_a_folder_without_recordings_is_bad_input(
    tmp_path: Path, clock: FixedClock, prepare: Callable[[Path], None]
) -> None:
    prepare(tmp_path / SPEC.id)
    with pytest.raises(BadInput, match="recordings"):
        ReplayFetcher(tmp_path, clock).answers(SPEC)


def test_a_recording_that_cannot_be_read_or_is_too_large_is_bad_input(
    tmp_path: Path, clock: FixedClock
) -> None:
    (tmp_path / SPEC.id).mkdir()
    (tmp_path / SPEC.id / "a.xml").write_bytes(b"x" * (SPEC.max_bytes + 1))
    with pytest.raises(BadInput, match="larger than"):
        list(ReplayFetcher(tmp_path, clock).answers(SPEC))
    answers = ReplayFetcher(tmp_path, clock).answers(SPEC)
    (tmp_path / SPEC.id / "a.xml").unlink()
    with pytest.raises(BadInput, match="cannot be read"):
        list(answers)


def test_the_shipped_recordings_can_be_replayed(clock: FixedClock) -> None:
    shipped = Path(__file__).parents[2] / "samples" / "recordings"
    dockets = replace(SPEC, id="us_pacer_docket", courts=("cacd",))
    courts = [court for court, _ in ReplayFetcher(shipped, clock).answers(dockets)]
    assert len(courts) == len(list((shipped / "us_pacer_docket").iterdir()))
    assert {"cacd", "txed", "wawd"} <= set(courts)
