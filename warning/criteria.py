"""What a watch profile asks for, and which profiles a case answers. Pure: values in, values out.

Between the kinds of criteria stands *and*, within a kind *or*: one of the industries, and one of the regions, and one of
the dispute types, and one of the names; and none of the excluded words. A kind with nothing in it asks for nothing. Names
are words, competitors, rights and exhibitions together: a firm that names a competitor and a patent wants to hear of
either. A competitor is read in the parties and the caption, a right among the case's rights.
Words are compared folded (case, width, accents, traditional and simplified); a Latin word stands alone, a Chinese one
may stand anywhere. They are read in the caption, the title, the text and the parties' names.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ahocorasick_rs import AhoCorasick, Implementation

from core.text import collapse, fold_accents, is_cjk, join_cjk, other_number

Key = TypeVar("Key", bound=Hashable)
#: something a case has, by kind and value
Mark = tuple[str, str] | None
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
    """A word, or a text, as it is compared: small letters without accents, and no blanks within Chinese."""
    return join_cjk(fold_accents(collapse(word)))


def forms_of(word: str) -> tuple[str, ...]:
    """The folded forms that a word asks for: itself and, in English, its other number. None for an empty word."""
    folded = folded_word(word)
    other = other_number(folded)
    return (folded, other) if other else (folded,) if folded else ()


_KIND_CODE = re.compile(r"(?<=[0-9]{5})[A-Z][0-9]?$")
#: a competitor is a party; that a text mentions it is no dispute of its own
_PARTY_FIELDS = ("parties", "caption")


def right_keys(number: str) -> frozenset[str]:
    """How the number of a right is compared: letters and digits without a kind code, and its digits alone, for whoever
    names no country (US 9,123,456 B2 -> US9123456, 9123456)."""
    plain = _KIND_CODE.sub("", "".join(char for char in number.upper() if char.isascii() and char.isalnum()))
    digits = "".join(char for char in plain if char.isdigit())
    return frozenset(key for key in (plain, digits if len(digits) >= 5 else "") if key)


def asked_right(number: str) -> str:
    """The key a profile asks for: whoever names a country asks for that one."""
    return max(right_keys(number), key=len, default="")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A profile made ready: its words folded, its wanted tags by kind, only what it asks for at all."""

    tags: tuple[tuple[str, frozenset[str]], ...]
    excluded: tuple[str, ...]
    #: (kind of hit, as the firm wrote it, its folded forms)
    words: tuple[tuple[str, str, tuple[str, ...]], ...]
    #: (as the firm wrote it, its key)
    rights: tuple[tuple[str, str], ...]
    is_named: bool

    @classmethod
    def of(cls, asked: Criteria) -> _Asked:
        words = (
            ("word", asked.include),
            ("exhibition", asked.exhibitions),
            ("competitor", asked.competitors),
        )
        return cls(
            tuple((kind, wanted) for kind in TAG_KINDS if (wanted := asked.wanted(kind))),
            tuple(form for word in asked.exclude for form in forms_of(word)),
            tuple((kind, word, _forms(kind, word)) for kind, written in words for word in written),
            tuple((number, asked_right(number)) for number in asked.rights),
            bool(asked.names),
        )

    @property
    def anchors(self) -> Iterable[tuple[Mark, Mark]]:
        """What must be there for the profile to be worth a look: one of its names, beside a tag of its first kind."""
        names: list[Mark] = [("word", form) for _, _, forms in self.words for form in forms]
        names += [("right", key) for _, key in self.rights]
        tags: list[Mark] = [(kind, value) for kind, wanted in self.tags[:1] for value in wanted]
        return itertools.product(names if self.is_named else [None], tags or [None])

    def refuses(self, tags: Mapping[str, frozenset[str]], found: Mapping[str, list[str]]) -> bool:
        """Whether a tag is wanting or an excluded word is there. ``tags`` has every kind."""
        for kind, wanted in self.tags:
            if wanted.isdisjoint(tags[kind]):
                return True
        for word in self.excluded:  # noqa: SIM110 (asked of most profiles for each case: a generator doubles the time)
            if word in found:
                return True
        return False

    def hits(
        self, facts: Facts, tags: Mapping[str, frozenset[str]], found: Mapping[str, list[str]]
    ) -> list[Hit]:
        """Every reason; none when a name is asked for and none is there."""
        named = list(self._named(facts, found))
        if self.is_named and not named:
            return []
        hits = [Hit(kind, value) for kind, wanted in self.tags for value in sorted(wanted & tags[kind])]
        return hits + named

    def _named(self, facts: Facts, found: Mapping[str, list[str]]) -> Iterable[Hit]:
        for kind, word, forms in self.words:
            fields: Sequence[str] = next((stood for form in forms if (stood := found.get(form))), ())
            if kind == "competitor":
                fields = [field for field in fields if field in _PARTY_FIELDS]
            if fields:
                yield Hit(kind, word, fields[0])
        for number, key in self.rights:
            if key in facts.rights:
                yield Hit("right", number, "rights")


def _forms(kind: str, word: str) -> tuple[str, ...]:
    """A company and a fair are called as they are called; goods come by the one and by the many."""
    if kind == "word":
        return forms_of(word)
    folded = folded_word(word)
    return (folded,) if folded else ()


class Evaluator(Generic[Key]):
    """Many profiles, asked at once: one automaton finds every word of every profile in one pass over a case, and only
    profiles of which something was found are looked at.

    Args:
        profiles: criteria by whatever key the caller has; open criteria match nothing.
    """

    def __init__(self, profiles: Mapping[Key, Criteria]) -> None:
        self._profiles = {key: _Asked.of(asked) for key, asked in profiles.items() if not asked.is_open}
        words = dict.fromkeys(
            folded
            for asked in self._profiles.values()
            for folded in (*(form for _, _, forms in asked.words for form in forms), *asked.excluded)
        )
        self._words = list(words)
        self._automaton = AhoCorasick(self._words or ["\x00"], implementation=Implementation.ContiguousNFA)
        #: name -> tag -> profiles that ask for both; None: for none
        self._anchors: dict[Mark, dict[Mark, list[Key]]] = {}
        for key, asked in self._profiles.items():
            for name, tag in asked.anchors:
                self._anchors.setdefault(name, {}).setdefault(tag, []).append(key)

    def find(self, facts: Facts) -> dict[Key, list[Hit]]:
        """The profiles this case answers, each with every reason."""
        found = self._find_words(facts.texts)
        tags = {kind: facts.tags.get(kind, frozenset()) for kind in TAG_KINDS}
        answered: dict[Key, list[Hit]] = {}
        for key in self._candidates(found, facts.rights, tags):
            asked = self._profiles[key]
            if not asked.refuses(tags, found) and (hits := asked.hits(facts, tags, found)):
                answered[key] = hits
        return answered

    def _candidates(
        self, words: Iterable[str], rights: Iterable[str], tags: Mapping[str, frozenset[str]]
    ) -> dict[Key, None]:
        names: list[Mark] = [None, *(("word", word) for word in words), *(("right", key) for key in rights)]
        carried: list[Mark] = [None, *((kind, value) for kind, values in tags.items() for value in values)]
        asking = [group for name in names if (group := self._anchors.get(name))]
        return dict.fromkeys(key for group in asking for tag in carried for key in group.get(tag, ()))

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


def holds_any(words: Iterable[str], texts: Iterable[tuple[str, str]]) -> bool:
    """Whether one of a few ``words`` stands in one of ``texts``, compared as criteria are."""
    wanted = [form for word in words for form in forms_of(word)]
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
