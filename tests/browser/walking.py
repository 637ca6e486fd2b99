"""What walks through the pages share: an invented firm, people who sign in, questions asked as a person asks them."""

from __future__ import annotations

import json
import random

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served

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


def make_account(admin: Page, served: Served, address: str, *, firm: str = "", expert: str = "") -> str:
    """An account of a firm or of an expert; returns its one-time password."""
    admin.goto(f"{served.address}/users/new")
    admin.fill("input[name=email]", address)
    admin.check(f"input[value={'firm_member' if firm else 'expert'}]")
    admin.fill("#firm" if firm else "#expert", firm or expert)
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
