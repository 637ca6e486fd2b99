"""Tags to look at first: those that have just reached their rule's threshold, and those that matter most when wrong.

A tag's doubt is how near its score is to the threshold (1.0 has just reached it); its consequence is whether a firm of the
centre is named in the case, and the level its alerts stand at. Whatever staff have spoken of waits no more.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, case, func, select, tuple_
from sqlalchemy.orm import Session, selectinload

from cases.explaining import ExplainedTag, explain_tags
from cases.models import Case, CaseStatus, Tag
from core.actor import Actor, Permission
from core.clock import Clock, local_date
from core.paging import Page, bad_cursor, decode_cursor, encode_cursor, id_in_cursor
from enterprises.models import Firm
from warning.corrections import KINDS
from warning.models import Alert, PartyMatch
from warning.review_models import TagCorrection

ZONE = "Asia/Shanghai"
#: a tag whose score is over this many times its threshold is not in doubt
MOST_MARGIN = 1.5
#: how a queue may be ordered
SORTS = ("both", "doubt", "consequence")
#: what a level adds to the consequence, by the alerts of the case
_BY_LEVEL = {"L1": 2.0, "L2": 1.5, "L3": 1.0, "L4": 0.5}
#: what a firm of the centre adds: named for sure, or perhaps
_NAMED, _MAYBE = 1.0, 0.5


@dataclass(frozen=True)
class Doubtful:
    """A tag to look at: its case, what it rests on, how near the threshold it is, and whom it concerns."""

    case: Case
    told: ExplainedTag
    margin: float
    level: str
    firms: Sequence[tuple[Firm, str]]

    @property
    def kind(self) -> str:
        """Kind of the tag."""
        return self.told.kind

    @property
    def value(self) -> str:
        """Its value."""
        return self.told.value


def list_doubtful(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    kind: str = "",
    days: int = 90,
    sort: str = "both",
    cursor: str | None = None,
    limit: int = 15,
) -> Page[Doubtful]:
    """Tags that nobody has spoken of, of cases that are not dismissed.

    Args:
        kind: only tags of this kind; "" for all that staff correct.
        days: only of cases in which something happened within so many days; 0 for all.
        sort: both, doubt or consequence, as :data:`SORTS`.

    Raises NotAllowed, BadInput (a page mark of another list).
    """
    actor.require(Permission.TAG_REVIEW)
    first = local_date(clock.now(), ZONE) - timedelta(days=days) if days else None
    waiting = _waiting(actor, kind).subquery()
    weight = _consequence(waiting)
    doubt = 1.0 / waiting.c.margin
    order: ColumnElement[Any] = {"both": weight * doubt, "doubt": doubt + 0.0, "consequence": weight + 0.0}[
        sort
    ]
    query = select(
        waiting.c.case_id, waiting.c.kind, waiting.c.value, waiting.c.margin, waiting.c.level, order
    )
    query = query.join(Case, Case.id == waiting.c.case_id).where(Case.status != CaseStatus.DISMISSED.value)
    if first is not None:
        query = query.where(Case.latest_on >= first)
    place = tuple_(waiting.c.case_id, waiting.c.kind, waiting.c.value)
    if cursor:
        reached, case_id, last_kind, last_value = decode_cursor(cursor, 4)
        if not isinstance(reached, int | float):
            raise bad_cursor()
        after = place < tuple_(id_in_cursor(case_id), str(last_kind), str(last_value))
        query = query.where((order < reached) | ((order == reached) & after))
    query = query.order_by(
        order.desc(), waiting.c.case_id.desc(), waiting.c.kind.desc(), waiting.c.value.desc()
    )
    rows = session.execute(query.limit(limit + 1)).all()
    following = None
    if len(rows) > limit:
        case_id, last_kind, last_value, _, _, reached = rows[limit - 1]
        following = encode_cursor([float(reached), str(case_id), last_kind, last_value])
    return Page(_explained(session, actor, [tuple(row) for row in rows[:limit]]), following)


def count_doubtful(session: Session, actor: Actor) -> int:
    """How many tags wait, whenever their cases are from. Raises NotAllowed."""
    actor.require(Permission.TAG_REVIEW)
    waiting = _waiting(actor, "").subquery()
    query = select(func.count()).select_from(waiting).join(Case, Case.id == waiting.c.case_id)
    return session.scalar(query.where(Case.status != CaseStatus.DISMISSED.value)) or 0


def _waiting(actor: Actor, kind: str) -> Select[*tuple[Any, ...]]:
    """Tags near their threshold that nobody has spoken of, with what the centre's matches and alerts say of the case."""
    spoken = select(TagCorrection.id).where(
        TagCorrection.case_id == Tag.case_id,
        TagCorrection.kind == Tag.kind,
        TagCorrection.value == Tag.value,
        TagCorrection.ended_at.is_(None),
    )
    named = (
        select(func.max(case((PartyMatch.grade == "confirm", _NAMED), else_=_MAYBE)))
        .where(PartyMatch.case_id == Tag.case_id, PartyMatch.centre_id == actor.centre_id)
        .scalar_subquery()
    )
    # L1 is the gravest, and the least as a text; L0 has no colour.
    level = (
        select(func.min(Alert.level))
        .where(Alert.case_id == Tag.case_id, Alert.centre_id == actor.centre_id)
        .where(Alert.level.in_(_BY_LEVEL))
        .scalar_subquery()
    )
    query: Select[*tuple[Any, ...]] = (
        select(
            Tag.case_id,
            Tag.kind,
            Tag.value,
            func.max(Tag.margin).label("margin"),
            func.coalesce(named, 0.0).label("named"),
            func.coalesce(level, "").label("level"),
        )
        .where(Tag.margin <= MOST_MARGIN, Tag.kind.in_([kind] if kind else KINDS), ~spoken.exists())
        .group_by(Tag.case_id, Tag.kind, Tag.value)
    )
    return query


def _consequence(waiting: Any) -> ColumnElement[Any]:
    by_level: ColumnElement[Any] = case(_BY_LEVEL, value=waiting.c.level, else_=0.0)
    return cast(ColumnElement[Any], 1.0 + waiting.c.named + by_level)


def _explained(session: Session, actor: Actor, rows: Sequence[tuple[Any, ...]]) -> list[Doubtful]:
    ids = {row[0] for row in rows}
    query = Case.visible_to(actor).where(Case.id.in_(ids))
    cases = {
        one.id: one
        for one in session.scalars(query.options(selectinload(Case.tags), selectinload(Case.parties)))
    }
    firms: dict[uuid.UUID, list[tuple[Firm, str]]] = {}
    matched = (
        select(PartyMatch.case_id, Firm, func.min(PartyMatch.grade))
        .join(Firm, Firm.id == PartyMatch.firm_id)
        .where(PartyMatch.case_id.in_(ids), PartyMatch.centre_id == actor.centre_id)
        .group_by(PartyMatch.case_id, Firm.id)
    )
    for case_id, firm, grade in session.execute(matched):
        firms.setdefault(case_id, []).append((firm, grade))
    found = []
    for case_id, kind, value, margin, level, _ in rows:
        one = cases.get(case_id)
        told = explain_tags(one).get(kind, []) if one is not None else []
        # A tag may have gone since the list was read.
        for tag in told:
            if one is not None and tag.value == value:
                found.append(Doubtful(one, tag, float(margin), level, firms.get(case_id, [])))
    return found


def decided_lately(session: Session, actor: Actor, *, limit: int = 5) -> list[tuple[TagCorrection, Case]]:
    """What the actor said of tags last and has not taken back, with the cases. Raises NotAllowed."""
    actor.require(Permission.TAG_REVIEW)
    query = (
        select(TagCorrection, Case)
        .join(Case, Case.id == TagCorrection.case_id)
        .where(TagCorrection.decided_by == actor.name, TagCorrection.ended_at.is_(None))
        .order_by(TagCorrection.id.desc())
        .limit(limit)
    )
    return [(row, one) for row, one in session.execute(query)]
