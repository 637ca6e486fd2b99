"""The words that say nothing of who a firm is: legal forms, trades, places, and words that many firms share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from cases.names.pinyin import plain_pinyin
from cases.places import chinese_places
from core.text import fold

_HERE = Path(__file__).parent
#: endings that make another word of an English one, and what stood in their place
_ENDINGS = (("ies", "y"), ("es", ""), ("s", ""), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"), ("er", ""),
            ("er", "e"), ("est", ""), ("ly", ""), ("ness", ""))  # fmt: skip


@dataclass(frozen=True)
class Words:
    """The lists of ``org_forms.yml`` and ``ordinary.yml``, made ready.

    Attributes:
        forms, generic, trades, geo, places: folded Latin words; ``zh_forms`` Chinese legal forms.
        spellings: a form's word -> the one spelling it is compared in.
        kind_of: a trade that tells firms apart -> its kind.
        place_of: a Latin place -> its Chinese name.
        zh_end: the Chinese forms at a name's end; ``zh_front`` at its front.
        zh_strip, zh_places, zh_place_names, zh_trades, zh_only: what is taken from a Chinese name, and names that
            hold nothing else.
        ordinary: words of English and of firms' names that name nobody, ``listed`` those of firms' names alone,
            ``proper`` names of persons and places;
            ``pinyin`` and ``han`` as ``ordinary.yml`` counts them.
    """

    forms: frozenset[str]
    zh_forms: frozenset[str]
    generic: frozenset[str]
    trades: frozenset[str]
    geo: frozenset[str]
    places: frozenset[str]
    spellings: Mapping[str, str]
    kind_of: Mapping[str, str]
    place_of: Mapping[str, str]
    zh_end: re.Pattern[str]
    zh_front: re.Pattern[str]
    zh_strip: re.Pattern[str]
    zh_places: re.Pattern[str]
    zh_place_names: re.Pattern[str]
    zh_trades: re.Pattern[str]
    zh_only: re.Pattern[str]
    ordinary: frozenset[str]
    listed: frozenset[str]
    ordinary_zh: frozenset[str]
    proper: frozenset[str]
    pinyin: frozenset[str]
    han: frozenset[str]

    def is_ordinary(self, word: str) -> bool:
        """Whether a folded Latin word is an ordinary one, inflected or not."""
        if word in self.ordinary or word in self.trades or word in self.places or word in self.geo:
            return True
        if word in self.generic or word in self.forms or word.isdigit():
            return True
        return any(
            word.endswith(end) and len(word) - len(end) >= 3 and word[: -len(end)] + put in self.ordinary
            for end, put in _ENDINGS
        )


def _any_of(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=lambda w: (-len(w), w))))


def _read(name: str) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data: dict[str, Any] = yaml.load((_HERE / name).read_text(encoding="utf-8"), Loader=loader)
    return data


@cache
def words() -> Words:
    """The lists, read once."""
    data, ordinary = _read("org_forms.yml"), _read("ordinary.yml")
    zh_trades = {fold(w) for w in data["trades"]["zh"]}
    zh_geo = {fold(w) for w in data["geo"]["zh"]}
    zh_forms = {fold(w) for w in data["forms"]["zh"]}
    neutral = {fold(w) for w in data["neutral"]}
    kind_of = {fold(w): kind for kind, listed in data["telling"].items() for w in listed}
    trades = set(data["trades"]["latin"]) | {plain_pinyin(w) for w in zh_trades}
    kind_of |= {plain_pinyin(w): kind for w, kind in kind_of.items() if not w.isascii()}
    kind_of = {w: w for w in trades | zh_trades} | kind_of
    kind_of = {w: kind for w, kind in kind_of.items() if w not in neutral}
    known = chinese_places()
    han = {fold(p) for p in known if not p.isascii()}
    latin = {part for p in known if p.isascii() for part in p.lower().replace("'", "").split()}
    place = rf"(?:{_any_of(han)})(?:省|市|区|县|特别行政区)?"
    return Words(
        forms=frozenset(data["forms"]["latin"]),
        zh_forms=frozenset(zh_forms),
        generic=frozenset(data["generic"]["latin"]),
        trades=frozenset(trades),
        geo=frozenset(data["geo"]["latin"]),
        places=frozenset(p + tail for p in latin for tail in ("", "shi", "sheng")),
        spellings=dict(data["spellings"]),
        kind_of=kind_of,
        place_of={
            name.lower().replace("'", "") + tail: fold(zh_name)
            for name, zh_name in known.items()
            if name.isascii() and " " not in name
            for tail in ("", "shi", "sheng")
        },
        zh_end=re.compile(rf"(?:{_any_of(zh_forms)})$"),
        zh_front=re.compile(rf"^(?:{_any_of(fold(w) for w in data['forms']['leading'])})+"),
        zh_strip=re.compile(_any_of(zh_trades | zh_geo | {"集团"})),
        zh_places=re.compile(place),
        zh_place_names=re.compile(_any_of(han)),
        zh_trades=re.compile(_any_of(w for w in {*zh_trades, *kind_of} if not w.isascii())),
        zh_only=re.compile(rf"(?:{place}|{_any_of(zh_trades | zh_geo)}|集团|股份)*"),
        ordinary=frozenset(ordinary["words"].split()) | frozenset(data["common"]),
        listed=frozenset(data["common"]),
        ordinary_zh=frozenset(fold(w) for w in data["common_zh"]),
        proper=frozenset(ordinary["proper"].split()),
        pinyin=frozenset(ordinary["pinyin"].split()),
        han=frozenset(ordinary["han"].split()),
    )


def is_form(word: str) -> bool:
    """Whether a folded word says of a firm only its legal form: ltd, gmbh, 有限公司."""
    known = words()
    return word in known.forms or word in known.zh_forms or word in known.generic


def is_ordinary_word(word: str) -> bool:
    """Whether a folded word is one that many firms' names have: smart, global, 东方. The dictionary is not asked."""
    known = words()
    return any(
        word in these for these in (known.listed, known.ordinary_zh, known.trades, known.places, known.geo)
    )
