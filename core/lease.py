"""Leases: however many processes are started, one leads. A lease ends by itself when its holder dies."""

from __future__ import annotations

import os
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from core.clock import Clock
from core.db import Base, Database
from core.errors import SeamarkError, StoreBusy


class LeaseRow(Base):
    """Who holds what until when."""

    __tablename__ = "lease"

    #: what is held, e.g. scheduler, crawl:us_cafc
    name: Mapped[str] = mapped_column(primary_key=True)
    #: host, process and a random mark
    holder: Mapped[str]
    #: free after this instant
    until: Mapped[datetime]


def holder_name() -> str:
    """A name for this process that no other process has had."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def _is_dead(holder: str) -> bool:
    """Whether the holder was a process of this host that no longer runs."""
    host, _, rest = holder.partition(":")
    pid = rest.partition(":")[0]
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def acquire(database: Database, clock: Clock, name: str, holder: str, seconds: int) -> bool:
    """Take or renew the lease ``name`` for ``seconds``; False while another living holder has it."""
    now = clock.now()
    with database.write() as session:
        row = session.scalar(select(LeaseRow).where(LeaseRow.name == name).with_for_update())
        if row is None:
            try:
                with session.begin_nested():
                    session.add(LeaseRow(name=name, holder=holder, until=now + timedelta(seconds=seconds)))
            except IntegrityError:
                return False
            return True
        if row.holder != holder and row.until > now and not _is_dead(row.holder):
            return False
        row.holder, row.until = holder, now + timedelta(seconds=seconds)
        return True


def release(database: Database, name: str, holder: str) -> None:
    """Give the lease back if ``holder`` still has it."""
    with database.write() as session:
        row = session.get(LeaseRow, name)
        if row is not None and row.holder == holder:
            session.delete(row)


@contextmanager
def held(database: Database, clock: Clock, name: str, *, seconds: int = 60) -> Iterator[None]:
    """Hold the lease ``name`` for the length of a block, however long, renewed in the background.

    Raises:
        StoreBusy: another living process holds it.
    """
    holder = holder_name()
    if not acquire(database, clock, name, holder, seconds):
        raise StoreBusy(
            f"Another process is doing this ({name}).",
            fix="Wait until it is done, then look whether it is needed still.",
        )
    done = threading.Event()

    def renew() -> None:
        while not done.wait(seconds / 3):
            # A renewal that is lost to a busy database is made up for by the next.
            with suppress(SeamarkError):
                acquire(database, clock, name, holder, seconds)

    renewing = threading.Thread(target=renew, daemon=True, name=f"lease-{name}")
    renewing.start()
    try:
        yield
    finally:
        done.set()
        renewing.join()
        release(database, name, holder)
