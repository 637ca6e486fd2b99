"""Stations that look after firms, robots of the centre's own staff, and who may read a bulletin.

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_NAMED = {"account": "CASCADE", "firm": "SET NULL"}


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "station",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_station_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station")),
        sa.UniqueConstraint("centre_id", "name", name=op.f("uq_station_centre_id_name")),
    )
    for table, on_delete in _NAMED.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("station_id", sa.Uuid(), nullable=True))
            batch_op.create_foreign_key(
                batch_op.f(f"fk_{table}_station_id"), "station", ["station_id"], ["id"], ondelete=on_delete
            )
            batch_op.create_index(batch_op.f(f"ix_{table}_station_id"), ["station_id"])

    with op.batch_alter_table("bulletin", schema=None) as batch_op:
        batch_op.add_column(sa.Column("scope", sa.Text(), nullable=False, server_default="public"))
    with op.batch_alter_table("bulletin", schema=None) as batch_op:
        batch_op.alter_column("scope", existing_type=sa.Text(), server_default=None)
    with op.batch_alter_table("webhook_endpoint", schema=None) as batch_op:
        batch_op.alter_column("firm_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.add_column(sa.Column("topics", JSON, nullable=False, server_default="[]"))
    with op.batch_alter_table("webhook_endpoint", schema=None) as batch_op:
        batch_op.alter_column("topics", existing_type=JSON, server_default=None)
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("endpoint_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_message_endpoint_id"),
            "webhook_endpoint",
            ["endpoint_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch_op.create_index(batch_op.f("ix_message_endpoint_id"), ["endpoint_id"])


def downgrade() -> None:
    """Undo."""
    # The older schema has public bulletins alone: what was for some may not become everybody's.
    op.execute("UPDATE bulletin SET state = 'withdrawn' WHERE scope <> 'public' AND published_at IS NOT NULL")
    with op.batch_alter_table("bulletin", schema=None) as batch_op:
        batch_op.drop_column("scope")
    robots = "SELECT id FROM webhook_endpoint WHERE firm_id IS NULL"
    messages = f"SELECT id FROM message WHERE endpoint_id IN ({robots})"  # noqa: S608 - names of our own
    op.execute(f"DELETE FROM message_delivery WHERE message_id IN ({messages})")  # noqa: S608
    op.execute(f"DELETE FROM message_subject WHERE message_id IN ({messages})")  # noqa: S608
    op.execute(f"DELETE FROM message WHERE endpoint_id IN ({robots})")  # noqa: S608
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_endpoint_id"))
        batch_op.drop_constraint(batch_op.f("fk_message_endpoint_id"), type_="foreignkey")
        batch_op.drop_column("endpoint_id")
    op.execute("DELETE FROM webhook_endpoint WHERE firm_id IS NULL")
    with op.batch_alter_table("webhook_endpoint", schema=None) as batch_op:
        batch_op.drop_column("topics")
        batch_op.alter_column("firm_id", existing_type=sa.Uuid(), nullable=False)
    # Whoever acted for a station has no role the older schema knows.
    op.execute("UPDATE account SET active = false WHERE station_id IS NOT NULL")
    for table in reversed(_NAMED):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(batch_op.f(f"ix_{table}_station_id"))
            batch_op.drop_constraint(batch_op.f(f"fk_{table}_station_id"), type_="foreignkey")
            batch_op.drop_column("station_id")
    op.drop_table("station")
