"""What keeps a content from being a bulletin: what is missing or contradicts itself, and names that are not to be named."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.said import Said, said
from warning.bulletin_draft import AUDIENCES, KINDS, SCOPES, SECTIONS, TYPES, audience_of, scope_of, type_of
from warning.bulletin_parties import Named, hidden_of
from warning.severity import LEVELS

#: the form's field -> sentences
Problems = dict[str, list[str]]


def problems_of(content: Mapping[str, Any], today: date) -> Problems:
    """What keeps a content from being a bulletin, by the form's field."""
    out: dict[str, list[Said]] = {}
    missing = said("Write it in both languages.")
    for name in ("title", "contact"):
        for language in ("zh", "en"):
            if not content[name][language]:
                out.setdefault(f"{name}-{language}", []).append(missing)
    if content["kind"] not in KINDS:
        out.setdefault("kind", []).append(said("Choose one of the kinds."))
    if content["level"] not in LEVELS:
        out.setdefault("level", []).append(said("Choose one of the levels."))
    if scope_of(content) not in SCOPES:
        out.setdefault("scope", []).append(said("Choose who may read it."))
    if content["level"] != content["rule_level"] and not content["level_reason"]:
        out.setdefault("level_reason", []).append(said("The level differs from the rule's: say why."))
    if content["valid_until"] is None:
        out.setdefault("valid_until", []).append(said("Say until when it is valid."))
    elif content["valid_until"] < today.isoformat():
        out.setdefault("valid_until", []).append(said("This day has passed."))
    numbers = set(range(1, len(content["sources"]) + 1))
    for row in (*content["paragraphs"], *content["key_dates"]):
        for language in ("zh", "en"):
            if not row[language]:
                out.setdefault(f"{row['id']}-{language}", []).append(missing)
        if {ref["source"] for ref in row["sources"]} - numbers:
            out.setdefault(f"{row['id']}-sources", []).append(said("No source has this number."))
    for row in content["paragraphs"]:
        if row["section"] not in SECTIONS:
            out.setdefault(f"{row['id']}-zh", []).append(said("There is no such section."))
        if audience_of(row) not in ("", *AUDIENCES):
            out.setdefault(f"{row['id']}-audience", []).append(said("Choose whom it is for."))
        if type_of(row) not in TYPES:
            out.setdefault(f"{row['id']}-type", []).append(
                said("Say whether this is fact, analysis or advice.")
            )
        elif type_of(row) == "fact" and not row["sources"]:
            out.setdefault(f"{row['id']}-sources", []).append(
                said("A fact rests on a source: tick it, or say that this is analysis or advice.")
            )
    for row in content["key_dates"]:
        if not row["basis"]:
            out.setdefault(f"{row['id']}-basis", []).append(said("Say what this date rests on."))
    if not any(row["section"] == "summary" for row in content["paragraphs"]):
        out.setdefault("new-summary-zh", []).append(said("A bulletin needs a summary."))
    return {name: list(sentences) for name, sentences in out.items()}


def leaks(content: Mapping[str, Any], named: list[Named]) -> Problems:
    """Fields that hold the name of a firm that is not to be named."""
    hidden = hidden_of(named)
    texts = {
        f"{name}-{language}": content[name][language]
        for name in ("title", "contact")
        for language in ("zh", "en")
    }
    texts["level_reason"] = content["level_reason"]
    for row in (*content["paragraphs"], *content["key_dates"]):
        texts |= {f"{row['id']}-{language}": row[language] for language in ("zh", "en")}
        if "basis" in row:
            texts[f"{row['id']}-basis"] = row["basis"]
    for figure in content.get("figures", ()):
        told = [figure, figure["query"], *figure["rows"]]
        texts[figure["id"]] = "\n".join(row[language] for row in told for language in ("zh", "en"))
    return {
        field: [said("This names a local firm, “%(name)s”, that is not to be named.", name=name)]
        for field, text in texts.items()
        if (name := hidden.found_in(text)) is not None
    }
