"""Documents filed with the US International Trade Commission: EDIS's data service, and its notification feed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from lxml import etree

from cases.facts import RawCase, RawEvent, RawParty
from core.text import collapse
from crawlers.feeds import (
    FeedItem,
    decode,
    drifted,
    excerpt,
    line,
    newest,
    parse_xml,
    plain,
    plausible,
    read_feed,
    unescaped,
)
from crawlers.source import ParseResult, Rejected, Snapshot, SourceSpec, SourceStatus
from crawlers.us_offices import ITC, docket_of, firms, numbered

SPEC = SourceSpec(
    id="us_edis",
    zh="美国国际贸易委员会电子案卷（EDIS）",
    en="USITC EDIS: documents filed",
    homepage="https://edis.usitc.gov/",
    # One visit asks three pages, of at most 100 rows each: the section 337 investigations under way, whose docket numbers
    # say which complaint each was; the newest complaints; the newest documents of any kind. The filter's name must be
    # written investigationStatus: in small letters it is ignored (measured in September 2026).
    urls=(
        "https://edis.usitc.gov/data/investigation?investigationType=Sec%20337&investigationStatus=Active&pageNumber=1",
        "https://edis.usitc.gov/data/document?documentType=Complaint&securityLevel=Public&pageNumber=1",
        "https://edis.usitc.gov/data/document?securityLevel=Public&pageNumber=1",
    ),
    status=SourceStatus.LIVE,
    media_types=("application/xml", "text/xml", "application/rss+xml"),
    region="US",
    zone="America/New_York",
    every_minutes=360,
    pace_seconds=5.0,
    authority=10,
    terms=(
        "Lists of documents are public without a token, works of the United States carry no copyright (17 U.S.C. § 105). "
        "The host often refuses plain programs (HTTP 403, as of September 2026): then a saved page or feed is replayed. "
        "The documents themselves need a token and are not asked for."
    ),
)

_DOCUMENT_PAGE = "https://edis.usitc.gov/external/search/document/"
_SECTION_337 = "sec 337"
#: "Document Approved : 337-1281 Violation : Doc ID 770876, Motion Response/Reply"
_ITEM_TITLE = re.compile(
    r"^Document [A-Za-z]+\s*:\s*(?P<number>[\w-]+)\s*(?P<phase>[^:]{0,60}?)\s*:\s*Doc(?:ument)? ID (?P<id>\d{1,12})\s*,\s*(?P<kind>.+)$"
)
_FILED_ON = re.compile(r"\bfiled\s+on\s+(\d{1,2}/\d{1,2}/\d{4})")
_BEHALF = re.compile(r"\bon behalf of (.{1,4000}?)\s*(?:</p>|<br|Document ID:|$)", re.IGNORECASE | re.DOTALL)
_LABELLED = re.compile(r"^\s*Document (Title|Type)\s*:\s*(.*)$", re.IGNORECASE | re.DOTALL)
_LINE_END = re.compile(r"<br\s*/?>|</?p>", re.IGNORECASE)
_SECURITY = re.compile(r"Security Level\s*:\s*([A-Za-z ]{1,30}?)\s*<", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"^(\d{4})[-/](\d{2})[-/](\d{2})(?:[ T]|$)")
_MONTH_FIRST = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})(?:\s|$)")
#: "…; Inv. No. 337-TA-1458 (Violation)" after the name of the goods
_NUMBER_IN_TITLE = re.compile(
    r"[\s;,.]*\bInv(?:estigation)?s?\.?\s*(?:Nos?\.?\s*)?(?:[A-Z-]*-)?\d{3}-.*$", re.IGNORECASE
)
#: whoever speaks for the Commission is no party
_COMMISSION = re.compile(
    r"administrative law judge|unfair import investigations|office of the (?:secretary|general counsel)|\busitc\b|"
    r"international trade commission|^commission\b|^(?:alj|ouii)\b",
    re.IGNORECASE,
)
#: a title that begins with one side alone says whose filing it is
_SIDE = re.compile(
    r"^(?:the\s+)?(?:joint\s+)?(complainant|respondent)s?(?![a-z])(?!\s*(?:and|&|,))", re.IGNORECASE
)
#: what only the side that complains, or that answers, files
_OWN_KIND = {
    "complaint": "complainant",
    "complaint, amended": "complainant",
    "answer to complaint": "respondent",
}
#: what outsiders file too: they become no party by it
_OPEN_TO_ALL = re.compile(
    r"comment|correspondence|public interest|subpoena|statement|appearance|notice", re.IGNORECASE
)


_Row = TypeVar("_Row")


@dataclass
class _Docket:
    """What the rows of one investigation say."""

    number: str
    kind: str
    captions: list[tuple[date | None, str]] = field(default_factory=list)
    statuses: list[tuple[date | None, str]] = field(default_factory=list)
    phases: set[str] = field(default_factory=set)
    aliases: set[str] = field(default_factory=set)
    #: folded name -> the name, and the roles in which it filed
    parties: dict[str, tuple[str, set[str]]] = field(default_factory=dict)
    events: list[RawEvent] = field(default_factory=list)


def parse(snapshot: Snapshot) -> ParseResult:
    """One case an investigation, one event a document.

    A query by number answers with every number that begins so (337-145 brings 337-1451): each row is filed under the
    number it states itself.
    """
    if "<rss" in decode(snapshot)[:4096].lower():
        feed = read_feed(snapshot)
        if feed.items and not any(_ITEM_TITLE.match(_title(item)) for item in feed.items):
            raise drifted(snapshot, "no title of the feed names an investigation and a document")
        return _collected(feed.items, _take_item, lambda item: f"{item.title} {item.description}")
    root = parse_xml(snapshot)
    told = next((part for part in root if part.tag in ("documents", "investigations")), None)
    if root.tag != "results" or told is None:
        raise drifted(snapshot, "the XML holds neither <documents> nor <investigations> of EDIS")
    rows = list(told.iterfind("*"))
    if rows and not any(row.findtext("investigationNumber") for row in rows):
        raise drifted(snapshot, "no row states an investigation number")
    return _collected(rows, _take_document if told.tag == "documents" else _take_investigation, _words)


def _collected(
    rows: Sequence[_Row], take: Callable[[_Row, dict[str, _Docket]], None], shown: Callable[[_Row], str]
) -> ParseResult:
    dockets: dict[str, _Docket] = {}
    rejected: list[Rejected] = []
    for position, row in enumerate(rows):
        try:
            take(row, dockets)
        except ValueError as error:
            rejected.append(Rejected(position, str(error), excerpt(shown(row))))
    return ParseResult([_case(docket) for docket in dockets.values()], rejected, len(rows))


def _words(row: etree._Element) -> str:
    return " ".join(str(text) for text in row.itertext())


def _docket(number: str, dockets: dict[str, _Docket]) -> _Docket:
    """The docket of a stated number. Raises ValueError where that is no investigation's."""
    told = numbered(number)
    if told is None:
        raise ValueError(f"{excerpt(number)!r} is no investigation number")
    return dockets.setdefault(told[0], _Docket(*told))


# --- the data service


def _told(row: etree._Element, name: str) -> str:
    """A field of a row; "" where its element is empty or missing. Some are escaped twice (``&amp;#39;``)."""
    element = row.find(name)
    return line(unescaped("".join(str(t) for t in element.itertext()))) if element is not None else ""


def _take_document(row: etree._Element, dockets: dict[str, _Docket]) -> None:
    """Add one document to its investigation. Raises ValueError with the reason it cannot be used."""
    kind, title = _told(row, "documentType"), _told(row, "documentTitle")
    if not kind and not title:
        raise ValueError("the document has neither a type nor a title")
    # The day it reached the Commission; the date a filer writes on it may be another.
    on = _day(_told(row, "officialReceivedDate") or _told(row, "documentDate"))
    docket = _tell(row, dockets, on)
    _file(docket, kind, title, on, _told(row, "securityLevel"), _told(row, "id"))
    if "usitc" not in _told(row, "firmOrganization").casefold():
        _join(docket, _told(row, "onBehalfOf"), kind, title)


def _take_investigation(row: etree._Element, dockets: dict[str, _Docket]) -> None:
    docket = _tell(row, dockets, None)
    alias = docket_of(_told(row, "docketNumber"))
    if docket.kind == "337" and alias and alias != docket.number:
        docket.aliases.add(alias)


def _tell(row: etree._Element, dockets: dict[str, _Docket], on: date | None) -> _Docket:
    """The docket a row of the day ``on`` is of, with what every row says of it. Raises ValueError."""
    number, stated = _told(row, "investigationNumber"), _told(row, "investigationType")
    if number.startswith("337-") and stated and stated.casefold() != _SECTION_337:
        # Some old numbers serve other matters too: 337-003 holds a study's filings.
        raise ValueError(f"it stands under {excerpt(number)} and is of another kind ({excerpt(stated)})")
    docket = _docket(number, dockets)
    docket.captions.append((on, _NUMBER_IN_TITLE.sub("", _told(row, "investigationTitle")).strip(" ;,")))
    docket.statuses.append((on, line(_told(row, "investigationStatus"), 60)))
    docket.phases.add(line(_told(row, "investigationPhase"), 60))
    return docket


def _day(written: str) -> date | None:
    """The date of ``2020/07/09 11:27:00``, ``2005-01-25 00:00:00.0`` or ``05/16/2022``; None for none. Raises ValueError."""
    if not written:
        return None
    if match := _YEAR_FIRST.match(written):
        year, month, day = match.groups()
    elif match := _MONTH_FIRST.match(written):
        month, day, year = match.groups()
    else:
        raise ValueError(f"its date {excerpt(written)!r} cannot be read")
    try:
        return plausible(date(int(year), int(month), int(day)))
    except ValueError as error:
        raise ValueError(f"its date {excerpt(written)!r} cannot be: {error}") from error


def _file(docket: _Docket, kind: str, title: str, on: date | None, security: str, document: str) -> None:
    is_closed = security.casefold() not in ("", "public")
    event = RawEvent(
        on=on,
        kind=line(kind or "Document", 300),
        text=f"{title} [{line(security, 30)}]".strip() if is_closed else title,
        url=f"{_DOCUMENT_PAGE}{document}" if re.fullmatch(r"\d{1,12}", document) else "",
    )
    if event not in docket.events:
        docket.events.append(event)


def _join(docket: _Docket, listed: str, kind: str, title: str) -> None:
    """Add those on whose behalf something was filed, in the role the filing shows. Who signed it is not taken."""
    if not listed or _COMMISSION.search(listed):
        return
    side = _SIDE.match(title)
    role = _OWN_KIND.get(kind.casefold()) or (side.group(1).lower() if side else "party")
    if role == "party" and _OPEN_TO_ALL.search(kind):
        return
    for name in firms(listed):
        docket.parties.setdefault(name.casefold(), (name, set()))[1].add(role)


# --- the notification feed


def _title(item: FeedItem) -> str:
    return line(unescaped(item.title))


def _take_item(item: FeedItem, dockets: dict[str, _Docket]) -> None:
    """Add one notice to its investigation. Raises ValueError with the reason it cannot be used."""
    match = _ITEM_TITLE.match(_title(item))
    if match is None:
        raise ValueError("its title does not name an investigation and a document")
    content = item.content[:20_000]
    labelled = filter(None, map(_LABELLED.match, _LINE_END.split(content)))
    told = {label[1].casefold(): plain(label[2]) for label in labelled}
    filed, security, behalf = (wanted.search(content) for wanted in (_FILED_ON, _SECURITY, _BEHALF))
    kind = told.get("type") or match["kind"]
    on = _day(filed.group(1)) if filed else None
    docket = _docket(match["number"], dockets)
    if phase := collapse(match["phase"]):
        docket.phases.add(line(phase, 60))
    level = security.group(1) if security else ("Confidential" if "[Confidential" in item.description else "")
    _file(docket, kind, told.get("title", ""), on, level, match["id"])
    if behalf:
        _join(docket, plain(behalf.group(1)), kind, told.get("title", ""))


def _case(docket: _Docket) -> RawCase:
    facts = [
        ("Investigation", "section 337 (unfair imports)" if docket.kind == "337" else docket.kind),
        ("Phase", ", ".join(sorted(docket.phases - {""}))),
        ("Status", newest(docket.statuses)),
    ]
    return RawCase(
        source=SPEC.id,
        venue=ITC,
        docket_number=docket.number,
        caption=newest(docket.captions),
        text="\n".join(f"{name}: {words}" for name, words in facts if words),
        # One side's filing says who its filer is; "party" is for those of whom none does.
        parties=tuple(
            RawParty(name, min(roles - {"party"}, default="party")) for name, roles in docket.parties.values()
        ),
        codes={"investigation": (docket.kind,)},
        events=tuple(docket.events),
        aliases=tuple(sorted(docket.aliases)),
    )
