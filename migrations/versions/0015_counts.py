"""Counts of cases with what was known when.

Revision: 0015, after 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "counted_case",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("event_on", sa.Date(), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.Column("known_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counted_case")),
    )
    op.create_index("ix_counted_case_event", "counted_case", ["event_on"])
    op.create_index("ix_counted_case_reported", "counted_case", ["reported_on"])
    op.create_index(
        "uq_counted_case_open",
        "counted_case",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("known_until IS NULL"),
        postgresql_where=sa.text("known_until IS NULL"),
    )
    op.create_table(
        "count_mark",
        sa.Column("counted_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["counted_id"], ["counted_case.id"], name=op.f("fk_count_mark_counted_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("counted_id", "kind", "value", name=op.f("pk_count_mark")),
    )
    op.create_index("ix_count_mark_series", "count_mark", ["kind", "value"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("count_mark")
    op.drop_table("counted_case")
