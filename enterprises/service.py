"""Reading the firm register as one actor may see it."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from core.actor import Actor
from core.errors import NotFound
from core.paging import Page, decode_cursor, encode_cursor, id_in_cursor
from core.said import said
from core.text import collapse
from enterprises.models import Firm, FirmName


def get_firm(session: Session, actor: Actor, firm_id: uuid.UUID) -> Firm:
    """The firm with its names. Raises NotFound when the actor may not know of it."""
    firm = session.scalar(
        Firm.visible_to(actor)
        .where(Firm.id == firm_id)
        .options(selectinload(Firm.names), selectinload(Firm.others))
    )
    if firm is None:
        raise NotFound(said("There is no such firm in your register."))
    return firm


def list_firms(
    session: Session, actor: Actor, *, text: str = "", cursor: str | None = None, limit: int = 50
) -> Page[Firm]:
    """Firms by Chinese name, those with ``text`` in any of their names when given. Raises BadInput on a bad cursor."""
    query = (
        Firm.visible_to(actor)
        .options(selectinload(Firm.names))
        .order_by(Firm.name_zh, Firm.id)
        .limit(limit + 1)
    )
    if wanted := collapse(text)[:100]:
        pattern = "%" + wanted.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        query = query.where(
            Firm.id.in_(select(FirmName.firm_id).where(FirmName.name.ilike(pattern, escape="\\")))
        )
    if cursor:
        name, firm_id = decode_cursor(cursor, 2)
        after = (Firm.name_zh > str(name)) | ((Firm.name_zh == str(name)) & (Firm.id > id_in_cursor(firm_id)))
        query = query.where(after)
    rows = list(session.scalars(query))
    more = rows[limit - 1] if len(rows) > limit else None
    return Page(rows[:limit], encode_cursor([more.name_zh, str(more.id)]) if more else None)


def count_firms(session: Session, actor: Actor) -> int:
    """How many firms the actor may see."""
    return session.scalar(select(func.count()).select_from(Firm.visible_to(actor).subquery())) or 0
