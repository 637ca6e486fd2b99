"""Experts and staff are told by mail of what is theirs to do, and nothing of what it is about; firms as before, once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from sqlalchemy import select, update

from accounts.service import create_user
from core.actor import Actor, Role, system_actor
from core.errors import BadInput, NotAllowed
from core.outbox import Delivery as OutboxDelivery
from experts import casework
from notify.ledger import list_deliveries
from notify.models import Message, MessageDelivery
from notify.preferences import choose_mail, choose_rhythm, send_test
from tests.experts.matter import ANSWERS, Matter, add_expert
from tests.factories import drain, staff
from tests.notify.conftest import Mailing, keeper_centre


@dataclass
class Desk:
    """A matter whose expert and staff have accounts with addresses."""

    mailing: Mailing
    matter: Matter
    expert: Actor
    staff: Actor

    def told(self) -> dict[str, list[str]]:
        """Receiver -> texts of the mails since the last look, subject first."""
        drain(self.mailing.house)
        self.mailing.dispatch()
        post, found = self.mailing.post, dict[str, list[str]]()
        for mail, to in zip(post.mails, post.receivers, strict=True):
            text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
            found.setdefault(to.split("@")[0], []).append(f"{mail['Subject']}\n{text}")
        post.mails.clear()
        post.receivers.clear()
        return found

    def choose(self, actor: Actor, **rhythms: str) -> None:
        with self.mailing.house.database.write() as session:
            choose_rhythm(session, self.mailing.clock, actor, rhythms, None)


def _person(mailing: Mailing, name: str, role: Role, **facts: object) -> Actor:
    house = mailing.house
    with house.database.write() as session:
        user, _ = create_user(
            session,
            house.clock,
            system_actor("test", keeper_centre(house)),
            email=f"{name}@centre.example.org",
            roles=[role],
            **facts,  # type: ignore[arg-type]
        )
        return Actor(
            f"user:{user.id}",
            frozenset({role}),
            centre_id=user.centre_id,
            expert_id=user.expert_id,
            user_id=user.id,
        )


@pytest.fixture
def desk(mailing: Mailing) -> Desk:
    expert_id = add_expert(mailing.house, "one")
    expert = _person(mailing, "expert", Role.EXPERT, expert_id=expert_id)
    clerk = _person(mailing, "clerk", Role.STAFF)
    people = {"firm": mailing.members["alpha"], "staff": clerk, "expert": expert}
    return Desk(mailing, Matter(mailing.house, people, expert_id), expert, clerk)


PRIVATE = (
    ANSWERS["story"], ANSWERS["question"], ANSWERS["contact_phone"], ANSWERS["contact_name"], "Acme", "海岚",
    ANSWERS["docket_number"],
)  # fmt: skip


def test_an_expert_is_told_that_they_are_asked_and_not_of_what(desk: Desk) -> None:
    desk.matter.to("accepted")
    desk.told()
    desk.matter.to("assigned")
    found = desk.told()
    (mail,) = found["expert"]
    assert desk.matter.now.number in mail
    assert f"https://seamark.example.org/consultations/{desk.matter.id}" in mail
    assert not [words for words in PRIVATE if words in mail]
    assert len(found["alpha"]) == 1, "the firm is told as before"
    assert desk.told() == {}
    with desk.mailing.house.database.write() as session:
        session.execute(update(OutboxDelivery).values(state="pending"))
    assert desk.told() == {}, "a replay tells nobody twice"


def test_whoever_was_taken_off_in_between_is_not_told(desk: Desk) -> None:
    desk.matter.to("assigned")
    desk.matter.on(casework.recall, "staff", note="另请专家")
    found = desk.told()
    assert "expert" not in found


def test_an_account_that_is_no_longer_the_experts_gets_nothing(desk: Desk) -> None:
    from accounts.models import User

    desk.matter.to("assigned")
    drain(desk.mailing.house)
    with desk.mailing.house.database.write() as session:
        session.execute(update(User).where(User.id == desk.expert.user_id).values(active=False))
    assert "expert" not in desk.told()


def test_staff_are_told_of_what_firms_submit_only_when_they_choose(desk: Desk) -> None:
    desk.matter.to("submitted")
    assert "clerk" not in desk.told()
    with desk.mailing.house.database.read() as session:
        assert session.scalars(select(Message).where(Message.topic == "submitted")).all() == []
    desk.choose(desk.staff, submitted="once")
    second = Matter(desk.mailing.house, desk.matter.actors, desk.matter.expert_id)
    second.to("submitted")
    found = desk.told()
    (mail,) = found["clerk"]
    assert second.now.number in mail
    assert desk.matter.now.number not in mail
    assert not [words for words in PRIVATE if words in mail]


def test_staff_are_not_told_of_what_was_accepted_meanwhile(desk: Desk) -> None:
    desk.choose(desk.staff, submitted="daily")
    desk.matter.to("submitted")
    assert "clerk" not in desk.told()
    desk.matter.on(casework.accept, "staff", urgency="u2")
    from datetime import timedelta

    desk.mailing.clock.advance(timedelta(days=1))
    assert "clerk" not in desk.told()


def test_another_centres_staff_learn_nothing(desk: Desk) -> None:
    house = desk.mailing.house
    other = staff(house, "elsewhere")
    with house.database.write() as session:
        user, _ = create_user(
            session,
            house.clock,
            system_actor("test", other.centre_id),
            email="far@x.example.org",
            roles=[Role.STAFF],
        )
        far = replace(other, user_id=user.id)
    desk.choose(far, submitted="once")
    desk.matter.to("submitted")
    assert "far" not in desk.told()


def test_each_side_chooses_among_its_own(desk: Desk) -> None:
    for actor, rhythms in (
        (desk.expert, {"submitted": "once"}),
        (desk.staff, {"named": "once"}),
        (desk.expert, {"assigned": "never"}),
        (desk.mailing.members["alpha"], {"named": "never"}),
        (desk.mailing.members["alpha"], {"assigned": "daily"}),
    ):
        with pytest.raises(BadInput):
            desk.choose(actor, **rhythms)


def test_a_firms_person_may_have_no_mail_of_consultations_and_all_of_alerts(desk: Desk) -> None:
    from tests.factories import raw_case, record

    desk.choose(desk.mailing.members["alpha"], consultation="never")
    desk.matter.to("submitted")
    assert desk.told() == {}
    record(desk.mailing.house, raw_case())
    assert list(desk.told()) == ["alpha"]


def test_whoever_switches_mail_off_gets_none(desk: Desk) -> None:
    with desk.mailing.house.database.write() as session:
        choose_mail(session, desk.mailing.clock, desk.expert, is_on=False)
    desk.matter.to("assigned")
    assert "expert" not in desk.told()


def test_a_person_sees_what_was_sent_to_them_and_staff_the_centres(desk: Desk) -> None:
    desk.matter.to("assigned")
    desk.told()
    with desk.mailing.house.database.read() as session:
        mine = list_deliveries(session, desk.expert).rows
        assert [(line.kind, line.receiver, line.firm) for line in mine] == [
            ("assignment", "e***@centre.example.org", "")
        ]
        theirs = list_deliveries(session, desk.mailing.members["alpha"]).rows
        assert "assignment" not in {line.kind for line in theirs}
        assert "assignment" in {line.kind for line in list_deliveries(session, desk.staff).rows}
        assert list_deliveries(session, desk.staff, is_own=True).rows == []


def test_a_test_goes_by_the_channel_that_was_asked_for(desk: Desk) -> None:
    house, clock = desk.mailing.house, desk.mailing.clock
    with house.database.write() as session:
        send_test(session, clock, house.mailroom, desk.expert, "email")
    with house.database.write() as session:
        send_test(session, clock, house.mailroom, desk.mailing.members["alpha"], "email")
    assert {name: len(mails) for name, mails in desk.told().items()} == {"expert": 1, "alpha": 1}
    with house.database.read() as session:
        assert {row.channel for row in session.scalars(select(MessageDelivery))} == {"email"}
    with pytest.raises(BadInput, match="reach nobody"), house.database.write() as session:
        send_test(session, clock, house.mailroom, desk.mailing.members["alpha"], "webhook")
    with pytest.raises(BadInput, match="reach nobody"), house.database.write() as session:
        send_test(session, clock, house.mailroom, desk.mailing.members["alpha"], "sms")
    with pytest.raises(NotAllowed), house.database.write() as session:
        send_test(session, clock, house.mailroom, desk.expert)
    with house.database.write() as session:
        send_test(session, clock, house.mailroom, desk.expert, "email")
    with pytest.raises(BadInput, match="less than a minute"), house.database.write() as session:
        send_test(session, clock, house.mailroom, desk.expert, "email")
