"""Who can help, as a firm may see it: up to three experts with reasons in plain words.

Matching looks at everything, conflicts too; what a firm is told rests on the experts' public fields alone, and of those
who cannot act nothing is said: they are simply not there.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from cases.models import Case
from cases.taxonomy import load_taxonomy
from core.actor import Actor, Permission, system_actor
from core.clock import Clock
from core.said import Said, said
from enterprises.models import Firm
from experts.fields import public_entry
from experts.matching import MatchRequest
from experts.models import Expert
from experts.ports import NamedFirms, OpenAssignments, no_assignments, no_firms
from experts.suggest import request_about, request_of_case, suggest

#: how many a firm is shown
SHOWN = 3


@dataclass(frozen=True)
class Hint:
    """An expert's public entry, and why they fit."""

    entry: dict[str, Any]
    reasons: tuple[Said, ...]


def experts_for_firm(
    session: Session,
    clock: Clock,
    actor: Actor,
    case: Case,
    *,
    named: NamedFirms = no_firms,
    load: OpenAssignments = no_assignments,
) -> list[Hint]:
    """Experts of the centre who could help the actor's firm with ``case``, best first; [] for whoever is of no firm.

    Raises NotAllowed unless the actor may ask for advice.
    """
    actor.require(Permission.CONSULT_SUBMIT)
    if actor.firm_id is None or actor.centre_id is None:
        return []
    request = _request(session, clock, actor, case, named)
    # Matching itself is the centre's: the firm sees what comes out of it and nothing of how.
    matcher = system_actor("alert.experts", actor.centre_id)
    ranked = suggest(session, clock, matcher, request, load=load).ranked[:SHOWN]
    ids = [uuid.UUID(str(one.id)) for one in ranked]
    seen = {e.id: e for e in session.scalars(Expert.visible_to(actor).where(Expert.id.in_(ids)))}
    entries = [public_entry(seen[i]) for i in ids if i in seen]
    return [Hint(entry, tuple(_reasons(entry, request))) for entry in entries]


def _request(session: Session, clock: Clock, actor: Actor, case: Case, named: NamedFirms) -> MatchRequest:
    own = [pair for pair in named(session, actor, case.id) if pair[0] == actor.firm_id]
    if own:
        found = request_of_case(session, clock, actor, case, named=lambda *_: own, k=SHOWN)
        return found.request
    # Nobody knows yet who stands against a firm that only watches; the case's parties are no friends of it either.
    told = request_of_case(session, clock, actor, case, k=SHOWN).request
    firm = session.scalar(select(Firm).where(Firm.id == actor.firm_id).options(selectinload(Firm.names)))
    return replace(told, firm=request_about(case.id, clock, firm=firm).firm)


def _reasons(entry: dict[str, Any], request: MatchRequest) -> Sequence[Said]:
    """Why an entry fits, from what everybody may know of it; what is named is named by its id."""
    out: list[Said] = []
    places = {place.get("venue") or place.get("region") for place in entry.get("admissions", ())}
    if request.venue in places or request.region in places:
        out.append(said("Admitted there"))
    cases = entry.get("cases", ())
    if count := sum(bool(request.venue) and told.get("venue") == request.venue for told in cases):
        out.append(said("Has worked on %(count)s cases at this forum", count=count))
    current = load_taxonomy().current
    types = {
        current(one)
        for one in (*entry.get("dispute_types", ()), *(told.get("dispute_type") for told in cases))
        if one
    }
    for value in request.dispute_types:
        if value in types:
            out.append(said("Knows this kind of dispute: %(what)s", what=value))
    trades = {
        current(one)
        for one in (*entry.get("industries", ()), *(told.get("industry") for told in cases))
        if one
    }
    for value in request.industries:
        if value in trades:
            out.append(said("Knows this industry: %(what)s", what=value))
    spoken = set(entry.get("languages", ()))
    if spoken.issuperset({*request.case_languages, *request.client_languages}):
        out.append(said("Works in the language of the case and in Chinese"))
    return out
