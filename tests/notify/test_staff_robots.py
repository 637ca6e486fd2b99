"""The robots of the centre's own staff hear of grave tasks and failed deliveries; nothing of a firm leaves with it."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import select
from werkzeug import Request, Response

from core.actor import Actor, Role
from core.audit import AuditRow
from core.clock import FixedClock
from core.errors import BadInput, NotAllowed, NotFound
from house import House
from notify.ledger import list_deliveries
from notify.ledger import retry as send_again
from notify.models import Message, MessageDelivery, WebhookEndpoint
from notify.robots import ROBOTS, Shape
from notify.staff_robots import (
    MOST_ROBOTS,
    add_robot,
    choose_topics,
    list_robots,
    remove_robot,
    send_robot_test,
)
from notify.topics import NAMED
from tests.conftest import MakeHouse
from tests.factories import bring_firms, drain, keeper, member, raw_case, record, staff
from warning.desk_models import DeskTask
from warning.desk_work import work_desk
from warning.levels import decide_level

FIRM = "Hailan Drone Technology Co Ltd"
BOTH = ("desk-task", "undelivered")


def admin_of(house: House, slug: str | None = None) -> Actor:
    return Actor(
        "user:admin",
        frozenset({Role.ADMIN}),
        centre_id=keeper(house, slug).centre_id,
        user_id=uuid.uuid4(),
    )


class Group:
    """A local stand-in for a maker's server: what it was posted, what it answers."""

    def __init__(self, server: HTTPServer) -> None:
        self.posted: list[tuple[dict[str, list[str]], dict[str, Any]]] = []
        self.answers: list[dict[str, Any]] = []
        self.host = f"localhost:{server.port}"
        for shape in ROBOTS.values():
            server.expect_request(shape.path).respond_with_handler(self._take)

    def _take(self, request: Request) -> Response:
        self.posted.append((parse_qs(urlsplit(request.url).query), json.loads(request.get_data())))
        answer = self.answers.pop(0) if self.answers else {"errcode": 0, "errmsg": "ok"}
        return Response(json.dumps(answer), mimetype="application/json")

    def url(self, shape: Shape) -> str:
        return f"http://{self.host}{ROBOTS[shape].path}?{ROBOTS[shape].key}=k-1"

    @property
    def texts(self) -> list[str]:
        return [body["markdown"].get("text") or body["markdown"]["content"] for _, body in self.posted]


@pytest.fixture
def group(httpserver: HTTPServer) -> Group:
    return Group(httpserver)


@pytest.fixture
def house(make_house: MakeHouse, tmp_path: Path, group: Group) -> House:
    made = make_house(f"sqlite:///{tmp_path / 'seamark.db'}", SEAMARK_WEBHOOK_ALLOW=group.host)
    bring_firms(made)
    return made


def set_up(house: House, group: Group, shape: Shape = Shape.DINGTALK, topics: Any = BOTH) -> uuid.UUID:
    admin = admin_of(house)
    with house.database.write() as session:
        robot = add_robot(
            session,
            house.clock,
            house.vault,
            admin,
            shape,
            group.url(shape),
            "sec" if shape is Shape.DINGTALK else "",
            topics,
            frozenset({group.host}),
        )
        return robot.id


def run(house: House, after: timedelta = timedelta(minutes=1)) -> None:
    drain(house)
    house.clock.advance(after)  # type: ignore[attr-defined]
    house.dispatcher().run()
    drain(house)


def grave_case(house: House, level: str = "L2") -> uuid.UUID:
    case_id = record(house, raw_case("2:26-cv-00077", text="Rotors.")).case_id
    drain(house)
    actor = staff(house)
    assert actor.centre_id is not None
    with house.database.write() as session:
        decide_level(session, house.clock, actor, case_id, level, "Several firms are hit", seen=None)
    with house.database.write() as session:
        assert work_desk(session, house.clock, actor.centre_id).made >= 3
    return case_id


def fail_one(house: House) -> MessageDelivery:
    """A delivery to a firm that is given up: its robot was removed before it left."""
    alpha = member(house, "alpha")
    assert alpha.centre_id is not None and alpha.firm_id is not None
    with house.database.write() as session:
        told = house.mailroom.tell(session, NAMED, alpha.centre_id, alpha.firm_id, [uuid.uuid4()])
        assert told is not None
        row = session.scalars(select(MessageDelivery).where(MessageDelivery.message_id == told.id)).first()
        assert row is not None
        row.channel, row.receiver_id = "webhook", uuid.uuid4()
        return row


@pytest.mark.parametrize("shape", [Shape.DINGTALK, Shape.WECOM])
def test_grave_tasks_are_told_once_signed_and_name_no_firm(house: House, group: Group, shape: Shape) -> None:
    set_up(house, group, shape)
    grave_case(house)
    run(house)
    run(house)
    assert len(group.posted) == 1, "the tasks of a case are one message"
    query, _ = group.posted[0]
    assert ("sign" in query and "timestamp" in query) == (shape is Shape.DINGTALK)
    (text,) = group.texts
    assert "2:26-cv-00077" in text and "首次报告" in text and "橙色预警" in text and "/desk/tasks/" in text
    for name in (FIRM, "Hailan", "海岚"):
        assert name not in text
    centre_id = keeper(house).centre_id
    assert centre_id is not None
    with house.database.write() as session:
        assert work_desk(session, house.clock, centre_id).made == 0


def test_a_task_that_is_less_grave_or_worked_off_is_not_told(house: House, group: Group) -> None:
    set_up(house, group)
    case_id = grave_case(house)
    with house.database.write() as session:
        for task in session.scalars(select(DeskTask).where(DeskTask.case_id == case_id)):
            task.state = "done"
    run(house)
    assert group.posted == []


def test_a_failure_is_told_with_its_cause_and_without_the_receiver(house: House, group: Group) -> None:
    set_up(house, group, topics=["undelivered"])
    fail_one(house)
    run(house)
    run(house)
    (text,) = group.texts
    assert "无法送达" in text or "could not be delivered" in text
    assert "deliveries?state=failed" in text and "海岚" not in text and "Hailan" not in text
    run(house)
    assert len(group.posted) == 1


def test_a_robot_that_fails_itself_is_tried_again_and_tells_nobody_of_itself(
    house: House, group: Group
) -> None:
    robot = set_up(house, group)
    group.answers = [{"errcode": 130101, "errmsg": "send too fast"}]
    grave_case(house)
    run(house)
    admin = admin_of(house)
    with house.database.read() as session:
        assert list_robots(session, admin)[0].states == {"retried": 1}
    run(house, timedelta(minutes=2))
    assert len(group.posted) == 2
    group.answers = [{"errcode": 300001, "errmsg": "token is not exist"}]
    fail_one(house)
    run(house)
    run(house)
    run(house, timedelta(hours=2))
    with house.database.read() as session:
        (line,) = list_robots(session, admin)
        assert line.states == {"accepted": 1, "failed": 1} and line.problem is not None
        told = session.scalars(select(Message.topic).where(Message.endpoint_id == robot)).all()
    assert sorted(told) == ["desk-task", "undelivered"]


def test_a_delivery_sent_again_meanwhile_is_no_failure_to_tell(house: House, group: Group) -> None:
    set_up(house, group)
    row = fail_one(house)
    drain(house)
    house.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
    house.dispatcher().run()
    actor = staff(house)
    with house.database.write() as session:
        send_again(session, house.clock, actor, row.id)
        session.get_one(MessageDelivery, row.id).next_try_at += timedelta(days=1)
    run(house)
    run(house)
    assert group.posted == []


def test_an_administrator_alone_sets_robots_and_the_address_stays_sealed(house: House, group: Group) -> None:
    robot, admin, actor = set_up(house, group), admin_of(house), staff(house)
    with house.database.write() as session:
        with pytest.raises(NotAllowed):
            list_robots(session, actor)
        with pytest.raises(NotAllowed):
            remove_robot(session, house.clock, actor, robot)
        row = session.get_one(WebhookEndpoint, robot)
        assert "k-1" not in row.url and row.sealed is not None and b"k-1" not in row.sealed
        for topics in ([], ["named"], ["desk-task", "named"]):
            with pytest.raises(BadInput):
                choose_topics(session, house.clock, admin, robot, topics)
        choose_topics(session, house.clock, admin, robot, ["undelivered"])
        with pytest.raises(NotFound):
            choose_topics(session, house.clock, admin, uuid.uuid4(), ["undelivered"])
    for _ in range(MOST_ROBOTS - 1):
        set_up(house, group, Shape.WECOM)
    with pytest.raises(BadInput):
        set_up(house, group, Shape.WECOM)
    with house.database.read() as session:
        told = session.scalars(select(AuditRow.action).where(AuditRow.subject == "webhook")).all()
    assert told.count("robot.added") == MOST_ROBOTS and "robot.changed" in told


def test_a_test_arrives_and_a_removed_robot_gets_nothing(house: House, group: Group) -> None:
    robot, admin, actor = set_up(house, group, Shape.WECOM), admin_of(house), staff(house)
    with house.database.write() as session:
        send_robot_test(session, house.clock, house.mailroom, admin, robot)
        with pytest.raises(BadInput):
            send_robot_test(session, house.clock, house.mailroom, admin, robot)
    run(house)
    assert len(group.posted) == 1
    grave_case(house)
    drain(house)
    with house.database.write() as session:
        remove_robot(session, house.clock, admin, robot)
    run(house)
    assert len(group.posted) == 1
    with house.database.read() as session:
        rows = list_deliveries(session, actor, channel="webhook").rows
        assert {line.delivery.state for line in rows} == {"accepted", "failed"}
        assert isinstance(house.clock, FixedClock)
