"""How assignments are spread: over the experts who could be asked, and suggestions over the agencies listed.

A library in which the same few are always asked is a complaint in waiting; the coefficient makes that visible, and the
counts behind it say how much it is worth.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actor import Actor, Permission
from core.clock import Clock
from experts.assignment_models import Assignment
from experts.consultation_models import Consultation
from experts.models import Agency, EntryStatus, Expert
from experts.opinion_models import Opinion, OpinionState

#: days that are counted
WITHIN = 365
#: rows shown behind the figure
_MOST = 10


@dataclass(frozen=True)
class Spread:
    """How often each of a library was asked within a year: ``names`` the most asked first, with the count."""

    people: int
    total: int
    gini: float | None
    names: tuple[tuple[str, int], ...]


def gini(counts: Sequence[int]) -> float | None:
    """Gini coefficient of counts: 0 when all are alike, towards 1 when one has everything; None when nothing was counted.

    G = (2 Σ i·x_i) / (n Σ x_i) − (n + 1) / n over x sorted upwards, i from 1.
    """
    n, total = len(counts), sum(counts)
    if not n or not total:
        return None
    weighted = sum(i * x for i, x in enumerate(sorted(counts), start=1))
    return 2 * weighted / (n * total) - (n + 1) / n


def experts_spread(session: Session, clock: Clock, actor: Actor) -> Spread:
    """Assignments of a year over the active, verified experts of the actor's centre. Raises NotAllowed."""
    actor.require(Permission.MATCH)
    since = clock.now() - timedelta(days=WITHIN)
    seen = Consultation.visible_to(actor).with_only_columns(Consultation.id)
    rows = session.execute(
        select(Assignment.expert_id, func.count())
        .where(Assignment.assigned_at > since, Assignment.consultation_id.in_(seen))
        .group_by(Assignment.expert_id)
    )
    able = Expert.visible_to(actor).where(Expert.status == EntryStatus.ACTIVE.value, Expert.verified)
    names = {one.id: one.name_zh for one in session.scalars(able)}
    return _spread(names, {row[0]: row[1] for row in rows})


def agencies_spread(session: Session, clock: Clock, actor: Actor) -> Spread:
    """How often each active agency stands in the suggestions of opinions issued within a year. Raises NotAllowed."""
    actor.require(Permission.MATCH)
    since = clock.now() - timedelta(days=WITHIN)
    seen = Consultation.visible_to(actor).with_only_columns(Consultation.id)
    issued = select(Opinion.sections).where(
        Opinion.state == OpinionState.ISSUED.value,
        Opinion.issued_at > since,
        Opinion.consultation_id.in_(seen),
    )
    texts = [str(sections.get("agencies", "")) for sections in session.scalars(issued)]
    able = Agency.visible_to(actor).where(Agency.status == EntryStatus.ACTIVE.value)
    names = {one.id: one.name_zh for one in session.scalars(able)}
    counts = {one: sum(name in text for text in texts) for one, name in names.items() if name}
    return _spread(names, counts)


def _spread(names: Mapping[uuid.UUID, str], counted: Mapping[uuid.UUID, int]) -> Spread:
    """Whoever has left the library meanwhile counts no more: the question is how those who can be asked are."""
    counts = {one: counted.get(one, 0) for one in names}
    most = sorted(counts.items(), key=lambda pair: (-pair[1], names[pair[0]]))
    shown = tuple((names[one], n) for one, n in most[:_MOST] if n)
    return Spread(len(counts), sum(counts.values()), gini(list(counts.values())), shown)
