"""How a document lies in tantivy, and how a request becomes a tantivy query. Built by hand: a query parser would let
a reader address any field."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from typing import Any

import tantivy

from core.actor import Actor
from search.analysis import grouped_numbers, streams
from search.port import Document, Removal, SearchRequest, is_facet_name
from search.query import Clause, parse_query

#: part of every generation's name; raise it with any change below or in ``analysis``
SCHEMA_VERSION = 2
#: text fields that weigh more
_HEAD = ("caption", "title", "docket_number", "parties")
#: a token no question can contain: keeps phrases from running over the edge of a field
_EDGE = "\u241e"
_SHARED = "*"
#: bits of the sort key that tell documents of one day apart
_TIE_BITS = 40
_MOST = 2**63 - 1
#: tantivy leaves longer terms out without a word
_LONGEST_TERM = 30_000


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ("key", "scope"):
        builder.add_text_field(name, stored=name == "key", tokenizer_name="raw", index_option="basic")
    # A column a facet: counting one does not read the others.
    builder.add_json_field("facets", fast=True, tokenizer_name="raw", index_option="basic")
    for name in ("head", "all", "chars"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    builder.add_unsigned_field("version", fast=True)
    builder.add_unsigned_field("sort", indexed=True, fast=True)
    builder.add_unsigned_field("day", indexed=True, fast=True)
    builder.add_unsigned_field("ym", fast=True)
    for name in ("id", "fingerprint", "stored"):
        builder.add_bytes_field(name, stored=True)
    return builder.build()


SCHEMA = _schema()


def key_of(collection: str, identity: str) -> str:
    """The one key of a document."""
    return f"{collection}/{identity}"


def to_tantivy(document: Document | Removal, known_version: int) -> Any:
    """The tantivy document (a tombstone for a removal), or the reason it is refused."""
    if reason := _refusal(document):
        return reason
    try:
        return _converted(document, known_version)
    except (ValueError, TypeError, OverflowError) as error:
        # Half a surrogate pair, a value that is not text: one record must not cost the batch.
        return f"it cannot be indexed: {error}"


def _refusal(document: Document | Removal) -> str:
    if not 0 < len(document.id.encode(errors="replace")) <= _LONGEST_TERM:
        return "its id is empty or longer than 30,000 bytes"
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


def _converted(document: Document | Removal, known_version: int) -> tantivy.Document:
    out = tantivy.Document()
    out.add_text("key", key_of(document.collection, document.id))
    out.add_bytes("id", document.id.encode())
    out.add_unsigned("version", known_version if document.version is None else document.version)
    if isinstance(document, Removal):
        out.add_unsigned("sort", _sort_key(None, document.id))
        return out
    for scope in _scopes(document.collection, [document.centre_id or _SHARED], document.audience):
        out.add_text("scope", scope)
    out.add_text("scope", _alive(document.collection))
    out.add_text("scope", _alive(None))
    out.add_json(
        "facets",
        {name: [_value(v) for v in dict.fromkeys(several)] for name, several in document.facets.items() if several},
    )
    head: list[str] = []
    everything: list[str] = []
    single: list[str] = []
    for name, words in document.text.items():
        pairs, characters = streams(words)
        for number in dict.fromkeys(grouped_numbers(words)):
            pairs += (_EDGE, number.text)
        if name in _HEAD:
            head += [*pairs, _EDGE]
        everything += [*pairs, _EDGE]
        if characters:
            single += [*characters, _EDGE]
    out.add_text("head", " ".join(head))
    out.add_text("all", " ".join(everything))
    out.add_text("chars", " ".join(single))
    out.add_unsigned("sort", _sort_key(document.on, document.id))
    out.add_unsigned("day", document.on.toordinal() if document.on else 0)
    out.add_unsigned("ym", document.on.year * 100 + document.on.month if document.on else 0)
    out.add_bytes("fingerprint", document.fingerprint().encode())
    out.add_bytes("stored", json.dumps(document.stored, ensure_ascii=False, default=str).encode())
    return out


def _value(value: str) -> str:
    # The mark keeps tantivy from reading a value that looks like an instant as one.
    return f"={value}"


def _scopes(collection: str, centres: Iterable[str], audience: Iterable[str]) -> list[str]:
    """One term for each (centre, audience): who may see a document of a collection is one look-up."""
    return [f"{collection}\x1f{centre}\x1f{who}" for centre in centres for who in sorted(audience)]


def _alive(collection: str | None) -> str:
    return f"alive\x1f{collection}" if collection is not None else "alive"


def _sort_key(on: date | None, identity: str) -> int:
    tie = int.from_bytes(hashlib.sha256(identity.encode()).digest()[:5], "big")
    return ((on.toordinal() if on else 0) << _TIE_BITS) | tie


def living(collection: str | None) -> tantivy.Query:
    """Everything that is not a tombstone, of one collection or of all."""
    return _quiet([_term("scope", _alive(collection))])


def after(query: tantivy.Query, bound: int, seen: list[str], *, ascending: bool) -> tantivy.Query:
    """What of ``query`` sorts at ``bound`` or beyond, without the keys ``seen`` at ``bound`` itself."""
    lower, upper = (bound, None) if ascending else (None, bound)
    beyond = tantivy.Query.range_query(SCHEMA, "sort", tantivy.FieldType.Unsigned, lower, upper)
    parts = [(tantivy.Occur.Must, query), (tantivy.Occur.Must, beyond)]
    if seen:
        parts.append((tantivy.Occur.MustNot, tantivy.Query.term_set_query(SCHEMA, "key", seen)))
    return tantivy.Query.boolean_query(parts)


def query(request: SearchRequest, actor: Actor, *, without: str | None = None) -> tantivy.Query:
    """What ``actor`` may see of ``request``; ``without`` names a facet whose own filter is left out."""
    if actor.system and actor.centre_id is None:
        must = [_term("scope", _alive(request.collection))]
    else:
        centres = [_SHARED, *([str(actor.centre_id)] if actor.centre_id else [])]
        must = [_any("scope", _scopes(request.collection, centres, actor.audiences))]
    for name, values in request.filters.items():
        if name != without and values:
            must.append(_any(f"facets.{name}", [_value(value) for value in values]))
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
    parts = [(tantivy.Occur.Must, _quiet(must))]
    for clause in parse_query(request.text):
        parts.append((tantivy.Occur.MustNot if clause.is_excluded else tantivy.Occur.Must, _clause(clause)))
    return tantivy.Query.boolean_query(parts)


def _clause(clause: Clause) -> tantivy.Query:
    if clause.by_character:
        return _phrase("chars", clause.characters)
    anywhere = _words("all", clause)
    if clause.is_excluded:
        return anywhere
    heavier = tantivy.Query.boost_query(_words("head", clause), 3.0)
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, anywhere), (tantivy.Occur.Should, heavier)])


def _words(field: str, clause: Clause) -> tantivy.Query:
    phrase = _phrase(field, clause.words)
    if not clause.number:
        return phrase
    return tantivy.Query.boolean_query(
        [(tantivy.Occur.Should, phrase), (tantivy.Occur.Should, _term(field, clause.number))]
    )


def _phrase(field: str, words: tuple[str, ...]) -> tantivy.Query:
    if len(words) == 1:
        return _term(field, words[0])
    return tantivy.Query.phrase_query(SCHEMA, field, list(words))


def _term(field: str, value: str) -> tantivy.Query:
    return tantivy.Query.term_query(SCHEMA, field, value)


def _any(field: str, values: list[str]) -> tantivy.Query:
    if len(values) == 1:
        return _term(field, values[0])
    return tantivy.Query.term_set_query(SCHEMA, field, values)


def _quiet(queries: list[tantivy.Query]) -> tantivy.Query:
    """All of ``queries``, without a say in the score."""
    both = tantivy.Query.boolean_query([(tantivy.Occur.Must, q) for q in queries])
    return tantivy.Query.const_score_query(both if len(queries) > 1 else queries[0], 0.0)
