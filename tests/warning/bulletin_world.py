"""Bulletins for tests, made through the services: a case with bytes in the evidence store, people, and every state."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from cases.facts import RawRight
from core.actor import Actor, Role
from core.db import new_id
from house import House
from tests.factories import bring_firms, drain, keeper, origin, raw_case, record
from warning.bulletin_checks import DECLARATIONS
from warning.bulletin_counts import Window
from warning.bulletin_models import Bulletin
from warning.bulletin_publishing import (
    approve_bulletin,
    correct_bulletin,
    expire_bulletins,
    return_bulletin,
    sign_bulletin,
    withdraw_bulletin,
)
from warning.bulletin_survey_drafts import draft_from_search
from warning.bulletins import Edit, draft_from_case, edit_bulletin, get_bulletin, submit_bulletin

VALID_UNTIL = date(2026, 6, 30)
FEBRUARY = Window(date(2026, 2, 1), date(2026, 2, 28))


def person(house: House, name: str, *roles: Role, slug: str | None = None) -> Actor:
    """Somebody of a centre."""
    return Actor(
        f"user:{name}", frozenset(roles), centre_id=keeper(house, slug).centre_id, user_id=uuid.uuid4()
    )


def drafter(house: House) -> Actor:
    """Staff who write."""
    return person(house, "drafter", Role.STAFF)


def reviewer(house: House) -> Actor:
    """Staff who check."""
    return person(house, "reviewer", Role.STAFF)


def signer(house: House) -> Actor:
    """Staff who sign."""
    return person(house, "signer", Role.STAFF, Role.SIGNER)


def a_case(house: House, docket: str = "2:26-cv-00011", **facts: Any) -> uuid.UUID:
    """A public, tagged case that rests on stored bytes and names a firm of the register."""
    content = f"<docket>{docket}{facts.get('caption', '')}</docket>".encode()
    told = origin(house, sha256=house.evidence.put(content), authority=30)
    raw = raw_case(
        docket, **{"codes": {"nos": ("830",)}, "rights": (RawRight("patent", "US9123456"),), **facts}
    )
    case_id = record(house, raw, told).case_id
    drain(house)
    return case_id


def draft_survey(
    house: House,
    writer: Actor | None = None,
    *,
    kind: str = "topic",
    query: dict[str, Any] | None = None,
    window: Window = FEBRUARY,
) -> Bulletin:
    """A draft from a search."""
    with house.database.write() as session:
        return draft_from_search(
            session,
            house.clock,
            house.index,
            house.evidence,
            writer or drafter(house),
            kind,
            query or {},
            window,
        )


def edit_of(bulletin: Bulletin, **changes: Any) -> Edit:
    """The form of a draft as it stands, valid until the summer, with changes."""
    content = bulletin.content
    rows = {
        name: tuple({**row, "sources": [r["source"] for r in row["sources"]]} for row in content[name])
        for name in ("paragraphs", "key_dates")
    }
    edit = Edit(
        title=content["title"],
        kind=content["kind"],
        level=content["level"],
        level_reason=content["level_reason"],
        paragraphs=rows["paragraphs"],
        key_dates=rows["key_dates"],
        valid_until=VALID_UNTIL,
        contact=content["contact"],
    )
    return replace(edit, **changes)


class Desk:
    """One bulletin and what people do to it, each act in a transaction of its own."""

    def __init__(self, house: House, case_id: uuid.UUID | None = None, writer: Actor | None = None) -> None:
        self.house = house
        if case_id is None:
            bring_firms(house)
            case_id = a_case(house)
        self.case_id = case_id
        self.drafter, self.reviewer, self.signer = writer or drafter(house), reviewer(house), signer(house)
        with house.database.write() as session:
            self.id = draft_from_case(session, house.clock, self.drafter, case_id).id

    @classmethod
    def of(cls, house: House, bulletin: Bulletin, writer: Actor | None = None) -> Desk:
        """What people do to a bulletin that is there."""
        made = object.__new__(cls)
        made.house, made.id = house, bulletin.id
        made.drafter, made.reviewer, made.signer = writer or drafter(house), reviewer(house), signer(house)
        return made

    @property
    def now(self) -> Bulletin:
        """The edition as it is stored."""
        with self.house.database.read() as session:
            return session.get_one(Bulletin, self.id)

    def do(self, act: Callable[..., Bulletin], *values: Any, **more: Any) -> Bulletin:
        """``act`` in a transaction."""
        with self.house.database.write() as session:
            return act(session, self.house.clock, *values, **more)

    def edit(self, actor: Actor | None = None, **changes: Any) -> Bulletin:
        """Change the text."""
        now = self.now
        edit = edit_of(now, **changes)
        return self.do(edit_bulletin, actor or self.drafter, self.id, edit, seen_version=now.version)

    def submit(self, actor: Actor | None = None) -> Bulletin:
        """Give it to review."""
        return self.do(submit_bulletin, actor or self.drafter, self.id, seen_version=self.now.version)

    def send_back(self, actor: Actor | None = None) -> Bulletin:
        """Return it."""
        seen = self.now.version
        return self.do(return_bulletin, actor or self.reviewer, self.id, "写清来源", seen_version=seen)

    def approve(
        self,
        actor: Actor | None = None,
        checked: set[str] | None = None,
        declared: Collection[str] = tuple(DECLARATIONS),
    ) -> Bulletin:
        """Approve it, every source and every declaration ticked."""
        now = self.now
        ticked = checked if checked is not None else {s["sha256"] for s in now.content["sources"]}
        return self.do(
            approve_bulletin,
            self.house.evidence,
            actor or self.reviewer,
            self.id,
            ticked,
            declared=declared,
            seen_version=now.version,
        )

    def sign(self, actor: Actor | None = None) -> Bulletin:
        """Sign it."""
        seen = self.now.version
        return self.do(sign_bulletin, self.house.evidence, actor or self.signer, self.id, seen_version=seen)

    def withdraw(self, actor: Actor | None = None) -> Bulletin:
        """Withdraw it."""
        return self.do(
            withdraw_bulletin,
            actor or self.signer,
            self.id,
            "来源撤回",
            "The source withdrew it",
            seen_version=self.now.version,
        )

    def correct(self, actor: Actor | None = None) -> Desk:
        """Begin a correction; the desk of the new edition."""
        made = self.do(correct_bulletin, actor or self.drafter, self.id, "级别有误", "The level was wrong")
        other = object.__new__(Desk)
        other.__dict__ = {**self.__dict__, "id": made.id}
        return other

    def expire(self) -> None:
        """Let its last day pass, and come back."""
        self.house.clock.advance(timedelta(days=200))  # type: ignore[attr-defined]
        with self.house.database.write() as session:
            expire_bulletins(session, self.house.clock)
        self.house.clock.advance(timedelta(days=-200))  # type: ignore[attr-defined]

    def publish(self) -> Desk:
        """The whole way."""
        self.edit()
        self.submit()
        self.approve()
        self.sign()
        return self

    def bring_to(self, state: str) -> Desk:
        """Bring a fresh draft to ``state``."""
        self.edit()
        if state == "draft":
            return self
        self.submit()
        if state == "returned":
            self.send_back()
        elif state != "in_review":
            self.approve()
            if state != "approved":
                self.sign()
        if state == "withdrawn":
            self.withdraw()
        elif state == "expired":
            self.expire()
        elif state == "corrected":
            self.correct().publish()
        return self


def insert_copies(house: House, bulletin_id: uuid.UUID, count: int) -> None:
    """Further published bulletins like one, for long lists."""
    with house.database.write() as session:
        like = get_bulletin(session, keeper(house), bulletin_id)
        columns = {
            c.key: getattr(like, c.key)
            for c in Bulletin.__table__.columns
            if c.key not in ("id", "series_id")
        }
        for n in range(count):
            identity = new_id()
            copy = {**columns, "slug": f"{like.slug}-{n}", "number": 100 + n}
            session.add(Bulletin(id=identity, series_id=identity, **copy))


__all__ = [
    "FEBRUARY",
    "VALID_UNTIL",
    "Desk",
    "a_case",
    "draft_survey",
    "drafter",
    "edit_of",
    "insert_copies",
    "person",
    "reviewer",
    "signer",
]
