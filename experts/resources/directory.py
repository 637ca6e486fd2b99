"""The resource directory as one actor may see it, and how staff keep it true."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Permission
from core.centres import Centre
from core.clock import Clock, local_date
from core.db import new_id
from core.errors import BadInput, NotFound, StaleWrite
from core.said import Said, said
from core.text import collapse
from experts.facets import holds
from experts.resources.kinds import KINDS, SERVICES, STALE_DAYS
from experts.resources.models import Institution

SEED = Path(__file__).parent / "institutions.yml"
#: what staff write
FIELDS = (
    "name_zh", "name_en", "kind", "region", "city", "url", "phone", "email", "address", "services", "does_zh",
    "does_en", "source",
)  # fmt: skip


@dataclass(frozen=True)
class Sought:
    """Which institutions a list shows; only staff see stale ones apart, and retired ones at all."""

    text: str = ""
    kind: str = ""
    region: str = ""
    service: str = ""
    only_stale: bool = False


def read_seed() -> list[dict[str, Any]]:
    """The institutions that come with Seamark."""
    rows: list[dict[str, Any]] = yaml.safe_load(SEED.read_text(encoding="utf-8"))
    return rows


def bring_seed(session: Session, clock: Clock, actor: Actor, centre_id: uuid.UUID) -> int:
    """Bring what the seed has and the centre has not, and renew what staff left as it came; returns how many rows
    changed. What staff edited or retired stays theirs."""
    known = {
        row.ref: row for row in session.scalars(select(Institution).where(Institution.centre_id == centre_id))
    }
    now, changed = clock.now(), 0
    for told in read_seed():
        columns = {
            **{name: "" for name in FIELDS if name != "services"},
            "services": [],
            "checked_on": None,
            **told,
        }
        columns["checked_by"] = "seed" if columns["checked_on"] else ""
        row = known.get(told["ref"])
        if row is None:
            session.add(
                Institution(
                    id=new_id(), centre_id=centre_id, version=1, created_at=now, updated_at=now, **columns
                )
            )
            changed += 1
        elif not row.is_edited and any(getattr(row, name) != value for name, value in columns.items()):
            for name, value in columns.items():
                setattr(row, name, value)
            row.version, row.updated_at = row.version + 1, now
            changed += 1
    if changed:
        session.flush()
        audit.record(
            session, clock, actor, "institution.seeded", "centre", centre_id,
            values={"changed": changed}, centre_id=centre_id,
        )  # fmt: skip
    return changed


def is_stale(row: Institution, today: date) -> bool:
    """Whether somebody should compare an entry with its source again."""
    return row.checked_on is None or row.checked_on < today - timedelta(days=STALE_DAYS)


def _sought(actor: Actor, sought: Sought, today: date) -> Select[Any]:
    query: Select[Any] = Institution.visible_to(actor)
    for word in collapse(sought.text)[:100].split():
        escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        texts = (
            Institution.name_zh,
            Institution.name_en,
            Institution.city,
            Institution.does_zh,
            Institution.does_en,
        )
        query = query.where(or_(*(column.ilike(f"%{escaped}%", escape="\\") for column in texts)))
    if sought.kind:
        query = query.where(Institution.kind == sought.kind)
    if sought.region:
        query = query.where(Institution.region == sought.region)
    if sought.service:
        query = query.where(holds(Institution.services, sought.service))
    if sought.only_stale and actor.is_staff:
        oldest = today - timedelta(days=STALE_DAYS)
        query = query.where(
            or_(Institution.checked_on.is_(None), Institution.checked_on < oldest),
            Institution.is_retired.is_(False),
        )
    return query


def list_institutions(
    session: Session, actor: Actor, sought: Sought, today: date, *, offset: int = 0, limit: int = 31
) -> Sequence[Institution]:
    """Institutions by kind, then name."""
    order = [Institution.is_retired, Institution.kind, Institution.name_zh, Institution.id]
    return session.scalars(_sought(actor, sought, today).order_by(*order).offset(offset).limit(limit)).all()


def count_institutions(session: Session, actor: Actor, sought: Sought, today: date) -> int:
    """How many such a list has."""
    return session.scalar(select(func.count()).select_from(_sought(actor, sought, today).subquery())) or 0


def values_in_use(session: Session, actor: Actor) -> dict[str, list[str]]:
    """Kinds, regions and services that the entries the actor may see have."""
    rows = session.scalars(Institution.visible_to(actor)).all()
    return {
        "kind": [kind for kind in KINDS if any(row.kind == kind for row in rows)],
        "region": sorted({row.region for row in rows}),
        "service": [one for one in SERVICES if any(one in row.services for row in rows)],
    }


def get_institution(session: Session, actor: Actor, institution_id: uuid.UUID) -> Institution:
    """One institution. Raises NotFound when the actor may not know of it."""
    found: Institution | None = session.scalar(
        Institution.visible_to(actor).where(Institution.id == institution_id)
    )
    if found is None:
        raise NotFound(said("There is no such institution in the directory."))
    return found


def write_institution(
    session: Session,
    clock: Clock,
    actor: Actor,
    told: Mapping[str, Any],
    *,
    institution_id: uuid.UUID | None = None,
    seen_version: int | None = None,
) -> Institution:
    """Add an institution, or change one; whoever writes it has compared it with its source today.

    Raises BadInput (a name, kind or source is missing), NotFound, NotAllowed, StaleWrite.
    """
    actor.require(Permission.RESOURCE_WRITE)
    problems: dict[str, list[Said]] = {}
    for name, sentence in (
        ("name_zh", said("Write the name in Chinese.")),
        ("source", said("Say where this was read: an address of a public page.")),
        ("does_zh", said("Say what it can do.")),
        ("region", said("Choose where it sits.")),
    ):
        if not collapse(str(told.get(name) or "")):
            problems[name] = [sentence]
    if told.get("kind") not in KINDS:
        problems["kind"] = [said("Choose what it is.")]
    if not set(told.get("services") or ()) <= set(SERVICES):
        problems["services"] = [said("Choose from the list.")]
    if problems:
        first = next(iter(problems.values()))[0]
        raise BadInput(first, fix=said("Mend what is named and send it again."), fields=problems)
    kept = {name: told.get(name) or ([] if name == "services" else "") for name in FIELDS}
    if institution_id is None:
        row = _new(session, clock, actor)
    else:
        row = _changing(session, actor, institution_id, seen_version)
    for name, value in kept.items():
        setattr(
            row, name, collapse(value) if isinstance(value, str) and not name.startswith("does") else value
        )
    row.is_edited = True
    _checked(session, clock, actor, row)
    if institution_id is None:
        session.add(row)
    session.flush()
    act = "institution.added" if institution_id is None else "institution.changed"
    audit.record(session, clock, actor, act, "institution", row.id, values=kept, centre_id=row.centre_id)
    return row


def _new(session: Session, clock: Clock, actor: Actor) -> Institution:
    assert actor.centre_id is not None
    now, identity = clock.now(), new_id()
    return Institution(
        id=identity, centre_id=actor.centre_id, ref=f"own-{identity}", version=0, created_at=now, updated_at=now,
        is_retired=False,
    )  # fmt: skip


def _changing(session: Session, actor: Actor, institution_id: uuid.UUID, seen: int | None) -> Institution:
    session.execute(select(Institution.id).where(Institution.id == institution_id).with_for_update())
    row = get_institution(session, actor, institution_id)
    if row.version != seen:
        raise StaleWrite(
            said("This changed while you were looking at it."),
            fix=said("Look again and decide anew; nothing was changed."),
            yours=seen,
            current=row.version,
        )
    return row


def _checked(session: Session, clock: Clock, actor: Actor, row: Institution) -> None:
    zone = session.get_one(Centre, row.centre_id).zone
    row.checked_on, row.checked_by = local_date(clock.now(), zone), actor.name
    row.version += 1
    row.updated_at = clock.now()


def mark_checked(
    session: Session, clock: Clock, actor: Actor, institution_id: uuid.UUID, *, seen_version: int
) -> Institution:
    """Write down that everything of an entry was compared with its source and is right.

    Raises NotFound, NotAllowed, StaleWrite.
    """
    actor.require(Permission.RESOURCE_WRITE)
    row = _changing(session, actor, institution_id, seen_version)
    # A newer seed must not take the check back.
    row.is_edited = True
    _checked(session, clock, actor, row)
    session.flush()
    audit.record(session, clock, actor, "institution.checked", "institution", row.id, centre_id=row.centre_id)
    return row


def set_retired(
    session: Session,
    clock: Clock,
    actor: Actor,
    institution_id: uuid.UUID,
    *,
    is_retired: bool,
    seen_version: int,
) -> Institution:
    """Take an institution out of the directory, or back in. Raises NotFound, NotAllowed, StaleWrite."""
    actor.require(Permission.RESOURCE_WRITE)
    row = _changing(session, actor, institution_id, seen_version)
    row.is_retired, row.is_edited = is_retired, True
    row.version += 1
    row.updated_at = clock.now()
    session.flush()
    act = "institution.retired" if is_retired else "institution.restored"
    audit.record(session, clock, actor, act, "institution", row.id, centre_id=row.centre_id)
    return row
