"""Which addresses may be reached: public ones over http or https, and the exceptions a deployment names.

A name is resolved once, every address it has is judged, and the connection goes to a judged address. Asking the name
again at connect would let a hostile DNS server answer differently the second time (rebinding).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence

import httpx

from core.errors import AddressRefused

#: a name and a port to the addresses it has now
Resolve = Callable[[str, int], Sequence[str]]

#: the only part of IPv6 that is assigned to the public (RFC 4291, IANA): site-local, multicast and ::/8 lie outside
_PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")
#: Teredo and 6to4 wrap an IPv4 address that the relay, not we, would connect to; both are retired (RFC 7526)
_TUNNELS_V6 = (ipaddress.IPv6Network("2001::/32"), ipaddress.IPv6Network("2002::/16"))
#: how an IPv6-only network reaches IPv4 sites (RFC 6052): judged by the IPv4 address inside
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether ``address`` (a literal; a zone after % is ignored) belongs to the public internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inside = ip.ipv4_mapped or (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
        if inside is None:
            return ip.is_global and ip in _PUBLIC_V6 and not any(ip in tunnel for tunnel in _TUNNELS_V6)
        ip = inside
    # Python counts multicast as global; nothing there can be a web site.
    return ip.is_global and not ip.is_multicast


def resolve(host: str, port: int) -> list[str]:
    """The addresses of ``host`` in the order the system prefers. Raises OSError when the name has none.

    How long it may take is the system's (resolv.conf: seconds); Python cannot cut it short.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked_addresses(
    host: str, port: int, allowed: frozenset[str], resolver: Resolve, setting: str = "SEAMARK_FETCH_ALLOW"
) -> list[str]:
    """The addresses of ``host`` to connect to, every one of them judged.

    Args:
        allowed: ``host:port`` exceptions (``[::1]:80`` for IPv6), by name or by address.
        setting: where a deployment names them, for the message.

    Raises:
        AddressRefused: any one of them is private; a name that is public and private at once is an attack.
        OSError: the name does not resolve.
    """
    addresses = list(resolver(host, port))
    if pair_of(host, port) in allowed:
        return addresses
    for address in addresses:
        if not is_public(address) and pair_of(address, port) not in allowed:
            raise AddressRefused(
                f"{host} leads to {address}, which is not on the public internet; it was not contacted.",
                fix=f"If it is meant to be reached, add {pair_of(host, port)} to {setting}.",
                host=host,
            )
    return addresses


def checked_url(
    text: str,
    *,
    came_from: str = "",
    what: str = "The address of the source",
    mend: str = "Correct its urls.",
) -> httpx.URL:
    """``text`` as a URL that may be asked: http or https, with a host, without a name or password.

    Args:
        came_from: the page that redirected here, for the message.
        what, mend: whose address it is and how to mend it, for the message.

    Raises AddressRefused; its message never repeats credentials.
    """
    who = f"{came_from} redirects to an address that" if came_from else what
    fix = "Look at the site in a browser; its address may have changed." if came_from else mend
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError) as error:
        raise AddressRefused(f"{who} cannot be read.", fix=fix) from error
    if url.scheme not in ("http", "https"):
        raise AddressRefused(
            f"{who} begins with {url.scheme[:20] or 'nothing'}:, not http or https.", fix=fix
        )
    if url.userinfo:
        raise AddressRefused(f"{who} carries a user name or password ({url.host}).", fix=fix)
    if not url.host or not 0 < (url.port or 80) < 65536:
        raise AddressRefused(f"{who} names no host or no port that can be.", fix=fix)
    return url


def shown(url: httpx.URL) -> str:
    """The URL as messages and logs may show it: without query (keys, tokens), fragment and credentials."""
    path = url.raw_path.partition(b"?")[0].decode("ascii", "replace")
    return f"{url.scheme}://{url.netloc.decode('ascii', 'replace')}{path}"


def pair_of(host: str, port: int) -> str:
    """``host:port`` as exceptions are written."""
    return f"[{host}]:{port}".lower() if ":" in host else f"{host}:{port}".lower()
