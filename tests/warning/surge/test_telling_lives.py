"""Random lives of a rise: weeks at random levels, decided, told and taken back in any order, profiles made, paused and woken.

Beside them stands a plain model that only remembers. Nobody hears of a week twice, nobody hears of a rise at a level twice
that still stands, nobody hears whom it does not touch, and whoever heard hears once that it was taken back.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from core.db import new_id
from house import House
from notify.models import Message, MessageDelivery, MessageSubject
from notify.topics import SURGE, SURGE_CORRECTED
from tests.factories import drain, member, staff
from tests.warning.surge.told_world import rising, signal_of, take, tell, told_of, watch
from warning.models import WatchProfile
from warning.surge.levels import NAMES
from warning.surge.signal_models import JudgedWeek, SignalAct, SignalReview, SurgeSignal
from warning.surge.told_models import SignalAlert
from warning.watch_profiles import move_profile

#: firm, whether the rise touches what it watches, criteria
_PROFILES: tuple[tuple[str, bool, dict[str, Any]], ...] = (
    ("alpha", True, {"regions": ["US"]}),
    ("alpha", True, {"industries": ["ind.battery_storage"], "regions": ["US", "DE"]}),
    ("beta", False, {"regions": ["DE"]}),
    ("beta", False, {"regions": ["US"], "include": ["Nephrite"]}),
    ("gamma", True, {"regions": ["US"], "include": ["Jade"]}),
    ("gamma", False, {"include": ["lithium"]}),
)
_WEEKS = 4
_ACTS = st.one_of(
    st.tuples(st.sampled_from(["confirm", "reopen", "dismiss", "tell", "tell"]), st.integers(0, _WEEKS - 1)),
    st.tuples(st.sampled_from(["pause", "resume"]), st.integers(0, len(_PROFILES) - 1)),
)
_BETWEEN = {"confirm": ("raised", "confirmed"), "dismiss": ("raised", "dismissed")}
_HOUSES: dict[int, tuple[Any, SurgeSignal]] = {}


def _fresh(house: House) -> tuple[Any, SurgeSignal, list[Any]]:
    """The house with the first week of its rise and nothing decided or told; its profiles anew."""
    if id(house) not in _HOUSES:
        rising(house)
        _HOUSES[id(house)] = staff(house), signal_of(house)
    actor, first = _HOUSES[id(house)]
    with house.database.write() as session:
        for table in (SignalAlert, SignalAct, SignalReview, MessageDelivery, MessageSubject, Message):
            session.execute(delete(table))
        session.execute(delete(WatchProfile))
        session.execute(delete(SurgeSignal).where(SurgeSignal.week > first.week))
        session.execute(delete(JudgedWeek).where(JudgedWeek.week > first.week))
    ids = [watch(house, ref, f"p{n}", **criteria) for n, (ref, _, criteria) in enumerate(_PROFILES)]
    return actor, first, ids


@given(
    st.lists(st.sampled_from(NAMES[1:]), min_size=_WEEKS, max_size=_WEEKS),
    st.lists(_ACTS, min_size=1, max_size=14),
)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_nobody_hears_twice_and_nobody_whom_it_does_not_touch(
    house: House, levels: list[str], acts: list[tuple[str, int]]
) -> None:
    actor, first, ids = _fresh(house)
    weeks = [first]
    columns = {c.key: getattr(first, c.key) for c in SurgeSignal.__table__.c}
    with house.database.write() as session:
        for later in range(1, _WEEKS):
            week = first.week + timedelta(weeks=later)
            session.add(JudgedWeek(week=week, judged_at=house.clock.now(), series=7, completeness=1.0))
            session.flush()
            new = {"id": new_id(), "week": week, "level": levels[later], "window": 1 + later}
            weeks.append(SurgeSignal(**{**columns, **new}))
            session.add(weeks[-1])
    states, paused = ["raised"] * _WEEKS, [False] * len(_PROFILES)
    #: (profile, week) -> whether it still stands
    heard: dict[tuple[int, int], bool] = {}
    corrected: Counter[tuple[int, int]] = Counter()
    for act, at in acts:
        if act in ("pause", "resume"):
            if (act == "pause") != paused[at]:
                _move(house, _PROFILES[at][0], ids[at], act)
                paused[at] = act == "pause"
            continue
        if act == "tell":
            if states[at] != "confirmed":
                continue
            expected = {
                n
                for n, (_, touches, _) in enumerate(_PROFILES)
                if touches and not paused[n] and (n, at) not in heard
                and not any(
                    stands and p == n and NAMES.index(weeks[w].level) >= NAMES.index(weeks[at].level)
                    for (p, w), stands in heard.items()
                )
            }  # fmt: skip
            assert tell(house, actor, weeks[at]) == len(expected)
            heard.update({(n, at): True for n in expected})
        elif act == "reopen" and states[at] != "raised":
            if states[at] == "confirmed":
                for key, stands in list(heard.items()):
                    if key[1] == at and stands:
                        heard[key], corrected[key] = False, corrected[key] + 1
            take(house, actor, weeks[at], "reopen")
            states[at] = "raised"
        elif act in _BETWEEN and states[at] == "raised":
            take(house, actor, weeks[at], act)
            states[at] = _BETWEEN[act][1]
    drain(house)
    places = {identity: n for n, identity in enumerate(ids)}, {one.id: n for n, one in enumerate(weeks)}
    alerts = told_of(house)
    found = [(places[0][one.profile_id], places[1][one.signal_id]) for one in alerts]
    assert sorted(found) == sorted(heard), "what was told is what the model remembers, each once"
    assert {key: one.corrected_at is None for key, one in zip(found, alerts, strict=True)} == heard
    with house.database.read() as session:
        subjects = select(MessageSubject.subject_id)
        told = session.scalars(subjects.where(MessageSubject.kind == SURGE.kind)).all()
        taken = session.scalars(subjects.where(MessageSubject.kind == SURGE_CORRECTED.kind)).all()
    assert sorted(told) == sorted(one.id for one in alerts)
    assert sorted(taken) == sorted(one.id for one in alerts if one.corrected_at)
    assert all(count == 1 for count in corrected.values())


def _move(house: House, ref: str, profile_id: Any, step: str) -> None:
    actor = member(house, ref)
    with house.database.write() as session:
        seen = session.get_one(WatchProfile, profile_id).version
        move_profile(session, house.clock, actor, profile_id, step, seen_version=seen)
