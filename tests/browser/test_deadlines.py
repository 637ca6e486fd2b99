"""The case page's deadlines and level as a person sees them: narrow and wide, Chinese and English."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from cases.facts import RawEvent
from tests.browser.looking import look_at
from tests.browser.open_world import open_world
from tests.web.conftest import make_site
from tests.web.world import PASSWORD, Site, address_of, record

pytestmark = pytest.mark.browser


@pytest.fixture
def open_site(tmp_path: Path) -> Iterator[tuple[Site, str]]:
    """The world of the page tests behind a real socket."""
    site = make_site(tmp_path / "home")
    with open_world(site, "staff") as served:
        yield served


def test_deadlines_and_level_are_read_on_any_screen(browser: Browser, open_site: tuple[Site, str]) -> None:
    site, address = open_site
    events = (
        RawEvent(date(2026, 2, 20), "SUMMONS Returned Executed", "Hailan served on 2/19/2026"),
        RawEvent(date(2026, 2, 24), "TEMPORARY RESTRAINING ORDER", "Sealed"),
        RawEvent(
            date(2026, 1, 9), "WAIVER OF SERVICE Returned Executed", "sent on 1/8/2026, answer due 2/9/2026"
        ),
    )
    case = record(
        site,
        "2:26-cv-00093",
        "Acme v. Hailan",
        "Hailan Drone Technology Co., Ltd.",
        is_ip=True,
        events=events,
    )
    upc = record(site, "UPC_CFI_9/2026", "Acme v. Hailan", "Hailan", is_ip=True, venue="v.upc", events=())
    site.drain()
    page = browser.new_page(locale="zh-CN")
    page.goto(f"{address}/cases/{case}")
    assert look_at(page, "case-deadlines") == []
    page.get_by_label("发生了什么？").select_option("waiver_request_sent")
    page.get_by_label("受理机构所在地的哪一天？").fill("2026-02-27")
    page.get_by_role("button", name="推算期限").click()
    expect(page.locator("#asked")).to_be_visible()
    page.goto(f"{address}/cases/{upc}?event=service_of_complaint&on=2026-02-01")
    assert look_at(page, "case-deadlines-asked") == []
    page.goto(f"{address}/sign-in")
    page.fill("input[name=email]", address_of("staff"))
    page.fill("input[name=password]", PASSWORD)
    page.click("form button[type=submit]")
    page.goto(f"{address}/cases/{case}?lang=zh")
    page.get_by_text("改设等级").click()
    page.locator("#level-choice").select_option("L1")
    page.locator("#level-reason").fill("本市另有三家企业生产同类产品")
    page.get_by_role("button", name="设定等级").click()
    expect(page.locator("section[aria-labelledby=level]")).to_contain_text("本市另有三家企业")
    assert look_at(page, "case-level") == []
    page.get_by_role("button", name="撤销").click()
    expect(page.locator("section[aria-labelledby=level]")).to_contain_text("以往的设定")
    page.close()
