"""Two consultations walked in Chromium: (a) named in a 337 investigation to the report upward, with an opinion beside,
messages and three signatures on the way; (c) refused with a remedy, mended, sent again and accepted.

The pages are the real ones behind a real socket; time is the world's own clock.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from accounts.service import create_user
from core.actor import Role, system_actor
from core.clock import FixedClock
from experts.onward.package import verify_package
from tests.browser.looking import look_at
from tests.browser.open_world import open_world, signed_in
from tests.browser.test_onward import taken_out
from tests.experts.files import PDF
from tests.experts.matter import add_expert
from tests.web.conftest import make_site
from tests.web.world import Site, address_of, record
from warning.models import Alert

pytestmark = pytest.mark.browser
SECTIONS = ("facts", "issues", "analysis", "risk", "options", "evidence", "statement")
NAMED = "Hailan Drone Technology Co., Ltd."


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    site = make_site(tmp_path_factory.mktemp("walks"))
    beside = add_expert(site.house, "walk-two", capacity=20)
    for role, roles, expert in (
        ("checker", [Role.STAFF], None),
        ("sign", [Role.STAFF, Role.SIGNER], None),
        ("beside", [Role.EXPERT], beside),
    ):
        with site.house.database.write() as session:
            _, site.passwords[role] = create_user(
                session, site.house.clock, system_actor("test", site.centre),
                email=address_of(role), roles=roles, expert_id=expert,
            )  # fmt: skip
    case = record(
        site, "337-TA-1500", "Certain Unmanned Aerial Vehicles", NAMED, is_ip=True,
        venue="v.us.itc", source="us_edis", codes={},
        text="Notice of institution of investigation: section 337, unmanned aerial vehicles.",
    )  # fmt: skip
    site.drain()
    with site.house.database.read() as session:
        named = session.scalars(select(Alert.id).where(Alert.case_id == uuid.UUID(case))).one()
    site.ids["alert_337"] = str(named)
    with open_world(site, "staff", "a", "checker", "sign", "expert", "beside") as opened:
        yield opened


def step(page: Page, name: str) -> None:
    """Press the button of a step."""
    form = page.locator(f"form:has(input[name=step][value={name}])").first
    box = page.locator("details", has=form)
    if box.count() and box.first.get_attribute("open") is None:
        box.first.locator("summary").first.click()
    form.locator("button[type=submit]").click()
    page.wait_for_load_state()


def ask(firm: Page) -> str:
    """Fill in what the case does not tell, add the paper, submit; returns the address of the matter."""
    firm.fill("#story", "收到美国国际贸易委员会的调查通知，贵司产品被列名。")
    firm.fill("#known_on", "2026-02-27")
    firm.fill("#question", "应当何时答复？是否应诉？")
    firm.fill("#contact_name", "李工")
    firm.fill("#contact_email", "legal@hailan.example.cn")
    firm.click("button[value=continue]")
    firm.wait_for_url("**/check**")
    firm.set_input_files("#file", {"name": "立案通知.pdf", "mimeType": "application/pdf", "buffer": PDF})
    firm.click("form[action$='/files'] button[type=submit]")
    expect(firm.locator("#files")).to_contain_text("立案通知.pdf")
    return submit(firm)


def submit(firm: Page) -> str:
    for consent in ("truth", "notice", "expert"):
        firm.check(f"#{consent}")
    firm.click("form[action$='/submit'] button[type=submit]")
    firm.wait_for_url(re.compile(r"/consultations/[0-9a-f-]{36}$"))
    return firm.url


def test_a_named_in_337_to_an_opinion_in_time_and_the_report_upward(
    browser: Browser, world: tuple[Site, str]
) -> None:
    site, address = world
    problems: list[str] = []
    firm, staff, checker, signer, expert, beside = (
        signed_in(browser, address, role) for role in ("a", "staff", "checker", "sign", "expert", "beside")
    )
    firm.goto(f"{address}/alerts")
    expect(firm.locator("main")).to_contain_text("337-TA-1500")
    firm.locator(f"main a[href='/alerts/{site.ids['alert_337']}']").first.click()
    firm.locator("a[href*='/consultations/new']").first.click()
    assert firm.input_value("#docket_number") == "337-TA-1500"
    assert "Acme Optics Inc." in firm.input_value("#opponents")
    firm.check("#scenario-section_337")
    matter = ask(firm)

    staff.goto(matter)
    step(staff, "accept")
    staff.goto(matter)
    offered = staff.locator("#expert")
    expect(offered).to_contain_text("专家one")
    expect(offered).not_to_contain_text("示例专家·乙")  # who has worked for the other side
    staff.locator("#expert .choice", has_text="专家one").locator("input").check()
    staff.locator("form:has(input[name=step][value=assign]) textarea[name=note]").fill("熟悉该类产品")
    step(staff, "assign")
    staff.goto(f"{matter}/beside")
    staff.locator("#expert .choice", has_text="专家walk-two").locator("input").check()
    staff.fill("#question", "请独立判断不侵权抗辩是否成立。")
    staff.fill("#note", "需要独立意见")
    staff.get_by_role("button", name="请其独立出具意见").click()
    expect(staff.locator("main")).to_contain_text("专家walk-two")
    problems += look_at(staff, "beside-staff")

    expert.goto(matter)
    expect(expert.locator("main")).not_to_contain_text("收到美国国际贸易委员会")
    step(expert, "declare")
    step(expert, "begin")
    expect(expert.locator("main")).to_contain_text("收到美国国际贸易委员会")
    beside.goto(matter)
    problems += look_at(beside, "beside-asked")
    beside.get_by_role("button", name="声明无利益冲突").click()
    beside.get_by_role("link", name="撰写您的意见").click()
    beside.fill("#opinion", "独立意见：云台结构与权利要求 1 不同，不侵权抗辩较强。")
    problems += look_at(beside, "beside-write")
    beside.fill("#opinion", "独立意见：云台结构与权利要求 1 不同，不侵权抗辩较强。")
    beside.get_by_role("button", name="保存并交卷").click()
    expect(beside.locator("main")).to_contain_text("已开封")

    # The firm and the leading expert write; the one who writes beside reads none of it.
    firm.goto(matter)
    problems += look_at(firm, "matter-messages")
    firm.fill("#text", "补充：产品样机照片见附件。")
    firm.set_input_files("#enclosures", {"name": "样机.pdf", "mimeType": "application/pdf", "buffer": PDF})
    firm.get_by_role("button", name="发送留言").click()
    expert.goto(matter)
    expect(expert.locator(".messages")).to_contain_text("样机.pdf")
    beside.goto(matter)
    expect(beside.locator("main")).not_to_contain_text("产品样机照片")

    expert.goto(f"{matter}/opinion")
    for section in SECTIONS:
        expert.fill(f"#{section}", f"意见（{section}）：供参考。")
    expert.get_by_label("专家walk-two").check()
    expert.click("button[value=save]")
    problems += look_at(expert, "opinion-edit-cites")
    expert.click("button[value=send]")
    expect(expert.locator("main")).to_contain_text("意见书待复核")
    checker.goto(matter)
    problems += look_at(checker, "opinion-to-review")
    checker.fill("#signed-pass_opinion", "张复核")
    step(checker, "pass_opinion")
    signer.goto(matter)
    signer.fill("#signed-issue", "李签发")
    step(signer, "issue")
    firm.goto(f"{matter}/opinion/1")
    for words in ("专家one", "张复核", "李签发", "专家walk-two"):
        expect(firm.locator("article")).to_contain_text(words)
    problems += look_at(firm, "opinion-signed")
    staff.goto(f"{address}/consultations/promises")
    expect(staff.locator("main")).not_to_contain_text("逾期未完成")

    report_upward(site, matter, firm, staff, checker, signer)
    assert not problems, "\n".join(problems)


def report_upward(site: Site, matter: str, firm: Page, staff: Page, checker: Page, signer: Page) -> None:
    """The report to the national centre with its manifest."""
    staff.goto(matter)
    staff.get_by_role("button", name="拟报送国家中心").click()
    report = staff.url.split("?")[0]
    staff.fill("#facts", "美国国际贸易委员会立案调查，涉及无人机云台。")
    staff.fill("#impact", "无人机产业；对同类产品出口有示范影响。")
    staff.fill("#measures", "已出具指导意见书。")
    staff.fill("#asked", "请协调同案企业联合应诉。")
    staff.get_by_label("立案通知.pdf").check()
    staff.get_by_role("button", name="保存报送件").click()
    firm.goto(matter)
    firm.get_by_role("button", name="同意报送").click()
    staff.goto(report)
    staff.get_by_role("button", name="送保密审查").click()
    checker.goto(report)
    for point in ("state", "personal", "business", "facts", "label"):
        checker.check(f"#check-{point}")
    checker.get_by_role("button", name="保密审查通过").click()
    signer.goto(report)
    signer.get_by_role("button", name="签发").click()
    staff.goto(report)
    assert verify_package(taken_out(staff)).files == 3


def test_c_refused_with_a_remedy_mended_sent_again_and_accepted(
    browser: Browser, world: tuple[Site, str]
) -> None:
    site, address = world
    problems: list[str] = []
    firm, staff = signed_in(browser, address, "a"), signed_in(browser, address, "staff")
    firm.goto(f"{address}/consultations/new")
    firm.check("#scenario-warning_letter")
    firm.select_option("#region", "DE")
    firm.fill("#opponents", "Muster GmbH")
    first = ask(firm)
    staff.goto(first)
    staff.get_by_text("不予受理，并说明理由").click()
    staff.check("#reason-untrue")
    step(staff, "reject")
    firm.goto(first)
    expect(firm.locator(".callout-bad")).to_contain_text("材料")
    problems += look_at(firm, "refused")
    firm.get_by_role("button", name="修改后重新提交").click()
    firm.wait_for_url("**/check**")
    for words in ("Muster GmbH", "收到美国国际贸易委员会", "立案通知.pdf"):
        expect(firm.locator("main")).to_contain_text(words)
    problems += look_at(firm, "sent-again-check")
    second = submit(firm)
    assert second != first
    staff.goto(second)
    expect(staff.locator("main")).to_contain_text("立案通知.pdf")
    step(staff, "accept")
    expect(staff.locator("main")).to_contain_text("已受理")
    firm.goto(first)
    expect(firm.locator("main")).to_contain_text("不予受理")
    clock = site.house.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(minutes=1))
    assert not problems, "\n".join(problems)
