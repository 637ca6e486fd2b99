"""Alerts that follow a case.

Revision: 0009, after 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.add_column(sa.Column("case_version", sa.Integer(), nullable=False, server_default="0"))
        batch_op.create_index("ix_alert_case", ["case_id"], unique=False)
    # What was told before told the case as it stands: its firms hear of what changes from now on.
    op.execute(
        sa.text(
            'UPDATE alert SET case_version = (SELECT c.version FROM "case" AS c WHERE c.id = alert.case_id)'
        )
    )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.alter_column("case_version", server_default=None)


def downgrade() -> None:
    """Undo."""
    op.execute(sa.text("DELETE FROM alert WHERE trigger NOT IN ('named', 'watch')"))
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.drop_index("ix_alert_case")
        batch_op.drop_column("case_version")
