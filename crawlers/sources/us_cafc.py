"""Opinions and orders of the US Court of Appeals for the Federal Circuit, as its own site announces them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from cases.facts import RawCase, RawEvent, RawParty
from crawlers.feeds import (
    FeedItem,
    drifted,
    forum_date,
    http_url,
    line,
    links,
    newest,
    plain,
    read_feed,
    unescaped,
)
from crawlers.source import ParseResult, Rejected, Snapshot, SourceSpec, SourceStatus
from crawlers.us_courts import caption_parties, in_re

SPEC = SourceSpec(
    id="us_cafc",
    zh="美国联邦巡回上诉法院裁判",
    en="US Federal Circuit: opinions and orders",
    homepage="https://www.cafc.uscourts.gov/home/case-information/opinions-orders/",
    urls=("https://cafc.uscourts.gov/category/opinion-order/feed/",),
    status=SourceStatus.LIVE,
    media_types=("application/rss+xml", "application/xml", "text/xml"),
    region="US",
    zone="America/New_York",
    every_minutes=60,
    expects_items=True,
    authority=20,
    terms="A public feed of the court's own opinions; works of the United States carry no copyright (17 U.S.C. § 105).",
)
VENUE = "v.us.cafc"

#: "20-1046: KYOCERA SENCO … v. ITC [OPINION], Precedential"; the number may be several, the bracket may be missing
_TITLE = re.compile(
    r"^(?P<numbers>\d{2,4}-\d{1,5}(?:\s*(?:[,;&/]|and)\s*(?:\d{2,4})?-\d{1,5})*)\s*[:,]?\s+(?P<caption>.*?)"
    r"(?:\s*\[(?P<kind>[^\[\]]{1,80})\])?(?:\s*,?\s*(?P<status>non-?precedential|precedential))?\s*$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(\d{2,4})?-(\d{1,5})")
_ORIGIN = re.compile(r"\bOrigin:\s*([A-Z]{2,8})\b")
#: Courts whose suit keeps its title on appeal: the first named began the suit, whoever appeals (FRAP 12(a)).
_TITLE_OF_THE_SUIT = frozenset({"DCT", "CIT", "CFC"})


@dataclass
class _Docket:
    """What the items of one docket say."""

    number: str
    captions: list[tuple[date | None, str]]
    urls: list[tuple[date | None, str]]
    origins: list[str]
    events: list[RawEvent]
    aliases: list[str]


def parse(snapshot: Snapshot) -> ParseResult:
    """One case a docket number, one event an opinion or order."""
    feed = read_feed(snapshot)
    if feed.items and not any(_TITLE.match(_title(item)) for item in feed.items):
        raise drifted(snapshot, "no title of the feed begins with an appeal number")
    dockets: dict[str, _Docket] = {}
    rejected: list[Rejected] = []
    for item in feed.items:
        try:
            _take(item, dockets)
        except ValueError as error:
            rejected.append(item.rejected(str(error)))
    return ParseResult([_case(docket) for docket in dockets.values()], rejected, len(feed.items))


def _title(item: FeedItem) -> str:
    return line(unescaped(item.title))


def _take(item: FeedItem, dockets: dict[str, _Docket]) -> None:
    """Add one item to its docket. Raises ValueError with the reason it cannot be used."""
    title = _title(item)
    match = _TITLE.match(title)
    if match is None:
        raise ValueError("its title does not begin with an appeal number")
    caption = match.group("caption").strip(" ,")
    if not caption:
        raise ValueError("its title names no parties")
    numbers = _plain_numbers(match.group("numbers"))
    event = RawEvent(
        on=forum_date(item.published, SPEC.zone),
        kind=line((match.group("kind") or "opinion or order").strip(), 100),
        text=title,
        url=_document(item),
    )
    docket = dockets.setdefault(numbers[0], _Docket(numbers[0], [], [], [], [], []))
    docket.captions.append((event.on, caption))
    docket.urls.append((event.on, http_url(item.link)))
    docket.origins += _ORIGIN.findall(f"{plain(item.content)} {plain(item.description)}")[:1]
    docket.aliases += numbers[1:]
    docket.events.append(event)


def _plain_numbers(listed: str) -> list[str]:
    """Numbers as the feed usually writes them: 2020-1046, -1047 (as opinions print them) are 20-1046 and 20-1047."""
    numbers: list[str] = []
    year = ""
    for told, serial in _NUMBER.findall(listed):
        year = told[-2:] or year
        numbers.append(f"{year}-{serial}")
    return numbers


def _document(item: FeedItem) -> str:
    """The address of the PDF, or of the item's page."""
    for address, _ in links(item.content):
        if ".pdf" in address.lower():
            return http_url(address, http_url(item.link)) or http_url(item.link)
    return http_url(item.link)


def _case(docket: _Docket) -> RawCase:
    origins = tuple(sorted(set(docket.origins)))
    caption = newest(docket.captions)
    return RawCase(
        source=SPEC.id,
        venue=VENUE,
        docket_number=docket.number,
        caption=caption,
        url=newest(docket.urls),
        parties=_parties(caption, origins[0] if origins else ""),
        codes={"origin": origins} if origins else {},
        events=tuple(docket.events),
        aliases=tuple(dict.fromkeys(docket.aliases)),
    )


def _parties(caption: str, origin: str) -> tuple[RawParty, ...]:
    """The two sides of the caption.

    From a court of first instance the suit keeps its title, so the first is the plaintiff and may be the appellee
    (24-1515, Ericsson v. Lenovo, was Lenovo's appeal). From an office or agency the appellant stands first.
    """
    if name := in_re(caption):
        return (RawParty(name, "appellant" if origin == "PTO" else "petitioner"),)
    if not origin:
        return caption_parties(caption, "party", "party")
    if origin in _TITLE_OF_THE_SUIT:
        return caption_parties(caption, "plaintiff", "defendant")
    return caption_parties(caption, "appellant", "appellee")
