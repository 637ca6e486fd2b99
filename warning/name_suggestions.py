"""What matches teach of a firm's names: a match that holds offers the party's form, for staff to take in or to refuse.

Taking it in makes it a name of the firm; refusing it writes down that it is somebody else's, and it is never matched
with the firm again.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import Case, CaseStatus, Party
from cases.names import normalise
from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import NotFound
from core.said import said
from core.text import is_cjk
from enterprises.models import Firm, FirmName, NameKind, OtherFirm
from enterprises.naming import add_name, clean_name, note_other
from warning.models import PartyMatch
from warning.review_models import NameAnswer

#: matches looked at for suggestions, best first
_MOST = 200


@dataclass(frozen=True)
class Suggestion:
    """A form that a party used and the register does not know: the match it comes from, its case, and a likely kind."""

    match: PartyMatch
    case: Case
    party: Party
    name: str
    kind: str


def suggestions(session: Session, actor: Actor, firm: Firm) -> list[Suggestion]:
    """New names for ``firm`` from its matches with cases that are not dismissed, sure ones first, each form once.

    Empty for whoever may not write firms.
    """
    if not actor.may(Permission.FIRM_WRITE):
        return []
    rows = session.execute(
        select(PartyMatch, Party, Case)
        .join(Party, Party.id == PartyMatch.party_id)
        .join(Case, Case.id == PartyMatch.case_id)
        .where(PartyMatch.firm_id == firm.id, PartyMatch.centre_id == actor.centre_id)
        .where(Case.status != CaseStatus.DISMISSED.value)
        .order_by(PartyMatch.score.desc(), PartyMatch.found_at.desc(), PartyMatch.id)
        .limit(_MOST)
    )
    known = {normalise(n.name).key for n in firm.names} | {normalise(o.name).key for o in firm.others}
    found = []
    for match, party, case in rows:
        key = normalise(clean_name(party.name)).key
        if key and key not in known:
            known.add(key)
            found.append(Suggestion(match, case, party, clean_name(party.name), likely_kind(party.name)))
    return found


def likely_kind(name: str) -> str:
    """What a name most likely is to its firm; a person decides.

    >>> likely_kind("Roborock")
    'brand'
    """
    if any(map(is_cjk, name)):
        return (
            NameKind.LEGAL_ZH.value
            if normalise(name).han != "".join(filter(is_cjk, name))
            else NameKind.BRAND.value
        )
    parts = normalise(name)
    return NameKind.BRAND.value if parts.exact == " ".join(parts.core) else NameKind.SUBSIDIARY.value


def take_in(
    session: Session, clock: Clock, actor: Actor, firm_id: uuid.UUID, match_id: uuid.UUID, kind: str
) -> FirmName:
    """Make the party's form of a match a name of the firm. Raises NotAllowed, NotFound, BadInput."""
    told = _told(session, actor, firm_id, match_id)
    since = told.since or clock.now().date()
    kept = add_name(session, clock, actor, firm_id, told.name, kind, source=told.source, since=since)
    _answered(session, clock, actor, firm_id, told, "take_in", kept.id)
    return kept


def refuse(
    session: Session, clock: Clock, actor: Actor, firm_id: uuid.UUID, match_id: uuid.UUID
) -> OtherFirm:
    """Write down that the party of a match is somebody else, and take the match away. Raises as :func:`take_in`."""
    told = _told(session, actor, firm_id, match_id)
    other = note_other(session, clock, actor, firm_id, told.name, told.source)
    session.flush()
    _answered(session, clock, actor, firm_id, told, "refuse", other.id)
    for match in session.scalars(
        select(PartyMatch)
        .join(Party, Party.id == PartyMatch.party_id)
        .where(PartyMatch.firm_id == firm_id, Party.name == told.printed)
    ):
        session.delete(match)
    return other


@dataclass(frozen=True)
class _Told:
    """The party's form as the register keeps it and as the source prints it, the docket and the day it stands under."""

    name: str
    printed: str
    source: str
    since: date | None
    case_id: uuid.UUID
    score: int


def _answered(
    session: Session,
    clock: Clock,
    actor: Actor,
    firm_id: uuid.UUID,
    told: _Told,
    answer: str,
    made_id: uuid.UUID,
) -> None:
    session.add(
        NameAnswer(
            centre_id=actor.centre_id,
            firm_id=firm_id,
            name=told.name,
            answer=answer,
            made_id=made_id,
            case_id=told.case_id,
            score=told.score,
            answered_by=actor.name,
            answered_at=clock.now(),
        )
    )


def _told(session: Session, actor: Actor, firm_id: uuid.UUID, match_id: uuid.UUID) -> _Told:
    actor.require(Permission.FIRM_WRITE)
    row = session.execute(
        select(Party.name, Case.docket_number, Case.filed_on, Case.id, PartyMatch.score)
        .select_from(PartyMatch)
        .join(Party, Party.id == PartyMatch.party_id)
        .join(Case, Case.id == PartyMatch.case_id)
        .where(
            PartyMatch.id == match_id, PartyMatch.firm_id == firm_id, PartyMatch.centre_id == actor.centre_id
        )
    ).first()
    if row is None:
        raise NotFound(said("There is no such match; it may have been decided meanwhile."))
    return _Told(clean_name(row[0]), row[0], *row[1:])
