"""The public bulletins as Atom (RFC 4287) and JSON Feed 1.1. Pure: entries in, bytes out, the same for every reader.

An entry keeps its id through corrections and withdrawal; a withdrawn one says so and carries the reason alone.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from warning.severity import level_words

_ATOM = "http://www.w3.org/2005/Atom"
_XML = "http://www.w3.org/XML/1998/namespace"
#: what no XML 1.0 document may hold
_FORBIDDEN = re.compile("[^\\t\\n\\r\\u0020-\\uD7FF\\uE000-\\uFFFD\\U00010000-\\U0010FFFF]")
_MARKS = {"withdrawn": ("[已撤回]", "[Withdrawn]"), "corrected": ("[更正]", "[Corrected]")}
_EMPTY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class FeedEntry:
    """A bulletin as a feed tells it. ``mark`` is "", corrected or withdrawn; the bodies are HTML already."""

    series: uuid.UUID
    url: str
    title_zh: str
    title_en: str
    body_zh: str
    body_en: str
    level: str
    published: datetime
    updated: datetime
    office_zh: str
    office_en: str
    mark: str = ""

    @property
    def id(self) -> str:
        """The same for all editions."""
        return f"urn:uuid:{self.series}"

    @property
    def title(self) -> str:
        """Both languages, the mark before them."""
        zh, en = _MARKS.get(self.mark, ("", ""))
        return f"{zh}{self.title_zh} / {f'{en} ' if en else ''}{self.title_en}"

    @property
    def html(self) -> str:
        """Both languages, each saying which it is."""
        return (
            f'<div lang="zh-CN" xml:lang="zh-CN">{self.body_zh}</div>\n'
            f'<div lang="en" xml:lang="en">{self.body_en}</div>'
        )


@dataclass(frozen=True)
class Feed:
    """What stands around the entries."""

    id: str
    title: str
    home_url: str
    atom_url: str
    json_url: str
    entries: Sequence[FeedEntry]

    @property
    def updated(self) -> datetime:
        """When anything in it last changed."""
        return max((entry.updated for entry in self.entries), default=_EMPTY)


def rfc3339(instant: datetime) -> str:
    """2026-03-02T09:30:00Z."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def clean(text: str) -> str:
    """``text`` without what XML forbids."""
    return _FORBIDDEN.sub("", text)


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{_ATOM}}}{name}", {k: clean(v) for k, v in attributes.items()})
    if text is not None:
        element.text = clean(text)
    return element


def atom(feed: Feed) -> bytes:
    """The feed as Atom."""
    root = etree.Element(f"{{{_ATOM}}}feed", {f"{{{_XML}}}lang": "zh-CN"}, nsmap={None: _ATOM})
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    _add(root, "updated", rfc3339(feed.updated))
    _add(root, "link", rel="self", type="application/atom+xml", href=feed.atom_url)
    _add(root, "link", rel="alternate", type="text/html", href=feed.home_url)
    _add(root, "generator", "Seamark")
    for entry in feed.entries:
        node = _add(root, "entry")
        _add(node, "id", entry.id)
        _add(node, "title", entry.title)
        _add(node, "updated", rfc3339(entry.updated))
        _add(node, "published", rfc3339(entry.published))
        _add(node, "link", rel="alternate", type="text/html", href=entry.url)
        _add(_add(node, "author"), "name", f"{entry.office_zh} / {entry.office_en}")
        _add(node, "category", term=entry.level, label=level_words(entry.level)[0])
        if entry.mark:
            _add(node, "category", term=entry.mark, label=_MARKS[entry.mark][0].strip("[]"))
        _add(node, "content", entry.html, type="html")
    body: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return body


def json_feed(feed: Feed) -> bytes:
    """The feed as JSON Feed 1.1; what the format has no word for stands under ``_seamark``."""
    items = [
        {
            "id": entry.id,
            "url": entry.url,
            "title": entry.title,
            "content_html": clean(entry.html),
            "date_published": rfc3339(entry.published),
            "date_modified": rfc3339(entry.updated),
            "authors": [{"name": f"{entry.office_zh} / {entry.office_en}"}],
            "tags": [tag for tag in (entry.level, entry.mark) if tag],
            "language": "zh-CN",
            "_seamark": {
                "about": feed.home_url,
                "level": entry.level,
                "withdrawn": entry.mark == "withdrawn",
                "corrected": entry.mark == "corrected",
                "title": {"zh": entry.title_zh, "en": entry.title_en},
            },
        }
        for entry in feed.entries
    ]
    told = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home_url,
        "feed_url": feed.json_url,
        "language": "zh-CN",
        "items": items,
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()
