"""Whoever was sent a bulletin hears once that it was corrected, and how, or withdrawn, and why; nobody else does."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select

from core.outbox import Message as Happened
from house import House
from notify.models import Message, MessageSubject
from tests.factories import bring_firms, drain, firm_id, member
from tests.warning.bulletin_world import Desk, a_case, edit_of
from tests.warning.test_bulletin_sending import FIRMS
from warning.bulletin_models import BulletinReceipt
from warning.bulletin_news import BulletinNews, compose_corrected, compose_withdrawn
from warning.bulletin_sending import Audience, mark_received, receipts_of, send_bulletin
from warning.bulletin_telling import compose_bulletins
from warning.criteria import Criteria
from warning.watch_profiles import create_profile


@pytest.fixture
def desk(each_house: House) -> Desk:
    """A published bulletin that was sent to beta by name and to gamma, whose own watching alone leads to it."""
    bring_firms(each_house, FIRMS)
    made = Desk(each_house, a_case(each_house)).publish()
    watching = Criteria(dispute_types=frozenset({"dt.patent_infringement"}), include=("Acme Optics",))
    with each_house.database.write() as session:
        create_profile(session, each_house.clock, member(each_house, "gamma"), "secret", watching)
    with each_house.database.write() as session:
        audience = Audience(named=("beta",), by_watch=True)
        send_bulletin(session, each_house.clock, each_house.mailroom, made.reviewer, made.id, audience)
    drain(each_house)
    return made


def corrected(desk: Desk) -> Desk:
    """The next edition, with another title and advice, signed."""
    later = desk.correct()
    now = later.now
    paragraphs = [{**row} for row in edit_of(now).paragraphs]
    paragraphs[-1] |= {"zh": "尽快核对送达日期。", "en": "Check the day of service soon."}
    later.edit(title={"zh": "新标题", "en": "A new title"}, paragraphs=tuple(paragraphs))
    later.submit()
    later.approve()
    later.sign()
    drain(desk.house)
    return later


def told(house: House, kind: str) -> dict[uuid.UUID, list[uuid.UUID]]:
    with house.database.read() as session:
        rows = session.execute(
            select(MessageSubject.told_id, MessageSubject.subject_id).where(MessageSubject.kind == kind)
        ).all()
    out: dict[uuid.UUID, list[uuid.UUID]] = {}
    for firm, subject in rows:
        out.setdefault(firm, []).append(subject)
    return out


def test_a_correction_reaches_whoever_had_the_bulletin_with_what_changed_and_why(desk: Desk) -> None:
    later, house = corrected(desk), desk.house
    beta, gamma = firm_id(house, "beta"), firm_id(house, "gamma")
    assert told(house, "bulletin_corrected") == {beta: [later.id], gamma: [later.id]}
    with house.database.read() as session:
        letter = compose_corrected(session, beta, [later.id])
        assert letter is not None
        (item,) = letter.items
        facts = {str(label): value for label, value in item.facts}
        assert facts["Why"].zh == "级别有误" and facts["Why"].en == "The level was wrong"
        assert facts["Title"].zh.endswith("→ 新标题") and facts["Title"].en.endswith("→ A new title")
        assert any("→ 【" in value.zh and "尽快核对送达日期" in value.zh for value in facts.values()), facts
        assert item.path == f"/bulletins/{later.now.slug}" and "edition 2" in item.heading
        # A firm that was sent nothing is told nothing, whoever asks.
        assert compose_corrected(session, firm_id(house, "delta"), [later.id]) is None


def test_it_is_told_once_however_often_the_outbox_repeats_and_whoever_sends_it_again(desk: Desk) -> None:
    later, house = corrected(desk), desk.house
    news = BulletinNews(house.mailroom, house.clock)
    happened = [Happened(1, "bulletin.published", "k", {"bulletin": str(later.id)})]
    with house.database.write() as session:
        news.queue(session, happened)
        audience = Audience(named=("beta",), before=True)
        assert send_bulletin(session, house.clock, house.mailroom, later.reviewer, later.id, audience) == 0
    with house.database.read() as session:
        kinds = session.scalars(select(Message.kind).where(Message.firm_id == firm_id(house, "beta"))).all()
    assert sorted(kinds) == ["bulletin", "bulletin_corrected"]


def test_whoever_was_sent_the_correction_by_hand_first_is_not_told_again(desk: Desk) -> None:
    house, later = desk.house, desk.correct().publish()
    with house.database.write() as session:
        audience = Audience(named=("beta",))
        assert send_bulletin(session, house.clock, house.mailroom, later.reviewer, later.id, audience) == 1
    drain(house)
    assert told(house, "bulletin_corrected").keys() == {firm_id(house, "gamma")}


def test_what_a_firm_watches_stays_its_own_in_the_correction_too(desk: Desk) -> None:
    later, house = corrected(desk), desk.house
    with house.database.read() as session:
        seen = receipts_of(session, later.reviewer, later.now)
        assert [firm.ref for _, firm in seen.rows] == ["beta"]
        assert (seen.sent, seen.private) == (2, 1)
        rows = session.scalars(select(BulletinReceipt).where(BulletinReceipt.bulletin_id == later.id)).all()
        assert {(row.firm_id, row.is_private) for row in rows} == {
            (firm_id(house, "beta"), False),
            (firm_id(house, "gamma"), True),
        }


def test_reading_the_correction_is_a_receipt_of_it(desk: Desk) -> None:
    later, house = corrected(desk), desk.house
    with house.database.write() as session:
        assert mark_received(session, house.clock, member(house, "beta"), later.id)
    with house.database.read() as session:
        assert receipts_of(session, later.reviewer, later.now).read == 1
        message = session.scalars(
            select(Message).where(
                Message.kind == "bulletin_corrected", Message.firm_id == firm_id(house, "beta")
            )
        ).one()
        assert {d.channel: d.state for d in message.deliveries}["app"] == "read"


def test_a_withdrawal_is_told_with_its_reason_to_whoever_had_any_edition(desk: Desk) -> None:
    later, house = corrected(desk), desk.house
    later.withdraw()
    drain(house)
    beta, gamma = firm_id(house, "beta"), firm_id(house, "gamma")
    assert told(house, "bulletin_withdrawn") == {beta: [later.id], gamma: [later.id]}
    with house.database.read() as session:
        letter = compose_withdrawn(session, beta, [later.id])
        assert letter is not None
        (item,) = letter.items
        assert {str(label): value.zh for label, value in item.facts} == {"Why": "来源撤回"}
        assert "withdrawn" in item.heading
        # What waited to be told of the correction, and of the bulletin itself, is told no more.
        assert compose_corrected(session, beta, [later.id]) is None
        assert compose_bulletins(session, beta, [later.id]) is None
        assert compose_withdrawn(session, firm_id(house, "delta"), [later.id]) is None


def test_a_first_edition_and_one_that_was_sent_to_nobody_tell_nobody(each_house: House) -> None:
    bring_firms(each_house, FIRMS)
    desk = Desk(each_house, a_case(each_house)).publish()
    desk.correct().publish().withdraw()
    drain(each_house)
    with each_house.database.read() as session:
        assert session.scalars(select(Message).where(Message.kind.like("bulletin%"))).all() == []
