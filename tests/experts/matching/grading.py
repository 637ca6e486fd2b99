"""RUBRIC.md as questions answered by yes or no; ``python -m tests.experts.matching.grading`` wrote grades.csv.

It reads the drawn facts alone and asks the program nothing; who is barred was known when they were planted.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.experts.matching.draw import FORUMS, draw

Facts = Mapping[str, Any]
GRADES = Path(__file__).with_name("grades.csv")
_REGION = {forum: region for region, forum in FORUMS}
_RECENT = "2018-11-02"
_ENOUGH = ("", "B2", "C1", "C2")


def kept_grades() -> dict[str, int]:
    """Expert -> grade, as they were given."""
    with GRADES.open(encoding="utf-8") as rows:
        return {row["expert"]: int(row["grade"]) for row in csv.DictReader(rows)}


def grade(request: Facts, expert: Facts) -> int:
    """The grade of somebody who is not barred."""
    found = _before_lowering(request, expert)
    return found - 1 if found >= 2 and _is_lowered(request, expert) else found


def _before_lowering(request: Facts, expert: Facts) -> int:
    matters = expert["cases"]
    recent = [m for m in matters if m["on"] >= _RECENT]
    kind = [m for m in recent if m["dispute_type"] in request["dispute_types"]]
    led = [m for m in kind if m["role"] == "lead"]
    here, near = (lambda m: _is_here(request, m)), (lambda m: _REGION[m["venue"]] == request["region"])
    knows = bool(set(request["industries"]) & ({*expert["industries"]} | {m["industry"] for m in recent}))
    if knows and (any(map(here, led)) or len([m for m in led if near(m)]) >= 2):
        return 3
    if any(near(m) for m in kind) or (knows and len(led) >= 2):
        return 2
    handles = {*expert["dispute_types"]} | {m["dispute_type"] for m in matters}
    if handles & set(request["dispute_types"]) and (knows or any(map(near, matters))):
        return 1
    return 0


def _is_here(request: Facts, matter: Facts) -> bool:
    if request["venue"] is None:
        return _REGION[matter["venue"]] == request["region"]
    return bool(matter["venue"] == request["venue"])


def _is_lowered(request: Facts, expert: Facts) -> bool:
    answers = expert["feedback"] or {"mean": 5, "n": 0}
    levels = dict(one.partition(":")[::2] for one in expert["languages"])
    spoken = levels.get(request["languages"]["case"][0], "")
    return (answers["n"] >= 5 and answers["mean"] < 3) or spoken not in _ENOUGH


def graded() -> Iterator[tuple[str, str, int]]:
    """(consultation, expert, grade) of everybody."""
    for row in draw():
        for expert in row["experts"]:
            barred = expert["id"] in row["traps"]
            yield row["request"]["id"], expert["id"], 0 if barred else grade(row["request"], expert)


if __name__ == "__main__":
    with GRADES.open("w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out, lineterminator="\n")
        lines.writerow(("consultation", "expert", "grade"))
        lines.writerows(graded())
