"""Consultations to the archive: hours, pauses, merging, outcome, follow-ups, labels of files.

Revision: 0019, after 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None

_OTHERS = ("resubmits", "merged_into")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "consultation_follow_up",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_consultation_follow_up_consultation_id_consultation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation_follow_up")),
    )
    with op.batch_alter_table("consultation_follow_up", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_consultation_follow_up_consultation_id"), ["consultation_id"], unique=False
        )
    with op.batch_alter_table("consultation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("days_left", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("minutes_left", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("termination", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("outcome", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("cost_saved", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("saving_method", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("saving_confirmer", sa.Text(), nullable=False, server_default=""))
        for name in _OTHERS:
            batch_op.add_column(sa.Column(name, sa.Uuid(), nullable=True))
            batch_op.create_foreign_key(
                batch_op.f(f"fk_consultation_{name}_consultation"),
                "consultation",
                [name],
                ["id"],
                ondelete="SET NULL",
            )
    with op.batch_alter_table("consultation_attachment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("secrecy", sa.Text(), nullable=False, server_default="internal"))
        batch_op.add_column(sa.Column("for_expert", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(
            sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_consultation_attachment_message_id_consultation_message"),
            "consultation_message",
            ["message_id"],
            ["id"],
            ondelete="SET NULL",
        )
    with op.batch_alter_table("consultation", schema=None) as batch_op:
        batch_op.alter_column("saving_method", server_default=None)
        batch_op.alter_column("saving_confirmer", server_default=None)
    with op.batch_alter_table("consultation_attachment", schema=None) as batch_op:
        batch_op.alter_column("secrecy", server_default=None)
        batch_op.alter_column("for_expert", server_default=None)


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("consultation_attachment", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_consultation_attachment_message_id_consultation_message"), type_="foreignkey"
        )
        for name in ("message_id", "for_expert", "secrecy"):
            batch_op.drop_column(name)
    with op.batch_alter_table("consultation", schema=None) as batch_op:
        for name in _OTHERS:
            batch_op.drop_constraint(batch_op.f(f"fk_consultation_{name}_consultation"), type_="foreignkey")
            batch_op.drop_column(name)
        for name in (
            "saving_confirmer",
            "saving_method",
            "cost_saved",
            "outcome",
            "termination",
            "minutes_left",
            "days_left",
            "due_at",
        ):
            batch_op.drop_column(name)
    op.drop_table("consultation_follow_up")
