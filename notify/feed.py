"""A firm's private feed of its alerts and of surges it was told of: Atom (RFC 4287) at an address nobody can guess, saying what its mails say.

The address holds a token of 256 random bits; the table keeps its SHA-256 alone, so that a copy of the database opens no
feed. It is shown once; whoever lost it makes a new one, and the old address is gone.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import NotFound
from core.said import said
from core.secret_links import new_secret, sha256_of
from notify.letters import Composer, Item, Letter
from notify.models import FirmFeed, Message, MessageSubject
from notify.rendering import Renderer

#: alerts a feed holds, the newest first
LENGTH = 50
_ATOM = "http://www.w3.org/2005/Atom"
#: what no XML 1.0 document may hold
_FORBIDDEN = re.compile("[^\\t\\n\\r\\u0020-\\uD7FF\\uE000-\\uFFFD\\U00010000-\\U0010FFFF]")


def feed_of(session: Session, actor: Actor) -> FirmFeed | None:
    """The actor's firm's feed, if it has one: when it was made, not where it is."""
    return session.get(FirmFeed, _firm_of(actor)[1])


def make_feed(session: Session, clock: Clock, actor: Actor) -> str:
    """Give the firm a feed, in place of the one it had; returns its token, which is kept nowhere. Raises NotAllowed."""
    centre_id, firm_id = _firm_of(actor)
    token = new_secret()
    row = session.get(FirmFeed, firm_id, with_for_update=True)
    if row is None:
        row = FirmFeed(firm_id=firm_id, centre_id=centre_id)
        session.add(row)
    row.token_sha256, row.made_at = sha256_of(token), clock.now()
    audit.record(session, clock, actor, "notices.feed_made", "firm", firm_id)
    return token


def remove_feed(session: Session, clock: Clock, actor: Actor) -> None:
    """Take the firm's feed away. Raises NotFound when it has none."""
    row = feed_of(session, actor)
    if row is None:
        raise NotFound(said("The firm has no feed."))
    session.delete(row)
    audit.record(session, clock, actor, "notices.feed_removed", "firm", row.firm_id)


def _firm_of(actor: Actor) -> tuple[uuid.UUID, uuid.UUID]:
    actor.require(Permission.PROFILE_WRITE)
    if actor.firm_id is None or actor.centre_id is None:
        raise NotFound(
            said("This account belongs to no firm."), fix=said("Look the firm up in the register.")
        )
    return actor.centre_id, actor.firm_id


class FeedWriter:
    """Writes feeds with the words that mails have.

    Args:
        composers: kind of message -> writes its letter; the kinds that a feed tells.
    """

    def __init__(self, renderer: Renderer, composers: Mapping[str, Composer]) -> None:
        self._renderer, self._composers = renderer, composers

    def write(self, session: Session, token: str) -> bytes:
        """The feed whose token it is. Raises NotFound for any other."""
        row = session.scalar(select(FirmFeed).where(FirmFeed.token_sha256 == sha256_of(token)))
        if row is None:
            raise NotFound(said("There is no such feed."))
        found = session.execute(
            select(MessageSubject.kind, MessageSubject.subject_id, Message.created_at)
            .join(Message, Message.id == MessageSubject.message_id)
            .where(MessageSubject.kind.in_(self._composers), MessageSubject.told_id == row.firm_id)
            .order_by(Message.id.desc(), MessageSubject.subject_id.desc())
            .limit(LENGTH)
        ).all()
        told: dict[str, dict[uuid.UUID, datetime]] = {}
        for kind, subject_id, at in found:
            told.setdefault(kind, {})[subject_id] = at
        entries: list[tuple[datetime, Item, Letter]] = []
        for kind, subjects in told.items():
            letter = self._composers[kind](session, row.firm_id, list(subjects))
            if letter is not None:
                entries += [
                    (subjects[i.subject_id], i, letter) for i in letter.items if i.subject_id in subjects
                ]
        newest = max((at for _, _, at in found), default=row.made_at)
        return self._atom(row, sorted(entries, key=lambda entry: entry[0], reverse=True), newest)

    def _atom(
        self, row: FirmFeed, entries: Sequence[tuple[datetime, Item, Letter]], newest: datetime
    ) -> bytes:
        root = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})
        _add(root, "id", f"urn:uuid:{row.firm_id}")
        _add(root, "title", self._both(said("Seamark: alerts of your firm")))
        _add(root, "updated", _rfc3339(newest))
        # No link to itself: the address is the secret, and a file that is passed on must not pass it on.
        _add(root, "link", rel="alternate", type="text/html", href=self._renderer.url("/alerts"))
        _add(_add(root, "author"), "name", "海标 Seamark")
        for when, item, letter in entries:
            at = _rfc3339(when)
            node = _add(root, "entry")
            _add(node, "id", f"urn:uuid:{item.subject_id}")
            _add(node, "title", self._both(item.heading))
            _add(node, "updated", at)
            _add(node, "published", at)
            _add(node, "link", rel="alternate", type="text/html", href=self._renderer.url(item.path))
            _add(node, "content", self._renderer.entry(item, letter.closing), type="html")
        body: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
        return body

    def _both(self, text: str) -> str:
        return f"{self._renderer.speak(text, 'zh')} | {self._renderer.speak(text, 'en')}"


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    if text is not None:
        element.text = _FORBIDDEN.sub("", text)
    return element


def _rfc3339(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
