"""Every source there is: the modules of ``crawlers/sources``, found by looking into the folder, checked once."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import BadInput
from crawlers import sources
from crawlers.source import Source, SourceSpec, SourceStatus

#: sources added for the length of a test
_ADDED: dict[str, Source] = {}


def all_sources() -> dict[str, Source]:
    """Every source by id, in order of id. Raises TypeError for a module that is no source, naming it and the fault."""
    return dict(sorted({**_found(), **_ADDED}.items()))


def get_source(source_id: str) -> Source:
    """The source called ``source_id``. Raises BadInput that names the nearest known ones."""
    known = all_sources()
    source = known.get(source_id)
    if source is not None:
        return source
    near = difflib.get_close_matches(source_id, known, n=3, cutoff=0.4) or list(known)
    raise BadInput(
        f"There is no source {source_id!r}.", fix=f"Give one of: {', '.join(near)}.", known=list(known)
    )


@contextmanager
def with_source(source: Source) -> Iterator[Source]:
    """Know ``source`` too, for the length of a test."""
    source_id = source.SPEC.id
    if source_id in all_sources():
        raise ValueError(f"there is a source {source_id!r} already")
    check_spec(source_id, source.SPEC)
    _ADDED[source_id] = source
    try:
        yield source
    finally:
        del _ADDED[source_id]


@cache
def _found() -> dict[str, Source]:
    found: dict[str, Source] = {}
    for entry in pkgutil.iter_modules(sources.__path__):
        module = importlib.import_module(f"{sources.__name__}.{entry.name}")
        found[entry.name] = _checked(entry.name, module)
    return found


def _checked(name: str, module: ModuleType) -> Source:
    spec = getattr(module, "SPEC", None)
    if not isinstance(spec, SourceSpec) or not callable(getattr(module, "parse", None)):
        raise TypeError(f"crawlers/sources/{name}.py is no source: it must declare SPEC and parse(snapshot).")
    check_spec(name, spec)
    return cast(Source, module)


def check_spec(name: str, spec: SourceSpec) -> None:
    """Raise TypeError where ``spec``, of the file ``name``, contradicts itself."""
    live = spec.status is SourceStatus.LIVE
    hours = spec.visiting_hours
    templates = [url for url in spec.urls if "{court}" in url]
    faults = {
        f"its id is {spec.id!r}, and it must be the file's name": spec.id != name,
        "it needs its name in both languages and a homepage": not (spec.zh and spec.en and spec.homepage),
        "a live source needs an address to ask and the media types it accepts": live
        and not (spec.urls and spec.media_types),
        "its addresses must be https or http": not all(
            url.startswith(("https://", "http://")) for url in (*spec.urls, *spec.court_urls.values())
        ),
        "courts and a {court} in its addresses go together": bool(templates) != bool(spec.courts),
        "court_urls names a court that is not among courts": not set(spec.court_urls) <= set(spec.courts),
        "a court stands twice": len(set(spec.courts)) != len(spec.courts),
        f"{spec.zone!r} is no time zone": not _is_zone(spec.zone),
        f"its visiting hours {hours} are no two hours of a day": hours is not None
        and not (0 <= hours[0] < hours[1] <= 24),
        "may_shrink_by is a share of one complete download, between 0 and 1": spec.may_shrink_by is not None
        and not (0 <= spec.may_shrink_by < 1 and len(spec.urls) == 1 and not spec.courts),
        "every_minutes, max_bytes and authority must be positive": min(
            spec.every_minutes, spec.max_bytes, spec.authority
        )
        <= 0,
    }
    for fault, is_so in faults.items():
        if is_so:
            raise TypeError(f"crawlers/sources/{name}.py, SPEC: {fault}.")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True
