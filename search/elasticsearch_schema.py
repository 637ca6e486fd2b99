"""How a document lies in Elasticsearch, and how a request becomes its query: tokens made by us on white space, keywords
and numbers. Nothing but the server's core, so that the mapping works on every distribution."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from core.actor import Actor
from search.entry import Entry, alive, visible
from search.port import MAX_DEPTH, FacetCount, SearchRequest
from search.query import Clause, parse_query

#: part of every generation's name; raise it with any change below, in ``entry`` or in ``analysis``
SCHEMA_VERSION = 1
#: buckets enough for every value of every facet, so that counts are exact; the server's own limit is 65,536
_BUCKETS = 60_000
#: the server refuses longer ids
_LONGEST_ID = 512
_MOST = 2**63 - 1

_WORDS = {"type": "text", "analyzer": "whitespace"}
_ASIDE = {"type": "object", "enabled": False}

SETTINGS: Mapping[str, Any] = {
    # One shard: counts of values are exact and scores comparable. A second node gets a copy by itself.
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    # A generation being filled is not read; promoting it sets the default again.
    "refresh_interval": "-1",
    "max_result_window": MAX_DEPTH + 2000,
}

MAPPINGS: Mapping[str, Any] = {
    "dynamic": "strict",
    "date_detection": False,
    # The words need not be kept twice: SQL has them.
    "_source": {"includes": ["id", "fingerprint", "stored"]},
    "dynamic_templates": [{"facets": {"path_match": "facets.*", "mapping": {"type": "keyword"}}}],
    "properties": {
        "scope": {"type": "keyword", "doc_values": False},
        "facets": {"type": "object", "dynamic": True},
        "head": _WORDS,
        "all": _WORDS,
        "chars": _WORDS,
        "sort": {"type": "long"},
        "day": {"type": "integer"},
        "ym": {"type": "integer", "index": False},
        "id": _ASIDE,
        "fingerprint": _ASIDE,
        # JSON in a string: what comes back is what went in, to the last digit.
        "stored": _ASIDE,
    },
}


def id_of(key: str) -> str:
    """The server's id for a key. A key has a "/" and a digest has none."""
    return key if len(key.encode()) <= _LONGEST_ID else hashlib.sha256(key.encode()).hexdigest()


def source_of(entry: Entry) -> bytes:
    """What is sent for ``entry``; of a tombstone only where it stands."""
    source: dict[str, Any] = {"sort": entry.sort}
    if entry.scope:
        source |= {
            "scope": entry.scope,
            "facets": entry.facets,
            "head": entry.head,
            "all": entry.all,
            "chars": entry.chars,
            "day": entry.day,
            "ym": entry.ym,
            "id": entry.id,
            "fingerprint": entry.fingerprint,
            "stored": entry.stored,
        }
    return json.dumps(source, ensure_ascii=False).encode()


def living(collection: str | None) -> dict[str, Any]:
    """Everything that is not a tombstone, of one collection or of all."""
    return {"bool": {"filter": [{"term": {"scope": alive(collection)}}]}}


def question(request: SearchRequest, actor: Actor) -> dict[str, Any]:
    """Query and counts for what ``actor`` may see of ``request``; order and page are the caller's.

    A facet's own filter is not applied to its counts: such filters come after the counting (``post_filter``).
    """
    filters = {name: _any(f"facets.{name}", values) for name, values in request.filters.items() if values}
    own = {name: filters.pop(name) for name in request.facets if name in filters}
    body: dict[str, Any] = {"query": _query(request, actor, list(filters.values()))}
    if own:
        body["post_filter"] = _all(list(own.values()))
    if counts := _counts(request, own):
        body["aggs"] = counts
    return body


def _query(request: SearchRequest, actor: Actor, filters: list[dict[str, Any]]) -> dict[str, Any]:
    filters = [_any("scope", visible(request.collection, actor)), *filters]
    if request.since or request.until:
        since, until = request.since or date.min, request.until or date.max
        filters.append({"range": {"day": {"gte": since.toordinal(), "lte": until.toordinal()}}})
    must: list[dict[str, Any]] = []
    must_not: list[dict[str, Any]] = []
    for clause in parse_query(request.text):
        (must_not if clause.is_excluded else must).append(_clause(clause))
    return {"bool": {"filter": filters, "must": must, "must_not": must_not}}


def _clause(clause: Clause) -> dict[str, Any]:
    if clause.by_character:
        return _phrase("chars", clause.characters)
    anywhere = _words("all", clause)
    if clause.is_excluded:
        return anywhere
    return {"bool": {"must": [anywhere], "should": [_words("head", clause, boost=3.0)]}}


def _words(field: str, clause: Clause, boost: float = 1.0) -> dict[str, Any]:
    phrase = _phrase(field, clause.words)
    either = [phrase, _phrase(field, (clause.number,))] if clause.number else [phrase]
    return {"bool": {"should": either, "minimum_should_match": 1, "boost": boost}}


def _phrase(field: str, words: tuple[str, ...]) -> dict[str, Any]:
    if len(words) == 1:
        return {"term": {field: words[0]}}
    return {"match_phrase": {field: " ".join(words)}}


def _any(field: str, values: Sequence[str]) -> dict[str, Any]:
    return {"terms": {field: list(values)}}


def _all(filters: list[dict[str, Any]]) -> dict[str, Any]:
    return {"bool": {"filter": filters}}


def _counts(request: SearchRequest, own: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Counts under every filter in one bucket (``narrowed``); of a facet with a filter of its own without that."""
    inner = {f"facet_{name}": _values(f"facets.{name}") for name in request.facets if name not in own}
    if request.histogram:
        inner["months"] = _values("ym")
    counts: dict[str, Any] = {}
    if inner:
        counts["narrowed"] = {"filter": _all(list(own.values())), "aggs": inner}
    for name in own:
        others = [asked for other, asked in own.items() if other != name]
        counts[f"facet_{name}"] = {
            "filter": _all(others),
            "aggs": {f"facet_{name}": _values(f"facets.{name}")},
        }
    return counts


def _values(field: str) -> dict[str, Any]:
    return {"terms": {"field": field, "size": _BUCKETS, "shard_size": _BUCKETS}}


def facets_of(answer: Mapping[str, Any], request: SearchRequest) -> dict[str, list[FacetCount]]:
    """The counted values of each facet, most frequent first."""
    counts: dict[str, list[FacetCount]] = {}
    for name in request.facets:
        bucket = answer.get(f"facet_{name}") or answer["narrowed"]
        found = [FacetCount(b["key"], b["doc_count"]) for b in bucket[f"facet_{name}"]["buckets"]]
        counts[name] = sorted(found, key=lambda c: (-c.count, c.value))
    return counts


def months_of(answer: Mapping[str, Any]) -> list[tuple[int, int]]:
    """The counted months, ascending."""
    buckets = answer["narrowed"]["months"]["buckets"]
    return sorted((int(b["key"]), b["doc_count"]) for b in buckets)


def beyond(last: int, *, ascending: bool) -> list[int]:
    """The value whose successors are ``last`` and everything that sorts behind it."""
    return [last - 1] if ascending else [min(last + 1, _MOST)]
