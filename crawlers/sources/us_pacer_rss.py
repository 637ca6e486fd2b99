"""New docket entries of US federal courts: the public RSS feed of each court's CM/ECF.

A feed carries no nature of suit, so nothing in it shows an IP case: its cases wait for staff or a docket page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from cases.facts import RawCase, RawEvent, RawParty
from cases.taxonomy.zones import us_court_zone
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
from crawlers.us_courts import (
    caption_parties,
    court_code,
    court_in_address,
    find_court,
    is_appellate,
    is_bankruptcy,
    split_number,
)

#: District courts with a feed at the usual address. As of 2018-04-25 these had none that worked: alnd, caed, flnd,
#: gand, gasd, hid, ilsd, kyed, mdd, msnd, mtd, ndd, nvd, nywd, oked, oknd, pamd, scd, tnwd, txnd, vaed (as told by
#: Free Law Project). Some have changed since: any court may be asked by name.
_DISTRICTS = (
    "akd", "almd", "alsd", "arwd", "azd", "cacd", "cand", "casd", "cod", "ctd", "dcd", "ded", "flmd", "flsd", "gamd",
    "gud", "iand", "iasd", "idd", "ilcd", "ilnd", "innd", "insd", "ksd", "kywd", "laed", "lamd", "lawd", "mad", "med",
    "mied", "miwd", "mnd", "moed", "mowd", "mssd", "nced", "ncmd", "ncwd", "ned", "nhd", "njd", "nmd", "nmid", "nynd",
    "nysd", "ohnd", "ohsd", "okwd", "ord", "paed", "pawd", "prd", "rid", "sdd", "tned", "tnmd", "txed", "txsd", "txwd",
    "utd", "vawd", "vid", "vtd", "waed", "wawd", "wied", "wiwd", "wvnd", "wvsd", "wyd",
)  # fmt: skip
#: Appellate sites (another program than the district courts') whose feeds were recorded in February 2023.
_CIRCUITS = ("ca2", "ca4", "ca6", "ca10", "ca11", "cadc", "cafc")
_APPELLATE_URL = "https://ecf.{court}.uscourts.gov/n/beam/servlet/TransportRoom?servlet=RSSGenerator"

SPEC = SourceSpec(
    id="us_pacer_rss",
    zh="美国联邦法院立案与案卷动态",
    en="US federal courts: new docket entries",
    homepage="https://pacer.uscourts.gov/file-case/court-cmecf-lookup",
    urls=("https://ecf.{court}.uscourts.gov/cgi-bin/rss_outside.pl",),
    status=SourceStatus.LIVE,
    media_types=("application/rss+xml", "application/xml", "text/xml"),
    region="US",
    zone="America/New_York",
    courts=(*_DISTRICTS, "ared", "nyed", *_CIRCUITS),
    court_urls={
        **{court: _APPELLATE_URL.replace("{court}", court) for court in _CIRCUITS},
        # Two districts run feeds of their own; these are the ones with all public entries (as of 2020).
        "ared": "https://ecf.ared.uscourts.gov/cgi-bin/rss_outside4.pl",
        "nyed": "https://ecf.nyed.uscourts.gov/cgi-bin/readyDockets.pl",
    },
    # A busy court's feed holds a few hours of entries: asked twice an hour, none is missed.
    every_minutes=30,
    candidates_only=True,
    authority=10,
    terms="Free public feeds: PACER charges for dockets, not for RSS. Bankruptcy feeds are read when a file is brought.",
)

#: "[Order on Motion to Dismiss] KIM v. … (<a …>1</a>)"; a bankruptcy court writes "Type: ap Office: 1 Chapter: 11" first
_KIND = re.compile(r"\[([^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)\]")
_DOCUMENT = re.compile(r"/docs?1/|/show_(?:case_)?doc|servlet=ShowDoc", re.IGNORECASE)
_CASE_TYPE = re.compile(r"(?:^|-)([a-z]{2})-", re.IGNORECASE)
_SUITS = frozenset({"cv", "cr", "mj", "ap", "po"})


@dataclass
class _Docket:
    """What the items of one docket say."""

    number: str
    captions: list[tuple[date | None, str]] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    events: list[RawEvent] = field(default_factory=list)


def parse(snapshot: Snapshot) -> ParseResult:
    """One case a docket, one event an item."""
    feed = read_feed(snapshot)
    venue = find_court(snapshot, court_in_address(feed.link), *_courts_of_items(feed.items))
    court = court_code(venue)
    if feed.items and not any(split_number(_title(item)) for item in feed.items):
        raise drifted(snapshot, "no title of the feed begins with a docket number")
    dockets: dict[str, _Docket] = {}
    rejected: list[Rejected] = []
    for item in feed.items:
        try:
            _take(item, court, dockets)
        except ValueError as error:
            rejected.append(item.rejected(str(error)))
    cases = [
        RawCase(
            source=SPEC.id,
            venue=venue.id,
            docket_number=docket.number,
            caption=newest(docket.captions),
            # Each defendant may have an address of their own; the court opened the lowest first.
            url=min(filter(None, docket.urls), key=lambda url: (len(url), url), default=""),
            parties=_parties(docket, court),
            events=tuple(docket.events),
        )
        for docket in dockets.values()
    ]
    return ParseResult(cases, rejected, len(feed.items))


def _courts_of_items(items: tuple[FeedItem, ...]) -> list[str | None]:
    """The courts the items link to, for a feed whose own link leads elsewhere."""
    return list(dict.fromkeys(court_in_address(item.link) for item in items))


def _title(item: FeedItem) -> str:
    # Appellate sites escape twice: "Food &amp;amp; Water Watch".
    return line(unescaped(item.title))


def _take(item: FeedItem, court: str, dockets: dict[str, _Docket]) -> None:
    """Add one item to its docket. Raises ValueError with the reason it cannot be used."""
    numbered = split_number(_title(item))
    if numbered is None:
        raise ValueError("its title does not begin with a docket number")
    number, caption = numbered
    event = RawEvent(
        on=forum_date(item.published, us_court_zone(court)),
        kind=_kind(item.description),
        text=plain(item.description),
        url=_document(item),
    )
    docket = dockets.setdefault(number, _Docket(number))
    docket.captions.append((event.on, caption))
    docket.urls.append(http_url(item.link))
    # One filing may be several items at the same second ("Order" and "Order(Other)"; a motion decided for each party):
    # every item is kept, and recording makes one of those that say the same.
    docket.events.append(event)


def _kind(description: str) -> str:
    match = _KIND.search(description[:4000])
    return plain(match.group(1), 500) if match else ""


def _document(item: FeedItem) -> str:
    """The address of the filed document, or of the docket where the entry has none."""
    page = http_url(item.link)
    for address, _ in links(item.description):
        if _DOCUMENT.search(address):
            return http_url(address, page) or page
    return page


def _parties(docket: _Docket, court: str) -> tuple[RawParty, ...]:
    """The sides of the caption: a suit's have roles; on appeal the title alone does not say who appeals."""
    if is_appellate(court):
        return caption_parties(newest(docket.captions), "party", "party")
    kind = _CASE_TYPE.search(docket.number)
    # A bankruptcy number says no type: only an adversary proceeding is titled "v.".
    is_suit = kind.group(1).lower() in _SUITS if kind else is_bankruptcy(court)
    return caption_parties(
        newest(docket.captions), *(("plaintiff", "defendant") if is_suit else ("party", "party"))
    )
