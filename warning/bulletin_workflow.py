"""How a bulletin goes from a draft to the public, and from there to what replaced or ended it.

One row is one edition. A correction is a new edition that goes the whole way again; the old one stays public until the
new one is signed, and is then ``corrected``. Whoever wrote any of it neither approves nor signs it.
"""

from __future__ import annotations

from enum import StrEnum

from core.actor import Permission
from core.workflow import Step, Workflow, states_of


class BulletinState(StrEnum):
    """Where an edition stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    APPROVED = "approved"
    PUBLISHED = "published"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


#: its text may be changed
WRITABLE = frozenset({BulletinState.DRAFT.value, BulletinState.RETURNED.value})
#: not public yet
OPEN = WRITABLE | {BulletinState.IN_REVIEW.value, BulletinState.APPROVED.value}
#: the newest edition stands, so it may be corrected or withdrawn
STANDING = frozenset({BulletinState.PUBLISHED.value, BulletinState.EXPIRED.value})
#: everybody may read it, or that it was withdrawn
PUBLIC = STANDING | {BulletinState.CORRECTED.value, BulletinState.WITHDRAWN.value}

BULLETIN_WORKFLOW = Workflow(
    name="bulletin",
    states=states_of(
        BulletinState,
        [
            ("起草中", "draft"),
            ("待核对", "in review"),
            ("已退回", "returned"),
            ("待签发", "approved"),
            ("已发布", "published"),
            ("已更正", "corrected"),
            ("已撤回", "withdrawn"),
            ("已过有效期", "expired"),
        ],
    ),
    initial=BulletinState.DRAFT.value,
    steps=(
        Step("edit", WRITABLE, BulletinState.DRAFT.value, Permission.BULLETIN_DRAFT, "修改", "Edit"),
        Step(
            "submit",
            WRITABLE,
            BulletinState.IN_REVIEW.value,
            Permission.BULLETIN_DRAFT,
            "提交核对",
            "Submit for review",
        ),
        Step(
            "return",
            frozenset({BulletinState.IN_REVIEW.value, BulletinState.APPROVED.value}),
            BulletinState.RETURNED.value,
            Permission.BULLETIN_DRAFT,
            "退回修改",
            "Return to the drafter",
        ),
        Step(
            "approve",
            frozenset({BulletinState.IN_REVIEW.value}),
            BulletinState.APPROVED.value,
            Permission.BULLETIN_DRAFT,
            "核对通过",
            "Approve",
        ),
        Step(
            "sign",
            frozenset({BulletinState.APPROVED.value}),
            BulletinState.PUBLISHED.value,
            Permission.BULLETIN_SIGN,
            "签发",
            "Sign and publish",
        ),
        # The old edition's step when the new one is signed.
        Step("supersede", STANDING, BulletinState.CORRECTED.value, None, "以新版替代", "Supersede"),
        Step(
            "withdraw", STANDING, BulletinState.WITHDRAWN.value, Permission.BULLETIN_SIGN, "撤回", "Withdraw"
        ),
        Step(
            "expire",
            frozenset({BulletinState.PUBLISHED.value}),
            BulletinState.EXPIRED.value,
            None,
            "到期",
            "Expire",
        ),
    ),
)
