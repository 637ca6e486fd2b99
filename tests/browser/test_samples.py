"""A sample drawn, read by two people alone, their agreement, and the page of the tags' quality, as people see them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.service import create_user
from cases.facts import RawParty
from core.actor import Role, system_actor
from tests.browser.looking import look_at
from tests.browser.open_world import open_world, signed_in
from tests.factories import raw_case
from tests.factories import record as record_case
from tests.web.conftest import make_site
from tests.web.world import Site, address_of

pytestmark = pytest.mark.browser


@pytest.fixture
def open_site(tmp_path: Path) -> Iterator[tuple[Site, str]]:
    """The world of the page tests with a few more cases, and a second member of staff."""
    site = make_site(tmp_path / "home")
    parties = (RawParty("Acme Optics Inc.", "plaintiff"), RawParty("Nobody We Know LLC", "defendant"))
    for number in range(4):
        text = "Complaint for patent infringement. The accused product is a vaccine."
        record_case(site.house, raw_case(f"2:26-cv-9{number:04d}", text=text, parties=parties))
    site.drain()
    with site.house.database.write() as session:
        _, password = create_user(
            session,
            site.house.clock,
            system_actor("test", site.centre),
            email=address_of("second"),
            roles=[Role.STAFF],
        )
    site.passwords["second"] = password
    with open_world(site, "staff", "second") as served:
        yield served


def read_by_keys(page: Page, cases: int, *, wrong: str = "") -> None:
    """Read on to the end: every tag right by its key, but the one that is ``wrong``."""
    for _ in range(cases):
        items = page.locator("[data-item]")
        if not page.locator("[data-item]:focus").count():
            page.keyboard.press("j")
        for number in range(items.count()):
            is_wrong = bool(wrong) and wrong in items.nth(number).inner_text()
            page.keyboard.press("x" if is_wrong else "c")
        with page.expect_navigation():
            page.keyboard.press("s")
    expect(page.get_by_role("status")).to_contain_text("您已读完全部样本")


def test_a_sample_is_read_by_two_and_tells_the_quality(browser: Browser, open_site: tuple[Site, str]) -> None:
    _, address = open_site
    page = signed_in(browser, address, "staff")
    page.goto(f"{address}/quality")
    expect(page.get_by_text("尚无复核结果")).to_be_visible()
    page.goto(f"{address}/tags/samples")
    page.get_by_label("用途").fill("三月抽查")
    page.get_by_label("案件", exact=True).fill("5")
    page.get_by_role("button", name="抽取样本").click()
    expect(page.locator("h1")).to_have_text("三月抽查")
    where = page.url
    page.get_by_role("link", name="开始复核").click()
    assert look_at(page, "sample-read") == []
    read_by_keys(page, 5)
    expect(page.get_by_text("两人读完全部样本后显示一致性")).to_be_visible()

    other = signed_in(browser, address, "second")
    other.goto(where)
    other.get_by_role("link", name="开始复核").click()
    read_by_keys(other, 5, wrong="发明专利")
    expect(other.locator("section[aria-labelledby=agreement]")).to_contain_text("κ")
    assert look_at(other, "sample") == []
    other.goto(f"{address}/quality?by=tag")
    assert look_at(other, "quality-staff") == []
    other.goto(f"{address}/tags/samples")
    assert look_at(other, "samples") == []
    visitor = browser.new_page(locale="zh-CN")
    visitor.goto(f"{address}/quality")
    expect(visitor.get_by_text("准确率").first).to_be_visible()
    assert look_at(visitor, "quality") == []
    for one in (page, other, visitor):
        one.close()
