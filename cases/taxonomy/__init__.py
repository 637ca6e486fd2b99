"""The taxonomy: versioned data of the project, read once and checked. Its ids are the only ids.

Every file says its version and date. A broken file stops the program with the file, the entry and the fix.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from cases.taxonomy.model import (
    ContextAlias,
    DisputeType,
    Entry,
    Industry,
    Region,
    Stage,
    Taxonomy,
    Terms,
    Venue,
)
from core.errors import RulebookInvalid

__all__ = ["DisputeType", "Entry", "Industry", "Region", "Stage", "Taxonomy", "Terms", "Venue", "load_taxonomy"]

FOLDER = Path(__file__).parent
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
#: words of the rights, by id, for pages
_RIGHTS = {
    "patent": ("发明专利", "Patent"),
    "utility_model": ("实用新型", "Utility model"),
    "design": ("外观设计", "Design"),
    "trademark": ("商标", "Trademark"),
    "copyright": ("著作权", "Copyright"),
    "trade_secret": ("商业秘密", "Trade secret"),
    "domain_name": ("域名", "Domain name"),
    "geographical_indication": ("地理标志", "Geographical indication"),
    "plant_variety": ("植物新品种", "Plant variety"),
    "layout": ("集成电路布图设计", "Layout design"),
    "unfair_competition": ("不正当竞争", "Unfair competition"),
}
#: the drafts' short names of rights -> ids
_RIGHT_IDS = {"gi": "geographical_indication", "domain": "domain_name", "pvp": "plant_variety"}


def _invalid(file: str, identity: object, problem: str) -> RulebookInvalid:
    return RulebookInvalid(f"cases/taxonomy/{file}, {identity}: {problem}.", fix="Mend the entry and load again.")


class _Reader:
    """Reads and checks the files of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.versions: dict[str, str] = {}

    def file(self, name: str) -> dict[str, Any]:
        try:
            data = yaml.safe_load((self.folder / name).read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError) as error:
            raise _invalid(name, "the file", f"cannot be read: {error}") from error
        if not isinstance(data, dict) or not isinstance(data.get("version"), str):
            raise _invalid(name, "version", "is missing or not text")
        if "as_of" in data:
            self.day(name, "as_of", data["as_of"])
        self.versions[name] = data["version"]
        return data

    def day(self, file: str, identity: object, value: object) -> None:
        try:
            date.fromisoformat(str(value))
        except ValueError as error:
            raise _invalid(file, identity, f"{value!r} is not a date like 2026-11-22") from error

    def entries(self, file: str, rows: Iterable[Any], fields: set[str]) -> list[dict[str, Any]]:
        """Rows with unique ids, both languages, and no key but ``fields``."""
        seen: set[str] = set()
        checked = []
        for row in rows:
            identity = row.get("id") if isinstance(row, dict) else None
            if not isinstance(identity, str) or not identity:
                raise _invalid(file, row, "has no id")
            if identity in seen:
                raise _invalid(file, identity, "stands twice")
            seen.add(identity)
            for language in ("zh", "en"):
                if not isinstance(row.get(language), str) or not row[language].strip():
                    raise _invalid(file, identity, f"has no {language} words")
            if strange := set(row) - fields - {"id", "zh", "en", "replaced_by", "note"}:
                raise _invalid(file, identity, f"has the unknown field {sorted(map(str, strange))[0]!r}")
            checked.append(row)
        return checked


def _terms(file: str, identity: str, value: object) -> Terms:
    if value is None:
        return Terms()
    if not isinstance(value, dict):
        raise _invalid(file, identity, "its words must stand under a language")
    out: dict[str, tuple[str, ...]] = {}
    for language, words in value.items():
        if not isinstance(words, list) or not all(isinstance(w, str) and w.strip() for w in words):
            raise _invalid(file, identity, f"a word under {language} is empty or not text (quote numbers and dates)")
        out[str(language)] = tuple(words)
    return Terms(out)


def _codes(row: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    ipc = tuple(str(code) for code in row.get("ipc", ()))
    return {
        "ipc": ipc,
        "cpc": ipc,
        "nice": tuple(str(code) for code in row.get("nice", ())),
        "hs": tuple(str(code) for code in row.get("hs", ())),
    }


def _industries(reader: _Reader) -> dict[str, Industry]:
    file = "industries.yml"
    fields = {"seeds", "sei", "ipc", "nice", "hs", "strong", "weak", "acronyms", "negative"}
    return {
        row["id"]: Industry(
            id=row["id"],
            zh=row["zh"],
            en=row["en"],
            replaced_by=row.get("replaced_by"),
            strong=_terms(file, row["id"], row.get("strong")),
            weak=_terms(file, row["id"], row.get("weak")),
            acronyms=tuple(row.get("acronyms", ())),
            negative=_terms(file, row["id"], row.get("negative")),
            codes=_codes(row),
        )
        for row in reader.entries(file, reader.file(file)["industries"], fields)
    }


def _dispute_types(reader: _Reader) -> dict[str, DisputeType]:
    file = "dispute_types.yml"
    rows = reader.entries(file, reader.file(file)["dispute_types"], {"ip_right", "base_severity", "strong", "weak"})
    for row in rows:
        unknown = {_RIGHT_IDS.get(r, r) for r in row["ip_right"]} - set(_RIGHTS) - {"mixed"}
        if unknown:
            raise _invalid(file, row["id"], f"names the unknown right {sorted(unknown)[0]!r}")
    return {
        row["id"]: DisputeType(
            id=row["id"],
            zh=row["zh"],
            en=row["en"],
            replaced_by=row.get("replaced_by"),
            ip_rights=tuple(_RIGHT_IDS.get(r, r) for r in row["ip_right"] if r != "mixed"),
            strong=_terms(file, row["id"], row.get("strong")),
            weak=_terms(file, row["id"], row.get("weak")),
            base_severity=int(row["base_severity"]),
        )
        for row in rows
    }


def _stages(reader: _Reader) -> dict[str, Stage]:
    file = "stages.yml"
    out: dict[str, Stage] = {}
    for track in reader.file(file)["tracks"]:
        for order, row in enumerate(reader.entries(file, track["stages"], {"keywords"})):
            if row["id"] in out:
                raise _invalid(file, row["id"], "stands in two tracks")
            out[row["id"]] = Stage(
                id=row["id"],
                zh=row["zh"],
                en=row["en"],
                track=track["id"],
                order=order,
                keywords=_terms(file, row["id"], row.get("keywords")),
            )
    return out


def _regions(reader: _Reader) -> dict[str, Region]:
    file = "regions.yml"
    data = reader.file(file)
    out: dict[str, Region] = {}
    place_fields = {"type", "iso2", "iso3", "continent", "groups", "aliases", "aliases_ctx"}
    places = reader.entries(file, [*data["regions"], *data["countries"]], place_fields)
    codes = {row["iso2"] for row in places}
    for row in places:
        if not re.fullmatch(r"[A-Z]{2}", str(row["iso2"])):
            raise _invalid(file, row["id"], f"{row['iso2']!r} is not an ISO 3166 alpha-2 code (quote NO)")
        if row["id"].startswith("reg.") and not row["zh"].startswith("中国"):
            raise _invalid(file, row["id"], "a region of China is named with the prefix 中国")
        out[row["id"]] = _region(file, row, row["iso2"])
    offices = reader.entries(file, data["supranational"], {"group", "members", "aliases"})
    group_fields = {"as_of", "left", "members", "pending", "signed_not_ratified", "src", "status", "uncertain"}
    groups = reader.entries(file, data["groups"], group_fields)
    group_ids = {row["id"] for row in groups}
    for row in groups:
        if strange := set(row["members"]) - codes - {"CN"}:
            raise _invalid(file, row["id"], f"its member {sorted(strange)[0]!r} is no country of the file")
    for row in places:
        if strange := set(row.get("groups", ())) - group_ids:
            raise _invalid(file, row["id"], f"names the unknown group {sorted(strange)[0]!r}")
    for row in [*offices, *groups]:
        if row["id"] in _OFFICE_CODES:
            out[row["id"]] = _region(file, row, _OFFICE_CODES[row["id"]])
    return out


def _region(file: str, row: Mapping[str, Any], code: str) -> Region:
    aliases = _terms(file, row["id"], row.get("aliases")).by_language
    return Region(id=row["id"], zh=row["zh"], en=row["en"], code=code, aliases=aliases)


def _venues(reader: _Reader, regions: Mapping[str, Region]) -> tuple[dict[str, Venue], dict[str, tuple[str, ...]]]:
    out: dict[str, Venue] = {}
    groups: dict[str, tuple[str, ...]] = {}
    fields = {"region", "type", "track", "court_code", "aliases", "aliases_cs", "aliases_ctx", "aliases_rx"}
    for file in ("venues.yml", "us_courts.yml"):
        data = reader.file(file)
        for row in reader.entries(file, data["venues"], fields):
            if row["id"] in out:
                raise _invalid(file, row["id"], "stands in two files")
            if row.get("region") is not None and row["region"] not in regions:
                raise _invalid(file, row["id"], f"its region {row['region']!r} is unknown")
            out[row["id"]] = _venue(file, row)
        groups |= {name: tuple(members) for name, members in data.get("venue_groups", {}).items()}
    for name, members in groups.items():
        if strange := set(members) - set(out):
            raise _invalid("venues.yml", name, f"its member {sorted(strange)[0]!r} is no venue")
    return out, groups


def _venue(file: str, row: Mapping[str, Any]) -> Venue:
    for pattern in row.get("aliases_rx", ()):
        try:
            re.compile(pattern)
        except re.error as error:
            raise _invalid(file, row["id"], f"the pattern {pattern!r} does not compile: {error}") from error
    if short := [a for a in row.get("aliases", ()) if len(a) < 2]:
        raise _invalid(file, row["id"], f"the alias {short[0]!r} is too short")
    return Venue(
        id=row["id"],
        zh=row["zh"],
        en=row["en"],
        replaced_by=row.get("replaced_by"),
        region=row.get("region"),
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
    )


def _venue_names(venues: Mapping[str, Venue]) -> dict[str, str]:
    names: dict[str, str] = {}
    for venue in venues.values():
        printed = (venue.zh, venue.en, *venue.aliases, *venue.aliases_cs)
        for name in (*printed, *([venue.court_code] if venue.court_code else []), venue.id.rsplit(".", 1)[-1]):
            names.setdefault(name.casefold(), venue.id)
    return names


def read_taxonomy(folder: Path) -> Taxonomy:
    """The taxonomy of ``folder``. Raises RulebookInvalid naming the file, the entry and the fix."""
    reader = _Reader(folder)
    industries = _industries(reader)
    dispute_types = _dispute_types(reader)
    stages = _stages(reader)
    regions = _regions(reader)
    venues, groups = _venues(reader, regions)
    _check_clocks(reader, venues, groups)
    for table in (industries, dispute_types, venues):
        for entry in table.values():
            if entry.replaced_by is not None and entry.replaced_by not in table:
                raise _invalid("(all)", entry.id, f"replaced_by {entry.replaced_by!r} does not exist")
    by_code = {region.code: region for region in reversed(list(regions.values()))}
    by_code["EU"] = Region(id="grp.eu27", zh="欧盟", en="European Union", code="EU")
    words = {right: Entry(right, zh, en) for right, (zh, en) in _RIGHTS.items()}
    version = "+".join(f"{name.removesuffix('.yml')}@{v}" for name, v in sorted(reader.versions.items()))
    extra = {"by_code": by_code, "words": words, "venue_names": _venue_names(venues)}
    return Taxonomy(version, regions, venues, industries, dispute_types, stages, groups, extra)


def _check_clocks(reader: _Reader, venues: Mapping[str, Venue], groups: Mapping[str, tuple[str, ...]]) -> None:
    seen: set[str] = set()
    for file in ("deadlines.yml", "deadlines_extra.yml"):
        for row in reader.file(file)["clocks"]:
            if row["id"] in seen:
                raise _invalid(file, row["id"], "stands twice")
            seen.add(row["id"])
            for venue in row.get("venue") or ():
                if venue not in venues and venue not in groups:
                    raise _invalid(file, row["id"], f"its venue {venue!r} is unknown")
    for file in ("facets.yml", "severity.yml"):
        reader.file(file)


@cache
def load_taxonomy() -> Taxonomy:
    """The project's taxonomy, read once. Raises RulebookInvalid."""
    return read_taxonomy(FOLDER)
