"""Memory of the service at rest."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time

import psutil

_LIMIT_MB = 350
_REST_SECONDS = 30


def main(given: argparse.Namespace) -> None:
    """`seamark run --sample`, a few pages asked for, then left alone; resident memory of the process."""
    import httpx

    with tempfile.TemporaryDirectory(prefix="seamark-idle-") as folder:
        server = subprocess.Popen(
            [sys.executable, "-m", "cli", "run", "--sample", "--port", "0"],
            env={**os.environ, "SEAMARK_HOME": folder, "SEAMARK_SOURCES": "none"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            address = next(
                m[0] for line in server.stdout or () if (m := re.search(r"http://127\.0\.0\.1:\d+", line))
            )
            for path in ("/", "/cases?q=patent", "/cases?q=无人机", "/sources"):
                httpx.get(address + path, trust_env=False).raise_for_status()
            process = psutil.Process(server.pid)
            after_pages = process.memory_info().rss / 1e6
            time.sleep(_REST_SECONDS)
            resting = process.memory_info().rss / 1e6
        finally:
            server.terminate()
            server.wait(30)
    print(
        f"  {after_pages:,.0f} MB after the first pages, {resting:,.0f} MB after {_REST_SECONDS} s at rest (limit {_LIMIT_MB})"
    )
