"""When mail may leave: at once, in a digest, after quiet hours."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.rhythm import DIGEST_AT, Hold, Quiet, Wish, held_until, next_digest, quiet_until
from notify.topics import Rhythm

ZONE = "Asia/Shanghai"
BERLIN = "Europe/Berlin"
INSTANTS = st.integers(0, 730 * 1440).map(lambda m: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=m))
TIMES = st.times().map(lambda t: t.replace(second=0, microsecond=0))


def china(text: str) -> datetime:
    """A local time of the centre."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


@pytest.mark.parametrize(
    ("after", "rhythm", "at"),
    [
        ("2026-03-02 08:29:59", Rhythm.DAILY, "2026-03-02 08:30"),
        ("2026-03-02 08:30:00", Rhythm.DAILY, "2026-03-02 08:30"),
        ("2026-03-02 08:30:01", Rhythm.DAILY, "2026-03-03 08:30"),
        ("2026-03-02 08:30:01", Rhythm.WEEKLY, "2026-03-09 08:30"),
        ("2026-03-01 23:00:00", Rhythm.WEEKLY, "2026-03-02 08:30"),
    ],
)
def test_a_digest_leaves_at_half_past_eight_of_the_centre(after: str, rhythm: Rhythm, at: str) -> None:
    assert next_digest(china(after), rhythm, ZONE) == china(at)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-03-02 21:59", None),
        ("2026-03-02 22:00", "2026-03-03 07:30"),
        ("2026-03-03 00:00", "2026-03-03 07:30"),
        ("2026-03-03 07:29", "2026-03-03 07:30"),
        ("2026-03-03 07:30", None),
    ],
)
def test_quiet_hours_reach_over_midnight(now: str, end: str | None) -> None:
    quiet = Quiet(time(22), time(7, 30))
    assert quiet_until(china(now), quiet, ZONE) == (china(end) if end else None)


def test_quiet_hours_within_a_day() -> None:
    quiet = Quiet(time(12), time(14))
    assert quiet_until(china("2026-03-02 13:59"), quiet, ZONE) == china("2026-03-02 14:00")
    assert quiet_until(china("2026-03-02 14:00"), quiet, ZONE) is None


def test_a_digest_whose_hour_is_quiet_comes_when_the_quiet_ends() -> None:
    wish = Wish({"watched": "daily"}, Quiet(time(22), time(9)))
    ready = china("2026-03-02 18:00")
    assert held_until(ready, ready, wish, "watched", ZONE) == (china("2026-03-03 08:30"), Hold.DIGEST)
    at = china("2026-03-03 08:30")
    assert held_until(ready, at, wish, "watched", ZONE) == (china("2026-03-03 09:00"), Hold.QUIET)
    assert held_until(ready, china("2026-03-03 09:00"), wish, "watched", ZONE) is None


@given(INSTANTS, st.sampled_from(list(Rhythm)), TIMES, TIMES, st.sampled_from([ZONE, BERLIN]))
def test_waiting_ends_within_nine_days_and_each_wait_ends_later(
    ready: datetime, rhythm: Rhythm, start: time, end: time, zone: str
) -> None:
    """Over any quiet hours and over the change of summer time: asked again when it was told to, it leaves in the end."""
    quiet = Quiet(start, end) if start != end else None
    wish, now = Wish({"watched": rhythm.value}, quiet), ready
    for _ in range(4):
        hold = held_until(ready, now, wish, "watched", zone)
        if hold is None:
            break
        assert hold[0] > now
        now = hold[0]
    assert hold is None
    assert now - ready <= timedelta(days=9)
    local = now.astimezone(ZoneInfo(zone))
    if rhythm in (Rhythm.DAILY, Rhythm.WEEKLY) and quiet is None:
        assert local.time() == DIGEST_AT


def test_an_hour_that_comes_twice_ends_both_times() -> None:
    """Berlin, 25 October 2026: 02:15 comes twice, at 00:15 and 01:15 UTC."""
    quiet = Quiet(time(22), time(2, 30))
    first, second = (datetime(2026, 10, 25, hour, 15, tzinfo=UTC) for hour in (0, 1))
    for now in (first, second):
        end = quiet_until(now, quiet, BERLIN)
        assert end is not None
        assert end.timestamp() - now.timestamp() == 15 * 60
    for minute in range(0, 24 * 60, 5):
        now = datetime(2026, 10, 24, 12, tzinfo=UTC) + timedelta(minutes=minute)
        hold = held_until(now, now, Wish(quiet=quiet), "watched", BERLIN)
        assert hold is None or hold[0].timestamp() > now.timestamp()
