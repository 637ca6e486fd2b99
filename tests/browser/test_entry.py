"""A Schedule A freeze at night, on a phone, by keyboard alone: from the home page to "received" without an account; then
taken over by the firm, submitted, and on the staff's desk with four office hours (walk b)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.clock import FixedClock
from tests.browser.looking import SHOTS, look_at
from tests.browser.open_world import open_world, signed_in
from tests.experts.files import JPEG
from tests.web.conftest import make_site
from tests.web.world import PASSWORD, Site, address_of

pytestmark = pytest.mark.browser
MOST_SCREENS = 12


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    site = make_site(tmp_path_factory.mktemp("entry"))
    clock = site.house.clock
    assert isinstance(clock, FixedClock)
    clock.advance(datetime(2026, 3, 6, 15, 30, tzinfo=UTC) - clock.now())  # Friday, 23:30 in Shanghai
    with open_world(site, "staff", "a") as opened:
        yield opened


class Keyboard:
    """A person at a phone with a keyboard: Tab, type, Space, Enter; every page that opens is a screen."""

    def __init__(self, page: Page) -> None:
        self.page, self.screens = page, [page.url]

    def reach(self, target: Locator) -> None:
        """Press Tab until ``target`` has the focus."""
        for _ in range(120):
            if target.evaluate("element => element === document.activeElement"):
                outline = target.evaluate("element => getComputedStyle(element).outlineStyle")
                assert outline != "none", "the focus is seen"
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reaches {target}")

    def write(self, name: str, words: str) -> None:
        """Type into the field ``name``."""
        self.reach(self.page.locator(f"#{name}"))
        self.page.keyboard.insert_text(words)

    def tick(self, name: str) -> None:
        """Tick the box ``name``."""
        self.reach(self.page.locator(f"#{name}"))
        self.page.keyboard.press("Space")

    def go(self, target: Locator) -> None:
        """Press Enter on ``target`` and land on another screen."""
        self.reach(target)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.screens.append(self.page.url)

    def button(self, name: str) -> Locator:
        """The button called ``name``."""
        return self.page.get_by_role("button", name=name, exact=True)


def test_a_freeze_at_night_reaches_the_desk(
    browser: Browser, world: tuple[Site, str], tmp_path: Path
) -> None:
    _, address = world
    problems: list[str] = []
    context = browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(address)
    by = Keyboard(page)
    by.go(page.get_by_role("link", name="临时限制令或资产冻结").first)
    by.tick("notice")
    by.go(by.button("开始填写"))

    expect(page.locator("main")).to_contain_text("第 1 步，共 7 步")
    code = page.locator(".secret code").inner_text()
    assert re.fullmatch(r"([0-9A-Z]{5}-){5}[0-9A-Z]", code)
    by.reach(page.locator("#region"))
    page.keyboard.press("ArrowDown")
    expect(page.locator("#region")).to_have_value("US")
    by.write("venue", "伊利诺伊北区联邦地区法院")
    by.go(by.button("继续"))
    by.write("known_on", "今天")
    by.go(by.button("继续"))
    by.write("opponents", "Acme Optics Inc.")
    by.write("docket_number", "1:26-cv-01234")
    by.go(by.button("继续"))
    by.write("story", "晚上十点收到平台邮件，店铺资金被冻结，附一份美国法院的限制令和附表。")
    by.go(by.button("继续"))
    photo = tmp_path / "限制令.jpg"
    photo.write_bytes(JPEG)
    page.locator("#file").set_input_files(photo)  # the file chooser itself is the system's
    by.reach(by.button("添加文件"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#files")).to_contain_text("限制令.jpg")
    by.go(by.button("继续"))
    by.write("question", "命令是真的吗？怎样解冻？")
    by.go(by.button("继续"))
    by.write("firm_name", "海岚无人机科技股份有限公司")
    by.write("contact_name", "李工")
    by.write("contact_phone", "13800001234")
    by.go(by.button("继续"))
    expect(page.locator("h1")).to_have_text("现在该做什么")
    expect(page.locator("main")).to_contain_text("FRCP 65(b)(2)")
    expect(page.locator("main")).to_contain_text("由专家估计")
    by.go(page.get_by_role("link", name="核对回答并发送").first)
    expect(page.locator("main")).to_contain_text("特急")
    by.tick("truth")
    by.tick("contact")
    by.go(by.button("发送给中心"))
    expect(page.locator("h1")).to_have_text("已收到")
    expect(page.locator("main")).to_contain_text("4 个工作小时")
    expect(page.locator("main")).to_contain_text("2026-03-09 (周一) 13:00")
    assert len(by.screens) <= MOST_SCREENS, by.screens
    problems += look_at(page, "entry-received")
    page.goto(f"{address}/entry/plan")
    problems += look_at(page, "entry-plan")

    staff = signed_in(browser, address, "staff")
    staff.goto(f"{address}/desk")
    desk = staff.locator("section", has=staff.locator("#due"))
    expect(desk).to_contain_text("李*")
    expect(desk).not_to_contain_text("李工")
    problems += look_at(staff, "entry-desk")
    staff.goto(f"{address}/entries")
    problems += look_at(staff, "entry-list")
    staff.locator("main table a").last.click()
    expect(staff.locator("main")).to_contain_text("李工")
    problems += look_at(staff, "entry-staff")

    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/entry/received")
    by = Keyboard(page)
    by.go(page.get_by_role("link", name="登录并接手"))
    by.reach(page.locator("input[name=email]"))
    page.keyboard.insert_text(address_of("a"))
    by.reach(page.locator("input[name=password]"))
    page.keyboard.insert_text(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("转入本企业的咨询")
    problems += look_at(page, "entry-claim")
    by.go(by.button("接手"))
    expect(page.locator("main")).to_contain_text("限制令.jpg")
    by.tick("truth")
    by.tick("notice")
    by.tick("expert")
    by.go(by.button("提交咨询"))
    number = re.search(r"咨询-2026-\d{5}", page.locator("main").inner_text())
    assert number is not None
    staff.goto(f"{address}/consultations?state=open")
    row = staff.locator("tr", has=staff.get_by_role("link", name=number.group()))
    expect(row).to_contain_text("特急")
    expect(row).to_contain_text("13:00")
    assert not problems, "\n".join(problems)


def test_the_pages_of_the_questions_are_sound_and_lose_nothing(
    browser: Browser, world: tuple[Site, str]
) -> None:
    _, address = world
    problems: list[str] = []
    page = browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 844}).new_page()
    page.goto(address)
    problems += look_at(page, "entry-home")
    page.goto(f"{address}/entry/start?scenario=section_337")
    problems += look_at(page, "entry-start")
    page.get_by_role("button", name="开始填写").click()
    expect(page.locator(".problem-summary")).to_contain_text("请先同意")
    page.screenshot(path=SHOTS / "entry-start-refused.png", full_page=True)
    page.check("#notice")
    page.get_by_role("button", name="开始填写").click()
    code = page.locator(".secret code").inner_text()
    problems += look_at(page, "entry-where")
    page.goto(f"{address}/entry/q/when")
    page.fill("#known_on", "三月二日")
    page.get_by_role("button", name="继续", exact=True).click()
    expect(page.locator(".problem-summary a")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#known_on")).to_be_focused()
    expect(page.locator("#known_on")).to_have_value("三月二日")
    page.screenshot(path=SHOTS / "entry-when-refused.png", full_page=True)

    # Two windows: neither silently overwrites the other.
    other = page.context.new_page()
    for window in (page, other):
        window.goto(f"{address}/entry/q/what")
    page.fill("#story", "第一个窗口")
    page.get_by_role("button", name="继续", exact=True).click()
    other.fill("#story", "第二个窗口")
    other.get_by_role("button", name="继续", exact=True).click()
    expect(other.locator(".problem-summary")).to_contain_text("另一窗口")
    expect(other.locator(".field-meanwhile")).to_contain_text("第一个窗口")
    expect(other.locator("#story")).to_have_value("第二个窗口")
    other.screenshot(path=SHOTS / "entry-conflict.png", full_page=True)
    other.get_by_role("button", name="上一步").click()
    other.goto(f"{address}/entry/q/what")
    expect(other.locator("#story")).to_have_value("第二个窗口")

    # The session ends while somebody types: the form comes back with the words, and they are kept at the second try.
    page.goto(f"{address}/entry/q/need")
    page.fill("#question", "很长的问题")
    page.context.clear_cookies(name="session")
    page.get_by_role("button", name="继续", exact=True).click()
    expect(page.locator(".problem-summary")).to_contain_text("没有任何改动")
    expect(page.locator("#question")).to_have_value("很长的问题")
    page.get_by_role("button", name="继续", exact=True).click()
    for name in ("files", "contact"):
        page.goto(f"{address}/entry/q/{name}")
        problems += look_at(page, f"entry-{name}")
    page.goto(f"{address}/entry/later")
    problems += look_at(page, "entry-later")
    page.goto(f"{address}/entry/check")
    problems += look_at(page, "entry-check")

    # Another device, by the code.
    elsewhere = browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 844}).new_page()
    elsewhere.goto(f"{address}/entry/resume")
    problems += look_at(elsewhere, "entry-resume")
    elsewhere.fill("#code", code.lower().replace("-", ""))
    elsewhere.get_by_role("button", name="打开求助").click()
    expect(elsewhere.locator("main")).to_contain_text("很长的问题")
    elsewhere.get_by_role("link", name="修改").nth(7).click()
    elsewhere.get_by_role("button", name="继续", exact=True).click()
    expect(elsewhere.locator("h1")).to_have_text("核对填写内容")
    assert not problems, "\n".join(problems)
