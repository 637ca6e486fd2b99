"""A party's page from the store: names, cases, sides, forums, months, rights, opponents, outcomes, campaigns."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from cases.listing import after_case, cursor_of
from cases.models import Case, CaseStatus, Party, Tag
from cases.money import Demanded, demanded_in
from cases.parties.campaigns import Campaign, Suit, campaigns_of
from cases.parties.grouping import head_of, keys_of, kind_of
from cases.parties.keys import is_unnamed
from cases.parties.models import PartyLink
from cases.parties.sides import side_of
from core.actor import Actor, Permission
from core.errors import NotFound
from core.paging import Page
from core.said import said

#: cases that figures are counted over at most, the newest first; the page says so where there are more
MOST_COUNTED = 5_000
#: opponents, rights and outcomes shown at most
MOST_SHOWN = 20
_LONG_AGO = date(1, 1, 1)
What = TypeVar("What")


@dataclass(frozen=True)
class Spelling:
    """A name as sources write it, its key, and in how many public cases it stands."""

    name: str
    key: str
    cases: int


@dataclass(frozen=True)
class Figures:
    """Counts over a party's public cases, each (what, how many), the most first; months from the newest."""

    total: int
    counted: int
    sides: dict[str, int]
    forums: Sequence[tuple[str, int]]
    dispute_types: Sequence[tuple[str, int]]
    rights: Sequence[tuple[tuple[str, str], int]]
    opponents: Sequence[tuple[Spelling, int]]
    #: law firms that act for it, as the sources write them
    counsel: Sequence[tuple[str, int]]
    outcomes: Sequence[tuple[str, int]]
    without_outcome: int
    #: sums demanded in its cases, whichever side it stands on
    demanded: Sequence[Demanded]
    without_demand: int
    months: Sequence[tuple[str, int]]
    first_on: date | None
    last_on: date | None


@dataclass(frozen=True)
class Profile:
    """A party across cases."""

    head: str
    name: str
    spellings: Sequence[Spelling]
    kind: str | None
    figures: Figures
    campaigns: Sequence[Campaign]
    #: key -> a name it is written as, for everybody on the page
    names: dict[str, str]


def profile_of(session: Session, actor: Actor, key: str) -> Profile:
    """The party that ``key`` belongs to, as public cases show it.

    Raises:
        NotFound: no public case names it, or its name may be a person's and the actor is no staff.
    """
    head = head_of(session, key)
    keys = keys_of(session, head)
    spellings = _spellings(session, actor, keys)
    if not spellings:
        raise NotFound(
            said("No public case names such a party."), fix=said("Search for it among the parties or cases.")
        )
    cases = _counted(session, _cases(keys))
    types = _dispute_types(session, cases)
    figures = _figures(cases, set(keys), types, _total(session, _cases(keys)))
    suits = [suit for case in cases if (suit := _suit(case, set(keys), types)) is not None]
    campaigns = campaigns_of(suits)
    wanted = {one for campaign in campaigns for one in campaign.against}
    return Profile(
        head,
        spellings[0].name,
        spellings,
        kind_of(session, head),
        figures,
        campaigns,
        _names(session, wanted),
    )


def cases_of(
    session: Session, actor: Actor, head: str, *, cursor: str | None = None, limit: int = 20
) -> Page[Case]:
    """The party's public cases, the newest first. Raises BadInput on a bad cursor."""
    query = (
        Case.visible_to(actor)
        .where(Case.status == CaseStatus.PUBLIC.value, Case.id.in_(_cases(keys_of(session, head))))
        .options(selectinload(Case.parties), selectinload(Case.tags))
        .order_by(func.coalesce(Case.latest_on, _LONG_AGO).desc(), Case.id.desc())
        .limit(limit + 1)
    )
    if cursor:
        query = after_case(query, cursor)
    rows = list(session.scalars(query))
    return Page(rows[:limit], cursor_of(rows[limit - 1]) if len(rows) > limit else None)


def figures_in(session: Session, keys: set[str], case_ids: Sequence[uuid.UUID]) -> Figures:
    """The figures of whoever stands under ``keys`` in the public ones of ``case_ids``: a firm's side of its cases."""
    wanted = select(Case.id).where(Case.id.in_(case_ids))
    cases = _counted(session, wanted)
    return _figures(cases, keys, _dispute_types(session, cases), _total(session, wanted))


def alike(session: Session, actor: Actor, profile: Profile, *, limit: int = 10) -> list[Spelling]:
    """Other parties whose key holds this one's first word, or is held by it: what staff may want to put together."""
    actor.require(Permission.PARTY_WRITE)
    first = next((word for word in profile.head.split() if len(word) > 2), profile.head)
    own = {spelling.key for spelling in profile.spellings}
    query = (
        select(func.min(Party.name), Party.who, func.count(func.distinct(Party.case_id)))
        .join(Case, Case.id == Party.case_id)
        .where(Case.status == CaseStatus.PUBLIC.value, Party.who.startswith(first, autoescape=True))
        .where(Party.who.not_in(own))
        .group_by(Party.who)
        .order_by(func.count(func.distinct(Party.case_id)).desc(), Party.who)
        .limit(limit)
    )
    return [Spelling(*row) for row in session.execute(query)]


def heads_of(session: Session, keys: Iterable[str]) -> dict[str, str]:
    """key -> the key of the party it belongs to."""
    wanted = set(keys)
    links = dict(
        session.execute(select(PartyLink.key, PartyLink.head).where(PartyLink.key.in_(wanted))).all()
    )
    return {key: links.get(key, key) for key in wanted}


def _cases(keys: Sequence[str]) -> Select[uuid.UUID]:
    return select(Party.case_id).where(Party.who.in_(keys))


def _total(session: Session, wanted: Select[uuid.UUID]) -> int:
    public = Case.status == CaseStatus.PUBLIC.value
    return session.scalar(select(func.count()).where(public, Case.id.in_(wanted))) or 0


def _dispute_types(session: Session, cases: Sequence[Case]) -> dict[uuid.UUID, frozenset[str]]:
    found: dict[uuid.UUID, set[str]] = {}
    wanted = [case.id for case in cases]
    for start in range(0, len(wanted), 500):
        query = select(Tag.case_id, Tag.value).where(
            Tag.case_id.in_(wanted[start : start + 500]), Tag.kind == "dispute_type"
        )
        for case_id, value in session.execute(query.distinct()):
            found.setdefault(case_id, set()).add(value)
    return {case_id: frozenset(values) for case_id, values in found.items()}


def _spellings(session: Session, actor: Actor, keys: Sequence[str]) -> list[Spelling]:
    query = (
        select(Party.name, Party.who, func.count(func.distinct(Party.case_id)))
        .join(Case, Case.id == Party.case_id)
        .where(Party.who.in_(keys), Case.status == CaseStatus.PUBLIC.value)
        .group_by(Party.name, Party.who)
        .order_by(func.count(func.distinct(Party.case_id)).desc(), Party.name)
    )
    if not actor.may(Permission.PARTY_WRITE):
        query = query.where(Party.is_organisation)
    return [Spelling(*row) for row in session.execute(query)]


def _counted(session: Session, wanted: Select[uuid.UUID]) -> list[Case]:
    query = (
        select(Case)
        .where(Case.status == CaseStatus.PUBLIC.value, Case.id.in_(wanted))
        .options(selectinload(Case.parties))
        .order_by(func.coalesce(Case.filed_on, Case.latest_on, _LONG_AGO).desc(), Case.id.desc())
        .limit(MOST_COUNTED)
    )
    return list(session.scalars(query))


def _figures(
    cases: Sequence[Case], keys: set[str], types: dict[uuid.UUID, frozenset[str]], total: int
) -> Figures:
    sides: Counter[str] = Counter()
    opponents: Counter[str] = Counter()
    names: dict[str, str] = {}
    rights: Counter[tuple[str, str]] = Counter()
    counsel: Counter[str] = Counter()
    for case in cases:
        counsel.update({firm for party in case.parties if party.who in keys for firm in party.counsel})
        mine = {side_of(party.role) for party in case.parties if party.who in keys}
        sides.update(mine)
        for party in case.parties:
            if party.who not in keys and party.is_organisation and side_of(party.role) not in mine:
                names.setdefault(party.who, party.name)
        opponents.update(
            {p.who for p in case.parties if p.who in names and p.who not in keys and side_of(p.role) not in mine}
        )  # fmt: skip
        rights.update({(right["kind"], right["number"]) for right in case.rights})
    days = sorted(case.filed_on for case in cases if case.filed_on)
    months = Counter(f"{day:%Y-%m}" for day in days)
    demanded = demanded_in(case.demand for case in cases)
    return Figures(
        total=total,
        counted=len(cases),
        sides=dict(sides),
        forums=_most(Counter(case.venue for case in cases)),
        dispute_types=_most(Counter(value for values in types.values() for value in values)),
        rights=_most(rights),
        opponents=[(Spelling(names[key], key, count), count) for key, count in _most(opponents)],
        counsel=_most(counsel),
        outcomes=_most(Counter(case.outcome for case in cases if case.outcome)),
        without_outcome=sum(1 for case in cases if not case.outcome),
        demanded=demanded,
        without_demand=len(cases) - sum(one.cases for one in demanded),
        months=sorted(months.items(), reverse=True)[:24],
        first_on=days[0] if days else None,
        last_on=days[-1] if days else None,
    )


def _most(counts: Counter[What]) -> list[tuple[What, int]]:
    return sorted(counts.items(), key=lambda row: (-row[1], str(row[0])))[:MOST_SHOWN]


def _suit(case: Case, keys: set[str], types: dict[uuid.UUID, frozenset[str]]) -> Suit | None:
    """The case as a suit of the party; None where it is not the one who claims, or no filing date is told."""
    if case.filed_on is None:
        return None
    if not any(p.who in keys and side_of(p.role) == "claimant" for p in case.parties):
        return None
    others = [p for p in case.parties if side_of(p.role) == "respondent" and p.who not in keys]
    its = types.get(case.id, frozenset())
    hides = any(is_unnamed(p.name) for p in others) or (not others and "dt.tro_schedule_a" in its)
    return Suit(
        case.id,
        case.filed_on,
        frozenset((right["kind"], right["number"]) for right in case.rights),
        its,
        frozenset(p.who for p in others if not is_unnamed(p.name)),
        hides,
    )


def _names(session: Session, keys: set[str]) -> dict[str, str]:
    query = select(Party.who, func.min(Party.name)).where(Party.who.in_(keys), Party.is_organisation)
    return dict(session.execute(query.group_by(Party.who)).all())
