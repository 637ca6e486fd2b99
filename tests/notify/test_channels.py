"""What leaves: mails that no caption can bend, posts that a receiver can check, and no socket into a private network."""

from __future__ import annotations

import json
import ssl
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from config import ROOT
from core.errors import DeliveryFailed
from core.said import said
from notify.channels import Parcel, SmtpChannel, WebhookChannel, signature
from notify.letters import Item, Letter, Words
from notify.rendering import Renderer, one_line
from tests.notify.conftest import Post

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SENDER = "海标 Seamark <notices@centre.example.org>"
HOSTILE = "Evil\r\nBcc: spy@example.net\r\n\r\n<script>alert(1)</script>\u202e\u2028 & Co \x00\x1b[31m"


def _letter(caption: str = "Acme v. Hailan", number: str = "2:26-cv-1") -> Letter:
    firm = Words("海岚无人机", "Hailan Drone")
    item = Item(
        heading=said("%(firm)s is named in a case", firm=firm),
        title=caption,
        facts=[(said("Docket number"), number), (said("Forum"), Words("德州东区", "E.D. Texas"))],
        reasons=[said("%(kind)s: %(value)s", kind=said("Industry"), value=caption)],
        path="/alerts/1",
        link=said("What to do now"),
        links=[(said("Read the case"), "/cases/1")],
        data={"case": {"caption": caption}},
    )
    subject = said("Seamark: %(what)s (%(number)s)", what=item.heading, number=number)
    closing = said(
        "For reference only; this is not legal advice. Names can mislead: the official record decides."
    )
    return Letter(subject, item.heading, [item], closing)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(ROOT, "https://seamark.example.org/")


def _parcel(renderer: Renderer, to: str, letter: Letter | None = None, **facts: Any) -> Parcel:
    rendered = renderer.render(letter or _letter())
    return Parcel(facts.pop("key", uuid.uuid4()), to, "alert", rendered, AT, **facts)


def test_a_mail_says_what_why_and_where_in_chinese_and_then_in_english(renderer: Renderer) -> None:
    mail = SmtpChannel("smtp://mail", SENDER).mail(_parcel(renderer, "a@example.org"))
    assert mail["Subject"].index("海岚无人机") < mail["Subject"].index("Hailan Drone is named in a case")
    for kind in ("plain", "html"):
        text = mail.get_body((kind,)).get_content()  # type: ignore[union-attr]
        for words in (
            "Acme v. Hailan",
            "2:26-cv-1",
            "德州东区",
            "E.D. Texas",
            "仅供参考",
            "For reference only",
        ):
            assert words in text, (kind, words)
        assert text.count("https://seamark.example.org/cases/1") == 2
        assert text.count("https://seamark.example.org/alerts/1") == 2
        assert text.index("案号") < text.index("Docket number")


def test_a_hostile_caption_is_text_and_nothing_else(renderer: Renderer) -> None:
    mail = SmtpChannel("smtp://mail", SENDER).mail(
        _parcel(renderer, "a@example.org", _letter(HOSTILE, HOSTILE))
    )
    read = message_from_bytes(mail.as_bytes(policy=SMTP), policy=SMTP)
    assert read["Bcc"] is None
    assert read["To"] == "a@example.org"
    assert set(read.keys()) == {
        "To", "From", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
    }  # fmt: skip
    html = read.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    for text in (html, read.get_body(("plain",)).get_content(), read["Subject"]):  # type: ignore[union-attr]
        assert not set(text) & set("\x00\x1b\u202e\u2028")


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    line = one_line(text)
    assert line.splitlines() in ([], [line])
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in line)


@given(st.text(max_size=60))
def test_every_caption_makes_a_mail_with_the_same_headers(caption: str) -> None:
    mail = SmtpChannel("smtp://mail", SENDER).mail(
        _parcel(_RENDERER, "a@example.org", _letter(caption, caption))
    )
    read = message_from_bytes(mail.as_bytes(policy=SMTP), policy=SMTP)
    assert read["To"] == "a@example.org"
    assert len(read.keys()) == 8


_RENDERER = Renderer(ROOT, "https://s.example.org")


@pytest.mark.parametrize("address", ["a@b@c", "a@example.org\r\nBcc: spy@example.net", "", "no at"])
def test_an_address_that_is_none_is_refused_for_good(renderer: Renderer, address: str) -> None:
    with pytest.raises(DeliveryFailed) as failure:
        SmtpChannel("smtp://mail", SENDER).mail(_parcel(renderer, address))
    assert failure.value.is_final


def test_a_mail_leaves_over_starttls_with_a_login(
    serve_mail: Callable[..., Post], server_tls: ssl.SSLContext, certificate: Any, renderer: Renderer
) -> None:
    post = serve_mail(tls_context=server_tls, login=("user@x", "p:ss/w"))
    trusting = ssl.create_default_context(cafile=str(certificate))
    channel = SmtpChannel(f"smtp://user%40x:p%3Ass%2Fw@127.0.0.1:{post.port}", SENDER, tls=trusting)
    assert channel.send(_parcel(renderer, "a@example.org")) == "OK queued as q-7"
    assert post.logins == [("user@x", "p:ss/w")]
    assert len(post.mails) == 1


def test_a_mail_leaves_over_tls_from_the_first_byte(
    serve_mail: Callable[..., Post], server_tls: ssl.SSLContext, certificate: Any, renderer: Renderer
) -> None:
    post = serve_mail(ssl_context=server_tls)
    trusting = ssl.create_default_context(cafile=str(certificate))
    channel = SmtpChannel(f"smtps://127.0.0.1:{post.port}", SENDER, tls=trusting)
    assert channel.send(_parcel(renderer, "a@example.org")) == "OK queued as q-7"


def test_a_server_that_proves_nothing_gets_neither_mail_nor_password(
    serve_mail: Callable[..., Post], server_tls: ssl.SSLContext, renderer: Renderer
) -> None:
    post = serve_mail(tls_context=server_tls, login=("u", "p"))
    with pytest.raises(DeliveryFailed, match="does not prove its name"):
        SmtpChannel(f"smtp://u:p@127.0.0.1:{post.port}", SENDER).send(_parcel(renderer, "a@example.org"))
    assert (post.logins, post.mails) == ([], [])


def test_a_password_is_not_sent_in_the_clear(
    post: Post, renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notify.channels._LOOPBACK", frozenset())
    with pytest.raises(DeliveryFailed, match="no TLS"):
        SmtpChannel(f"smtp://u:p@127.0.0.1:{post.port}", SENDER).send(_parcel(renderer, "a@example.org"))
    assert (post.logins, post.mails) == ([], [])


def test_a_wrong_login_and_a_server_that_is_away_are_told_and_tried_again(
    serve_mail: Callable[..., Post], renderer: Renderer
) -> None:
    post = serve_mail(login=("u", "right"))
    with pytest.raises(DeliveryFailed, match="refused the login") as refused:
        SmtpChannel(f"smtp://u:wrong@127.0.0.1:{post.port}", SENDER).send(_parcel(renderer, "a@example.org"))
    assert not refused.value.is_final
    with pytest.raises(DeliveryFailed, match="cannot be reached") as away:
        SmtpChannel("smtp://127.0.0.1:1", SENDER, seconds=2).send(_parcel(renderer, "a@example.org"))
    assert not away.value.is_final


def test_an_address_beyond_ascii_needs_a_server_that_takes_it(
    serve_mail: Callable[..., Post], renderer: Renderer
) -> None:
    able, plain = serve_mail(enable_SMTPUTF8=True), serve_mail(enable_SMTPUTF8=False)
    SmtpChannel(able.url, SENDER).send(_parcel(renderer, "李@例.example.org"))
    assert able.receivers == ["李@例.example.org"]
    with pytest.raises(DeliveryFailed, match="takes no such") as failure:
        SmtpChannel(plain.url, SENDER).send(_parcel(renderer, "李@例.example.org"))
    assert failure.value.is_final


@pytest.fixture
def hook(httpserver: HTTPServer) -> tuple[HTTPServer, WebhookChannel, str]:
    """A receiver on this machine that the deployment allows, and the channel."""
    allowed = frozenset({f"localhost:{httpserver.port}"})
    return httpserver, WebhookChannel(allowed=allowed, now=lambda: AT, seconds=5), httpserver.url_for("/in")


def test_a_post_is_signed_over_its_time_and_body(
    hook: tuple[HTTPServer, WebhookChannel, str], renderer: Renderer
) -> None:
    server, channel, url = hook
    got: list[Request] = []

    def take(request: Request) -> Response:
        got.append(request)
        request.get_data()
        return Response("thanks", 202, {"X-Request-Id": "r-1"})

    server.expect_request("/in", method="POST").respond_with_handler(take)
    parcel = _parcel(renderer, url, _letter(HOSTILE), secret="whsec_x")
    assert channel.send(parcel) == "r-1"
    (request,) = got
    body, headers = request.get_data(), request.headers
    assert headers["Idempotency-Key"] == str(parcel.key)
    assert headers["Seamark-Timestamp"] == str(int(AT.timestamp()))
    assert headers["Seamark-Signature"] == "v1=" + signature("whsec_x", headers["Seamark-Timestamp"], body)
    told = json.loads(body)
    assert (told["id"], told["kind"]) == (str(parcel.key), "alert")
    assert told["items"][0]["url"] == "https://seamark.example.org/alerts/1"
    assert told["items"][0]["case"]["caption"] == HOSTILE, "a machine gets the source's own words"
    assert "仅供参考" in told["notice"]["zh"]


@pytest.mark.parametrize(
    ("status", "is_final"), [(500, False), (404, False), (429, False), (302, True), (410, True)]
)
def test_an_answer_that_is_no_success_is_told(
    hook: tuple[HTTPServer, WebhookChannel, str], renderer: Renderer, status: int, is_final: bool
) -> None:
    server, channel, url = hook
    server.expect_request("/in").respond_with_data("no", status, {"Location": "http://169.254.169.254/"})
    with pytest.raises(DeliveryFailed, match=str(status)) as failure:
        channel.send(_parcel(renderer, url))
    assert failure.value.is_final == is_final
    assert len(server.log) == 1


def test_a_long_answer_is_not_read_to_its_end(
    hook: tuple[HTTPServer, WebhookChannel, str], renderer: Renderer
) -> None:
    server, channel, url = hook
    server.expect_request("/in").respond_with_data("x" * 5_000_000, 200)
    assert channel.send(_parcel(renderer, url)) == ""


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.8", "169.254.169.254", "::1", "fd00::1", "::ffff:192.168.1.1", "100.64.0.1"],
)
def test_a_private_address_is_refused_at_connect_whatever_its_name(renderer: Renderer, address: str) -> None:
    asked: list[str] = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34", address]

    channel = WebhookChannel(now=lambda: AT, resolver=resolver, seconds=2)
    with pytest.raises(DeliveryFailed, match="not on the public internet") as failure:
        channel.send(_parcel(renderer, "https://hooks.example.org/in"))
    assert failure.value.is_final
    assert asked == ["hooks.example.org"]
    assert address not in failure.value.message, "a firm learns nothing of a network that is not its own"


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/in",
        "ftp://x.example.org",
        "https://u:p@x.example.org",
        "https://",
        "not a url",
        "http://localhost:9/",
    ],
)
def test_an_address_that_is_not_https_is_not_contacted(renderer: Renderer, url: str) -> None:
    def resolver(host: str, port: int) -> list[str]:
        raise AssertionError("no name is asked for")

    with pytest.raises(DeliveryFailed, match="cannot be used"):
        WebhookChannel(now=lambda: AT, resolver=resolver).send(_parcel(renderer, url))


def test_a_name_that_does_not_resolve_is_tried_again(renderer: Renderer) -> None:
    def resolver(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(DeliveryFailed, match="cannot be reached") as failure:
        WebhookChannel(now=lambda: AT, resolver=resolver).send(_parcel(renderer, "https://gone.example.org/"))
    assert not failure.value.is_final
