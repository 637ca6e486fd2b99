"""Whoever applied without an account hears by mail how their application stands, and nothing a reader of mail should not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.clock import FixedClock
from core.outbox import Message, OutboxRow, drain
from experts.agencies import applying as agency_applying
from experts.agencies import checking
from experts.appointing import applying, reviewing
from experts.appointing.models import Application
from experts.outside import address_in
from house import House
from notify.ledger import list_deliveries
from notify.models import MessageDelivery
from tests.experts.agencies.affair import Affair as AgencyAffair
from tests.experts.agencies.affair import People as AgencyPeople
from tests.experts.appointing.affair import Affair, People
from tests.factories import staff
from tests.mail_server import Post, post, serve_mail

__all__ = ["post", "serve_mail"]
MakeHouse = Callable[..., House]


@pytest.fixture
def mailing(make_house: MakeHouse, database_url: str, post: Post) -> House:
    return make_house(
        database_url, SEAMARK_SMTP_URL=post.url, SEAMARK_MAIL_FROM="Seamark <notices@centre.example.org>"
    )


def mail_all(house: House) -> None:
    drain(house.database, house.subscriptions, house.clock)
    assert isinstance(house.clock, FixedClock)
    house.clock.advance(timedelta(seconds=20))
    house.dispatcher().run()


def texts(post: Post, to: str) -> list[str]:
    """The texts of the mails to an address, and forget them."""
    found = [
        mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        for mail, receiver in zip(post.mails, post.receivers, strict=True)
        if receiver == to
    ]
    post.mails.clear()
    post.receivers.clear()
    return found


def test_an_applicant_hears_of_receipt_supplement_and_its_last_day(mailing: House, post: Post) -> None:
    affair = Affair(People.of(mailing)).to("submitted")
    mail_all(mailing)
    (received,) = texts(post, "applicant@example.org")
    number = affair.now.number
    assert number and number in received and "已提交" in received
    affair.act(reviewing.begin_check, "staff")
    mail_all(mailing)
    assert len(texts(post, "applicant@example.org")) == 1
    affair.act(reviewing.ask_supplement, "staff", note="请补充执业证书。")
    mail_all(mailing)
    (asked,) = texts(post, "applicant@example.org")
    assert affair.now.due_on is not None and affair.now.due_on.isoformat() in asked
    # What stands behind it is read by the private link alone.
    for secret in ("示例申请人", "Sample Applicant", "执业证书", affair.token):
        assert secret not in asked
    affair.act(applying.supplement, "applicant", words="已补充。")
    mail_all(mailing)
    assert texts(post, "applicant@example.org") == [], "their own step is no news to them"


def test_an_agency_hears_the_same(mailing: House, post: Post) -> None:
    affair = AgencyAffair(
        AgencyPeople.of(mailing), contact="张三，电话 010-1234，zhang@agency.example.org"
    ).to("form_check")
    mail_all(mailing)
    texts(post, "zhang@agency.example.org")
    affair.act(checking.take, "staff", "ask_supplement", note="请补充执业许可。")
    mail_all(mailing)
    (asked,) = texts(post, "zhang@agency.example.org")
    assert str(affair.now.number) in asked and str(affair.now.due_on) in asked
    affair.act(agency_applying.supplement, "agency", words="已补充。")
    mail_all(mailing)
    assert texts(post, "zhang@agency.example.org") == []


def test_who_told_no_address_gets_no_mail_and_who_erased_it_none_any_more(mailing: House, post: Post) -> None:
    people = People.of(mailing)
    Affair(people, contact="010-1234").to("submitted")
    mail_all(mailing)
    assert texts(post, "010-1234") == []
    affair = Affair(people, name_zh="另一位申请人").to("submitted")
    drain(mailing.database, mailing.subscriptions, mailing.clock)
    with mailing.database.write() as session:
        session.get_one(Application, affair.id).contact = ""
    mail_all(mailing)
    assert texts(post, "applicant@example.org") == []
    with mailing.database.read() as session:
        (state,) = session.scalars(
            select(MessageDelivery.state).where(MessageDelivery.receiver_id == affair.id)
        )
        assert state == "failed"
        assert any(
            line.delivery.receiver_id == affair.id for line in list_deliveries(session, staff(mailing)).rows
        )


@pytest.mark.parametrize(
    ("contact", "address"),
    [
        ("applicant@example.org", "applicant@example.org"),
        ("邮箱：li.si@example.com；电话 139", "li.si@example.com"),
        ("Li Si <li@example.com>", "li@example.com"),
        ("li@ example.com", None),
        ("010-1234", None),
        ("", None),
        ("a@b\r\nBcc: x@example.com", "x@example.com"),
    ],
)
def test_an_address_is_found_in_what_was_written(contact: str, address: str | None) -> None:
    assert address_in(contact) == address


def test_a_message_told_again_is_mailed_once(mailing: House, post: Post) -> None:
    affair: Any = Affair(People.of(mailing)).to("submitted")
    mail_all(mailing)
    consumer = next(c for c in mailing.subscriptions.consumers if c.name == "tell-applicants")
    with mailing.database.write() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.topic == "application.moved"))
        consumer.handler(session, [Message(row.id, row.topic, row.key, row.payload) for row in rows])
    mail_all(mailing)
    assert len(texts(post, "applicant@example.org")) == 1
    assert affair.now.number
