"""What a firm and its people want to get, and by which way."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Callable, Mapping
from datetime import time, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.db import new_id
from core.errors import AddressRefused, BadInput, NotFound
from core.outward.address import is_public, pair_of
from core.said import Said, said
from core.vault import Vault
from notify.letters import Item, Letter
from notify.models import ChannelPreference, DeliveryState, Message, MessageDelivery, WebhookEndpoint
from notify.posting import webhook_url
from notify.rhythm import Quiet, Wish
from notify.robots import ROBOTS, Shape, checked_robot_url, shown_url
from notify.sending import TEST, Mailroom
from notify.topics import TESTED, topics_for

#: a firm may send itself a test this often
TEST_PAUSE = timedelta(minutes=1)
#: the secret of an endpoint by its salt
SecretMaker = Callable[[str], str]


def secret_maker(key: str) -> SecretMaker:
    """Secrets of endpoints under the house's ``key``. Nothing that signs is stored, so a copy of the database forges
    nothing; a new key is a new secret for every endpoint."""

    def secret_of(salt: str) -> str:
        made = hmac.new(key.encode(), b"webhook:" + salt.encode(), hashlib.sha256).digest()
        return "whsec_" + base64.urlsafe_b64encode(made).decode().rstrip("=")

    return secret_of


def _firm_of(actor: Actor) -> tuple[uuid.UUID, uuid.UUID]:
    actor.require(Permission.PROFILE_WRITE)
    if actor.firm_id is None or actor.centre_id is None:
        raise NotFound(
            said("This account belongs to no firm."), fix=said("Look the firm up in the register.")
        )
    return actor.centre_id, actor.firm_id


def wants_mail(session: Session, actor: Actor) -> bool:
    """Whether the actor gets mail."""
    wish = session.get(ChannelPreference, (actor.user_id, "email")) if actor.user_id else None
    return wish is None or wish.is_on


def wish_of(session: Session, account_id: uuid.UUID) -> Wish:
    """When a person wants their mail; at once and at every hour unless they chose otherwise."""
    row = session.get(ChannelPreference, (account_id, "email"))
    if row is None:
        return Wish()
    quiet = None
    if row.quiet_from and row.quiet_to:
        quiet = Quiet(time.fromisoformat(row.quiet_from), time.fromisoformat(row.quiet_to))
    return Wish(row.rhythms, quiet)


def choose_mail(session: Session, clock: Clock, actor: Actor, *, is_on: bool) -> None:
    """Switch the actor's own mail on or off."""
    row = _own_row(session, clock, actor)
    row.is_on = is_on
    audit.record(
        session, clock, actor, "notices.mail_chosen", "account", row.account_id, values={"is_on": is_on}
    )


def choose_rhythm(
    session: Session,
    clock: Clock,
    actor: Actor,
    rhythms: Mapping[str, str],
    quiet: tuple[str, str] | None,
) -> None:
    """Choose when the actor's own mail comes. What waits by an older choice is asked again at the next dispatch.

    Args:
        rhythms: topic -> once, daily, weekly, or never where the topic may be off; for others its own counts.
        quiet: quiet hours from and to, HH:MM in the centre's zone; None for none.

    Raises BadInput: no such topic or rhythm, a time that is none, quiet hours that end where they begin.
    """
    known = {topic.id: topic for topic in topics_for(actor)}
    for topic, rhythm in rhythms.items():
        if topic not in known or rhythm not in {each.value for each in known[topic].rhythms}:
            raise BadInput(
                said("There is no such choice for a message."), fix=said("Choose one of the list.")
            )
    hours = _hours(quiet) if quiet else None
    row = _own_row(session, clock, actor)
    row.rhythms = dict(rhythms)
    row.quiet_from, row.quiet_to = hours or (None, None)
    session.execute(
        update(MessageDelivery)
        .where(
            MessageDelivery.channel == "email",
            MessageDelivery.receiver_id == row.account_id,
            MessageDelivery.state.in_((DeliveryState.QUEUED.value, DeliveryState.RETRIED.value)),
            MessageDelivery.held_for.is_not(None),
            # One that was claimed is under way; hurrying it would send it twice at once.
            MessageDelivery.attempts == 0,
        )
        .values(next_try_at=clock.now())
    )
    values = {"rhythms": dict(rhythms), "quiet": list(hours or ())}
    audit.record(session, clock, actor, "notices.rhythm_chosen", "account", row.account_id, values=values)


def _hours(quiet: tuple[str, str]) -> tuple[str, str]:
    try:
        start, end = (time.fromisoformat(each.strip()).replace(second=0, microsecond=0) for each in quiet)
    except ValueError as error:
        raise BadInput(said("This is not a time of day."), fix=said("Write it like 22:00.")) from error
    if start == end or start.tzinfo or end.tzinfo:
        raise BadInput(
            said("Quiet hours end at another time than they begin."),
            fix=said("Write them like 22:00 and 07:30."),
        )
    return start.strftime("%H:%M"), end.strftime("%H:%M")


def _own_row(session: Session, clock: Clock, actor: Actor) -> ChannelPreference:
    """The actor's choices about mail, made when there are none yet. Raises NotFound for whoever has no account."""
    if actor.user_id is None:
        raise NotFound(said("Only somebody with an account chooses what they receive."))
    row = session.get(ChannelPreference, (actor.user_id, "email"), with_for_update=True)
    if row is None:
        row = ChannelPreference(account_id=actor.user_id, channel="email", is_on=True, rhythms={})
        session.add(row)
    row.updated_at = clock.now()
    return row


def endpoint_of(session: Session, actor: Actor) -> WebhookEndpoint | None:
    """The firm's endpoint, if it has one."""
    _, firm_id = _firm_of(actor)
    query = select(WebhookEndpoint).where(WebhookEndpoint.firm_id == firm_id, WebhookEndpoint.is_active)
    return session.scalar(query.order_by(WebhookEndpoint.id.desc()).limit(1))


def set_webhook(
    session: Session, clock: Clock, actor: Actor, url: str, allowed: frozenset[str] = frozenset()
) -> WebhookEndpoint:
    """Give the firm an endpoint, in place of the one it had; it has a new secret.

    Raises BadInput (not https, or private), NotAllowed.
    """
    _firm_of(actor)
    try:
        checked = webhook_url(url.strip(), allowed)
    except AddressRefused as error:
        raise BadInput(
            said("A webhook's address begins with https:// and names a host; it carries no password."),
            fix=said("Write it like https://example.org/seamark."),
        ) from error
    port = checked.port or (443 if checked.scheme == "https" else 80)
    if _is_private(checked.host) and pair_of(checked.host, port) not in allowed:
        raise BadInput(
            said("This address is not on the public internet."),
            fix=said("Write it like https://example.org/seamark."),
        )
    if checked.host in {robot.host for robot in ROBOTS.values()}:
        raise BadInput(
            said("This is the address of a group robot; kept as a webhook its key would be shown."),
            fix=said("Choose the kind of robot, and give the address again."),
        )
    return _replace_endpoint(session, clock, actor, Shape.SEAMARK, str(checked))


def set_robot(
    session: Session,
    clock: Clock,
    vault: Vault,
    actor: Actor,
    shape: Shape,
    url: str,
    secret: str = "",
    allowed: frozenset[str] = frozenset(),
) -> WebhookEndpoint:
    """Give the firm a group robot, in place of the endpoint it had. Its address is sealed and never shown again.

    Args:
        secret: what DingTalk calls 加签; empty when the robot is not set up so.

    Raises BadInput (not an address of such a robot), NotAllowed.
    """
    checked = checked_robot_url(shape, url, allowed)
    endpoint = _replace_endpoint(session, clock, actor, shape, shown_url(shape, checked))
    seal_robot(vault, endpoint, checked, secret)
    return endpoint


def seal_robot(vault: Vault, endpoint: WebhookEndpoint, url: str, secret: str) -> None:
    """Keep the whole address of a robot and its secret, as dispatch opens them again."""
    content = json.dumps({"url": url, "secret": secret.strip()}).encode()
    endpoint.sealed = vault.seal(endpoint.centre_id, endpoint.id, content)


def _replace_endpoint(
    session: Session, clock: Clock, actor: Actor, shape: Shape, shown: str
) -> WebhookEndpoint:
    centre_id, firm_id = _firm_of(actor)
    _retire(session, firm_id)
    endpoint = WebhookEndpoint(
        id=new_id(),
        centre_id=centre_id,
        firm_id=firm_id,
        shape=shape.value,
        url=shown,
        salt=secrets.token_hex(16),
        created_at=clock.now(),
    )
    session.add(endpoint)
    session.flush()
    values = {"url": shown, "shape": shape.value}
    audit.record(session, clock, actor, "notices.webhook_set", "webhook", endpoint.id, values=values)
    return endpoint


def _is_private(host: str) -> bool:
    try:
        return not is_public(host)
    except ValueError:
        return host == "localhost"  # a name is judged when it is connected to


def remove_webhook(session: Session, clock: Clock, actor: Actor) -> None:
    """Take the firm's endpoint away; what is queued for it is not sent. Raises NotFound when it has none."""
    _, firm_id = _firm_of(actor)
    endpoint = endpoint_of(session, actor)
    if endpoint is None:
        raise NotFound(said("The firm has no webhook."))
    _retire(session, firm_id)
    audit.record(session, clock, actor, "notices.webhook_removed", "webhook", endpoint.id)


def _retire(session: Session, firm_id: uuid.UUID) -> None:
    query = select(WebhookEndpoint).where(WebhookEndpoint.firm_id == firm_id, WebhookEndpoint.is_active)
    for endpoint in session.scalars(query.with_for_update()):
        endpoint.is_active, endpoint.sealed = False, None


def send_test(session: Session, clock: Clock, mailroom: Mailroom, actor: Actor, channel: str = "") -> Message:
    """Queue a test over one channel: mail and SMS to the actor alone, a robot or webhook for the firm; over every
    channel the firm has where none is told.

    Raises BadInput when one was sent a moment ago, or nothing would be reached; NotAllowed, NotFound.
    """
    if actor.user_id is None and channel in ("email", "sms"):
        raise NotFound(said("Only somebody with an account chooses what they receive."))
    whose = Message.account_id == actor.user_id
    if channel not in ("email", "sms"):
        whose = Message.firm_id == _firm_of(actor)[1]
    recent = (
        select(Message.id)
        .join(MessageDelivery, MessageDelivery.message_id == Message.id)
        .where(whose, Message.kind == TEST, Message.created_at > clock.now() - TEST_PAUSE)
        .limit(1)
    )
    if channel:
        recent = recent.where(MessageDelivery.channel == channel)
    if session.scalar(recent) is not None:
        raise BadInput(
            said("A test was sent less than a minute ago."),
            fix=said("Look below what came of it, then try again."),
        )
    message = _queue_test(session, mailroom, actor, channel)
    reached = select(MessageDelivery.id).where(MessageDelivery.message_id == message.id) if message else None
    if message is None or reached is None or session.scalar(reached.limit(1)) is None:
        raise BadInput(
            said("A test would reach nobody this way."), fix=said("Set the channel up or switch it on first.")
        )
    audit.record(session, clock, actor, "notices.test_sent", "message", message.id)
    return message


def _queue_test(session: Session, mailroom: Mailroom, actor: Actor, channel: str) -> Message | None:
    only = frozenset({channel}) if channel else None
    if channel in ("email", "sms"):
        assert actor.centre_id is not None and actor.user_id is not None, "an account has a centre"
        return mailroom.tell_person(
            session,
            TESTED,
            actor.centre_id,
            actor.user_id,
            [new_id()],
            is_urgent=channel == "sms",
            channels=only,
            gather=timedelta(0),
        )
    centre_id, firm_id = _firm_of(actor)
    return mailroom.tell(session, TESTED, centre_id, firm_id, [new_id()], channels=only, gather=timedelta(0))


def compose_test(session: Session, told_id: uuid.UUID, subject_ids: object) -> Letter:
    """The letter of a test, to a firm or a person."""
    nothing: tuple[Said, ...] = ()
    return Letter(
        subject=said("Seamark: a test message"),
        opening=said("This is a test: messages to you arrive here."),
        items=(
            Item(
                heading=said("Nothing happened"),
                title="",
                facts=(),
                reasons=nothing,
                path="/notices",
                link=said("Choose what you receive"),
                data={"test": True},
            ),
        ),
        closing=said("Somebody pressed the button for a test."),
        short_path="/notices",
    )
