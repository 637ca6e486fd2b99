"""The SearchIndex port: what an index must do, and the values that pass.

An index is a projection of SQL: it can be dropped and rebuilt at any time. Every search names an actor, and hits,
totals, facets and histogram alike are of what that actor may see.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from core.actor import Actor
from core.errors import BadInput, IndexNotReady

#: longest query a person may type, in characters
MAX_QUERY = 500
#: deepest page by relevance, in hits
MAX_DEPTH = 10_000
_FACET_NAME = re.compile("[a-z][a-z0-9_]{0,63}")


def is_facet_name(name: str) -> bool:
    """Whether every engine can carry a facet of this name (small letters, digits and _)."""
    return _FACET_NAME.fullmatch(name) is not None


class ReindexNeeded(IndexNotReady):
    """There is no generation that this version of Seamark can read; `seamark reindex` makes one from SQL."""

    code = "reindex_needed"


@dataclass(frozen=True)
class Document:
    """A record as it is searched.

    Attributes:
        version: external version; an index ignores one that is not newer than what it has.
        centre_id: the centre it is private to, or None when centres share it.
        audience: who may find it: ``public``, ``staff``, ``firm:<id>``.
        text: field -> words; ``caption``, ``title``, ``docket_number`` and ``parties`` weigh more than the rest.
        facets: facet -> values.
        on: the date it is sorted and counted by.
        stored: JSON handed back with a hit.
    """

    collection: str
    id: str
    version: int
    centre_id: str | None
    audience: frozenset[str]
    text: Mapping[str, str]
    facets: Mapping[str, tuple[str, ...]]
    on: date | None
    stored: Mapping[str, Any] = field(default_factory=dict)

    def fingerprint(self) -> str:
        """SHA-256 of what can be found (audience, words, facets, date); ids, versions and display are left out."""
        content = [
            sorted(self.audience),
            sorted(self.text.items()),
            sorted((name, sorted(values)) for name, values in self.facets.items()),
            self.on.isoformat() if self.on else None,
        ]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class Removal:
    """A record that is gone. Without a version it removes whatever stands there."""

    collection: str
    id: str
    version: int | None = None


@dataclass(frozen=True)
class SearchRequest:
    """A question. Values of one filter are alternatives; filters narrow each other.

    Raises BadInput when text, limit, sort or a facet's name are out of bounds.
    """

    collection: str
    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None
    facets: tuple[str, ...] = ()
    histogram: bool = False
    sort: str = "relevance"
    limit: int = 20
    cursor: str | None = None

    def __post_init__(self) -> None:
        if len(self.text) > MAX_QUERY:
            raise BadInput(
                f"The question has {len(self.text)} characters; at most {MAX_QUERY} are read.",
                fix="Shorten it.",
            )
        if not 1 <= self.limit <= 200:
            raise BadInput(f"A page holds 1 to 200 hits, not {self.limit}.")
        if self.sort not in ("relevance", "newest", "oldest"):
            raise BadInput(
                f"There is no order called {self.sort!r}.", fix="Sort by relevance, newest or oldest."
            )
        if strange := [name for name in (*self.filters, *self.facets) if not is_facet_name(name)]:
            raise BadInput(f"There is no facet called {strange[0][:60]!r}.")
        for value in (value for values in self.filters.values() for value in values):
            try:
                value.encode()
            except UnicodeEncodeError as error:
                raise BadInput(f"{value[:60]!r} is not text.", fix="Choose a value from the list.") from error


@dataclass(frozen=True)
class Hit:
    """One record found; ``score`` is comparable within one page only."""

    id: str
    version: int
    score: float
    stored: Mapping[str, Any]


@dataclass(frozen=True)
class FacetCount:
    """How many of the hits carry a value. A facet's own filter is not applied to its own counts."""

    value: str
    count: int


@dataclass(frozen=True)
class SearchPage:
    """A page of hits with exact totals, facets and months ((year * 100 + month, count), ascending).

    ``is_fallback`` says that another index than the usual one answered, because that one is away.
    """

    hits: Sequence[Hit]
    total: int
    facets: Mapping[str, Sequence[FacetCount]]
    histogram: Sequence[tuple[int, int]]
    next_cursor: str | None
    is_fallback: bool = False


@dataclass
class PutReport:
    """What a put did: documents stored, ignored as not newer, and refused with the reason."""

    stored: int = 0
    stale: int = 0
    rejected: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class IndexState:
    """What there is: the live generation (None before the first), all generations, live documents; ``is_fallback`` as
    in a page."""

    live: str | None
    generations: tuple[str, ...]
    documents: int
    is_fallback: bool = False


class IndexReader(Protocol):
    """What pages need of an index. Errors: IndexNotReady (cannot answer; ReindexNeeded when waiting does not help)."""

    def search(self, request: SearchRequest, actor: Actor) -> SearchPage:
        """What ``actor`` may find. Raises BadInput for a cursor that is not ours."""
        ...

    def fingerprints(self, collection: str, generation: str | None = None) -> Iterator[tuple[str, int, str]]:
        """(id, version, :meth:`Document.fingerprint`) of every document, in no order; tombstones left out."""
        ...

    def state(self) -> IndexState:
        """What there is, without touching documents."""
        ...


class SearchIndex(IndexReader, Protocol):
    """The port. Errors besides a reader's: StoreBusy (another writer), StoreFull."""

    def put(self, documents: Sequence[Document | Removal], generation: str | None = None) -> PutReport:
        """Replace each document whole, if it is newer than what stands there; a removal leaves a tombstone, so that
        a late replay of an older version does not bring the record back. Durable when it returns. Into the live
        generation, made when there is none, unless another is named."""
        ...

    def begin_generation(self) -> str:
        """Make an empty generation beside the live one; returns its name."""
        ...

    def promote(self, generation: str) -> None:
        """Make ``generation`` the live one, at once for every reader."""
        ...

    def drop_generations(self, keep: Sequence[str]) -> None:
        """Delete every generation but ``keep`` and the live one."""
        ...
