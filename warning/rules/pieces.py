"""Which of many costly readers a text gives a reason to ask: each names pieces of which one stands in whatever it finds.

One small automaton looks for the pieces of all readers at once: asking for each is ten times as slow.
"""

from __future__ import annotations

from collections.abc import Sequence

from ahocorasick_rs import AhoCorasick, Implementation


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
