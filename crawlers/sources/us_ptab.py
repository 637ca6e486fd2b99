"""Trials before the US Patent Trial and Appeal Board: proceedings, documents and decisions of the Open Data Portal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cases.facts import RawCase, RawEvent, RawParty, RawRight
from crawlers.feeds import drifted, excerpt, http_url, json_rejected, line, newest, plausible, read_json
from crawlers.source import ParseResult, Rejected, Snapshot, SourceSpec, SourceStatus
from crawlers.us_offices import patent

SPEC = SourceSpec(
    id="us_ptab",
    zh="美国专利审判与上诉委员会审理程序",
    en="USPTO PTAB: trials",
    homepage="https://data.uspto.gov/",
    urls=(),
    status=SourceStatus.MANUAL,
    media_types=("application/json",),
    region="US",
    zone="America/New_York",
    expects_items=True,
    authority=30,
    terms=(
        "The Open Data Portal (api.uspto.gov/api/v1/patent/trials, which replaced the Board's older interface) answers only "
        "to a personal key, free of charge, in the header X-API-KEY; Seamark sends none. Its answers are saved and brought "
        "by hand. Works of the United States carry no copyright (17 U.S.C. § 105)."
    ),
)
VENUE = "v.us.ptab"

#: lists that hold trials: of proceedings, of documents and decisions, and of either as a download
_BAGS = ("patentTrialProceedingDataBag", "patentTrialDocumentDataBag", "patentTrialData")
_NUMBER = re.compile(r"^(IPR|PGR|CBM|DER)(\d{4})-?(\d{1,5})$", re.IGNORECASE)
_TYPES = {
    "IPR": "Inter partes review",
    "PGR": "Post-grant review",
    "CBM": "Covered business method review",
    "DER": "Derivation proceeding",
}
#: who stands on each side: (field, role)
_SIDES = (
    ("regularPetitionerData", "petitioner"),
    ("derivationPetitionerData", "petitioner"),
    ("patentOwnerData", "patent_owner"),
    ("respondentData", "respondent"),
)
_DATES = (
    ("petitionFilingDate", "Petition filed"),
    ("accordedFilingDate", "Filing date accorded"),
    ("institutionDecisionDate", "Decision on institution"),
    ("terminationDate", "Trial ended"),
)
#: states of a trial that goes on
_GOES_ON = re.compile(
    r"^(?:pending|instituted|trial instituted|rehearing|appealed|.*\bpending\b.*)$", re.IGNORECASE
)
_ET_AL = re.compile(r"[\s,;]+et\.?\s*al\.?,?$", re.IGNORECASE)


@dataclass
class _Trial:
    """What the rows of one trial say. The row changed last is believed about its state."""

    number: str
    kind: str
    statuses: list[tuple[date | None, str]] = field(default_factory=list)
    endings: list[tuple[date | None, str]] = field(default_factory=list)
    centres: list[tuple[date | None, str]] = field(default_factory=list)
    filed: set[date] = field(default_factory=set)
    #: role -> who stands there
    sides: dict[str, list[tuple[date | None, str]]] = field(default_factory=dict)
    rights: set[RawRight] = field(default_factory=set)
    grounds: set[str] = field(default_factory=set)
    events: dict[RawEvent, None] = field(default_factory=dict)


def parse(snapshot: Snapshot) -> ParseResult:
    """One case a trial, one event a date of its course and a document."""
    answer = read_json(snapshot)
    rows = next(
        (answer[bag] for bag in _BAGS if isinstance(answer, Mapping) and isinstance(answer.get(bag), list)),
        None,
    )
    if rows is None:
        raise drifted(snapshot, f"the JSON has no list of trials ({', '.join(_BAGS)})")
    if rows and not any(isinstance(row, Mapping) and "trialNumber" in row for row in rows):
        raise drifted(snapshot, "no row has a trial number")
    trials: dict[str, _Trial] = {}
    rejected: list[Rejected] = []
    for position, row in enumerate(rows):
        try:
            _take(row, trials)
        except ValueError as error:
            rejected.append(json_rejected(position, str(error), row))
    return ParseResult([_case(trial) for trial in trials.values()], rejected, len(rows))


def _take(row: Any, trials: dict[str, _Trial]) -> None:
    """Add one row to its trial. Raises ValueError with the reason it cannot be used."""
    if not isinstance(row, Mapping):
        raise ValueError("it is no JSON object with a trial number")
    match = _NUMBER.match(_text(row, "trialNumber"))
    if match is None:
        raise ValueError("it has no trial number")
    kind = match[1].upper()
    number = f"{kind}{match[2]}-{int(match[3]):05d}"
    # Everything that may be refused is read before anything is kept.
    course = list(_course(row))
    document = _document(row)
    filed, ended = (
        _day(row, "trialMetaData", "petitionFilingDate"),
        _day(row, "trialMetaData", "terminationDate"),
    )
    told_on = _day(row, "trialMetaData", "trialLastModifiedDate")
    trial = trials.setdefault(number, _Trial(number, kind))
    trial.statuses.append((told_on, _text(row, "trialMetaData", "trialStatusCategory")))
    trial.endings.append((told_on, ended.isoformat() if ended else ""))
    trial.centres.append((told_on, _text(row, "patentOwnerData", "technologyCenterNumber")))
    trial.filed |= {filed} if filed else set()
    for name, role in _SIDES:
        if told := _text(row, name, "realPartyInInterestName") or _text(row, name, "patentOwnerName"):
            trial.sides.setdefault(role, []).append((told_on, told))
    numbers = (_text(row, name, "patentNumber") for name in ("patentOwnerData", "respondentData"))
    trial.rights |= {right for number in numbers if (right := patent(number))}
    trial.grounds |= set(_words(row, "decisionData", "issueTypeBag"))
    # A document's row repeats the dates of the whole course.
    trial.events |= dict.fromkeys([*([document] if document else []), *course])


def _text(value: Any, *path: str) -> str:
    """A field as one line; "" where it is missing or of another kind."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return line(str(value))


def _words(row: Mapping[str, Any], *path: str) -> list[str]:
    value: Any = row
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return (
        [line(word, 60) for word in value if isinstance(word, str) and word.strip()]
        if isinstance(value, list)
        else []
    )


def _day(row: Mapping[str, Any], *path: str) -> date | None:
    """A date as the portal writes it, 2026-06-05 (with a time or without); None for none. Raises ValueError."""
    written = _text(row, *path)
    if not written:
        return None
    try:
        return plausible(date.fromisoformat(written[:10]))
    except ValueError as error:
        raise ValueError(f"its {path[-1]} {excerpt(written)!r} cannot be read") from error


def _course(row: Mapping[str, Any]) -> Iterator[RawEvent]:
    for name, kind in _DATES:
        if on := _day(row, "trialMetaData", name):
            yield RawEvent(on, kind, "")


def _document(row: Mapping[str, Any]) -> RawEvent | None:
    """The document of a row, with what it decided; None for a row of a proceeding alone."""
    told = [_text(row, "documentData", f"document{name}") for name in ("TypeDescriptionText", "Category")]
    kind = next((words for words in (*told, _text(row, "decisionData", "decisionTypeCategory")) if words), "")
    title = _text(row, "documentData", "documentTitleText") or _text(row, "documentData", "documentName")
    if not title and not kind:
        return None
    on = _day(row, "documentData", "documentFilingDate") or _day(row, "decisionData", "decisionIssueDate")
    number = _text(row, "documentData", "documentNumber")
    outcome = _text(row, "decisionData", "trialOutcomeCategory")
    parts = (f"Paper {number}" if number else "", title, outcome if outcome not in title else "")
    return RawEvent(
        on=on,
        kind=line(kind or "Document", 300),
        text="; ".join(part for part in parts if part),
        url=http_url(_text(row, "documentData", "fileDownloadURI")),
    )


def _case(trial: _Trial) -> RawCase:
    status = newest(trial.statuses)
    sides = {role: newest(trial.sides[role]) for _, role in _SIDES if role in trial.sides}
    rights = tuple(sorted(trial.rights, key=lambda right: (right.kind, right.number)))
    facts = [
        ("Proceeding", _TYPES[trial.kind]),
        ("Status", status),
        ("Grounds", ", ".join(f"35 U.S.C. § {ground}" for ground in sorted(trial.grounds))),
        ("Technology center", newest(trial.centres)),
    ]
    return RawCase(
        source=SPEC.id,
        venue=VENUE,
        docket_number=trial.number,
        caption=_caption(sides, rights),
        filed_on=min(trial.filed, default=None),
        text="\n".join(f"{name}: {words}" for name, words in facts if words),
        parties=_parties(sides),
        rights=rights,
        events=tuple(trial.events),
        outcome=status if status and newest(trial.endings) and not _GOES_ON.match(status) else None,
    )


def _parties(sides: Mapping[str, str]) -> tuple[RawParty, ...]:
    """The real parties in interest; inventors and counsel are none, though a fresh petition names nobody else."""
    found: dict[RawParty, None] = {}
    for role, told in sides.items():
        for part in _ET_AL.sub("", told).split(";"):
            if name := line(part.strip(" ,"), 500):
                found[RawParty(name, role)] = None
    return tuple(found)


def _caption(sides: Mapping[str, str], rights: Sequence[RawRight]) -> str:
    """ "A v. B" as the Board titles a trial; with the patent where its owner is not told yet."""
    first = sides.get("petitioner", "")
    second = sides.get("patent_owner") or sides.get("respondent", "")
    if first and second:
        return line(f"{first} v. {second}")
    right = next((right.number for right in rights), "")
    named = first or second
    return line(f"{named} ({right})" if named and right else named or right)
