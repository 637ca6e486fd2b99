"""Weeks judged once as they were known, and what staff make of the signals."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from core.actor import VISITOR, Actor, Role
from core.audit import AuditRow
from core.clock import FixedClock
from core.errors import BadInput, NotAllowed, NotFound, StaleWrite, TransitionRefused
from core.outbox import OutboxRow
from house import House
from jobs import job_named, run_now
from tests.factories import bring_firms, keeper, member, staff
from tests.warning.surge.history import fill, row
from warning.surge.counts import monday
from warning.surge.deciding import acts_of, count_new, decide, gravest, list_signals, seen_by
from warning.surge.explain import next_level, sentence
from warning.surge.judging import LAG, completeness, judge_due, judged_series, known_at, newest_due
from warning.surge.signal_models import SIGNAL_WORKFLOW, JudgedWeek, SignalState, SurgeSignal
from warning.surge.trends import matrix

WHY = "one right holder's series, looked at by hand"


def _judge(house: House) -> int:
    with house.database.write() as session:
        return judge_due(session, house.clock)


def _signals(house: House) -> list[SurgeSignal]:
    with house.database.read() as session:
        return list(session.scalars(select(SurgeSignal).order_by(SurgeSignal.kind, SurgeSignal.value)))


@pytest.fixture
def raised(each_house: House) -> House:
    """A house with one surge, judged."""
    fill(each_house)
    _judge(each_house)
    return each_house


@pytest.mark.parametrize(
    ("now", "week"),
    [
        # Wednesday 00:00 in Shanghai is Tuesday 16:00 UTC: two days after the Sunday has ended.
        (datetime(2026, 3, 10, 15, 59, tzinfo=UTC), date(2026, 2, 23)),
        (datetime(2026, 3, 10, 16, 0, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2026, 3, 15, 15, 59, tzinfo=UTC), date(2026, 3, 2)),
    ],
)
def test_a_week_is_due_two_days_after_its_sunday_in_the_centres_zone(now: datetime, week: date) -> None:
    assert newest_due(now) == week
    assert known_at(week) <= now


def test_a_rise_is_raised_with_its_figures_and_a_message(raised: House) -> None:
    found = {(signal.kind, signal.value): signal for signal in _signals(raised)}
    signal = found["cell", "US|ind.battery_storage"]
    assert signal.level in ("II", "III") and signal.observed > signal.upper > signal.expected
    assert (signal.week, signal.is_discovery) == (newest_due(raised.clock.now()), True)
    assert ("region", "US") in found and not any(value == "DE" for _, value in found)
    with raised.database.read() as session:
        told = session.scalars(select(OutboxRow).where(OutboxRow.topic == "signal.raised")).all()
        assert {one.payload["signal"] for one in told} == {str(one.id) for one in found.values()}
        (week,) = session.scalars(select(JudgedWeek)).all()
        assert week.week == signal.week and week.series == 7


def test_a_week_is_judged_once_however_often_it_is_asked(raised: House) -> None:
    before = [(signal.id, signal.p) for signal in _signals(raised)]
    assert _judge(raised) == 0
    run_now(raised, job_named("signals"))
    assert [(signal.id, signal.p) for signal in _signals(raised)] == before


def test_what_is_learnt_later_changes_no_signal_but_the_next_week(raised: House) -> None:
    before = {(one.kind, one.value): (one.observed, one.upper) for one in _signals(raised)}
    newest = newest_due(raised.clock.now())
    late = row(newest, "US|ind.battery_storage")
    late.known_from = raised.clock.now()
    with raised.database.write() as session:
        session.add(late)
    with raised.database.read() as session:
        series, _ = judged_series(session, "cell", newest)
    assert isinstance(raised.clock, FixedClock)
    raised.clock.advance(timedelta(weeks=1))
    _judge(raised)
    again = {
        (one.kind, one.value): (one.observed, one.upper) for one in _signals(raised) if one.week == newest
    }
    assert again == before
    # Known after the instant of judging: the week keeps counting it as it was known at its age.
    assert (
        series["US|ind.battery_storage"][-1] == before["cell", "US|ind.battery_storage"][0]
        or before["cell", "US|ind.battery_storage"][0] > 20
    )
    with raised.database.read() as session:
        assert len(session.scalars(select(JudgedWeek)).all()) == 2


def test_an_empty_store_and_a_short_history_raise_nothing(house: House) -> None:
    assert _judge(house) == 0
    with house.database.read() as session:
        assert not session.scalars(select(JudgedWeek)).all()
    fill(house, weeks=6)
    assert _judge(house) == 0, "six weeks are no history"


def test_a_cell_begins_with_its_region(house: House) -> None:
    newest = fill(house, weeks=60, rise=0)
    begun = newest - timedelta(weeks=20)
    with house.database.write() as session:
        for weeks in range(20, -1, -1):
            session.add(row(newest - timedelta(weeks=weeks), "JP|ind.battery_storage"))
        session.add(row(newest, "JP|ind.integrated_circuit"))
    with house.database.read() as session:
        series, begins = judged_series(session, "cell", newest)
    at = (begun - monday(newest - timedelta(weeks=len(series["JP|ind.battery_storage"]) - 1))).days // 7
    assert begins["JP|ind.battery_storage"] == begins["JP|ind.integrated_circuit"] == at > 0
    assert begins["US|ind.battery_storage"] == 0


def test_completeness_is_the_share_known_at_the_same_age(house: House) -> None:
    newest = fill(house, weeks=60, rise=0, mean={"US|ind.battery_storage": 4.0})
    with house.database.read() as session:
        assert completeness(session, newest) == 1.0
    with house.database.write() as session:
        for weeks in range(10, 30):
            day = newest - timedelta(weeks=weeks)
            for _ in range(4):
                late = row(day, "US|ind.battery_storage")
                late.reported_on, late.known_from = (
                    day + timedelta(days=20),
                    late.known_from + timedelta(days=20),
                )
                session.add(late)
    with house.database.read() as session:
        assert 0.4 < (completeness(session, newest) or 0) < 0.7


def test_only_staff_decide_and_others_see_what_is_confirmed(raised: House) -> None:
    bring_firms(raised)
    actor = staff(raised)
    with raised.database.read() as session:
        signal = gravest(session.scalars(seen_by(actor)).all())
        assert signal is not None and count_new(session, actor) == len(_signals(raised))
        assert not session.scalars(seen_by(VISITOR)).all()
    for other in (
        VISITOR,
        member(raised, "alpha"),
        Actor("user:e", frozenset({Role.EXPERT}), centre_id=actor.centre_id),
    ):
        with pytest.raises(NotAllowed), raised.database.write() as session:
            decide(session, raised.clock, other, signal.id, "confirm", WHY, seen_version=0)
    with raised.database.write() as session:
        decide(session, raised.clock, actor, signal.id, "confirm", "", seen_version=0)
    with raised.database.read() as session:
        assert [one.id for one in session.scalars(seen_by(VISITOR))] == [signal.id]
        assert [one.id for one in list_signals(session, VISITOR, state="raised").rows] == [signal.id]
        assert count_new(session, actor) == len(_signals(raised)) - 1
        assert [act.step for act in acts_of(session, actor, signal)] == ["confirm"]
        assert not acts_of(session, VISITOR, signal)
        acts = session.scalars(select(AuditRow.action).where(AuditRow.subject == "signal")).all()
        assert acts == ["signal.confirm"]
    # Another centre's staff have not looked at it.
    other = staff(raised, "elsewhere")
    with raised.database.read() as session:
        assert count_new(session, other) == len(_signals(raised))


@pytest.mark.parametrize("state", list(SignalState))
@pytest.mark.parametrize("step", [step.name for step in SIGNAL_WORKFLOW.steps])
def test_every_step_from_every_state(state: SignalState, step: str, house: House) -> None:
    fill(house)
    _judge(house)
    actor = staff(house)
    signal, target = (_signals(house) * 2)[:2]
    assert signal.id != target.id
    way = {"raised": [], "confirmed": ["confirm"], "dismissed": ["dismiss"], "merged": ["merge"]}[state.value]
    version = 0
    for name in way:
        with house.database.write() as session:
            version = decide(
                session, house.clock, actor, signal.id, name, WHY, seen_version=0, into_id=target.id
            ).version
    allowed = state.value in SIGNAL_WORKFLOW.step(step).sources
    if allowed:
        with house.database.write() as session:
            review = decide(
                session, house.clock, actor, signal.id, step, WHY, seen_version=version, into_id=target.id
            )
            assert review.state == SIGNAL_WORKFLOW.step(step).target
            assert (review.into_id is not None) == (step == "merge")
    else:
        with pytest.raises(TransitionRefused), house.database.write() as session:
            decide(session, house.clock, actor, signal.id, step, WHY, seen_version=version, into_id=target.id)


def test_what_is_refused_changes_nothing(raised: House) -> None:
    actor = staff(raised)
    one, two = _signals(raised)[:2]
    with raised.database.write() as session:
        decide(session, raised.clock, actor, two.id, "merge", WHY, seen_version=0, into_id=one.id)
    tries: list[tuple[type[Exception], uuid.UUID, str, str, int, uuid.UUID | None]] = [
        (BadInput, one.id, "dismiss", "no", 0, None),
        (BadInput, one.id, "merge", WHY, 0, one.id),
        (BadInput, one.id, "merge", WHY, 0, None),
        (BadInput, one.id, "merge", WHY, 0, two.id),
        (StaleWrite, one.id, "confirm", "", 1, None),
        (NotFound, uuid.uuid4(), "confirm", "", 0, None),
    ]
    for error, signal_id, step, why, version, into in tries:
        with pytest.raises(error), raised.database.write() as session:
            decide(session, raised.clock, actor, signal_id, step, why, seen_version=version, into_id=into)
    with pytest.raises(BadInput), raised.database.write() as session:
        decide(session, raised.clock, Actor("job:x", system=True), one.id, "confirm", "", seen_version=0)
    with raised.database.read() as session:
        assert not acts_of(session, actor, one)


def test_a_signal_says_what_happened_and_why_not_the_next_colour(raised: House) -> None:
    signal = next(one for one in _signals(raised) if one.kind == "cell")
    words = sentence(signal)
    assert str(signal.observed) in words.zh and "美国" in words.zh and "United States" in words.en
    above, ways, _ = next_level(signal)
    assert above and any(not part.is_met for way in ways for part in way)


def test_the_matrix_shows_the_newest_weeks_colours_to_who_may_see_them(raised: House) -> None:
    actor = staff(raised)
    with raised.database.read() as session:
        found = matrix(session, actor, raised.clock.now())
        assert found.regions[0] == "US" and found.cells["US", "ind.battery_storage"].level in ("II", "III")
        assert found.counts["US", "ind.battery_storage"] >= 14 and "US" in found.rows
        assert not matrix(session, VISITOR, raised.clock.now()).cells
        assert matrix(session, VISITOR, raised.clock.now()).counts == found.counts


def test_a_list_is_read_page_by_page_without_loss(raised: House) -> None:
    actor = keeper(raised)
    with raised.database.read() as session:
        got, cursor = [], None
        while True:
            page = list_signals(session, actor, cursor=cursor, limit=1)
            got += [one.id for one in page.rows]
            if (cursor := page.next_cursor) is None:
                break
        assert sorted(got) == sorted(one.id for one in _signals(raised)) and len(set(got)) == len(got)
    assert timedelta(days=2) == LAG
