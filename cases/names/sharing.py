"""What two names must share to be alike at all, so that a hundred thousand names need not each be compared.

Every rule of :class:`cases.names.index.NameIndex` rests on something both names hold: the same words, a telling word, the
same letters but one, two Chinese characters. Two names that share none of these are never a match; that is tested against
the index itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rapidfuzz.distance import OSA

from cases.names.aliases import names_in, split_aliases
from cases.names.index import LONG_ENOUGH, halves
from cases.names.model import Normalised
from cases.names.normal import normalise, pinyin_core, pinyin_whole
from cases.names.words import words

Key = tuple[str, str]


def kept_keys(name: str) -> set[Key]:
    """Under what a name is kept."""
    return {key for parts in _variants(name) for key in (*_both(parts), *_kept(parts))}


def asked_keys(name: str) -> set[Key]:
    """By what names are asked for that may be alike to this one."""
    return {key for parts in _variants(name) for key in (*_both(parts), *_asked(parts))}


def letters_of(name: str) -> frozenset[str]:
    """The Latin cores of a name, as any of its parts writes them; "" for none."""
    return frozenset(parts.joined for parts in _variants(name))


def near_in_letters(ours: Iterable[str], theirs: Iterable[str]) -> bool:
    """Whether two names' Latin cores (:func:`letters_of`) are at most one edit apart."""
    return any(OSA.distance(one, other, score_cutoff=1) <= 1 for one in ours for other in theirs)


def _variants(name: str) -> Iterator[Normalised]:
    for one in {name, *(found for found, _ in names_in(name)), *split_aliases(name)}:
        yield normalise(one)


def _both(parts: Normalised) -> Iterator[Key]:
    yield "plain", parts.plain or parts.key
    for letters in (parts.joined, pinyin_core(parts.zh), pinyin_whole(parts)):
        if letters:
            yield "letters", letters
    if len(parts.core) > 1:
        yield "sorted", " ".join(sorted(parts.core))
    for word in parts.core:
        # An ordinary word alone is nobody's.
        if len(word) >= 2 and not words().is_ordinary(word):
            yield "word", word


def _kept(parts: Normalised) -> Iterator[Key]:
    if len(parts.joined) >= LONG_ENOUGH:
        yield from (("half", half) for half in halves(parts.joined, len(parts.joined)))
    if len(parts.zh) >= 2:
        yield "begins", parts.zh[:2]
        yield from (("holds", pair) for pair in _pairs(parts.zh))


def _asked(parts: Normalised) -> Iterator[Key]:
    joined = parts.joined
    for length in (len(joined) - 1, len(joined), len(joined) + 1) if len(joined) >= LONG_ENOUGH else ():
        yield from (("half", half) for half in halves(joined, length))
    if len(parts.zh) >= 2:
        yield "holds", parts.zh[:2]
        yield from (("begins", pair) for pair in _pairs(parts.zh))


def _pairs(zh: str) -> list[str]:
    return [zh[at : at + 2] for at in range(len(zh) - 1)]
