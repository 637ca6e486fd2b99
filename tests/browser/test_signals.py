"""Signals and trends as people see them: judged, read, confirmed, in both languages and widths."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from core.clock import FixedClock
from tests.browser.looking import look_at
from tests.browser.open_world import open_world, signed_in
from tests.factories import raw_case
from tests.factories import record as record_case
from tests.warning.surge.history import fill
from tests.web.conftest import make_site
from tests.web.world import Site
from warning.surge.judging import judge_due, newest_due

pytestmark = pytest.mark.browser


@pytest.fixture
def open_site(tmp_path: Path) -> Iterator[tuple[Site, str]]:
    """The world of the page tests with three counted years behind it, and real cases in the week that rises."""
    site = make_site(tmp_path / "home")
    house = site.house
    newest = newest_due(house.clock.now())
    # They are recorded before the week is judged: what comes later does not count in it.
    clock = house.clock
    assert isinstance(clock, FixedClock)
    clock.advance(-timedelta(days=6))
    for number in range(4):
        text = "Complaint for patent infringement. Lithium batteries."
        record_case(house, raw_case(f"2:26-cv-5{number:04d}", filed_on=newest + timedelta(days=1), text=text))
    site.drain()
    clock.advance(timedelta(days=6))
    fill(house)
    with house.database.write() as session:
        assert judge_due(session, house.clock)
    with open_world(site, "staff") as served:
        yield served


def test_a_signal_is_found_on_the_desk_read_and_confirmed(
    browser: Browser, open_site: tuple[Site, str]
) -> None:
    _, address = open_site
    visitor = browser.new_page(locale="zh-CN")
    visitor.goto(f"{address}/signals")
    expect(visitor.get_by_text("没有信号")).to_be_visible()
    visitor.goto(f"{address}/trends")
    assert look_at(visitor, "trends-public") == []

    desk = signed_in(browser, address, "staff")
    desk.goto(f"{address}/desk")
    desk.get_by_role("link", name="全部待核实信号").click()
    assert look_at(desk, "signals") == []
    desk.get_by_role("link", name="美国 × 锂电池与储能").first.click()
    expect(desk.get_by_role("heading", name="为何是此颜色而非更高")).to_be_visible()
    assert look_at(desk, "signal") == []
    desk.get_by_role("link", name="据此起草公报").click()
    expect(desk.locator("main")).to_contain_text("锂电池与储能")
    desk.go_back()
    desk.locator("#reason-confirm").fill("已逐件核对")
    desk.get_by_role("button", name="确认").click()
    expect(desk.locator("section[aria-labelledby=decide]")).to_contain_text("已逐件核对")
    desk.goto(f"{address}/trends")
    expect(desk.locator(".matrix .level").first).to_be_visible()
    assert look_at(desk, "trends") == []
    desk.close()

    visitor.goto(f"{address}/signals")
    visitor.get_by_role("link", name="美国 × 锂电池与储能").click()
    expect(visitor.get_by_role("button", name="确认")).to_have_count(0)
    visitor.get_by_role("link", name="完整序列").click()
    assert look_at(visitor, "series") == []
    visitor.close()
