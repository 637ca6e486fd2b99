"""The world of the page tests behind a real socket, and the people in it in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from tests.web.world import PASSWORD, Site, address_of


@contextmanager
def open_world(site: Site, *roles: str) -> Iterator[tuple[Site, str]]:
    """``site`` and its address while it is served; ``roles`` have their own passwords. It is closed at the end."""
    for role in roles:
        site.client(role)
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield site, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        site.house.close()


def signed_in(browser: Browser, address: str, role: str) -> Page:
    """A page of somebody who has signed in by the form, in Chinese."""
    page = browser.new_context(locale="zh-CN").new_page()
    page.goto(f"{address}/sign-in")
    page.fill("input[name=email]", address_of(role))
    page.fill("input[name=password]", PASSWORD)
    page.click("form button[type=submit]")
    return page
