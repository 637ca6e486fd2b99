"""Industries, dispute types and stages, and the words that name them in each language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cases.taxonomy.model import DisputeType, Industry, Stage, Terms
from cases.taxonomy.reading import Reader, invalid, terms_of

#: words of the rights, by id, for pages
RIGHTS = {
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
#: one file of further words a language
_WORD_FILES = {language: f"words_{language}.yml" for language in ("en", "zh", "ja", "de")}


def read_industries(reader: Reader) -> dict[str, Industry]:
    """Industries by id."""
    file = "industries.yml"
    fields = {"seeds", "sei", "ipc", "nice", "hs", "strong", "weak", "acronyms", "negative"}
    return {
        row["id"]: Industry(
            id=row["id"],
            zh=row["zh"],
            en=row["en"],
            replaced_by=row.get("replaced_by"),
            strong=terms_of(file, row["id"], row.get("strong")),
            weak=terms_of(file, row["id"], row.get("weak")),
            acronyms=tuple(row.get("acronyms", ())),
            negative=terms_of(file, row["id"], row.get("negative")),
            codes=_codes(row),
        )
        for row in reader.entries(file, reader.section(file, "industries"), fields)
    }


def _codes(row: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    ipc = tuple(str(code) for code in row.get("ipc", ()))
    return {
        "ipc": ipc,
        "cpc": ipc,
        "nice": tuple(str(code) for code in row.get("nice", ())),
        "hs": tuple(str(code) for code in row.get("hs", ())),
    }


def read_dispute_types(reader: Reader) -> dict[str, DisputeType]:
    """Dispute types by id."""
    file = "dispute_types.yml"
    fields = {"ip_right", "base_severity", "strong", "weak", "negative"}
    rows = reader.entries(file, reader.section(file, "dispute_types"), fields, ("ip_right", "base_severity"))
    for row in rows:
        unknown = {_RIGHT_IDS.get(r, r) for r in row["ip_right"]} - set(RIGHTS) - {"mixed"}
        if unknown:
            raise invalid(file, row["id"], f"names the unknown right {sorted(unknown)[0]!r}")
    return {
        row["id"]: DisputeType(
            id=row["id"],
            zh=row["zh"],
            en=row["en"],
            replaced_by=row.get("replaced_by"),
            ip_rights=tuple(_RIGHT_IDS.get(r, r) for r in row["ip_right"] if r != "mixed"),
            strong=terms_of(file, row["id"], row.get("strong")),
            weak=terms_of(file, row["id"], row.get("weak")),
            negative=terms_of(file, row["id"], row.get("negative")),
            base_severity=int(row["base_severity"]),
        )
        for row in rows
    }


def read_stages(reader: Reader) -> dict[str, Stage]:
    """Stages by id, in the order of their track."""
    file = "stages.yml"
    out: dict[str, Stage] = {}
    for track in reader.section(file, "tracks"):
        for order, row in enumerate(reader.entries(file, track["stages"], {"keywords"})):
            if row["id"] in out:
                raise invalid(file, row["id"], "stands in two tracks")
            out[row["id"]] = Stage(
                id=row["id"],
                zh=row["zh"],
                en=row["en"],
                track=track["id"],
                order=order,
                keywords=terms_of(file, row["id"], row.get("keywords")),
            )
    return out


def add_words(
    reader: Reader,
    industries: dict[str, Industry],
    dispute_types: dict[str, DisputeType],
    stages: dict[str, Stage],
) -> None:
    """Give every entry the further words of each language's file."""
    for language, file in _WORD_FILES.items():
        data = reader.file(file)
        for identity, words in _words(file, data, "industries", industries):
            old = industries[identity]
            industries[identity] = replace(
                old,
                strong=old.strong.plus(language, words["strong"]),
                weak=old.weak.plus(language, words["weak"]),
                negative=old.negative.plus(language, words["negative"]),
            )
        for identity, words in _words(file, data, "dispute_types", dispute_types):
            known = dispute_types[identity]
            dispute_types[identity] = replace(
                known,
                strong=known.strong.plus(language, words["strong"]),
                weak=known.weak.plus(language, words["weak"]),
                negative=known.negative.plus(language, words["negative"]),
            )
        for identity, words in _words(file, data, "stages", stages):
            stage = stages[identity]
            stages[identity] = replace(stage, keywords=stage.keywords.plus(language, words["strong"]))


def _words(
    file: str, data: Mapping[str, Any], section: str, known: Mapping[str, object]
) -> list[tuple[str, dict[str, tuple[str, ...]]]]:
    out = []
    for identity, rows in (data.get(section) or {}).items():
        if identity not in known:
            raise invalid(file, identity, f"is no id of {section}")
        if strange := set(rows) - {"strong", "weak", "negative"}:
            raise invalid(file, identity, f"has the unknown field {sorted(map(str, strange))[0]!r}")
        terms: Terms = terms_of(file, identity, rows)
        words = {kind: terms.by_language.get(kind, ()) for kind in ("strong", "weak", "negative")}
        for kind, listed in words.items():
            if twice := {word for word in listed if listed.count(word) > 1}:
                raise invalid(file, identity, f"{sorted(twice)[0]!r} stands twice among its {kind} words")
        out.append((identity, words))
    return out
