"""The registry of columns: which of them hold data about people, whose rows are whose, what a purge does with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("registry.yml")


class Class(StrEnum):
    """What a column holds; ``registry.yml`` says what each means."""

    KEY = "key"
    FACT = "fact"
    ACTOR = "actor"
    PERSONAL = "personal"
    WORDS = "words"
    SECRET = "secret"


class Whose(StrEnum):
    """What a column that tells whose a row is names."""

    ACCOUNT = "account"
    FIRM = "firm"
    BEGUN = "begun"
    EXPERT = "expert"
    APPLICATION = "application"


class Act(StrEnum):
    """What a purge does with a person's own rows."""

    BLANK = "blank"
    DELETE = "delete"
    SIGN = "sign"
    SPARE = "spare"


@dataclass(frozen=True)
class Entry:
    """One table: its columns by class, whose rows are whose, what a purge does with them."""

    table: str
    classes: Mapping[str, Class]
    is_public: bool = False
    of: tuple[tuple[str, Whose], ...] = ()
    act: Act | None = None
    keep: frozenset[str] = frozenset()

    def columns(self, *classes: Class) -> list[str]:
        """The columns of these classes."""
        return [name for name, is_a in self.classes.items() if is_a in classes]

    @property
    def named(self) -> list[str]:
        """The columns in which a person may be named."""
        return self.columns(Class.PERSONAL, Class.WORDS)


@cache
def registry() -> Mapping[str, Entry]:
    """Every table by name. Raises ValueError for a column that is classed twice or a word that is none of ours."""
    told: dict[str, dict[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {name: _entry(name, row) for name, row in told.items()}


def _entry(table: str, row: dict[str, Any]) -> Entry:
    classes: dict[str, Class] = {}
    for is_a in Class:
        for column in row.get(is_a.value, []):
            if column in classes:
                raise ValueError(f"{table}.{column} is classed twice")
            classes[column] = is_a
    unknown = set(row) - {*(is_a.value for is_a in Class), "public", "of", "act", "keep"}
    if unknown:
        raise ValueError(f"{table}: what is {sorted(unknown)}?")
    of = tuple((column, Whose(whose)) for column, whose in row.get("of", {}).items())
    act = Act(row["act"]) if "act" in row else None
    return Entry(table, classes, bool(row.get("public")), of, act, frozenset(row.get("keep", [])))
