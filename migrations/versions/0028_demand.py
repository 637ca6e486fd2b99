"""The sum demanded in a case, as the source writes it.

Revision: 0028, after 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("case", sa.Column("demand", sa.Text(), nullable=True))


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("case") as batch:
        batch.drop_column("demand")
