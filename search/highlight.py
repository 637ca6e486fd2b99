"""Where a question's words stand in a raw text: the same for every engine. Returns segments, never markup."""

from __future__ import annotations

from search.analysis import Token, characters
from search.query import parse_query


def highlight_spans(text: str, query: str) -> list[tuple[int, int]]:
    """Spans (code points, half open, merged, ascending) of ``query``'s clauses in ``text``."""
    tokens = characters(text)
    starts: dict[str, list[int]] = {}
    for i, token in enumerate(tokens):
        starts.setdefault(token.text, []).append(i)
    spans = []
    for clause in parse_query(query):
        if clause.is_excluded:
            continue
        length = len(clause.characters)
        for i in starts.get(clause.characters[0], ()):
            if _stands(tokens, i, clause.characters):
                spans.append((tokens[i].start, tokens[i + length - 1].end))
    return _merged(spans)


def _stands(tokens: list[Token], at: int, wanted: tuple[str, ...]) -> bool:
    found = tokens[at : at + len(wanted)]
    return len(found) == len(wanted) and all(t.text == w for t, w in zip(found, wanted, strict=True))


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
    while 0 < begin and not text[begin - 1].isspace() and first - begin < width // 2:
        begin -= 1
    end = min(len(text), begin + width)
    inside = [(max(s, begin) - begin, min(e, end) - begin) for s, e in spans if s < end and e > begin]
    pieces = segments(text[begin:end], inside)
    if begin > 0:
        pieces.insert(0, ("… ", False))
    if end < len(text):
        pieces.append((" …", False))
    return pieces
