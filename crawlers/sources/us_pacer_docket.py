"""Docket pages of US district and bankruptcy courts: CM/ECF's docket report, or the Internet Archive's XML of one."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from lxml import etree

from cases.facts import RawCase, RawEvent, RawParty, RawRight
from core.text import collapse
from crawlers.feeds import (
    MAX_CASE_TEXT,
    MAX_EVENT_TEXT,
    clean,
    clip,
    decode,
    drifted,
    excerpt,
    http_url,
    is_html,
    line,
    parse_xml,
    plausible,
)
from crawlers.source import ParseResult, Rejected, Snapshot, SourceSpec, SourceStatus
from crawlers.us_courts import (
    court_code,
    docket_number,
    docket_parties,
    find_court,
    is_bankruptcy,
)
from crawlers.us_docket_report import Docket, named, read_report

SPEC = SourceSpec(
    id="us_pacer_docket",
    zh="美国联邦法院案卷页面",
    en="US federal courts: docket pages",
    homepage="https://pacer.uscourts.gov/",
    urls=(),
    status=SourceStatus.MANUAL,
    media_types=("text/html", "application/xml", "text/xml"),
    region="US",
    zone="America/New_York",
    expects_items=True,
    authority=30,
    terms="PACER charges by the page and its terms forbid automated bulk use: a docket is bought and brought by hand.",
)

_KIND_END = re.compile(
    r"[,;:(\[]|\.(?=\s|$)| -+ | U\.S\b| (?:by|filed|as to|re|regarding|against|from|on|that|granting|denying|signed|pursuant to|"
    r"upon|with|\d+)\b",
    re.IGNORECASE,
)
_DANGLING = re.compile(r"(?: (?:of|to|for|and|the|in|adding))+$", re.IGNORECASE)
_US_DAY = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
_ISO_DAY = re.compile(r"^(\d{4})-(\d{2})-(\d{2})$")
#: 830, 820 Copyright, 835 Patent - Abbreviated New Drug Application(ANDA), 830 Property Rights: Patent
_NATURE = re.compile(r"^(\d{3})\b")
#: 35:271, 15:1125(a), 17:101
_CAUSE = re.compile(r"^(\d{1,2}:\d{1,5}[a-z]?(?:\([a-z0-9]{1,4}\))*)", re.IGNORECASE)
_LISTED = r"\s*:?\s*((?:(?:US\s?)?(?<![A-Za-z])(?:RE|PP|D)?\s?\d{1,3},\d{3}(?:,\d{3})?(?!\d)(?:\s?[ABCES]\d\b)?|[\s,;&]|\band\b)+)"
#: numbers are taken only behind the words that say what they are
_PATENTS = re.compile(rf"\bpatents?\s+(?:nos?\b\.?|numbers?\b|no\(s\)\.?){_LISTED}", re.IGNORECASE)
#: the clerk's report on form AO 120 covers both; the nature of suit says which
_REPORTED = re.compile(rf"\bpatent/trademark number\(s\){_LISTED}", re.IGNORECASE)
_ONE_NUMBER = re.compile(
    r"(?<![A-Za-z\d,])(RE|PP|D)?\s?(\d{1,2},\d{3},\d{3}|\d{2,3},\d{3})(?![\d,]\d)", re.IGNORECASE
)


def parse(snapshot: Snapshot) -> ParseResult:
    """One case; one event an entry. An entry whose date cannot be read is refused and the others are kept."""
    text = decode(snapshot)
    if is_html(text) or "<gov_uscourts_docket" not in text[:4096]:
        docket = read_report(snapshot)
    else:
        docket = _from_xml(snapshot)
    return _result(snapshot, docket)


def _result(snapshot: Snapshot, docket: Docket) -> ParseResult:
    events: list[RawEvent] = []
    said: list[tuple[bool, date, int, str]] = []
    rejected: list[Rejected] = []
    for position, (day, number, words, address) in enumerate(docket.entries):
        try:
            event = _event(day, number, words, address)
        except ValueError as error:
            rejected.append(Rejected(position, str(error), excerpt(f"{day} {number} {words}")))
            continue
        events.append(event)
        if words:
            # By date, then by number: a page may as well list the newest first.
            place = int(number) if number.isascii() and number.isdigit() else sys.maxsize
            said.append((event.on is None, event.on or date.max, place, words))
    try:
        filed, terminated = _day(docket.filed), _day(docket.terminated)
    except ValueError as error:
        raise drifted(snapshot, f"its heading: {error}") from error
    case = RawCase(
        source=SPEC.id,
        venue=docket.venue.id,
        docket_number=docket.number,
        caption=docket.caption,
        filed_on=filed,
        text=_about(docket, [words for *_, words in sorted(said)]),
        url=docket.url,
        parties=_with_counsel(docket),
        rights=_rights(docket),
        codes=_codes(docket),
        events=tuple(events),
        # The heading says that the case ended and when, not how: that stands in the entries.
        demand=_demand(docket.demand),
        outcome=f"Case terminated {terminated.isoformat()}" if terminated else None,
    )
    return ParseResult([case], rejected, len(docket.entries) or 1)


def _event(day: str, number: str, words: str, address: str) -> RawEvent:
    on = _day(day)
    if words:
        return RawEvent(on, _entry_kind(words), clip(words, MAX_EVENT_TEXT), address)
    if not number:
        raise ValueError("the entry has neither a text nor a number")
    # The Archive knows some documents by number alone, until somebody buys the docket again.
    return RawEvent(on, "document", f"Document {number}", address)


def _entry_kind(words: str) -> str:
    """What was entered, as the clerk begins: the words before who filed it, against whom, or what it says."""
    beginning = _KIND_END.split(words[:400], maxsplit=1)[0].strip(" -*")
    return line(_DANGLING.sub("", beginning), 80)


def _day(written: str) -> date | None:
    """A date as dockets print it; None for none. Raises ValueError for a misprint."""
    plain = collapse(written)
    # The Archive writes 0000-00-00 for a date it does not know.
    if not plain or plain == "0000-00-00":
        return None
    if match := _US_DAY.match(plain):
        month, day, year = map(int, match.groups())
    elif match := _ISO_DAY.match(plain):
        year, month, day = map(int, match.groups())
    else:
        raise ValueError(f"{excerpt(plain)!r} is no date")
    try:
        return plausible(date(year, month, day))
    except ValueError as error:
        raise ValueError(f"{excerpt(plain)!r} is no date: {error}") from error


def _demand(told: str) -> str | None:
    """The sum of the heading's "Demand"; None where it has no figure, which is how clerks leave it open."""
    return clip(told, 100) if re.search(r"[1-9]", told) else None


def _codes(docket: Docket) -> dict[str, tuple[str, ...]]:
    codes: dict[str, tuple[str, ...]] = {}
    if match := _NATURE.match(docket.nature):
        codes["nos"] = (match.group(1),)
    if match := _CAUSE.match(docket.cause):
        codes["cause"] = (match.group(1),)
    return codes


def _about(docket: Docket, entries: Sequence[str]) -> str:
    """Nature of suit, cause, jurisdiction, and the entries that open and close the docket: what the rules read."""
    parts = [
        ("Nature of suit", docket.nature),
        ("Cause", docket.cause),
        ("Jurisdiction", docket.jurisdiction),
        ("First entry", entries[0] if entries else ""),
        ("Latest entry", entries[-1] if len(entries) > 1 else ""),
    ]
    return clip("\n".join(f"{name}: {words}" for name, words in parts if words), MAX_CASE_TEXT)


def _rights(docket: Docket) -> tuple[RawRight, ...]:
    """Patents and marks the entries name by number, as written."""
    nature = docket.nature[:3]
    found: dict[RawRight, None] = {}
    for _, _, words, _ in docket.entries:
        for listed in _PATENTS.finditer(words):
            found |= dict.fromkeys(_numbers(listed.group(1), "patent"))
        reported = {"830": "patent", "835": "patent", "840": "trademark"}.get(nature)
        for listed in _REPORTED.finditer(words) if reported else ():
            found |= dict.fromkeys(_numbers(listed.group(1), str(reported)))
    return tuple(found)


def _numbers(listed: str, kind: str) -> Iterator[RawRight]:
    for letters, digits in _ONE_NUMBER.findall(listed):
        is_design = kind == "patent" and letters.upper() == "D"
        # Six digits are a design or a reissue; without its letter the number is of something else.
        if kind == "patent" and digits.count(",") == 1 and not letters:
            continue
        yield RawRight("design" if is_design else kind, f"US {letters.upper()}{digits}")


# --- the Internet Archive's XML


def _from_xml(snapshot: Snapshot) -> Docket:
    root = parse_xml(snapshot)
    details = root.find("case_details")
    if root.tag != "gov_uscourts_docket" or details is None:
        raise drifted(snapshot, "the XML is no docket: it has no <case_details>")

    def told(name: str) -> str:
        return line(_words(details.find(name)))

    number = docket_number(told("docket_num"))
    if not number:
        raise drifted(snapshot, "the docket has no number (<docket_num>)")
    docket = Docket(
        venue=find_court(snapshot, told("court")),
        number=number,
        caption=told("case_name"),
        filed=told("date_case_filed"),
        terminated=told("date_case_terminated"),
        cause=told("case_cause"),
        nature=told("nature_of_suit"),
        jurisdiction=told("jurisdiction"),
        demand=told("demand"),
    )
    code = court_code(docket.venue)
    if pacer_number := re.fullmatch(r"\d{1,12}", told("pacer_case_num")):
        docket.url = http_url(f"https://ecf.{code}.uscourts.gov/cgi-bin/DktRpt.pl?{pacer_number.group()}")
    for party in root.iterfind("party_list/party"):
        about = "" if is_bankruptcy(code) else clean(_words(party.find("extra_info")), 2_000)
        docket.parties.append((_words(party.find("name")), _words(party.find("type")), about))
        docket.lawyers.setdefault(named(_words(party.find("name"))), []).extend(
            (collapse(_words(one.find("attorney_name"))), _words(one.find("contact")).splitlines())
            for one in party.iterfind("attorney_list/attorney")
        )
    for document in root.iterfind("document_list/document"):
        # An attachment has no date and no text of its own: it is named in its entry's.
        if document.get("attachment_num", "0") not in ("", "0"):
            continue
        words = line(
            _words(document.find("long_desc")) or _words(document.find("short_desc")), MAX_EVENT_TEXT
        )
        day = line(_words(document.find("date_filed")))
        number = line(document.get("doc_num", ""), 20)
        docket.entries.append((day, number, words, _archived(code, document)))
    return docket


def _archived(code: str, document: etree._Element) -> str:
    """The document's page on the court's own site."""
    identity = re.fullmatch(r"\d{6,20}", line(_words(document.find("pacer_doc_id"))))
    return f"https://ecf.{code}.uscourts.gov/doc1/{identity.group()}" if identity else ""


def _words(element: etree._Element | None) -> str:
    """The text inside an element, markup left out."""
    if element is None:
        return ""
    return "".join(str(part) for part in element.itertext())


#: what the name of a law firm has, and the line below a lawyer's name that is no firm has not
_LAW_FIRM = re.compile(
    r"\b(?:LLP|L\.L\.P\.?|PLLC|P\.?L\.?L\.?C\.?|LLC|L\.L\.C\.?|LPA|P\.?C\.?|P\.?A\.?|APC|Law (?:Firm|Offices?|Group)|"
    r"Attorneys at Law|Solicitors)(?!\w)",
)
#: firms of one party that are kept
_MOST_FIRMS = 50


def _with_counsel(docket: Docket) -> tuple[RawParty, ...]:
    """The parties with the law firms that act for each. A lawyer's address stands once on a docket ("See above for
    address"); their own names, addresses and numbers are read past."""
    everybody = [one for lawyers in docket.lawyers.values() for one in lawyers]
    firm_of: dict[str, str] = {}
    for lawyer, lines in everybody:
        firm = next((line(one, 300) for one in lines[:2] if _LAW_FIRM.search(one) and "@" not in one), "")
        if firm:
            firm_of.setdefault(lawyer, firm)
    parties = []
    for party in docket_parties(docket.parties):
        lawyers = docket.lawyers.get(named(party.name), ())
        firms = dict.fromkeys(firm_of[lawyer] for lawyer, _ in lawyers if lawyer in firm_of)
        parties.append(replace(party, counsel=tuple(firms)[:_MOST_FIRMS]))
    return tuple(parties)
