"""People at a running Seamark over HTTP: firms that submit consultations with files, staff who work the desk.

Each person is a thread with a browser's session of its own. What was acknowledged is kept, so that it can be looked for
afterwards; every answer's time is kept by the kind of request.
"""

from __future__ import annotations

import hashlib
import random
import re
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import httpx

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_MATTER = re.compile(r"/consultations/([0-9a-f-]{36})")
_VERSION = re.compile(r'name="version" value="(\d+)"')


@dataclass
class Record:
    """What happened to everybody, shared by the threads."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    #: somebody else was faster: refused with the reason, as it should be
    overtaken: int = 0
    submitted: set[str] = field(default_factory=set)
    #: consultation -> SHA-256 of each file that was acknowledged
    files: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    #: (consultation, words) of each message that was acknowledged
    messages: set[tuple[str, str]] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Person:
    """Somebody signed in, who takes their time."""

    def __init__(
        self, address: str, email: str, password: str, record: Record, seed: int, think: float
    ) -> None:
        self.client = httpx.Client(base_url=address, timeout=60)
        self.record, self.rolled, self.think = record, random.Random(seed), think
        page = self.client.get("/sign-in").text
        told = {"email": email, "password": password, "csrf_token": _token(page)}
        answer = self.client.post("/sign-in", data=told)
        assert answer.status_code == 302, (email, answer.status_code)

    def pause(self) -> None:
        """Read and type."""
        time.sleep(self.rolled.uniform(0.5, 1.5) * self.think)

    def ask(
        self, kind: str, method: str, path: str, expect: tuple[int, ...], **more: Any
    ) -> httpx.Response | None:
        """One request, timed; None, noted as an error, when the answer is none of those expected."""
        began = time.monotonic()
        try:
            answer = self.client.request(method, path, **more)
        except httpx.HTTPError as error:
            with self.record.lock:
                self.record.errors.append(f"{kind}: {error!r}")
            return None
        with self.record.lock:
            self.record.seconds[kind].append(time.monotonic() - began)
            if answer.status_code not in expect:
                self.record.errors.append(f"{kind}: {answer.status_code} {path} {answer.text[:200]!r}")
                return None
        return answer


def _token(page: str) -> str:
    found = _TOKEN.search(page)
    assert found, page[:300]
    return unescape(found.group(1))


def _pdf(rolled: random.Random) -> bytes:
    body = rolled.randbytes(rolled.randint(50_000, 400_000))
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%"
        + body.hex()[: len(body)].encode()
        + b"\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    )


def be_firm(person: Person, number: int, until: float) -> None:
    """Submit one consultation after another, each with a file, and write a message with another file."""
    count = 0
    while time.monotonic() < until:
        count += 1
        page = person.ask("form", "GET", "/consultations/new", (200,))
        if page is None:
            return
        token = _token(page.text)
        person.pause()
        told = {
            "scenario": "sued", "story": f"第 {number} 家企业的第 {count} 件。", "region": "US",
            "opponents": f"Load Opponent {number}-{count}", "known_on": "2026-02-27", "question": "如何应对？",
            "contact_name": "李工", "contact_phone": "0551-1", "language": "zh", "act": "continue", "csrf_token": token,
        }  # fmt: skip
        made = person.ask("begin", "POST", "/consultations", (302,), data=told)
        if made is None:
            continue
        matter = _MATTER.search(made.headers["Location"]).group(1)  # type: ignore[union-attr]
        path, content = f"/consultations/{matter}", _pdf(person.rolled)
        sent = person.ask(
            "file", "POST", f"{path}/files", (302,), data={"csrf_token": token, "secrecy": "internal"},
            files={"file": ("complaint.pdf", content, "application/pdf")},
        )  # fmt: skip
        if sent is not None:
            with person.record.lock:
                person.record.files[matter].add(hashlib.sha256(content).hexdigest())
        check = person.ask("check", "GET", f"{path}/check", (200,))
        if check is None:
            continue
        person.pause()
        version = _VERSION.findall(check.text)[-1]
        agreed = {
            "truth": "true",
            "notice": "true",
            "expert": "true",
            "version": version,
            "csrf_token": token,
        }
        if person.ask("submit", "POST", f"{path}/submit", (302,), data=agreed) is None:
            continue
        with person.record.lock:
            person.record.submitted.add(matter)
        person.ask("matter", "GET", path, (200,))
        person.pause()
        words, content = f"补充说明 {number}-{count}", _pdf(person.rolled)
        sent = person.ask(
            "message", "POST", f"{path}/messages", (302,), data={"csrf_token": token, "text": words},
            files={"enclosures": ("more.pdf", content, "application/pdf")},
        )  # fmt: skip
        if sent is not None:
            with person.record.lock:
                person.record.messages.add((matter, words))
                person.record.files[matter].add(hashlib.sha256(content).hexdigest())
        person.pause()


def be_staff(person: Person, number: int, until: float) -> None:
    """Look at the desk, take a consultation that waits, accept it and write to the firm."""
    count = 0
    while time.monotonic() < until:
        person.ask("desk", "GET", "/desk", (200,))
        person.pause()
        queue = person.ask("queue", "GET", "/consultations?state=submitted", (200,))
        found = _MATTER.findall(queue.text) if queue is not None else []
        if not found:
            person.pause()
            continue
        matter = person.rolled.choice(found)
        path = f"/consultations/{matter}"
        page = person.ask("matter", "GET", path, (200,))
        if page is None:
            continue
        person.pause()
        token, count = _token(page.text), count + 1
        step = {
            "step": "accept",
            "urgency": "u2",
            "version": _VERSION.findall(page.text)[0],
            "csrf_token": token,
        }
        done = person.ask("accept", "POST", f"{path}/step", (302, 409), data=step)
        if done is not None and done.status_code == 302:
            with person.record.lock:
                person.record.accepted.add(matter)
        elif done is not None:
            with person.record.lock:
                person.record.overtaken += 1
        words = f"已收到，第 {number}-{count} 次答复"
        told = {"csrf_token": token, "text": words, "readers": "firm"}
        if person.ask("answer", "POST", f"{path}/messages", (302,), data=told) is not None:
            with person.record.lock:
                person.record.messages.add((matter, words))
        person.pause()
