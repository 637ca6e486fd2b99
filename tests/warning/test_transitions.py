"""Every step of every state machine of this room, from every state, by every role: allowed as this table says, else refused.

The table is written apart from the machines; one that gains a state or a step must be entered here.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import pytest

from core.actor import VISITOR, Actor, Role, system_actor
from core.errors import NotAllowed, TransitionRefused
from core.workflow import Workflow
from warning.answer_models import ANSWER_WORKFLOW
from warning.bulletin_workflow import BULLETIN_WORKFLOW
from warning.desk_models import TASK_WORKFLOW
from warning.joint_models import JOINT_WORKFLOW
from warning.models import ALERT_WORKFLOW, WATCH_WORKFLOW


@dataclass(frozen=True)
class Table:
    """What a machine allows: who takes each step, and where it leads from which states (None: the system alone)."""

    workflow: Workflow
    starts: str
    who: dict[str, frozenset[Role] | None]
    leads: dict[str, dict[str, str]]


FIRM, STAFF, SIGNER = frozenset({Role.FIRM_MEMBER}), frozenset({Role.STAFF}), frozenset({Role.SIGNER})
ANSWERS = {"not_ours": "not_ours", "noted": "noted", "handling": "handling", "help": "help", "reopen": "open"}
TABLES = (
    Table(
        ALERT_WORKFLOW,
        "unread",
        {"read": FIRM, "unread": FIRM},
        {"unread": {"read": "read"}, "read": {"unread": "unread"}},
    ),
    Table(
        ANSWER_WORKFLOW,
        "open",
        dict.fromkeys(ANSWERS, FIRM),
        {
            state: {step: target for step, target in ANSWERS.items() if target != state}
            for state in ANSWERS.values()
        },
    ),
    Table(
        WATCH_WORKFLOW,
        "active",
        {"pause": FIRM, "resume": FIRM, "delete": FIRM},
        {
            "active": {"pause": "paused", "delete": "deleted"},
            "paused": {"resume": "active", "delete": "deleted"},
            "deleted": {},
        },
    ),
    Table(
        TASK_WORKFLOW,
        "open",
        {"finish": STAFF, "drop": STAFF, "reopen": STAFF, "lapse": None},
        {
            "open": {"finish": "done", "drop": "dropped", "lapse": "dropped"},
            "done": {"reopen": "open"},
            "dropped": {"reopen": "open"},
        },
    ),
    Table(
        JOINT_WORKFLOW,
        "not_agreed",
        {"agree": FIRM, "withdraw": FIRM},
        {
            "not_agreed": {"agree": "agreed"},
            "agreed": {"withdraw": "withdrawn"},
            "withdrawn": {"agree": "agreed"},
        },
    ),
    Table(
        BULLETIN_WORKFLOW,
        "draft",
        {
            "edit": STAFF, "submit": STAFF, "return": STAFF, "approve": STAFF, "sign": SIGNER, "withdraw": SIGNER,
            "supersede": None, "expire": None,
        },
        {
            "draft": {"edit": "draft", "submit": "in_review"},
            "returned": {"edit": "draft", "submit": "in_review"},
            "in_review": {"approve": "approved", "return": "returned"},
            "approved": {"sign": "published", "return": "returned"},
            "published": {"supersede": "corrected", "withdraw": "withdrawn", "expire": "expired"},
            "expired": {"supersede": "corrected", "withdraw": "withdrawn"},
            "corrected": {},
            "withdrawn": {},
        },
    ),
)  # fmt: skip
SYSTEM = system_actor("job:test")
PEOPLE = [VISITOR, *(Actor(f"user:{role}", frozenset({role})) for role in Role)]
TRIED = [
    (table, state, step) for table in TABLES for state, step in itertools.product(table.leads, table.who)
]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.workflow.name)
def test_the_table_knows_every_state_and_step(table: Table) -> None:
    assert set(table.leads) == set(table.workflow.states)
    assert set(table.who) == {step.name for step in table.workflow.steps}
    assert table.workflow.initial == table.starts


@pytest.mark.parametrize(
    ("table", "state", "step"),
    TRIED,
    ids=[f"{t.workflow.name}: {step} from {state}" for t, state, step in TRIED],
)
def test_a_step_is_taken_by_whom_and_from_where_the_table_says(table: Table, state: str, step: str) -> None:
    target, who = table.leads[state].get(step), table.who[step]
    for person in PEOPLE:
        may = who is not None and bool(who & person.roles)
        if may and target:
            assert table.workflow.take(step, state, person) == target
            assert step in [open_step.name for open_step in table.workflow.open_to(state, person)]
            continue
        with pytest.raises(TransitionRefused if may or who is None else NotAllowed):
            table.workflow.take(step, state, person)
        assert step not in [open_step.name for open_step in table.workflow.open_to(state, person)]
    if target:
        assert table.workflow.take(step, state, SYSTEM) == target
    else:
        with pytest.raises(TransitionRefused):
            table.workflow.take(step, state, SYSTEM)
