"""The ways of a report upward, a joint task, a referral and a mediation, as data: states, steps, who, clocks.

After ../shared/domain/workflows.md 3.9, 3.12 and 3.13. Days are working days in China; the figures are the centre's
promises, not law.
"""

from __future__ import annotations

from enum import StrEnum

from core.actor import Permission
from core.said import said
from core.workflow import Step, Workflow, states_of
from experts.agencies.workflow import Machine

_STAFF, _SIGNER = Permission.ONWARD_HANDLE, Permission.ONWARD_SIGN
_FIRM = Permission.ONWARD_AGREE
_OTHER_SIDE, _NEUTRAL = Permission.MEDIATION_SIDE, Permission.MEDIATION_DECIDE


def _step(
    name: str, sources: tuple[StrEnum, ...], target: StrEnum, permission: Permission | None, zh: str, en: str
) -> Step:
    return Step(name, frozenset(state.value for state in sources), target.value, permission, zh, en)


class EscalationState(StrEnum):
    """Where a report upward (报送) stands."""

    PREPARED = "prepared"
    CHECK = "secrecy_check"
    APPROVED = "approved"
    SIGNED = "signed"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    GUIDED = "guidance_received"
    FED_BACK = "fed_back"
    CLOSED = "closed"
    DROPPED = "dropped"


E = EscalationState
#: nothing of it has left the centre yet
UNSENT = (E.PREPARED, E.CHECK, E.APPROVED, E.SIGNED)
ESCALATION = Workflow(
    name="report upward",
    states=states_of(
        EscalationState,
        [
            ("拟稿", "being prepared"),
            ("保密审查中", "secrecy being checked"),
            ("待签发", "waits for signature"),
            ("已签发，待报送", "signed, waits to be sent"),
            ("已报送", "sent"),
            ("已收到回执", "receipt recorded"),
            ("已收到指导意见", "guidance received"),
            ("已反馈企业", "told to the firm"),
            ("办结", "closed"),
            ("已终止", "dropped"),
        ],
    ),
    initial=E.PREPARED.value,
    steps=(
        _step("hand_in", (E.PREPARED,), E.CHECK, _STAFF, "送保密审查", "Send to the secrecy check"),
        _step("return", (E.CHECK, E.APPROVED), E.PREPARED, _STAFF, "退回修改", "Return for changes"),
        _step("pass_check", (E.CHECK,), E.APPROVED, _STAFF, "保密审查通过", "Pass the secrecy check"),
        _step("sign", (E.APPROVED,), E.SIGNED, _SIGNER, "签发", "Sign"),
        _step("record_sending", (E.SIGNED,), E.SENT, _STAFF, "登记报送", "Record that it was sent"),
        _step("record_receipt", (E.SENT,), E.ACKNOWLEDGED, _STAFF, "登记回执", "Record the receipt"),
        _step(
            "record_guidance",
            (E.SENT, E.ACKNOWLEDGED),
            E.GUIDED,
            _STAFF,
            "登记指导意见",
            "Record the guidance",
        ),
        _step("feed_back", (E.GUIDED,), E.FED_BACK, _STAFF, "反馈企业", "Tell the firm"),
        _step("close", (E.ACKNOWLEDGED, E.FED_BACK), E.CLOSED, _STAFF, "办结", "Close"),
        _step("drop", UNSENT, E.DROPPED, _STAFF, "终止报送", "Drop it"),
        # What becomes of a report when the firm takes its consent back before it was sent.
        _step("consent_withdrawn", UNSENT, E.DROPPED, None, "企业撤回同意", "Consent taken back"),
    ),
)


class JointState(StrEnum):
    """Where a joint task of several departments (联席会议任务) stands."""

    DRAFT = "draft"
    ASKED = "asked"
    ANSWERED = "answered"
    CONCLUDED = "concluded"
    CANCELLED = "cancelled"


J = JointState
JOINT_TASK = Workflow(
    name="joint task",
    states=states_of(
        JointState,
        [
            ("草稿", "draft"),
            ("征求意见中", "departments asked"),
            ("答复已齐", "all have replied"),
            ("已形成结论", "concluded"),
            ("已取消", "cancelled"),
        ],
    ),
    initial=J.DRAFT.value,
    steps=(
        _step("ask", (J.DRAFT,), J.ASKED, _STAFF, "发送各部门", "Ask the departments"),
        # Taken by the house when the last department has replied.
        _step("all_replied", (J.ASKED,), J.ANSWERED, None, "答复已齐", "All have replied"),
        _step("ask_more", (J.ANSWERED,), J.ASKED, _STAFF, "再征求意见", "Ask again"),
        _step("conclude", (J.ASKED, J.ANSWERED), J.CONCLUDED, _STAFF, "形成结论", "Conclude"),
        _step("cancel", (J.DRAFT, J.ASKED, J.ANSWERED), J.CANCELLED, _STAFF, "取消", "Cancel"),
    ),
)


class ReferralState(StrEnum):
    """Where a referral (转介) stands."""

    REQUESTED = "requested"
    PREPARED = "prepared"
    FIRM_ASKED = "firm_asked"
    AGREED = "agreed"
    SENT = "sent"
    TAKEN = "taken"
    NOT_TAKEN = "not_taken"
    DONE = "done"
    CLOSED = "closed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


R = ReferralState
#: somebody still has something to do
OPEN_REFERRALS = (
    R.REQUESTED, R.PREPARED, R.FIRM_ASKED, R.AGREED, R.SENT, R.TAKEN, R.NOT_TAKEN, R.DONE,
)  # fmt: skip
REFERRAL = Workflow(
    name="referral",
    states=states_of(
        ReferralState,
        [
            ("企业已申请", "asked for by the firm"),
            ("准备中", "being prepared"),
            ("待企业同意", "waits for the firm's consent"),
            ("企业已同意", "agreed"),
            ("已转介", "sent"),
            ("机构已接收", "taken by an institution"),
            ("机构未接收", "taken by none"),
            ("已有结果", "outcome recorded"),
            ("办结", "closed"),
            ("不转介", "not referred"),
            ("已撤回", "withdrawn"),
        ],
    ),
    initial=R.REQUESTED.value,
    steps=(
        _step("prepare", (R.REQUESTED, R.NOT_TAKEN), R.PREPARED, _STAFF, "着手准备", "Prepare it"),
        _step("decline", (R.REQUESTED, R.PREPARED), R.DECLINED, _STAFF, "不予转介", "Do not refer"),
        _step("propose", (R.PREPARED,), R.FIRM_ASKED, _STAFF, "请企业确认", "Ask the firm"),
        _step("agree", (R.FIRM_ASKED,), R.AGREED, _FIRM, "同意转介", "Agree"),
        _step("disagree", (R.FIRM_ASKED,), R.PREPARED, _FIRM, "不同意，请修改", "Do not agree: change it"),
        _step("send", (R.AGREED,), R.SENT, _STAFF, "转介机构", "Send it"),
        _step("record_taken", (R.SENT,), R.TAKEN, _STAFF, "登记已接收", "Record that it was taken"),
        # Taken by the house when the last institution has declined.
        _step("none_took", (R.SENT,), R.NOT_TAKEN, None, "均未接收", "None took it"),
        _step("record_outcome", (R.TAKEN,), R.DONE, _STAFF, "登记结果", "Record the outcome"),
        # A mediation or an arbitration tells how it ended by its state.
        _step("ended", (R.TAKEN,), R.DONE, None, "程序已结束", "The procedure has ended"),
        _step("close", (R.DONE, R.NOT_TAKEN), R.CLOSED, _STAFF, "办结", "Close"),
        _step(
            "withdraw",
            tuple(state for state in OPEN_REFERRALS if state not in (R.DONE, R.NOT_TAKEN)),
            R.WITHDRAWN,
            _FIRM,
            "撤回转介",
            "Withdraw it",
        ),
    ),
)


class MediationState(StrEnum):
    """Where a mediation or an arbitration (调解、仲裁) stands."""

    OPENED = "opened"
    OTHER_ASKED = "other_asked"
    AGREED = "agreed"
    PROPOSED = "proposed"
    DECLARED = "declared"
    IN_SESSION = "in_session"
    SETTLED = "settled"
    AWARDED = "awarded"
    CONFIRMING = "confirming"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


M = MediationState
#: before anything was decided
OPEN_MEDIATIONS = (M.OPENED, M.OTHER_ASKED, M.AGREED, M.PROPOSED, M.DECLARED, M.IN_SESSION)
#: states that end the procedure itself
ENDS = (M.SETTLED, M.AWARDED, M.FAILED, M.REFUSED, M.WITHDRAWN)
#: somebody still writes in the rooms
TALKING = (*OPEN_MEDIATIONS, M.SETTLED, M.AWARDED, M.CONFIRMING)
MEDIATION = Workflow(
    name="mediation",
    states=states_of(
        MediationState,
        [
            ("已立案", "opened"),
            ("待对方同意", "waits for the other side's consent"),
            ("对方已同意", "both sides agree"),
            ("人选已提名，待声明", "neutrals proposed, to declare conflicts"),
            ("已声明无利益冲突", "no conflict declared"),
            ("进行中", "in session"),
            ("达成和解", "settled"),
            ("已作出裁决", "awarded"),
            ("司法确认或执行中", "court asked to confirm or enforce"),
            ("已确认或执行", "confirmed or enforced"),
            ("未达成一致", "no agreement"),
            ("对方不同意", "the other side does not agree"),
            ("已撤回", "withdrawn"),
            ("办结", "closed"),
        ],
    ),
    initial=M.OPENED.value,
    steps=(
        _step("ask_other", (M.OPENED,), M.OTHER_ASKED, _STAFF, "征求对方同意", "Ask the other side"),
        _step("consent", (M.OTHER_ASKED,), M.AGREED, _OTHER_SIDE, "同意参加", "Agree to take part"),
        _step("refuse", (M.OTHER_ASKED,), M.REFUSED, _OTHER_SIDE, "不同意参加", "Do not agree"),
        _step("record_consent", (M.OTHER_ASKED,), M.AGREED, _STAFF, "登记对方同意", "Record their consent"),
        _step(
            "record_refusal", (M.OTHER_ASKED,), M.REFUSED, _STAFF, "登记对方不同意", "Record their refusal"
        ),
        _step("propose", (M.AGREED, M.PROPOSED), M.PROPOSED, _STAFF, "提名人选", "Propose a neutral"),
        # Taken by the house when every neutral has declared, or when one who stepped aside leaves nobody.
        _step("all_declared", (M.PROPOSED,), M.DECLARED, None, "均已声明", "All have declared"),
        _step(
            "none_left", (M.PROPOSED, M.DECLARED, M.IN_SESSION), M.AGREED, None, "人选空缺", "Nobody is left"
        ),
        _step("begin", (M.DECLARED,), M.IN_SESSION, _STAFF, "开始程序", "Begin"),
        _step("settle", (M.IN_SESSION,), M.SETTLED, _NEUTRAL, "记录和解", "Record the settlement"),
        _step("award", (M.IN_SESSION,), M.AWARDED, _NEUTRAL, "记录裁决", "Record the award"),
        _step("fail", (M.IN_SESSION,), M.FAILED, _NEUTRAL, "记录未达成一致", "Record that it failed"),
        # By letter or telephone, where the neutral has no use for a page; the terms stay with the sides.
        _step("record_settled", (M.IN_SESSION,), M.SETTLED, _STAFF, "登记和解", "Record that it was settled"),
        _step("record_award", (M.IN_SESSION,), M.AWARDED, _STAFF, "登记裁决", "Record that it was awarded"),
        _step("record_failure", (M.IN_SESSION,), M.FAILED, _STAFF, "登记未达成一致", "Record that it failed"),
        _step(
            "ask_court", (M.SETTLED, M.AWARDED), M.CONFIRMING, _STAFF, "登记申请司法确认或执行", "Court asked"
        ),
        _step("record_court", (M.CONFIRMING,), M.CONFIRMED, _STAFF, "登记确认或执行", "Court confirmed"),
        _step("withdraw", OPEN_MEDIATIONS, M.WITHDRAWN, _FIRM, "退出程序", "Leave the procedure"),
        _step(
            "leave",
            (M.AGREED, M.PROPOSED, M.DECLARED, M.IN_SESSION),
            M.FAILED,
            _OTHER_SIDE,
            "对方退出",
            "Leave",
        ),
        _step("close", (*ENDS, M.CONFIRMED), M.CLOSED, _STAFF, "办结", "Close"),
    ),
)

_CENTRE, _FIRM_WORDS, _SIGNS = said("the centre"), said("the firm"), said("whoever signs for the centre")
_ABOVE, _OTHER = said("the national centre"), said("the other side")
ESCALATIONS = Machine(
    "escalation",
    ESCALATION,
    {E.PREPARED.value: 1, E.CHECK.value: 1, E.APPROVED.value: 1, E.SIGNED.value: 1, E.SENT.value: 5,
     E.ACKNOWLEDGED.value: 15, E.GUIDED.value: 2, E.FED_BACK.value: 5},
    {},
    {E.PREPARED.value: _CENTRE, E.CHECK.value: said("another of the centre's staff"), E.APPROVED.value: _SIGNS,
     E.SIGNED.value: _CENTRE, E.SENT.value: _ABOVE, E.ACKNOWLEDGED.value: _ABOVE, E.GUIDED.value: _CENTRE,
     E.FED_BACK.value: _CENTRE},
)  # fmt: skip
#: a task that was asked is due when the last department is
JOINT_TASKS = Machine(
    "joint_task",
    JOINT_TASK,
    {J.DRAFT.value: 1, J.ANSWERED.value: 3},
    {},
    {J.DRAFT.value: _CENTRE, J.ASKED.value: said("the departments"), J.ANSWERED.value: _CENTRE},
)
REFERRALS = Machine(
    "referral",
    REFERRAL,
    {R.REQUESTED.value: 2, R.PREPARED.value: 3, R.FIRM_ASKED.value: 5, R.AGREED.value: 1, R.SENT.value: 10,
     R.NOT_TAKEN.value: 3, R.DONE.value: 3},
    # The centre's days to prepare it stand while the firm thinks about it.
    {R.FIRM_ASKED.value: R.PREPARED.value},
    {R.REQUESTED.value: _CENTRE, R.PREPARED.value: _CENTRE, R.FIRM_ASKED.value: _FIRM_WORDS,
     R.AGREED.value: _CENTRE, R.SENT.value: said("the institution"), R.TAKEN.value: said("the institution"),
     R.NOT_TAKEN.value: _CENTRE, R.DONE.value: _CENTRE},
)  # fmt: skip
MEDIATIONS = Machine(
    "mediation",
    MEDIATION,
    {M.OPENED.value: 3, M.OTHER_ASKED.value: 15, M.AGREED.value: 10, M.PROPOSED.value: 5, M.DECLARED.value: 5,
     M.SETTLED.value: 30, M.AWARDED.value: 30},
    {},
    {M.OPENED.value: _CENTRE, M.OTHER_ASKED.value: _OTHER, M.AGREED.value: _CENTRE,
     M.PROPOSED.value: said("the neutrals"), M.DECLARED.value: _CENTRE, M.IN_SESSION.value: said("the neutrals"),
     M.SETTLED.value: _CENTRE, M.AWARDED.value: _CENTRE, M.CONFIRMING.value: said("the court")},
)  # fmt: skip
MACHINES: dict[str, Machine] = {
    machine.noun: machine for machine in (ESCALATIONS, JOINT_TASKS, REFERRALS, MEDIATIONS)
}
#: working days a department has unless another day is agreed
REPLY_DAYS = 5
#: working days in which a side may object to a neutral that has declared
CHALLENGE_DAYS = 5
