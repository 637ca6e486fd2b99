"""Counting public cases for a bulletin: what the search finds in a window, kept as a snapshot that the figures cite.

A count is evidence like any other: the question, the window, the instant and every case counted, with the SHA-256 of
the snapshots that case rests on, are bytes in the evidence store. They name no party: a docket number leads to the rest.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.documents import FACETS
from cases.models import CaseEvidence
from cases.searching import request_of
from cases.taxonomy import load_taxonomy
from core.actor import VISITOR
from core.clock import Clock
from core.errors import BadInput
from core.evidence import EvidenceStore
from core.said import said
from search.port import IndexReader

#: cases one bulletin may count, and hits that are looked through for them
MOST, _LOOKED_AT = 5_000, 20_000
#: what a case's date is for a count
FILED, LATEST = "filed", "latest"
#: what stands for a snapshot that is a count
SOURCE = "seamark.count"


@dataclass(frozen=True)
class Window:
    """From which day to which, both counted, and whether of filing or of the latest event."""

    since: date
    until: date
    by: str = FILED

    def __post_init__(self) -> None:
        if self.by not in (FILED, LATEST):
            raise BadInput(said("A window counts by the filing date or by the latest event."))
        if self.until < self.since:
            raise BadInput(
                said("The window ends before it begins."),
                fields={"until": [said("The window ends before it begins.")]},
            )

    def before(self) -> Window:
        """The window of the same length that ends the day before."""
        length = self.until - self.since + timedelta(days=1)
        return replace(self, since=self.since - length, until=self.until - length)


@dataclass(frozen=True)
class Counted:
    """One case as it was counted."""

    id: str
    venue: str
    docket_number: str
    on: str
    regions: tuple[str, ...]
    industries: tuple[str, ...]
    dispute_types: tuple[str, ...]
    is_sample: bool


@dataclass(frozen=True)
class Count:
    """What was counted: the question as the search's address has it, the window, when, the cases, the snapshot."""

    query: Mapping[str, Any]
    window: Window
    at: datetime
    cases: tuple[Counted, ...]
    sha256: str

    @property
    def total(self) -> int:
        """Cases."""
        return len(self.cases)


def query_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """The question of a loaded :class:`cases.schemas.CaseSearchSchema`: words and filters, without dates and order."""
    filters = {name: list(values[name]) for name in FACETS if values.get(name)}
    words = str(values.get("q") or "").strip()
    return {**({"q": words} if words else {}), **filters}


def count_cases(
    session: Session,
    clock: Clock,
    index: IndexReader,
    evidence: EvidenceStore,
    query: Mapping[str, Any],
    window: Window,
) -> Count:
    """Count what everybody may find. The same cases and the same instant give the same bytes.

    Raises BadInput when there are more than :data:`MOST`, IndexNotReady.
    """
    now = clock.now()
    cases = tuple(sorted(_found(index, query, window), key=lambda c: (c.venue, c.docket_number, c.id)))
    told = _snapshots(session, [uuid.UUID(case.id) for case in cases])
    record = {
        "what": SOURCE,
        "query": dict(query),
        "by": window.by,
        "since": window.since.isoformat(),
        "until": window.until.isoformat(),
        "counted_at": now.isoformat(),
        "total": len(cases),
        "cases": [
            {
                "id": case.id,
                "venue": case.venue,
                "docket_number": case.docket_number,
                "on": case.on,
                "region": case.regions,
                "industry": case.industries,
                "dispute_type": case.dispute_types,
                "snapshots": told.get(case.id, []),
            }
            for case in cases
        ],
    }
    plain = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Count(dict(query), window, now, cases, evidence.put(plain.encode()))


def _found(index: IndexReader, query: Mapping[str, Any], window: Window) -> Iterable[Counted]:
    values = {name: query.get(name, []) for name in FACETS}
    values |= {"q": query.get("q", ""), "sort": "newest", "ym": None, "status": [], "cursor": None}
    # The index dates a case by its latest event, which is never before its filing.
    until = window.until if window.by == LATEST else None
    request = request_of({**values, "since": window.since, "until": until}, VISITOR, limit=200)
    request = replace(request, facets=(), histogram=False)
    found: list[Counted] = []
    looked_at = 0
    while True:
        page = index.search(request, VISITOR)
        for hit in page.hits:
            on = hit.stored.get("filed_on" if window.by == FILED else "latest_on")
            if on and window.since.isoformat() <= on <= window.until.isoformat():
                found.append(_counted(hit.id, hit.stored, on))
        looked_at += len(page.hits)
        if len(found) > MOST or looked_at > _LOOKED_AT:
            raise BadInput(
                said("This question finds more than %(most)s cases.", most=MOST),
                fix=said("Narrow it, or shorten the window."),
            )
        if page.next_cursor is None:
            return found
        request = replace(request, cursor=page.next_cursor)


def _counted(identity: str, stored: Mapping[str, Any], on: str) -> Counted:
    currents = load_taxonomy().currents
    return Counted(
        identity,
        stored["venue"],
        stored["docket_number"],
        on,
        tuple(stored.get("region") or ()),
        tuple(currents(stored.get("industry") or ())),
        tuple(currents(stored.get("dispute_type") or ())),
        bool(stored.get("is_sample")),
    )


def _snapshots(session: Session, ids: list[uuid.UUID]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for start in range(0, len(ids), 500):
        rows = session.execute(
            select(CaseEvidence.case_id, CaseEvidence.sha256)
            .where(CaseEvidence.case_id.in_(ids[start : start + 500]))
            .order_by(CaseEvidence.case_id, CaseEvidence.sha256)
        )
        for case_id, sha256 in rows:
            out.setdefault(str(case_id), []).append(sha256)
    return out
