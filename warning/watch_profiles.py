"""A firm's watch profiles: made, changed, paused, resumed and deleted by the firm itself, each change by its version."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.db import new_id
from core.errors import BadInput, NotFound, StaleWrite
from core.said import said
from warning.criteria import Criteria
from warning.models import WATCH_WORKFLOW, Alert, WatchProfile, WatchState
from warning.quiet_models import WatchNoise
from warning.watch import criteria_of
from warning.watch_preview import check

#: profiles a firm may have
MOST_PROFILES = 20


def list_profiles(session: Session, actor: Actor) -> list[tuple[WatchProfile, int]]:
    """The firm's profiles by name, each with how many alerts it raised."""
    query = WatchProfile.visible_to(actor).order_by(WatchProfile.name, WatchProfile.id)
    profiles = list(session.scalars(query))
    counted = (
        select(Alert.profile_id, func.count())
        .where(Alert.profile_id.in_([p.id for p in profiles]))
        .group_by(Alert.profile_id)
    )
    counts = dict(session.execute(counted).all())
    return [(profile, counts.get(profile.id, 0)) for profile in profiles]


def count_profiles(session: Session, actor: Actor, firm_id: uuid.UUID) -> dict[str, int]:
    """How many profiles of each state a firm of the actor's centre has: all that staff may know of them."""
    actor.require(Permission.FIRM_READ)
    query = (
        select(WatchProfile.state, func.count())
        .where(WatchProfile.firm_id == firm_id, WatchProfile.centre_id == actor.centre_id)
        .where(WatchProfile.state != WatchState.DELETED.value)
        .group_by(WatchProfile.state)
    )
    return {str(state): count for state, count in session.execute(query).all()}


def get_profile(session: Session, actor: Actor, profile_id: uuid.UUID) -> WatchProfile:
    """The profile. Raises NotFound when it is not the actor's firm's."""
    profile = session.scalar(WatchProfile.visible_to(actor).where(WatchProfile.id == profile_id))
    if profile is None:
        raise NotFound(said("There is no such watch profile."))
    return profile


def create_profile(
    session: Session, clock: Clock, actor: Actor, name: str, criteria: Criteria
) -> WatchProfile:
    """Make a profile of the actor's firm. Raises NotAllowed, BadInput (too broad, too many)."""
    actor.require(Permission.PROFILE_WRITE)
    if actor.firm_id is None or actor.centre_id is None:
        raise NotFound(
            said("This account belongs to no firm."), fix=said("Look the firm up in the register.")
        )
    if len(list_profiles(session, actor)) >= MOST_PROFILES:
        raise BadInput(
            said("A firm has at most %(most)s watch profiles.", most=MOST_PROFILES),
            fix=said("Delete one that is no longer needed."),
        )
    check(session, clock, criteria, _noise(session, actor.firm_id))
    profile = WatchProfile(
        id=new_id(),
        centre_id=actor.centre_id,
        firm_id=actor.firm_id,
        name=name,
        state=WatchState.ACTIVE.value,
        created_at=clock.now(),
        **_columns(criteria),
        updated_at=clock.now(),
    )
    session.add(profile)
    session.flush()
    audit.record(session, clock, actor, "watch.created", "watch", profile.id, values=_values(name, criteria))
    return profile


def change_profile(
    session: Session,
    clock: Clock,
    actor: Actor,
    profile_id: uuid.UUID,
    name: str,
    criteria: Criteria,
    *,
    seen_version: int,
) -> WatchProfile:
    """Change what a profile asks for; from now on. Raises NotFound, BadInput, StaleWrite (both stand in details)."""
    profile = held_profile(session, actor, profile_id, seen_version, _values(name, criteria))
    check(session, clock, criteria, _noise(session, profile.firm_id))
    profile.name, profile.version, profile.updated_at = name, profile.version + 1, clock.now()
    for column, value in _columns(criteria).items():
        setattr(profile, column, value)
    audit.record(session, clock, actor, "watch.changed", "watch", profile.id, values=_values(name, criteria))
    return profile


def move_profile(
    session: Session, clock: Clock, actor: Actor, profile_id: uuid.UUID, step: str, *, seen_version: int
) -> WatchProfile:
    """Pause, resume or delete a profile. Raises NotFound, StaleWrite, TransitionRefused."""
    profile = held_profile(session, actor, profile_id, seen_version, {"step": step})
    profile.state = WATCH_WORKFLOW.take(step, profile.state, actor)
    profile.version, profile.updated_at = profile.version + 1, clock.now()
    audit.record(session, clock, actor, f"watch.{step}", "watch", profile.id, values={"state": profile.state})
    return profile


def held_profile(
    session: Session, actor: Actor, profile_id: uuid.UUID, seen_version: int, yours: dict[str, Any]
) -> WatchProfile:
    """The profile, locked until the transaction ends. Raises NotAllowed, NotFound, StaleWrite."""
    actor.require(Permission.PROFILE_WRITE)
    session.execute(select(WatchProfile.id).where(WatchProfile.id == profile_id).with_for_update())
    profile = get_profile(session, actor, profile_id)
    if profile.version != seen_version:
        raise StaleWrite(
            said("A colleague changed this watch profile while you were looking at it."),
            fix=said("Open it again and decide anew; nothing was changed."),
            yours=yours,
            current=_values(profile.name, criteria_of(profile)),
        )
    return profile


def _noise(session: Session, firm_id: uuid.UUID) -> Sequence[str]:
    noise = session.get(WatchNoise, firm_id)
    return noise.words if noise else ()


def _columns(criteria: Criteria) -> dict[str, list[str]]:
    return {
        "industries": sorted(criteria.industries),
        "regions": sorted(criteria.regions),
        "dispute_types": sorted(criteria.dispute_types),
        "include": list(criteria.include),
        "exclude": list(criteria.exclude),
        "competitors": list(criteria.competitors),
        "rights": list(criteria.rights),
        "exhibitions": list(criteria.exhibitions),
    }


def _values(name: str, criteria: Criteria) -> dict[str, Any]:
    return {"name": name, **_columns(criteria)}
