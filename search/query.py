"""What a person typed: words that must all be there, "phrases", and -words that must not. No field syntax, no errors."""

from __future__ import annotations

import re
from dataclasses import dataclass

from search.analysis import bigrams, characters, has_lone_character

_CHUNK = re.compile(r'(-?)(?:"([^"]*)"|“([^”]*)”|「([^」]*)」|(\S+))')


@dataclass(frozen=True)
class Clause:
    """A sequence of tokens that must stand (or, excluded, must not stand) together.

    ``words`` are of the bigram stream, ``characters`` of the character stream; ``by_character`` says which finds it.
    """

    words: tuple[str, ...]
    characters: tuple[str, ...]
    by_character: bool
    is_excluded: bool


def parse_query(text: str) -> list[Clause]:
    """The clauses of ``text``; never raises. Nothing but exclusions, or nothing at all, means everything else."""
    clauses: list[Clause] = []
    for match in _CHUNK.finditer(text):
        minus, *alternatives = match.groups()
        tokens = characters(next((a for a in alternatives if a is not None), ""))
        if tokens:
            clauses.append(
                Clause(
                    words=tuple(bigrams(tokens)),
                    characters=tuple(token.text for token in tokens),
                    by_character=has_lone_character(tokens),
                    is_excluded=bool(minus),
                )
            )
    return list(dict.fromkeys(clauses))
