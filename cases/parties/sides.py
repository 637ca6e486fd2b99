"""On which side a role stands. Pure."""

from __future__ import annotations

CLAIMANT_ROLES = frozenset(
    {"plaintiff", "complainant", "opposer", "petitioner", "appellant", "counterclaimant", "cross_appellant"}
)
RESPONDENT_ROLES = frozenset(
    {
        "defendant", "respondent", "appellee", "applicant", "registrant", "patent_owner", "counterdefendant",
    }
)  # fmt: skip


def side_of(role: str) -> str:
    """claimant, respondent or other."""
    return "claimant" if role in CLAIMANT_ROLES else "respondent" if role in RESPONDENT_ROLES else "other"
