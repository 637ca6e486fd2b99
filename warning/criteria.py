"""What a watch profile asks for, and which profiles a case answers. Pure: values in, values out.

Between the kinds of criteria stands *and*, within a kind *or*: one of the industries, and one of the regions, and one of
the dispute types, and one of the names; and none of the excluded words. A kind with nothing in it asks for nothing. Names
are words, competitors, rights and exhibitions together: a firm that names a competitor and a patent wants to hear of
either. A competitor is read in the parties and the caption, a right among the case's rights.
Words are compared folded (case, width, accents, traditional and simplified); a Latin word stands alone, a Chinese one
may stand anywhere. They are read in the caption, the title, the text and the parties' names.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ahocorasick_rs import AhoCorasick, Implementation

from core.text import collapse, fold_accents, is_cjk

Key = TypeVar("Key", bound=Hashable)
#: kinds of tags a profile may ask for, in the order reasons are told
TAG_KINDS = ("industry", "region", "dispute_type")


@dataclass(frozen=True)
class Criteria:
    """What one profile asks for; ids are the taxonomy's, regions are codes."""

    industries: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    dispute_types: frozenset[str] = frozenset()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    competitors: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    exhibitions: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether nothing narrows it: to leave out some words is not yet to ask for something."""
        return not (self.industries or self.regions or self.dispute_types or self.names)

    @property
    def names(self) -> tuple[str, ...]:
        """Everything of which one must be named."""
        return (*self.include, *self.competitors, *self.rights, *self.exhibitions)

    @property
    def words(self) -> tuple[str, ...]:
        """Names that are looked for in texts."""
        return (*self.include, *self.competitors, *self.exhibitions)

    def wanted(self, kind: str) -> frozenset[str]:
        """The values of one kind of tag."""
        return {"industry": self.industries, "region": self.regions, "dispute_type": self.dispute_types}[kind]


@dataclass(frozen=True)
class Facts:
    """What of a case is compared: its tags by kind, its texts by field, and the numbers of its rights as
    :func:`right_keys` writes them."""

    tags: Mapping[str, frozenset[str]]
    texts: Sequence[tuple[str, str]]
    rights: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Hit:
    """One reason: a tag's kind and value; or a word, competitor, right or exhibition, and the field it stands in."""

    kind: str
    value: str
    field: str = ""


def folded_word(word: str) -> str:
    """A word as it is compared."""
    return fold_accents(collapse(word))


_KIND_CODE = re.compile(r"(?<=[0-9]{5})[A-Z][0-9]?$")
#: a competitor is a party; that a text mentions it is no dispute of its own
_PARTY_FIELDS = ("parties", "caption")


def right_keys(number: str) -> frozenset[str]:
    """How the number of a right is compared: letters and digits without a kind code, and its digits alone, for whoever
    names no country (US 9,123,456 B2 -> US9123456, 9123456)."""
    plain = _KIND_CODE.sub("", "".join(char for char in number.upper() if char.isascii() and char.isalnum()))
    digits = "".join(char for char in plain if char.isdigit())
    return frozenset(key for key in (plain, digits if len(digits) >= 5 else "") if key)


def _asked_right(number: str) -> str:
    """The key a profile asks for: whoever names a country asks for that one."""
    return max(right_keys(number), key=len, default="")


class Evaluator(Generic[Key]):
    """Many profiles, asked at once: one automaton finds every word of every profile in one pass over a case, and only
    profiles of which something was found are looked at.

    Args:
        profiles: criteria by whatever key the caller has; open criteria match nothing.
    """

    def __init__(self, profiles: Mapping[Key, Criteria]) -> None:
        self._profiles = {key: asked for key, asked in profiles.items() if not asked.is_open}
        words = dict.fromkeys(
            folded_word(word)
            for asked in self._profiles.values()
            for word in (*asked.words, *asked.exclude)
            if folded_word(word)
        )
        self._words = list(words)
        self._automaton = AhoCorasick(self._words or ["\x00"], implementation=Implementation.ContiguousNFA)
        #: what must be there for a profile to be worth a look: a word of its own, else a tag of its first kind
        self._anchors: dict[tuple[str, str], list[Key]] = {}
        for key, asked in self._profiles.items():
            for anchor in _anchors(asked):
                self._anchors.setdefault(anchor, []).append(key)

    def find(self, facts: Facts) -> dict[Key, list[Hit]]:
        """The profiles this case answers, each with every reason."""
        found = self._find_words(facts.texts)
        there = [("word", word) for word in found] + [("right", key) for key in facts.rights]
        there += [(kind, value) for kind in TAG_KINDS for value in facts.tags.get(kind, ())]
        candidates = dict.fromkeys(key for anchor in there for key in self._anchors.get(anchor, ()))
        hits = ((key, _hits(self._profiles[key], facts, found)) for key in candidates)
        return {key: reasons for key, reasons in hits if reasons is not None}

    def _find_words(self, texts: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
        """Folded word -> the fields it stands in, in the order of ``texts``."""
        found: dict[str, list[str]] = {}
        if not self._words:
            return found
        for field, text in texts:
            folded = folded_word(text)
            for number, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True):
                word = self._words[number]
                if field not in found.get(word, ()) and stands_alone(folded, start, end):
                    found.setdefault(word, []).append(field)
        return found


def _anchors(asked: Criteria) -> Iterable[tuple[str, str]]:
    if asked.names:
        rights = [("right", _asked_right(number)) for number in asked.rights]
        return [("word", folded_word(word)) for word in asked.words] + rights
    kind = next(kind for kind in TAG_KINDS if asked.wanted(kind))
    return [(kind, value) for value in asked.wanted(kind)]


def _hits(asked: Criteria, facts: Facts, found: Mapping[str, list[str]]) -> list[Hit] | None:
    """Every reason, or None when the case does not answer."""
    if any(folded_word(word) in found for word in asked.exclude):
        return None
    hits: list[Hit] = []
    for kind in TAG_KINDS:
        wanted = asked.wanted(kind)
        there = wanted & facts.tags.get(kind, frozenset())
        if wanted and not there:
            return None
        hits += [Hit(kind, value) for value in sorted(there)]
    named = list(_named(asked, facts, found))
    if asked.names and not named:
        return None
    return hits + named


def _named(asked: Criteria, facts: Facts, found: Mapping[str, list[str]]) -> Iterable[Hit]:
    for kind, words in (("word", asked.include), ("exhibition", asked.exhibitions)):
        for word in words:
            if fields := found.get(folded_word(word)):
                yield Hit(kind, word, fields[0])
    for word in asked.competitors:
        in_parties = [field for field in found.get(folded_word(word), ()) if field in _PARTY_FIELDS]
        if in_parties:
            yield Hit("competitor", word, in_parties[0])
    for number in asked.rights:
        if _asked_right(number) in facts.rights:
            yield Hit("right", number, "rights")


def holds_any(words: Iterable[str], texts: Iterable[tuple[str, str]]) -> bool:
    """Whether one of a few ``words`` stands in one of ``texts``, compared as criteria are."""
    wanted = [folded for word in words if (folded := folded_word(word))]
    for _, text in texts if wanted else ():
        folded = folded_word(text)
        for word in wanted:
            start = folded.find(word)
            while start >= 0:
                if stands_alone(folded, start, start + len(word)):
                    return True
                start = folded.find(word, start + 1)
    return False


def stands_alone(folded: str, start: int, end: int) -> bool:
    """Whether a Latin word is not a part of a longer one; Chinese words have no boundary."""
    before = folded[start - 1] if start else " "
    after = folded[end] if end < len(folded) else " "
    return not (_is_letter(folded[start]) and _is_letter(before)) and not (
        _is_letter(folded[end - 1]) and _is_letter(after)
    )


def _is_letter(char: str) -> bool:
    return char.isalnum() and not is_cjk(char)
