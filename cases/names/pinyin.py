"""Chinese characters in Latin letters, fast enough for a register of a hundred thousand names."""

from __future__ import annotations

import unicodedata
from functools import cache

from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT


def plain_pinyin(han: str) -> str:
    """The pinyin of Chinese characters, joined, without tones; ü is written u, as passports and registers mix them.

    A character is read by itself unless it begins a phrase that reads it otherwise: 重庆 is chongqing.

    >>> plain_pinyin("绿联")
    'lulian'
    """
    read, several, phrases = _readings()
    if not several.isdisjoint(han) and any(han[i : i + 2] in phrases for i in range(len(han) - 1)):
        return "".join(lazy_pinyin(han)).lower().replace("lv", "lu").replace("nv", "nu")
    return "".join([read.get(char) or _read(char) for char in han])


@cache
def _readings() -> tuple[dict[str, str], frozenset[str], frozenset[str]]:
    """Characters read so far, those that some phrase reads otherwise, and the first two characters of such phrases."""
    read: dict[str, str] = {}
    several, otherwise = set(), set()
    for phrase, told in PHRASES_DICT.items():
        for char, syllables in zip(phrase, told, strict=False):
            own = read.get(char) or read.setdefault(char, _read(char))
            if _toneless(syllables[0]) != own:
                several.add(char)
                otherwise.add(phrase[:2])
    return read, frozenset(several), frozenset(otherwise)


@cache
def _read(char: str) -> str:
    told = PINYIN_DICT.get(ord(char))
    return _toneless(told.split(",")[0]) if told else char.lower()


@cache
def _toneless(syllable: str) -> str:
    parted = unicodedata.normalize("NFD", syllable)
    return "".join(c for c in parted if not unicodedata.combining(c)).lower()
