"""Every name of every firm, found by its forms.

Which rule gives which score is measured practice: the same name 100, the same but for its legal form 96, the same Chinese
core 100, the same core 92, a brand 88, the same words in another order 85, the pinyin of a Chinese name 80; below that a
person looks: a name that begins with a brand or writes its two words in one 60, begins alike 55, one letter apart 55, holds a brand 50. What holds a good
match down is :mod:`cases.names.doubts`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from cases.names.aliases import names_in
from cases.names.doubts import ALIKE, CHINESE, FORMLESS, SAME, SPELLED, Found, Known, settle
from cases.names.model import CAP, REVIEW, FirmName, Match, Normalised, StopPair
from cases.names.normal import normalise, pinyin_core, pinyin_whole, take_apart
from cases.names.words import words

#: letters from which a joined pinyin name is one firm's, and from which one letter may be wrong
_LONG_PINYIN, LONG_ENOUGH = 8, 6
#: letters from which a firm's first word is its own
_TELLING = 5
#: the longest Chinese name that is searched for shorter ones in it
_LONGEST_HAN = 30
#: the most firms that begin alike; a word that more share tells nobody
_ALIKE = 40

Table = dict[str, list[int]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A firm's name and its parts."""

    name: FirmName
    parts: Normalised


class NameIndex:
    """Every name of every firm, found by its forms.

    Args:
        names: rows of the register, many a firm.
        stops: firms and parties that a person said are different; never matched with each other.
    """

    def __init__(self, names: Iterable[FirmName], stops: Iterable[StopPair] = ()) -> None:
        self._entries: list[Entry] = []
        self._plain: Table = {}
        self._zh: Table = {}
        self._joined: Table = {}
        self._sorted: Table = {}
        #: names of two words of which one is no part of the core, written in one: Bambu Lab, bambulab
        self._glued: Table = {}
        self._pinyin: Table = {}
        self._lead: Table = {}
        self._zh_lead: Table = {}
        #: joined cores by their length with their first half, and by their length with their last
        self._halves: dict[str, list[str]] = {}
        self._known = Known()
        for row in names:
            self._add(row)
        self._stops: dict[str, set[str]] = defaultdict(set)
        for stop in stops:
            for name, _ in names_in(stop.name):
                self._stops[normalise(name).key].add(stop.firm_id)

    def __len__(self) -> int:
        """How many names it holds."""
        return len(self._entries)

    def _add(self, row: FirmName) -> None:
        parts = take_apart(row.name)
        number = len(self._entries)
        self._entries.append(Entry(row, parts))
        self._known.learn(row, parts)
        if plain := parts.plain or parts.key:
            _put(self._plain, plain, number)
        if len(parts.zh) >= 2:
            _put(self._zh, parts.zh, number)
            _put(self._zh_lead, parts.zh[:2], number)
            if row.kind != "pinyin":
                core, whole = pinyin_core(parts.zh), pinyin_whole(parts)
                _put(self._pinyin, core, number)
                if whole != core and len(whole) >= len(core):
                    _put(self._pinyin, whole, number)
        if not parts.core:
            return
        joined = parts.joined
        if joined not in self._joined and len(joined) >= LONG_ENOUGH:
            for half in halves(joined, len(joined)):
                self._halves.setdefault(half, []).append(joined)
        _put(self._joined, joined, number)
        if row.kind == "pinyin":
            _put(self._pinyin, joined, number)
        if len(parts.core) > 1:
            _put(self._sorted, " ".join(sorted(parts.core)), number)
        if glued := _glued(parts):
            _put(self._glued, glued, number)
        if not parts.is_bare_of_names:
            _put(self._lead, parts.core[0], number)
            for word in parts.core[1:3]:
                if len(word) > _TELLING and _is_telling(word):
                    _put(self._lead, word, number)

    def screen(self, party: str, only: Collection[str] | None = None) -> list[Match]:
        """Firms the party is or may be: each once with its best name, by score and then id; [] for nobody.

        Args:
            party: a party's line as a source prints it, its other names and several firms in one line included.
            only: ids of the firms that are asked for; the others still count when a name is held against them.
        """
        best: dict[str, Match] = {}
        for name, is_sure in names_in(party):
            parts = normalise(name)
            stopped = self._stops.get(parts.key, ()) if self._stops else ()
            found = (f for f in self._find(parts) if f.entry.name.firm_id not in stopped)
            for match in settle(found, parts, self._known, is_sure=is_sure):
                known = best.get(match.firm_id)
                if known is None or match.score > known.score:
                    best[match.firm_id] = match
        kept = (m for m in best.values() if m.score >= REVIEW and (only is None or m.firm_id in only))
        return sorted(kept, key=lambda m: (-m.score, m.firm_id))

    def _get(self, table: Table, key: str) -> Iterator[Entry]:
        return (self._entries[number] for number in table.get(key, ()))

    def _find(self, parts: Normalised) -> Iterator[Found]:
        for entry in self._get(self._plain, parts.plain or parts.key):
            if entry.parts.exact == parts.exact:
                yield Found(entry, 100, SAME, parts.exact, entry.parts.exact)
            elif entry.parts.key == parts.key:
                yield Found(entry, 98, SPELLED, parts.exact, entry.parts.exact)
            elif parts.plain:
                yield Found(entry, 96, FORMLESS, parts.plain, entry.parts.plain)
        if len(parts.zh) >= 2:
            yield from self._chinese(parts)
        if parts.core:
            yield from self._latin(parts)

    def _chinese(self, parts: Normalised) -> Iterator[Found]:
        zh = parts.zh
        for entry in self._get(self._zh, zh):
            yield Found(entry, 100, CHINESE, zh, entry.parts.zh)
        if not words().zh_only.fullmatch(zh) and len(zh) <= _LONGEST_HAN:
            yield from self._chinese_parts(zh)
        letters = pinyin_core(zh)
        for entry in self._get(self._joined, letters):
            is_written = entry.name.kind == "pinyin" and len(letters) >= _LONG_PINYIN
            yield Found(
                entry, 80 if is_written else CAP, "its pinyin is the name", letters, entry.parts.joined
            )

    def _chinese_parts(self, zh: str) -> Iterator[Found]:
        """Firms whose core begins or stands in this one, or begins with it."""
        known = words()
        for start in range(len(zh) - 1):
            for end in range(start + 2, len(zh) + 1):
                piece = zh[start:end]
                if piece == zh or piece in known.ordinary_zh or (len(piece) == 2 and piece in known.han):
                    continue
                if (start and len(piece) < 3) or piece not in self._zh or known.zh_only.fullmatch(piece):
                    continue
                score, said = (
                    (60, "begins with its Chinese core") if start == 0 else (50, "holds its Chinese core")
                )
                for entry in self._get(self._zh, piece):
                    yield Found(entry, score, said, zh, piece)
        if zh[:2] in known.han or zh[:2] in known.ordinary_zh:
            return
        beginning = self._zh_lead.get(zh[:2], ())
        for number in beginning[:_ALIKE]:
            theirs = self._entries[number].parts.zh
            if theirs != zh and (theirs.startswith(zh) or (len(zh) > 2 and theirs[:3] == zh[:3])):
                yield Found(self._entries[number], 55, ALIKE, zh, theirs)

    def _latin(self, parts: Normalised) -> Iterator[Found]:
        joined, spaced, core = parts.joined, " ".join(parts.core), parts.core
        for entry in self._get(self._joined, joined):
            is_brand = entry.name.kind in ("brand", "shop")
            score, said = (88, "the same brand") if is_brand else (92, "the same core")
            yield Found(entry, score, said, joined, entry.parts.joined)
        if len(core) > 1:
            for entry in self._get(self._sorted, " ".join(sorted(core))):
                theirs = " ".join(entry.parts.core)
                yield Found(entry, 85, "the same words in another order", spaced, theirs)
        for key, table in ((joined, self._glued), (_glued(parts), self._joined)):
            for entry in self._get(table, key) if key else ():
                yield Found(entry, CAP, "the same words written in one", parts.plain, entry.parts.plain)
        yield from self._romanised(parts)
        if not parts.is_bare_of_names:
            yield from self._by_word(core, spaced)
        if len(joined) >= LONG_ENOUGH:
            yield from self._one_letter_apart(joined)

    def _romanised(self, parts: Normalised) -> Iterator[Found]:
        for letters in dict.fromkeys((parts.joined, pinyin_whole(parts))):
            for entry in self._get(self._pinyin, letters) if letters else ():
                # Short pinyin is many names: sanyi, anke, huawei. With its trade and its city it is one.
                own = pinyin_core(entry.parts.zh) or letters
                is_placed = letters != own and bool(parts.places & self._known.places(entry.name.firm_id))
                is_long = min(len(own), len(letters)) >= _LONG_PINYIN
                is_own = own not in words().pinyin and (
                    is_long or (is_placed and len(letters) >= _LONG_PINYIN)
                )
                score = 80 if is_own else CAP
                yield Found(entry, score, "the pinyin of its Chinese name", letters, entry.name.name)

    def _by_word(self, core: tuple[str, ...], spaced: str) -> Iterator[Found]:
        """Firms whose brand, or whose own first word, stands in this name. An ordinary word is nobody's brand."""
        for place, word in enumerate(core):
            entries = self._lead.get(word, ())
            if not entries or len(word) < 2 or words().is_ordinary(word):
                continue
            is_telling = _is_telling(word) and len(word) >= _TELLING - (place == 0)
            for entry in (self._entries[number] for number in entries[: None if is_telling else _ALIKE]):
                if entry.parts.core == core:
                    continue
                is_named = entry.name.kind in ("brand", "shop") or (
                    entry.name.kind == "legal_en" and place == 0
                )
                if len(entry.parts.core) == 1 and (is_named or is_telling):
                    score, said = (60, "begins with its brand") if place == 0 else (50, "holds its brand")
                    yield Found(entry, score, said, spaced, word)
                elif is_telling:
                    is_first = place == 0 and entry.parts.core[0] == word
                    score, said = (55, ALIKE) if is_first else (50, "has a word of its own in common")
                    yield Found(entry, score, said, spaced, " ".join(entry.parts.core))

    def _one_letter_apart(self, joined: str) -> Iterator[Found]:
        if words().is_ordinary(joined):
            return
        alike: set[str] = set()
        for length in (len(joined) - 1, len(joined), len(joined) + 1):
            for half in halves(joined, length):
                if listed := self._halves.get(half):
                    near = process.extract(joined, listed, scorer=OSA.distance, score_cutoff=1, limit=None)
                    alike.update(found for found, apart, _ in near if apart == 1)
        for theirs in sorted(alike):
            for entry in self._get(self._joined, theirs):
                yield Found(entry, 55, "one letter apart", joined, theirs)


def _glued(parts: Normalised) -> str:
    """A name of two words without the space, where one of them is no part of its core; "" for any other name."""
    apart = parts.plain.split()
    joined = "".join(apart)
    return joined if len(apart) == 2 and len(parts.core) == 1 and len(joined) >= LONG_ENOUGH else ""


def _put(table: Table, key: str, number: int) -> None:
    known = table.get(key)
    if known is None:
        table[key] = [number]
    elif known[-1] != number:
        known.append(number)


def halves(word: str, length: int) -> tuple[str, str]:
    """The keys under which a word of ``length`` letters is kept that is one edit from ``word``.

    One edit (a letter more, less or other, or two neighbours changed about) leaves the first half or the last as it was.
    """
    return f"{length}<{word[: length // 2]}", f"{length}>{word[-((length - 1) // 2) :]}"


def _is_telling(word: str) -> bool:
    """Whether a word is one firm's own: long, no ordinary word and no spelling that many names share."""
    known = words()
    return len(word) >= _TELLING - 1 and word not in known.pinyin and not known.is_ordinary(word)


def names_from_rows(rows: Iterable[dict[str, str]]) -> list[FirmName]:
    """Names from rows with ``firm_id, name, kind`` and perhaps ``source``."""
    return [FirmName(r["firm_id"], r["name"], r["kind"], r.get("source") or "") for r in rows]
