"""Finding terms: one automaton over folded text, overlapping, then the boundary test, then the longest.

Leftmost-longest inside the automaton would lose matches: "ai chips" finds "ai chip", the boundary refuses it, and "ai"
is gone. Spans are code points of the raw text: folding keeps every character's place, and the squeezing of white
space, hyphens and invisible characters keeps a map back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, Implementation

from core.text import fold, is_cjk
from warning.rules.model import Term

_SENTENCE_END = re.compile(r"[.!?。！？；;\n](?=\s|$|[^\x00-\x7f])|[。！？；\n]")
_NEEDS_SQUEEZING = re.compile(r"[\t\n\r\x0b\x0c\-]|  ")
_GAP = re.compile(r"[\s\-‐‑–—]+")


@dataclass(frozen=True)
class Found:
    """A term found: its number in the vocabulary and its span in the raw text."""

    term: int
    start: int
    end: int


@dataclass(frozen=True)
class Prepared:
    """A text ready to be searched: folded and squeezed, with the raw place of every character."""

    raw: str
    folded: str
    places: Sequence[int] | None

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """The raw span of a folded one."""
        if self.places is None:
            return start, end
        return self.places[start], self.places[end - 1] + 1


def prepare(raw: str) -> Prepared:
    """Fold ``raw``, drop invisible characters, and make every run of spaces and hyphens one space."""
    folded = fold(raw)
    if folded.isascii() and not _NEEDS_SQUEEZING.search(folded):
        return Prepared(raw, folded, None)
    kept: list[str] = []
    places: list[int] = []
    previous_gap = False
    for place, char in enumerate(folded):
        if char.isspace() or char in "-‐‑–—":
            if previous_gap:
                continue
            previous_gap = True
            char = " "
        elif ord(char) > 0x7F and unicodedata.category(char) == "Cf":
            continue
        elif char == "\u00ad":
            continue
        else:
            previous_gap = False
        kept.append(char)
        places.append(place)
    text = "".join(kept)
    return Prepared(raw, text, None if len(text) == len(raw) else places)


def pattern_of(term: str) -> str:
    """The form in which a term stands in the automaton."""
    return prepare(term).folded.strip()


def _is_letter(char: str) -> bool:
    """Whether ``char`` continues a Latin, Greek or Cyrillic word or a number; CJK never does."""
    return (char.isalnum() or char == "_") and not is_cjk(char)


def stands_alone(text: str, start: int, end: int) -> bool:
    """The boundary test, only at an edge of the term that is itself a letter: 人工智能AI芯片 holds AI, rich is not in
    Zürich."""
    if _is_letter(text[start]) and start > 0 and _is_letter(text[start - 1]):
        return False
    return not (_is_letter(text[end - 1]) and end < len(text) and _is_letter(text[end]))


class Vocabulary:
    """Every term of every rule, compiled once.

    Args:
        terms: all terms; a term's place is its number. Plural forms of English terms are added here.
    """

    def __init__(self, terms: Sequence[Term]) -> None:
        self.terms = terms
        patterns: dict[str, list[int]] = {}
        for number, term in enumerate(terms):
            for variant in variants(term):
                patterns.setdefault(variant, []).append(number)
        self._patterns = list(patterns)
        self._owners = list(patterns.values())
        self._automaton = AhoCorasick(self._patterns or ["\x00"], implementation=Implementation.ContiguousNFA)

    def find(self, prepared: Prepared) -> list[Found]:
        """Every term that stands in the text by itself; of terms of one clause the caller takes the longest."""
        text = prepared.folded
        found = []
        for number, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if not stands_alone(text, start, end):
                continue
            span = prepared.raw_span(start, end)
            for term in self._owners[number]:
                if self._counts(self.terms[term], prepared, span):
                    found.append(Found(term, *span))
        return found

    def _counts(self, term: Term, prepared: Prepared, span: tuple[int, int]) -> bool:
        if term.is_exact and _GAP.sub(" ", prepared.raw[span[0] : span[1]]) != _GAP.sub(" ", term.text):
            return False
        if not term.need and not term.veto:
            return True
        sentence = fold(prepared.raw[slice(*sentence_at(prepared.raw, *span))])
        if any(_holds(sentence, cue) for cue in term.veto):
            return False
        return not term.need or any(_holds(sentence, cue) for cue in term.need)


def _holds(sentence: str, cue: str) -> bool:
    folded = fold(cue)
    at = sentence.find(folded)
    while at >= 0:
        if stands_alone(sentence, at, at + len(folded)):
            return True
        at = sentence.find(folded, at + 1)
    return False


def sentence_at(text: str, start: int, end: int) -> tuple[int, int]:
    """The span of the sentence (or caption) around a span; at most 400 code points to each side."""
    lowest, highest = max(0, start - 400), min(len(text), end + 400)
    begin = lowest
    for match in _SENTENCE_END.finditer(text, lowest, start):
        # "v. Foo", "Co., Ltd." and initials end no sentence.
        if text[match.start()] != "." or not _is_abbreviation(text, match.start()):
            begin = match.end()
    for match in _SENTENCE_END.finditer(text, end, highest):
        if text[match.start()] != "." or not _is_abbreviation(text, match.start()):
            return begin, match.end()
    return begin, highest


def _is_abbreviation(text: str, dot: int) -> bool:
    word = re.search(r"[^\s.]*$", text[max(0, dot - 6) : dot])
    return word is not None and (len(word.group()) <= 2 or word.group().lower() in {"inc", "ltd", "corp", "cir", "nos"})


_PLURAL = re.compile(r"[a-z]$")


def variants(term: Term) -> Iterable[str]:
    """The folded forms under which a term is searched: itself and, for English phrases, its plural or singular."""
    base = pattern_of(term.text)
    forms = [base] if base else []
    if base and not term.is_exact and base.isascii() and _PLURAL.search(base) and len(base) > 3:
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
