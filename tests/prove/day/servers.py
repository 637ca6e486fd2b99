"""The two servers of a day: one plays every source at the tick it is told, one takes mail and refuses one in five."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller

from tests.mail_server import free_port
from tests.prove.day.pages import page
from tests.prove.day.plan import Day

_KEY = re.compile(r"<([0-9a-f-]{36})@")


@dataclass
class Sources:
    """What the sources tell at ``tick``, and at which ticks each was asked."""

    day: Day
    tick: int = 0
    asked: dict[str, list[int]] = field(default_factory=dict)
    address: str = ""


@contextmanager
def serve_sources(sources: Sources) -> Iterator[None]:
    """Answer at ``sources.address`` as a mirror does: /SOURCE, /SOURCE/COURT or /SOURCE/PAGE."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            source, _, rest = self.path.strip("/").partition("/")
            court = rest if source.startswith("us_pacer") else ""
            if self.path == "/robots.txt":
                kind, body = "text/plain", b"User-agent: *\nAllow: /\n"
            else:
                # The pages of a source of several tell the same matters: duplicates.
                kind, body = page(sources.day, source, court, sources.tick)
                sources.asked.setdefault(source, []).append(sources.tick)
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sources.address = f"127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Post:
    """A mail server that refuses the first try of one mail in five, and one in fifty for good.

    Attributes:
        taken: what it took: id -> (to, SHA-256)s.
        refused, for_good: the ids it refused at first, and for good.
        victim: a process to be killed once a mail is taken and before it hears so; none when it has been.
        died_on: the mails that were taken so.
    """

    taken: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    for_good: set[str] = field(default_factory=set)
    victim: int | None = None
    died_on: list[str] = field(default_factory=list)
    port: int = field(default_factory=free_port)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Answer a mail."""
        mail = message_from_bytes(envelope.content)
        found = _KEY.search(str(mail["Message-ID"]))
        assert found is not None
        key = found[1]
        if zlib.crc32(key.encode()) % 50 == 1:
            self.for_good.add(key)
            return "550 5.1.1 No such mailbox"
        if zlib.crc32(key.encode()) % 5 == 0 and key not in self.refused:
            self.refused.add(key)
            return "451 4.7.1 Try again later"
        # What it says; the date of a try and the marks between its parts are the try's own.
        said = [str(mail["Subject"]), *(str(part.get_payload(decode=True)) for part in mail.walk())]
        digest = hashlib.sha256("\n".join(said).encode()).hexdigest()
        (receiver,) = envelope.rcpt_tos
        self.taken.setdefault(key, []).append((receiver, digest))
        if self.victim is not None:
            os.kill(self.victim, signal.SIGKILL)
            self.died_on.append(key)
            self.victim = None
        return "250 OK"


@contextmanager
def serve_mail() -> Iterator[Post]:
    """A mail server that runs."""
    post = Post()
    controller = Controller(post, hostname="127.0.0.1", port=post.port)
    controller.start()
    try:
        yield post
    finally:
        controller.stop(no_assert=True)
