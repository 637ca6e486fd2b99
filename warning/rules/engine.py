"""Finding terms: one automaton over folded text, overlapping, then the boundary test; the caller takes the longest.

Leftmost-longest inside the automaton would lose matches: "ai chips" finds "ai chip", the boundary refuses it, and "ai"
is gone. Spans are code points of the raw text: folding keeps every character's place, and the squeezing of white
space, hyphens and invisible characters keeps a map back.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, partial
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation

from core.text import Remembering, fold, fold_table, is_cjk
from warning.rules.model import Term
from warning.rules.sentences import sentence_at

_HYPHENS = "-‐‑‒–—"
_GAP = re.compile(rf"[\s{re.escape(_HYPHENS)}]+")


class Found(NamedTuple):
    """A term found: its number in its group and its span in the raw text."""

    term: int
    start: int
    end: int


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


#: stands for every invisible character in a folded text
_HIDDEN = "\u00ad"
_SQUEEZED = re.compile(rf" [ {_HIDDEN}]+|{_HIDDEN}[ {_HIDDEN}]*| (?=[\u2e80-\U0003ffff])")
_DIGIT = re.compile(r"\d")
_BEFORE_CJK = re.compile(r" (?=[\u2e80-\U0003ffff])")


# tuple.__new__ does what Found(...) does in half the time.
_found = partial(tuple.__new__, Found)


@cache
def _gap_table() -> dict[int, int]:
    """The fold, and every single space, line end and hyphen made a plain space, every invisible character the same."""
    table = fold_table().copy()
    spaces = [p for p in range(sys.maxunicode + 1) if chr(p).isspace()]
    hidden = [p for p in range(0xA0, sys.maxunicode + 1) if unicodedata.category(chr(p)) == "Cf"]
    return Remembering(
        {**table, **dict.fromkeys((*spaces, *map(ord, _HYPHENS)), 32), **dict.fromkeys(hidden, ord(_HIDDEN))}
    )


def prepare(raw: str) -> Prepared:
    """Fold ``raw``, drop invisible characters, make every run of spaces and hyphens one space, and close the gaps
    of white space between characters written without spaces (集成 電路 over a line end)."""
    folded = raw.translate(_gap_table())
    is_plain = "  " not in folded and (
        folded.isascii() or (_HIDDEN not in folded and _BEFORE_CJK.search(folded) is None)
    )
    if is_plain:
        return Prepared(raw, folded, None, _DIGIT.search(folded) is not None)
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
        return Prepared(raw, folded, None)
    pieces.append(folded[at:])
    places.extend(range(at, len(folded)))
    text = "".join(pieces)
    return Prepared(raw, text, None if len(text) == len(raw) else places)


def _is_wrap(run: str) -> bool:
    """White space inside a paragraph: a line end or spacing, not a hyphen and not an empty line."""
    return not any(c in _HYPHENS for c in run) and run.count("\n") < 2


def _between_cjk(text: str, start: int, end: int) -> bool:
    return start > 0 and end < len(text) and is_cjk(text[start - 1]) and is_cjk(text[end])


def pattern_of(term: str) -> str:
    """The form in which a term stands in the automaton."""
    return prepare(term).folded.strip()


class _Letters(dict[str, bool]):
    """Whether a character continues a Latin, Greek or Cyrillic word or a number; CJK never does. Remembers."""

    def __missing__(self, char: str) -> bool:
        answer = self[char] = (char.isalnum() or char == "_") and not is_cjk(char)
        return answer


_LETTER = _Letters()


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


#: (test, plain, others): how the boundary of a pattern is tested; the terms that stand wherever it is met, as
#: (group, number); and those that are tested one by one
_Pattern = tuple[int, tuple[tuple[int, int], ...], tuple[_Owner, ...]]
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
            return _EACH, (), tuple(owners)
        return (
            test,
            tuple((o.group, o.term) for o in owners if o.checked is None),
            tuple(o for o in owners if o.checked is not None),
        )

    def find(self, prepared: Prepared, languages: frozenset[str] | None = None) -> list[list[Found]]:
        """For each group, every term that stands in the text by itself, overlapping ones included; of the words of one
        language only those of ``languages``."""
        _, text, places, _ = prepared
        size = len(text)
        letter = _LETTER
        found: list[list[Found]] = [[] for _ in range(self._groups)]
        read = self._read.get(languages)
        if read is None:
            read = self._read[languages] = [False] * len(self._owners)
        for number, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            pattern = read[number]
            if pattern is False:
                pattern = read[number] = self._pattern(number, languages)
            if not pattern:
                continue
            test, plain, others = pattern  # type: ignore[misc]
            if test == _BOTH_ENDS and (
                (start and letter[text[start - 1]]) or (end < size and letter[text[end]])
            ):
                continue
            begin, stop = (start, end) if places is None else (places[start], places[end - 1] + 1)
            for group, term in plain:
                found[group].append(_found((term, begin, stop)))
            for owner in others:
                if test == _EACH and not _stands(owner, text, start, end):
                    continue
                if owner.checked is None or _counts(owner.checked, prepared, (begin, stop)):
                    found[owner.group].append(_found((owner.term, begin, stop)))
        return found


def _stands(owner: _Owner, text: str, start: int, end: int) -> bool:
    """The boundary test at the ends that the term does not leave open."""
    if owner.opens and start and _LETTER[text[start]] and _LETTER[text[start - 1]]:
        return False
    return not (owner.closes and end < len(text) and _LETTER[text[end - 1]] and _LETTER[text[end]])


def _counts(term: Term, prepared: Prepared, span: tuple[int, int]) -> bool:
    if term.is_exact:
        written = _GAP.sub(" ", prepared.raw[span[0] : span[1]])
        wanted = _GAP.sub(" ", term.text)
        if written not in (wanted, f"{wanted}s"):
            return False
    if not term.need and not term.veto:
        return True
    sentence = fold(prepared.raw[slice(*sentence_at(prepared.raw, *span))])
    if any(holds(sentence, cue) for cue in term.veto):
        return False
    return not term.need or any(holds(sentence, cue) for cue in term.need)


def holds(folded: str, cue: str) -> bool:
    """Whether ``cue`` stands by itself in a folded text."""
    wanted = fold(cue)
    at = folded.find(wanted)
    while at >= 0:
        if stands_alone(folded, at, at + len(wanted)):
            return True
        at = folded.find(wanted, at + 1)
    return False


def longest(hits: Sequence[Found]) -> list[Found]:
    """Of overlapping hits the longest, then the first; in order of place."""
    if len(hits) < 2:
        return list(hits)
    chosen: list[Found] = []
    for hit in sorted(hits, key=lambda h: (h.start - h.end, h.start, h.term)):
        if all(hit.end <= c.start or c.end <= hit.start for c in chosen):
            chosen.append(hit)
    return sorted(chosen, key=lambda h: h.start)


_ENDS_IN_LETTER = re.compile(r"[a-z]$")


def variants(term: Term) -> Iterable[str]:
    """The folded forms under which a term is searched: itself and, for English phrases, its plural or singular."""
    base = pattern_of(term.text)
    forms = [base] if base else []
    if not base or not base.isascii() or not _ENDS_IN_LETTER.search(base) or term.ends_inside:
        return forms
    if term.is_exact:
        return [*forms, f"{base}s"] if len(base) > 1 else forms
    if len(base) <= 3:
        return forms
    if base.endswith("ies"):
        forms.append(base[:-3] + "y")
    elif base.endswith(("ss", "sh", "ch", "x", "us", "is")):
        forms.append(base + "es")
    elif base.endswith("s"):
        forms.append(base[:-1])
    elif base.endswith("y") and base[-2:-1] not in "aeiou":
        forms.append(base[:-1] + "ies")
    else:
        forms.append(base + "s")
    return forms
