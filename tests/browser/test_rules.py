"""A rule edited, seen over the stored cases, approved by a second person, told to them, and rolled back, as people see it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.service import create_user
from cases.facts import RawParty
from core.actor import Role, system_actor
from tests.browser.looking import look_at
from tests.browser.open_world import open_world, signed_in
from tests.factories import raw_case
from tests.factories import record as record_case
from tests.warning.rule_world import RULE, WORD, tagged
from tests.web.conftest import make_site
from tests.web.world import Site, address_of

pytestmark = pytest.mark.browser
#: a loaded machine runs a rule's examples for some time
PATIENCE = 30_000


@pytest.fixture
def open_site(tmp_path: Path) -> Iterator[tuple[Site, str]]:
    """The world of the page tests, three cases with a word no rule knows, and a second member of staff."""
    site = make_site(tmp_path / "home")
    parties = (RawParty("Acme Optics Inc.", "plaintiff"), RawParty("Nobody We Know LLC", "defendant"))
    for number in range(3):
        text = f"Complaint for patent infringement. The accused product is a {WORD} of the second kind."
        record_case(site.house, raw_case(f"2:26-cv-8{number:04d}", text=text, parties=parties))
    site.drain()
    with site.house.database.write() as session:
        user, password = create_user(
            session,
            site.house.clock,
            system_actor("test", site.centre),
            email=address_of("second"),
            roles=[Role.STAFF],
        )
        assert user.email
    site.passwords["second"] = password
    with open_world(site, "staff", "second") as served:
        yield served


def wait_for_retag(page: Page, site: Site) -> None:
    """Until the stored cases are told, and the index with them."""
    for _ in range(300):
        page.reload()
        if page.locator("#retag").get_by_text("完成", exact=True).count():
            break
        time.sleep(0.1)
    expect(page.locator("#retag")).to_contain_text("完成")
    site.drain()


def look_at_what_it_would_change(page: Page) -> None:
    page.get_by_role("button", name="比对影响").click()
    for _ in range(300):
        if page.locator(".preview-sum").count():
            break
        time.sleep(0.1)
        page.reload()


def test_a_rule_is_edited_approved_told_and_rolled_back(
    browser: Browser, open_site: tuple[Site, str]
) -> None:
    site, address = open_site
    page = signed_in(browser, address, "staff")
    page.goto(f"{address}/rules?kind=industry")
    assert look_at(page, "rules") == []
    page.goto(f"{address}/rules?q=biopharma")
    page.get_by_role("link", name="生物医药").click()
    assert look_at(page, "rule") == []

    # Typed, its examples run: a new one is wrong until the word stands there.
    page.get_by_role("link", name="修改规则").click()
    text = page.locator("#rule-text")
    before = text.input_value()
    with_example = before.replace(
        "tests:\n", f"tests:\n- {{text: 'A case about a {WORD}', expect: hit}}\n", 1
    )
    text.fill(with_example)
    expect(page.locator("#check .is-wrong")).to_contain_text(WORD, timeout=PATIENCE)
    text.fill(with_example.replace("threshold: 2", "threshold: [", 1))
    expect(page.locator("#check .field-error")).to_contain_text("无法作为规则读取", timeout=PATIENCE)
    text.fill(with_example.replace("en: [", f"en: [{WORD}, ", 1))
    expect(page.locator("#check")).to_contain_text("无误", timeout=PATIENCE)
    expect(page.locator("#check .is-wrong")).to_have_count(0)
    page.get_by_label("理由").fill("本市企业的新产品")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.screenshot(path="build/shots/rule-typed-zh-1280.png")
    page.get_by_role("button", name="保存草稿").click()

    # What it would change, and that one person may not publish so much.
    look_at_what_it_would_change(page)
    expect(page.locator(".preview-sum")).to_contain_text("3")
    expect(page.locator(".preview-counts")).to_contain_text("生物医药")
    expect(page.locator("#preview mark").first).to_have_text(WORD)
    assert look_at(page, "rule-preview") == []
    assert tagged(site.house) == set()
    page.get_by_role("button", name="提交第二人复核").click()
    expect(page.get_by_role("status")).to_contain_text("等待第二人复核")
    expect(page.get_by_role("button", name="通过并发布")).to_have_count(0)
    where = page.url

    other = signed_in(browser, address, "second")
    other.goto(f"{address}/rules")
    expect(other.locator("section[aria-labelledby=opened]")).to_contain_text("本市企业的新产品")
    other.goto(where)
    assert look_at(other, "rule-to-approve") == []
    other.get_by_role("button", name="通过并发布").click()
    expect(other.get_by_role("status")).to_contain_text("正在重新标注")
    wait_for_retag(other, site)
    assert len(tagged(site.house)) == 3
    assert look_at(other, "rule-published") == []
    other.goto(f"{address}/cases?industry=ind.biopharma")
    expect(other.locator(".case-title")).to_have_count(3)

    # Written meanwhile against the older text: both are shown.
    page.goto(f"{address}/rules/{RULE}")
    page.get_by_text("回退", exact=True).first.click()
    page.locator("#back-note").fill("词义不准，先回退")
    page.get_by_role("button", name="回退").click()
    expect(page.get_by_role("status")).to_contain_text("已回退")
    wait_for_retag(page, site)
    assert tagged(site.house) == set()
    page.goto(f"{address}/cases?industry=ind.biopharma")
    expect(page.locator(".case-title")).to_have_count(0)
    page.goto(f"{address}/rules/{RULE}")
    assert look_at(page, "rule-rolled-back") == []
    page.close()
    other.close()


def test_two_editors_of_one_rule_see_both_texts(browser: Browser, open_site: tuple[Site, str]) -> None:
    site, address = open_site
    one, two = signed_in(browser, address, "staff"), signed_in(browser, address, "second")
    two.goto(f"{address}/rules/{RULE}/edit")
    one.goto(f"{address}/rules/{RULE}/edit")
    text = one.locator("#rule-text").input_value()
    one.locator("#rule-text").fill(text.replace("en: [", "en: [quibblewort, ", 1))
    one.get_by_label("理由").fill("新词")
    one.get_by_label("理由").fill("本市企业的新产品")
    one.get_by_role("button", name="保存草稿").click()
    look_at_what_it_would_change(one)
    # Nothing stored has the word: one person may publish it.
    one.get_by_role("button", name="发布并重新标注已存案件").click()
    wait_for_retag(one, site)

    two.locator("#rule-text").fill(text.replace("en: [", f"en: [{WORD}, ", 1))
    two.get_by_label("理由").fill("另一件新产品")
    two.get_by_role("button", name="保存草稿").click()
    expect(two.get_by_role("alert")).to_contain_text("期间此规则已发布另一版本")
    expect(two.locator(".diff del")).to_contain_text("quibblewort")
    expect(two.locator(".diff ins")).to_contain_text(WORD)
    assert WORD in two.locator("#rule-text").input_value()
    two.set_viewport_size({"width": 1280, "height": 900})
    two.screenshot(path="build/shots/rule-clash-zh-1280.png", full_page=True)
    one.close()
    two.close()
