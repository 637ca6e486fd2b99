"""Messages for those who have no account.

Revision: 0016, after 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("outside_id", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_message_outside_id"), ["outside_id"], unique=False)


def downgrade() -> None:
    """Undo."""
    theirs = "SELECT id FROM message WHERE outside_id IS NOT NULL"
    op.execute(f"DELETE FROM message_delivery WHERE message_id IN ({theirs})")  # noqa: S608 - names of our own
    op.execute(f"DELETE FROM message_subject WHERE message_id IN ({theirs})")  # noqa: S608
    op.execute("DELETE FROM message WHERE outside_id IS NOT NULL")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_outside_id"))
        batch_op.drop_column("outside_id")
