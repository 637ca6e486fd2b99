"""Campaigns: one right holder who asserts the same right against several, within a window. Pure.

A case that tells its rights joins others by them; one that does not, as most district-court feeds, joins those of the
same dispute type, and the campaign says that it rests on that alone. A case against a schedule counts as one against
several: whom it hides is many by its nature.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

#: cases no further apart than this, one to the next, are one campaign
WINDOW = timedelta(days=180)
#: cases and different defendants a campaign has at least
LEAST_CASES, LEAST_DEFENDANTS = 3, 3


@dataclass(frozen=True)
class Suit:
    """A case as a campaign looks at it.

    Attributes:
        rights: (kind, number) the case tells.
        against: keys of those on the other side.
        hides: whether it is against unnamed ones.
    """

    case_id: uuid.UUID
    filed_on: date
    rights: frozenset[tuple[str, str]]
    dispute_types: frozenset[str]
    against: frozenset[str]
    hides: bool = False


@dataclass(frozen=True)
class Campaign:
    """A series of suits. ``right`` is (kind, number), or ("", dispute type) where the cases tell no right."""

    right: tuple[str, str]
    suits: tuple[Suit, ...]

    @property
    def begins(self) -> date:
        """The first filing."""
        return self.suits[0].filed_on

    @property
    def ends(self) -> date:
        """The latest filing."""
        return self.suits[-1].filed_on

    @property
    def against(self) -> frozenset[str]:
        """Keys of everybody on the other side."""
        return frozenset().union(*(suit.against for suit in self.suits))

    @property
    def is_by_type(self) -> bool:
        """Whether it rests on the dispute type alone."""
        return not self.right[0]


def campaigns_of(suits: Sequence[Suit]) -> list[Campaign]:
    """The campaigns among one right holder's suits, the one with the newest filing first; each case in one at most of
    those it shares the same cases with."""
    by_right: dict[tuple[str, str], list[Suit]] = {}
    for suit in suits:
        marks = suit.rights or {("", dispute_type) for dispute_type in suit.dispute_types}
        for mark in marks:
            by_right.setdefault(mark, []).append(suit)
    found: dict[tuple[uuid.UUID, ...], Campaign] = {}
    for right, its in sorted(by_right.items()):
        for series in _series(sorted(its, key=lambda suit: (suit.filed_on, suit.case_id))):
            if _is_campaign(series):
                # Several patents asserted together are one campaign, told by the first of them.
                found.setdefault(tuple(suit.case_id for suit in series), Campaign(right, tuple(series)))
    return sorted(found.values(), key=lambda campaign: (campaign.ends, len(campaign.suits)), reverse=True)


def _series(suits: Sequence[Suit]) -> list[list[Suit]]:
    parted: list[list[Suit]] = []
    for suit in suits:
        if parted and suit.filed_on - parted[-1][-1].filed_on <= WINDOW:
            parted[-1].append(suit)
        else:
            parted.append([suit])
    return parted


def _is_campaign(series: Sequence[Suit]) -> bool:
    against = frozenset().union(*(suit.against for suit in series))
    return len(series) >= LEAST_CASES and (
        len(against) >= LEAST_DEFENDANTS or any(suit.hides for suit in series)
    )
