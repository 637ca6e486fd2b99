"""The warning level by rule: additive, every point with its reason, from ``cases/taxonomy/severity.yml``. Pure.

A factor whose fact is not stored is ``not assessed`` (points None) and counts nothing: silence is no evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from cases.taxonomy import FOLDER, load_taxonomy
from cases.taxonomy.reading import Reader

LEVELS = ("L0", "L4", "L3", "L2", "L1")
#: the rubric's remedies in Chinese; the first four are called so by the tagging rules too
_REMEDIES = {
    "general_exclusion_order": "普遍排除令",
    "limited_exclusion_order": "有限排除令",
    "asset_freeze": "资产冻结",
    "seizure": "扣押",
    "criminal": "刑事",
    "damages_only": "仅损害赔偿",
}


@dataclass(frozen=True)
class SeverityFacts:
    """What is stored of a case for one centre. None: nothing is stored about it."""

    dispute_types: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()
    local_named: int = 0
    campaign: int = 0
    days_quiet: int | None = None
    is_concluded: bool = False
    days_to_clock: int | None = None
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
    """The rubric, read once."""
    return Reader(FOLDER).file("severity.yml")


def level_words(level: str) -> tuple[str, str]:
    """The rubric's (zh, en) words for a level; the level itself when unknown."""
    row = next((row for row in rubric()["levels"] if row["id"] == level), None)
    return (row["zh"], row["en"]) if row else (level, level)


def level_of(total: int) -> str:
    """The level of a sum."""
    rows = sorted(rubric()["levels"], key=lambda row: -row["min"])
    return next((str(row["id"]) for row in rows if total >= row["min"]), "L0")


def judge(facts: SeverityFacts) -> Severity:
    """Add up the rubric's factors over ``facts``."""
    lines = [
        _dispute(facts),
        _local(facts),
        _line("f.local_watch_hit", None, "未提供监测方案数据", "no watch profiles were given"),
        _remedy(facts),
        _key_industry(facts),
        _line("f.export_exposure", None, "未提供贸易数据", "no trade table was given"),
        _clock(facts),
        _line(
            "f.plaintiff_campaign",
            min(8, 2 * facts.campaign),
            f"近12个月同一权利人另有{facts.campaign}件公开案件",
            f"{facts.campaign} other public cases of the same right holder in 12 months",
        ),
        _chain(facts),
        _line("f.source_confidence", None, "未评估", "not assessed"),
        _line(
            "f.settled",
            -20 if facts.is_concluded else 0,
            "已有结果" if facts.is_concluded else "未记录结果",
            "an outcome is recorded" if facts.is_concluded else "no outcome is recorded",
        ),
    ]
    lines.append(_decay(facts, max(0, sum(line.points or 0 for line in lines))))
    total = max(0, sum(line.points or 0 for line in lines))
    return Severity(tuple(lines), total, level_of(total), str(rubric()["version"]))


def _line(identity: str, points: int | None, why_zh: str, why_en: str) -> Factor:
    row = next((row for row in rubric()["factors"] if row["id"] == identity), rubric()["decay"])
    # The decay stands outside the list of factors and has a sentence for a name.
    zh, en = (row["zh"], row["en"]) if "id" in row else ("无新进展扣减", "no new event")
    return Factor(identity, zh, en, points, why_zh, why_en)


def _dispute(facts: SeverityFacts) -> Factor:
    known = load_taxonomy().dispute_types
    best = max(
        (known[d] for d in facts.dispute_types if d in known), key=lambda d: d.base_severity, default=None
    )
    if best is None:
        return _line("f.dispute_base", None, "未标注案由", "no dispute type is tagged")
    return _line("f.dispute_base", best.base_severity, best.zh, best.en)


def _local(facts: SeverityFacts) -> Factor:
    count = facts.local_named
    points = min(32, 20 + 4 * (count - 1)) if count else 0
    return _line("f.local_named", points, f"{count}家本市企业被列名", f"{count} local firms are named")


def _remedy(facts: SeverityFacts) -> Factor:
    points: Mapping[str, int] = next(row for row in rubric()["factors"] if row["id"] == "f.remedy")["map"]
    asked = set(facts.remedies) & set(_REMEDIES)
    if "dt.criminal_enforcement" in facts.dispute_types:
        asked.add("criminal")
    if not asked and set(facts.remedies) == {"damages"}:
        asked.add("damages_only")
    if not asked:
        return _line("f.remedy", None, "未标注计分的救济措施", "no remedy that counts is tagged")
    most = max(sorted(asked), key=lambda remedy: points[remedy])
    return _line("f.remedy", points[most], _REMEDIES[most], most.replace("_", " "))


def _key_industry(facts: SeverityFacts) -> Factor:
    if facts.is_key_industry is None:
        return _line("f.industry_key", None, "未登记重点产业", "no key industries are registered")
    return _line("f.industry_key", 8 if facts.is_key_industry else 0, "按重点产业登记", "by the register")


def _clock(facts: SeverityFacts) -> Factor:
    days = facts.days_to_clock
    if days is None:
        return _line("f.clock", None, "未记录送达日期", "no date of service is stored")
    steps: Mapping[str, int] = next(row for row in rubric()["factors"] if row["id"] == "f.clock")["map"]
    fitting = [points for limit, points in steps.items() if 0 <= days <= int(limit.strip("<=d"))]
    return _line(
        "f.clock", max(fitting, default=0), f"距最近期限{days}天", f"{days} days to the nearest clock"
    )


def _chain(facts: SeverityFacts) -> Factor:
    spreads = (
        "general_exclusion_order" in facts.remedies
        or "dt.sep_frand" in facts.dispute_types
        or "dt.platform_complaint" in facts.dispute_types
    )
    why = ("普遍排除令、标准必要专利或平台", "a general exclusion order, an SEP or a platform")
    return _line("f.chain", 4 if spreads else 0, *(why if spreads else ("未见", "none found")))


def _decay(facts: SeverityFacts, so_far: int) -> Factor:
    """Silence takes away what there is and no more: the rubric's floor is 0."""
    if facts.days_quiet is None:
        return _line("decay", None, "案件没有日期", "the case has no date")
    return _line(
        "decay",
        -min(so_far, 5 * (max(0, facts.days_quiet) // 30)),
        f"最近进展距今{facts.days_quiet}天",
        f"{facts.days_quiet} days since the latest event",
    )
