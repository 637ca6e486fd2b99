"""What stands in every text that a pattern matches: a pattern is tried only where it does.

An automaton finds the pieces of all patterns in one look at a text; trying each pattern is a hundred times as slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from re import _parser  # type: ignore[attr-defined]
from typing import Any

#: so many pieces of one pattern at most, and so many characters of a set taken one by one
_MOST, _MOST_CHARS = 64, 12
_ANYTHING = frozenset({""})
#: how rare a character is: what the others do not say
_RARITY = {" ": 0.2, **dict.fromkeys(".,-", 0.5), **dict.fromkeys("0123456789", 0.7)}
_LETTER, _HAN, _SIGN = 1.0, 2.0, 1.5


def choices_of(pattern: str) -> list[tuple[str, ...]]:
    """Choices of pieces, the rarest first: of each one piece stands as written in whatever ``pattern`` matches."""
    parsed = _parser.parse(pattern)
    if parsed.state.flags & re.IGNORECASE:
        return []
    return [
        tuple(sorted(p for p in choice if not any(other in p for other in choice if other != p)))
        for choice in sorted(_sure(_runs(parsed)), key=_rank, reverse=True)
    ]


def needs_digit(pattern: str) -> bool:
    """Whether a digit stands in whatever ``pattern`` matches."""
    return _has_digit(_parser.parse(pattern))


def _has_digit(parsed: Iterable[tuple[Any, Any]]) -> bool:
    for operator, argument in parsed:
        match str(operator):
            case "LITERAL":
                found = chr(argument).isdecimal()
            case "IN":
                found = all(_is_digit(str(kind), member) for kind, member in argument)
            case "SUBPATTERN":
                found = _has_digit(argument[3])
            case "BRANCH":
                found = all(map(_has_digit, argument[1]))
            case "MAX_REPEAT" | "MIN_REPEAT":
                found = argument[0] > 0 and _has_digit(argument[2])
            case _:
                found = False
        if found:
            return True
    return False


def _is_digit(kind: str, member: Any) -> bool:
    if kind == "CATEGORY":
        return str(member) == "CATEGORY_DIGIT"
    if kind == "RANGE":
        return all(chr(point).isdecimal() for point in range(member[0], member[1] + 1))
    return kind == "LITERAL" and chr(member).isdecimal()


def _sure(choices: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    return [choice for choice in choices if choice and "" not in choice]


def _rank(choice: frozenset[str]) -> tuple[float, int, list[str]]:
    return min(map(_rarity, choice)), -len(choice), sorted(choice)


def _rarity(piece: str) -> float:
    return sum(
        _RARITY.get(c) or (_SIGN if not c.isalnum() else _LETTER if c < "\u2e80" else _HAN) for c in piece
    )


def _runs(parsed: Iterable[tuple[Any, Any]]) -> list[frozenset[str]]:
    """Of each run of a pattern whose every wording is known, all its wordings: one of them stands in the text."""
    runs, run = [], _ANYTHING
    for operator, argument in parsed:
        known, further = _wordings(str(operator), argument)
        if known is not None and len(run) * len(known) <= _MOST:
            run = frozenset(a + b for a in run for b in known)
            continue
        runs += [run, *further, *([known] if known else ())]
        run = _ANYTHING
    return [*runs, run]


def _wordings(operator: str, argument: Any) -> tuple[frozenset[str] | None, Sequence[frozenset[str]]]:
    """Every wording of one part of a pattern, None where there are too many; and then what one may rely on all the
    same."""
    if operator == "LITERAL":
        return frozenset({chr(argument)}), ()
    if operator in ("AT", "ASSERT", "ASSERT_NOT"):
        return _ANYTHING, ()
    if operator == "IN":
        return _of_set(argument), ()
    if operator == "SUBPATTERN":
        _, added, _, inner = argument
        return (None, ()) if added & re.IGNORECASE else _whole(inner)
    if operator == "BRANCH":
        return _of_branches([_whole(branch) for branch in argument[1]])
    if operator in ("MAX_REPEAT", "MIN_REPEAT"):
        least, most, inner = argument
        known, further = _whole(inner)
        if (least, most) == (0, 1) and known is not None:
            return known | _ANYTHING, ()
        if least == 0:
            return None, ()
        if (least, most) == (1, 1):
            return known, further
        return None, further if known is None else [known]
    return None, ()


def _whole(parsed: Iterable[tuple[Any, Any]]) -> tuple[frozenset[str] | None, Sequence[frozenset[str]]]:
    """As :func:`_wordings`, of a part in brackets."""
    parts = list(parsed)
    run = _ANYTHING
    for operator, argument in parts:
        known, _ = _wordings(str(operator), argument)
        if known is None or len(run) * len(known) > _MOST:
            return None, _runs(parts)
        run = frozenset(a + b for a in run for b in known)
    return run, ()


def _of_branches(
    branches: Sequence[tuple[frozenset[str] | None, Sequence[frozenset[str]]]],
) -> tuple[frozenset[str] | None, Sequence[frozenset[str]]]:
    all_known = [known for known, _ in branches if known is not None]
    if len(all_known) == len(branches):
        return frozenset().union(*all_known), ()
    each = [
        known if known is not None else max(_sure(further), key=_rank, default=None)
        for known, further in branches
    ]
    if any(not one or "" in one for one in each):
        return None, ()
    return None, [frozenset().union(*(one for one in each if one))]


def _of_set(members: Sequence[tuple[Any, Any]]) -> frozenset[str] | None:
    chars: set[str] = set()
    for operator, argument in members:
        if str(operator) == "LITERAL":
            chars.add(chr(argument))
        elif str(operator) == "RANGE" and argument[1] - argument[0] < _MOST_CHARS:
            chars.update(map(chr, range(argument[0], argument[1] + 1)))
        else:
            return None
    return frozenset(chars) if len(chars) <= _MOST_CHARS else None
