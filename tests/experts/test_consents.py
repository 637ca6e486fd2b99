"""Three consents apart from each other, given and taken back alone; each decision is kept, each taking back stops something."""

from __future__ import annotations

import pytest

from core.actor import Actor
from core.errors import BadInput, NotAllowed, NotFound
from experts import casework, consenting, consultations
from experts.consents import PURPOSES, Purpose, history, standings
from experts.onward import escalations
from experts.onward.models import Escalation
from house import House
from tests.experts.matter import AGREED, Matter, listed_experts
from tests.experts.onward.surroundings import Surroundings


@pytest.fixture
def matter(each_house: House) -> Matter:
    return Matter(each_house)


def decide(matter: Matter, purpose: Purpose, given: bool, who: str = "firm") -> bool:
    changed: bool = matter.do(consenting.decide, who, matter.id, purpose, given=given)
    return changed


def decisions(matter: Matter) -> list[tuple[str, bool]]:
    with matter.house.database.read() as session:
        rows = history(session, matter.id)[::-1]
        assert all(row.notice == PURPOSES[Purpose(row.purpose)].notice for row in rows)
        assert all(row.by == matter.actors["firm"].name and row.at for row in rows)
        return [(row.purpose, row.is_given) for row in rows]


def given_now(matter: Matter) -> set[Purpose]:
    with matter.house.database.read() as session:
        return {one.purpose for one in standings(session, matter.now, False) if one.is_given}


def test_what_was_ticked_at_submission_is_the_first_decision_and_gives_nothing_else(matter: Matter) -> None:
    matter.to("submitted")
    assert decisions(matter) == [("expert", True)]
    assert given_now(matter) == {Purpose.EXPERT}


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_consent_is_given_and_taken_back_alone_and_every_decision_is_kept(
    matter: Matter, purpose: Purpose
) -> None:
    matter.on(consultations.submit, "firm", **{**AGREED, "expert": False})
    assert decide(matter, purpose, True)
    assert not decide(matter, purpose, True)
    assert given_now(matter) == {purpose}
    assert decide(matter, purpose, False)
    assert given_now(matter) == set()
    assert decisions(matter) == [("expert", False), (purpose.value, True), (purpose.value, False)]


@pytest.mark.parametrize("purpose", list(Purpose))
def test_only_the_firm_decides(matter: Matter, purpose: Purpose) -> None:
    matter.to("guiding")
    for who in ("staff", "expert"):
        with pytest.raises(NotAllowed):
            decide(matter, purpose, True, who)
    for who in ("firm_b", "second", "other_staff"):
        with pytest.raises(NotFound):
            decide(matter, purpose, True, who)


def test_nothing_is_agreed_to_before_submission_nor_an_expert_after_the_end(matter: Matter) -> None:
    with pytest.raises(BadInput, match="when it is submitted"):
        decide(matter, Purpose.CASE, True)
    matter.to("closed")
    decide(matter, Purpose.EXPERT, False)
    with pytest.raises(BadInput, match="over"):
        decide(matter, Purpose.EXPERT, True)
    assert decide(matter, Purpose.CASE, True)


def test_without_the_first_no_expert_is_assigned(matter: Matter) -> None:
    matter.to("accepted")
    decide(matter, Purpose.EXPERT, False)
    with pytest.raises(BadInput, match="has not agreed"):
        matter.on(casework.assign, "staff", matter.expert_id, listed_experts)


def test_taking_the_first_back_takes_even_a_closed_matter_from_its_expert(matter: Matter) -> None:
    matter.to("closed")

    def sees(actor: Actor) -> bool:
        with matter.house.database.read() as session:
            try:
                consultations.get_consultation(session, actor, matter.id)
            except NotFound:
                return False
            return True

    assert sees(matter.actors["expert"])
    decide(matter, Purpose.EXPERT, False)
    assert not sees(matter.actors["expert"])


@pytest.mark.parametrize("state", ["prepared", "secrecy_check", "approved", "signed"])
def test_taking_the_second_back_drops_every_report_that_was_not_sent(house: House, state: str) -> None:
    around = Surroundings(house)
    report = around.report(state)
    if state == "prepared":
        around.agree_upward()
    decide(around.matter, Purpose.UPWARD, False)
    assert around.row(Escalation, report).state == "dropped"
    fresh = around.do(escalations.begin_from_consultation, "writer", around.matter.id)
    around.write_report(fresh.id)
    with pytest.raises(BadInput, match="has not agreed"):
        around.step_report(fresh.id, "hand_in", "writer")
