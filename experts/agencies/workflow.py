"""The ways of an application, a listing, a complaint and a yearly review, as data: states, steps, who, clocks.

After ../shared/domain/workflows.md 3.3. Days are working days in China; the figures are the centre's promises, not law.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.actor import Permission
from core.said import Said, said
from core.workflow import Step, Workflow, states_of
from experts.models import EntryStatus

_AGENCY, _STAFF, _SIGNER = Permission.AGENCY_APPLY, Permission.AGENCY_HANDLE, Permission.AGENCY_SIGN
_FIRM = Permission.AGENCY_COMPLAIN


def _step(
    name: str, sources: tuple[StrEnum, ...], target: StrEnum, permission: Permission | None, zh: str, en: str
) -> Step:
    return Step(name, frozenset(state.value for state in sources), target.value, permission, zh, en)


class AdmissionState(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHECK = "form_check"
    SUPPLEMENT = "supplement"
    VERIFY = "verification"
    SCORING = "scoring"
    PUBLICITY = "publicity"
    OBJECTION = "objection"
    APPROVED = "approved"
    LISTED = "listed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


A = AdmissionState
#: states in which somebody still has something to do
OPEN_ADMISSIONS = (
    A.SUBMITTED, A.CHECK, A.SUPPLEMENT, A.VERIFY, A.SCORING, A.PUBLICITY, A.OBJECTION, A.APPROVED,
)  # fmt: skip
#: states in which the public reads which agency is proposed
PUBLIC_STATES = (A.PUBLICITY, A.OBJECTION)

ADMISSION = Workflow(
    name="agency application",
    states=states_of(
        AdmissionState,
        [
            ("草稿", "draft"),
            ("已提交", "submitted"),
            ("形式审查中", "form being checked"),
            ("待补正", "waits for a supplement"),
            ("核验中", "being verified"),
            ("评分中", "being marked"),
            ("公示中", "published for objections"),
            ("异议处理中", "objection being decided"),
            ("待入库", "approved, waits for listing"),
            ("已入库", "listed"),
            ("未通过", "not accepted"),
            ("已撤回", "withdrawn"),
            ("逾期未补正", "lapsed without a supplement"),
        ],
    ),
    initial=A.DRAFT.value,
    steps=(
        _step("submit", (A.DRAFT,), A.SUBMITTED, _AGENCY, "提交申请", "Submit the application"),
        _step("begin_check", (A.SUBMITTED,), A.CHECK, _STAFF, "开始形式审查", "Begin the check"),
        _step("ask_supplement", (A.CHECK,), A.SUPPLEMENT, _STAFF, "要求补正", "Ask for a supplement"),
        _step("supplement", (A.SUPPLEMENT,), A.CHECK, _AGENCY, "提交补正", "Send the supplement"),
        _step("fail_check", (A.CHECK,), A.REFUSED, _STAFF, "形式审查不通过", "Refuse after the check"),
        _step("pass_check", (A.CHECK,), A.VERIFY, _STAFF, "形式审查通过，转核验", "Complete: verify it"),
        _step("fail_verify", (A.VERIFY,), A.REFUSED, _STAFF, "核验不通过", "Refuse: not verified"),
        _step("verify", (A.VERIFY,), A.SCORING, _STAFF, "核验通过，转评分", "Verified: mark it"),
        _step("fail_scoring", (A.SCORING,), A.REFUSED, _STAFF, "评分不达标", "Confirm: below the mark"),
        _step("conclude", (A.SCORING,), A.PUBLICITY, _STAFF, "确认评分，公示", "Confirm the marks, publish"),
        # An objection comes from the public page; the house takes the step for whoever objects.
        _step("object", (A.PUBLICITY,), A.OBJECTION, None, "提出异议", "Object"),
        _step("dismiss", (A.OBJECTION,), A.PUBLICITY, _STAFF, "异议不成立，继续公示", "Dismiss, publish on"),
        _step("uphold", (A.OBJECTION,), A.REFUSED, _STAFF, "异议成立，不予入库", "Uphold, do not list"),
        # The publicity's last day passes by itself.
        _step("end_publicity", (A.PUBLICITY,), A.APPROVED, None, "公示期满", "Publicity ends"),
        _step("admit", (A.APPROVED,), A.LISTED, _SIGNER, "签发入库", "List the agency"),
        _step("withdraw", (A.DRAFT, *OPEN_ADMISSIONS), A.WITHDRAWN, _AGENCY, "撤回申请", "Withdraw"),
        _step("lapse", (A.SUPPLEMENT,), A.LAPSED, None, "逾期未补正", "Lapse"),
    ),
)


class ComplaintState(StrEnum):
    """Where a complaint about an agency stands."""

    RECEIVED = "received"
    REPLY_DUE = "reply_due"
    HEARD = "heard"
    NOT_ACCEPTED = "not_accepted"
    UNFOUNDED = "unfounded"
    WARNED = "warned"
    SUSPENDED = "suspended"
    DELISTED = "delisted"
    WITHDRAWN = "withdrawn"


C = ComplaintState
OPEN_COMPLAINTS = (C.RECEIVED, C.REPLY_DUE, C.HEARD)
#: decided against the agency
SANCTIONS = (C.WARNED, C.SUSPENDED, C.DELISTED)

COMPLAINT = Workflow(
    name="agency complaint",
    states=states_of(
        ComplaintState,
        [
            ("已收到", "received"),
            ("待机构答复", "waits for the agency's reply"),
            ("审理中", "being heard"),
            ("不予受理", "not accepted"),
            ("不成立", "unfounded"),
            ("成立：警告", "founded: warning"),
            ("成立：暂停", "founded: suspension"),
            ("成立：除名", "founded: delisting"),
            ("已撤回", "withdrawn"),
        ],
    ),
    initial=C.RECEIVED.value,
    steps=(
        _step("accept", (C.RECEIVED,), C.REPLY_DUE, _STAFF, "受理，请机构答复", "Accept and ask for a reply"),
        _step("refuse", (C.RECEIVED,), C.NOT_ACCEPTED, _STAFF, "不予受理", "Do not accept"),
        _step("reply", (C.REPLY_DUE,), C.HEARD, _AGENCY, "提交答复", "Send the reply"),
        # Nobody can stop a complaint by keeping silent.
        _step("reply_over", (C.REPLY_DUE,), C.HEARD, None, "答复期满", "The time to reply is over"),
        _step("hear_again", (C.HEARD,), C.REPLY_DUE, _STAFF, "就新情况再次听取", "Hear the agency again"),
        _step("find_unfounded", (C.HEARD,), C.UNFOUNDED, _STAFF, "认定不成立", "Find it unfounded"),
        _step("warn", (C.HEARD,), C.WARNED, _STAFF, "成立，予以警告", "Founded: warn the agency"),
        _step("suspend", (C.HEARD,), C.SUSPENDED, _SIGNER, "成立，暂停入库资格", "Founded: suspend"),
        _step("delist", (C.HEARD,), C.DELISTED, _SIGNER, "成立，予以除名", "Founded: delist"),
        _step("withdraw", OPEN_COMPLAINTS, C.WITHDRAWN, _FIRM, "撤回投诉", "Withdraw the complaint"),
    ),
)


class ReviewState(StrEnum):
    """Where a yearly review stands."""

    ASKED = "asked"
    REPORTED = "reported"
    UNREPORTED = "unreported"
    RENEWED = "renewed"
    DOWNGRADED = "downgraded"
    SUSPENDED = "suspended"
    DELISTED = "delisted"
    ENDED = "ended"


R = ReviewState
OPEN_REVIEWS = (R.ASKED, R.REPORTED, R.UNREPORTED)

REVIEW = Workflow(
    name="agency review",
    states=states_of(
        ReviewState,
        [
            ("待机构报告", "waits for the agency's report"),
            ("审核中", "being reviewed"),
            ("逾期未报告", "no report in time"),
            ("通过", "passed"),
            ("降级（列入观察）", "passed, under observation"),
            ("暂停", "suspended"),
            ("除名", "delisted"),
            ("机构已离库", "the agency has left"),
        ],
    ),
    initial=R.ASKED.value,
    steps=(
        _step(
            "report", (R.ASKED, R.UNREPORTED), R.REPORTED, _AGENCY, "提交年度报告", "Send the yearly report"
        ),
        _step("return", (R.REPORTED,), R.ASKED, _STAFF, "退回补充", "Return for more"),
        _step("report_over", (R.ASKED,), R.UNREPORTED, None, "报告期满", "The time to report is over"),
        _step("renew", (R.REPORTED,), R.RENEWED, _STAFF, "年审通过", "Pass"),
        _step("downgrade", (R.REPORTED,), R.DOWNGRADED, _STAFF, "降级，列入观察", "Pass under observation"),
        _step("suspend", (R.REPORTED, R.UNREPORTED), R.SUSPENDED, _SIGNER, "暂停", "Suspend"),
        _step("delist", (R.REPORTED, R.UNREPORTED), R.DELISTED, _SIGNER, "除名", "Delist"),
        # A review of an agency that left or was delisted otherwise has nothing left to review.
        _step("end", OPEN_REVIEWS, R.ENDED, None, "终止年审", "End the review"),
    ),
)

E = EntryStatus
_THERE = (E.ACTIVE, E.SUSPENDED, E.TERM_END)
#: an agency's status in the library. Leaving saves nobody from being delisted, and barred.
LISTING = Workflow(
    name="agency listing",
    states=states_of(
        EntryStatus,
        [
            ("在库", "listed"),
            ("暂停", "suspended"),
            ("入库期满", "listing ended"),
            ("已退出", "left"),
            ("已除名", "delisted"),
        ],
    ),
    initial=E.ACTIVE.value,
    steps=(
        _step("suspend", (E.ACTIVE, E.SUSPENDED), E.SUSPENDED, _SIGNER, "暂停", "Suspend"),
        _step("resume", (E.SUSPENDED,), E.ACTIVE, _SIGNER, "恢复", "Resume"),
        _step("end_suspension", (E.SUSPENDED,), E.ACTIVE, None, "暂停期满", "The suspension ends"),
        _step("expire", (E.ACTIVE, E.SUSPENDED), E.TERM_END, None, "入库期满", "The listing ends"),
        _step("relist", (E.TERM_END,), E.ACTIVE, _STAFF, "续期", "List again"),
        _step("leave", _THERE, E.EXITED, _AGENCY, "退出机构库", "Leave the agency library"),
        _step("record_exit", _THERE, E.EXITED, _STAFF, "登记退出", "Record that it left"),
        _step("delist", (*_THERE, E.EXITED), E.REMOVED, _SIGNER, "除名", "Delist"),
    ),
)


@dataclass(frozen=True)
class Machine:
    """A workflow with its clocks.

    Attributes:
        noun: what audit and outbox call its records.
        clocks: state -> working days whoever holds it has.
        pauses: state that waits for somebody else -> state whose clock stands meanwhile.
        holders: state -> who is waited for.
    """

    noun: str
    workflow: Workflow
    clocks: Mapping[str, int]
    pauses: Mapping[str, str] = field(default_factory=dict)
    holders: Mapping[str, Said] = field(default_factory=dict)


_CENTRE, _ITSELF, _SIGNS = said("the centre"), said("the agency"), said("whoever signs for the centre")
ADMISSIONS = Machine(
    "agency_application",
    ADMISSION,
    {
        A.SUBMITTED.value: 5, A.CHECK.value: 10, A.SUPPLEMENT.value: 10, A.VERIFY.value: 15,
        A.SCORING.value: 20, A.PUBLICITY.value: 5, A.OBJECTION.value: 10, A.APPROVED.value: 10,
    },
    {A.SUPPLEMENT.value: A.CHECK.value, A.OBJECTION.value: A.PUBLICITY.value},
    {
        A.DRAFT.value: _ITSELF, A.SUBMITTED.value: _CENTRE, A.CHECK.value: _CENTRE, A.SUPPLEMENT.value: _ITSELF,
        A.VERIFY.value: _CENTRE, A.SCORING.value: said("the centre's markers"),
        A.PUBLICITY.value: said("the public, who may object"), A.OBJECTION.value: _CENTRE, A.APPROVED.value: _SIGNS,
    },
)  # fmt: skip
#: accepted in 2 working days, decided in 20; the time of the agency's reply does not count against the centre
COMPLAINTS = Machine(
    "agency_complaint",
    COMPLAINT,
    {C.RECEIVED.value: 2, C.REPLY_DUE.value: 10, C.HEARD.value: 20},
    {C.REPLY_DUE.value: C.HEARD.value},
    {C.RECEIVED.value: _CENTRE, C.REPLY_DUE.value: _ITSELF, C.HEARD.value: _CENTRE},
)
REVIEWS = Machine(
    "agency_review",
    REVIEW,
    {R.ASKED.value: 20, R.REPORTED.value: 20, R.UNREPORTED.value: 10},
    {R.ASKED.value: R.REPORTED.value},
    {R.ASKED.value: _ITSELF, R.REPORTED.value: _CENTRE, R.UNREPORTED.value: _CENTRE},
)
