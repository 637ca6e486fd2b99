"""A consultation begun from a case: what the public record already tells is filled in, and stays the firm's to change."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy.orm import Session

from cases.models import Case
from cases.query import get_case
from cases.taxonomy import load_taxonomy
from core.actor import Actor
from experts.consultation_workflow import Scenario
from knowledge.first_hours import scenario_of

#: roles of whoever began the dispute
_BEGAN = frozenset({"plaintiff", "complainant", "petitioner", "opposer", "appellant"})


def answers_from(session: Session, actor: Actor, case_id: uuid.UUID) -> dict[str, Any]:
    """The answers that a case tells. Raises NotFound when the actor may not know of it."""
    case = get_case(session, actor, case_id)
    return {
        "scenario": scenario_of(case.venue) or Scenario.OTHER.value,
        "region": load_taxonomy().region_code(case.venue) or "",
        "venue": case.venue,
        "docket_number": case.docket_number,
        "opponents": _opponents(case),
    }


def _opponents(case: Case) -> list[str]:
    return list(dict.fromkeys(party.name for party in case.parties if party.role in _BEGAN))[:20]
