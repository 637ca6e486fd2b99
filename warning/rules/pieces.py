"""Which of many costly readers a text gives a reason to ask: each names pieces of which one stands in whatever it finds.

One small automaton looks for the pieces of all readers at once: asking for each is ten times as slow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ahocorasick_rs import AhoCorasick, Implementation

from warning.rules.folding import Prepared
from warning.rules.required import choices_of, needs_digit

#: field -> the numbers of the patterns of one reader that may match there
Asked = Mapping[str, Sequence[int]]


class Pieces:
    """The pieces of all readers.

    Args:
        wanted: of each reader the pieces of which one must stand in the raw text, as written; one without any, or with
            the empty piece, is always asked.
    """

    def __init__(self, wanted: Sequence[Sequence[str]]) -> None:
        by_piece: dict[str, list[int]] = {}
        self._always = [number for number, pieces in enumerate(wanted) if not all(pieces) or not pieces]
        for number, pieces in enumerate(wanted):
            for piece in pieces if number not in self._always else ():
                by_piece.setdefault(piece, []).append(number)
        self._readers = list(by_piece.values())
        # Some hundred pieces at most: the whole table is small.
        self._automaton = AhoCorasick(list(by_piece) or ["\x00"], implementation=Implementation.DFA)
        if not by_piece:
            self._readers = [[]]

    def asked(self, raw: str) -> Sequence[int]:
        """The numbers of the readers to ask, in order."""
        found = self._automaton.find_matches_as_indexes(raw, overlapping=True)
        if not found:
            return self._always
        numbers = set(self._always)
        for piece in {piece for piece, _, _ in found}:
            numbers.update(self._readers[piece])
        return sorted(numbers)


class Patterns:
    """Many patterns, each to be tried only where what it cannot do without stands.

    Args:
        groups: the patterns of each reader; a pattern's place in its group is its number.
    """

    def __init__(self, *groups: Sequence[str]) -> None:
        self._owners = [(group, number) for group, each in enumerate(groups) for number in range(len(each))]
        patterns = [pattern for each in groups for pattern in each]
        choices = [choices_of(pattern) for pattern in patterns]
        first = [each[0] if each else () for each in choices]
        self._first = Pieces(first)
        #: a piece that stands in no text, for those that need a digit
        self._first_without_digit = Pieces(
            [("\x00",) if needs_digit(pattern) else own for pattern, own in zip(patterns, first, strict=True)]
        )
        self._others = [each[1:] for each in choices]
        self._nothing: Sequence[Sequence[int]] = ((),) * len(groups)

    def asked(self, prepared: Prepared) -> Sequence[Sequence[int]]:
        """For each group the numbers of its patterns that may match, in order."""
        raw = prepared.raw
        first = self._first if prepared.has_digit else self._first_without_digit
        numbers = first.asked(raw)
        if not numbers:
            return self._nothing
        out: list[list[int]] = [[] for _ in self._nothing]
        for number in numbers:
            if all(any(piece in raw for piece in choice) for choice in self._others[number]):
                group, own = self._owners[number]
                out[group].append(own)
        return out
