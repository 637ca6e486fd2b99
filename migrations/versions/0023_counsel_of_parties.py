"""Law firms that act for a party.

Revision: 0023, after 0027
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0023"
down_revision = "0027"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("party") as batch:
        batch.add_column(sa.Column("counsel", JSON, nullable=False, server_default=sa.text("'[]'")))
    with op.batch_alter_table("party") as batch:
        batch.alter_column("counsel", existing_type=JSON, server_default=None)


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("party") as batch:
        batch.drop_column("counsel")
