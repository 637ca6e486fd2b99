"""Open calls, applications to the expert library, and an expert's standing.

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "expert_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("term_years", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_expert_call_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_call")),
    )
    with op.batch_alter_table("expert_call", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_expert_call_centre_id"), ["centre_id"], unique=False)

    op.create_table(
        "expert_bar",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=True),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("id_last4", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_expert_bar_centre_id")),
        sa.ForeignKeyConstraint(
            ["expert_id"], ["expert.id"], name=op.f("fk_expert_bar_expert_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_bar")),
    )
    with op.batch_alter_table("expert_bar", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_expert_bar_centre_id"), ["centre_id"], unique=False)

    op.create_table(
        "expert_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("proposed", JSON, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["expert_id"], ["expert.id"], name=op.f("fk_expert_change_expert_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_change")),
    )
    with op.batch_alter_table("expert_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_expert_change_expert_id"), ["expert_id"], unique=False)

    op.create_table(
        "expert_evaluation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("points", JSON, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["expert_id"], ["expert.id"], name=op.f("fk_expert_evaluation_expert_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_evaluation")),
        sa.UniqueConstraint("expert_id", "year", name=op.f("uq_expert_evaluation_expert_id_year")),
    )
    op.create_table(
        "expert_interest",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("group_name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["expert_id"], ["expert.id"], name=op.f("fk_expert_interest_expert_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_interest")),
    )
    with op.batch_alter_table("expert_interest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_expert_interest_expert_id"), ["expert_id"], unique=False)

    op.create_table(
        "expert_qualification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("verify_url", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("checked_by", sa.Text(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["expert_id"], ["expert.id"], name=op.f("fk_expert_qualification_expert_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_qualification")),
    )
    with op.batch_alter_table("expert_qualification", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_expert_qualification_expert_id"), ["expert_id"], unique=False)

    op.create_table(
        "expert_application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("days_left", sa.Integer(), nullable=True),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("id_last4", sa.Text(), nullable=False),
        sa.Column("consent_truth", sa.Boolean(), nullable=False),
        sa.Column("consent_notice", sa.Boolean(), nullable=False),
        sa.Column("consent_promise", sa.Boolean(), nullable=False),
        sa.Column("consent_version", sa.Text(), nullable=False),
        sa.Column("checklist", JSON, nullable=False),
        sa.Column("checked_by", sa.Text(), nullable=True),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("supplement", sa.Text(), nullable=False),
        sa.Column("supervisor_id", sa.Uuid(), nullable=True),
        sa.Column("mark", sa.Integer(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("publicity_ended_on", sa.Date(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("expert_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["expert_call.id"], name=op.f("fk_expert_application_call_id")),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_expert_application_centre_id")),
        sa.ForeignKeyConstraint(
            ["expert_id"], ["expert.id"], name=op.f("fk_expert_application_expert_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["supervisor_id"],
            ["account.id"],
            name=op.f("fk_expert_application_supervisor_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_application")),
        sa.UniqueConstraint("centre_id", "number", name=op.f("uq_expert_application_centre_id_number")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_expert_application_token_sha256")),
    )
    with op.batch_alter_table("expert_application", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_expert_application_call_id"), ["call_id"], unique=False)
        batch_op.create_index("ix_expert_application_queue", ["centre_id", "state", "due_on"], unique=False)

    op.create_table(
        "expert_application_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["expert_application.id"],
            name=op.f("fk_expert_application_file_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["centre_id"], ["centre.id"], name=op.f("fk_expert_application_file_centre_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_application_file")),
    )
    with op.batch_alter_table("expert_application_file", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_expert_application_file_application_id"), ["application_id"], unique=False
        )

    op.create_table(
        "expert_application_step",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by_side", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["expert_application.id"],
            name=op.f("fk_expert_application_step_application_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_application_step")),
    )
    with op.batch_alter_table("expert_application_step", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_expert_application_step_application_id"), ["application_id"], unique=False
        )

    op.create_table(
        "expert_appointment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("expert_class", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.Column("is_ending_told", sa.Boolean(), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["expert_application.id"],
            name=op.f("fk_expert_appointment_application_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_expert_appointment_centre_id")),
        sa.ForeignKeyConstraint(
            ["expert_id"], ["expert.id"], name=op.f("fk_expert_appointment_expert_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_appointment")),
        sa.UniqueConstraint("centre_id", "number", name=op.f("uq_expert_appointment_centre_id_number")),
        sa.UniqueConstraint("code", name=op.f("uq_expert_appointment_code")),
    )
    with op.batch_alter_table("expert_appointment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_expert_appointment_expert_id"), ["expert_id"], unique=False)

    op.create_table(
        "expert_objection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["expert_application.id"],
            name=op.f("fk_expert_objection_application_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_objection")),
    )
    with op.batch_alter_table("expert_objection", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_expert_objection_application_id"), ["application_id"], unique=False
        )

    op.create_table(
        "expert_panel_seat",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("points", JSON, nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("is_free", sa.Boolean(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_expert_panel_seat_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["expert_application.id"],
            name=op.f("fk_expert_panel_seat_application_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_panel_seat")),
        sa.UniqueConstraint(
            "application_id", "account_id", name=op.f("uq_expert_panel_seat_application_id_account_id")
        ),
    )
    with op.batch_alter_table("expert_panel_seat", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_expert_panel_seat_application_id"), ["application_id"], unique=False
        )

    with op.batch_alter_table("expert", schema=None) as batch_op:
        batch_op.add_column(sa.Column("title", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("hours", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("calendar", JSON, nullable=False, server_default="[]"))
    with op.batch_alter_table("expert", schema=None) as batch_op:
        batch_op.alter_column("title", server_default=None)
        batch_op.alter_column("calendar", server_default=None)


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("expert", schema=None) as batch_op:
        batch_op.drop_column("calendar")
        batch_op.drop_column("hours")
        batch_op.drop_column("title")

    with op.batch_alter_table("expert_panel_seat", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_expert_panel_seat_application_id"))

    op.drop_table("expert_panel_seat")
    with op.batch_alter_table("expert_objection", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_expert_objection_application_id"))

    op.drop_table("expert_objection")
    with op.batch_alter_table("expert_appointment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_expert_appointment_expert_id"))

    op.drop_table("expert_appointment")
    with op.batch_alter_table("expert_application_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_expert_application_step_application_id"))

    op.drop_table("expert_application_step")
    with op.batch_alter_table("expert_application_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_expert_application_file_application_id"))

    op.drop_table("expert_application_file")
    with op.batch_alter_table("expert_application", schema=None) as batch_op:
        batch_op.drop_index("ix_expert_application_queue")
        batch_op.drop_index(batch_op.f("ix_expert_application_call_id"))

    op.drop_table("expert_application")
    with op.batch_alter_table("expert_qualification", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_expert_qualification_expert_id"))

    op.drop_table("expert_qualification")
    with op.batch_alter_table("expert_interest", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_expert_interest_expert_id"))

    op.drop_table("expert_interest")
    op.drop_table("expert_evaluation")
    with op.batch_alter_table("expert_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_expert_change_expert_id"))

    op.drop_table("expert_change")
    with op.batch_alter_table("expert_bar", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_expert_bar_centre_id"))

    op.drop_table("expert_bar")
    with op.batch_alter_table("expert_call", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_expert_call_centre_id"))

    op.drop_table("expert_call")
