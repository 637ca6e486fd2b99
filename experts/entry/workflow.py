"""The way of a request, as data: states, steps, who takes them, how long it is kept."""

from __future__ import annotations

from enum import StrEnum

from core.actor import Permission
from core.workflow import Step, Workflow, states_of


class EntryState(StrEnum):
    """Where a request stands."""

    DRAFT = "draft"
    SENT = "sent"
    ANSWERED = "answered"
    CLAIMED = "claimed"


S = EntryState
#: a firm may still take it over
CLAIMABLE = (S.DRAFT, S.SENT, S.ANSWERED)
#: the centre knows of it and it belongs to no firm yet
WAITING = (S.SENT, S.ANSWERED)
#: days after the last word on which a draft, and a request that nobody claimed, are deleted; a claimed one is only the
#: mark that its link was used
KEEP_DAYS = {S.DRAFT.value: 14, S.SENT.value: 30, S.ANSWERED.value: 30, S.CLAIMED.value: 30}
#: the notice on personal information that whoever begins agrees to; raise it with every change of its words
NOTICE_VERSION = "2026-11-27"

ENTRY_WORKFLOW = Workflow(
    name="entry",
    states=states_of(
        EntryState,
        [
            ("草稿", "draft"),
            ("待认领", "waits to be claimed"),
            ("已首次答复", "first answer given"),
            ("已转为企业咨询", "taken over by a firm"),
        ],
    ),
    initial=S.DRAFT.value,
    steps=(
        Step("send", frozenset({S.DRAFT.value}), S.SENT.value, Permission.ENTRY_ASK, "发送请求", "Send the request"),
        Step(
            "answer", frozenset({S.SENT.value}), S.ANSWERED.value, Permission.ENTRY_HANDLE,
            "登记首次答复", "Record the first answer",
        ),
        Step(
            "claim", frozenset(state.value for state in CLAIMABLE), S.CLAIMED.value, Permission.CONSULT_SUBMIT,
            "转入本企业的咨询", "Take it into my firm's consultations",
        ),
        Step(
            "lodge", frozenset(state.value for state in WAITING), S.CLAIMED.value, Permission.ENTRY_HANDLE,
            "转为企业咨询", "Make it a firm's consultation",
        ),
    ),
)  # fmt: skip
