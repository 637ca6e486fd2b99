"""How a centre prints its bulletins; drafts made by schedule; whom one was sent to; what an approver declared.

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "bulletin_office",
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("has_red_head", sa.Boolean(), nullable=False),
        sa.Column("mark_zh", sa.Text(), nullable=False),
        sa.Column("mark_en", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_bulletin_office_centre_id")),
        sa.PrimaryKeyConstraint("centre_id", name=op.f("pk_bulletin_office")),
    )
    with op.batch_alter_table("bulletin", schema=None) as batch_op:
        batch_op.add_column(sa.Column("draft_key", sa.Text(), nullable=True))
        batch_op.create_unique_constraint(
            batch_op.f("uq_bulletin_centre_id_draft_key"), ["centre_id", "draft_key"]
        )
    with op.batch_alter_table("bulletin_act", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "details",
                sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
                nullable=True,
            )
        )
    op.create_table(
        "bulletin_receipt",
        sa.Column("bulletin_id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column(
            "why",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("by_watch", sa.Boolean(), nullable=False),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("sent_by", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletin.id"], name=op.f("fk_bulletin_receipt_bulletin_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firm.id"], name=op.f("fk_bulletin_receipt_firm_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_bulletin_receipt_centre_id")),
        sa.PrimaryKeyConstraint("bulletin_id", "firm_id", name=op.f("pk_bulletin_receipt")),
    )
    with op.batch_alter_table("bulletin_receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulletin_receipt_firm_id"), ["firm_id"], unique=False)


def downgrade() -> None:
    """Undo."""
    op.drop_table("bulletin_receipt")
    with op.batch_alter_table("bulletin_act", schema=None) as batch_op:
        batch_op.drop_column("details")
    with op.batch_alter_table("bulletin", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_bulletin_centre_id_draft_key"), type_="unique")
        batch_op.drop_column("draft_key")
    op.drop_table("bulletin_office")
