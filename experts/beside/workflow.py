"""The way of an opinion beside, as data: states, steps, who takes them, how long each may take."""

from __future__ import annotations

from enum import StrEnum

from core.actor import Permission
from core.workflow import Step, Workflow, states_of
from experts.consultation_workflow import ConsultationState


class BesideState(StrEnum):
    """Where an opinion beside stands."""

    WAITING = "waiting"
    DECLARED = "declared"
    HANDED_IN = "handed_in"
    OPENED = "opened"
    DECLINED = "declined"
    ENDED = "ended"


B = BesideState
#: the expert has the matter
LIVE = (B.WAITING, B.DECLARED, B.HANDED_IN, B.OPENED)
#: the expert has still to hand in
UNWRITTEN = (B.WAITING, B.DECLARED)
#: what was written is final
WRITTEN = (B.HANDED_IN, B.OPENED)

_STAFF, _EXPERT = Permission.CONSULT_HANDLE, Permission.CONSULT_ADVISE


def _step(
    name: str, sources: tuple[B, ...], target: B, permission: Permission | None, zh: str, en: str
) -> Step:
    return Step(name, frozenset(state.value for state in sources), target.value, permission, zh, en)


BESIDE_WORKFLOW = Workflow(
    name="beside",
    states=states_of(
        BesideState,
        [
            ("已邀请", "asked"),
            ("无利益冲突", "no conflict declared"),
            ("已交卷，封存中", "handed in, kept closed"),
            ("已开封", "opened"),
            ("已回避", "stepped aside"),
            ("已收回", "taken back"),
        ],
    ),
    initial=B.WAITING.value,
    steps=(
        _step("declare", (B.WAITING,), B.DECLARED, _EXPERT, "声明无利益冲突", "Declare no conflict"),
        _step("decline", UNWRITTEN, B.DECLINED, _EXPERT, "申请回避", "Step aside for a conflict"),
        _step("hand_in", (B.DECLARED,), B.HANDED_IN, _EXPERT, "交卷", "Hand it in"),
        # The last one handed in opens all; before that staff may, with a reason.
        _step("open", (B.HANDED_IN,), B.OPENED, _STAFF, "提前开封", "Open what was handed in"),
        _step("take_back", LIVE, B.ENDED, _STAFF, "收回邀请", "Take it back"),
    ),
)

_S = ConsultationState
#: states of the consultation in which an expert may be asked to write beside
ASKABLE = (_S.ACCEPTED, _S.ASSIGNED, _S.DECLARED, _S.DECLINED, _S.GUIDING, _S.WAITING)
#: state -> working days the expert has, by urgency; the centre's own promises, as those of the leading expert
CLOCKS: dict[str, dict[str, int]] = {
    B.WAITING.value: {"u1": 1, "u2": 1, "u3": 2, "u4": 3},
    B.DECLARED.value: {"u1": 1, "u2": 3, "u3": 5, "u4": 10},
}
