"""How a document lies in tantivy, and how a request becomes a tantivy query. Built by hand: a query parser would let
a reader address any field."""

from __future__ import annotations

from datetime import date
from typing import Any

import tantivy

from core.actor import Actor
from search.entry import Entry, alive, entry_of, visible
from search.port import Document, Removal, SearchRequest
from search.query import Clause, parse_query

#: part of every generation's name; raise it with any change below, in ``entry`` or in ``analysis``
SCHEMA_VERSION = 3


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


def to_tantivy(document: Document | Removal, known_version: int) -> Any:
    """The tantivy document (a tombstone for a removal), or the reason it is refused."""
    entry = entry_of(document, known_version)
    if isinstance(entry, str):
        return entry
    try:
        return _converted(entry)
    except (ValueError, TypeError, OverflowError) as error:
        return f"it cannot be indexed: {error}"


def _converted(entry: Entry) -> tantivy.Document:
    out = tantivy.Document()
    out.add_text("key", entry.key)
    out.add_bytes("id", entry.id.encode())
    out.add_unsigned("version", entry.version)
    out.add_unsigned("sort", entry.sort)
    if not entry.scope:
        return out
    for scope in entry.scope:
        out.add_text("scope", scope)
    out.add_json("facets", {name: [_value(v) for v in several] for name, several in entry.facets.items()})
    out.add_text("head", entry.head)
    out.add_text("all", entry.all)
    out.add_text("chars", entry.chars)
    out.add_unsigned("day", entry.day or 0)
    out.add_unsigned("ym", entry.ym or 0)
    out.add_bytes("fingerprint", entry.fingerprint.encode())
    out.add_bytes("stored", entry.stored.encode())
    return out


def _value(value: str) -> str:
    # The mark keeps tantivy from reading a value that looks like an instant as one.
    return f"={value}"


def living(collection: str | None) -> tantivy.Query:
    """Everything that is not a tombstone, of one collection or of all."""
    return _quiet([_term("scope", alive(collection))])


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
    must = [_any("scope", visible(request.collection, actor))]
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
