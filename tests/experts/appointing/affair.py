"""An application brought to any state through the services themselves, and the people of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import AccountRole, User
from core.actor import Actor, Role, system_actor
from core.clock import FixedClock
from core.db import new_id
from experts.appointing import applying, calls, publicity, reviewing, standing
from experts.appointing.models import Application
from experts.appointing.moving import get_application
from experts.appointing.workflow import CHECKS, CRITERIA
from house import House
from tests.experts.files import PDF
from tests.factories import keeper

ANSWERS: dict[str, Any] = {
    "name_zh": "示例申请人",
    "name_en": "Sample Applicant",
    "expert_class": "ec.litigator",
    "employer": "示例律师事务所",
    "title": "高级合伙人",
    "languages": ["zh", "en"],
    "dispute_types": ["dt.patent_infringement"],
    "industries": ["ind.biopharma"],
    "qualifications": [
        {
            "title": "Texas bar", "number": "TX-1", "issuer": "State Bar of Texas", "region": "US",
            "issued_on": "2012-05-01", "expires_on": "2027-12-31",
        }
    ],
    "cases_text": "三起专利诉讼。",
    "hours": 80,
    "bio": "专利诉讼二十年。",
    "contact": "applicant@example.org",
    "birth_year": 1980,
    "id_last4": "123X",
    "consent_truth": True,
    "consent_notice": True,
    "consent_promise": True,
}  # fmt: skip
FULL = {item: {"result": "met", "note": ""} for item, _ in CHECKS}
TOP = {criterion.id: criterion.most for criterion in CRITERIA}
#: the states on the way to an appointment, in order
WAY = (
    "draft", "submitted", "qualification_check", "panel_review", "publicity", "approved", "appointed",
)  # fmt: skip


def at(house: House, day: date) -> None:
    """Move the house's clock to noon of a day in China."""
    clock = house.clock
    assert isinstance(clock, FixedClock)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    clock.advance(noon - clock.now())


@dataclass
class People:
    """Accounts of one centre: staff, a supervisor, three reviewers, somebody who signs."""

    house: House
    centre: uuid.UUID
    actors: dict[str, Actor] = field(default_factory=dict)

    @classmethod
    def of(cls, house: House) -> People:
        centre = keeper(house).centre_id
        assert centre is not None
        people = cls(house, centre)
        for name in ("staff", "supervisor", "one", "two", "three", "four", "signer"):
            roles = [Role.STAFF, Role.SIGNER] if name == "signer" else [Role.STAFF]
            with house.database.write() as session:
                # Nobody signs in here: a password's hash would only cost time.
                user = User(
                    id=new_id(), email=f"{name}@appointing.example.org", password="-", fs_uniquifier=name,
                    centre_id=centre, created_at=house.clock.now(),
                    roles=[AccountRole(name=role.value) for role in roles],
                )  # fmt: skip
                session.add(user)
            people.actors[name] = Actor(
                f"user:{user.id}", frozenset(roles), centre_id=centre, user_id=user.id
            )
        return people

    def id_of(self, name: str) -> uuid.UUID:
        found = self.actors[name].user_id
        assert found is not None
        return found


class Affair:
    """One application; each method does one thing in a transaction of its own."""

    def __init__(self, people: People, call_id: uuid.UUID | None = None, **told: Any) -> None:
        self.people, self.house = people, people.house
        self.call_id = call_id or open_call(people)
        with self.house.database.write() as session:
            call = calls.get_call(session, people.actors["staff"], self.call_id)
            application, self.token = applying.begin(session, self.house.clock, call)
            self.id, self.applicant = application.id, applying.applicant_of(application)
        self.told = {**ANSWERS, **told}

    @property
    def now(self) -> Application:
        with self.house.database.read() as session:
            return get_application(session, system_actor("test"), self.id)

    def do(self, service: Callable[..., Any], who: str | Actor, *args: Any, **named: Any) -> Any:
        actor = (
            self.applicant
            if who == "applicant"
            else who
            if isinstance(who, Actor)
            else self.people.actors[who]
        )
        with self.house.database.write() as session:
            return service(session, self.house.clock, actor, *args, **named)

    def act(self, service: Callable[..., Any], who: str | Actor, *args: Any, **named: Any) -> Any:
        """As :meth:`do`, on this application as it stands now."""
        return self.do(service, who, self.id, *args, seen_version=self.now.version, **named)

    def fill(self) -> Affair:
        self.act(applying.tell, "applicant", self.told)
        for document in ("identity", "credential"):
            self.do(applying.add_file, "applicant", self.house.vault, self.id, document, "a.pdf", PDF)
        return self

    def check(self, found: Any = None) -> None:
        self.act(reviewing.keep_checklist, "staff", FULL if found is None else found)

    def panel(self, points: Any = None) -> None:
        reviewers = [self.people.id_of(name) for name in ("one", "two", "three")]
        self.act(
            reviewing.name_panel, "staff", reviewers=reviewers, supervisor=self.people.id_of("supervisor")
        )
        for name in ("one", "two", "three"):
            self.do(reviewing.mark, name, self.id, TOP if points is None else points, is_free=True)

    def object(self, ground: str = "证书系伪造。") -> Any:
        with self.house.database.write() as session:
            return publicity.object_to(
                session, self.house.clock, self.id, name="某人", contact="13800000000", ground=ground
            )

    def pass_time(self, day: date | None = None) -> int:
        """Let the job run the day after the present clock ends, or on ``day``."""
        due = self.now.due_on
        if day is None:
            assert due is not None
            day = due + timedelta(days=1)
        at(self.house, day)
        with self.house.database.write() as session:
            return publicity.let_time_pass(session, self.house.clock, self.people.centre)

    def to(self, state: str) -> Affair:
        """Bring it to ``state`` by the way that leads to an appointment, and from there aside."""
        aside = {"supplement": "qualification_check", "objection": "publicity"}
        for one in WAY[1 : WAY.index(aside.get(state, state)) + 1]:
            self._next(one)
        if state == "supplement":
            self.act(reviewing.ask_supplement, "staff", note="请补充执业证。")
        if state == "objection":
            self.object()
        return self

    def _next(self, state: str) -> None:
        if state == "submitted":
            self.fill()
            self.act(applying.submit, "applicant")
        elif state == "qualification_check":
            self.act(reviewing.begin_check, "staff")
        elif state == "panel_review":
            self.check()
            self.act(reviewing.decide_check, "staff", passes=True)
        elif state == "publicity":
            self.panel()
            self.act(reviewing.conclude_panel, "supervisor")
        elif state == "approved":
            self.pass_time()
        else:
            self.act(standing.appoint, "signer")


def open_call(people: People, days: int = 365) -> uuid.UUID:
    """A call that is open from today for ``days``."""
    house, staff = people.house, people.actors["staff"]
    today = house.clock.now().date()
    with house.database.write() as session:
        call = calls.write_call(
            session, house.clock, staff,
            title_zh="海外知识产权纠纷应对指导专家征集公告", text_zh="面向全国征集。",
            opens_on=today - timedelta(days=1), closes_on=today + timedelta(days=days),
        )  # fmt: skip
        calls.step_call(session, house.clock, staff, call.id, "open", seen_version=1)
        return call.id
