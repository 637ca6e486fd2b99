"""Decisions of the US Trademark Trial and Appeal Board, from the search of its Reading Room."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cases.facts import RawCase, RawEvent, RawParty
from crawlers.feeds import (
    clean,
    drifted,
    epoch_date,
    excerpt,
    http_url,
    json_rejected,
    line,
    plausible,
    read_json,
)
from crawlers.source import ParseResult, Rejected, Snapshot, SourceSpec, SourceStatus
from crawlers.us_courts import caption_parties, sides

SPEC = SourceSpec(
    id="us_ttab",
    zh="美国商标审判与上诉委员会决定",
    en="USPTO TTAB: decisions",
    homepage="https://ttab-reading-room.uspto.gov/efoia/efoia-ui/",
    urls=("https://ttab-reading-room.uspto.gov/ttab-efoia-api/decision/search",),
    # The newest 25 decisions of any kind; the Board issues a few a day.
    post_json=(
        '{"dateRangeData": {}, "facetData": {}, "parameterData": {}, "searchText": "", '
        '"sortDataBag": [{"issueDate": "desc"}], "recordStartNumber": 0}'
    ),
    status=SourceStatus.LIVE,
    media_types=("application/json",),
    region="US",
    zone="America/New_York",
    every_minutes=720,
    expects_items=True,
    authority=20,
    terms="Decisions of a US office, without copyright (17 U.S.C. § 105); the search interface is public, without a key.",
)
VENUE = "v.us.ttab"

_ROOM = "https://ttab-reading-room.uspto.gov/cms/rest/"
_DOCKET_PAGE = "https://ttabvue.uspto.gov/ttabvue/v?pno="
#: proceeding type -> roles of the two sides (a cancellation is a petition; an extension is asked by who may oppose)
_ROLES = {
    "OPP": ("opposer", "applicant"),
    "EXT": ("opposer", "applicant"),
    "CAN": ("petitioner", "respondent"),
}
_TYPES = {
    "OPP": "Opposition",
    "EXT": "Extension of time to oppose",
    "CAN": "Cancellation",
    "EXA": "Ex parte appeal",
    "CNU": "Concurrent use",
    "INT": "Interference",
}
_NUMBER = re.compile(r"\d{6,9}")
_DOCUMENT = re.compile(r"^/?legal-proceeding/[A-Za-z0-9/_.-]{1,200}\.pdf$")
_DAY = re.compile(r"^(\d{1,2})-([A-Za-z]{3})-(\d{4})$")
_MONTHS = {
    m: n
    for n, m in enumerate(
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], start=1
    )
}
#: "in Class 30", "International Classes 9, 14 and 25"
_CLASSES = re.compile(
    r"\bclass(?:es)?\s+((?:\d{1,3}\b(?:\s*,\s*and\s+|\s*,\s*|\s+and\s+|\s*&\s*|\s*;\s*)?)+)", re.IGNORECASE
)
#: what a decision did to the proceeding, as against "Final Decision" or "Decision on remand"
_DID = re.compile(
    r"\b(?:affirmed|reversed|dismissed|sustained|granted|denied|cancell?ed|vacated|remanded|withdrawn|abandoned|"
    r"terminated|judgment (?:entered|against|for))\b",
    re.IGNORECASE,
)
#: a decision on a motion counts as the outcome only where it names what it decided
_PROCEEDING = re.compile(
    r"\b(?:opposition|cancell?|cancellation|petition|refusal|appeal|proceeding|registration)\b", re.IGNORECASE
)


@dataclass
class _Proceeding:
    """What the decisions of one proceeding say, in the order of the answer (newest first)."""

    number: str
    kind: str
    caption: str
    text: str
    classes: tuple[str, ...]
    outcome: str | None = None
    outcome_on: date | None = None
    aliases: list[str] = field(default_factory=list)
    events: list[RawEvent] = field(default_factory=list)


def parse(snapshot: Snapshot) -> ParseResult:
    """One case a proceeding, one event a decision."""
    rows = _rows(snapshot)
    proceedings: dict[str, _Proceeding] = {}
    rejected: list[Rejected] = []
    for position, row in enumerate(rows):
        try:
            _take(row, proceedings)
        except ValueError as error:
            rejected.append(json_rejected(position, str(error), row))
    if rows and not proceedings and all("proceeding number" in r.reason for r in rejected):
        raise drifted(snapshot, "no row of the results has a proceeding number")
    return ParseResult([_case(p) for p in proceedings.values()], rejected, len(rows))


def _rows(snapshot: Snapshot) -> list[Any]:
    answer = read_json(snapshot)
    rows = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise drifted(snapshot, 'the JSON has no list called "results"')
    return rows


def _take(row: Any, proceedings: dict[str, _Proceeding]) -> None:
    """Add one decision to its proceeding. Raises ValueError with the reason it cannot be used."""
    if not isinstance(row, Mapping):
        raise ValueError("it is no JSON object with a proceeding number")
    numbers = _NUMBER.findall(_text(row, "proceedingNumberDisplay")) or _NUMBER.findall(
        _text(row, "proceedingNumber")
    )
    if not numbers:
        raise ValueError("it has no proceeding number")
    # Some old decisions name no party; the number still says which proceeding it was.
    caption = line(_text(row, "partyName"))
    day = _decided_on(row)
    decision = line(_text(row, "decision"))
    category = line(_text(row, "decisionTypeCategory"), 100)
    proceeding = proceedings.get(numbers[0])
    if proceeding is None:
        kind = line(_text(row, "proceedingTypeCd"), 10).upper()
        proceeding = _Proceeding(numbers[0], kind, caption, _about(row, kind), _classes(row))
        proceedings[numbers[0]] = proceeding
    proceeding.aliases += numbers[1:]
    if caption and not proceeding.caption:
        proceeding.caption = caption
    said = _outcome(decision, category)
    if said and (
        proceeding.outcome is None or (day and proceeding.outcome_on and day > proceeding.outcome_on)
    ):
        proceeding.outcome, proceeding.outcome_on = said, day
    event = RawEvent(on=day, kind=category or "Decision", text=_event_text(row, decision), url=_document(row))
    if event not in proceeding.events:
        proceeding.events.append(event)


def _text(row: Mapping[str, Any], name: str) -> str:
    """A field as text; the API writes "None" for nothing, and numbers bare."""
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return "" if value in ("None", "null") else str(value)


def _list(row: Mapping[str, Any], name: str) -> list[str]:
    value = row.get(name)
    values = value if isinstance(value, list) else [value]
    words = [line(v, 300) for v in values if isinstance(v, str)]
    return [w for w in dict.fromkeys(words) if w and w != "None"]


def _decided_on(row: Mapping[str, Any]) -> date | None:
    written = _text(row, "issueDateStr").strip()
    if match := _DAY.match(written):
        month = _MONTHS.get(match.group(2).upper())
        if month is None:
            raise ValueError(f"its date {excerpt(written)!r} has no such month")
        return plausible(date(int(match.group(3)), month, int(match.group(1))))
    if written:
        raise ValueError(f"its date {excerpt(written)!r} cannot be read")
    # Midnight in Alexandria, Virginia, in milliseconds: 1769490000000 is 2026-01-27.
    instant = row.get("issueDate")
    is_number = isinstance(instant, int) and not isinstance(instant, bool)
    return epoch_date(instant, SPEC.zone) if is_number else None  # type: ignore[arg-type]


def _outcome(decision: str, category: str) -> str | None:
    """What became of the proceeding, in the Board's words; None where the decision does not say."""
    if not decision or not _DID.search(decision):
        return None
    if "motion" in category.lower() and not _PROCEEDING.search(decision):
        return None
    return decision


def _event_text(row: Mapping[str, Any], decision: str) -> str:
    issue = line(_text(row, "issue"), 300)
    cited = "precedential" if _text(row, "precedentCitableIndicator").upper() == "Y" else ""
    return "; ".join(part for part in (decision, issue, cited) if part)


def _document(row: Mapping[str, Any]) -> str:
    document = _text(row, "documentId").strip()
    if ".." in document or not _DOCUMENT.match(document):
        return ""
    return http_url(document.lstrip("/"), _ROOM)


def _about(row: Mapping[str, Any], kind: str) -> str:
    """Type of proceeding, grounds, and both sides' marks and goods."""
    plaintiff = {"CAN": "Petitioner", "EXA": ""}.get(kind, "Opposer")
    defendant = {"CAN": "Respondent"}.get(kind, "Applicant")
    parts = [
        ("Proceeding", _TYPES.get(kind, kind)),
        (
            "Grounds",
            "; ".join(_list(row, "groundsForRefusalCategory") + _list(row, "groundsForRefusalSubCategory")),
        ),
        ("Issue", line(_text(row, "issue"), 300)),
        (f"{defendant}'s mark and goods", clean(_text(row, "applicantMarkGoodService"), 20_000)),
        (f"{plaintiff}'s mark and goods", clean(_text(row, "opposerMarkGoodService"), 20_000)),
    ]
    return "\n".join(f"{name}: {words}" for name, words in parts if words)


def _classes(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Nice classes of the mark that is attacked or refused; of the other side's where that names none."""
    for name in ("applicantMarkGoodService", "opposerMarkGoodService"):
        found = [
            str(int(number))
            for listed in _CLASSES.findall(_text(row, name)[:20_000])
            for number in re.findall(r"\d{1,3}", listed)
            if 1 <= int(number) <= 45
        ]
        if found:
            return tuple(dict.fromkeys(found))
    return ()


def _case(proceeding: _Proceeding) -> RawCase:
    return RawCase(
        source=SPEC.id,
        venue=VENUE,
        docket_number=proceeding.number,
        caption=proceeding.caption,
        text=proceeding.text,
        url=f"{_DOCKET_PAGE}{proceeding.number}",
        parties=_parties(proceeding.caption, proceeding.kind),
        codes={"nice": proceeding.classes} if proceeding.classes else {},
        events=tuple(proceeding.events),
        outcome=proceeding.outcome,
        aliases=tuple(dict.fromkeys(a for a in proceeding.aliases if a != proceeding.number)),
    )


def _parties(caption: str, kind: str) -> tuple[RawParty, ...]:
    """The sides of the caption; an ex parte appeal names its applicant alone."""
    if sides(caption) is None:
        name = re.sub(r"^in re:?\s+", "", caption, flags=re.IGNORECASE)
        if not name:
            return ()
        return (RawParty(line(name, 500), "applicant" if kind == "EXA" else "party"),)
    first, second = _ROLES.get(kind, ("party", "party"))
    return caption_parties(caption, first, second)
