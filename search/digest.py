"""One value for everything an index can find, whatever the order it was written in."""

from __future__ import annotations

import hashlib

from search.port import IndexReader


def digest(index: IndexReader, collection: str) -> str:
    """SHA-256 over the sorted fingerprints of a collection's live documents; ids and versions do not count."""
    total = hashlib.sha256()
    for fingerprint in sorted(f for _, _, f in index.fingerprints(collection)):
        total.update(fingerprint.encode())
    return total.hexdigest()
