"""Audit: who did what to which record, without personal values, chained so that tampering shows.

A row is written in the change's own transaction and carries field names and salted digests only. A sealer job chains
committed rows in the order it meets them: ``seal = SHA-256(previous seal || canonical row)``. Deleting a person's data
touches no audit row, so the chain stays whole; deleting or editing an audit row breaks it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import uuid
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.actor import Actor
from core.clock import Clock
from core.db import Base, BigId
from core.errors import AuditBroken

_GENESIS = "0" * 64


class AuditRow(Base):
    """One act."""

    __tablename__ = "audit"

    #: order of writing
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    #: when
    at: Mapped[datetime]
    #: Actor.name: an account's id or a job's name, never a person's name
    actor: Mapped[str]
    #: verb, e.g. firm.imported
    action: Mapped[str]
    #: kind of record, e.g. firm
    subject: Mapped[str]
    #: its id
    subject_id: Mapped[str] = mapped_column(index=True)
    #: the centre it belongs to; None for shared records
    centre_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("centre.id"))
    #: names of the fields touched
    fields: Mapped[list[str]]
    #: field -> HMAC-SHA-256 of its new value under ``salt``
    digests: Mapped[dict[str, Any]]
    #: random per row; destroying it makes the digests meaningless
    salt: Mapped[str]
    #: the request or run that did it
    request_id: Mapped[str | None]


class AuditSeal(Base):
    """A link of the chain."""

    __tablename__ = "audit_seal"

    #: position in the chain, from 1
    seq: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    #: the row it seals
    audit_id: Mapped[int] = mapped_column(BigId, unique=True)
    #: SHA-256 over the previous seal and the row
    seal: Mapped[str]


def record(
    session: Session,
    clock: Clock,
    actor: Actor,
    action: str,
    subject: str,
    subject_id: object,
    *,
    values: dict[str, Any] | None = None,
    centre_id: uuid.UUID | None = None,
) -> None:
    """Write an audit row in this session's transaction. ``values`` are digested, never stored."""
    salt = secrets.token_hex(16)
    given = values or {}
    digests = {
        name: hmac.new(salt.encode(), _canonical(value).encode(), hashlib.sha256).hexdigest()
        for name, value in given.items()
    }
    context = structlog.contextvars.get_contextvars()
    session.add(
        AuditRow(
            at=clock.now(),
            actor=actor.name,
            action=action,
            subject=subject,
            subject_id=str(subject_id),
            centre_id=centre_id if centre_id is not None else actor.centre_id,
            fields=sorted(given),
            digests=digests,
            salt=salt,
            request_id=context.get("request_id") or context.get("run_id"),
        )
    )


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str, separators=(",", ":"))


def _link(previous: str, row: AuditRow) -> str:
    content = _canonical(
        [
            row.id,
            row.at.isoformat(),
            row.actor,
            row.action,
            row.subject,
            row.subject_id,
            str(row.centre_id) if row.centre_id else None,
            row.fields,
            row.digests,
            row.request_id,
        ]
    )
    return hashlib.sha256(f"{previous}{content}".encode()).hexdigest()


def seal(session: Session, *, limit: int = 5000) -> int:
    """Chain up to ``limit`` unsealed rows; returns how many. Run by one process at a time (the job's lease)."""
    last = session.scalar(select(AuditSeal).order_by(AuditSeal.seq.desc()).limit(1))
    sequence, previous = (last.seq, last.seal) if last else (0, _GENESIS)
    unsealed = session.scalars(
        select(AuditRow)
        .outerjoin(AuditSeal, AuditSeal.audit_id == AuditRow.id)
        .where(AuditSeal.seq.is_(None))
        .order_by(AuditRow.id)
        .limit(limit)
    ).all()
    for row in unsealed:
        sequence += 1
        previous = _link(previous, row)
        session.add(AuditSeal(seq=sequence, audit_id=row.id, seal=previous))
    return len(unsealed)


@dataclass(frozen=True)
class AuditReport:
    """A verified chain: rows sealed, rows not yet sealed, and the last seal (write it down elsewhere)."""

    sealed: int
    unsealed: int
    head: str


def verify(session: Session) -> AuditReport:
    """Recompute the whole chain.

    Raises:
        AuditBroken: a sealed row was changed, removed, or the chain has a gap; the message names the first one.
    """
    previous, sequence = _GENESIS, 0
    rows = session.execute(
        select(AuditSeal, AuditRow)
        .outerjoin(AuditRow, AuditRow.id == AuditSeal.audit_id)
        .order_by(AuditSeal.seq)
        .execution_options(yield_per=1000)
    )
    # Closed by hand: an error half-way would leave PostgreSQL's cursor open.
    with closing(rows):
        for link, row in rows:
            sequence += 1
            if link.seq != sequence:
                raise _broken(f"link {sequence} of the chain is missing (found {link.seq})")
            if row is None:
                raise _broken(f"audit row {link.audit_id}, sealed as link {link.seq}, was deleted")
            expected = _link(previous, row)
            if expected != link.seal:
                raise _broken(
                    f"audit row {row.id} ({row.action} by {row.actor} at {row.at:%Y-%m-%d %H:%M:%S}Z) was changed"
                )
            previous = link.seal
    unsealed = session.scalars(
        select(AuditRow.id)
        .outerjoin(AuditSeal, AuditSeal.audit_id == AuditRow.id)
        .where(AuditSeal.seq.is_(None))
    ).all()
    return AuditReport(sealed=sequence, unsealed=len(unsealed), head=previous)


def _broken(what: str) -> AuditBroken:
    return AuditBroken(
        f"The audit chain is broken: {what}.",
        fix="Compare with a backup; treat everything after this row as unproven.",
    )
