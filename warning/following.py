"""Following: whoever was told of a case is told when it changes in a way that matters, once for each change.

A change is told to the firm the case names, and to each watch profile that caught it while the profile watches. What a
recording brought stands in its message, so that a replay reads the same; history, tags told anew by another rulebook
and what a better source corrects are no changes. Whoever is told first of a case after it changed hears of the changes
too, whichever of the two was delivered first; what changed before the case concerned them is no news. Whoever answered that a case is not about them hears no more of it, nor does a firm that muted it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from cases.models import Case, CaseStatus
from core.clock import Clock
from core.outbox import Message, OutboxRow
from warning.alerts import NAMED, announce
from warning.answers import silenced
from warning.changes import Change, entry_changes, outcome_change, party_change, tag_changes
from warning.criteria import holds_any
from warning.models import Alert, WatchProfile
from warning.watch import WATCH, awake, facts_of, muted, noise_words


class Follower:
    """Tells changes. ``clock`` stamps the alerts, and says which deadlines are still to come."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def tell_changes(self, session: Session, messages: Sequence[Message]) -> None:
        """Consumer of case.changed, case.tagged and alert.raised."""
        told_first = {m.key for m in messages if m.topic == "alert.raised" and m.payload.get("is_first")}
        every = {m.id: m for m in [*messages, *_happened(session, told_first)]}
        wanted = [every[i] for i in sorted(every) if _may_tell(every[i])]
        if not wanted:
            return
        ids = {uuid.UUID(m.key) for m in wanted}
        followers: dict[uuid.UUID, list[Alert]] = {}
        for alert in session.scalars(_following(ids, self._clock)):
            followers.setdefault(alert.case_id, []).append(alert)
        if not followers:
            return
        query = (
            select(Case)
            .where(Case.id.in_(followers), Case.status == CaseStatus.PUBLIC.value)
            .options(selectinload(Case.tags), selectinload(Case.parties), selectinload(Case.events))
        )
        cases = {case.id: case for case in session.scalars(query)}
        keys = select(Alert.firm_id, Alert.profile_id, Alert.case_id, Alert.trigger)
        told = {tuple(row) for row in session.execute(keys.where(Alert.case_id.in_(cases)))}
        quiet, mute, noise = silenced(session, cases), muted(session, cases), noise_words(session)
        for message in wanted:
            case = cases.get(uuid.UUID(message.key))
            if case is None:
                continue
            changes = self._changes(case, message)
            for first in followers[case.id]:
                if (case.id, first.firm_id, first.profile_id) in quiet or (first.firm_id, case.id) in mute:
                    continue
                if first.profile_id and holds_any(noise.get(first.firm_id, ()), facts_of(case).texts):
                    continue
                if message.payload["version"] <= first.case_version:
                    continue
                for change in changes:
                    key = (first.firm_id, first.profile_id, case.id, change.trigger)
                    if key not in told:
                        told.add(key)
                        announce(session, self._clock, self._alert(first, case, change))

    def _changes(self, case: Case, message: Message) -> list[Change]:
        if message.topic == "case.tagged":
            added = [
                tag.removeprefix("stage:") for tag in message.payload["added"] if tag.startswith("stage:")
            ]
            stood = message.payload["stages"]
            return tag_changes(stood, [*stood, *added])
        news = message.payload["news"]
        fresh, joined = set(news.get("events", ())), set(news.get("parties", ()))
        # Only what stood there when the message was written: what came later has a message of its own.
        last = max(fresh, default=0)
        events = [e for e in case.events if e.id <= last]
        changes = entry_changes(
            case.venue,
            [e for e in events if e.id not in fresh],
            [e for e in events if e.id in fresh],
            [tag.value for tag in case.tags if tag.kind == "stage"],
            self._clock.now(),
        )
        added_parties = [(p.key, p.name) for p in case.parties if str(p.id) in joined]
        changes += party_change([p.name for p in case.parties if str(p.id) not in joined], added_parties)
        if "outcome" in news:
            before, after = news["outcome"]
            changes += outcome_change(before, after)
        return changes

    def _alert(self, first: Alert, case: Case, change: Change) -> Alert:
        return Alert(
            centre_id=first.centre_id,
            firm_id=first.firm_id,
            case_id=case.id,
            trigger=change.trigger,
            profile_id=first.profile_id,
            reasons=[change.as_reason(), *first.grounds],
            case_version=case.version,
            raised_at=self._clock.now(),
        )


def _happened(session: Session, case_ids: set[str]) -> list[Message]:
    """What the outbox tells of the changes of some cases."""
    topics = ["case.changed", "case.tagged"]
    rows = select(OutboxRow).where(OutboxRow.key.in_(case_ids), OutboxRow.topic.in_(topics))
    return [Message(row.id, row.topic, row.key, row.payload) for row in session.scalars(rows)]


def _may_tell(message: Message) -> bool:
    if message.topic == "alert.raised" or message.payload.get("backfill") or "version" not in message.payload:
        return False
    return (
        "stages" in message.payload if message.topic == "case.tagged" else bool(message.payload.get("news"))
    )


def _following(case_ids: set[uuid.UUID], clock: Clock) -> Select[Alert]:
    """The first alert about each of the cases to each who was told: its firm, or a profile that watches."""
    watches = select(WatchProfile.id).where(awake(clock))
    return (
        select(Alert)
        .where(Alert.case_id.in_(case_ids), Alert.trigger.in_([NAMED, WATCH]))
        .where(Alert.profile_id.is_(None) | Alert.profile_id.in_(watches))
        .order_by(Alert.id)
    )
