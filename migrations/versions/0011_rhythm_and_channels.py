"""Digests, quiet hours, more channels, and messages to a person.

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def _subjects(told: str, *constraints: sa.Constraint) -> None:
    """Make the table of subjects anew, with the column ``told`` for whom it is told; SQLite alters no key."""
    op.execute("ALTER TABLE message_subject RENAME TO message_subject_old")
    op.drop_index("ix_message_subject_message_id", "message_subject_old")
    if op.get_bind().dialect.name == "postgresql":
        # There a constraint's name outlives the table's, and must be free.
        op.execute("ALTER TABLE message_subject_old DROP CONSTRAINT pk_message_subject")
    op.create_table(
        "message_subject",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(told, sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_subject_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("kind", told, "subject_id", name=op.f("pk_message_subject")),
        *constraints,
    )


def _move_subjects(new: str, old: str) -> None:
    op.execute(
        f"INSERT INTO message_subject (kind, {new}, subject_id, message_id) "  # noqa: S608 - names of our own
        f"SELECT kind, {old}, subject_id, message_id FROM message_subject_old"
    )
    op.drop_table("message_subject_old")
    op.create_index(op.f("ix_message_subject_message_id"), "message_subject", ["message_id"])


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("topic", sa.Text(), nullable=False, server_default="named"))
        batch_op.add_column(sa.Column("is_urgent", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("account_id", sa.Uuid(), nullable=True))
        batch_op.alter_column("firm_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.create_foreign_key(
            batch_op.f("fk_message_account_id"), "account", ["account_id"], ["id"], ondelete="CASCADE"
        )
        batch_op.create_index("ix_message_account", ["account_id", "created_at"])
    # Older messages of alerts told of both kinds together; "named" is the one that never waited.
    op.execute("UPDATE message SET topic = kind WHERE kind <> 'alert'")
    # The claim names topic and urgency now; what gathers at this moment leaves as it is.
    op.execute("UPDATE message SET gathering = NULL")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.alter_column("topic", existing_type=sa.Text(), server_default=None)
        batch_op.alter_column("is_urgent", existing_type=sa.Boolean(), server_default=None)

    with op.batch_alter_table("message_delivery", schema=None) as batch_op:
        batch_op.alter_column("firm_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.add_column(sa.Column("held_for", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("carried_by", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_message_delivery_carried_by"),
            "message_delivery",
            ["carried_by"],
            ["id"],
            ondelete="CASCADE",
        )
        batch_op.create_index(batch_op.f("ix_message_delivery_carried_by"), ["carried_by"])
        batch_op.create_index("ix_message_delivery_receiver", ["receiver_id", "channel", "state"])

    _subjects("told_id")
    _move_subjects("told_id", "firm_id")

    with op.batch_alter_table("channel_preference", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rhythms", JSON, nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("quiet_from", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("quiet_to", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("sealed", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("shown", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("consent", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("code_salt", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("code_sent_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("code_guesses", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("codes_sent", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("channel_preference", schema=None) as batch_op:
        batch_op.alter_column("rhythms", existing_type=JSON, server_default=None)
        batch_op.alter_column("code_guesses", existing_type=sa.Integer(), server_default=None)
        batch_op.alter_column("codes_sent", existing_type=sa.Integer(), server_default=None)

    with op.batch_alter_table("webhook_endpoint", schema=None) as batch_op:
        batch_op.add_column(sa.Column("shape", sa.Text(), nullable=False, server_default="seamark"))
        batch_op.add_column(sa.Column("sealed", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("webhook_endpoint", schema=None) as batch_op:
        batch_op.alter_column("shape", existing_type=sa.Text(), server_default=None)

    op.create_table(
        "firm_feed",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_firm_feed_centre_id")),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firm.id"], name=op.f("fk_firm_feed_firm_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("firm_id", name=op.f("pk_firm_feed")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_firm_feed_token_sha256")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("firm_feed")
    # The older schema would post a firm's own messages to a robot's address without its key.
    op.execute("UPDATE webhook_endpoint SET is_active = false WHERE shape <> 'seamark'")
    with op.batch_alter_table("webhook_endpoint", schema=None) as batch_op:
        batch_op.drop_column("sealed")
        batch_op.drop_column("shape")

    op.execute("DELETE FROM channel_preference WHERE channel = 'sms'")
    with op.batch_alter_table("channel_preference", schema=None) as batch_op:
        for column in (
            "codes_sent", "code_guesses", "code_sent_at", "code_salt", "verified_at", "consented_at", "consent",
            "shown", "sealed",
        ):  # fmt: skip
            batch_op.drop_column(column)
        batch_op.drop_column("quiet_to")
        batch_op.drop_column("quiet_from")
        batch_op.drop_column("rhythms")

    # The older schema tells firms alone.
    op.execute("DELETE FROM message_delivery WHERE firm_id IS NULL")
    op.execute(
        "DELETE FROM message_subject WHERE message_id IN (SELECT id FROM message WHERE firm_id IS NULL)"
    )
    op.execute("DELETE FROM message WHERE firm_id IS NULL")
    _subjects(
        "firm_id",
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firm.id"], name=op.f("fk_message_subject_firm_id"), ondelete="CASCADE"
        ),
    )
    _move_subjects("firm_id", "told_id")

    with op.batch_alter_table("message_delivery", schema=None) as batch_op:
        batch_op.drop_index("ix_message_delivery_receiver")
        batch_op.drop_index(batch_op.f("ix_message_delivery_carried_by"))
        batch_op.drop_constraint(batch_op.f("fk_message_delivery_carried_by"), type_="foreignkey")
        batch_op.drop_column("carried_by")
        batch_op.drop_column("held_for")
        batch_op.alter_column("firm_id", existing_type=sa.Uuid(), nullable=False)

    op.execute("UPDATE message SET gathering = NULL")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("ix_message_account")
        batch_op.drop_constraint(batch_op.f("fk_message_account_id"), type_="foreignkey")
        batch_op.alter_column("firm_id", existing_type=sa.Uuid(), nullable=False)
        batch_op.drop_column("account_id")
        batch_op.drop_column("is_urgent")
        batch_op.drop_column("topic")
