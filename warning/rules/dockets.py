"""Docket numbers: which forum a number belongs to. A pattern is tried only where a piece of it stands in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cases.taxonomy import Taxonomy
from core.text import fold
from warning.rules.engine import Prepared, holds
from warning.rules.pieces import Pieces

_A_DIGIT_IS_NEEDED = re.compile(r"\\d(?![?*]|\{0)|\d\\d")
#: alternatives that are numbers, all of them: 35:(?:271|281)|28:1338
_NUMBER = r"\d+(?::\d+|:\(\?:\d+(?:\|\d+)*\))?"
_NUMBERS_BEGIN = re.compile(rf"^(?:\\b)?\(\?:{_NUMBER}(?:\|{_NUMBER})*\)(?![?*{{])")
_ALTERNATIVES = re.compile(r"^(?:\\b)?\(\?:([\w.]+(?:\|[\w.]+)*)\)")


@dataclass(frozen=True)
class Docket:
    """A pattern of docket numbers, its venue or at least region, and the cues of which one must stand in the item.

    Attributes:
        hints: pieces of which one stands in every text with such a number.
        required: pieces that all stand in it, the rarest first; may be none.
        has_digit: whether a digit does.
    """

    pattern: str
    venue: str | None
    region: str | None
    need: tuple[str, ...] = ()
    hints: tuple[str, ...] = field(init=False)
    required: tuple[str, ...] = field(init=False)
    has_digit: bool = field(init=False)
    regex: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        hints = hints_of(self.pattern)
        runs = sorted(set(_plain_runs(self.pattern)), key=lambda run: (-len(run), run.isalnum()))
        object.__setattr__(self, "regex", re.compile(self.pattern))
        object.__setattr__(self, "hints", hints)
        object.__setattr__(self, "required", tuple(runs))
        object.__setattr__(self, "has_digit", needs_digit(self.pattern))


class _Gated:
    """Dockets, each with the one piece that is looked for first."""

    def __init__(self, dockets: Sequence[Docket]) -> None:
        self._dockets = dockets
        self._pieces = Pieces([d.required[:1] for d in dockets])

    def asked(self, raw: str) -> list[Docket]:
        """Those of which a number may stand in the text, in order."""
        return [self._dockets[number] for number in self._pieces.asked(raw)]


class Dockets:
    """Every pattern of the taxonomy."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._all = list(_patterns(taxonomy))
        self._without_digit = _Gated([d for d in self._all if not d.has_digit])
        self._any = _Gated(self._all)

    def first(self, prepared: Prepared) -> tuple[Docket, re.Match[str]] | None:
        """The first docket number of the text whose cue, if it needs one, stands in it."""
        best: tuple[Docket, re.Match[str]] | None = None
        raw = prepared.raw
        for docket in (self._any if prepared.has_digit else self._without_digit).asked(raw):
            if not all(run in raw for run in docket.required):
                continue
            if docket.hints and not any(hint in raw for hint in docket.hints):
                continue
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
            yield Docket(pattern, None, taxonomy.regions[forum.region].code)


def needs_digit(pattern: str) -> bool:
    """Whether a digit stands in whatever ``pattern`` matches."""
    return _A_DIGIT_IS_NEEDED.search(pattern) is not None or _NUMBERS_BEGIN.match(pattern) is not None


def hints_of(pattern: str) -> tuple[str, ...]:
    """Pieces of which one stands in every text that ``pattern`` matches: the alternatives it begins with, or its longest
    run of plain characters; () when none is sure."""
    runs = _plain_runs(pattern)
    longest = max(runs, key=len, default="")
    first = _ALTERNATIVES.match(pattern)
    alternatives = tuple(first[1].split("|")) if first and "." not in first[1] else ()
    if alternatives and min(map(len, alternatives)) > len(longest):
        return alternatives
    return (longest,) if longest else ()


def _plain_runs(pattern: str) -> list[str]:
    """Runs of characters that must stand as they are, outside groups, sets and choices."""
    runs, run, depth, at = [], "", 0, 0
    while at < len(pattern):
        char = pattern[at]
        width = 1
        plain: str | None = char
        if char == "\\":
            width = 2
            following = pattern[at + 1]
            plain = None if following.isalnum() else following
        elif char == "[":
            width, plain = pattern.index("]", at + 2) - at + 1, None
        elif char in "()":
            depth, plain = depth + (1 if char == "(" else -1), None
        elif char == "|" and depth == 0:
            return []
        elif char in "?*{":
            run, plain = run[:-1], None
            width = pattern.index("}", at) - at + 1 if char == "{" else 1
        elif char in "+|.^$":
            plain = None
        if plain is None or depth:
            runs.append(run)
            run = ""
        else:
            run += plain
        at += width
    return [r for r in (*runs, run) if r]
