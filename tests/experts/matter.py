"""A consultation brought to any state through the services themselves, and the people of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor, Role
from experts import casework, consultations, opinions
from experts.consultation_models import Consultation
from experts.consultation_workflow import SECTIONS
from experts.models import EntryStatus, Expert
from experts.ports import Candidate, Suggestion
from house import House
from tests.factories import bring_firms, keeper, member, staff

ANSWERS: dict[str, Any] = {
    "scenario": "sued",
    "story": "法院送达了起诉状。",
    "region": "US",
    "venue": "v.us.txed",
    "docket_number": "2:26-cv-00011",
    "opponents": ["Acme Optics Inc."],
    "known_on": date(2026, 2, 27),
    "question": "我们应当何时、如何答辩?",
    "contact_name": "李工",
    "contact_phone": "13800000000",
    "contact_email": "",
    "language": "zh",
}
TEXTS = {name: f"{name}: 内容" for name, _ in SECTIONS}


def listed_experts(session: Session, actor: Actor, consultation: Consultation) -> Suggestion:
    """The library's active, verified and available experts, as a :class:`~experts.ports.Suggest`."""
    query = (
        select(Expert)
        .where(
            Expert.centre_id == consultation.centre_id,
            Expert.status == EntryStatus.ACTIVE.value,
            Expert.verified,
            Expert.available,
        )
        .order_by(Expert.name_zh, Expert.id)
    )
    return Suggestion(tuple(Candidate(expert.id, expert.name_zh) for expert in session.scalars(query)))


def add_expert(house: House, ref: str, slug: str | None = None, **facts: Any) -> uuid.UUID:
    """An active, verified expert of a centre's library."""
    now = house.clock.now()
    told = {
        "expert_class": "ec.academic",
        "languages": ["zh", "en"],
        "verified": True,
        "created_at": now,
        "updated_at": now,
        **facts,
    }
    expert = Expert(centre_id=keeper(house, slug).centre_id, ref=ref, name_zh=f"专家{ref}", **told)
    with house.database.write() as session:
        session.add(expert)
    return expert.id


def expert_actor(house: House, expert_id: uuid.UUID, slug: str | None = None) -> Actor:
    """The account of an expert."""
    centre = keeper(house, slug).centre_id
    return Actor(f"user:{expert_id}", frozenset({Role.EXPERT}), centre_id=centre, expert_id=expert_id)


@dataclass
class Matter:
    """One consultation of firm alpha, and everybody around it, who are made unless they are given."""

    house: House
    actors: dict[str, Actor] = field(default_factory=dict)
    expert_id: uuid.UUID = field(default_factory=uuid.uuid4)
    id: uuid.UUID = field(default_factory=uuid.uuid4)

    def __post_init__(self) -> None:
        if not self.actors:
            self._people()
        self.id = self.do(consultations.begin_draft, "firm", ANSWERS).id

    def _people(self) -> None:
        bring_firms(self.house)
        self.expert_id, self.second_id = add_expert(self.house, "one"), add_expert(self.house, "two")
        self.actors = {
            "firm": member(self.house, "alpha"),
            "firm_b": member(self.house, "beta"),
            "staff": staff(self.house),
            "other_staff": staff(self.house, "other"),
            "expert": expert_actor(self.house, self.expert_id),
            "second": expert_actor(self.house, self.second_id),
            "admin": Actor("user:admin", frozenset({Role.ADMIN}), centre_id=keeper(self.house).centre_id),
        }

    def do(self, service: Callable[..., Any], who: str, *args: Any, **named: Any) -> Any:
        """Call a service as somebody, in a transaction of its own; further arguments follow the actor."""
        with self.house.database.write() as session:
            return service(session, self.house.clock, self.actor(who), *args, **named)

    def actor(self, who: str) -> Actor:
        """Somebody around the matter; the signer is one more of the staff, since nobody issues what they reviewed."""
        if who == "signer" and who not in self.actors:
            return replace(self.actors["staff"], name="user:signer", user_id=None)
        return self.actors[who]

    def on(self, service: Callable[..., Any], who: str, *args: Any, **named: Any) -> Any:
        """Call a service on this consultation at the version it has now."""
        return self.do(service, who, self.id, *args, **{"seen_version": self.version, **named})

    @property
    def now(self) -> Consultation:
        """The row as it is."""
        with self.house.database.read() as session:
            return session.get_one(Consultation, self.id)

    @property
    def version(self) -> int:
        """Its version."""
        return self.now.version

    def to(self, state: str) -> Matter:
        """Bring it to a state by the ordinary way."""
        for before, act in _WAY:
            if self.now.state == state:
                break
            if self.now.state == before:
                act(self)
        assert self.now.state == state
        return self

    def opinion_version(self) -> int:
        """The version of the opinion being written; 0 when there is none."""
        with self.house.database.read() as session:
            draft = opinions.draft_of(session, self.actors["expert"], session.get_one(Consultation, self.id))
            return draft.version if draft else 0

    def write(self, who: str = "expert", **texts: str) -> None:
        """Save the opinion."""
        self.do(opinions.write_opinion, who, self.id, {**TEXTS, **texts}, seen_version=self.opinion_version())

    def send(self) -> None:
        """Write the opinion and send it."""
        self.write()
        self.do(opinions.send_opinion, "expert", self.id, seen_version=self.opinion_version())


AGREED = {"truth": True, "notice": True, "expert": True}
_WAY: tuple[tuple[str, Callable[[Matter], Any]], ...] = (
    ("draft", lambda m: m.on(consultations.submit, "firm", **AGREED)),
    ("submitted", lambda m: m.on(casework.accept, "staff", urgency="u2")),
    ("accepted", lambda m: m.on(casework.assign, "staff", m.expert_id, listed_experts)),
    ("assigned", lambda m: m.on(casework.declare, "expert")),
    ("declared", lambda m: m.on(casework.begin_advice, "expert")),
    ("guiding", lambda m: m.send()),
    ("opinion_draft", lambda m: m.on(opinions.pass_opinion, "staff")),
    ("opinion_review", lambda m: m.on(opinions.issue_opinion, "signer")),
    ("opinion_issued", lambda m: m.on(casework.close, "firm", satisfaction=5)),
)
