"""When a message may leave: digests and quiet hours. Pure: the same answer whenever and wherever it is asked.

Nothing is stored but the choice and when a delivery was queued, so a choice that changes counts for what waits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from notify.topics import TOPICS, Rhythm

#: when digests leave, in the centre's zone
DIGEST_AT = time(8, 30)
#: Monday
DIGEST_WEEKDAY = 0


class Hold(StrEnum):
    """Why a delivery waits though nothing failed."""

    DIGEST = "digest"
    QUIET = "quiet"
    #: the receiver takes only so many a minute
    PACE = "pace"


@dataclass(frozen=True)
class Quiet:
    """Hours in which nothing leaves, in the centre's zone: from ``start`` until just before ``end``, over midnight
    when ``end`` is the earlier."""

    start: time
    end: time


@dataclass(frozen=True)
class Wish:
    """What a person chose: a rhythm for each topic (the topic's own where none is told) and quiet hours."""

    rhythms: Mapping[str, str] = field(default_factory=dict)
    quiet: Quiet | None = None

    def rhythm(self, topic: str) -> Rhythm:
        """How soon the person wants ``topic``."""
        known = TOPICS.get(topic)
        if known is None or not known.may_wait:
            return Rhythm.ONCE
        return Rhythm(self.rhythms.get(topic, known.unless_chosen.value))


def next_digest(after: datetime, rhythm: Rhythm, zone: str) -> datetime:
    """The first digest at ``after`` (aware) or later, for a daily or weekly rhythm, in the IANA ``zone``."""
    local = after.astimezone(ZoneInfo(zone))
    day = local.date()
    if rhythm is Rhythm.WEEKLY:
        day += timedelta(days=(DIGEST_WEEKDAY - day.weekday()) % 7)
    at = datetime.combine(day, DIGEST_AT, local.tzinfo)
    if at < local:
        at = datetime.combine(
            day + timedelta(days=7 if rhythm is Rhythm.WEEKLY else 1), DIGEST_AT, local.tzinfo
        )
    return at


def quiet_until(now: datetime, quiet: Quiet, zone: str) -> datetime | None:
    """When the quiet hours that hold at ``now`` (aware) end; None when none do."""
    local = now.astimezone(ZoneInfo(zone))
    at, over_midnight = local.time(), quiet.end <= quiet.start
    is_quiet = at >= quiet.start or at < quiet.end if over_midnight else quiet.start <= at < quiet.end
    if not is_quiet:
        return None
    is_tomorrow = over_midnight and at >= quiet.start
    day = local.date() + timedelta(days=1) if is_tomorrow else local.date()
    # Where clocks go back an hour comes twice: of the second one the end is the second one's.
    return datetime.combine(day, quiet.end, local.tzinfo).replace(fold=local.fold)


def held_until(
    ready_at: datetime, now: datetime, wish: Wish, topic: str, zone: str
) -> tuple[datetime, Hold] | None:
    """Until when a delivery that stopped gathering at ``ready_at`` waits, and why; None when it may leave at ``now``."""
    if topic in TOPICS and not TOPICS[topic].may_wait:
        return None
    rhythm = wish.rhythm(topic)
    if rhythm in (Rhythm.DAILY, Rhythm.WEEKLY) and (at := next_digest(ready_at, rhythm, zone)) > now:
        return at, Hold.DIGEST
    if wish.quiet and (end := quiet_until(now, wish.quiet, zone)) and end.timestamp() > now.timestamp():
        return end, Hold.QUIET
    return None
