"""A draft from a search, pure: figures and the sentences that rest on them, each citing the count it was read from.

The content is that of :mod:`warning.bulletin_draft`, without forum, docket number and parties, and with::

    figures    [{id, kind, zh, en, rows, rest, total, source, query, by, since, until, counted_at}]
               kind: cells (region × industry × dispute type), forums, windows
               rows: [{zh, en, count}], most first; rest: [kinds, cases] that are not shown
               query: {zh, en}: the filters in words; counted_at: an instant

A case with several industries counts once in each of its rows, so rows may add up to more than the total.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from cases.taxonomy import load_taxonomy
from warning.bulletin_counts import FILED, SOURCE, Count
from warning.bulletin_draft import KINDS

#: rows of a figure
_ROWS = 10
#: values a bulletin is found by, at most
_FACETS = 8
_FILTERS = {
    "q": ("关键词", "Words"),
    "region": ("国家/地区", "Region"),
    "industry": ("产业", "Industry"),
    "dispute_type": ("案由", "Dispute type"),
    "venue": ("受理机构", "Forum"),
    "stage": ("程序阶段", "Stage"),
    "ip_right": ("权利类型", "IP right"),
    "source": ("信息来源", "Source"),
}
#: how the Chinese title of a kind reads where it is not its name and 风险公报
_TITLES = {"flash": "风险快报", "weekly": "风险周报", "monthly": "风险月报"}
_NONE = ("未标注", "not tagged")
Pair = tuple[str, str]


def survey_content(kind: str, now: Count, before: Count, contact: Pair) -> dict[str, Any]:
    """The draft of a bulletin of ``kind`` about what ``now`` counted; ``before`` is the window before it, of the same
    length. The same counts give the same draft."""
    cells = _cells(now)
    forums = Counter(_label(case.venue) for case in now.cases)
    figures = [
        _figure(
            "cells",
            ("国家/地区 × 产业 × 案由", "Region × industry × dispute type"),
            cells.most_common(),
            now,
            1,
        ),
        _figure("forums", ("受理机构", "Forums"), forums.most_common(), now, 1),
        _figure(
            "windows", ("与前一同长时段比较", "Against the window before"), _windows(now, before), now, 1, 2
        ),
    ]
    paragraphs = _sentences(kind, now, before, cells, forums)
    return {
        "title": _title(kind, now),
        "kind": kind,
        "regions": _most(now, "region", (c.regions for c in now.cases)),
        "venue": "",
        "industries": _most(now, "industry", (c.industries for c in now.cases)),
        "dispute_types": _most(now, "dispute_type", (c.dispute_types for c in now.cases)),
        "ip_rights": [],
        "stages": [],
        "remedies": [],
        "docket_number": "",
        "rights": [],
        "parties": [],
        "paragraphs": [{"id": f"p{n}", "origin": "fields", **row} for n, row in enumerate(paragraphs, 1)],
        "key_dates": [],
        "figures": [{"id": f"f{n}", **figure} for n, figure in enumerate(figures, 1) if figure["rows"]],
        "sources": [
            {"sha256": c.sha256, "url": "", "source": SOURCE, "fetched_at": c.at.isoformat()}
            for c in (now, before)
        ],
        "level": "L0",
        "rule_level": "L0",
        "level_reason": "",
        "points": 0,
        "factors": [],
        "rubric": "",
        "valid_until": None,
        "contact": {"zh": contact[0], "en": contact[1], "origin": "fields"},
    }


def query_words(query: Mapping[str, Any]) -> dict[str, str]:
    """The filters of a count in words."""
    zh, en = [], []
    for name, words in _FILTERS.items():
        if not (told := query.get(name)):
            continue
        values = [(told, told)] if isinstance(told, str) else [_label(value) for value in told]
        zh.append(f"{words[0]}：{'、'.join(v[0] for v in values)}")
        en.append(f"{words[1]}: {', '.join(v[1] for v in values)}")
    return {"zh": "；".join(zh) or "全部公开案件", "en": "; ".join(en) or "all public cases"}


def _label(identity: str) -> Pair:
    known = load_taxonomy()
    return known.label(identity, "zh"), known.label(identity, "en")


def _cells(count: Count) -> Counter[Pair]:
    """(zh, en) of region, industry and dispute type -> cases."""
    out: Counter[tuple[str, str, str]] = Counter()
    for case in count.cases:
        out.update(product(case.regions or ("",), case.industries or ("",), case.dispute_types or ("",)))
    named: Counter[Pair] = Counter()
    for ids, cases in sorted(out.items()):
        words = [_label(i) if i else _NONE for i in ids]
        named[" · ".join(w[0] for w in words), " · ".join(w[1] for w in words)] += cases
    return named


def _windows(now: Count, before: Count) -> list[tuple[Pair, int]]:
    rows = []
    for count in (now, before):
        span = f"{count.window.since} – {count.window.until}"
        rows.append(((span, span), count.total))
    return rows


def _figure(
    kind: str, title: Pair, rows: Sequence[tuple[Pair, int]], count: Count, *sources: int
) -> dict[str, Any]:
    left = rows[_ROWS:]
    return {
        "kind": kind,
        "zh": title[0],
        "en": title[1],
        "rows": [{"zh": words[0], "en": words[1], "count": n} for words, n in rows[:_ROWS]],
        "rest": [len(left), sum(n for _, n in left)],
        "total": count.total,
        "sources": [{"source": n, "fields": []} for n in sources],
        "query": query_words(count.query),
        "by": count.window.by,
        "since": count.window.since.isoformat(),
        "until": count.window.until.isoformat(),
        "counted_at": count.at.isoformat(),
    }


def _most(count: Count, name: str, values: Iterable[tuple[str, ...]]) -> list[str]:
    """What the question asked for, or else what most of the cases carry."""
    if asked := count.query.get(name):
        return list(asked)
    found = Counter(value for told in values for value in told)
    return [value for value, _ in sorted(found.items(), key=lambda row: (-row[1], row[0]))[:_FACETS]]


def _title(kind: str, count: Count) -> dict[str, str]:
    zh = _TITLES.get(kind, f"{KINDS[kind][0]}风险公报")
    en = KINDS[kind][1]
    span = count.window
    about = [_label(v) for name in ("region", "industry", "dispute_type") for v in count.query.get(name, ())][
        :3
    ]
    about_zh = "".join(f"{w[0]}·" for w in about).rstrip("·")
    about_en = ", ".join(w[1] for w in about)
    return {
        "zh": f"海外知识产权{zh}{'（' + about_zh + '）' if about_zh else ''}：{span.since} 至 {span.until}",
        "en": f"{en} bulletin of overseas IP risks{' (' + about_en + ')' if about_en else ''}: {span.since} to {span.until}",
        "origin": "fields",
    }


def _sentences(
    kind: str, now: Count, before: Count, cells: Counter[Pair], forums: Counter[Pair]
) -> list[dict[str, Any]]:
    span, words = now.window, query_words(now.query)
    by = ("立案日期", "filing date") if span.by == FILED else ("最近进展日期", "latest event")
    out = [
        _row(
            f"{span.since} 至 {span.until}，本平台采集的公开案件中，符合条件（{words['zh']}）的有 {now.total} 件"
            f"（按{by[0]}计）；前一同长时段 {before.window.since} 至 {before.window.until} 为 {before.total} 件。",
            f"From {span.since} to {span.until}, {now.total} public cases that this service has gathered meet the "
            f"question ({words['en']}), by {by[1]}; in the window before, {before.window.since} to "
            f"{before.window.until}, {before.total}.",
            1,
            2,
        )
    ]
    for title, found in (
        (("国家/地区、产业、案由", "region, industry and dispute type"), cells),
        (("受理机构", "forum"), forums),
    ):
        if found:
            top = found.most_common(3)
            out.append(
                _row(
                    f"按{title[0]}，件数居前的是：" + "；".join(f"{w[0]} {n} 件" for w, n in top) + "。",
                    f"By {title[1]}, most cases: " + "; ".join(f"{w[1]} {n}" for w, n in top) + ".",
                    1,
                )
            )
    out.append(
        _row(
            "计数口径：仅含本平台已采集来源中的公开案件；国家/地区、产业、案由按公开规则标注，一案有多项标注的分别计入。",
            "How it is counted: public cases of the sources this service visits; tags are set by published rules, and a "
            "case with several tags counts in each.",
            1,
        )
    )
    return out


def _row(zh: str, en: str, *sources: int) -> dict[str, Any]:
    return {
        "section": "summary",
        "type": "fact",
        "zh": zh,
        "en": en,
        "sources": [{"source": n, "fields": []} for n in sources],
    }
