"""Judgments of England and Wales and of the UK Supreme Court: the National Archives' feed, and a judgment's own XML.

The feed is read to the Archives' documented example; the judgments are read from real ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from lxml import etree

from cases.facts import RawCase, RawEvent, RawParty, RawRight
from core.text import collapse
from crawlers.feeds import (
    clean,
    decode,
    drifted,
    excerpt,
    forum_date,
    http_url,
    line,
    newest,
    parse_xml,
    plausible,
)
from crawlers.source import ParseResult, Rejected, Snapshot, SourceSpec, SourceStatus
from crawlers.us_courts import sides

_SITE = "https://caselaw.nationalarchives.gov.uk/"
#: the courts that are asked: the first two hear nothing but intellectual property, the others hear it among much else
_COURTS = ("ewhc/pat", "ewhc/ipec", "ewhc/ch", "ewca/civ", "uksc")

SPEC = SourceSpec(
    id="uk_fcl",
    zh="英国法院判决（国家档案馆判例库）",
    en="UK judgments: Find Case Law",
    homepage=_SITE,
    # One visit asks five pages: the newest fifty judgments of each court.
    urls=tuple(
        f"{_SITE}atom.xml?court={court.replace('/', '%2F')}&order=-date&per_page=50" for court in _COURTS
    ),
    status=SourceStatus.LIVE,
    media_types=("application/atom+xml", "application/xml", "text/xml", "application/akn+xml"),
    region="GB",
    zone="Europe/London",
    every_minutes=360,
    authority=20,
    terms=(
        "Open Justice Licence: judgments may be read, copied and published. Searching them in bulk by program, to extract or "
        "enrich, needs a permission that is asked for free of charge; only the feed of new judgments is asked, and a "
        "judgment's XML is read when it is brought."
    ),
)

_ATOM = "{http://www.w3.org/2005/Atom}"
_AKN = "{http://docs.oasis-open.org/legaldocml/ns/akn/3.0}"
_UK = "{https://caselaw.nationalarchives.gov.uk/akn}"
_TNA = "{https://caselaw.nationalarchives.gov.uk}"
#: [2022] EWHC 941 (IPEC), [2025] EWCA Civ 673, [2022] UKSC 14
_CITATION = re.compile(
    r"\[(\d{4})\]\s*(UKSC|UKPC|EWCA|EWHC)\s*(Civ|Crim)?\s*(\d{1,5})(?:\s*\(([A-Za-z]{1,12})\))?",
    re.IGNORECASE,
)
#: the courts that are read. The taxonomy has one forum for those that hear intellectual property at any stage.
_READ = frozenset({"EWHC", "EWCA", "UKSC"})
VENUE = "v.gb.pat"
_SUMMARY = re.compile(r"^Press Summary of\s+", re.IGNORECASE)
_AND_OTHERS = re.compile(r"[\s,]+(?:&|and)\s+(?:Ors?|Others?|Anor|Another)\.?$", re.IGNORECASE)
#: claim numbers of the Business and Property Courts and the Court of Appeal, with any hyphen: IP‐2019‐000130
_CLAIM = re.compile(r"\b([A-Z]{2})[-‐‑–](\d{4})[-‐‑–](\d{6})\b")
_ROLES = {
    "claimant": "plaintiff",
    "pursuer": "plaintiff",
    "plaintiff": "plaintiff",
    "defendant": "defendant",
    "defender": "defendant",
    "appellant": "appellant",
    "respondent": "respondent",
    "applicant": "applicant",
    "petitioner": "petitioner",
}
_LANGUAGES = {"eng": "en", "en": "en", "cym": "cy", "cy": "cy"}
#: "European Patent (UK) No. 1 796 467", "GB 2 345 678 B", the Register's UK00900182253
_EP = re.compile(
    r"\b(?:EP|European patents?)\b[\s(]*(?:UK)?[\s)]*(?:nos?\.?|numbers?)?\s*(\d)[ ,.]?(\d{3})[ ,.]?(\d{3})(?!\d)",
    re.IGNORECASE,
)
_GB = re.compile(
    r"\b(?:GB|UK patents?)\s*(?:nos?\.?|numbers?)?\s*(?:GB\s*)?(\d)[ ,.]?(\d{3})[ ,.]?(\d{3})(?!\d)",
    re.IGNORECASE,
)
_MARK = re.compile(r"\b(UK00\d{9})\b")
#: "UK registered design No. 9002954222-00001"
_DESIGN = re.compile(
    r"\b(UK|EU|Community)\s+registered\s+(?:Community\s+)?designs?\s*(?:nos?\.?|numbers?)\s*(\d{6,12}-\d{4,5})(?!\d)",
    re.IGNORECASE,
)
#: how much of a judgment is kept for the rules: its introduction says what it is about
_INTRODUCTION = 6_000


@dataclass
class _Matter:
    """What entries say of one neutral citation."""

    citation: str
    captions: list[tuple[date | None, str]] = field(default_factory=list)
    urls: list[tuple[date | None, str]] = field(default_factory=list)
    courts: set[str] = field(default_factory=set)
    events: dict[RawEvent, None] = field(default_factory=dict)


def parse(snapshot: Snapshot) -> ParseResult:
    """One case a neutral citation. A judgment's own XML also tells its parties, its claim number and how it begins."""
    beginning = decode(snapshot)[:4_096]
    root = parse_xml(snapshot)
    if root.tag == f"{_AKN}akomaNtoso":
        return ParseResult([_judgment(snapshot, root)], (), 1)
    if root.tag != f"{_ATOM}feed":
        raise drifted(
            snapshot, f"the XML is neither a feed nor a judgment (it begins {excerpt(beginning)!r})"
        )
    entries = root.findall(f"{_ATOM}entry")
    if entries and not any(entry.findtext(f"{_ATOM}title") for entry in entries):
        raise drifted(snapshot, "no entry of the feed has a title")
    matters: dict[str, _Matter] = {}
    rejected: list[Rejected] = []
    for position, entry in enumerate(entries):
        try:
            _take(entry, matters)
        except ValueError as error:
            rejected.append(Rejected(position, str(error), excerpt(_words(entry))))
    return ParseResult([_case(matter) for matter in matters.values()], rejected, len(entries))


def _words(element: etree._Element | None) -> str:
    return "" if element is None else " ".join(str(text) for text in element.itertext())


def _cited(words: str) -> re.Match[str] | None:
    return _CITATION.search(words[:2_000])


def _citation(match: re.Match[str]) -> str:
    """A neutral citation as the courts print it."""
    year, court, part, number, division = match.groups()
    words = [
        f"[{year}]",
        court.upper(),
        part.title() if part else "",
        number,
        f"({division})" if division else "",
    ]
    return " ".join(word for word in words if word)


def _check_court(citation: str) -> None:
    """Raise ValueError for a citation of a court that is not read."""
    if citation.split()[1] not in _READ or "Crim" in citation:
        raise ValueError(f"{citation} is of a court that is not read")


def _court_code(citation: str) -> str:
    """``ewhc/ipec`` of [2022] EWHC 941 (IPEC): the Archives' code of the court."""
    _, court, *rest = citation.split()
    part = next((word.strip("()") for word in rest if not word.isdigit()), "")
    return f"{court}/{part}".lower().rstrip("/")


# --- the feed


def _take(entry: etree._Element, matters: dict[str, _Matter]) -> None:
    """Add one document to its citation. Raises ValueError with the reason it cannot be used."""
    title = line(_words(entry.find(f"{_ATOM}title")))
    if not title:
        raise ValueError("it has no title")
    stated = [_words(e) for e in entry.findall(f"{_TNA}identifier") if e.get("type", "ukncn") == "ukncn"]
    match = next((m for words in stated if (m := _cited(words))), None)
    if match is None:
        # Addresses are not read for it: the Archives warn that they do not always tell the citation.
        raise ValueError("it has no neutral citation")
    citation = _citation(match)
    _check_court(citation)
    on = forum_date(line(_words(entry.find(f"{_ATOM}published"))), SPEC.zone)
    links = [link for link in entry.findall(f"{_ATOM}link") if link.get("rel", "alternate") == "alternate"]
    pages = [http_url(link.get("href", "")) for link in links if link.get("type", "text/html") == "text/html"]
    url = next((page for page in pages if page), "")
    matter = matters.setdefault(citation, _Matter(citation))
    matter.captions.append((on, _SUMMARY.sub("", title)))
    matter.urls.append((on, url))
    matter.courts.add(line(_words(entry.find(f"{_ATOM}author")), 200))
    matter.events[_event(citation, on, url, is_summary=bool(_SUMMARY.match(title)))] = None


def _event(citation: str, on: date | None, url: str, *, is_summary: bool) -> RawEvent:
    return RawEvent(on, "Press summary" if is_summary else "Judgment", citation, url)


def _case(matter: _Matter) -> RawCase:
    caption = newest(matter.captions)
    courts = "; ".join(sorted(matter.courts - {""}))
    return RawCase(
        source=SPEC.id,
        venue=VENUE,
        docket_number=matter.citation,
        caption=caption,
        text=f"Court: {courts}" if courts else "",
        url=newest(matter.urls),
        parties=_named(caption, matter.citation),
        codes={"court": (_court_code(matter.citation),)},
        events=tuple(matter.events),
    )


def _named(caption: str, citation: str) -> tuple[RawParty, ...]:
    """The sides of a caption. At first instance the claimant stands first; on appeal the title does not say who appeals."""
    both = sides(caption)
    if both is None or sides(both[1]) is not None:
        # Two suits in one title: which name ends where is not told.
        return ()
    roles = ("plaintiff", "defendant") if " EWHC " in citation else ("party", "party")
    names = [line(_AND_OTHERS.sub("", side), 500) for side in both]
    return tuple(RawParty(name, role) for name, role in zip(names, roles, strict=True) if name)


# --- a judgment


def _judgment(snapshot: Snapshot, root: etree._Element) -> RawCase:
    """The case of one Akoma Ntoso document: a judgment, or the press summary of one."""
    document = next((part for part in root if part.tag in (f"{_AKN}judgment", f"{_AKN}doc")), None)
    meta = document.find(f"{_AKN}meta") if document is not None else None
    work = meta.find(f".//{_AKN}FRBRWork") if meta is not None else None
    if document is None or meta is None or work is None:
        raise drifted(snapshot, "the XML says nothing of which judgment it is")
    is_summary = document.tag == f"{_AKN}doc"
    cited = meta.find(f".//{_UK}summaryOfCite") if is_summary else meta.find(f".//{_UK}cite")
    match = _cited(_words(cited)) or _cited(_words(document.find(f".//{_AKN}neutralCitation")))
    if match is None:
        raise drifted(snapshot, "the judgment has no neutral citation")
    citation = _citation(match)
    try:
        _check_court(citation)
        on = _dated(work)
    except ValueError as error:
        raise drifted(snapshot, str(error)) from error
    caption = _SUMMARY.sub("", line(_attribute(work, "FRBRname", "value")))
    url = http_url(_attribute(meta.find(f".//{_AKN}FRBRExpression"), "FRBRuri", "value"))
    header = document.find(f"{_AKN}header")
    introduction = "" if is_summary else _introduction(document)
    facts = [("Court", _court_name(meta)), ("Judgment", introduction)]
    return RawCase(
        source=SPEC.id,
        venue=VENUE,
        docket_number=citation,
        caption=caption,
        text="\n".join(f"{name}: {words}" for name, words in facts if words),
        url="" if is_summary else url,
        parties=tuple(_parties(header)) or _named(caption, citation),
        rights=tuple(_rights(introduction)),
        codes={"court": tuple(dict.fromkeys(_codes(meta, citation)))},
        events=(_event(citation, on, url, is_summary=is_summary),),
        aliases=tuple(dict.fromkeys(_claims(header))),
        language=_LANGUAGES.get(_attribute(meta, f".//{_AKN}FRBRlanguage", "language").casefold(), "en"),
    )


def _attribute(element: etree._Element | None, name: str, attribute: str) -> str:
    if element is None:
        return ""
    found = element.find(name if name.startswith(".") else f"{_AKN}{name}")
    return line(found.get(attribute, "")) if found is not None else ""


def _dated(work: etree._Element) -> date | None:
    """The day the judgment was handed down; drafts of the Archives carry the year 1000 or 9999 for one unknown."""
    written = _attribute(work, "FRBRdate", "date")[:10]
    if not written or written.startswith(("1000", "9999")):
        return None
    return plausible(date.fromisoformat(written))


def _court_name(meta: etree._Element) -> str:
    names = [e.get("showAs", "") for e in meta.iterfind(f".//{_AKN}TLCOrganization") if e.get("eId") != "tna"]
    return line("; ".join(dict.fromkeys(name for name in names if name)), 300)


def _codes(meta: etree._Element, citation: str) -> Iterator[str]:
    """The court by its citation, and by the list it sat in (EWHC-Chancery-IntellectualProperty)."""
    yield _court_code(citation)
    if stated := line(_words(meta.find(f".//{_UK}court")), 90).casefold():
        yield stated


def _parties(header: etree._Element | None) -> Iterator[RawParty]:
    """The parties the Archives have marked, in the role of their side; unmarked ones are not guessed."""
    told: dict[tuple[str, str], RawParty] = {}
    for element in header.iterfind(f".//{_AKN}party") if header is not None else ():
        name = line(_words(element), 500).strip(" ,;")
        kind = element.get("as", "").removeprefix("#").casefold()
        if name:
            role = next((role for word, role in _ROLES.items() if word in kind), "party")
            told.setdefault((collapse(name).casefold(), role), RawParty(name, role))
    yield from told.values()


def _claims(header: etree._Element | None) -> Iterator[str]:
    """The claim's own number, of which several judgments may be given; of the decision under appeal none is taken."""
    if header is None:
        return
    for element in header.iterfind(f".//{_AKN}docketNumber"):
        yield from ("-".join(match.groups()) for match in _CLAIM.finditer(_words(element)))
    for paragraph in header.iterfind(f".//{_AKN}p"):
        words = line(_words(paragraph), 300)
        if re.match(r"(?:case|claim)\s+(?:no|number)s?\b", words, re.IGNORECASE):
            yield from ("-".join(match.groups()) for match in _CLAIM.finditer(words))


def _introduction(document: etree._Element) -> str:
    body = document.find(f"{_AKN}judgmentBody")
    parts: list[str] = []
    size = 0
    for paragraph in body.iterfind(f".//{_AKN}p") if body is not None else ():
        words = line(_words(paragraph), _INTRODUCTION)
        parts.append(words)
        size += len(words)
        if size > _INTRODUCTION:
            break
    return clean("\n".join(part for part in parts if part), _INTRODUCTION)


def _rights(introduction: str) -> Iterator[RawRight]:
    """Patents and marks the introduction names by number."""
    told: dict[RawRight, None] = {}
    for office, pattern in (("EP", _EP), ("GB", _GB)):
        for match in pattern.finditer(introduction):
            told[RawRight("patent", f"{office} {' '.join(match.groups())}")] = None
    for match in _MARK.finditer(introduction):
        told[RawRight("trademark", match.group(1))] = None
    for match in _DESIGN.finditer(introduction):
        told[RawRight("design", f"{'UK' if match.group(1).upper() == 'UK' else 'EU'} {match.group(2)}")] = (
            None
        )
    yield from told
