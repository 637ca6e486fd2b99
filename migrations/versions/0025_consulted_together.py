"""Opinions beside, written back to back; messages with readers, labels and marks; signatures of opinions.

Revision: 0025, after 0024
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "consultation_beside",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("days_left", sa.Integer(), nullable=True),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("override", sa.Text(), nullable=False),
        sa.Column("conflict", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_by", sa.Text(), nullable=True),
        sa.Column("opened_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_consultation_beside_consultation_id_consultation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["expert_id"],
            ["expert.id"],
            name=op.f("fk_consultation_beside_expert_id_expert"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation_beside")),
    )
    for name in ("consultation_id", "expert_id"):
        op.create_index(op.f(f"ix_consultation_beside_{name}"), "consultation_beside", [name], unique=False)
    with op.batch_alter_table("opinion", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cited", JSON, nullable=False, server_default="[]"))
    with op.batch_alter_table("opinion", schema=None) as batch_op:
        batch_op.alter_column("cited", server_default=None)
    _messages()
    _signatures()
    with op.batch_alter_table("consultation_follow_up", schema=None) as batch_op:
        batch_op.add_column(sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))


def _messages() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    with op.batch_alter_table("consultation_message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("secrecy", sa.Text(), nullable=False, server_default="internal"))
        batch_op.add_column(sa.Column("reply_to", big, nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_consultation_message_reply_to_consultation_message"),
            "consultation_message",
            ["reply_to"],
            ["id"],
            ondelete="SET NULL",
        )
    with op.batch_alter_table("consultation_message", schema=None) as batch_op:
        batch_op.alter_column("secrecy", server_default=None)
    op.create_table(
        "consultation_message_reader",
        sa.Column("id", big, autoincrement=True, nullable=False),
        sa.Column("message_id", big, nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["consultation_message.id"],
            name=op.f("fk_consultation_message_reader_message_id_consultation_message"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["expert_id"],
            ["expert.id"],
            name=op.f("fk_consultation_message_reader_expert_id_expert"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation_message_reader")),
    )
    op.create_index(
        op.f("ix_consultation_message_reader_message_id"), "consultation_message_reader", ["message_id"]
    )
    op.create_table(
        "consultation_message_mark",
        sa.Column("id", big, autoincrement=True, nullable=False),
        sa.Column("message_id", big, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("by_side", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["consultation_message.id"],
            name=op.f("fk_consultation_message_mark_message_id_consultation_message"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation_message_mark")),
        sa.UniqueConstraint("message_id", "by", name=op.f("uq_consultation_message_mark_message_id_by")),
    )
    # What was written before had no chosen readers: the firm, the centre and whoever leads read it, as they did.
    for party in ("firm", "lead"):
        op.execute(
            sa.text(
                "INSERT INTO consultation_message_reader (message_id, party) "
                "SELECT id, :party FROM consultation_message ORDER BY id"
            ).bindparams(party=party)
        )


def _signatures() -> None:
    op.create_table(
        "opinion_signature",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("opinion_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["opinion_id"],
            ["opinion.id"],
            name=op.f("fk_opinion_signature_opinion_id_opinion"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion_signature")),
    )
    op.create_index(op.f("ix_opinion_signature_opinion_id"), "opinion_signature", ["opinion_id"])


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("consultation_follow_up", schema=None) as batch_op:
        batch_op.drop_column("told_at")
    op.drop_table("opinion_signature")
    op.drop_table("consultation_message_mark")
    op.drop_table("consultation_message_reader")
    with op.batch_alter_table("consultation_message", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_consultation_message_reply_to_consultation_message"), type_="foreignkey"
        )
        batch_op.drop_column("reply_to")
        batch_op.drop_column("secrecy")
    with op.batch_alter_table("opinion", schema=None) as batch_op:
        batch_op.drop_column("cited")
    op.drop_table("consultation_beside")
