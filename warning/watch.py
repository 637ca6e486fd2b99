"""Watch profiles: a firm says what it wants to know of, besides being named; new and changed cases are compared.

A profile looks forward: what stood there before it was made, and what is brought as history, alerts nobody. A change
that a profile does not read (another docket entry, the same tags told anew) is no news to it.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, selectinload

from cases.models import Case, CaseStatus, Tag
from core import audit
from core.actor import Actor, Permission
from core.clock import Clock, local_date
from core.db import new_id
from core.errors import BadInput, NotFound, StaleWrite
from core.outbox import Message
from core.said import said
from warning.alerts import announce
from warning.criteria import TAG_KINDS, Criteria, Evaluator, Facts, Hit, right_keys
from warning.models import WATCH_WORKFLOW, Alert, WatchProfile, WatchState
from warning.quiet_models import WatchMute, WatchNoise

#: a watch profile asks for the case
WATCH = "watch"
#: a day is the centre's
ZONE = "Asia/Shanghai"
#: fields of a case that a profile reads; a change of another wakes none
READ_FIELDS = frozenset({"caption", "title", "text", "parties", "rights"})
#: profiles a firm may have
MOST_PROFILES = 20
#: a profile that would have caught more than this share of last year's public cases, and more than one a week, is too
#: broad: nobody reads so many alerts, and the one that matters drowns
MOST_SHARE, FEW = 0.2, 52
#: newest cases of last year a preview looks at
PREVIEW_LIMIT = 20_000


def criteria_of(profile: WatchProfile, noise: Sequence[str] = ()) -> Criteria:
    """What ``profile`` asks for; ``noise`` are words of its firm that silence every profile."""
    return Criteria(
        frozenset(profile.industries),
        frozenset(profile.regions),
        frozenset(profile.dispute_types),
        tuple(profile.include),
        (*profile.exclude, *noise),
        tuple(profile.competitors),
        tuple(profile.rights),
        tuple(profile.exhibitions),
    )


def facts_of(case: Case) -> Facts:
    """What of ``case`` is compared. Needs its tags and parties loaded."""
    tags = {kind: frozenset(t.value for t in case.tags if t.kind == kind) for kind in TAG_KINDS}
    parties = [("parties", party.name) for party in case.parties]
    rights = frozenset(key for right in case.rights for key in right_keys(str(right["number"])))
    return Facts(
        tags, [("caption", case.caption), ("title", case.title), *parties, ("text", case.text)], rights
    )


class Lookout:
    """Compares cases with every active profile; the profiles are read again when one has changed.

    Args:
        clock: stamps alerts.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._stamp: tuple[Any, ...] | None = None
        self._evaluator: Evaluator[uuid.UUID] = Evaluator({})

    def watch_cases(self, session: Session, messages: Sequence[Message]) -> None:
        """Consumer of case.recorded, case.changed, case.confirmed and case.tagged: raise what profiles ask for."""
        ids = [uuid.UUID(key) for key in dict.fromkeys(m.key for m in messages if _is_news(m))]
        evaluator = self._current(session) if ids else None
        if evaluator is None:
            return
        query = (
            select(Case)
            .where(Case.id.in_(ids), Case.status == CaseStatus.PUBLIC.value)
            .options(selectinload(Case.tags), selectinload(Case.parties))
            .order_by(Case.id)
        )
        since: dict[str, int] = {}
        for message in filter(_is_news, messages):
            since.setdefault(message.key, message.payload.get("version", 0))
        found = [
            (case, profile_id, hits)
            for case in session.scalars(query)
            for profile_id, hits in evaluator.find(facts_of(case)).items()
        ]
        if found:
            self._raise(session, found, since)

    def _raise(
        self, session: Session, found: list[tuple[Case, uuid.UUID, list[Hit]]], since: dict[str, int]
    ) -> None:
        told = set(
            session.execute(
                select(Alert.profile_id, Alert.case_id).where(
                    Alert.trigger == WATCH, Alert.case_id.in_({case.id for case, _, _ in found})
                )
            ).all()
        )
        wanted = select(WatchProfile).where(
            WatchProfile.id.in_({profile_id for _, profile_id, _ in found}), awake(self._clock)
        )
        quiet = muted(session, {case.id for case, _, _ in found})
        profiles = {profile.id: profile for profile in session.scalars(wanted)}
        for case, profile_id, hits in found:
            profile = profiles.get(profile_id)
            if profile is None or (profile_id, case.id) in told or (profile.firm_id, case.id) in quiet:
                continue
            alert = Alert(
                centre_id=profile.centre_id,
                firm_id=profile.firm_id,
                case_id=case.id,
                trigger=WATCH,
                profile_id=profile.id,
                reasons=[
                    {"profile": profile.name, "kind": hit.kind, "value": hit.value, "field": hit.field}
                    for hit in hits
                ],
                case_version=max(case.public_since, since[str(case.id)]),
                raised_at=self._clock.now(),
            )
            announce(session, self._clock, alert)

    def _current(self, session: Session) -> Evaluator[uuid.UUID] | None:
        """The evaluator of all active profiles as this session sees them; None when there are none."""
        stamp = tuple(
            session.execute(
                select(
                    func.count(WatchProfile.id),
                    func.sum(WatchProfile.version),
                    func.max(WatchProfile.updated_at),
                )
            ).one()
        )
        stamp += tuple(session.execute(select(func.sum(WatchNoise.version), func.count())).one())
        if not stamp[0]:
            return None
        with self._lock:
            if self._stamp != stamp:
                active = select(WatchProfile).where(WatchProfile.state == WatchState.ACTIVE.value)
                noise = noise_words(session)
                self._evaluator = Evaluator(
                    {p.id: criteria_of(p, noise.get(p.firm_id, ())) for p in session.scalars(active)}
                )
                self._stamp = stamp
            return self._evaluator


def awake(clock: Clock) -> ColumnElement[bool]:
    """Whether a profile watches: it is active, and not snoozed today."""
    today = local_date(clock.now(), ZONE)
    is_up = WatchProfile.snoozed_until.is_(None) | (WatchProfile.snoozed_until <= today)
    return (WatchProfile.state == WatchState.ACTIVE.value) & is_up


def muted(session: Session, case_ids: Iterable[uuid.UUID]) -> set[tuple[uuid.UUID, uuid.UUID]]:
    """(firm, case) of which the firm hears no more."""
    rows = select(WatchMute.firm_id, WatchMute.case_id).where(WatchMute.case_id.in_(set(case_ids)))
    return {(firm, case) for firm, case in session.execute(rows)}


def noise_words(session: Session) -> dict[uuid.UUID, list[str]]:
    """Each firm's noise list."""
    return {noise.firm_id: noise.words for noise in session.scalars(select(WatchNoise))}


def _is_news(message: Message) -> bool:
    if message.payload.get("backfill"):
        return False
    if message.topic == "case.tagged":
        return bool(message.payload.get("added"))
    if message.topic == "case.changed":
        return bool(READ_FIELDS & set(message.payload.get("fields", ())))
    return True


@dataclass(frozen=True)
class Preview:
    """What a profile would have caught: how many of how many public cases of last year, and the newest of them."""

    caught: int
    looked_at: int
    newest: list[Case]
    since: date

    @property
    def is_too_broad(self) -> bool:
        """More than one case a week, and more than :data:`MOST_SHARE` of all."""
        return self.caught > FEW and self.caught > self.looked_at * MOST_SHARE


def preview(session: Session, clock: Clock, criteria: Criteria, zone: str = ZONE) -> Preview:
    """Try ``criteria`` on the public cases of the last 365 days, by filing date or else by latest event.

    Raises BadInput when nothing narrows them.
    """
    _refuse_open(criteria)
    today = local_date(clock.now(), zone)
    since = today - timedelta(days=365)
    on = func.coalesce(Case.filed_on, Case.latest_on)
    year = Case.status == CaseStatus.PUBLIC.value, on > since, on <= today
    total = session.scalar(select(func.count(Case.id)).where(*year)) or 0
    cut = total > PREVIEW_LIMIT
    newest = select(Case.id).where(*year).order_by(on.desc(), Case.id.desc()).limit(PREVIEW_LIMIT)
    ids = newest.subquery()
    query = _carrying(select(Case).where(Case.id.in_(select(ids.c.id))), criteria)
    query = query.options(selectinload(Case.tags), selectinload(Case.parties)).order_by(
        on.desc(), Case.id.desc()
    )
    evaluator = Evaluator({0: criteria})
    caught = 0
    first: list[Case] = []
    for case in session.scalars(query.execution_options(yield_per=500)):
        if evaluator.find(facts_of(case)):
            caught += 1
            if len(first) < 5:
                first.append(case)
    return Preview(caught, PREVIEW_LIMIT if cut else total, first, since)


def _carrying(query: Select[Case], criteria: Criteria) -> Select[Case]:
    """``query`` with what the database can decide by itself: the tags."""
    for kind in TAG_KINDS:
        if wanted := criteria.wanted(kind):
            carries = select(Tag.id).where(
                Tag.case_id == Case.id, Tag.kind == kind, Tag.value.in_(sorted(wanted))
            )
            query = query.where(carries.exists())
    return query


def _refuse_open(criteria: Criteria) -> None:
    if criteria.is_open:
        raise BadInput(
            said("This profile asks for every case."),
            fix=said("Choose an industry, a region, a dispute type or a word."),
        )


def _refuse_broad(found: Preview) -> None:
    if found.is_too_broad:
        raise BadInput(
            said(
                "This profile is too broad: it would have caught %(caught)s of %(total)s public cases of the last year.",
                caught=found.caught,
                total=found.looked_at,
            ),
            fix=said(
                "At most %(share)s %% of them, or %(few)s, can be watched. Add an industry, a dispute type or words.",
                share=round(MOST_SHARE * 100),
                few=FEW,
            ),
        )


def check(session: Session, clock: Clock, criteria: Criteria, noise: Sequence[str] = ()) -> Preview:
    """:func:`preview` less what ``noise`` (the firm's list) silences, refusing what is too broad with BadInput."""
    found = preview(session, clock, replace(criteria, exclude=(*criteria.exclude, *noise)))
    _refuse_broad(found)
    return found


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
