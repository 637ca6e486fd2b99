"""The agency library's life, and the resource directory.

Revision: 0014, after 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "agency_step",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by_side", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_step")),
    )
    op.create_index("ix_agency_step_subject", "agency_step", ["subject", "subject_id"], unique=False)
    op.create_table(
        "agency_bar",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("registration", sa.Text(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_agency_bar_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_bar")),
    )
    op.create_index(op.f("ix_agency_bar_centre_id"), "agency_bar", ["centre_id"], unique=False)
    op.create_table(
        "institution",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("services", JSON, nullable=False),
        sa.Column("does_zh", sa.Text(), nullable=False),
        sa.Column("does_en", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("checked_by", sa.Text(), nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_institution_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institution")),
        sa.UniqueConstraint("centre_id", "ref", name=op.f("uq_institution_centre_id_ref")),
    )
    op.create_table(
        "agency_access",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_agency_access_agency_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_agency_access_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_access")),
        sa.UniqueConstraint("agency_id", name=op.f("uq_agency_access_agency_id")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_agency_access_token_sha256")),
    )
    op.create_table(
        "agency_complaint",
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=True),
        sa.Column("complainant", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("handled_by", sa.Text(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("days_left", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_agency_complaint_agency_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_agency_complaint_centre_id")),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firm.id"], name=op.f("fk_agency_complaint_firm_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_complaint")),
        sa.UniqueConstraint("centre_id", "number", name=op.f("uq_agency_complaint_centre_id_number")),
    )
    op.create_index(op.f("ix_agency_complaint_agency_id"), "agency_complaint", ["agency_id"], unique=False)
    op.create_index(op.f("ix_agency_complaint_firm_id"), "agency_complaint", ["firm_id"], unique=False)
    op.create_index(
        "ix_agency_complaint_open", "agency_complaint", ["centre_id", "state", "due_on"], unique=False
    )
    op.create_table(
        "agency_listing",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("registration", sa.Text(), nullable=False),
        sa.Column("profile", JSON, nullable=False),
        sa.Column("listed_on", sa.Date(), nullable=False),
        sa.Column("listed_until", sa.Date(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("is_observed", sa.Boolean(), nullable=False),
        sa.Column("suspended_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_agency_listing_agency_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_agency_listing_centre_id")),
        sa.PrimaryKeyConstraint("agency_id", name=op.f("pk_agency_listing")),
    )
    op.create_index(op.f("ix_agency_listing_centre_id"), "agency_listing", ["centre_id"], unique=False)
    op.create_table(
        "agency_review",
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("year_ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("report", JSON, nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("days_left", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_agency_review_agency_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_agency_review_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_review")),
        sa.UniqueConstraint(
            "agency_id", "year_ends_on", name=op.f("uq_agency_review_agency_id_year_ends_on")
        ),
    )
    op.create_index("ix_agency_review_open", "agency_review", ["centre_id", "state", "due_on"], unique=False)
    op.create_table(
        "agency_application",
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("access_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("consent_truth", sa.Boolean(), nullable=False),
        sa.Column("consent_notice", sa.Boolean(), nullable=False),
        sa.Column("consent_promise", sa.Boolean(), nullable=False),
        sa.Column("consent_version", sa.Text(), nullable=False),
        sa.Column("checklist", JSON, nullable=False),
        sa.Column("verified_by", JSON, nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("days_left", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["access_id"],
            ["agency_access.id"],
            name=op.f("fk_agency_application_access_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_agency_application_agency_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_agency_application_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_application")),
        sa.UniqueConstraint("centre_id", "number", name=op.f("uq_agency_application_centre_id_number")),
    )
    op.create_index(
        op.f("ix_agency_application_access_id"), "agency_application", ["access_id"], unique=False
    )
    op.create_index(
        "ix_agency_application_open", "agency_application", ["centre_id", "state", "due_on"], unique=False
    )
    op.create_table(
        "agency_mark",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("points", JSON, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_agency_mark_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["agency_application.id"],
            name=op.f("fk_agency_mark_application_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("application_id", "account_id", name=op.f("pk_agency_mark")),
    )
    op.create_table(
        "agency_objection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["agency_application.id"],
            name=op.f("fk_agency_objection_application_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_objection")),
    )
    op.create_index(
        op.f("ix_agency_objection_application_id"), "agency_objection", ["application_id"], unique=False
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index(op.f("ix_agency_objection_application_id"), table_name="agency_objection")
    op.drop_table("agency_objection")
    op.drop_table("agency_mark")
    op.drop_index("ix_agency_application_open", table_name="agency_application")
    op.drop_index(op.f("ix_agency_application_access_id"), table_name="agency_application")
    op.drop_table("agency_application")
    op.drop_index("ix_agency_review_open", table_name="agency_review")
    op.drop_table("agency_review")
    op.drop_index(op.f("ix_agency_listing_centre_id"), table_name="agency_listing")
    op.drop_table("agency_listing")
    op.drop_index("ix_agency_complaint_open", table_name="agency_complaint")
    op.drop_index(op.f("ix_agency_complaint_firm_id"), table_name="agency_complaint")
    op.drop_index(op.f("ix_agency_complaint_agency_id"), table_name="agency_complaint")
    op.drop_table("agency_complaint")
    op.drop_table("agency_access")
    op.drop_table("institution")
    op.drop_index(op.f("ix_agency_bar_centre_id"), table_name="agency_bar")
    op.drop_table("agency_bar")
    op.drop_index("ix_agency_step_subject", table_name="agency_step")
    op.drop_table("agency_step")
