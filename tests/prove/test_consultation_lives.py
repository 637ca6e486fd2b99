"""Random lives of consultations through the services themselves, whoever tries whatever: what was allowed is what the
declared way allows, one clock runs at most, nothing is lost, and nothing is seen by the wrong person.

Who may see what is told here by a reading of its own, kept beside the services and sharing no code with their checks.
"""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from core.errors import SeamarkError
from experts import aftercare, casework, consultations, opinions
from experts.consultation_models import Consultation
from experts.consultation_workflow import CONSULTATION_WORKFLOW
from house import House
from tests.experts.matter import AGREED, ANSWERS, Matter, listed_experts

ROUNDS = int(os.environ.get("SEAMARK_PROVE_ROUNDS", "30"))
WHO = ("firm", "firm_b", "staff", "other_staff", "expert", "second", "admin")
N = {"note": "因故"}
ACTS: dict[str, Callable[[Matter, str], Any]] = {
    "submit": lambda m, w: m.on(consultations.submit, w, **AGREED),
    "review": lambda m, w: m.on(aftercare.begin_review, w),
    "ask_supplement": lambda m, w: m.on(aftercare.ask_supplement, w, **N),
    "supply": lambda m, w: m.on(aftercare.supply, w),
    "accept": lambda m, w: m.on(casework.accept, w, urgency="u1"),
    "reject": lambda m, w: m.on(casework.reject, w, reason="untrue"),
    "assign": lambda m, w: m.on(casework.assign, w, m.expert_id, listed_experts),
    "assign_second": lambda m, w: m.on(casework.assign, w, m.second_id, listed_experts),
    "declare": lambda m, w: m.on(casework.declare, w),
    "decline": lambda m, w: m.on(casework.decline, w, conflict="旧客户"),
    "begin": lambda m, w: m.on(casework.begin_advice, w),
    "ask_firm": lambda m, w: m.on(aftercare.ask_firm, w, **N),
    "answer_firm": lambda m, w: m.on(aftercare.answer_firm, w),
    "resume": lambda m, w: m.on(aftercare.resume, w),
    "recall": lambda m, w: m.on(casework.recall, w, **N),
    "issue": lambda m, w: m.on(opinions.issue_opinion, w),
    "correct": lambda m, w: m.on(opinions.ask_correction, w, **N),
    "follow": lambda m, w: m.on(aftercare.follow, w),
    "close": lambda m, w: m.on(casework.close, w, satisfaction=4),
    "conclude": lambda m, w: m.on(casework.conclude, w),
    "outcome": lambda m, w: m.on(aftercare.record_outcome, w, outcome="won"),
    "archive": lambda m, w: m.on(aftercare.archive, w),
    "terminate": lambda m, w: m.on(aftercare.terminate, w, reason="settled"),
    "reopen": lambda m, w: m.on(aftercare.reopen, w, **N),
    "withdraw": lambda m, w: m.on(casework.withdraw, w),
}
#: act -> who alone may ever do it; "the expert" is whoever has it now
MAY = {
    **dict.fromkeys(["submit", "supply", "answer_firm", "close", "withdraw"], "firm"),
    **dict.fromkeys(["declare", "decline", "begin", "ask_firm", "resume"], "the expert"),
}


class Told:
    """What this test knows of a life, from what was done alone."""

    def __init__(self) -> None:
        self.is_sent = False
        self.holder: str | None = None

    def did(self, act: str) -> None:
        if act == "submit":
            self.is_sent = True
        elif act in ("assign", "assign_second"):
            self.holder = "second" if act == "assign_second" else "expert"
        elif act in ("decline", "recall", "terminate", "reopen", "withdraw"):
            self.holder = None

    def sees(self) -> set[str]:
        return {"firm", *({"staff"} if self.is_sent else ()), *({self.holder} if self.holder else ())}


def _see(matter: Matter) -> set[str]:
    found = set()
    with matter.house.database.read() as session:
        for who in WHO:
            try:
                consultations.get_consultation(session, matter.actors[who], matter.id)
            except SeamarkError:
                continue
            found.add(who)
    return found


def _write(matter: Matter, who: str) -> None:
    with matter.house.database.read() as session:
        draft = opinions.draft_of(session, matter.actors[who], session.get_one(Consultation, matter.id))
        version = draft.version if draft else 0
    texts = dict.fromkeys(("facts", "issues", "analysis", "risk", "options", "evidence", "statement"), "内容")
    version = matter.do(opinions.write_opinion, who, matter.id, texts, seen_version=version).version
    matter.do(opinions.send_opinion, who, matter.id, seen_version=version)


def _likely(rolled: random.Random, state: str, told: Told) -> tuple[str, str]:
    """A step that leads on from ``state``, by the one who takes it."""
    steps = [s.name for s in CONSULTATION_WORKFLOW.steps if state in s.sources and s.permission is not None]
    names = [{"send_opinion": "write"}.get(step, step) for step in steps]
    act = rolled.choice([name for name in names if name in ACTS or name == "write"] or ["review"])
    who = MAY.get(act, "the expert" if act == "write" else "staff")
    return act, (told.holder or "expert") if who == "the expert" else who


def _live(matter: Matter, seed: int) -> int:
    rolled, told, done, seen = random.Random(seed), Told(), 0, 0
    matter.id = matter.do(consultations.begin_draft, "firm", ANSWERS).id
    acts = {**ACTS, "write": _write}
    for _ in range(45):
        before = matter.now
        act, who = rolled.choice(list(acts)), rolled.choice(WHO)
        if rolled.random() < 0.75:
            act, who = _likely(rolled, before.state, told)
        try:
            acts[act](matter, who)
        except SeamarkError:
            assert (matter.now.state, matter.now.version) == (before.state, before.version), (seed, act, who)
            continue
        allowed = MAY.get(act, "the expert" if act == "write" else "staff")
        assert who == (told.holder if allowed == "the expert" else allowed), (seed, act, who)
        told.did(act)
        done += 1
        row = matter.now
        assert not (row.due_on is None and row.due_at is not None), (seed, act)
        assert (row.days_left is None) or (row.minutes_left is None), (seed, act)
        if row.days_left is not None or row.minutes_left is not None:
            assert row.state in ("supplement", "waiting"), (seed, act, row.state)
        if row.state in ("rejected", "closed", "archived", "terminated", "withdrawn", "merged"):
            assert row.due_on is None, (seed, act)
        with matter.house.database.read() as session:
            kept = session.get_one(Consultation, matter.id)
            live = [a for a in kept.assignments if a.state in ("waiting", "declared")]
            assert len(live) <= 1, (seed, act)
            assert len(kept.steps) >= seen, (seed, act)
            seen = len(kept.steps)
            assert kept.story == ANSWERS["story"]
        assert _see(matter) == told.sees(), (seed, act, who)
    return done


def _lives(house: House, rounds: int) -> None:
    matter = Matter(house)
    done = sum(_live(matter, seed) for seed in range(rounds))
    assert done > 2 * rounds, "the lives go somewhere"
    assert isinstance(matter.id, uuid.UUID)


def test_a_few_lives(house: House) -> None:
    _lives(house, 8)


@pytest.mark.prove
def test_many_lives(house: House) -> None:
    _lives(house, ROUNDS)
