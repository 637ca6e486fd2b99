"""The way of a case study as data: states, steps, who."""

from __future__ import annotations

from enum import StrEnum

from core.actor import Permission
from core.said import Said, said
from core.workflow import Step, Workflow, states_of


class StudyState(StrEnum):
    """Where a case study stands."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


S = StudyState
_WRITE, _SIGN = Permission.STUDY_WRITE, Permission.STUDY_SIGN


def _step(
    name: str, sources: tuple[StudyState, ...], target: StudyState, may: Permission | None, zh: str, en: str
) -> Step:
    return Step(name, frozenset(state.value for state in sources), target.value, may, zh, en)


STUDY_WORKFLOW = Workflow(
    name="case study",
    states=states_of(
        StudyState,
        [("草稿", "draft"), ("待审签", "waits for another person"), ("已公开", "public"), ("已撤下", "withdrawn")],
    ),
    initial=S.DRAFT.value,
    steps=(
        _step("submit", (S.DRAFT,), S.REVIEW, _WRITE, "提交审签", "Send it to another person"),
        _step("return", (S.REVIEW,), S.DRAFT, _WRITE, "退回修改", "Return for changes"),
        _step("publish", (S.REVIEW,), S.PUBLISHED, _SIGN, "审签并公开", "Sign and publish it"),
        _step("withdraw", (S.DRAFT, S.REVIEW, S.PUBLISHED), S.WITHDRAWN, _WRITE, "撤下", "Withdraw it"),
        # What becomes of one when the firm takes its consent back.
        _step("consent_withdrawn", (S.DRAFT, S.REVIEW, S.PUBLISHED), S.WITHDRAWN, None, "企业撤回同意", "Consent taken back"),
    ),
)  # fmt: skip
#: sections of the text, each in Chinese
SECTIONS: dict[str, Said] = {
    "background": said("What happened"),
    "course": said("What was done"),
    "outcome": said("How it came out"),
    "lessons": said("What others can learn"),
}
#: what the writer confirms before it is sent to another person
CHECKLIST: dict[str, Said] = {
    "no_names": said("No name, number, address, trade name or picture of the firm, the other side or a person stands in it."),
    "not_guessed": said("Read together, place, product, amount and dates do not let anybody guess who it was."),
    "no_secrets": said("No trade secret, and nothing said in a mediation or settlement in confidence."),
    "is_over": said("The dispute is over, or telling it harms nobody."),
    "read_by_firm": said("The firm has read this text."),
}  # fmt: skip
