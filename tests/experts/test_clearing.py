"""Possible conflicts: nobody held is asked before a person has cleared what is known, and nobody barred at all."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from core.actor import Role
from core.audit import AuditRow
from core.errors import BadInput, NotAllowed, NotFound, StaleWrite, TransitionRefused
from core.said import said
from experts import casework, clearing
from experts.advising import MatchedExperts
from experts.assignment_models import Assignment, Clearance
from experts.models import Expert
from experts.ports import Candidate, Suggestion
from house import House
from tests.experts.matter import Matter, add_expert, expert_actor, listed_experts

DOUBT = said(
    "%(name)s may be on the other side (%(target)s). A person must look.", name="Acme", target="Acme Optics"
)
LATER = said(
    "%(name)s may be on the other side (%(target)s). A person must look.", name="Optix", target="Optics"
)
COLLEAGUE = said(clearing.COLLEAGUE.template, name="某律所")


class Held:
    """A port that holds one expert for what is known now."""

    def __init__(self, expert_id: uuid.UUID, *doubts: str) -> None:
        self.expert_id, self.doubts = expert_id, doubts

    def __call__(self, *asked: Any) -> Suggestion:
        return Suggestion((Candidate(self.expert_id, "专家", self.doubts, is_held=bool(self.doubts)),))


@pytest.fixture
def matter(house: House) -> Matter:
    return Matter(house).to("accepted")


def test_a_held_expert_is_not_asked_until_a_person_has_cleared_it(matter: Matter) -> None:
    port = Held(matter.expert_id, DOUBT)
    with pytest.raises(BadInput, match="nobody has cleared"):
        matter.on(casework.assign, "staff", matter.expert_id, port, note="whatever the words")
    with pytest.raises(BadInput, match="why it is no conflict"):
        matter.on(clearing.clear_conflict, "staff", matter.expert_id, port, reason="  ")
    made = matter.on(
        clearing.clear_conflict, "staff", matter.expert_id, port, reason="另一家同名公司,已核对登记号"
    )
    assert (made.by, made.at) == (matter.actors["staff"].name, matter.house.clock.now())
    matter.on(casework.assign, "staff", matter.expert_id, port)
    with matter.house.database.read() as session:
        kept = session.scalars(select(Clearance)).one()
        assert kept.doubts == [{"text": str(DOUBT), "template": DOUBT.template, "values": dict(DOUBT.values)}]
        assert clearing.told_again(kept.doubts[0]) == DOUBT
        acts = list(session.scalars(select(AuditRow.action)))
        assert session.scalars(select(Assignment.expert_id)).one() == matter.expert_id
    assert "consultation.conflict_cleared" in acts


def test_what_comes_up_later_needs_a_clearance_of_its_own(matter: Matter) -> None:
    known = Held(matter.expert_id, DOUBT)
    matter.on(clearing.clear_conflict, "staff", matter.expert_id, known, reason="已核对")
    more = Held(matter.expert_id, DOUBT, LATER)
    with pytest.raises(BadInput, match="nobody has cleared"):
        matter.on(casework.assign, "staff", matter.expert_id, more)
    matter.on(clearing.clear_conflict, "staff", matter.expert_id, more, reason="两项都已核对")
    # What was cleared covers less too: one of the doubts has been resolved meanwhile.
    matter.on(casework.assign, "staff", matter.expert_id, Held(matter.expert_id, LATER))


def test_a_clearance_counts_for_its_expert_and_its_matter_alone(matter: Matter) -> None:
    matter.on(
        clearing.clear_conflict, "staff", matter.expert_id, Held(matter.expert_id, DOUBT), reason="已核对"
    )
    with pytest.raises(BadInput, match="nobody has cleared"):
        matter.on(casework.assign, "staff", matter.second_id, Held(matter.second_id, DOUBT))
    another = Matter(matter.house, matter.actors, matter.expert_id).to("accepted")
    with pytest.raises(BadInput, match="nobody has cleared"):
        another.on(casework.assign, "staff", matter.expert_id, Held(matter.expert_id, DOUBT))


def test_nobody_clears_themselves(matter: Matter) -> None:
    own = replace(expert_actor(matter.house, matter.expert_id), roles=frozenset({Role.STAFF, Role.EXPERT}))
    matter.actors["both"] = own
    with pytest.raises(NotAllowed):
        matter.on(
            clearing.clear_conflict, "both", matter.expert_id, Held(matter.expert_id, DOUBT), reason="我自己"
        )
    matter.on(
        clearing.clear_conflict, "both", matter.second_id, Held(matter.second_id, DOUBT), reason="已核对"
    )


@pytest.mark.parametrize("who", ["firm", "firm_b", "expert", "second", "other_staff", "admin"])
def test_only_staff_of_the_centre_clear(matter: Matter, who: str) -> None:
    with pytest.raises((NotAllowed, NotFound)):
        matter.on(
            clearing.clear_conflict, who, matter.expert_id, Held(matter.expert_id, DOUBT), reason="可以"
        )


def test_a_bound_colleague_needs_a_screen(matter: Matter) -> None:
    port = Held(matter.expert_id, COLLEAGUE)
    with pytest.raises(BadInput, match="kept apart"):
        matter.on(clearing.clear_conflict, "staff", matter.expert_id, port, reason="不同办公室")
    made = matter.on(
        clearing.clear_conflict,
        "staff",
        matter.expert_id,
        port,
        reason="不同办公室",
        screen="卷宗分开,不分成",
    )
    assert made.screen == "卷宗分开,不分成"


def test_what_is_seen_too_late_or_is_not_held_cannot_be_cleared(matter: Matter) -> None:
    clear, port = clearing.clear_conflict, Held(matter.expert_id, DOUBT)
    with pytest.raises(StaleWrite):
        matter.on(clear, "staff", matter.expert_id, port, reason="已核对", seen_version=1)
    with pytest.raises(BadInput, match="no possible conflict"):
        matter.on(clear, "staff", matter.expert_id, Held(matter.expert_id), reason="已核对")
    matter.to("opinion_issued")
    with pytest.raises(TransitionRefused):
        matter.on(clear, "staff", matter.second_id, Held(matter.second_id, DOUBT), reason="已核对")


def test_another_than_the_first_is_asked_with_a_reason_that_is_kept(house: House) -> None:
    matter = Matter(house).to("accepted")
    with pytest.raises(BadInput, match="write why"):
        matter.on(casework.assign, "staff", matter.second_id, listed_experts)
    matter.on(casework.assign, "staff", matter.second_id, listed_experts, note="曾办理同一法院的案件")
    with house.database.read() as session:
        assert session.scalars(select(Assignment.override)).one() == "曾办理同一法院的案件"


def test_whoever_has_the_exploration_place_is_asked_without_one(house: House) -> None:
    matter = Matter(house).to("accepted")
    two = (Candidate(matter.expert_id, "甲"), Candidate(matter.second_id, "乙", is_exploration=True))
    matter.on(casework.assign, "staff", matter.second_id, lambda *_: Suggestion(two))
    with house.database.read() as session:
        row = session.scalars(select(Assignment)).one()
        assert (row.exploration, row.override) == (True, "")


def test_matching_itself_bars_a_subsidiary_and_holds_a_short_name(house: House) -> None:
    matter = Matter(house)
    told = {"dispute_types": [], "verified": True}
    barred = add_expert(house, "barred", employer={"name": "某中心", "group": "Acme Optics Inc."}, **told)
    matter.to("accepted")
    with house.database.write() as session:
        session.get_one(Expert, matter.second_id).clients = [
            {"name": "Acme Optic Systems GmbH", "role": "client"}
        ]
    port = MatchedExperts(house.clock)
    for attempt in (clearing.clear_conflict, casework.assign):
        words = {"reason": "x"} if attempt is clearing.clear_conflict else {"note": "x"}
        with pytest.raises(BadInput):
            matter.on(attempt, "staff", barred, port, **words)
    with pytest.raises(BadInput, match="nobody has cleared"):
        matter.on(casework.assign, "staff", matter.second_id, port, note="x")
    matter.on(clearing.clear_conflict, "staff", matter.second_id, port, reason="另一家公司")
    matter.on(casework.assign, "staff", matter.second_id, port, note="另一家公司")
    assert matter.now.expert_id == matter.second_id
