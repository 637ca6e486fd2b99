"""The life of an expert, walked in Chromium: applied → supplement → panel → objection during publicity → decided →
appointed → evaluated → exit; and the directory searched by a firm on a phone.

The pages are the real ones behind a real socket; time is the world's own clock, moved by the test, and what the
calendar brings about is brought about by the job.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.service import create_user
from core.actor import Role, system_actor
from core.clock import FixedClock
from experts.models import Expert
from jobs import appointing
from tests.browser.looking import SHOTS, look_at
from tests.browser.open_world import open_world, signed_in
from tests.experts.files import PDF
from tests.paper import fonts_of, text_of_pdf
from tests.web.conftest import make_site
from tests.web.world import PASSWORD, Site, address_of, change_password, sign_in

pytestmark = pytest.mark.browser
NAME = "林示例（虚构）"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    site = make_site(tmp_path_factory.mktemp("experts"))
    for role in ("one", "two", "three", "watch", "sign"):
        add_person(site, role, [Role.STAFF, Role.SIGNER] if role == "sign" else [Role.STAFF])
    with open_world(site, "staff", "a", "one", "two", "three", "watch", "sign") as opened:
        yield opened


def add_person(site: Site, role: str, roles: list[Role], expert: Expert | None = None) -> None:
    with site.house.database.write() as session:
        _, site.passwords[role] = create_user(
            session, site.house.clock, system_actor("test", site.centre), email=address_of(role),
            roles=roles, expert_id=expert.id if expert else None,
        )  # fmt: skip


def days_later(site: Site, days: int) -> None:
    """Let days pass, and the job of the calendar run."""
    clock = site.house.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(days=days))
    appointing(site.house)
    site.drain()


def enter(browser: Browser, address: str, role: str) -> Page:
    return signed_in(browser, address, role)


def test_the_life_of_an_expert(browser: Browser, world: tuple[Site, str], tmp_path: Path) -> None:
    site, address = world
    problems: list[str] = []
    people = {
        role: enter(browser, address, role) for role in ("staff", "one", "two", "three", "watch", "sign")
    }
    visitor = browser.new_context(locale="zh-CN").new_page()

    call = write_call(people["staff"], address)
    own = apply(visitor, call, tmp_path)
    desk = take_up(people["staff"], address)
    supplement(people["staff"], visitor, desk, own, tmp_path, problems)
    panel(people, desk, problems)
    published = object_in_public(people["staff"], visitor, address, desk, problems)
    days_later(site, 10)
    visitor.goto(published)
    expect(visitor.locator("main")).to_contain_text("没有公示")
    certificate = appoint(people["sign"], desk, visitor, address, problems)

    entry = people["staff"].goto(desk) and people["staff"].locator("dd a", has_text=NAME).get_attribute(
        "href"
    )
    assert entry
    with site.house.database.read() as session:
        expert = session.get(Expert, _id_in(entry))
    assert expert is not None
    add_person(site, "appointed", [Role.EXPERT], expert)
    client = site.visitor()
    sign_in(client, address_of("appointed"), site.passwords["appointed"])
    change_password(client, site.passwords["appointed"], PASSWORD)
    keep_entry(enter(browser, address, "appointed"), people["staff"], address, entry, problems)
    evaluate(people["staff"], address, entry, problems)
    leave(browser, address, visitor, certificate)
    assert not problems, "\n".join(problems)


def _id_in(path: str) -> object:
    import uuid

    return uuid.UUID(path.rsplit("/", 1)[1])


def write_call(staff: Page, address: str) -> str:
    staff.goto(f"{address}/calls")
    staff.get_by_role("link", name="拟征集公告").click()
    staff.fill("#title_zh", "海外知识产权纠纷应对指导专家征集（示例）")
    staff.fill("#text_zh", "面向国内外征集熟悉海外纠纷的专家。\n专家每年接受咨询，不得违规招揽案件。")
    staff.get_by_role("button", name="保存草稿").click()
    staff.get_by_role("button", name="发布征集公告").click()
    expect(staff.locator("main")).to_contain_text("征集中")
    return staff.url


def apply(visitor: Page, call: str, folder: Path) -> str:
    visitor.goto(call)
    visitor.get_by_role("button", name="开始申请").click()
    visitor.wait_for_url("**/apply/**")
    own = visitor.url.split("#")[0]
    # What is missing is said before anything is sent.
    visitor.fill("#name_zh", NAME)
    visitor.get_by_role("button", name="提交申请").click()
    expect(visitor.locator(".problem-summary")).to_contain_text("请填写工作单位")
    expect(visitor.locator("#name_zh")).to_have_value(NAME)
    visitor.goto(own)
    (folder / "id.pdf").write_bytes(PDF)
    for document in ("identity", "credential"):
        visitor.select_option("#document", document)
        visitor.set_input_files("#file", folder / "id.pdf")
        visitor.get_by_role("button", name="添加材料").click()
    expect(visitor.locator("#files-head")).to_contain_text("2")
    visitor.fill("#name_zh", NAME)
    visitor.fill("#name_en", "Lin Sample")
    visitor.select_option("#expert_class", "ec.litigator")
    for field, value in {
        "employer": "示例律师事务所", "title": "高级合伙人", "birth_year": "1979", "id_last4": "012x",
        "contact": "lin@example.org", "q0_title": "Texas bar", "q0_issuer": "State Bar of Texas",
        "q0_number": "TX-9", "cases_text": "得州东区专利诉讼两起；ITC 337 调查一起。", "hours": "80",
        "bio": "长期代理企业海外专利诉讼。",
    }.items():  # fmt: skip
        visitor.fill(f"#{field}", value)
    visitor.select_option("#q0_region", "US")
    for box in ("languages-en", "languages-zh", "dispute_types-dt\\.patent_infringement", "consent_truth",
                "consent_notice", "consent_promise"):  # fmt: skip
        visitor.check(f"#{box}")
    visitor.get_by_role("button", name="提交申请").click()
    expect(visitor.locator("main")).to_contain_text("已提交")
    return own


def take_up(staff: Page, address: str) -> str:
    staff.goto(f"{address}/applications")
    # Applicants' names are masked in the list.
    expect(staff.locator("main")).not_to_contain_text(NAME)
    row = staff.locator("tr", has_text="林*")
    row.get_by_role("link").first.click()
    staff.get_by_role("button", name="开始资格审查").click()
    return staff.url.split("#")[0]


def supplement(staff: Page, visitor: Page, desk: str, own: str, folder: Path, problems: list[str]) -> None:
    staff.get_by_text("要求补正", exact=True).first.click()
    staff.fill("textarea[name=note]", "请补充代表案例材料。")
    staff.get_by_role("button", name="要求补正").click()
    expect(staff.locator("aside")).to_contain_text("暂停的时限")
    visitor.goto(own)
    expect(visitor.locator("main")).to_contain_text("请补充代表案例材料。")
    problems += look_at(visitor, "expert-application-supplement")
    visitor.select_option("#document", "cases")
    visitor.set_input_files("#file", folder / "id.pdf")
    visitor.get_by_role("button", name="添加材料").click()
    visitor.fill("#note", "已补充代表案例。")
    visitor.get_by_role("button", name="提交补正").click()
    expect(visitor.locator("main")).to_contain_text("资格审查中")
    staff.goto(desk)


def panel(people: dict[str, Page], desk: str, problems: list[str]) -> None:
    staff = people["staff"]
    staff.goto(desk)
    for radio in staff.locator("input[type=radio][value=met]").all():
        radio.check()
    staff.get_by_role("button", name="保存审查结果").click()
    staff.get_by_role("button", name="资格审查通过").click()
    for role in ("one", "two", "three"):
        staff.get_by_label(address_of(role), exact=True).check()
    staff.select_option("#supervisor", label=address_of("one"))
    staff.get_by_role("button", name="确定评审组").click()
    expect(staff.locator(".problem-summary")).to_contain_text("监督人不能同时担任评委")
    for role in ("one", "two", "three"):
        staff.get_by_label(address_of(role), exact=True).check()
    staff.select_option("#supervisor", label=address_of("watch"))
    staff.get_by_role("button", name="确定评审组").click()
    for role in ("one", "two", "three"):
        reviewer = people[role]
        reviewer.goto(desk)
        for name, points in (
            ("qualification", 22),
            ("overseas", 26),
            ("expertise", 18),
            ("language", 9),
            ("time", 12),
        ):
            reviewer.fill(f"#{name}", str(points))
        reviewer.check("#is_free")
        if role == "one":
            reviewer.screenshot(path=SHOTS / "expert-marking.png", full_page=True)
        reviewer.get_by_role("button", name="提交评分").click()
        expect(reviewer.locator("main")).to_contain_text("您的评分为87分")
    staff.goto(desk)
    expect(staff.get_by_role("button", name="确认评审结果")).to_have_count(0)
    people["watch"].goto(desk)
    people["watch"].get_by_role("button", name="确认评审结果").click()
    expect(people["watch"].locator("main")).to_contain_text("公示中")


def object_in_public(staff: Page, visitor: Page, address: str, desk: str, problems: list[str]) -> str:
    visitor.goto(f"{address}/publicity")
    problems += look_at(visitor, "expert-publicity")
    visitor.get_by_role("link", name=NAME).click()
    published = visitor.url
    problems += look_at(visitor, "expert-published")
    assert "lin@example.org" not in visitor.content()
    visitor.fill("#name", "王某")
    visitor.fill("#contact", "13900000000")
    visitor.fill("#ground", "其执业证书疑为他人所有。")
    visitor.get_by_role("button", name="提交异议").click()
    expect(visitor.locator("main")).to_contain_text("异议处理中")
    assert "王某" not in visitor.content()
    staff.goto(desk)
    expect(staff.locator("section[aria-labelledby=objections]")).to_contain_text("王某")
    problems += look_at(staff, "expert-application-objection")
    staff.fill("#decision", "已向发证机构核实，证书属实。")
    staff.get_by_role("button", name="异议不成立").click()
    expect(staff.locator("main")).to_contain_text("公示中")
    return published


def appoint(signer: Page, desk: str, visitor: Page, address: str, problems: list[str]) -> str:
    signer.goto(desk)
    signer.get_by_role("button", name="签发聘书").click()
    signer.locator("dd a", has_text=NAME).click()
    signer.get_by_role("link", name=re.compile("聘书 聘字")).click()
    code = signer.locator("dd code").inner_text()
    visitor.goto(f"{address}/certificates")
    visitor.fill("#code", code.replace("-", " ").upper())
    visitor.get_by_role("button", name="核验").click()
    expect(visitor.locator("h2").first).to_contain_text("聘书真实有效")
    problems += look_at(visitor, "expert-certificate")
    for language in ("zh", "en"):
        paper = visitor.request.get(f"{visitor.url.split('?')[0]}/pdf?lang={language}")
        assert paper.status == 200
        content = paper.body()
        (SHOTS / f"expert-certificate-{language}.pdf").write_bytes(content)
        told, fonts = text_of_pdf(content), fonts_of(content)
        assert code in told
        assert "林示例" in told
        assert fonts, "a certificate without fonts"
        assert all(fonts.values()), f"not embedded: {fonts}"
    return visitor.url.split("?")[0]


def keep_entry(own: Page, staff: Page, address: str, entry: str, problems: list[str]) -> None:
    own.goto(f"{address}/expert/edit")
    problems += look_at(own, "expert-own-edit")
    own.fill("#bio", "长期代理企业海外专利诉讼，每月一次云课堂。")
    own.fill("#title", "主任")
    own.select_option("#see_bio", "members")
    own.get_by_role("button", name="保存资料").click()
    expect(own.locator("#changes")).to_contain_text("主任")
    staff.goto(address + entry)
    staff.get_by_role("button", name="同意变更").click()
    expect(staff.locator("main")).to_contain_text("主任")
    visitor = staff.context.browser.new_context(locale="zh-CN").new_page()  # type: ignore[union-attr]
    visitor.goto(address + entry)
    expect(visitor.locator("main")).to_contain_text("主任")
    assert "云课堂" not in visitor.content(), "members only"
    own.goto(f"{address}/expert/edit#interests")
    own.fill("#interest_name", "示例集团")
    own.get_by_role("button", name="申报").click()
    expect(own.locator("#interests")).to_contain_text("示例集团")
    visitor.reload()
    assert "示例集团" not in visitor.content(), "private"


def evaluate(staff: Page, address: str, entry: str, problems: list[str]) -> None:
    staff.goto(address + entry)
    staff.get_by_text("年度考核", exact=True).last.click()
    for name, points in (
        ("response", 23),
        ("quality", 30),
        ("satisfaction", 18),
        ("duty", 8),
        ("training", 9),
    ):
        staff.fill(f"#{name}", str(points))
    staff.get_by_role("button", name="提交考核").click()
    expect(staff.locator("#evaluations")).to_contain_text("88 / 100")


def leave(browser: Browser, address: str, visitor: Page, certificate: str) -> None:
    own = enter(browser, address, "appointed")
    own.goto(f"{address}/expert/edit")
    own.locator("summary", has_text="退出专家库").click()
    own.get_by_role("button", name="退出专家库").click()
    expect(own.locator("main")).to_contain_text("您已退出专家库")
    visitor.goto(f"{certificate}?lang=zh")
    expect(visitor.locator("h2").first).to_contain_text("聘期已结束")
    visitor.goto(f"{address}/experts?q=林示例")
    expect(visitor.locator("main")).not_to_contain_text(NAME)


def test_a_firm_searches_the_directory_on_a_phone(browser: Browser, world: tuple[Site, str]) -> None:
    _, address = world
    page = enter(browser, address, "a")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/experts")
    page.fill("#q", "Texas")
    page.keyboard.press("Enter")
    expect(page.locator("#found")).to_contain_text("1")
    page.locator(".facets summary").first.click()
    page.locator(".facets").get_by_role("link", name="美国").first.click()
    expect(page.locator(".case-title")).to_have_count(1)
    page.locator(".case-title a").click()
    expect(page.locator("h1")).to_contain_text("示例专家·甲")
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    page.screenshot(path=SHOTS / "expert-directory-phone.png", full_page=True)
    page.go_back()
    assert look_at(page, "expert-directory") == []
