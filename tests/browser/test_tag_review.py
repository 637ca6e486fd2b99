"""Tags in doubt and likely names worked by keys, as people see them, in both languages and widths."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from cases.facts import RawParty
from tests.browser.looking import look_at
from tests.browser.open_world import open_world, signed_in
from tests.factories import raw_case
from tests.factories import record as record_case
from tests.web.conftest import make_site
from tests.web.world import Site

pytestmark = pytest.mark.browser
_LIKE = "Hailan Drones Inc."


@pytest.fixture
def open_site(tmp_path: Path) -> Iterator[tuple[Site, str]]:
    """The world of the page tests, and two cases against somebody whose name is like a firm's."""
    site = make_site(tmp_path / "home")
    for number in range(2):
        parties = (RawParty("Acme Optics Inc.", "plaintiff"), RawParty(_LIKE, "defendant"))
        record_case(site.house, raw_case(f"2:26-cv-7{number:04d}", parties=parties))
    site.drain()
    with open_world(site, "staff") as served:
        yield served


def test_tags_in_doubt_are_worked_by_keys(browser: Browser, open_site: tuple[Site, str]) -> None:
    _, address = open_site
    page = signed_in(browser, address, "staff")
    page.goto(f"{address}/tags/review")
    assert look_at(page, "tag-queue") == []
    items = page.locator("[data-item]")
    before = items.count()
    assert before > 2
    page.keyboard.press("?")
    expect(page.get_by_text("下一个、上一个标签")).to_be_visible()
    page.keyboard.press("?")

    page.keyboard.press("j")
    expect(items.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(items.nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("c")
    expect(page.get_by_role("status")).to_contain_text("已确认")
    expect(items).to_have_count(before - 1)
    # The next one has the focus: the keys go on.
    expect(items.nth(0)).to_be_focused()
    page.keyboard.press("x")
    page.keyboard.type("仅为提及，本案产品不同")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("已删除")
    lately = page.locator("section[aria-labelledby=lately] li")
    expect(lately.first).to_contain_text("仅为提及，本案产品不同")
    assert look_at(page, "tag-queue-lately") == []
    page.goto(f"{address}/tags/review#next")
    page.keyboard.press("u")
    expect(page.get_by_role("status")).to_contain_text("已撤回")
    expect(items).to_have_count(before - 1)

    # Switched off, a key does nothing.
    page.locator("[data-keys-help] summary").click()
    page.get_by_role("button", name="关闭快捷键").click()
    page.locator("h1").click()
    page.keyboard.press("c")
    expect(items).to_have_count(before - 1)
    page.close()


def test_a_case_shows_who_spoke_of_its_tags_and_why(browser: Browser, open_site: tuple[Site, str]) -> None:
    site, address = open_site
    page = signed_in(browser, address, "staff")
    page.goto(f"{address}/cases/{site.ids['case']}")
    said = page.locator("section[aria-labelledby=said]")
    said.get_by_text("漏标了标签").click()
    said.get_by_label("标签").select_option("industry:ind.biopharma")
    said.get_by_label("原因").last.fill("涉案产品为疫苗")
    page.get_by_role("button", name="补充标签").click()
    expect(page.get_by_role("status")).to_contain_text("已补充")
    expect(said).to_contain_text("涉案产品为疫苗")
    site.drain()
    assert look_at(page, "case-tags") == []
    page.goto(f"{address}/cases?industry=ind.biopharma")
    expect(page.locator(".case-title")).to_have_count(1)
    page.close()


def test_likely_names_are_settled_by_keys_and_taken_back(
    browser: Browser, open_site: tuple[Site, str]
) -> None:
    site, address = open_site
    page = signed_in(browser, address, "staff")
    page.goto(f"{address}/names")
    item = page.locator("[data-item]").filter(has_text=_LIKE)
    expect(item).to_contain_text("另有 1 件")
    assert look_at(page, "names-desk") == []
    page.keyboard.press("j")
    page.keyboard.press("c")
    expect(page.get_by_role("status")).to_contain_text("已新增名称")
    site.drain()
    page.goto(f"{address}/names")
    expect(item).to_have_count(0)
    assert look_at(page, "names-desk-lately") == []
    page.keyboard.press("u")
    expect(page.get_by_role("status")).to_contain_text("已撤回")
    site.drain()
    page.goto(f"{address}/names")
    expect(item).to_have_count(1)
    page.close()
