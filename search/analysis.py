"""Words: the same for every engine, made here and indexed on white space.

Latin words and numbers are tokens (accents removed, leading zeros dropped, so 17-cv-189 finds 1:17-cv-00189); runs of
Chinese, Japanese and Korean become overlapping bigrams, and single characters in a second stream, so that any
substring is found and nothing else. A number printed with thousands commas (9,155,544) is also known without them.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from core.text import fold_accents, is_cjk

#: stands between two runs, or the last pair of one and the first of the next would look like a longer run
_BREAK = "\u241f"
#: engines cut longer words into pieces, each in its own way
_LONGEST_WORD = 120
_ZEROS = re.compile(r"^0+(?=\d)")
_GROUPED = re.compile(r"(?<![^\W_])(?<!,)[a-z]{0,2}\d{1,3}(?:,\d{3})+(?![^\W_])(?!,\d)")


@dataclass(frozen=True)
class Token:
    """A token and where it stands in the raw text (code points, half open)."""

    text: str
    start: int
    end: int


@cache
def _runs() -> re.Pattern[str]:
    """Group 1: a run without spaces between words; group 2: a word or number. Follows ``is_cjk`` exactly."""
    points = [p for p in range(0x3040, 0x32000) if is_cjk(chr(p)) and chr(p).isalnum()]
    ends = [a for a, b in pairwise(points) if b != a + 1] + points[-1:]
    begins = points[:1] + [b for a, b in pairwise(points) if b != a + 1]
    kind = "".join(f"{chr(a)}-{chr(b)}" for a, b in zip(begins, ends, strict=True))
    return re.compile(f"([{kind}]+)|([^\\W_{kind}]+)")


def _word(folded: str) -> str:
    if len(folded) > _LONGEST_WORD:
        # Still found when it is asked for whole, and by nothing else.
        return f"\u241d{hashlib.sha256(folded.encode()).hexdigest()}"
    return _ZEROS.sub("", folded) if folded[0] == "0" else folded


def analyse(text: str) -> list[Token]:
    """The first stream: words, and CJK runs as overlapping pairs (a lone character as itself)."""
    tokens: list[Token] = []
    after_run = False
    for match in _runs().finditer(fold_accents(text)):
        run, word = match.groups()
        start, end = match.span()
        if word:
            tokens.append(Token(_word(word), start, end))
        else:
            if after_run:
                tokens.append(Token(_BREAK, start, start))
            if len(run) == 1:
                tokens.append(Token(run, start, end))
            tokens += [Token(a + b, start + i, start + i + 2) for i, (a, b) in enumerate(pairwise(run))]
        after_run = not word
    return tokens


def characters(text: str) -> list[Token]:
    """The second stream: words, and every CJK character by itself."""
    tokens: list[Token] = []
    for match in _runs().finditer(fold_accents(text)):
        run, word = match.groups()
        start, end = match.span()
        if word:
            tokens.append(Token(_word(word), start, end))
        else:
            tokens += [Token(char, start + i, start + i + 1) for i, char in enumerate(run)]
    return tokens


def streams(text: str) -> tuple[list[str], list[str]]:
    """The tokens of :func:`analyse` and :func:`characters` without their places, for indexing at speed.

    The second is empty for a text without CJK: no question that needs it could match there.
    """
    pairs: list[str] = []
    single: list[str] = []
    after_run = has_cjk = False
    for run, word in _runs().findall(fold_accents(text)):
        if word:
            token = _word(word)
            pairs.append(token)
            single.append(token)
            after_run = False
            continue
        if after_run:
            pairs.append(_BREAK)
        if len(run) == 1:
            pairs.append(run)
        else:
            pairs += map(str.__add__, run, run[1:])
        single += run
        after_run = has_cjk = True
    return pairs, single if has_cjk else []


def indexed_form(text: str) -> str:
    """The first stream as a white-space tokenizer reads it."""
    return " ".join(streams(text)[0])


def grouped_numbers(text: str) -> list[Token]:
    """Numbers printed with thousands commas, without them: D579,868 → d579868, 9,155,544 → 9155544."""
    if "," not in text and "，" not in text:
        return []
    found = _GROUPED.finditer(fold_accents(text))
    return [Token(_word(m.group().replace(",", "")), m.start(), m.end()) for m in found]


def has_lone_character(text: str) -> bool:
    """Whether a CJK character stands alone in its run, so that pairs cannot find it inside a longer one."""
    return any(len(run) == 1 for run, _ in _runs().findall(fold_accents(text)))
