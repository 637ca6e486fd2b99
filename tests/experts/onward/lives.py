"""Random lives of what leads on from a consultation, beside a model that shares no code with the services.

A life is a series of acts by anybody at any time on one report, one joint task, one referral and its mediation. The model
says from tables of its own what must happen: an act it refuses must be refused and change nothing; one it allows must
lead where it says, with the clock it says. Whatever is said in a mediation carries a mark of its own; after every few acts
each person of the world reads, and must read exactly the marks the model's own bookkeeping of rooms gives them.
"""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from core.actor import Actor
from core.errors import SeamarkError
from core.workdays import is_working_day
from experts import consenting
from experts.consents import Purpose
from experts.onward import escalations, joint, mediations, referrals, walls
from experts.onward.mediation_models import Mediation
from experts.onward.models import Escalation, JointTask, Referral
from tests.experts.matter import Matter
from tests.experts.onward.surroundings import CHECKED, Surroundings, at

#: from -> step -> (who may, to)
REPORT: dict[str, dict[str, tuple[str, str]]] = {
    "prepared": {"hand_in": ("staff", "secrecy_check"), "drop": ("staff", "dropped")},
    "secrecy_check": {
        "pass_check": ("fresh", "approved"), "return": ("staff", "prepared"), "drop": ("staff", "dropped"),
    },
    "approved": {"sign": ("fresh signer", "signed"), "return": ("staff", "prepared"), "drop": ("staff", "dropped")},
    "signed": {"record_sending": ("staff", "sent"), "drop": ("staff", "dropped")},
    "sent": {"record_receipt": ("staff", "acknowledged"), "record_guidance": ("staff", "guidance_received")},
    "acknowledged": {"record_guidance": ("staff", "guidance_received"), "close": ("staff", "closed")},
    "guidance_received": {"feed_back": ("staff", "fed_back")},
    "fed_back": {"close": ("staff", "closed")},
}  # fmt: skip
REPORT_STEPS = sorted({step for steps in REPORT.values() for step in steps})
NEEDS_CONSENT = ("hand_in", "sign", "record_sending")
REPORT_DAYS = {
    "prepared": 1, "secrecy_check": 1, "approved": 1, "signed": 1, "sent": 5, "acknowledged": 15,
    "guidance_received": 2, "fed_back": 5,
}  # fmt: skip
REFERRAL: dict[str, dict[str, tuple[str, str]]] = {
    "requested": {"prepare": ("staff", "prepared"), "decline": ("staff", "declined"), "withdraw": ("firm", "withdrawn")},
    "prepared": {"propose": ("staff", "firm_asked"), "decline": ("staff", "declined"), "withdraw": ("firm", "withdrawn")},
    "firm_asked": {"agree": ("firm", "agreed"), "disagree": ("firm", "prepared"), "withdraw": ("firm", "withdrawn")},
    "agreed": {"send": ("staff", "sent"), "withdraw": ("firm", "withdrawn")},
    "sent": {"withdraw": ("firm", "withdrawn")},
    "done": {"close": ("staff", "closed")},
}  # fmt: skip
REFERRAL_STEPS = (
    "prepare", "decline", "propose", "agree", "disagree", "send", "withdraw", "record_outcome", "close",
)  # fmt: skip
REFERRAL_DAYS = {"requested": 2, "prepared": 3, "firm_asked": 5, "agreed": 1, "sent": 10, "done": 3}
OPEN = ("opened", "other_asked", "agreed", "proposed", "declared", "in_session")
TALKING = (*OPEN, "settled", "awarded", "confirming")
MEDIATION: dict[str, dict[str, tuple[str, str]]] = {
    "opened": {},
    "other_asked": {
        "consent": ("other", "agreed"), "refuse": ("other", "refused"), "record_consent": ("staff", "agreed"),
        "record_refusal": ("staff", "refused"),
    },
    "agreed": {"leave": ("other", "failed")},
    "proposed": {"leave": ("other", "failed")},
    "declared": {"leave": ("other", "failed"), "begin": ("staff", "in_session")},
    "in_session": {
        "leave": ("other", "failed"), "settle": ("neutral", "settled"), "award": ("neutral", "awarded"),
        "fail": ("neutral", "failed"), "record_settled": ("staff", "settled"), "record_award": ("staff", "awarded"),
        "record_failure": ("staff", "failed"),
    },
    "settled": {"ask_court": ("staff", "confirming"), "close": ("staff", "closed")},
    "awarded": {"ask_court": ("staff", "confirming"), "close": ("staff", "closed")},
    "confirming": {"record_court": ("staff", "confirmed")},
    "confirmed": {"close": ("staff", "closed")},
    "failed": {"close": ("staff", "closed")},
    "refused": {"close": ("staff", "closed")},
    "withdrawn": {"close": ("staff", "closed")},
}  # fmt: skip
for _state in OPEN:
    MEDIATION[_state] = {**MEDIATION[_state], "withdraw": ("firm", "withdrawn")}
MEDIATION_STEPS = sorted({step for steps in MEDIATION.values() for step in steps})
MEDIATION_DAYS = {
    "opened": 3, "other_asked": 15, "agreed": 10, "proposed": 5, "declared": 5, "settled": 30, "awarded": 30,
}  # fmt: skip
#: everybody of the world; what they are
STAFF = ("writer", "checker", "signer", "other_signer", "insider", "outsider")
SIGNERS = ("signer", "other_signer")
OUTSIDE = ("firm_b", "other_staff", "second", "admin")
ROOMS = ("joint", "firm", "other", "neutral")


def counted(begun: date, days: int) -> date:
    """The ``days``-th working day after ``begun``, day by day."""
    while days:
        begun += timedelta(days=1)
        days -= is_working_day(begun)
    return begun


@dataclass
class Known:
    """What the model knows of the mediation: its own bookkeeping, from acts alone."""

    said: list[tuple[str, str]] = field(default_factory=list)
    other_alive: bool = False
    #: neutral -> proposed, free, out
    neutrals: dict[str, str] = field(default_factory=dict)
    until: dict[str, date] = field(default_factory=dict)
    #: (who, room) inside now, and ever
    inside: set[tuple[str, str]] = field(default_factory=set)
    ever: set[tuple[str, str]] = field(default_factory=set)

    def rooms_of(self, who: str) -> set[str]:
        """The rooms somebody reads."""
        if who == "firm":
            return {"joint", "firm"}
        if who == "other":
            return {"joint", "other"} if self.other_alive else set()
        if who in self.neutrals:
            return set(ROOMS) if self.neutrals[who] == "free" else set()
        mine = {room for person, room in self.inside if person == who}
        return mine | {"joint"} if mine else set()


class Life:
    """One life; ``counts`` says how many acts were taken and refused."""

    def __init__(self, around: Surroundings, seed: int) -> None:
        self.around, self.chance, self.counts = around, random.Random(seed), Counter[str]()
        around.matter = Matter(around.house, around.matter.actors, around.matter.expert_id).to("accepted")
        around.tokens = {}
        self.has_consent, self.writers = False, {"writer"}
        self.report = around.do(escalations.begin_from_consultation, "writer", around.matter.id).id
        #: two lives of three begin at the table, so that walls are tried as much as the way to them
        self.at_table = seed % 3 > 0
        if self.at_table:
            self.referral = around.referral("taken")
        else:
            self.referral = around.do(referrals.begin_referral, "firm", around.matter.id, "mediation", {}).id
        self.task = around.do(joint.begin_task, "writer", around.matter.id).id
        self.mediation: uuid.UUID | None = self.find_mediation() if self.at_table else None
        self.known, self.written_text, self.prepared_terms = Known(), False, False
        self.replies: dict[str, str] = {}
        self.mark = 0

    def find_mediation(self) -> uuid.UUID:
        with self.around.house.database.read() as session:
            return session.scalars(select(Mediation.id).where(Mediation.referral_id == self.referral)).one()

    @property
    def today(self) -> date:
        return self.around.house.clock.now().date()

    def run(self, acts: int = 60) -> str:
        """Live; returns the last states."""
        for n in range(acts):
            act = self.chance.choice(
                (self.on_report, self.on_report, self.on_referral, self.on_referral, self.on_mediation,
                 self.on_mediation, self.on_mediation, self.on_task, self.on_consent, self.on_time)
            )  # fmt: skip
            if self.at_table and self.chance.random() < 0.7:
                act = self.on_mediation
            act()
            if n % 5 == 4:
                self.look()
        self.look()
        states = [self.state(Escalation, self.report), self.state(Referral, self.referral)]
        if self.mediation:
            states.append(self.state(Mediation, self.mediation))
        return " ".join(states)

    def state(self, kind: type[Any], identity: uuid.UUID) -> str:
        return str(self.around.row(kind, identity).state)

    def anybody(self) -> str:
        seats = [name for name in ("other", "n0", "n1", "n2") if name in self.around.tokens]
        return self.chance.choice((*STAFF, "firm", "firm", "firm_b", "other_staff", "expert", *seats, *seats))

    def on_time(self) -> None:
        at(self.around.house, self.today + timedelta(days=self.chance.choice((0, 1, 1, 2, 3, 9))))

    def attempt(
        self, kind: type[Any], identity: uuid.UUID, expected: str | None, act: Callable[[], Any]
    ) -> bool:
        """Do an act: with an expected state it must be taken and lead there, with None be refused and change nothing."""
        before = self.around.row(kind, identity)
        seen = (before.state, before.version, before.due_on, before.days_left)
        try:
            act()
        except SeamarkError as error:
            assert expected is None, f"refused, but the model allows it: {error}"
            now = self.around.row(kind, identity)
            assert (now.state, now.version, now.due_on, now.days_left) == seen, "refused, and yet it changed"
            self.counts["refused"] += 1
            return False
        assert expected is not None, f"taken from {seen[0]}, but the model refuses it"
        assert self.state(kind, identity) == expected
        self.counts["taken"] += 1
        return True

    # the report

    def may(self, who: str, wanted: str) -> bool:
        if wanted == "staff":
            return who in STAFF
        if wanted == "fresh":
            return who in STAFF and who not in self.writers
        if wanted == "fresh signer":
            return who in SIGNERS and who not in self.writers
        return who == wanted

    def on_report(self) -> None:
        state, who = self.state(Escalation, self.report), self.somebody("staff")
        if self.chance.random() < 0.25:
            allowed = state == "prepared" and who in STAFF
            if self.attempt(
                Escalation, self.report, state if allowed else None,
                lambda: self.around.write_report(self.report, who),
            ):  # fmt: skip
                self.writers.add(who)
                self.written_text = True
            return
        step = self.some_step(REPORT.get(state, {}), REPORT_STEPS, ("drop", "return"))
        wanted, target = REPORT.get(state, {}).get(step, ("", ""))
        who = self.somebody(wanted)
        allowed = bool(wanted) and self.may(who, wanted)
        if step in NEEDS_CONSENT and not self.has_consent:
            allowed = False
        if step == "hand_in" and not self.written_text:
            allowed = False
        expected = target if allowed else None

        def act() -> None:
            if step == "sign":
                self.around.sign(self.report, who)
            else:
                told = {"words": "按规定办理。", "channel": "机要", "checked": CHECKED}
                self.around.step_report(self.report, step, who, **told)

        if self.attempt(Escalation, self.report, expected, act):
            self.check_clock(Escalation, self.report, REPORT_DAYS)

    def check_clock(self, kind: type[Any], identity: uuid.UUID, days: dict[str, int]) -> None:
        row = self.around.row(kind, identity)
        due = counted(self.today, days[row.state]) if row.state in days else None
        assert row.due_on == due, (row.state, row.due_on, due)

    def some_step(self, open_now: Iterable[str], all_steps: Sequence[str], rare: Sequence[str]) -> str:
        """Mostly a step that leads on from here, seldom one that ends it, sometimes any."""
        likely = [step for step in open_now if step not in rare or self.chance.random() < 0.05]
        return self.chance.choice(likely if likely and self.chance.random() < 0.8 else list(all_steps))

    def somebody(self, wanted: str) -> str:
        """Mostly somebody who may, otherwise anybody."""
        fitting = [name for name in (*STAFF, "firm") if self.may(name, wanted)]
        return self.chance.choice(fitting) if fitting and self.chance.random() < 0.7 else self.anybody()

    def on_consent(self) -> None:
        who, given = self.somebody("firm"), self.chance.random() < 0.93
        state = self.state(Escalation, self.report)
        try:
            self.around.do(consenting.write_down, who, self.around.matter.id, Purpose.UPWARD, given=given)
        except SeamarkError:
            assert who != "firm"
            self.counts["refused"] += 1
            return
        assert who == "firm", f"{who} decided for the firm"
        self.has_consent = given
        if not given and self.chance.random() < 0.5:
            self.around.do(escalations.consent_was_withdrawn, "firm", self.around.matter.id)
            unsent = state in ("prepared", "secrecy_check", "approved", "signed")
            assert self.state(Escalation, self.report) == ("dropped" if unsent else state)

    # the joint task

    def on_task(self) -> None:
        state, who = self.state(JointTask, self.task), self.somebody("staff")
        if state == "draft":
            ready = who in STAFF
            done = self.attempt(
                JointTask, self.task, "draft" if ready else None,
                lambda: self.around.on(
                    JointTask, self.task, joint.write_task, who, self.task, title="商请", question="请答复。",
                    departments=[("甲局", 3), ("乙局", 7)],
                ),
            )  # fmt: skip
            if done:
                tokens = self.around.on(JointTask, self.task, joint.ask, who, self.task)
                self.around.tokens |= tokens
                self.replies = {"甲局": "", "乙局": ""}
                assert self.around.row(JointTask, self.task).due_on == counted(self.today, 7)
            return
        if state == "asked":
            name = self.chance.choice(("甲局", "乙局"))
            waits = not self.replies[name]
            last = waits and all(words for other, words in self.replies.items() if other != name)
            if self.attempt(
                JointTask, self.task, ("answered" if last else "asked") if waits else None,
                lambda: self.around.do(joint.reply, name, self.task, text=f"{name}答复"),
            ):  # fmt: skip
                self.replies[name] = f"{name}答复"
            rows = {one.name: one.reply for one in self.around.row(JointTask, self.task).departments}
            assert rows == self.replies, "no reply is lost"
            return
        self.attempt(
            JointTask, self.task, "concluded" if state == "answered" and who in STAFF else None,
            lambda: self.around.on(
                JointTask, self.task, joint.take, who, self.task, "conclude", words="照办。"
            ),
        )  # fmt: skip

    # the referral

    def on_referral(self) -> None:
        state, who = self.state(Referral, self.referral), self.somebody("staff")
        if state == "prepared" and not self.prepared_terms and who in STAFF:
            self.around.write_referral(self.referral, {"dispute": "许可费"}, files=[])
            self.prepared_terms = True
            return
        if state == "sent" and self.chance.random() < 0.95:
            one = self.around.row(Referral, self.referral).recipients[0]
            if self.attempt(
                Referral, self.referral, "taken" if who in STAFF else None,
                lambda: self.around.on(
                    Referral, self.referral, referrals.answer, who, self.referral, one.id, is_taken=True
                ),
            ):  # fmt: skip
                self.mediation = self.find_mediation()
            return
        step = self.some_step(REFERRAL.get(state, {}), REFERRAL_STEPS, ("withdraw", "decline"))
        wanted, target = REFERRAL.get(state, {}).get(step, ("", ""))
        who = self.somebody(wanted)
        allowed = bool(wanted) and self.may(who, wanted) and (step != "propose" or self.prepared_terms)
        before = self.around.row(Referral, self.referral)
        if self.attempt(
            Referral, self.referral, target if allowed else None,
            lambda: self.around.step_referral(
                self.referral, step, who, words="请按此办理。", outcome="helped"
            ),
        ):  # fmt: skip
            now = self.around.row(Referral, self.referral)
            if step == "disagree":
                # The centre's days stood meanwhile: as many are left as when the firm was asked.
                assert now.due_on == self.after_pause(before.days_left), (before.days_left, now.due_on)
            elif step == "propose":
                assert now.days_left is not None and now.due_on == counted(self.today, 5)
            else:
                self.check_clock(Referral, self.referral, REFERRAL_DAYS)

    def after_pause(self, left: int) -> date:
        day = self.today
        if left > 0:
            return counted(day, left)
        while left < 0:
            day -= timedelta(days=1)
            left += is_working_day(day)
        while left == 0 and not is_working_day(day):
            day += timedelta(days=1)
        return day

    # the mediation

    def on_mediation(self) -> None:
        if self.mediation is None:
            return
        state, known = self.state(Mediation, self.mediation), self.known
        draw = self.chance.random()
        if draw < 0.3:
            self.say(state)
        elif draw < 0.4:
            self.let_in_or_out()
        elif state == "opened" and draw < 0.9:
            who = self.chance.choice(("writer", "firm", "expert"))
            if who == "writer":
                self.around.ask_other(self.mediation)
                known.other_alive = True
                assert self.state(Mediation, self.mediation) == "other_asked"
            else:
                self.attempt(
                    Mediation, self.mediation, None,
                    lambda: self.around.on(
                        Mediation, self.mediation, mediations.ask_other, who, self.mediation, name="某", region="CN"
                    ),
                )  # fmt: skip
        elif state in ("agreed", "proposed") and draw < 0.6 and len(known.neutrals) < 3:
            name = f"n{len(known.neutrals)}"
            self.around.propose(self.mediation, name)
            known.neutrals[name] = "proposed"
            assert self.state(Mediation, self.mediation) == "proposed"
        elif state in ("proposed", "declared", "in_session") and draw < 0.85 and known.neutrals:
            self.neutral_acts(state)
        else:
            self.step(state)

    def active(self) -> list[str]:
        return [name for name, how in self.known.neutrals.items() if how in ("proposed", "free")]

    def after_neutrals(self, state: str) -> str:
        if not self.active():
            return "agreed"
        if state == "proposed" and all(self.known.neutrals[name] == "free" for name in self.active()):
            return "declared"
        return state

    def neutral_acts(self, state: str) -> None:
        known, mediation = self.known, self.mediation
        assert mediation is not None
        name = self.chance.choice(list(known.neutrals))
        how, draw = known.neutrals[name], self.chance.random()
        if how == "out":
            return
        if draw < 0.75:
            is_free = self.chance.random() < 0.9
            allowed = (state == "proposed" and how == "proposed") or (
                not is_free and how in ("proposed", "free")
            )
            was = how
            if allowed:
                known.neutrals[name] = "free" if is_free else "out"
            expected = self.after_neutrals(state) if allowed else None
            if self.attempt(
                Mediation, mediation, expected, lambda: self.around.declare(mediation, name, is_free=is_free)
            ):
                if is_free:
                    known.until[name] = counted(self.today, 5)
                else:
                    self.around.tokens.pop(name)
            else:
                known.neutrals[name] = was
            return
        who = self.chance.choice(("firm", "other", "writer", "firm_b"))
        if who == "other" and not known.other_alive:
            return
        in_time = name in known.until and self.today <= known.until[name]
        allowed = who in ("firm", "other") and state in ("proposed", "declared") and in_time
        row = next(
            one for one in self.around.row(Mediation, mediation).neutrals if one.name == f"调解员{name}"
        )
        if allowed:
            known.neutrals[name] = "out"
        if self.attempt(
            Mediation, mediation, self.after_neutrals(state) if allowed else None,
            lambda: self.around.on(
                Mediation, mediation, mediations.challenge, who, mediation, row.id, reason="不中立"
            ),
        ):  # fmt: skip
            self.around.tokens.pop(name)

    def step(self, state: str) -> None:
        known, mediation = self.known, self.mediation
        assert mediation is not None
        step = self.some_step(
            MEDIATION.get(state, {}), MEDIATION_STEPS, ("withdraw", "leave", "refuse", "record_refusal")
        )
        wanted, target = MEDIATION.get(state, {}).get(step, ("", ""))
        who = self.somebody(wanted)
        if wanted in ("firm", "other", "neutral") and self.chance.random() < 0.6:
            who = {"neutral": next(iter(self.active()), "firm")}.get(wanted, wanted)
        if who == "other" and not known.other_alive:
            who = "firm"
        is_neutral = known.neutrals.get(who) == "free"
        allowed = bool(wanted) and (is_neutral if wanted == "neutral" else self.may(who, wanted))
        if (
            state == "declared"
            and step == "begin"
            and any(self.today <= known.until[name] for name in self.active())
        ):
            allowed = False
        words = self.marked()
        if self.attempt(
            Mediation, mediation, target if allowed else None,
            lambda: self.around.step_mediation(mediation, step, who, words=words),
        ):  # fmt: skip
            if step in ("settle", "award", "fail"):
                known.said.append(("joint", words))
            self.check_clock(Mediation, mediation, MEDIATION_DAYS)
            if target in ("settled", "awarded", "failed", "refused", "withdrawn"):
                row = self.around.row(Referral, self.referral)
                assert (row.state, row.outcome) == ("done", target)
            if target == "closed":
                known.other_alive = False
                known.inside.clear()
                known.neutrals = dict.fromkeys(known.neutrals, "out")
                for name in ("other", *known.neutrals):
                    self.around.tokens.pop(name, None)

    def marked(self) -> str:
        self.mark += 1
        return f"mark {self.mark} of {self.mediation}"

    def say(self, state: str) -> None:
        mediation = self.mediation
        assert mediation is not None
        who, room, words = self.anybody(), self.chance.choice(ROOMS), self.marked()
        if self.chance.random() < 0.5:
            readers = [name for name in ("firm", "other", *self.active()) if self.known.rooms_of(name)]
            who = self.chance.choice(readers)
            room = self.chance.choice(sorted(self.known.rooms_of(who)))
        allowed = room in self.known.rooms_of(who) and state in TALKING
        if self.attempt(
            Mediation,
            mediation,
            state if allowed else None,
            lambda: self.around.say(mediation, who, room, words),
        ):
            self.known.said.append((room, words))

    def let_in_or_out(self) -> None:
        mediation, known = self.mediation, self.known
        assert mediation is not None
        by, whom = self.chance.choice(("signer", "other_signer", "writer", "firm")), self.chance.choice(STAFF)
        state = self.state(Mediation, mediation)
        if self.chance.random() < 0.4 and known.inside:
            whom, room = self.chance.choice(sorted(known.inside))
            user = self.around.actors[whom].user_id
            row = next(
                one
                for one in self.around.row(Mediation, mediation).insiders
                if one.user_id == user and one.room == room and one.ended_at is None
            )
            if self.attempt(
                Mediation, mediation, state if by in SIGNERS else None,
                lambda: self.around.on(Mediation, mediation, walls.let_out, by, mediation, row.id),
            ):  # fmt: skip
                known.inside.discard((whom, room))
            return
        room = self.chance.choice(("joint", "firm", "other"))
        if (whom, room) in known.inside:
            return
        opposite = {"firm": "other", "other": "firm"}.get(room)
        allowed = by in SIGNERS and whom != by and (whom, opposite) not in known.ever and state != "closed"
        if state == "closed":
            return
        if self.attempt(
            Mediation, mediation, state if allowed else None,
            lambda: self.around.on(
                Mediation, mediation, walls.let_in, by, mediation, self.around.actors[whom].user_id, room=room,
                reason="协助",
            ),
        ):  # fmt: skip
            known.inside.add((whom, room))
            known.ever.add((whom, room))

    # the oracle

    def look(self) -> None:
        """Everybody reads, and must read what the model says, no mark more and no mark less."""
        row = self.around.row(Escalation, self.report)
        if row.state in (
            "approved",
            "signed",
            "sent",
            "acknowledged",
            "guidance_received",
            "fed_back",
            "closed",
        ):
            names = {self.around.actors[name].name for name in self.writers}
            assert row.checked_by not in names and row.signed_by not in names
            assert (row.content != "") == (row.state != "approved")
        for kind, identity in ((Escalation, self.report), (Referral, self.referral), (JointTask, self.task)):
            affair = self.around.row(kind, identity)
            assert affair.days_left is None or affair.state == "firm_asked", "one running clock"
        if self.mediation is None:
            return
        people = [*STAFF, *OUTSIDE, "expert", "firm", "other", *self.known.neutrals]
        for who in people:
            expected = {words for room, words in self.known.said if room in self.known.rooms_of(who)}
            assert self.heard(who) == expected, (who, self.known.rooms_of(who))
        for actor in (
            Actor("visitor"),
            Actor("job", system=True),
            Actor("job", system=True, centre_id=self.around.centre),
        ):
            assert self.heard(actor) == set()

    def heard(self, who: str | Actor) -> set[str]:
        assert self.mediation is not None
        try:
            return set(self.around.hear(self.mediation, who))
        except (SeamarkError, KeyError):
            return set()


def live(around: Surroundings, seed: int) -> tuple[str, Counter[str]]:
    """A life from ``seed``: its last states, and how many acts were taken and refused."""
    life = Life(around, seed)
    return life.run(), life.counts
