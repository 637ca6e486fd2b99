"""What watch profiles were told of signals.

Revision: 0024, after 0022
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0024"
down_revision = "0022"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "signal_alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("case_ids", JSON, nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("told_by", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_signal_alert_centre_id")),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firm.id"], name=op.f("fk_signal_alert_firm_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["watch_profile.id"],
            name=op.f("fk_signal_alert_profile_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["signal_id"], ["surge_signal.id"], name=op.f("fk_signal_alert_signal_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_alert")),
        sa.UniqueConstraint(
            "profile_id", "signal_id", "level", name=op.f("uq_signal_alert_profile_id_signal_id_level")
        ),
    )
    op.create_index("ix_signal_alert_firm", "signal_alert", ["firm_id", "id"])
    op.create_index(op.f("ix_signal_alert_signal_id"), "signal_alert", ["signal_id"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("signal_alert")
