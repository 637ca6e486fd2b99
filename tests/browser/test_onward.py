"""What leads on from a consultation, walked in Chromium: a report upward with its manifest, and a mediation with a wall
between the caucuses.

The pages are the real ones behind a real socket; time is the world's own clock, moved by the test.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.service import create_user
from core.actor import Role, system_actor
from core.clock import FixedClock
from experts.onward.package import verify_package
from jobs import resources
from tests.browser.looking import SHOTS, look_at
from tests.browser.open_world import open_world, signed_in
from tests.web.conftest import make_site
from tests.web.world import Site, address_of

pytestmark = pytest.mark.browser
SECRETS = {
    "firm": "我方底线：许可费不超过八十万元。",
    "other": "Our floor is two million dollars.",
    "joint": "双方确认许可范围。",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    site = make_site(tmp_path_factory.mktemp("onward"))
    for role in ("checker", "sign", "aide"):
        roles = [Role.STAFF, Role.SIGNER] if role == "sign" else [Role.STAFF]
        with site.house.database.write() as session:
            _, site.passwords[role] = create_user(
                session, site.house.clock, system_actor("test", site.centre), email=address_of(role), roles=roles
            )  # fmt: skip
    resources(site.house)
    with open_world(site, "staff", "a", "checker", "sign", "aide", "expert") as opened:
        yield opened


def matter(site: Site, address: str) -> str:
    return f"{address}/consultations/{site.ids['matter']}"


def test_a_report_goes_up_with_its_manifest(browser: Browser, world: tuple[Site, str]) -> None:
    site, address = world
    problems: list[str] = []
    staff, firm, checker, signer = (
        signed_in(browser, address, role) for role in ("staff", "a", "checker", "sign")
    )
    staff.goto(matter(site, address))
    staff.get_by_role("button", name="拟报送国家中心").click()
    report = staff.url.split("?")[0]
    staff.fill("#facts", "美国得州东区法院受理一件专利侵权诉讼，涉及无人机云台，已送达起诉状。")
    staff.fill("#impact", "无人机产业；年出口额约两千万元；从业人员约三百人；对同类产品出口有示范影响。")
    staff.fill("#measures", "已指派专家指导，提示答辩期限。")
    staff.fill("#asked", "请协调提供同一原告的历史诉讼情况。")
    staff.get_by_label("letter.pdf").check()
    staff.get_by_role("button", name="保存报送件").click()
    problems += look_at(staff, "report-draft")
    staff.get_by_role("button", name="送保密审查").click()
    expect(staff.locator(".problem-summary")).to_contain_text("企业尚未同意报送")

    firm.goto(matter(site, address))
    problems += look_at(firm, "onward-firm")
    firm.get_by_role("button", name="同意报送").click()
    expect(firm.locator("#consent-upward")).to_contain_text("已同意")

    staff.goto(report)
    staff.get_by_role("button", name="送保密审查").click()
    expect(staff.locator("main")).to_contain_text("您参与了撰写：由他人审查和签发")
    checker.goto(report)
    checker.get_by_role("button", name="保密审查通过").click()
    expect(checker.locator(".problem-summary")).to_contain_text("请逐项确认")
    for point in ("state", "personal", "business", "facts", "label"):
        checker.check(f"#check-{point}")
    checker.get_by_role("button", name="保密审查通过").click()
    expect(checker.locator("main")).to_contain_text("由有签发权的人员签发")
    signer.goto(report)
    signer.get_by_role("button", name="签发").click()
    staff.goto(report)
    content = taken_out(staff)
    assert verify_package(content).files == 3
    problems += look_at(staff, "report-signed")

    # Somebody abroad: the caution stands before the package.
    staff.get_by_text("提供给境外人员").click()
    staff.fill("#recipient", "Smith & Partners LLP")
    staff.select_option("#region", "US")
    staff.get_by_role("button", name="前往出境提示").click()
    expect(staff.locator("h1")).to_have_text("材料出境前")
    problems += look_at(staff, "caution")
    staff.get_by_role("button", name="已阅读并逐项确认").click()
    expect(staff.locator(".problem-summary")).to_contain_text("请逐项确认")
    for point in ("order801", "data", "personal"):
        staff.check(f"#confirm-{point}")
    staff.fill("#note", "仅含公开裁判信息，已核对。")
    with staff.expect_download() as download:
        staff.get_by_role("button", name="已阅读并逐项确认").click()
    assert Path(download.value.path()).read_bytes() == content, "the same bytes for whoever gets it"

    staff.goto(report)
    expect(staff.locator("main")).to_contain_text("Smith & Partners LLP")
    staff.fill("#channel", "机要交换")
    staff.get_by_role("button", name="登记报送").click()
    for button, words in (
        ("登记回执", "回执〔2026〕3 号"), ("登记指导意见", "建议联合应诉。"), ("反馈企业", "国家中心建议与同案企业联合应诉。"),
    ):  # fmt: skip
        box = staff.locator("details", has=staff.locator("summary", has_text=button))
        if box.get_attribute("open") is None:
            box.locator("summary").click()
        box.locator("textarea").fill(words)
        box.locator("button").click()
    staff.get_by_role("button", name="办结").click()
    firm.goto(report)
    expect(firm.locator("main")).to_contain_text("国家中心建议与同案企业联合应诉。")
    expect(firm.locator("main")).not_to_contain_text("机要交换")
    assert not problems, "\n".join(problems)


def taken_out(page: Page) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("link", name="导出报送包").click()
    content = Path(download.value.path()).read_bytes()
    SHOTS.mkdir(parents=True, exist_ok=True)
    (SHOTS / "escalation.zip").write_bytes(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        shown = page.locator("pre.excerpt").inner_text()
        for line in shown.strip().splitlines():
            sha256, name = line.split("  ", 1)
            assert hashlib.sha256(archive.read(name)).hexdigest() == sha256
    return content


def test_departments_are_asked_and_reply(browser: Browser, world: tuple[Site, str]) -> None:
    site, address = world
    problems: list[str] = []
    staff = signed_in(browser, address, "staff")
    department = browser.new_context(locale="zh-CN").new_page()
    staff.goto(matter(site, address))
    staff.get_by_role("button", name="商请多部门协助").click()
    task = staff.url.split("?")[0]
    staff.fill("#title", "商请协助核实出口与扣留情况")
    staff.fill("#question", "请核实某无人机企业近三年对美出口额，以及是否有口岸扣留记录。")
    staff.get_by_label("部门 1", exact=True).fill("市商务局")
    staff.get_by_label("部门 2", exact=True).fill("海关")
    staff.get_by_role("button", name="保存任务").click()
    problems += look_at(staff, "joint-draft")
    staff.get_by_role("button", name="发送各部门").click()
    links = staff.locator("main code").all_inner_texts()
    assert len(links) == 2
    department.goto(links[0])
    problems += look_at(department, "joint-seat")
    department.get_by_role("button", name="提交答复").click()
    expect(department.locator(".problem-summary")).to_be_visible()
    department.fill("#reply", "近三年出口额约六千万元。")
    department.get_by_role("button", name="提交答复").click()
    expect(department.locator("main")).to_contain_text("目前无需您答复")
    staff.goto(task)
    staff.locator("summary", has_text="登记其答复").click()
    staff.locator("details[open] textarea").fill("海关来电：无扣留记录。")
    staff.get_by_role("button", name="写下来").or_(
        staff.get_by_role("button", name="登记", exact=True)
    ).first.click()
    expect(staff.locator(".case-meta")).to_contain_text("答复已齐")
    problems += look_at(staff, "joint-answered")
    staff.fill("#words-conclude", "出口额大、无扣留，列入重点指导。")
    staff.get_by_role("button", name="形成结论").click()
    expect(staff.locator("main")).to_contain_text("列入重点指导")
    assert department.goto(links[0]).status == 404  # type: ignore[union-attr]
    assert not problems, "\n".join(problems)


def test_a_mediation_with_a_wall_between_the_caucuses(browser: Browser, world: tuple[Site, str]) -> None:
    site, address = world
    problems: list[str] = []
    staff, firm, signer, aide, expert = (
        signed_in(browser, address, role) for role in ("staff", "a", "sign", "aide", "expert")
    )
    other = browser.new_context(locale="en-GB").new_page()
    neutral = browser.new_context(locale="zh-CN").new_page()

    referral = refer(firm, staff, matter(site, address), problems)
    staff.goto(referral)
    staff.get_by_label("机构的答复").fill("同意受理。")
    staff.get_by_role("button", name="接收", exact=True).click()
    mediation = staff.url.split("?")[0]
    seat_other = ask_other(staff, other, problems)
    seat_neutral = propose(staff, neutral, mediation, problems)

    clock = site.house.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(days=10))
    staff.goto(mediation)
    staff.get_by_role("button", name="开始程序").click()
    talk(firm, other, neutral, mediation, seat_other, seat_neutral)
    for page, name in ((firm, "mediation-firm"), (staff, "mediation-staff")):
        page.goto(mediation)
        problems += look_at(page, name)
    for page, seat, name in ((other, seat_other, "seat-other"), (neutral, seat_neutral, "seat-neutral")):
        page.goto(seat)
        problems += look_at(page, name)

    reads(firm, mediation, {"firm", "joint"})
    reads(other, seat_other, {"other", "joint"})
    reads(neutral, seat_neutral, set(SECRETS))
    for page in (staff, signer, aide):
        reads(page, mediation, set())
    assert expert.goto(mediation).status == 404  # type: ignore[union-attr]

    signer.goto(mediation)
    signer.get_by_text("准许人员进入", exact=True).click()
    signer.select_option("#user", label="aide@example.org")
    signer.select_option("#room", "firm")
    signer.fill("#reason", "为企业一方传译。")
    signer.get_by_role("button", name="准许进入").click()
    reads(aide, mediation, {"firm", "joint"})
    reads(staff, mediation, set())
    other.goto(seat_other)
    expect(other.locator("main")).to_contain_text("为企业一方传译。")

    neutral.goto(seat_neutral)
    neutral.locator("summary", has_text="记录和解").click()
    neutral.fill("#words-settle", "许可费一百万元，分三年支付。")
    neutral.get_by_role("button", name="记录和解").click()
    staff.goto(mediation)
    expect(staff.locator(".case-meta")).to_contain_text("达成和解")
    expect(staff.locator("main")).not_to_contain_text("许可费一百万元")
    firm.goto(mediation)
    expect(firm.locator("main")).to_contain_text("许可费一百万元")
    firm.goto(referral)
    expect(firm.locator(".sheet-accent")).to_contain_text("和解")
    staff.goto(f"{address}/onward?kind=mediations")
    problems += look_at(staff, "onward-list")
    assert not problems, "\n".join(problems)


def refer(firm: Page, staff: Page, matter_page: str, problems: list[str]) -> str:
    firm.goto(matter_page)
    firm.get_by_text("申请转介").click()
    firm.get_by_label("调解", exact=False).first.check()
    firm.get_by_role("button", name="向中心提出申请").click()
    referral = firm.url.split("?")[0]
    staff.goto(referral)
    staff.get_by_role("button", name="着手准备").click()
    staff.fill("#dispute", "专利许可费与停止侵权。")
    for key in ("firm", "forum", "opponents"):
        staff.check(f"#passes-{key}")
    staff.locator("#institutions > .choice", has_text="中国").first.get_by_role("checkbox").check()
    staff.get_by_role("button", name="保存", exact=True).click()
    problems += look_at(staff, "referral-prepared")
    staff.get_by_role("button", name="请企业确认").click()
    firm.goto(matter_page)
    expect(firm.locator("#messages ~ .messages")).to_contain_text("需要企业确认")
    firm.goto(referral)
    problems += look_at(firm, "referral-firm")
    firm.get_by_role("button", name="同意转介").click()
    staff.goto(referral)
    staff.get_by_role("button", name="转介机构").click()
    return referral


def ask_other(staff: Page, other: Page, problems: list[str]) -> str:
    staff.select_option("#region", "US")
    staff.get_by_role("button", name="征求对方同意").click()
    expect(staff.locator(".problem-summary")).to_contain_text("位于境外")
    mediation = staff.url.removesuffix("/other")
    staff.get_by_role("link", name="阅读并确认材料出境提示").click()
    for point in ("order801", "data", "personal"):
        staff.check(f"#confirm-{point}")
    staff.fill("#note", "邀请函只含案号与程序说明。")
    staff.get_by_role("button", name="已阅读并逐项确认").click()
    assert staff.url.split("?")[0] == mediation
    staff.select_option("#region", "US")
    staff.get_by_role("button", name="征求对方同意").click()
    seat = staff.locator("main code").inner_text()
    other.goto(seat)
    other.goto(f"{seat}?lang=en")
    other.get_by_role("button", name="Agree to take part").click()
    return seat


def propose(staff: Page, neutral: Page, mediation: str, problems: list[str]) -> str:
    staff.goto(mediation)
    staff.fill("#name", "周示例（虚构）")
    staff.fill("#institution", "示例调解中心")
    staff.select_option("#region", "CN")
    staff.get_by_role("button", name="提名人选").click()
    seat = staff.locator("main code").inner_text()
    neutral.goto(seat)
    expect(neutral.locator("main")).not_to_contain_text("双方共同")
    problems += look_at(neutral, "seat-neutral-declares")
    neutral.fill("#disclosed", "五年前曾在对方律师所在学校任教。")
    neutral.get_by_role("button", name="本人声明：无利益冲突").click()
    staff.goto(mediation)
    staff.get_by_role("button", name="开始程序").click()
    expect(staff.locator(".problem-summary")).to_contain_text("双方可在")
    return seat


def talk(firm: Page, other: Page, neutral: Page, mediation: str, seat_other: str, seat_neutral: str) -> None:
    firm.goto(mediation)
    firm.fill("#say-firm", SECRETS["firm"])
    firm.locator("#room-firm ~ form button").click()
    other.goto(seat_other)
    other.fill("#say-other", SECRETS["other"])
    other.locator("#room-other ~ form button").click()
    neutral.goto(seat_neutral)
    neutral.fill("#say-joint", SECRETS["joint"])
    neutral.locator("#room-joint ~ form button").click()


def reads(page: Page, address: str, rooms: set[str]) -> None:
    """Of what was said, the page holds exactly the words of ``rooms``; looked for in all that was sent, not what is seen."""
    page.goto(address)
    sent = page.content()
    assert {room for room, words in SECRETS.items() if words in sent} == rooms
