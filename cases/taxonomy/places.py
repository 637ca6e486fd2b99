"""Regions and forums: who they are, by which names they go, and how an ambiguous name may match."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cases.taxonomy.model import ContextAlias, ForumNames, NameMark, Region, Terms, Venue
from cases.taxonomy.reading import Reader, invalid, terms_of

#: offices and courts whose region is no country: EU for the Union's, ST.3 for the others
_OFFICE_CODES = {
    "jur.upc": "EU",
    "jur.epo": "EP",
    "jur.euipo": "EU",
    "jur.cjeu": "EU",
    "jur.eapo": "EA",
    "jur.oapi": "OA",
    "jur.aripo": "AP",
    "jur.boip": "BX",
    "jur.gccpo": "GC",
    "jur.wipo": "WO",
    "grp.eu27": "EU",
}
#: where the forums of the mainland stand
HOME = "home"
_MARK_RULES = ("case", "exclude", "need", "never", "longest_only")
_PLACE_FIELDS = {"type", "iso2", "iso3", "continent", "groups", "aliases", "aliases_ctx"}
_GROUP_FIELDS = {
    "as_of",
    "left",
    "members",
    "pending",
    "signed_not_ratified",
    "src",
    "status",
    "uncertain",
}
_VENUE_FIELDS = {
    "region", "type", "track", "court_code", "aliases", "aliases_cs", "aliases_ctx", "aliases_rx", "rx_need",
}  # fmt: skip


def read_regions(reader: Reader) -> dict[str, Region]:
    """Regions by id; Hong Kong, Macao and Taiwan are regions of China and named so."""
    file = "regions.yml"
    rows = [*reader.section(file, "regions"), *reader.section(file, "countries")]
    places = reader.entries(file, rows, _PLACE_FIELDS, ("type", "iso2"))
    codes = {row["iso2"] for row in places}
    for row in places:
        if not re.fullmatch(r"[A-Z]{2}", str(row["iso2"])):
            raise invalid(file, row["id"], f"{row['iso2']!r} is not an ISO 3166 alpha-2 code (quote NO)")
        if (row["id"].startswith("reg.") or row["iso2"] in ("HK", "MO", "TW")) and not (
            row["type"] == "region" and row["zh"].startswith("中国")
        ):
            raise invalid(file, row["id"], "a region of China is a region, named with the prefix 中国")
    if len(codes) < len(places):
        twice = sorted(c for c in codes if sum(row["iso2"] == c for row in places) > 1)
        raise invalid(file, twice[0], "is the code of two places")
    groups = _groups(reader, file, codes)
    group_ids = {row["id"] for row in groups}
    out = {row["id"]: _region(file, row, row["iso2"]) for row in places}
    for row in places:
        if strange := set(row.get("groups", ())) - group_ids:
            raise invalid(file, row["id"], f"names the unknown group {sorted(strange)[0]!r}")
    offices = reader.entries(file, reader.section(file, "supranational"), {"group", "members", "aliases"})
    for row in [*offices, *groups]:
        if row.get("group") is not None and row["group"] not in group_ids:
            raise invalid(file, row["id"], f"names the unknown group {row['group']!r}")
        if row["id"] in _OFFICE_CODES:
            out[row["id"]] = _region(file, row, _OFFICE_CODES[row["id"]])
    return out


def _groups(reader: Reader, file: str, codes: set[str]) -> list[dict[str, Any]]:
    groups = reader.entries(file, reader.section(file, "groups"), _GROUP_FIELDS, ("members",))
    for row in groups:
        if "as_of" in row:
            reader.day(file, row["id"], row["as_of"])
        if strange := set(row["members"]) - codes - {"CN"}:
            raise invalid(file, row["id"], f"its member {sorted(strange)[0]!r} is no country of the file")
    return groups


def _region(file: str, row: Mapping[str, Any], code: str) -> Region:
    aliases = terms_of(file, row["id"], row.get("aliases")).by_language
    short = tuple(a for a in (row.get("aliases_ctx") or {}).get("zh", ()) if len(a) == 1)
    return Region(id=row["id"], zh=row["zh"], en=row["en"], code=code, aliases=aliases, short=short)


def read_marks(reader: Reader, regions: Mapping[str, Region]) -> dict[str, NameMark]:
    """The marks on ambiguous names of regions, by name."""
    file = "regions.yml"
    names = {
        name
        for region in regions.values()
        for name in (region.zh, region.en, *(a for words in region.aliases.values() for a in words))
    }
    out: dict[str, NameMark] = {}
    for row in reader.section(file, "match_flags"):
        alias, rule = str(row.get("alias")), row.get("rule")
        if rule not in _MARK_RULES:
            raise invalid(file, alias, f"its rule is one of {', '.join(_MARK_RULES)}, not {rule!r}")
        # A few marks guard a part of a name only: 中非, 刚果, and Holland beside the Netherlands.
        if not any(alias in name for name in names):
            raise invalid(file, alias, "is a mark on no name of the file")
        if rule == "exclude" and not row.get("not"):
            raise invalid(file, alias, "excludes nothing: list the longer names under not")
        if rule == "need" and not row.get("need"):
            raise invalid(file, alias, "needs a cue: list them under need")
        listed = tuple(map(str, row.get("not", ())))
        longer = tuple(n for n in listed if alias.casefold() in n.casefold())
        out[alias] = NameMark(
            alias,
            is_never=rule == "never",
            is_exact=rule == "case",
            need=tuple(map(str, row.get("need", ()))),
            veto=tuple(n for n in listed if n not in longer),
            longer=longer,
        )
    return out


def read_venues(
    reader: Reader, regions: Mapping[str, Region]
) -> tuple[dict[str, Venue], dict[str, tuple[str, ...]]]:
    """Venues by id and groups of venues by name."""
    out: dict[str, Venue] = {}
    groups: dict[str, tuple[str, ...]] = {}
    for file in ("venues.yml", "us_courts.yml"):
        for row in reader.entries(
            file, reader.section(file, "venues"), _VENUE_FIELDS, ("region", "type", "track")
        ):
            if row["id"] in out:
                raise invalid(file, row["id"], "stands in two files")
            if row["region"] is not None and row["region"] not in regions:
                raise invalid(file, row["id"], f"its region {row['region']!r} is unknown")
            out[row["id"]] = _venue(file, row)
        listed = reader.file(file).get("venue_groups") or {}
        for name, members in listed.items():
            groups[name] = tuple(dict.fromkeys((*groups.get(name, ()), *members)))
    for name, members in groups.items():
        if strange := set(members) - set(out):
            raise invalid("venues.yml", name, f"its member {sorted(strange)[0]!r} is no venue")
    return out, groups


def _venue(file: str, row: Mapping[str, Any]) -> Venue:
    check_patterns(file, row["id"], row.get("aliases_rx", ()))
    if short := [a for a in row.get("aliases", ()) if len(a) < 2]:
        raise invalid(file, row["id"], f"the alias {short[0]!r} is too short")
    return Venue(
        id=row["id"],
        zh=row["zh"],
        en=row["en"],
        replaced_by=row.get("replaced_by"),
        is_retired=row.get("replaced_by") is not None,
        region=row["region"],
        type=row["type"],
        track=row["track"],
        court_code=row.get("court_code"),
        aliases=tuple(row.get("aliases", ())),
        aliases_cs=tuple(row.get("aliases_cs", ())),
        aliases_ctx=tuple(
            ContextAlias(c["a"], tuple(map(str, c.get("need", ()))), tuple(map(str, c.get("not", ()))))
            for c in row.get("aliases_ctx", ())
        ),
        aliases_rx=tuple(row.get("aliases_rx", ())),
        rx_need=tuple(row.get("rx_need", ())),
    )


def check_patterns(file: str, identity: str, patterns: Iterable[str]) -> None:
    """Refuse a pattern that does not compile."""
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise invalid(file, identity, f"the pattern {pattern!r} does not compile: {error}") from error


def read_forum_names(
    reader: Reader, regions: Mapping[str, Region]
) -> tuple[tuple[ForumNames, ...], dict[str, tuple[str, ...]], Terms, Terms]:
    """Forums that are no venue, further names of regions by id, and the bodies and acts that make a region's name a
    forum's. Forums of the mainland stand under ``home``: they have no region."""
    file = "forums.yml"
    data = reader.file(file)
    forums = []
    for row in reader.section(file, "forums"):
        is_home = row.get("region") == HOME
        if not is_home and row.get("region") not in regions:
            raise invalid(file, row.get("region"), "is no region")
        check_patterns(file, row["region"], row.get("patterns", ()))
        region = None if is_home else row["region"]
        forums.append(ForumNames(region, tuple(row.get("names", ())), tuple(row.get("patterns", ()))))
    names = {}
    for identity, words in (data.get("region_names") or {}).items():
        if identity not in regions:
            raise invalid(file, identity, "is no region")
        names[identity] = terms_of(file, identity, words).all()
    cues, acts = (terms_of(file, key, data.get(key)) for key in ("cues", "acts"))
    return tuple(forums), names, cues, acts
