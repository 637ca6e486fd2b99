"""What a person typed: words that must all be there, "phrases", and -words that must not. No field syntax, no errors."""

from __future__ import annotations

import re
from dataclasses import dataclass

from search.analysis import analyse, characters, grouped_numbers, has_lone_character

_CHUNK = re.compile(r'(-?)(?:"([^"]*)"|“([^”]*)”|「([^」]*)」|(\S+))')


@dataclass(frozen=True)
class Clause:
    """A sequence of tokens that must stand (or, excluded, must not stand) together.

    Attributes:
        words: of the stream of pairs.
        characters: of the stream of single characters.
        by_character: which of the two finds it.
        number: the same number without its thousands commas, which finds it too; "" when it is no such number.
    """

    words: tuple[str, ...]
    characters: tuple[str, ...]
    by_character: bool
    is_excluded: bool
    number: str = ""


def parse_query(text: str) -> list[Clause]:
    """The clauses of ``text``; never raises. Nothing but exclusions, or nothing at all, means everything else."""
    clauses: list[Clause] = []
    for match in _CHUNK.finditer(text):
        minus, *alternatives = match.groups()
        chunk = next((a for a in alternatives if a is not None), "")
        words = tuple(token.text for token in analyse(chunk))
        if words:
            numbers = grouped_numbers(chunk)
            is_number = len(numbers) == 1 and numbers[0].end - numbers[0].start == len(chunk.strip())
            clauses.append(
                Clause(
                    words=words,
                    characters=tuple(token.text for token in characters(chunk)),
                    by_character=has_lone_character(chunk),
                    is_excluded=bool(minus),
                    number=numbers[0].text if is_number else "",
                )
            )
    return list(dict.fromkeys(clauses))
