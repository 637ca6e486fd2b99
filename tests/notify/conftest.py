"""A real mail server and a house that sends through it.

``post`` is the server of tests/mail_server.py. ``mailing`` is a house on each database with that server set, two firms
and a person in each.
"""

from __future__ import annotations

import shutil
import ssl
import subprocess
import uuid
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from accounts.service import create_user
from core.actor import Actor, Role, system_actor
from core.clock import FixedClock
from house import House
from notify.dispatch import DispatchReport
from tests.conftest import MakeHouse, missing
from tests.factories import bring_firms, firm_id, keeper
from tests.mail_server import Post, post, serve_mail

__all__ = ["Post", "post", "serve_mail"]


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
