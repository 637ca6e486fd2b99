"""Group robots: the documented shapes against a local server that answers as the makers do; the address stays a secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from sqlalchemy import select, update
from werkzeug import Request, Response

from config import ROOT
from core.audit import AuditRow
from core.clock import FixedClock
from core.errors import BadInput, DeliveryFailed
from core.said import said
from house import House
from notify.ledger import list_deliveries
from notify.letters import Item, Letter
from notify.models import Message, MessageDelivery, WebhookEndpoint
from notify.preferences import endpoint_of, remove_webhook, send_test, set_robot, set_webhook
from notify.rendering import Renderer, plain_mark
from notify.robots import (
    MOST_A_MINUTE,
    ROBOTS,
    Shape,
    body_of,
    check_answer,
    checked_robot_url,
    shown_url,
    signed_url,
)
from tests.conftest import MakeHouse
from tests.factories import bring_firms, drain, member, raw_case, record, staff

KEY = "693a91f6-7a4c-4bc4-97a0-0ec2sifa5aaa"
WECOM = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"
DINGTALK = f"https://oapi.dingtalk.com/robot/send?access_token={KEY}"
HOSTILE = "Evil](https://evil.example) <@all> **x** \r\n# y `z` https://evil.example"
_RENDERER = Renderer(ROOT, "https://seamark.example.org")


def _letter(items: int, title: str = "Acme v. Hailan") -> Letter:
    made = [
        Item(
            said("Nothing happened"),
            f"{title} {n}",
            [(said("Docket number"), str(n))],
            (),
            f"/alerts/{n}",
            said("Read the case"),
        )
        for n in range(items)
    ]
    return Letter(
        said("Seamark: a test message"),
        said("Nothing happened"),
        made,
        said("Somebody pressed the button for a test."),
    )


@pytest.mark.parametrize("shape", [Shape.WECOM, Shape.DINGTALK])
@pytest.mark.parametrize("items", [1, 5, 60, 400])
def test_a_text_keeps_within_the_makers_bytes_and_says_when_more_stands_elsewhere(
    shape: Shape, items: int
) -> None:
    body = json.loads(body_of(shape, _RENDERER.render(_letter(items))))
    assert body["msgtype"] == "markdown"
    text = body["markdown"]["content" if shape is Shape.WECOM else "text"]
    assert len(text.encode()) <= ROBOTS[shape].most_bytes
    assert "海标" in text
    shown = text.count("/alerts/")
    is_whole = all(f"(https://seamark.example.org/alerts/{n})" in text for n in range(items))
    assert is_whole or "(https://seamark.example.org/alerts)" in text
    assert shown <= items
    if items == 1:
        assert is_whole


def test_a_hostile_caption_makes_no_link_and_calls_nobody() -> None:
    for shape, field in ((Shape.WECOM, "content"), (Shape.DINGTALK, "text")):
        text = json.loads(body_of(shape, _RENDERER.render(_letter(1, HOSTILE))))["markdown"][field]
        assert "evil.example" in text
        assert "](https://evil" not in text
        assert "https://evil" not in text
        assert "<@all>" not in text
        assert text.count("](") == 1, "our own link alone"


@given(st.text(max_size=200))
def test_text_of_others_is_never_mark_up(text: str) -> None:
    made = plain_mark(text)
    assert not set(made) & set("[]<>*_`#|~\\\n\r")
    assert "://" not in made


def test_an_address_is_the_makers_or_none() -> None:
    assert checked_robot_url(Shape.WECOM, f" {WECOM} ") == WECOM
    assert checked_robot_url(Shape.DINGTALK, DINGTALK) == DINGTALK
    for shape, wrong in (
        (Shape.WECOM, DINGTALK),
        (Shape.DINGTALK, WECOM),
        (Shape.WECOM, WECOM.replace("https", "http")),
        (Shape.WECOM, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"),
        (Shape.WECOM, WECOM.replace("qyapi.weixin.qq.com", "qyapi.weixin.qq.com.evil.example")),
        (Shape.WECOM, WECOM.replace("https://", "https://user:pw@")),
        (Shape.WECOM, WECOM + "&key=other"),
        (Shape.WECOM, "https://[broken"),
        (Shape.DINGTALK, "http://localhost:9/robot/send?access_token=x"),
    ):
        with pytest.raises(BadInput) as refused:
            checked_robot_url(shape, wrong)
        assert KEY not in f"{refused.value} {refused.value.fix}"
    assert KEY not in shown_url(Shape.WECOM, WECOM)


def test_dingtalks_signature_is_that_of_its_documentation() -> None:
    at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    asked = parse_qs(urlsplit(signed_url(Shape.DINGTALK, DINGTALK, "SECabc", at)).query)
    (stamp,) = asked["timestamp"]
    assert stamp == "1772443800000"
    expected = hmac.digest(b"SECabc", f"{stamp}\nSECabc".encode(), hashlib.sha256)
    assert base64.b64decode(asked["sign"][0]) == expected
    assert signed_url(Shape.DINGTALK, DINGTALK, "", at) == DINGTALK
    assert signed_url(Shape.WECOM, WECOM, "x", at) == WECOM


@pytest.mark.parametrize(
    ("shape", "answer", "is_final"),
    [
        (Shape.WECOM, '{"errcode":45009,"errmsg":"api freq out of limit"}', False),
        (Shape.WECOM, '{"errcode":93000,"errmsg":"invalid webhook url"}', True),
        (Shape.DINGTALK, '{"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}', False),
        (Shape.DINGTALK, '{"errcode":310000,"errmsg":"sign not match"}', True),
        (Shape.DINGTALK, '{"errcode":300001,"errmsg":"token is not exist"}', True),
        (Shape.DINGTALK, '{"errcode":-1,"errmsg":"system busy"}', False),
        (Shape.WECOM, "<html>", False),
        (Shape.WECOM, "[]", False),
        (Shape.WECOM, '{"errcode":"ok"}', False),
    ],
)
def test_an_answer_says_whether_another_try_helps(shape: Shape, answer: str, is_final: bool) -> None:
    with pytest.raises(DeliveryFailed) as failure:
        check_answer(shape, answer.encode())
    assert failure.value.is_final == is_final
    assert "errmsg" not in failure.value.message


def test_a_taken_message_is_taken() -> None:
    for shape in ROBOTS:
        check_answer(shape, b'{"errcode":0,"errmsg":"ok"}')


@pytest.fixture
def robots(make_house: MakeHouse, each_database_url: str, httpserver: HTTPServer) -> tuple[House, HTTPServer]:
    """A house whose deployment lets robots be on this machine."""
    house = make_house(each_database_url, SEAMARK_WEBHOOK_ALLOW=f"localhost:{httpserver.port}")
    bring_firms(house)
    return house, httpserver


def _set(house: House, server: HTTPServer, shape: Shape, secret: str = "") -> WebhookEndpoint:
    robot = ROBOTS[shape]
    url = f"{server.url_for(robot.path)}?{robot.key}={KEY}"
    allowed = house.settings.webhook_allow
    with house.database.write() as session:
        return set_robot(
            session, house.clock, house.vault, member(house, "alpha"), shape, url, secret, allowed
        )


def _later(house: House, **by: float) -> Any:
    assert isinstance(house.clock, FixedClock)
    house.clock.advance(timedelta(**by))
    return house.dispatcher().run()


@pytest.mark.parametrize("shape", [Shape.WECOM, Shape.DINGTALK])
def test_an_alert_reaches_the_group_once_it_is_taken(robots: tuple[House, HTTPServer], shape: Shape) -> None:
    house, server = robots
    _set(house, server, shape, "SECabc")
    got: list[Request] = []
    answers = ['{"errcode":-1,"errmsg":"system busy"}', '{"errcode":0,"errmsg":"ok"}']

    def take(request: Request) -> Response:
        request.get_data()
        got.append(request)
        return Response(answers[len(got) - 1], 200, content_type="application/json")

    server.expect_request(ROBOTS[shape].path, method="POST").respond_with_handler(take)
    record(house, raw_case())
    drain(house)
    assert _later(house, minutes=1).put_off == 1
    assert _later(house, minutes=1).accepted == 1
    assert _later(house, days=1).accepted == 0
    asked = got[1]
    assert asked.args[ROBOTS[shape].key] == KEY
    assert ("sign" in asked.args) == (shape is Shape.DINGTALK)
    assert "Seamark-Signature" not in asked.headers
    told = json.loads(asked.get_data())["markdown"]
    assert "2:26-cv-00011" in told["content" if shape is Shape.WECOM else "text"]


def test_a_robot_that_is_gone_is_not_tried_again(robots: tuple[House, HTTPServer]) -> None:
    house, server = robots
    _set(house, server, Shape.WECOM)
    path = ROBOTS[Shape.WECOM].path
    server.expect_request(path).respond_with_json({"errcode": 93000, "errmsg": "invalid webhook url"})
    record(house, raw_case())
    drain(house)
    assert _later(house, minutes=1).failed == 1
    with house.database.read() as session:
        row = session.scalars(select(MessageDelivery).where(MessageDelivery.channel == "webhook")).one()
        assert (row.state, str(row.problem)) == ("failed", "The robot refused the message (code 93000).")


def test_a_robot_gets_no_more_a_minute_than_it_takes(robots: tuple[House, HTTPServer]) -> None:
    house, server = robots
    _set(house, server, Shape.WECOM)
    server.expect_request(ROBOTS[Shape.WECOM].path).respond_with_json({"errcode": 0, "errmsg": "ok"})
    assert isinstance(house.clock, FixedClock)
    start = house.clock.now()
    for n in range(MOST_A_MINUTE + 4):
        record(house, raw_case(f"2:26-cv-1{n:04d}"))
        drain(house)
        with house.database.write() as session:
            # Each leaves by itself, as when they come half a minute apart for an hour.
            session.execute(update(Message).values(gathering=None))
        house.clock.advance(timedelta(seconds=31))
        house.dispatcher().run()
        house.clock.advance(-timedelta(seconds=31))
    assert len(server.log) == MOST_A_MINUTE
    house.clock.advance(start - house.clock.now() + timedelta(seconds=92))
    house.dispatcher().run()
    assert len(server.log) == MOST_A_MINUTE + 1, "what waited goes in one post"
    assert all(f"2:26-cv-1{n:04d}" in server.log[-1][0].get_data(as_text=True) for n in range(18, 22))


def test_the_key_is_kept_sealed_and_shown_and_logged_nowhere(
    make_house: MakeHouse,
    database_url: str,
    httpserver: HTTPServer,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    house = make_house(database_url, SEAMARK_WEBHOOK_ALLOW=f"localhost:{httpserver.port}")
    bring_firms(house)
    endpoint = _set(house, httpserver, Shape.DINGTALK, "SECquiet")
    httpserver.expect_request(ROBOTS[Shape.DINGTALK].path).respond_with_data("oops", 500)
    record(house, raw_case())
    drain(house)
    _later(house, minutes=1)
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as database:
        dump = "\n".join(database.iterdump())
    assert KEY not in dump
    assert "SECquiet" not in dump
    assert KEY.encode().hex().upper() not in dump.upper()
    # The server of the test writes down what it is asked; we do not.
    ours = [record.getMessage() for record in caplog.records if record.name != "werkzeug"]
    assert ours
    assert KEY not in "\n".join([*ours, *capsys.readouterr()])
    with house.database.read() as session:
        shown = endpoint_of(session, member(house, "alpha"))
        assert shown is not None
        assert KEY not in shown.url
        assert [KEY in str(row.__dict__) for row in session.scalars(select(AuditRow))].count(True) == 0
        lines = list_deliveries(session, staff(house)).rows
        assert {line.receiver for line in lines if line.delivery.channel == "webhook"} == {"localhost"}
        assert endpoint.sealed is not None
        kept = json.loads(house.vault.open(endpoint.centre_id, endpoint.id, endpoint.sealed))
        assert (KEY in kept["url"], kept["secret"]) == (True, "SECquiet")


def test_a_removed_robot_leaves_no_key_and_gets_nothing(robots: tuple[House, HTTPServer]) -> None:
    house, server = robots
    _set(house, server, Shape.WECOM)
    record(house, raw_case())
    drain(house)
    with house.database.write() as session:
        remove_webhook(session, house.clock, member(house, "alpha"))
    _later(house, minutes=1)
    assert server.log == []
    with house.database.read() as session:
        assert [row.sealed for row in session.scalars(select(WebhookEndpoint))] == [None]


def test_a_robots_address_is_refused_as_a_webhook(robots: tuple[House, HTTPServer]) -> None:
    house, _ = robots
    for url in (WECOM, DINGTALK):
        with pytest.raises(BadInput, match="group robot"), house.database.write() as session:
            set_webhook(session, house.clock, member(house, "alpha"), url)


def test_a_test_reaches_the_robot(robots: tuple[House, HTTPServer]) -> None:
    house, server = robots
    _set(house, server, Shape.WECOM)
    server.expect_request(ROBOTS[Shape.WECOM].path).respond_with_json({"errcode": 0, "errmsg": "ok"})
    with house.database.write() as session:
        send_test(session, house.clock, house.mailroom, member(house, "alpha"))
    assert _later(house, seconds=1).accepted == 2
    assert "海标" in server.log[0][0].get_data(as_text=True)
