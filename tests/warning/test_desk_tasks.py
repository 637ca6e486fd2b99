"""The desk's tasks: made once by level and clock, worked off by the centre's staff alone, ended when their cause is gone."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from core.actor import VISITOR, Actor, Role, system_actor
from core.audit import AuditRow
from core.clock import FixedClock
from core.errors import BadInput, NotAllowed, NotFound, RulebookInvalid, StaleWrite, TransitionRefused
from house import House
from jobs import desk as run_desk
from tests.factories import bring_firms, drain, keeper, member, raw_case, record, staff
from tests.warning.test_following import FIRST, TRO
from warning.answers import answer_alert
from warning.desk_clocks import load_desk_clocks, read_desk_clocks
from warning.desk_models import CallResult, DeskNote, DeskTask
from warning.desk_tasks import (
    count_tasks,
    get_task,
    list_tasks,
    move_task,
    notes_of,
    record_call,
    take_task,
)
from warning.desk_work import work_desk
from warning.levels import decide_level
from warning.models import Alert

ZONE = "Asia/Shanghai"


def _tasks(house: House) -> list[DeskTask]:
    with house.database.read() as session:
        return list(session.scalars(select(DeskTask).order_by(DeskTask.id)))


def _alert(house: House) -> Alert:
    with house.database.read() as session:
        return session.scalars(select(Alert).order_by(Alert.id)).first()  # type: ignore[return-value]


def _advance(house: House, **by: float) -> None:
    assert isinstance(house.clock, FixedClock)
    house.clock.advance(timedelta(**by))


def _do(
    house: House, service: Callable[..., Any], actor: Actor, task: DeskTask, *args: Any, **named: Any
) -> Any:
    with house.database.write() as session:
        version = session.get_one(DeskTask, task.id).version
        return service(session, house.clock, actor, task.id, *args, **{"seen_version": version, **named})


def _answer(house: House, step: str) -> None:
    alert, actor = _alert(house), member(house, "alpha")
    with house.database.write() as session:
        answer_alert(session, house.clock, actor, alert.id, step, seen=alert.answer)


@pytest.fixture
def told(each_house: House) -> House:
    """A house whose firm alpha has one alert that the desk has seen."""
    bring_firms(each_house)
    record(each_house, raw_case())
    drain(each_house)
    run_desk(each_house)
    return each_house


@pytest.fixture
def late(told: House) -> House:
    """The firm did not answer in time, and is to be telephoned."""
    _advance(told, days=10)
    run_desk(told)
    return told


def test_clocks_are_data_and_count_chinas_working_time() -> None:
    clocks = load_desk_clocks()
    friday = datetime(2026, 3, 6, 8, 0, tzinfo=UTC)  # 16:00 there
    due = {level: clocks.due("call", level, friday, ZONE) for level in ("L0", "L1", "L2", "L3", "L4")}
    assert due["L0"] is None
    assert due["L1"] == datetime(2026, 3, 9, 3, 30, tzinfo=UTC)  # 1.5 h on Friday, 2.5 h on Monday
    assert due["L2"] == datetime(2026, 3, 9, 9, 30, tzinfo=UTC)
    assert due["L3"] == datetime(2026, 3, 11, 9, 30, tzinfo=UTC)
    assert due["L4"] == datetime(2026, 3, 13, 9, 30, tzinfo=UTC)
    assert clocks.due("first_report", "L1", friday, ZONE) == friday + timedelta(hours=1)
    assert clocks.due("first_report", "L3", friday, ZONE) is None


@pytest.mark.parametrize(
    "levels", ["{L9: {hours: 1}}", "{L1: {weeks: 1}}", "{L1: {hours: -1}}", "{L1: {hours: soon}}"]
)
def test_a_bad_clock_stops_with_its_name(levels: str) -> None:
    text = f"working_hours: {{opens: '09:00', closes: '17:00'}}\nkinds:\n- {{id: call, zh: a, en: b, levels: {levels}}}"
    with pytest.raises(RulebookInvalid, match="call"):
        read_desk_clocks(text)


def test_an_alert_gets_its_level_and_time_to_answer_and_no_task_before_it(told: House) -> None:
    alert = _alert(told)
    assert alert.level == "L4" and alert.answer_by == datetime(2026, 3, 9, 9, 30, tzinfo=UTC)
    assert _tasks(told) == []
    _advance(told, days=2)
    assert run_desk(told) == 0


def test_who_does_not_answer_is_telephoned_once_however_often_the_job_runs(late: House) -> None:
    (task,) = _tasks(late)
    assert (task.kind, task.level, task.state) == ("call", "L4", "open")
    assert (task.alert_id, task.firm_id) == (_alert(late).id, _alert(late).firm_id)
    workers = [threading.Thread(target=run_desk, args=(late,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(_tasks(late)) == 1


def test_who_answered_is_not_telephoned_and_an_answer_ends_the_call(told: House) -> None:
    _answer(told, "noted")
    _advance(told, days=10)
    assert run_desk(told) == 0 and _tasks(told) == []
    _answer(told, "reopen")
    assert run_desk(told) == 1
    _answer(told, "handling")
    run_desk(told)
    (task,) = _tasks(told)
    assert (task.state, task.reason) == ("dropped", "the firm has answered")


def test_one_call_speaks_of_every_alert_about_the_case(late: House) -> None:
    record(late, raw_case(events=(FIRST, TRO)))
    drain(late)
    run_desk(late)
    _advance(late, days=10)
    run_desk(late)
    assert len(_tasks(late)) == 1
    _do(late, record_call, staff(late), _tasks(late)[0], "reached")
    run_desk(late)
    assert [t.state for t in _tasks(late)] == ["done"]


def test_a_watch_profiles_alert_makes_no_task(each_house: House) -> None:
    from tests.warning.test_watch import ROTOR
    from warning.watch_profiles import create_profile

    bring_firms(each_house)
    with each_house.database.write() as session:
        create_profile(session, each_house.clock, member(each_house, "beta"), "Rotors", ROTOR)
    record(each_house, raw_case(text="A rotor blade.", parties=()))
    drain(each_house)
    _advance(each_house, days=30)
    run_desk(each_house)
    alert = _alert(each_house)
    assert alert.profile_id is not None and alert.level is None and _tasks(each_house) == []


def test_a_level_that_is_acted_on_puts_three_clocks_on_the_desk(told: House) -> None:
    case, actor = _alert(told).case_id, staff(told)
    with told.database.write() as session:
        decide_level(session, told.clock, actor, case, "L1", "A key firm is concerned", seen=None)
    assert run_desk(told) == 3 and run_desk(told) == 0
    now = told.clock.now()
    due = {task.kind: task.due_at - now for task in _tasks(told)}
    assert due == {
        "first_report": timedelta(hours=1),
        "talk": timedelta(hours=4),
        "escalation": timedelta(hours=24),
    }
    with told.database.read() as session:
        assert count_tasks(session, told.clock, staff(told)) == (3, 0)
    _advance(told, hours=2)
    with told.database.read() as session:
        assert count_tasks(session, told.clock, staff(told)) == (3, 1)
        (overdue,) = list_tasks(session, told.clock, staff(told), due="overdue").rows
    assert overdue.kind == "first_report"


def test_a_run_that_dies_leaves_nothing_half_done(told: House) -> None:
    case, actor = _alert(told).case_id, staff(told)
    with told.database.write() as session:
        decide_level(session, told.clock, actor, case, "L2", "A key firm is concerned", seen=None)
    _advance(told, days=10)
    with pytest.raises(KeyboardInterrupt), told.database.write() as session:
        assert work_desk(session, told.clock, _alert(told).centre_id).made == 4
        raise KeyboardInterrupt
    assert _tasks(told) == []
    assert run_desk(told) == 4 and run_desk(told) == 0
    assert sorted(task.kind for task in _tasks(told)) == ["call", "escalation", "first_report", "talk"]


def test_a_case_taken_back_ends_its_tasks(late: House) -> None:
    from cases.models import Case

    with late.database.write() as session:
        session.scalars(select(Case)).one().status = "dismissed"
    run_desk(late)
    assert [(t.state, t.reason) for t in _tasks(late)] == [("dropped", "the case is no longer public")]


def test_a_call_is_recorded_until_somebody_is_reached(late: House) -> None:
    (task,), actor = _tasks(late), staff(late)
    moved = _do(late, record_call, actor, task, "not_reached", "Nobody picks up")
    assert (moved.state, moved.next_on, moved.assignee) == ("open", date(2026, 3, 13), actor.name)
    moved = _do(late, record_call, actor, task, "wrong_number", next_on=date(2026, 3, 20))
    assert moved.next_on == date(2026, 3, 20)
    moved = _do(late, record_call, actor, task, "reached", "Counsel is engaged")
    assert (moved.state, moved.next_on, moved.closed_at) == ("done", None, late.clock.now())
    with late.database.read() as session:
        notes = notes_of(session, actor, moved)
        audited = session.scalars(select(AuditRow.action).where(AuditRow.subject == "task")).all()
    assert [n.result for n in notes] == ["reached", "wrong_number", "not_reached"]
    assert notes[-1].words == "Nobody picks up" and list(audited) == ["task.call"] * 3


def test_what_is_no_result_is_refused(late: House) -> None:
    (task,), actor = _tasks(late), staff(late)
    for act in (
        lambda: _do(late, record_call, actor, task, "maybe"),
        lambda: _do(late, record_call, actor, task, "not_reached", next_on=date(2026, 3, 1)),
        lambda: _do(late, move_task, actor, task, "finish", "It is done"),
        lambda: _do(late, move_task, actor, task, "drop", "no"),
        lambda: _do(late, record_call, actor, task, "reached", "x" * 2001),
    ):
        with pytest.raises(BadInput):
            act()
    with pytest.raises(StaleWrite):
        _do(late, record_call, actor, task, "reached", seen_version=99)
    assert _tasks(late)[0].state == "open"


def test_only_the_centres_own_staff_know_of_its_tasks(late: House) -> None:
    (task,) = _tasks(late)
    admin = Actor("user:admin", frozenset({Role.ADMIN, Role.SIGNER}), centre_id=keeper(late).centre_id)
    for actor, error in (
        (staff(late, "other"), NotFound),
        (member(late, "alpha"), NotAllowed),
        (admin, NotAllowed),
        (VISITOR, NotAllowed),
    ):
        with late.database.read() as session:
            assert list_tasks(session, late.clock, actor).rows == []
            with pytest.raises(NotFound):
                get_task(session, actor, task.id)
        with pytest.raises(error):
            _do(late, record_call, actor, task, "reached")


def test_the_list_has_pages(told: House) -> None:
    with told.database.write() as session:
        for n in range(7):
            session.add(_task(told, f"talk:{n}", told.clock.now() + timedelta(hours=n // 2)))
    seen, cursor, actor = [], None, staff(told)
    while True:
        with told.database.read() as session:
            page = list_tasks(session, told.clock, actor, cursor=cursor, limit=3)
        seen += [t.key for t in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [f"talk:{n}" for n in range(7)]


def _task(house: House, key: str, due: datetime, kind: str = "talk") -> DeskTask:
    alert = _alert(house)
    return DeskTask(
        centre_id=alert.centre_id, kind=kind, key=key, level="L1", case_id=alert.case_id,
        due_at=due, created_at=house.clock.now(),
    )  # fmt: skip


ACTS = st.tuples(
    st.sampled_from(["take", "call", "finish", "drop", "reopen", "lapse"]),
    st.sampled_from(["staff", "other", "alpha"]),
    st.sampled_from([result.value for result in CallResult]),
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(["call", "talk"]), life=st.lists(ACTS, max_size=10))
def test_random_lives_end_where_a_plain_model_says(
    house: House, kind: str, life: list[tuple[str, str, str]]
) -> None:
    people, key = _people(house), uuid.uuid4().hex
    with house.database.write() as session:
        session.execute(delete(DeskTask))
        session.add(_task(house, key, house.clock.now(), kind))
    (task,) = _tasks(house)
    state, acts = "open", []
    for act, who, result in life:
        may = who == "staff" and act != "lapse"
        if act == "call":
            may, after = may and state == "open" and kind == "call", "done" if result == "reached" else state
        elif act == "take":
            may, after = may and state == "open", state
        elif act == "finish":
            may, after = may and state == "open" and kind != "call", "done"
        elif act == "drop":
            may, after = may and state == "open", "dropped"
        else:
            may, after = may and state != "open", "open"
        try:
            if act == "take":
                _do(house, take_task, people[who], task)
            elif act == "call":
                _do(house, record_call, people[who], task, result)
            else:
                _do(house, move_task, people[who], task, act, "some words")
            assert may, (act, who)
            state, acts = after, [*acts, act]
        except (NotAllowed, NotFound, TransitionRefused, BadInput):
            assert not may, (act, who)
    with house.database.read() as session:
        kept = session.get_one(DeskTask, task.id)
        assert (kept.state, kept.version) == (state, 1 + len(acts))
        assert (kept.closed_at is None) == (state == "open")
        notes = session.scalars(select(DeskNote).where(DeskNote.task_id == task.id).order_by(DeskNote.id))
        assert [n.act for n in notes] == acts


def _people(house: House) -> dict[str, Actor]:
    with house.database.read() as session:
        is_made = session.scalar(select(Alert.id)) is not None
    if not is_made:
        bring_firms(house)
        record(house, raw_case())
        drain(house)
    return {"staff": staff(house), "other": staff(house, "other"), "alpha": member(house, "alpha")}


def test_only_a_system_lets_a_task_lapse(late: House) -> None:
    from warning.desk_tasks import lapse_task

    with late.database.write() as session, pytest.raises(TransitionRefused):
        lapse_task(session, late.clock, staff(late), session.get_one(DeskTask, _tasks(late)[0].id), "no")
    with late.database.write() as session:
        task = session.get_one(DeskTask, _tasks(late)[0].id)
        lapse_task(session, late.clock, system_actor("job:desk", task.centre_id), task, "gone")
    assert _tasks(late)[0].state == "dropped"
