"""Notices of the US International Trade Commission, as the Federal Register's interface lists them.

Written to the documented shape; the one recording seen holds other agencies' documents.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from cases.facts import RawCase, RawEvent, RawParty, RawRight
from core.text import collapse
from crawlers.feeds import (
    MAX_CASE_TEXT,
    clean,
    drifted,
    excerpt,
    forum_date,
    http_url,
    json_rejected,
    line,
    newest,
    plausible,
    read_json,
)
from crawlers.source import ParseResult, Rejected, Snapshot, SourceSpec, SourceStatus
from crawlers.us_offices import ITC, country_at, docket_of, firms, investigations, patents_in, places

_FIELDS = (
    "abstract", "action", "agencies", "docket_ids", "document_number", "html_url", "publication_date", "title", "type",
)  # fmt: skip

SPEC = SourceSpec(
    id="us_federal_register",
    zh="美国联邦公报：国际贸易委员会公告",
    en="Federal Register: notices of the ITC",
    homepage="https://www.federalregister.gov/agencies/international-trade-commission",
    # The Commission's newest hundred documents: some three weeks of them.
    urls=(
        "https://www.federalregister.gov/api/v1/documents.json?conditions%5Bagencies%5D%5B%5D=international-trade-commission"
        "&order=newest&per_page=100" + "".join(f"&fields%5B%5D={name}" for name in _FIELDS),
    ),
    status=SourceStatus.UNPROVEN,
    media_types=("application/json",),
    region="US",
    zone="America/New_York",
    every_minutes=720,
    expects_items=True,
    authority=20,
    terms=(
        "A public interface without a key; works of the United States carry no copyright (17 U.S.C. § 105). It is "
        "switched on once a real answer with the Commission's notices has been read."
    ),
)

_COMMISSION = "international trade commission"
_SECTION_337 = re.compile(r"\bsection 337\b", re.IGNORECASE)
_CONSOLIDATED = re.compile(r"\bconsolidated\b", re.IGNORECASE)
#: where the name of the goods ends in a title without a semicolon
_ACT = re.compile(
    r"^(?P<subject>Certain .+?)[\s;,:]+(?P<act>(?:Notice|Institution|Commission|Decision|Determination|Issuance|Receipt|Request|"
    r"Final|Termination)\b.*)$"
)
#: "a complaint was filed with the U.S. International Trade Commission on November 21, 2019, under section 337 …"
_COMPLAINT = re.compile(
    r"\bcomplaint\b.{0,80}?\bwas filed\b.{0,120}?\bon ([A-Z][a-z]+ \d{1,2}, \d{4})", re.DOTALL
)
#: "…, on behalf of A of Fremont, California; and B of Sweden."; goods imported "by or on behalf of" someone are no complaint
_BEHALF = re.compile(r"\bcomplaint\b.{0,400}?(?<!\bor )\bon behalf of\s+(?!respondents?\b)", re.DOTALL)
_NEXT = re.compile(r"\s*(?:;\s*and|,?\s+and|[;,])\s+")
_SENTENCE = re.compile(r"\.\s+(?=(?:An?|The|Supplements?|Letters?|On|In|Amendments?)\s)")


@dataclass
class _Matter:
    """What the notices of one investigation say."""

    number: str
    kind: str
    captions: list[tuple[date | None, str]] = field(default_factory=list)
    urls: list[tuple[date | None, str]] = field(default_factory=list)
    #: the longest abstract
    text: str = ""
    filed_on: date | None = None
    aliases: dict[str, None] = field(default_factory=dict)
    parties: dict[str, RawParty] = field(default_factory=dict)
    rights: dict[RawRight, None] = field(default_factory=dict)
    events: list[RawEvent] = field(default_factory=list)


def parse(snapshot: Snapshot) -> ParseResult:
    """One case an investigation, one event a notice."""
    answer = read_json(snapshot)
    rows = answer.get("results") if isinstance(answer, Mapping) else None
    if rows is None and isinstance(answer, Mapping) and answer.get("count") == 0:
        rows = []
    if not isinstance(rows, list):
        raise drifted(snapshot, 'the JSON has no list called "results"')
    if rows and not any(isinstance(row, Mapping) and "document_number" in row for row in rows):
        raise drifted(snapshot, "no result has a document number")
    matters: dict[str, _Matter] = {}
    rejected: list[Rejected] = []
    for position, row in enumerate(rows):
        try:
            _take(row, matters)
        except ValueError as error:
            rejected.append(json_rejected(position, str(error), row))
    return ParseResult([_case(matter) for matter in matters.values()], rejected, len(rows))


def _take(row: Any, matters: dict[str, _Matter]) -> None:
    """Add one notice to each investigation it is of. Raises ValueError with the reason it cannot be used."""
    if not isinstance(row, Mapping):
        raise ValueError("it is no JSON object")
    if not _is_commissions(row):
        raise ValueError("it is no document of the International Trade Commission")
    title, abstract = line(_text(row, "title")), clean(_text(row, "abstract"), MAX_CASE_TEXT)
    if not title:
        raise ValueError("it has no title")
    subject, act = _parted(title)
    event = RawEvent(
        on=_day(_text(row, "publication_date")),
        kind=line(act or _text(row, "action") or _text(row, "type") or "Notice", 300),
        text=title,
        url=http_url(_text(row, "html_url")),
    )
    numbers, aliases = _numbers(row, title, abstract)
    for number, kind in numbers:
        matter = matters.setdefault(number, _Matter(number, kind))
        matter.aliases |= dict.fromkeys(aliases)
        matter.captions.append((event.on, subject))
        matter.urls.append((event.on, event.url))
        matter.events.append(event)
        if kind == "337":
            _read(matter, abstract)


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""


def _is_commissions(row: Mapping[str, Any]) -> bool:
    """Whether the Commission is among the agencies; where none is told, who was asked is believed."""
    told: list[str] = []
    for entry in [*_listed(row, "agencies"), *_listed(row, "agency_names")]:
        words = entry.values() if isinstance(entry, Mapping) else [entry]
        told += [word.casefold().replace("-", " ") for word in words if isinstance(word, str)]
    return not told or any(_COMMISSION in word for word in told)


def _listed(row: Mapping[str, Any], name: str) -> list[Any]:
    value = row.get(name)
    return value if isinstance(value, list) else []


def _numbers(row: Mapping[str, Any], title: str, abstract: str) -> tuple[list[tuple[str, str]], list[str]]:
    """(number, kind) of each investigation a notice is of, and its other numbers. Raises ValueError where it names none.

    A notice of several section 337 investigations belongs to each, unless they are consolidated into one. Of a trade
    remedy's numbers (701 and 731 of the same goods) the first stands for all.
    """
    dockets = [d for d in _listed(row, "docket_ids") if isinstance(d, str)]
    stated = [found for docket in dockets for found in investigations(docket)]
    complaints = [number for docket in dockets if (number := docket_of(collapse(docket)))]
    if not stated and not complaints:
        stated = investigations(title)
    ours = [
        found for found in dict.fromkeys([*stated, *((n, "337") for n in complaints)]) if found[1] == "337"
    ]
    if ours and _CONSOLIDATED.search(f"{' '.join(dockets)} {title}"):
        return ours[:1], [number for number, _ in ours[1:]]
    if ours or stated:
        return ours or stated[:1], []
    if _SECTION_337.search(f"{title} {abstract}") and (document := line(_text(row, "document_number"), 40)):
        # Better a case of its own than a notice that is lost: the Commission's notices nearly always give the number.
        return [(f"FR Doc. {document}", "337")], []
    raise ValueError("it names no investigation")


def _parted(title: str) -> tuple[str, str]:
    """(goods, act) of a title: "Certain Smart Televisions; Institution of Investigation", in either order."""
    parts = [part.strip() for part in title.split(";") if part.strip()]
    goods = next((part for part in parts if part.startswith("Certain ")), parts[0] if parts else title)
    acts = [part for part in parts if part != goods]
    if match := _ACT.match(goods):
        goods, acts = match["subject"].strip(" ,;"), [match["act"], *acts]
    return line(goods), "; ".join(acts)


def _day(written: str) -> date | None:
    if not written:
        return None
    try:
        return plausible(date.fromisoformat(written))
    except ValueError as error:
        raise ValueError(f"its date {excerpt(written)!r} cannot be read") from error


def _read(matter: _Matter, abstract: str) -> None:
    """What an abstract says in set words: who complained and when, and the patents."""
    matter.rights |= dict.fromkeys(patents_in(abstract))
    matter.text = max(matter.text, abstract, key=lambda text: (len(text), text))
    match = _COMPLAINT.search(abstract)
    if match and (filed := _written_day(match.group(1))):
        matter.filed_on = min(filed, matter.filed_on or filed)
    for party in complainants(abstract):
        known = matter.parties.get(party.name.casefold())
        if known is None or (known.country or "~") > (party.country or "~"):
            matter.parties[party.name.casefold()] = party


def _written_day(words: str) -> date | None:
    """The date of ``November 21, 2019``."""
    month, day, year = words.replace(",", "").split()
    try:
        return forum_date(f"{day} {month} {year}", SPEC.zone)
    except ValueError:
        # A misprint inside a sentence; the notice has its own date.
        return None


def complainants(abstract: str) -> tuple[RawParty, ...]:
    """The firms a notice of institution names behind "on behalf of", with the country of the place that follows each."""
    match = _BEHALF.search(abstract) if _SECTION_337.search(abstract) else None
    if match is None:
        return ()
    listed = collapse(abstract[match.end() : match.end() + 3_000])
    found: dict[str, RawParty] = {}
    while one := _firms_at_a_place().match(listed):
        if _SENTENCE.search(one["names"]):
            break
        for name in firms(one["names"]):
            found.setdefault(name, RawParty(name, "complainant", country_at(one["place"])))
        following = _NEXT.match(listed, one.end())
        if following is None:
            return tuple(found.values())
        listed = listed[following.end() :]
    for name in firms(_SENTENCE.split(listed, maxsplit=1)[0].rstrip(" .")):
        # "BASF Corporation, Florham Park, New Jersey": what remains of such a list may be the place alone.
        if country_at(name) is None:
            found.setdefault(name, RawParty(name, "complainant"))
    return tuple(found.values())


@cache
def _firms_at_a_place() -> re.Pattern[str]:
    """Firms and where they are: "Samsung Electronics Co., Ltd. of Suwon, Republic of Korea"."""
    known = "|".join(re.escape(name) for name in sorted(places(), key=len, reverse=True))
    return re.compile(
        rf"(?P<names>[^;]{{2,600}}?),? of (?P<place>(?:[^;,]{{1,40}}, ){{0,2}}?(?:the )?(?:{known}))(?![\w-])"
        rf"(?!, (?:{known})(?![\w-]))",
        re.IGNORECASE,
    )


def _case(matter: _Matter) -> RawCase:
    return RawCase(
        source=SPEC.id,
        venue=ITC,
        docket_number=matter.number,
        caption=newest(matter.captions),
        filed_on=matter.filed_on,
        text=matter.text,
        url=newest(matter.urls),
        parties=tuple(matter.parties.values()),
        rights=tuple(matter.rights),
        codes={"investigation": (matter.kind,)},
        events=tuple(dict.fromkeys(matter.events)),
        aliases=tuple(matter.aliases),
    )
