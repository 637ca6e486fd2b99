"""Tables of telling: messages, the ledger of their deliveries, what each person and firm wants. All of a centre."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, false, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.actor import Actor, Permission, Role
from core.db import Base, new_id
from core.said import Said, said
from core.workflow import Step, Workflow, states_of


class Message(Base):
    """Something to tell one firm. It gathers subjects until its first delivery is due, then it is closed."""

    __tablename__ = "message"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the firm's centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: what kind of thing is told: alert, consultation, test
    kind: Mapped[str]
    #: whom it is for
    firm_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"))
    #: the claim to be the firm's gathering message of its kind; empty once closed
    gathering: Mapped[str | None] = mapped_column(unique=True)
    #: when begun
    created_at: Mapped[datetime]

    subjects: Mapped[list[MessageSubject]] = relationship(
        back_populates="message", cascade="all, delete-orphan", order_by="MessageSubject.subject_id"
    )
    deliveries: Mapped[list[MessageDelivery]] = relationship(
        back_populates="message", cascade="all, delete-orphan"
    )

    __table_args__ = (Index("ix_message_firm", "firm_id", "created_at"),)


class MessageSubject(Base):
    """One thing a message tells. Its key is the claim: the same thing is told to the same firm once."""

    __tablename__ = "message_subject"

    #: the kind of the message
    kind: Mapped[str] = mapped_column(primary_key=True)
    #: whom it is told
    firm_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), primary_key=True)
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
    #: the firm's centre, repeated for lists
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the firm, repeated for lists
    firm_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"))
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
    )

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[MessageDelivery]:
        """The centre's for staff, one's own firm's for a firm member, none for anybody else."""
        query = select(cls)
        if actor.system and actor.centre_id is None:
            return query
        if actor.may(Permission.DELIVERY_READ):
            return query.where(cls.centre_id == actor.centre_id)
        if Role.FIRM_MEMBER in actor.roles:
            return query.where(cls.centre_id == actor.centre_id, cls.firm_id == actor.firm_id)
        return query.where(false())


class ChannelPreference(Base):
    """What one person wants of one channel; without a row a channel is on."""

    __tablename__ = "channel_preference"

    #: the person
    account_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
    )
    #: email
    channel: Mapped[str] = mapped_column(primary_key=True)
    #: whether it is wanted
    is_on: Mapped[bool]
    #: when last chosen
    updated_at: Mapped[datetime]


class WebhookEndpoint(Base):
    """Where a firm's own system listens. Its secret is derived from the salt and the house's key, and never stored."""

    __tablename__ = "webhook_endpoint"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the firm's centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the firm
    firm_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), index=True)
    #: where messages are posted
    url: Mapped[str]
    #: random; a new endpoint has a new one and so a new secret
    salt: Mapped[str]
    #: False once replaced or removed
    is_active: Mapped[bool] = mapped_column(default=True)
    #: when made
    created_at: Mapped[datetime]
