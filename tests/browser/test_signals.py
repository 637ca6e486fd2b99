"""Signals and trends as people see them: judged, read, confirmed, in both languages and widths."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

import warning.surge.trials as trials
from core.clock import FixedClock
from tests.browser.looking import SHOTS, look_at, shot
from tests.browser.open_world import open_world, signed_in
from tests.factories import raw_case
from tests.factories import record as record_case
from tests.warning.surge.history import fill
from tests.warning.surge.told_world import signal_of, surge_among
from tests.web.conftest import make_site
from tests.web.world import Site
from warning.criteria import Criteria
from warning.surge.judging import judge_due, newest_due
from warning.watch_profiles import create_profile

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


@pytest.fixture
def risen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Site, str]]:
    """The world of the page tests with a rise that firm alpha watches, and trials of few simulations."""
    monkeypatch.setattr(trials, "SEEDS", (8001,))
    monkeypatch.setattr(trials, "SIMULATIONS", 3)
    monkeypatch.setattr(trials, "MOST_WEEKS", 2)
    site = make_site(tmp_path / "home")
    surge_among(site.house)
    with site.house.database.write() as session:
        asked = Criteria(regions=frozenset({"US"}), industries=frozenset({"ind.battery_storage"}))
        create_profile(session, site.house.clock, site.actor("a"), "美国电池", asked)
    with open_world(site, "staff", "other", "a") as served:
        yield served


def test_a_signal_is_told_to_whoever_watches_it_and_read_there(
    browser: Browser, risen: tuple[Site, str]
) -> None:
    _, address = risen
    desk = signed_in(browser, address, "staff")
    desk.goto(f"{address}/signals?kind=cell")
    assert look_at(desk, "signals-with-record") == []
    desk.get_by_role("link", name="美国 × 锂电池与储能").first.click()
    shot(desk, SHOTS / "docs" / "signal.png")
    expect(desk.locator(".level-line")).to_contain_text("每100次此类告警中")
    desk.get_by_role("button", name="确认").click()
    desk.get_by_role("link", name="查看涉及范围并告知企业").click()
    expect(desk.locator("section[aria-labelledby=who]")).to_contain_text("1个监测方案")
    expect(desk.locator("main")).not_to_contain_text("海岚")
    assert look_at(desk, "signal-tell") == []
    shot(desk, SHOTS / "docs" / "signal-tell.png")
    desk.get_by_role("button", name="告知1个监测方案").click()
    expect(desk.locator("section[aria-labelledby=told]")).to_contain_text("1个监测方案")
    assert look_at(desk, "signal-told") == []

    firm = signed_in(browser, address, "a")
    firm.goto(f"{address}/alerts")
    assert look_at(firm, "alerts-with-signal") == []
    firm.get_by_role("link", name="案件异动：美国 × 锂电池与储能").click()
    expect(firm.locator("main")).to_contain_text("美国电池")
    assert look_at(firm, "signal-alert") == []
    shot(firm, SHOTS / "docs" / "signal-alert.png")
    firm.get_by_role("button", name="标为已读").click()

    desk.get_by_role("link", name="美国 × 锂电池与储能").first.click()
    expect(desk.locator("main")).to_contain_text("如本中心排除该信号")
    desk.locator("#reason-reopen").fill("来源有重复，重新核实")
    desk.get_by_role("button", name="重新核实").click()
    firm.reload()
    expect(firm.locator("section[aria-labelledby=corrected]")).to_contain_text("正在重新核实")
    assert look_at(firm, "signal-alert-corrected") == []
    firm.close()
    desk.close()


def test_thresholds_are_tried_on_the_page_and_adopted_by_another_person(
    browser: Browser, risen: tuple[Site, str]
) -> None:
    _, address = risen
    visitor = browser.new_page(locale="zh-CN")
    visitor.goto(f"{address}/signals/record")
    expect(visitor.locator("section[aria-labelledby=simulated]")).to_contain_text("植入")
    assert look_at(visitor, "surge-record") == []
    shot(visitor, SHOTS / "docs" / "signal-record.png")

    desk = signed_in(browser, address, "staff")
    desk.goto(f"{address}/signals/record")
    desk.get_by_role("link", name="试算其他阈值").click()
    assert look_at(desk, "surge-trials") == []
    desk.locator("#note").fill("减少黄色信号")
    desk.locator("#III-0-p_share").fill("0.02")
    desk.get_by_role("button", name="开始试算").click()
    expect(desk.locator("section[aria-labelledby=simulated]")).to_be_visible(timeout=120_000)
    assert look_at(desk, "surge-trial") == []
    desk.locator("#reason-propose").fill("误报减少，命中相近")
    desk.get_by_role("button", name="提议采用").click()
    expect(desk.get_by_role("button", name="采用", exact=True)).to_have_count(0)

    other = signed_in(browser, address, "other")
    other.goto(desk.url)
    other.locator("#reason-adopt").fill("同意采用")
    other.get_by_role("button", name="采用", exact=True).click()
    expect(other.locator(".badge-green").first).to_contain_text("现行")
    visitor.reload()
    expect(visitor.locator("section[aria-labelledby=force]")).to_contain_text("第1版")
    for page in (visitor, desk, other):
        page.close()


def test_a_bulletin_drafted_from_a_signal_has_its_drawing_on_the_page_and_on_paper(
    browser: Browser, risen: tuple[Site, str]
) -> None:
    site, address = risen
    desk = signed_in(browser, address, "staff")
    desk.goto(f"{address}/signals/{signal_of(site.house).id}")
    desk.get_by_role("link", name="据此起草公报").click()
    expect(desk.locator(".callout")).to_contain_text("附信号的图与表")
    desk.get_by_role("button", name="计数并起草").click()
    expect(desk.locator("svg.chart-weeks")).to_be_visible()
    expect(desk.locator("#f1 table")).to_contain_text("当周")
    assert look_at(desk, "bulletin-from-signal") == []
    draft = desk.url.split("?")[0]
    for kind, head in (("pdf", b"%PDF"), ("docx", b"PK")):
        answer = desk.request.get(f"{draft}/{kind}")
        assert answer.status == 200 and answer.body().startswith(head), kind
        (SHOTS / f"bulletin-from-signal.{kind}").write_bytes(answer.body())
    desk.close()
