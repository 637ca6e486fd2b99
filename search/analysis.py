"""Words: the same for every engine, made here and indexed on white space.

Latin words and numbers are tokens (accents removed, leading zeros dropped, so 17-cv-189 finds 1:17-cv-00189); runs of
Chinese, Japanese and Korean become overlapping bigrams, and single characters in a second stream, so that any
substring is found and nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.text import fold_accents, is_cjk

_WORD = re.compile(r"[^\W_]+")
#: stands between two runs, or the last pair of one and the first of the next would look like a longer run
_BREAK = "\u241f"
_ZEROS = re.compile(r"^0+(?=\d)")


@dataclass(frozen=True)
class Token:
    """A token and where it stands in the raw text (code points, half open)."""

    text: str
    start: int
    end: int
    is_cjk: bool


def characters(text: str) -> list[Token]:
    """Tokens with every CJK character by itself."""
    folded = fold_accents(text)
    tokens: list[Token] = []
    for word in _WORD.finditer(folded):
        start = word.start()
        while start < word.end():
            end = start + 1
            if is_cjk(folded[start]):
                tokens.append(Token(folded[start], start, end, True))
            else:
                while end < word.end() and not is_cjk(folded[end]):
                    end += 1
                tokens.append(Token(_ZEROS.sub("", folded[start:end]), start, end, False))
            start = end
    return tokens


def bigrams(tokens: list[Token]) -> list[str]:
    """The stream that is indexed and asked first: CJK runs as overlapping pairs, a lone character as itself."""
    out: list[str] = []
    run: list[Token] = []

    def flush() -> None:
        if len(run) == 1:
            out.append(run[0].text)
        out.extend(a.text + b.text for a, b in zip(run, run[1:], strict=False))
        run.clear()

    for token in tokens:
        if not token.is_cjk:
            flush()
            out.append(token.text)
            continue
        if run and run[-1].end != token.start:
            flush()
            out.append(_BREAK)
        run.append(token)
    flush()
    return out


def has_lone_character(tokens: list[Token]) -> bool:
    """Whether a CJK character stands alone in its run, so that pairs cannot find it inside a longer one."""
    return any(
        token.is_cjk
        and not (i > 0 and tokens[i - 1].is_cjk and tokens[i - 1].end == token.start)
        and not (i + 1 < len(tokens) and tokens[i + 1].is_cjk and tokens[i + 1].start == token.end)
        for i, token in enumerate(tokens)
    )
