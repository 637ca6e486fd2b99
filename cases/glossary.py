"""Words across languages: a Chinese question finds an English record that speaks of the same thing, and the reverse."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml
from ahocorasick_rs import AhoCorasick, Implementation

from core.errors import RulebookInvalid
from core.text import fold, is_cjk

FILE = Path(__file__).with_name("glossary.yml")


class Glossary:
    """Rows of words that mean one thing.

    Args:
        rows: language → words, one mapping a thing.
    """

    def __init__(self, rows: list[Mapping[str, list[str]]]) -> None:
        self._rows = rows
        self._wanted = [(fold(word), number, language) for number, row in enumerate(rows) for language, words in row.items() for word in words]  # fmt: skip
        self._automaton = AhoCorasick(
            [word for word, _, _ in self._wanted], implementation=Implementation.ContiguousNFA
        )

    def other_words(self, text: str) -> list[str]:
        """The words in the other language of every thing ``text`` speaks of, in the order of the glossary."""
        folded = fold(text)
        spoken: dict[int, set[str]] = {}
        for place, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True):
            _, number, language = self._wanted[place]
            if _stands_alone(folded, start, end):
                spoken.setdefault(number, set()).add(language)
        return [
            word
            for number in sorted(spoken)
            for language, words in self._rows[number].items()
            if language not in spoken[number]
            for word in words
        ]


def _stands_alone(folded: str, start: int, end: int) -> bool:
    """Whether a Latin word is not a part of a longer one; Chinese words have no boundary."""
    before = folded[start - 1] if start else " "
    after = folded[end] if end < len(folded) else " "
    return not (_is_letter(folded[start]) and _is_letter(before)) and not (
        _is_letter(folded[end - 1]) and _is_letter(after)
    )


def _is_letter(char: str) -> bool:
    return char.isalnum() and not is_cjk(char)


def read_glossary(path: Path) -> Glossary:
    """The glossary of ``path``. Raises RulebookInvalid naming the row that cannot be used."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    for number, row in enumerate(data["terms"], start=1):
        words = [word for several in row.values() for word in several]
        if set(row) != {"zh", "en"} or not all(isinstance(word, str) and word.strip() for word in words):
            raise RulebookInvalid(
                f"{path.name}, row {number}: a row has words under zh and en, all of them text.",
                fix="Mend the row.",
            )
    return Glossary(data["terms"])


@cache
def load_glossary() -> Glossary:
    """The project's glossary, read once. Raises RulebookInvalid."""
    return read_glossary(FILE)
