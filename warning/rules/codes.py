"""Classification codes of a record (IPC, CPC, Nice, HS, nature of suit, forum): structured evidence beats text.

Of all prefixes the rules know, a code speaks for the longest one it has: H02J7 (batteries) before H02J (grids).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from warning.rules.model import Rule

#: schemes whose codes are compared whole
_WHOLE = frozenset({"nice", "venue"})


class CodeFound(NamedTuple):
    """A code that speaks for a rule: where it stands, as written, and whether it is enough by itself."""

    field: str
    text: str
    is_enough: bool


class CodeTable:
    """The code prefixes of all rules."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._table: dict[str, dict[str, list[tuple[int, bool]]]] = {}
        for place, rule in enumerate(rules):
            for is_enough, by_scheme in ((True, rule.implied_by), (False, rule.hinted_by)):
                for scheme, prefixes in by_scheme.items():
                    table = self._table.setdefault(scheme, {})
                    for prefix in prefixes:
                        table.setdefault(plain_code(scheme, prefix), []).append((place, is_enough))

    def found(self, codes: Mapping[str, Sequence[str]]) -> dict[int, list[CodeFound]]:
        """Rule -> the codes that speak for it."""
        out: dict[int, list[CodeFound]] = {}
        for scheme, written in codes.items():
            table = self._table.get(scheme)
            if not table:
                continue
            for number, code in enumerate(written):
                for place, is_enough in _longest(table, scheme, plain_code(scheme, code)):
                    out.setdefault(place, []).append(CodeFound(f"codes.{scheme}[{number}]", code, is_enough))
        return out


def plain_code(scheme: str, code: str) -> str:
    """A code without spaces, dots and leading zeros, in capitals."""
    if scheme == "venue":
        return code
    if scheme == "nice":
        return code.strip().lstrip("0")
    if scheme == "hs":
        return re.sub(r"\D", "", code)
    return code.replace(" ", "").upper()


def _longest(
    table: Mapping[str, list[tuple[int, bool]]], scheme: str, code: str
) -> Sequence[tuple[int, bool]]:
    if scheme in _WHOLE:
        return table.get(code, ())
    for length in range(len(code), 0, -1):
        known = table.get(code[:length])
        # G06F1 is no prefix of G06F16; an HS heading is one of all its subheadings.
        if known and (
            scheme == "hs" or not (code[length - 1].isdigit() and code[length : length + 1].isdigit())
        ):
            return known
    return ()


def expanded(prefix: str) -> list[str]:
    """The headings of an HS range like 3901-3926, or the prefix itself."""
    match = re.fullmatch(r"(\d+)-(\d+)", prefix)
    if match is None:
        return [prefix]
    width = len(match[1])
    return [f"{number:0{width}d}" for number in range(int(match[1]), int(match[2]) + 1)]
