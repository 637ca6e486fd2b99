"""Reading bulletins: the public's list and page, the desk by state, who did what."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy import case as case_of
from sqlalchemy.orm import Session, selectinload

from cases.taxonomy import load_taxonomy
from core.actor import Actor, Permission
from core.centres import Centre
from core.db import Base
from core.errors import EvidenceDamaged, NotFound
from core.paging import Page, bad_cursor, decode_cursor, encode_cursor, id_in_cursor
from core.said import said
from warning.bulletin_models import Bulletin, BulletinFacet
from warning.bulletin_publishing import content_digest
from warning.bulletin_workflow import PUBLIC, BulletinState

#: the newest public edition of each bulletin: a corrected one never is
_NEWEST = frozenset(PUBLIC - {BulletinState.CORRECTED.value})


@dataclass(frozen=True)
class Published:
    """A bulletin as the public has it: the edition shown, all public ones (newest first), the office that signed."""

    shown: Bulletin
    editions: list[Bulletin]
    centre: Centre

    @property
    def newest(self) -> Bulletin:
        """The edition that stands, or that was withdrawn."""
        return self.editions[0]

    @property
    def before(self) -> Bulletin | None:
        """The edition that the shown one corrected."""
        return next((e for e in self.editions if e.edition == self.shown.edition - 1), None)


def printed_number(bulletin: Bulletin, language: str) -> str:
    """公报〔2026〕1号, or 2026-0001; "" before it is signed."""
    if bulletin.number is None or bulletin.year is None:
        return ""
    if language == "zh":
        return f"公报〔{bulletin.year}〕{bulletin.number}号"
    return f"{bulletin.year}-{bulletin.number:04d}"


def _list(actor: Actor, level: str | None, region: str | None, industry: str | None) -> Select[Bulletin]:
    query = Bulletin.published_to(actor).where(Bulletin.state.in_(_NEWEST))
    if level:
        query = query.where(Bulletin.level == level)
    for kind, value in (("region", region), ("industry", industry)):
        if value:
            found = select(BulletinFacet.bulletin_id).where(
                BulletinFacet.kind == kind, BulletinFacet.value.in_(load_taxonomy().with_former(value))
            )
            query = query.where(Bulletin.id.in_(found))
    return query


def list_published(
    session: Session,
    actor: Actor,
    *,
    level: str | None = None,
    region: str | None = None,
    industry: str | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> Page[Bulletin]:
    """What the actor may read, the newest first; of each bulletin its newest edition. Raises BadInput."""
    query = _list(actor, level, region, industry)
    if cursor:
        at, last = decode_cursor(cursor, 2)
        try:
            when, last_id = datetime.fromisoformat(str(at)), id_in_cursor(last)
            if when.tzinfo is None:
                raise bad_cursor()
        except ValueError as error:
            raise bad_cursor() from error
        query = query.where(
            (Bulletin.published_at < when) | ((Bulletin.published_at == when) & (Bulletin.id < last_id))
        )
    rows = list(
        session.scalars(query.order_by(Bulletin.published_at.desc(), Bulletin.id.desc()).limit(limit + 1))
    )
    more = rows[limit - 1] if len(rows) > limit else None
    if more is None or more.published_at is None:
        return Page(rows[:limit], None)
    return Page(rows[:limit], encode_cursor([more.published_at.isoformat(), str(more.id)]))


def facet_counts(session: Session, actor: Actor) -> dict[str, list[tuple[str, int]]]:
    """How many bulletins that the actor may read each level, region and industry has, most first."""
    base = _list(actor, None, None, None).subquery()
    levels = session.execute(select(base.c.level, func.count()).group_by(base.c.level)).all()
    # Signed editions keep the ids they were signed with; a retired one counts for its successor.
    gone = {old: now for old, now in load_taxonomy().gone.items() if now is not None}
    value_now = (
        case_of(gone, value=BulletinFacet.value, else_=BulletinFacet.value) if gone else BulletinFacet.value
    )
    named = (
        select(BulletinFacet.kind, value_now.label("value"), BulletinFacet.bulletin_id)
        .join(base, base.c.id == BulletinFacet.bulletin_id)
        .distinct()
        .subquery()
    )
    rows = session.execute(
        select(named.c.kind, named.c.value, func.count())
        .group_by(named.c.kind, named.c.value)
        .order_by(func.count().desc(), named.c.value)
    )
    out: dict[str, list[tuple[str, int]]] = {"level": sorted((str(v), int(n)) for v, n in levels)}
    for kind, value, count in rows:
        out.setdefault(kind, []).append((value, count))
    return out


def get_published(session: Session, actor: Actor, slug: str, edition: int | None = None) -> Published:
    """The bulletin at its address, as far as the actor may read it.

    Raises NotFound, or EvidenceDamaged when what is stored is no longer what was signed.
    """
    query = Bulletin.published_to(actor).where(Bulletin.slug == slug).order_by(Bulletin.edition.desc())
    editions = list(session.scalars(query))
    shown = next((e for e in editions if edition in (None, e.edition)), None)
    if shown is None:
        raise NotFound(said("There is no such bulletin."), fix=said("Look for it in the list of bulletins."))
    if content_digest(shown) != shown.content_sha256:
        raise EvidenceDamaged(
            f"The bulletin {slug}, edition {shown.edition}, is not what was signed.",
            fix="Restore it from a backup.",
        )
    return Published(shown, editions, session.get_one(Centre, shown.centre_id))


def centres_of(session: Session, rows: Iterable[Bulletin]) -> dict[uuid.UUID, Centre]:
    """The offices that signed, by id."""
    ids = {row.centre_id for row in rows}
    return {centre.id: centre for centre in session.scalars(select(Centre).where(Centre.id.in_(ids)))}


def list_desk(
    session: Session, actor: Actor, *, state: str | None = None, cursor: str | None = None, limit: int = 30
) -> Page[Bulletin]:
    """The centre's editions, the last drafted first. Raises NotAllowed, BadInput."""
    actor.require(Permission.BULLETIN_DRAFT)
    query = Bulletin.visible_to(actor).options(selectinload(Bulletin.acts))
    if state:
        query = query.where(Bulletin.state == state)
    if cursor:
        (after,) = decode_cursor(cursor, 1)
        query = query.where(Bulletin.id < id_in_cursor(after))
    rows = list(session.scalars(query.order_by(Bulletin.id.desc()).limit(limit + 1)))
    more = rows[limit - 1] if len(rows) > limit else None
    return Page(rows[:limit], encode_cursor([str(more.id)]) if more else None)


def count_desk(session: Session, actor: Actor) -> dict[str, int]:
    """Editions of the actor's centre by state."""
    own = Bulletin.visible_to(actor).subquery()
    rows = session.execute(select(own.c.state, func.count()).group_by(own.c.state))
    return {str(state): int(count) for state, count in rows}


def people(session: Session, actor: Actor, names: Iterable[str]) -> dict[str, str]:
    """Actor.name -> the address of that account in the actor's own centre. Raises NotAllowed."""
    actor.require(Permission.BULLETIN_DRAFT)
    ids: set[uuid.UUID] = set()
    for name in names:
        try:
            ids.add(uuid.UUID(name.removeprefix("user:")))
        except ValueError:
            continue
    # Accounts are another room's; here one is known by its table alone.
    account = Base.metadata.tables["account"].c
    query = select(account.id, account.email).where(account.id.in_(ids), account.centre_id == actor.centre_id)
    return {f"user:{identity}": email for identity, email in session.execute(query)}
