"""A person sets up how they are told: a robot, a phone number, a rhythm, a feed; staff read the ledger of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.clock import FixedClock
from notify.robots import ROBOTS, Shape
from tests.browser.looking import look_at
from tests.browser.open_world import open_world, signed_in
from tests.mail_server import Post
from tests.web.conftest import make_site
from tests.web.world import Site, address_of

pytestmark = pytest.mark.browser
CODES: list[str] = []


@pytest.fixture
def open_site(tmp_path: Path, post: Post, httpserver: HTTPServer) -> Iterator[tuple[Site, str]]:
    """The world of the page tests behind a real socket, with every channel set up."""
    site = make_site(
        tmp_path / "home",
        SEAMARK_SMTP_URL=post.url,
        SEAMARK_MAIL_FROM="notices@centre.example.org",
        SEAMARK_BASE_URL="https://seamark.example.org",
        SEAMARK_SMS_URL=httpserver.url_for("/sms"),
        SEAMARK_WEBHOOK_ALLOW=f"localhost:{httpserver.port}",
    )

    def take(request: Request) -> Response:
        CODES.append(request.form["text"])
        return Response("")

    httpserver.expect_request("/sms").respond_with_handler(take)
    httpserver.expect_request(ROBOTS[Shape.DINGTALK].path).respond_with_json({"errcode": 0, "errmsg": "ok"})
    with open_world(site, "a", "staff", "expert") as served:
        yield served


def dispatch(site: Site) -> None:
    assert isinstance(site.house.clock, FixedClock)
    site.house.clock.advance(timedelta(minutes=2))
    site.house.dispatcher().run()


def test_a_person_sets_up_every_channel(
    browser: Browser, open_site: tuple[Site, str], httpserver: HTTPServer, post: Post
) -> None:
    site, address = open_site
    page = signed_in(browser, address, "a")
    page.goto(f"{address}/notices")
    assert look_at(page, "notices-empty") == []
    page.get_by_label("案件符合监测方案").select_option("weekly")
    page.get_by_label("开始时刻").fill("22:00")
    page.get_by_label("结束时刻").fill("07:30")
    page.get_by_role("button", name="保存发送时间").click()
    expect(page.locator("#quiet-to")).to_have_value("07:30")

    page.get_by_label("手机号", exact=True).fill("138 0000 1234")
    page.get_by_label("我同意中心").check()
    page.get_by_role("button", name="发送验证码").click()
    expect(page.get_by_text("138****1234").first).to_be_visible()
    dispatch(site)
    assert look_at(page, "notices-code") == []
    page.get_by_label("短信验证码").fill(CODES[-1].split("码 ")[1][:6])
    page.get_by_role("button", name="验证手机号").click()
    expect(page.get_by_text("已验证").first).to_be_visible()

    robot = ROBOTS[Shape.DINGTALK]
    page.get_by_label("机器人种类").select_option("dingtalk")
    page.get_by_label("机器人地址").fill(f"{httpserver.url_for(robot.path)}?access_token=k-9d3f71")
    page.get_by_label("加签密钥").fill("SECabc")
    page.get_by_role("button", name="设置机器人").click()
    assert "k-9d3f71" not in page.content()
    page.get_by_role("button", name="发送测试消息").click()
    page.get_by_role("button", name="给我发一封测试邮件").click()
    page.get_by_role("button", name="给我发一条测试短信").click()
    dispatch(site)
    assert post.receivers[-1] == address_of("a")
    assert any("sign" in asked.args for asked, _ in httpserver.log)
    assert CODES[-1].endswith("https://seamark.example.org/notices")
    page.get_by_role("button", name="生成订阅源").click()
    token = page.locator(".secret code").inner_text().split("/feeds/")[1]
    page.screenshot(path=Path("build/shots/notices-feed-once.png"))
    assert page.request.get(f"{address}/feeds/{token}").ok
    page.goto(f"{address}/notices")
    expect(page.locator("section[aria-labelledby=sent] .badge").first).to_contain_text("对方已接收")
    assert look_at(page, "notices-set") == []

    staff = signed_in(browser, address, "staff")
    staff.goto(f"{address}/deliveries")
    assert look_at(staff, "deliveries-channels") == []
    staff.goto(f"{address}/notices")
    assert look_at(staff, "notices-staff") == []
    expert = signed_in(browser, address, "expert")
    expert.goto(f"{address}/notices")
    expert.get_by_label("有咨询指派给我").select_option("daily")
    expert.get_by_role("button", name="保存发送时间").click()
    assert look_at(expert, "notices-expert") == []
    for opened in (page, staff, expert):
        opened.context.close()
