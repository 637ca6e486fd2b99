"""What watch profiles were told of signals; thresholds tried and adopted; how far small p-values are believed.

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
    op.create_table(
        "surge_trial",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("rules", JSON, nullable=False),
        sa.Column("belief", JSON, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", JSON, nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("proposed_by", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_surge_trial_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surge_trial")),
        sa.UniqueConstraint("version", name=op.f("uq_surge_trial_version")),
    )
    op.create_table(
        "surge_trial_part",
        sa.Column("trial_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("sums", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["surge_trial.id"], name=op.f("fk_surge_trial_part_trial_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("trial_id", "part", name=op.f("pk_surge_trial_part")),
    )
    op.create_table(
        "judged_tail",
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("tests", sa.Integer(), nullable=False),
        sa.Column("bins", JSON, nullable=False),
        sa.PrimaryKeyConstraint("week", "kind", name=op.f("pk_judged_tail")),
    )
    op.create_table(
        "surge_belief",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("trusted", sa.Double(), nullable=False),
        sa.Column("excess", sa.Double(), nullable=False),
        sa.Column("excess_low", sa.Double(), nullable=False),
        sa.Column("excess_high", sa.Double(), nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.Column("first_week", sa.Date(), nullable=False),
        sa.Column("last_week", sa.Date(), nullable=False),
        sa.Column("tests", sa.Integer(), nullable=False),
        sa.Column("fitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_surge_belief")),
    )
    with op.batch_alter_table("judged_week") as batch_op:
        for name in ("rules_version", "belief_version"):
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("judged_week") as batch_op:
        for name in ("rules_version", "belief_version"):
            batch_op.alter_column(name, server_default=None)


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("judged_week") as batch:
        batch.drop_column("belief_version")
        batch.drop_column("rules_version")
    op.drop_table("surge_belief")
    op.drop_table("judged_tail")
    op.drop_table("surge_trial_part")
    op.drop_table("surge_trial")
    op.drop_table("signal_alert")
