"""A real mail server on this machine: what it accepted stands in ``post.mails``, and what it answers can be told."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Server
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session


@dataclass
class Post:
    """A mail server: what it got, and what it answers."""

    mails: list[EmailMessage] = field(default_factory=list)
    receivers: list[str] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    #: answers to the next DATA commands; then 250
    answers: list[str] = field(default_factory=list)
    #: the answer to every RCPT, when set
    refuses: str = ""
    #: called when a mail has come, before it is acknowledged
    on_data: Callable[[], None] | None = None
    port: int = 0
    login: tuple[str, str] | None = None

    @property
    def url(self) -> str:
        """The server as a setting."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(
        self, server: Server, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuses:
            return self.refuses
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Server, session: Session, envelope: Envelope) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK queued as q-7"
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.mails.append(message_from_bytes(envelope.content, policy=SMTP))  # type: ignore[arg-type]
            self.receivers += envelope.rcpt_tos
        if self.on_data is not None:
            self.on_data()
        return answer

    def authenticate(
        self, server: Server, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        """Remember who logs in."""
        assert isinstance(data, LoginPassword)
        given = (data.login.decode(), data.password.decode())
        self.logins.append(given)
        return AuthResult(success=given == self.login, handled=False)


def free_port() -> int:
    """A port nobody listens on."""
    # aiosmtpd connects to the port it was told, so it cannot be told "any".
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def serve_mail() -> Iterator[Callable[..., Post]]:
    """Start mail servers; aiosmtpd's own options."""
    running: list[Controller] = []

    def start(**options: Any) -> Post:
        made = Post(login=options.pop("login", None))
        if made.login:
            options |= {
                "authenticator": made.authenticate,
                "auth_require_tls": options.get("tls_context") is not None,
            }
        made.port = free_port()
        controller = Controller(made, hostname="127.0.0.1", port=made.port, **options)
        controller.start()
        running.append(controller)
        return made

    yield start
    for controller in running:
        controller.stop(no_assert=True)


@pytest.fixture
def post(serve_mail: Callable[..., Post]) -> Post:
    """A plain mail server."""
    return serve_mail()
