"""A member of staff's morning in Chromium: desk, case, bulletin, another person's signature, receipts, a call."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_httpserver import HTTPServer

from tests.browser.morning import DOCKET, FIRM_EN, FIRM_ZH, Morning, feed, open_morning, publish_feed
from tests.mail_server import Post
from tests.paper import fonts_of, red_share, text_of_pdf

pytestmark = pytest.mark.browser
#: what a drafter adds: (section, kind, Chinese, English, whether it rests on a source)
WRITTEN = (
    (
        "risk",
        "analysis",
        "临时限制令可能延长为初步禁令。",
        "The order may become a preliminary injunction.",
        True,
    ),
    (
        "advice",
        "advice",
        "同行业企业应核对自有产品。",
        "Firms of the trade should check their products.",
        False,
    ),
)


@pytest.fixture
def morning(tmp_path: Path, browser: Browser, httpserver: HTTPServer, post: Post) -> Iterator[Morning]:
    publish_feed(httpserver, lambda: feed(3))
    with open_morning(tmp_path / "home", browser, httpserver, post, b"") as opened:
        yield opened


def test_a_staff_members_morning(morning: Morning, tmp_path: Path) -> None:
    morning.run("crawl", "deliver")
    staff = morning.enter("staff")
    case = confirm(morning, staff)
    draft = write(morning, staff, case)
    public = sign(morning, draft)
    print_it(morning, staff, public)
    send(morning, staff, draft)
    read(morning, tmp_path)
    receipts(morning, staff, draft)
    telephone(morning, staff)
    assert not morning.problems, "\n".join(morning.problems)


def confirm(morning: Morning, page: Page) -> str:
    """The desk shows what came overnight; the case behind it is confirmed; returns its path."""
    morning.go(page, "/desk")
    morning.see(page, "desk")
    page.get_by_role("link", name="打开待核列表").click()
    row = page.locator(".case-row", has_text=DOCKET)
    path = str(row.locator(".case-title a").get_attribute("href")).split("?")[0]
    row.locator("button[value=confirm]").click()
    morning.deliver()
    return path


def write(morning: Morning, page: Page, case: str) -> str:
    """A draft from the case, with paragraphs of each kind; a fact without a source is refused."""
    morning.go(page, case)
    page.click("section[aria-labelledby=case-bulletin] button[type=submit]")
    page.wait_for_url("**/bulletins/drafts/**")
    draft = page.url.removeprefix(morning.server.address).removesuffix("/edit")
    morning.go(page, f"{draft}/edit")
    page.fill("#valid_until", "2026-06-30")
    page.locator("#e-risk ~ details.edit-new > summary").click()
    page.fill("#new-risk-zh", "被告在美国有仓库。")
    page.fill("#new-risk-en", "The defendant has a warehouse in the US.")
    page.click("button[value=save]")
    expect(page.locator("main")).to_contain_text("事实须有来源")
    texts = page.locator("textarea", has_text="被告在美国有仓库。")
    name = str(texts.first.get_attribute("name")).removesuffix("-zh")
    section, kind, zh, en, _ = WRITTEN[0]
    page.fill(f"#{name}-zh", zh)
    page.fill(f"#{name}-en", en)
    page.select_option(f"#{name}-type", kind)
    page.check(f"#{name}-s1")
    section, kind, zh, en, _ = WRITTEN[1]
    page.locator(f"#e-{section} ~ details.edit-new > summary").click()
    page.fill(f"#new-{section}-zh", zh)
    page.fill(f"#new-{section}-en", en)
    page.select_option(f"#new-{section}-type", kind)
    page.click("button[value=save]")
    morning.go(page, draft)
    assert page.locator("button[value=approve]").count() == 0, "whoever wrote it does not approve it"
    page.click("button[value=submit]")
    expect(page.locator("main")).to_contain_text("现由编写人以外的人员决定")
    return draft


def sign(morning: Morning, draft: str) -> str:
    """Another person checks sources, declares secrecy and rights, signs; returns the public path."""
    page = morning.enter("signer")
    morning.go(page, draft)
    page.click("button[value=approve]")
    expect(page.locator("[role=alert], .error-summary").first).to_be_visible()
    for box in page.locator("input[name=checked], input[name=declared]").all():
        box.check()
    page.click("button[value=approve]")
    page.click("button[value=sign]")
    morning.go(page, "/bulletins/desk/print")
    page.check("#has_red_head")
    page.fill("#mark_zh", "示范市知识产权保护中心文件")
    page.fill("#mark_en", "Model City IP Protection Centre")
    page.locator("main form button[type=submit]").last.click()
    morning.go(page, draft)
    public = str(page.locator("main a", has_text="打开公开页面").get_attribute("href"))
    page.context.close()
    return public


def print_it(morning: Morning, page: Page, public: str) -> None:
    """PDF in both forms and DOCX, each read back; kept for a person to look at."""
    folder = Path("build/papers")
    folder.mkdir(parents=True, exist_ok=True)
    for form in ("plain", "red"):
        answer = page.request.get(f"{morning.server.address}{public}/pdf?form={form}&lang=zh")
        assert answer.ok, answer.text()[:300]
        content = answer.body()
        (folder / f"morning-{form}.pdf").write_bytes(content)
        told = text_of_pdf(content)
        assert "公报〔2026〕1号" in told and "本市企业A" in told and WRITTEN[0][2] in told
        assert FIRM_ZH not in told and FIRM_EN.replace(" ", "") not in told
        assert all(fonts_of(content).values()), "every font stands in the file"
        assert (red_share(content) > 0.002) == (form == "red")
    answer = page.request.get(f"{morning.server.address}{public}/docx?form=red&lang=zh")
    assert answer.ok
    (folder / "morning-red.docx").write_bytes(answer.body())
    paragraphs = [p.text for p in docx.Document(io.BytesIO(answer.body())).paragraphs]
    assert any(WRITTEN[1][2] in text for text in paragraphs)
    assert not any(FIRM_EN in text for text in paragraphs)
    assert paragraphs[-1].split("\t") == ["示范市知识产权保护中心", "2026年3月2日印发"]


def send(morning: Morning, page: Page, draft: str) -> None:
    """To the firms of the industry; both of them are told by mail."""
    morning.go(page, f"{draft}/send")
    page.locator("summary", has_text="其他产业").click()
    page.get_by_label("民用航空与航空航天").check()
    page.get_by_role("button", name="查看发送对象").click()
    expect(page.locator("section[aria-labelledby=chosen]")).to_contain_text(FIRM_ZH)
    page.get_by_role("button", name="发送", exact=True).click()
    expect(page.locator("#receipts ~ p").first).to_contain_text("已发送 2 家，已阅读 0 家")
    morning.deliver()


def read(morning: Morning, folder: Path) -> None:
    """The other firm opens the mail and the page it leads to."""
    page = morning.enter("other")
    link = morning.open_mail(page, morning.mail_to("other", "公报〔2026〕1号"), folder, "mail-bulletin")
    page.goto(link)
    expect(page.locator("main")).to_contain_text("公报〔2026〕1号")
    expect(page.locator("main")).to_contain_text(WRITTEN[1][2])
    page.context.close()


def receipts(morning: Morning, page: Page, draft: str) -> None:
    """The desk sees who has read it, and who has not."""
    morning.go(page, f"{draft}/send")
    expect(page.locator("#receipts ~ p").first).to_contain_text("已发送 2 家，已阅读 1 家")
    morning.see(page, "receipts")


def telephone(morning: Morning, page: Page) -> None:
    """The firm has not answered its alert in its level's time: it is called, and the result is kept."""
    morning.pass_time(timedelta(days=9))
    morning.run("desk")
    morning.go(page, "/desk")
    page.get_by_role("link", name=f"电话联系企业：{FIRM_ZH}").first.click()
    page.wait_for_url(re.compile(r"/desk/tasks/[0-9a-f-]{36}"))
    page.locator("input[name=result][value=reached]").check()
    page.locator("#call-words").fill("法务已知悉，下午提交咨询。")
    page.get_by_role("button", name="记录通话").click()
    expect(page.locator("section[aria-labelledby=notes]")).to_contain_text("法务已知悉")
    morning.see(page, "called")
    # What was told by phone is not what the firm itself answered.
    morning.go(page, "/desk")
    expect(page.locator("main")).not_to_contain_text(f"电话联系企业：{FIRM_ZH}")
