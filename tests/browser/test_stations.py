"""Stations and the staff's robots in Chromium: entered, given a firm, acting for it; looked at on any screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.looking import look_at
from tests.browser.open_world import open_world, signed_in
from tests.web.conftest import make_site
from tests.web.world import Site

pytestmark = pytest.mark.browser


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[Site, str]]:
    with open_world(make_site(tmp_path / "home"), "staff", "station", "admin", "b") as opened:
        yield opened


def test_a_station_is_given_a_firm_and_watches_for_it(browser: Browser, world: tuple[Site, str]) -> None:
    site, address = world
    staff = signed_in(browser, address, "staff")
    staff.goto(f"{address}/stations")
    assert look_at(staff, "stations") == []
    staff.goto(f"{address}/firms/{site.ids['firm_alpha']}")
    staff.get_by_label("负责的工作站").select_option(label="高新区知识产权工作站")
    staff.get_by_role("button", name="保存", exact=True).click()
    assert look_at(staff, "firm-with-station") == []
    staff.context.close()

    page = signed_in(browser, address, "station")
    page.get_by_role("link", name="我们负责的企业").click()
    assert look_at(page, "station") == []
    page.get_by_role("link", name="海岚无人机科技股份有限公司", exact=True).click()
    expect(page.locator(".case-title")).to_have_text(["Secret of alpha"])
    page.get_by_role("link", name="新建监测方案").first.click()
    page.locator("#name").fill("美国无人机")
    page.locator("#include").fill("rotor")
    page.get_by_role("button", name="查看会命中哪些案件", exact=False).click()
    page.get_by_role("button", name="保存方案", exact=False).click()
    expect(page.locator(".case-title")).to_have_text(["Secret of alpha", "美国无人机"])
    assert page.locator("a", has_text="删除").count() == 0
    assert look_at(page, "station-watch") == []
    page.context.close()

    firm = signed_in(browser, address, "b")
    firm.goto(f"{address}/watch")
    expect(firm.locator("main")).to_contain_text("高新区知识产权工作站")
    expect(firm.locator("main")).not_to_contain_text("美国无人机")
    firm.context.close()


def test_an_administrator_sets_the_staffs_robots(browser: Browser, world: tuple[Site, str]) -> None:
    _, address = world
    page = signed_in(browser, address, "admin")
    page.goto(f"{address}/robots")
    page.locator("#robot-url").fill("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=very-secret")
    page.get_by_role("button", name="添加机器人").click()
    expect(page.locator("main")).to_contain_text("qyapi.weixin.qq.com")
    assert "very-secret" not in page.content()
    page.locator("section.sheet").last.get_by_role("button", name="发送测试").click()
    assert look_at(page, "robots") == []
    page.context.close()
