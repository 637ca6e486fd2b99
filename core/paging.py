"""Pages of long lists: cursors over (instant or number, id), never offsets that shift under a reader."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Generic, TypeVar

from core.errors import BadInput
from core.said import said

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """A page of a list: its rows and the cursor of the next one (None on the last)."""

    rows: Sequence[T]
    next_cursor: str | None


def encode_cursor(values: Sequence[Any]) -> str:
    """An opaque, URL-safe cursor for JSON-able ``values``."""
    raw = json.dumps(list(values), separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_cursor(cursor: str, length: int | None = None) -> list[Any]:
    """The values of a cursor. Raises BadInput when it was not made by :func:`encode_cursor` with ``length`` values (at
    least two when None)."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError) as error:
        raise bad_cursor() from error
    if not isinstance(values, list) or (len(values) != length if length is not None else len(values) < 2):
        raise bad_cursor()
    if not all(_is_plain(value) for value in values):
        raise bad_cursor()
    return values


def _is_plain(value: object) -> bool:
    """Whether every database takes ``value`` as a parameter."""
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value) < 2**63
    # PostgreSQL takes no NUL in text; NaN and infinity are no place in a list.
    return not (isinstance(value, str) and "\0" in value) and (
        not isinstance(value, float) or isfinite(value)
    )


def id_in_cursor(value: object) -> uuid.UUID:
    """An id that a cursor carries. Raises BadInput when it is none."""
    try:
        return uuid.UUID(str(value))
    except ValueError as error:
        raise bad_cursor() from error


def bad_cursor() -> BadInput:
    """What is raised for a page mark that leads nowhere."""
    return BadInput(
        said("This page mark is not one of ours."), fix=said("Go back to the first page of the list.")
    )
