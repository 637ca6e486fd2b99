"""The ledger as the actor may see it: what was sent to whom, what came of it, another try."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import FromClause, false, func, or_, select, update
from sqlalchemy.orm import Session

from accounts.models import User
from core import audit
from core.actor import Actor
from core.clock import Clock
from core.errors import NotFound
from core.paging import Page, decode_cursor, encode_cursor, id_in_cursor
from core.said import said
from notify.models import (
    DELIVERY_WORKFLOW,
    ChannelPreference,
    DeliveryState,
    Message,
    MessageDelivery,
    MessageSubject,
    WebhookEndpoint,
)


@dataclass(frozen=True)
class Line:
    """A line of the ledger: the delivery, its message's kind and number of subjects, its firm, and whom it reaches."""

    delivery: MessageDelivery
    kind: str
    subjects: int
    firm: str
    receiver: str


def list_deliveries(
    session: Session,
    actor: Actor,
    *,
    state: str = "",
    channel: str = "",
    is_own: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Line]:
    """Deliveries the actor may see, newest first; only those to themselves and their firm where ``is_own``.

    Raises BadInput on a bad cursor.
    """
    query = MessageDelivery.visible_to(actor).order_by(MessageDelivery.id.desc()).limit(limit + 1)
    if state:
        query = query.where(MessageDelivery.state == state)
    if channel:
        query = query.where(MessageDelivery.channel == channel)
    if is_own:
        to_me = MessageDelivery.receiver_id == actor.user_id
        is_firms = MessageDelivery.firm_id == actor.firm_id if actor.firm_id else false()
        query = query.where(or_(to_me, is_firms))
    if cursor:
        (before,) = decode_cursor(cursor, 1)
        query = query.where(MessageDelivery.id < id_in_cursor(before))
    rows = list(session.scalars(query))
    following = encode_cursor([str(rows[limit - 1].id)]) if len(rows) > limit else None
    return Page(_lines(session, rows[:limit]), following)


def _lines(session: Session, rows: Sequence[MessageDelivery]) -> list[Line]:
    ids = {row.message_id for row in rows}
    kinds = dict(session.execute(select(Message.id, Message.kind).where(Message.id.in_(ids))).all())
    counts = dict(
        session.execute(
            select(MessageSubject.message_id, func.count())
            .where(MessageSubject.message_id.in_(ids))
            .group_by(MessageSubject.message_id)
        ).all()
    )
    firm = _firms()
    named = session.execute(
        select(firm.c.id, firm.c.name_zh).where(firm.c.id.in_({row.firm_id for row in rows}))
    )
    firms = {uuid.UUID(str(identity)): name for identity, name in named}
    receivers = {row.receiver_id for row in rows}
    mails = session.execute(select(User.id, User.email).where(User.id.in_(receivers))).all()
    hooks = session.execute(
        select(WebhookEndpoint.id, WebhookEndpoint.url).where(WebhookEndpoint.id.in_(receivers))
    ).all()
    numbers = session.execute(
        select(ChannelPreference.account_id, ChannelPreference.shown).where(
            ChannelPreference.account_id.in_(receivers), ChannelPreference.channel == "sms"
        )
    ).all()
    shown = {("email", identity): _masked(email) for identity, email in mails}
    shown |= {("app", identity): name for (_, identity), name in shown.items()}
    shown |= {("webhook", identity): urlsplit(url).hostname or "" for identity, url in hooks}
    shown |= {("sms", identity): number or "" for identity, number in numbers}
    return [
        Line(
            row,
            kinds[row.message_id],
            counts.get(row.message_id, 0),
            firms.get(row.firm_id, "") if row.firm_id else "",
            shown.get((row.channel, row.receiver_id), ""),
        )
        for row in rows
    ]


def _firms() -> FromClause:
    """The register's table. It is a room of the same storey; here a firm is known by its foreign key alone."""
    return next(iter(Message.__table__.c.firm_id.foreign_keys)).column.table


def _masked(email: str) -> str:
    """An address as staff see it: enough to tell two apart, not enough to write to."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}***@{domain}"


def count_states(session: Session, actor: Actor) -> dict[str, int]:
    """How many deliveries the actor may see, per state."""
    seen = MessageDelivery.visible_to(actor).subquery()
    counts = session.execute(select(seen.c.state, func.count()).group_by(seen.c.state)).all()
    return {state.value: 0 for state in DeliveryState} | {str(state): count for state, count in counts}


def health(session: Session) -> dict[str, int]:
    """What a supervisor asks: how many deliveries wait, and how many were given up."""
    counts = dict(
        session.execute(
            select(MessageDelivery.state, func.count())
            .where(MessageDelivery.state.in_(("queued", "retried", "failed")))
            .group_by(MessageDelivery.state)
        ).all()
    )
    return {"queued": counts.get("queued", 0) + counts.get("retried", 0), "failed": counts.get("failed", 0)}


def retry(session: Session, clock: Clock, actor: Actor, delivery_id: uuid.UUID) -> MessageDelivery:
    """Queue a failed delivery again, under the same key, and with it whatever left in the same mail or post.

    Raises NotFound (not the actor's), NotAllowed (not staff), TransitionRefused (it has not failed).
    """
    query = MessageDelivery.visible_to(actor).where(MessageDelivery.id == delivery_id).with_for_update()
    row = session.scalar(query)
    if row is None:
        raise NotFound(said("There is no such delivery."))
    row.state = DELIVERY_WORKFLOW.take("retry", row.state, actor)
    leader_id = row.carried_by or row.id
    together = session.scalars(
        select(MessageDelivery)
        .where(or_(MessageDelivery.id == leader_id, MessageDelivery.carried_by == leader_id))
        .where(MessageDelivery.state == DeliveryState.FAILED.value)
        .with_for_update()
    )
    for each in together:
        each.state = DELIVERY_WORKFLOW.take("retry", each.state, actor)
    session.flush()
    session.execute(
        update(MessageDelivery)
        .where(or_(MessageDelivery.id == leader_id, MessageDelivery.carried_by == leader_id))
        .where(MessageDelivery.state == DeliveryState.QUEUED.value)
        # The last failure stands until another try: it also says that this mail says what it said before.
        .values(attempts=0, next_try_at=clock.now())
    )
    audit.record(session, clock, actor, "delivery.retry", "delivery", row.id, centre_id=row.centre_id)
    return row
