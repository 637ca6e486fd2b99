"""Names of firms: what is left when form, trade and place are taken away, and who among many a party may be.

Scores and grades follow measured practice: an exact name 100, the same Chinese core 100, the same core 92, a brand 88,
the same words in another order 85, the pinyin of a Chinese name 80; below that a person looks. A core that is an
ordinary word or very short is never more than a review (at most 60), nor is one core in another place or of another
trade: no name alone can tell such firms apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import yaml
from pypinyin import lazy_pinyin
from rapidfuzz.distance import DamerauLevenshtein

from cases.places import chinese_places
from core.text import collapse, fold, fold_accents, is_cjk

CONFIRM = 80
REVIEW = 50
_CAP = 60
#: letters from which a joined pinyin name is one firm's, and from which one letter may be wrong
_LONG_PINYIN, _LONG_ENOUGH = 8, 6
_ORDINARY = "an ordinary or short word"
_ALIAS = re.compile(
    r"\s*(?:\bd\s?/\s?b\s?/\s?a\b|\bf\s?/\s?k\s?/\s?a\b|\ba\s?/\s?k\s?/\s?a\b|\bdba\b|\bfka\b|\baka\b|\bdoing business as\b|"
    r"\bformerly known as\b|\balso known as\b|\btrading as\b|\bt/a\b|;|；)\.?\s*",
    re.IGNORECASE,
)
_DOTTED = re.compile(r"\b(?:[a-z]\.){2,}", re.IGNORECASE)
_WORDS = re.compile(r"[^\W_]+(?:['’&/][^\W_]+)*")


@dataclass(frozen=True)
class FirmName:
    """A name of a firm: legal_zh, legal_en, pinyin, brand, former, subsidiary or shop."""

    firm_id: str
    name: str
    kind: str
    source: str = ""


@dataclass(frozen=True)
class Normalised:
    """A name taken apart.

    Attributes:
        exact: folded words, nothing taken away.
        core: Latin words that are left, in order.
        zh: Chinese characters that are left.
        places, trades: places named, in Chinese, and kinds of trade that tell firms of one core apart.
    """

    exact: str
    core: tuple[str, ...]
    zh: str
    places: frozenset[str] = frozenset()
    trades: frozenset[str] = frozenset()

    @property
    def joined(self) -> str:
        """The Latin core without spaces."""
        return "".join(self.core)


@dataclass(frozen=True)
class Match:
    """A firm that a party is or may be. ``reason`` says which rule, with both compared forms."""

    firm_id: str
    score: int
    grade: str
    reason: str
    matched_name: str


@dataclass(frozen=True)
class _Words:
    forms: frozenset[str]
    zh_forms: frozenset[str]
    trades: frozenset[str]
    trade_of: Mapping[str, str]
    common: frozenset[str]
    zh_trades: re.Pattern[str]
    zh_strip: re.Pattern[str]
    zh_places: re.Pattern[str]
    places: frozenset[str]
    zh_place_names: re.Pattern[str]
    place_of: Mapping[str, str]


@cache
def _words() -> _Words:
    data = yaml.safe_load((Path(__file__).parent / "org_forms.yml").read_text(encoding="utf-8"))
    zh = sorted((fold(w) for w in data["trades"]["zh"]), key=len, reverse=True)
    places = chinese_places()
    han = sorted((p for p in places if not p.isascii()), key=len, reverse=True)
    trade_of = {fold(word): kind for kind, listed in data["telling"].items() for word in listed}
    latin = {part for p in places if p.isascii() for part in p.lower().replace("'", "").split()}
    return _Words(
        forms=frozenset(data["forms"]["latin"]),
        zh_forms=frozenset(fold(w) for w in data["forms"]["zh"]),
        trades=frozenset(data["trades"]["latin"]),
        trade_of=trade_of,
        zh_trades=re.compile(
            "|".join(sorted((w for w in trade_of if not w.isascii()), key=len, reverse=True))
        ),
        common=frozenset(data["common"]) | frozenset(data["common_zh"]),
        zh_strip=re.compile("|".join(map(re.escape, [*zh, "集团"]))),
        zh_places=re.compile(rf"(?:{'|'.join(map(re.escape, han))})(?:省|市|区|县|特别行政区)?"),
        zh_place_names=re.compile("|".join(map(re.escape, han))),
        place_of={
            name.lower().replace("'", "") + tail: zh_name
            for name, zh_name in places.items()
            if name.isascii() and " " not in name
            for tail in ("", "shi", "sheng")
        },
        places=frozenset(latin | {f"{p}shi" for p in latin} | {f"{p}sheng" for p in latin}),
    )


@lru_cache(maxsize=200_000)
def normalise(name: str) -> Normalised:
    """Take one name apart (no d/b/a in it: see :func:`split_aliases`)."""
    words = _words()
    # A bracket holding nothing but a place says where: 华为技术(深圳)有限公司. Any other is read as part of the name.
    flat = collapse(unicodedata.normalize("NFKC", name))
    folded = fold_accents(fold(flat)).replace("’", "'")
    dotless = _DOTTED.sub(lambda m: m.group().replace(".", ""), folded)
    tokens = [t.replace("'", "") for t in _WORDS.findall(dotless)]
    latin: list[str] = []
    han = ""
    for token in tokens:
        latin += re.findall(r"[^\W_]+(?:[&/][^\W_]+)*", "".join(" " if is_cjk(c) else c for c in token))
        han += "".join(c for c in token if is_cjk(c))
    meaning = [t for t in latin if t not in words.forms]
    core = (
        [t for t in meaning if t not in words.trades and t not in words.places]
        or [t for t in meaning if t not in words.places]
        or meaning
    )
    zh = words.zh_places.sub("", _without_forms(han))
    zh = _without_forms(words.zh_strip.sub("", zh))
    if len(zh) < 2:
        # Nothing but place and trade: 重庆港 and 东方电子 keep what they have.
        plain = _without_forms(han)
        zh = words.zh_places.sub("", plain)
        zh = zh if len(zh) >= 2 else plain
    places = frozenset(words.zh_place_names.findall(han)) | {
        fold(zh_name) for token in latin if (zh_name := words.place_of.get(token))
    }
    trades = frozenset(
        words.trade_of[t] for t in (*latin, *words.zh_trades.findall(han)) if t in words.trade_of
    )
    return Normalised(" ".join(tokens), tuple(core), zh, places, trades)


def _without_forms(han: str) -> str:
    """A Chinese name without the forms at its end: they go from the end, for 金控股份有限公司 holds no 控股."""
    forms = sorted(_words().zh_forms, key=len, reverse=True)
    while ended := next((form for form in forms if han.endswith(form)), None):
        han = han.removesuffix(ended)
    return han


def is_form(word: str) -> bool:
    """Whether a folded word says of a firm only its legal form: ltd, gmbh, 有限公司."""
    words = _words()
    return word in words.forms or word in words.zh_forms


def is_ordinary_word(word: str) -> bool:
    """Whether a folded word is one that many firms' names have: smart, global, 东方."""
    words = _words()
    return word in words.common or word in words.trades or word in words.places


def split_aliases(name: str) -> list[str]:
    """The names in a party's name: parted at d/b/a, f/k/a, a/k/a and semicolons; the whole first."""
    parts = [p.strip(" ,.") for p in _ALIAS.split(name)]
    return [p for p in dict.fromkeys(parts) if p]


@lru_cache(maxsize=100_000)
def pinyin_core(zh_core: str) -> str:
    """The pinyin of a Chinese core, joined and without tones."""
    return "".join(lazy_pinyin(zh_core)).lower() if zh_core else ""


@dataclass(frozen=True)
class _Entry:
    name: FirmName
    parts: Normalised


class NameIndex:
    """Every name of every firm, found by its forms.

    Args:
        names: rows of the register, many a firm.
    """

    def __init__(self, names: Iterable[FirmName]) -> None:
        self._exact: dict[str, list[_Entry]] = defaultdict(list)
        self._zh: dict[str, list[_Entry]] = defaultdict(list)
        self._joined: dict[str, list[_Entry]] = defaultdict(list)
        self._sorted: dict[tuple[str, ...], list[_Entry]] = defaultdict(list)
        self._pinyin: dict[str, list[_Entry]] = defaultdict(list)
        self._brand: dict[str, list[_Entry]] = defaultdict(list)
        self._deletes: dict[str, set[str]] = defaultdict(set)
        self._initial: dict[str, list[_Entry]] = defaultdict(list)
        for row in names:
            self._add(row)

    def _add(self, row: FirmName) -> None:
        parts = normalise(row.name)
        entry = _Entry(row, parts)
        self._exact[parts.exact].append(entry)
        if len(parts.zh) >= 2:
            self._zh[parts.zh].append(entry)
            if row.kind in ("legal_zh", "former", "subsidiary"):
                self._pinyin[pinyin_core(parts.zh)].append(entry)
        if parts.joined:
            self._joined[parts.joined].append(entry)
            self._sorted[tuple(sorted(parts.core))].append(entry)
            if row.kind == "pinyin":
                self._pinyin[parts.joined].append(entry)
            if row.kind in ("brand", "shop", "legal_en") and len(parts.core) == 1:
                self._brand[parts.core[0]].append(entry)
            if len(parts.joined) >= _LONG_ENOUGH:
                for form in _deletions(parts.joined):
                    self._deletes[form].add(parts.joined)

    def screen(self, party: str) -> list[Match]:
        """Firms the party is or may be: each once with its best name, by score and then id; [] for nobody."""
        best: dict[str, Match] = {}
        for name in split_aliases(party):
            for match in self._screen_one(name):
                known = best.get(match.firm_id)
                if known is None or match.score > known.score:
                    best[match.firm_id] = match
        return sorted((m for m in best.values() if m.score >= REVIEW), key=lambda m: (-m.score, m.firm_id))

    def _screen_one(self, name: str) -> Iterable[Match]:
        parts = normalise(name)
        if parts.exact:
            for entry in self._exact.get(parts.exact, ()):
                yield _match(entry, 100, "the same name", (parts.exact, entry.parts.exact), parts)
        if len(parts.zh) >= 2:
            for entry in self._zh.get(parts.zh, ()):
                yield _match(entry, 100, "the same Chinese core", (parts.zh, entry.parts.zh), parts)
        if parts.joined:
            yield from self._latin(parts)

    def _latin(self, parts: Normalised) -> Iterable[Match]:
        for entry in self._joined.get(parts.joined, ()):
            is_brand = entry.name.kind in ("brand", "shop")
            score, words = (88, "the same brand") if is_brand else (92, "the same core")
            yield _match(entry, score, words, (parts.joined, entry.parts.joined), parts)
        spaced = " ".join(parts.core)
        if len(parts.core) > 1:
            for entry in self._sorted.get(tuple(sorted(parts.core)), ()):
                said = "the same words in another order"
                yield _match(entry, 85, said, (spaced, " ".join(entry.parts.core)), parts)
        for entry in self._pinyin.get(parts.joined, ()):
            # Short pinyin is many names: sanyi, anke, huawei.
            score = 80 if len(parts.joined) >= _LONG_PINYIN else _CAP
            said = "the pinyin of its Chinese name"
            yield _match(entry, score, said, (parts.joined, entry.name.name), parts)
        for place, word in enumerate(parts.core):
            for entry in self._brand.get(word, ()):
                if len(parts.core) > 1:
                    score, words = (60, "begins with its brand") if place == 0 else (50, "holds its brand")
                    yield _match(entry, score, words, (spaced, word), parts)
        if len(parts.joined) >= _LONG_ENOUGH:
            for joined in {j for form in _deletions(parts.joined) for j in self._deletes.get(form, ())}:
                if DamerauLevenshtein.distance(joined, parts.joined, score_cutoff=1) == 1:
                    for entry in self._joined[joined]:
                        yield _match(entry, 55, "one letter apart", (parts.joined, joined), parts)


def _match(entry: _Entry, score: int, words: str, forms: tuple[str, str], party: Normalised) -> Match:
    """The match, its score held down where the name cannot tell firms apart."""
    if score >= CONFIRM and (doubt := _doubt(entry, words, party)):
        score, words = _CAP, f"{words}, {doubt}"
    ours, theirs = forms
    grade = "confirm" if score >= CONFIRM else "review"
    reason = f"{words}: {ours} = {theirs}" if ours == theirs else f"{words}: {ours} ~ {theirs}"
    return Match(entry.name.firm_id, score, grade, reason, entry.name.name)


def _doubt(entry: _Entry, words: str, party: Normalised) -> str:
    """Why a good match is for a person to confirm; "" when it is not."""
    theirs = entry.parts
    if words == "the same name":
        # A registered name is somebody's own; a bare brand that is a word is not.
        is_bare = entry.name.kind in ("brand", "shop") and theirs.exact == " ".join(theirs.core)
        return _ORDINARY if is_bare and _is_common(theirs) else ""
    if words == "the same Chinese core":
        is_common = _is_common_zh(theirs.zh)
    else:
        is_common = words != "the pinyin of its Chinese name" and _is_common(theirs)
    if is_common:
        return _ORDINARY
    if party.places and theirs.places and not party.places & theirs.places:
        return "in another place"
    if party.trades and theirs.trades and not party.trades & theirs.trades:
        return "of another trade"
    return ""


def _is_common(parts: Normalised) -> bool:
    words = _words()
    if len(parts.joined) <= 3:
        return True
    return all(t in words.common or t in words.trades or t in words.places or t.isdigit() for t in parts.core)


def _is_common_zh(core: str) -> bool:
    return len(core) < 2 or core in _words().common


def is_ordinary(name: str) -> bool:
    """Whether nothing is left of a name but an ordinary or very short word, so that it names nobody for certain."""
    parts = normalise(name)
    return _is_common_zh(parts.zh) if parts.zh else _is_common(parts)


def is_bare(name: str) -> bool:
    """Whether a name carries no legal form, trade or place: a brand, or a short way of writing a firm."""
    parts = normalise(name)
    return parts.exact.replace(" ", "") in (parts.zh, parts.joined)


@lru_cache(maxsize=100_000)
def _deletions(word: str) -> frozenset[str]:
    """``word`` and every form with one letter less: two words one edit apart share one of them."""
    return frozenset({word, *(word[:i] + word[i + 1 :] for i in range(len(word)))})


def names_from_rows(rows: Iterable[Mapping[str, str]]) -> list[FirmName]:
    """Names from rows with ``firm_id, name, kind`` and perhaps ``source``."""
    return [FirmName(r["firm_id"], r["name"], r["kind"], r.get("source") or "") for r in rows]


__all__ = [
    "FirmName",
    "Match",
    "NameIndex",
    "Normalised",
    "is_bare",
    "is_ordinary",
    "is_ordinary_word",
    "names_from_rows",
    "normalise",
    "split_aliases",
]
