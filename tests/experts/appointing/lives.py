"""Random lives of applications beside a model that shares no code with the services.

A life is a series of acts by anybody at any time. The model says from a table of its own what must happen: an act it
refuses must be refused and change nothing; one it allows must lead where it says. What an appointment rests on is
counted again from the history at the end.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from core.errors import SeamarkError
from core.workdays import is_working_day
from experts.appointing import applying, publicity, reviewing, standing
from experts.appointing.models import Application
from experts.appointing.standing_models import Appointment
from experts.models import Expert
from tests.experts.appointing.affair import FULL, TOP, Affair, People, at

LOW = {name: most // 2 for name, most in TOP.items()}
ENDED = {"appointed", "refused", "withdrawn", "lapsed"}
#: from -> act -> to, for acts that are well made; everything else must be refused
MODEL: dict[str, dict[str, str]] = {
    "draft": {"submit": "submitted", "withdraw": "withdrawn"},
    "submitted": {"begin_check": "qualification_check", "withdraw": "withdrawn"},
    "qualification_check": {
        "ask": "supplement", "pass": "panel_review", "fail": "refused", "withdraw": "withdrawn",
    },
    "supplement": {"supplement": "qualification_check", "withdraw": "withdrawn"},
    "panel_review": {"withdraw": "withdrawn"},
    "publicity": {"object": "objection", "withdraw": "withdrawn"},
    "objection": {"object": "objection", "uphold": "refused", "withdraw": "withdrawn"},
    "approved": {"appoint": "appointed", "withdraw": "withdrawn"},
}  # fmt: skip
STEPS_OF = {
    "submit", "begin_check", "pass_check", "conclude_panel", "end_publicity", "appoint",
}  # fmt: skip


class Life:
    """One application, its acts and what the model expects."""

    def __init__(self, people: People, call_id: Any, chance: random.Random) -> None:
        self.people, self.chance = people, chance
        # Every life begins somewhere in the same years, whose moved days the calendar knows.
        at(people.house, date(2026, 3, 2) + timedelta(days=chance.randrange(250)))
        self.affair = Affair(
            people, call_id, id_last4=f"{chance.randrange(10000):04d}", contact=f"{chance.random()}@x"
        )
        self.marks: dict[str, int] = {}
        self.panel_named = self.filled = self.checked = False
        self.counts: Counter[str] = Counter()

    def run(self, acts: int = 40) -> str:
        """Live; returns the last state."""
        for _ in range(acts):
            state = self.affair.now.state
            if state in ENDED:
                break
            self.try_act(self.pick(state))
            if self.chance.random() < 0.35:
                self.pass_days(self.chance.choice((1, 1, 2, 3, 5, 9)))
        self.judge()
        return self.affair.now.state

    def pick(self, state: str) -> str:
        helpful = {
            "draft": ["submit"] if self.filled else ["fill"],
            "submitted": ["begin_check"],
            "qualification_check": [
                "pass",
                "pass",
                "ask",
            ]
            if self.checked
            else ["check"],
            "supplement": ["supplement", "supplement", "wait"],
            "panel_review": ["conclude"]
            if len(self.marks) == 3
            else ["mark"]
            if self.panel_named
            else ["panel"],
            "publicity": ["object", "wait", "wait", "wait"],
            "objection": ["dismiss"] * 6 + ["uphold", "object"],
            "approved": ["appoint"],
        }[state]
        if self.chance.random() < 0.75:
            return self.chance.choice(helpful)
        return self.chance.choice(
            ["submit", "begin_check", "ask", "supplement", "pass", "fail", "panel", "mark", "conclude",
             "dismiss", "uphold", "object", "appoint", "fill", "check"] + ["withdraw"] * (self.chance.random() < 0.2)
        )  # fmt: skip

    def pass_days(self, days: int) -> None:
        before = self.affair.now
        at(self.people.house, self.today + timedelta(days=days))
        with self.people.house.database.write() as session:
            publicity.let_time_pass(session, self.people.house.clock, self.people.centre)
        after = self.affair.now
        late = before.due_on is not None and self.today > before.due_on
        expected = {"publicity": "approved", "supplement": "lapsed"}.get(before.state) if late else None
        assert after.state == (expected or before.state), (
            before.state,
            after.state,
            before.due_on,
            self.today,
        )

    @property
    def today(self) -> date:
        return self.people.house.clock.now().date()

    def try_act(self, act: str) -> None:
        before = self.affair.now
        if act == "fill" and len(before.files) > 10:
            return  # a bound of files has a test of its own
        expected, who, do = self.expectation(act, before)
        try:
            do(who)
        except SeamarkError as error:
            after = self.affair.now
            assert expected is None, (act, before.state, expected, str(error))
            assert (after.version, after.state) == (before.version, before.state), (
                "a refused act left a trace"
            )
            self.counts["refused"] += 1
        else:
            assert expected is not None, (act, before.state, self.affair.now.state)
            assert self.affair.now.state == expected, (act, before.state)
            self.note(act, who)
            self.counts["taken"] += 1

    def expectation(self, act: str, now: Application) -> tuple[str | None, str, Callable[[str], Any]]:
        """Where ``act`` must lead (None: refused), who does it, and how."""
        a, chance, state = self.affair, self.chance, now.state
        target = MODEL.get(state, {}).get(act)
        right = {
            "submit": "applicant",
            "withdraw": "applicant",
            "supplement": "applicant",
            "fill": "applicant",
        }
        who = right.get(act, "signer" if act == "appoint" else "staff")
        if act == "mark":
            who = chance.choice(("one", "two", "three", "four"))
        if act == "conclude":
            who = chance.choice(("supervisor", "supervisor", "supervisor", "staff", "one"))
        if act in ("dismiss", "uphold") and chance.random() < 0.2:
            who = "two"
        if act == "fill":
            return (state if state in ("draft", "supplement") else None), who, lambda w: a.fill()
        if act == "submit":
            return (target if self.filled else None), who, lambda w: a.act(applying.submit, w)
        if act == "begin_check":
            return target, who, lambda w: a.act(reviewing.begin_check, w)
        if act == "check":
            return (state if state == "qualification_check" else None), who, lambda w: a.check()
        if act == "ask":
            return target, who, lambda w: a.act(reviewing.ask_supplement, w, note="请补充。")
        if act == "supplement":
            return target, who, lambda w: a.act(applying.supplement, w, words="已补充。")
        if act == "pass":
            target = target if self.checked else None
            return target, who, lambda w: a.act(reviewing.decide_check, w, passes=True)
        if act == "fail":
            how = {"passes": False, "reason": "not_qualified"}
            return target, who, lambda w: a.act(reviewing.decide_check, w, **how)
        if act == "panel":
            ids = [self.people.id_of(n) for n in ("one", "two", "three")]
            supervisor = chance.choice(("supervisor", "supervisor", "one"))
            good = state == "panel_review" and not self.marks and supervisor == "supervisor"
            return (
                (state if good else None),
                who,
                lambda w: a.act(
                    reviewing.name_panel, w, reviewers=ids, supervisor=self.people.id_of(supervisor)
                ),
            )
        if act == "mark":
            good = state == "panel_review" and self.panel_named and who != "four" and who not in self.marks
            points = chance.choice((TOP, TOP, TOP, LOW))
            self.last_points = sum(points.values())
            return (
                (state if good else None),
                who,
                lambda w: a.do(reviewing.mark, w, a.id, points, is_free=True),
            )
        if act == "conclude":
            good = state == "panel_review" and len(self.marks) == 3 and who == "supervisor"
            reaches = sum(self.marks.values()) * 10 // 3 >= 700
            target = ("publicity" if reaches else "refused") if good else None
            return target, who, lambda w: a.act(reviewing.conclude_panel, w)
        if act == "object":
            return target, who, lambda w: a.object()
        if act in ("dismiss", "uphold"):
            waiting = [o for o in now.objections if o.state == "open"]
            chosen = waiting[0].id if waiting else a.id
            upheld = act == "uphold"
            if state != "objection" or who == "two":
                target = None
            elif not upheld:
                target = "publicity" if len(waiting) == 1 else "objection"
            return (
                target,
                who,
                lambda w: a.act(publicity.decide_objection, w, chosen, upheld=upheld, decision="经查。"),
            )
        if act == "appoint":
            return target, who, lambda w: a.act(standing.appoint, w)
        if act == "wait":
            return state, who, lambda w: None
        return target, who, lambda w: a.act(applying.withdraw, w)

    def note(self, act: str, who: str) -> None:
        self.filled |= act == "fill"
        self.checked |= act == "check"
        self.panel_named |= act == "panel"
        if act == "mark":
            self.marks[who] = self.last_points

    def judge(self) -> None:
        """What holds at the end of every life."""
        now = self.affair.now
        steps = [step.step for step in now.steps]
        assert (now.due_on is None) == (now.state in ENDED | {"draft"})
        assert (now.days_left is not None) == (now.state in ("supplement", "objection"))
        assert (now.number is None) == ("submit" not in steps)
        assert (now.refusal is not None) == (now.state == "refused")
        with self.people.house.database.read() as session:
            certificates = session.scalars(
                select(Appointment).where(Appointment.application_id == now.id)
            ).all()
            entry = session.get(Expert, now.expert_id) if now.expert_id else None
        assert len(certificates) == (now.state == "appointed")
        assert (entry is not None) == (now.state == "appointed")
        if now.state != "appointed":
            return
        order = [step for step in steps if step in STEPS_OF]
        assert order == ["submit", "begin_check", "pass_check", "conclude_panel", "end_publicity", "appoint"]
        assert set(now.checklist) == set(FULL)
        assert len({seat.account_id for seat in now.seats}) >= 3
        assert all(seat.total is not None and seat.is_free for seat in now.seats)
        assert sum(seat.total or 0 for seat in now.seats) / len(now.seats) >= 70
        people = {seat.account_id for seat in now.seats}
        assert now.supervisor_id not in people
        assert self.people.id_of("signer") not in people
        assert all(objection.state == "dismissed" for objection in now.objections)
        assert self.days_in_public(now) == 5
        assert entry is not None
        assert entry.verified
        assert entry.status == "active"

    @staticmethod
    def days_in_public(now: Application) -> int:
        """Working days the public had, counted day by day from the history, days of an objection left out."""
        spans: list[tuple[date, date]] = []
        since: date | None = None
        for step in now.steps:
            day = step.at.date()
            if step.step in ("conclude_panel", "dismiss"):
                since = day
            elif step.step == "object" and since is not None:
                spans.append((since, day))
                since = None
        assert since is not None
        assert now.publicity_ended_on is not None
        spans.append((since, max(now.publicity_ended_on, since)))
        counted = 0
        for begin, end in spans:
            day = begin
            while day < end:
                day += timedelta(days=1)
                counted += is_working_day(day)
        # Taken up again with nothing left on a day nobody works, the next working day closes it and is one more.
        return min(counted, 5)


def live(people: People, call_id: Any, seed: int) -> tuple[str, Counter[str]]:
    """A life from ``seed``: its last state, and how many acts were taken and refused."""
    life = Life(people, call_id, random.Random(seed))
    return life.run(), life.counts
