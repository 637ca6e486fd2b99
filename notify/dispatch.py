"""Dispatch: what is due leaves, and the ledger says what came of it.

A delivery is claimed in one transaction, sent outside any, and marked in another. A process that dies in between leaves
the claim; when it has lapsed the same parcel is sent again under the same key, by which the receiver knows it.

Whether a mail may leave is asked when it is due, not when it is queued: digests and quiet hours are the person's choice
of that moment. What one person may get at once leaves in one mail: the first delivery carries the others, by a mark that
is written with the claim, so that every try says the same.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import User
from core.actor import system_actor
from core.centres import Centre
from core.clock import Clock, local_date
from core.db import Database
from core.errors import DeliveryFailed
from core.memo import lend, remembered
from core.outbox import emit
from core.said import Said, said
from core.vault import Vault
from notify.channels import Channel, Parcel
from notify.letters import Composer, Letter, gathered
from notify.models import (
    DELIVERY_WORKFLOW,
    ChannelPreference,
    DeliveryState,
    Message,
    MessageDelivery,
    MessageSubject,
    WebhookEndpoint,
)
from notify.preferences import SecretMaker, wish_of
from notify.rendering import Rendered, Renderer
from notify.rhythm import Hold, held_until
from notify.robots import MOST_A_MINUTE, Shape
from notify.sending import GATHER
from notify.topics import CODE, Rhythm

log = structlog.get_logger(__name__)

#: minutes until the next try after the first, second … failure; after the last one the delivery has failed
BACKOFF_MINUTES = (1, 5, 30, 120, 360, 720, 1440)
MOST_TRIES = len(BACKOFF_MINUTES) + 1
#: a run begins no delivery after this, so that it ends before its job's lease does
LONGEST_RUN = timedelta(minutes=5)
#: a claim older than this belonged to a process that died
LOST_AFTER = timedelta(minutes=10)
#: messages that one mail or post tells at most; more make another
MOST_CARRIED = 100
_UNSEEN = Rendered("", "", "", {}, (), "", "", "")
#: what several letters of a run say alike is asked anew after this
MEMO_KEPT = timedelta(seconds=10)
#: channels on which one delivery may carry others
_CARRYING = frozenset({"email", "webhook"})
_SYSTEM = system_actor("job:dispatch")
_WAITING = (DeliveryState.QUEUED.value, DeliveryState.RETRIED.value)


@dataclass(frozen=True)
class DispatchReport:
    """What a run did: deliveries accepted, put off for another try, given up, held for a digest or a morning."""

    accepted: int = 0
    put_off: int = 0
    failed: int = 0
    held: int = 0


@dataclass(frozen=True)
class _Claim:
    delivery_id: uuid.UUID
    attempt: int


class Dispatcher:
    """Sends what is due.

    Args:
        channels: name -> channel.
        composers: kind of message -> whoever writes its letters.
        secret_of: the secret of a webhook endpoint by its salt.
        vault: opens the addresses of robots.
        address_of: the mail address in a record of somebody without an account; None when it holds none.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        renderer: Renderer,
        channels: Mapping[str, Channel],
        composers: Mapping[str, Composer],
        secret_of: SecretMaker,
        vault: Vault,
        address_of: Callable[[Session, uuid.UUID], str | None] = lambda session, outside_id: None,
    ) -> None:
        self._database, self._clock, self._renderer = database, clock, renderer
        self._channels, self._composers, self._secret_of = channels, composers, secret_of
        self._vault, self._address_of = vault, address_of

    def run(self, *, limit: int = 10_000, within: timedelta = LONGEST_RUN) -> DispatchReport:
        """Send up to ``limit`` deliveries that are due; begin none once ``within`` has passed."""
        steps: Counter[str] = Counter()
        now = self._clock.now()
        sent, until = 0, now + within
        memo: dict[Hashable, Any] = {}
        memo_until = now + MEMO_KEPT
        while sent < limit and (now := self._clock.now()) < until and (claim := self._claim()) is not None:
            if isinstance(claim, Hold):
                steps["hold"] += 1
                continue
            if now >= memo_until:
                memo.clear()
                memo_until = now + MEMO_KEPT
            sent += 1
            step, deliveries = self._deliver(claim, memo)
            steps[step] += deliveries
        return DispatchReport(steps["accept"], steps["put_off"], steps["give_up"], steps["hold"])

    def _claim(self) -> _Claim | Hold | None:
        """Take the delivery that is due longest, or put it off if it may not leave yet; its message gathers no more."""
        now = self._clock.now()
        with self._database.write() as session:
            row = session.scalar(
                select(MessageDelivery)
                .where(
                    MessageDelivery.state.in_(_WAITING),
                    MessageDelivery.next_try_at <= now,
                    MessageDelivery.carried_by.is_(None),
                )
                .order_by(MessageDelivery.next_try_at, MessageDelivery.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if row is None:
                return None
            message = session.get_one(Message, row.message_id, with_for_update=True)
            message.gathering = None
            hold = _hold(session, row, message, now)
            if hold is not None:
                row.next_try_at, row.held_for = hold[0], hold[1].value
                return hold[1]
            row.attempts += 1
            row.next_try_at = now + LOST_AFTER
            # What failed before keeps what it said: a receiver may have it under this key already.
            if row.attempts == 1 and row.error is None and not message.is_urgent and row.channel in _CARRYING:
                _carry(session, row, message, now)
            return _Claim(row.id, row.attempts)

    def _deliver(self, claim: _Claim, memo: dict[Hashable, Any]) -> tuple[str, int]:
        try:
            if claim.attempt > MOST_TRIES:
                raise DeliveryFailed(
                    said("Every try was cut short by the end of the process."), is_final=True
                )
            channel, parcel = self._parcel(claim.delivery_id, memo)
            server_id = self._channels[channel].send(parcel)
        except DeliveryFailed as error:
            is_last = error.is_final or claim.attempt >= MOST_TRIES
            return self._mark(claim, "give_up" if is_last else "put_off", error=_said(error.message))
        except Exception:
            # A fault of ours in one parcel must not keep the others waiting.
            log.exception("dispatch_crashed", delivery=str(claim.delivery_id))
            is_last = claim.attempt >= MOST_TRIES
            words = said("Seamark itself failed; the log says how.")
            return self._mark(claim, "give_up" if is_last else "put_off", error=words)
        return self._mark(claim, "accept", server_id=server_id)

    def _parcel(self, delivery_id: uuid.UUID, memo: dict[Hashable, Any]) -> tuple[str, Parcel]:
        with self._database.read() as session:
            lend(session, memo)
            row = session.get_one(MessageDelivery, delivery_id)
            message = session.get_one(Message, row.message_id)
            if row.channel not in self._channels:
                raise DeliveryFailed(said("This channel is not set up here."), is_final=True)
            to, secret, shape = self._receiver(session, row)
            letter = self._letter(session, row, message)
            # The pages show it in their own way; to them it is only counted as told.
            rendered = _UNSEEN if row.channel == "app" else self._renderer.render(letter)
            return row.channel, Parcel(row.id, to, message.kind, rendered, self._clock.now(), secret, shape)

    def _letter(self, session: Session, row: MessageDelivery, message: Message) -> Letter:
        """What the delivery says, and those it carries: a letter a kind, put together where there are several."""
        carried = select(MessageDelivery.message_id).where(
            MessageDelivery.carried_by == row.id, MessageDelivery.state.in_(_WAITING)
        )
        messages = [
            message,
            *session.scalars(select(Message).where(Message.id.in_(carried)).order_by(Message.id)),
        ]
        letters = []
        for kind in dict.fromkeys(each.kind for each in messages):
            subjects = session.scalars(
                select(MessageSubject.subject_id)
                .where(MessageSubject.message_id.in_([each.id for each in messages if each.kind == kind]))
                .order_by(MessageSubject.subject_id)
            ).all()
            # The pages and the mail are told the same, one after the other.
            letter = remembered(
                session,
                ("letter", kind, message.told_id, tuple(subjects)),
                partial(self._composers[kind], session, message.told_id, subjects),
            )
            if letter is not None:
                letters.append(letter)
        if not letters:
            raise DeliveryFailed(
                said("There is nothing left to tell: it is settled, or no longer public."), is_final=True
            )
        if len(letters) == 1 and not _is_digested(session, row, message):
            return letters[0]
        zone = session.get_one(Centre, row.centre_id).zone
        return gathered(letters, local_date(self._clock.now(), zone))

    def _receiver(self, session: Session, row: MessageDelivery) -> tuple[str, str, Shape]:
        """Where it goes, the secret it is signed with and what listens there, as things stand now."""
        if row.channel == "email" and (outside := session.get_one(Message, row.message_id).outside_id):
            if not (address := self._address_of(session, outside)):
                raise DeliveryFailed(said("The receiver told no e-mail address."), is_final=True)
            return address, "", Shape.SEAMARK
        if row.channel == "email":
            user = session.get(User, row.receiver_id)
            wish = session.get(ChannelPreference, (row.receiver_id, "email"))
            # Whoever left the firm, or wants no mail any more, gets none, whatever was queued before.
            message = session.get_one(Message, row.message_id)
            is_off = wish_of(session, row.receiver_id).rhythm(message.topic) is Rhythm.NEVER
            if not _is_still(user, row) or (wish and not wish.is_on) or (is_off and not message.is_urgent):
                raise DeliveryFailed(said("The receiver no longer takes mail."), is_final=True)
            assert user is not None, "who is still there is there"
            return user.email, "", Shape.SEAMARK
        if row.channel == "sms":
            return self._number(session, row), "", Shape.SEAMARK
        if row.channel == "webhook":
            endpoint = session.get(WebhookEndpoint, row.receiver_id)
            if endpoint is None or not endpoint.is_active:
                raise DeliveryFailed(said("The webhook was removed or replaced."), is_final=True)
            if endpoint.sealed is not None:
                kept = json.loads(self._vault.open(endpoint.centre_id, endpoint.id, endpoint.sealed))
                return kept["url"], kept["secret"], Shape(endpoint.shape)
            return endpoint.url, self._secret_of(endpoint.salt), Shape.SEAMARK
        return "", "", Shape.SEAMARK

    def _number(self, session: Session, row: MessageDelivery) -> str:
        wish = session.get(ChannelPreference, (row.receiver_id, "sms"))
        user = session.get(User, row.receiver_id)
        is_code = session.get_one(Message, row.message_id).kind == CODE.kind
        if (
            not _is_still(user, row)
            or wish is None
            or wish.sealed is None
            or not (is_code or (wish.is_on and wish.verified_at))
        ):
            raise DeliveryFailed(said("The receiver no longer takes SMS."), is_final=True)
        return self._vault.open(row.centre_id, row.receiver_id, wish.sealed).decode()

    def _mark(
        self, claim: _Claim, step: str, *, server_id: str | None = None, error: Said | None = None
    ) -> tuple[str, int]:
        """Write what came of a claim to the delivery and to those it carried; returns the step and how many they are."""
        now = self._clock.now()
        with self._database.write() as session:
            row = session.get_one(MessageDelivery, claim.delivery_id, with_for_update=True)
            if row.state not in _WAITING or (step != "accept" and row.attempts != claim.attempt):
                # It was read meanwhile, or our claim lapsed and another process has it; what it says counts.
                return step, 1
            carried = session.scalars(
                select(MessageDelivery)
                .where(MessageDelivery.carried_by == row.id, MessageDelivery.state.in_(_WAITING))
                .with_for_update()
            ).all()
            for each in (row, *carried):
                each.state = DELIVERY_WORKFLOW.take(step, each.state, _SYSTEM)
                each.error = {"template": error.template, "values": dict(error.values)} if error else None
                each.attempts = row.attempts
                if step == "accept":
                    each.accepted_at, each.server_id = now, server_id or None
                elif step == "put_off":
                    each.next_try_at = now + timedelta(minutes=BACKOFF_MINUTES[claim.attempt - 1])
            if step == "give_up":
                _tell_failure(session, self._clock, row)
        log.info("delivery", delivery=str(claim.delivery_id), step=step, attempt=claim.attempt)
        return step, 1 + len(carried)


def _tell_failure(session: Session, clock: Clock, row: MessageDelivery) -> None:
    """Let the centre's staff hear that a delivery failed for good; not of one to their own robot, or it would tell of
    itself for ever."""
    if session.get_one(Message, row.message_id).endpoint_id is None:
        emit(session, "delivery.failed", str(row.id), {"delivery": str(row.id)}, clock)


def _is_still(user: User | None, row: MessageDelivery) -> bool:
    """Whether the person is still there, and still of the firm that is told."""
    return user is not None and user.active and (row.firm_id is None or user.firm_id == row.firm_id)


def _is_digested(session: Session, row: MessageDelivery, message: Message) -> bool:
    return (
        row.channel == "email" and wish_of(session, row.receiver_id).rhythm(message.topic) is not Rhythm.ONCE
    )


def _hold(
    session: Session, row: MessageDelivery, message: Message, now: datetime
) -> tuple[datetime, Hold] | None:
    """Until when the receiver's choice keeps the delivery, and why; None when it may leave."""
    if row.channel == "webhook":
        return _paced(session, row, now)
    if row.channel != "email" or message.is_urgent:
        return None
    zone = session.get_one(Centre, row.centre_id).zone
    # The gathering counts to the time before, or what comes just ahead of a digest would leave just after it.
    return held_until(row.created_at + GATHER, now, wish_of(session, row.receiver_id), message.topic, zone)


def _paced(session: Session, row: MessageDelivery, now: datetime) -> tuple[datetime, Hold] | None:
    """When a robot that has had its messages of this minute takes more."""
    endpoint = session.get(WebhookEndpoint, row.receiver_id)
    if endpoint is None or endpoint.shape == Shape.SEAMARK.value:
        return None
    minute = timedelta(minutes=1)
    recent = session.scalars(
        select(MessageDelivery.accepted_at)
        .where(
            MessageDelivery.receiver_id == row.receiver_id,
            MessageDelivery.channel == "webhook",
            MessageDelivery.accepted_at > now - minute,
            MessageDelivery.carried_by.is_(None),
        )
        .order_by(MessageDelivery.accepted_at)
    ).all()
    if len(recent) < MOST_A_MINUTE or recent[0] is None:
        return None
    return recent[0] + minute, Hold.PACE


def _carry(session: Session, row: MessageDelivery, message: Message, now: datetime) -> None:
    """Let ``row`` tell too whatever else its receiver may get now: what was gathered, or else what is of its kind."""
    others: Sequence[tuple[MessageDelivery, Message]] = [
        (each, told)
        for each, told in session.execute(
            select(MessageDelivery, Message)
            .join(Message, Message.id == MessageDelivery.message_id)
            .where(
                MessageDelivery.receiver_id == row.receiver_id,
                MessageDelivery.channel == row.channel,
                MessageDelivery.state == DeliveryState.QUEUED.value,
                MessageDelivery.firm_id.is_not_distinct_from(row.firm_id),
                MessageDelivery.next_try_at <= now,
                MessageDelivery.attempts == 0,
                MessageDelivery.error.is_(None),
                MessageDelivery.carried_by.is_(None),
                MessageDelivery.id != row.id,
                Message.is_urgent.is_(False),
            )
            .order_by(MessageDelivery.id)
            .limit(MOST_CARRIED)
            .with_for_update(skip_locked=True)
        )
    ]
    is_gathered = row.held_for is not None or _is_digested(session, row, message)
    for each, told in others:
        also_gathered = each.held_for is not None or _is_digested(session, each, told)
        if also_gathered != is_gathered or (not is_gathered and told.kind != message.kind):
            continue
        if _hold(session, each, told, now) is None:
            each.carried_by, told.gathering = row.id, None


def _said(message: str) -> Said:
    return message if isinstance(message, Said) else said("The channel refused the message.")
