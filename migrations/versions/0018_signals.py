"""Signals as they were raised, and what staff made of them.

Revision: 0018, after 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "judged_week",
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("series", sa.Integer(), nullable=False),
        sa.Column("completeness", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("week", name=op.f("pk_judged_week")),
    )
    op.create_table(
        "surge_signal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("held_since", sa.Date(), nullable=True),
        sa.Column("observed", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Double(), nullable=False),
        sa.Column("upper", sa.Integer(), nullable=False),
        sa.Column("p", sa.Double(), nullable=False),
        sa.Column("window", sa.Integer(), nullable=False),
        sa.Column("history", sa.Integer(), nullable=False),
        sa.Column("alarms", sa.Integer(), nullable=False),
        sa.Column("is_capped", sa.Boolean(), nullable=False),
        sa.Column("is_discovery", sa.Boolean(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["week"], ["judged_week.week"], name=op.f("fk_surge_signal_week")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surge_signal")),
        sa.UniqueConstraint("kind", "value", "week", name=op.f("uq_surge_signal_kind_value_week")),
    )
    op.create_index("ix_surge_signal_series", "surge_signal", ["kind", "value"])
    op.create_index(op.f("ix_surge_signal_week"), "surge_signal", ["week"])
    op.create_table(
        "signal_review",
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("into_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["signal_id"], ["surge_signal.id"], name=op.f("fk_signal_review_signal_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_signal_review_centre_id")),
        sa.ForeignKeyConstraint(["into_id"], ["surge_signal.id"], name=op.f("fk_signal_review_into_id")),
        sa.PrimaryKeyConstraint("signal_id", "centre_id", name=op.f("pk_signal_review")),
    )
    op.create_index(op.f("ix_signal_review_centre_id"), "signal_review", ["centre_id"])
    op.create_table(
        "signal_act",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("into_id", sa.Uuid(), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["signal_id"], ["surge_signal.id"], name=op.f("fk_signal_act_signal_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_signal_act_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_act")),
    )
    op.create_index(op.f("ix_signal_act_signal_id"), "signal_act", ["signal_id"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("signal_act")
    op.drop_table("signal_review")
    op.drop_table("surge_signal")
    op.drop_table("judged_week")
