"""How a name begins, across scripts: for conflicts alone, where a needless look costs less than a conflict unseen.

The resolver asks for more before it says that two names are alike: its matches become alerts. Here three beginnings too
are a person's to look at: the pinyin of a Chinese name's first two or three characters (维川影像, Weichuan Imaging), a short
brand (TCL科技, TCL King), and a well-known firm in the other script (``brands.yml``). Pinyin is written together, apart, in
one word or in several (wei chuan, WeiChuanYingxiang), with lü as lv, lyu or lu, and by any reading a character has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import islice, product
from pathlib import Path
from unicodedata import normalize

import pypinyin
import yaml

from cases.names import is_ordinary_word, names_in, normalise, pinyin_core, split_aliases
from core.text import fold, is_cjk

#: letters a brand may have that the resolver finds too short to tell firms apart; more are the resolver's
_SHORT = range(3, 5)
#: letters from which a spelling of two characters tells something
_SPELLED = 5
_LONGEST_BRAND = 4
#: readings tried of two or three characters; most have one each
_READINGS = 16
#: (what kind of beginning, the beginning)
Lead = tuple[str, str]


@cache
def _brands() -> Mapping[str, str]:
    """A brand as it is folded -> the first of its line."""
    path = Path(__file__).with_name("brands.yml")
    lines: list[list[str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    names = {fold(str(name)): fold(str(line[0])) for line in lines for name in line}
    # 比亚迪 is BYD, and so is Biyadi.
    spelled = {_plain_u(pinyin_core(name)): first for name, first in names.items() if is_cjk(name[0])}
    return {**{letters: first for letters, first in spelled.items() if len(letters) > 3}, **names}


@lru_cache(maxsize=200_000)
def leads_of(name: str) -> frozenset[Lead]:
    """The beginnings of a name; two names may be one firm's when they share one across scripts, or a short brand."""
    return frozenset(
        lead
        for part in {*(found for found, _ in names_in(name)), *split_aliases(name)}
        for lead in _leads(normalize("NFKC", part))
    )


def _leads(part: str) -> Iterator[Lead]:
    parts, brands = normalise(part), _brands()
    if parts.core:
        first = parts.core[0]
        if len(first) in _SHORT and not is_ordinary_word(first):
            yield "short", first
        core = _after_place(parts.core)
        spelled = {_plain_u("".join(core[:n])) for n in (1, 2, 3)} | {*_joined(part, first)}
        for letters in {first, *spelled}:
            if len(letters) >= _SPELLED and not is_ordinary_word(letters):
                # That two names have their first word alone in common is the resolver's to judge.
                yield "latin" if letters == first else "joined", letters
        for word in (*parts.core[:2], "".join(parts.core[:2]), "".join(parts.core[:3])):
            if (found := brands.get(word) or brands.get(_plain_u(word))) is not None:
                yield "brand", found
    if len(parts.zh) >= 2:
        for length in (2, 3):
            if is_ordinary_word(parts.zh[:length]):
                continue
            for letters in _readings(parts.zh[:length]):
                if len(letters) >= _SPELLED:
                    yield "pinyin", letters
        for length in range(2, _LONGEST_BRAND + 1):
            if parts.zh[:length] in brands:
                yield "brand", brands[parts.zh[:length]]


#: two syllables of pinyin at the beginning of a word, and at least one more
_SYLLABLE = (
    r"(?:(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)?"
    r"(?:iang|iong|uang|ueng|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in|iu|ou|ua|ui|un|uo|ue|a|e|i|o|u|v))"
)
_WORDS_IN = re.compile(rf"({_SYLLABLE}{{2}})({_SYLLABLE})+")
_CAMEL = re.compile(r"[A-Z]?[a-z]{4,}(?=[A-Z\u00ad\u200b-\u200d])")


def _after_place(core: Sequence[str]) -> Sequence[str]:
    """The words after a place that stands before them in two: shen zhen."""
    place = normalise("".join(core[:2])) if len(core) > 2 else None
    return core[2:] if place is not None and place.places and place.is_bare_of_names else core


def _joined(part: str, first: str) -> Iterator[str]:
    """Beginnings of a first word that may be several: by its capitals, or by the syllables of pinyin."""
    if camel := _CAMEL.match(part.strip()):
        yield fold(camel[0])
    if whole := _WORDS_IN.fullmatch(first):
        yield whole[1]


def _readings(characters: str) -> set[str]:
    """The pinyin of some characters, by every reading they have."""
    read = pypinyin.pinyin(characters, style=pypinyin.Style.NORMAL, heteronym=True, errors="ignore")
    return {_plain_u("".join(one)) for one in islice(product(*read), _READINGS)}


def _plain_u(letters: str) -> str:
    """Letters with the ways of writing lü and nü made one."""
    return re.sub(r"([ln])(?:yu|v|ü)", r"\1u", letters)


def meets(lead: Lead) -> tuple[Lead, ...]:
    """What the other name must begin with, of whatever kind: Latin letters meet pinyin, words written together meet the
    same written apart, the rest meets itself."""
    kind, said = lead
    return tuple((one, said) for one in _MEETS.get(kind, (kind,)))


_MEETS = {
    "latin": ("pinyin", "joined"),
    "joined": ("pinyin", "joined", "latin"),
    "pinyin": ("latin", "joined"),
}
