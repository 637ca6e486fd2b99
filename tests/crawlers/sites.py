"""Fetching against servers that misbehave on purpose.

``site`` is an HTTP server whose pages a test sets; ``raw`` starts a socket server that may break every rule. Names end
in ``.test`` and are resolved by ``names``, so nothing leaves the machine. Sleeping is recorded in ``naps`` and moves
the clock; ``ticks`` stands still unless a test lets it run, so that no test depends on how fast the machine is.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import httpcore
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.clock import FixedClock
from crawlers.fetch import (
    Fetched,
    FetchRequest,
    HttpFetcher,
    NotModified,
)
from crawlers.manners import Pace, RobotsCache
from crawlers.source import SourceSpec, SourceStatus

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
