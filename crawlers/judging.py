"""What an HTTP answer comes to: the source's bytes, word that nothing changed, or the reason why it is neither."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import httpx

from core.errors import FetchFailed, SourceBlocked, SourceDrifted
from core.outward.address import shown
from crawlers.answers import Fetched, FetchRequest, NotModified
from crawlers.challenge import begins_as_html, challenger, media_type
from crawlers.source import SourceSpec

_REFUSALS = {
    401: "asks for a sign-in",
    403: "refuses the crawler",
    451: "withholds the page for legal reasons",
}
_ADMISSION = (
    "Ask the site to admit the crawler, or replay a file that somebody saved (seamark crawl --replay)."
)


@dataclass(frozen=True)
class Answer:
    """One HTTP answer, the last of its redirects; the body is whole when the status is 200."""

    url: httpx.URL
    status: int
    headers: httpx.Headers
    body: bytes


def judged(
    answer: Answer, request: FetchRequest, spec: SourceSpec, now: datetime, *, is_conditional: bool
) -> Fetched | NotModified:
    """The bytes of ``answer``, or NotModified when validators were sent (``is_conditional``) and still hold.

    Raises:
        SourceBlocked: a challenge page, or a refusal.
        SourceDrifted: another type than the source has, or a web page in a feed's place.
        FetchFailed: any other status.
    """
    where = shown(answer.url)
    refuse_challenge(answer, spec.id)
    if answer.status in _REFUSALS:
        raise SourceBlocked(
            f"{where} {_REFUSALS[answer.status]} (HTTP {answer.status}).",
            fix=_ADMISSION,
            status=answer.status,
        )
    if answer.status == 304 and is_conditional:
        return NotModified(request.url, now)
    if answer.status != 200:
        raise FetchFailed(
            f"{where} answered HTTP {answer.status} instead of {spec.id}.",
            fix=f"Look at {spec.homepage}: the address may have changed." if answer.status < 500 else "",
            status=answer.status,
        )
    content_type = answer.headers.get("content-type", "")[:200]
    _refuse_drift(media_type(content_type), answer, spec)
    return Fetched(
        url=request.url,
        content=answer.body,
        fetched_at=now,
        content_type=content_type,
        charset=_charset(content_type),
        etag=_kept(answer.headers.get("etag")),
        last_modified=_kept(answer.headers.get("last-modified")),
    )


def refuse_challenge(answer: Answer, wanted: str) -> None:
    """Raise SourceBlocked when a vendor's challenge came instead of ``wanted``."""
    vendor = challenger(answer.headers, answer.body)
    if vendor:
        raise SourceBlocked(
            f"{shown(answer.url)} answered with a challenge page of {vendor} instead of {wanted}.",
            fix=_ADMISSION,
            status=answer.status,
        )


def is_header(value: str) -> bool:
    """Whether a validator can be sent back: printable ASCII of a sane length. A hostile one is simply not kept."""
    return re.fullmatch(r"[ -~]{1,500}", value) is not None


def _refuse_drift(media: str, answer: Answer, spec: SourceSpec) -> None:
    wanted = tuple(prefix.lower() for prefix in spec.media_types)
    is_page = begins_as_html(answer.body)
    takes_pages = "text/html".startswith(wanted) or "application/xhtml+xml".startswith(wanted)
    # Without a Content-Type the parser decides, except about a web page in a feed's place.
    if (not media or media.startswith(wanted)) and (takes_pages or not is_page):
        return
    raise SourceDrifted(
        f"{shown(answer.url)} answered with {media[:60] or 'no Content-Type'}{' (a web page)' if is_page else ''} "
        f"where {' or '.join(spec.media_types)} is due.",
        fix=f"Look at {spec.homepage}: its layout or address may have changed.",
        source=spec.id,
    )


def _charset(content_type: str) -> str | None:
    found = re.search(r";\s*charset\s*=\s*[\"']?([^\s\"';,]{1,40})", content_type, re.IGNORECASE)
    return found[1] if found else None


def _kept(value: str | None) -> str | None:
    return value if value is not None and is_header(value) else None
