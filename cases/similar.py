"""Cases like another: of the same kind of dispute, in the same industry, at the same forum; and how they ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import case as when
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.models import Case, Tag
from core.actor import Actor

#: newest cases of the same kind of dispute that are looked at
_LOOKED_AT = 3000
_LONG_AGO = date(1, 1, 1)


@dataclass(frozen=True)
class Similar:
    """A case, and what it shares beside the kind of dispute."""

    case: Case
    same_industry: bool
    same_forum: bool


def similar_cases(session: Session, actor: Actor, like: Case, *, limit: int = 5) -> list[Similar]:
    """Cases the actor may see that share a dispute type with ``like`` and its industry or forum: first those that
    ended, then those that share most, then the newest. [] for a case without a dispute type."""
    types = {tag.value for tag in like.tags if tag.kind == "dispute_type"}
    if not types:
        return []
    trades = {tag.value for tag in like.tags if tag.kind == "industry"}
    # The newest tags stand for the newest cases; a kind of dispute has hundreds of thousands, and nobody reads those.
    newest = (
        select(Tag.case_id)
        .where(Tag.kind == "dispute_type", Tag.value.in_(types))
        .order_by(Tag.id.desc())
        .limit(_LOOKED_AT)
        .subquery()
    )
    in_trade = (
        select(Tag.id)
        .where(Tag.case_id == Case.id, Tag.kind == "industry", Tag.value.in_(trades))
        .correlate(Case)
        .exists()
    )
    shared = when((in_trade, 1), else_=0) + when((Case.venue == like.venue, 1), else_=0)
    ended = when((func.coalesce(Case.outcome, "") != "", 1), else_=0)
    query = (
        Case.visible_to(actor)
        .where(Case.id.in_(select(newest.c.case_id)), Case.id != like.id, shared > 0)
        .add_columns(when((in_trade, 1), else_=0))
        .order_by(
            ended.desc(), shared.desc(), func.coalesce(Case.latest_on, _LONG_AGO).desc(), Case.id.desc()
        )
        .limit(limit)
    )
    return [
        Similar(found, bool(trade), found.venue == like.venue)
        for found, trade in session.execute(query).all()
    ]
