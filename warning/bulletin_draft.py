"""A draft from a case, pure: every sentence of fact rests on stored fields, each with its source and snapshot hash.

The content of a bulletin, as JSON::

    title, contact       {zh, en, origin}; origin: "fields" (made here), or the language somebody wrote it in first
    kind                 flash, topic …: KINDS
    regions, industries, dispute_types, ip_rights, stages, remedies      taxonomy ids
    venue, docket_number, rights [{kind, number}]
    parties              [{side, role, name}] or, for a firm that is not named, [{side, role, letter}]
    paragraphs           [{id, section, type, audience, zh, en, origin, sources}]; type: TYPES, see :func:`type_of`;
                         audience: AUDIENCES, see :func:`audience_of`;
                         sources: [{source: n, fields}], n counting from 1
    key_dates            [{id, on, zh, en, origin, basis, sources}]; on is None where the forum's clock has not begun
    sources              [{sha256, url, source, fetched_at}]
    level, rule_level, level_reason, points, factors, rubric
    valid_until, scope   scope: SCOPES, see :func:`scope_of`

A sentence whose field no snapshot told is left out: nothing is said that cannot be shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from cases.deadlines.model import TRUSTED
from cases.deadlines.reading import load_clocks
from cases.models import Case, CaseEvent, CaseEvidence, Tag
from cases.taxonomy import load_taxonomy
from warning.bulletin_parties import Named, hidden_of, printed_parties, say_sides
from warning.masking import Hidden
from warning.severity import Severity

#: kinds of bulletin, (zh, en)
KINDS = {
    "flash": ("快报", "Flash"),
    "topic": ("专题", "Topic"),
    "industry": ("产业", "Industry"),
    "country": ("国别", "Country"),
    "fair": ("展会", "Trade fair"),
    "policy": ("政策", "Policy"),
    "weekly": ("周报", "Weekly"),
    "monthly": ("月报", "Monthly"),
}
#: the parts of a bulletin's text, in order
SECTIONS = {
    "summary": ("摘要", "Summary"),
    "risk": ("风险描述", "Risk"),
    "affected": ("影响企业与产品", "Firms and products affected"),
    "advice": ("应对建议", "Advice"),
}
#: whom a piece of advice is for; "" is everybody
AUDIENCES = {
    "named": ("被列名企业", "Firms that are named"),
    "trade": ("同行业企业", "Firms of the same trade"),
    "chain": ("上下游企业", "Suppliers and customers"),
    "others": ("其他企业", "Other firms"),
}
#: who may read a bulletin once it is published
SCOPES = {
    "public": ("公开", "Everybody"),
    "members": ("会员（本中心登记企业和工作人员）", "Members: firms and staff of the centre"),
    "targeted": ("定向（仅限收到的企业）", "Only the firms it is sent to"),
}
#: what a paragraph is; a fact rests on a snapshot, or the bulletin is not signed
TYPES = {"fact": ("事实", "Fact"), "analysis": ("分析", "Analysis"), "advice": ("建议", "Advice")}
#: what a paragraph is that was written before paragraphs had a type, by its section
_BEFORE = {"risk": "analysis", "advice": "advice"}
_UNITS = {
    "h": ("小时", "hours"),
    "d": ("日", "days"),
    "w": ("周", "weeks"),
    "m": ("个月", "months"),
    "y": ("年", "years"),
}
_RIGHTS = {"application": ("申请", "application"), "registration": ("注册", "registration")}
#: events and letters of a text that a draft prints at most
_EVENTS, _LONG = 4, 240


class _Snapshots:
    """Which snapshot told a field, and the numbered list of those a draft rests on."""

    def __init__(self, case: Case, evidence: Sequence[CaseEvidence]) -> None:
        self._case = case
        self._rows = sorted(evidence, key=lambda row: (row.fetched_at, row.sha256))
        self.used: list[CaseEvidence] = []

    def _row(self, field: str) -> CaseEvidence | None:
        # Forum and docket number are the case's identity: the snapshot that opened the case told them.
        if field in ("venue", "docket_number"):
            return self._rows[0] if self._rows else None
        told = [row for row in self._rows if field in row.fields]
        source = self._case.provenance.get(field, [None])[0]
        ours = [row for row in told if source is None or row.source == source]
        return next(reversed(ours or told), None)

    def refs(self, *fields: str) -> list[dict[str, Any]] | None:
        """References for ``fields``; None when one of them was told by no snapshot."""
        out: dict[int, list[str]] = {}
        for field in dict.fromkeys(fields):
            row = self._row(field)
            if row is None:
                return None
            if row not in self.used:
                self.used.append(row)
            out.setdefault(self.used.index(row) + 1, []).append(field)
        return [{"source": n, "fields": names} for n, names in out.items()]


def type_of(row: Mapping[str, Any]) -> str:
    """fact, analysis or advice: what a paragraph of a content is."""
    return str(row.get("type") or _BEFORE.get(row["section"], "fact"))


def audience_of(row: Mapping[str, Any]) -> str:
    """Whom a paragraph is for: a key of :data:`AUDIENCES`, or "" for everybody. Only advice is for somebody."""
    return str(row.get("audience") or "") if row["section"] == "advice" else ""


def paragraphs_of(content: Mapping[str, Any], section: str) -> list[Mapping[str, Any]]:
    """The paragraphs of a section as they are read: advice stands together by whom it is for, everybody's first."""
    order = ("", *AUDIENCES)
    rows = [row for row in content["paragraphs"] if row["section"] == section]
    return sorted(
        rows, key=lambda row: order.index(audience_of(row)) if audience_of(row) in order else len(order)
    )


def scope_of(content: Mapping[str, Any]) -> str:
    """Who may read a content once it is published; everybody where it was written before there was a choice."""
    return str(content.get("scope") or "public")


def _paragraph(
    section: str, zh: str, en: str, refs: list[dict[str, Any]] | None, kind: str = "fact"
) -> list[dict[str, Any]]:
    if not refs:
        return []
    return [{"section": section, "type": kind, "zh": zh, "en": en, "origin": "fields", "sources": refs}]


def draft_content(
    case: Case,
    evidence: Sequence[CaseEvidence],
    named: Sequence[Named],
    severity: Severity,
    contact: tuple[str, str],
) -> dict[str, Any]:
    """The draft of a bulletin about ``case``; the same inputs give the same draft."""
    told, hidden = _Snapshots(case, evidence), hidden_of(named)
    tags = _tags(case.tags)
    paragraphs = [
        *_summary(case, told, tags, named, hidden),
        *_risk(case, told, tags, severity),
        *_affected(case, told, tags, named),
    ]
    dates = [*_dated(case, told, hidden), *_clocks(case, tags)]
    return {
        "title": _title(case, tags),
        "kind": "flash",
        "regions": [t.value for t in tags.get("region", ())],
        "venue": case.venue,
        "industries": [t.value for t in tags.get("industry", ())],
        "dispute_types": [t.value for t in tags.get("dispute_type", ())],
        "ip_rights": [t.value for t in tags.get("ip_right", ())],
        "stages": [t.value for t in tags.get("stage", ())],
        "remedies": [t.value for t in tags.get("remedy", ())],
        "docket_number": case.docket_number,
        "rights": [dict(right) for right in case.rights],
        "parties": printed_parties(named),
        "paragraphs": [{"id": f"p{n}", **p} for n, p in enumerate(paragraphs, 1)],
        "key_dates": [{"id": f"d{n}", **d} for n, d in enumerate(dates, 1)],
        "sources": [
            {"sha256": r.sha256, "url": r.url, "source": r.source, "fetched_at": r.fetched_at.isoformat()}
            for r in told.used
        ],
        "level": severity.level,
        "rule_level": severity.level,
        "level_reason": "",
        "points": severity.total,
        "factors": severity.as_content(),
        "rubric": severity.rubric,
        "valid_until": None,
        "contact": {"zh": contact[0], "en": contact[1], "origin": "fields"},
    }


def _tags(tags: Iterable[Tag]) -> dict[str, list[Tag]]:
    """One tag of each value, by kind, heaviest first."""
    weight: dict[tuple[str, str], float] = {}
    first: dict[tuple[str, str], Tag] = {}
    for tag in tags:
        key = (tag.kind, tag.value)
        weight[key] = weight.get(key, 0) + tag.weight
        first.setdefault(key, tag)
    out: dict[str, list[Tag]] = {}
    for key in sorted(first, key=lambda k: (-weight[k], k)):
        out.setdefault(key[0], []).append(first[key])
    return out


def _field_of(case: Case, tag: Tag) -> str:
    """The stored field a tag was read in. Rules read the caption as the title where a case has none."""
    field = tag.field.split(".")[0]
    return "caption" if field == "title" and not case.title else field


def _labels(ids: Iterable[str]) -> tuple[str, str]:
    known = load_taxonomy()
    listed = list(ids)
    return "、".join(known.label(i, "zh") for i in listed), ", ".join(known.label(i, "en") for i in listed)


def _title(case: Case, tags: Mapping[str, list[Tag]]) -> dict[str, str]:
    venue_zh, venue_en = _labels([case.venue])
    types = [t.value for t in tags.get("dispute_type", ())][:1]
    type_zh, type_en = _labels(types) if types else ("知识产权案件", "IP case")
    return {
        "zh": f"{type_zh}：{venue_zh} {case.docket_number}",
        "en": f"{type_en}: {venue_en}, {case.docket_number}",
        "origin": "fields",
    }


def _summary(
    case: Case,
    told: _Snapshots,
    tags: Mapping[str, list[Tag]],
    named: Sequence[Named],
    hidden: Hidden,
) -> list[dict[str, Any]]:
    venue_zh, venue_en = _labels([case.venue])
    out: list[dict[str, Any]] = []
    if case.filed_on:
        out += _paragraph(
            "summary",
            f"案件由{venue_zh}受理，案号 {case.docket_number}，立案日期 {case.filed_on}（受理机构所在地日期）。",
            f"The case is before {venue_en}, number {case.docket_number}, filed on {case.filed_on} (the forum's date).",
            told.refs("venue", "docket_number", "filed_on"),
        )
    else:
        out += _paragraph(
            "summary",
            f"案件由{venue_zh}受理，案号 {case.docket_number}。",
            f"The case is before {venue_en}, number {case.docket_number}.",
            told.refs("venue", "docket_number"),
        )
    # A caption names both sides: it is quoted only where nobody is hidden in it.
    if case.caption and not hidden.found_in(case.caption):
        out += _paragraph(
            "summary",
            f"来源所载案件名称：{_short(case.caption)}。",
            f"The source calls it: {_short(case.caption)}.",
            told.refs("caption"),
        )
    if named:
        out += _paragraph("summary", say_sides(named, "zh"), say_sides(named, "en"), told.refs("parties"))
    for kind, zh, en in (
        ("dispute_type", "案由", "Dispute type"),
        ("stage", "程序阶段", "Stage"),
        ("remedy", "救济措施", "Remedy"),
    ):
        found = tags.get(kind, [])
        if found:
            label_zh, label_en = _labels(t.value for t in found)
            refs = told.refs(*(_field_of(case, t) for t in found))
            out += _paragraph(
                "summary",
                f"{zh}（按公开规则标注）：{label_zh}。",
                f"{en} (tagged by rule): {label_en}.",
                refs,
            )
    if case.rights:
        zh = "、".join(f"{_right(r['kind'])[0]} {r['number']}" for r in case.rights[:12])
        en = ", ".join(f"{_right(r['kind'])[1]} {r['number']}" for r in case.rights[:12])
        out += _paragraph("summary", f"涉及权利：{zh}。", f"Rights: {en}.", told.refs("rights"))
    if case.outcome and not hidden.found_in(case.outcome):
        out += _paragraph(
            "summary",
            f"来源所载结果：{_short(case.outcome)}。",
            f"Outcome as the source has it: {_short(case.outcome)}.",
            told.refs("outcome"),
        )
    return out


def _right(kind: str) -> tuple[str, str]:
    if kind in _RIGHTS:
        return _RIGHTS[kind]
    known = load_taxonomy()
    return known.label(kind, "zh"), known.label(kind, "en")


def _risk(
    case: Case, told: _Snapshots, tags: Mapping[str, list[Tag]], severity: Severity
) -> list[dict[str, Any]]:
    counted = [f for f in severity.factors if f.points]
    if not counted:
        return []
    fields = [_field_of(case, t) for kind in ("dispute_type", "remedy") for t in tags.get(kind, ())]
    fields += ["parties"] if any(f.id == "f.local_named" for f in counted) else []
    zh = "、".join(f"{f.zh}（{f.why_zh}）{f.points:+d}" for f in counted)
    en = ", ".join(f"{f.en} ({f.why_en}) {f.points:+d}" for f in counted)
    return _paragraph(
        "risk",
        f"按预警分级规则 {severity.rubric} 版计 {severity.total} 分：{zh}。",
        f"By the rubric of levels, version {severity.rubric}, {severity.total} points: {en}.",
        told.refs(*fields),
        "analysis",
    )


def _affected(
    case: Case, told: _Snapshots, tags: Mapping[str, list[Tag]], named: Sequence[Named]
) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    local = len({n.letter for n in named if n.local})
    if local:
        refs = told.refs("parties")
        out += _paragraph(
            "affected",
            f"与本中心企业名录比对，当事人中有 {local} 家本市企业。",
            f"Compared with the centre's register, {local} of the parties are firms of this city.",
            refs,
        )
    found = tags.get("industry", [])
    if found:
        zh, en = _labels(t.value for t in found)
        refs = told.refs(*(_field_of(case, t) for t in found))
        out += _paragraph(
            "affected", f"涉及产业（按公开规则标注）：{zh}。", f"Industry (tagged by rule): {en}.", refs
        )
    if codes := case.codes.get("hs"):
        out += _paragraph(
            "affected",
            f"海关商品编码：{'、'.join(codes)}。",
            f"HS codes: {', '.join(codes)}.",
            told.refs("codes"),
        )
    return out


def _short(text: str) -> str:
    return text if len(text) <= _LONG else text[:_LONG] + "…"


def _dated(case: Case, told: _Snapshots, hidden: Hidden) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    if case.filed_on and (refs := told.refs("filed_on")):
        out.append(_date(case.filed_on, "立案", "Filed", case.docket_number, refs))
    dated = sorted((e for e in case.events if e.on), key=lambda e: (e.on, e.key))[-_EVENTS:]
    for event in dated:
        words = _event_words(event, hidden)
        if words and (refs := told.refs("events")):
            out.append(
                _date(
                    event.on,
                    f"卷宗记录：{words}",
                    f"Docket entry: {words}",
                    case.docket_number,
                    refs,
                )
            )
    return out


def _event_words(event: CaseEvent, hidden: Hidden) -> str | None:
    for words in (event.text, event.kind):
        if words and not hidden.found_in(words):
            return _short(words)
    return None


def _date(on: date | None, zh: str, en: str, basis: str, refs: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "on": on.isoformat() if on else None,
        "zh": zh,
        "en": en,
        "origin": "fields",
        "basis": basis,
        "sources": refs,
    }


def _clocks(case: Case, tags: Mapping[str, list[Tag]]) -> list[dict[str, Any]]:
    """The forum's clocks for the party that answers, without a date: what a docket shows is not the public's own day."""
    types = {t.value for t in tags.get("dispute_type", ())}
    out = []
    for clock in load_clocks().at(case.venue):
        length = clock.own.length
        if clock.status not in TRUSTED or clock.actor != "respondent" or length is None or not length.number:
            continue
        if "schedule_a" in clock.id and "dt.tro_schedule_a" not in types:
            continue
        unit_zh, unit_en = _UNITS[length.unit]
        out.append(
            _date(
                None,
                f"{clock.zh}：自{clock.own.trigger}起 {length.number} {unit_zh}",
                f"{clock.en}: {length.number} {unit_en} from the event its basis names",
                clock.basis,
                [],
            )
        )
    return out
