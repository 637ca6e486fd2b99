"""A bulletin with figures in a real browser: from a search to the public page, narrow and wide, Chinese and English."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.looking import look_at
from tests.browser.open_world import open_world, signed_in
from tests.warning.bulletin_world import Desk, drafter
from tests.web.conftest import make_site
from tests.web.world import Site
from warning.bulletin_models import Bulletin

pytestmark = pytest.mark.browser


@pytest.fixture
def open_site(tmp_path: Path) -> Iterator[tuple[Site, str]]:
    """The world of the page tests behind a real socket."""
    site = make_site(tmp_path / "home")
    with open_world(site, "staff", "a") as served:
        yield served


def test_a_survey_is_drafted_read_and_published(browser: Browser, open_site: tuple[Site, str]) -> None:
    site, address = open_site
    page = signed_in(browser, address, "staff")
    page.goto(f"{address}/cases?region=US")
    page.get_by_role("link", name="由此检索起草公报").click()
    page.get_by_label("起始日期").fill("2026-02-01")
    page.get_by_label("截止日期").fill("2026-02-28")
    assert look_at(page, "bulletin-survey-form") == []
    page.get_by_label("起始日期").fill("2026-02-01")
    page.get_by_label("立案日期").check()
    page.get_by_role("button", name="计数并起草").click()
    page.wait_for_url("**/bulletins/drafts/*")
    identity = page.url.rsplit("/", 1)[1]
    expect(page.locator("figure svg")).to_have_count(3)
    assert look_at(page, "bulletin-survey-draft") == []
    page.goto(f"{address}/bulletins/drafts/{identity}/edit")
    assert look_at(page, "bulletin-survey-edit") == []
    with site.house.database.read() as session:
        draft = session.get_one(Bulletin, uuid.UUID(identity))
    desk = Desk.of(site.house, draft, site.actor("staff")).publish()
    page.goto(f"{address}/bulletins/{desk.now.slug}")
    assert look_at(page, "bulletin-survey") == []
    page.context.close()


def test_a_bulletin_is_sent_and_read(browser: Browser, open_site: tuple[Site, str]) -> None:
    site, address = open_site
    page = signed_in(browser, address, "staff")
    page.goto(f"{address}/bulletins/drafts/{site.ids['bulletin_published']}/send")
    assert look_at(page, "bulletin-send") == []
    page.get_by_label("按企业编号或全称指定，每行一家").fill("alpha\nbeta")
    page.get_by_label("自设监测方案匹配").check()
    page.get_by_role("button", name="查看发送对象").click()
    expect(page.locator("section[aria-labelledby=chosen]")).to_contain_text("北泽照明")
    page.get_by_role("button", name="发送", exact=True).click()
    expect(page.locator("#receipts ~ p").first).to_contain_text("已发送 2 家，已阅读 0 家")
    firm = signed_in(browser, address, "a")
    firm.goto(f"{address}/")
    firm.locator("section[aria-labelledby=received-bulletins] .case-title a").click()
    assert look_at(firm, "bulletin-for-a-firm") == []
    firm.goto(f"{address}/bulletins/received")
    assert look_at(firm, "bulletins-received") == []
    page.goto(f"{address}/bulletins/drafts/{site.ids['bulletin_published']}/send")
    assert look_at(page, "bulletin-receipts") == []
    expect(page.locator("#receipts ~ p").first).to_contain_text("已阅读 1 家")
    page.goto(f"{address}/bulletins/drafts/{site.ids['bulletin_published']}")
    assert look_at(page, "bulletin-sent") == []
    page.goto(f"{address}/bulletins/desk")
    assert look_at(page, "bulletin-desk") == []
    for one in (page, firm):
        one.context.close()


def test_a_reviewer_declares_before_approving(browser: Browser, open_site: tuple[Site, str]) -> None:
    site, address = open_site
    desk = Desk(site.house, uuid.UUID(site.ids["case_b"]), drafter(site.house)).bring_to("in_review")
    page = signed_in(browser, address, "staff")
    page.goto(f"{address}/bulletins/drafts/{desk.id}")
    assert look_at(page, "bulletin-declare") == []
    for box in page.locator("input[name=checked]").all():
        box.check()
    page.get_by_role("button", name="核对通过").click()
    page.get_by_role("link", name="保密与著作权审查").first.click()
    expect(page.locator("#declared-state_secret")).to_be_focused()
    for box in page.locator("input[name=checked], input[name=declared]").all():
        box.check()
    page.get_by_role("button", name="核对通过").click()
    expect(page.locator("section[aria-labelledby=acts]")).to_contain_text("不含国家秘密")
    page.context.close()
