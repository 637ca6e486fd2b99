"""What this room asks of others; the composition root answers, and without an answer there is nothing to ask."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy.orm import Session

from core.actor import Actor
from experts.assignment_models import Clearance
from experts.consultation_models import Consultation
from experts.matching import Exclusion, MatchResult


class OpenAssignments(Protocol):
    """How many assignments each expert has open."""

    def __call__(self, session: Session, expert_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, int]: ...


class NamedFirms(Protocol):
    """Which registered firms a case names, as (firm, party), the likeliest first."""

    def __call__(
        self, session: Session, actor: Actor, case_id: uuid.UUID
    ) -> Sequence[tuple[uuid.UUID, uuid.UUID]]: ...


def no_assignments(session: Session, expert_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """Nobody has anything open."""
    return {}


def no_firms(session: Session, actor: Actor, case_id: uuid.UUID) -> Sequence[tuple[uuid.UUID, uuid.UUID]]:
    """Nobody knows whom the case names."""
    return ()


@dataclass(frozen=True)
class Workload:
    """What an expert has open, of how many places (None: no limit told), was given in a year, and when last."""

    open: int
    capacity: int | None
    year: int
    last: date | None


@dataclass(frozen=True)
class Candidate:
    """An expert who may be asked, and why."""

    expert_id: uuid.UUID
    name: str
    reasons: tuple[str, ...] = ()
    #: a person must look before this one is asked (a possible conflict); the reasons say why
    is_held: bool = False
    #: offered so that the centre gets to know them, not for their rank
    is_exploration: bool = False
    #: how much they have and had to do
    workload: Workload | None = None
    #: who cleared the possible conflict, and why; None where nobody has, or more is known by now
    clearance: Clearance | None = None


@dataclass(frozen=True)
class Suggestion:
    """Who may be asked, best first, who may not and why (name, causes), and the matching it rests on; None where
    nobody matched."""

    candidates: tuple[Candidate, ...]
    left_out: tuple[tuple[str, Exclusion], ...] = ()
    result: MatchResult | None = None

    def passes_over(self, chosen: Candidate) -> bool:
        """Whether asking ``chosen`` leaves out somebody without a doubt who stands before them in the ranking."""
        first = next((c for c in self.candidates if not c.is_held and not c.is_exploration), chosen)
        return first is not chosen and not chosen.is_exploration


class Suggest(Protocol):
    """Who may advise on a consultation; asked once a page and once an assignment."""

    def __call__(self, session: Session, actor: Actor, consultation: Consultation) -> Suggestion: ...


@dataclass(frozen=True)
class AlertFacts:
    """What an alert says: the case, and which of its parties are taken to be the firm."""

    case_id: uuid.UUID
    own_parties: tuple[str, ...] = ()


class AboutAlert(Protocol):
    """What an alert of the actor's says. Raises NotFound when the actor may not know of the alert."""

    def __call__(self, session: Session, actor: Actor, alert_id: uuid.UUID) -> AlertFacts: ...
