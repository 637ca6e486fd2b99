"""Requests begun before anybody signs in, their files, and the last day that a consultation's firm told.

Revision: 0026, after 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("consultation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("limit_on", sa.Date(), nullable=True))
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "entry_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("scenario", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("limit_on", sa.Date(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("notice_version", sa.Text(), nullable=False),
        sa.Column("notice_at", instant, nullable=False),
        sa.Column("consent_contact", sa.Boolean(), nullable=False),
        sa.Column("consent_truth", sa.Boolean(), nullable=False),
        sa.Column("consent_expert", sa.Boolean(), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("updated_at", instant, nullable=False),
        sa.Column("expires_at", instant, nullable=False),
        sa.Column("sent_at", instant, nullable=True),
        sa.Column("due_at", instant, nullable=True),
        sa.Column("answered_at", instant, nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("claimed_at", instant, nullable=True),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("consultation_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_entry_request_centre_id")),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_entry_request_consultation_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_request")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_entry_request_token_sha256")),
    )
    with op.batch_alter_table("entry_request", schema=None) as batch_op:
        batch_op.create_index("ix_entry_request_queue", ["centre_id", "state", "due_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_entry_request_consultation_id"), ["consultation_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_entry_request_expires_at"), ["expires_at"], unique=False)
    op.create_table(
        "entry_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_entry_file_centre_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["entry_request.id"], name=op.f("fk_entry_file_request_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_file")),
    )
    with op.batch_alter_table("entry_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entry_file_request_id"), ["request_id"], unique=False)


def downgrade() -> None:
    """Undo."""
    op.drop_table("entry_file")
    op.drop_table("entry_request")
    with op.batch_alter_table("consultation", schema=None) as batch_op:
        batch_op.drop_column("limit_on")
