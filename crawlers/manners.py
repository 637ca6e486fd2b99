"""What a guest owes a site: its pace, its visiting hours, its Retry-After, its robots.txt."""

from __future__ import annotations

import math
import re
import threading
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from protego import Protego

#: robots.txt is asked for once a day (RFC 9309, 2.4)
ROBOTS_KEPT = timedelta(days=1)
#: RFC 9309, 2.5: at least 500 kibibytes are read, the rest may be ignored
ROBOTS_CAP = 512_000
#: no site's word puts it off for longer: a mistyped Retry-After must not end a source
LONGEST_DEFERRAL = timedelta(days=7)


class Pace:
    """Turns at each host. One object serves every thread: a turn is taken under the lock, the waiting is outside."""

    def __init__(self) -> None:
        self._free_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, host: str, seconds: float, now: float, patience: float) -> float:
        """Take the next turn at ``host`` and keep it for ``seconds``; returns how long to wait for it.

        Args:
            now: monotonic seconds, from the same source at every call.
            patience: a longer wait is returned too, but the turn is not taken.
        """
        with self._lock:
            turn = max(now, self._free_at.get(host, now))
            if turn - now <= patience:
                if len(self._free_at) > 1000:
                    self._free_at = {h: at for h, at in self._free_at.items() if at > now}
                self._free_at[host] = turn + seconds
        return turn - now


class RobotsCache:
    """The robots.txt of each origin (scheme, host and port), for a day."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[datetime, Protego]] = {}
        self._lock = threading.Lock()

    def get(self, origin: str, now: datetime) -> Protego | None:
        """The rules of ``origin``, or None when they must be asked for."""
        with self._lock:
            read_at, rules = self._kept.get(origin, (None, None))
        return rules if read_at is not None and timedelta(0) <= now - read_at < ROBOTS_KEPT else None

    def put(self, origin: str, now: datetime, text: str) -> Protego:
        """Keep and return the rules in ``text``."""
        rules: Protego = Protego.parse(text)
        with self._lock:
            self._kept[origin] = (now, rules)
        return rules


#: A site counts the requests of a whole process, however many fetchers the process makes.
PROCESS_PACE = Pace()
PROCESS_ROBOTS = RobotsCache()


def crawl_delay(rules: Protego, agent: str) -> float:
    """Seconds robots.txt wants between two requests; 0 when it does not say, a day at most."""
    delay = rules.crawl_delay(agent)
    return min(max(delay, 0.0), 86_400.0) if delay is not None and math.isfinite(delay) else 0.0


def next_opening(now: datetime, hours: tuple[int, int], zone: str) -> datetime | None:
    """When a site that receives from ``hours[0]`` until before ``hours[1]`` (local, past midnight when the second
    is smaller) opens next, in UTC; None when it is open at ``now``. Equal hours: it never closes."""
    opens, closes = hours
    if opens == closes:
        return None
    local = now.astimezone(ZoneInfo(zone))
    is_open = opens <= local.hour < closes if opens < closes else local.hour >= opens or local.hour < closes
    if is_open:
        return None
    opening = local.replace(hour=opens, minute=0, second=0, microsecond=0, fold=0)
    if opening <= local:
        # Wall-clock arithmetic on purpose: the hour stays the same over a change of summer time.
        opening += timedelta(days=1)
    return opening.astimezone(UTC)


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """What a Retry-After header asks for: seconds or an HTTP date (RFC 9110, 10.2.3); None when it says nothing
    that can be understood. Bounded by :data:`LONGEST_DEFERRAL`."""
    text = (value or "").strip()
    if re.fullmatch(r"[0-9]+", text):
        return timedelta(seconds=min(int(text[:12]), LONGEST_DEFERRAL.total_seconds()))
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    wait = (when if when.tzinfo else when.replace(tzinfo=UTC)) - now
    return min(max(wait, timedelta(0)), LONGEST_DEFERRAL)
