"""The declared way of a consultation: every step has its one holder and its states, and no other way leads on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.actor import HOLDERS, VISITOR, Actor, Role, system_actor
from core.errors import NotAllowed, TransitionRefused
from experts.consultation_workflow import (
    CLOCKS,
    CONSULTATION_WORKFLOW,
    OPEN_STATES,
    OVER_STATES,
    REFUSALS,
    URGENCY_OF,
    ConsultationState,
    Scenario,
    Urgency,
)

FIRM, STAFF, EXPERT = Role.FIRM_MEMBER, Role.STAFF, Role.EXPERT
#: step -> who takes it; reviewed by hand, so that a change of the workflow is noticed
TABLE = {
    "submit": FIRM,
    "review": STAFF,
    "ask_supplement": STAFF,
    "supply": FIRM,
    "merge": STAFF,
    "ask_firm": EXPERT,
    "answer_firm": FIRM,
    "resume": EXPERT,
    "follow": STAFF,
    "archive": STAFF,
    "reopen": STAFF,
    "terminate": STAFF,
    "accept": STAFF,
    "reject": STAFF,
    "assign": STAFF,
    "declare": EXPERT,
    "decline": EXPERT,
    "begin": EXPERT,
    "recall": STAFF,
    "send_opinion": EXPERT,
    "return_opinion": STAFF,
    "pass_opinion": STAFF,
    "issue": STAFF,
    "correct": STAFF,
    "close": FIRM,
    "conclude": STAFF,
    "withdraw": FIRM,
    "consent_withdrawn": None,
    "lapse": None,
    "revive": STAFF,
}
ROLES = st.sets(st.sampled_from(list(Role)), max_size=3)


def test_the_table_names_every_step() -> None:
    assert set(TABLE) == {step.name for step in CONSULTATION_WORKFLOW.steps}


@given(step=st.sampled_from(sorted(TABLE)), state=st.sampled_from(list(ConsultationState)), roles=ROLES)
def test_no_step_without_its_role_and_none_from_another_state(
    step: str, state: ConsultationState, roles: set[Role]
) -> None:
    actor = Actor("someone", frozenset(roles))
    declared = CONSULTATION_WORKFLOW.step(step)
    if TABLE[step] in roles and state.value in declared.sources:
        assert CONSULTATION_WORKFLOW.take(step, state.value, actor) == declared.target
    else:
        with pytest.raises((NotAllowed, TransitionRefused)):
            CONSULTATION_WORKFLOW.take(step, state.value, actor)


def test_a_visitor_takes_no_step() -> None:
    for state in CONSULTATION_WORKFLOW.states:
        assert CONSULTATION_WORKFLOW.open_to(state, VISITOR) == []


def test_every_state_can_be_reached_and_those_that_are_over_lead_only_to_the_archive_or_back_by_reopening() -> (
    None
):
    reached, grown = {CONSULTATION_WORKFLOW.initial}, True
    while grown:
        further = {s.target for s in CONSULTATION_WORKFLOW.steps if s.sources & reached} - reached
        reached, grown = reached | further, bool(further)
    assert reached == set(CONSULTATION_WORKFLOW.states)
    over = reached - {state.value for state in OPEN_STATES} - {"draft"}
    assert over == {state.value for state in OVER_STATES}
    assert {step.name for step in CONSULTATION_WORKFLOW.steps if step.sources & over} == {
        "archive",
        "reopen",
        "revive",
    }


def test_a_step_of_one_role_alone_is_held_by_that_role_alone() -> None:
    for step in CONSULTATION_WORKFLOW.steps:
        if step.permission is not None:
            assert HOLDERS[step.permission] == {TABLE[step.name]}, step.name


def test_every_state_somebody_works_on_has_a_clock_for_every_urgency() -> None:
    waiting = {state.value for state in OPEN_STATES} - {"opinion_issued", "follow_up"}
    assert set(CLOCKS) == waiting
    for days in CLOCKS.values():
        assert list(days) == [u.value for u in Urgency]
        assert list(days.values()) == sorted(days.values())
    assert set(URGENCY_OF) == {s.value for s in Scenario}


def test_every_refusal_has_a_reason_and_a_remedy() -> None:
    assert len(REFUSALS) == 7
    assert all(r.reason and r.remedy for r in REFUSALS.values())


def test_only_the_system_acts_on_a_consent_taken_back() -> None:
    with pytest.raises(TransitionRefused):
        CONSULTATION_WORKFLOW.take("consent_withdrawn", "guiding", Actor("x", frozenset(Role)))
    assert CONSULTATION_WORKFLOW.take("consent_withdrawn", "guiding", system_actor("x")) == "accepted"
