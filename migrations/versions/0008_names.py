"""Names that are retired, and names that are somebody else's.

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("firm_name", schema=None) as batch_op:
        batch_op.add_column(sa.Column("retired_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("retired_because", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("firm_name", schema=None) as batch_op:
        batch_op.alter_column(
            "retired_because", server_default=None, existing_type=sa.Text(), existing_nullable=False
        )
    op.create_table(
        "other_firm",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firm.id"], name=op.f("fk_other_firm_firm_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_other_firm")),
        sa.UniqueConstraint("firm_id", "name", name=op.f("uq_other_firm_firm_id_name")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("other_firm")
    with op.batch_alter_table("firm_name", schema=None) as batch_op:
        batch_op.drop_column("retired_because")
        batch_op.drop_column("retired_on")
