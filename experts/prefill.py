"""A consultation begun from a case: what the public record already tells is filled in, and stays the firm's to change."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import Case, Party
from cases.query import get_case
from cases.taxonomy import load_taxonomy
from core.actor import Actor
from core.text import fold
from enterprises.models import FirmName
from experts.consultation_workflow import Scenario
from knowledge.first_hours import BEGAN, scenario_of


def answers_from(
    session: Session, actor: Actor, case_id: uuid.UUID, own_parties: Collection[str] = ()
) -> dict[str, Any]:
    """The answers that a case tells.

    Args:
        own_parties: names of parties known to be the firm (an alert says so); its registered names are compared too.

    Raises NotFound when the actor may not know of the case.
    """
    case = get_case(session, actor, case_id)
    own = _own(session, actor, case, own_parties)
    roles = {party.role for party in own}
    return {
        "scenario": scenario_of(case.venue, roles) or Scenario.OTHER.value,
        "region": load_taxonomy().region_code(case.venue) or "",
        "venue": case.venue,
        "docket_number": case.docket_number,
        "opponents": _opponents(case, own, roles),
    }


def _plain(name: str) -> str:
    return "".join(char for char in fold(name) if char.isalnum())


def _own(session: Session, actor: Actor, case: Case, told: Collection[str]) -> list[Party]:
    query = select(FirmName.name).where(FirmName.firm_id == actor.firm_id, FirmName.retired_on.is_(None))
    known = {_plain(name) for name in [*told, *session.scalars(query)]}
    return [party for party in case.parties if _plain(party.name) in known]


def _opponents(case: Case, own: list[Party], roles: set[str]) -> list[str]:
    """The parties across from the firm; none when nobody knows which side the firm is on, since conflicts of interest
    are judged by these names and a wrong one would hold up the right expert."""
    if not own:
        return []
    began = BEGAN.issuperset(roles)
    across = [p.name for p in case.parties if p not in own and (p.role in BEGAN) is not began]
    return list(dict.fromkeys(across))[:20]
