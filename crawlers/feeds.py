"""Reading what a source sent: bytes to text, text to a feed, HTML to plain words. Pure, and safe on hostile input.

Nothing here opens a socket or a file, expands an entity or trusts a length. What cannot be read raises SourceDrifted
with the place; what is merely long is clipped.
"""

from __future__ import annotations

import codecs
import html
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

import feedparser
from lxml import etree

from core.errors import SourceDrifted
from core.text import collapse
from crawlers.source import Rejected, Snapshot

#: longest texts a parser hands on; the schemas refuse anything above
MAX_LINE = 2_000
MAX_EVENT_TEXT = 20_000
MAX_CASE_TEXT = 60_000
#: dates outside are a misprint: CM/ECF holds nothing before 1900, and no court sits in the 22nd century yet
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2099, 12, 31)

_EXCERPT = 200
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARED = re.compile(rb"""(?:encoding\s*=\s*["']|charset\s*=\s*["']?)([A-Za-z0-9._:-]{2,40})""")
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
#: control characters XML forbids; clerks paste them into docket texts
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_INLINE_TAG = re.compile(r"</?(?:a|b|i|u|em|strong|font|span|sup|sub)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[A-Za-z/!][^<>]*>")
_HTML_START = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_PUBLISHED = re.compile(
    r"^(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})\s+([A-Za-z]{3})[a-z]*\.?\s+(\d{4})"
    r"(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?(?:\s+([A-Za-z]{1,5}|[+-]\d{4}))?$"
)
_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}(?:$|[T ])")
_MONTHS = {
    m: n
    for n, m in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
_UTC_NAMES = frozenset({"GMT", "UT", "UTC", "Z"})


@dataclass(frozen=True)
class FeedItem:
    """One item of a feed as it was written: its position from 0 and its plain strings ("" where it has none)."""

    position: int
    title: str
    link: str
    published: str
    #: may hold HTML
    description: str
    #: may hold HTML
    content: str

    def rejected(self, reason: str) -> Rejected:
        """This item as one that could not be used."""
        return Rejected(self.position, reason, excerpt(f"{self.title} {self.description}"))


@dataclass(frozen=True)
class Feed:
    """A feed that was read whole."""

    title: str
    link: str
    items: tuple[FeedItem, ...]


def drifted(snapshot: Snapshot, problem: str) -> SourceDrifted:
    """The error for bytes that are not what the source sends: who, what is wrong, where from."""
    return SourceDrifted(
        f"{snapshot.source_id}: {problem} ({snapshot.url}).", source=snapshot.source_id, url=snapshot.url
    )


def decode(snapshot: Snapshot) -> str:
    """The text of the answer.

    A byte order mark decides, then UTF-8 where the bytes are valid UTF-8 (a Latin-1 text never is by accident), then
    what the document or the server declares, then Windows-1252. ISO-8859-1 is read as Windows-1252, as browsers do:
    CM/ECF declares the one and sends the other's quotation marks.
    """
    content = snapshot.content
    if not content.strip(b"\x00\t\n\r "):
        raise drifted(snapshot, "the answer is empty")
    for mark, name in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(name, errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = _DECLARED.search(content[:2048])
    for label in (declared.group(1).decode("ascii") if declared else None, snapshot.charset):
        known = _codec(label)
        if known is None or known == "utf-8":
            continue
        try:
            return content.decode(known)
        except UnicodeDecodeError:
            continue
    return content.decode("cp1252", errors="replace")


def _codec(name: str | None) -> str | None:
    """The Python name of a text encoding that keeps ASCII as it is, or None."""
    try:
        known = codecs.lookup(name or "").name
        if b"<rss>".decode(known) != "<rss>":
            return None
    except (LookupError, UnicodeError, ValueError):
        return None
    return "cp1252" if known in ("iso8859-1", "ascii", "latin_1") else known


def is_html(text: str) -> bool:
    """Whether ``text`` begins as an HTML page does, comments and an XML declaration aside."""
    start = _XML_DECLARATION.sub("", text[:65_536]).lstrip()
    while start.startswith("<!--"):
        start = start.partition("-->")[2].lstrip()
    return bool(_HTML_START.match(start))


def parse_xml(snapshot: Snapshot) -> etree._Element:
    """The root of an XML document: complete, without entities of its own, not nested beyond reason."""
    text = decode(snapshot)
    if is_html(text):
        raise drifted(snapshot, "an HTML page came where XML is expected")
    return _root(snapshot, _plain_xml(snapshot, text))


def _plain_xml(snapshot: Snapshot, text: str) -> bytes:
    """``text`` as UTF-8 without its declaration and without characters XML forbids."""
    if re.search(r"<!ENTITY", text, re.IGNORECASE):
        # Neither the courts' feeds nor the Archive's dockets declare entities; a bomb or a file reader does.
        raise drifted(snapshot, "the XML declares entities, which are not read")
    return _XML_DECLARATION.sub("", _FORBIDDEN.sub("", text)).encode("utf-8")


def _root(snapshot: Snapshot, content: bytes) -> etree._Element:
    # The parser is made anew: lxml's carries an error log from one document to the next.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise drifted(snapshot, f"the XML is broken or cut off: {collapse(str(error))[:160]}") from error
    return root


def parse_html(snapshot: Snapshot) -> etree._Element:
    """The root of an HTML page, however untidy."""
    text = _FORBIDDEN.sub("", decode(snapshot))
    parser = etree.HTMLParser(no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(_XML_DECLARATION.sub("", text), parser)
    except (etree.LxmlError, ValueError) as error:
        raise drifted(snapshot, f"the page cannot be read: {collapse(str(error))[:160]}") from error
    if root is None:
        raise drifted(snapshot, "the page is empty")
    return root


def read_json(snapshot: Snapshot) -> Any:
    """The value of a JSON answer. Raises SourceDrifted for an empty answer, an HTML page, or JSON that is broken or cut
    off."""
    text = decode(snapshot)
    if is_html(text):
        raise drifted(snapshot, "an HTML page came where JSON is expected")
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise drifted(snapshot, f"the answer is not JSON, or is cut off: {excerpt(str(error))}") from error


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def json_rejected(position: int, reason: str, row: object) -> Rejected:
    """A row of a JSON answer that could not be used."""
    return Rejected(position, reason, excerpt(json.dumps(row, ensure_ascii=False, default=str)[:400]))


def read_feed(snapshot: Snapshot) -> Feed:
    """The feed of the answer. Raises SourceDrifted for an empty answer, an HTML page, or XML that is broken, cut off or
    no feed."""
    text = decode(snapshot)
    if is_html(text):
        raise drifted(snapshot, "an HTML page came where a feed is expected")
    content = _plain_xml(snapshot, text)
    root = _root(snapshot, content)
    # feedparser mends what it can, so a feed that ends half-way would lose its last items in silence: lxml decides first.
    name = etree.QName(root).localname.lower() if isinstance(root.tag, str) else ""
    if name not in ("rss", "rdf", "feed"):
        raise drifted(snapshot, f"the XML is no feed: its root is <{name or '?'}>")
    try:
        # A stream, never the bytes themselves: feedparser takes bare bytes for a file's name first.
        parsed = feedparser.parse(io.BytesIO(content), resolve_relative_uris=False, sanitize_html=False)
    except (
        ValueError,
        TypeError,
        AttributeError,
        KeyError,
        IndexError,
        AssertionError,
        RecursionError,
    ) as error:
        # feedparser has no error family of its own. The whole answer is refused, and the refusal is seen.
        raise drifted(
            snapshot, f"feedparser cannot read the feed: {type(error).__name__}: {error}"
        ) from error
    if parsed.bozo and not isinstance(parsed.bozo_exception, feedparser.exceptions.CharacterEncodingOverride):
        raise drifted(snapshot, f"the feed is broken: {collapse(str(parsed.bozo_exception))[:160]}")
    if not parsed.version and not parsed.entries:
        raise drifted(snapshot, "the XML is no feed that can be read")
    return Feed(
        title=line(str(parsed.feed.get("title") or "")),
        link=str(parsed.feed.get("link") or "").strip(),
        items=tuple(_item(position, entry) for position, entry in enumerate(parsed.entries)),
    )


def _item(position: int, entry: feedparser.FeedParserDict) -> FeedItem:
    contents = entry.get("content") or [{}]
    return FeedItem(
        position=position,
        title=str(entry.get("title") or ""),
        link=str(entry.get("link") or "").strip(),
        # dict's own get: feedparser's answers "updated" with "published", and warns that it does.
        published=collapse(str(dict.get(entry, "published") or dict.get(entry, "updated") or "")),
        description=str(entry.get("summary") or ""),
        content=str(contents[0].get("value") or ""),
    )


def unescaped(text: str) -> str:
    """``text`` with character references resolved once more (``Food &amp; Water``), only where they end in ``;``."""
    return _ENTITY.sub(lambda match: html.unescape(match.group()), text)


def clean(text: str, limit: int) -> str:
    """``text`` without control and format characters, each line collapsed, empty lines left out, clipped."""
    lines = (collapse(_FORBIDDEN.sub("", part)) for part in text[: limit * 4].splitlines())
    return clip("\n".join(part for part in lines if part), limit)


def line(text: str, limit: int = MAX_LINE) -> str:
    """``text`` as one line, clipped."""
    return clip(collapse(_FORBIDDEN.sub("", text[: limit * 4])), limit)


def clip(text: str, limit: int) -> str:
    """``text``, cut at ``limit`` characters with an ellipsis that says so."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def plain(markup: str, limit: int = MAX_EVENT_TEXT) -> str:
    """The words of a piece of HTML as one line: tags and comments gone, references resolved."""
    words = _INLINE_TAG.sub("", _COMMENT.sub(" ", markup[: limit * 20]))
    return line(unescaped(_TAG.sub(" ", words)), limit)


def excerpt(text: str) -> str:
    """The first characters of an item that is refused."""
    return line(text, _EXCERPT)


def links(markup: str) -> Iterator[tuple[str, str]]:
    """(address, words) of each link in a piece of HTML."""
    for match in re.finditer(
        r"""<a\s[^<>]*?href\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s<>"']+))[^<>]*>(.{0,300}?)</a\s*>""",
        markup[:50_000],
        re.IGNORECASE | re.DOTALL,
    ):
        address = next(group for group in match.groups()[:3] if group is not None)
        yield unescaped(address).strip(), plain(match.group(4))


def http_url(address: str, base: str = "") -> str:
    """``address`` as an absolute http(s) URL, or "" where it is none."""
    try:
        url = urljoin(base, address.strip()) if base else address.strip()
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return ""
    except ValueError:
        return ""
    if len(url) > MAX_LINE or re.search(r"[\s<>\"\\^`{|}\x00-\x1f\x7f]", url) or not _is_printable(url):
        return ""
    return url


def _is_printable(text: str) -> bool:
    return not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Cn") for c in text)


def forum_date(published: str, zone: str) -> date | None:
    """The forum's calendar date of an RFC 822 or ISO instant; None where nothing is written.

    An instant in GMT or with an offset is brought into ``zone``. A local abbreviation (EST, MDT, AKST, ChST) is the
    court's own clock, so the date printed is the date meant: feedparser knows some of these zones and takes the others
    for GMT. Raises ValueError for words that are no date, or no plausible one.
    """
    text = published.strip()
    if not text:
        return None
    if _ISO.match(text):
        return _iso_date(text, zone)
    match = _PUBLISHED.match(text)
    month = _MONTHS.get(match.group(2).lower()) if match else None
    if match is None or month is None:
        raise ValueError(f"{excerpt(text)!r} is no date")
    day, _, year, hour, minute, second, mark = match.groups()
    printed = plausible(date(int(year), month, int(day)))
    if hour is None or mark is None or (mark[0] not in "+-" and mark.upper() not in _UTC_NAMES):
        return printed
    offset = timedelta()
    if mark[0] in "+-":
        offset = timedelta(hours=int(mark[1:3]), minutes=int(mark[3:5])) * (-1 if mark[0] == "-" else 1)
    instant = datetime(
        printed.year, printed.month, printed.day, int(hour), int(minute), min(int(second or 0), 59),
        tzinfo=timezone(offset),
    )  # fmt: skip
    return plausible(instant.astimezone(ZoneInfo(zone)).date())


def _iso_date(text: str, zone: str) -> date:
    if len(text) == 10:
        return plausible(date.fromisoformat(text))
    instant = datetime.fromisoformat(text)
    return plausible((instant.astimezone(ZoneInfo(zone)) if instant.tzinfo else instant).date())


def epoch_date(milliseconds: int, zone: str) -> date:
    """The calendar date in ``zone`` of milliseconds since 1970. Raises ValueError where that is no plausible date."""
    try:
        instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
        return plausible(instant.astimezone(ZoneInfo(zone)).date())
    except OverflowError as error:
        raise ValueError(f"{milliseconds} milliseconds is no date") from error


def plausible(day: date) -> date:
    """``day``, or ValueError where it must be a misprint."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"{day.isoformat()} lies outside {FIRST_DAY.year}–{LAST_DAY.year}")
    return day


def newest(told: Iterable[tuple[date | None, str]]) -> str:
    """Of what several items say, what the newest says; of those of one day the last in the alphabet, so that the order
    of a feed does not count. "" when none says anything."""
    return max(((on or date.min, value) for on, value in told if value), default=(date.min, ""))[1]
