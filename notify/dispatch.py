"""Dispatch: what is due leaves, and the ledger says what came of it.

A delivery is claimed in one transaction, sent outside any, and marked in another. A process that dies in between leaves
the claim; when it has lapsed the same parcel is sent again under the same key, by which the receiver knows it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import User
from core.actor import system_actor
from core.clock import Clock
from core.db import Database
from core.errors import DeliveryFailed
from core.said import Said, said
from notify.channels import Channel, Parcel
from notify.letters import Composer
from notify.models import (
    DELIVERY_WORKFLOW,
    ChannelPreference,
    DeliveryState,
    Message,
    MessageDelivery,
    MessageSubject,
    WebhookEndpoint,
)
from notify.preferences import SecretMaker
from notify.rendering import Renderer

log = structlog.get_logger(__name__)

#: minutes until the next try after the first, second … failure; after the last one the delivery has failed
BACKOFF_MINUTES = (1, 5, 30, 120, 360, 720, 1440)
MOST_TRIES = len(BACKOFF_MINUTES) + 1
#: a claim older than this belonged to a process that died
LOST_AFTER = timedelta(minutes=10)
_SYSTEM = system_actor("job:dispatch")
_WAITING = (DeliveryState.QUEUED.value, DeliveryState.RETRIED.value)


@dataclass(frozen=True)
class DispatchReport:
    """What a run did: deliveries accepted, put off for another try, given up."""

    accepted: int = 0
    put_off: int = 0
    failed: int = 0


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
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        renderer: Renderer,
        channels: Mapping[str, Channel],
        composers: Mapping[str, Composer],
        secret_of: SecretMaker,
    ) -> None:
        self._database, self._clock, self._renderer = database, clock, renderer
        self._channels, self._composers, self._secret_of = channels, composers, secret_of

    def run(self, *, limit: int = 200) -> DispatchReport:
        """Send up to ``limit`` deliveries that are due."""
        steps = {"accept": 0, "put_off": 0, "give_up": 0}
        for _ in range(limit):
            claim = self._claim()
            if claim is None:
                break
            steps[self._deliver(claim)] += 1
        return DispatchReport(steps["accept"], steps["put_off"], steps["give_up"])

    def _claim(self) -> _Claim | None:
        """Take the delivery that is due longest; its message gathers no more."""
        now = self._clock.now()
        with self._database.write() as session:
            row = session.scalar(
                select(MessageDelivery)
                .where(MessageDelivery.state.in_(_WAITING), MessageDelivery.next_try_at <= now)
                .order_by(MessageDelivery.next_try_at, MessageDelivery.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if row is None:
                return None
            message = session.get_one(Message, row.message_id, with_for_update=True)
            message.gathering = None
            row.attempts += 1
            row.next_try_at = now + LOST_AFTER
            return _Claim(row.id, row.attempts)

    def _deliver(self, claim: _Claim) -> str:
        try:
            if claim.attempt > MOST_TRIES:
                raise DeliveryFailed(
                    said("Every try was cut short by the end of the process."), is_final=True
                )
            channel, parcel = self._parcel(claim.delivery_id)
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

    def _parcel(self, delivery_id: uuid.UUID) -> tuple[str, Parcel]:
        with self._database.read() as session:
            row = session.get_one(MessageDelivery, delivery_id)
            message = session.get_one(Message, row.message_id)
            if row.channel not in self._channels:
                raise DeliveryFailed(said("This channel is not set up here."), is_final=True)
            to, secret = self._receiver(session, row)
            subjects = session.scalars(
                select(MessageSubject.subject_id)
                .where(MessageSubject.message_id == message.id)
                .order_by(MessageSubject.subject_id)
            ).all()
            letter = self._composers[message.kind](session, message.firm_id, subjects)
            if letter is None:
                raise DeliveryFailed(
                    said("There is nothing left to tell: the cases are no longer public."), is_final=True
                )
            rendered = self._renderer.render(letter)
            return row.channel, Parcel(row.id, to, message.kind, rendered, self._clock.now(), secret)

    def _receiver(self, session: Session, row: MessageDelivery) -> tuple[str, str]:
        """Where it goes and the secret it is signed with, as things stand now."""
        if row.channel == "email":
            user = session.get(User, row.receiver_id)
            wish = session.get(ChannelPreference, (row.receiver_id, "email"))
            # Whoever left the firm, or wants no mail any more, gets none, whatever was queued before.
            if user is None or not user.active or user.firm_id != row.firm_id or (wish and not wish.is_on):
                raise DeliveryFailed(said("The receiver no longer takes mail."), is_final=True)
            return user.email, ""
        if row.channel == "webhook":
            endpoint = session.get(WebhookEndpoint, row.receiver_id)
            if endpoint is None or not endpoint.is_active:
                raise DeliveryFailed(said("The webhook was removed or replaced."), is_final=True)
            return endpoint.url, self._secret_of(endpoint.salt)
        return "", ""

    def _mark(
        self, claim: _Claim, step: str, *, server_id: str | None = None, error: Said | None = None
    ) -> str:
        now = self._clock.now()
        with self._database.write() as session:
            row = session.get_one(MessageDelivery, claim.delivery_id, with_for_update=True)
            if row.state not in _WAITING or (step != "accept" and row.attempts != claim.attempt):
                # It was read meanwhile, or our claim lapsed and another process has it; what it says counts.
                return step
            row.state = DELIVERY_WORKFLOW.take(step, row.state, _SYSTEM)
            row.error = {"template": error.template, "values": dict(error.values)} if error else None
            if step == "accept":
                row.accepted_at, row.server_id = now, server_id or None
            elif step == "put_off":
                row.next_try_at = now + timedelta(minutes=BACKOFF_MINUTES[claim.attempt - 1])
        log.info("delivery", delivery=str(claim.delivery_id), step=step, attempt=claim.attempt)
        return step


def _said(message: str) -> Said:
    return message if isinstance(message, Said) else said("The channel refused the message.")
