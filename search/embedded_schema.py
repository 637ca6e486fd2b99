"""How a document lies in tantivy, and how a request becomes a tantivy query. Built by hand: a query parser would let
a reader address any field."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

import tantivy

from core.actor import Actor
from search.analysis import bigrams, characters
from search.port import Document, Removal, SearchRequest
from search.query import Clause, parse_query

#: part of every generation's name; raise it with any change below
SCHEMA_VERSION = 1
#: text fields that weigh more
_HEAD = ("caption", "title", "docket_number", "parties")
#: a token no question can contain: keeps phrases from running over the edge of a field
_EDGE = "\u241e"
_SHARED = "*"
#: bits of the sort key that tell documents of one day apart
_TIE_BITS = 40


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ("key", "id", "fingerprint"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("collection", "audience", "centre", "alive"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("facet", tokenizer_name="raw", index_option="basic", fast=True)
    for name in ("head", "all", "chars"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    builder.add_unsigned_field("version", fast=True)
    builder.add_unsigned_field("sort", indexed=True, fast=True)
    builder.add_unsigned_field("day", indexed=True, fast=True)
    builder.add_unsigned_field("ym", fast=True)
    builder.add_text_field("stored", stored=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


SCHEMA = _schema()


def key_of(collection: str, identity: str) -> str:
    """The one key of a document."""
    return f"{collection}/{identity}"


def to_tantivy(document: Document | Removal, known_version: int) -> Any:
    """The tantivy document (a tombstone for a removal), or the reason it is refused."""
    out = tantivy.Document()
    out.add_text("key", key_of(document.collection, document.id))
    out.add_text("id", document.id)
    out.add_text("collection", document.collection)
    out.add_text("alive", "0" if isinstance(document, Removal) else "1")
    out.add_unsigned("version", known_version if document.version is None else document.version)
    if isinstance(document, Removal):
        out.add_unsigned("sort", _sort_key(None, document.id))
        return out
    if not document.audience:
        return "it has no audience, so nobody could find it"
    if any(len(value.encode()) > 30_000 for values in document.facets.values() for value in values):
        return "a facet value is longer than 30,000 bytes"
    out.add_text("centre", document.centre_id or _SHARED)
    for who in document.audience:
        out.add_text("audience", who)
    for name, values in document.facets.items():
        for value in values:
            out.add_text("facet", f"{name}={value}")
    head: list[str] = []
    everything: list[str] = []
    single: list[str] = []
    for name, words in document.text.items():
        tokens = characters(words)
        pairs = bigrams(tokens)
        if name in _HEAD:
            head += [*pairs, _EDGE]
        everything += [*pairs, _EDGE]
        single += [*(token.text for token in tokens), _EDGE]
    out.add_text("head", " ".join(head))
    out.add_text("all", " ".join(everything))
    out.add_text("chars", " ".join(single))
    out.add_unsigned("sort", _sort_key(document.on, document.id))
    out.add_unsigned("day", document.on.toordinal() if document.on else 0)
    out.add_unsigned("ym", document.on.year * 100 + document.on.month if document.on else 0)
    out.add_text("fingerprint", document.fingerprint())
    out.add_text("stored", json.dumps(document.stored, ensure_ascii=False, default=str))
    return out


def _sort_key(on: date | None, identity: str) -> int:
    tie = int.from_bytes(hashlib.sha256(identity.encode()).digest()[:5], "big")
    return ((on.toordinal() if on else 0) << _TIE_BITS) | tie


def living(collection: str | None) -> tantivy.Query:
    """Everything that is not a tombstone, of one collection or of all."""
    alive = _term("alive", "1")
    return alive if collection is None else _all([alive, _term("collection", collection)])


def sort_range(*, lower: int | None = None, upper: int | None = None) -> tantivy.Query:
    """Documents whose sort key lies strictly above ``lower`` and below ``upper``."""
    return tantivy.Query.range_query(
        SCHEMA,
        "sort",
        tantivy.FieldType.Unsigned,
        lower,
        upper,
        include_lower=lower is None,
        include_upper=upper is None,
    )


def query(request: SearchRequest, actor: Actor, *, without: str | None = None) -> tantivy.Query:
    """What ``actor`` may see of ``request``; ``without`` names a facet whose own filter is left out."""
    centres = [_SHARED, *([str(actor.centre_id)] if actor.centre_id else [])]
    must = [living(request.collection)]
    if not (actor.system and actor.centre_id is None):
        must.append(tantivy.Query.term_set_query(SCHEMA, "centre", centres))
        must.append(tantivy.Query.term_set_query(SCHEMA, "audience", sorted(actor.audiences)))
    for name, values in request.filters.items():
        if name != without and values:
            must.append(tantivy.Query.term_set_query(SCHEMA, "facet", [f"{name}={value}" for value in values]))
    if request.since or request.until:
        must.append(
            tantivy.Query.range_query(
                SCHEMA,
                "day",
                tantivy.FieldType.Unsigned,
                request.since.toordinal() if request.since else 1,
                request.until.toordinal() if request.until else date.max.toordinal(),
            )
        )
    quiet = tantivy.Query.const_score_query(_all(must), 0.0)
    parts = [(tantivy.Occur.Must, quiet)]
    for clause in parse_query(request.text):
        parts.append((tantivy.Occur.MustNot if clause.is_excluded else tantivy.Occur.Must, _clause(clause)))
    return tantivy.Query.boolean_query(parts)


def _clause(clause: Clause) -> tantivy.Query:
    if clause.by_character:
        return _phrase("chars", clause.characters)
    anywhere = _phrase("all", clause.words)
    if clause.is_excluded:
        return anywhere
    heavier = tantivy.Query.boost_query(_phrase("head", clause.words), 3.0)
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, anywhere), (tantivy.Occur.Should, heavier)])


def _phrase(field: str, words: tuple[str, ...]) -> tantivy.Query:
    if len(words) == 1:
        return tantivy.Query.term_query(SCHEMA, field, words[0])
    return tantivy.Query.phrase_query(SCHEMA, field, list(words))


def _term(field: str, value: str) -> tantivy.Query:
    return tantivy.Query.term_query(SCHEMA, field, value)


def _all(queries: list[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, q) for q in queries])
