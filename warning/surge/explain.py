"""A signal in words: one sentence, and why it is this colour and not the next. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from cases.taxonomy import load_taxonomy
from warning.surge.detect import ALPHA
from warning.surge.levels import NAMES, Rules, Way, load_rules
from warning.surge.signal_models import SurgeSignal


class Words(NamedTuple):
    """A phrase in both languages."""

    zh: str
    en: str


#: a surge's level as levels are marked elsewhere
MARKS = {"I": "L1", "II": "L2", "III": "L3", "IV": "L4"}
COLOURS = {
    "I": Words("红色 I 级", "red, level I"),
    "II": Words("橙色 II 级", "orange, level II"),
    "III": Words("黄色 III 级", "yellow, level III"),
    "IV": Words("蓝色 IV 级", "blue, level IV"),
}


@dataclass(frozen=True)
class Part:
    """One condition of the next level, and whether the signal meets it."""

    words: Words
    is_met: bool


def series_words(kind: str, value: str) -> Words:
    """What a series counts, in words."""
    known = load_taxonomy()
    parts = value.split("|") if kind == "cell" else [value]
    return Words(
        " × ".join(known.label(part, "zh") for part in parts),
        " × ".join(known.label(part, "en") for part in parts),
    )


def window_of(signal: SurgeSignal) -> tuple[date, date]:
    """The first and the last day of the window that was judged."""
    return signal.week - timedelta(weeks=signal.window - 1), signal.week + timedelta(days=6)


def sentence(signal: SurgeSignal) -> Words:
    """What happened, in one sentence: series, window, cases, what is usual, the limit, the level."""
    what = series_words(signal.kind, signal.value)
    first, last = window_of(signal)
    span = f"{first.isoformat()}—{last.isoformat()}"
    usual, colour = f"{signal.expected:.1f}", COLOURS[signal.level]
    weeks_zh = "一周" if signal.window == 1 else "两周"
    weeks_en = "in one week" if signal.window == 1 else "in two weeks"
    if signal.held_since is not None:
        since = signal.held_since.isoformat()
        return Words(
            f"{what.zh}：{span} {weeks_zh}新增{signal.observed}件，通常约{usual}件（上限{signal.upper}件）；"
            f"自{since}当周达到的等级尚在保持期，现为{colour.zh}。",
            f"{what.en}: {signal.observed} cases {weeks_en} ({span}), usually about {usual} (limit {signal.upper}); "
            f"the level reached in the week of {since} still stands, now {colour.en}.",
        )
    return Words(
        f"{what.zh}：{span} {weeks_zh}新增{signal.observed}件，通常约{usual}件，超过上限{signal.upper}件，达到{colour.zh}。",
        f"{what.en}: {signal.observed} cases {weeks_en} ({span}), usually about {usual}, above the limit of "
        f"{signal.upper}: {colour.en}.",
    )


def next_level(
    signal: SurgeSignal, rules: Rules | None = None, alpha: float = ALPHA
) -> tuple[str, list[list[Part]], list[Words]]:
    """The level above, its ways with each part met or not, and what else holds the signal back; ("", [], []) for I."""
    at = NAMES.index(signal.level)
    if at + 1 >= len(NAMES):
        return "", [], []
    rules = rules or load_rules()
    ways = [_parts(signal, way, alpha) for way in rules.ways[at]]
    held: list[Words] = []
    if signal.is_capped:
        held.append(
            Words(
                f"历史仅{signal.history}周，等级受限：没有见过的季节看起来就像异动。",
                f"Only {signal.history} weeks of history, which cap the level: a season never seen looks like a surge.",
            )
        )
    if not signal.is_discovery:
        share = f"{rules.q:.0%}"
        held.append(
            Words(
                f"与同类序列并列检验后不在误报率{share}以内的发现之列，至多为蓝色 IV 级。",
                f"Among all series of its kind it is no discovery at a false share of {share}: blue at most.",
            )
        )
    return NAMES[at + 1], ways, held


def _parts(signal: SurgeSignal, way: Way, alpha: float) -> list[Part]:
    parts = []
    if way.p_share < float("inf"):
        most = way.p_share * alpha
        chance = f"{signal.p:.6f}" if signal.p >= 0.000001 else "< 0.000001"
        words = Words(
            f"偶然出现的概率不超过{most:.6f}（现{chance}）",
            f"chance at most {most:.6f} (now {chance})",
        )
        parts.append(Part(words, signal.p <= most))
    if way.times:
        ratio = signal.observed / signal.expected if signal.expected else float("inf")
        now = f"{ratio:.1f}" if signal.expected else "∞"
        words = Words(
            f"不少于通常的{way.times:g}倍（现{now}倍）", f"at least {way.times:g} times the usual (now {now})"
        )
        parts.append(Part(words, ratio >= way.times))
    if way.cases:
        words = Words(
            f"不少于{way.cases}件（现{signal.observed}件）",
            f"at least {way.cases} cases (now {signal.observed})",
        )
        parts.append(Part(words, signal.observed >= way.cases))
    if way.alarms > 1:
        words = Words(
            f"近三周至少{way.alarms}周超限（现{signal.alarms}周）",
            f"at least {way.alarms} of the last three weeks over the limit (now {signal.alarms})",
        )
        parts.append(Part(words, signal.alarms >= way.alarms))
    return parts
