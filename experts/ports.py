"""What this room asks of others; the composition root answers, and without an answer there is nothing to ask."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Protocol

from sqlalchemy.orm import Session

from core.actor import Actor


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
