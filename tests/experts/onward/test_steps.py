"""Every step × every state × every role of the four workflows: allowed where the table says so, refused elsewhere."""

from __future__ import annotations

import itertools

import pytest

from core.actor import VISITOR, Actor, Role, system_actor
from core.errors import NotAllowed, TransitionRefused
from core.workflow import Workflow
from experts.onward.workflow import ESCALATION, JOINT_TASK, MACHINES, MEDIATION, REFERRAL

UNSENT = "prepared secrecy_check approved signed"
BEFORE = "opened other_asked agreed proposed declared in_session"
#: step -> who, from where, to where; reviewed by hand, so that a change of a workflow is noticed
TABLES: dict[str, tuple[Workflow, dict[str, tuple[Role | None, str, str]]]] = {
    "escalation": (
        ESCALATION,
        {
            "hand_in": (Role.STAFF, "prepared", "secrecy_check"),
            "return": (Role.STAFF, "secrecy_check approved", "prepared"),
            "pass_check": (Role.STAFF, "secrecy_check", "approved"),
            "sign": (Role.SIGNER, "approved", "signed"),
            "record_sending": (Role.STAFF, "signed", "sent"),
            "record_receipt": (Role.STAFF, "sent", "acknowledged"),
            "record_guidance": (Role.STAFF, "sent acknowledged", "guidance_received"),
            "feed_back": (Role.STAFF, "guidance_received", "fed_back"),
            "close": (Role.STAFF, "acknowledged fed_back", "closed"),
            "drop": (Role.STAFF, UNSENT, "dropped"),
            "consent_withdrawn": (None, UNSENT, "dropped"),
        },
    ),
    "joint task": (
        JOINT_TASK,
        {
            "ask": (Role.STAFF, "draft", "asked"),
            "all_replied": (None, "asked", "answered"),
            "ask_more": (Role.STAFF, "answered", "asked"),
            "conclude": (Role.STAFF, "asked answered", "concluded"),
            "cancel": (Role.STAFF, "draft asked answered", "cancelled"),
        },
    ),
    "referral": (
        REFERRAL,
        {
            "prepare": (Role.STAFF, "requested not_taken", "prepared"),
            "decline": (Role.STAFF, "requested prepared", "declined"),
            "propose": (Role.STAFF, "prepared", "firm_asked"),
            "agree": (Role.FIRM_MEMBER, "firm_asked", "agreed"),
            "disagree": (Role.FIRM_MEMBER, "firm_asked", "prepared"),
            "send": (Role.STAFF, "agreed", "sent"),
            "record_taken": (Role.STAFF, "sent", "taken"),
            "none_took": (None, "sent", "not_taken"),
            "record_outcome": (Role.STAFF, "taken", "done"),
            "ended": (None, "taken", "done"),
            "close": (Role.STAFF, "done not_taken", "closed"),
            "withdraw": (Role.FIRM_MEMBER, "requested prepared firm_asked agreed sent taken", "withdrawn"),
        },
    ),
    "mediation": (
        MEDIATION,
        {
            "ask_other": (Role.STAFF, "opened", "other_asked"),
            "consent": (Role.OTHER_SIDE, "other_asked", "agreed"),
            "refuse": (Role.OTHER_SIDE, "other_asked", "refused"),
            "record_consent": (Role.STAFF, "other_asked", "agreed"),
            "record_refusal": (Role.STAFF, "other_asked", "refused"),
            "propose": (Role.STAFF, "agreed proposed", "proposed"),
            "all_declared": (None, "proposed", "declared"),
            "none_left": (None, "proposed declared in_session", "agreed"),
            "begin": (Role.STAFF, "declared", "in_session"),
            "settle": (Role.NEUTRAL, "in_session", "settled"),
            "award": (Role.NEUTRAL, "in_session", "awarded"),
            "fail": (Role.NEUTRAL, "in_session", "failed"),
            "record_settled": (Role.STAFF, "in_session", "settled"),
            "record_award": (Role.STAFF, "in_session", "awarded"),
            "record_failure": (Role.STAFF, "in_session", "failed"),
            "ask_court": (Role.STAFF, "settled awarded", "confirming"),
            "record_court": (Role.STAFF, "confirming", "confirmed"),
            "withdraw": (Role.FIRM_MEMBER, BEFORE, "withdrawn"),
            "leave": (Role.OTHER_SIDE, "agreed proposed declared in_session", "failed"),
            "close": (Role.STAFF, "settled awarded failed refused withdrawn confirmed", "closed"),
        },
    ),
}
ACTORS = {
    **{role.value: Actor("somebody", frozenset({role})) for role in Role},
    "signing staff": Actor("somebody", frozenset({Role.STAFF, Role.SIGNER})),
    "visitor": VISITOR,
    "house": system_actor("house"),
}


def test_the_tables_are_the_workflows() -> None:
    assert [machine.workflow for machine in MACHINES.values()] == [flow for flow, _ in TABLES.values()]
    for flow, table in TABLES.values():
        assert {step.name for step in flow.steps} == set(table), flow.name


@pytest.mark.parametrize("name", list(TABLES))
def test_every_step_by_everybody_from_everywhere(name: str) -> None:
    flow, table = TABLES[name]
    tried = allowed = 0
    for (step, (role, sources, target)), state, actor in itertools.product(
        table.items(), flow.states, ACTORS.values()
    ):
        tried += 1
        may = actor.system or (role is not None and role in actor.roles)
        if may and state in sources.split():
            assert flow.take(step, state, actor) == target, (step, state, actor)
            allowed += 1
        else:
            with pytest.raises((NotAllowed, TransitionRefused)):
                flow.take(step, state, actor)
    assert allowed >= len(table) and tried == len(table) * len(flow.states) * len(ACTORS)


@pytest.mark.parametrize("name", list(TABLES))
def test_every_state_can_be_reached_and_those_that_are_over_stay_over(name: str) -> None:
    flow, _ = TABLES[name]
    starts = {flow.initial, "prepared"} if name == "referral" else {flow.initial}
    reached, grown = set(starts), True
    while grown:
        further = {step.target for step in flow.steps if step.sources & reached} - reached
        reached, grown = reached | further, bool(further)
    assert reached == set(flow.states)
    over = {"closed", "dropped", "concluded", "cancelled", "declined", "withdrawn"} & set(flow.states)
    if name == "mediation":
        over = {"closed"}
    assert {state for state in flow.states if not any(state in step.sources for step in flow.steps)} == over


@pytest.mark.parametrize("noun", list(MACHINES))
def test_whoever_is_waited_for_has_a_name_and_every_clock_a_holder(noun: str) -> None:
    machine = MACHINES[noun]
    assert set(machine.clocks) <= set(machine.holders) <= set(machine.workflow.states)
    assert all(days > 0 for days in machine.clocks.values())
