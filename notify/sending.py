"""Queueing: a firm is told a thing once. What is told within a short while becomes one message."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts.models import AccountRole, User
from core.actor import Role, system_actor
from core.clock import Clock
from core.db import new_id
from core.outbox import Message as Happened
from notify.models import (
    DELIVERY_WORKFLOW,
    ChannelPreference,
    DeliveryState,
    Message,
    MessageDelivery,
    MessageSubject,
    WebhookEndpoint,
)

#: how long a message gathers before it leaves: one drain of the outbox raises all the alerts of a visit
GATHER = timedelta(seconds=30)
ALERT, TEST = "alert", "test"


class Mailroom:
    """Queues messages for the channels this house has.

    Args:
        clock: stamps them.
        channels: which of app, email and webhook there are; nothing is queued for one that is not.
    """

    def __init__(self, clock: Clock, channels: frozenset[str]) -> None:
        self._clock, self.channels = clock, channels

    def queue_alerts(self, session: Session, happened: Sequence[Happened]) -> None:
        """Consumer of alert.raised. Whoever raises alerts is silent about history; so is this."""
        found: dict[tuple[uuid.UUID, uuid.UUID], list[uuid.UUID]] = {}
        for row in happened:
            payload = row.payload
            whose = (uuid.UUID(payload["centre"]), uuid.UUID(payload["firm"]))
            found.setdefault(whose, []).append(uuid.UUID(payload["alert"]))
        for (centre_id, firm_id), alerts in found.items():
            self.tell(session, ALERT, centre_id, firm_id, alerts)

    def tell(
        self,
        session: Session,
        kind: str,
        centre_id: uuid.UUID,
        firm_id: uuid.UUID,
        subject_ids: Iterable[uuid.UUID],
        *,
        gather: timedelta = GATHER,
    ) -> Message | None:
        """Queue telling a firm of ``subject_ids``; None when it was told of all of them before."""
        wanted = dict.fromkeys(subject_ids)
        told = set(
            session.scalars(
                select(MessageSubject.subject_id).where(
                    MessageSubject.kind == kind,
                    MessageSubject.firm_id == firm_id,
                    MessageSubject.subject_id.in_(wanted),
                )
            )
        )
        new = [subject_id for subject_id in wanted if subject_id not in told]
        if not new:
            return None
        message = self._gathering(session, kind, centre_id, firm_id, gather)
        session.add_all(
            MessageSubject(kind=kind, firm_id=firm_id, subject_id=subject_id, message_id=message.id)
            for subject_id in new
        )
        session.flush()
        return message

    def _gathering(
        self, session: Session, kind: str, centre_id: uuid.UUID, firm_id: uuid.UUID, gather: timedelta
    ) -> Message:
        """The firm's message that still gathers, held until the transaction ends; a new one when there is none."""
        claim = f"{kind}:{firm_id}"
        query = select(Message).where(Message.gathering == claim).with_for_update()
        message = session.scalar(query)
        if message is not None:
            return message
        now = self._clock.now()
        message = Message(
            id=new_id(), centre_id=centre_id, kind=kind, firm_id=firm_id, gathering=claim, created_at=now
        )
        try:
            with session.begin_nested():
                session.add(message)
        except IntegrityError:
            # Another worker began one between our look and our claim.
            return session.scalars(query).one()
        for channel, receiver_id in self._receivers(session, firm_id):
            session.add(_delivery(message, channel, receiver_id, now, now + gather))
        session.flush()
        return message

    def _receivers(self, session: Session, firm_id: uuid.UUID) -> list[tuple[str, uuid.UUID]]:
        found = [("app", firm_id)]
        if "email" in self.channels:
            found += [("email", account_id) for account_id in session.scalars(_wanting_mail(firm_id))]
        if "webhook" in self.channels:
            endpoints = select(WebhookEndpoint.id).where(
                WebhookEndpoint.firm_id == firm_id, WebhookEndpoint.is_active
            )
            found += [("webhook", endpoint_id) for endpoint_id in session.scalars(endpoints)]
        return found


def _delivery(
    message: Message, channel: str, receiver_id: uuid.UUID, now: datetime, due: datetime
) -> MessageDelivery:
    return MessageDelivery(
        centre_id=message.centre_id,
        firm_id=message.firm_id,
        message_id=message.id,
        channel=channel,
        receiver_id=receiver_id,
        next_try_at=due,
        created_at=now,
    )


def _wanting_mail(firm_id: uuid.UUID) -> Select[uuid.UUID]:
    refused = exists().where(
        ChannelPreference.account_id == User.id,
        ChannelPreference.channel == "email",
        ChannelPreference.is_on.is_(False),
    )
    is_member = exists().where(AccountRole.account_id == User.id, AccountRole.name == Role.FIRM_MEMBER.value)
    return select(User.id).where(User.firm_id == firm_id, User.active, is_member, ~refused).order_by(User.id)


def mark_read(session: Session, clock: Clock, kind: str, firm_id: uuid.UUID, subject_id: uuid.UUID) -> None:
    """Note in the ledger that the firm has read on the pages what a message told it."""
    told = select(MessageSubject.message_id).where(
        MessageSubject.kind == kind,
        MessageSubject.firm_id == firm_id,
        MessageSubject.subject_id == subject_id,
    )
    rows = session.scalars(
        select(MessageDelivery).where(
            MessageDelivery.message_id.in_(told),
            MessageDelivery.channel == "app",
            MessageDelivery.state.notin_([DeliveryState.READ.value, DeliveryState.FAILED.value]),
        )
    )
    for row in rows:
        row.state = DELIVERY_WORKFLOW.take("read", row.state, system_actor("notify"))
        row.read_at = clock.now()
