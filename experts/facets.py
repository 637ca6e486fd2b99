"""What entries are found by: one list of marks an entry, kept in step by the mapper, asked for by an exact SQL test.

The libraries hold hundreds of entries, not millions, and staff change them while they look: SQL answers at once, on
both databases alike, and needs no projection that could lag behind a suspension. So no search collection is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Text, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from cases.taxonomy import load_taxonomy
from experts.matching.filters import primary
from experts.matching.places import region_of_venue

#: kinds of marks, in the order the page offers them
KINDS = ("region", "dispute_type", "industry", "language", "qualification", "class")

_OF_TERMS = frozenset({"dispute_type", "industry"})


class _Holds(GenericFunction[bool]):
    """Whether a JSON list holds a text."""

    name = "seamark_holds"
    type = Boolean()
    inherit_cache = True


@compiles(_Holds, "sqlite")
def _on_sqlite(element: _Holds, compiler: SQLCompiler, **kwargs: Any) -> str:
    column, value = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"EXISTS (SELECT 1 FROM json_each({column}) WHERE json_each.value = {value})"  # noqa: S608 - both are bound or columns


@compiles(_Holds, "postgresql")
def _on_postgresql(element: _Holds, compiler: SQLCompiler, **kwargs: Any) -> str:
    column, value = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"({column} @> jsonb_build_array(CAST({value} AS TEXT)))"


def holds(column: Any, value: str) -> ColumnElement[bool]:
    """The condition that a JSON list of texts holds ``value``."""
    return _Holds(column, literal(value, Text()))


def current_mark(mark: str) -> str:
    """A mark by the taxonomy's id in force."""
    kind, _, value = mark.partition(":")
    return f"{kind}:{load_taxonomy().current(value)}" if kind in _OF_TERMS else mark


def forms_of_mark(mark: str) -> list[str]:
    """A mark as entries may hold it: what was declared under a retired id is held by whoever asks for its successor."""
    kind, _, value = mark.partition(":")
    return [f"{kind}:{one}" for one in load_taxonomy().with_former(value)] if kind in _OF_TERMS else [mark]


def marks_of(entry: Any, class_id: str, places: Iterable[Mapping[str, Any]]) -> list[str]:
    """The marks of an expert or an agency, ``kind:value``, sorted."""
    return sorted(set(_marks(entry, class_id, list(places))))


def _marks(entry: Any, class_id: str, places: list[Mapping[str, Any]]) -> Iterator[str]:
    yield f"class:{class_id}"
    for place in (*places, *(getattr(entry, "cases", None) or ())):
        region = place.get("region") or region_of_venue(place.get("venue"))
        if region:
            yield f"region:{region}"
        if place.get("qualification"):
            yield f"qualification:{place['qualification']}"
    yield from (f"language:{primary(tag)}" for tag in entry.languages or ())
    yield from (f"industry:{one}" for one in entry.industries or ())
    yield from (f"dispute_type:{one}" for one in entry.dispute_types or ())
