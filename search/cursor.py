"""Where a list goes on: the same marks for every engine, so that a page begun on one continues on another."""

from __future__ import annotations

from core.errors import BadInput
from core.paging import decode_cursor, encode_cursor
from search.port import MAX_DEPTH

#: documents of one sort key that a mark remembers; a day's tie-breaker has 40 bits, so there are hardly ever two
_MOST_SEEN = 1000


def offset_of(cursor: str | None) -> int:
    """How many hits by relevance were shown. Raises BadInput."""
    if cursor is None:
        return 0
    kind, offset = decode_cursor(cursor, 2)
    # True is an int to Python.
    if kind != "r" or type(offset) is not int or not 0 <= offset <= MAX_DEPTH:
        raise _other_order()
    return offset


def after_offset(offset: int, limit: int, total: int) -> str | None:
    """The mark behind ``limit`` hits from ``offset``; None when there are no more, or none that are shown."""
    after = offset + limit
    return encode_cursor(["r", after]) if after < min(total, MAX_DEPTH) else None


def mark_of(cursor: str) -> tuple[int, list[str]]:
    """Where a list by date goes on: the last sort key, and which documents of exactly that key were shown. Raises
    BadInput."""
    kind, last, *seen = decode_cursor(cursor)
    if (
        kind != "d"
        or type(last) is not int
        or not 0 <= last < 2**63
        or len(seen) > _MOST_SEEN
        or not all(isinstance(s, str) for s in seen)
    ):
        raise _other_order()
    return last, seen


def after_mark(last: int, shown: list[str], before: tuple[int, list[str]] | None) -> str:
    """The mark behind the sort key ``last``, of which this page showed ``shown`` and the page ``before`` it more."""
    earlier = before[1] if before is not None and before[0] == last else []
    return encode_cursor(["d", last, *earlier, *shown])


def _other_order() -> BadInput:
    return BadInput("The page mark belongs to another order of the list.", fix="Go back to the first page.")
