"""A memo is its run's own: lent sessions share it, others compute anew."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from core.db import Database
from core.memo import lend, remembered


def test_sessions_that_were_lent_a_memo_ask_once(tmp_path: Any) -> None:
    database = Database(f"sqlite:///{tmp_path / 'memo.db'}")
    memo: dict[Hashable, Any] = {}
    asked: list[str] = []

    def ask(key: str) -> str:
        asked.append(key)
        return f"{key} {len(asked)}"

    for _ in range(2):
        with database.read() as session:
            lend(session, memo)
            assert remembered(session, ("letter", 1), lambda: ask("one")) == "one 1"
            assert remembered(session, ("letter", 2), lambda: ask("two")) == "two 2"
    assert asked == ["one", "two"]
    with database.read() as session:
        assert remembered(session, ("letter", 1), lambda: ask("one")) == "one 3"
    memo.clear()
    with database.read() as session:
        lend(session, memo)
        assert remembered(session, ("letter", 1), lambda: ask("one")) == "one 4"
    database.dispose()
