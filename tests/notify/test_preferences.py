"""A firm's webhook and test: its own, secret once, in private networks never."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import select
from werkzeug import Request, Response

from core.audit import AuditRow
from core.clock import FixedClock
from core.errors import BadInput, NotAllowed, NotFound
from house import House
from notify.channels import signature
from notify.models import MessageDelivery, WebhookEndpoint
from notify.preferences import endpoint_of, remove_webhook, secret_maker, send_test, set_webhook
from tests.conftest import MakeHouse
from tests.factories import bring_firms, drain, member, raw_case, record, staff
from tests.notify.conftest import Mailing


@pytest.fixture
def hooked(make_house: MakeHouse, each_database_url: str, httpserver: HTTPServer) -> House:
    """A house whose deployment allows a webhook on this machine, and firm alpha with one."""
    pair = f"localhost:{httpserver.port}"
    house = make_house(each_database_url, SEAMARK_WEBHOOK_ALLOW=pair)
    bring_firms(house)
    with house.database.write() as session:
        set_webhook(session, house.clock, member(house, "alpha"), f"http://{pair}/in", frozenset({pair}))
    return house


def test_an_alert_reaches_the_firms_own_system_signed_and_once(
    hooked: House, clock: FixedClock, httpserver: HTTPServer
) -> None:
    bodies: list[Request] = []

    def take(request: Request) -> Response:
        request.get_data()
        bodies.append(request)
        return Response("", 500 if len(bodies) == 1 else 200)

    httpserver.expect_request("/in").respond_with_handler(take)
    record(hooked, raw_case())
    drain(hooked)
    clock.advance(timedelta(minutes=1))
    assert hooked.dispatcher().run().put_off == 1
    clock.advance(timedelta(minutes=1))
    assert hooked.dispatcher().run().accepted == 1
    first, second = bodies
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert first.headers["Seamark-Timestamp"] != second.headers["Seamark-Timestamp"]
    with hooked.database.read() as session:
        endpoint = session.scalars(select(WebhookEndpoint)).one()
    secret = secret_maker(hooked.settings.secret_key)(endpoint.salt)
    stamp, body = second.headers["Seamark-Timestamp"], second.get_data()
    assert second.headers["Seamark-Signature"] == "v1=" + signature(secret, stamp, body)
    assert json.loads(body)["items"][0]["case"]["docket_number"] == "2:26-cv-00011"


def test_a_new_address_has_a_new_secret_and_the_old_one_gets_nothing(
    hooked: House, clock: FixedClock
) -> None:
    secret_of, alpha = secret_maker(hooked.settings.secret_key), member(hooked, "alpha")
    record(hooked, raw_case())
    drain(hooked)
    with hooked.database.write() as session:
        old = endpoint_of(session, alpha)
        new = set_webhook(session, clock, alpha, "https://hooks.example.org/in")
        assert old is not None
        assert secret_of(old.salt) != secret_of(new.salt)
        assert secret_of(new.salt) not in json.dumps([new.url, new.salt])
    clock.advance(timedelta(minutes=1))
    hooked.dispatcher().run()
    with hooked.database.read() as session:
        row = session.scalars(select(MessageDelivery).where(MessageDelivery.channel == "webhook")).one()
        assert (row.state, str(row.problem)) == ("failed", "The webhook was removed or replaced.")
        assert endpoint_of(session, member(hooked, "beta")) is None


@pytest.mark.parametrize(
    "url",
    ["http://hooks.example.org/", "https://10.0.0.1/", "https://[::1]/", "https://localhost/", "https://u:p@x.org/",
     "https://169.254.169.254/latest", "javascript:alert(1)", "https://"],
)  # fmt: skip
def test_an_address_that_cannot_be_a_webhook_is_refused_when_it_is_set(house: House, url: str) -> None:
    bring_firms(house)
    with pytest.raises(BadInput), house.database.write() as session:
        set_webhook(session, house.clock, member(house, "alpha"), url)


def test_only_a_firm_has_a_webhook(house: House) -> None:
    bring_firms(house)
    with pytest.raises(NotAllowed), house.database.write() as session:
        set_webhook(session, house.clock, staff(house), "https://hooks.example.org/")
    with pytest.raises(NotFound), house.database.write() as session:
        remove_webhook(session, house.clock, member(house, "alpha"))


def test_a_test_reaches_every_channel_and_not_more_than_once_a_minute(mailing: Mailing) -> None:
    alpha, house = mailing.members["alpha"], mailing.house
    with house.database.write() as session:
        send_test(session, mailing.clock, house.mailroom, alpha)
    with pytest.raises(BadInput, match="less than a minute"), house.database.write() as session:
        send_test(session, mailing.clock, house.mailroom, alpha)
    assert mailing.dispatch(timedelta(0)).accepted == 2
    assert "测试" in mailing.post.mails[0]["Subject"]
    mailing.clock.advance(timedelta(minutes=2))
    with house.database.write() as session:
        send_test(session, mailing.clock, house.mailroom, alpha)
    assert mailing.dispatch(timedelta(0)).accepted == 2
    assert len({mail["Message-ID"] for mail in mailing.post.mails}) == 2


def test_what_a_firm_chooses_is_audited_without_its_address(mailing: Mailing) -> None:
    with mailing.house.database.write() as session:
        set_webhook(session, mailing.clock, mailing.members["alpha"], "https://hooks.example.org/secret-path")
    with mailing.house.database.read() as session:
        row = session.scalars(select(AuditRow).where(AuditRow.action == "notices.webhook_set")).one()
    assert row.fields == ["shape", "url"]
    assert "secret-path" not in json.dumps(row.digests)
