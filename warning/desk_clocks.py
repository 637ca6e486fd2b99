"""The desk's clocks: what becomes a task at which level, and by when, from ``desk_clocks.yml``. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from core.errors import RulebookInvalid
from core.workdays import add_working_hours, close_of_working_day
from warning.severity import LEVELS

_FILE = Path(__file__).with_name("desk_clocks.yml")
_UNITS = ("hours", "working_hours", "working_days")
#: the task of a firm that does not answer
CALL = "call"


@dataclass(frozen=True)
class DeskClocks:
    """Office hours, what each kind of task is called (zh, en), and level -> (unit, number) for each kind."""

    opens: time
    closes: time
    names: Mapping[str, tuple[str, str]]
    spans: Mapping[str, Mapping[str, tuple[str, int]]]

    def due(self, kind: str, level: str, at: datetime, zone: str) -> datetime | None:
        """When a task of ``kind`` at ``level`` that began ``at`` (aware) is due, UTC; None where none is made."""
        span = self.spans[kind].get(level)
        if span is None:
            return None
        unit, number = span
        if unit == "hours":
            return at + timedelta(hours=number)
        if unit == "working_hours":
            return add_working_hours(at, number, self.opens, self.closes, zone)
        return close_of_working_day(at, number, self.closes, zone)


@cache
def load_desk_clocks() -> DeskClocks:
    """The clocks, read once and checked. Raises RulebookInvalid."""
    return read_desk_clocks(_FILE.read_text(encoding="utf-8"))


def read_desk_clocks(text: str) -> DeskClocks:
    """The clocks of a file's text. Raises RulebookInvalid naming the kind and the fault."""
    data: Mapping[str, Any] = yaml.safe_load(text)
    office = data["working_hours"]
    opens, closes = time.fromisoformat(office["opens"]), time.fromisoformat(office["closes"])
    if opens >= closes:
        raise _invalid("working_hours", "must open before they close")
    names = {row["id"]: (row["zh"], row["en"]) for row in data["kinds"]}
    if CALL not in names:
        raise _invalid(CALL, "is missing")
    spans = {
        row["id"]: {level: _span(row["id"], level, span) for level, span in row["levels"].items()}
        for row in data["kinds"]
    }
    return DeskClocks(opens, closes, names, spans)


def _span(kind: str, level: str, span: Mapping[str, Any]) -> tuple[str, int]:
    if level not in LEVELS:
        raise _invalid(kind, f"{level!r} is no level")
    if len(span) != 1 or next(iter(span)) not in _UNITS:
        raise _invalid(kind, f"{level} needs one of {', '.join(_UNITS)}")
    unit, number = next(iter(span.items()))
    if not isinstance(number, int) or number < 0:
        raise _invalid(kind, f"{level}: {number!r} is no whole number")
    return unit, number


def _invalid(identity: str, problem: str) -> RulebookInvalid:
    return RulebookInvalid(
        f"warning/desk_clocks.yml, {identity}: {problem}.", fix="Mend the entry and load again."
    )
