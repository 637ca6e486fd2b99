"""The Fetcher port: what is asked of a source, and what may come back. Live HTTP and recordings both speak it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.errors import SeamarkError
from crawlers.source import SourceSpec


@dataclass(frozen=True)
class FetchRequest:
    """One address of one feed, with the validators of the last answer that was parsed."""

    source_id: str
    url: str
    court: str | None = None
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class Fetched:
    """An answer's bytes, exactly as they came (only the transfer's own compression undone).

    Attributes:
        url: the address that was asked, even when the site redirected: a reader can open it again, and it never
            carries what a redirect adds (signed tokens, session marks).
        content_type: the header as it came; "" when there was none.
        charset: what the header claims, right or wrong; the parser decides.
        etag, last_modified: to be sent with the next request once these bytes are parsed.
    """

    url: str
    content: bytes
    fetched_at: datetime
    content_type: str = ""
    charset: str | None = None
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class NotModified:
    """The source says it has not changed since the validators that were sent."""

    url: str
    checked_at: datetime


class VisitDeferred(SeamarkError):
    """The source asks to come back later: visiting hours, Retry-After, robots.txt out of reach, the host's pace.

    Args:
        until: the instant (aware) before which it must not be asked again.
    """

    code, status = "visit_deferred", 503

    def __init__(self, message: str, *, until: datetime, fix: str = "", **details: object) -> None:
        super().__init__(message, fix=fix, until=until.isoformat(timespec="seconds"), **details)
        self.until = until


class Fetcher(Protocol):
    """The port: whatever can bring a source's bytes."""

    def fetch(self, request: FetchRequest, spec: SourceSpec) -> Fetched | NotModified:
        """Bring the bytes of ``request.url``, or word that they have not changed.

        Raises:
            VisitDeferred: not now; ``until`` says when.
            SourceBlocked: refused, challenged, or forbidden by robots.txt.
            SourceDrifted: answered with something that is not the feed.
            AddressRefused: the address, or one it redirects to, leads where the crawler may not go.
            FetchFailed: the bytes could not be had whole.
        """
        ...
