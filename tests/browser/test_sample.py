"""A visitor follows the sample's case in a real browser: home, the page, the bulletin; the firm goes on to its letter."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Served
from tests.browser.looking import look_at
from tests.browser.test_walk import sign_in

pytestmark = pytest.mark.browser


def test_a_visitor_follows_one_case_and_the_firm_reads_its_letter(
    browser: Browser, serve: Callable[..., Served]
) -> None:
    served = serve("--sample", SEAMARK_SOURCES="none")
    visitor = browser.new_context(locale="zh-CN").new_page()
    visitor.goto(served.address)
    visitor.click("a:has-text('看这个案件')")
    expect(visitor.locator("h1")).to_contain_text("示例")
    looked = look_at(visitor, "sample")
    visitor.click("[aria-labelledby=s-bulletin] a")
    expect(visitor.locator("h1")).to_contain_text("【示例】")

    firm = sign_in(browser, served, "firm@seamark.example.org", served.passwords["firm"])
    firm.goto(f"{served.address}/sample")
    firm.click("text=打开意见书")
    expect(firm.locator(".opinion")).to_contain_text("【示例】")
    for page in (visitor, firm):
        page.context.close()
    assert not looked, "\n".join(looked)
