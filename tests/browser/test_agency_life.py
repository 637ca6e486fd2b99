"""The life of an agency, walked in Chromium: applied → supplement → verified → marked → publicity with an objection →
listed → shown among at least three to a firm → complaint → reply → decided → delisted; and the resource directory.

The pages are the real ones behind a real socket; time is the world's own clock, moved by the test, and what the
calendar brings about is brought about by the job.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.service import create_user
from core.actor import Role, system_actor
from core.clock import FixedClock
from experts.importing import import_agencies
from jobs import agencies, resources
from tests.browser.looking import look_at
from tests.browser.open_world import open_world, signed_in
from tests.web.conftest import make_site
from tests.web.world import Site, address_of

pytestmark = pytest.mark.browser
NAME = "林示例律师事务所（虚构）"
OTHERS = """
{"id": "ab", "name": "示例机构·南", "class": "ag.law_foreign", "verified": true, "offices": [{"region": "US"}], "languages": ["en", "zh"], "dispute_types": ["dt.patent_infringement"]}
{"id": "ac", "name": "示例机构·北", "class": "ag.patent", "verified": true, "offices": [{"region": "JP"}], "languages": ["ja", "zh"]}
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    site = make_site(tmp_path_factory.mktemp("agencies"))
    for role in ("one", "two", "three", "sign"):
        roles = [Role.STAFF, Role.SIGNER] if role == "sign" else [Role.STAFF]
        with site.house.database.write() as session:
            _, site.passwords[role] = create_user(
                session,
                site.house.clock,
                system_actor("test", site.centre),
                email=address_of(role),
                roles=roles,
            )
    staff = system_actor("test", site.centre)
    import_agencies(site.house.database, site.house.clock, staff, "a.jsonl", OTHERS.encode())
    with open_world(site, "staff", "a", "one", "two", "three", "sign") as opened:
        yield opened


def days_later(site: Site, days: int) -> None:
    """Let days pass, and the job of the calendar run."""
    clock = site.house.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(days=days))
    agencies(site.house)
    site.drain()


def test_the_life_of_an_agency(browser: Browser, world: tuple[Site, str]) -> None:
    site, address = world
    problems: list[str] = []
    people = {
        role: signed_in(browser, address, role) for role in ("staff", "a", "one", "two", "three", "sign")
    }
    own = browser.new_context(locale="zh-CN").new_page()
    visitor = browser.new_context(locale="zh-CN").new_page()

    link = apply(own, address, problems)
    desk = check(people["staff"], own, link, address)
    mark(people, desk, problems)
    object_in_public(people["staff"], visitor, address, desk)
    days_later(site, 15)
    admit(people["sign"], desk)
    entry = shown_among_three(people["a"], visitor, address, problems)
    complaint = complain(people["a"], people["staff"], entry, address)
    reply(own, link, complaint)
    delist(people, entry, complaint, problems)
    gone(own, link, visitor, address)
    assert not problems, "\n".join(problems)


def apply(own: Page, address: str, problems: list[str]) -> str:
    own.goto(f"{address}/agencies/admission")
    own.get_by_role("button", name="开始申请").click()
    own.wait_for_url("**/agency/**")
    link = own.url.split("?")[0]
    # What is missing is said, and what was typed is kept.
    own.fill("#name_zh", NAME)
    own.get_by_role("button", name="提交申请").click()
    expect(own.locator(".problem-summary")).to_contain_text("请写明收费")
    expect(own.locator("#name_zh")).to_have_value(NAME)
    own.goto(link)
    own.select_option("#agency_class", "ag.law_foreign")
    own.select_option("#office0_region", "US")
    for field, value in {
        "name_en": "Lin Sample LLP (invented)", "registration": "TX-SAMPLE-1", "licence": "Texas bar 000",
        "matters": "得州东区专利诉讼两起；337 调查一起。", "team": "律师八人，五人在得州执业。", "discipline": "无",
        "fee_from": "300", "fee_to": "800", "fee_note": "按小时计费", "contact": "lin@example.org",
        "office0_address": "Austin", "pro_bono": "每年两次公益咨询。",
    }.items():  # fmt: skip
        own.fill(f"#{field}", value)
    for box in ("languages-zh", "languages-en", "dispute_types-dt\\.patent_infringement", "consent_truth",
                "consent_notice", "consent_promise", "first_free"):  # fmt: skip
        own.check(f"#{box}")
    own.get_by_role("button", name="仅保存").click()
    own.goto(link)
    problems += look_at(own, "agency-own-draft")
    own.get_by_role("button", name="提交申请").click()
    expect(own.locator(".stages [aria-current]")).to_have_text("已提交")
    return link


def check(staff: Page, own: Page, link: str, address: str) -> str:
    staff.goto(f"{address}/desk")
    staff.get_by_role("link", name="机构-2026-00001").click()
    desk = staff.url
    staff.get_by_role("button", name="开始形式审查").click()
    staff.get_by_text("要求补正").first.click()
    staff.locator("main details[open] textarea").fill("请补充责任保险。")
    staff.locator("main details[open] button").click()
    own.goto(link)
    expect(own.locator("main")).to_contain_text("请补充责任保险")
    own.fill("#insurance", "职业责任险 500 万美元")
    own.get_by_role("button", name="提交补正").click()
    staff.goto(desk)
    for item in ("registered", "licensed", "clean", "matters", "languages", "fees", "promises"):
        staff.check(f"#{item}-met")
    for item in ("registered", "licensed", "clean", "matters", "languages", "fees", "promises"):
        staff.check(f"#{item}-met")
    staff.get_by_role("button", name="保存审查结果").click()
    staff.get_by_role("button", name="形式审查通过，转核验").click()
    staff.select_option("#how", "register")
    staff.fill("#found", "得州律师公会名录可查。")
    staff.get_by_role("button", name="保存核验结果").click()
    staff.get_by_role("button", name="核验通过，转评分").click()
    return desk


def mark(people: dict[str, Page], desk: str, problems: list[str]) -> None:
    for role in ("one", "two", "three"):
        marker = people[role]
        marker.goto(desk)
        for criterion, points in (
            ("standing", "18"), ("record", "25"), ("reach", "12"), ("fees", "10"), ("reputation", "13"), ("public", "8"),
        ):  # fmt: skip
            marker.fill(f"#mark_{criterion}", points)
        marker.check("#is_free")
        marker.get_by_role("button", name="保存我的评分").click()
    people["one"].goto(desk)
    problems += look_at(people["one"], "agency-marks")
    staff = people["staff"]
    staff.goto(desk)
    expect(staff.locator("main")).to_contain_text("平均 86.0 分")
    staff.get_by_role("button", name="确认评分，公示").click()
    expect(staff.locator(".stages [aria-current]")).to_have_text("公示")


def object_in_public(staff: Page, visitor: Page, address: str, desk: str) -> None:
    visitor.goto(f"{address}/agencies/publicity")
    visitor.get_by_role("link", name=NAME).click()
    visitor.get_by_role("button", name="提交异议").click()
    expect(visitor.locator(".problem-summary")).to_contain_text("请填写姓名")
    visitor.fill("#ground", "所列 337 案件并非其代理。")
    visitor.fill("#name", "某人")
    visitor.fill("#contact", "13800000000")
    visitor.get_by_role("button", name="提交异议").click()
    expect(visitor.locator("main")).to_contain_text("异议已收到")
    staff.goto(desk)
    staff.get_by_label("不成立：继续公示").check()
    staff.locator("textarea[name=decision]").fill("经查案卷，代理属实。")
    staff.get_by_role("button", name="作出异议决定").click()
    expect(staff.locator(".stages [aria-current]")).to_have_text("公示")


def admit(signer: Page, desk: str) -> None:
    signer.goto(desk)
    signer.get_by_role("button", name="签发入库").click()
    expect(signer.locator(".stages [aria-current]")).to_have_text("已入库")


def shown_among_three(firm: Page, visitor: Page, address: str, problems: list[str]) -> str:
    firm.goto(f"{address}/agencies?region=US&q=Lin")
    # One fits; two more stand beside it, marked, so that there is a choice.
    expect(firm.locator("#found")).to_have_text("1 家机构")
    expect(firm.locator(".case-row")).to_have_count(3)
    expect(firm.locator("main")).to_contain_text("完全符合的不足三家")
    problems += look_at(firm, "agency-list")
    visitor.goto(f"{address}/agencies")
    expect(visitor.locator(".case-row")).to_have_count(4)
    expect(visitor.locator("main")).to_contain_text("入库不代表中心推荐")
    firm.get_by_role("link", name=NAME).click()
    expect(firm.locator("#others + .names li")).to_have_count(2)
    problems += look_at(firm, "agency-entry")
    return firm.url.split("?")[0]


def complain(firm: Page, staff: Page, entry: str, address: str) -> str:
    firm.goto(entry)
    firm.get_by_role("link", name="投诉该机构").click()
    firm.select_option("#ground", "fees")
    firm.fill("#text", "实际收费每小时 1500 美元，高于公示上限，附发票两张。")
    firm.fill("#contact", "ip@hailan.example")
    firm.get_by_role("button", name="提交投诉").click()
    complaint = firm.url.split("?")[0]
    expect(firm.locator("main")).to_contain_text("投诉-2026-00001")
    staff.goto(f"{address}/agencies/affairs?kind=complaints")
    staff.get_by_role("link", name="投诉-2026-00001").click()
    expect(staff.locator("main")).to_contain_text("ip@hailan.example")
    staff.get_by_role("button", name="受理，请机构答复").click()
    return complaint


def reply(own: Page, link: str, complaint: str) -> None:
    own.goto(link)
    own.get_by_role("link", name="投诉-2026-00001").click()
    expect(own.locator("main")).to_contain_text("1500 美元")
    expect(own.locator("main")).not_to_contain_text("海岚")
    expect(own.locator("main")).not_to_contain_text("hailan")
    own.fill("#reply", "系加急费用，未另行告知。")
    own.get_by_role("button", name="提交答复").click()
    expect(own.locator("main")).to_contain_text("系加急费用")


def delist(people: dict[str, Page], entry: str, complaint: str, problems: list[str]) -> None:
    staff, signer, firm = people["staff"], people["sign"], people["a"]
    staff.goto(complaint)
    expect(staff.locator("main")).to_contain_text("系加急费用")
    expect(staff.get_by_role("button", name="成立，予以除名")).to_have_count(0)
    signer.goto(complaint)
    problems += look_at(signer, "agency-complaint")
    signer.get_by_text("最重处理：移出机构库").click()
    signer.get_by_role("button", name="成立，予以除名").click()
    expect(signer.locator(".problem-summary")).to_contain_text("请写明决定及理由")
    signer.fill("#words", "擅自收费且未如实告知，违反入库承诺，予以除名。")
    signer.get_by_text("最重处理：移出机构库").click()
    signer.get_by_role("button", name="成立，予以除名").click()
    expect(signer.locator(".case-meta")).to_contain_text("成立：除名")
    firm.goto(complaint)
    expect(firm.locator("main")).to_contain_text("违反入库承诺")
    assert firm.goto(entry).status == 404  # type: ignore[union-attr]
    signer.goto(entry)


def gone(own: Page, link: str, visitor: Page, address: str) -> None:
    own.goto(link)
    expect(own.locator(".case-meta")).to_contain_text("已除名")
    visitor.goto(f"{address}/agencies")
    expect(visitor.locator("main")).not_to_contain_text(NAME)
    expect(visitor.locator(".case-row")).to_have_count(3)
    # Whoever was delisted is told from when it may apply again.
    visitor.goto(f"{address}/agencies/admission")
    visitor.get_by_role("button", name="开始申请").click()
    visitor.wait_for_url("**/agency/**")
    visitor.fill("#name_zh", NAME)
    visitor.select_option("#agency_class", "ag.law_foreign")
    visitor.select_option("#office0_region", "US")
    for field, value in {
        "registration": "TX-SAMPLE-1", "matters": "三起。", "team": "八人。", "discipline": "无",
        "fee_cap": "9000", "contact": "lin@example.org",
    }.items():  # fmt: skip
        visitor.fill(f"#{field}", value)
    for box in ("languages-zh", "languages-en", "dispute_types-dt\\.patent_infringement", "consent_truth",
                "consent_notice", "consent_promise"):  # fmt: skip
        visitor.check(f"#{box}")
    visitor.get_by_role("button", name="提交申请").click()
    expect(visitor.locator(".problem-summary")).to_contain_text("曾被除名")


def test_the_resource_directory(browser: Browser, world: tuple[Site, str]) -> None:
    site, address = world
    resources(site.house)
    problems: list[str] = []
    firm, staff = signed_in(browser, address, "a"), signed_in(browser, address, "staff")
    firm.goto(f"{address}/resources?kind=customs")
    expect(firm.locator(".case-row")).to_have_count(4)
    firm.get_by_role("link", name="中华人民共和国海关总署").click()
    expect(firm.locator("main")).to_contain_text("12360")
    expect(firm.locator("main")).to_contain_text("待复核")
    staff.goto(f"{address}/resources")
    problems += look_at(staff, "resource-list")
    staff.get_by_role("link", name="条待复核").click()
    staff.get_by_role("link", name="中华人民共和国海关总署").click()
    staff.get_by_role("link", name="编辑").click()
    staff.fill("#source", "javascript:alert(1)")
    staff.get_by_role("button", name="保存").click()
    expect(staff.locator(".problem-summary")).to_be_visible()
    staff.fill("#source", "http://www.customs.gov.cn/")
    staff.get_by_role("button", name="保存").click()
    expect(staff.locator("main")).not_to_contain_text("待复核")
    assert not problems, "\n".join(problems)
