"""Where the sentence around a span begins and ends: good enough for captions, notices and news in four scripts."""

from __future__ import annotations

import re

_END = re.compile(r"[.!?](?=\s|$|[^\x00-\x7f])|[。！？；;\n]")
#: how far a sentence is followed to each side, in code points
_FARTHEST = 400
_ABBREVIATIONS = frozenset({"inc", "ltd", "corp", "cir", "nos", "pat", "reg", "app", "dist", "dept", "usc"})


def sentence_at(text: str, start: int, end: int) -> tuple[int, int]:
    """The span of the sentence (or caption) around a span; at most 400 code points to each side."""
    lowest, highest = max(0, start - _FARTHEST), min(len(text), end + _FARTHEST)
    begin = lowest
    for match in _END.finditer(text, lowest, start):
        # "v. Foo", "Co., Ltd." and initials end no sentence.
        if text[match.start()] != "." or not _is_abbreviation(text, match.start()):
            begin = match.end()
    for match in _END.finditer(text, end, highest):
        if text[match.start()] != "." or not _is_abbreviation(text, match.start()):
            return begin, match.end()
    return begin, highest


def _is_abbreviation(text: str, dot: int) -> bool:
    words = text[max(0, dot - 6) : dot].replace(".", " ").split(" ")
    return len(words[-1]) <= 2 or words[-1].lower() in _ABBREVIATIONS
