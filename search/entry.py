"""A document as every engine lays it down: key, scopes, streams of tokens, sort key. Made once, here, so that two
engines cannot differ about what a document says, who may see it or where it stands in a list."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from core.actor import Actor
from search.analysis import grouped_numbers, streams
from search.port import Document, Removal, is_facet_name

#: text fields that weigh more
_HEAD = ("caption", "title", "docket_number", "parties")
#: a token no question can contain: keeps phrases from running over the edge of a field
_EDGE = "\u241e"
_SHARED = "*"
#: bits of the sort key that tell documents of one day apart
_TIE_BITS = 40
_MOST = 2**63 - 1
#: both engines store terms a little longer than this, and nothing beyond
_LONGEST_TERM = 30_000


@dataclass(frozen=True, slots=True)
class Entry:
    """What an engine stores of a document, or of a removal (then without scope and words: a tombstone).

    Attributes:
        scope: terms of who may find it, and that it is alive.
        head: tokens of the fields that weigh more; ``all`` of every field; ``chars`` single CJK characters.
        sort: date and a tie-breaker in one number.
        day: ordinal of the date, None without one; ``ym`` its year * 100 + month.
        stored: JSON handed back with a hit.
    """

    key: str
    id: str
    version: int
    sort: int
    scope: tuple[str, ...] = ()
    facets: Mapping[str, list[str]] = field(default_factory=dict)
    head: str = ""
    all: str = ""
    chars: str = ""
    day: int | None = None
    ym: int | None = None
    fingerprint: str = ""
    stored: str = ""


def key_of(collection: str, identity: str) -> str:
    """The one key of a document."""
    return f"{collection}/{identity}"


def is_newer(document: Document | Removal, than: int | None) -> bool:
    """Whether ``document`` replaces what stands at version ``than`` (None: nothing does)."""
    return document.version is None or than is None or document.version > than


def newest_of(documents: Sequence[Document | Removal]) -> tuple[dict[str, Document | Removal], int]:
    """The newest document of each key within one put, and how many were not."""
    latest: dict[str, Document | Removal] = {}
    stale = 0
    for document in documents:
        key = key_of(document.collection, document.id)
        rival = latest.get(key)
        stale += rival is not None
        if rival is None or is_newer(document, rival.version):
            latest[key] = document
    return latest, stale


def refusal(document: Document | Removal) -> str:
    """Why no engine can take ``document``; "" when they can."""
    if not 0 < len(document.id.encode(errors="replace")) <= _LONGEST_TERM:
        return "its id is empty or longer than 30,000 bytes"
    if not _is_text(document.id):
        return "its id is not text"
    if document.version is not None and not 0 <= document.version <= _MOST:
        return "its version is not between 0 and 2^63 - 1"
    if isinstance(document, Removal):
        return ""
    if not document.audience:
        return "it has no audience, so nobody could find it"
    if bad := [name for name in document.facets if not is_facet_name(name)]:
        return f"{bad[0]!r} is not a facet's name (small letters, digits and _)"
    values = [value for several in document.facets.values() for value in several]
    if any(len(value.encode(errors="replace")) > _LONGEST_TERM for value in values):
        return "a facet value is longer than 30,000 bytes"
    return ""


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def entry_of(document: Document | Removal, known_version: int) -> Entry | str:
    """What to store, or the reason it is refused. A removal without a version takes ``known_version``."""
    if reason := refusal(document):
        return reason
    try:
        return _entry(document, known_version)
    except (ValueError, TypeError, OverflowError, AttributeError) as error:
        # Half a surrogate pair, a value that is not text: one record must not cost the batch.
        return f"it cannot be indexed: {error}"


def _entry(document: Document | Removal, known_version: int) -> Entry:
    key = key_of(document.collection, document.id)
    version = known_version if document.version is None else document.version
    if isinstance(document, Removal):
        return Entry(key, document.id, version, _sort_key(None, document.id))
    scope = _scopes(document.collection, [document.centre_id or _SHARED], document.audience)
    on = document.on
    return Entry(
        key=key,
        id=document.id,
        version=version,
        sort=_sort_key(on, document.id),
        scope=(*scope, alive(document.collection), alive(None)),
        facets={name: list(dict.fromkeys(several)) for name, several in document.facets.items() if several},
        day=on.toordinal() if on else None,
        ym=on.year * 100 + on.month if on else None,
        fingerprint=document.fingerprint(),
        stored=json.dumps(document.stored, ensure_ascii=False, default=str),
        **_words(document.text),
    )


def _words(text: Mapping[str, str]) -> dict[str, str]:
    head: list[str] = []
    everything: list[str] = []
    single: list[str] = []
    for name, words in text.items():
        pairs, characters = streams(words)
        for number in dict.fromkeys(grouped_numbers(words)):
            pairs += (_EDGE, number.text)
        if name in _HEAD:
            head += [*pairs, _EDGE]
        everything += [*pairs, _EDGE]
        if characters:
            single += [*characters, _EDGE]
    return {"head": " ".join(head), "all": " ".join(everything), "chars": " ".join(single)}


def _scopes(collection: str, centres: Iterable[str], audience: Iterable[str]) -> list[str]:
    """One term for each (centre, audience): who may see a document of a collection is one look-up."""
    return [f"{collection}\x1f{centre}\x1f{who}" for centre in centres for who in sorted(audience)]


def alive(collection: str | None) -> str:
    """The scope of everything that is not a tombstone, of one collection or of all."""
    return f"alive\x1f{collection}" if collection is not None else "alive"


def visible(collection: str, actor: Actor) -> list[str]:
    """The scopes ``actor`` may see: a document with any of them is theirs to find."""
    if actor.system and actor.centre_id is None:
        return [alive(collection)]
    centres = [_SHARED, *([str(actor.centre_id)] if actor.centre_id else [])]
    return _scopes(collection, centres, actor.audiences)


def _sort_key(on: date | None, identity: str) -> int:
    tie = int.from_bytes(hashlib.sha256(identity.encode()).digest()[:5], "big")
    return ((on.toordinal() if on else 0) << _TIE_BITS) | tie
