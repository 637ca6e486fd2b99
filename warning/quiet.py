"""Quiet: snooze a profile until a day, mute a case, keep a list of words that no profile tells of.

What is found meanwhile is not told later: a profile looks forward. That a case names the firm itself is always told.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cases.query import get_case
from core import audit
from core.actor import Actor, Permission
from core.clock import Clock, local_date
from core.errors import BadInput, NotFound, StaleWrite
from core.said import said
from warning.models import WatchProfile
from warning.quiet_models import WatchMute, WatchNoise
from warning.watch import ZONE
from warning.watch_profiles import held_profile

#: how long a profile may be snoozed; longer is to pause it
MOST_SNOOZE = timedelta(days=365)


def snooze_profile(
    session: Session,
    clock: Clock,
    actor: Actor,
    profile_id: uuid.UUID,
    until: date | None,
    *,
    seen_version: int,
) -> WatchProfile:
    """Let a profile be quiet until the morning of ``until``; None wakes it at once.

    Raises NotAllowed, NotFound, StaleWrite, BadInput (a day that is not ahead, or too far).
    """
    profile = held_profile(session, actor, profile_id, seen_version, {"until": str(until)})
    today = local_date(clock.now(), ZONE)
    if until is not None and not today < until <= today + MOST_SNOOZE:
        raise BadInput(
            said("A profile is snoozed until a day ahead, within a year."),
            fix=said("Choose another day, or pause the profile."),
        )
    profile.snoozed_until = until
    profile.version, profile.updated_at = profile.version + 1, clock.now()
    step = "snooze" if until else "wake"
    audit.record(
        session, clock, actor, f"watch.{step}", "watch", profile.id, values={"snoozed_until": str(until)}
    )
    return profile


def noise_of(session: Session, actor: Actor) -> WatchNoise | None:
    """The actor's firm's noise list; None when it has none."""
    return session.scalar(WatchNoise.visible_to(actor).where(WatchNoise.firm_id == actor.firm_id))


def set_noise(
    session: Session, clock: Clock, actor: Actor, words: Iterable[str], *, seen_version: int
) -> WatchNoise:
    """Set the noise list of the actor's firm, from now on for all of its profiles.

    Args:
        seen_version: the version the actor looked at; 0 where there was none.

    Raises NotAllowed, NotFound (the account belongs to no firm), StaleWrite.
    """
    actor.require(Permission.PROFILE_WRITE)
    if actor.firm_id is None or actor.centre_id is None:
        raise NotFound(said("This account belongs to no firm."))
    told = list(words)
    session.execute(select(WatchNoise.firm_id).where(WatchNoise.firm_id == actor.firm_id).with_for_update())
    noise = noise_of(session, actor)
    if (noise.version if noise else 0) != seen_version:
        raise StaleWrite(
            said("A colleague changed the noise list while you were looking at it."),
            fix=said("Open it again and decide anew; nothing was changed."),
            yours=str(told),
            current=str(noise.words if noise else []),
        )
    if noise is None:
        noise = WatchNoise(firm_id=actor.firm_id, centre_id=actor.centre_id, version=0)
        session.add(noise)
    noise.words, noise.version, noise.updated_at = told, noise.version + 1, clock.now()
    session.flush()
    audit.record(session, clock, actor, "watch.noise", "firm", actor.firm_id, values={"words": told})
    return noise


def is_muted(session: Session, actor: Actor, case_id: uuid.UUID) -> bool:
    """Whether the actor's firm muted a case."""
    query = select(WatchMute.id).where(WatchMute.firm_id == actor.firm_id, WatchMute.case_id == case_id)
    return actor.firm_id is not None and session.scalar(query) is not None


def mute_case(
    session: Session, clock: Clock, actor: Actor, case_id: uuid.UUID, *, is_on: bool = True
) -> None:
    """Hear no more of a case, from profiles or of its changes; or again. Doing it twice changes nothing.

    Raises NotAllowed, NotFound (no such case for the actor, or the account belongs to no firm).
    """
    actor.require(Permission.ALERT_DISPOSE)
    if actor.firm_id is None:
        raise NotFound(said("This account belongs to no firm."))
    case = get_case(session, actor, case_id)
    query = select(WatchMute).where(WatchMute.firm_id == actor.firm_id, WatchMute.case_id == case.id)
    mute = session.scalar(query)
    if (mute is not None) == is_on:
        return
    if mute is not None:
        session.delete(mute)
    else:
        row = WatchMute(firm_id=actor.firm_id, case_id=case.id, muted_by=actor.name, muted_at=clock.now())
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:
            # A colleague was as fast: the case is muted.
            return
    session.flush()
    audit.record(session, clock, actor, "watch.mute" if is_on else "watch.unmute", "case", case.id)
