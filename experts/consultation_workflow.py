"""The way of a consultation, as data: states, steps, who takes them, how long each may take, why one is refused.

After DB34/T 5367-2026 §8. The day figures are the centre's own promises, not law.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from core.actor import Permission
from core.said import Said, said
from core.workflow import Step, Workflow, states_of


class ConsultationState(StrEnum):
    """Where a consultation stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    REVIEWING = "reviewing"
    SUPPLEMENT = "supplement"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    MERGED = "merged"
    ASSIGNED = "assigned"
    DECLARED = "declared"
    DECLINED = "declined"
    GUIDING = "guiding"
    WAITING = "waiting"
    OPINION_DRAFT = "opinion_draft"
    OPINION_REVIEW = "opinion_review"
    OPINION_ISSUED = "opinion_issued"
    FOLLOW_UP = "follow_up"
    CLOSED = "closed"
    ARCHIVED = "archived"
    TERMINATED = "terminated"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


S = ConsultationState
#: states in which somebody still has something to do
OPEN_STATES = (
    S.SUBMITTED, S.REVIEWING, S.SUPPLEMENT, S.ACCEPTED, S.ASSIGNED, S.DECLARED, S.DECLINED, S.GUIDING, S.WAITING,
    S.OPINION_DRAFT, S.OPINION_REVIEW, S.OPINION_ISSUED, S.FOLLOW_UP,
)  # fmt: skip
#: the matter is with an expert
WITH_EXPERT = (S.ASSIGNED, S.DECLARED, S.GUIDING, S.WAITING, S.OPINION_DRAFT, S.OPINION_REVIEW)
#: the centre is checking whether it takes it
CHECKING = (S.SUBMITTED, S.REVIEWING)
#: the centre reads what the expert sent: one clock for its review and its issue
READING = (S.OPINION_DRAFT, S.OPINION_REVIEW)
#: an opinion stands and the matter is not over
ANSWERED = (S.OPINION_ISSUED, S.FOLLOW_UP)
#: nobody does anything more, until it is reopened
OVER_STATES = (S.REJECTED, S.MERGED, S.CLOSED, S.ARCHIVED, S.TERMINATED, S.WITHDRAWN, S.LAPSED)
#: state in which the firm is waited for -> states whose clock stands meanwhile
PAUSES: dict[str, frozenset[str]] = {
    S.SUPPLEMENT.value: frozenset(state.value for state in CHECKING),
    S.WAITING.value: frozenset({S.GUIDING.value}),
}


def _step(
    name: str, sources: tuple[S, ...], target: S, permission: Permission | None, zh: str, en: str
) -> Step:
    return Step(name, frozenset(state.value for state in sources), target.value, permission, zh, en)


_FIRM, _STAFF, _EXPERT = (
    Permission.CONSULT_SUBMIT,
    Permission.CONSULT_HANDLE,
    Permission.CONSULT_ADVISE,
)
CONSULTATION_WORKFLOW = Workflow(
    name="consultation",
    states=states_of(
        ConsultationState,
        [
            ("草稿", "draft"),
            ("已提交", "submitted"),
            ("审核中", "being checked"),
            ("待补正", "waiting for what is missing"),
            ("已受理", "accepted"),
            ("不予受理", "refused"),
            ("已并案", "merged"),
            ("已指派", "assigned"),
            ("无利益冲突", "no conflict declared"),
            ("专家回避", "expert withdrew for a conflict"),
            ("指导中", "being advised"),
            ("等待企业补充", "waiting for the firm"),
            ("意见书待复核", "opinion waits for review"),
            ("复核通过，待签发", "reviewed, waits for issue"),
            ("已出具意见书", "opinion issued"),
            ("跟踪", "followed up"),
            ("办结", "closed"),
            ("归档", "archived"),
            ("终止指导", "advice ended"),
            ("已撤回", "withdrawn"),
            ("补正逾期失效", "lapsed"),
        ],
    ),
    initial=S.DRAFT.value,
    steps=(
        _step("submit", (S.DRAFT,), S.SUBMITTED, _FIRM, "提交咨询", "Submit the consultation"),
        _step("review", (S.SUBMITTED,), S.REVIEWING, _STAFF, "开始审核", "Begin the check"),
        _step("ask_supplement", CHECKING, S.SUPPLEMENT, _STAFF, "通知补正", "Ask for what is missing"),
        _step(
            "supply",
            (S.SUPPLEMENT,),
            S.REVIEWING,
            _FIRM,
            "补正完毕，交回审核",
            "I have added it: check again",
        ),
        _step("accept", CHECKING, S.ACCEPTED, _STAFF, "受理", "Accept"),
        _step("reject", CHECKING, S.REJECTED, _STAFF, "不予受理", "Refuse"),
        _step("merge", CHECKING, S.MERGED, _STAFF, "并入已有咨询", "Merge it into the one that runs"),
        _step("assign", (S.ACCEPTED, S.DECLINED), S.ASSIGNED, _STAFF, "指派专家", "Assign the expert"),
        _step("declare", (S.ASSIGNED,), S.DECLARED, _EXPERT, "声明无利益冲突", "Declare no conflict"),
        _step("decline", WITH_EXPERT, S.DECLINED, _EXPERT, "申请回避", "Withdraw for a conflict"),
        _step("begin", (S.DECLARED,), S.GUIDING, _EXPERT, "开始指导", "Begin advising"),
        _step("ask_firm", (S.GUIDING,), S.WAITING, _EXPERT, "请企业补充", "Ask the firm for more"),
        _step("answer_firm", (S.WAITING,), S.GUIDING, _FIRM, "已补充，请继续", "I have answered: go on"),
        _step("resume", (S.WAITING,), S.GUIDING, _EXPERT, "继续指导", "Go on without it"),
        _step("recall", WITH_EXPERT, S.ACCEPTED, _STAFF, "收回指派", "Take the assignment back"),
        _step(
            "send_opinion",
            (S.GUIDING,),
            S.OPINION_DRAFT,
            _EXPERT,
            "提交意见书",
            "Send the opinion to the centre",
        ),
        _step(
            "pass_opinion",
            (S.OPINION_DRAFT,),
            S.OPINION_REVIEW,
            Permission.OPINION_ISSUE,
            "复核通过",
            "Pass the review",
        ),
        _step(
            "return_opinion",
            READING,
            S.GUIDING,
            _STAFF,
            "退回修改",
            "Return the opinion for changes",
        ),
        _step(
            "issue",
            (S.OPINION_REVIEW,),
            S.OPINION_ISSUED,
            Permission.OPINION_ISSUE,
            "签发意见书",
            "Issue the opinion",
        ),
        _step(
            "correct",
            ANSWERED,
            S.GUIDING,
            Permission.OPINION_ISSUE,
            "要求更正",
            "Ask for a correction",
        ),
        _step("follow", (S.OPINION_ISSUED,), S.FOLLOW_UP, _STAFF, "转入跟踪", "Follow it up"),
        _step("close", ANSWERED, S.CLOSED, _FIRM, "确认办结并评价", "Close and rate"),
        _step("conclude", ANSWERED, S.CLOSED, _STAFF, "办结", "Close without a rating"),
        _step("archive", (S.CLOSED, S.TERMINATED), S.ARCHIVED, _STAFF, "归档", "Put it into the archive"),
        _step(
            "reopen",
            (S.CLOSED, S.TERMINATED, S.ARCHIVED),
            S.ACCEPTED,
            _STAFF,
            "重新启动",
            "Open it again",
        ),
        _step(
            "terminate",
            tuple(state for state in OPEN_STATES if state not in CHECKING and state not in ANSWERED),
            S.TERMINATED,
            _STAFF,
            "终止指导",
            "End the advice",
        ),
        _step(
            "withdraw",
            tuple(state for state in OPEN_STATES if state not in ANSWERED),
            S.WITHDRAWN,
            _FIRM,
            "撤回咨询",
            "Withdraw the consultation",
        ),
        # Nobody's button: what was asked for did not come in its time.
        _step("lapse", (S.SUPPLEMENT,), S.LAPSED, None, "逾期失效", "Lapse"),
        _step("revive", (S.LAPSED,), S.SUPPLEMENT, _STAFF, "恢复补正", "Give it time again"),
        # Nobody's button: what becomes of a matter whose firm takes its consent back.
        _step("consent_withdrawn", WITH_EXPERT, S.ACCEPTED, None, "撤回转交同意", "Consent taken back"),
    ),
)


class Urgency(StrEnum):
    """How soon the centre answers."""

    U1 = "u1"
    U2 = "u2"
    U3 = "u3"
    U4 = "u4"


#: state -> working days the holder has, by urgency; 0 is :data:`HOURS` office hours
CLOCKS: dict[str, dict[str, int]] = {
    S.SUBMITTED.value: {"u1": 0, "u2": 1, "u3": 3, "u4": 5},
    S.REVIEWING.value: {"u1": 0, "u2": 1, "u3": 3, "u4": 5},
    S.SUPPLEMENT.value: {"u1": 1, "u2": 3, "u3": 10, "u4": 10},
    S.ACCEPTED.value: {"u1": 0, "u2": 1, "u3": 2, "u4": 3},
    S.DECLINED.value: {"u1": 0, "u2": 1, "u3": 2, "u4": 3},
    S.ASSIGNED.value: {"u1": 0, "u2": 1, "u3": 2, "u4": 3},
    S.DECLARED.value: {"u1": 0, "u2": 1, "u3": 3, "u4": 5},
    S.GUIDING.value: {"u1": 3, "u2": 5, "u3": 10, "u4": 15},
    S.WAITING.value: {"u1": 1, "u2": 3, "u3": 10, "u4": 10},
    S.OPINION_DRAFT.value: {"u1": 0, "u2": 1, "u3": 2, "u4": 3},
    S.OPINION_REVIEW.value: {"u1": 0, "u2": 1, "u3": 2, "u4": 3},
}
#: office hours that stand for 0 working days
HOURS = 4
#: when the centre's office opens and closes, in its own zone; a night, a weekend and a holiday use nothing up
OPENS, CLOSES = time(9, 0), time(17, 30)
#: days after the opinion (calendar days) on which the centre asks how it went
FOLLOW_UPS: dict[str, tuple[int, ...]] = {"u1": (7, 30, 90), "u2": (30, 90), "u3": (30, 90), "u4": (90,)}


class Scenario(StrEnum):
    """What the firm received."""

    WARNING_LETTER = "warning_letter"
    SUED = "sued"
    SECTION_337 = "section_337"
    TRO = "tro"
    TRADE_FAIR = "trade_fair"
    CUSTOMS = "customs"
    PLATFORM = "platform"
    OTHER = "other"


#: what is presumed until staff say otherwise
URGENCY_OF: dict[str, Urgency] = {
    Scenario.TRO.value: Urgency.U1,
    Scenario.TRADE_FAIR.value: Urgency.U1,
    Scenario.SUED.value: Urgency.U2,
    Scenario.SECTION_337.value: Urgency.U2,
    Scenario.CUSTOMS.value: Urgency.U2,
    Scenario.PLATFORM.value: Urgency.U2,
    Scenario.WARNING_LETTER.value: Urgency.U3,
    Scenario.OTHER.value: Urgency.U3,
}


@dataclass(frozen=True)
class Refusal:
    """Why a consultation is not accepted, and what the firm can do."""

    reason: Said
    remedy: Said


REFUSALS: dict[str, Refusal] = {
    "not_local": Refusal(
        said("The applicant is not of this centre's city."),
        said("Apply to the centre of your own city; the national list of local branches names it."),
    ),
    "not_overseas_ip": Refusal(
        said("The matter is not an overseas intellectual-property dispute."),
        said("For a dispute within China ask the local intellectual-property office for help."),
    ),
    "untrue": Refusal(
        said("The material is not true, or could not be checked."),
        said("Send material that can be checked, with its source, in a new consultation."),
    ),
    "duplicate": Refusal(
        said("The same matter has been accepted already."),
        said("Add what is new as a message in the consultation that is running."),
    ),
    "beyond_duties": Refusal(
        said(
            "What is asked is beyond the centre's duties: representing, drafting filings or appearing in court."
        ),
        said("Engage counsel admitted there; the agency library names several, in neutral order."),
    ),
    "unlawful_purpose": Refusal(
        said("The consultation serves an unlawful purpose."),
        said("You may object in writing to the centre within the time its notice names."),
    ),
    "classified": Refusal(
        said("The material holds state or work secrets that were not removed."),
        said(
            "Take the secrets out, and send the rest in a new consultation; do not send them by this system."
        ),
    ),
}

#: why advice ends before an opinion (终止指导), as the notice says it
TERMINATIONS: dict[str, Said] = {
    "not_supplied": said("What was asked for did not come in time."),
    "untrue": said("What was told turned out not to be true."),
    "settled": said("The dispute has ended, or the parties have settled it."),
    "elsewhere": said("The matter is being handled elsewhere, as agreed with the firm."),
    "no_answer": said("The firm could no longer be reached."),
    "unlawful": said("Continuing would serve an unlawful purpose."),
}
#: how a matter came out
OUTCOMES: dict[str, Said] = {
    "won": said("Won"),
    "settled": said("Settled"),
    "dropped": said("Dropped by the other side"),
    "unfrozen": said("Assets or listings released"),
    "lost": said("Lost"),
    "running": said("Still running"),
}
#: secrecy labels of a file (密级)
SECRECY: dict[str, Said] = {
    "public": said("Public"),
    "internal": said("Internal"),
    "sensitive": said("Sensitive"),
}

#: sections of an opinion, in their order
SECTIONS: tuple[tuple[str, Said], ...] = (
    ("facts", said("Basic facts")),
    ("issues", said("Issues in dispute")),
    ("analysis", said("Analysis of law and procedure")),
    ("risk", said("Level of risk and time limits")),
    ("options", said("Comparison of responses")),
    ("evidence", said("List of evidence")),
    ("agencies", said("Suggested agencies")),
    ("statement", said("Statement")),
)
#: the notice on personal information that a firm agrees to; raise it with every change of its words
CONSENT_VERSION = "2026-11-25"
