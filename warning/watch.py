"""Watching: new and changed cases are compared with what firms asked to know of, besides being named.

A profile looks forward: what stood there before it was made, and what is brought as history, alerts nobody. A change
that a profile does not read (another docket entry, the same tags told anew) is no news to it.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, selectinload

from cases.models import Case, CaseStatus
from cases.taxonomy import Taxonomy, load_taxonomy
from core.clock import Clock, local_date
from core.outbox import Message
from warning.alerts import announce
from warning.criteria import TAG_KINDS, Criteria, Evaluator, Facts, Hit, right_keys
from warning.models import Alert, WatchProfile, WatchState
from warning.quiet_models import WatchMute, WatchNoise

#: a watch profile asks for the case
WATCH = "watch"
#: a day is the centre's
ZONE = "Asia/Shanghai"
#: fields of a case that a profile reads; a change of another wakes none
READ_FIELDS = frozenset({"caption", "title", "text", "parties", "rights"})


def criteria_of(
    profile: WatchProfile, noise: Sequence[str] = (), taxonomy: Taxonomy | None = None
) -> Criteria:
    """What ``profile`` asks for, by the ids in force in ``taxonomy`` (none given: the one in force); ``noise`` are words of
    its firm that silence every profile."""
    current = (taxonomy or load_taxonomy()).current
    return Criteria(
        frozenset(map(current, profile.industries)),
        frozenset(profile.regions),
        frozenset(map(current, profile.dispute_types)),
        tuple(profile.include),
        (*profile.exclude, *noise),
        tuple(profile.competitors),
        tuple(profile.rights),
        tuple(profile.exhibitions),
    )


def facts_of(case: Case) -> Facts:
    """What of ``case`` is compared. Needs its tags and parties loaded."""
    current = load_taxonomy().current
    tags = {kind: frozenset(current(t.value) for t in case.tags if t.kind == kind) for kind in TAG_KINDS}
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
        # A term that was retired means its successor from now on.
        stamp += (load_taxonomy().version,)
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
