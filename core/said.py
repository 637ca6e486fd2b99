"""Sentences that a reader may get in another language: English for logs and the command line, whole for a catalogue.

A service raises ``BadInput(said("There is no firm %(ref)s.", ref=ref))``; the command line prints it as it stands,
a page looks the template up in the reader's language. Services need no web for that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


class Said(str):
    """An English sentence that remembers its template and what was filled in."""

    template: str
    values: Mapping[str, Any]


def said(template: str, /, **values: Any) -> Said:
    """``template`` with its ``%(name)s`` filled in. The catalogue is extracted from calls of this function."""
    sentence = Said(template % values if values else template)
    sentence.template, sentence.values = template, values
    return sentence


#: what marshmallow says, and what jobs write down -> how we say it; groups of the pattern are values of the template
_PLAIN: tuple[tuple[re.Pattern[str], Said], ...] = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (r"Missing data for required field\.", said("This is missing: fill it in.")),
        (r"Field may not be null\.", said("This is missing: fill it in.")),
        (r"Not a valid date\.", said("This is not a date: write it like 2026-03-02.")),
        (r"Not a valid integer\.", said("This is not a whole number.")),
        (r"Not a valid boolean\.", said("Write true or false.")),
        (r"Not a valid UUID\.", said("This is not an id.")),
        (r"Must be one of: (?P<choices>.+)\.", said("Use one of these: %(choices)s.")),
        (
            r"Longer than maximum length (?P<most>\d+)\.",
            said("This is too long: at most %(most)s characters."),
        ),
        (
            r"Shorter than minimum length (?P<least>\d+)\.",
            said("This is too short: at least %(least)s characters."),
        ),
        (
            r"Length must be between (?P<least>\d+) and (?P<most>\d+)\.",
            said("This needs %(least)s to %(most)s characters."),
        ),
        (r"String does not match expected pattern\.", said("This is not written as it should be.")),
        (r"(?P<new>\d+) new, (?P<changed>\d+) changed", said("%(new)s new, %(changed)s changed")),
        (r"The job [0-9a-f-]{36} was stopped on request\.", said("Stopped on request.")),
        (
            r"The process that ran it ended without a word; start it again\.",
            said("The process that ran it ended without a word; start it again."),
        ),
    )
)


def plain(problem: str) -> str:
    """A validator's sentence, or a stored one, in our own plain words, where we have them."""
    if isinstance(problem, Said):
        return problem
    for pattern, sentence in _PLAIN:
        if match := pattern.fullmatch(problem):
            return said(sentence.template, **match.groupdict())
    return problem


def problems_of(messages: Any) -> dict[str, list[str]]:
    """A validator's nested messages, flat: field -> sentences."""
    return {str(name): list(_sentences(found)) for name, found in dict(messages).items()}


def _sentences(found: Any) -> list[str]:
    if isinstance(found, str):
        return [plain(found)]
    parts = found.values() if isinstance(found, Mapping) else found
    # A list field names each bad member; one sentence for all of them is enough.
    return list(dict.fromkeys(sentence for part in parts for sentence in _sentences(part)))
