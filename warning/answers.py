"""Answering an alert: what the firm makes of it, with words if it likes. Answers are kept, audited and can be reopened.

"Not about us" also silences the later changes of the case for whom the alert told, until another answer is given.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import BadInput, NotAllowed, StaleWrite
from core.said import said
from notify.sending import ALERT, mark_read
from warning.alerts import get_alert
from warning.answer_models import ANSWER_WORKFLOW, AlertAnswer, Answer
from warning.models import Alert, AlertState

#: characters of an answer's words
MOST_WORDS = 1000


def answer_alert(
    session: Session,
    clock: Clock,
    actor: Actor,
    alert_id: uuid.UUID,
    step: str,
    words: str = "",
    *,
    seen: str,
) -> Alert:
    """Take a step of :data:`ANSWER_WORKFLOW` on one's own alert; whoever answers has read it.

    Args:
        step: not_ours, noted, handling, help, reopen.
        words: what the firm adds, up to :data:`MOST_WORDS` characters; the centre reads them unless the alert is a
            watch profile's.
        seen: the answer the actor looked at.

    Raises NotFound (not the actor's), NotAllowed (staff do not answer for a firm), BadInput (words too long),
    StaleWrite (a colleague answered meanwhile), TransitionRefused.
    """
    actor.require(Permission.ALERT_DISPOSE)
    written = words.strip()
    if len(written) > MOST_WORDS:
        raise BadInput(
            said("These words are too long: at most %(most)s characters.", most=MOST_WORDS),
            fix=said("Shorten them; the consultation form has room for more."),
        )
    session.execute(select(Alert.id).where(Alert.id == alert_id).with_for_update())
    alert = get_alert(session, actor, alert_id)
    if actor.firm_id != alert.firm_id:
        raise NotAllowed(said("Only the firm itself answers its alerts."))
    if alert.answer != seen:
        raise StaleWrite(
            said("A colleague answered this alert while you were reading."),
            fix=said("Look at it again; nothing was changed."),
            yours=step,
            current=alert.answer,
        )
    now = clock.now()
    alert.answer = ANSWER_WORKFLOW.take(step, alert.answer, actor)
    alert.answered_at = now if alert.answer != Answer.OPEN.value else None
    if alert.state == AlertState.UNREAD.value:
        alert.state, alert.read_at = AlertState.READ.value, alert.read_at or now
        mark_read(session, clock, ALERT, alert.firm_id, alert.id)
    session.add(
        AlertAnswer(alert_id=alert.id, step=step, words=written, answered_by=actor.name, answered_at=now)
    )
    session.flush()
    values = {"answer": alert.answer, "words": written}
    audit.record(
        session, clock, actor, f"alert.{step}", "alert", alert.id, values=values, centre_id=alert.centre_id
    )
    return alert


def answers_of(session: Session, actor: Actor, alert_id: uuid.UUID) -> list[AlertAnswer]:
    """Every answer to an alert the actor sees, the newest first."""
    query = AlertAnswer.visible_to(actor).where(AlertAnswer.alert_id == alert_id)
    return list(session.scalars(query.order_by(AlertAnswer.id.desc())))


def count_answers(session: Session, actor: Actor) -> dict[str, int]:
    """How many of the actor's alerts stand at each answer; every answer is a key."""
    seen = Alert.visible_to(actor).subquery()
    rows = session.execute(select(seen.c.answer, func.count()).group_by(seen.c.answer)).all()
    counted = {str(answer): int(count) for answer, count in rows}
    return {answer.value: counted.get(answer.value, 0) for answer in Answer}


def silenced(
    session: Session, case_ids: Iterable[uuid.UUID]
) -> set[tuple[uuid.UUID, uuid.UUID, uuid.UUID | None]]:
    """(case, firm, profile) whose latest answer about the case is that it is not about them."""
    rows = session.execute(
        select(Alert.case_id, Alert.firm_id, Alert.profile_id, Alert.answer)
        .where(Alert.case_id.in_(set(case_ids)), Alert.answered_at.is_not(None))
        .order_by(Alert.answered_at, Alert.id)
    )
    latest = {(case, firm, profile): answer for case, firm, profile, answer in rows}
    return {line for line, answer in latest.items() if answer == Answer.NOT_OURS.value}
