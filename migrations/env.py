"""Alembic's entry: one transaction for the whole upgrade, on the engine that core makes."""

from alembic import context

import accounts.models
import cases.models
import core.audit
import core.centres
import core.jobs
import core.lease
import core.outbox
import crawlers.models
import enterprises.models
import warning.models  # noqa: F401 - importing a room's models fills the metadata
from core.db import Base, Database


def run() -> None:
    """Run the migrations online."""
    database = Database(context.config.attributes["url"])
    try:
        with database.engine.execution_options(seamark_write=True).begin() as connection:
            context.configure(
                connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True
            )
            context.run_migrations()
    finally:
        database.dispose()


run()
