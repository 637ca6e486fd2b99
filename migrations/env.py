"""Alembic's entry: one transaction for the whole upgrade, on the engine that core makes."""

from alembic import context

import accounts.models
import cases.models
import core.audit
import core.centres
import core.jobs
import core.lease
import core.numbers
import core.outbox
import crawlers.models
import enterprises.models
import experts.consultation_models
import experts.models
import knowledge.models
import notify.models
import warning.answer_models
import warning.bulletin_models
import warning.desk_models
import warning.joint_models
import warning.models
import warning.quiet_models
from core.db import Base, Database

#: importing a room's models fills the metadata
MODELS = (
    accounts.models,
    cases.models,
    core.audit,
    core.centres,
    core.jobs,
    core.lease,
    core.numbers,
    core.outbox,
    crawlers.models,
    enterprises.models,
    experts.consultation_models,
    experts.models,
    notify.models,
    warning.answer_models,
    warning.bulletin_models,
    warning.desk_models,
    warning.joint_models,
    knowledge.models,
    warning.models,
    warning.quiet_models,
)


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
