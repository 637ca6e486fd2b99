"""Answers kept for the length of one run: what several sessions of it ask alike is computed once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from sqlalchemy.orm import Session

_PLACE = "memo"
Answer = TypeVar("Answer")


def lend(session: Session, memo: dict[Hashable, Any]) -> None:
    """Let ``session`` read and fill ``memo``, which its run owns and empties."""
    session.info[_PLACE] = memo


def remembered(session: Session, key: Hashable, compute: Callable[[], Answer]) -> Answer:
    """What ``compute`` answers; computed anew unless the session was lent a memo that holds ``key``.

    The answer must be a plain value: a row would belong to the session that read it.
    """
    memo = session.info.get(_PLACE)
    if memo is None:
        return compute()
    if key not in memo:
        memo[key] = compute()
    return memo[key]  # type: ignore[no-any-return]
