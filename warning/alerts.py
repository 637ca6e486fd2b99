"""Alerts: a firm is told once that a case names it, with the reason.

Unique per (firm, case, trigger), by the table's own key; what a watch
profile finds is :mod:`warning.watch`'s, what changes later :mod:`warning.following`'s. Raised only for a public case and a match of confirm grade;
backfill and re-screening never alert. A candidate alerts when staff, or a better source, confirm it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.models import Case, CaseStatus, Party
from core import audit
from core.actor import Actor
from core.clock import Clock
from core.errors import NotFound
from core.outbox import Message, emit
from core.paging import Page, decode_cursor, encode_cursor, id_in_cursor
from core.said import said
from notify.sending import ALERT, mark_read
from warning.models import ALERT_WORKFLOW, Alert, AlertState, PartyMatch

#: the case names the firm as a party
NAMED = "named"


class Watcher:
    """Raises alerts for matches. ``clock`` stamps them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def raise_alerts(self, session: Session, messages: Sequence[Message]) -> None:
        """Consumer of party.matched and case.confirmed."""
        telling = [uuid.UUID(m.key) for m in messages if not m.payload.get("backfill")]
        if not telling:
            return
        rows = session.execute(
            select(PartyMatch, Party, Case.public_since)
            .join(Party, Party.id == PartyMatch.party_id)
            .join(Case, Case.id == PartyMatch.case_id)
            .where(PartyMatch.case_id.in_(telling), PartyMatch.grade == "confirm")
            .where(Case.status == CaseStatus.PUBLIC.value)
            .order_by(PartyMatch.case_id, PartyMatch.score.desc(), Party.position)
        )
        grouped: dict[tuple[uuid.UUID, uuid.UUID], list[tuple[PartyMatch, Party]]] = {}
        public: dict[uuid.UUID, int] = {}
        for match, party, since in rows:
            public[match.case_id] = since
            grouped.setdefault((match.case_id, match.firm_id), []).append((match, party))
        told = {
            (a.case_id, a.firm_id)
            for a in session.scalars(select(Alert).where(Alert.case_id.in_(telling), Alert.trigger == NAMED))
        }
        for (case_id, firm_id), found in grouped.items():
            if (case_id, firm_id) in told:
                continue
            alert = Alert(
                centre_id=found[0][0].centre_id,
                firm_id=firm_id,
                case_id=case_id,
                trigger=NAMED,
                reasons=[_reason(match, party) for match, party in found],
                # From here on the case names the firm in public, whenever this is delivered.
                case_version=max(public[case_id], min(party.since for _, party in found)),
                raised_at=self._clock.now(),
            )
            announce(session, self._clock, alert)


def announce(session: Session, clock: Clock, alert: Alert) -> None:
    """Add ``alert`` and tell whoever tells firms."""
    session.add(alert)
    session.flush()
    payload = {
        "alert": str(alert.id),
        "firm": str(alert.firm_id),
        "centre": str(alert.centre_id),
        "is_first": alert.change is None,
    }
    emit(session, "alert.raised", str(alert.case_id), payload, clock)


def _reason(match: PartyMatch, party: Party) -> dict[str, object]:
    return {
        "party": party.name,
        "role": party.role,
        "matched_name": match.matched_name,
        "score": match.score,
        "reason": match.reason,
    }


def list_alerts(
    session: Session,
    actor: Actor,
    *,
    unread_only: bool = False,
    answer: str = "",
    cursor: str | None = None,
    limit: int = 30,
) -> Page[Alert]:
    """The actor's alerts, newest first; with ``answer`` those that stand at it. Raises BadInput on a bad cursor."""
    query = Alert.visible_to(actor).order_by(Alert.id.desc()).limit(limit + 1)
    if unread_only:
        query = query.where(Alert.state == AlertState.UNREAD.value)
    if answer:
        query = query.where(Alert.answer == answer)
    if cursor:
        (after,) = decode_cursor(cursor, 1)
        query = query.where(Alert.id < id_in_cursor(after))
    rows = list(session.scalars(query))
    more = rows[limit - 1] if len(rows) > limit else None
    return Page(rows[:limit], encode_cursor([str(more.id)]) if more else None)


def count_unread(session: Session, actor: Actor) -> int:
    """How many alerts the actor has not read."""
    unread = Alert.visible_to(actor).where(Alert.state == AlertState.UNREAD.value).subquery()
    return session.scalar(select(func.count()).select_from(unread)) or 0


def get_alert(session: Session, actor: Actor, alert_id: uuid.UUID) -> Alert:
    """The alert. Raises NotFound when the actor may not know of it."""
    alert = session.scalar(Alert.visible_to(actor).where(Alert.id == alert_id))
    if alert is None:
        raise NotFound(said("There is no such alert for you."))
    return alert


def mark_alert(session: Session, clock: Clock, actor: Actor, alert_id: uuid.UUID, step: str) -> Alert:
    """Take a step (read, unread) on one's own alert.

    Raises NotFound (not the actor's), NotAllowed (staff do not read for a firm), TransitionRefused.
    """
    alert = get_alert(session, actor, alert_id)
    alert.state = ALERT_WORKFLOW.take(step, alert.state, actor)
    if step == "read" and alert.read_at is None:
        alert.read_at = clock.now()
    if step == "read":
        mark_read(session, clock, ALERT, alert.firm_id, alert.id)
    audit.record(session, clock, actor, f"alert.{step}", "alert", alert.id, centre_id=alert.centre_id)
    return alert


def matches_of_case(session: Session, actor: Actor, case_id: uuid.UUID) -> list[PartyMatch]:
    """Matches of a case that the actor may see, best first."""
    query = (
        PartyMatch.visible_to(actor).where(PartyMatch.case_id == case_id).order_by(PartyMatch.score.desc())
    )
    return list(session.scalars(query))


def named_firms(session: Session, actor: Actor, case_id: uuid.UUID) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """The registered firms a case names for certain, as (firm, party), the likeliest first."""
    sure = (match for match in matches_of_case(session, actor, case_id) if match.grade == "confirm")
    return [(match.firm_id, match.party_id) for match in sure]


def matches_of_firm(
    session: Session, actor: Actor, firm_id: uuid.UUID, *, limit: int = 100
) -> list[PartyMatch]:
    """Matches of a firm that the actor may see, newest first."""
    query = PartyMatch.visible_to(actor).where(PartyMatch.firm_id == firm_id)
    return list(session.scalars(query.order_by(PartyMatch.found_at.desc(), PartyMatch.id).limit(limit)))
