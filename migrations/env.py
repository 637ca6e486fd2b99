"""Alembic's entry: one transaction for the whole upgrade, on the engine that core makes."""

from typing import Any

from alembic import context
from sqlalchemy import event

import accounts.models
import cases.models
import cases.parties.models
import core.audit
import core.centres
import core.jobs
import core.lease
import core.numbers
import core.outbox
import crawlers.models
import enterprises.models
import experts.agencies.models
import experts.appointing.models
import experts.appointing.standing_models
import experts.consultation_models
import experts.models
import experts.onward.mediation_models
import experts.onward.models
import experts.resources.models
import experts.studies.models
import knowledge.models
import notify.models
import privacy.models
import warning.answer_models
import warning.bulletin_models
import warning.desk_models
import warning.joint_models
import warning.models
import warning.quiet_models
import warning.review_models
import warning.rule_models
import warning.surge.count_models
import warning.surge.signal_models
from core.db import Base, Database

#: importing a room's models fills the metadata
MODELS = (
    accounts.models,
    cases.models,
    cases.parties.models,
    core.audit,
    core.centres,
    core.jobs,
    core.lease,
    core.numbers,
    core.outbox,
    crawlers.models,
    enterprises.models,
    experts.appointing.models,
    experts.appointing.standing_models,
    experts.agencies.models,
    experts.consultation_models,
    experts.models,
    experts.resources.models,
    experts.studies.models,
    notify.models,
    privacy.models,
    warning.answer_models,
    warning.bulletin_models,
    warning.desk_models,
    warning.joint_models,
    knowledge.models,
    warning.models,
    warning.quiet_models,
    warning.review_models,
    warning.rule_models,
    warning.surge.count_models,
    warning.surge.signal_models,
)


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
