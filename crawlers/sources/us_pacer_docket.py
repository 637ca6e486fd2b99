"""Docket pages of US district and bankruptcy courts: CM/ECF's docket report, or the Internet Archive's XML of one."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from lxml import etree

from cases.facts import RawCase, RawEvent, RawParty, RawRight
from cases.taxonomy import Venue
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
    parse_html,
    parse_xml,
    plausible,
)
from crawlers.source import ParseResult, Rejected, Snapshot, SourceSpec, SourceStatus
from crawlers.us_courts import (
    court_code,
    court_in_address,
    court_named,
    docket_number,
    docket_parties,
    find_court,
    is_bankruptcy,
)

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
_CASE_NUMBER = re.compile(
    r"(?:CASE ?#?|Petition ?#?|Proceeding ?#?|Case Number)\s*:?\s*#?:?\s*((?:MDL No\. ?)?[0-9][0-9a-zA-Z:&-]*)",
    re.IGNORECASE,
)
#: 830, 820 Copyright, 835 Patent - Abbreviated New Drug Application(ANDA), 830 Property Rights: Patent
_NATURE = re.compile(r"^(\d{3})\b")
#: 35:271, 15:1125(a), 17:101
_CAUSE = re.compile(r"^(\d{1,2}:\d{1,5}[a-z]?(?:\([a-z0-9]{1,4}\))*)", re.IGNORECASE)
_LABEL = re.compile(r"^([A-Z][A-Za-z0-9 /.'&-]{1,40}?)\s*:\s*(.*)$")
_LABELS = frozenset(
    {
        "assigned to", "referred to", "demand", "cause", "date filed", "date terminated", "jury demand", "nature of suit",
        "jurisdiction", "related case", "related cases", "member case", "member cases", "lead case", "case in other court",
        "case title", "other court case number", "mdl status", "date ordered", "citation", "date of last filing",
        "bankruptcy trustee", "lead docket", "appeals court case number", "other court case numbers", "ja case",
    }
)  # fmt: skip
#: labels whose value is kept, and where
_TAKEN = {
    "date filed": "filed",
    "date terminated": "terminated",
    "cause": "cause",
    "nature of suit": "nature",
    "jurisdiction": "jurisdiction",
    "demand": "demand",
}
_TITLE_LABEL = re.compile(r"^case title:\s*", re.IGNORECASE)
_LISTED = r"\s*:?\s*((?:(?:US\s?)?(?<![A-Za-z])(?:RE|PP|D)?\s?\d{1,3},\d{3}(?:,\d{3})?(?!\d)(?:\s?[ABCES]\d\b)?|[\s,;&]|\band\b)+)"
#: numbers are taken only behind the words that say what they are
_PATENTS = re.compile(rf"\bpatents?\s+(?:nos?\b\.?|numbers?\b|no\(s\)\.?){_LISTED}", re.IGNORECASE)
#: the clerk's report on form AO 120 covers both; the nature of suit says which
_REPORTED = re.compile(rf"\bpatent/trademark number\(s\){_LISTED}", re.IGNORECASE)
_ONE_NUMBER = re.compile(
    r"(?<![A-Za-z\d,])(RE|PP|D)?\s?(\d{1,2},\d{3},\d{3}|\d{2,3},\d{3})(?![\d,]\d)", re.IGNORECASE
)


@dataclass
class _Docket:
    """What a docket page says, before it becomes a case."""

    venue: Venue
    number: str
    caption: str = ""
    filed: str = ""
    terminated: str = ""
    cause: str = ""
    nature: str = ""
    jurisdiction: str = ""
    demand: str = ""
    url: str = ""
    #: (name, kind as printed, description)
    parties: list[tuple[str, str, str]] = field(default_factory=list)
    #: party -> (lawyer, lines below their name) as printed
    lawyers: dict[str, list[tuple[str, list[str]]]] = field(default_factory=dict)
    #: (date, number, text, address) as printed
    entries: list[tuple[str, str, str, str]] = field(default_factory=list)


def parse(snapshot: Snapshot) -> ParseResult:
    """One case; one event an entry. An entry whose date cannot be read is refused and the others are kept."""
    text = decode(snapshot)
    if is_html(text) or "<gov_uscourts_docket" not in text[:4096]:
        docket = _from_html(snapshot)
    else:
        docket = _from_xml(snapshot)
    return _result(snapshot, docket)


def _result(snapshot: Snapshot, docket: _Docket) -> ParseResult:
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


def _codes(docket: _Docket) -> dict[str, tuple[str, ...]]:
    codes: dict[str, tuple[str, ...]] = {}
    if match := _NATURE.match(docket.nature):
        codes["nos"] = (match.group(1),)
    if match := _CAUSE.match(docket.cause):
        codes["cause"] = (match.group(1),)
    return codes


def _about(docket: _Docket, entries: Sequence[str]) -> str:
    """Nature of suit, cause, jurisdiction, and the entries that open and close the docket: what the rules read."""
    parts = [
        ("Nature of suit", docket.nature),
        ("Cause", docket.cause),
        ("Jurisdiction", docket.jurisdiction),
        ("First entry", entries[0] if entries else ""),
        ("Latest entry", entries[-1] if len(entries) > 1 else ""),
    ]
    return clip("\n".join(f"{name}: {words}" for name, words in parts if words), MAX_CASE_TEXT)


def _rights(docket: _Docket) -> tuple[RawRight, ...]:
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


def _from_xml(snapshot: Snapshot) -> _Docket:
    root = parse_xml(snapshot)
    details = root.find("case_details")
    if root.tag != "gov_uscourts_docket" or details is None:
        raise drifted(snapshot, "the XML is no docket: it has no <case_details>")

    def told(name: str) -> str:
        return line(_words(details.find(name)))

    number = docket_number(told("docket_num"))
    if not number:
        raise drifted(snapshot, "the docket has no number (<docket_num>)")
    docket = _Docket(
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
        docket.lawyers.setdefault(_named(_words(party.find("name"))), []).extend(
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


# --- CM/ECF's docket report


def _from_html(snapshot: Snapshot) -> _Docket:
    root = parse_html(snapshot)
    heading, number = _heading(snapshot, root)
    addresses = [*root.xpath("//a/@href | //form/@action | //link/@href")][:400]
    linked = next((code for address in addresses if (code := court_in_address(str(address)))), None)
    titled = re.search(r"U\.S\. District Court:\s*([a-z]{2,6})\b", " ".join(root.xpath("//title//text()")))
    venue = find_court(snapshot, court_named(heading), titled.group(1) if titled else None, linked)
    docket = _Docket(venue=venue, number=number)
    if is_bankruptcy(court_code(venue)) or "bankruptcy" in heading.lower():
        _bankruptcy_details(root, docket)
        docket.parties = list(_bankruptcy_parties(root))
    else:
        _details(root, docket)
        docket.parties = list(_district_parties(root))
        docket.lawyers = _district_lawyers(root)
    docket.entries = list(_entries(root, f"https://ecf.{court_code(venue)}.uscourts.gov/"))
    docket.caption = docket.caption or _debtors(docket)
    if not docket.caption and not docket.parties:
        raise drifted(snapshot, "the docket page shows neither a caption nor a party: its layout has changed")
    return docket


def _heading(snapshot: Snapshot, root: etree._Element) -> tuple[str, str]:
    """The page's heading and the docket number in it."""
    for element in root.xpath("//h3 | //h2 | //center | //font"):
        heading = line(_lines_of(element, " / "))
        if len(heading) < 600 and (match := _CASE_NUMBER.search(heading)):
            return heading, docket_number(match.group(1))
    shown = excerpt(" ".join(root.xpath("//title//text()")) or _lines_of(root, " "))
    if re.search(r"general docket|court of appeals docket", _lines_of(root, " ")[:20_000], re.IGNORECASE):
        raise drifted(snapshot, "this is an appellate docket; only district and bankruptcy dockets are read")
    raise drifted(snapshot, f"the page is no CM/ECF docket report (it begins {shown!r})")


def _lines_of(element: etree._Element, between: str = "\n") -> str:
    """The words of an element, a line a <br>, scripts left out."""
    return between.join(_lines(element))


def _lines(element: etree._Element) -> list[str]:
    lines: list[list[str]] = [[]]
    _collect(element, lines)
    return [words for part in lines if (words := collapse("".join(part)))]


def _collect(element: etree._Element, lines: list[list[str]]) -> None:
    """Gather the text below ``element`` in document order, iteratively: pages are nested as deep as they please."""
    skipped: etree._Element | None = None
    for event, node in etree.iterwalk(element, events=("start", "end")):
        tag = node.tag if isinstance(node.tag, str) else ""
        if event == "start":
            if skipped is None and tag in ("script", "style"):
                skipped = node
            if skipped is not None:
                continue
            if tag in ("br", "tr", "table", "div", "p", "hr", "td", "th"):
                lines.append([])
            lines[-1].append(node.text or "")
        else:
            if node is skipped:
                skipped = None
            if skipped is None and node is not element:
                if tag in ("tr", "table", "div", "p", "td", "th"):
                    lines.append([])
                lines[-1].append(node.tail or "")


def _details(root: etree._Element, docket: _Docket) -> None:
    """Caption and the labelled lines of the two cells under the heading."""
    for cell in root.xpath("//td[not(.//td[contains(., 'Date Filed')])][contains(., 'Date Filed')]"):
        if not any(name == "date filed" for name, _ in _labelled(_lines(cell))):
            continue
        for neighbour in cell.xpath("parent::tr/td"):
            words = _lines(neighbour)
            for name, value in _labelled(words):
                if name in _TAKEN and not getattr(docket, _TAKEN[name]):
                    setattr(docket, _TAKEN[name], line(value))
            docket.caption = docket.caption or _caption(words)
        return


def _caption(words: list[str]) -> str:
    """The lines before the first label."""
    caption: list[str] = []
    for text in words:
        if _TITLE_LABEL.match(text):
            return line(_TITLE_LABEL.sub("", text))
        label = _LABEL.match(text)
        if label and label.group(1).lower() in _LABELS:
            break
        caption.append(text)
    return line(" ".join(caption))


def _labelled(words: list[str]) -> Iterator[tuple[str, str]]:
    for text in words:
        match = _LABEL.match(text)
        if match and match.group(1).lower() in _LABELS:
            yield match.group(1).lower(), match.group(2)


def _district_parties(root: etree._Element) -> Iterator[tuple[str, str, str]]:
    """(name, kind, description): the kind stands underlined in a row of its own, the party in the next."""
    kind = ""
    for row in root.xpath("//tr[not(.//table)]"):
        cells = row.xpath("./td")
        if not cells:
            continue
        if any(collapse(" ".join(cell.itertext())) == "Docket Text" for cell in row.xpath("./td | ./th")):
            return
        underlined = collapse(" ".join(cells[0].xpath(".//b/u//text() | .//u/b//text()")))
        if underlined:
            kind = re.sub(r"\s*\(\d+\)$", "", underlined)
            continue
        name = collapse(" ".join(cells[0].xpath("(.//b)[1]//text()")))
        if kind and name and not _is_count_heading(kind):
            about = [text for text in _lines(cells[0]) if text != name]
            yield name, kind, clean("\n".join(about), 2_000)


def _district_lawyers(root: etree._Element) -> dict[str, list[tuple[str, list[str]]]]:
    """Party -> its lawyers: each in bold in the cell behind "represented by", their firm and address below."""
    found: dict[str, list[tuple[str, list[str]]]] = {}
    for row in root.xpath("//tr[not(.//table)]"):
        cells = row.xpath("./td")
        if len(cells) < 3 or collapse(" ".join(cells[1].itertext())).lower() != "represented by":
            continue
        lawyers = found.setdefault(_named(collapse(" ".join(cells[0].xpath("(.//b)[1]//text()")))), [])
        names = {collapse(" ".join(bold.itertext())) for bold in cells[2].xpath(".//b")}
        for text in _lines(cells[2]):
            if text in names:
                lawyers.append((text, []))
            elif lawyers:
                lawyers[-1][1].append(text)
    return found


def _named(name: str) -> str:
    return collapse(name).casefold()


#: what the name of a law firm has, and the line below a lawyer's name that is no firm has not
_LAW_FIRM = re.compile(
    r"\b(?:LLP|L\.L\.P\.?|PLLC|P\.?L\.?L\.?C\.?|LLC|L\.L\.C\.?|LPA|P\.?C\.?|P\.?A\.?|APC|Law (?:Firm|Offices?|Group)|"
    r"Attorneys at Law|Solicitors)(?!\w)",
)
#: firms of one party that are kept
_MOST_FIRMS = 50


def _with_counsel(docket: _Docket) -> tuple[RawParty, ...]:
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
        lawyers = docket.lawyers.get(_named(party.name), ())
        firms = dict.fromkeys(firm_of[lawyer] for lawyer, _ in lawyers if lawyer in firm_of)
        parties.append(replace(party, counsel=tuple(firms)[:_MOST_FIRMS]))
    return tuple(parties)


def _is_count_heading(kind: str) -> bool:
    """Whether an underlined heading is of a criminal docket's counts, not of a party."""
    return bool(re.search(r"counts|disposition|offense level|complaints", kind, re.IGNORECASE))


def _bankruptcy_details(root: etree._Element, docket: _Docket) -> None:
    for label in root.xpath("//i"):
        name = collapse(" ".join(label.itertext())).rstrip(":").lower()
        if name not in ("date filed", "date terminated"):
            continue
        value = _after(label)
        if name == "date filed" and not docket.filed:
            docket.filed = value
        elif name == "date terminated" and not docket.terminated:
            docket.terminated = value
    for text in _lines(root)[:400]:
        # An adversary proceeding: "[1] …; Nature[s] of Suit: 91 Declaratory judgment".
        match = re.match(r"Nature(?:\[s\]|\(s\)|s)? of Suit\s*:\s*(.*)$", text, re.IGNORECASE)
        if match and match.group(1) and not docket.nature:
            docket.nature = line(match.group(1))


def _after(label: etree._Element) -> str:
    """The date printed after a label: behind it, or in the next cell."""
    tail = collapse(label.tail or "")
    if tail:
        return tail
    for cell in label.xpath("ancestor::td[1]/following-sibling::td[1]"):
        return collapse(" ".join(cell.itertext()))
    return ""


def _bankruptcy_parties(root: etree._Element) -> Iterator[tuple[str, str, str]]:
    """(name, kind, ""): a bankruptcy docket prints the kind in bold italics above the name. Addresses are left out."""
    for cell in root.xpath("//td[.//i/b or .//b/i]"):
        if cell.xpath(".//table"):
            continue
        kinds = cell.xpath(".//i[b] | .//b[i]")
        kind = collapse(" ".join(kinds[0].itertext())).strip("-* ")
        names = [
            collapse(" ".join(bold.itertext())) for bold in cell.xpath(".//b[not(i) and not(ancestor::i)]")
        ]
        name = next((n for n in names if n and n != kind), "")
        if name and kind and len(kind) < 80:
            yield name, kind, ""


def _debtors(docket: _Docket) -> str:
    """A caption for a page that prints none: the debtors of a petition, the two sides of an adversary proceeding."""
    by_kind: dict[str, list[str]] = {}
    for name, kind, _ in docket.parties:
        by_kind.setdefault(kind.lower(), []).append(name)
    plaintiffs, defendants = by_kind.get("plaintiff", []), by_kind.get("defendant", [])
    if plaintiffs and defendants:
        others = [" et al" if len(side) > 1 else "" for side in (plaintiffs, defendants)]
        return line(f"{plaintiffs[0]}{others[0]} v. {defendants[0]}{others[1]}")
    debtors = [
        *by_kind.get("debtor", []),
        *by_kind.get("joint debtor", []),
        *by_kind.get("debtor in possession", []),
    ]
    return line(" and ".join(dict.fromkeys(debtors)))


def _entries(root: etree._Element, base: str) -> Iterator[tuple[str, str, str, str]]:
    """(date, number, text, address) of each row below a row headed "Docket Text"."""
    for header in root.xpath("//tr[td or th][*[normalize-space() = 'Docket Text']]"):
        for row in header.itersiblings("tr"):
            cells = row.xpath("./td")
            if len(cells) < 3:
                continue
            day = collapse(" ".join(cells[0].itertext()))
            if not re.search(r"\d", day):
                continue
            words = line(_lines_of(cells[-1], " "), MAX_EVENT_TEXT)
            number, address = _numbered(cells[1:-1], base)
            yield day, number, words, address


def _numbered(cells: list[etree._Element], base: str) -> tuple[str, str]:
    """The entry's number and the address of its document, from the cells between date and text."""
    number, address = "", ""
    for cell in cells:
        match = re.search(r"\d{1,6}", collapse(" ".join(cell.itertext())))
        if match and not number:
            number = match.group()
        for link in cell.xpath(".//a/@href"):
            if "/doc1/" in str(link) or "show_doc" in str(link):
                address = address or http_url(str(link), base)
    return number, address
