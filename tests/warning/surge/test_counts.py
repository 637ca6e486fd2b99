"""Counts beside a recount in plain Python after random days of creations, corrections, takings-back and late reports."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from cases.facts import RawParty
from cases.models import Case, Tag
from cases.query import review_case
from core.clock import FixedClock, local_date
from core.outbox import drain
from house import House
from tests.factories import origin, raw_case, record, staff
from warning.surge.count_models import CountedCase
from warning.surge.counts import ZONE, Basis, CaseCounter, as_reported, contributing, daily, monday, weekly

FIRST, LAST = date(2025, 1, 1), date(2026, 12, 31)
KINDS = ("all", "region", "industry", "cell", "dispute_type", "forum", "plaintiff")
#: what the tests' cases are about, and where
TEXTS = (
    "Complaint for patent infringement. Drones.",
    "Complaint for trademark infringement. Solar modules.",
    "",
)
VENUES = ("v.us.txed", "v.us.ded", "v.upc")
Series = dict[str, dict[str, dict[date, int]]]


def counted(house: House, *, basis: Basis = Basis.EVENT, as_of: datetime | None = None) -> Series:
    with house.database.read() as session:
        return {
            kind: daily(session, kind, first=FIRST, last=LAST, basis=basis, as_of=as_of) for kind in KINDS
        }


def recounted(house: House) -> Series:
    """By event date, from the cases alone."""
    found: dict[str, dict[str, Counter[date]]] = {kind: {} for kind in KINDS}
    with house.database.read() as session:
        query = select(Case).where(Case.status == "public")
        for case in session.scalars(
            query.options(selectinload(Case.tags), selectinload(Case.parties), selectinload(Case.events))
        ):
            days = [case.filed_on] if case.filed_on else sorted(e.on for e in case.events if e.on)
            day = days[0] if days else local_date(house.clock.now(), ZONE)
            values: dict[str, set[str]] = {"all": {""}, "forum": {case.venue}}
            for kind in ("region", "industry", "dispute_type"):
                values[kind] = {tag.value for tag in case.tags if tag.kind == kind}
            values["cell"] = {f"{r}|{i}" for r in values["region"] for i in values["industry"]}
            values["plaintiff"] = {p.key for p in case.parties if p.role == "plaintiff"}
            for kind, every in values.items():
                for value in every:
                    found[kind].setdefault(value, Counter())[day] += 1
    return {kind: {value: dict(days) for value, days in every.items()} for kind, every in found.items()}


def tell(house: House, number: int, **facts: Any) -> None:
    record(house, raw_case(f"2:26-cv-{number:05d}", **facts), origin(house, authority=10))


def settle(house: House) -> None:
    drain(house.database, house.subscriptions, house.clock)


def advance(house: House, by: timedelta) -> None:
    assert isinstance(house.clock, FixedClock)
    house.clock.advance(by)


def test_a_case_counts_where_its_tags_say_by_both_days(house: House) -> None:
    tell(house, 1, filed_on=date(2026, 1, 5), text=TEXTS[0])
    settle(house)
    series = counted(house)
    assert series["region"] == {"US": {date(2026, 1, 5): 1}}
    assert series["forum"] == {"v.us.txed": {date(2026, 1, 5): 1}}
    assert series["cell"] == {f"US|{industry}": days for industry, days in series["industry"].items()} != {}
    today = local_date(house.clock.now(), ZONE)
    assert counted(house, basis=Basis.REPORT)["all"] == {"": {today: 1}}
    with house.database.read() as session:
        (case_id,) = session.scalars(contributing("region", "US", first=FIRST, last=LAST)).all()
        assert session.get_one(Case, case_id).docket_number == "2:26-cv-00001"
        weeks = weekly(session, "all", first=date(2026, 1, 1), last=date(2026, 1, 14))
    assert weeks == {"": [0, 1, 0]}


def test_a_correction_moves_a_case_and_what_was_known_before_stays(each_house: House) -> None:
    house = each_house
    tell(house, 1, filed_on=date(2026, 1, 5))
    settle(house)
    before = house.clock.now()
    advance(house, timedelta(days=3))
    record(
        house,
        raw_case("2:26-cv-00001", filed_on=date(2026, 1, 12)),
        origin(house, authority=30, source="us_pacer_docket"),
    )
    settle(house)
    assert counted(house)["all"] == {"": {date(2026, 1, 12): 1}}
    assert counted(house, as_of=before)["all"] == {"": {date(2026, 1, 5): 1}}
    # The day of the report is the day it was first told.
    assert counted(house, basis=Basis.REPORT)["all"] == {"": {local_date(before, ZONE): 1}}


def test_a_candidate_counts_from_when_it_is_confirmed_and_a_dismissed_case_no_more(house: House) -> None:
    done = record(house, raw_case(), is_ip=False)
    settle(house)
    assert counted(house)["all"] == {}
    actor = staff(house)
    for step, wanted in (("dismiss", 0), ("return", 0), ("confirm", 1)):
        advance(house, timedelta(hours=1))
        with house.database.write() as session:
            seen = session.get_one(Case, done.case_id).version
            review_case(session, house.clock, actor, done.case_id, step, seen_version=seen)
        settle(house)
        assert sum(sum(days.values()) for days in counted(house)["all"].values()) == wanted


def test_counting_again_changes_nothing_and_mends_what_was_lost(house: House) -> None:
    for number in range(5):
        tell(house, number, text=TEXTS[0])
    settle(house)
    wanted = counted(house)
    counter = CaseCounter(house.clock)
    with house.database.write() as session:
        assert counter.count_all(session) == 0
        for row in session.scalars(select(CountedCase).limit(2)):
            session.delete(row)
    with house.database.write() as session:
        session.execute(Tag.__table__.delete().where(Tag.kind == "industry"))
        assert counter.count_all(session) >= 2
    assert counted(house) == recounted(house) != wanted


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("new", "late", "correct", "retell", "candidate", "review", "settle", "wait")),
        st.integers(0, 6),
        st.integers(0, 10**6),
    ),
    min_size=3,
    max_size=25,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_after_a_random_day_counts_are_those_of_a_recount_and_vintages_never_change(
    make_house: Callable[..., House], tmp_path: Path, steps: list[tuple[str, int, int]]
) -> None:
    house = make_house(f"sqlite:///{tmp_path / uuid.uuid4().hex}.db")
    actor = staff(house)
    vintages: list[tuple[datetime, Series, Series]] = []
    for step, number, seed in steps:
        chance = random.Random(seed)
        act(house, actor, step, number, chance)
        if step == "settle":
            settle(house)
            assert counted(house) == recounted(house)
            now = house.clock.now()
            vintages.append((now, counted(house, as_of=now), counted(house, basis=Basis.REPORT, as_of=now)))
            assert vintages[-1][1] == counted(house)
            advance(house, timedelta(minutes=1))
    settle(house)
    assert counted(house) == recounted(house)
    for at, events, reports in vintages:
        assert counted(house, as_of=at) == events
        assert counted(house, basis=Basis.REPORT, as_of=at) == reports


def act(house: House, actor: Any, step: str, number: int, chance: random.Random) -> None:
    """One thing that happens to the case of a number, or to the clock."""
    facts: dict[str, Any] = {
        "venue": "v.us.txed",
        "filed_on": FIRST + timedelta(days=chance.randrange(500)),
        "text": chance.choice(TEXTS),
        "parties": (RawParty(chance.choice(("Acme Optics Inc.", "Beta Bolts LLC")), "plaintiff"),),
    }
    if step == "wait":
        advance(house, timedelta(hours=chance.randint(1, 60)))
    elif step in ("new", "retell"):
        tell(house, number, **facts)
    elif step == "late":
        tell(house, number, **facts | {"filed_on": FIRST})
    elif step == "candidate":
        record(house, raw_case(f"2:26-cv-{number:05d}", **facts), is_ip=False)
    elif step == "correct":
        told = raw_case(f"2:26-cv-{number:05d}", **facts)
        record(house, told, origin(house, authority=30, source="us_pacer_docket"))
    elif step == "review":
        with house.database.write() as session:
            cases = list(session.scalars(select(Case).where(Case.status != "public").order_by(Case.id)))
            if cases:
                case = chance.choice(cases)
                steps = {
                    "candidate": ("confirm", "dismiss"),
                    "dismissed": ("confirm",),
                    "public": ("return",),
                }
                step = chance.choice(steps[case.status])
                review_case(session, house.clock, actor, case.id, step, seen_version=case.version)


def test_a_week_begins_on_monday() -> None:
    assert monday(date(2026, 3, 1)) == date(2026, 2, 23)
    assert monday(date(2026, 3, 2)) == date(2026, 3, 2)


def test_a_week_is_held_against_earlier_weeks_at_the_same_age(house: House) -> None:
    # The clock stands on Monday, 2 March 2026. One case a week is told at once, another ten days late.
    first = date(2026, 3, 2)
    number = 0
    for week in range(4):
        begun = first + timedelta(weeks=week)
        number += 1
        tell(house, number, filed_on=begun)
        settle(house)
        advance(house, timedelta(days=7))
        if week:
            number += 1
            # It began the week before the one that has just ended.
            tell(house, number, filed_on=begun - timedelta(days=4))
            settle(house)
    with house.database.read() as session:

        def series(lag: timedelta) -> list[int]:
            return as_reported(session, "all", last=first + timedelta(weeks=3), weeks=5, lag=lag)[""]

        assert series(timedelta(0)) == [0, 1, 1, 1, 1]
        # A week on the reports that come late are there, for all weeks that are old enough.
        assert series(timedelta(days=8)) == [0, 2, 2, 2, 1]
        assert weekly(session, "all", first=first, last=first + timedelta(weeks=3))[""] == [2, 2, 2, 1]


def test_history_that_was_loaded_counts_in_its_weeks(house: House) -> None:
    before = house.clock.now()
    advance(house, timedelta(hours=1))
    for number in range(3):
        tell(house, number, filed_on=date(2024, 6, 3))
    settle(house)
    with house.database.read() as session:
        told = as_reported(session, "all", last=date(2024, 6, 9), weeks=2, lag=timedelta(0))
        assert told == {"": [0, 3]}
        assert (
            as_reported(session, "all", last=date(2024, 6, 9), weeks=2, lag=timedelta(0), as_of=before) == {}
        )
