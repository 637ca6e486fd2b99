"""A case search as a page asks it: filters from the address, counts with words, hits with what was found marked."""

from __future__ import annotations

import csv
import io
import json
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from typing import Any

from cases.documents import COLLECTION, FACETS
from core.actor import Actor, Permission
from search.highlight import highlight_spans, segments, snippet
from search.port import Hit, SearchIndex, SearchPage, SearchRequest

Segments = list[tuple[str, bool]]
#: columns of an export
COLUMNS = (
    "id",
    "venue",
    "docket_number",
    "caption",
    "filed_on",
    "latest_on",
    "status",
    *FACETS[:2],
    "dispute_type",
)
#: hits one export may hold
EXPORT_LIMIT = 50_000


@dataclass(frozen=True)
class FoundCase:
    """A hit as a list shows it."""

    id: str
    stored: Mapping[str, Any]
    caption: Segments
    docket_number: Segments
    snippet: Segments


def request_of(values: Mapping[str, Any], actor: Actor, *, limit: int = 20) -> SearchRequest:
    """The index's question for a loaded :class:`cases.schemas.CaseSearchSchema`. Raises BadInput."""
    filters = {name: tuple(values[name]) for name in FACETS if values[name]}
    facets: tuple[str, ...] = FACETS
    if actor.may(Permission.CANDIDATE_REVIEW):
        # Staff find candidates too, but what was dismissed only when they ask for it.
        filters["status"] = tuple(values["status"]) or ("public", "candidate")
        facets = (*FACETS, "status")
    since, until = values["since"], values["until"]
    if values["ym"]:
        year, month = map(int, values["ym"].split("-"))
        since, until = date(year, month, 1), date(year, month, monthrange(year, month)[1])
    return SearchRequest(
        collection=COLLECTION,
        text=values["q"].strip(),
        filters=filters,
        since=since,
        until=until,
        facets=facets,
        histogram=True,
        sort=values["sort"] or ("relevance" if values["q"].strip() else "newest"),
        limit=limit,
        cursor=values["cursor"],
    )


def found(hits: Sequence[Hit], text: str) -> list[FoundCase]:
    """The hits with the question's words marked."""
    return [
        FoundCase(
            id=hit.id,
            stored=hit.stored,
            caption=_marked(hit.stored["caption"] or hit.stored["docket_number"], text),
            docket_number=_marked(hit.stored["docket_number"], text),
            snippet=snippet(hit.stored.get("snippet") or "", text, 220),
        )
        for hit in hits
    ]


def _marked(raw: str, text: str) -> Segments:
    return segments(raw, highlight_spans(raw, text)) if raw else []


def export_rows(index: SearchIndex, request: SearchRequest, actor: Actor) -> Iterator[Mapping[str, Any]]:
    """Every hit of ``request`` as a record, newest first, at most :data:`EXPORT_LIMIT`.

    Raises NotAllowed unless the actor may export.
    """
    actor.require(Permission.EXPORT)
    cursor: str | None = None
    given = 0
    while given < EXPORT_LIMIT:
        page: SearchPage = index.search(
            SearchRequest(
                collection=request.collection,
                text=request.text,
                filters=request.filters,
                since=request.since,
                until=request.until,
                sort="newest",
                limit=200,
                cursor=cursor,
            ),
            actor,
        )
        for hit in page.hits:
            yield {"id": hit.id, **{name: hit.stored.get(name) for name in COLUMNS if name != "id"}}
        given += len(page.hits)
        cursor = page.next_cursor
        if cursor is None:
            return


def started(rows: Iterator[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """``rows``, the first already asked for: what refuses does so before an answer has begun."""
    first = list(islice(rows, 1))
    return chain(first, rows)


def as_csv(rows: Iterator[Mapping[str, Any]]) -> Iterator[str]:
    """CSV for a spreadsheet: a byte-order mark first, and no cell that it would run as a formula."""
    yield "\ufeff" + _line(COLUMNS)
    for row in rows:
        yield _line([_cell(row[name]) for name in COLUMNS])


def as_jsonl(rows: Iterator[Mapping[str, Any]]) -> Iterator[str]:
    """JSON Lines."""
    for row in rows:
        yield json.dumps(row, ensure_ascii=False) + "\n"


def _line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def _cell(value: Any) -> str:
    text = (
        "; ".join(map(str, value)) if isinstance(value, list | tuple) else "" if value is None else str(value)
    )
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
