"""Parties across cases: the key of a name, links between keys, what staff decided.

Revision: 0017, after 0016
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from cases.parties.keys import is_organisation, key_of

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

#: rows written at once
_BATCH = 2_000


def upgrade() -> None:
    """Apply; parties that are stored get their keys."""
    op.create_table(
        "party_act",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_act")),
    )
    op.create_index(op.f("ix_party_act_done_at"), "party_act", ["done_at"])
    op.create_table(
        "party_act_on",
        sa.Column("act_id", sa.Uuid(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["act_id"], ["party_act.id"], name=op.f("fk_party_act_on_act_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("act_id", "head", name=op.f("pk_party_act_on")),
    )
    op.create_index(op.f("ix_party_act_on_head"), "party_act_on", ["head"])
    op.create_table(
        "party_link",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_party_link")),
    )
    op.create_index(op.f("ix_party_link_head"), "party_link", ["head"])
    op.create_table(
        "party_mark",
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("head", name=op.f("pk_party_mark")),
    )
    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.add_column(sa.Column("who", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("is_organisation", sa.Boolean(), nullable=True))
    _fill()
    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.alter_column("who", existing_type=sa.Text(), nullable=False)
        batch_op.alter_column("is_organisation", existing_type=sa.Boolean(), nullable=False)
        batch_op.create_index(batch_op.f("ix_party_who"), ["who"], unique=False)


def _fill() -> None:
    party = sa.table(
        "party", sa.column("id", sa.Uuid()), sa.column("name"), sa.column("who"), sa.column("is_organisation")
    )
    connection = op.get_bind()
    rows = connection.execute(sa.select(party.c.id, party.c.name)).all()
    change = sa.update(party).where(party.c.id == sa.bindparam("row"))
    change = change.values(who=sa.bindparam("key"), is_organisation=sa.bindparam("is_org"))
    for start in range(0, len(rows), _BATCH):
        connection.execute(
            change,
            [
                {"row": row, "key": key_of(name), "is_org": is_organisation(name)}
                for row, name in rows[start : start + _BATCH]
            ],
        )


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_party_who"))
        batch_op.drop_column("is_organisation")
        batch_op.drop_column("who")
    op.drop_table("party_mark")
    op.drop_table("party_link")
    op.drop_table("party_act_on")
    op.drop_table("party_act")
