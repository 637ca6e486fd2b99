"""Alembic's entry: one transaction for the whole upgrade, on the engine that core makes."""

from typing import Any

from alembic import context
from sqlalchemy import event

import privacy.tables  # noqa: F401 - fills the metadata with every table
from core.db import Base, Database


def _without_cascades(connection: Any, record: Any) -> None:
    # SQLite alters a table by making another and dropping the first; with foreign keys on, the drop would delete every
    # row that depends on it. Inside a transaction the switch does nothing, so it is set as the connection opens.
    connection.execute("PRAGMA foreign_keys=OFF")


def run() -> None:
    """Run the migrations online."""
    database = Database(context.config.attributes["url"])
    if database.is_sqlite:
        event.listen(database.engine, "connect", _without_cascades)
    try:
        with database.engine.execution_options(seamark_write=True).begin() as connection:
            context.configure(
                connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True
            )
            context.run_migrations()
            if database.is_sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise RuntimeError(f"the migration leaves rows that depend on nothing: {broken[:3]}")
    finally:
        database.dispose()


run()
