"""Channels: how a message leaves. Each takes a parcel and returns what the receiving server called it, or raises.

A channel keeps nothing between parcels and never words an error with what a server said: it may quote an address or
answer a firm about a network that is not its own.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import smtplib
import ssl
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from typing import Protocol
from urllib.parse import unquote, urlsplit

from core.errors import AddressRefused, DeliveryFailed
from core.outward.address import Resolve, resolve
from core.said import said
from notify.posting import Answer, NoAnswer, Poster, Unreachable, webhook_url
from notify.rendering import Rendered, one_line
from notify.robots import Shape, body_of, check_answer, signed_url

#: statuses after which another try is of no use: the endpoint moved or is gone
_FINAL = frozenset({301, 302, 303, 307, 308, 410})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Parcel:
    """One delivery, ready to leave. ``key`` is the same for every try of it.

    Attributes:
        to: an e-mail address or a URL, as the channel has it.
        kind: the kind of the message.
        secret: what a webhook is signed with.
        shape: what listens at a webhook.
    """

    key: uuid.UUID
    to: str = field(repr=False)
    kind: str
    rendered: Rendered
    at: datetime
    secret: str = field(default="", repr=False)
    shape: Shape = Shape.SEAMARK


class Channel(Protocol):
    """A way to a receiver."""

    def send(self, parcel: Parcel) -> str:
        """Hand ``parcel`` over; returns once the receiver has taken it, with its name for it ("" when it has none).

        Raises DeliveryFailed; ``is_final`` says that another try is of no use. After a crash in between the same
        parcel comes again with the same key.
        """
        ...


class InAppChannel:
    """The pages themselves: what is told stands there already, so it is there as soon as it is told."""

    def send(self, parcel: Parcel) -> str:
        return ""


class SmtpChannel:
    """Mail through one server, a connection for each.

    Args:
        url: ``smtp://[user:password@]host[:port]`` (STARTTLS where offered; a password is never sent without it except
            to this machine) or ``smtps://…``.
        sender: ``Name <address>``; its domain stands in Message-ID.
        settings_page: the page where receivers choose what they get, for List-Unsubscribe.
        tls: replaced by tests.
        seconds: how long the server may be silent.
    """

    def __init__(
        self,
        url: str,
        sender: str,
        *,
        settings_page: str = "",
        tls: ssl.SSLContext | None = None,
        seconds: float = 30,
    ) -> None:
        parts = urlsplit(url)
        self._is_tls = parts.scheme == "smtps"
        self._host, self._port = parts.hostname or "", parts.port or (465 if self._is_tls else 25)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        name, address = parseaddr(sender)
        self._sender, self._domain = Address(name, addr_spec=address), address.partition("@")[2]
        self._settings_page, self._tls, self._seconds = settings_page, tls, seconds

    def send(self, parcel: Parcel) -> str:
        mail = self.mail(parcel)
        try:
            server = self._connect()
            try:
                return self._hand_over(server, mail, parcel.to)
            finally:
                # What was accepted stays accepted, however badly the server says goodbye.
                with suppress(smtplib.SMTPException, OSError):
                    server.quit()
                server.close()
        except smtplib.SMTPAuthenticationError as error:
            raise _failed(said("The mail server refused the login.")) from error
        except smtplib.SMTPResponseException as error:
            raise _refused(error.smtp_code) from error
        except ssl.SSLCertVerificationError as error:
            raise _failed(said("The mail server's certificate does not prove its name.")) from error
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            raise _failed(said("The mail server cannot be reached or broke off.")) from error

    def mail(self, parcel: Parcel) -> EmailMessage:
        """The mail itself. Headers are made by a library that refuses line ends, from text that has none."""
        mail = EmailMessage(policy=SMTP)
        try:
            mail["To"] = _mailbox(parcel.to)
        except (ValueError, IndexError) as error:
            raise _failed(said("The account's e-mail address cannot be used."), is_final=True) from error
        mail["From"] = self._sender
        mail["Subject"] = one_line(parcel.rendered.subject)
        mail["Date"] = format_datetime(parcel.at)
        mail["Message-ID"] = f"<{parcel.key}@{self._domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        if self._settings_page:
            mail["List-Unsubscribe"] = f"<{self._settings_page}>"
        mail.set_content(parcel.rendered.text)
        mail.add_alternative(parcel.rendered.html, subtype="html")
        return mail

    def _connect(self) -> smtplib.SMTP:
        tls = self._tls or _trusted()
        if self._is_tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, local_hostname=self._domain, timeout=self._seconds, context=tls
            )
        else:
            server = smtplib.SMTP(self._host, self._port, local_hostname=self._domain, timeout=self._seconds)
        try:
            server.ehlo_or_helo_if_needed()
            if not self._is_tls and server.has_extn("starttls"):
                server.starttls(context=tls)
                server.ehlo()
            elif not self._is_tls and self._user and self._host not in _LOOPBACK:
                raise _failed(said("The mail server offers no TLS, so the password was not sent."))
            if self._user:
                server.login(self._user, self._password)
        except BaseException:
            server.close()
            raise
        return server

    def _hand_over(self, server: smtplib.SMTP, mail: EmailMessage, to: str) -> str:
        is_plain = to.isascii() and self._sender.addr_spec.isascii()
        if not is_plain and not server.has_extn("smtputf8"):
            raise _failed(said("The mail server takes no such e-mail address."), is_final=True)
        options = [] if is_plain else ["SMTPUTF8"]
        content = mail.as_bytes(policy=SMTP if is_plain else SMTP.clone(utf8=True))
        for code, _ in (server.mail(self._sender.addr_spec, options), server.rcpt(to)):
            if code >= 300:
                raise _refused(code)
        code, answer = server.data(content)
        if code >= 300:
            raise _refused(code)
        return one_line(answer.decode("ascii", "replace"), 200)


@cache
def _trusted() -> ssl.SSLContext:
    """The machine's certificates; reading them takes longer than a mail."""
    return ssl.create_default_context()


def _mailbox(address: str) -> Address:
    """``address`` as a header has it. Raises ValueError when it cannot be one."""
    local, _, domain = address.rpartition("@")
    if not local or not domain or "@" in local or one_line(address) != address or " " in address:
        raise ValueError("not an e-mail address")
    # Given in parts: as a whole, the library takes no letters beyond ASCII.
    return Address(username=local, domain=domain)


def _failed(message: str, *, is_final: bool = False) -> DeliveryFailed:
    return DeliveryFailed(message, is_final=is_final)


def _refused(code: int) -> DeliveryFailed:
    # RFC 5321, 4.2.1: 5yz will not change by trying again, 4yz may.
    return _failed(said("The mail server refused the mail (%(code)s).", code=code), is_final=code >= 500)


class WebhookChannel:
    """A POST to a firm's own system, signed, or to its group's robot, over guarded sockets: no private address, no
    redirect, no long answer.

    The receiver checks ``Seamark-Signature`` = ``v1=`` + hex HMAC-SHA256 of ``<Seamark-Timestamp>.<body>`` under its
    secret, refuses an old timestamp, and ignores an ``Idempotency-Key`` it has seen.

    Args:
        allowed: ``host:port`` pairs that may be private and plain http.
        resolver, now, tls: replaced by tests.
        seconds: how long the whole exchange may take.
    """

    def __init__(
        self,
        *,
        allowed: frozenset[str] = frozenset(),
        now: Callable[[], datetime],
        resolver: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
        seconds: float = 15,
    ) -> None:
        self._poster, self._now = Poster(allowed, resolver=resolver, tls=tls, seconds=seconds), now

    def send(self, parcel: Parcel) -> str:
        try:
            answer = self._post(str(webhook_url(parcel.to, self._poster.allowed)), parcel)
        except AddressRefused as error:
            raise _failed(
                said("The webhook's address is not on the public internet or cannot be used."), is_final=True
            ) from error
        except NoAnswer as error:
            raise _failed(said("The webhook gave no answer that can be used in time.")) from error
        except Unreachable as error:
            raise _failed(said("The webhook cannot be reached.")) from error
        if not 200 <= answer.status < 300:
            raise _failed(
                said("The webhook answered HTTP %(status)s.", status=answer.status),
                is_final=answer.status in _FINAL,
            )
        if parcel.shape is not Shape.SEAMARK:
            check_answer(parcel.shape, answer.body)
        return one_line(answer.name, 200)

    def _post(self, url: str, parcel: Parcel) -> Answer:
        if parcel.shape is Shape.SEAMARK:
            body, headers = self._signed(parcel)
        else:
            body, headers = body_of(parcel.shape, parcel.rendered), {}
            url = signed_url(parcel.shape, url, parcel.secret, self._now())
        return self._poster.post(url, "application/json; charset=utf-8", body, headers)

    def _signed(self, parcel: Parcel) -> tuple[bytes, dict[str, str]]:
        """The body for a firm's own system, and the headers it is checked by."""
        body = json.dumps(
            {
                "id": str(parcel.key),
                "kind": parcel.kind,
                "at": parcel.at.isoformat(),
                **parcel.rendered.data,
            },
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()
        stamp = str(int(self._now().timestamp()))
        return body, {
            "Idempotency-Key": str(parcel.key),
            "Seamark-Timestamp": stamp,
            "Seamark-Signature": f"v1={signature(parcel.secret, stamp, body)}",
        }


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Hex HMAC-SHA256 of ``timestamp.body`` under ``secret``."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
