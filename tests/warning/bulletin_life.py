"""Bulletins live at random: people of every kind do whatever they like to them, and a plain model says what must come of it.

The model knows neither the workflow nor the tables; it is written from the rules of the house: whoever wrote any of an
edition neither approves nor signs it, numbers follow each other, what was published stays, an old version changes nothing.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from core.actor import VISITOR, Actor, Role
from core.audit import AuditRow
from core.errors import SeamarkError
from house import House
from tests.factories import keeper, member
from tests.warning.bulletin_world import edit_of, person
from warning.bulletin_checks import DECLARATIONS
from warning.bulletin_models import Bulletin, BulletinAct
from warning.bulletin_publishing import (
    approve_bulletin,
    content_digest,
    correct_bulletin,
    expire_bulletins,
    return_bulletin,
    sign_bulletin,
    withdraw_bulletin,
)
from warning.bulletins import draft_from_case, edit_bulletin, submit_bulletin

#: step -> states it leaves from, and the one it leads to
LEADS = {
    "edit": ({"draft", "returned"}, "draft"),
    "submit": ({"draft", "returned"}, "in_review"),
    "return": ({"in_review", "approved"}, "returned"),
    "approve": ({"in_review"}, "approved"),
    "sign": ({"approved"}, "published"),
    "withdraw": ({"published", "expired"}, "withdrawn"),
}
PUBLIC = {"published", "expired", "corrected", "withdrawn"}
STAFF, SIGNERS = {"ann", "ben", "cai", "dou"}, {"cai", "dou"}
PEOPLE = sorted(STAFF | {"member", "admin", "expert", "other", "visitor", "system"})
OUTSIDE = {"member", "admin", "expert", "other", "visitor"}


@dataclass
class Edition:
    """What the model remembers of one edition."""

    id: uuid.UUID
    series: uuid.UUID
    edition: int
    authors: set[str]
    acts: list[tuple[str, str]]
    state: str = "draft"
    version: int = 1
    number: int | None = None
    title: str = ""
    digest: str = ""
    is_dated: bool = False


@dataclass
class Shelf:
    """What outlives one life: the house, its cases, and how many numbers were given."""

    house: House
    cases: list[uuid.UUID]
    actors: dict[str, Actor] = field(default_factory=dict)
    numbers: int = 0

    def __post_init__(self) -> None:
        house = self.house
        for name in STAFF:
            roles = [Role.STAFF, *([Role.SIGNER] if name in SIGNERS else [])]
            self.actors[name] = person(house, name, *roles)
        self.actors |= {
            "member": member(house, "alpha"),
            "admin": person(house, "admin", Role.ADMIN),
            "expert": person(house, "expert", Role.EXPERT),
            "other": person(house, "theirs", Role.STAFF, Role.SIGNER, slug="other"),
            "visitor": VISITOR,
            "system": keeper(house),
        }


class BulletinLife:
    """One life: :meth:`live` it."""

    def __init__(self, shelf: Shelf, chance: random.Random) -> None:
        self.shelf, self.chance = shelf, chance
        self.editions: list[Edition] = []
        self.touched: list[Edition] = []

    def live(self, steps: int) -> None:
        """Do ``steps`` things, most of them possible ones by whoever may, and look after each."""
        chance = self.chance
        for _ in range(steps):
            who, which = chance.choice([*PEOPLE, *sorted(STAFF) * 3]), self._likely()
            is_stale = chance.random() < 0.1
            if not self.editions or chance.random() < 0.08:
                self.draft(who, which)
            elif (told := chance.random()) < 0.35:
                self.advance(which, chance.randint(1, 3))
            elif told < 0.5:
                self.edit(who, which, chance.choice("甲乙丙丁"), is_stale)
            elif told < 0.85:
                state = self._pick(which).state
                fit = [step for step, (sources, _) in LEADS.items() if state in sources and step != "edit"]
                steps_there = fit if fit and chance.random() < 0.7 else sorted(LEADS.keys() - {"edit"})
                self.move(who, which, chance.choice(steps_there), is_stale)
            elif told < 0.97:
                self.correct(who, which)
            else:
                self.pass_the_last_day()
            self.what_was_touched_stands_as_the_model_says()
        self.end()

    def _likely(self) -> int:
        """The number of an edition, most often of one that something can still be done to."""
        ended = {"corrected", "withdrawn"}
        open_ones = [n for n, edition in enumerate(self.editions) if edition.state not in ended]
        return self.chance.choice(open_ones if open_ones and self.chance.random() < 0.8 else range(10))

    def _try(self, may: bool, act: Callable[..., Any], *values: Any, **more: Any) -> Any:
        """``act`` in a transaction; it must succeed exactly when the model says so. Returns what it made, or None."""
        house = self.shelf.house
        try:
            with house.database.write() as session:
                made = act(session, house.clock, *values, **more)
        except SeamarkError as error:
            assert not may, f"{act.__name__} was refused: {error}"
            return None
        assert may, f"{act.__name__} was not refused"
        return made

    def _took(self, edition: Edition, step: str, who: str) -> None:
        edition.acts.append((step, self.shelf.actors[who].name))
        edition.version += 1
        self.touched.append(edition)

    def _pick(self, which: int) -> Edition:
        return self.editions[which % len(self.editions)]

    def draft(self, who: str, which: int) -> None:
        """Somebody drafts from a case; a draft that is open is the same one."""
        case = self.shelf.cases[which % len(self.shelf.cases)]
        may = who in STAFF | {"system"}
        if who == "other":
            return  # theirs is another series of another centre; bulletin_steps look at that
        made = self._try(may, draft_from_case, self.shelf.actors[who], case)
        if made is None or any(edition.id == made.id for edition in self.editions):
            return
        name = self.shelf.actors[who].name
        if made.authors == [name] and made.version == 1:
            life = Edition(made.id, made.id, 1, {name}, [("draft", name)], title=made.content["title"]["zh"])
            self.editions.append(life)
            self.touched.append(life)

    def edit(self, who: str, which: int, words: str, is_stale: bool) -> None:
        """Somebody writes, perhaps on an old version."""
        edition = self._pick(which)
        actor = self.shelf.actors[who]
        with self.shelf.house.database.read() as session:
            change = edit_of(
                session.get_one(Bulletin, edition.id), title={"zh": f"标题{words}", "en": f"Title {words}"}
            )
        may = who not in OUTSIDE and edition.state in LEADS["edit"][0] and not is_stale
        seen = edition.version - is_stale
        if self._try(may, edit_bulletin, actor, edition.id, change, seen_version=seen):
            edition.state, edition.title, edition.is_dated = "draft", f"标题{words}", True
            edition.authors.add(actor.name)
            self._took(edition, "edit", who)

    def move(self, who: str, which: int, step: str, is_stale: bool) -> None:
        """Somebody takes a step, perhaps on an old version."""
        self._move(self._pick(which), who, step, is_stale=is_stale)

    def advance(self, which: int, steps: int) -> None:
        """Those who may take it along the way."""
        edition = self._pick(which)
        if not edition.is_dated:
            self.edit("ann", which, "甲", False)
        for _ in range(steps):
            step = {"draft": "submit", "returned": "submit", "in_review": "approve", "approved": "sign"}.get(
                edition.state
            )
            fit = [who for who in sorted(SIGNERS) if self.shelf.actors[who].name not in edition.authors]
            if step is not None:
                self._move(edition, fit[0] if fit else "dou", step)

    def _move(self, edition: Edition, who: str, step: str, *, is_stale: bool = False) -> None:
        actor, house = self.shelf.actors[who], self.shelf.house
        sources, target = LEADS[step]
        may = edition.state in sources and not is_stale and who not in OUTSIDE
        if step != "submit":
            may = may and who != "system"
        if step in ("return", "approve", "sign"):
            may = may and actor.name not in edition.authors
        if step in ("sign", "withdraw"):
            may = may and who in SIGNERS
        if step in ("submit", "approve", "sign"):
            may = may and edition.is_dated
        before = next(
            (e for e in self.editions if e.series == edition.series and e.edition == edition.edition - 1),
            None,
        )
        if step == "sign" and before is not None:
            may = may and before.state in {"published", "expired"}
        seen = {"seen_version": edition.version - is_stale}
        with house.database.read() as session:
            checked = {
                source["sha256"] for source in session.get_one(Bulletin, edition.id).content["sources"]
            }
        done = {
            "submit": lambda: self._try(may, submit_bulletin, actor, edition.id, **seen),
            "return": lambda: self._try(may, return_bulletin, actor, edition.id, "写清来源", **seen),
            "approve": lambda: self._try(
                may,
                approve_bulletin,
                house.evidence,
                actor,
                edition.id,
                checked,
                declared=tuple(DECLARATIONS),
                **seen,
            ),
            "sign": lambda: self._try(may, sign_bulletin, house.evidence, actor, edition.id, **seen),
            "withdraw": lambda: self._try(
                may, withdraw_bulletin, actor, edition.id, "来源撤回", "Withdrawn", **seen
            ),
        }[step]()
        if done is None:
            return
        edition.state = target
        self._took(edition, step, who)
        if step == "sign":
            edition.digest = str(done.content_sha256)
            if before is None:
                self.shelf.numbers += 1
                edition.number = self.shelf.numbers
            else:
                edition.number, before.state = before.number, "corrected"
                before.version += 1
                self.touched.append(before)

    def correct(self, who: str, which: int) -> None:
        """Somebody begins a correction of what stands."""
        edition, name = self._pick(which), self.shelf.actors[who].name
        series = [e for e in self.editions if e.series == edition.series]
        may = who not in OUTSIDE and edition is series[-1] and edition.state in {"published", "expired"}
        made = self._try(
            may, correct_bulletin, self.shelf.actors[who], edition.id, "级别有误", "A wrong level"
        )
        if made is not None:
            life = Edition(
                made.id, edition.series, edition.edition + 1, {name}, [("correct", name)],
                number=edition.number, title=edition.title, is_dated=edition.is_dated,
            )  # fmt: skip
            self.editions.append(life)
            self.touched.append(life)

    def pass_the_last_day(self) -> None:
        """The last day of what is published passes; the clock then goes back, for the others' sake."""
        clock = self.shelf.house.clock
        clock.advance(timedelta(days=200))  # type: ignore[attr-defined]
        with self.shelf.house.database.write() as session:
            expire_bulletins(session, clock)
        clock.advance(timedelta(days=-200))  # type: ignore[attr-defined]
        for edition in self.editions:
            if edition.state == "published":
                edition.state = "expired"
                edition.acts.append(("expire", "job:bulletins"))
                edition.version += 1
                self.touched.append(edition)

    def what_was_touched_stands_as_the_model_says(self) -> None:
        """Looked at after every step, with its history in the desk's acts and in the audit."""
        with self.shelf.house.database.read() as session:
            for edition in self.touched:
                self._look(session.get_one(Bulletin, edition.id), edition)
                acts = select(BulletinAct.step, BulletinAct.actor).where(
                    BulletinAct.bulletin_id == edition.id
                )
                assert [tuple(row) for row in session.execute(acts.order_by(BulletinAct.id))] == edition.acts
                audited = select(AuditRow.action, AuditRow.actor).where(
                    AuditRow.subject_id == str(edition.id)
                )
                assert [tuple(row) for row in session.execute(audited.order_by(AuditRow.id))] == [
                    (f"bulletin.{step}", actor) for step, actor in edition.acts
                ]
        self.touched = []

    def _look(self, stored: Bulletin, edition: Edition) -> None:
        assert (stored.state, stored.version, stored.number) == (
            edition.state,
            edition.version,
            edition.number,
        )
        assert stored.content["title"]["zh"] == edition.title
        assert set(stored.authors) == edition.authors
        deciders = {actor for step, actor in edition.acts if step in ("approve", "sign")}
        assert not deciders & edition.authors, "whoever wrote any of it decided about it"
        if edition.state in PUBLIC:
            assert content_digest(stored) == stored.content_sha256 == edition.digest, (
                "what was signed changed"
            )

    def end(self) -> None:
        """At the end nothing is lost, the public sees what was published, and numbers are without gap or reuse."""
        with self.shelf.house.database.read() as session:
            for edition in self.editions:
                self._look(session.get_one(Bulletin, edition.id), edition)
            public = set(session.scalars(Bulletin.published_to(VISITOR).with_only_columns(Bulletin.id)))
            for edition in self.editions:
                assert (edition.id in public) == (edition.state in PUBLIC), edition
                if edition.state == "withdrawn":
                    assert session.get_one(Bulletin, edition.id).withdrawal == {
                        "zh": "来源撤回",
                        "en": "Withdrawn",
                    }
            given = select(Bulletin.number).where(Bulletin.edition == 1, Bulletin.number.is_not(None))
            assert sorted(session.scalars(given)) == list(range(1, self.shelf.numbers + 1))  # type: ignore[type-var]
            published = select(func.count()).select_from(Bulletin).where(Bulletin.published_at.is_not(None))
            assert session.scalar(published) == len(public)
        with self.shelf.house.database.write() as session:
            # The next life drafts anew: what is open is another one's no more.
            for stored in session.scalars(select(Bulletin).where(Bulletin.published_at.is_(None))):
                session.delete(stored)
