"""Taking one name apart."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from cases.names.model import Normalised
from cases.names.pinyin import plain_pinyin
from cases.names.words import Words, words
from core.text import collapse, fold, fold_accents

_DOTTED = re.compile(r"\b(?:[a-z]\.)+[a-z]?(?!\w)", re.IGNORECASE)
_WORDS = re.compile(r"[^\W_]+(?:['’&/][^\W_]+)*")
_LATIN = re.compile(r"[^\W_]+(?:[&/][^\W_]+)*")
#: characters written without spaces between words: kana, Han, hangul
_HAN = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f]+"
)
#: forms and trades glued to a pinyin name: Dajiangkejiyouxiangongsi
_GLUED = re.compile(
    r"(?<=[a-z]{3})(?:gufen|zeren|keji|maoyi|shangmao|dianzi|shiye)*youxian(?:zeren)?(?:gongsi)?$"
)
_NOTHING: frozenset[str] = frozenset()


@lru_cache(maxsize=100_000)
def normalise(name: str) -> Normalised:
    """Take one name apart (no d/b/a in it: see :func:`cases.names.split_aliases`)."""
    return take_apart(name)


def take_apart(name: str) -> Normalised:
    """As :func:`normalise`, without remembering the answer."""
    known = words()
    # A bracket holding nothing but a place says where: 华为技术(深圳)有限公司. Any other is read as part of the name.
    if name.isascii():
        folded, has_han = name.lower(), False
    else:
        flat = collapse(unicodedata.normalize("NFKC", name))
        folded = fold_accents(fold(flat)).replace("’", "'")
        has_han = _HAN.search(folded) is not None
    if "." in folded:
        folded = _DOTTED.sub(lambda m: m.group().replace(".", ""), folded)
    tokens = [t.replace("'", "") for t in _WORDS.findall(folded)]
    if not has_han:
        return _latin_only(known, tokens)
    latin: list[str] = []
    han = ""
    for token in tokens:
        latin += _LATIN.findall(_HAN.sub(" ", token))
        han += "".join(_HAN.findall(token))
    bare_han = without_forms(han)
    plain, key, core, is_bare = _latin_parts(known, latin)
    zh = _chinese_core(known, bare_han)
    places = frozenset(known.zh_place_names.findall(han)) | _places(known, latin)
    trades = frozenset(known.kind_of[t] for t in known.zh_trades.findall(han) if t in known.kind_of)
    return Normalised(
        " ".join(tokens), core, zh, places, trades | _trades(known, latin), f"{han}|{key}" if key else han,
        f"{bare_han}|{plain}" if plain else bare_han, bare_han, is_bare,
    )  # fmt: skip


def _latin_only(known: Words, tokens: list[str]) -> Normalised:
    plain, key, core, is_bare = _latin_parts(known, tokens)
    return Normalised(
        " ".join(tokens), core, "", _places(known, tokens), _trades(known, tokens), key, plain, "", is_bare
    )


def _latin_parts(known: Words, tokens: list[str]) -> tuple[str, str, tuple[str, ...], bool]:
    """The words without the form, the key, the core, and whether the core is but trade or place."""
    forms, spellings = known.forms, known.spellings
    key = " ".join(s for t in tokens if (s := spellings.get(t, t)))
    meaning = [_unglued(t) for t in tokens if t not in forms]
    named = [
        t
        for t in meaning
        if t not in known.generic and t not in known.trades and t not in known.places and t not in known.geo
    ]
    is_bare = not named and bool(meaning)
    core = named or [t for t in meaning if t not in known.places and t not in known.generic] or meaning
    return " ".join(meaning), key, tuple(core), is_bare


def _unglued(word: str) -> str:
    return _GLUED.sub("", word) if len(word) > 12 and "youxian" in word else word


def _places(known: Words, tokens: list[str]) -> frozenset[str]:
    found = [place for t in tokens if (place := known.place_of.get(t))]
    return frozenset(found) if found else _NOTHING


def _trades(known: Words, tokens: list[str]) -> frozenset[str]:
    found = [kind for t in tokens if (kind := known.kind_of.get(t))]
    return frozenset(found) if found else _NOTHING


def _chinese_core(known: Words, han: str) -> str:
    zh = without_forms(known.zh_strip.sub("", known.zh_places.sub("", han)))
    if len(zh) >= 2:
        return zh
    # Nothing but place and trade: 重庆港 and 东方电子 keep what they have.
    zh = known.zh_places.sub("", han)
    return zh if len(zh) >= 2 else han


def without_forms(han: str) -> str:
    """A Chinese name without the forms at its ends: they go from the end, for 金控股份有限公司 holds no 控股."""
    known = words()
    while ended := known.zh_end.search(han):
        han = han[: ended.start()]
    return known.zh_front.sub("", han)


@lru_cache(maxsize=100_000)
def pinyin_core(zh_core: str) -> str:
    """The pinyin of a Chinese core, joined and without tones."""
    return plain_pinyin(zh_core)


def pinyin_whole(parts: Normalised) -> str:
    """The letters of a name written wholly in pinyin, without form and place at its front: dajiangchuangxinkeji."""
    if parts.han:
        return pinyin_core(words().zh_places.sub("", parts.han))
    tokens = [t for t in parts.plain.split() if t not in words().places]
    return "".join(tokens)


__all__ = ["normalise", "pinyin_core", "pinyin_whole", "take_apart", "without_forms"]
