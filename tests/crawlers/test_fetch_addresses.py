"""Which addresses are connected to, and as whom."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpcore
import pytest
from pytest_httpserver import HTTPServer

from core.errors import AddressRefused, FetchFailed
from core.outward import transport
from core.outward.address import is_public, resolve
from crawlers.manners import RobotsCache
from tests.conftest import NOW, missing
from tests.crawlers.sites import (
    FEED,
    SPEC,
    MakeFetcher,
    Site,
    ask,
    bytes_of,
    feed,
)


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
