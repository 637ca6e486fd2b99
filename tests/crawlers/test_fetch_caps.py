"""Answers that do not end, do not fit, or lead elsewhere."""

from __future__ import annotations

import gzip
import socket
import tracemalloc
import zlib
from collections.abc import Callable

import pytest

from core.errors import AddressRefused, FetchFailed
from core.outward import transport
from crawlers.fetch import (
    Fetched,
)
from tests.crawlers.sites import (
    FEED,
    HEAD,
    SPEC,
    MakeFetcher,
    RawServer,
    Site,
    Ticks,
    ask,
    bytes_of,
    feed,
    moved,
)


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
