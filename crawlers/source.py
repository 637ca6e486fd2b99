"""What a source declares, and the values that pass between fetching, parsing and recording.

A source file states its facts at the top (:class:`SourceSpec`) and one pure function below: bytes in, cases out.
The framework owns fetching; a parser never opens a socket, reads a clock or touches the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from cases.facts import RawCase, RawEvent, RawParty, RawRight

__all__ = [
    "ParseResult",
    "RawCase",
    "RawEvent",
    "RawParty",
    "RawRight",
    "Rejected",
    "Snapshot",
    "Source",
    "SourceSpec",
    "SourceStatus",
    "as_json",
]


class SourceStatus(StrEnum):
    """How far a source is proven."""

    LIVE = "live"  # tried against the real site's recordings, scheduled
    UNPROVEN = "unproven"  # written to the documented shape, no recording yet
    MANUAL = "manual"  # parsed when somebody brings a file; never fetched
    OFF = "off"  # terms or access forbid crawling


@dataclass(frozen=True)
class SourceSpec:
    """A source's facts: its documentation, its schedule and its coverage page are made from this.

    Attributes:
        id: file name and key, e.g. ``us_cafc``.
        zh, en: the source's name in both languages.
        homepage: where a reader checks for themselves.
        urls: what the crawler asks; ``{court}`` is replaced by each of ``courts``.
        courts: court codes when one parser serves several feeds; empty otherwise.
        court_urls: what is asked instead of ``urls`` for a court whose feed stands elsewhere.
        post_json: the body a search interface wants by POST; empty where a plain GET is answered.
        every_minutes: how often it is visited.
        expects_items: zero items is an error (the feed is never empty).
        media_types: acceptable Content-Type prefixes; anything else is refused as drift.
        candidates_only: True when the source cannot tell an IP case from any other: its cases wait for staff.
        visiting_hours: (from, to) local hours in ``zone`` when the site may be asked, or None for always.
        authority: whose word wins when two sources describe one field (a docket page 30, a decision list 20, a feed 10).
        may_shrink_by: the share of its cases a complete download may lose against the last one that was read, else it is
            refused as incomplete; None for a feed, which only shows what is new.
        pace_seconds: least time between two requests to the host.
        terms: what is known of the right to crawl, and since when.
    """

    id: str
    zh: str
    en: str
    homepage: str
    urls: tuple[str, ...]
    status: SourceStatus
    media_types: tuple[str, ...]
    region: str = "US"
    zone: str = "UTC"
    courts: tuple[str, ...] = ()
    court_urls: Mapping[str, str] = field(default_factory=dict)
    post_json: str = ""
    every_minutes: int = 60
    expects_items: bool = False
    candidates_only: bool = False
    may_shrink_by: float | None = None
    visiting_hours: tuple[int, int] | None = None
    pace_seconds: float = 2.0
    authority: int = 10
    max_bytes: int = 20_000_000
    terms: str = ""

    def urls_for(self, court: str) -> tuple[str, ...]:
        """What the crawler asks for ``court`` ("" for a source with one feed)."""
        if court in self.court_urls:
            return (self.court_urls[court],)
        return tuple(url.replace("{court}", court) for url in self.urls)


@dataclass(frozen=True)
class Snapshot:
    """The bytes of one answer, already in the evidence store under ``sha256``."""

    source_id: str
    url: str
    content: bytes
    sha256: str
    fetched_at: datetime
    content_type: str = ""
    charset: str | None = None
    #: the court code when the source serves several feeds
    court: str | None = None


@dataclass(frozen=True)
class Rejected:
    """An item that could not be used: where it stood, why, and its first characters."""

    position: int
    reason: str
    excerpt: str


@dataclass(frozen=True)
class ParseResult:
    """What a parser returns: one RawCase per docket in first-seen order, and what it had to refuse."""

    cases: Sequence[RawCase]
    rejected: Sequence[Rejected] = ()
    #: items read before merging, for the run ledger
    items: int = 0


class Source(Protocol):
    """A module under ``crawlers/sources`` that declares ``SPEC`` and ``parse``."""

    SPEC: SourceSpec

    def parse(self, snapshot: Snapshot) -> ParseResult:
        """Bytes in, cases out; pure. Raises SourceDrifted when the page is not what it should be."""
        ...


def as_json(case: RawCase) -> dict[str, Any]:
    """The record `seamark parse` prints: design's field names, dates as ISO, absent outcome and demand left out."""
    record: dict[str, Any] = {
        "source": case.source,
        "venue": case.venue,
        "docket_number": case.docket_number,
        "caption": case.caption,
        "filed_on": case.filed_on.isoformat() if case.filed_on else None,
        "title": case.title,
        "text": case.text,
        "url": case.url,
        "parties": [{"name": p.name, "role": p.role, "country": p.country} for p in case.parties],
        "rights": [{"kind": r.kind, "number": r.number} for r in case.rights],
        "codes": {scheme: list(values) for scheme, values in case.codes.items()},
        "events": [
            {"on": e.on.isoformat() if e.on else None, "kind": e.kind, "text": e.text, "url": e.url}
            for e in case.events
        ],
    }
    if case.outcome is not None:
        record["outcome"] = case.outcome
    if case.demand is not None:
        record["demand"] = case.demand
    return record
