"""How a centre prints its bulletins; drafts made by schedule.

Revision: 0010, after 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0007"
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


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("bulletin", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_bulletin_centre_id_draft_key"), type_="unique")
        batch_op.drop_column("draft_key")
    op.drop_table("bulletin_office")
