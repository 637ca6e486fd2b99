"""How long what is kept (``retention.yml``), and the purge of what has been kept long enough."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import DateTime, Table, delete, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import system_actor
from core.clock import Clock as Time
from core.db import UTCDateTime
from core.vault import Vault
from experts.attachments import remove_files
from experts.consultation_models import Consultation
from experts.consultations import today_of
from privacy.erasing import erase_application, erase_matter
from privacy.models import PrivacyHold
from privacy.subjects import GONE
from privacy.tables import TABLES

_FILE = Path(__file__).with_name("retention.yml")


@dataclass(frozen=True)
class Kept:
    """How long one kind of record is kept.

    Attributes:
        zh, en: what it is.
        basis, basis_en: why so long; for reference only.
        table, since, states, years: whose rows, from which date, in which states, how many years; no table: as long as
            something else stands.
    """

    zh: str
    en: str
    basis: str
    basis_en: str
    table: str = ""
    since: str = ""
    states: tuple[str, ...] = ()
    years: int = 0


@cache
def retention() -> Mapping[str, Kept]:
    """Every kind by name."""
    told: dict[str, dict[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {name: Kept(**{**row, "states": tuple(row.get("states", ()))}) for name, row in told.items()}


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        # 29 February of a year that has none.
        return day.replace(year=day.year - years, day=28)


def _passed(session: Session, kept: Kept, centre_id: uuid.UUID, today: date) -> list[uuid.UUID | int]:
    table: Table = TABLES[kept.table]
    before: date | datetime = _years_before(today, kept.years)
    if isinstance(table.c[kept.since].type, DateTime | UTCDateTime):
        before = datetime.combine(before, time(), UTC)
    query = select(table.c.id).where(table.c.centre_id == centre_id, table.c[kept.since] < before)
    if kept.states:
        query = query.where(table.c.state.in_(kept.states))
    gone = {"consultation": "contact_name", "expert_application": "contact"}.get(kept.table)
    if gone:
        query = query.where(table.c[gone] != GONE)
    return list(session.scalars(query))


def _held(session: Session) -> frozenset[uuid.UUID]:
    return frozenset(session.scalars(select(PrivacyHold.subject_id).where(PrivacyHold.lifted_at.is_(None))))


def purge_old(session: Session, clock: Time, vault: Vault, centre_id: uuid.UUID) -> int:
    """Purge what has been kept long enough, unless a hold stands; returns how many records."""
    today, held, done = today_of(session, clock, centre_id), _held(session), 0
    actor = system_actor("job:privacy", centre_id)
    for name, kept in retention().items():
        if not kept.table:
            continue
        for identity in _passed(session, kept, centre_id, today):
            if identity in held:
                continue
            _purge(session, clock, vault, actor, name, identity)
            audit.record(
                session, clock, actor, "privacy.retention", kept.table, identity, values={"kind": name}
            )
            done += 1
    return done


def _purge(session: Session, clock: Time, vault: Vault, actor: Any, name: str, identity: Any) -> None:
    if name == "consultation":
        erase_matter(session, vault, session.get_one(Consultation, identity))
    elif name == "draft":
        remove_files(session, actor, vault, identity)
        session.delete(session.get_one(Consultation, identity))
        session.flush()
    elif name == "application":
        erase_application(session, vault, identity)
    else:
        table = TABLES[retention()[name].table]
        session.execute(delete(table).where(table.c.id == identity))


def basis_words(kinds: Sequence[str]) -> list[Kept]:
    """The kinds named, in order."""
    return [retention()[name] for name in kinds]
