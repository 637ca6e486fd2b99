"""One walk through the whole service, with a firm and a docket invented at run time.

Imported → crawled from a local server → found by a Chinese and an English question with facets → why-tagged shown →
the firm sees its alert → a firm with a near name sees nothing. On SQLite and on PostgreSQL.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from pytest_httpserver import HTTPServer

from tests.browser.conftest import Served
from tests.browser.looking import look_at
from tests.browser.walking import Invented, ask, make_account, sign_in

pytestmark = pytest.mark.browser


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def served(
    request: pytest.FixtureRequest, serve: Callable[..., Served], httpserver: HTTPServer
) -> tuple[Served, Invented]:
    invented = Invented()
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/us_ttab").respond_with_data(invented.feed(), content_type="application/json")
    variables = {
        "SEAMARK_MIRROR": httpserver.url_for(""),
        "SEAMARK_FETCH_ALLOW": f"{httpserver.host}:{httpserver.port}",
        "SEAMARK_SOURCES": "none",
    }
    if request.param == "postgres":
        variables["SEAMARK_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    return serve("--no-sample", **variables), invented


def test_from_a_feed_to_the_firm_it_names(
    browser: Browser, served: tuple[Served, Invented], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server, invented = served
    looked: list[str] = []
    # The pages are the same on both databases; one look is enough.
    look = look_at if "sqlite" in request.node.name else lambda page, name: []

    staff = sign_in(browser, server, "staff@seamark.example.org", server.passwords["staff"])
    staff.goto(f"{server.address}/firms")
    looked += look(staff, "firms-empty")
    staff.goto(f"{server.address}/firms/import")
    looked += look(staff, "firms-import")
    staff.set_input_files("#file", {"name": "firms.csv", "mimeType": "text/csv", "buffer": invented.firms()})
    staff.click("main button[type=submit]")
    expect(staff.locator(".tiles")).to_contain_text("2")
    staff.click("main form button[type=submit]")
    staff.goto(f"{server.address}/firms")
    expect(staff.locator("tbody tr")).to_have_count(2)
    looked += look(staff, "firms")

    staff.goto(f"{server.address}/sources/us_ttab")
    staff.click("main form button[type=submit]")
    staff.wait_for_url("**/jobs")
    expect(staff.locator("tbody tr").filter(has_text="us_ttab")).to_contain_text("新增 1", timeout=20_000)
    looked += look(staff, "jobs")
    staff.goto(f"{server.address}/sources/us_ttab")
    looked += look(staff, "source")

    visitor = browser.new_context(locale="zh-CN").new_page()
    visitor.goto(server.address)
    expect(visitor.locator(".case-row")).to_have_count(1, timeout=30_000)
    looked += look(visitor, "home")
    for question in ("无人机", "unmanned aerial vehicles", invented.docket, invented.word):
        ask(visitor, server, question)
        expect(visitor.locator(".case-title")).to_contain_text(invented.name_en)
    visitor.click(".facet a:has-text('美国')")
    expect(visitor.locator(".case-row")).to_have_count(1)
    expect(visitor.locator(".chosen")).to_contain_text("美国")
    looked += look(visitor, "cases")

    visitor.click(".case-title a")
    why = visitor.locator("details.why", has_text="商标异议")
    why.first.click()
    expect(visitor.locator("mark").first).to_be_visible()
    expect(visitor.locator("main")).to_contain_text(re.compile("rule\\.dt\\."))
    expect(visitor.locator(".hash code").first).to_have_text(re.compile("^[0-9a-f]{64}$"))
    expect(visitor.locator(".parties")).to_contain_text(invented.name_en)
    looked += look(visitor, "case")

    admin = sign_in(browser, server, "admin@seamark.example.org", server.passwords["admin"])
    named = make_account(admin, server, "named@example.com", firm=invented.name_zh)
    near = make_account(admin, server, "near@example.com", firm=invented.near_zh)
    for path in ("users", "users/new", "audit", "account"):
        admin.goto(f"{server.address}/{path}")
        looked += look(admin, path.replace("/", "-"))

    member = sign_in(browser, server, "named@example.com", named)
    member.goto(f"{server.address}/alerts")
    expect(member.locator(".alert-row")).to_have_count(1)
    looked += look(member, "alerts")
    member.click(".alert-row a")
    expect(member.locator("section[aria-labelledby=why] .reasons")).to_contain_text(invented.name_en)
    looked += look(member, "alert")
    alert_address = member.url
    member.goto(f"{server.address}/firm")
    looked += look(member, "firm")

    bystander = sign_in(browser, server, "near@example.com", near)
    bystander.goto(f"{server.address}/alerts")
    expect(bystander.locator(".alert-row")).to_have_count(0)
    expect(bystander.locator(".empty")).to_be_visible()
    looked += look(bystander, "alerts-empty")
    answer = bystander.goto(alert_address)
    assert answer is not None
    assert answer.status == 404
    for page in (staff, visitor, admin, member, bystander):
        page.context.close()
    assert not looked, "\n".join(looked)
