"""Random lives of agencies beside a model that shares no code with the services.

A life is a series of acts by anybody at any time: an application, and once listed complaints, reviews, sanctions,
leaving. The model says from tables of its own what must happen: an act it refuses must be refused and change nothing;
one it allows must lead where it says. What a listing and a sanction rest on is counted again from the history.
"""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from core.errors import SeamarkError
from experts.agencies import applying, checking, complaints, publicity, reviews, standing
from experts.agencies.models import AgencyBar, AgencyComplaint, AgencyReview
from experts.agencies.moving import history_of
from experts.agencies.port import eligible_agencies
from experts.agencies.workflow import SANCTIONS
from tests.experts.agencies.affair import FULL, MARKERS, REPORT, TOP, Affair, People, at

LOW = {name: most // 2 for name, most in TOP.items()}
ENDED = {"listed", "refused", "withdrawn", "lapsed"}
#: from -> act -> (who, to); everything else must be refused
ADMISSION: dict[str, dict[str, tuple[str, str]]] = {
    "draft": {"submit": ("agency", "submitted"), "withdraw": ("agency", "withdrawn")},
    "submitted": {"begin_check": ("staff", "form_check"), "withdraw": ("agency", "withdrawn")},
    "form_check": {
        "ask_supplement": ("staff", "supplement"), "pass_check": ("staff", "verification"),
        "fail_check": ("staff", "refused"), "withdraw": ("agency", "withdrawn"),
    },
    "supplement": {"supplement": ("agency", "form_check"), "withdraw": ("agency", "withdrawn")},
    "verification": {
        "verify": ("staff", "scoring"), "fail_verify": ("staff", "refused"), "withdraw": ("agency", "withdrawn"),
    },
    "scoring": {
        "conclude": ("staff", "publicity"), "fail_scoring": ("staff", "refused"), "withdraw": ("agency", "withdrawn"),
    },
    "publicity": {"object": ("staff", "objection"), "withdraw": ("agency", "withdrawn")},
    "objection": {
        "object": ("staff", "objection"), "uphold": ("staff", "refused"), "dismiss": ("staff", "publicity"),
        "withdraw": ("agency", "withdrawn"),
    },
    "approved": {"admit": ("signer", "listed"), "withdraw": ("agency", "withdrawn")},
}  # fmt: skip
COMPLAINT: dict[str, dict[str, tuple[str, str]]] = {
    "received": {
        "accept": ("staff", "reply_due"), "refuse": ("staff", "not_accepted"), "withdraw": ("firm", "withdrawn"),
    },
    "reply_due": {"reply": ("agency", "heard"), "withdraw": ("firm", "withdrawn")},
    "heard": {
        "hear_again": ("staff", "reply_due"), "find_unfounded": ("staff", "unfounded"), "warn": ("staff", "warned"),
        "suspend": ("signer", "suspended"), "delist": ("signer", "delisted"), "withdraw": ("firm", "withdrawn"),
    },
}  # fmt: skip
REVIEW: dict[str, dict[str, tuple[str, str]]] = {
    "asked": {"report": ("agency", "reported")},
    "reported": {
        "return": ("staff", "asked"), "renew": ("staff", "renewed"), "downgrade": ("staff", "downgraded"),
        "suspend": ("signer", "suspended"), "delist": ("signer", "delisted"),
    },
    "unreported": {
        "report": ("agency", "reported"), "suspend": ("signer", "suspended"), "delist": ("signer", "delisted"),
    },
}  # fmt: skip
LISTING: dict[str, dict[str, tuple[str, str]]] = {
    "active": {
        "suspend": ("signer", "suspended"), "leave": ("agency", "exited"), "record_exit": ("staff", "exited"),
        "delist": ("signer", "removed"),
    },
    "suspended": {
        "suspend": ("signer", "suspended"), "resume": ("signer", "active"), "leave": ("agency", "exited"),
        "record_exit": ("staff", "exited"), "delist": ("signer", "removed"),
    },
    "term_end": {
        "relist": ("staff", "active"), "leave": ("agency", "exited"), "record_exit": ("staff", "exited"),
        "delist": ("signer", "removed"),
    },
    "exited": {"delist": ("signer", "removed")},
    "removed": {},
}  # fmt: skip
PEOPLE = ("agency", "staff", "signer", "firm", "rival", "one")
STAFF = {"staff", "signer", "one"}


class Life:
    """One agency, its acts and what the model expects."""

    def __init__(self, people: People, seed: int) -> None:
        self.people, self.chance = people, random.Random(seed)
        # Every life begins somewhere in the same years, whose moved days the calendar knows.
        at(people.house, date(2026, 3, 2) + timedelta(days=self.chance.randrange(200)))
        self.affair = Affair(people, registration=f"R{seed}", name_zh=f"示例机构{seed}")
        self.filled = self.checked = self.verified = False
        self.marks: dict[str, int] = {}
        self.counts: Counter[str] = Counter()
        self.complaints: list[uuid.UUID] = []
        self.bars = 0

    @property
    def chosen(self) -> float:
        return self.chance.random()

    def run(self, acts: int = 45) -> str:
        """Live; returns the last state, of the application or, once listed, of the agency."""
        for _ in range(acts):
            state = self.affair.now.state
            if state == "listed":
                self.act_listed()
            elif state in ENDED:
                break
            else:
                self.act_applying(state)
            if self.chosen < 0.3:
                self.pass_days(self.chance.choice((1, 2, 3, 7, 14)))
            elif state == "listed" and self.chosen < 0.15:
                self.pass_days(self.chance.choice((60, 150, 320)))
        self.judge()
        self.clear()
        now = self.affair.now
        return self.affair.entry.status if now.state == "listed" else now.state

    def clear(self) -> None:
        """Take back what still waits: a firm may have only so many complaints open, and other lives follow."""
        for one in self.complaints:
            now = self.affair.complaint(one)
            if now.firm_id is not None and now.state in ("received", "reply_due", "heard"):
                is_own = now.firm_id == self.people.actors["firm"].firm_id
                self.affair.on_complaint(one, complaints.withdraw, "firm" if is_own else "rival")

    # the application

    def act_applying(self, state: str) -> None:
        ready = {
            "draft": "submit" if self.filled else "fill",
            "form_check": "pass_check" if self.checked else "check",
            "verification": "verify" if self.verified else "look",
            "scoring": "conclude" if len(self.marks) == 3 else "mark",
            "objection": "dismiss",
            "submitted": "begin_check", "supplement": "supplement", "publicity": "wait", "approved": "admit",
        }[state]  # fmt: skip
        act = ready
        if self.chosen < 0.25:
            wild = {act for row in ADMISSION.values() for act in row} - {"withdraw"} | {
                "check",
                "look",
                "mark",
            }
            act = self.chance.choice(sorted(wild) + ["withdraw"] * (self.chosen < 0.15))
        if act == "wait":
            self.pass_days(2)
            return
        allowed = ADMISSION.get(state, {}).get(act)
        who = allowed[0] if allowed else "staff"
        if self.chosen < 0.1 and act not in ("object", "mark"):
            who = self.chance.choice(PEOPLE)
        self.try_applying(act, who, state)

    def try_applying(self, act: str, who: str, state: str) -> None:
        a, now = self.affair, self.affair.now
        expected = self.expect(ADMISSION, state, act, who)
        waiting = [one for one in now.objections if one.state == "open"]
        points = self.chance.choice((TOP, TOP, TOP, LOW))
        marker = self.chance.choice(MARKERS)
        mean = sum(self.marks.values()) * 10 // 3 if len(self.marks) == 3 else None
        if act == "fill":
            who, expected = "agency", state if state in ("draft", "supplement") else None
        elif act == "check":
            expected = state if state == "form_check" and who in STAFF else None
        elif act == "look":
            expected = state if state == "verification" and who in STAFF else None
        elif act == "mark":
            who, expected = marker, state if state == "scoring" else None
        elif act == "dismiss" and expected and len(waiting) > 1:
            expected = "objection"
        lacks = {
            "submit": not self.filled,
            "supplement": not self.filled,
            "pass_check": not self.checked,
            "verify": not self.verified,
            "conclude": mean is None or mean < 700 or who == "one",
            "fail_scoring": mean is None or mean >= 700 or who == "one",
            "dismiss": who == "one",
            "uphold": who == "one",
        }
        if lacks.get(act):
            expected = None
        objection = waiting[0].id if waiting else uuid.uuid4()
        calls: dict[str, Callable[[], Any]] = {
            "fill": lambda: a.fill(),
            "submit": lambda: a.act(applying.submit, who),
            "check": lambda: a.act(checking.keep_checklist, who, FULL),
            "look": lambda: a.act(checking.keep_verification, who, "online", "Spoken with two partners."),
            "mark": lambda: a.do(checking.mark, marker, a.id, points, is_free=True),
            "supplement": lambda: a.act(applying.supplement, who, words="已补充。"),
            "withdraw": lambda: a.act(applying.withdraw, who),
            "object": lambda: a.object(),
            "admit": lambda: a.act(standing.admit, who),
            "dismiss": lambda: a.act(
                publicity.decide_objection, who, objection, is_upheld=False, decision="经查不实。"
            ),
            "uphold": lambda: a.act(
                publicity.decide_objection, who, objection, is_upheld=True, decision="经查属实。"
            ),
        }
        step = lambda: a.act(checking.take, who, act, note="见说明。", refusal="condition")  # noqa: E731
        before = (now.version, now.state)
        done = self.attempt(act, who, expected, before, calls.get(act, step), self.application_now)
        if done:
            self.filled |= act == "fill"
            self.checked |= act == "check"
            self.verified |= act == "look"
            if act == "mark":
                self.marks[marker] = sum(points.values())

    def application_now(self) -> tuple[int, str]:
        now = self.affair.now
        return now.version, now.state

    # the listing

    def act_listed(self) -> None:
        chosen = self.chosen
        if chosen < 0.25:
            self.try_complaining()
        elif chosen < 0.65 and self.complaints:
            self.try_complaint(self.chance.choice(self.complaints))
        elif chosen < 0.85:
            self.try_review()
        else:
            self.try_listing()

    def try_complaining(self) -> None:
        who = self.chance.choice(("firm", "firm", "rival", "staff", "agency"))
        status = self.affair.entry.status
        visible = who == "staff" or status == "active"
        expected = "received" if who != "agency" and status != "removed" and visible else None
        made: list[uuid.UUID] = []
        before = (len(self.complaints), "")
        if self.attempt(
            "file", who, expected, before,
            lambda: made.append(self.affair.complain(who)),
            lambda: (self.count_complaints(), "" if not made else self.affair.complaint(made[0]).state),
        ):  # fmt: skip
            self.complaints += made

    def count_complaints(self) -> int:
        with self.people.house.database.read() as session:
            query = select(func.count()).where(AgencyComplaint.agency_id == self.affair.entry.id)
            return session.scalar(query) or 0

    def try_complaint(self, one: uuid.UUID) -> None:
        now, status = self.affair.complaint(one), self.affair.entry.status
        row = COMPLAINT.get(now.state, {})
        if row and self.chosen < 0.85:
            act = self.chance.choice(sorted(set(row) - {"withdraw", "delist"}) * 3 + sorted(row))
        else:
            act = self.chance.choice(sorted({act for each in COMPLAINT.values() for act in each}))
        who = row.get(act, ("staff", ""))[0]
        if act in ("accept", "warn") and self.chosen < 0.3:
            who = "signer"
        if self.chosen < 0.1:
            who = self.chance.choice(PEOPLE)
        expected = self.expect(COMPLAINT, now.state, act, who)
        owner = "firm" if now.firm_id == self.people.actors["firm"].firm_id else "rival"
        if act == "withdraw" and (now.firm_id is None or who != owner):
            expected = None
        if act in ("suspend", "delist"):
            handled_by_same = now.handled_by == self.affair.who(who).name
            if handled_by_same or self.expect(LISTING, status, act, who) is None:
                expected = None
        before = (now.version, now.state)
        calls: dict[str, Callable[[], Any]] = {
            "reply": lambda: self.affair.on_complaint(one, complaints.reply, who, text="我们答复。"),
            "withdraw": lambda: self.affair.on_complaint(one, complaints.withdraw, who),
        }
        take = lambda: self.affair.on_complaint(  # noqa: E731
            one, complaints.take, who, act, words="见理由。", refusal="outside", months=3
        )

        def after() -> tuple[int, str]:
            again = self.affair.complaint(one)
            return again.version, again.state

        if self.attempt(act, who, expected, before, calls.get(act, take), after):
            if act in ("suspend", "delist"):
                assert self.affair.entry.status == LISTING[status][act][1]
            self.bars += act == "delist"

    def try_review(self) -> None:
        with self.people.house.database.read() as session:
            query = select(AgencyReview).where(AgencyReview.agency_id == self.affair.entry.id)
            found = session.scalars(query.order_by(AgencyReview.year_ends_on.desc())).first()
        if found is None:
            return
        one, status = found, self.affair.entry.status
        row = REVIEW.get(one.state, {})
        if row and self.chosen < 0.85:
            act = self.chance.choice(sorted(set(row) - {"delist"}) * 3 + sorted(row))
        else:
            act = self.chance.choice(sorted({act for each in REVIEW.values() for act in each}))
        who = row.get(act, ("staff", ""))[0]
        if self.chosen < 0.1:
            who = self.chance.choice(PEOPLE)
        expected = self.expect(REVIEW, one.state, act, who)
        if act in ("suspend", "delist") and self.expect(LISTING, status, act, who) is None:
            expected = None
        listing = self.affair.listing
        still_suspended = (listing.suspended_until or date.min) >= self.today
        if act in ("renew", "downgrade") and status == "term_end" and still_suspended:
            expected = None

        def after() -> tuple[int, str]:
            with self.people.house.database.read() as session:
                again = session.get_one(AgencyReview, one.id)
                return again.version, again.state

        def do() -> Any:
            if act == "report":
                return self.affair.do(reviews.report, who, one.id, REPORT, seen_version=one.version)
            return self.affair.do(
                reviews.take, who, one.id, act, seen_version=one.version, words="见意见。", months=6
            )

        if self.attempt(f"review {act}", who, expected, (one.version, one.state), do, after):
            self.bars += act == "delist"
            if act in ("renew", "downgrade"):
                assert self.affair.entry.status == ("active" if status == "term_end" else status)

    def try_listing(self) -> None:
        entry, listing = self.affair.entry, self.affair.listing
        row = LISTING[entry.status]
        gentle = sorted(set(row) - {"delist", "leave", "record_exit"})
        acts = (
            gentle * 4 + sorted(row)
            if row and self.chosen < 0.8
            else sorted(LISTING["suspended"] | LISTING["term_end"])
        )
        act = self.chance.choice(acts)
        who = row.get(act, ("signer", ""))[0]
        if self.chosen < 0.15:
            who = self.chance.choice(PEOPLE)
        expected = self.expect(LISTING, entry.status, act, who)
        if act == "relist" and listing.suspended_until is not None and listing.suspended_until >= self.today:
            expected = None

        def do() -> Any:
            if act == "leave":
                return self.affair.do(standing.leave, who, reason="业务调整。", seen_version=entry.version)
            return self.affair.do(
                standing.take_step,
                who,
                entry.id,
                act,
                seen_version=entry.version,
                reason="见理由。",
                months=1,
            )

        def after() -> tuple[int, str]:
            again = self.affair.entry
            return again.version, again.status

        if self.attempt(f"listing {act}", who, expected, (entry.version, entry.status), do, after):
            self.bars += act == "delist"

    # what is expected, and what happened

    @staticmethod
    def expect(table: dict[str, dict[str, tuple[str, str]]], state: str, act: str, who: str) -> str | None:
        """Where an act must lead; None: it must be refused."""
        right, target = table.get(state, {}).get(act, ("", ""))
        may = {"staff": STAFF, "signer": {"signer"}, "agency": {"agency"}, "firm": {"firm", "rival"}}
        return target if target and who in may[right] else None

    def attempt(
        self,
        act: str,
        who: str,
        expected: str | None,
        before: tuple[int, str],
        do: Callable[[], Any],
        after: Callable[[], tuple[int, str]],
    ) -> bool:
        try:
            do()
        except SeamarkError as error:
            assert expected is None, (act, who, before, expected, str(error))
            assert after() == before, "a refused act left a trace"
            self.counts["refused"] += 1
            return False
        version, state = after()
        assert expected is not None, (act, who, before, state)
        assert state == expected, (act, who, before, state)
        assert version > before[0]
        self.counts["taken"] += 1
        return True

    @property
    def today(self) -> date:
        return self.people.house.clock.now().date()

    def pass_days(self, days: int) -> None:
        before = self.affair.now
        self.people.pass_to(self.today + timedelta(days=days))
        after = self.affair.now
        late = before.due_on is not None and self.today > before.due_on
        expected = {"publicity": "approved", "supplement": "lapsed"}.get(before.state) if late else None
        assert after.state == (expected or before.state)
        if after.state == "listed":
            self.judge_calendar()

    def judge_calendar(self) -> None:
        """After the job: nothing is past its day."""
        entry, listing = self.affair.entry, self.affair.listing
        if entry.status in ("active", "suspended"):
            assert listing.listed_until is not None
            assert listing.listed_until >= self.today
        if entry.status == "suspended":
            assert listing.suspended_until is not None
            assert listing.suspended_until >= self.today
        for one in self.complaints:
            now = self.affair.complaint(one)
            assert now.state != "reply_due" or (now.due_on is not None and now.due_on >= self.today)

    def judge(self) -> None:
        """What holds at the end of every life."""
        now = self.affair.now
        assert (now.due_on is None) == (now.state in ENDED | {"draft"})
        assert (now.days_left is not None) == (now.state in ("supplement", "objection"))
        assert (now.refusal is not None) == (now.state == "refused")
        assert (now.agency_id is not None) == (now.state == "listed")
        if now.state != "listed":
            return
        entry = self.affair.entry
        with self.people.house.database.read() as session:
            steps = [step.step for step in history_of(session, "agency_application", now.id)]
            bars = session.scalar(
                select(func.count()).where(AgencyBar.registration == self.affair.told["registration"])
            )
            shown = {one.id for one in eligible_agencies(session, self.people.actors["staff"], self.today)}
            told = {one: history_of(session, "agency_complaint", one) for one in self.complaints}
            reviewed = session.scalars(
                select(AgencyReview.state).where(AgencyReview.agency_id == entry.id)
            ).all()
        main = [step for step in steps if step not in ("ask_supplement", "supplement", "object", "dismiss")]
        assert main == [
            "submit", "begin_check", "pass_check", "verify", "conclude", "end_publicity", "admit",
        ]  # fmt: skip
        assert len({mark.account_id for mark in now.marks}) >= 3
        assert sum(mark.total for mark in now.marks) / len(now.marks) >= 70
        assert all(objection.state == "dismissed" for objection in now.objections)
        assert bars == self.bars == (entry.status == "removed")
        listing = self.affair.listing
        in_term = listing.listed_until is not None and listing.listed_until >= self.today
        assert (entry.id in shown) == (entry.status == "active" and entry.verified and in_term)
        if entry.status in ("exited", "removed"):
            assert not {"asked", "reported", "unreported"} & set(reviewed)
        for one, history in told.items():
            self.judge_complaint(self.affair.complaint(one), [(s.step, s.by) for s in history])

    def judge_complaint(self, now: AgencyComplaint, history: list[tuple[str, str]]) -> None:
        names = [name for name, _ in history]
        assert (now.due_on is None) == (now.state not in ("received", "reply_due", "heard"))
        if now.state in {state.value for state in SANCTIONS}:
            asked = max(i for i, name in enumerate(names) if name in ("accept", "hear_again"))
            assert set(names[asked + 1 :]) & {"reply", "reply_over"}, "nobody is judged unheard"
            assert now.decision
        if now.state in ("suspended", "delisted"):
            assert dict(history)["accept"] != history[-1][1], "one accepts, another decides"


def live(people: People, seed: int) -> tuple[str, Counter[str]]:
    """A life from ``seed``: its last state, and how many acts were taken and refused."""
    life = Life(people, seed)
    return life.run(), life.counts
