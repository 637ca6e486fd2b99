"""Time comes from here. Instants are aware datetimes in UTC; a legal date is a date beside its venue's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """The port: whatever can say what time it is."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until moved; for tests and replays.

    Args:
        at: an aware datetime; raises ValueError when naive.
    """

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError(
                "FixedClock needs an aware datetime, for example datetime(2026, 1, 5, tzinfo=UTC)"
            )
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._at

    def advance(self, by: timedelta) -> None:
        """Move forward by ``by``."""
        self._at += by


def local_date(instant: datetime, zone: str) -> date:
    """The calendar date of ``instant`` (aware) in the IANA ``zone`` (e.g. "America/New_York")."""
    return instant.astimezone(ZoneInfo(zone)).date()
