"""Firms of the centre's own city are not named in public unless the drafter says so. Pure.

A name is hidden in every form the resolver knows it by, and by the word it begins with where that word is no ordinary
one: whole, without its legal form and trade, its brand, in pinyin. A text that
holds one of them is refused, not mended: the drafter decides what it should say instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from cases.names import is_ordinary_word, normalise, pinyin_core, split_aliases
from core.text import fold, fold_accents, is_cjk

#: letters from which one word, or a name without its spaces, is one firm's and no ordinary word
_TELLING_WORD, _TELLING_JOINED = 5, 6
_WORDS = re.compile(r"[^\W_]+")


def masked_as(letter: str) -> tuple[str, str]:
    """What is printed for a firm that is not named, (zh, en)."""
    return f"本市企业{letter}", f"local firm {letter}"


def letter_of(position: int) -> str:
    """A, B … Z, AA, AB …"""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


@dataclass(frozen=True)
class _Form:
    name: str
    words: tuple[str, ...]
    han: tuple[str, ...]
    joined: tuple[str, ...]


class Hidden:
    """The names that must not be printed.

    Args:
        names: every name of every firm that is not named, and of the parties they are.
    """

    def __init__(self, names: Iterable[str]) -> None:
        told = [part for name in names for part in split_aliases(name)]
        self._forms = [_form(name) for name in dict.fromkeys(told)]

    def found_in(self, text: str) -> str | None:
        """The first hidden name that ``text`` holds in any form, or None."""
        if not text or not self._forms:
            return None
        folded = fold_accents(fold(unicodedata.normalize("NFKC", text)))
        tokens = _WORDS.findall("".join(" " if is_cjk(c) else c for c in folded))
        words, joined = f" {' '.join(tokens)} ", set(tokens)
        # Two or three words written apart may be one name written together.
        joined |= {"".join(tokens[i : i + n]) for n in (2, 3) for i in range(len(tokens) - n + 1)}
        han = "".join(c for c in folded if is_cjk(c))
        for form in self._forms:
            if (
                any(f" {w} " in words for w in form.words)
                or any(h in han for h in form.han)
                or any(j in joined for j in form.joined)
            ):
                return form.name
        return None


def _form(name: str) -> _Form:
    parts = normalise(name)
    exact = " ".join(_WORDS.findall("".join(" " if is_cjk(c) else c for c in parts.exact)))
    core = " ".join(" ".join(parts.core).replace("&", " ").replace("/", " ").split())
    words = [exact] if len(exact.replace(" ", "")) >= 3 else []
    if len(core) >= _TELLING_WORD or " " in core:
        words.append(core)
    brand, han_brand = core.split(" ")[0], parts.zh[:2]
    if len(brand) >= _TELLING_WORD and not is_ordinary_word(brand):
        words.append(brand)
    told = [core.replace(" ", ""), pinyin_core(parts.zh)]
    han = [parts.zh] if len(parts.zh) >= 2 else []
    if len(han_brand) == 2 and not is_ordinary_word(han_brand):
        han.append(han_brand)
        told.append(pinyin_core(han_brand))
    joined = [j for j in told if len(j) >= _TELLING_JOINED]
    return _Form(name, tuple(words), tuple(han), tuple(joined))
