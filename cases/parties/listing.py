"""The list of parties: found by a piece of their name, those in most public cases first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.models import Case, CaseStatus, Party
from cases.parties.keys import key_of
from cases.parties.models import PartyKind, PartyLink, PartyMark
from cases.parties.sides import CLAIMANT_ROLES, RESPONDENT_ROLES
from core.actor import Actor, Permission
from core.paging import Page, bad_cursor, decode_cursor, encode_cursor

#: without a search the list holds those with news this recently
RECENT = timedelta(days=365)
LEAST_LETTERS = 2
SIDES = {"claimant": CLAIMANT_ROLES, "respondent": RESPONDENT_ROLES}


@dataclass(frozen=True)
class PartyRow:
    """A party in a list: its key, a name as sources write it, public cases, the newest date, what staff say it is."""

    head: str
    name: str
    cases: int
    latest_on: date | None
    kind: str | None


def list_parties(
    session: Session,
    actor: Actor,
    *,
    words: str = "",
    side: str = "",
    kind: str = "",
    today: date,
    cursor: str | None = None,
    limit: int = 30,
) -> Page[PartyRow]:
    """Parties whose name holds ``words``; without any, those with news within :data:`RECENT`.

    Names that may be a person's are listed for staff alone.

    Args:
        side: claimant, respondent or "" for both.
        kind: PartyKind or "".
        today: the reader's day.

    Raises:
        BadInput: a cursor of another list.
    """
    head = func.coalesce(PartyLink.head, Party.who)
    cases = func.count(func.distinct(Party.case_id))
    query = (
        select(head, func.min(Party.name), cases, func.max(Case.latest_on), func.min(PartyMark.kind))
        .join(Case, Case.id == Party.case_id)
        .outerjoin(PartyLink, PartyLink.key == Party.who)
        .outerjoin(PartyMark, PartyMark.head == head)
        .where(Case.status == CaseStatus.PUBLIC.value)
        .group_by(head)
        .order_by(cases.desc(), head)
        .limit(limit + 1)
    )
    if words:
        # Forms are spelled one way in keys: whoever types "Incorporated" means what stands as "inc".
        query = query.where(Party.who.contains(key_of(words), autoescape=True))
    else:
        query = query.where(Case.latest_on >= today - RECENT)
    if side in SIDES:
        query = query.where(Party.role.in_(SIDES[side]))
    if kind in set(PartyKind):
        query = query.where(PartyMark.kind == kind)
    if not actor.may(Permission.PARTY_WRITE):
        query = query.where(Party.is_organisation)
    if cursor:
        count, last = decode_cursor(cursor, 2)
        if not isinstance(count, int) or not isinstance(last, str):
            raise bad_cursor()
        query = query.having((cases < count) | ((cases == count) & (head > last)))
    rows = [PartyRow(*row) for row in session.execute(query)]
    shown = rows[:limit]
    more = encode_cursor([shown[-1].cases, shown[-1].head]) if len(rows) > limit else None
    return Page(shown, more)
