"""Somebody asks for help, also at night: staff hear of it, the centre's robots when it is most urgent, and nobody of whom."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.actor import Role
from experts import consultations
from experts.entry import claiming
from house import House
from notify.preferences import choose_rhythm
from tests.conftest import MakeHouse
from tests.experts.entry.asked import TOLD, Asked
from tests.experts.matter import Matter
from tests.factories import bring_firms, drain, staff
from tests.notify.conftest import Mailing
from tests.notify.test_people_mail import _person
from tests.notify.test_staff_robots import Group, group, run, set_up  # noqa: F401 - fixtures

#: Saturday, 23:30 in China
NIGHT = datetime(2026, 3, 7, 15, 30, tzinfo=UTC)
PRIVATE = (
    TOLD["firm_name"],
    TOLD["contact_name"],
    TOLD["contact_phone"],
    TOLD["story"],
    TOLD["docket_number"],
    "Acme",
)


@pytest.fixture
def house(make_house: MakeHouse, tmp_path: Path, group: Group) -> House:  # noqa: F811
    made = make_house(f"sqlite:///{tmp_path / 'seamark.db'}", SEAMARK_WEBHOOK_ALLOW=group.host)
    bring_firms(made)
    made.clock.advance(NIGHT - made.clock.now())  # type: ignore[attr-defined]
    return made


def _urgent(house: House) -> Asked:
    return Asked(house).tell_all(limit_on="2026-03-09").send()


def test_the_centres_robot_hears_of_the_most_urgent_at_night(house: House, group: Group) -> None:  # noqa: F811
    set_up(house, group, topics=["urgent-call"])
    asked = _urgent(house)
    assert asked.now.urgency == "u1"
    run(house)
    run(house)
    (text,) = group.texts
    # Four office hours, from Monday morning on.
    assert f"/entries/{asked.id}" in text and "2026-03-09 1" in text
    assert not [word for word in PRIVATE if word in text]


def test_what_can_wait_rings_no_robot(house: House, group: Group) -> None:  # noqa: F811
    set_up(house, group, topics=["urgent-call"])
    asked = Asked(house, "warning_letter").tell_all(event="", limit_on="2026-06-30").send()
    assert asked.now.urgency != "u1"
    run(house)
    assert group.texts == []


def test_what_was_answered_before_the_robot_spoke_is_not_told(house: House, group: Group) -> None:  # noqa: F811
    set_up(house, group, topics=["urgent-call"])
    asked = _urgent(house)
    with house.database.write() as session:
        claiming.answer(session, house.clock, staff(house), asked.id, "已致电")
    run(house)
    assert group.texts == []


def test_a_firms_own_most_urgent_consultation_rings_too(house: House, group: Group) -> None:  # noqa: F811
    set_up(house, group, topics=["urgent-call"])
    matter = Matter(house)
    matter.on(consultations.save_draft, "firm", {"scenario": "tro"})
    matter.to("submitted")
    assert matter.now.urgency == "u1"
    run(house)
    (text,) = group.texts
    assert f"/consultations/{matter.id}" in text and "Acme" not in text and "海岚" not in text


def test_staff_are_told_by_mail_and_may_look_here_instead_while_it_can_wait(mailing: Mailing) -> None:
    _person(mailing, "clerk", Role.STAFF)
    other = _person(mailing, "other", Role.STAFF)
    with mailing.house.database.write() as session:
        choose_rhythm(session, mailing.clock, other, {"entered": "never"}, None)
    Asked(mailing.house, "warning_letter").tell_all(event="", limit_on="2026-06-30").send()
    drain(mailing.house)
    mailing.dispatch()
    assert mailing.post.receivers == ["clerk@centre.example.org"]
    text = mailing.post.mails[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "/entries/" in text and not [word for word in PRIVATE if word in text]
    # What is most urgent reaches whoever gets mail at all.
    Asked(mailing.house).tell_all(limit_on="2026-03-03").send()
    drain(mailing.house)
    mailing.dispatch()
    assert sorted(mailing.post.receivers[1:]) == ["clerk@centre.example.org", "other@centre.example.org"]
