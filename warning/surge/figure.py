"""A signal in a bulletin: its weeks as a drawing and a table, the sentence that rests on them, and the bytes both cite.

The bytes are a snapshot like a count's: the series as it was known when the week was judged, and the figures of the signal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from markupsafe import Markup
from sqlalchemy.orm import Session

from core.clock import Clock
from core.evidence import EvidenceStore
from warning.surge.chart import weeks_chart
from warning.surge.counts import as_reported
from warning.surge.explain import sentence, series_words, window_of
from warning.surge.judging import LAG, known_at
from warning.surge.signal_models import JudgedWeek, SurgeSignal

#: what stands for a snapshot that is a signal's series
SOURCE = "seamark.surge"
#: the kind of its figure
KIND = "weeks"
#: weeks drawn, and weeks of the table
_DRAWN, _ROWS = 104, 12


@dataclass(frozen=True)
class Told:
    """What a draft takes over: the figure and the sentence, without ids and numbers of sources, and the source."""

    figure: dict[str, Any]
    paragraph: dict[str, Any]
    source: dict[str, Any]


def weeks_of(session: Session, kind: str, value: str, week: date) -> list[tuple[date, int]]:
    """The weeks of a series up to ``week`` as they were known at its age, oldest first."""
    last, known = week + timedelta(days=6), known_at(week)
    found = as_reported(session, kind, last=last, weeks=_DRAWN, lag=LAG, as_of=known, values=[value])
    counts = found.get(value, [0] * _DRAWN)
    begin = week - timedelta(weeks=_DRAWN - 1)
    return [(begin + timedelta(weeks=at), count) for at, count in enumerate(counts)]


def tell_in_bulletin(session: Session, clock: Clock, evidence: EvidenceStore, signal: SurgeSignal) -> Told:
    """What a bulletin says of ``signal``; the same signal and the same instant give the same bytes."""
    weeks, now = weeks_of(session, signal.kind, signal.value, signal.week), clock.now()
    judged = session.get_one(JudgedWeek, signal.week)
    _, last = window_of(signal)
    plain = json.dumps(
        _snapshot(signal, judged, weeks, now), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    sha256 = evidence.put(plain.encode())
    names, told = series_words(signal.kind, signal.value), sentence(signal)
    shown = list(reversed(weeks[-_ROWS:]))
    older = weeks[:-_ROWS]
    figure = {
        "kind": KIND,
        "zh": f"{names.zh}：每周新增案件",
        "en": f"{names.en}: cases by week",
        "rows": [
            {"zh": f"{monday.isoformat()} 当周", "en": f"Week of {monday.isoformat()}", "count": count}
            for monday, count in shown
        ],
        "rest": [len(older), sum(count for _, count in older)],
        "total": sum(count for _, count in weeks),
        "query": {"zh": names.zh, "en": names.en},
        "by": "filed",
        "since": weeks[0][0].isoformat(),
        "until": last.isoformat(),
        "counted_at": now.isoformat(),
        "drawn": {
            "begin": weeks[0][0].isoformat(),
            "counts": [count for _, count in weeks],
            "window": signal.window,
            "level": signal.level,
            "upper": signal.upper,
            "expected": round(signal.expected, 1),
        },
    }
    paragraph = {"section": "summary", "type": "fact", "zh": told.zh, "en": told.en}
    source = {"sha256": sha256, "url": "", "source": SOURCE, "fetched_at": now.isoformat()}
    return Told(figure, paragraph, source)


def with_signal(content: Mapping[str, Any], told: Told) -> dict[str, Any]:
    """A draft's content with the signal in it: its sentence first, its figure before the counts', its source the last."""
    number = len(content["sources"]) + 1
    cited = {"sources": [{"source": number, "fields": []}]}
    paragraphs = [{**told.paragraph, **cited, "origin": "fields"}, *content["paragraphs"]]
    figures = [{**told.figure, **cited}, *content["figures"]]
    return {
        **content,
        "paragraphs": [{**row, "id": f"p{n}"} for n, row in enumerate(paragraphs, 1)],
        "figures": [{**figure, "id": f"f{n}"} for n, figure in enumerate(figures, 1)],
        "sources": [*content["sources"], told.source],
    }


def draw(figure: Mapping[str, Any], *, identity: str, title: str, description: str) -> Markup:
    """The drawing of a figure of :data:`KIND`."""
    drawn = figure["drawn"]
    begin = date.fromisoformat(drawn["begin"])
    return weeks_chart(
        [(begin + timedelta(weeks=at), count) for at, count in enumerate(drawn["counts"])],
        identity=identity,
        title=title,
        description=description,
        window=drawn["window"],
        level=drawn["level"],
        upper=drawn["upper"],
    )


def _snapshot(
    signal: SurgeSignal, judged: JudgedWeek, weeks: list[tuple[date, int]], now: datetime
) -> dict[str, Any]:
    return {
        "what": SOURCE,
        "signal": str(signal.id),
        "kind": signal.kind,
        "value": signal.value,
        "week": signal.week.isoformat(),
        "window": signal.window,
        "level": signal.level,
        "observed": signal.observed,
        "expected": signal.expected,
        "upper": signal.upper,
        "p": signal.p,
        "history": signal.history,
        "known_at": known_at(signal.week).isoformat(),
        "judged_at": judged.judged_at.isoformat(),
        "thresholds": judged.rules_version,
        "belief": judged.belief_version,
        "weeks": [[monday.isoformat(), count] for monday, count in weeks],
        "taken_at": now.isoformat(),
    }
