"""SMS: only what is urgent, only to a number whose owner agreed and proved it theirs, within seventy characters."""

from __future__ import annotations

import json
import sqlite3
import uuid
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import select, update
from werkzeug import Request, Response

from accounts.models import User
from core.actor import Actor
from core.clock import FixedClock
from core.errors import BadInput, DeliveryFailed, NotFound
from house import House
from notify.channels import Parcel
from notify.ledger import list_deliveries
from notify.models import ChannelPreference, MessageDelivery
from notify.phones import (
    CODE_LASTS,
    MOST_CODES_A_DAY,
    MOST_GUESSES,
    code_of,
    confirm_number,
    give_number,
    masked,
    parsed_number,
    remove_number,
)
from notify.preferences import choose_rhythm
from notify.rendering import Rendered, units
from notify.sms import MOST_UNITS, SmsChannel
from tests.conftest import MakeHouse
from tests.factories import bring_firms, drain, raw_case, record, staff
from tests.notify.conftest import join
from warning.levels import decide_level

NUMBER = "13800001234"
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class Gateway:
    """A house that sends SMS through a local gateway, and what the gateway got."""

    def __init__(self, house: House, server: HTTPServer) -> None:
        self.house, self.got = house, list[dict[str, str]]()
        self.keys: list[str] = []
        self.answers: list[Response] = []
        bring_firms(house)
        self.alpha = join(house, "alpha", "alpha@firm.example.org")

        def take(request: Request) -> Response:
            self.got.append(json.loads(request.get_data()))
            self.keys.append(request.headers["Idempotency-Key"])
            return self.answers.pop(0) if self.answers else Response('{"code":0}', 200)

        server.expect_request("/send", method="POST").respond_with_handler(take)

    @property
    def clock(self) -> FixedClock:
        assert isinstance(self.house.clock, FixedClock)
        return self.house.clock

    def dispatch(self, **by: float) -> Any:
        self.clock.advance(timedelta(**by))
        return self.house.dispatcher().run()

    def give(self, number: str = NUMBER, *, agrees: bool = True, actor: Actor | None = None) -> None:
        house = self.house
        with house.database.write() as session:
            give_number(
                session, house.clock, house.vault, house.mailroom, actor or self.alpha, number, agrees=agrees
            )

    def confirm(self, code: str) -> bool:
        with self.house.database.write() as session:
            return confirm_number(session, self.house.clock, self.house.settings.secret_key, self.alpha, code)

    def verify(self) -> None:
        """Give a number and type the code that came."""
        self.give()
        self.dispatch(seconds=1)
        assert self.confirm(self.got.pop()["content"].split("码 ")[1][:6])

    def level_one(self, number: int) -> None:
        told = record(self.house, raw_case(f"2:26-cv-9{number:04d}"))
        with self.house.database.write() as session:
            decide_level(
                session, self.clock, staff(self.house), told.case_id, "L1", "本地企业被诉,期限将至", seen=None
            )
        drain(self.house)


@pytest.fixture
def gateway(make_house: MakeHouse, each_database_url: str, httpserver: HTTPServer) -> Gateway:
    house = make_house(
        each_database_url,
        SEAMARK_SMS_URL=httpserver.url_for("/send"),
        SEAMARK_SMS_FIELDS='{"mobile": "{to}", "content": "【海标】{text}", "id": "{key}", "apikey": "k"}',
        SEAMARK_SMS_TAKEN="code=0",
        SEAMARK_BASE_URL="https://seamark.example.org",
    )
    return Gateway(house, httpserver)


def test_a_level_one_alert_reaches_a_verified_number_and_another_does_not(gateway: Gateway) -> None:
    gateway.verify()
    record(gateway.house, raw_case("2:26-cv-90001"))
    drain(gateway.house)
    gateway.dispatch(minutes=1)
    assert gateway.got == []
    gateway.level_one(2)
    gateway.dispatch(minutes=1)
    (sms,) = gateway.got
    assert sms["mobile"] == NUMBER
    assert "2:26-cv-90002" in sms["content"]
    assert sms["content"].endswith(" https://seamark.example.org/alerts")
    assert units(sms["content"]) <= MOST_UNITS
    assert sms["apikey"] == "k"
    with gateway.house.database.read() as session:
        rows = session.scalars(select(MessageDelivery).where(MessageDelivery.channel == "sms")).all()
        assert {row.state for row in rows} == {"accepted"}
        assert sms["id"] == gateway.keys[-1] == str(rows[-1].id)
        lines = list_deliveries(session, staff(gateway.house), channel="sms").rows
    assert {line.receiver for line in lines} == {"138****1234"}
    gateway.dispatch(days=1)
    assert len(gateway.got) == 1


def test_an_sms_comes_at_night_too(gateway: Gateway) -> None:
    gateway.verify()
    with gateway.house.database.write() as session:
        choose_rhythm(session, gateway.clock, gateway.alpha, {"named": "weekly"}, ("00:00", "23:59"))
    gateway.level_one(1)
    gateway.dispatch(minutes=1)
    assert len(gateway.got) == 1


def test_a_number_that_is_not_verified_gets_its_code_and_nothing_else(gateway: Gateway) -> None:
    gateway.give()
    gateway.dispatch(seconds=1)
    assert len(gateway.got) == 1
    gateway.level_one(1)
    gateway.dispatch(minutes=1)
    assert len(gateway.got) == 1
    assert units(gateway.got[0]["content"]) <= MOST_UNITS


def test_without_consent_no_number_is_kept(gateway: Gateway) -> None:
    with pytest.raises(BadInput, match="consent"):
        gateway.give(agrees=False)
    with gateway.house.database.read() as session:
        assert session.scalars(select(ChannelPreference)).all() == []


def test_consent_is_recorded_and_withdrawn_and_the_number_is_gone(gateway: Gateway) -> None:
    gateway.verify()
    with gateway.house.database.read() as session:
        row = session.scalars(select(ChannelPreference)).one()
        assert (row.consent, row.shown) == ("sms-1", "138****1234")
        assert row.consented_at is not None
        assert row.sealed is not None
        assert NUMBER.encode() not in row.sealed
    gateway.level_one(1)
    with gateway.house.database.write() as session:
        remove_number(session, gateway.clock, gateway.alpha)
    gateway.dispatch(minutes=1)
    assert gateway.got == []
    with gateway.house.database.read() as session:
        row = session.scalars(select(ChannelPreference)).one()
        assert (row.sealed, row.shown, row.consent, row.consented_at, row.verified_at) == (None,) * 5
        failed = session.scalars(select(MessageDelivery).where(MessageDelivery.state == "failed")).one()
        assert str(failed.problem) == "The receiver no longer takes SMS."
    with pytest.raises(NotFound), gateway.house.database.write() as session:
        remove_number(session, gateway.clock, gateway.alpha)


def test_a_code_is_guessed_at_five_times_and_lasts_ten_minutes(gateway: Gateway) -> None:
    gateway.give()
    gateway.dispatch(seconds=1)
    code = gateway.got[0]["content"].split("码 ")[1][:6]
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(MOST_GUESSES):
        assert not gateway.confirm(wrong)
    with pytest.raises(BadInput, match="counts no more"):
        gateway.confirm(code)
    gateway.dispatch(minutes=2)
    gateway.give()
    gateway.dispatch(seconds=1)
    later = gateway.got[-1]["content"].split("码 ")[1][:6]
    gateway.clock.advance(CODE_LASTS)
    with pytest.raises(BadInput, match="counts no more"):
        gateway.confirm(later)


def test_codes_are_not_sent_without_end(gateway: Gateway) -> None:
    gateway.give()
    with pytest.raises(BadInput, match="less than a minute"):
        gateway.give()
    for _ in range(MOST_CODES_A_DAY - 1):
        gateway.clock.advance(timedelta(minutes=2))
        gateway.give("13900005678")
        with gateway.house.database.write() as session:
            remove_number(session, gateway.clock, gateway.alpha)
    gateway.clock.advance(timedelta(minutes=2))
    with pytest.raises(BadInput, match="Too many codes"):
        gateway.give()
    gateway.clock.advance(timedelta(days=1, minutes=1))
    gateway.give()


def test_an_old_code_is_not_sent(gateway: Gateway) -> None:
    gateway.give()
    assert gateway.dispatch(minutes=11).failed == 1
    assert gateway.got == []


def test_whoever_left_gets_no_sms(gateway: Gateway) -> None:
    gateway.verify()
    gateway.level_one(1)
    with gateway.house.database.write() as session:
        session.execute(update(User).values(active=False))
    gateway.dispatch(minutes=1)
    assert gateway.got == []


def test_a_gateway_that_refuses_is_asked_again_under_the_same_key(gateway: Gateway) -> None:
    gateway.verify()
    gateway.answers = [Response('{"code":7}', 200), Response("down", 503)]
    gateway.level_one(1)
    assert gateway.dispatch(minutes=1).put_off == 1
    assert gateway.dispatch(minutes=1).put_off == 1
    assert gateway.dispatch(minutes=5).accepted == 1
    assert len(set(gateway.keys[-3:])) == 1


def test_the_number_and_the_code_stand_nowhere_in_the_clear(
    make_house: MakeHouse, database_url: str, httpserver: HTTPServer, capsys: pytest.CaptureFixture[str]
) -> None:
    house = make_house(database_url, SEAMARK_SMS_URL=httpserver.url_for("/send"))
    bring_firms(house)
    alpha = join(house, "alpha", "alpha@firm.example.org")
    with house.database.write() as session:
        row = give_number(session, house.clock, house.vault, house.mailroom, alpha, NUMBER, agrees=True)
        assert row.code_salt is not None
        code = code_of(house.settings.secret_key, row.code_salt)
    house.dispatcher().run()
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as database:
        dump = "\n".join(database.iterdump())
    assert NUMBER not in dump
    assert f"'{code}'" not in dump
    assert NUMBER.encode().hex().upper() not in dump.upper()
    assert NUMBER not in "".join(capsys.readouterr())


def test_without_a_gateway_no_number_is_taken(make_house: MakeHouse, database_url: str) -> None:
    house = make_house(database_url)
    bring_firms(house)
    alpha = join(house, "alpha", "alpha@firm.example.org")
    with pytest.raises(BadInput, match="no SMS"), house.database.write() as session:
        give_number(session, house.clock, house.vault, house.mailroom, alpha, NUMBER, agrees=True)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("138 0000-1234", NUMBER),
        ("+86 13800001234", NUMBER),
        ("008613800001234", NUMBER),
        ("+1 (212) 555-0100", "+12125550100"),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, number: str) -> None:
    assert parsed_number(text) == number


@pytest.mark.parametrize("text", ["", "12345", "02112345678", "+0123456789", "1380000123４", "1" * 30, "+86"])
def test_what_is_no_mobile_number_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parsed_number(text)


def test_a_mask_tells_numbers_apart_and_no_more() -> None:
    assert masked("+12125550100") == "+12****0100"


def _parcel(line: str, link: str) -> Parcel:
    return Parcel(uuid.uuid4(), NUMBER, "alert", Rendered("", "", "", {}, line=line, link=link), AT)


@pytest.mark.parametrize("line", ["短", "字" * 200, "𠀀" * 80, ""])
def test_words_are_cut_and_the_link_never(httpserver: HTTPServer, line: str) -> None:
    got: list[str] = []

    def take(request: Request) -> Response:
        got.append(request.form["text"])
        return Response("")

    httpserver.expect_request("/").respond_with_handler(take)
    link = "https://seamark.example.org/alerts"
    channel = SmsChannel(httpserver.url_for("/"), "to={to}&text=【海标】{text}")
    channel.send(_parcel(line, link))
    assert units(got[0]) <= MOST_UNITS
    assert got[0].endswith(link)
    assert got[0].startswith("【海标】")


def test_braces_of_a_caption_fill_no_field(httpserver: HTTPServer) -> None:
    got: list[dict[str, str]] = []

    def take(request: Request) -> Response:
        got.append(json.loads(request.get_data()))
        return Response("")

    httpserver.expect_request("/").respond_with_handler(take)
    channel = SmsChannel(httpserver.url_for("/"), '{"m": "{to}", "t": "{text}", "k": "{key}"}')
    channel.send(_parcel('{to} "}, {"m": "x', ""))
    assert got[0]["t"] == '{to} "}, {"m": "x'
    assert got[0]["m"] == NUMBER


def test_a_gateway_that_is_away_is_tried_again() -> None:
    channel = SmsChannel("http://127.0.0.1:1/send", "to={to}&text={text}", seconds=2)
    with pytest.raises(DeliveryFailed, match="gateway cannot be reached") as failure:
        channel.send(_parcel("x", ""))
    assert not failure.value.is_final
    assert NUMBER not in failure.value.message
