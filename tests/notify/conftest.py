"""A real mail server and a house that sends through it.

``post`` is an aiosmtpd server on a free port of this machine; what it accepted stands in ``post.mails``, and what it
answers can be told. ``mailing`` is a house on each database with that server set, two firms and a person in each.
"""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Server
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from accounts.service import create_user
from core.actor import Actor, Role, system_actor
from core.clock import FixedClock
from house import House
from notify.dispatch import DispatchReport
from tests.conftest import MakeHouse, missing
from tests.factories import bring_firms, firm_id, keeper


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


def _free_port() -> int:
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
        made.port = _free_port()
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


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1 in one file, signed by itself."""
    if shutil.which("openssl") is None:
        missing("the openssl command")
    folder = tmp_path_factory.mktemp("mail-tls")
    key, cert, both = folder / "key.pem", folder / "cert.pem", folder / "both.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=mail.test"
    extra = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)]
    subprocess.run([*command.split(), *extra], check=True, capture_output=True)
    both.write_bytes(key.read_bytes() + cert.read_bytes())
    return both


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    """What a server proves itself with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@dataclass
class Mailing:
    """A house that sends mail, its clock, and somebody of each firm."""

    house: House
    clock: FixedClock
    post: Post
    members: dict[str, Actor]

    def dispatch(self, after: timedelta = timedelta(minutes=1)) -> DispatchReport:
        """Let ``after`` pass, then send what is due."""
        self.clock.advance(after)
        return self.house.dispatcher().run()


def join(house: House, ref: str, email: str) -> Actor:
    """An account of a firm, as an actor."""
    firm = firm_id(house, ref)
    with house.database.write() as session:
        user, _ = create_user(
            session,
            house.clock,
            system_actor("test", keeper_centre(house)),
            email=email,
            roles=[Role.FIRM_MEMBER],
            firm_id=firm,
        )
        return Actor(
            f"user:{user.id}",
            frozenset({Role.FIRM_MEMBER}),
            centre_id=user.centre_id,
            firm_id=firm,
            user_id=user.id,
        )


def keeper_centre(house: House) -> uuid.UUID:
    """The first centre's id."""
    centre = keeper(house).centre_id
    assert centre is not None
    return centre


@pytest.fixture
def mailing(make_house: MakeHouse, each_database_url: str, clock: FixedClock, post: Post) -> Mailing:
    """A house on each database that mails through ``post``."""
    house = make_house(
        each_database_url,
        SEAMARK_SMTP_URL=post.url,
        SEAMARK_MAIL_FROM="海标 Seamark <notices@centre.example.org>",
        SEAMARK_BASE_URL="https://seamark.example.org",
    )
    bring_firms(house)
    members = {ref: join(house, ref, f"{ref}@firm.example.org") for ref in ("alpha", "beta")}
    return Mailing(house, clock, post, members)
