"""The taxonomy: versioned data of the project, read once and checked. Its ids are the only ids.

Every file says its version and date. A broken file stops the program with the file, the entry and the fix.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from cases.taxonomy.entries import (
    COUNTRIES,
    OUTCOMES,
    REMEDIES,
    RIGHTS,
    read_dispute_types,
    read_industries,
    read_stages,
)
from cases.taxonomy.model import (
    ContextAlias,
    DisputeType,
    Entry,
    ForumNames,
    Industry,
    NameMark,
    Region,
    Stage,
    Taxonomy,
    Terms,
    Venue,
)
from cases.taxonomy.places import read_forum_names, read_marks, read_regions, read_venues
from cases.taxonomy.reading import Reader, invalid

__all__ = [
    "ContextAlias",
    "DisputeType",
    "Entry",
    "ForumNames",
    "Industry",
    "NameMark",
    "Region",
    "Stage",
    "Taxonomy",
    "Terms",
    "Venue",
    "load_taxonomy",
    "put_in_force",
    "read_taxonomy",
    "shipped_taxonomy",
]

FOLDER = Path(__file__).parent


def read_taxonomy(folder: Path) -> Taxonomy:
    """The taxonomy of ``folder``. Raises RulebookInvalid naming the file, the entry and the fix."""
    reader = Reader(folder)
    industries = read_industries(reader)
    dispute_types = read_dispute_types(reader)
    stages = read_stages(reader)
    regions = read_regions(reader)
    marks = read_marks(reader, regions)
    venues, groups = read_venues(reader, regions)
    forums, names, cues, acts = read_forum_names(reader, regions)
    for identity, further in names.items():
        regions[identity] = replace(regions[identity], aliases={**regions[identity].aliases, "more": further})
    _check_clocks(reader, venues, groups)
    _check_replacements(industries, dispute_types, stages, venues)
    by_code = {region.code: region for region in reversed(list(regions.values()))}
    by_code["EU"] = Region(id="grp.eu27", zh="欧盟", en="European Union", code="EU")
    words = {i: Entry(i, zh, en) for i, (zh, en) in (RIGHTS | COUNTRIES | REMEDIES | OUTCOMES).items()}
    kinds = {
        **dict.fromkeys(REMEDIES, "remedy"),
        **dict.fromkeys(OUTCOMES, "outcome"),
        **dict.fromkeys(RIGHTS, "ip_right"),
    }
    version = "+".join(f"{name.removesuffix('.yml')}@{v}" for name, v in sorted(reader.versions.items()))
    extra = {"by_code": by_code, "words": words, "kinds": kinds, "venue_names": _venue_names(venues)}
    return Taxonomy(
        version,
        regions,
        venues,
        industries,
        dispute_types,
        stages,
        groups,
        marks,
        forums,
        cues,
        acts,
        extra,
    )


def _venue_names(venues: Mapping[str, Venue]) -> dict[str, str]:
    names: dict[str, str] = {}
    for venue in venues.values():
        printed = [venue.zh, venue.en, *venue.aliases, *venue.aliases_cs]
        if venue.court_code:
            printed.append(venue.court_code)
        parts = venue.id.split(".")
        # v.upc is "upc" and v.us.ptab is "ptab"; but v.kr.court is not every "court".
        if len(parts) == 2 or parts[1] == "us":
            printed.append(parts[-1])
        for name in printed:
            names.setdefault(name.casefold(), venue.id)
    return names


def _check_clocks(reader: Reader, venues: Mapping[str, Venue], groups: Mapping[str, tuple[str, ...]]) -> None:
    seen: set[str] = set()
    for file in ("deadlines.yml", "deadlines_extra.yml"):
        for row in reader.section(file, "clocks"):
            if row["id"] in seen:
                raise invalid(file, row["id"], "stands twice")
            seen.add(row["id"])
            for venue in row.get("venue") or ():
                if venue not in venues and venue not in groups:
                    raise invalid(file, row["id"], f"its venue {venue!r} is unknown")
    for file in ("facets.yml", "severity.yml"):
        reader.file(file)


def _check_replacements(*tables: Mapping[str, Entry]) -> None:
    for table in tables:
        for entry in table.values():
            if entry.replaced_by is not None and entry.replaced_by not in table:
                raise invalid("(all)", entry.id, f"replaced_by {entry.replaced_by!r} does not exist")
            seen, at = {entry.id}, entry
            while at.replaced_by is not None:
                at = table[at.replaced_by]
                if at.id in seen:
                    raise invalid("(all)", entry.id, "is replaced by itself in a circle")
                seen.add(at.id)


@cache
def shipped_taxonomy() -> Taxonomy:
    """The program's own taxonomy, read once. Raises RulebookInvalid."""
    return read_taxonomy(FOLDER)


class _InForce:
    """The taxonomy of the store that this process serves; None while nothing was written over the shipped one."""

    taxonomy: Taxonomy | None = None


def load_taxonomy() -> Taxonomy:
    """The taxonomy in force in this process: the shipped one, or what :func:`put_in_force` set. Raises RulebookInvalid."""
    return _InForce.taxonomy or shipped_taxonomy()


def put_in_force(taxonomy: Taxonomy | None) -> None:
    """Let this process read ``taxonomy`` from now on; None: the shipped one. A process serves one store."""
    _InForce.taxonomy = taxonomy
