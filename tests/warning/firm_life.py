"""Firms and staff live at random: profiles, alerts, answers, calls and joint defence; a plain model says what must come of it.

Cases are recorded and changed in between, and what was delivered is delivered again. The model compares words with texts
by itself and knows nothing of the matcher.
"""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from cases.facts import RawCase, RawEvent, RawParty
from cases.models import Case
from core.actor import VISITOR, Actor, Role
from core.audit import AuditRow
from core.clock import local_date
from core.errors import SeamarkError
from core.outbox import Delivery
from house import House
from jobs import desk as run_desk
from tests.factories import DEFENDANT, drain, firm_id, member, raw_case, record, staff
from warning.alerts import NAMED, mark_alert
from warning.answer_models import AlertAnswer
from warning.answers import answer_alert
from warning.criteria import Criteria
from warning.desk_models import DeskNote, DeskTask
from warning.desk_tasks import move_task, record_call
from warning.joint import agree, withdraw
from warning.joint_models import JointConsent
from warning.models import Alert, WatchProfile
from warning.quiet import mute_case, snooze_profile
from warning.watch import WATCH, ZONE
from warning.watch_profiles import change_profile, create_profile, move_profile

FIRMS = ("alpha", "beta")
PARTIES = (
    RawParty("Acme Optics Inc.", "plaintiff"),
    RawParty(DEFENDANT, "defendant"),
    RawParty("Beize Lighting Co. Ltd.", "defendant"),
)
PROFILE_STEPS = {
    "pause": ({"active"}, "paused"),
    "resume": ({"paused"}, "active"),
    "delete": ({"active", "paused"}, "deleted"),
}
ANSWERS = {"not_ours": "not_ours", "noted": "noted", "handling": "handling", "help": "help", "reopen": "open"}


@dataclass
class Profile:
    """What the model remembers of a profile."""

    id: uuid.UUID
    firm: str
    word: str
    state: str = "active"
    version: int = 1
    is_snoozed: bool = False


@dataclass
class Matter:
    """What the model remembers of a case: its words, and what each firm decided about it."""

    id: uuid.UUID
    raw: RawCase
    words: set[str]
    muted: set[str] = field(default_factory=set)
    joint: dict[str, str] = field(default_factory=lambda: dict.fromkeys(FIRMS, "not_agreed"))


class FirmLife:
    """One life in ``house``, whose firms alpha and beta every case names as defendants; words are this life's own."""

    def __init__(self, house: House, seed: int) -> None:
        self.house, self.seed, self.chance = house, seed, random.Random(seed)
        self.people: dict[str, Actor] = {ref: member(house, ref) for ref in FIRMS}
        self.people |= {
            "staff": staff(house), "other": staff(house, "other"), "visitor": VISITOR,
            "expert": Actor("user:expert", frozenset({Role.EXPERT}), centre_id=staff(house).centre_id),
        }  # fmt: skip
        self.firms = {ref: firm_id(house, ref) for ref in FIRMS}
        self.words = [f"{word}{seed}x" for word in ("rotor", "lamp", "wafer")]
        self.profiles: list[Profile] = []
        self.matters: list[Matter] = []
        #: (profile or firm, case) of whom was told
        self.told: set[tuple[uuid.UUID, uuid.UUID]] = set()
        self.answers: dict[uuid.UUID, list[tuple[str, str]]] = {}
        self.state: dict[uuid.UUID, str] = {}
        self.tasks: dict[uuid.UUID, tuple[str, int]] = {}
        self.audited: Counter[str] = Counter()
        with house.database.read() as session:
            self.first_audit = session.scalar(select(AuditRow.id).order_by(AuditRow.id.desc()).limit(1)) or 0

    def live(self, steps: int) -> None:
        """Do ``steps`` things and look after each."""
        acts: list[Callable[[], None]] = [
            self.hear_of_a_case, self.hear_of_a_change, self.make_a_profile, self.change_a_profile, self.move_a_profile,
            self.move_a_profile, self.snooze, self.mute, self.answer, self.answer, self.read, self.agree_or_withdraw,
            self.work_the_desk, self.work_on_a_task, self.work_on_a_task, self.deliver_again,
        ]  # fmt: skip
        self.hear_of_a_case()
        for _ in range(steps):
            self.chance.choice(acts)()
            self.everything_stands_as_the_model_says()
        for profile in self.profiles:
            self._move(profile, profile.firm, "delete", profile.version)
        self.everything_stands_as_the_model_says()

    def _who(self, likely: str = "") -> str:
        return likely if likely and self.chance.random() < 0.75 else self.chance.choice(sorted(self.people))

    def _try(self, may: bool, action: str, act: Callable[..., Any], *values: Any, **more: Any) -> Any:
        """``act`` in a transaction; it must succeed exactly when the model says so, and is then audited as ``action``."""
        try:
            with self.house.database.write() as session:
                made = act(session, self.house.clock, *values, **more)
        except SeamarkError as error:
            assert not may, f"{action} was refused: {error}"
            return None
        assert may, f"{action} was not refused"
        self.audited[action] += 1
        return made or True

    def hear_of_a_case(self) -> None:
        """A new case names both firms, and may hold words."""
        words = {word for word in self.words if self.chance.random() < 0.4}
        raw = raw_case(
            f"2:26-cv-{self.seed % 1000:03d}{len(self.matters):02d}",
            caption=f"Acme {self.seed} v. Hailan",
            text=f"A complaint about {' and '.join(sorted(words)) or 'goods'}.",
            parties=PARTIES,
        )
        matter = Matter(record(self.house, raw).case_id, raw, words)
        self.matters.append(matter)
        self.told |= {(self.firms[ref], matter.id) for ref in FIRMS}
        self._news(matter)

    def hear_of_a_change(self) -> None:
        """A case gains a word, or only another entry, or is told as it was."""
        matter = self.chance.choice(self.matters)
        kind = self.chance.choice(["word", "entry", "same"])
        if kind == "word":
            matter.words = {*matter.words, self.chance.choice(self.words)}
            matter.raw = replace(matter.raw, text=f"A complaint about {' and '.join(sorted(matter.words))}.")
        elif kind == "entry":
            day = local_date(self.house.clock.now(), ZONE)
            entry = RawEvent(day, f"NOTE {len(matter.raw.events)}", "NOTICE of change of address")
            matter.raw = replace(matter.raw, events=(*matter.raw.events, entry))
        before = self._text_of(matter)
        record(self.house, matter.raw)
        if self._text_of(matter) != before:
            self._news(matter)
        else:
            drain(self.house)

    def _text_of(self, matter: Matter) -> str:
        with self.house.database.read() as session:
            return session.get_one(Case, matter.id).text

    def _news(self, matter: Matter) -> None:
        for profile in self.profiles:
            is_up = profile.state == "active" and not profile.is_snoozed and profile.firm not in matter.muted
            if is_up and profile.word in matter.words:
                self.told.add((profile.id, matter.id))
        drain(self.house)

    def deliver_again(self) -> None:
        """Whatever this life's cases told is delivered to everybody again."""
        keys = [str(matter.id) for matter in self.matters]
        with self.house.database.write() as session:
            again = update(Delivery).where(Delivery.key.in_(keys), Delivery.consumer.in_(["alert", "tell"]))
            session.execute(again.values(state="pending"))
        drain(self.house)

    def make_a_profile(self) -> None:
        """Somebody makes a profile; only a firm's member can."""
        who, word = self._who(self.chance.choice(FIRMS)), self.chance.choice(self.words)
        few = sum(profile.state != "deleted" for profile in self.profiles if profile.firm == who) < 20
        made = self._try(
            who in FIRMS and few,
            "watch.created",
            create_profile,
            self.people[who],
            "a profile",
            Criteria(include=(word,)),
        )
        if made is not None:
            self.profiles.append(Profile(made.id, who, word))

    def _profile(self) -> tuple[Profile, str, int] | None:
        if not self.profiles:
            return None
        profile = self.chance.choice(self.profiles)
        return profile, self._who(profile.firm), profile.version - (self.chance.random() < 0.15)

    def change_a_profile(self) -> None:
        """Somebody has a profile ask for another word, perhaps on an old version."""
        if (picked := self._profile()) is None:
            return
        profile, who, seen = picked
        word = self.chance.choice(self.words)
        may = who == profile.firm and profile.state != "deleted" and seen == profile.version
        asked = Criteria(include=(word,))
        if self._try(
            may,
            "watch.changed",
            change_profile,
            self.people[who],
            profile.id,
            "anew",
            asked,
            seen_version=seen,
        ):
            profile.word, profile.version = word, profile.version + 1

    def move_a_profile(self) -> None:
        """Somebody pauses, resumes or deletes one."""
        if (picked := self._profile()) is not None:
            profile, who, seen = picked
            self._move(profile, who, self.chance.choice([*PROFILE_STEPS, "pause", "resume"]), seen)

    def _move(self, profile: Profile, who: str, step: str, seen: int) -> None:
        sources, target = PROFILE_STEPS[step]
        may = who == profile.firm and profile.state in sources and seen == profile.version
        if self._try(
            may, f"watch.{step}", move_profile, self.people[who], profile.id, step, seen_version=seen
        ):
            profile.state, profile.version = target, profile.version + 1

    def snooze(self) -> None:
        """Somebody snoozes one or wakes it."""
        if (picked := self._profile()) is None:
            return
        profile, who, seen = picked
        is_on = self.chance.random() < 0.5
        # Beyond what the desk lets pass in one life.
        until = local_date(self.house.clock.now(), ZONE) + timedelta(days=300) if is_on else None
        may = who == profile.firm and profile.state != "deleted" and seen == profile.version
        action = "watch.snooze" if is_on else "watch.wake"
        if self._try(may, action, snooze_profile, self.people[who], profile.id, until, seen_version=seen):
            profile.is_snoozed, profile.version = is_on, profile.version + 1

    def mute(self) -> None:
        """Somebody mutes a case, or hears of it again; twice is once."""
        matter, who, is_on = self.chance.choice(self.matters), self._who("alpha"), self.chance.random() < 0.5
        is_new = (who in matter.muted) != is_on
        action = "watch.mute" if is_on else "watch.unmute"
        if self._try(who in FIRMS, action, mute_case, self.people[who], matter.id, is_on=is_on):
            (matter.muted.add if is_on else matter.muted.discard)(who)
            self.audited[action] -= not is_new

    def _alert(self) -> tuple[Alert, str, str] | None:
        alerts = self._alerts()
        if not alerts:
            return None
        alert = self.chance.choice(alerts)
        owner = next(ref for ref, identity in self.firms.items() if identity == alert.firm_id)
        return alert, owner, self._who(owner)

    def _alerts(self) -> list[Alert]:
        with self.house.database.read() as session:
            mine = select(Alert).where(Alert.case_id.in_([matter.id for matter in self.matters]))
            return list(session.scalars(mine.order_by(Alert.id)))

    def answer(self) -> None:
        """Somebody answers an alert, perhaps after a colleague."""
        if (picked := self._alert()) is None:
            return
        alert, owner, who = picked
        step, state = self.chance.choice(sorted(ANSWERS)), self.state.get(alert.id, "open")
        seen = state if self.chance.random() < 0.85 else "noted"
        may = who == owner and seen == state and ANSWERS[step] != state
        if self._try(
            may, f"alert.{step}", answer_alert, self.people[who], alert.id, step, f"words {step}", seen=seen
        ):
            self.state[alert.id] = ANSWERS[step]
            self.answers.setdefault(alert.id, []).append((step, f"words {step}"))

    def read(self) -> None:
        """Somebody marks an alert as read or unread."""
        if (picked := self._alert()) is None:
            return
        alert, owner, who = picked
        step = self.chance.choice(["read", "unread"])
        self._try(
            who == owner and (alert.state == "unread") == (step == "read"),
            f"alert.{step}", mark_alert, self.people[who], alert.id, step,
        )  # fmt: skip

    def agree_or_withdraw(self) -> None:
        """Somebody agrees to be put in touch, or takes it back."""
        matter, who = self.chance.choice(self.matters), self._who(self.chance.choice(FIRMS))
        state = matter.joint.get(who, "")
        if self.chance.random() < 0.6:
            may, contact = state in ("not_agreed", "withdrawn"), ("Legal of the firm, 0571-1000",)
            if self._try(may, "joint.agree", agree, self.people[who], matter.id, *contact):
                matter.joint[who] = "agreed"
        elif self._try(state == "agreed", "joint.withdraw", withdraw, self.people[who], matter.id):
            matter.joint[who] = "withdrawn"
        drain(self.house)

    # The desk

    def work_the_desk(self) -> None:
        """Days pass, and the desk's job runs, twice."""
        self.house.clock.advance(timedelta(days=self.chance.randint(0, 4)))  # type: ignore[attr-defined]
        run_desk(self.house)
        run_desk(self.house)
        # What the job makes and ends is looked at in test_desk_tasks; that nothing disappears is looked at here.
        for task in self._tasks():
            before = self.tasks.get(task.id)
            assert before is None or before[0] == task.state or (before[0], task.state) == ("open", "dropped")
            self.tasks[task.id] = (task.state, task.version)

    def _tasks(self) -> list[DeskTask]:
        with self.house.database.read() as session:
            mine = select(DeskTask).where(DeskTask.case_id.in_([matter.id for matter in self.matters]))
            return list(session.scalars(mine.order_by(DeskTask.id)))

    def work_on_a_task(self) -> None:
        """Somebody calls, finishes, drops or reopens, perhaps on an old version."""
        if not self.tasks:
            return
        task = self.chance.choice([task for task in self._tasks() if task.id in self.tasks])
        who, step = self._who("staff"), self.chance.choice(["call", "finish", "drop", "reopen"])
        seen = task.version - (self.chance.random() < 0.15)
        may = who == "staff" and seen == task.version and (task.state == "open") == (step != "reopen")
        person, version = self.people[who], {"seen_version": seen}
        if step == "call":
            result = self.chance.choice(["reached", "not_reached"])
            may, target = may and task.kind == "call", "done" if result == "reached" else "open"
            done = self._try(may, "task.call", record_call, person, task.id, result, "spoke", **version)
        else:
            may = may and not (step == "finish" and task.kind == "call")
            target = {"finish": "done", "drop": "dropped", "reopen": "open"}[step]
            done = self._try(may, f"task.{step}", move_task, person, task.id, step, "for a reason", **version)
        if done:
            self.tasks[task.id] = (target, task.version + 1)

    # What must be

    def everything_stands_as_the_model_says(self) -> None:
        """Alerts exactly those due and once, answers kept, tasks and profiles as left, every change audited once."""
        alerts = self._alerts()
        plain = [
            (alert.profile_id or alert.firm_id, alert.case_id)
            for alert in alerts
            if alert.trigger in (WATCH, NAMED)
        ]
        assert len(plain) == len(set(plain)), "somebody was told twice"
        assert set(plain) == self.told
        keys = [(alert.profile_id or alert.firm_id, alert.case_id, alert.trigger) for alert in alerts]
        assert len(keys) == len(set(keys))
        with self.house.database.read() as session:
            for alert in alerts:
                assert alert.answer == self.state.get(alert.id, "open")
                kept = select(AlertAnswer.step, AlertAnswer.words).where(AlertAnswer.alert_id == alert.id)
                assert [
                    tuple(row) for row in session.execute(kept.order_by(AlertAnswer.id))
                ] == self.answers.get(alert.id, [])
            for profile in self.profiles:
                stored = session.get_one(WatchProfile, profile.id)
                assert (stored.state, stored.version, stored.include) == (
                    profile.state,
                    profile.version,
                    [profile.word],
                )
            consents = select(JointConsent).where(
                JointConsent.case_id.in_([matter.id for matter in self.matters])
            )
            decided = {
                (row.case_id, row.firm_id): (row.state, bool(row.contact))
                for row in session.scalars(consents)
            }
            assert decided == {
                (matter.id, self.firms[ref]): (state, state == "agreed")
                for matter in self.matters
                for ref, state in matter.joint.items()
                if state != "not_agreed"
            }
            tasks = {task.id: (task.state, task.version) for task in self._tasks()}
            assert tasks.items() >= self.tasks.items(), "a task disappeared or moved by itself"
            for identity, (_, version) in self.tasks.items():
                notes = select(DeskNote.id).where(DeskNote.task_id == identity)
                assert len(session.scalars(notes).all()) == version - 1, "an act on a task was not noted"
            names = [actor.name for actor in self.people.values()]
            rows = select(AuditRow.action).where(AuditRow.id > self.first_audit, AuditRow.actor.in_(names))
            assert Counter(session.scalars(rows)) == +self.audited
