"""A firm is told by mail where its consultation stands, and nothing of what it is about."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from accounts.service import create_user
from core.actor import Role, system_actor
from core.audit import AuditRow
from experts import aftercare, casework, consultations, messages
from experts.advising import MatchedExperts
from experts.beside import asking
from experts.consultation_duties import do_duties
from tests.experts.matter import ANSWERS, Matter, add_expert, expert_actor, listed_experts
from tests.factories import drain, keeper, staff
from tests.notify.conftest import Mailing


@pytest.fixture
def matter(mailing: Mailing) -> Matter:
    house = mailing.house
    expert_id = add_expert(house, "one")
    people = {
        "firm": mailing.members["alpha"],
        "staff": staff(house),
        "expert": expert_actor(house, expert_id),
    }
    return Matter(house, people, expert_id)


def texts(mailing: Mailing) -> list[str]:
    """What the mails sent so far say; they are taken out."""
    drain(mailing.house)
    mailing.dispatch()
    said = [m.get_body(("plain",)).get_content() for m in mailing.post.mails]  # type: ignore[union-attr]
    assert set(mailing.post.receivers) <= {"alpha@firm.example.org"}
    mailing.post.mails.clear()
    return said


def test_each_step_of_others_is_told_once_with_who_has_it_and_by_when(
    mailing: Mailing, matter: Matter
) -> None:
    matter.to("submitted")
    (receipt,) = texts(mailing)
    assert matter.now.number in receipt
    assert "已提交" in receipt
    matter.to("accepted")
    (accepted,) = texts(mailing)
    assert "已受理" in accepted
    assert matter.now.due_on is not None
    assert matter.now.due_on.isoformat() in accepted
    assert texts(mailing) == []


def test_steps_taken_in_one_go_are_one_mail_about_where_it_stands(mailing: Mailing, matter: Matter) -> None:
    matter.to("guiding")
    (only,) = texts(mailing)
    assert "指导中" in only
    assert "已受理" not in only


def test_the_firm_is_told_that_an_opinion_is_there_and_not_what_it_says(
    mailing: Mailing, matter: Matter
) -> None:
    matter.to("guiding")
    texts(mailing)
    matter.to("opinion_draft")
    assert texts(mailing) == [], "what the centre and the expert do between themselves is not told"
    matter.to("opinion_issued")
    (issued,) = texts(mailing)
    assert "已出具意见书" in issued
    assert f"https://seamark.example.org/consultations/{matter.id}" in issued
    for private in (
        ANSWERS["story"],
        ANSWERS["question"],
        ANSWERS["contact_phone"],
        "analysis: 内容",
        "Acme Optics",
    ):
        assert private not in issued


def test_a_refusal_says_why_and_what_can_be_done(mailing: Mailing, matter: Matter) -> None:
    matter.to("submitted")
    matter.on(casework.reject, "staff", reason="not_local")
    (mail,) = texts(mailing)
    assert "申请人不是本市主体" in mail
    assert "不予受理" in mail


def test_messages_of_others_are_told_and_ones_own_are_not(mailing: Mailing, matter: Matter) -> None:
    matter.to("guiding")
    texts(mailing)
    matter.do(messages.post_message, "firm", matter.id, "我们补充一份合同。")
    assert texts(mailing) == []
    matter.do(messages.post_message, "staff", matter.id, "请在周五前补充。")
    (mail,) = texts(mailing)
    assert "请在周五前补充" not in mail
    assert matter.now.number in mail


def test_an_assignment_keeps_the_matching_it_rests_on(mailing: Mailing, matter: Matter) -> None:
    matter.to("accepted")
    matched = MatchedExperts(mailing.clock)
    with mailing.house.database.read() as session:
        row = consultations.get_consultation(session, matter.actors["staff"], matter.id)
        found = matched(session, matter.actors["staff"], row)
    assert found.result is not None
    assert [c.expert_id for c in found.candidates] == [matter.expert_id]
    matter.on(casework.assign, "staff", matter.expert_id, matched)
    with mailing.house.database.read() as session:
        used = session.scalars(select(AuditRow).where(AuditRow.action == "match.used")).one()
    assert (used.subject, used.subject_id) == ("consultation", str(matter.id))


def test_an_expert_beside_is_told_by_mail_that_an_opinion_of_their_own_is_asked_for(
    mailing: Mailing, matter: Matter
) -> None:
    house = mailing.house
    second = add_expert(house, "two")
    for email, expert in (("two@expert.example.org", second), ("one@expert.example.org", matter.expert_id)):
        with house.database.write() as session:
            create_user(
                session,
                house.clock,
                system_actor("test", keeper(house).centre_id),
                email=email,
                roles=[Role.EXPERT],
                expert_id=expert,
            )
    matter.to("guiding")
    drain(house)
    mailing.dispatch()
    mailing.post.mails.clear()
    mailing.post.receivers.clear()
    row = matter.on(asking.ask_beside, "staff", second, listed_experts, note="另一意见")
    drain(house)
    mailing.dispatch()
    assert sorted(mailing.post.receivers) == ["alpha@firm.example.org", "two@expert.example.org"]
    (mail,) = [m for m in mailing.post.mails if "two@expert.example.org" in str(m["To"])]
    body = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "请您独立出具意见" in body
    assert row.due_on.isoformat() in body
    for private in (ANSWERS["story"], "Acme Optics", "另一意见", "专家one"):
        assert private not in body
    mailing.post.mails.clear()
    drain(house)
    mailing.dispatch()
    assert mailing.post.mails == [], "told once"


def test_a_message_is_told_to_its_readers_by_mail_without_its_words(mailing: Mailing, matter: Matter) -> None:
    house = mailing.house
    second = add_expert(house, "two")
    for email, expert in (("two@expert.example.org", second), ("one@expert.example.org", matter.expert_id)):
        with house.database.write() as session:
            keeper_of = system_actor("test", keeper(house).centre_id)
            create_user(session, house.clock, keeper_of, email=email, roles=[Role.EXPERT], expert_id=expert)
    matter.to("guiding")
    row = matter.on(asking.ask_beside, "staff", second, listed_experts, note="另一意见")
    matter.actors["second"] = expert_actor(house, second)
    matter.do(asking.declare_beside, "second", matter.id, row.id, seen_version=row.version)

    def sent() -> dict[str, str]:
        drain(house)
        mailing.dispatch()
        told = {str(m["To"]): m.get_body(("plain",)).get_content() for m in mailing.post.mails}  # type: ignore[union-attr]
        mailing.post.mails.clear()
        return told

    sent()
    matter.do(messages.post_message, "staff", matter.id, "绝密的底线报价", readers=["lead"])
    told = sent()
    assert set(told) == {"one@expert.example.org"}
    assert "底线报价" not in told["one@expert.example.org"]
    assert matter.now.number in told["one@expert.example.org"]
    matter.do(messages.post_message, "firm", matter.id, "给第二位", readers=[str(second)])
    assert set(sent()) == {"two@expert.example.org"}
    matter.do(messages.post_message, "staff", matter.id, "内部备忘", readers=[])
    assert sent() == {}
    matter.do(messages.post_message, "staff", matter.id, "另有一事", readers=["lead"])
    matter.on(casework.recall, "staff", note="另行安排")
    assert set(sent()) == {"alpha@firm.example.org"}, "whoever lost the matter is told of nothing in it"


def test_a_firm_is_told_before_and_after_what_it_was_asked_for_lapses(
    mailing: Mailing, matter: Matter
) -> None:
    house = mailing.house
    matter.to("submitted")
    matter.on(aftercare.ask_supplement, "staff", note="请补充警告函")
    texts(mailing)

    def a_day_passes() -> list[str]:
        mailing.clock.advance(timedelta(days=1))
        with house.database.write() as session:
            do_duties(session, house.clock, matter.now.centre_id)
        return texts(mailing)

    assert a_day_passes() == []
    (reminder,) = a_day_passes()
    assert "待补正" in reminder and "2026-03-05" in reminder
    assert "警告函" not in reminder
    assert a_day_passes() == []
    (lapsed,) = a_day_passes()
    assert "补正逾期失效" in lapsed


def test_staff_are_told_in_their_digest_whom_to_ask_how_it_went(mailing: Mailing, matter: Matter) -> None:
    house = mailing.house
    with house.database.write() as session:
        keeper_of = system_actor("test", keeper(house).centre_id)
        create_user(session, house.clock, keeper_of, email="desk@centre.example.org", roles=[Role.STAFF])
    matter.to("opinion_issued")
    matter.on(aftercare.follow, "staff")
    drain(house)
    mailing.dispatch()
    mailing.post.mails.clear()
    mailing.clock.advance(timedelta(days=31))
    with house.database.write() as session:
        do_duties(session, house.clock, matter.now.centre_id)
    drain(house)
    mailing.dispatch(timedelta(days=1))
    mailing.dispatch(timedelta(days=1))
    (mail,) = [m for m in mailing.post.mails if "desk@centre.example.org" in str(m["To"])]
    body = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert matter.now.number in body
    assert "Acme" not in body
