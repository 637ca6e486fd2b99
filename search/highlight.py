"""Where a question's words stand in a raw text: the same for every engine. Returns segments, never markup."""

from __future__ import annotations

from search.analysis import Token, analyse, characters, grouped_numbers
from search.query import parse_query


def highlight_spans(text: str, query: str) -> list[tuple[int, int]]:
    """Spans (code points, half open, merged, ascending) of ``query``'s clauses in ``text``."""
    wanted = [clause for clause in parse_query(query) if not clause.is_excluded]
    if not wanted:
        return []
    spans: list[tuple[int, int]] = []
    pairs = _Stream(analyse(text))
    single = _Stream(characters(text)) if any(clause.by_character for clause in wanted) else pairs
    numbers = _Stream(grouped_numbers(text))
    for clause in wanted:
        if clause.by_character:
            spans += single.spans(clause.characters)
            continue
        spans += pairs.spans(clause.words)
        if len(clause.words) == 1:
            spans += numbers.spans(clause.words)
        if clause.number:
            spans += pairs.spans((clause.number,)) + numbers.spans((clause.number,))
    return _merged(spans)


class _Stream:
    """Tokens of a text, and where each word of them begins."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._starts: dict[str, list[int]] = {}
        for i, token in enumerate(tokens):
            self._starts.setdefault(token.text, []).append(i)

    def spans(self, words: tuple[str, ...]) -> list[tuple[int, int]]:
        """Where ``words`` stand one after the other."""
        return [
            (self._tokens[i].start, self._tokens[i + len(words) - 1].end)
            for i in self._starts.get(words[0], ())
            if tuple(token.text for token in self._tokens[i : i + len(words)]) == words
        ]


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def segments(text: str, spans: list[tuple[int, int]]) -> list[tuple[str, bool]]:
    """``text`` cut at ``spans`` (ascending, disjoint): (piece, whether it is inside a span)."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in spans:
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    pieces.append((text[at:], False))
    return [piece for piece in pieces if piece[0]]


def snippet(text: str, query: str, width: int = 240) -> list[tuple[str, bool]]:
    """About ``width`` characters of ``text`` around the first hit, as segments; its beginning when nothing hits."""
    spans = highlight_spans(text, query)
    first = spans[0][0] if spans else 0
    begin = max(0, min(first - width // 3, len(text) - width))
    while begin > 0 and not text[begin - 1].isspace() and first - begin < width // 2:
        begin -= 1
    end = min(len(text), begin + width)
    inside = [(max(s, begin) - begin, min(e, end) - begin) for s, e in spans if s < end and e > begin]
    pieces = segments(text[begin:end], inside)
    if begin > 0:
        pieces.insert(0, ("… ", False))
    if end < len(text):
        pieces.append((" …", False))
    return pieces
