"""Case studies; requests about one's own data, their steps, holds and revealed values; the first consent as a row.

Revision: 0027, after 0025
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0027"
down_revision = "0025"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "case_study",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("texts", JSON, nullable=False),
        sa.Column("checked", JSON, nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("scenario", sa.Text(), nullable=False),
        sa.Column("writers", JSON, nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_case_study_centre_id")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_case_study_consultation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_study")),
        sa.UniqueConstraint("centre_id", "number", name=op.f("uq_case_study_centre_id_number")),
    )  # fmt: skip
    op.create_index(op.f("ix_case_study_consultation_id"), "case_study", ["consultation_id"], unique=False)
    op.create_index("ix_case_study_public", "case_study", ["state", "published_on"], unique=False)
    op.create_table(
        "privacy_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("proposed", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("purge_on", sa.Date(), nullable=True),
        sa.Column("purged_at", INSTANT, nullable=True),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_privacy_request_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_privacy_request_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_request")),
        sa.UniqueConstraint("centre_id", "number", name=op.f("uq_privacy_request_centre_id_number")),
    )
    op.create_index(op.f("ix_privacy_request_account_id"), "privacy_request", ["account_id"], unique=False)
    op.create_index(
        "ix_privacy_request_queue", "privacy_request", ["centre_id", "state", "due_on"], unique=False
    )
    op.create_table(
        "privacy_step",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("by_side", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["privacy_request.id"], name=op.f("fk_privacy_step_request_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_step")),
    )  # fmt: skip
    op.create_index(op.f("ix_privacy_step_request_id"), "privacy_step", ["request_id"], unique=False)
    op.create_table(
        "privacy_hold",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_privacy_hold_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_hold")),
    )
    op.create_index("ix_privacy_hold_subject", "privacy_hold", ["subject", "subject_id"], unique=False)
    op.create_table(
        "privacy_reveal",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_privacy_reveal_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_reveal")),
    )
    op.create_index("ix_privacy_reveal_subject", "privacy_reveal", ["subject", "subject_id"], unique=False)
    # What stood in the consultation alone gets its row, so that every decision is kept in one place from now on.
    op.execute(
        "INSERT INTO onward_consent (consultation_id, purpose, is_given, notice, by, at) "
        "SELECT id, 'expert', consent_expert, consent_version, created_by, consent_at FROM consultation "
        "WHERE consent_at IS NOT NULL"
    )


def downgrade() -> None:
    """Take back."""
    op.execute("DELETE FROM onward_consent WHERE purpose <> 'upward'")
    for table in ("privacy_reveal", "privacy_hold", "privacy_step", "privacy_request", "case_study"):
        op.drop_table(table)
