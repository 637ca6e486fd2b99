"""Tables of gathering: runs, snapshots, what was refused, and where each feed stands. Shared between centres."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, BigId, new_id


class RunState(StrEnum):
    """How a visit ended."""

    RUNNING = "running"
    DONE = "done"
    UNCHANGED = "unchanged"
    DEFERRED = "deferred"
    FAILED = "failed"


class CrawlRun(Base):
    """One visit of one feed: the run ledger."""

    __tablename__ = "crawl_run"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the source
    source_id: Mapped[str]
    #: court code, "" when the source has one feed
    court: Mapped[str] = mapped_column(default="")
    #: running, done, unchanged, deferred, failed
    state: Mapped[str] = mapped_column(default=RunState.RUNNING.value)
    #: when it began
    started_at: Mapped[datetime]
    #: when it ended
    finished_at: Mapped[datetime | None]
    #: items read
    items: Mapped[int] = mapped_column(default=0)
    #: cases created
    created: Mapped[int] = mapped_column(default=0)
    #: cases changed
    changed: Mapped[int] = mapped_column(default=0)
    #: cases that told nothing new
    unchanged: Mapped[int] = mapped_column(default=0)
    #: items refused
    rejected: Mapped[int] = mapped_column(default=0)
    #: code of the error that ended it
    error: Mapped[str | None]
    #: its words
    message: Mapped[str] = mapped_column(default="")

    __table_args__ = (Index("ix_crawl_run_source", "source_id", "court", "started_at"),)


class SnapshotRow(Base):
    """Bytes that were fetched; parsed now or, after a crash, at the next visit."""

    __tablename__ = "snapshot"

    #: order of fetching
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: the source
    source_id: Mapped[str]
    #: court code or ""
    court: Mapped[str] = mapped_column(default="")
    #: where from
    url: Mapped[str]
    #: SHA-256 of the bytes in the evidence store
    sha256: Mapped[str] = mapped_column(index=True)
    #: bytes
    size: Mapped[int]
    #: when
    fetched_at: Mapped[datetime]
    #: as the server said
    content_type: Mapped[str] = mapped_column(default="")
    #: as the server said
    charset: Mapped[str | None]
    #: validators to store once it is parsed
    etag: Mapped[str | None]
    #: validators to store once it is parsed
    last_modified: Mapped[str | None]
    #: fetched, parsed, failed
    state: Mapped[str] = mapped_column(default="fetched")
    #: facts of the shipped sample
    is_sample: Mapped[bool] = mapped_column(default=False)
    #: the run that fetched it
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("crawl_run.id", ondelete="CASCADE"))

    __table_args__ = (Index("ix_snapshot_waiting", "source_id", "state"),)


class RejectedItem(Base):
    """An item of a snapshot that could not be used."""

    __tablename__ = "rejected_item"

    #: order of finding
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: the snapshot
    snapshot_id: Mapped[int] = mapped_column(BigId, ForeignKey("snapshot.id", ondelete="CASCADE"), index=True)
    #: where in it, from 0
    position: Mapped[int]
    #: why
    reason: Mapped[str]
    #: its first characters
    excerpt: Mapped[str]


class FeedState(Base):
    """Where one feed of one source stands."""

    __tablename__ = "feed_state"

    #: the source
    source_id: Mapped[str] = mapped_column(primary_key=True)
    #: court code or ""
    court: Mapped[str] = mapped_column(primary_key=True)
    #: validators of the last parsed answer
    etag: Mapped[str | None]
    #: validators of the last parsed answer
    last_modified: Mapped[str | None]
    #: last visit
    visited_at: Mapped[datetime | None]
    #: last visit that ended well
    succeeded_at: Mapped[datetime | None]
    #: visits in a row that did not
    failures: Mapped[int] = mapped_column(default=0)
    #: not before
    due_at: Mapped[datetime | None]
    #: code of the last error
    error: Mapped[str | None]
    #: its words
    message: Mapped[str] = mapped_column(default="")
