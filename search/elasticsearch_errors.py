"""What Elasticsearch's answers mean: what became of a document in a bulk, and which of our errors another answer is."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

from elasticsearch import ApiError, TransportError

from core.errors import IndexNotReady, SeamarkError, StoreFull

#: statuses that pass: overload, a gateway before a restarting node, a shard that is being started
_PASSING = (429, 502, 503, 504)


class Outcome(Enum):
    """What became of one document of a bulk."""

    STORED = auto()
    #: something newer or equal stands there
    STALE = auto()
    #: this document will never be taken
    REJECTED = auto()
    #: not taken now
    OVERLOADED = auto()


def outcome_of(item: Mapping[str, Any], host: str) -> tuple[Outcome, str]:
    """The outcome of a bulk's item, and the reason where it was not stored.

    Raises:
        StoreFull, IndexNotReady: the fault is the index's and not the document's.
    """
    status = item["status"]
    if status < 300:
        return Outcome.STORED, ""
    if status == 409:
        return Outcome.STALE, ""
    error = item.get("error") or {}
    kind, reason = str(error.get("type")), _reason(error)
    if _is_disk_full(kind, reason):
        raise _full(host)
    if kind != "cluster_block_exception" and status in _PASSING:
        return Outcome.OVERLOADED, reason
    if status == 400 and not kind.startswith("index_"):
        return Outcome.REJECTED, reason
    raise _not_ready(host, f"refused a document ({status} {kind}: {reason})")


def explained(error: ApiError | TransportError, host: str) -> SeamarkError:
    """Our error for one of the client's. Names the host, never the user or password in the address."""
    if isinstance(error, TransportError):
        return IndexNotReady(
            f"Elasticsearch at {host} does not answer ({type(error).__name__}).",
            fix="Look whether it runs; what is to be written waits and is not lost.",
        )
    said = error.body.get("error") if isinstance(error.body, dict) else None
    details = said if isinstance(said, dict) else {"reason": str(said or error.message)}
    kind, reason = str(details.get("type") or ""), _reason(details)
    if _is_disk_full(kind, reason):
        return _full(host)
    if error.status_code in (401, 403):
        return IndexNotReady(
            f"Elasticsearch at {host} refuses us ({error.status_code}): {reason}.",
            fix="Look at the user, password and rights in SEAMARK_ELASTICSEARCH_URL.",
        )
    return _not_ready(host, f"failed ({error.status_code} {kind}: {reason})")


def _reason(error: Mapping[str, Any]) -> str:
    """The innermost reason given."""
    cause = error.get("caused_by")
    inner = _reason(cause) if isinstance(cause, dict) else ""
    return (inner or str(error.get("reason") or ""))[:300]


def _is_disk_full(kind: str, reason: str) -> bool:
    return "No space left" in reason or (kind == "cluster_block_exception" and "disk" in reason)


def _full(host: str) -> StoreFull:
    return StoreFull(
        f"The disk of Elasticsearch at {host} is full; the put was not made, or not all of it.",
        fix="Free some space; the outbox will write it again.",
    )


def _not_ready(host: str, what: str) -> IndexNotReady:
    return IndexNotReady(f"Elasticsearch at {host} {what}.", fix="Look at its log; nothing is lost.")
