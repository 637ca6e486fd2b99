"""Offset-safe folding: text is compared in a folded form whose every character stands where the original's did.

Folding is one code point to one code point (NFKC and lower case where the result has length one, traditional to
simplified Chinese for single characters, plain quotation marks), so a span found in the folded text is a span of the original. Characters
that fold to several (ﬁ, ㍿, İ) are left as they are. Vocabulary is not folded: 積體電路 stays 积体电路, which is
why Taiwan terms stand in the rules beside the mainland's.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache

import opencc

_BLANK_IN_CJK = re.compile(
    r"(?<=[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]) (?=[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff])"
)


class Remembering(dict[int, int]):
    """Code point -> code point. One that folds to itself is remembered: a look-up that fails costs as much as ten."""

    def __missing__(self, point: int) -> int:
        # Beyond the BMP are more characters than are worth the memory.
        if point <= 0xFFFF:
            self[point] = point
        return point


@cache
def fold_table() -> dict[int, int]:
    """Code point -> code point, for ``str.translate``."""
    # Typographic quotation marks are the plain ones, so that breeders’ rights finds breeders' rights.
    table: dict[int, int] = {0x2018: 0x27, 0x2019: 0x27, 0x201C: 0x22, 0x201D: 0x22}
    for point in range(sys.maxunicode + 1):
        if 0xD800 <= point <= 0xDFFF:
            continue
        char = chr(point)
        folded = unicodedata.normalize("NFKC", char).lower()
        if len(folded) == 1 and folded != char:
            table[point] = ord(folded)
    ideographs = [chr(p) for p in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000), *range(0xF900, 0xFB00))]
    simplified = opencc.OpenCC("t2s").convert("\n".join(ideographs)).split("\n")
    for char, simple in zip(ideographs, simplified, strict=True):
        if len(simple) == 1 and simple != char:
            table[ord(char)] = ord(simple)
    return Remembering(table)


@cache
def _accent_table() -> dict[int, int]:
    table = Remembering(fold_table())
    for point in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(table.get(point, point)))[0].lower()
        if base.isascii():
            table[point] = ord(base)
    return table


def fold(text: str) -> str:
    """``text`` folded for rules and names; ``len(fold(t)) == len(t)`` always."""
    if text.isascii():
        # The same by the table, many times as fast.
        return text.lower()
    return text.translate(fold_table())


def fold_accents(text: str) -> str:
    """As :func:`fold`, and Latin accents removed (Zürich → zurich): for search, where a reader may not type them."""
    if text.isascii():
        return text.lower()
    return text.translate(_accent_table())


def is_cjk(char: str) -> bool:
    """Whether ``char`` is written without spaces between words (Han, kana, hangul are treated alike)."""
    point = ord(char)
    return (
        0x3040 <= point <= 0x30FF
        or 0x3400 <= point <= 0x4DBF
        or 0x4E00 <= point <= 0x9FFF
        or 0xAC00 <= point <= 0xD7AF
        or 0xF900 <= point <= 0xFAFF
        or 0x20000 <= point <= 0x3134F
    )


def collapse(text: str) -> str:
    """``text`` with runs of white space made one space, format characters (zero width, soft hyphen) removed, trimmed."""
    if not text.isascii():
        # A text has few distinct characters, however long it is.
        for char in {char for char in set(text) if unicodedata.category(char) == "Cf"}:
            text = text.replace(char, "")
    return " ".join(text.split())


def other_number(phrase: str) -> str:
    """The plural of an English phrase in small letters, or the singular of one that looks like a plural; "" where it has
    neither: it is not ASCII, has three signs or fewer, or ends in no letter."""
    if len(phrase) <= 3 or not phrase.isascii() or not phrase[-1].islower():
        return ""
    if phrase.endswith("ies"):
        return phrase[:-3] + "y"
    if phrase.endswith(("ss", "sh", "ch", "x", "us", "is")):
        return phrase + "es"
    if phrase.endswith("s"):
        return phrase[:-1]
    if phrase.endswith("y") and phrase[-2] not in "aeiou":
        return phrase[:-1] + "ies"
    return phrase + "s"


def join_cjk(text: str) -> str:
    """``text`` without the blanks between Han or kana: a line's end or a typist's habit, never a boundary of words."""
    return text if text.isascii() else _BLANK_IN_CJK.sub("", text)
