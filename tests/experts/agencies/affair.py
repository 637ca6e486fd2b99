"""An agency brought to any state through the services themselves, and the people of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from accounts.models import AccountRole, User
from core.actor import Actor, Role, system_actor
from core.clock import FixedClock
from core.db import new_id
from enterprises.models import Firm
from experts.agencies import applying, checking, complaints, publicity, reviews, standing
from experts.agencies.access import agency_actor, by_token
from experts.agencies.criteria import CHECKS, CRITERIA
from experts.agencies.duties import do_duties
from experts.agencies.models import AgencyApplication, AgencyComplaint, AgencyListing, AgencyReview
from experts.agencies.moving import get_affair
from experts.models import Agency
from house import House
from tests.factories import bring_firms, firm_id, keeper

ANSWERS: dict[str, Any] = {
    "name_zh": "示例律师事务所",
    "name_en": "Sample Law Firm",
    "agency_class": "ag.law_foreign",
    "registration": "91310000MA1FL00000",
    "offices": [{"region": "US", "address": "Austin"}, {"region": "CN", "address": ""}],
    "languages": ["zh", "en"],
    "industries": ["ind.next_gen_ict"],
    "dispute_types": ["dt.patent_infringement"],
    "fees": {"currency": "USD", "from": 30_000, "to": 80_000, "note": "by the hour"},
    "matters": "Three patent suits in Texas, 2024 to 2026.",
    "team": "Eight lawyers, five admitted in Texas.",
    "discipline": "none",
    "contact": "agency@example.org",
    "consent_truth": True,
    "consent_notice": True,
    "consent_promise": True,
}
FULL = {item: "met" for item, _ in CHECKS}
TOP = {criterion.id: criterion.most for criterion in CRITERIA}
REPORT = {"matters": "Two more.", "discipline": "none", "changes": "none"}
MARKERS = ("one", "two", "three")
#: the states on the way to a listing, in order
WAY = (
    "draft", "submitted", "form_check", "verification", "scoring", "publicity", "approved", "listed",
)  # fmt: skip


def at(house: House, day: date) -> None:
    """Move the house's clock to noon of a day in China."""
    clock = house.clock
    assert isinstance(clock, FixedClock)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    clock.advance(noon - clock.now())


@dataclass
class People:
    """Accounts of one centre: staff, three markers, two who sign, and members of two firms."""

    house: House
    centre: uuid.UUID
    actors: dict[str, Actor] = field(default_factory=dict)

    @classmethod
    def of(cls, house: House) -> People:
        centre = keeper(house).centre_id
        assert centre is not None
        people = cls(house, centre)
        with house.database.read() as session:
            has_firms = session.scalar(select(Firm.id).limit(1)) is not None
        if not has_firms:
            bring_firms(house)
        for name in ("staff", *MARKERS, "signer", "other_signer"):
            roles = [Role.STAFF, Role.SIGNER] if "signer" in name else [Role.STAFF]
            with house.database.write() as session:
                # Nobody signs in here: a password's hash would only cost time.
                user = User(
                    id=new_id(), email=f"{name}@agencies.example.org", password="-", fs_uniquifier=f"ag-{name}",
                    centre_id=centre, created_at=house.clock.now(),
                    roles=[AccountRole(name=role.value) for role in roles],
                )  # fmt: skip
                session.add(user)
            people.actors[name] = Actor(
                f"user:{user.id}", frozenset(roles), centre_id=centre, user_id=user.id
            )
        for name, ref in (("firm", "alpha"), ("rival", "beta")):
            people.actors[name] = Actor(
                f"user:{name}", frozenset({Role.FIRM_MEMBER}), centre_id=centre, firm_id=firm_id(house, ref)
            )
        return people

    def pass_to(self, day: date) -> int:
        """Let the job of the calendar run on ``day``."""
        at(self.house, day)
        return self.do_duties()

    def do_duties(self) -> int:
        with self.house.database.write() as session:
            return do_duties(session, self.house.clock, self.centre)

    @property
    def today(self) -> date:
        return self.house.clock.now().date()


class Affair:
    """One agency; each method does one thing in a transaction of its own."""

    def __init__(self, people: People, **told: Any) -> None:
        self.people, self.house = people, people.house
        with self.house.database.write() as session:
            application, self.token = applying.begin(session, self.house.clock, people.centre)
            self.id = application.id
            self.agency = agency_actor(by_token(session, self.token))
        self.told = {**ANSWERS, **told}

    @property
    def now(self) -> AgencyApplication:
        with self.house.database.read() as session:
            return get_affair(session, system_actor("test"), AgencyApplication, self.id)

    @property
    def entry(self) -> Agency:
        found = self.now.agency_id
        assert found is not None
        with self.house.database.read() as session:
            return session.get_one(Agency, found)

    @property
    def listing(self) -> AgencyListing:
        with self.house.database.read() as session:
            return session.get_one(AgencyListing, self.entry.id)

    def who(self, name: str | Actor) -> Actor:
        if isinstance(name, Actor):
            return name
        return self.agency if name == "agency" else self.people.actors[name]

    def do(self, service: Callable[..., Any], who: str | Actor, *args: Any, **named: Any) -> Any:
        with self.house.database.write() as session:
            return service(session, self.house.clock, self.who(who), *args, **named)

    def act(self, service: Callable[..., Any], who: str | Actor, *args: Any, **named: Any) -> Any:
        """As :meth:`do`, on this application as it stands now."""
        return self.do(service, who, self.id, *args, seen_version=self.now.version, **named)

    def fill(self) -> Affair:
        self.act(applying.tell, "agency", self.told)
        return self

    def mark_all(self, points: Any = None) -> None:
        for name in MARKERS:
            self.do(checking.mark, name, self.id, points or TOP, is_free=True)

    def object(self, ground: str = "所列业绩不实。") -> Any:
        with self.house.database.write() as session:
            return publicity.object_to(
                session, self.house.clock, self.id, name="某人", contact="13800000000", ground=ground
            )

    def pass_time(self) -> int:
        """Let the job run the day after the present clock ends."""
        due = self.now.due_on
        assert due is not None
        return self.people.pass_to(due + timedelta(days=1))

    def to(self, state: str) -> Affair:
        """Bring it to ``state`` by the way that leads to a listing, and from there aside."""
        aside = {"supplement": "form_check", "objection": "publicity"}
        for one in WAY[1 : WAY.index(aside.get(state, state)) + 1]:
            self._next(one)
        if state == "supplement":
            self.act(checking.take, "staff", "ask_supplement", note="请补充执业许可。")
        if state == "objection":
            self.object()
        return self

    def _next(self, state: str) -> None:
        if state == "submitted":
            self.fill()
            self.act(applying.submit, "agency")
        elif state == "form_check":
            self.act(checking.take, "staff", "begin_check")
        elif state == "verification":
            self.act(checking.keep_checklist, "staff", FULL)
            self.act(checking.take, "staff", "pass_check")
        elif state == "scoring":
            self.act(checking.keep_verification, "staff", "register", "Found in the register of the bar.")
            self.act(checking.take, "staff", "verify")
        elif state == "publicity":
            self.mark_all()
            self.act(checking.take, "staff", "conclude")
        elif state == "approved":
            self.pass_time()
        else:
            self.act(standing.admit, "signer")

    # complaints

    def complain(self, who: str = "firm", **told: Any) -> uuid.UUID:
        words: dict[str, Any] = {
            "ground": "fees", "text": "收费高于公示上限，附发票。", "contact": "firm@example.org",
            "complainant": "" if who in ("firm", "rival") else "某公司",
        }  # fmt: skip
        made: AgencyComplaint = self.do(complaints.file_complaint, who, self.entry.id, **{**words, **told})
        return made.id

    def complaint(self, complaint_id: uuid.UUID) -> AgencyComplaint:
        with self.house.database.read() as session:
            return get_affair(session, system_actor("test"), AgencyComplaint, complaint_id)

    def on_complaint(
        self, complaint_id: uuid.UUID, service: Callable[..., Any], who: str | Actor, *args: Any, **named: Any
    ) -> Any:
        seen = self.complaint(complaint_id).version
        return self.do(service, who, complaint_id, *args, seen_version=seen, **named)

    def complaint_in(self, state: str) -> uuid.UUID:
        """A complaint brought to ``state``."""
        made = self.complain()
        decide = {
            "unfounded": ("staff", "find_unfounded", None),
            "warned": ("staff", "warn", None),
            "suspended": ("signer", "suspend", 3),
            "delisted": ("signer", "delist", None),
        }
        if state == "not_accepted":
            self.on_complaint(made, complaints.take, "staff", "refuse", refusal="unclear")
        elif state == "withdrawn":
            self.on_complaint(made, complaints.withdraw, "firm")
        elif state != "received":
            self.on_complaint(made, complaints.take, "staff", "accept")
            if state != "reply_due":
                self.on_complaint(made, complaints.reply, "agency", text="收费符合约定。")
            if state in decide:
                who, step, months = decide[state]
                self.on_complaint(made, complaints.take, who, step, words="经查属实。", months=months)
        return made

    # reviews

    def review(self) -> AgencyReview:
        """The latest review, asked for by the calendar when there is none yet."""
        found = self._latest()
        if found is None:
            listing = self.listing
            assert listing.review_on is not None
            self.people.pass_to(listing.review_on - timedelta(days=60))
            found = self._latest()
        assert found is not None
        return found

    def _latest(self) -> AgencyReview | None:
        with self.house.database.read() as session:
            rows = session.scalars(
                AgencyReview.visible_to(system_actor("test"))
                .where(AgencyReview.agency_id == self.entry.id)
                .order_by(AgencyReview.year_ends_on.desc())
            ).all()
            return rows[0] if rows else None

    def on_review(self, service: Callable[..., Any], who: str | Actor, *args: Any, **named: Any) -> Any:
        review = self.review()
        return self.do(service, who, review.id, *args, seen_version=review.version, **named)

    def review_in(self, state: str) -> AgencyReview:
        """The first review brought to ``state``."""
        review = self.review()
        if state == "unreported":
            assert review.due_on is not None
            self.people.pass_to(review.due_on + timedelta(days=1))
        elif state != "asked":
            self.on_review(reviews.report, "agency", REPORT)
            steps = {
                "renewed": "renew",
                "downgraded": "downgrade",
                "suspended": "suspend",
                "delisted": "delist",
            }
            if state in steps:
                self.on_review(reviews.take, "signer", steps[state], words="见审核意见。", months=3)
        return self.review()
