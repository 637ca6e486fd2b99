"""Pages of long lists: cursors over (instant or number, id), never offsets that shift under a reader."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from core.errors import BadInput

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


def decode_cursor(cursor: str, length: int) -> list[Any]:
    """The values of a cursor. Raises BadInput when it was not made by :func:`encode_cursor` with ``length`` values."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, UnicodeDecodeError) as error:
        raise _bad(cursor) from error
    if not isinstance(values, list) or len(values) != length:
        raise _bad(cursor)
    return values


def _bad(cursor: str) -> BadInput:
    return BadInput(
        f"The page mark {cursor[:40]!r} is not one of ours.", fix="Go back to the first page of the list."
    )
