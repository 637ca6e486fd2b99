"""Reading the taxonomy's files: one reader checks what every file shares."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from cases.taxonomy.model import Terms
from core.errors import RulebookInvalid

#: the C parser where libyaml is there: ten times as fast
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def invalid(file: str, identity: object, problem: str) -> RulebookInvalid:
    """The error for one entry of one file."""
    return RulebookInvalid(
        f"cases/taxonomy/{file}, {identity}: {problem}.", fix="Mend the entry and load again."
    )


class Reader:
    """Reads and checks the files of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.versions: dict[str, str] = {}
        self._read: dict[str, dict[str, Any]] = {}

    def file(self, name: str) -> dict[str, Any]:
        """The content of a file with a version; its dates checked. Read once."""
        if name in self._read:
            return self._read[name]
        try:
            data = yaml.load((self.folder / name).read_text(encoding="utf-8"), Loader=_LOADER)
        except (OSError, yaml.YAMLError) as error:
            raise invalid(name, "the file", f"cannot be read: {error}") from error
        if not isinstance(data, dict) or not isinstance(data.get("version"), str):
            raise invalid(name, "version", "is missing or not text")
        if "as_of" in data:
            self.day(name, "as_of", data["as_of"])
        self.versions[name] = data["version"]
        self._read[name] = data
        return data

    def section(self, name: str, key: str) -> list[Any]:
        """The list ``key`` of a file."""
        rows = self.file(name).get(key)
        if not isinstance(rows, list):
            raise invalid(name, key, "is missing or no list")
        return rows

    def day(self, file: str, identity: object, value: object) -> None:
        """Refuse what is no date."""
        try:
            date.fromisoformat(str(value))
        except ValueError as error:
            raise invalid(file, identity, f"{value!r} is not a date like 2026-11-22") from error

    def entries(
        self, file: str, rows: Iterable[Any], fields: set[str], needed: Iterable[str] = ()
    ) -> list[dict[str, Any]]:
        """Rows with unique ids, both languages, the ``needed`` fields, and no key but ``fields``."""
        seen: set[str] = set()
        checked = []
        for row in rows:
            identity = row.get("id") if isinstance(row, dict) else None
            if not isinstance(identity, str) or not identity:
                raise invalid(file, row, "has no id")
            if identity in seen:
                raise invalid(file, identity, "stands twice")
            seen.add(identity)
            for language in ("zh", "en"):
                if not isinstance(row.get(language), str) or not row[language].strip():
                    raise invalid(file, identity, f"has no {language} words")
            if lacking := [field for field in needed if field not in row]:
                raise invalid(file, identity, f"has no {lacking[0]}")
            if strange := set(row) - fields - {"id", "zh", "en", "replaced_by", "retired", "note"}:
                raise invalid(file, identity, f"has the unknown field {sorted(map(str, strange))[0]!r}")
            checked.append(row)
        return checked


def terms_of(file: str, identity: str, value: object) -> Terms:
    """Words by language, checked."""
    if value is None:
        return Terms()
    if not isinstance(value, dict):
        raise invalid(file, identity, "its words must stand under a language")
    out: dict[str, tuple[str, ...]] = {}
    for language, words in value.items():
        if not isinstance(words, list) or not all(isinstance(w, str) and w.strip() for w in words):
            raise invalid(
                file, identity, f"a word under {language} is empty or not text (quote numbers and dates)"
            )
        out[str(language)] = tuple(words)
    return Terms(out)
