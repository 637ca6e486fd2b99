"""What matching reads of the agency library: who is eligible, and the rule by which agencies are shown.

Matching ranks nobody here: it narrows by what the request needs, then shows by the rule: three at least or none, in the
day's draw, without a word of recommendation.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from core.actor import Actor
from experts.agencies.showing import FEWEST, eligible, in_neutral_order
from experts.models import Agency

__all__ = ["FEWEST", "eligible_agencies", "in_neutral_order", "may_be_shown"]


def eligible_agencies(session: Session, actor: Actor, on: date) -> Sequence[Agency]:
    """Agencies of the actor's centre that may be suggested on ``on``, in the day's neutral order: active, verified and
    within their term. A system actor without a centre reads all centres'."""
    query = eligible(on)
    if actor.centre_id is not None:
        query = query.where(Agency.centre_id == actor.centre_id)
    return in_neutral_order(session.scalars(query), on)


def may_be_shown(agencies: Sequence[Agency]) -> bool:
    """Whether these are enough to be a choice; a list of fewer is not shown to a firm."""
    return len(agencies) >= FEWEST
