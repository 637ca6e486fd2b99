"""A real server, a real Chromium, and a local stand-in for the sites: what a walk through the pages needs.

``served`` starts `seamark run` as its own process on a fresh store, with the crawler led to a local server by
SEAMARK_MIRROR. Screenshots go to ``build/shots`` for a person to look at.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from config import ROOT
from tests.conftest import missing
from tests.mail_server import post, serve_mail

__all__ = ["post", "serve_mail"]

CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# A machine that also runs the other tests may need longer than five seconds to answer; what is wrong stays wrong.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    if not CHROMIUM.exists():
        missing("Chromium (/usr/bin/chromium)")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(CHROMIUM), args=_FLAGS)
        yield running
        running.close()


@dataclass
class Served:
    """A running Seamark: its address and the one-time passwords it printed."""

    address: str
    passwords: dict[str, str]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Start `seamark run` with settings as SEAMARK_ variables; stopped when the test ends."""
    running: list[subprocess.Popen[str]] = []

    def start(*flags: str, **variables: str) -> Served:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SEAMARK_")}
        environ = {**kept, "SEAMARK_HOME": str(tmp_path / "home"), "COLUMNS": "200", **variables}
        log = (tmp_path / "server.log").open("w")
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "cli", "run", "--port", "0", *flags],
            env=environ, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
        log.close()
        running.append(process)
        assert process.stdout is not None
        address, passwords = "", {}
        for line in process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                address = found.group()
            if found := re.match(r"\s+(\S+@\S+)\s+(\S+)", line):
                passwords[found.group(1).split("@")[0]] = found.group(2)
            if "One-time passwords" in line:
                break
        assert address, (tmp_path / "server.log").read_text()[-2000:]
        return Served(address, passwords)

    yield start
    for process in running:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        if process.stdout is not None:
            process.stdout.close()
        process.wait()
