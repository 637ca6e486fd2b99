"""The ways of a request about one's own data, as data: states, steps, who, and the clock.

The law asks for a decision "in time" and for reasons with a refusal (个人信息保护法 art. 50). The days are those of
《App违法违规收集使用个人信息行为认定方法》 part 6 (no more than 15 working days to delete, correct or answer), counted in
working days in China; for reference only.
"""

from __future__ import annotations

from enum import StrEnum

from core.actor import Permission
from core.said import Said, said
from core.workflow import Step, Workflow, states_of

#: working days to decide
DAYS = 15
#: where a decision rests
BASIS = said(
    "PIPL arts. 47 and 50; the 15 working days after the rules on apps of 28 November 2019, part 6. For reference only."
)


class RequestKind(StrEnum):
    """What is asked for."""

    DELETE = "delete"
    CORRECT = "correct"


class RequestState(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    PURGED = "purged"
    CORRECTED = "corrected"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"


R = RequestState
_DECIDE = Permission.PRIVACY_DECIDE


def _step(
    name: str,
    sources: tuple[RequestState, ...],
    target: RequestState,
    may: Permission | None,
    zh: str,
    en: str,
) -> Step:
    return Step(name, frozenset(state.value for state in sources), target.value, may, zh, en)


REQUEST_WORKFLOW = Workflow(
    name="privacy request",
    states=states_of(
        RequestState,
        [
            ("待处理", "waits for the centre"),
            ("已同意删除，账号已停用", "confirmed: the account is closed, deletion follows"),
            ("已删除", "deleted"),
            ("已更正", "corrected"),
            ("不予同意", "refused"),
            ("本人已撤回", "taken back"),
        ],
    ),
    initial=R.ASKED.value,
    steps=(
        _step("confirm", (R.ASKED,), R.CONFIRMED, _DECIDE, "同意删除", "Confirm the deletion"),
        # Until the day of the purge nothing is gone: a mistake can still be mended.
        _step("restore", (R.CONFIRMED,), R.ASKED, _DECIDE, "恢复账号，重新处理", "Restore the account, decide anew"),
        _step("purge", (R.CONFIRMED,), R.PURGED, None, "清除", "Purge"),
        _step("correct", (R.ASKED,), R.CORRECTED, _DECIDE, "更正", "Correct it"),
        _step("refuse", (R.ASKED,), R.REFUSED, _DECIDE, "不予同意", "Refuse, with the reason"),
        _step("take_back", (R.ASKED,), R.TAKEN_BACK, Permission.PRIVACY_ASK, "撤回申请", "Take it back"),
    ),
)  # fmt: skip
#: why a request may be refused: the words the person reads
REFUSALS: dict[str, Said] = {
    "law": said("A law or administrative regulation sets a time to keep it that has not ended (PIPL art. 47(2))."),
    "running": said("It is needed for a matter of yours that still runs; withdraw or finish that first."),
    "proceedings": said("It is needed for proceedings, an inspection or a claim that is under way."),
    "not_yours": said("It could not be confirmed that it is about you."),
    "right_as_is": said("It was checked and is right as it is."),
}  # fmt: skip
#: days a closed account can be restored before its data is purged, as whoever confirms chooses
GRACE: dict[str, int] = {"week": 7, "now": 0}
