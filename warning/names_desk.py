"""The names desk: likely matches that a person settles, each form of a name once for all of its cases.

An answer makes the form a name of the firm, or a note that it is somebody else's, with the docket it was met on and the
day. It counts for stored cases at once, without alerting anybody, and for every case to come.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select, tuple_
from sqlalchemy.orm import Session

from cases.models import Case, CaseStatus, Party
from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import NotFound
from core.paging import Page, bad_cursor, decode_cursor, encode_cursor, id_in_cursor
from core.said import said
from enterprises.models import Firm, FirmName
from enterprises.naming import retire_name, withdraw_other
from enterprises.service import get_firm
from warning.models import PartyMatch
from warning.name_suggestions import likely_kind
from warning.review_models import NameAnswer

#: why a name is retired whose answer was taken back
TAKEN_BACK = "名称核对的答复已撤回 (the answer at the names desk was taken back)"


@dataclass(frozen=True)
class Likely:
    """A form of a name that may be a firm's: the best match that says so, its case, in how many cases it stands."""

    match: PartyMatch
    firm: Firm
    party: Party
    case: Case
    cases: int
    kind: str


def list_likely(
    session: Session, actor: Actor, *, cursor: str | None = None, limit: int = 15
) -> Page[Likely]:
    """Forms waiting for an answer, the surest first, then those of most cases. Raises NotAllowed, BadInput."""
    actor.require(Permission.FIRM_WRITE)
    waiting = _waiting(actor).subquery()
    columns = (waiting.c.score, waiting.c.cases, waiting.c.match_id)
    query = select(*columns).order_by(*(column.desc() for column in columns)).limit(limit + 1)
    if cursor:
        score, count, match_id = decode_cursor(cursor, 3)
        if not isinstance(score, int) or not isinstance(count, int):
            raise bad_cursor()
        query = query.where(tuple_(*columns) < tuple_(score, count, id_in_cursor(match_id)))
    rows = session.execute(query).all()
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = encode_cursor([last.score, last.cases, str(last.match_id)])
    return Page(_read(session, {row.match_id: row.cases for row in rows[:limit]}), following)


def count_likely(session: Session, actor: Actor) -> int:
    """How many forms wait. Raises NotAllowed."""
    actor.require(Permission.FIRM_WRITE)
    return session.scalar(select(func.count()).select_from(_waiting(actor).subquery())) or 0


def _waiting(actor: Actor) -> Any:
    """Each (firm, form) of a likely match once; a form that is a name of the firm already has been answered."""
    known = select(FirmName.id).where(
        FirmName.firm_id == PartyMatch.firm_id, FirmName.name == Party.name, FirmName.retired_on.is_(None)
    )
    ranked = (
        select(
            PartyMatch.id.label("match_id"),
            PartyMatch.score.label("score"),
            func.row_number()
            .over(
                partition_by=(PartyMatch.firm_id, Party.name),
                order_by=(PartyMatch.score.desc(), PartyMatch.id.desc()),
            )
            .label("place"),
            func.count(PartyMatch.id).over(partition_by=(PartyMatch.firm_id, Party.name)).label("cases"),
        )
        .join(Party, Party.id == PartyMatch.party_id)
        .join(Case, Case.id == PartyMatch.case_id)
        .where(PartyMatch.grade == "review", PartyMatch.centre_id == actor.centre_id)
        .where(Case.status != CaseStatus.DISMISSED.value, ~known.exists())
        .subquery()
    )
    return select(ranked.c.match_id, ranked.c.score, ranked.c.cases).where(ranked.c.place == 1)


def _read(session: Session, wanted: dict[uuid.UUID, int]) -> list[Likely]:
    rows = session.execute(
        select(PartyMatch, Firm, Party, Case)
        .join(Firm, Firm.id == PartyMatch.firm_id)
        .join(Party, Party.id == PartyMatch.party_id)
        .join(Case, Case.id == PartyMatch.case_id)
        .where(PartyMatch.id.in_(wanted))
    )
    found = {match.id: (match, firm, party, one) for match, firm, party, one in rows}
    return [Likely(*found[i], cases, likely_kind(found[i][2].name)) for i, cases in wanted.items()]


def answered_lately(
    session: Session, actor: Actor, *, limit: int = 10
) -> list[tuple[NameAnswer, Firm, Case | None]]:
    """The centre's last answers that stand, the newest first, with their firms and the cases they come from."""
    query = (
        NameAnswer.visible_to(actor)
        .where(NameAnswer.undone_at.is_(None))
        .order_by(NameAnswer.id.desc())
        .limit(limit)
        .subquery()
    )
    rows = session.execute(
        select(NameAnswer, Firm, Case)
        .join(query, query.c.id == NameAnswer.id)
        .join(Firm, Firm.id == NameAnswer.firm_id)
        .outerjoin(Case, and_(Case.id == NameAnswer.case_id))
        .order_by(NameAnswer.id.desc())
    )
    return [(answer, firm, one) for answer, firm, one in rows]


def undo_answer(session: Session, clock: Clock, actor: Actor, answer_id: uuid.UUID) -> NameAnswer:
    """Take an answer back: the name is retired, or the note withdrawn, and stored parties are compared anew, quietly.

    Raises:
        NotAllowed: the actor does not write firms.
        NotFound: no such answer of their centre, or it was taken back, or what it made was changed since.
        BadInput: the name has become the firm's last legal name.
    """
    actor.require(Permission.FIRM_WRITE)
    query = NameAnswer.visible_to(actor).where(NameAnswer.id == answer_id).with_for_update()
    answer = session.scalar(query)
    if answer is None or answer.undone_at is not None:
        raise NotFound(said("There is no such answer, or it was taken back already."))
    firm = get_firm(session, actor, answer.firm_id)
    if answer.answer == "take_in":
        retire_name(session, clock, actor, firm.id, answer.made_id, TAKEN_BACK)
    else:
        withdraw_other(session, clock, actor, firm.id, answer.made_id)
    answer.undone_by, answer.undone_at = actor.name, clock.now()
    audit.record(session, clock, actor, "name.undo", "firm", firm.id, values={"name": answer.name})
    return answer
