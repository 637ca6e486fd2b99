"""The staff's queue of candidates: those that may name a firm of the register first."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from cases.models import Case, CaseStatus
from core.actor import Actor, Permission
from core.paging import Page, bad_cursor, decode_cursor, encode_cursor, id_in_cursor
from enterprises.models import Firm
from warning.models import PartyMatch

_LONG_AGO = date(1, 1, 1)


@dataclass(frozen=True)
class Waiting:
    """A case waiting for a decision, with what of the register it may name, best first."""

    case: Case
    matches: list[tuple[PartyMatch, Firm]]


def list_candidates(
    session: Session, actor: Actor, *, status: CaseStatus, cursor: str | None = None, limit: int = 20
) -> Page[Waiting]:
    """Cases of ``status``: best match of the actor's centre first, then the newest. Raises NotAllowed, BadInput."""
    actor.require(Permission.CANDIDATE_REVIEW)
    best = (
        select(PartyMatch.case_id, func.max(PartyMatch.score).label("score"))
        .where(PartyMatch.centre_id == actor.centre_id)
        .group_by(PartyMatch.case_id)
        .subquery()
    )
    score = func.coalesce(best.c.score, 0)
    day = func.coalesce(Case.latest_on, _LONG_AGO)
    query = (
        select(Case, score)
        .outerjoin(best, best.c.case_id == Case.id)
        .where(Case.status == status.value)
        .options(selectinload(Case.parties), selectinload(Case.tags))
        .order_by(score.desc(), day.desc(), Case.id.desc())
        .limit(limit + 1)
    )
    if cursor:
        last_score, last_on, last_id = _mark(cursor)
        same = score == last_score
        query = query.where(
            (score < last_score) | (same & (day < last_on)) | (same & (day == last_on) & (Case.id < last_id))
        )
    rows = list(session.execute(query))
    shown = [case for case, _ in rows[:limit]]
    matches = _matches(session, actor, [case.id for case in shown])
    following = None
    if len(rows) > limit:
        case, reached = rows[limit - 1]
        following = encode_cursor([reached, (case.latest_on or _LONG_AGO).isoformat(), str(case.id)])
    return Page([Waiting(case, matches.get(case.id, [])) for case in shown], following)


def count_candidates(session: Session, actor: Actor) -> int:
    """How many cases wait. Raises NotAllowed unless the actor reviews them."""
    actor.require(Permission.CANDIDATE_REVIEW)
    waiting = select(func.count(Case.id)).where(Case.status == CaseStatus.CANDIDATE.value)
    return session.scalar(waiting) or 0


def _mark(cursor: str) -> tuple[int, date, uuid.UUID]:
    score, on, case_id = decode_cursor(cursor, 3)
    try:
        return int(score), date.fromisoformat(str(on)), id_in_cursor(case_id)
    except (ValueError, TypeError) as error:
        raise bad_cursor() from error


def _matches(
    session: Session, actor: Actor, case_ids: list[uuid.UUID]
) -> dict[uuid.UUID, list[tuple[PartyMatch, Firm]]]:
    rows = session.execute(
        select(PartyMatch, Firm)
        .join(Firm, Firm.id == PartyMatch.firm_id)
        .where(PartyMatch.case_id.in_(case_ids), PartyMatch.centre_id == actor.centre_id)
        .order_by(PartyMatch.score.desc(), Firm.name_zh)
    )
    found: dict[uuid.UUID, list[tuple[PartyMatch, Firm]]] = {}
    for match, firm in rows:
        found.setdefault(match.case_id, []).append((match, firm))
    return found
