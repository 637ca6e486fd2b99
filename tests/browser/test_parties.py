"""Parties as people see them: found, read, put together and parted again, in both languages and widths."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from cases.facts import RawParty, RawRight
from tests.browser.looking import look_at
from tests.browser.open_world import open_world, signed_in
from tests.factories import raw_case
from tests.factories import record as record_case
from tests.web.conftest import make_site
from tests.web.world import Site

pytestmark = pytest.mark.browser
_ACME, _SHORT = "Borealis Optics Inc.", "Borealis Optics Group"


@pytest.fixture
def open_site(tmp_path: Path) -> Iterator[tuple[Site, str]]:
    """The world of the page tests, a right holder who sues several, and one of nearly its name."""
    site = make_site(tmp_path / "home")
    for number, whom in enumerate(
        ["Hailan Drone Technology Co., Ltd.", "Two Lamps Co., Ltd.", "Three Lamps Ltd."]
    ):
        _suit(site, number, _ACME, whom)
    _suit(site, 9, _SHORT, "Four Lamps Ltd.")
    site.drain()
    with open_world(site, "staff") as served:
        yield served


def _suit(site: Site, number: int, who: str, whom: str) -> None:
    raw = raw_case(
        f"2:26-cv-6{number:04d}",
        caption=f"{who} v. {whom}",
        parties=(RawParty(who, "plaintiff"), RawParty(whom, "defendant")),
        rights=(RawRight("patent", "9,548,839"),),
    )
    record_case(site.house, raw)


def test_parties_are_found_put_together_and_parted_again(
    browser: Browser, open_site: tuple[Site, str]
) -> None:
    _, address = open_site
    page = browser.new_page(locale="zh-CN")
    page.goto(f"{address}/parties")
    assert look_at(page, "parties") == []
    page.get_by_label("当事人名称的一部分").fill("borealis optics incorporated")
    page.get_by_role("button", name="搜索当事人").click()
    page.get_by_role("link", name=_ACME).click()
    expect(page.locator("section[aria-labelledby=campaigns]")).to_contain_text("3件诉讼")
    expect(page.get_by_text("这是谁？")).to_have_count(0)
    assert look_at(page, "party") == []
    page.goto(f"{address}/parties?q=nobody")
    expect(page.get_by_text("未找到当事人")).to_be_visible()
    page.close()

    desk = signed_in(browser, address, "staff")
    desk.goto(f"{address}/parties/one?name=borealis+optics+inc")
    same = desk.locator("li").filter(has=desk.get_by_role("link", name=_SHORT))
    same.get_by_label("原因").fill("同一集团，登记号一致")
    same.get_by_role("button", name=f"与 {_SHORT} 归并").click()
    expect(desk.get_by_role("status")).to_contain_text("已归并为同一当事人")
    expect(desk.locator("section[aria-labelledby=names]")).to_contain_text(_SHORT)
    expect(desk.locator("section[aria-labelledby=cases] h2")).to_contain_text("4")
    assert look_at(desk, "party-staff") == []
    desk.get_by_role("button", name="撤销：归并").click()
    expect(desk.get_by_role("status")).to_contain_text("已撤销")
    expect(desk.locator("section[aria-labelledby=cases] h2")).to_contain_text("3")
    desk.close()
