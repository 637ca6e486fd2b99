"""The warning level by rule: additive, every point with its reason, from ``cases/taxonomy/severity.yml``. Pure.

Every number stands in that file. A factor whose fact is not stored is ``not assessed`` (points None) and counts nothing:
silence is no evidence; nor is a clock that nobody has read in a source.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from cases.taxonomy import FOLDER, load_taxonomy
from cases.taxonomy.reading import Reader, invalid

LEVELS = ("L0", "L4", "L3", "L2", "L1")
_FILE = "severity.yml"
#: the factors this module knows how to judge, in the order of a page
_FACTORS = (
    "f.dispute_base",
    "f.local_named",
    "f.local_watch_hit",
    "f.remedy",
    "f.industry_key",
    "f.export_exposure",
    "f.clock",
    "f.plaintiff_campaign",
    "f.chain",
    "f.source_confidence",
    "f.settled",
)


@dataclass(frozen=True)
class SeverityFacts:
    """What is stored of a case for one centre. None: nothing is stored about it.

    ``days_to_clock`` are calendar days at the forum to the nearest end of a clock whose rule was read.
    """

    dispute_types: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()
    local_named: int = 0
    campaign: int = 0
    days_quiet: int | None = None
    is_concluded: bool = False
    days_to_clock: int | None = None
    #: the nearest clock, (zh, en)
    clock: tuple[str, str] = ("", "")
    is_key_industry: bool | None = None


@dataclass(frozen=True)
class Factor:
    """One line of the sum. ``points`` is None when nothing is stored to judge it by."""

    id: str
    zh: str
    en: str
    points: int | None
    why_zh: str
    why_en: str


@dataclass(frozen=True)
class Severity:
    """The rule's answer: its lines, their sum (never under 0), the level, the rubric's version."""

    factors: tuple[Factor, ...]
    total: int
    level: str
    rubric: str

    def as_content(self) -> list[dict[str, Any]]:
        """The lines as JSON."""
        return [vars(factor) for factor in self.factors]


@cache
def rubric() -> Mapping[str, Any]:
    """The rubric, read once and checked. Raises RulebookInvalid naming the factor and the fault."""
    return read_rubric(Reader(FOLDER))


def read_rubric(reader: Reader) -> Mapping[str, Any]:
    """The rubric of ``reader``'s folder. Raises RulebookInvalid."""
    data = reader.file(_FILE)
    levels = {row.get("id"): row.get("min") for row in reader.section(_FILE, "levels")}
    if set(levels) != set(LEVELS) or not all(isinstance(least, int) for least in levels.values()):
        raise invalid(_FILE, "levels", f"must be {', '.join(LEVELS)}, each with a min")
    if sorted(levels, key=lambda level: levels[level]) != list(LEVELS):
        raise invalid(_FILE, "levels", "must rise from L0 over L4 to L1")
    rows = {row.get("id"): row for row in reader.section(_FILE, "factors")}
    if set(rows) != set(_FACTORS):
        odd = min(set(rows) ^ set(_FACTORS), key=str)
        raise invalid(_FILE, odd, "is missing, or no rule knows how to judge it")
    known = load_taxonomy().dispute_types
    for identity, row in rows.items():
        _check_points(identity, row)
        for dispute_type in (row.get("for") or {}).get("dispute_types", ()):
            if dispute_type not in known:
                raise invalid(_FILE, identity, f"is for the unknown dispute type {dispute_type!r}")
    decay = data.get("decay") or {}
    if not (
        isinstance(decay.get("days"), int) and decay["days"] > 0 and isinstance(decay.get("points"), int)
    ):
        raise invalid(_FILE, "decay", "needs days (over 0) and points")
    return data


def _check_points(identity: str, row: Mapping[str, Any]) -> None:
    points = row.get("points", row.get("map", row.get("steps")))
    if isinstance(points, list):
        numbers = [step.get(name) for step in points for name in ("days", "points")]
    elif isinstance(points, Mapping):
        numbers = [n for n in points.values() if n != "base_severity"]
    else:
        numbers = [points]
    if points is None or not all(isinstance(n, int) and not isinstance(n, bool) for n in numbers):
        raise invalid(_FILE, identity, "needs whole numbers in points, map or steps")
    if row.get("assessed") is False and len(row.get("why") or ()) != 2:
        raise invalid(_FILE, identity, "is not assessed: say why, in Chinese and in English")


def level_words(level: str) -> tuple[str, str]:
    """The rubric's (zh, en) words for a level; the level itself when unknown."""
    row = next((row for row in rubric()["levels"] if row["id"] == level), None)
    return (row["zh"], row["en"]) if row else (level, level)


def level_of(total: int) -> str:
    """The level of a sum."""
    rows = sorted(rubric()["levels"], key=lambda row: -row["min"])
    return next((str(row["id"]) for row in rows if total >= row["min"]), "L0")


def campaign_window() -> timedelta:
    """How far back the suits of one right holder are counted."""
    return timedelta(days=int(_row("f.plaintiff_campaign")["days"]))


def judge(facts: SeverityFacts) -> Severity:
    """Add up the rubric's factors over ``facts``."""
    lines = [
        _dispute(facts),
        _many("f.local_named", facts.local_named, f"{facts.local_named}家本市企业被列名", f"local firms named: {facts.local_named}"),
        _unassessed("f.local_watch_hit"),
        _remedy(facts),
        _key_industry(facts),
        _unassessed("f.export_exposure"),
        _clock(facts),
        _many(
            "f.plaintiff_campaign",
            facts.campaign,
            f"近12个月同一权利人另有{facts.campaign}件公开案件",
            f"{facts.campaign} other public cases of the same right holder in 12 months",
        ),
        _chain(facts),
        _unassessed("f.source_confidence"),
        _line(
            "f.settled",
            _row("f.settled")["points"] if facts.is_concluded else 0,
            "已有结果" if facts.is_concluded else "未记录结果",
            "an outcome is recorded" if facts.is_concluded else "no outcome is recorded",
        ),
    ]  # fmt: skip
    floor = int(rubric()["decay"].get("floor", 0))
    lines.append(_decay(facts, max(floor, sum(line.points or 0 for line in lines)) - floor))
    total = max(0, sum(line.points or 0 for line in lines))
    return Severity(tuple(lines), total, level_of(total), str(rubric()["version"]))


def _row(identity: str) -> Mapping[str, Any]:
    return next(row for row in rubric()["factors"] if row["id"] == identity)  # type: ignore[no-any-return]


def _line(identity: str, points: int | None, why_zh: str, why_en: str) -> Factor:
    row = _row(identity)
    return Factor(identity, row["zh"], row["en"], points, why_zh, why_en)


def _unassessed(identity: str) -> Factor:
    return _line(identity, None, *_row(identity)["why"])


def _many(identity: str, count: int, why_zh: str, why_en: str) -> Factor:
    points = _row(identity)["points"]
    given = min(points["cap"], points["first"] + points["each"] * (count - 1)) if count else 0
    return _line(identity, given, why_zh, why_en)


def _dispute(facts: SeverityFacts) -> Factor:
    known = load_taxonomy().dispute_types
    best = max(
        (known[d] for d in facts.dispute_types if d in known), key=lambda d: d.base_severity, default=None
    )
    if best is None:
        return _line("f.dispute_base", None, "未标注案由", "no dispute type is tagged")
    return _line("f.dispute_base", best.base_severity, best.zh, best.en)


def _remedy(facts: SeverityFacts) -> Factor:
    row = _row("f.remedy")
    points: Mapping[str, int] = row["map"]
    asked = _shared(facts.remedies, points)
    current = load_taxonomy().current
    if current("dt.criminal_enforcement") in map(current, facts.dispute_types):
        asked.add("criminal")
    if not asked and set(facts.remedies) == {"damages"}:
        asked.add("damages_only")
    if not asked:
        return _line("f.remedy", None, "未标注计分的救济措施", "no remedy that counts is tagged")
    most = max(sorted(asked), key=lambda remedy: points[remedy])
    return _line("f.remedy", points[most], row["names"][most], most.replace("_", " "))


def _shared(told: Iterable[str], listed: Iterable[str]) -> set[str]:
    """Those of the rubric's ids that a case has, whether it has them under these or under what took their place."""
    current = load_taxonomy().current
    has = set(map(current, told))
    return {one for one in listed if current(one) in has}


def _key_industry(facts: SeverityFacts) -> Factor:
    if facts.is_key_industry is None:
        return _line("f.industry_key", None, "未登记重点产业", "no key industries are registered")
    points = _row("f.industry_key")["points"] if facts.is_key_industry else 0
    return _line("f.industry_key", points, "按重点产业登记", "by the register")


def _clock(facts: SeverityFacts) -> Factor:
    days = facts.days_to_clock
    if days is None:
        return _line(
            "f.clock",
            None,
            "卷宗未显示已核对规则的期限在进行",
            "no clock whose rule was read runs on the docket",
        )
    steps = sorted(_row("f.clock")["steps"], key=lambda step: step["days"])
    points = next((step["points"] for step in steps if 0 <= days <= step["days"]), 0)
    zh, en = facts.clock
    return _line(
        "f.clock",
        points,
        f"距最近期限{days}天" + (f"（{zh}）" if zh else ""),
        f"{days} days to the nearest clock" + (f" ({en})" if en else ""),
    )


def _chain(facts: SeverityFacts) -> Factor:
    row = _row("f.chain")
    spreads = bool(
        _shared(facts.remedies, row["for"]["remedies"])
        or _shared(facts.dispute_types, row["for"]["dispute_types"])
    )
    why = ("普遍排除令、标准必要专利或平台", "a general exclusion order, an SEP or a platform")
    return _line("f.chain", row["points"] if spreads else 0, *(why if spreads else ("未见", "none found")))


def _decay(facts: SeverityFacts, most: int) -> Factor:
    """Silence takes away what stands above the rubric's floor and no more."""
    decay, days = rubric()["decay"], facts.days_quiet
    # The decay stands outside the list of factors and has a sentence for a name.
    words = "decay", "无新进展扣减", "no new event"
    if days is None:
        return Factor(*words, None, "案件没有日期", "the case has no date")
    taken = max(-most, decay["points"] * (max(0, days) // decay["days"]))
    return Factor(*words, taken, f"最近进展距今{days}天", f"{days} days since the latest event")
