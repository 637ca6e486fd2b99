"""Engines, sessions and column types. The only place that makes an engine.

SQLite runs in WAL mode with explicit BEGIN: a writer takes the write lock at once (BEGIN IMMEDIATE), since pysqlite's
own transactions let two claimants read the same row before either writes. PostgreSQL runs at READ COMMITTED.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import structlog
import uuid_utils.compat
from sqlalchemy import (
    JSON,
    BigInteger,
    Date,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    Text,
    Uuid,
    create_engine,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from core.errors import SeamarkError, StoreBusy, StoreFull

log = structlog.get_logger(__name__)

#: a JSON column, binary and indexable on PostgreSQL
JSONType = JSON().with_variant(JSONB(), "postgresql")
#: an ascending key; SQLite only counts up in INTEGER
BigId = BigInteger().with_variant(Integer(), "sqlite")


class UTCDateTime(TypeDecorator[datetime]):
    """An instant: aware going in, aware and UTC coming out; a naive value is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a time zone, got the naive {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The mother of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads a plain class attribute
        datetime: UTCDateTime(),
        date: Date(),
        dict[str, Any]: JSONType,
        list[Any]: JSONType,
        list[str]: JSONType,
        uuid.UUID: Uuid(),
        str: Text(),
    }


def new_id() -> uuid.UUID:
    """A fresh UUIDv7: unguessable, and ordered by time so that indexes stay compact."""
    return uuid.UUID(int=uuid_utils.compat.uuid7().int)


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA busy_timeout=30000")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Any) -> None:
        is_writer = connection.get_execution_options().get("seamark_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")


def _refuse_flush(session: Session, context: object, instances: object) -> None:
    if session.info.get("read_only") and (session.new or session.dirty or session.deleted):
        raise RuntimeError("a read session was asked to write; open it with Database.write()")


class Database:
    """One database: sessions to read, sessions to write.

    Args:
        url: an SQLAlchemy URL, ``sqlite:///path`` or ``postgresql+psycopg://…``.
        info: carried by every session as ``session.info`` (the outbox finds its subscribers there).
    """

    def __init__(self, url: str, *, info: dict[str, Any] | None = None) -> None:
        self.url = url
        self.info: dict[str, Any] = info if info is not None else {}
        options: dict[str, Any] = {}
        if url.startswith("sqlite:///"):
            Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        else:
            options = {"pool_pre_ping": True, "pool_size": 10}
        self.engine = create_engine(url, **options)
        if self.is_sqlite:
            _prepare_sqlite(self.engine)
        self._writer = self.engine.execution_options(seamark_write=True)
        self._sessions = sessionmaker(expire_on_commit=False)
        event.listen(self._sessions, "before_flush", _refuse_flush)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that only reads; a flush in it raises RuntimeError."""
        with self._sessions(bind=self.engine, info={**self.info, "read_only": True}) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in one transaction: committed when the block ends, rolled back when it raises.

        Raises:
            StoreBusy: another writer kept the embedded database locked for 30 seconds.
            StoreFull: the disk is full; nothing of the block was kept.
        """
        with self._sessions(bind=self._writer, info=dict(self.info)) as session:
            try:
                yield session
                session.commit()
            except DBAPIError as error:
                session.rollback()
                raise explain(error, self.engine.url.render_as_string(hide_password=True)) or error from error
            except BaseException:
                session.rollback()
                raise

    def pack(self) -> None:
        """Rewrite the embedded database's file without what was deleted or overwritten; put off, with nothing changed, when
        somebody is writing. PostgreSQL reuses such pages by itself."""
        if not self.is_sqlite:
            return
        connection = self.engine.raw_connection()
        try:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.OperationalError as error:
            log.warning("pack_put_off", error=str(error))
        finally:
            connection.close()

    def ping(self) -> None:
        """Raise when the database does not answer."""
        with self.engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def explain(error: DBAPIError, where: str) -> SeamarkError | None:
    """The Seamark error a driver's error stands for, or None when it is none of the expected ones."""
    said = str(error.orig).lower()
    if isinstance(error, OperationalError) and "database is locked" in said:
        return StoreBusy(
            f"Another process kept the database {where} locked for 30 seconds.",
            fix="Wait for it to finish, or stop it, and run this again; nothing was changed.",
        )
    if "disk is full" in said or "no space left" in said or "disk i/o error" in said:
        return StoreFull(
            f"The disk that holds {where} is full; the change was rolled back.",
            fix="Free some space and run this again.",
        )
    return None
