"""Alerts that follow a case and are answered; the desk's tasks; joint defence; what a firm does not want to hear of.

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Apply."""
    for table, column in (("case", "public_since"), ("party", "since")):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column(column, sa.Integer(), nullable=False, server_default="1"))
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column(column, server_default=None)
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.add_column(sa.Column("case_version", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("answer", sa.Text(), nullable=False, server_default="open"))
        batch_op.add_column(sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("level", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_alert_case", ["case_id"], unique=False)
    # What was told before told the case as it stands: its firms hear of what changes from now on, and nobody telephones
    # them about what they were told under other terms.
    op.execute(sa.text("UPDATE alert SET level = 'L0' WHERE profile_id IS NULL"))
    op.execute(
        sa.text(
            'UPDATE alert SET case_version = (SELECT c.version FROM "case" AS c WHERE c.id = alert.case_id)'
        )
    )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.alter_column("case_version", server_default=None)
        batch_op.alter_column("answer", server_default=None)
    op.create_table(
        "alert_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_alert_answer_alert_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_answer")),
    )
    with op.batch_alter_table("alert_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_answer_alert_id"), ["alert_id"], unique=False)
    op.create_table(
        "desk_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=True),
        sa.Column("alert_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_desk_task_centre_id")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_desk_task_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firm.id"], name=op.f("fk_desk_task_firm_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_desk_task_alert_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_task")),
        sa.UniqueConstraint("centre_id", "key", name=op.f("uq_desk_task_centre_id_key")),
    )
    with op.batch_alter_table("desk_task", schema=None) as batch_op:
        batch_op.create_index("ix_desk_task_queue", ["centre_id", "state", "due_at"], unique=False)
        batch_op.create_index("ix_desk_task_case", ["case_id"], unique=False)
    op.create_table(
        "desk_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("noted_by", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["desk_task.id"], name=op.f("fk_desk_note_task_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_note")),
    )
    with op.batch_alter_table("desk_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_desk_note_task_id"), ["task_id"], unique=False)
    op.create_table(
        "joint_consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_joint_consent_centre_id")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_joint_consent_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firm.id"], name=op.f("fk_joint_consent_firm_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joint_consent")),
        sa.UniqueConstraint("case_id", "firm_id", name=op.f("uq_joint_consent_case_id_firm_id")),
    )
    with op.batch_alter_table("joint_consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_joint_consent_case_id"), ["case_id"], unique=False)
    with op.batch_alter_table("watch_profile", schema=None) as batch_op:
        batch_op.add_column(sa.Column("snoozed_until", sa.Date(), nullable=True))
        for name in ("competitors", "rights", "exhibitions"):
            batch_op.add_column(sa.Column(name, JSON, nullable=False, server_default=sa.text("'[]'")))
    with op.batch_alter_table("watch_profile", schema=None) as batch_op:
        for name in ("competitors", "rights", "exhibitions"):
            batch_op.alter_column(name, server_default=None)
    op.create_table(
        "watch_noise",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("words", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firm.id"], name=op.f("fk_watch_noise_firm_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_watch_noise_centre_id")),
        sa.PrimaryKeyConstraint("firm_id", name=op.f("pk_watch_noise")),
    )
    op.create_table(
        "watch_mute",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("muted_by", sa.Text(), nullable=False),
        sa.Column("muted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firm.id"], name=op.f("fk_watch_mute_firm_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_watch_mute_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_mute")),
        sa.UniqueConstraint("firm_id", "case_id", name=op.f("uq_watch_mute_firm_id_case_id")),
    )
    with op.batch_alter_table("watch_mute", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_watch_mute_case_id"), ["case_id"], unique=False)


def downgrade() -> None:
    """Undo."""
    op.drop_table("watch_mute")
    op.drop_table("watch_noise")
    with op.batch_alter_table("watch_profile", schema=None) as batch_op:
        for column in ("snoozed_until", "competitors", "rights", "exhibitions"):
            batch_op.drop_column(column)
    op.drop_table("joint_consent")
    op.drop_table("desk_note")
    op.drop_table("desk_task")
    op.drop_table("alert_answer")
    op.execute(sa.text("DELETE FROM alert WHERE trigger NOT IN ('named', 'watch')"))
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.drop_index("ix_alert_case")
        for column in ("case_version", "answer", "answered_at", "level", "answer_by"):
            batch_op.drop_column(column)
    for table, column in (("party", "since"), ("case", "public_since")):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column(column)
