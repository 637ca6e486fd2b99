"""A POST outward over guarded sockets: no redirect, no private address but those of the deployment, no long answer."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

import httpcore
import httpx

from core.errors import AddressRefused, FetchFailed
from core.outward.address import Resolve, checked_url, pair_of, resolve
from core.outward.transport import Deadline, GuardedTransport, OddEncoding, OverCap, read_body

WEBHOOK_SETTING = "SEAMARK_WEBHOOK_ALLOW"
#: bytes of an answer that are read
_CAP = 4000


class NoAnswer(Exception):
    """There was an answer that cannot be used, or none in time; the request may have arrived."""


class Unreachable(Exception):
    """Nobody could be connected to."""


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the receiver's id of the request, the first bytes of the body."""

    status: int
    name: str
    body: bytes


class Poster:
    """Posts.

    Args:
        allowed: ``host:port`` pairs that may be private and plain http.
        setting: the variable that a refusal names.
        resolver, tls: replaced by tests.
        seconds: how long the whole exchange may take.
    """

    def __init__(
        self,
        allowed: frozenset[str],
        setting: str = WEBHOOK_SETTING,
        *,
        resolver: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
        seconds: float = 15,
    ) -> None:
        self.allowed = frozenset(pair.lower() for pair in allowed)
        self._setting, self._resolver, self._tls, self._seconds = setting, resolver, tls, seconds

    def post(self, url: str, content_type: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post ``body``. Raises AddressRefused, NoAnswer, Unreachable."""
        each = dict.fromkeys(("connect", "read", "write", "pool"), self._seconds)
        told = {
            "Content-Type": content_type,
            "User-Agent": "Seamark/0.1",
            "Accept-Encoding": "identity",
            **headers,
        }
        try:
            request = httpx.Request("POST", url, headers=told, content=body, extensions={"timeout": each})
            deadline = Deadline(self._seconds, time.monotonic)
            transport = GuardedTransport(deadline, self.allowed, self._resolver, self._tls, self._setting)
            with transport, closing(transport.handle_request(request)) as response:
                cut = read_body(response, _CAP, cut=True)
                return Answer(response.status_code, response.headers.get("x-request-id", ""), cut)
        except AddressRefused:
            raise
        except (
            OverCap,
            OddEncoding,
            FetchFailed,
            httpcore.TimeoutException,
            httpcore.ProtocolError,
        ) as error:
            raise NoAnswer from error
        except (httpcore.NetworkError, httpcore.UnsupportedProtocol) as error:
            raise Unreachable from error


def webhook_url(text: str, allowed: frozenset[str] = frozenset()) -> httpx.URL:
    """``text`` as a URL a webhook may have: https, or an exception of the deployment. Raises AddressRefused."""
    url = checked_url(text, what="The webhook's address", mend="Write it like https://example.org/seamark.")
    port = url.port or (443 if url.scheme == "https" else 80)
    if url.scheme != "https" and pair_of(url.host, port) not in allowed:
        raise AddressRefused(
            "The webhook's address does not begin with https:.",
            fix=f"If plain http is meant, add {pair_of(url.host, port)} to {WEBHOOK_SETTING}.",
        )
    return url
