"""What is known of somebody: every row that is theirs, why and how long it is kept, where it came from, who read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import AccountRole, User
from core import audit
from core.actor import Actor, Permission
from core.audit import AuditRow
from core.clock import Clock as Time
from core.errors import BadInput
from core.said import said
from core.vault import Vault
from privacy.models import Reveal
from privacy.registry import registry
from privacy.retention import Kept, retention
from privacy.subjects import Person, own_rows, person_of
from privacy.tables import TABLES

_FILE = Path(__file__).with_name("own.yml")
#: acts of others by which somebody's data was read
READINGS = (
    "consultation.opened", "consultation.file_read", "escalation.read", "escalation.taken_out", "account.opened",
    "privacy.revealed", "privacy.exported",
)  # fmt: skip


@dataclass(frozen=True)
class Section:
    """One table as a person reads it; ``columns`` name -> (zh, en)."""

    table: str
    zh: str
    en: str
    why: str
    why_en: str
    source: str
    source_en: str
    kept: Kept
    columns: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Held:
    """A section and its rows: column -> value."""

    section: Section
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Reading:
    """Somebody else read something of theirs: when, in what role, which record, with which reason."""

    at: datetime
    side: str
    action: str
    subject: str
    reason: str


@cache
def sections() -> tuple[Section, ...]:
    """Every section, in the order of the file."""
    told: dict[str, dict[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(
        Section(
            table, row["zh"], row["en"], row["why"], row["why_en"], row["source"], row["source_en"],
            retention()[row["kept"]], {name: (zh, en) for name, (zh, en) in row["columns"].items()},
        )
        for table, row in told.items()
    )  # fmt: skip


def person_asking(session: Session, vault: Vault, actor: Actor) -> Person:
    """Whoever asks, as a person. Raises BadInput for somebody without an account."""
    actor.require(Permission.PRIVACY_ASK)
    user = session.get(User, actor.user_id) if actor.user_id else None
    if user is None:
        raise BadInput(said("Sign in with the account it is about."))
    return person_of(session, vault, user)


def held_about(session: Session, person: Person) -> list[Held]:
    """What is kept about a person; sections without a row are left out."""
    out = []
    for section in sections():
        entry, table = registry()[section.table], TABLES[section.table]
        if not entry.of:
            continue
        query = select(*(table.c[name] for name in section.columns)).where(own_rows(entry, person))
        rows = session.execute(query.order_by(*table.primary_key.columns)).mappings().all()
        if rows:
            out.append(Held(section, [dict(row) for row in rows]))
    return out


def readings_of(session: Session, person: Person, limit: int = 200) -> list[Reading]:
    """Who else read what is theirs, the newest first: by role, since a name tells nothing more to the person."""
    query = select(AuditRow).where(
        AuditRow.subject_id.in_(person.record_ids),
        AuditRow.action.in_(READINGS),
        AuditRow.actor != person.actor,
    )
    rows = session.scalars(query.order_by(AuditRow.id.desc()).limit(limit)).all()
    sides = _sides(session, {row.actor for row in rows})
    reveals = select(Reveal).where(Reveal.subject_id.in_([*person.begun, person.account_id]))
    reasons = {(reveal.by, reveal.at): reveal.reason for reveal in session.scalars(reveals)}
    return [
        Reading(
            row.at,
            sides.get(row.actor, "staff"),
            row.action,
            row.subject,
            reasons.get((row.actor, row.at), ""),
        )
        for row in rows
    ]


def _sides(session: Session, actors: set[str]) -> dict[str, str]:
    ids = {actor.removeprefix("user:"): actor for actor in actors if actor.startswith("user:")}
    roles = select(AccountRole.account_id, AccountRole.name)
    found = {str(identity): name for identity, name in session.execute(roles) if str(identity) in ids}
    sides = {"firm_member": "firm", "expert": "expert", "admin": "admin"}
    return {actor: sides.get(found.get(identity, ""), "staff") for identity, actor in ids.items()}


def note_export(session: Session, time: Time, actor: Actor, person: Person) -> None:
    """Write down that a person took a copy of their data."""
    audit.record(session, time, actor, "privacy.exported", "account", person.account_id)
