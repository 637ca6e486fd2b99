"""The firm's one objection to its expert: made with a reason, decided by the centre, never read by the expert."""

from __future__ import annotations

import pytest

from core.errors import BadInput, NotAllowed, NotFound, TransitionRefused
from experts import casework, consultations, objecting, opinions
from house import House
from tests.experts.matter import Matter, listed_experts


@pytest.fixture
def matter(house: House) -> Matter:
    return Matter(house).to("assigned")


def test_upheld_the_expert_loses_the_matter_and_is_not_asked_again(matter: Matter) -> None:
    made = matter.on(objecting.object_to_expert, "firm", reason="曾在对方任职")
    assert (made.state, made.expert_id) == ("open", matter.expert_id)
    matter.on(objecting.decide_objection, "staff", uphold=True, answer="理由成立")
    assert (matter.now.state, matter.now.expert_id) == ("accepted", None)
    with pytest.raises(BadInput, match="Choose one"):
        matter.on(casework.assign, "staff", matter.expert_id, listed_experts)
    matter.on(casework.assign, "staff", matter.second_id, listed_experts)
    with pytest.raises(NotFound), matter.house.database.read() as session:
        consultations.get_consultation(session, matter.actors["expert"], matter.id)


def test_a_second_objection_is_refused_with_a_clear_sentence(matter: Matter) -> None:
    matter.on(objecting.object_to_expert, "firm", reason="曾在对方任职")
    matter.on(objecting.decide_objection, "staff", uphold=True, answer="理由成立")
    matter.on(casework.assign, "staff", matter.second_id, listed_experts)
    with pytest.raises(TransitionRefused, match="has objected once"):
        matter.on(objecting.object_to_expert, "firm", reason="这一位也不要")


def test_overruled_the_matter_goes_on_with_the_same_expert(matter: Matter) -> None:
    matter.on(objecting.object_to_expert, "firm", reason="听说与对方熟识")
    matter.on(objecting.decide_objection, "staff", uphold=False, answer="没有依据")
    assert (matter.now.state, matter.now.expert_id) == ("assigned", matter.expert_id)
    with pytest.raises(NotFound):
        matter.on(objecting.decide_objection, "staff", uphold=True, answer="改变主意")
    matter.to("opinion_issued")


def test_nothing_is_issued_while_an_objection_waits(matter: Matter) -> None:
    matter.to("opinion_review")
    matter.on(objecting.object_to_expert, "firm", reason="曾在对方任职")
    with pytest.raises(TransitionRefused, match="decide that first"):
        matter.on(opinions.issue_opinion, "signer")
    matter.on(objecting.decide_objection, "staff", uphold=False, answer="没有依据")
    matter.on(opinions.issue_opinion, "signer")


def test_an_expert_who_left_meanwhile_is_not_asked_again_either(matter: Matter) -> None:
    matter.on(objecting.object_to_expert, "firm", reason="曾在对方任职")
    matter.on(casework.recall, "staff", note="另行安排")
    with pytest.raises(BadInput, match="Choose one"):
        matter.on(casework.assign, "staff", matter.expert_id, listed_experts)
    matter.on(objecting.decide_objection, "staff", uphold=True, answer="理由成立")
    assert matter.now.state == "accepted"


@pytest.mark.parametrize("who", ["firm_b", "staff", "expert", "second", "other_staff", "admin"])
def test_only_the_firm_itself_objects(matter: Matter, who: str) -> None:
    with pytest.raises((NotAllowed, NotFound)):
        matter.on(objecting.object_to_expert, who, reason="不合适")


@pytest.mark.parametrize("who", ["firm", "firm_b", "expert", "other_staff", "admin"])
def test_only_staff_decide(matter: Matter, who: str) -> None:
    matter.on(objecting.object_to_expert, "firm", reason="曾在对方任职")
    with pytest.raises((NotAllowed, NotFound)):
        matter.on(objecting.decide_objection, who, uphold=True, answer="好")


def test_without_an_expert_or_a_reason_there_is_nothing_to_object_to(house: House) -> None:
    matter = Matter(house).to("accepted")
    with pytest.raises(TransitionRefused, match="nobody to object to"):
        matter.on(objecting.object_to_expert, "firm", reason="不合适")
    matter.to("assigned")
    with pytest.raises(BadInput, match="Say why"):
        matter.on(objecting.object_to_expert, "firm", reason=" ")
