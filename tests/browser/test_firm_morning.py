"""A firm's morning in Chromium: the e-mail, the alert it leads to, what to do, an answer, a request for advice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_httpserver import HTTPServer
from sqlalchemy import select

from cases.models import Case
from cases.query import review_case
from core.actor import Actor, Role
from experts.consultation_models import Consultation
from tests.browser.morning import (
    DOCKET,
    FIRM_EN,
    FIRM_ZH,
    PLAINTIFF,
    Morning,
    feed,
    open_morning,
    publish_feed,
    text_of,
)
from tests.browser.test_loop import PDF, experts_of
from tests.browser.walking import Invented
from tests.factories import keeper
from tests.mail_server import Post
from warning.models import Alert

pytestmark = pytest.mark.browser


@pytest.fixture
def morning(tmp_path: Path, browser: Browser, httpserver: HTTPServer, post: Post) -> Iterator[Morning]:
    invented = Invented()
    invented.opponent = PLAINTIFF
    experts = experts_of(invented).replace(b"dt.tm_opposition_cancellation", b"dt.patent_infringement")
    publish_feed(httpserver, lambda: feed(3))
    with open_morning(tmp_path / "home", browser, httpserver, post, experts) as opened:
        yield opened


def test_a_firms_morning(morning: Morning, tmp_path: Path) -> None:
    overnight(morning)
    lead = morning.enter("lead")
    mail = morning.mail_to("lead", DOCKET)
    assert FIRM_ZH in str(mail["Subject"]) or DOCKET in str(mail["Subject"])
    said = text_of(mail, "plain")
    assert "2026-03-13（临时限制令有效期，FRCP 65(b)(2)；仅供参考）" in said and re.search(
        "等级: .色预警 .* 级（按规则计 [0-9]+ 分）", said
    )
    link = morning.open_mail(lead, mail, tmp_path, "mail-alert")
    lead.goto(link)
    read_the_alert(morning, lead)
    ask_for_help(morning, lead)
    assert not morning.problems, "\n".join(morning.problems)


def overnight(morning: Morning) -> None:
    """The court's feed is crawled, the case is confirmed by a person, the firm is told."""
    house = morning.house
    morning.run("crawl", "deliver")
    reviewer = Actor("user:night", frozenset({Role.STAFF}), centre_id=keeper(house).centre_id)
    with house.database.write() as session:
        case = session.scalars(select(Case).where(Case.docket_number == DOCKET)).one()
        review_case(session, house.clock, reviewer, case.id, "confirm", seen_version=case.version)
    morning.deliver()


def read_the_alert(morning: Morning, page: Page) -> None:
    """Why me, how grave, by when, what in the first 72 hours, who can help: all on the page the mail leads to."""
    expect(page.locator("section[aria-labelledby=why]")).to_contain_text(FIRM_EN)
    level = page.locator("section[aria-labelledby=level]").first
    expect(level).to_be_visible()
    expect(page.locator("section[aria-labelledby=what]")).to_contain_text("2026-03-13")
    expect(page.locator("section[aria-labelledby=what]")).to_contain_text("仅供参考")
    expect(page.get_by_role("heading", name="首先要做什么")).to_be_visible()
    expect(page.get_by_role("heading", name="头 24 小时")).to_be_visible()
    experts = page.locator("section[aria-labelledby=alert-experts]").first
    expect(experts).to_contain_text("甲专家")
    expect(experts).not_to_contain_text("丁专家")
    morning.see(page, "alert")


def ask_for_help(morning: Morning, page: Page) -> None:
    """“需要帮助” is answered, leads to the form filled in from the case, and the form is sent with a file."""
    page.locator("#words").fill("上午刚收到临时限制令，请尽快联系。")
    page.get_by_role("button", name="需要帮助").click()
    page.wait_for_url("**/consultations/new**")
    expect(page.locator("[name=docket_number]")).to_have_value(DOCKET)
    assert PLAINTIFF in page.input_value("#opponents")
    morning.see(page, "ask")
    page.check("#scenario-tro")
    page.fill("#story", "昨日收到法院邮件，附临时限制令，店铺资金被冻结。")
    page.fill("#known_on", "2026-03-02")
    page.fill("#question", "是否应当立即请律师应诉？")
    page.fill("#contact_name", "法务负责人")
    page.fill("#contact_email", "lead@morning.example.com")
    page.click("button[value=continue]")
    page.wait_for_url("**/check**")
    page.set_input_files("#file", {"name": "tro.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.click("form[action$='/files'] button[type=submit]")
    for consent in ("truth", "notice", "expert"):
        page.check(f"#{consent}")
    page.click("form[action$='/submit'] button[type=submit]")
    page.wait_for_url(re.compile(r"/consultations/[0-9a-f-]{36}$"))
    morning.see(page, "asked")
    with morning.house.database.read() as session:
        consultation = session.scalars(select(Consultation)).one()
        assert consultation.state == "submitted"
        answers = session.scalars(select(Alert.answer).where(Alert.firm_id == consultation.firm_id)).all()
        assert set(answers) == {"help"}
