"""What changed between two contents of a bulletin, part by part, both texts beside each other. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from warning.bulletin_draft import AUDIENCES, SCOPES, SECTIONS, TYPES, audience_of, scope_of, type_of
from warning.masking import masked_as

_TEXTS = ("title", "contact")
_VALUES = ("level", "level_reason", "kind", "valid_until")


@dataclass(frozen=True)
class Change:
    """One part. ``old`` and ``new`` are (zh, en); an empty pair means it was not there."""

    part: str
    old: tuple[str, str]
    new: tuple[str, str]


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Everything a reader can see that differs, in the order of the page."""
    pairs: list[Change] = []
    for name in _TEXTS:
        pairs.append(Change(name, _pair(old[name]), _pair(new[name])))
    for name in _VALUES:
        pairs.append(Change(name, (old[name] or "",) * 2, (new[name] or "",) * 2))
    pairs.append(Change("scope", _scope(old), _scope(new)))
    pairs.append(Change("parties", _parties(old), _parties(new)))
    pairs += _rows(old["paragraphs"], new["paragraphs"], "section")
    pairs += _rows(old["key_dates"], new["key_dates"], "")
    pairs.append(Change("figures", _figures(old), _figures(new)))
    return [change for change in pairs if change.old != change.new]


def _rows(old: list[Any], new: list[Any], kind: str) -> list[Change]:
    before, after = ({row["id"]: row for row in rows} for rows in (old, new))
    order = [row["id"] for row in new] + [row["id"] for row in old if row["id"] not in after]
    out = []
    for identity in order:
        row = after.get(identity) or before[identity]
        part = row[kind] if kind and row[kind] in SECTIONS else "key_dates"
        out.append(Change(part, _shown(before.get(identity)), _shown(after.get(identity))))
    return out


def _shown(row: Mapping[str, Any] | None) -> tuple[str, str]:
    if row is None:
        return ("", "")
    on = f"{row['on']} " if row.get("on") else ""
    basis = f" ({row['basis']})" if row.get("basis") else ""
    cited = "".join(f" [{ref['source']}]" for ref in row["sources"])
    zh, en = TYPES.get(type_of(row), ("", "")) if "section" in row else ("", "")
    zh, en = (f"【{zh}】" if zh else "", f"{en}: " if en else "")
    if "section" in row and (told := AUDIENCES.get(audience_of(row))):
        zh, en = f"{zh}{told[0]}：", f"{en}{told[1]}: "
    return (f"{zh}{on}{row['zh']}{basis}{cited}", f"{en}{on}{row['en']}{basis}{cited}")


def _scope(content: Mapping[str, Any]) -> tuple[str, str]:
    return SCOPES[scope_of(content)]


def _pair(words: Mapping[str, str]) -> tuple[str, str]:
    return (words["zh"], words["en"])


def _figures(content: Mapping[str, Any]) -> tuple[str, str]:
    figures = content.get("figures", ())
    return ("、".join(f["zh"] for f in figures), "; ".join(f["en"] for f in figures))


def _parties(content: Mapping[str, Any]) -> tuple[str, str]:
    zh, en = [], []
    for party in content["parties"]:
        masked = masked_as(party["letter"]) if "letter" in party else (party["name"], party["name"])
        zh.append(masked[0])
        en.append(masked[1])
    return ("、".join(zh), "; ".join(en))
