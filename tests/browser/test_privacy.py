"""Privacy, walked in Chromium: consents given and taken back, one's own data, a deletion down to the last byte, a case study.

The pages are the real ones behind a real socket; the purge is the scheduler's own job.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from accounts.models import User
from accounts.service import create_user
from core.actor import Role, system_actor
from experts import consultations
from experts.attachments import add_file
from jobs import job_named, run_now
from tests.browser.looking import look_at
from tests.browser.open_world import open_world, signed_in
from tests.experts.matter import AGREED, ANSWERS
from tests.privacy.subject import PDF, traces, verified
from tests.web import studies
from tests.web.conftest import make_site
from tests.web.world import Site, address_of

pytestmark = pytest.mark.browser
WHO, NAME, PHONE = "ouyang-ruolin", "欧阳若琳", "13976540021"
TRACES = (NAME, "欧阳 若琳", PHONE, "139-7654-0021", address_of(WHO))


@dataclass
class World:
    """The site, its address, and the person's consultation."""

    site: Site
    address: str
    matter: str


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    site = make_site(tmp_path_factory.mktemp("privacy"))
    studies.furnish(site)
    firm = site.actor("a").firm_id
    for role, roles, of in ((WHO, [Role.FIRM_MEMBER], firm), ("sign", [Role.STAFF, Role.SIGNER], None)):
        with site.house.database.write() as session:
            _, site.passwords[role] = create_user(
                session, site.house.clock, system_actor("test", site.centre), email=address_of(role), roles=roles,
                firm_id=of,
            )  # fmt: skip
    told = {
        **ANSWERS, "contact_name": NAME, "contact_phone": PHONE, "contact_email": address_of(WHO),
        "story": f"{NAME}收到起诉状，请回电 139-7654-0021。",
    }  # fmt: skip
    with open_world(site, "staff", "a", "sign", WHO) as (opened, address):
        person, clock = site.actor(WHO), site.house.clock
        with site.house.database.write() as session:
            matter = consultations.begin_draft(session, clock, person, told)
            add_file(session, clock, person, site.house.vault, matter.id, f"{NAME}授权书.pdf", PDF)
            consultations.submit(session, clock, person, matter.id, seen_version=matter.version, **AGREED)
        site.drain()
        yield World(opened, address, f"{address}/consultations/{matter.id}")


def figures(staff: Page, address: str) -> list[str]:
    """What the pages with figures say."""
    said = []
    for path in ("/consultations/promises", "/experts/spread", "/consultations?state=withdrawn"):
        staff.goto(f"{address}{path}")
        said.append(staff.locator("main").inner_text())
    return said


def test_deletion_asked_confirmed_purged(browser: Browser, world: World, tmp_path: Path) -> None:
    site, address, problems = world.site, world.address, list[str]()
    person, staff = signed_in(browser, address, WHO), signed_in(browser, address, "staff")

    # Each consent by one button in one place; taking it back is the same button.
    person.goto(world.matter)
    problems += look_at(person, "consents")
    person.get_by_role("button", name="同意用作案例").click()
    expect(person.locator("#consent-case")).to_contain_text("已同意")
    person.get_by_role("button", name="撤回用作案例的同意").click()
    expect(person.locator("#consent-case")).to_contain_text("未同意")
    person.get_by_role("button", name="撤回转交专家的同意").click()
    expect(person.locator("#consent-expert")).to_contain_text("未同意")

    # Staff open the record and write of the person; the person reads that it was opened.
    staff.goto(world.matter)
    staff.fill("#text", f"已致电{NAME}（{PHONE}），稍后再联系。")
    staff.get_by_role("button", name="发送").first.click()
    person.goto(f"{address}/account")
    person.get_by_role("link", name="我的数据").click()
    expect(person.locator("#readings").locator("..")).to_contain_text("打开了咨询")
    expect(person.locator("main")).to_contain_text(NAME)
    problems += look_at(person, "own-data")
    with person.expect_download() as taken:
        person.get_by_role("button", name="下载我的数据").click()
    taken.value.save_as(tmp_path / "copy.zip")
    with zipfile.ZipFile(tmp_path / "copy.zip") as archive:
        assert NAME in archive.read("data.json").decode() and len(archive.namelist()) == 3
        assert NAME in archive.read("index.html").decode()

    # Asked for; while the matter runs it cannot be confirmed.
    person.get_by_text("删除什么、保留什么、何时完成").click()
    person.get_by_role("button", name="申请删除").click()
    expect(person.locator(".problem-summary")).to_contain_text("请确认您了解删除的内容")
    person.get_by_label("我知道账号会被关闭").check()
    person.get_by_role("button", name="申请删除").click()
    expect(person.locator("#requests").locator("..")).to_contain_text("待处理")
    problems += look_at(person, "own-data-asked")
    staff.goto(f"{address}/desk")
    staff.get_by_role("link", name="个人信息-2026-00001").click()
    expect(staff.locator("main")).to_contain_text("仍在办理")
    problems += look_at(staff, "privacy-request")
    person.goto(world.matter)
    person.locator("summary", has_text="撤回").first.click()
    person.get_by_role("button", name="撤回咨询").click()
    expect(person.locator("main")).to_contain_text("已撤回")

    before = figures(staff, address)
    staff.goto(f"{address}/privacy/requests")
    problems += look_at(staff, "privacy-requests")
    expect(staff.locator("main")).not_to_contain_text(address_of(WHO))
    staff.get_by_role("link", name="个人信息-2026-00001").click()
    staff.get_by_label("随下一次清除任务执行").check()
    staff.get_by_role("button", name="同意删除").click()
    expect(staff.locator(".case-meta")).to_contain_text("账号已停用")
    problems += look_at(staff, "privacy-confirmed")

    # The session has ended, and after the purge nothing tells who it was.
    person.goto(f"{address}/account/data")
    assert "/sign-in" in person.url
    assert len(traces(site.house, *TRACES)) >= 5
    run_now(site.house, job_named("privacy"))
    assert traces(site.house, *TRACES) == []
    assert verified(site.house).sealed > 0
    assert figures(staff, address) == before
    staff.goto(f"{address}/privacy/requests?state=all")
    staff.get_by_role("link", name="个人信息-2026-00001").click()
    expect(staff.locator(".case-meta")).to_contain_text("已删除")
    problems += look_at(staff, "privacy-purged")
    staff.goto(world.matter)
    expect(staff.locator("main")).to_contain_text("〔已删除〕")
    problems += look_at(staff, "consultation-purged")
    with site.house.database.read() as session:
        assert session.scalars(select(User.id).where(User.email == address_of(WHO))).all() == []
    assert problems == []


def test_a_case_study_is_told_and_withdrawn(browser: Browser, world: World) -> None:
    site, address, problems = world.site, world.address, list[str]()
    firm, staff, signer = (signed_in(browser, address, role) for role in ("a", "staff", "sign"))
    visitor = browser.new_context(locale="zh-CN").new_page()
    matter = f"{address}/consultations/{site.ids['study_matter']}"
    staff.goto(matter)
    staff.get_by_role("button", name="撰写案例").click()
    study = staff.url.split("?")[0]
    staff.fill("#title", "某无人机企业应对美国专利诉讼")
    for name in ("background", "course", "outcome", "lessons"):
        staff.fill(f"#{name}", "某企业在美国被诉，及时答辩后双方和解。")
    staff.fill("#course", "李工与 Acme Optics 谈判。")
    for box in staff.locator("#checked input").all():
        box.check()
    staff.get_by_role("button", name="保存草稿").click()
    problems += look_at(staff, "case-study-draft")
    staff.get_by_role("button", name="提交审签").click()
    expect(staff.locator(".problem-summary")).to_contain_text("Acme Optics Inc.")
    staff.fill("#course", "企业与对方谈判。")
    staff.get_by_role("button", name="保存草稿").click()
    staff.get_by_role("button", name="提交审签").click()
    visitor.goto(study)
    expect(visitor.locator("main")).not_to_contain_text("谈判")
    signer.goto(study)
    problems += look_at(signer, "case-study-review")
    signer.get_by_role("button", name="审签并公开").click()
    visitor.goto(f"{address}/case-studies")
    problems += look_at(visitor, "case-studies")
    visitor.goto(study)
    expect(visitor.locator("article")).to_contain_text("企业与对方谈判")
    problems += look_at(visitor, "case-study")
    firm.goto(matter)
    firm.get_by_role("button", name="撤回用作案例的同意").click()
    assert visitor.goto(study).status == 404  # type: ignore[union-attr]
    assert problems == []
