"""A case in a sentence or two, in Chinese and English, composed from its stored facts and from nothing else.

Each clause is there only when its fact is, and names the fields it rests on. Words come from the taxonomies; names,
numbers and outcomes stay as the source writes them. What was read by a rule is said to be mentioned, never to be so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from cases.deadlines.model import Deadline
from cases.models import Case, Party
from cases.taxonomy import Taxonomy, load_taxonomy

#: names of one side and numbers of rights that are spelled out; the rest are counted
_SHOWN = 2
#: role of those who began -> (Chinese verb before "对", Chinese act after it, English verb)
_ACTS = {
    "plaintiff": ("对", "提起诉讼", "sued"),
    "claimant": ("对", "提起诉讼", "brought a claim against"),
    "complainant": ("针对", "提出申诉", "filed a complaint against"),
    "opposer": ("对", "的申请提出异议", "opposed the application of"),
    "petitioner": ("以", "为对方提出请求", "petitioned against"),
    "appellant": ("以", "为对方提出上诉", "appealed against"),
}
_ANSWERING = frozenset(
    {"defendant", "respondent", "patent_owner", "applicant", "registrant", "appellee", "defender"}
)


@dataclass(frozen=True)
class Clause:
    """A sentence in both languages, and the fields of the case it rests on."""

    zh: str
    en: str
    rests_on: tuple[str, ...]


def summarise(case: Case, coming: Deadline | None = None) -> list[Clause]:
    """What a case is about: who against whom and where, over what, which measures are named, where it stands.

    Args:
        case: with its parties and tags loaded.
        coming: the next end of a statutory period, where one runs (:func:`cases.deadlines.docket.next_deadline`).
    """
    taxonomy = load_taxonomy()
    parts: tuple[Callable[[Case, Taxonomy], Clause | None], ...] = (_who, _over_what, _measures, _standing)
    clauses = [clause for part in parts if (clause := part(case, taxonomy))]
    return [*clauses, *([_coming(coming)] if coming and coming.safe_day else [])]


def in_one(clauses: Iterable[Clause]) -> tuple[str, str]:
    """The clauses as one text in Chinese and one in English."""
    told = list(clauses)
    return "".join(c.zh for c in told), " ".join(c.en for c in told)


def day_zh(on: date) -> str:
    """A date as Chinese text writes it."""
    return str(format_date(on, "long", locale="zh_Hans_CN"))


def day_en(on: date) -> str:
    """A date as English text writes it, whatever the reader's place."""
    return str(format_date(on, "d MMMM y", locale="en"))


def _names(parties: list[Party]) -> tuple[str, str]:
    shown = [p.name for p in parties[:_SHOWN]]
    more = len(parties) - len(shown)
    zh, en = "、".join(shown), " and ".join(shown) if not more else ", ".join(shown)
    return (f"{zh} 等 {len(parties)} 方", f"{en} and {more} more") if more else (zh, en)


def _who(case: Case, taxonomy: Taxonomy) -> Clause | None:
    venue = _both(taxonomy, case.venue)
    on = (f"{day_zh(case.filed_on)}，", f"On {day_en(case.filed_on)} ") if case.filed_on else ("", "")
    fields = ("venue", "parties", *(["filed_on"] if case.filed_on else []))
    starters = [p for p in case.parties if p.role in _ACTS]
    answering = [p for p in case.parties if p.role in _ANSWERING]
    if not starters or not answering:
        # Which side began is not told: nothing is made of it.
        name = case.caption or case.title
        if not name:
            return None
        zh, en = f"{venue[0]}案件：{name}。", f"A case at {venue[1]}: {name}."
        return Clause(zh, en, ("venue", "caption" if case.caption else "title"))
    before, act, verb = _ACTS[starters[0].role]
    ours, theirs = _names(starters), _names(answering)
    zh = f"{on[0]}{ours[0]} 在{venue[0]}{before} {theirs[0]} {act}。"
    en = f"{on[1]}{ours[1]} {verb} {theirs[1]} at {venue[1]}."
    return Clause(zh, en, fields)


def _over_what(case: Case, taxonomy: Taxonomy) -> Clause | None:
    zh, en, fields = [], [], []
    disputes = _values(case, "dispute_type")
    if disputes:
        pairs = [_both(taxonomy, v) for v in disputes]
        zh.append("案由：" + "、".join(p[0] for p in pairs))
        en.append("Dispute: " + ", ".join(p[1] for p in pairs))
        fields.append("dispute_type")
    if case.rights:
        told = [
            (f"{k[0]} {r['number']}", f"{k[1]} {r['number']}")
            for r in case.rights
            for k in [_both(taxonomy, r["kind"])]
        ]
        more = len(told) - _SHOWN
        zh.append(
            "涉及权利："
            + "、".join(t[0] for t in told[:_SHOWN])
            + (f" 等 {len(told)} 项" if more > 0 else "")
        )
        en.append(
            "Rights: " + ", ".join(t[1] for t in told[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
        )
        fields.append("rights")
    elif kinds := _values(case, "ip_right"):
        pairs = [_both(taxonomy, v) for v in kinds]
        zh.append("权利类型：" + "、".join(p[0] for p in pairs))
        en.append("Kind of right: " + ", ".join(p[1] for p in pairs))
        fields.append("ip_right")
    if industries := _values(case, "industry"):
        pairs = [_both(taxonomy, v) for v in industries]
        zh.append("产品或技术领域：" + "、".join(p[0] for p in pairs))
        en.append("Field: " + ", ".join(p[1] for p in pairs))
        fields.append("industry")
    return Clause("；".join(zh) + "。", "; ".join(en) + ".", tuple(fields)) if zh else None


def _measures(case: Case, taxonomy: Taxonomy) -> Clause | None:
    pairs = [_both(taxonomy, v) for v in _values(case, "remedy")]
    if not pairs:
        return None
    zh = f"文书提到的措施：{'、'.join(p[0] for p in pairs)}。"
    return Clause(zh, f"Measures the record names: {', '.join(p[1] for p in pairs)}.", ("remedy",))


def _standing(case: Case, taxonomy: Taxonomy) -> Clause | None:
    zh, en, fields = [], [], []
    if stages := _values(case, "stage"):
        pairs = [_both(taxonomy, v) for v in stages]
        zh.append("阶段：" + "、".join(p[0] for p in pairs))
        en.append("Stage: " + ", ".join(p[1] for p in pairs))
        fields.append("stage")
    if case.latest_on and case.latest_on != case.filed_on:
        zh.append(f"最近一次进展在{day_zh(case.latest_on)}")
        en.append(f"last event on {day_en(case.latest_on)}")
        fields.append("events")
    if ended := _values(case, "outcome"):
        pairs = [_both(taxonomy, v) for v in ended]
        zh.append("文书所记结果：" + "、".join(p[0] for p in pairs))
        en.append("the record tells: " + ", ".join(p[1] for p in pairs))
        fields.append("outcome")
    elif case.outcome:
        zh.append(f"来源所载结果：{case.outcome}")
        en.append(f"outcome as the source has it: {case.outcome}")
        fields.append("outcome")
    if not zh:
        return None
    text = "; ".join(en) + "."
    return Clause("；".join(zh) + "。", text[0].upper() + text[1:], tuple(fields))


def _coming(deadline: Deadline) -> Clause:
    on, clock = deadline.safe_day, deadline.clock
    assert on is not None, "asked before"
    zh = f"下一个法定期限：{clock.zh}，{day_zh(on)}（依据：{clock.basis}；仅供参考）。"
    en = f"Next statutory deadline: {clock.en}, {day_en(on)} ({clock.basis}; for reference only)."
    return Clause(zh, en, ("events", "venue"))


def _values(case: Case, kind: str) -> list[str]:
    weights: dict[str, float] = {}
    for tag in case.tags:
        if tag.kind == kind:
            weights[tag.value] = weights.get(tag.value, 0.0) + tag.weight
    return sorted(weights, key=lambda value: (-weights[value], value))


def _both(taxonomy: Taxonomy, identity: str) -> tuple[str, str]:
    return taxonomy.label(identity, "zh"), taxonomy.label(identity, "en")
