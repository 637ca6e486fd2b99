"""The way of an application and of a call, as data: states, steps, who takes them, clocks, criteria, reasons.

After ../shared/domain/workflows.md 3.2. The day figures are the centre's promises, not law; ten working days for an
objection follow the rule of Zhuhai's centre.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.actor import Permission
from core.said import Said, said
from core.workflow import Step, Workflow, states_of


class ApplicationState(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHECK = "qualification_check"
    SUPPLEMENT = "supplement"
    PANEL = "panel_review"
    PUBLICITY = "publicity"
    OBJECTION = "objection"
    APPROVED = "approved"
    APPOINTED = "appointed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


S = ApplicationState
#: states in which somebody still has something to do
OPEN_STATES = (S.SUBMITTED, S.CHECK, S.SUPPLEMENT, S.PANEL, S.PUBLICITY, S.OBJECTION, S.APPROVED)
#: states in which the public reads who is proposed
PUBLIC_STATES = (S.PUBLICITY, S.OBJECTION)
ENDED = (S.APPOINTED, S.REFUSED, S.WITHDRAWN, S.LAPSED)
_APPLICANT, _STAFF, _SIGNER = Permission.EXPERT_APPLY, Permission.APPOINT_HANDLE, Permission.APPOINT_SIGN


def _step(
    name: str, sources: tuple[S, ...], target: S, permission: Permission | None, zh: str, en: str
) -> Step:
    return Step(name, frozenset(state.value for state in sources), target.value, permission, zh, en)


APPLICATION_WORKFLOW = Workflow(
    name="application",
    states=states_of(
        ApplicationState,
        [
            ("草稿", "draft"),
            ("已提交", "submitted"),
            ("资格审查中", "qualifications being checked"),
            ("待补正", "waits for a supplement"),
            ("评审中", "with the panel"),
            ("公示中", "published for objections"),
            ("异议处理中", "objection being decided"),
            ("待聘任", "approved, waits for appointment"),
            ("已聘任", "appointed"),
            ("未通过", "not accepted"),
            ("已撤回", "withdrawn"),
            ("逾期未补正", "lapsed without a supplement"),
        ],
    ),
    initial=S.DRAFT.value,
    steps=(
        _step("submit", (S.DRAFT,), S.SUBMITTED, _APPLICANT, "提交申请", "Submit the application"),
        _step("begin_check", (S.SUBMITTED,), S.CHECK, _STAFF, "开始资格审查", "Begin the check"),
        _step("ask_supplement", (S.CHECK,), S.SUPPLEMENT, _STAFF, "要求补正", "Ask for a supplement"),
        _step("supplement", (S.SUPPLEMENT,), S.CHECK, _APPLICANT, "提交补正", "Send the supplement"),
        _step("fail_check", (S.CHECK,), S.REFUSED, _STAFF, "资格审查不通过", "Not qualified"),
        _step("pass_check", (S.CHECK,), S.PANEL, _STAFF, "资格审查通过，送评审", "Qualified: to the panel"),
        _step("conclude_panel", (S.PANEL,), S.PUBLICITY, _STAFF, "确认评审结果，公示", "Confirm and publish"),
        _step("fail_panel", (S.PANEL,), S.REFUSED, _STAFF, "评审不通过", "Confirm: below the mark"),
        # An objection comes from the public page; the house takes the step for whoever objects.
        _step("object", (S.PUBLICITY,), S.OBJECTION, None, "提出异议", "Object"),
        _step("dismiss", (S.OBJECTION,), S.PUBLICITY, _STAFF, "异议不成立，继续公示", "Dismiss, publish on"),
        _step("uphold", (S.OBJECTION,), S.REFUSED, _STAFF, "异议成立，不予聘任", "Uphold, do not appoint"),
        # The publicity's last day passes by itself.
        _step("end_publicity", (S.PUBLICITY,), S.APPROVED, None, "公示期满", "Publicity ends"),
        _step("appoint", (S.APPROVED,), S.APPOINTED, _SIGNER, "签发聘书", "Appoint and sign the certificate"),
        _step(
            "withdraw",
            (S.DRAFT, *OPEN_STATES),
            S.WITHDRAWN,
            _APPLICANT,
            "撤回申请",
            "Withdraw the application",
        ),
        _step("lapse", (S.SUPPLEMENT,), S.LAPSED, None, "逾期未补正", "Lapse"),
    ),
)

#: state -> working days whoever holds it has
CLOCKS: dict[str, int] = {
    S.SUBMITTED.value: 5,
    S.CHECK.value: 10,
    S.SUPPLEMENT.value: 10,
    S.PANEL.value: 20,
    S.PUBLICITY.value: 5,
    S.OBJECTION.value: 10,
    S.APPROVED.value: 10,
}
#: state that waits for somebody else -> state whose clock stands meanwhile
PAUSES: dict[str, str] = {S.SUPPLEMENT.value: S.CHECK.value, S.OBJECTION.value: S.PUBLICITY.value}
#: who is waited for in a state
HOLDERS: dict[str, Said] = {
    S.DRAFT.value: said("You"),
    S.SUBMITTED.value: said("the centre"),
    S.CHECK.value: said("the centre"),
    S.SUPPLEMENT.value: said("the applicant"),
    S.PANEL.value: said("the panel"),
    S.PUBLICITY.value: said("the public, who may object"),
    S.OBJECTION.value: said("the centre"),
    S.APPROVED.value: said("whoever signs for the centre"),
}


class CallState(StrEnum):
    """Where an open call stands."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


CALL_WORKFLOW = Workflow(
    name="call",
    states=states_of(CallState, [("草稿", "draft"), ("征集中", "open"), ("已结束", "closed")]),
    initial=CallState.DRAFT.value,
    steps=(
        Step("open", frozenset({"draft"}), "open", _STAFF, "发布征集公告", "Publish the call"),
        Step("close", frozenset({"open"}), "closed", _STAFF, "结束征集", "Close the call"),
    ),
)


@dataclass(frozen=True)
class Criterion:
    """What a reviewer marks: at most ``most`` points."""

    id: str
    words: Said
    most: int


CRITERIA: tuple[Criterion, ...] = (
    Criterion("qualification", said("Qualifications and standing"), 25),
    Criterion("overseas", said("Experience with disputes abroad"), 30),
    Criterion("expertise", said("Knowledge of the field and its law"), 20),
    Criterion("language", said("Working languages"), 10),
    Criterion("time", said("Time for the centre, and duty to the public"), 15),
)
#: reviewers at least, and the mean of their totals (of 100) at least
LEAST_REVIEWERS, PASS_MARK = 3, 70

#: what the check asks; an item is met, missing or waived
CHECKS: tuple[tuple[str, Said], ...] = (
    ("law", said("Keeps the law and professional rules: no bad credit, penalty or discipline in five years")),
    ("years", said("At least five years in the field")),
    ("matters", said("At least three matters of disputes abroad, with role, forum, year and result")),
    ("language", said("A foreign language to work in")),
    ("time", said("Health and time enough")),
    ("age", said("Not over 65")),
    ("identity", said("Proof of identity, its number masked")),
    ("credentials", said("Degree, title or licence, with proof")),
    ("employer", said("Consent or recommendation of the employer")),
    ("promises", said("Promise of secrecy and of no conflicts")),
)
#: items that may be waived, with a reason
WAIVABLE = frozenset({"age", "employer"})
REFUSALS: dict[str, Said] = {
    "not_qualified": said("A condition of the call is not met."),
    "untrue": said("The material is not true, or could not be checked."),
    "outside": said("The field is not one the call asks for."),
    "below_mark": said("The panel's mean mark is below the pass mark."),
    "objection": said("An objection was upheld."),
}
#: kinds of documents, and which an application cannot be submitted without
DOCUMENTS: dict[str, Said] = {
    "identity": said("Proof of identity (number masked)"),
    "credential": said("Degree, title or licence"),
    "cases": said("Representative cases (names may be blackened)"),
    "employer": said("Consent or recommendation of the employer"),
    "photo": said("Photograph"),
    "other": said("Other"),
}
NEEDED_DOCUMENTS = ("identity", "credential")
#: the notice that applicants agree to; raise it with every change of its words
CONSENT_VERSION = "2026-11-26"
#: years an appointment lasts where the call names none, and years nobody removed may apply again
TERM_YEARS, BAR_YEARS = 3, 3

#: parts of a yearly evaluation and their weights
EVALUATION: tuple[Criterion, ...] = (
    Criterion("response", said("Answers in time"), 25),
    Criterion("quality", said("Quality of opinions"), 35),
    Criterion("satisfaction", said("Firms' satisfaction"), 20),
    Criterion("duty", said("Duty and hours"), 10),
    Criterion("training", said("Training"), 10),
)
#: an evaluation below this counts; the second such one ends the appointment
LEAST_EVALUATION = 60
