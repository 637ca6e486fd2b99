"""Messages and watch profiles.

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("gathering", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_message_centre_id")),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firm.id"], name=op.f("fk_message_firm_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("gathering", name=op.f("uq_message_gathering")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index("ix_message_firm", ["firm_id", "created_at"], unique=False)

    op.create_table(
        "watch_profile",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("industries", JSON, nullable=False),
        sa.Column("regions", JSON, nullable=False),
        sa.Column("dispute_types", JSON, nullable=False),
        sa.Column("include", JSON, nullable=False),
        sa.Column("exclude", JSON, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_watch_profile_centre_id")),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firm.id"], name=op.f("fk_watch_profile_firm_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_profile")),
    )
    with op.batch_alter_table("watch_profile", schema=None) as batch_op:
        batch_op.create_index("ix_watch_profile_firm", ["firm_id", "state"], unique=False)

    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_webhook_endpoint_centre_id")),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firm.id"], name=op.f("fk_webhook_endpoint_firm_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoint")),
    )
    with op.batch_alter_table("webhook_endpoint", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhook_endpoint_firm_id"), ["firm_id"], unique=False)

    op.create_table(
        "channel_preference",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_channel_preference_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "channel", name=op.f("pk_channel_preference")),
    )
    op.create_table(
        "message_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("server_id", sa.Text(), nullable=True),
        sa.Column("error", JSON, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_message_delivery_centre_id")),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firm.id"], name=op.f("fk_message_delivery_firm_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_delivery_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_delivery")),
        sa.UniqueConstraint(
            "message_id",
            "channel",
            "receiver_id",
            name=op.f("uq_message_delivery_message_id_channel_receiver_id"),
        ),
    )
    with op.batch_alter_table("message_delivery", schema=None) as batch_op:
        batch_op.create_index("ix_message_delivery_due", ["state", "next_try_at"], unique=False)
        batch_op.create_index("ix_message_delivery_list", ["centre_id", "id"], unique=False)

    op.create_table(
        "message_subject",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firm.id"], name=op.f("fk_message_subject_firm_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_subject_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("kind", "firm_id", "subject_id", name=op.f("pk_message_subject")),
    )
    with op.batch_alter_table("message_subject", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_subject_message_id"), ["message_id"], unique=False)

    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.add_column(sa.Column("profile_id", sa.Uuid(), nullable=True))
        batch_op.drop_constraint(batch_op.f("uq_alert_firm_id_case_id_trigger"), type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_alert_profile_id_case_id_trigger"), ["profile_id", "case_id", "trigger"]
        )
        batch_op.create_index(
            "uq_alert_without_profile",
            ["firm_id", "case_id", "trigger"],
            unique=True,
            sqlite_where=sa.text("profile_id IS NULL"),
            postgresql_where=sa.text("profile_id IS NULL"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_alert_profile_id"), "watch_profile", ["profile_id"], ["id"], ondelete="CASCADE"
        )


def downgrade() -> None:
    """Undo."""
    # The older schema knows no profiles, and what one found would break its key.
    op.execute("DELETE FROM alert WHERE profile_id IS NOT NULL")
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_alert_profile_id"), type_="foreignkey")
        batch_op.drop_index(
            "uq_alert_without_profile",
            sqlite_where=sa.text("profile_id IS NULL"),
            postgresql_where=sa.text("profile_id IS NULL"),
        )
        batch_op.drop_constraint(batch_op.f("uq_alert_profile_id_case_id_trigger"), type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_alert_firm_id_case_id_trigger"), ["firm_id", "case_id", "trigger"]
        )
        batch_op.drop_column("profile_id")

    with op.batch_alter_table("message_subject", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_subject_message_id"))

    op.drop_table("message_subject")
    with op.batch_alter_table("message_delivery", schema=None) as batch_op:
        batch_op.drop_index("ix_message_delivery_list")
        batch_op.drop_index("ix_message_delivery_due")

    op.drop_table("message_delivery")
    op.drop_table("channel_preference")
    with op.batch_alter_table("webhook_endpoint", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_endpoint_firm_id"))

    op.drop_table("webhook_endpoint")
    with op.batch_alter_table("watch_profile", schema=None) as batch_op:
        batch_op.drop_index("ix_watch_profile_firm")

    op.drop_table("watch_profile")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("ix_message_firm")

    op.drop_table("message")
