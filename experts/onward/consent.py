"""The port by which the house says whether a firm's consent to a purpose stands.

Without another answer from the composition root the records of :mod:`experts.consents` count.
"""

from __future__ import annotations

from typing import Protocol

from sqlalchemy.orm import Session

from experts.consents import Purpose, is_given, latest
from experts.consultation_models import Consultation

#: the purpose of reporting to the national centre
UPWARD = Purpose.UPWARD.value


class ConsentGiven(Protocol):
    """Whether a firm's consent to a purpose stands now."""

    def __call__(self, session: Session, consultation: Consultation, purpose: str) -> bool: ...


def stored_consent(session: Session, consultation: Consultation, purpose: str) -> bool:
    """Whether the newest decision says so: the :class:`ConsentGiven` of a house without another."""
    return is_given(session, consultation, purpose)


__all__ = ["UPWARD", "ConsentGiven", "latest", "stored_consent"]
