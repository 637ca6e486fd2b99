"""A published bulletin goes to the firms it is for, once, and what a firm watches stays the firm's."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import select

from core.errors import BadInput, NotAllowed, NotFound, TransitionRefused
from core.said import Said
from house import House
from notify.models import Message, MessageDelivery, MessageSubject
from notify.topics import BULLETIN
from tests.factories import firm_id, member, staff
from tests.warning.bulletin_world import Desk, person
from warning.bulletin_models import BulletinReceipt
from warning.bulletin_sending import (
    Audience,
    Chosen,
    choose_firms,
    mark_received,
    receipts_of,
    received,
    send_bulletin,
    waits_to_be_read,
)
from warning.bulletin_telling import compose_bulletins
from warning.bulletins import get_bulletin
from warning.criteria import Criteria
from warning.watch_profiles import create_profile

FIRMS = """firm,name,kind,industry
alpha,海岚无人机科技股份有限公司,legal_zh,ind.next_gen_ict
alpha,Hailan Drone Technology Co. Ltd.,legal_en,
beta,北泽照明股份有限公司,legal_zh,ind.next_gen_ict
beta,Beize Lighting Co. Ltd.,legal_en,
gamma,远泊精密仪器有限公司,legal_zh,
delta,东岬纺织有限公司,legal_zh,
"""


@pytest.fixture
def desk(each_house: House) -> Desk:
    """A published bulletin on a US case that names alpha; gamma watches such cases."""
    from tests.factories import bring_firms
    from tests.warning.bulletin_world import a_case

    bring_firms(each_house, FIRMS)
    made = Desk(each_house, a_case(each_house)).publish()
    with each_house.database.write() as session:
        create_profile(
            session,
            each_house.clock,
            member(each_house, "gamma"),
            "secret",
            Criteria(dispute_types=frozenset({"dt.patent_infringement"}), include=("Acme Optics",)),
        )
    return made


def chosen(desk: Desk, audience: Audience) -> Chosen:
    with desk.house.database.read() as session:
        bulletin = get_bulletin(session, desk.reviewer, desk.id)
        return choose_firms(session, desk.reviewer, bulletin, audience)


def send(desk: Desk, audience: Audience, actor: Any = None) -> int:
    house = desk.house
    with house.database.write() as session:
        return send_bulletin(session, house.clock, house.mailroom, actor or desk.reviewer, desk.id, audience)


def refs(found: Chosen) -> dict[str, list[dict[str, str]]]:
    return {firm.ref: why for firm, why in found.open}


def test_each_way_leads_to_its_firms_and_says_why(desk: Desk) -> None:
    industry = {"kind": "industry", "value": "ind.next_gen_ict"}
    assert refs(chosen(desk, Audience(industries=frozenset({"ind.next_gen_ict"})))) == {
        "alpha": [industry], "beta": [industry]
    }  # fmt: skip
    assert refs(chosen(desk, Audience(regions=frozenset({"US", "DE"})))) == {
        "alpha": [{"kind": "region", "value": "US"}]
    }
    assert refs(chosen(desk, Audience(regions=frozenset({"DE"})))) == {}
    named = chosen(desk, Audience(named=("delta", "beize lighting co. ltd.")))
    assert refs(named) == {ref: [{"kind": "named", "value": ""}] for ref in ("beta", "delta")}
    both = chosen(desk, Audience(industries=frozenset({"ind.next_gen_ict"}), regions=frozenset({"US"})))
    assert refs(both)["alpha"] == [industry, {"kind": "region", "value": "US"}]
    assert refs(chosen(desk, Audience())) == {}


def test_a_name_nobody_has_sends_to_nobody(desk: Desk) -> None:
    with pytest.raises(BadInput) as caught:
        send(desk, Audience(named=("delta", "No Such Firm")))
    assert "No Such Firm" in str(caught.value.details["fields"])
    with desk.house.database.read() as session:
        assert session.scalars(select(BulletinReceipt)).all() == []


def test_a_firm_that_only_its_watching_leads_to_is_counted_and_never_named(desk: Desk) -> None:
    found = chosen(desk, Audience(by_watch=True, named=("delta",)))
    assert refs(found).keys() == {"delta"} and found.private == 1
    assert send(desk, Audience(by_watch=True, named=("delta",))) == 2
    with desk.house.database.read() as session:
        bulletin = get_bulletin(session, desk.reviewer, desk.id)
        told = receipts_of(session, desk.reviewer, bulletin)
        assert [firm.ref for _, firm in told.rows] == ["delta"]
        assert (told.sent, told.read, told.private, told.private_read) == (2, 0, 1, 0)
        seen = session.scalars(BulletinReceipt.visible_to(desk.reviewer)).all()
        assert {row.firm_id for row in seen} == {firm_id(desk.house, "delta")}
        letter = compose_bulletins(session, firm_id(desk.house, "gamma"), [desk.id])
        assert letter is not None and "watch profile" in str(letter.items[0].reasons[0])


def test_a_firm_is_sent_an_edition_once(desk: Desk) -> None:
    audience = Audience(industries=frozenset({"ind.next_gen_ict"}))
    assert send(desk, audience) == 2
    assert send(desk, audience) == 0
    assert send(desk, Audience(named=("alpha", "delta"))) == 1
    with desk.house.database.read() as session:
        told = session.execute(
            select(MessageSubject.told_id, MessageSubject.subject_id).where(
                MessageSubject.kind == BULLETIN.kind
            )
        ).all()
        assert {row[0] for row in told} == {firm_id(desk.house, r) for r in ("alpha", "beta", "delta")}
        assert {row[1] for row in told} == {desk.id}
        assert len(session.scalars(select(Message).where(Message.kind == BULLETIN.kind)).all()) == 3


def test_what_a_firm_opened_is_read_on_the_desk_and_in_the_ledger(desk: Desk) -> None:
    send(desk, Audience(named=("alpha", "beta")))
    house = desk.house
    alpha, delta = member(house, "alpha"), member(house, "delta")
    with house.database.write() as session:
        assert waits_to_be_read(session, alpha, desk.id)
        assert not waits_to_be_read(session, desk.reviewer, desk.id)
        assert mark_received(session, house.clock, desk.reviewer, desk.id) is None
        assert mark_received(session, house.clock, alpha, desk.id) == house.clock.now()
        assert mark_received(session, house.clock, delta, desk.id) is None
    with house.database.read() as session:
        told = receipts_of(session, desk.reviewer, get_bulletin(session, desk.reviewer, desk.id))
        assert (told.sent, told.read) == (2, 1)
        assert [(firm.ref, row.read_at is None) for row, firm in told.rows] == [
            ("beta", True), ("alpha", False)
        ]  # fmt: skip
        ledger = session.scalars(
            select(MessageDelivery.state).where(
                MessageDelivery.firm_id == alpha.firm_id, MessageDelivery.channel == "app"
            ).join(Message).where(Message.kind == BULLETIN.kind)
        ).all()  # fmt: skip
        assert list(ledger) == ["read"]
        assert [b.id for _, b in received(session, alpha)] == [desk.id]
        assert received(session, delta) == received(session, desk.reviewer) == []


def test_a_letter_says_what_it_warns_of_and_is_not_sent_once_it_was_withdrawn(desk: Desk) -> None:
    send(desk, Audience(regions=frozenset({"US"})))
    alpha = firm_id(desk.house, "alpha")
    with desk.house.database.read() as session:
        letter = compose_bulletins(session, alpha, [desk.id])
        assert compose_bulletins(session, firm_id(desk.house, "beta"), [desk.id]) is None
    assert letter is not None
    (item,) = letter.items
    assert item.path == "/bulletins/main-2026-0001"
    assert str(item.heading) == "Risk bulletin 2026-0001"
    assert isinstance(item.reasons[0], Said) and "party to cases there: United States" in item.reasons[0]
    assert "Blue warning, level IV" in [str(value) for _, value in item.facts]
    desk.withdraw()
    with desk.house.database.read() as session:
        assert compose_bulletins(session, alpha, [desk.id]) is None


def test_a_correction_finds_those_who_had_the_edition_before(desk: Desk) -> None:
    send(desk, Audience(named=("beta",), by_watch=True))
    second = desk.correct()
    with pytest.raises(TransitionRefused):
        send(second, Audience(named=("beta",)))
    second.publish()
    with pytest.raises(TransitionRefused):
        send(desk, Audience(named=("alpha",)))
    found = chosen(second, Audience(before=True))
    assert refs(found) == {"beta": [{"kind": "before", "value": ""}]}
    assert found.private == 1, "what led to it then is as private now"
    assert send(second, Audience(before=True)) == 2


def test_only_the_centres_own_staff_send_and_only_to_its_own_firms(desk: Desk) -> None:
    house = desk.house
    with pytest.raises(NotFound):
        send(desk, Audience(named=("alpha",)), staff(house, "other"))
    with pytest.raises((NotFound, NotAllowed)):
        send(desk, Audience(named=("alpha",)), member(house, "alpha"))
    firm = member(house, "alpha")
    with house.database.read() as session, pytest.raises(NotAllowed):
        receipts_of(session, firm, get_bulletin(session, desk.reviewer, desk.id))
    nobody = person(house, "nobody")
    with house.database.read() as session:
        assert session.scalars(BulletinReceipt.visible_to(nobody)).all() == []
        assert not waits_to_be_read(session, nobody, uuid.uuid4())
