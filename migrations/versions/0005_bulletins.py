"""Bulletins.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "bulletin",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("names", JSON, nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("correction", JSON, nullable=False),
        sa.Column("withdrawal", JSON, nullable=False),
        sa.Column("authors", JSON, nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("slug", sa.Text(), nullable=True),
        sa.Column("content_sha256", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_bulletin_case_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_bulletin_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin")),
        sa.UniqueConstraint("series_id", "edition", name=op.f("uq_bulletin_series_id_edition")),
        sa.UniqueConstraint("slug", "edition", name=op.f("uq_bulletin_slug_edition")),
    )
    with op.batch_alter_table("bulletin", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulletin_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_bulletin_desk", ["centre_id", "state"], unique=False)
        batch_op.create_index("ix_bulletin_published", ["published_at"], unique=False)

    op.create_table(
        "bulletin_act",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("bulletin_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletin.id"], name=op.f("fk_bulletin_act_bulletin_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin_act")),
    )
    with op.batch_alter_table("bulletin_act", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulletin_act_bulletin_id"), ["bulletin_id"], unique=False)

    op.create_table(
        "bulletin_facet",
        sa.Column("bulletin_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletin.id"], name=op.f("fk_bulletin_facet_bulletin_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("bulletin_id", "kind", "value", name=op.f("pk_bulletin_facet")),
    )
    with op.batch_alter_table("bulletin_facet", schema=None) as batch_op:
        batch_op.create_index("ix_bulletin_facet_value", ["kind", "value"], unique=False)


def downgrade() -> None:
    """Undo."""
    op.drop_table("bulletin_facet")
    op.drop_table("bulletin_act")
    op.drop_table("bulletin")
