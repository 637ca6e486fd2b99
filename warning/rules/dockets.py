"""Docket numbers: which forum a number belongs to. A pattern is tried only where a piece of it stands in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cases.taxonomy import Taxonomy
from core.text import fold
from warning.rules.engine import Prepared, holds
from warning.rules.pieces import Patterns


@dataclass(frozen=True)
class Docket:
    """A pattern of docket numbers, its venue or at least region, and the cues of which one must stand in the item."""

    pattern: str
    venue: str | None
    region: str | None
    need: tuple[str, ...] = ()
    regex: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "regex", re.compile(self.pattern))


class Dockets:
    """Every pattern of the taxonomy."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        #: in the order of the taxonomy
        self.all = list(_patterns(taxonomy))
        self.patterns = [docket.pattern for docket in self.all]
        self._patterns: Patterns | None = None

    def first(
        self, prepared: Prepared, asked: Sequence[int] | None = None
    ) -> tuple[Docket, re.Match[str]] | None:
        """The first docket number of the text whose cue, if it needs one, stands in it. ``asked``: the patterns that may
        match, where that is known."""
        if asked is None:
            if self._patterns is None:
                self._patterns = Patterns(self.patterns)
            (asked,) = self._patterns.asked(prepared)
        best: tuple[Docket, re.Match[str]] | None = None
        raw = prepared.raw
        for number in asked:
            docket = self.all[number]
            match = docket.regex.search(raw)
            if match is None or (best is not None and not _goes_before((docket, match), best)):
                continue
            if docket.need and not any(holds(fold(raw), cue) for cue in docket.need):
                continue
            best = docket, match
        return best


def _goes_before(one: tuple[Docket, re.Match[str]], other: tuple[Docket, re.Match[str]]) -> bool:
    """The earlier one; of two over one number the one that knows the venue."""
    if one[1].start() < other[1].end() and other[1].start() < one[1].end() and one[0].venue != other[0].venue:
        return other[0].venue is None
    return one[1].start() < other[1].start()


def _patterns(taxonomy: Taxonomy) -> Iterator[Docket]:
    for venue in taxonomy.venues.values():
        for pattern in venue.aliases_rx:
            yield Docket(pattern, venue.id, None, venue.rx_need)
    for forum in taxonomy.forum_names:
        for pattern in forum.patterns:
            yield Docket(pattern, None, taxonomy.regions[forum.region].code if forum.region else None)
