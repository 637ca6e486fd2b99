"""Weekly counts as CSV, read whole or refused series by series, and judged weeks as CSV in the same order."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from core.errors import BadInput
from warning.surge.detect import Judged, Method, detect
from warning.surge.levels import NAMES, Levels, Rules, levels_of, load_rules

COLUMNS = ("series", "date", "count")
HEADER = ("series", "date", "observed", "expected", "upper", "p", "alarm", "window", "level", "note")
#: more cases a week than this are a slip of the pen
MOST_CASES = 10_000_000
_WEEK = timedelta(days=7)


class Week(NamedTuple):
    """One row as read."""

    day: date
    cases: int
    row: int  #: its number among all good rows
    line: int  #: its number in the file


@dataclass
class Series:
    """A series' weeks, oldest first."""

    name: str
    weeks: list[Week] = field(default_factory=list)


@dataclass
class Table:
    """What a file held: the series that can be judged, and what is wrong with the others, line by line."""

    series: list[Series]
    rows: int
    problems: list[str]


def read_table(path: Path) -> Table:
    """Read ``series,date,count`` rows: ISO dates a week apart, whole counts. Rows may stand in any order.

    A series with a bad row, a week told twice, a missing week or a date between two weeks is left out, with a problem that
    names the line. Raises BadInput when the file is not UTF-8 CSV or lacks a column.
    """
    found: dict[str, Series] = {}
    spoilt: set[str] = set()
    problems: list[str] = []
    row = 0
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, strict=True)
        try:
            places = _places(path, next(reader, []))
            for cells in reader:
                if not cells:
                    continue
                one = found.setdefault(_cell(cells, places[0]), Series(_cell(cells, places[0])))
                try:
                    day, count = _day(_cell(cells, places[1])), _count(_cell(cells, places[2]))
                except ValueError as error:
                    problems.append(f"{path.name}, line {reader.line_num}: {error}")
                    spoilt.add(one.name)
                    continue
                one.weeks.append(Week(day, count, row, reader.line_num))
                row += 1
        except (UnicodeDecodeError, csv.Error) as error:
            raise BadInput(
                f"{path.name}, near line {reader.line_num + 1}, cannot be read: {error}.",
                fix="Save it as UTF-8 CSV.",
            ) from error
    good = []
    for one in found.values():
        one.weeks.sort(key=lambda week: (week.day, week.line))
        wrong = _gap(one)
        problems += [f"{path.name}, line {line}: {said}" for line, said in wrong]
        if not wrong and one.name not in spoilt:
            good.append(one)
    return Table(good, row, problems)


def judge_table(
    table: Table,
    *,
    method: Method,
    alpha: float,
    min_cases: int | None = None,
    since: date | None = None,
    rules: Rules | None = None,
) -> Iterator[tuple[str, ...]]:
    """The judged weeks from ``since`` on (default: all), a row of `HEADER` each, in the order in which they were read.

    What a week is told does not depend on ``since``. Raises ValueError as `detect` does.
    """
    rules = rules or load_rules()
    wanted = [_first(one, since) for one in table.series]
    starts = [max(0, first - rules.memory) for first in wanted]
    judged = detect(
        [[week.cases for week in one.weeks] for one in table.series],
        method=method,
        alpha=alpha,
        min_cases=min_cases,
        starts=starts,
    )
    written: list[tuple[str, ...] | None] = [None] * table.rows
    for one, first, start, weeks in zip(table.series, wanted, starts, judged, strict=True):
        levels = levels_of(weeks, alpha, rules)
        for place in range(first, len(one.weeks)):
            week = one.weeks[place]
            written[week.row] = _row(one.name, week.day, weeks, levels, place - start, method)
    return (row for row in written if row is not None)


def _places(path: Path, header: Sequence[str]) -> tuple[int, int, int]:
    names = [name.strip() for name in header]
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise BadInput(f"{path.name} has no column {missing[0]!r}.", fix=f"It needs {', '.join(COLUMNS)}.")
    first, second, third = (names.index(column) for column in COLUMNS)
    return first, second, third


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""


def _day(told: str) -> date:
    try:
        return date.fromisoformat(told)
    except ValueError:
        raise ValueError(f"{told!r} is no date; write it as 2026-11-02") from None


def _count(told: str) -> int:
    try:
        count = float(told)
        whole = int(count)
    except (ValueError, OverflowError):
        raise ValueError(f"{told!r} is no number of cases") from None
    if count != whole or whole < 0:
        raise ValueError(f"{told!r} is no number of cases; it must be whole and not below nought")
    if whole > MOST_CASES:
        raise ValueError(f"{told} cases in a week; at most {MOST_CASES:,} are believed")
    return whole


def _gap(one: Series) -> list[tuple[int, str]]:
    """The first thing that breaks the series' weeks, with its line."""
    for before, after in pairwise(one.weeks):
        days = (after.day - before.day).days
        if days == 7:
            continue
        if days == 0:
            said = f"{one.name!r} has {after.day} a second time (first on line {before.line})"
        elif days % 7:
            said = f"{one.name!r} has {after.day}, {days} days after {before.day}; weeks are 7 days apart"
        else:
            said = f"{one.name!r} has no week of {before.day + _WEEK}; write a count of 0 where there was no case"
        return [(after.line, said)]
    return []


def _first(one: Series, since: date | None) -> int:
    return 0 if since is None else sum(week.day < since for week in one.weeks)


def _row(name: str, day: date, weeks: Judged, levels: Levels, at: int, method: Method) -> tuple[str, ...]:
    level = int(levels.level[at])
    if np.isnan(weeks.p[at]):
        figures: tuple[str, ...] = (f"{weeks.observed[at]:.0f}", "", "", "", "0", "1")
    else:
        figures = (
            f"{weeks.observed[at]:.0f}",
            f"{weeks.expected[at]:.4f}",
            f"{weeks.upper[at]:.0f}",
            f"{weeks.p[at]:.4g}",
            str(int(weeks.alarm[at])),
            str(int(weeks.window[at])),
        )
    return (
        name,
        day.isoformat(),
        *figures,
        NAMES[level],
        "; ".join(_notes(day, weeks, levels, at, method)),
    )


def _notes(day: date, weeks: Judged, levels: Levels, at: int, method: Method) -> Iterator[str]:
    if np.isnan(weeks.p[at]):
        yield f"{weeks.history[at]} weeks of history, {method.least_history} are needed"
    if back := int(levels.held_for[at]):
        yield f"held since {day - back * _WEEK}"
    if levels.capped[at]:
        yield f"capped: {weeks.history[at]} weeks of history"
