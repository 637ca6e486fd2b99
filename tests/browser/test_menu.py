"""The menu in Chromium: one line on a desk's screen whoever looks, its heads opened by keys, all of it on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import LANGUAGES, SHOTS, shot
from tests.browser.open_world import open_world, signed_in
from tests.web.conftest import make_site
from tests.web.world import Site

pytestmark = pytest.mark.browser
ROLES = ("staff", "admin", "a", "expert")
#: px: the brand's mark and the air around it; a second line of the menu adds some 40
ONE_LINE = 76


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[Site, str]]:
    with open_world(make_site(tmp_path / "home"), *ROLES) as opened:
        yield opened


def _height(page: Page) -> float:
    return float(page.evaluate("() => document.querySelector('header.top').getBoundingClientRect().height"))


def test_the_menu_takes_one_line_and_every_entry_is_reached_by_keys(
    browser: Browser, world: tuple[Site, str]
) -> None:
    _, address = world
    for role in ROLES:
        page = signed_in(browser, address, role)
        for language in LANGUAGES:
            page.set_viewport_size({"width": 1280, "height": 700})
            page.goto(f"{address}/cases?lang={language}")
            shot(page, SHOTS / f"menu-{role}-{language}-1280.png")
            assert _height(page) <= ONE_LINE, (role, language)
        if role == "staff":
            _by_keys(page, address)
            _on_a_phone(page, address)
        page.context.close()


def _by_keys(page: Page, address: str) -> None:
    page.goto(f"{address}/cases?lang=zh")
    heads = page.locator(".nav-group > summary")
    expect(heads).to_have_count(4)
    expect(heads.first).to_have_class("nav-here")
    links = page.locator("nav.nav a")
    named = [str(links.nth(n).get_attribute("href")) for n in range(links.count())]
    assert {"/desk", "/cases", "/alerts", "/firms", "/deliveries", "/jobs", "/sources"} <= set(named)
    last = page.locator(".nav-group", has=page.locator("a[href='/deliveries']"))
    last.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(last).to_have_attribute("open", "")
    shot(page, SHOTS / "menu-open-1280.png")
    page.keyboard.press("Escape")
    expect(last).not_to_have_attribute("open", "")
    expect(last.locator("summary")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(last.locator("a[href='/deliveries']")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/deliveries")
    # A head that was left closes; one open head is enough.
    page.locator(".nav-group > summary").first.focus()
    page.keyboard.press("Enter")
    page.locator("main").click(position={"x": 5, "y": 5})
    expect(page.locator(".nav-group[open]")).to_have_count(0)


def _on_a_phone(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(f"{address}/cases")
    page.locator(".menu > summary").click()
    head = page.locator(".nav-group").last
    head.locator("summary").click()
    expect(head.locator("a[href='/deliveries']")).to_be_visible()
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    shot(page, SHOTS / "menu-open-390.png")
    head.locator("a[href='/deliveries']").click()
    page.wait_for_url("**/deliveries")
