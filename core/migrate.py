"""Schema migrations by Alembic, the same scripts on SQLite and PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from core.db import Database
from core.errors import SeamarkError


def _config(url: str, scripts: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    return config


def upgrade(url: str, scripts: Path) -> None:
    """Bring the database at ``url`` to the newest schema of the migrations in ``scripts``."""
    command.upgrade(_config(url, scripts), "head")


def require_current(database: Database, scripts: Path) -> None:
    """Raise SeamarkError unless the database has the newest schema."""
    newest = ScriptDirectory.from_config(_config(database.url, scripts)).get_current_head()
    with database.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current != newest:
        raise SeamarkError(
            f"The database has schema {current or 'none'}; this version of Seamark needs {newest}.",
            fix="Run `seamark db upgrade`.",
        )
