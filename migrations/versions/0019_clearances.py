"""Possible conflicts that a person cleared, a firm's objection to its expert, and why another than the first was asked.

Revision: 0019, after 0018
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "conflict_clearance",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=False),
        sa.Column("doubts", JSON, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("screen", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_conflict_clearance_consultation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["expert_id"],
            ["expert.id"],
            name=op.f("fk_conflict_clearance_expert_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_clearance")),
    )
    with op.batch_alter_table("conflict_clearance", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_conflict_clearance_consultation_id"), ["consultation_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_conflict_clearance_expert_id"), ["expert_id"], unique=False)
    op.create_table(
        "consultation_objection",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_consultation_objection_consultation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["expert_id"],
            ["expert.id"],
            name=op.f("fk_consultation_objection_expert_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation_objection")),
        sa.UniqueConstraint("consultation_id", name=op.f("uq_consultation_objection_consultation_id")),
    )
    with op.batch_alter_table("consultation_assignment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("override", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("exploration", sa.Boolean(), server_default=sa.false(), nullable=False))
    # The columns' defaults are the program's; what stood before has them by now.
    with op.batch_alter_table("consultation_assignment", schema=None) as batch_op:
        batch_op.alter_column("override", server_default=None)
        batch_op.alter_column("exploration", server_default=None)


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("consultation_assignment", schema=None) as batch_op:
        batch_op.drop_column("exploration")
        batch_op.drop_column("override")
    op.drop_table("consultation_objection")
    op.drop_table("conflict_clearance")
