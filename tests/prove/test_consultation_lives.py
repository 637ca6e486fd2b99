"""A thousand random lives (20 × SEAMARK_PROVE_ROUNDS) of consultations through the services, whoever tries whatever.

What was allowed is what the declared way allows, one has it and one clock runs at most, nothing is lost, and nothing is
seen by the wrong person.

Who may see what is told by :mod:`tests.prove.consultation_model`, which shares no code with the services' checks.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from config import prove_rounds, proves_in_full
from core.errors import SeamarkError
from experts import aftercare, casework, consultations, correspondence, messages, opinions
from experts.beside import asking, writing
from experts.consultation_duties import do_duties
from experts.consultation_models import Consultation
from experts.consultation_workflow import CONSULTATION_WORKFLOW
from house import House
from tests.experts.beside.together import Together
from tests.experts.matter import AGREED, ANSWERS, listed_experts
from tests.prove.consultation_model import EXPERTS, Sent, Told

WHO = ("firm", "firm_b", "staff", "signer", "other_staff", "expert", "second", "third", "admin")
N = {"note": "因故"}
STAFF = {"staff", "signer"}
OVER = {"rejected", "closed", "archived", "terminated", "withdrawn", "merged", "lapsed"}
#: the step that leads on from a state by the ordinary way
FORWARD = {
    "draft": "submit", "submitted": "accept", "reviewing": "accept", "supplement": "supply", "accepted": "assign_expert",
    "declined": "assign_third", "assigned": "declare", "declared": "begin", "guiding": "write", "waiting": "answer_firm",
    "opinion_draft": "pass_opinion", "opinion_review": "issue",
}  # fmt: skip
Act = Callable[[Together, str], Any]


def _assign(whom: str) -> Act:
    return lambda m, w: m.on(casework.assign, w, m.ids(whom), listed_experts, **N)


def _ask(whom: str) -> Act:
    return lambda m, w: m.on(asking.ask_beside, w, m.ids(whom), listed_experts, **N)


def _row(m: Together, whose: str) -> tuple[uuid.UUID, dict[str, int]]:
    row = m.beside(whose)
    return row.id, {"seen_version": row.version}


def _own(service: Any, **more: Any) -> Act:
    def act(m: Together, who: str) -> Any:
        row, version = _row(m, who if who in EXPERTS else "second")
        return m.do(service, who, m.id, row, **version, **more)

    return act


def _hand(m: Together, who: str) -> None:
    row, version = _row(m, who if who in EXPERTS else "second")
    kept = m.do(writing.write_beside, who, m.id, row, f"{who} 的意见", **version)
    m.do(writing.hand_in, who, m.id, row, seen_version=kept.version)


def _back(whose: str) -> Act:
    def act(m: Together, who: str) -> Any:
        row, version = _row(m, whose)
        return m.do(asking.take_back_beside, who, m.id, row, **version)

    return act


def _write(m: Together, who: str) -> None:
    with m.house.database.read() as session:
        draft = opinions.draft_of(session, m.actor(who), session.get_one(Consultation, m.id))
        version = draft.version if draft else 0
    texts = dict.fromkeys(("facts", "issues", "analysis", "risk", "options", "evidence", "statement"), "内容")
    version = m.do(opinions.write_opinion, who, m.id, texts, seen_version=version).version
    m.do(opinions.send_opinion, who, m.id, seen_version=version)


ACTS: dict[str, Act] = {
    "submit": lambda m, w: m.on(consultations.submit, w, **AGREED),
    "review": lambda m, w: m.on(aftercare.begin_review, w),
    "ask_supplement": lambda m, w: m.on(aftercare.ask_supplement, w, **N),
    "supply": lambda m, w: m.on(aftercare.supply, w),
    "revive": lambda m, w: m.on(aftercare.revive, w, **N),
    "accept": lambda m, w: m.on(casework.accept, w, urgency="u1"),
    "reject": lambda m, w: m.on(casework.reject, w, reason="untrue"),
    **{f"assign_{whom}": _assign(whom) for whom in EXPERTS},
    "declare": lambda m, w: m.on(casework.declare, w),
    "decline": lambda m, w: m.on(casework.decline, w, conflict="旧客户"),
    "begin": lambda m, w: m.on(casework.begin_advice, w),
    "ask_firm": lambda m, w: m.on(aftercare.ask_firm, w, **N),
    "answer_firm": lambda m, w: m.on(aftercare.answer_firm, w),
    "resume": lambda m, w: m.on(aftercare.resume, w),
    "recall": lambda m, w: m.on(casework.recall, w, **N),
    "write": _write,
    "pass_opinion": lambda m, w: m.on(opinions.pass_opinion, w),
    "return_opinion": lambda m, w: m.on(opinions.return_opinion, w, **N),
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
    **{f"beside_ask_{whom}": _ask(whom) for whom in EXPERTS},
    "beside_declare": _own(asking.declare_beside),
    "beside_decline": _own(asking.decline_beside, conflict="旧客户"),
    "beside_hand": _hand,
    **{f"beside_back_of_{whom}": _back(whom) for whom in EXPERTS},
    "beside_open": lambda m, w: m.on(writing.open_early, w, reason="急"),
}
#: act -> who alone may ever do it; "the expert" is whoever leads now, "beside" whoever writes beside
MAY = {
    **dict.fromkeys(["submit", "supply", "answer_firm", "close", "withdraw"], "firm"),
    **dict.fromkeys(["declare", "decline", "begin", "ask_firm", "resume", "write"], "the expert"),
    **dict.fromkeys(["beside_declare", "beside_decline", "beside_hand"], "beside"),
}


def _allowed(act: str, who: str, told: Told) -> bool:
    side = MAY.get(act, "staff")
    if side == "the expert":
        return who == told.holder
    if side == "beside":
        return told.row(who) is not None
    if act == "issue":
        return who in STAFF - {told.reviewer}
    return who in STAFF if side == "staff" else who == side


def _likely(rolled: random.Random, state: str, told: Told) -> tuple[str, str]:
    """A step that leads on, by one who may take it."""
    waiting = [row for row in told.rows if row.state in ("waiting", "declared")]
    if waiting and rolled.random() < 0.5:
        row = rolled.choice(waiting)
        return ("beside_declare" if row.state == "waiting" else "beside_hand"), row.who
    if state in ("guiding", "assigned", "declared") and rolled.random() < 0.25:
        free = [who for who in EXPERTS if who != told.holder and told.row(who) is None]
        if free:
            return f"beside_ask_{rolled.choice(free)}", "staff"
    if state in ("closed", "archived", "lapsed") and rolled.random() < 0.5:
        return ("revive" if state == "lapsed" else "reopen"), "staff"
    if state in FORWARD and rolled.random() < 0.7:
        act = FORWARD[state]
        if act == "issue":
            return act, rolled.choice(sorted(STAFF - {told.reviewer}))
        side = MAY.get(act, "staff")
        return act, (told.holder or "expert") if side == "the expert" else side
    names = []
    for step in CONSULTATION_WORKFLOW.steps:
        if state not in step.sources or step.permission is None:
            continue
        if step.name == "assign":
            names += [f"assign_{who}" for who in EXPERTS]
        else:
            names.append({"send_opinion": "write"}.get(step.name, step.name))
    act = rolled.choice([name for name in names if name in ACTS] or ["review"])
    if act in ("withdraw", "reject", "terminate") and rolled.random() < 0.7:
        act = rolled.choice([name for name in names if name in ACTS])
    side = MAY.get(act, "staff")
    if act == "issue":
        return act, rolled.choice(sorted(STAFF - {told.reviewer}))
    return act, (told.holder or "expert") if side == "the expert" else side


def _look(matter: Together, told: Told, rows: list[uuid.UUID], where: tuple[Any, ...]) -> None:
    """Everything each of them sees, reads and is refused, against the model."""
    with matter.house.database.read() as session:
        kept = session.get_one(Consultation, matter.id)
        for who in WHO:
            actor = matter.actor(who)
            try:
                consultations.get_consultation(session, actor, matter.id)
            except SeamarkError:
                assert who not in told.sees(), (where, who)
                continue
            assert who in told.sees(), (where, who)
            assert kept.opens_to(actor) == told.opens(who), (where, who)
            heard = {message.id for message in correspondence.messages_of(session, actor, kept)}
            assert heard == told.reads(who), (where, who)
        for model, row in zip(told.rows, rows, strict=True):
            assert next(one.state for one in kept.besides if one.id == row) == model.state, where
            readers = set()
            for who in WHO:
                try:
                    writing.read_beside(session, matter.actor(who), matter.id, row)
                except SeamarkError:
                    continue
                readers.add(who)
            assert readers == told.reads_beside(model), (where, model)


def _clocks(matter: Together, told: Told, where: tuple[Any, ...]) -> None:
    """One has it and one clock runs at most: the matter's, and one for each who writes beside."""
    with matter.house.database.read() as session:
        kept = session.get_one(Consultation, matter.id)
        live = [a for a in kept.assignments if a.state in ("waiting", "declared")]
        assert len(live) <= 1, where
        assert kept.expert_id == (matter.ids(told.holder) if told.holder else None), where
        assert not (kept.due_on is None and kept.due_at is not None), where
        assert (kept.days_left is None) or (kept.minutes_left is None), where
        if kept.days_left is not None or kept.minutes_left is not None:
            assert kept.state in ("supplement", "waiting"), where
        if kept.state in OVER:
            assert kept.due_on is None, where
        for one in kept.besides:
            running = (one.due_on is not None) + (one.days_left is not None)
            assert running == (one.state in ("waiting", "declared")), (where, one.state)
            assert one.days_left is None or kept.state == "waiting", where
        assert kept.story == ANSWERS["story"]


def _say(rolled: random.Random, matter: Together, told: Told, seed: int) -> None:
    """Somebody writes to a random choice of readers: it goes to those whom the model allows, or nowhere."""
    who = rolled.choice(WHO)
    to = {party for party in ("firm", "lead", *EXPERTS) if rolled.random() < 0.3}
    keys = [party if party in ("firm", "lead") else str(matter.ids(party)) for party in sorted(to)]
    before = matter.now.state
    can = who in told.sees() and told.opens(who) and to <= told.may_write_to(who)
    can = can and before not in OVER | {"draft"}
    try:
        made = matter.do(messages.post_message, who, matter.id, "一句话", readers=keys)
    except SeamarkError:
        assert not can, (seed, who, to, before)
        return
    assert can, (seed, who, to, before)
    told.sent.append(Sent(made.id, who, frozenset(to)))
    answered = before == "waiting" and who == "firm" and "lead" in to
    assert matter.now.state == ("guiding" if answered else before), (seed, who, to)


def _let_time_pass(rolled: random.Random, matter: Together, seed: int) -> None:
    """Days go by and the job runs: what waited for a supplement past its day lapses, and nothing else moves."""
    before = matter.now
    matter.house.clock.advance(timedelta(hours=rolled.choice([1, 20, 50, 200])))  # type: ignore[attr-defined]
    now = matter.house.clock.now()
    with matter.house.database.write() as session:
        do_duties(session, matter.house.clock, before.centre_id)
    # The centre's zone is Beijing's, eight hours ahead.
    today = (now + timedelta(hours=8)).date()
    late = before.state == "supplement" and before.due_on is not None and today > before.due_on
    late = late or (before.state == "supplement" and before.due_at is not None and now > before.due_at)
    assert matter.now.state == ("lapsed" if late else before.state), (
        seed,
        before.state,
        before.due_on,
        today,
    )


def _live(matter: Together, seed: int) -> set[str]:
    rolled, told, seen = random.Random(seed), Told(), 0
    reached = set()
    rows: list[uuid.UUID] = []
    matter.id = matter.do(consultations.begin_draft, "firm", ANSWERS).id
    for _ in range(60):
        if rolled.random() < 0.2:
            _say(rolled, matter, told, seed)
        if rolled.random() < 0.1:
            _let_time_pass(rolled, matter, seed)
        before = matter.now
        act, who = rolled.choice(list(ACTS)), rolled.choice(WHO)
        if rolled.random() < 0.8:
            act, who = _likely(rolled, before.state, told)
        try:
            made = ACTS[act](matter, who)
        except (SeamarkError, IndexError):  # IndexError: there is no such row to act on
            if act not in ("write", "beside_hand"):  # what is saved before it is refused stays saved
                assert (matter.now.state, matter.now.version) == (before.state, before.version), (seed, act)
            continue
        assert _allowed(act, who, told), (seed, act, who)
        told.did(act, who)
        if act.startswith("beside_ask_"):
            rows.append(made.id)
        where = (seed, act, who)
        _look(matter, told, rows, where)
        _clocks(matter, told, where)
        with matter.house.database.read() as session:
            steps = len(session.get_one(Consultation, matter.id).steps)
            assert steps >= seen, where
            seen = steps
        reached |= {matter.now.state, *(row.state for row in told.rows)}
    return reached


def _lives(house: House, rounds: int) -> set[str]:
    matter = Together(house)
    reached: set[str] = set()
    for seed in range(rounds):
        reached |= _live(matter, seed)
    return reached


def test_a_few_lives(house: House) -> None:
    assert {"guiding", "opinion_draft"} <= _lives(house, 6)


@pytest.mark.prove
def test_many_lives(house: House) -> None:
    reached = _lives(house, 20 * prove_rounds())
    print(f"{20 * prove_rounds()} lives reached {sorted(reached)}")
    if not proves_in_full():
        return  # too few to come everywhere
    assert {"opinion_review", "opinion_issued", "opened", "declined", "terminated"} <= reached
