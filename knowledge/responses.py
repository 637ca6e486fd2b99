"""Evidence to gather and ways to respond by scenario, as data in ``knowledge/responses.yml``.

A time, a cost or a risk rests on a rule that is named, or is left to the expert: a figure without a basis is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from core.errors import RulebookInvalid
from knowledge.first_hours import SCENARIOS

FILE = Path(__file__).parent / "responses.yml"
_ID = re.compile(r"^op\.[a-z0-9_]+\.[a-z0-9_]+$")
#: what is told of a way to respond
ASPECTS = ("time", "cost", "risk")


@dataclass(frozen=True)
class Words:
    """Words in both languages, and the rule they rest on; ``basis`` is "" for what only has to be gathered."""

    zh: str
    en: str
    basis: str = ""


@dataclass(frozen=True)
class ResponseOption:
    """One way to respond. An aspect is None where an expert has to estimate it."""

    id: str
    zh: str
    en: str
    time: Words | None
    cost: Words | None
    risk: Words | None


@dataclass(frozen=True)
class Responses:
    """What one scenario calls for."""

    scenario: str
    evidence: tuple[Words, ...]
    options: tuple[ResponseOption, ...]
    as_of: date
    author: str


def _bad(entry: object, problem: str) -> RulebookInvalid:
    return RulebookInvalid(f"knowledge/responses.yml, {entry}: {problem}.", fix="Mend the entry.")


def _words(entry: object, row: Any, *, needs_basis: bool) -> Words:
    if not isinstance(row, dict) or not all(str(row.get(name) or "").strip() for name in ("zh", "en")):
        raise _bad(entry, "needs words in zh and en")
    basis = str(row.get("basis") or "").strip()
    if needs_basis and not basis:
        raise _bad(entry, "says something that rests on nothing: name its basis, or write expert")
    return Words(row["zh"].strip(), row["en"].strip(), basis)


def _option(row: Any, seen: set[str]) -> ResponseOption:
    identity = row.get("id") if isinstance(row, dict) else None
    if not isinstance(identity, str) or not _ID.match(identity) or identity in seen:
        raise _bad(identity, "has no id of its own like op.tro.settle")
    seen.add(identity)
    named = _words(identity, row, needs_basis=False)
    told = {
        name: None
        if row.get(name) == "expert"
        else _words(f"{identity}.{name}", row.get(name), needs_basis=True)
        for name in ASPECTS
    }
    return ResponseOption(identity, named.zh, named.en, told["time"], told["cost"], told["risk"])


def read_responses(text: str) -> dict[str, Responses]:
    """Every scenario of the file. Raises RulebookInvalid naming the entry and the fault."""
    data = yaml.safe_load(text)
    found: dict[str, Responses] = {}
    seen: set[str] = set()
    for scenario in SCENARIOS:
        rows = data["scenarios"].get(scenario)
        if not rows or not rows.get("evidence") or not rows.get("options"):
            raise _bad(scenario, "needs evidence and options")
        found[scenario] = Responses(
            scenario,
            tuple(_words(scenario, row, needs_basis=False) for row in rows["evidence"]),
            tuple(_option(row, seen) for row in rows["options"]),
            date.fromisoformat(str(data["as_of"])),
            str(data["author"]),
        )
    return found


@cache
def load_responses() -> dict[str, Responses]:
    """The project's own, read once. Raises RulebookInvalid."""
    return read_responses(FILE.read_text(encoding="utf-8"))
