"""The libraries as one actor may see them, and how an entry's status changes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor
from core.clock import Clock
from core.errors import BadInput, NotFound, StaleWrite
from core.outbox import emit
from core.paging import Page, decode_cursor, encode_cursor, id_in_cursor
from core.said import said
from core.text import collapse
from experts.facets import current_mark, forms_of_mark, holds
from experts.models import ENTRY_STATUS, Agency, Expert

T = TypeVar("T", bound=Expert | Agency)
#: steps that somebody will ask about
NEEDS_REASON = frozenset({"suspend", "remove"})


@dataclass(frozen=True)
class Wanted:
    """Which entries a list shows: words of the public texts, marks that must all be there, a status (staff)."""

    text: str = ""
    marks: tuple[str, ...] = ()
    status: str | None = None


def noun(kind: type[Any]) -> str:
    """What the audit and the outbox call such an entry."""
    return "expert" if kind is Expert else "agency"


def entries_query(kind: type[T], actor: Actor, wanted: Wanted) -> Select[Any]:
    """The entries an actor may see that fit, in no order."""
    query = kind.visible_to(actor)
    for word in collapse(wanted.text)[:100].split():
        escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        texts = [kind.name_zh, kind.name_en]
        if actor.is_staff:
            texts += [kind.ref, kind.bio]
        said_publicly = func.coalesce(kind.visibility["bio"].as_string(), "public").in_(
            ["public", "members"] if actor.user_id is not None else ["public"]
        )
        public_bio = kind.bio.ilike(f"%{escaped}%", escape="\\") & said_publicly
        query = query.where(or_(*(t.ilike(f"%{escaped}%", escape="\\") for t in texts), public_bio))
    for mark in wanted.marks:
        query = query.where(or_(*(holds(kind.facets, form) for form in forms_of_mark(mark))))
    if wanted.status and actor.is_staff:
        query = query.where(kind.status == wanted.status)
    return query


def list_entries(
    session: Session,
    actor: Actor,
    kind: type[T],
    wanted: Wanted | None = None,
    *,
    cursor: str | None = None,
    limit: int = 30,
) -> Page[T]:
    """Entries by name, which says nothing about them. Raises BadInput on a bad cursor."""
    query = entries_query(kind, actor, wanted or Wanted()).order_by(kind.name_zh, kind.id).limit(limit + 1)
    if cursor:
        name, last = decode_cursor(cursor, 2)
        query = query.where(
            (kind.name_zh > str(name)) | ((kind.name_zh == str(name)) & (kind.id > id_in_cursor(last)))
        )
    rows: list[T] = list(session.scalars(query))
    more = rows[limit - 1] if len(rows) > limit else None
    return Page(rows[:limit], encode_cursor([more.name_zh, str(more.id)]) if more else None)


def count_entries(session: Session, actor: Actor, kind: type[T], wanted: Wanted | None = None) -> int:
    """How many entries such a list has."""
    return (
        session.scalar(
            select(func.count()).select_from(entries_query(kind, actor, wanted or Wanted()).subquery())
        )
        or 0
    )


def marks_in_use(session: Session, actor: Actor, kind: type[T]) -> dict[str, list[str]]:
    """The marks that entries the actor may see have, by kind: what a search can be narrowed by."""
    out: dict[str, set[str]] = {}
    rows = session.scalars(kind.visible_to(actor).with_only_columns(kind.facets))
    for mark in (mark for marks in rows for mark in marks):
        name, _, value = current_mark(mark).partition(":")
        out.setdefault(name, set()).add(value)
    return {name: sorted(values) for name, values in out.items()}


def get_entry(session: Session, actor: Actor, kind: type[T], entry_id: uuid.UUID) -> T:
    """The entry. Raises NotFound when the actor may not know of it."""
    query: Select[Any] = kind.visible_to(actor)
    entry: T | None = session.scalar(query.where(kind.id == entry_id))
    if entry is None:
        raise NotFound(said("There is no such entry in the library."))
    return entry


def change_status(
    session: Session,
    clock: Clock,
    actor: Actor,
    kind: type[T],
    entry_id: uuid.UUID,
    step: str,
    *,
    seen_version: int,
    reason: str = "",
) -> T:
    """Take a step of :data:`experts.models.ENTRY_STATUS`.

    Raises:
        NotFound: no such entry, or not the actor's to see.
        NotAllowed: the actor does not keep the library.
        StaleWrite: the entry changed since ``seen_version``; nothing was written.
        TransitionRefused: its status does not allow the step.
        BadInput: a suspension or removal without a reason.
    """
    session.execute(select(kind.id).where(kind.id == entry_id).with_for_update())
    entry = get_entry(session, actor, kind, entry_id)
    target = ENTRY_STATUS.take(step, entry.status, actor)
    if entry.version != seen_version:
        raise StaleWrite(
            said("The entry %(name)s changed while you were reading it.", name=entry.name_zh),
            fix=said("Look at it again and decide anew; nothing was changed."),
            yours=seen_version,
            current=entry.version,
        )
    why = collapse(reason)
    if step in NEEDS_REASON and not why:
        raise BadInput(
            said("Say why: the reason is kept with the entry."),
            fix=said("Write one sentence and send it again."),
        )
    entry.status, entry.status_note = target, why
    entry.version += 1
    entry.updated_at = clock.now()
    name = noun(kind)
    audit.record(
        session, clock, actor, f"{name}.{step}", name, entry.id,
        values={"status": target, "reason": why}, centre_id=entry.centre_id,
    )  # fmt: skip
    emit(session, f"{name}.changed", str(entry.id), {"fields": ["status"]}, clock)
    return entry
