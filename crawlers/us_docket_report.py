"""CM/ECF's docket report, the page that US district and bankruptcy courts print of a case: what stands on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from cases.taxonomy import Venue
from core.text import collapse
from crawlers.feeds import MAX_EVENT_TEXT, clean, drifted, excerpt, http_url, line, parse_html
from crawlers.source import Snapshot
from crawlers.us_courts import (
    court_code,
    court_in_address,
    court_named,
    docket_number,
    find_court,
    is_bankruptcy,
)

_CASE_NUMBER = re.compile(
    r"(?:CASE ?#?|Petition ?#?|Proceeding ?#?|Case Number)\s*:?\s*#?:?\s*((?:MDL No\. ?)?[0-9][0-9a-zA-Z:&-]*)",
    re.IGNORECASE,
)
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


@dataclass
class Docket:
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


def read_report(snapshot: Snapshot) -> Docket:
    """What the page says, as printed. Raises SourceDrifted for a page that is no docket report."""
    root = parse_html(snapshot)
    heading, number = _heading(snapshot, root)
    addresses = [*root.xpath("//a/@href | //form/@action | //link/@href")][:400]
    linked = next((code for address in addresses if (code := court_in_address(str(address)))), None)
    titled = re.search(r"U\.S\. District Court:\s*([a-z]{2,6})\b", " ".join(root.xpath("//title//text()")))
    venue = find_court(snapshot, court_named(heading), titled.group(1) if titled else None, linked)
    docket = Docket(venue=venue, number=number)
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


def _details(root: etree._Element, docket: Docket) -> None:
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
        lawyers = found.setdefault(named(collapse(" ".join(cells[0].xpath("(.//b)[1]//text()")))), [])
        names = {collapse(" ".join(bold.itertext())) for bold in cells[2].xpath(".//b")}
        for text in _lines(cells[2]):
            if text in names:
                lawyers.append((text, []))
            elif lawyers:
                lawyers[-1][1].append(text)
    return found


def named(name: str) -> str:
    """A party's name as its lawyers are found by."""
    return collapse(name).casefold()


def _is_count_heading(kind: str) -> bool:
    """Whether an underlined heading is of a criminal docket's counts, not of a party."""
    return bool(re.search(r"counts|disposition|offense level|complaints", kind, re.IGNORECASE))


def _bankruptcy_details(root: etree._Element, docket: Docket) -> None:
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


def _debtors(docket: Docket) -> str:
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
