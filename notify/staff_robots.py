"""Robots of the centre's own staff: a 企业微信 or 钉钉 group that hears of grave desk tasks and of failed deliveries.

A group stands on somebody else's servers, so what a robot is told names no firm and no receiver: what it is, how grave,
by when, and the page that says the rest to whoever may read it.
"""

from __future__ import annotations

import secrets
import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Permission
from core.centres import Centre
from core.clock import Clock
from core.db import new_id
from core.errors import BadInput, NotFound
from core.outbox import Message as Happened
from core.said import Said, said
from core.vault import Vault
from notify.letters import Item, Letter, Text
from notify.models import DeliveryState, Message, MessageDelivery, WebhookEndpoint
from notify.preferences import TEST_PAUSE, seal_robot
from notify.robots import Shape, checked_robot_url, shown_url
from notify.sending import Mailroom
from notify.topics import OF_ROBOTS, TEST, TESTED, UNDELIVERED

#: robots a centre may have; each is posted to for every task
MOST_ROBOTS = 5
_CHANNELS = {
    "app": said("On this site"),
    "email": said("E-mail"),
    "webhook": said("Robot or webhook"),
    "sms": said("SMS"),
}


@dataclass(frozen=True)
class RobotLine:
    """A robot and what came of what it was told: deliveries per state, and the last failure that still stands."""

    robot: WebhookEndpoint
    states: dict[str, int]
    problem: Said | None


def list_robots(session: Session, actor: Actor) -> list[RobotLine]:
    """The robots of the actor's centre, the oldest first. Raises NotAllowed."""
    actor.require(Permission.USER_WRITE)
    lines = []
    for robot in session.scalars(_robots(actor).order_by(WebhookEndpoint.id)):
        sent = MessageDelivery.receiver_id == robot.id, MessageDelivery.channel == "webhook"
        counted = session.execute(
            select(MessageDelivery.state, func.count()).where(*sent).group_by(MessageDelivery.state)
        ).all()
        last = session.scalars(
            select(MessageDelivery).where(*sent).order_by(MessageDelivery.id.desc()).limit(1)
        ).first()
        lines.append(RobotLine(robot, {str(s): int(n) for s, n in counted}, last.problem if last else None))
    return lines


def _robots(actor: Actor) -> Select[WebhookEndpoint]:
    return select(WebhookEndpoint).where(
        WebhookEndpoint.centre_id == actor.centre_id,
        WebhookEndpoint.firm_id.is_(None),
        WebhookEndpoint.is_active,
    )


def add_robot(
    session: Session,
    clock: Clock,
    vault: Vault,
    actor: Actor,
    shape: Shape,
    url: str,
    secret: str,
    topics: Collection[str],
    allowed: frozenset[str] = frozenset(),
) -> WebhookEndpoint:
    """Give the centre's staff a robot. Its address is sealed and never shown again.

    Args:
        secret: what DingTalk calls 加签; empty when the robot is not set up so.
        topics: ids of :data:`notify.topics.OF_ROBOTS`.

    Raises NotAllowed, BadInput (not an address of such a robot, nothing to be told of, too many robots).
    """
    actor.require(Permission.USER_WRITE)
    assert actor.centre_id is not None, "an administrator has a centre"
    wanted = _topics(topics)
    checked = checked_robot_url(shape, url, allowed)
    # The centre's row is the queue: two administrators at once count one after the other.
    session.get_one(Centre, actor.centre_id, with_for_update=True)
    if len(session.scalars(_robots(actor)).all()) >= MOST_ROBOTS:
        raise BadInput(
            said("A centre has at most %(most)s robots.", most=MOST_ROBOTS),
            fix=said("Remove one that is no longer needed."),
        )
    robot = WebhookEndpoint(
        id=new_id(),
        centre_id=actor.centre_id,
        firm_id=None,
        topics=wanted,
        shape=shape.value,
        url=shown_url(shape, checked),
        salt=secrets.token_hex(16),
        created_at=clock.now(),
    )
    seal_robot(vault, robot, checked, secret)
    session.add(robot)
    session.flush()
    values = {"url": robot.url, "shape": shape.value, "topics": wanted}
    audit.record(session, clock, actor, "robot.added", "webhook", robot.id, values=values)
    return robot


def choose_topics(
    session: Session, clock: Clock, actor: Actor, robot_id: uuid.UUID, topics: Collection[str]
) -> WebhookEndpoint:
    """Choose what a robot is told of from now on. Raises NotAllowed, NotFound, BadInput."""
    robot = _held(session, actor, robot_id)
    robot.topics = _topics(topics)
    audit.record(session, clock, actor, "robot.changed", "webhook", robot.id, values={"topics": robot.topics})
    return robot


def remove_robot(session: Session, clock: Clock, actor: Actor, robot_id: uuid.UUID) -> None:
    """Take a robot away; what is queued for it is not sent. Raises NotAllowed, NotFound."""
    robot = _held(session, actor, robot_id)
    robot.is_active, robot.sealed = False, None
    audit.record(session, clock, actor, "robot.removed", "webhook", robot.id)


def send_robot_test(
    session: Session, clock: Clock, mailroom: Mailroom, actor: Actor, robot_id: uuid.UUID
) -> None:
    """Queue a test for a robot. Raises NotAllowed, NotFound, BadInput when one was sent a moment ago."""
    robot = _held(session, actor, robot_id)
    recent = select(Message.id).where(
        Message.endpoint_id == robot.id,
        Message.kind == TEST,
        Message.created_at > clock.now() - TEST_PAUSE,
    )
    if session.scalar(recent.limit(1)) is not None:
        raise BadInput(
            said("A test was sent less than a minute ago."),
            fix=said("Look below what came of it, then try again."),
        )
    mailroom.tell_robot(session, TESTED, robot, [new_id()], gather=timedelta(0))
    audit.record(session, clock, actor, "robot.tested", "webhook", robot.id)


def _held(session: Session, actor: Actor, robot_id: uuid.UUID) -> WebhookEndpoint:
    actor.require(Permission.USER_WRITE)
    robot = session.scalar(_robots(actor).where(WebhookEndpoint.id == robot_id).with_for_update())
    if robot is None:
        raise NotFound(said("There is no such robot of your centre."))
    return robot


def _topics(topics: Collection[str]) -> list[str]:
    wanted = [topic.id for topic in OF_ROBOTS if topic.id in topics]
    if not wanted or len(wanted) != len(set(topics)):
        raise BadInput(said("What is the robot told of?"), fix=said("Choose at least one of the list."))
    return wanted


class FailureNews:
    """Consumer of delivery.failed: lets the staff's robots tell of it."""

    def __init__(self, mailroom: Mailroom) -> None:
        self._mailroom = mailroom

    def queue(self, session: Session, happened: Sequence[Happened]) -> None:
        """Queue a message to the robots of each centre whose deliveries failed."""
        ids = [uuid.UUID(row.payload["delivery"]) for row in happened]
        failed: dict[uuid.UUID, list[uuid.UUID]] = {}
        rows = select(MessageDelivery.centre_id, MessageDelivery.id).where(MessageDelivery.id.in_(ids))
        for centre_id, delivery_id in session.execute(rows.order_by(MessageDelivery.id)):
            failed.setdefault(centre_id, []).append(delivery_id)
        for centre_id, deliveries in failed.items():
            self._mailroom.tell_robots(session, UNDELIVERED, centre_id, deliveries)


def compose_failures(
    session: Session, robot_id: uuid.UUID, delivery_ids: Sequence[uuid.UUID]
) -> Letter | None:
    """How many deliveries failed, by channel and cause; None when all of them were sent again meanwhile."""
    rows = session.scalars(
        select(MessageDelivery)
        .where(MessageDelivery.id.in_(delivery_ids), MessageDelivery.state == DeliveryState.FAILED.value)
        .order_by(MessageDelivery.id)
    ).all()
    if not rows:
        return None
    counted = Counter((row.channel, row.problem or said("The channel refused the message.")) for row in rows)
    facts: list[tuple[Said, Text]] = [
        (_CHANNELS[channel], said("%(count)s: %(problem)s", count=count, problem=problem))
        for (channel, problem), count in counted.most_common(6)
    ]
    heading = said("%(count)s messages could not be delivered", count=len(rows))
    if len(rows) == 1:
        heading = said("A message could not be delivered")
    return Letter(
        said("Seamark: %(what)s", what=heading),
        said("A message was given up after every try; whoever it was for may not know."),
        (
            Item(
                heading=heading,
                title="",
                facts=facts,
                reasons=(),
                path="/deliveries?state=failed",
                link=said("Look at the failed deliveries"),
                data={"failed": len(rows)},
            ),
        ),
        said("To the centre's staff. Firms and receivers are named on the site alone."),
        short_path="/deliveries?state=failed",
    )
