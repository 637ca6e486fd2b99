"""Finding terms: one automaton over folded text, overlapping, then the boundary test; the caller takes the longest.

Leftmost-longest inside the automaton would lose matches: "ai chips" finds "ai chip", the boundary refuses it, and "ai"
is gone. Spans are code points of the raw text: folding keeps every character's place, and the squeezing of white
space, hyphens and invisible characters keeps a map back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

from ahocorasick_rs import AhoCorasick, Implementation

from core.text import fold, is_cjk, other_number
from warning.rules.folding import HYPHENS, Prepared, prepare
from warning.rules.model import Term
from warning.rules.sentences import sentence_at

__all__ = [
    "Found",
    "Hit",
    "Prepared",
    "Vocabulary",
    "found_of",
    "holds",
    "longest",
    "pattern_of",
    "prepare",
    "variants",
]

_GAP = re.compile(rf"[\s{re.escape(HYPHENS)}]+")


class Found(NamedTuple):
    """A term found: its number in its group and its span in the raw text."""

    term: int
    start: int
    end: int


#: a Found without its names
Hit = tuple[int, int, int]
# tuple.__new__ does what Found(...) does in half the time.
found_of = partial(tuple.__new__, Found)


def pattern_of(term: str) -> str:
    """The form in which a term stands in the automaton."""
    return prepare(term).folded.strip()


class _Letters(dict[str, bool]):
    """Whether a character continues a Latin, Greek or Cyrillic word or a number; CJK never does. Remembers."""

    def __missing__(self, char: str) -> bool:
        answer = self[char] = (char.isalnum() or char == "_") and not is_cjk(char)
        return answer


_LETTER = _Letters()
#: of a character written in Latin-1 whether it is a letter, as one byte; of one that cannot be written so (a question
#: mark) that one has to look
_IS_LETTER, _LOOK = 1, 2
_LATIN = bytes(_LOOK if p == ord("?") else _IS_LETTER if _LETTER[chr(p)] else 0 for p in range(256))


def stands_alone(text: str, start: int, end: int) -> bool:
    """The boundary test, only at an edge of the term that is itself a letter: 人工智能AI芯片 holds AI, rich is not in
    Zürich."""
    if start > 0 and _LETTER[text[start]] and _LETTER[text[start - 1]]:
        return False
    return not (end < len(text) and _LETTER[text[end - 1]] and _LETTER[text[end]])


class _Owner(NamedTuple):
    """A term a pattern stands for, and what is still to be tested."""

    group: int
    term: int
    language: str
    opens: bool
    closes: bool
    checked: Term | None


#: (test, own, further): how the boundary of a pattern is tested; the terms that stand wherever it is met, those of the
#: first group by number; further, if there are any, those of other groups as (group, number), and those that are tested
#: one by one
_Pattern = tuple[int, tuple[int, ...], tuple[tuple[tuple[int, int], ...], tuple[_Owner, ...]] | None]
#: no test: neither end is a letter; both: both ends are and all terms stand alone; each: tested for each term
_NO_TEST, _BOTH_ENDS, _EACH = range(3)


class Vocabulary:
    """Every term of every reader, compiled once into one automaton.

    Args:
        groups: the terms of each reader; a term's place in its group is its number. Plurals of English terms are
            added here.
    """

    def __init__(self, *groups: Sequence[Term]) -> None:
        self._groups = len(groups)
        patterns: dict[str, list[_Owner]] = {}
        for group, terms in enumerate(groups):
            for number, term in enumerate(terms):
                checked = term if term.is_exact or term.need or term.veto else None
                owner = _Owner(
                    group, number, term.language, not term.starts_inside, not term.ends_inside, checked
                )
                for variant in variants(term):
                    patterns.setdefault(variant, []).append(owner)
        self._patterns = list(patterns)
        self._owners = list(patterns.values())
        # How each choice of languages reads the patterns; there are few choices, and few patterns that are ever met.
        self._read: dict[frozenset[str] | None, list[_Pattern | bool | None]] = {}
        self._automaton = AhoCorasick(self._patterns or ["\x00"], implementation=Implementation.ContiguousNFA)

    @property
    def patterns(self) -> Sequence[str]:
        """The distinct folded forms searched for."""
        return self._patterns

    def _pattern(self, number: int, languages: frozenset[str] | None) -> _Pattern | None:
        """A pattern as ``languages`` read it; None where none of its terms is of them."""
        owners = [
            o for o in self._owners[number] if languages is None or not o.language or o.language in languages
        ]
        if not owners:
            return None
        first, last = _LETTER[self._patterns[number][0]], _LETTER[self._patterns[number][-1]]
        if not first and not last:
            test = _NO_TEST
        elif first and last and all(o.opens and o.closes for o in owners):
            test = _BOTH_ENDS
        else:
            return _EACH, (), ((), tuple(owners))
        own = tuple(o.term for o in owners if o.checked is None and o.group == 0)
        plain = tuple((o.group, o.term) for o in owners if o.checked is None and o.group > 0)
        others = tuple(o for o in owners if o.checked is not None)
        return test, own, (plain, others) if plain or others else None

    def find(self, prepared: Prepared, languages: frozenset[str] | None = None) -> list[list[Found]]:
        """For each group, every term that stands in the text by itself, overlapping ones included; of the words of one
        language only those of ``languages``."""
        return [list(map(found_of, hits)) for hits in self.spans(prepared, languages)]

    def spans(self, prepared: Prepared, languages: frozenset[str] | None = None) -> list[list[Hit]]:
        """As :meth:`find`, without names for what a hit consists of: they cost as much as finding it."""
        _, text, places, _ = prepared
        # One byte for each character, and one for either end: to look up a character is three times as slow.
        letters = f" {text} ".encode("latin-1", "replace").translate(_LATIN)
        found: list[list[Hit]] = [[] for _ in range(self._groups)]
        add = found[0].append
        read = self._read.get(languages)
        if read is None:
            read = self._read[languages] = [False] * len(self._owners)
        for number, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            pattern = read[number]
            if not pattern:
                if pattern is None:
                    continue
                pattern = read[number] = self._pattern(number, languages)
                if pattern is None:
                    continue
            test, own, further = pattern  # type: ignore[misc]
            if test == _BOTH_ENDS and (letters[start] or letters[end + 1]):
                before, after = letters[start], letters[end + 1]
                if before == _IS_LETTER or after == _IS_LETTER:
                    continue
                if (before and _LETTER[text[start - 1]]) or (after and _LETTER[text[end]]):
                    continue
            begin, stop = (start, end) if places is None else (places[start], places[end - 1] + 1)
            for term in own:
                add((term, begin, stop))
            if further is not None:
                plain, others = further
                for group, term in plain:
                    found[group].append((term, begin, stop))
                for owner in others:
                    if test == _EACH and not _stands(owner, text, start, end):
                        continue
                    if owner.checked is None or _counts(owner.checked, prepared, (begin, stop)):
                        found[owner.group].append((owner.term, begin, stop))
        return found


def _stands(owner: _Owner, text: str, start: int, end: int) -> bool:
    """The boundary test at the ends that the term does not leave open."""
    if owner.opens and start and _LETTER[text[start]] and _LETTER[text[start - 1]]:
        return False
    return not (owner.closes and end < len(text) and _LETTER[text[end - 1]] and _LETTER[text[end]])


def _counts(term: Term, prepared: Prepared, span: tuple[int, int]) -> bool:
    if term.is_exact:
        written, wanted = prepared.raw[span[0] : span[1]], term.text
        if written != wanted:
            wanted = _GAP.sub(" ", wanted)
            if _GAP.sub(" ", written) not in (wanted, f"{wanted}s"):
                return False
    if not term.need and not term.veto:
        return True
    # Most cues stand nowhere in the text: then there is no need to look where the sentence ends.
    text = fold(prepared.raw)
    need, veto = ([cue for cue in cues if fold(cue) in text] for cues in (term.need, term.veto))
    if term.need and not need:
        return False
    if not need and not veto:
        return True
    sentence = fold(prepared.raw[slice(*sentence_at(prepared.raw, *span))])
    if any(holds(sentence, cue) for cue in veto):
        return False
    return not term.need or any(holds(sentence, cue) for cue in need)


def holds(folded: str, cue: str) -> bool:
    """Whether ``cue`` stands by itself in a folded text."""
    wanted = fold(cue)
    at = folded.find(wanted)
    while at >= 0:
        if stands_alone(folded, at, at + len(wanted)):
            return True
        at = folded.find(wanted, at + 1)
    return False


AnyHit = TypeVar("AnyHit", bound=Hit)


def longest(hits: Sequence[AnyHit]) -> list[AnyHit]:
    """Of overlapping hits the longest, then the first; in order of place."""
    end = 0
    for hit in hits:
        if hit[1] < end:
            break
        end = hit[2]
    else:
        # Most stand one after the other.
        return list(hits)
    chosen: list[AnyHit] = []
    for hit in sorted(hits, key=lambda h: (h[1] - h[2], h[1], h[0])):
        _, start, end = hit
        for _, other_start, other_end in chosen:
            if start < other_end and other_start < end:
                break
        else:
            chosen.append(hit)
    return sorted(chosen, key=lambda h: h[1])


_ENDS_IN_LETTER = re.compile(r"[a-z]$")


def variants(term: Term) -> Iterable[str]:
    """The folded forms under which a term is searched: itself and, for English phrases, its plural or singular."""
    base = pattern_of(term.text)
    forms = [base] if base else []
    if not base or not base.isascii() or not _ENDS_IN_LETTER.search(base) or term.ends_inside:
        return forms
    if term.is_exact:
        return [*forms, f"{base}s"] if len(base) > 1 else forms
    other = other_number(base)
    return [*forms, other] if other else forms
