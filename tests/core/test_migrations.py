"""The migrations make exactly the schema the models describe, on both databases, and go both ways."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from config import ROOT
from core import migrate
from core.db import Base, Database
from core.errors import SeamarkError

SCRIPTS = ROOT / "migrations"


def _differences(database: Database) -> list[object]:

    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return list(compare_metadata(context, Base.metadata))


def test_the_migrated_schema_is_the_one_the_models_describe(each_database_url: str) -> None:
    migrate.upgrade(each_database_url, SCRIPTS)
    database = Database(each_database_url)
    try:
        assert _differences(database) == []
    finally:
        database.dispose()


def test_constraints_and_indexes_are_named_as_in_the_models(each_database_url: str) -> None:
    migrate.upgrade(each_database_url, SCRIPTS)
    database = Database(each_database_url)
    try:
        there = inspect(database.engine)
        for table in Base.metadata.sorted_tables:
            assert {i.name for i in table.indexes} == {
                i["name"] for i in there.get_indexes(table.name) if not i.get("duplicates_constraint")
            }, table.name
            ours = {
                tuple(sorted(c.name for c in key.columns)): key.ondelete
                for key in table.foreign_key_constraints
            }
            theirs = {
                tuple(sorted(key["constrained_columns"])): key["options"].get("ondelete")
                for key in there.get_foreign_keys(table.name)
            }
            assert ours == theirs, table.name
            unique = {
                tuple(sorted(c.name for c in constraint.columns))
                for constraint in table.constraints
                if type(constraint).__name__ == "UniqueConstraint"
            }
            found = {tuple(sorted(u["column_names"])) for u in there.get_unique_constraints(table.name)}
            assert unique == found, table.name
    finally:
        database.dispose()


def test_up_down_and_up_again(each_database_url: str) -> None:
    migrate.upgrade(each_database_url, SCRIPTS)
    command.downgrade(migrate._config(each_database_url, SCRIPTS), "base")
    database = Database(each_database_url)
    try:
        assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}
        with pytest.raises(SeamarkError, match="db upgrade"):
            migrate.require_current(database, SCRIPTS)
        migrate.upgrade(each_database_url, SCRIPTS)
        assert set(inspect(database.engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}
        migrate.require_current(database, SCRIPTS)
    finally:
        database.dispose()


def test_upgrading_twice_is_harmless(each_database_url: str) -> None:
    migrate.upgrade(each_database_url, SCRIPTS)
    migrate.upgrade(each_database_url, SCRIPTS)


def test_messages_keep_their_deliveries_through_the_change_to_digests_and_back(
    each_database_url: str,
) -> None:
    """SQLite alters a table by dropping it: nothing that depends on one may go with it."""
    config = migrate._config(each_database_url, SCRIPTS)
    command.upgrade(config, "0010")
    rows = (
        "INSERT INTO centre (id, slug, zh, en, zone) VALUES ('{0}1', 'c', 'c', 'c', 'Asia/Shanghai')",
        "INSERT INTO firm (id, centre_id, ref, name_zh, name_en, industries, is_local, version, created_at, updated_at) "
        "VALUES ('{0}2', '{0}1', 'f', 'f', '', '[]', true, 1, '{1}', '{1}')",
        "INSERT INTO message (id, centre_id, kind, firm_id, gathering, created_at) "
        "VALUES ('{0}3', '{0}1', 'consultation', '{0}2', 'x', '{1}')",
        "INSERT INTO message_subject (kind, firm_id, subject_id, message_id) "
        "VALUES ('consultation', '{0}2', '{0}4', '{0}3')",
        "INSERT INTO message_delivery (id, centre_id, firm_id, message_id, channel, receiver_id, state, attempts, "
        "next_try_at, created_at) "
        "VALUES ('{0}5', '{0}1', '{0}2', '{0}3', 'app', '{0}2', 'queued', 0, '{1}', '{1}')",
    )
    database = Database(each_database_url)
    try:
        # SQLite keeps an id as 32 digits; PostgreSQL takes them so.
        with database.write() as session:
            for row in rows:
                session.execute(text(row.format("0" * 31, "2026-03-02 09:30:00+00:00")))
        command.upgrade(config, "0011")
        with database.read() as session:
            assert session.execute(text("SELECT topic, is_urgent, gathering FROM message")).all() == [
                ("consultation", False, None)
            ]
            assert session.scalar(text("SELECT count(*) FROM message_delivery")) == 1
            told = session.execute(text("SELECT told_id, subject_id FROM message_subject")).one()
            assert [str(identity).replace("-", "")[-1] for identity in told] == ["2", "4"]
        command.downgrade(config, "0010")
        with database.read() as session:
            assert session.scalar(text("SELECT count(*) FROM message_delivery")) == 1
            assert session.scalar(text("SELECT count(*) FROM message_subject")) == 1
    finally:
        database.dispose()
