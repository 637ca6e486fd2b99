"""The loop around an alert in Chromium: a firm answers, staff telephone whoever does not; looked at on any screen."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from cases.facts import RawEvent, RawParty
from enterprises.models import Firm
from tests.browser.looking import look_at
from tests.browser.test_deadlines import open_site
from tests.web.world import PASSWORD, Site, address_of, record
from warning.levels import decide_level

pytestmark = pytest.mark.browser
__all__ = ["open_site"]


def _sign_in(browser: Browser, address: str, role: str) -> Page:
    page = browser.new_page(locale="zh-CN")
    page.goto(f"{address}/sign-in")
    page.fill("input[name=email]", address_of(role))
    page.fill("input[name=password]", PASSWORD)
    page.click("form button[type=submit]")
    return page


def _change(site: Site) -> None:
    """What the docket of firm alpha's case shows next."""
    order = "ORDER granting 5 Motion for Temporary Restraining Order. Signed by the judge."
    served = "SUMMONS Returned Executed. Served on 2/27/2026, answer due 3/20/2026."
    record(
        site,
        "2:26-cv-00011",
        "Acme Optics v. Hailan Drone",
        "Hailan Drone Technology Co., Ltd.",
        is_ip=True,
        events=(
            RawEvent(date(2026, 3, 1), "ORDER", order),
            RawEvent(date(2026, 3, 2), "SUMMONS Returned Executed", served),
        ),
    )
    site.drain()


def test_a_firm_answers_and_staff_telephone(browser: Browser, open_site: tuple[Site, str]) -> None:
    site, address = open_site
    site.client("a")
    _change(site)
    with site.house.database.write() as session:
        for firm in session.scalars(select(Firm)):
            firm.is_local = True
    both = [RawParty(n, "defendant") for n in ("Hailan Drone Technology Co Ltd", "Beize Lighting Co Ltd")]
    record(site, "2:26-cv-00077", "Acme Optics v. Hailan and Beize", "", is_ip=True, parties=both)
    record(
        site,
        "2:25-cv-00500",
        "Older v. Case",
        "Somebody LLC",
        is_ip=True,
        outcome="Consent judgment",
        events=(),
    )
    site.drain()
    staff = site.actor("staff")
    with site.house.database.write() as session:
        case = uuid.UUID(site.ids["case"])
        decide_level(session, site.house.clock, staff, case, "L1", "本市重点企业受到影响", seen=None)
    from jobs import desk

    desk(site.house)
    page = _sign_in(browser, address, "staff")
    page.goto(f"{address}/desk")
    assert look_at(page, "desk") == []
    page.get_by_role("link", name="电话联系企业").first.click()
    assert look_at(page, "desk-task") == []
    page.get_by_label("未联系上").check()
    page.locator("#call-words").fill("总机无人接听")
    page.get_by_role("button", name="记录通话").click()
    expect(page.locator("#notes").locator("..")).to_contain_text("总机无人接听")
    page.goto(f"{address}/desk/tasks")
    assert look_at(page, "desk-tasks") == []
    page.close()

    page = _sign_in(browser, address, "a")
    page.goto(f"{address}/alerts")
    assert look_at(page, "alerts") == []
    page.get_by_role("link", name="禁令或措施：临时限制令").first.click()
    assert look_at(page, "alert-change") == []
    page.locator("#words").fill("已委托美国律师")
    page.get_by_role("button", name="处理中").click()
    expect(page.locator("#answer")).to_contain_text("处理中")
    page.goto(f"{address}/alerts/{site.ids['alert_alpha']}")
    assert look_at(page, "alert") == []
    page.goto(f"{address}/alerts")
    page.get_by_role("link", name="被列为案件当事人").first.click()
    page.locator("#contact").fill("法务部李经理，0571-10000000")
    page.get_by_role("button", name="同意互相联系").click()
    expect(page.locator("#joint").locator("..")).to_contain_text("对方尚未同意")
    assert look_at(page, "alert-joint") == []
    page.goto(f"{address}/watch")
    assert look_at(page, "watch") == []
    page.goto(f"{address}/watch/new?q=drone&region=US")
    assert look_at(page, "watch-new") == []
    page.goto(f"{address}/alerts/{site.ids['alert_alpha']}")
    page.get_by_role("button", name="需要帮助").click()
    expect(page.locator("[name=docket_number]")).to_have_value("2:26-cv-00011")
    page.close()
