"""Fetching: one guarded, polite request after another until a source's bytes are here whole, or a reason why not.

What a visit must respect stands in :mod:`crawlers.manners`, where it may go in :mod:`core.outward.address`, how its
sockets are guarded in :mod:`core.outward.transport`, what its answer is worth in :mod:`crawlers.judging`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta

import httpcore
import httpx
import structlog
import tenacity

from core.clock import Clock
from core.errors import AddressRefused, FetchFailed, SourceBlocked
from core.outward.address import Resolve, checked_url, resolve, shown
from core.outward.transport import (
    Deadline,
    GuardedTransport,
    NameUnknown,
    OddEncoding,
    OverCap,
    Untrusted,
    read_body,
)
from crawlers.answers import Fetched, Fetcher, FetchRequest, NotModified, VisitDeferred
from crawlers.challenge import LOOK, challenger
from crawlers.judging import Answer, is_header, judged, refuse_challenge
from crawlers.manners import (
    PROCESS_PACE,
    PROCESS_ROBOTS,
    ROBOTS_CAP,
    Pace,
    RobotsCache,
    crawl_delay,
    next_opening,
    retry_after,
)
from crawlers.replay import ReplayFetcher
from crawlers.source import SourceSpec

__all__ = [
    "FetchRequest",
    "Fetched",
    "Fetcher",
    "HttpFetcher",
    "NotModified",
    "ReplayFetcher",
    "VisitDeferred",
]

log = structlog.get_logger(__name__)

#: tries of one address, the first included
ATTEMPTS = 4
MOST_REDIRECTS = 5
#: seconds a visit sleeps for a site's sake (its pace, its Retry-After); a longer wait becomes a later visit
PATIENCE = 60.0
#: seconds a site may take to accept a connection, and may stay silent within an answer
CONNECT_SECONDS, SILENT_SECONDS = 10.0, 30.0
#: a site whose robots.txt cannot be had is not asked anything (RFC 9309, 2.3.1.4); looked at again after this
ROBOTS_RETRY = timedelta(hours=1)

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: statuses that often pass within seconds
_PASSING = frozenset({429, 500, 502, 503, 504})
_backoff = tenacity.wait_exponential_jitter(multiplier=1, max=20, jitter=1)


class _Again(Exception):
    """An attempt that may succeed when it is repeated, after ``wait`` seconds if the site asked for them."""

    def __init__(self, error: FetchFailed, wait: float = 0.0) -> None:
        super().__init__()
        self.error, self.wait = error, wait


@dataclass(frozen=True)
class _Errand:
    """What every attempt of one request needs to know."""

    headers: dict[str, str]
    pace: float
    cap: int
    #: the source, for messages
    source_id: str
    #: a body over the cap is cut there instead of refused, and robots.txt is not asked about itself
    is_robots: bool = False
    #: what a search interface wants by POST; empty for a plain GET
    question: bytes = b""


class HttpFetcher:
    """The live fetcher. Safe to share between threads; opens sockets only within :meth:`fetch`, closes all of them,
    and keeps no cookie, so none can reach another host.

    Args:
        clock: for what is dated: fetched_at, visiting hours, Retry-After, the age of robots.txt.
        user_agent: sent with every request; the part before "/" is the name robots.txt knows us by.
        timeout_seconds: how long one answer may take, from the request's first byte to the body's last.
        allow_private: ``host:port`` pairs that may be reached although they are private.
        resolver, sleep, monotonic: replaced by tests; ``monotonic`` counts seconds for pace and deadlines.
        silent_seconds: how long a site may say nothing within an answer.
        pace, robots: what is shared with other fetchers; by default with all of this process.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        user_agent: str,
        timeout_seconds: float = 60.0,
        allow_private: frozenset[str] = frozenset(),
        resolver: Resolve = resolve,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        silent_seconds: float = SILENT_SECONDS,
        pace: Pace = PROCESS_PACE,
        robots: RobotsCache = PROCESS_ROBOTS,
    ) -> None:
        # A header is ASCII; a contact written in Chinese must not end every visit.
        self._user_agent = re.sub(r"[^ -~]", "", user_agent).strip() or "Seamark"
        self._name = self._user_agent.partition("/")[0]
        self._clock, self._seconds = clock, float(timeout_seconds)
        self._allowed = frozenset(pair.lower() for pair in allow_private)
        self._resolver, self._sleep, self._monotonic = resolver, sleep, monotonic
        self._silent = min(silent_seconds, self._seconds)
        self._pace, self._robots = pace, robots

    def fetch(self, request: FetchRequest, spec: SourceSpec) -> Fetched | NotModified:
        """See :class:`Fetcher`. Sleeps between requests as the site's pace and the retries require."""
        self._refuse_closed(spec)
        asked = {"If-None-Match": request.etag, "If-Modified-Since": request.last_modified}
        if spec.post_json:
            # A condition is for GET and HEAD (RFC 9110, 13.1.2).
            asked = {}
        validators = {name: value for name, value in asked.items() if value is not None and is_header(value)}
        errand = _Errand(
            {"Accept": _accept(spec), **validators},
            spec.pace_seconds,
            spec.max_bytes,
            spec.id,
            question=spec.post_json.encode(),
        )
        answer = self._persist(checked_url(request.url), errand)
        log.info(
            "fetched", source=spec.id, url=shown(answer.url), status=answer.status, size=len(answer.body)
        )
        return judged(answer, request, spec, self._clock.now(), is_conditional=bool(validators))

    def _refuse_closed(self, spec: SourceSpec) -> None:
        hours = spec.visiting_hours
        if hours is None or (opening := next_opening(self._clock.now(), hours, spec.zone)) is None:
            return
        raise VisitDeferred(
            f"{spec.id} is visited from {hours[0]}:00 to {hours[1]}:00 ({spec.zone}) only.", until=opening
        )

    def _persist(self, url: httpx.URL, errand: _Errand) -> Answer:
        """Attempts until one gives an answer that will not change by asking again."""
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Again),
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            wait=_pause,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(self._attempt, url, errand)
        except _Again as again:
            raise again.error from again.__cause__

    def _attempt(self, url: httpx.URL, errand: _Errand) -> Answer:
        deadline = Deadline(self._seconds, self._monotonic)
        with GuardedTransport(deadline, self._allowed, self._resolver) as transport:
            for _ in range(MOST_REDIRECTS + 1):
                answer = self._ask(transport, deadline, url, errand)
                location = answer.headers.get("location")
                if answer.status not in _REDIRECTS or location is None:
                    return answer
                url = _next(answer.url, location)
                if answer.status not in (307, 308):
                    # The others lead to a page that is read with GET (RFC 9110, 15.4).
                    errand = replace(errand, question=b"")
        raise FetchFailed(
            f"{shown(answer.url)} is the end of {MOST_REDIRECTS} redirects and redirects again.",
            fix="Look at the source in a browser; it may now ask for a sign-in or for cookies.",
        )

    def _ask(
        self, transport: GuardedTransport, deadline: Deadline, url: httpx.URL, errand: _Errand
    ) -> Answer:
        """One request, at its turn. Raises _Again for what may pass."""
        where = shown(url)
        pace = errand.pace if errand.is_robots else max(errand.pace, self._permitted(url, errand))
        self._await_turn(url.host, pace)
        request = self._request(url, errand)
        deadline.start(where)
        try:
            with closing(transport.handle_request(request)) as response:
                answer = Answer(url, response.status_code, response.headers, _body(response, errand))
        except OverCap as error:
            raise FetchFailed(
                f"{where} answered with more than {errand.cap} bytes, the most {errand.source_id} may.",
                fix="If the source has grown, raise max_bytes in its file.",
            ) from error
        except OddEncoding as error:
            raise FetchFailed(
                f"{where} compressed its answer in a way that was not asked for.",
                fix="Look at what stands between the site and here (a cache, a gateway).",
            ) from error
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            failure = FetchFailed(f"{where} {_in_words(error)}.", fix="It is tried again at the next visit.")
            if isinstance(error, (httpcore.LocalProtocolError, Untrusted)):
                raise failure from error
            raise _Again(failure) from error
        if answer.status in _PASSING and not challenger(answer.headers, answer.body):
            raise self._again(answer)
        return answer

    def _again(self, answer: Answer) -> Exception:
        """What a passing status comes to: another attempt, or a later visit when the site asks for a long wait."""
        where, now = shown(answer.url), self._clock.now()
        asked = retry_after(answer.headers.get("retry-after"), now)
        if asked is not None and asked.total_seconds() > PATIENCE:
            return VisitDeferred(
                f"{where} (HTTP {answer.status}) asks not to be visited before {now + asked:%Y-%m-%d %H:%M} UTC.",
                until=now + asked,
            )
        failure = FetchFailed(
            f"{where} still answered HTTP {answer.status} after {ATTEMPTS} attempts.",
            fix="It is tried again at the next visit.",
            status=answer.status,
        )
        return _Again(failure, asked.total_seconds() if asked else 0.0)

    def _await_turn(self, host: str, pace: float) -> None:
        wait = self._pace.take(host, pace, self._monotonic(), PATIENCE)
        if wait > PATIENCE:
            raise VisitDeferred(
                f"{host} is asked at the pace it wants; the next free turn is in {wait:.0f} s.",
                until=self._clock.now() + timedelta(seconds=wait),
            )
        if wait > 0:
            self._sleep(wait)

    def _permitted(self, url: httpx.URL, errand: _Errand) -> float:
        """Seconds robots.txt wants between requests. Raises SourceBlocked when it forbids this one."""
        origin = f"{url.scheme}://{url.netloc.decode('ascii')}"
        rules = self._robots.get(origin, self._clock.now())
        if rules is None:
            rules = self._robots.put(origin, self._clock.now(), self._robots_text(origin, errand))
        if not rules.can_fetch(str(url), self._name):
            raise SourceBlocked(
                f"The robots.txt of {origin} forbids {self._name} to visit {shown(url)}.",
                fix="Ask the site for leave, or set the source's status to off.",
                source=errand.source_id,
            )
        return crawl_delay(rules, self._name)

    def _robots_text(self, origin: str, errand: _Errand) -> str:
        rule = replace(
            errand,
            headers={"Accept": "text/plain, */*;q=0.1"},
            cap=ROBOTS_CAP,
            is_robots=True,
            question=b"",
        )
        try:
            answer = self._persist(httpx.URL(f"{origin}/robots.txt"), rule)
        except AddressRefused:
            raise
        except FetchFailed as error:
            raise self._unruled(origin, error.message) from error
        if answer.status == 200:
            return answer.body.decode("utf-8", "replace")
        if 400 <= answer.status < 500:
            return ""  # RFC 9309, 2.3.1.3: there are no rules
        refuse_challenge(answer, "its robots.txt")
        raise self._unruled(origin, f"It answered HTTP {answer.status}.")

    def _unruled(self, origin: str, why: str) -> VisitDeferred:
        return VisitDeferred(
            f"The robots.txt of {origin} cannot be had, so the site is not asked anything. {why}",
            until=self._clock.now() + ROBOTS_RETRY,
        )

    def _request(self, url: httpx.URL, errand: _Errand) -> httpx.Request:
        headers, extensions = self._headers(errand), self._timeouts()
        if not errand.question:
            return httpx.Request("GET", url, headers=headers, extensions=extensions)
        headers["Content-Type"] = "application/json"
        return httpx.Request("POST", url, headers=headers, content=errand.question, extensions=extensions)

    def _headers(self, errand: _Errand) -> dict[str, str]:
        return {"User-Agent": self._user_agent, "Accept-Encoding": "gzip", **errand.headers}

    def _timeouts(self) -> dict[str, dict[str, float]]:
        connect = min(CONNECT_SECONDS, self._seconds)
        return {"timeout": {"connect": connect, "read": self._silent, "write": self._silent, "pool": connect}}


def _pause(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return max(_backoff(state), error.wait if isinstance(error, _Again) else 0.0)


def _body(response: httpx.Response, errand: _Errand) -> bytes:
    if response.status_code == 200:
        return read_body(response, errand.cap, cut=errand.is_robots)
    if response.status_code in _REDIRECTS or response.status_code == 304:
        return b""
    try:
        # Only to recognise a challenge: a refusal that breaks off is a refusal.
        return read_body(response, LOOK, cut=True)
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OddEncoding):
        return b""


def _next(url: httpx.URL, location: str) -> httpx.URL:
    try:
        target = str(url.join(location))
    except (httpx.InvalidURL, ValueError):
        target = location
    return checked_url(target, came_from=shown(url))


def _in_words(error: Exception) -> str:
    """What a connection's failure means. Never the library's own words: they quote what the server sent."""
    words: tuple[tuple[type[Exception], str], ...] = (
        (NameUnknown, "has a name that does not resolve"),
        (Untrusted, "has a certificate that does not prove its name"),
        (httpcore.ConnectTimeout, "did not accept the connection in time"),
        (httpcore.TimeoutException, "fell silent before its answer was whole"),
        (httpcore.ConnectError, "cannot be connected to"),
        (httpcore.NetworkError, "broke off the connection"),
        (httpcore.LocalProtocolError, "cannot be asked: a header of ours is not allowed in HTTP"),
    )
    return next(
        (said for kind, said in words if isinstance(error, kind)),
        "gave an answer that is cut short or not HTTP",
    )


def _accept(spec: SourceSpec) -> str:
    whole = [media for media in spec.media_types if re.fullmatch(r"[\w.+-]+/[\w.+-]+", media, re.ASCII)]
    return ", ".join([*whole, "*/*;q=0.1"])
