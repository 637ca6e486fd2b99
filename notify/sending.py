"""Queueing: a firm, or a person, is told a thing once. What is told within a short while becomes one message."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts.models import User, holds
from core.actor import Role, system_actor
from core.clock import Clock
from core.db import new_id
from notify.models import (
    DELIVERY_WORKFLOW,
    ChannelPreference,
    DeliveryState,
    Message,
    MessageDelivery,
    MessageSubject,
    WebhookEndpoint,
)
from notify.topics import ALERT, CODE, TEST, Rhythm, Topic

__all__ = ["ALERT", "GATHER", "TEST", "Mailroom", "mark_read"]

#: how long a message gathers before it leaves: a drain of the outbox raises the alerts of a visit within seconds, and an
#: alert is to be with the mail server within half a minute of the feed's answer (benchmarks/feed_to_mail.py)
GATHER = timedelta(seconds=10)


@dataclass(frozen=True)
class _News:
    """What a message is claimed by: whom it tells of what, and how urgently."""

    topic: Topic
    centre_id: uuid.UUID
    firm_id: uuid.UUID | None
    account_id: uuid.UUID | None
    is_urgent: bool
    endpoint_id: uuid.UUID | None = None
    outside_id: uuid.UUID | None = None

    @property
    def told_id(self) -> uuid.UUID:
        told = self.firm_id or self.account_id or self.endpoint_id or self.outside_id
        assert told is not None, "news are for somebody"
        return told

    @property
    def claim(self) -> str:
        return f"{self.topic.id}:{'urgent' if self.is_urgent else 'plain'}:{self.told_id}"


class Mailroom:
    """Queues messages for the channels this house has.

    Args:
        clock: stamps them.
        channels: which of app, email, webhook and sms there are; nothing is queued for one that is not.
    """

    def __init__(self, clock: Clock, channels: frozenset[str]) -> None:
        self._clock, self.channels = clock, channels

    def tell(
        self,
        session: Session,
        topic: Topic,
        centre_id: uuid.UUID,
        firm_id: uuid.UUID,
        subject_ids: Iterable[uuid.UUID],
        *,
        is_urgent: bool = False,
        channels: frozenset[str] | None = None,
        gather: timedelta = GATHER,
    ) -> Message | None:
        """Queue telling a firm of ``subject_ids``; None when it was told of all of them before.

        Args:
            is_urgent: it waits for no digest and for no end of quiet hours.
            channels: the only ones it may leave by; all there are where none are told.
        """
        news = _News(topic, centre_id, firm_id, None, is_urgent)
        return self._tell(session, news, subject_ids, gather, channels or self.channels)

    def tell_person(
        self,
        session: Session,
        topic: Topic,
        centre_id: uuid.UUID,
        account_id: uuid.UUID,
        subject_ids: Iterable[uuid.UUID],
        *,
        is_urgent: bool = False,
        channels: frozenset[str] | None = None,
        gather: timedelta = GATHER,
    ) -> Message | None:
        """As :meth:`tell`, to one person; None too when no channel reaches them, and then nothing was told."""
        news = _News(topic, centre_id, None, account_id, is_urgent)
        return self._tell(session, news, subject_ids, gather, channels or self.channels)

    def tell_outside(
        self,
        session: Session,
        topic: Topic,
        centre_id: uuid.UUID,
        outside_id: uuid.UUID,
        subject_ids: Iterable[uuid.UUID],
    ) -> Message | None:
        """As :meth:`tell`, by mail to somebody without an account; ``outside_id`` is the record whose room knows the
        address when the mail leaves."""
        news = _News(topic, centre_id, None, None, False, outside_id=outside_id)
        return self._tell(session, news, subject_ids, GATHER, frozenset({"email"}))

    def tell_robots(
        self,
        session: Session,
        topic: Topic,
        centre_id: uuid.UUID,
        subject_ids: Iterable[uuid.UUID],
        *,
        is_urgent: bool = False,
    ) -> list[Message]:
        """As :meth:`tell`, to each robot of the centre's own staff that is told of ``topic``."""
        robots = session.scalars(
            select(WebhookEndpoint)
            .where(
                WebhookEndpoint.centre_id == centre_id,
                WebhookEndpoint.firm_id.is_(None),
                WebhookEndpoint.is_active,
            )
            .order_by(WebhookEndpoint.id)
        )
        wanted = list(subject_ids)
        told = [
            self.tell_robot(session, topic, robot, wanted, is_urgent=is_urgent)
            for robot in robots
            if topic.id in robot.topics
        ]
        return [message for message in told if message is not None]

    def tell_robot(
        self,
        session: Session,
        topic: Topic,
        robot: WebhookEndpoint,
        subject_ids: Iterable[uuid.UUID],
        *,
        is_urgent: bool = False,
        gather: timedelta = GATHER,
    ) -> Message | None:
        """As :meth:`tell`, to one robot of the centre's own staff."""
        news = _News(topic, robot.centre_id, None, None, is_urgent, robot.id)
        return self._tell(session, news, subject_ids, gather, self.channels)

    def _tell(
        self,
        session: Session,
        news: _News,
        subject_ids: Iterable[uuid.UUID],
        gather: timedelta,
        channels: frozenset[str],
    ) -> Message | None:
        wanted = dict.fromkeys(subject_ids)
        told = set(
            session.scalars(
                select(MessageSubject.subject_id).where(
                    MessageSubject.kind == news.topic.kind,
                    MessageSubject.told_id == news.told_id,
                    MessageSubject.subject_id.in_(wanted),
                )
            )
        )
        new = [subject_id for subject_id in wanted if subject_id not in told]
        if not new:
            return None
        if (news.account_id or news.outside_id) and not self._receivers(
            session, news, channels & self.channels
        ):
            return None
        message = self._gathering(session, news, gather, channels)
        session.add_all(
            MessageSubject(
                kind=message.kind, told_id=news.told_id, subject_id=subject_id, message_id=message.id
            )
            for subject_id in new
        )
        session.flush()
        return message

    def _gathering(
        self, session: Session, news: _News, gather: timedelta, channels: frozenset[str]
    ) -> Message:
        """The receiver's message that still gathers, held until the transaction ends; a new one when there is none."""
        query = select(Message).where(Message.gathering == news.claim).with_for_update()
        message = session.scalar(query)
        if message is not None:
            return message
        now = self._clock.now()
        message = Message(
            id=new_id(),
            centre_id=news.centre_id,
            kind=news.topic.kind,
            topic=news.topic.id,
            is_urgent=news.is_urgent,
            firm_id=news.firm_id,
            account_id=news.account_id,
            endpoint_id=news.endpoint_id,
            outside_id=news.outside_id,
            gathering=news.claim,
            created_at=now,
        )
        try:
            with session.begin_nested():
                session.add(message)
        except IntegrityError:
            # Another worker began one between our look and our claim.
            return session.scalars(query).one()
        for channel, receiver_id in self._receivers(session, news, channels & self.channels):
            session.add(_delivery(message, channel, receiver_id, now, now + gather))
        session.flush()
        return message

    def _receivers(
        self, session: Session, news: _News, channels: frozenset[str]
    ) -> list[tuple[str, uuid.UUID]]:
        if news.endpoint_id is not None:
            return [("webhook", news.endpoint_id)] if "webhook" in channels else []
        if news.outside_id is not None:
            return [("email", news.outside_id)] if "email" in channels else []
        found = [("app", news.told_id)] if "app" in channels else []
        people = list(session.scalars(_people(news)))
        if "email" in channels:
            found += [("email", person) for person in people if _wants_mail(session, person, news)]
        if "webhook" in channels and news.firm_id is not None:
            endpoints = select(WebhookEndpoint.id).where(
                WebhookEndpoint.firm_id == news.firm_id, WebhookEndpoint.is_active
            )
            found += [("webhook", endpoint_id) for endpoint_id in session.scalars(endpoints)]
        if "sms" in channels and (news.is_urgent or news.topic is CODE):
            numbers = select(ChannelPreference.account_id).where(
                ChannelPreference.account_id.in_(people),
                ChannelPreference.channel == "sms",
                ChannelPreference.is_on,
            )
            if news.topic is not CODE:
                numbers = numbers.where(ChannelPreference.verified_at.is_not(None))
            found += [("sms", account_id) for account_id in session.scalars(numbers)]
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


def _wants_mail(session: Session, account_id: uuid.UUID, news: _News) -> bool:
    """Whether a person gets mail of this; what is urgent reaches whoever gets mail at all."""
    row = session.get(ChannelPreference, (account_id, "email"))
    if row is not None and not row.is_on:
        return False
    chosen = row.rhythms.get(news.topic.id) if row is not None else None
    return news.is_urgent or (chosen or news.topic.unless_chosen.value) != Rhythm.NEVER.value


def _people(news: _News) -> Select[uuid.UUID]:
    """The accounts a message may reach: the person it is for, or every member of the firm."""
    query = select(User.id).where(User.active).order_by(User.id)
    if news.account_id is not None:
        return query.where(User.id == news.account_id)
    return query.where(User.firm_id == news.firm_id, holds(Role.FIRM_MEMBER))


def mark_read(session: Session, clock: Clock, kind: str, told_id: uuid.UUID, subject_id: uuid.UUID) -> None:
    """Note in the ledger that the firm (or person) has read on the pages what a message told it."""
    told = select(MessageSubject.message_id).where(
        MessageSubject.kind == kind,
        MessageSubject.told_id == told_id,
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
