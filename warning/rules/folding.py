"""A text made ready to be searched: folded, and its gaps squeezed, every character keeping its raw place.

Lower case is what the fold does to nearly every character, and ``str.lower`` is twenty times as fast as a table. So only
the others are looked for, and replaced one kind at a time; a text with many kinds of them (traditional Chinese) goes
through the table.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from core.text import Remembering, fold_table, is_cjk

HYPHENS = "-‐‑‒–—"
#: stands for every invisible character in a folded text
_HIDDEN = "\u00ad"
_SQUEEZED = re.compile(rf" [ {_HIDDEN}]+|{_HIDDEN}[ {_HIDDEN}]*| (?=[\u2e80-\U0003ffff])")
_BEFORE_CJK = re.compile(r" [\u2e80-\U0003ffff]")
_DIGITS = b"0123456789"


class Prepared(NamedTuple):
    """A text ready to be searched: folded and squeezed, with the raw place of every character."""

    raw: str
    folded: str
    places: Sequence[int] | None
    #: whether any digit stands in it: most of what has a grammar needs one
    has_digit: bool = True

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """The raw span of a folded one."""
        if self.places is None:
            return start, end
        return self.places[start], self.places[end - 1] + 1


@cache
def _gap_table() -> dict[int, int]:
    """The fold, and every single space, line end and hyphen made a plain space, every invisible character the same."""
    table = fold_table().copy()
    spaces = [p for p in range(sys.maxunicode + 1) if chr(p).isspace()]
    hidden = [p for p in range(0xA0, sys.maxunicode + 1) if unicodedata.category(chr(p)) == "Cf"]
    return Remembering(
        {**table, **dict.fromkeys((*spaces, *map(ord, HYPHENS)), 32), **dict.fromkeys(hidden, ord(_HIDDEN))}
    )


class _Folding:
    """The fold with gaps, done by ``str.lower`` and what lower case does not do.

    Attributes:
        table: the fold, for ``str.translate``.
        plain: a character whose fold is not its lower case -> its fold, where the order of replacing is of no matter.
        others: finds these, every digit but the ASCII ones, and whatever stands beyond the BMP.
    """

    def __init__(self) -> None:
        self.table = _gap_table()
        # Lower case makes two characters of İ, and of a final sigma what its place asks for.
        points = {
            p: to
            for p in range(0x10000)
            if (to := self.table.get(p, p)) != p or chr(p).lower() != chr(p)
            if p == 0x3A3 or chr(p).lower() != chr(to)
        }
        self.plain = {
            chr(p): chr(to) for p, to in points.items() if to not in points and chr(to).lower() == chr(to)
        }
        digits = {p for p in range(0x80, 0x10000) if chr(p).isdecimal()}
        # A bitmap of the BMP and one range are thirty times as fast as all the ranges beyond it.
        self.others = re.compile(f"[{_ranges({*points, *digits})}\\U00010000-\\U0010ffff]")

    def fold(self, raw: str) -> tuple[str, bool]:
        """``raw`` by the table, and whether a digit that is not ASCII stands in it."""
        chars = set(self.others.findall(raw))
        has_digit = False
        folded = raw
        for char in chars:
            has_digit = has_digit or char.isdecimal()
            to = self.plain.get(char)
            if to is not None:
                folded = folded.replace(char, to)
            elif not char.isdecimal() or char > "\uffff":
                return raw.translate(self.table), any(map(str.isdecimal, chars))
        return folded.lower(), has_digit


_folding = cache(_Folding)


def _ranges(points: set[int]) -> str:
    """A set of code points as the inside of a character class."""
    out: list[list[int]] = []
    for point in sorted(points):
        if out and point == out[-1][1] + 1:
            out[-1][1] = point
        else:
            out.append([point, point])
    return "".join(f"\\u{first:04x}-\\u{last:04x}" for first, last in out)


def prepare(raw: str) -> Prepared:
    """Fold ``raw``, drop invisible characters, make every run of spaces and hyphens one space, and close the gaps
    of white space between characters written without spaces (集成 電路 over a line end)."""
    has_digit = False
    if is_ascii := raw.isascii():
        folded = raw.translate(_gap_table())
    else:
        folded, has_digit = _folding().fold(raw)
    if not has_digit:
        written = raw.encode("utf-8", "surrogatepass")
        has_digit = len(written.translate(None, _DIGITS)) < len(written)
    if "  " not in folded and (is_ascii or (_HIDDEN not in folded and _BEFORE_CJK.search(folded) is None)):
        return Prepared(raw, folded, None, has_digit)
    pieces: list[str] = []
    places: list[int] = []
    at = 0
    for run in _SQUEEZED.finditer(folded):
        start, end = run.span()
        pieces.append(folded[at:start])
        places.extend(range(at, start))
        if " " in run.group() and not (_is_wrap(raw[start:end]) and _between_cjk(folded, start, end)):
            pieces.append(" ")
            places.append(start)
        at = end
    if not pieces:
        return Prepared(raw, folded, None, has_digit)
    pieces.append(folded[at:])
    places.extend(range(at, len(folded)))
    text = "".join(pieces)
    return Prepared(raw, text, None if len(text) == len(raw) else places, has_digit)


def _is_wrap(run: str) -> bool:
    """White space inside a paragraph: a line end or spacing, not a hyphen and not an empty line."""
    return not any(c in HYPHENS for c in run) and run.count("\n") < 2


def _between_cjk(text: str, start: int, end: int) -> bool:
    return start > 0 and end < len(text) and is_cjk(text[start - 1]) and is_cjk(text[end])
