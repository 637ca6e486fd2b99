"""Section 337 investigations from the ITC's Investigations Database System: one download that holds them all.

Written to the shape two public projects describe; no recording has been seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cases.facts import RawCase, RawEvent, RawParty, RawRight
from core.text import collapse
from crawlers.feeds import drifted, excerpt, json_rejected, line, plausible, read_json
from crawlers.source import ParseResult, Rejected, Snapshot, SourceSpec, SourceStatus
from crawlers.us_offices import ITC, country_at, docket_of, numbered, patent

SPEC = SourceSpec(
    id="us_itc_ids",
    zh="美国国际贸易委员会337调查数据库（IDS）",
    en="USITC: section 337 investigations",
    homepage="https://ids.usitc.gov/",
    urls=("https://ids.usitc.gov/investigations.json",),
    status=SourceStatus.UNPROVEN,
    media_types=("application/json",),
    region="US",
    zone="America/New_York",
    # Rewritten once a day.
    every_minutes=1440,
    expects_items=True,
    # 37 MB in September 2026.
    max_bytes=120_000_000,
    may_shrink_by=0.02,
    authority=30,
    terms=(
        "Open data of a US agency, without a key or copyright (17 U.S.C. § 105). Two projects describe its shape; it is "
        "switched on once a real download has been read."
    ),
)

_MONTH_FIRST = re.compile(r"^(\d{2})-(\d{2})-(\d{4})$")
_YEAR_FIRST = re.compile(r"^(\d{4})-(\d{2})-(\d{2})(?:T|$)")
_ROLES = {"complainant": "complainant", "respondent": "respondent"}
_RIGHTS = {"trademark": "trademark", "copyright": "copyright", "design patent": "design"}
_HTS = re.compile(r"(?<![\d.])\d{4}\.\d{2}(?:\.\d{2,4})?(?:\.\d{2})?(?![\d.])")
_NUMBER_IN_TITLE = re.compile(r"[\s;,.]*\bInv(?:estigation)?s?\.?\s*(?:Nos?\.?\s*)?337-.*$", re.IGNORECASE)


@dataclass
class _Investigation:
    """What the rows of one investigation say: a row a stage."""

    number: str
    rows: list[Mapping[str, Any]] = field(default_factory=list)
    dockets: dict[str, None] = field(default_factory=dict)


def parse(snapshot: Snapshot) -> ParseResult:
    """One case an investigation; its stages (violation, remand, enforcement, bond return) are events of it.

    A complaint's row is merged into that of the investigation it became, which keeps its docket number.
    """
    answer = read_json(snapshot)
    rows = answer.get("data") if isinstance(answer, Mapping) else None
    if not isinstance(rows, list):
        raise drifted(snapshot, 'the JSON has no list called "data"')
    stated = answer.get("count")
    if isinstance(stated, int) and not isinstance(stated, bool) and stated > len(rows):
        raise drifted(
            snapshot, f"the download states {stated:,} rows and holds {len(rows):,}: it is incomplete"
        )
    if rows and not any(isinstance(row, Mapping) and "Investigation Number" in row for row in rows):
        raise drifted(snapshot, 'no row has an "Investigation Number"')
    found: dict[str, _Investigation] = {}
    rejected: list[Rejected] = []
    count = 0
    for position, row in enumerate(rows):
        if isinstance(row, Mapping) and not _is_337(row):
            continue
        count += 1
        try:
            _take(row, found)
        except ValueError as error:
            rejected.append(json_rejected(position, str(error), row))
    cases = [_case(investigation) for investigation in _joined(found)]
    return ParseResult(cases, rejected, count)


def _is_337(row: Mapping[str, Any]) -> bool:
    """Whether a row is of section 337: the download also holds trade remedies and studies, some under a 337 number."""
    categories = row.get("Investigation Categories")
    names = [_text(c, "Name") for c in categories] if isinstance(categories, list) else []
    named = [name for name in (*names, _text(row, "Investigation Type", "Name")) if name]
    if named:
        return any("337" in name or "unfair import" in name.casefold() for name in named)
    return _text(row, "Investigation Number").startswith("337-")


def _take(row: Any, found: dict[str, _Investigation]) -> None:
    """Add one stage to its investigation. Raises ValueError with the reason it cannot be used."""
    if not isinstance(row, Mapping):
        raise ValueError("it is no JSON object with an investigation number")
    told = numbered(_text(row, "Investigation Number")) or numbered(
        _text(row, "official_investigation_number")
    )
    if told is None or told[1] != "337":
        raise ValueError("it has no number of a section 337 investigation")
    _check_dates(row)
    investigation = found.setdefault(told[0], _Investigation(told[0]))
    investigation.rows.append(row)
    if docket := docket_of(_text(row, "Docket Number")):
        investigation.dockets[docket] = None


def _check_dates(row: Mapping[str, Any]) -> None:
    for name in (
        "Start Date",
        "Investigation End Date",
        "Initiating Document Received Date",
        "Target Date",
        _NOTICE,
    ):
        try:
            _day(row, name)
        except ValueError as error:
            raise ValueError(f"its {name}: {error}") from error


def _joined(found: dict[str, _Investigation]) -> Iterator[_Investigation]:
    """The investigations, a complaint's own row within that of the investigation which keeps its docket number."""
    became = {docket: i for i in found.values() for docket in i.dockets if i.number != docket}
    for number, investigation in found.items():
        if (whole := became.get(number)) is not None and whole is not investigation:
            whole.rows += investigation.rows
    return (i for number, i in found.items() if became.get(number, i) is i)


_NOTICE = "Date of Publication of FR Notice (NOI)"


def _case(told: _Investigation) -> RawCase:
    rows = sorted(
        told.rows,
        key=lambda row: (_day(row, "Start Date") or date.min, _phase(row), _text(row, "Investigation ID")),
        reverse=True,
    )
    first = _phase(rows[-1])
    received = [day for row in rows if (day := _day(row, "Initiating Document Received Date"))]
    return RawCase(
        source=SPEC.id,
        venue=ITC,
        docket_number=told.number,
        caption=next((c for row in rows if (c := _caption(row))), ""),
        filed_on=min(received, default=None),
        text=_about(rows),
        parties=tuple(_parties(rows)),
        rights=tuple(dict.fromkeys(right for row in rows for right in _rights(row))),
        codes=_codes(rows),
        events=tuple(
            dict.fromkeys(event for row in rows for event in _events(row, is_first=_phase(row) == first))
        ),
        outcome=_outcome(rows),
        aliases=tuple(sorted(docket for docket in told.dockets if docket != told.number)),
    )


def _text(value: Any, *path: str) -> str:
    """A field as one line: ``_text(row, "Investigation Phase", "Name")``; "" where it is missing or of another kind."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return line(str(value))


def _list(row: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = row.get(name)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _day(row: Mapping[str, Any], name: str) -> date | None:
    """A date: ``01-13-2026`` is month first, ``{"date": "2026-05-26T12:00:00.000+00:00", "isNa": false}`` an object whose
    noon is the day. None where none is told. Raises ValueError."""
    value = row.get(name)
    written = _text(value, "date") if isinstance(value, Mapping) else _text(row, name)
    if not written:
        return None
    if match := _MONTH_FIRST.match(written):
        month, day, year = match.groups()
    elif match := _YEAR_FIRST.match(written):
        year, month, day = match.groups()
    else:
        raise ValueError(f"{excerpt(written)!r} is no date")
    return plausible(date(int(year), int(month), int(day)))


def _caption(row: Mapping[str, Any]) -> str:
    return _NUMBER_IN_TITLE.sub("", _text(row, "Full Title") or _text(row, "Topic")).strip(" ;,")


def _phase(row: Mapping[str, Any]) -> str:
    return line(_text(row, "Investigation Phase", "Name") or "Violation", 60)


def _events(row: Mapping[str, Any], *, is_first: bool) -> Iterator[RawEvent]:
    """What has happened in one stage. Words that change while it runs (its status, its target date) stand in the text:
    an event that is told twice must read the same."""
    phase = _phase(row)
    if received := _day(row, "Initiating Document Received Date"):
        yield RawEvent(received, "Complaint received" if is_first else "Initiating document received", phase)
    if start := _day(row, "Start Date"):
        yield RawEvent(start, "Investigation instituted" if is_first else "Proceeding instituted", phase)
    if notice := _day(row, _NOTICE):
        citation = line(_text(row, "F.R. Citation for Notice of Institution"), 100)
        yield RawEvent(
            notice, "Notice in the Federal Register", f"{phase}: {citation}" if citation else phase
        )
    if end := _day(row, "Investigation End Date"):
        yield RawEvent(end, "Investigation ended" if is_first else "Proceeding ended", phase)


def _outcome(rows: list[Mapping[str, Any]]) -> str | None:
    """What the newest stage that has ended came to, where it says."""
    ended = [(end, row) for row in rows if (end := _day(row, "Investigation End Date"))]
    for _, row in sorted(ended, key=lambda pair: pair[0], reverse=True):
        if said := _text(row, "Final Determination Type", "finalDeterminationType"):
            return said if _phase(row) == "Violation" else line(f"{_phase(row)}: {said}")
    return None


def _about(rows: list[Mapping[str, Any]]) -> str:
    """Subject, unfair acts, goods and the state of each stage: what the rules read."""
    acts = [_text(act, "Unfair Act in Notice", "name") for row in rows for act in _list(row, "Unfair Act")]
    stages = [_stage(row) for row in rows]
    parts = [
        ("Investigation", "section 337 (unfair imports)"),
        ("Subject", next((t for row in rows if (t := _text(row, "Topic"))), "")),
        ("Unfair acts", "; ".join(dict.fromkeys(act for act in acts if act))),
        ("Stages", "; ".join(dict.fromkeys(stages))),
    ]
    return "\n".join(f"{name}: {words}" for name, words in parts if words)[:20_000]


def _stage(row: Mapping[str, Any]) -> str:
    status, target = _text(row, "Investigation Status", "Name"), _day(row, "Target Date")
    told = (f"{_phase(row)}: {status}" if status else _phase(row), f"target date {target}" if target else "")
    return ", ".join(part for part in told if part)


def _parties(rows: list[Mapping[str, Any]]) -> Iterator[RawParty]:
    """Complainants and respondents with their countries, each once; whoever else takes part (the Commission's attorneys,
    intervenors) is left out, and so is staff."""
    told: dict[tuple[str, str], RawParty] = {}
    for row in rows[::-1]:
        for participant in _list(row, "Participants"):
            role = _ROLES.get(_text(participant, "Participant Type", "name").casefold())
            name = line(_text(participant, "Participant", "Name"), 500)
            if role is None or not name:
                continue
            country = country_at(_text(participant, "Participant", "Country", "name"))
            key = collapse(name).casefold(), role
            if key not in told or (told[key].country is None and country):
                told[key] = RawParty(name, role, country)
    yield from told.values()


def _rights(row: Mapping[str, Any]) -> Iterator[RawRight]:
    for entry in _list(row, "Intellectual Property"):
        kind = _text(entry, "Intellectual Property ID", "Type", "Name").casefold()
        number = line(_text(entry, "Intellectual Property ID", "Number"), 90)
        if not number:
            continue
        if "patent" in kind and (right := patent(number)):
            yield right
        elif known := next((_RIGHTS[k] for k in _RIGHTS if k in kind), None):
            yield RawRight(known, f"US {number}" if number[0].isdigit() else number)


def _codes(rows: list[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    told = [str(row.get("HTS Number & Description") or "")[:5_000] for row in rows]
    tariff = dict.fromkeys(number for words in told for number in _HTS.findall(words))
    codes: dict[str, tuple[str, ...]] = {"investigation": ("337",)}
    return codes | {"hs": tuple(tariff)[:100]} if tariff else codes
