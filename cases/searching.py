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
from cases.taxonomy import load_taxonomy
from core.actor import Actor, Permission
from search.highlight import highlight_spans, segments, snippet
from search.port import FacetCount, Hit, SearchIndex, SearchPage, SearchRequest

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
    taxonomy = load_taxonomy()
    # A retired id asks for what took its place, and what is still indexed under the old one is found as well.
    filters = {
        name: tuple(dict.fromkeys(one for value in values[name] for one in taxonomy.with_former(value)))
        for name in FACETS
        if values[name]
    }
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


def in_force(facets: Mapping[str, Sequence[FacetCount]]) -> dict[str, list[FacetCount]]:
    """Counts by the ids in force, the most first: what is still indexed under a retired id counts for its successor."""
    current, out = load_taxonomy().current, {}
    for name, counts in facets.items():
        sums: dict[str, int] = {}
        for one in counts:
            sums[current(one.value)] = sums.get(current(one.value), 0) + one.count
        ordered = sorted(sums, key=lambda value: -sums[value]) if len(sums) < len(counts) else list(sums)
        out[name] = [FacetCount(value, sums[value]) for value in ordered]
    return out


def found(hits: Sequence[Hit], text: str) -> list[FoundCase]:
    """The hits with the question's words marked."""
    return [
        FoundCase(
            id=hit.id,
            stored=_renewed(hit.stored),
            caption=_marked(hit.stored["caption"] or hit.stored["docket_number"], text),
            docket_number=_marked(hit.stored["docket_number"], text),
            snippet=snippet(hit.stored.get("snippet") or "", text, 220),
        )
        for hit in hits
    ]


def _renewed(stored: Mapping[str, Any]) -> dict[str, Any]:
    """What is shown of a hit, by the ids in force."""
    currents = load_taxonomy().currents
    return {
        name: currents(value) if name in FACETS and isinstance(value, list) else value
        for name, value in stored.items()
    }


def asked_anew(args: Sequence[tuple[str, str]], names: Sequence[str]) -> list[tuple[str, str]] | None:
    """The pairs of an address with the retired ids under ``names`` replaced by those in force; None where none is."""
    current = load_taxonomy().current
    anew = list(dict.fromkeys((k, current(v)) if k in names else (k, v) for k, v in args))
    return anew if anew != list(dict.fromkeys(args)) else None


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
            stored = _renewed(hit.stored)
            yield {"id": hit.id, **{name: stored.get(name) for name in COLUMNS if name != "id"}}
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
