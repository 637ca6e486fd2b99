"""The README's screenshots, made from the sample: ``make docs``."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]


def main() -> None:
    """Serve the sample, open a case of it, and keep what the window shows."""
    with tempfile.TemporaryDirectory() as home:
        environ = {**os.environ, "SEAMARK_HOME": home, "SEAMARK_SOURCES": "none"}
        command = [sys.executable, "-u", "-m", "cli", "run", "--sample", "--port", "0"]
        server = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            address = next(
                m[0] for line in server.stdout if (m := re.search(r"http://127\.0\.0\.1:\d+", line))
            )
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
                )
                page = browser.new_page(viewport={"width": 1280, "height": 860})
                page.goto(f"{address}/cases?q=无人机&lang=zh")
                page.screenshot(path=ROOT / "docs" / "cases.png")
                page.click(".case-title a")
                page.locator("details.why").first.click()
                page.screenshot(path=ROOT / "docs" / "case.png")
                browser.close()
        finally:
            server.terminate()
            server.wait(30)


if __name__ == "__main__":
    main()
