"""One walk through the whole service, with a firm and a docket invented at run time.

Imported → crawled from a local server → found by a Chinese and an English question with facets → why-tagged shown →
the firm sees its alert → a firm with a near name sees nothing. On SQLite and on PostgreSQL.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_httpserver import HTTPServer

from tests.browser.conftest import Served
from tests.browser.looking import look_at

pytestmark = pytest.mark.browser
_FIRST, _LATER = ("xun", "zhe", "kuo", "ruan", "qiao", "nuo"), ("lang", "fei", "ding", "mei", "shuo", "tong")


class Invented:
    """A firm, a firm with a near name, and a docket that names the first."""

    def __init__(self) -> None:
        chance = random.Random()
        one, two = chance.choice(_FIRST), chance.choice(_LATER)
        self.word = f"{one}{two}".capitalize()
        near = f"{one}{chance.choice([w for w in _LATER if w != two])}".capitalize()
        self.name_en = f"Shenzhen {self.word} Robotics Co., Ltd."
        self.near_en = f"Shenzhen {near} Robotics Co., Ltd."
        self.name_zh, self.near_zh = "深圳某甲机器人有限公司", "深圳某乙机器人有限公司"
        self.docket = f"91{chance.randint(300000, 899999)}"
        self.opponent = f"Halcyon {chance.choice(('Ridge', 'Harbor', 'Meadow'))} Aviation, Inc."

    def firms(self) -> bytes:
        rows = [
            "firm,name,kind",
            f"a,{self.name_zh},legal_zh",
            f'a,"{self.name_en}",legal_en',
            f"b,{self.near_zh},legal_zh",
            f'b,"{self.near_en}",legal_en',
        ]
        return "\n".join(rows).encode()

    def feed(self) -> bytes:
        decision = {
            "issue": "2(d)",
            "proceedingNumber": int(self.docket),
            "proceedingNumberDisplay": self.docket,
            "issueDate": 1767571200000,
            "issueDateStr": "05-JAN-2026",
            "precedentCitableIndicator": "N",
            "partyName": f"{self.opponent} v. {self.name_en}",
            "proceedingTypeCd": "OPP",
            "decision": "Opposition Sustained",
            "decisionTypeCd": "F",
            "decisionTypeCategory": "Final Decision",
            "opposerMarkGoodService": f"{self.word.upper()}\n[Unmanned aerial vehicles; drones; camera drones]",
            "applicantMarkGoodService": f"{self.word.upper()}\n[Drones; unmanned aerial vehicles for filming]",
            "groundsForRefusalCategory": ["Likelihood of Confusion"],
        }
        return json.dumps({"recordTotalQuantity": 1, "results": [decision]}).encode()


def sign_in(browser: Browser, served: Served, address: str, password: str) -> Page:
    """A page of its own, signed in, the one-time password changed."""
    page = browser.new_context(locale="zh-CN").new_page()
    page.goto(f"{served.address}/sign-in")
    page.fill("input[name=email]", address)
    page.fill("input[name=password]", password)
    page.click("main button[type=submit]")
    page.wait_for_url("**/account/password**")
    changed = "correct-horse-battery-9"
    page.fill("input[name=password]", password)
    page.fill("input[name=new_password]", changed)
    page.fill("input[name=new_password_confirm]", changed)
    page.click("main button[type=submit]")
    expect(page.locator("h1")).to_have_text("我的账号")
    return page


def make_account(admin: Page, served: Served, address: str, firm: str) -> str:
    """An account of a firm; returns its one-time password."""
    admin.goto(f"{served.address}/users/new")
    admin.fill("input[name=email]", address)
    admin.check("input[value=firm_member]")
    admin.fill("#firm", firm)
    admin.click("main button[type=submit]")
    return admin.locator(".secret code").inner_text()


def ask(page: Page, served: Served, question: str) -> None:
    """Search for ``question`` as a person would, again while the outbox has not reached the index yet."""
    for _ in range(20):
        page.goto(f"{served.address}/cases")
        page.fill("#q", question)
        page.keyboard.press("Enter")
        page.wait_for_url("**/cases?q=**")
        if page.locator(".case-title").count():
            return
        page.wait_for_timeout(1000)


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
    named = make_account(admin, server, "named@example.com", invented.name_zh)
    near = make_account(admin, server, "near@example.com", invented.near_zh)
    for path in ("users", "users/new", "audit", "account"):
        admin.goto(f"{server.address}/{path}")
        looked += look(admin, path.replace("/", "-"))

    member = sign_in(browser, server, "named@example.com", named)
    member.goto(f"{server.address}/alerts")
    expect(member.locator(".alert-row")).to_have_count(1)
    looked += look(member, "alerts")
    member.click(".alert-row a")
    expect(member.locator(".reasons")).to_contain_text(invented.name_en)
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
