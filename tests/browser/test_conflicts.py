"""Conflicts, walked in Chromium: a subsidiary of the other side bars one expert; another is held, cleared by a person
with a reason that stands in the record, and asked; the firm objects once and the centre decides; and both libraries
searched by a firm on a phone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from experts.models import Agency, Expert
from tests.browser.looking import SHOTS, look_at
from tests.browser.open_world import open_world, signed_in
from tests.experts.matter import add_expert
from tests.web.conftest import make_site
from tests.web.world import Site, address_of

pytestmark = pytest.mark.browser
BARRED, HELD, COLLEAGUE = "沈示例（虚构）", "顾示例（虚构）", "陆示例（虚构）"
REASON, SCREEN = "已核对登记号：与对方同名，不同法人。", "卷宗分开，不参与分成，由他人接待。"
NOT_HIM = "该专家与对方经理熟识。"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    site = make_site(tmp_path_factory.mktemp("conflicts"))
    now = site.house.clock.now()
    chambers: dict[str, Any] = {"employer": {"name": "Millbrook Chambers"}, "dispute_types": []}
    made: dict[str, dict[str, Any]] = {
        BARRED: {**chambers, "clients": [{"name": "Acme Optics (Suzhou) Co., Ltd.", "role": "client"}]},
        HELD: {"clients": [{"name": "Acme Opticals Trading GmbH", "role": "client"}]},
        COLLEAGUE: chambers,
    }
    for number, (name, facts) in enumerate(made.items()):
        expert_id = add_expert(site.house, f"conflict-{number}", **facts)
        with site.house.database.write() as session:
            session.get_one(Expert, expert_id).name_zh = name
        site.ids[name] = str(expert_id)
    with site.house.database.write() as session:
        for ref, name in (("ab", "示例机构·西"), ("ac", "示例机构·南")):
            session.add(
                Agency(
                    centre_id=site.centre, ref=ref, name_zh=name, agency_class="ag.law_foreign", verified=True,
                    languages=["en", "zh"], created_at=now, updated_at=now,
                )
            )  # fmt: skip
    with open_world(site, "staff", "a", "expert") as opened:
        yield opened


def test_who_is_barred_who_is_cleared_and_what_the_firm_says(
    browser: Browser, world: tuple[Site, str]
) -> None:
    site, address = world
    problems: list[str] = []
    staff, firm = signed_in(browser, address, "staff"), signed_in(browser, address, "a")
    matter = f"{address}/consultations/{site.ids['matter_accepted']}"

    barred_by_a_subsidiary(staff, matter, site, problems)
    held_and_cleared(staff, matter, site, problems)
    firm.goto(matter)
    expect(firm.locator("#cleared")).to_be_visible()
    expect(firm.locator("main")).not_to_contain_text(REASON)
    objected_once(firm, staff, matter, problems)
    assert problems == []


def barred_by_a_subsidiary(staff: Page, matter: str, site: Site, problems: list[str]) -> None:
    staff.goto(matter)
    assert staff.locator(f"#expert-{site.ids[BARRED]}").count() == 0
    staff.click("summary:has-text('其他专家未入选')")
    out = staff.locator("details[open] li", has_text=BARRED)
    expect(out).to_contain_text("Acme Optics (Suzhou) Co., Ltd.")
    problems += look_at(staff, "conflict-suggested")


def held_and_cleared(staff: Page, matter: str, site: Site, problems: list[str]) -> None:
    for name, screened in ((HELD, False), (COLLEAGUE, True)):
        staff.goto(matter)
        assert staff.locator(f"#expert-{site.ids[name]}").count() == 0
        held = staff.locator("ul.pieces > li", has_text=name).first
        held.locator("summary").click()
        held.locator("button").click()
        # Without a reason nothing is cleared, and the page says what is missing.
        expect(staff.locator(".problem-summary")).to_contain_text("请写明核查了什么")
        staff.fill("#reason", REASON)
        if screened:
            staff.fill("textarea[name=screen]:visible", SCREEN)
        staff.locator("details[open] button", has_text="排除").click()
        expect(staff.locator(f"#expert-{site.ids[name]}")).to_be_visible()
        expect(staff.locator("section[aria-labelledby=cleared]")).to_contain_text(REASON)
    expect(staff.locator("section[aria-labelledby=cleared]")).to_contain_text(SCREEN)
    expect(staff.locator("section[aria-labelledby=cleared]")).to_contain_text(address_of("staff"))
    problems += look_at(staff, "conflict-cleared")
    staff.check(f"#expert-{site.ids[HELD]}")
    staff.locator("form", has=staff.locator("#expert")).locator("textarea").fill("熟悉该法院。")
    staff.locator("form", has=staff.locator("#expert")).locator("button").click()
    asked = staff.locator("section[aria-labelledby=asked]")
    expect(asked).to_contain_text(HELD)
    expect(asked).to_contain_text("熟悉该法院。")
    staff.goto(staff.url.split("/consultations")[0] + f"/experts/{site.ids[HELD]}")
    expect(staff.locator("main")).to_contain_text(REASON)


def objected_once(firm: Page, staff: Page, matter: str, problems: list[str]) -> None:
    firm.goto(matter)
    firm.click("summary:has-text('申请该专家回避')")
    firm.fill("#objection", NOT_HIM)
    firm.click("button:has-text('提交异议')")
    expect(firm.locator("main")).to_contain_text("待中心决定")
    problems += look_at(firm, "conflict-objection-firm")
    staff.goto(matter)
    expect(staff.locator("section[aria-labelledby=objected]")).to_contain_text(NOT_HIM)
    problems += look_at(staff, "conflict-objection-staff")
    staff.fill("#answer", "理由成立，另行指派。")
    staff.click("button:has-text('支持，另行指派专家')")
    expect(staff.locator("section[aria-labelledby=objected]")).to_contain_text("成立")
    assert staff.locator("fieldset#expert label", has_text=HELD).count() == 0
    firm.goto(matter)
    expect(firm.locator("main")).to_contain_text("理由成立，另行指派。")
    # Once is once: there is no second form.
    assert firm.locator("#objection").count() == 0


def test_both_libraries_are_searched_by_a_firm_on_a_phone(browser: Browser, world: tuple[Site, str]) -> None:
    _, address = world
    problems: list[str] = []
    firm = signed_in(browser, address, "a")
    firm.set_viewport_size({"width": 390, "height": 844})
    for library, question, wanted in (("experts", "Texas", "示例专家"), ("agencies", "示例机构", "示例机构")):
        firm.goto(f"{address}/{library}")
        firm.fill("#q", question)
        firm.keyboard.press("Enter")
        firm.wait_for_url(f"**/{library}?*q=*")
        expect(firm.locator("main")).to_contain_text(wanted)
        wide = firm.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, library
        SHOTS.mkdir(parents=True, exist_ok=True)
        firm.screenshot(path=SHOTS / f"phone-{library}.png", full_page=True)
        problems += look_at(firm, f"conflict-directory-{library}")
        firm.set_viewport_size({"width": 390, "height": 844})
        firm.locator("main a", has_text=wanted).first.click()
        expect(firm.locator("h1")).to_contain_text(wanted)
    assert problems == []


def test_no_expert_reads_what_was_objected_or_cleared(browser: Browser, world: tuple[Site, str]) -> None:
    site, address = world
    expert = signed_in(browser, address, "expert")
    answer = expert.goto(f"{address}/consultations/{site.ids['matter_accepted']}")
    assert answer is not None and answer.status == 404
