"""The whole loop, with a firm, a docket and four experts invented at run time.

Case → alert by mail → three experts with reasons and one left out for a conflict → consultation with a file → accepted,
assigned → declared → opinion issued → told by mail, read by the firm → bulletin signed by another person → read by a
visitor and in the feed. On SQLite with tantivy, and on PostgreSQL with Elasticsearch.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_httpserver import HTTPServer

from tests.browser.conftest import Served
from tests.browser.looking import look_at
from tests.browser.walking import Invented, make_account, sign_in
from tests.mail_server import Post

pytestmark = pytest.mark.browser
SECTIONS = ("facts", "issues", "analysis", "risk", "options", "evidence", "statement")
#: nine bytes of head and a trailer: what a file is told by its content
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass
class Walk:
    """What the steps of the walk share."""

    browser: Browser
    server: Served
    invented: Invented
    post: Post
    look: Callable[[Page, str], list[str]]
    problems: list[str]

    def enter(self, who: str) -> Page:
        """Somebody of the centre, signed in."""
        return sign_in(self.browser, self.server, f"{who}@seamark.example.org", self.server.passwords[who])

    def go(self, page: Page, path: str) -> None:
        """Open a page of the site."""
        answer = page.goto(self.server.address + path)
        assert answer is not None and answer.status == 200, (path, answer and answer.status)

    def see(self, page: Page, name: str) -> None:
        """Look at the page in both languages and at both widths."""
        self.problems += self.look(page, f"loop-{name}")

    def mail_about(self, page: Page, word: str, receiver: str) -> str:
        """The text of the mail that has ``word``, waited for; ``page`` is any open page."""
        for _ in range(120):
            for mail, to in zip(self.post.mails, self.post.receivers, strict=False):
                text = str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
                if word in text and to == receiver:
                    return text
            page.wait_for_timeout(1000)
        raise AssertionError(f"no mail about {word} within two minutes")


def experts_of(invented: Invented) -> bytes:
    """Three who can help and one who has worked for the other side, as a file of the library."""

    def one(number: int, name: str, **more: object) -> dict[str, object]:
        told = {
            "id": f"walk-{number}",
            "name": name,
            "class": "ec.litigator",
            "status": "active",
            "verified": True,
            "admissions": [{"region": "US", "qualification": "state bar", "from": "2012-01-01"}],
            "languages": ["en", "zh"],
            "industries": ["ind.aviation_aerospace"],
            "dispute_types": ["dt.tm_opposition_cancellation"],
            "capacity": 3,
            "available": True,
            "bio": "虚构人物。",
        }
        return {**told, **more}

    rows = [
        one(1, "甲专家（虚构）", feedback={"mean": 4.8, "n": 20}),
        one(2, "乙专家（虚构）"),
        one(3, "丙专家（虚构）", industries=[]),
        one(
            4, "丁专家（虚构）", clients=[{"name": invented.opponent, "role": "client", "from": "2024-01-01"}]
        ),
    ]
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
    ids=["sqlite+tantivy", "postgres+elasticsearch"],
)
def walk(
    request: pytest.FixtureRequest,
    browser: Browser,
    serve: Callable[..., Served],
    httpserver: HTTPServer,
    post: Post,
) -> Walk:
    invented = Invented()
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/us_ttab").respond_with_data(invented.feed(), content_type="application/json")
    variables = {
        "SEAMARK_MIRROR": httpserver.url_for(""),
        "SEAMARK_FETCH_ALLOW": f"{httpserver.host}:{httpserver.port}",
        "SEAMARK_SOURCES": "none",
        "SEAMARK_SMTP_URL": post.url,
        "SEAMARK_MAIL_FROM": "Seamark <notices@centre.example.org>",
    }
    look = look_at
    if request.param == "postgres":
        variables["SEAMARK_DATABASE_URL"] = request.getfixturevalue("postgres_url")
        server = request.getfixturevalue("elasticsearch_server")
        request.addfinalizer(server.clear)
        variables["SEAMARK_ELASTICSEARCH_URL"] = server.url
        # The pages are the same on both stacks; one look is enough.
        look = lambda page, name: []  # noqa: E731
    return Walk(browser, serve("--no-sample", **variables), invented, post, look, [])


def test_the_loop_from_a_case_to_an_opinion_and_a_bulletin(walk: Walk) -> None:
    staff, admin = walk.enter("staff"), walk.enter("admin")
    bring(walk, staff)
    member_password = make_account(admin, walk.server, "lead@firm.example.com", firm=walk.invented.name_zh)
    expert_password = make_account(admin, walk.server, "expert@chambers.example.com", expert="walk-1")
    case_path = crawl(walk, staff)
    member, alert_path = alerted(walk, member_password)
    three_experts(walk, staff, case_path)
    matter = ask_for_advice(walk, member, alert_path)
    signer = advise(walk, staff, matter, expert_password)
    opinion_read(walk, member, matter)
    bulletin(walk, staff, signer, case_path)
    assert not walk.problems, "\n".join(walk.problems)


def bring(walk: Walk, staff: Page) -> None:
    """Firms and experts come in by files, looked at before they are taken."""
    for path, name, content in (
        ("/firms/import", "firms.csv", walk.invented.firms()),
        ("/experts/import", "experts.jsonl", experts_of(walk.invented)),
    ):
        walk.go(staff, path)
        staff.set_input_files("#file", {"name": name, "mimeType": "text/plain", "buffer": content})
        staff.click("main button[type=submit]")
        staff.click("main form button[type=submit]")
    walk.go(staff, "/experts")
    expect(staff.locator("main")).to_contain_text("丁专家")
    walk.see(staff, "experts")


def crawl(walk: Walk, staff: Page) -> str:
    """The source is crawled from the local server; returns the path of its case."""
    walk.go(staff, "/sources/us_ttab")
    staff.click("main form button[type=submit]")
    staff.wait_for_url("**/jobs")
    expect(staff.locator("tbody tr").filter(has_text="us_ttab")).to_contain_text("新增 1", timeout=30_000)
    for _ in range(30):
        walk.go(staff, f"/cases?q={walk.invented.docket}")
        if staff.locator(".case-title a").count():
            break
        staff.wait_for_timeout(1000)
    return str(staff.locator(".case-title a").first.get_attribute("href")).split("?")[0]


def alerted(walk: Walk, password: str) -> tuple[Page, str]:
    """The firm's lead gets a mail, signs in and opens the alert it leads to."""
    member = sign_in(walk.browser, walk.server, "lead@firm.example.com", password)
    text = walk.mail_about(member, walk.invented.docket, "lead@firm.example.com")
    assert walk.invented.name_en in text
    found = re.search(r"/alerts/[0-9a-f-]{36}", text)
    assert found, text
    walk.go(member, found.group())
    expect(member.locator("section[aria-labelledby=why] .reasons")).to_contain_text(walk.invented.name_en)
    walk.see(member, "alert")
    return member, found.group()


def three_experts(walk: Walk, staff: Page, case_path: str) -> None:
    """The case page names three with reasons, and the one who has worked for the other side with the cause."""
    walk.go(staff, case_path)
    section = staff.locator("section[aria-labelledby=can-help]")
    expect(section.locator("ol > li")).to_have_count(3)
    section.locator("ol details.why summary").first.click()
    expect(section.locator("ol > li").first).to_contain_text("案由与程序经验")
    section.locator("> details.why summary").click()
    left_out = section.locator(".pieces li")
    expect(left_out).to_have_count(1)
    expect(left_out).to_contain_text("丁专家")
    expect(left_out).to_contain_text("利益冲突")
    expect(left_out).to_contain_text(walk.invented.opponent)
    walk.see(staff, "case")


def ask_for_advice(walk: Walk, member: Page, alert_path: str) -> str:
    """From the alert to a submitted consultation with a file; returns its path."""
    walk.go(member, alert_path)
    member.click("section a[href*='/consultations/new']")
    assert walk.invented.opponent in member.input_value("#opponents")
    walk.see(member, "ask")
    member.check("#scenario-other")
    member.fill("#story", "收到对方异议裁定的通知，第一次遇到。")
    member.fill("#known_on", "2026-01-06")
    member.fill("#question", "是否应当上诉？期限如何计算？")
    member.fill("#contact_name", "法务负责人")
    member.fill("#contact_email", "lead@firm.example.com")
    member.click("button[value=continue]")
    member.wait_for_url("**/check**")
    member.set_input_files("#file", {"name": "decision.pdf", "mimeType": "application/pdf", "buffer": PDF})
    member.click("form[action$='/files'] button[type=submit]")
    expect(member.locator("#files")).to_contain_text("decision.pdf")
    walk.see(member, "check")
    for consent in ("truth", "notice", "expert"):
        member.check(f"#{consent}")
    member.click("form[action$='/submit'] button[type=submit]")
    expect(member.locator("h1")).to_be_visible()
    member.wait_for_url(re.compile(r"/consultations/[0-9a-f-]{36}$"))
    return member.url.removeprefix(walk.server.address)


def step(page: Page, name: str) -> None:
    """Press the button of a step of a consultation."""
    page.locator(f"form:has(input[name=step][value={name}]) button[type=submit]").click()
    page.wait_for_load_state()


def advise(walk: Walk, staff: Page, matter: str, password: str) -> Page:
    """Accepted, assigned to the first of the three, declared, written, reviewed, issued; the signer's page."""
    walk.go(staff, matter)
    walk.see(staff, "desk")
    step(staff, "accept")
    walk.go(staff, matter)
    offered = staff.locator("#expert .choice")
    expect(offered).to_have_count(3)
    staff.get_by_text("其他专家未入选的原因").click()
    expect(staff.locator("main")).to_contain_text("丁专家")
    walk.see(staff, "assign")
    staff.locator("#expert .choice", has_text="甲专家").locator("input").check()
    step(staff, "assign")

    expert = sign_in(walk.browser, walk.server, "expert@chambers.example.com", password)
    walk.go(expert, matter)
    expect(expert.locator("main")).not_to_contain_text("第一次遇到")
    walk.see(expert, "declare")
    step(expert, "declare")
    walk.go(expert, matter)
    expect(expert.locator("main")).to_contain_text("第一次遇到")
    step(expert, "begin")
    walk.go(expert, f"{matter}/opinion")
    for section in SECTIONS:
        expert.fill(f"#{section}", f"虚构的意见（{section}）：供演示，仅供参考。")
    walk.problems += walk.look(expert, "loop-opinion-edit")
    for section in SECTIONS:
        expert.fill(f"#{section}", f"虚构的意见（{section}）：供演示，仅供参考。")
    expert.click("button[value=send]")
    expect(expert.locator("main")).to_contain_text("意见书待复核")
    expert.context.close()

    walk.go(staff, f"{matter}/opinion/draft")
    walk.see(staff, "opinion-draft")
    walk.go(staff, matter)
    step(staff, "pass_opinion")
    expect(staff.locator("main")).to_contain_text("复核通过，待签发")
    signer = walk.enter("signer")
    walk.go(signer, matter)
    step(signer, "issue")
    expect(signer.locator("main")).to_contain_text("已出具意见书")
    return signer


def opinion_read(walk: Walk, member: Page, matter: str) -> None:
    """The firm is told by mail, nothing of the matter in it, and reads the opinion."""
    text = walk.mail_about(member, "已出具意见书", "lead@firm.example.com")
    assert matter in text
    assert "第一次遇到" not in text
    walk.go(member, matter)
    walk.see(member, "matter")
    member.get_by_role("link", name="阅读并打印意见书").click()
    expect(member.locator("main")).to_contain_text("虚构的意见（analysis）")
    expect(member.locator("main")).to_contain_text(re.compile("[0-9a-f]{64}"))
    walk.see(member, "opinion")
    member.context.close()


def bulletin(walk: Walk, staff: Page, signer: Page, case_path: str) -> None:
    """Drafted from the case by one, approved and signed by others, read by a visitor and in the feed."""
    walk.go(staff, case_path)
    staff.click("section[aria-labelledby=case-bulletin] button[type=submit]")
    staff.wait_for_url("**/bulletins/drafts/**")
    draft = staff.url.removeprefix(walk.server.address).removesuffix("/edit")
    walk.go(staff, f"{draft}/edit")
    walk.see(staff, "bulletin-edit")
    staff.fill("#valid_until", "2027-06-30")
    staff.click("button[value=save]")
    walk.go(staff, draft)
    assert staff.locator("button[value=approve]").count() == 0
    staff.click("button[value=submit]")
    expect(staff.locator("main")).to_contain_text("现由编写人以外的人员决定")

    walk.go(signer, draft)
    walk.see(signer, "bulletin-review")
    for box in signer.locator("input[name=checked], input[name=declared]").all():
        box.check()
    signer.click("button[value=approve]")
    walk.go(signer, draft)
    signer.click("button[value=sign]")
    walk.go(signer, draft)
    public = str(signer.locator("main a[href^='/bulletins/']", has_text="打开公开页面").get_attribute("href"))
    signer.context.close()

    visitor = walk.browser.new_context(locale="zh-CN").new_page()
    walk.go(visitor, "/bulletins")
    expect(visitor.locator("main")).to_contain_text(re.compile(r"2026"))
    walk.see(visitor, "bulletins")
    walk.go(visitor, public)
    shown = visitor.locator("main").inner_text()
    for name in (walk.invented.name_en, walk.invented.name_zh, walk.invented.word):
        assert name not in shown, "a local firm stands as a letter"
    assert walk.invented.docket in shown
    walk.see(visitor, "bulletin")
    feed = visitor.request.get(f"{walk.server.address}/bulletins/feed.atom")
    assert feed.ok
    entries = ElementTree.fromstring(feed.body()).findall("{http://www.w3.org/2005/Atom}entry")
    assert [public in ElementTree.tostring(entry, encoding="unicode") for entry in entries] == [True]
    assert walk.invented.word not in feed.text()
    visitor.context.close()
