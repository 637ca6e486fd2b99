"""In which languages a record is written: a word counts in its own only. 起訴 is an indictment in Japanese and a suit in
Chinese; die, hat and Boot are German words and English ones."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: the languages words are kept in
KNOWN = frozenset({"en", "zh", "ja", "de"})
# Kana, and characters only Japan writes.
_KANA_OR_OWN = re.compile(
    r"[\u3041-\u30fa]|[権庁営売価処験検込済駅録]|競争|請求事件|請求控訴|裁判所|審決|特許|意匠"
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_GERMAN = frozenset(
    {
        "der",
        "die",
        "das",
        "des",
        "dem",
        "den",
        "und",
        "oder",
        "wegen",
        "für",
        "gegen",
        "zur",
        "zum",
        "ein",
        "eine",
        "eines",
        "einer",
        "durch",
        "bei",
        "nach",
        "von",
        "vom",
        "im",
        "mit",
        "auf",
        "ist",
        "sind",
        "wird",
        "verurteilt",
        "verfahren",
    }
)
_ENGLISH = frozenset(
    {
        "the",
        "of",
        "and",
        "for",
        "with",
        "by",
        "to",
        "on",
        "from",
        "certain",
        "over",
        "at",
        "against",
        "after",
        "finds",
        "find",
        "grants",
    }
)
_GERMAN_WORD = re.compile(r"[äöüßÄÖÜ]|\b[A-ZÄÖÜ]?[a-zäöü]*(?:ung|heit|keit|verfahren|gericht|schutz|recht)\b")
#: a record's language shows in its first words
_ENOUGH = 2000


def languages_of(texts: Iterable[str], given: str | None) -> frozenset[str]:
    """The languages of a record's texts; ``given`` is believed beside what is seen."""
    text = "\n".join(part[:_ENOUGH] for part in texts)
    found = {given[:2].lower()} & KNOWN if given else set()
    if not text.isascii() and (_HAN.search(text) or _KANA_OR_OWN.search(text)):
        # Han without a sign of Japan is Chinese.
        found.add("ja" if _KANA_OR_OWN.search(text) else "zh")
    words = text.lower().split()
    german = sum(word in _GERMAN for word in words)
    english = sum(word in _ENGLISH for word in words)
    is_german = german > english or (german == english and _GERMAN_WORD.search(text) is not None)
    if is_german or german == english == 0:
        found.add("de")
    if not is_german or english * 4 >= german > 0:
        found.add("en")
    return frozenset(found)
