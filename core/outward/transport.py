"""Sockets under guard: every connection goes to a judged address, and no answer outlasts its deadline or its cap.

httpx.HTTPTransport does not let a caller choose how connections are made; :class:`GuardedTransport` is its small part
that we need (no proxies, no environment, HTTP/1.1) over httpcore's public interface.
"""

from __future__ import annotations

import functools
import ssl
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import httpcore
import httpx

from core.errors import FetchFailed
from core.outward.address import Resolve, checked_addresses

T = TypeVar("T")


class Deadline:
    """When the answer now awaited must be whole. A server that sends a byte a minute keeps every single read in
    time, so each read is also bounded by what is left of the whole.

    Args:
        seconds: how long one answer may take.
        monotonic: seconds that only go forward.
    """

    def __init__(self, seconds: float, monotonic: Callable[[], float]) -> None:
        self._seconds, self._monotonic = seconds, monotonic
        self._where, self._end = "", monotonic() + seconds

    def start(self, where: str) -> None:
        """Begin anew for the answer of ``where`` (as messages may show it)."""
        self._where, self._end = where, self._monotonic() + self._seconds

    def left(self, timeout: float | None = None) -> float:
        """Seconds the next step may take. Raises FetchFailed when there are none."""
        left = self._end - self._monotonic()
        if left <= 0:
            raise FetchFailed(
                f"{self._where} did not finish its answer within {self._seconds:g} s.",
                fix="It is tried again at the next visit; SEAMARK_FETCH_TIMEOUT gives slow sites more time.",
            )
        return left if timeout is None else min(left, timeout)


class NameUnknown(httpcore.ConnectError):
    """The host's name does not resolve."""


class Untrusted(httpcore.ConnectError):
    """The host's certificate does not prove its name."""


class _TimedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._timed(lambda seconds: self._stream.read(max_bytes, seconds), timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._timed(lambda seconds: self._stream.write(buffer, seconds), timeout)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            inner = self._timed(lambda s: self._stream.start_tls(ssl_context, server_hostname, s), timeout)
        except BaseException as error:
            # The pool does not own the socket yet.
            self.close()
            # Told apart here: the pool drops an exception's cause on its way.
            if isinstance(error.__cause__, ssl.SSLCertVerificationError):
                raise Untrusted from error
            raise
        return _TimedStream(inner, self._deadline)

    def _timed(self, step: Callable[[float], T], timeout: float | None) -> T:
        try:
            return step(self._deadline.left(timeout))
        except httpcore.TimeoutException:
            # When it was the deadline that cut the step short, that is the fault to tell.
            self._deadline.left()
            raise

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _GuardedBackend(httpcore.NetworkBackend):
    def __init__(self, deadline: Deadline, allowed: frozenset[str], resolver: Resolve, setting: str) -> None:
        self._deadline, self._allowed, self._resolver, self._setting = deadline, allowed, resolver, setting
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first judged address that answers. TLS still asks for the name: httpcore hands it to
        start_tls by itself."""
        try:
            addresses = checked_addresses(host, port, self._allowed, self._resolver, self._setting)
        except (OSError, UnicodeError) as error:
            # UnicodeError: a label too long for DNS.
            raise NameUnknown from error
        failure: Exception = NameUnknown()
        for address in addresses:
            try:
                stream = self._sockets.connect_tcp(
                    address,
                    port,
                    timeout=self._deadline.left(timeout),
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream, self._deadline)
        raise failure

    def connect_unix_socket(self, path: str, *args: object, **kwargs: object) -> httpcore.NetworkStream:
        raise httpcore.UnsupportedProtocol("no Unix socket is spoken to")


class GuardedTransport(httpx.BaseTransport):
    """Sends httpx requests over guarded sockets. It lives for one attempt; closing it closes every socket.

    Raises httpcore's own exceptions, FetchFailed when the deadline passes, AddressRefused at connect.
    """

    def __init__(
        self,
        deadline: Deadline,
        allowed: frozenset[str],
        resolver: Resolve,
        tls: ssl.SSLContext | None = None,
        setting: str = "SEAMARK_FETCH_ALLOW",
    ) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls or _tls(), network_backend=_GuardedBackend(deadline, allowed, resolver, setting)
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.read(),
                extensions=request.extensions,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@functools.cache
def _tls() -> ssl.SSLContext:
    # Reading the list of authorities takes tens of milliseconds; the environment must not be able to name another.
    return httpx.create_ssl_context(trust_env=False)


class OverCap(Exception):
    """The body is larger than the caller takes."""


class OddEncoding(Exception):
    """The body is compressed in a way that was not asked for."""


def read_body(response: httpx.Response, cap: int, *, cut: bool = False) -> bytes:
    """The body with its compression undone, reading no further than ``cap`` bytes on the wire or decoded.

    Args:
        cut: return the first ``cap`` bytes of a larger body instead of refusing it.

    Raises:
        OverCap: there is more than ``cap``, whatever Content-Length said.
        httpcore.RemoteProtocolError: the body, or the compressed stream in it, ends too soon or is damaged.
        OddEncoding: it is compressed, and not by gzip.
    """
    decode = _decoder(response.headers.get("content-encoding", ""))
    kept, taken = bytearray(), 0
    for raw in response.iter_raw():
        taken += len(raw)
        kept += decode.feed(raw, cap + 1 - len(kept))
        # The wire counts too: compressed data may go on for ever and come to nothing.
        if max(taken, len(kept)) > cap:
            if cut:
                return bytes(kept[:cap])
            raise OverCap
    decode.finish()
    return bytes(kept)


class _Plain:
    def feed(self, raw: bytes, room: int) -> bytes:
        return raw

    def finish(self) -> None:
        pass


class _Gzip:
    """Undoes gzip (several members too) a bounded piece at a time, so that a bomb never unfolds in memory; httpx's
    decoder unfolds each piece whole and takes a stream cut in the middle for a complete one."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=47)  # 15 + 32: gzip or zlib, by its header
        self._began = False

    def feed(self, raw: bytes, room: int) -> bytes:
        out = bytearray()
        self._began = self._began or bool(raw)
        try:
            while raw and len(out) < room:
                if self._member.eof:
                    if raw[0] != 0x1F:
                        break  # padding after the last member
                    self._member = zlib.decompressobj(wbits=47)
                out += self._member.decompress(raw, room - len(out))
                raw = self._member.unused_data
        except zlib.error as error:
            raise httpcore.RemoteProtocolError("the compressed body is damaged") from error
        return bytes(out)

    def finish(self) -> None:
        if self._began and not self._member.eof:
            raise httpcore.RemoteProtocolError("the compressed body ends in the middle")


def _decoder(encoding: str) -> _Plain | _Gzip:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return _Plain()
    if name in ("gzip", "x-gzip", "deflate"):
        return _Gzip()
    raise OddEncoding
