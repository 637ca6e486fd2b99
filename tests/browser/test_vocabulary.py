"""A term added with its rule, approved, told to the stored cases, retired for another one, and rolled back, as people see it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.service import create_user
from cases.facts import RawParty
from cases.taxonomy.overlay import read_term
from core.actor import Role, system_actor
from tests.browser.looking import look_at
from tests.browser.open_world import open_world, signed_in
from tests.browser.test_rules import look_at_what_it_would_change, wait_for_retag
from tests.factories import raw_case
from tests.factories import record as record_case
from tests.warning.rule_world import tagged
from tests.warning.vocabulary_world import NEW, NEXT, TERM, TERM_WORD, new_term
from tests.web.conftest import make_site
from tests.web.world import Site, address_of

pytestmark = pytest.mark.browser
#: a loaded machine compiles a book for some time
PATIENCE = 30_000


@pytest.fixture
def open_site(tmp_path: Path) -> Iterator[tuple[Site, str]]:
    """The world of the page tests, three cases about a thing no term names, and a second member of staff."""
    site = make_site(tmp_path / "home")
    parties = (RawParty("Acme Optics Inc.", "plaintiff"), RawParty("Nobody We Know LLC", "defendant"))
    for number in range(3):
        text = f"Complaint for patent infringement. The accused product is a {TERM_WORD} of the second kind."
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


def hand_over(page: Page, other: Page, site: Site) -> None:
    """Look at what a draft would change, hand it to a second person, who approves it; wait until the cases are told."""
    look_at_what_it_would_change(page)
    page.get_by_role("button", name="提交第二人复核").click()
    expect(page.get_by_role("status")).to_contain_text("等待第二人复核")
    other.goto(page.url)
    other.get_by_role("button", name="通过并发布").click()
    expect(other.get_by_role("status")).to_contain_text("正在重新标注", timeout=PATIENCE)
    wait_for_retag(other, site)


def test_a_term_is_added_approved_told_retired_and_rolled_back(
    browser: Browser, open_site: tuple[Site, str]
) -> None:
    site, address = open_site
    page, other = signed_in(browser, address, "staff"), signed_in(browser, address, "second")
    page.goto(f"{address}/vocabulary")
    assert look_at(page, "vocabulary") == []
    page.get_by_role("link", name="新增词条").click()
    page.get_by_label("中文名").fill("人形机器人")
    page.get_by_label("英文名").fill("Humanoid robots")
    page.locator("#new-id").fill(TERM)
    assert look_at(page, "vocabulary-new") == []
    page.get_by_label("中文名").fill("人形机器人")
    page.get_by_label("英文名").fill("Humanoid robots")
    page.locator("#new-id").fill(TERM)
    page.get_by_role("button", name="下一步：写规则").click()

    # The rule was begun; typed, its examples run.
    rule = page.locator("#term-rule")
    assert f"id: rule.{TERM}" in rule.input_value()
    text = read_term(new_term()).rule
    rule.fill(text.replace(f"A {TERM_WORD} with two arms", "A thing with two arms"))
    expect(page.locator("#check .is-wrong")).to_contain_text("A thing with two arms", timeout=PATIENCE)
    rule.fill(text)
    expect(page.locator("#check")).to_contain_text("无误", timeout=PATIENCE)
    expect(page.locator("#check .is-wrong")).to_have_count(0)
    page.get_by_label("理由").fill("本市新产业")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.screenshot(path="build/shots/vocabulary-typed-zh-1280.png")
    page.get_by_role("button", name="保存草稿").click()
    look_at_what_it_would_change(page)
    expect(page.locator(".preview-sum")).to_contain_text("3")
    expect(page.locator("#preview mark").first).to_have_text(TERM_WORD)
    assert look_at(page, "vocabulary-preview") == []
    page.get_by_role("button", name="提交第二人复核").click()
    other.goto(page.url)
    other.get_by_role("button", name="通过并发布").click()
    expect(other.get_by_role("status")).to_contain_text("正在重新标注", timeout=PATIENCE)
    wait_for_retag(other, site)
    assert len(tagged(site.house, NEW)) == 3
    other.goto(f"{address}/cases?industry={TERM}")
    expect(other.locator(".case-title")).to_have_count(3)
    expect(other.locator(".facets")).to_contain_text("人形机器人")

    # Another takes its place: the old address leads to it.
    page.goto(f"{address}/vocabulary/terms/{TERM}/edit")
    page.get_by_label("停用：不再用它标注").check()
    page.get_by_label("停用后的替代词条").select_option(NEXT)
    page.get_by_label("理由").fill("并入新能源")
    assert look_at(page, "vocabulary-retire") == []
    page.get_by_label("停用：不再用它标注").check()
    page.get_by_label("停用后的替代词条").select_option(NEXT)
    page.get_by_label("理由").fill("并入新能源")
    page.get_by_role("button", name="保存草稿").click()
    hand_over(page, other, site)
    assert tagged(site.house, NEW) == set()
    other.goto(f"{address}/cases?industry={TERM}")
    assert other.url == f"{address}/cases?industry={NEXT}"
    expect(other.locator(".case-title")).to_have_count(3)
    page.goto(f"{address}/vocabulary/terms/{TERM}")
    expect(page.get_by_role("heading", name="已停用")).to_be_visible()
    assert look_at(page, "vocabulary-term") == []
    page.goto(f"{address}/vocabulary/compare?earlier=0&later=2")
    # Added and retired since.
    expect(page.locator("tbody tr")).to_have_count(2)
    assert look_at(page, "vocabulary-compare") == []

    # And back: to the version that was in force before.
    page.goto(f"{address}/vocabulary/terms/{TERM}")
    page.get_by_text("回退", exact=True).first.click()
    page.locator("#back-note").fill("并入有误，先回退")
    page.get_by_role("button", name="回退").click()
    expect(page.get_by_role("status")).to_contain_text("已回退", timeout=PATIENCE)
    wait_for_retag(page, site)
    assert len(tagged(site.house, NEW)) == 3
    page.goto(f"{address}/cases?industry={TERM}")
    assert page.url.endswith(TERM)
    expect(page.locator(".case-title")).to_have_count(3)
    page.close()
    other.close()
