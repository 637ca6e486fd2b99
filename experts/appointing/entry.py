"""What an expert keeps of their entry: their own fields at once, verified ones by a check, qualifications, interests.

Declared interests are private: the expert, the centre's staff and the check of conflicts read them, nobody else.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Permission
from core.clock import Clock as Time
from core.db import new_id
from core.errors import NotFound, StaleWrite, TransitionRefused
from core.outbox import emit
from core.said import said
from core.text import collapse
from experts.appointing.moving import refuse, today_of
from experts.appointing.standing_models import DeclaredInterest, EntryChange, Qualification
from experts.fields import CHOSEN, LEVELS
from experts.library import get_entry
from experts.models import EntryStatus, Expert

#: fields an expert changes at once
OWN = ("bio", "hours", "capacity", "available", "calendar", "visibility")
#: fields the centre has verified: a change waits for its check
CHECKED = ("name_en", "title", "employer", "languages", "industries", "dispute_types")
INTERESTS = ("employer", "client", "adverse", "adviser", "holding", "post", "relative")
_GONE = (EntryStatus.EXITED.value, EntryStatus.REMOVED.value)


def _own(session: Session, actor: Actor) -> Expert:
    actor.require(Permission.CONSULT_ADVISE)
    if actor.expert_id is None:
        raise NotFound(said("This account belongs to no entry of the expert library."))
    session.execute(select(Expert.id).where(Expert.id == actor.expert_id).with_for_update())
    expert = get_entry(session, actor, Expert, actor.expert_id)
    if expert.status in _GONE:
        raise TransitionRefused(said("You have left the library; the entry is kept as it was."))
    return expert


def _written(
    session: Session, time: Time, actor: Actor, expert: Expert, act: str, values: dict[str, Any]
) -> None:
    audit.record(
        session, time, actor, f"expert.{act}", "expert", expert.id, values=values, centre_id=expert.centre_id
    )


def change_own(
    session: Session, time: Time, actor: Actor, told: Mapping[str, Any], *, seen_version: int
) -> tuple[Expert, list[str]]:
    """Change one's entry: own fields now, verified ones once the centre has checked; returns which wait.

    Raises BadInput (a field that cannot be), NotFound, StaleWrite, TransitionRefused (they have left).
    """
    expert = _own(session, actor)
    if expert.version != seen_version:
        raise StaleWrite(
            said("The entry %(name)s changed while you were reading it.", name=expert.name_zh),
            fix=said("Look at it again and decide anew; nothing was changed."),
        )
    for field, level in (told.get("visibility") or {}).items():
        if field not in CHOSEN or level not in LEVELS:
            raise refuse("visibility", said("Choose who sees it: everybody, members or staff."))
    changed = {f: told[f] for f in OWN if f in told and told[f] != getattr(expert, f)}
    for field, value in changed.items():
        setattr(expert, field, value)
    waiting = []
    for field in CHECKED:
        if field not in told or told[field] == getattr(expert, field):
            continue
        waiting.append(field)
        for older in _waiting(session, expert.id, field):
            session.delete(older)
        session.add(
            EntryChange(
                id=new_id(), expert_id=expert.id, field=field, proposed={"value": told[field]},
                asked_by=actor.name, asked_at=time.now(),
            )
        )  # fmt: skip
    if changed:
        expert.version += 1
        expert.updated_at = time.now()
    session.flush()
    if changed or waiting:
        _written(session, time, actor, expert, "edited", {**changed, "waiting": waiting})
        emit(session, "expert.changed", str(expert.id), {"fields": sorted(changed)}, time)
    return expert, waiting


def _waiting(session: Session, expert_id: uuid.UUID, field: str | None = None) -> list[EntryChange]:
    query = select(EntryChange).where(EntryChange.expert_id == expert_id, EntryChange.state == "waiting")
    if field is not None:
        query = query.where(EntryChange.field == field)
    return list(session.scalars(query.order_by(EntryChange.id)))


def waiting_changes(session: Session, expert_id: uuid.UUID) -> list[EntryChange]:
    """Changes of verified fields that wait for a check, the oldest first."""
    return _waiting(session, expert_id)


def decide_change(
    session: Session,
    time: Time,
    actor: Actor,
    expert_id: uuid.UUID,
    change_id: uuid.UUID,
    *,
    accepted: bool,
    note: str = "",
) -> EntryChange:
    """Take a change into the entry, or refuse it with a reason the expert reads.

    Raises NotFound, NotAllowed, BadInput (a refusal without a reason), TransitionRefused (it is decided).
    """
    actor.require(Permission.EXPERT_WRITE)
    session.execute(select(Expert.id).where(Expert.id == expert_id).with_for_update())
    expert = get_entry(session, actor, Expert, expert_id)
    change = session.get(EntryChange, change_id)
    if change is None or change.expert_id != expert.id:
        raise NotFound(said("There is no such change."))
    if change.state != "waiting":
        raise TransitionRefused(said("This change is decided."))
    if not accepted and not note.strip():
        raise refuse("note", said("Say why; the expert reads it."))
    change.state = "accepted" if accepted else "refused"
    change.note, change.decided_by, change.decided_at = note.strip(), actor.name, time.now()
    if accepted:
        setattr(expert, change.field, change.proposed["value"])
        expert.version += 1
        expert.updated_at = time.now()
    session.flush()
    _written(session, time, actor, expert, "change_decided", {"field": change.field, "state": change.state})
    emit(session, "expert.changed", str(expert.id), {"fields": [change.field]}, time)
    return change


def qualifications_of(session: Session, expert_id: uuid.UUID) -> list[Qualification]:
    """Qualifications, those that end first before the others."""
    query = select(Qualification).where(Qualification.expert_id == expert_id)
    return sorted(session.scalars(query), key=lambda q: (q.expires_on or date.max, q.title))


def add_qualification(
    session: Session,
    time: Time,
    actor: Actor,
    *,
    title: str,
    issuer: str,
    number: str = "",
    verify_url: str = "",
    issued_on: date | None = None,
    expires_on: date | None = None,
) -> Qualification:
    """A qualification the expert tells of; it waits for the centre's check. Raises BadInput, NotFound."""
    expert = _own(session, actor)
    if not collapse(title) or not collapse(issuer):
        raise refuse("title", said("Say what it is and who issued it."))
    if issued_on and expires_on and expires_on < issued_on:
        raise refuse("expires_on", said("It ends before it begins."))
    if verify_url and not verify_url.startswith(("https://", "http://")):
        raise refuse("verify_url", said("A link begins with https://."))
    if len(qualifications_of(session, expert.id)) >= 50:
        raise refuse("title", said("There are too many qualifications: at most 50."))
    made = Qualification(
        id=new_id(), expert_id=expert.id, title=collapse(title), issuer=collapse(issuer),
        number=collapse(number), verify_url=verify_url, issued_on=issued_on, expires_on=expires_on,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _written(session, time, actor, expert, "qualification_told", {"id": made.id, "title": made.title})
    return made


def decide_qualification(
    session: Session,
    time: Time,
    actor: Actor,
    expert_id: uuid.UUID,
    qualification_id: uuid.UUID,
    *,
    accepted: bool,
) -> Qualification:
    """Say that its proof was seen, or that it cannot be verified. Raises NotFound, NotAllowed, TransitionRefused."""
    actor.require(Permission.EXPERT_WRITE)
    expert = get_entry(session, actor, Expert, expert_id)
    found = session.get(Qualification, qualification_id)
    if found is None or found.expert_id != expert.id:
        raise NotFound(said("There is no such qualification."))
    if found.state != "waiting":
        raise TransitionRefused(said("This qualification is checked already."))
    found.state = "verified" if accepted else "refused"
    found.checked_by, found.checked_at = actor.name, time.now()
    session.flush()
    _written(session, time, actor, expert, "qualification_checked", {"id": found.id, "state": found.state})
    return found


def interests_of(session: Session, actor: Actor, expert_id: uuid.UUID) -> list[DeclaredInterest]:
    """Declared interests, for staff and the expert alone; nothing for anybody else."""
    if not (actor.is_staff or actor.expert_id == expert_id):
        return []
    get_entry(session, actor, Expert, expert_id)
    query = select(DeclaredInterest).where(DeclaredInterest.expert_id == expert_id)
    return list(session.scalars(query.order_by(DeclaredInterest.declared_at.desc(), DeclaredInterest.id)))


def interests_on(session: Session, expert_id: uuid.UUID, since: date) -> list[DeclaredInterest]:
    """Interests that had not ended before ``since``: what a check of conflicts reads."""
    query = select(DeclaredInterest).where(
        DeclaredInterest.expert_id == expert_id,
        or_(DeclaredInterest.until_on.is_(None), DeclaredInterest.until_on >= since),
    )
    return list(session.scalars(query.order_by(DeclaredInterest.id)))


def declare_interest(
    session: Session,
    time: Time,
    actor: Actor,
    *,
    kind: str,
    name: str,
    group_name: str = "",
    note: str = "",
    from_on: date | None = None,
    until_on: date | None = None,
) -> DeclaredInterest:
    """Declare an interest. Raises BadInput (no name or kind, days that make no sense), NotFound."""
    expert = _own(session, actor)
    if kind not in INTERESTS:
        raise refuse("kind", said("Choose what ties you."))
    if not collapse(name):
        raise refuse("interest_name", said("Name the firm, body or person."))
    if from_on and until_on and until_on < from_on:
        raise refuse("until_on", said("It ends before it begins."))
    made = DeclaredInterest(
        id=new_id(), expert_id=expert.id, kind=kind, name=collapse(name), group_name=collapse(group_name),
        note=note.strip(), from_on=from_on, until_on=until_on, declared_at=time.now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    _written(session, time, actor, expert, "interest_declared", {"id": made.id, "name": made.name})
    emit(session, "expert.changed", str(expert.id), {"fields": ["interests"]}, time)
    return made


def end_interest(session: Session, time: Time, actor: Actor, interest_id: uuid.UUID) -> DeclaredInterest:
    """Say that an interest ended today; it is kept, since conflicts look five years back. Raises NotFound."""
    expert = _own(session, actor)
    found = session.get(DeclaredInterest, interest_id)
    if found is None or found.expert_id != expert.id:
        raise NotFound(said("There is no such interest."))
    found.until_on = today_of(session, time, expert.centre_id)
    session.flush()
    _written(session, time, actor, expert, "interest_ended", {"id": found.id})
    return found
