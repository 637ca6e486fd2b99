"""Numbers, experts and agencies.

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "agency",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("agency_class", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("offices", JSON, nullable=False),
        sa.Column("languages", JSON, nullable=False),
        sa.Column("industries", JSON, nullable=False),
        sa.Column("dispute_types", JSON, nullable=False),
        sa.Column("clients", JSON, nullable=False),
        sa.Column("fees", JSON, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("bio", sa.Text(), nullable=False),
        sa.Column("visibility", JSON, nullable=False),
        sa.Column("status_note", sa.Text(), nullable=False),
        sa.Column("facets", JSON, nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_agency_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency")),
        sa.UniqueConstraint("centre_id", "ref", name=op.f("uq_agency_centre_id_ref")),
    )
    op.create_table(
        "expert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("expert_class", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("admissions", JSON, nullable=False),
        sa.Column("languages", JSON, nullable=False),
        sa.Column("industries", JSON, nullable=False),
        sa.Column("dispute_types", JSON, nullable=False),
        sa.Column("cases", JSON, nullable=False),
        sa.Column("employer", JSON, nullable=False),
        sa.Column("clients", JSON, nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("feedback", JSON, nullable=False),
        sa.Column("bio", sa.Text(), nullable=False),
        sa.Column("visibility", JSON, nullable=False),
        sa.Column("status_note", sa.Text(), nullable=False),
        sa.Column("facets", JSON, nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_expert_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert")),
        sa.UniqueConstraint("centre_id", "ref", name=op.f("uq_expert_centre_id_ref")),
    )
    op.create_table(
        "number_sequence",
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_number_sequence_centre_id")),
        sa.PrimaryKeyConstraint("centre_id", "kind", "year", name=op.f("pk_number_sequence")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("expert_id", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_account_expert_id"), ["expert_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_account_expert_id"), "expert", ["expert_id"], ["id"], ondelete="CASCADE"
        )


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_account_expert_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_account_expert_id"))
        batch_op.drop_column("expert_id")

    op.drop_table("number_sequence")
    op.drop_table("expert")
    op.drop_table("agency")
