"""Tables of telling: messages, the ledger of their deliveries, what each person and firm wants. All of a centre."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, and_, false, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.actor import Actor, Permission, Role
from core.db import Base, new_id
from core.said import Said, said
from core.workflow import Step, Workflow, states_of


class Message(Base):
    """Something to tell one firm, one person or one robot of the staff. It gathers subjects until its first delivery is due, then it is closed."""

    __tablename__ = "message"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the receiver's centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: what kind of thing is told: alert, consultation, test; one composer writes all of a kind
    kind: Mapped[str]
    #: what of the kind, as people choose it (:mod:`notify.topics`)
    topic: Mapped[str]
    #: it waits for no digest and no morning
    is_urgent: Mapped[bool] = mapped_column(default=False)
    #: the firm it is for; none when it is for a person
    firm_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"))
    #: the person it is for; none when it is for a firm
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    #: the robot of the centre's own staff it is for; none when it is for a firm or a person
    endpoint_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("webhook_endpoint.id", ondelete="CASCADE"), index=True
    )
    #: the claim to be the receiver's gathering message of its topic and urgency; empty once closed
    gathering: Mapped[str | None] = mapped_column(unique=True)
    #: when begun
    created_at: Mapped[datetime]

    subjects: Mapped[list[MessageSubject]] = relationship(
        back_populates="message", cascade="all, delete-orphan", order_by="MessageSubject.subject_id"
    )
    deliveries: Mapped[list[MessageDelivery]] = relationship(
        back_populates="message", cascade="all, delete-orphan"
    )

    __table_args__ = (
        Index("ix_message_firm", "firm_id", "created_at"),
        Index("ix_message_account", "account_id", "created_at"),
    )

    @property
    def told_id(self) -> uuid.UUID:
        """Whom it is for: a firm, an account or a robot of the staff."""
        told = self.firm_id or self.account_id or self.endpoint_id
        assert told is not None, "a message is for somebody"
        return told


class MessageSubject(Base):
    """One thing a message tells. Its key is the claim: the same thing is told to the same firm or person once."""

    __tablename__ = "message_subject"

    #: the kind of the message
    kind: Mapped[str] = mapped_column(primary_key=True)
    #: whom it is told: a firm or an account
    told_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    #: id of the record in its own room, e.g. of an alert
    subject_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    #: the message that tells it
    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)

    message: Mapped[Message] = relationship(back_populates="subjects")


class DeliveryState(StrEnum):
    """Where one delivery stands."""

    QUEUED = "queued"
    RETRIED = "retried"
    ACCEPTED = "accepted"
    FAILED = "failed"
    READ = "read"


_WAITING = frozenset({DeliveryState.QUEUED.value, DeliveryState.RETRIED.value})
DELIVERY_WORKFLOW = Workflow(
    name="delivery",
    states=states_of(
        DeliveryState,
        [
            ("待发送", "queued"),
            ("待重试", "waits for another try"),
            ("对方已接收", "accepted"),
            ("失败", "failed"),
            ("已读", "read"),
        ],
    ),
    initial=DeliveryState.QUEUED.value,
    steps=(
        Step("accept", _WAITING, DeliveryState.ACCEPTED.value, None, "对方接收", "Accept"),
        Step("put_off", _WAITING, DeliveryState.RETRIED.value, None, "稍后重试", "Put off"),
        Step("give_up", _WAITING, DeliveryState.FAILED.value, None, "放弃", "Give up"),
        Step(
            "read",
            _WAITING | {DeliveryState.ACCEPTED.value},
            DeliveryState.READ.value,
            None,
            "已读",
            "Read",
        ),
        Step(
            "retry",
            frozenset({DeliveryState.FAILED.value}),
            DeliveryState.QUEUED.value,
            Permission.DELIVERY_READ,
            "重新发送",
            "Send again",
        ),
    ),
)


class MessageDelivery(Base):
    """One message on its way over one channel to one receiver: a line of the ledger. Its id is the idempotency key."""

    __tablename__ = "message_delivery"

    #: outside id; the Message-ID of a mail, the Idempotency-Key of a webhook, the same for every try
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the receiver's centre, repeated for lists
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the firm, repeated for lists; none when a person is told
    firm_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"))
    #: what is delivered
    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    #: app, email, webhook
    channel: Mapped[str]
    #: id of the receiver: a firm, an account or an endpoint, as the channel has it
    receiver_id: Mapped[uuid.UUID]
    #: queued, retried, accepted, failed, read
    state: Mapped[str] = mapped_column(default=DeliveryState.QUEUED.value)
    #: tries so far, the one under way included
    attempts: Mapped[int] = mapped_column(default=0)
    #: the next try is not before this; while one is under way, when it counts as lost
    next_try_at: Mapped[datetime]
    #: why it waits though nothing failed: digest, quiet; kept once it has left
    held_for: Mapped[str | None]
    #: the delivery whose mail or post tells this one too, under that one's key; none when it leaves by itself
    carried_by: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("message_delivery.id", ondelete="CASCADE"), index=True
    )
    #: what the receiving server called it
    server_id: Mapped[str | None]
    #: the last failure in our words: template and values of a sentence of the catalogue
    error: Mapped[dict[str, Any] | None]
    #: when queued
    created_at: Mapped[datetime]
    #: when the server accepted it
    accepted_at: Mapped[datetime | None]
    #: when the firm read it
    read_at: Mapped[datetime | None]

    message: Mapped[Message] = relationship(back_populates="deliveries")

    @property
    def problem(self) -> Said | None:
        """The last failure as a sentence."""
        if not self.error:
            return None
        template = self.error["template"]
        return said(template, **self.error["values"])

    __table_args__ = (
        UniqueConstraint("message_id", "channel", "receiver_id"),
        Index("ix_message_delivery_due", "state", "next_try_at"),
        Index("ix_message_delivery_list", "centre_id", "id"),
        Index("ix_message_delivery_receiver", "receiver_id", "channel", "state"),
    )

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[MessageDelivery]:
        """The centre's for staff; for anybody else one's own firm's and what was sent to oneself alone."""
        query = select(cls)
        if actor.system and actor.centre_id is None:
            return query
        if actor.may(Permission.DELIVERY_READ):
            return query.where(cls.centre_id == actor.centre_id)
        if actor.user_id is None and actor.firm_id is None:
            return query.where(false())
        own = and_(cls.firm_id.is_(None), cls.receiver_id == actor.user_id)
        if Role.FIRM_MEMBER in actor.roles:
            own = or_(own, cls.firm_id == actor.firm_id)
        return query.where(cls.centre_id == actor.centre_id, own)


class ChannelPreference(Base):
    """What one person wants of one channel; without a row mail is on, at once and at every hour."""

    __tablename__ = "channel_preference"

    #: the person
    account_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
    )
    #: email
    channel: Mapped[str] = mapped_column(primary_key=True)
    #: whether it is wanted
    is_on: Mapped[bool]
    #: topic -> once, daily, weekly; at once where none is told
    rhythms: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: quiet hours as HH:MM in the centre's zone, both or neither
    quiet_from: Mapped[str | None]
    #: the end of the quiet hours
    quiet_to: Mapped[str | None]
    #: for sms: the number, in the vault's form under the account's id
    sealed: Mapped[bytes | None]
    #: for sms: the number as pages show it
    shown: Mapped[str | None]
    #: for sms: which wording the person agreed to
    consent: Mapped[str | None]
    #: when they agreed
    consented_at: Mapped[datetime | None]
    #: when the code proved the number theirs; nothing but codes is sent before
    verified_at: Mapped[datetime | None]
    #: what the code that waits is derived from
    code_salt: Mapped[str | None]
    #: when the last code was sent
    code_sent_at: Mapped[datetime | None]
    #: how often the code that waits was guessed at
    code_guesses: Mapped[int] = mapped_column(default=0)
    #: codes sent with less than a day between them
    codes_sent: Mapped[int] = mapped_column(default=0)
    #: when last chosen
    updated_at: Mapped[datetime]


class WebhookEndpoint(Base):
    """Where a firm's own system listens, or its group's robot, or a robot of the centre's own staff. The secret of a system is derived from the salt and the
    house's key, and never stored; the address of a robot is one, so it is sealed under the centre's key."""

    __tablename__ = "webhook_endpoint"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the firm's centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the firm; none: it is a robot of the centre's own staff
    firm_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), index=True)
    #: of a robot of the staff, the topics it is told of
    topics: Mapped[list[str]] = mapped_column(default=list)
    #: what listens: seamark, wecom, dingtalk (:class:`notify.robots.Shape`)
    shape: Mapped[str] = mapped_column(default="seamark")
    #: where messages are posted; of a robot, without its key
    url: Mapped[str]
    #: of a robot, its whole address and its secret as JSON, in the vault's form
    sealed: Mapped[bytes | None]
    #: random; a new endpoint has a new one and so a new secret
    salt: Mapped[str]
    #: False once replaced or removed
    is_active: Mapped[bool] = mapped_column(default=True)
    #: when made
    created_at: Mapped[datetime]


class FirmFeed(Base):
    """A firm's private feed. Its address holds a token of which only the SHA-256 is kept."""

    __tablename__ = "firm_feed"

    #: the firm
    firm_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), primary_key=True)
    #: its centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: in hexadecimal
    token_sha256: Mapped[str] = mapped_column(unique=True)
    #: when this address was made
    made_at: Mapped[datetime]
