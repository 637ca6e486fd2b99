"""How a name begins, across scripts: for conflicts alone, where a needless look costs less than a conflict unseen.

The resolver asks for more before it says that two names are alike: its matches become alerts. Here three beginnings too
are a person's to look at: the pinyin of a Chinese name's first two or three characters (维川影像, Weichuan Imaging), a short
brand (TCL科技, TCL King), and a well-known firm in the other script (``brands.yml``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path

import yaml

from cases.names import is_ordinary_word, names_in, normalise, pinyin_core, split_aliases
from core.text import fold

#: letters a brand may have that the resolver finds too short to tell firms apart; more are the resolver's
_SHORT = range(3, 5)
#: letters from which a spelling of two characters tells something
_SPELLED = 5
_LONGEST_BRAND = 4
#: (what kind of beginning, the beginning)
Lead = tuple[str, str]


@cache
def _brands() -> Mapping[str, str]:
    """A brand as it is folded -> the first of its line."""
    path = Path(__file__).with_name("brands.yml")
    lines: list[list[str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {fold(str(name)): fold(str(line[0])) for line in lines for name in line}


@lru_cache(maxsize=200_000)
def leads_of(name: str) -> frozenset[Lead]:
    """The beginnings of a name; two names may be one firm's when they share one across scripts, or a short brand."""
    return frozenset(
        lead
        for part in {*(found for found, _ in names_in(name)), *split_aliases(name)}
        for lead in _leads(part)
    )


def _leads(part: str) -> Iterator[Lead]:
    parts, brands = normalise(part), _brands()
    if parts.core:
        first = parts.core[0]
        if len(first) in _SHORT and not is_ordinary_word(first):
            yield "short", first
        for letters in {first, "".join(parts.core[:2]), "".join(parts.core[:3])}:
            if len(letters) >= _SPELLED and not is_ordinary_word(letters):
                yield "latin", letters
        for word in parts.core[:2]:
            if word in brands:
                yield "brand", brands[word]
    if len(parts.zh) >= 2:
        for length in (2, 3):
            letters = pinyin_core(parts.zh[:length])
            if len(letters) >= _SPELLED and not is_ordinary_word(parts.zh[:length]):
                yield "pinyin", letters
        for length in range(2, _LONGEST_BRAND + 1):
            if parts.zh[:length] in brands:
                yield "brand", brands[parts.zh[:length]]


def meets(lead: Lead) -> Lead:
    """What the other name must begin with: Latin letters meet pinyin, everything else itself."""
    kind, said = lead
    return {"latin": "pinyin", "pinyin": "latin"}.get(kind, kind), said
