"""A firm answers its own alerts, as often as it likes; every answer is kept, and nobody answers for it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.actor import VISITOR, Actor, system_actor
from core.audit import AuditRow
from core.errors import BadInput, NotAllowed, NotFound, StaleWrite, TransitionRefused
from house import House
from tests.factories import bring_firms, drain, keeper, member, raw_case, record, staff
from tests.warning.test_following import FIRST, JUDGMENT, TRO
from warning.alerts import get_alert, list_alerts
from warning.answer_models import AlertAnswer
from warning.answers import MOST_WORDS, answer_alert, answers_of, count_answers
from warning.models import Alert

#: step -> the state it leads to; every step but reopen leaves from every other state
TABLE = {"not_ours": "not_ours", "noted": "noted", "handling": "handling", "help": "help", "reopen": "open"}


@pytest.fixture
def told(each_house: House) -> House:
    """A house whose firm alpha has one alert."""
    bring_firms(each_house)
    record(each_house, raw_case())
    drain(each_house)
    return each_house


def _id(house: House) -> uuid.UUID:
    with house.database.read() as session:
        return session.scalars(select(Alert.id).order_by(Alert.id)).first() or uuid.uuid4()


def _answer(house: House, actor: Actor, step: str, words: str = "", seen: str | None = None) -> Alert:
    with house.database.write() as session:
        alert = session.get_one(Alert, _id(house))
        return answer_alert(
            session, house.clock, actor, alert.id, step, words, seen=alert.answer if seen is None else seen
        )


def test_an_answer_is_kept_with_its_words_read_and_audited(told: House) -> None:
    alert = _answer(told, member(told, "alpha"), "handling", "  Counsel is engaged. ")
    assert (alert.answer, alert.answered_at) == ("handling", told.clock.now())
    assert (alert.state, alert.read_at) == ("read", told.clock.now())
    with told.database.read() as session:
        (kept,) = answers_of(session, staff(told), alert.id)
        row = session.scalars(select(AuditRow).where(AuditRow.action == "alert.handling")).one()
    assert (kept.step, kept.words) == ("handling", "Counsel is engaged.")
    assert row.fields == ["answer", "words"] and "Counsel" not in str(row.digests)


def test_a_reopened_alert_is_open_and_its_history_stays(told: House) -> None:
    actor = member(told, "alpha")
    for step in ("noted", "reopen", "help"):
        alert = _answer(told, actor, step)
    with told.database.read() as session:
        assert [a.step for a in answers_of(session, actor, alert.id)] == ["help", "reopen", "noted"]
        counts = count_answers(session, actor)
        assert len(list_alerts(session, actor, answer="help").rows) == counts["help"] == 1
        assert list_alerts(session, actor, answer="noted").rows == [] and counts["noted"] == 0


def test_nobody_answers_for_a_firm(told: House) -> None:
    for actor, error in (
        (staff(told), NotAllowed),
        (staff(told, "other"), NotAllowed),
        (member(told, "beta"), NotFound),
        (VISITOR, NotAllowed),
        (system_actor("job:x", keeper(told).centre_id), NotAllowed),
    ):
        with pytest.raises(error):
            _answer(told, actor, "noted")
    with told.database.read() as session:
        assert session.scalars(select(AlertAnswer)).all() == []
        for actor in (member(told, "beta"), staff(told, "other"), VISITOR):
            assert answers_of(session, actor, _id(told)) == []


def test_a_colleague_who_was_faster_is_not_overwritten(told: House) -> None:
    _answer(told, member(told, "alpha"), "noted")
    with pytest.raises(StaleWrite):
        _answer(told, member(told, "alpha"), "not_ours", seen="open")
    with pytest.raises(TransitionRefused):
        _answer(told, member(told, "alpha"), "noted")
    with pytest.raises(BadInput):
        _answer(told, member(told, "alpha"), "help", "x" * (MOST_WORDS + 1))


def test_not_about_us_silences_what_changes_later_until_another_answer(told: House) -> None:
    actor = member(told, "alpha")
    _answer(told, actor, "not_ours")
    record(told, raw_case(events=(FIRST, TRO)))
    drain(told)
    with told.database.read() as session:
        assert len(list_alerts(session, actor).rows) == 1
    _answer(told, actor, "reopen")
    record(told, raw_case(events=(JUDGMENT,)))
    drain(told)
    with told.database.read() as session:
        assert any(a.trigger == "stage:ps.judgment" for a in list_alerts(session, actor).rows)
        assert get_alert(session, actor, _id(told)).answer == "open"


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    life=st.lists(
        st.tuples(st.sampled_from(list(TABLE)), st.sampled_from(["alpha", "beta", "staff"])), max_size=12
    )
)
def test_random_lives_end_where_a_plain_model_says(house: House, life: list[tuple[str, str]]) -> None:
    people: dict[str, Actor] = _world(house)
    with house.database.write() as session:
        alert = session.get_one(Alert, _id(house))
        alert.answer = "open"
        session.query(AlertAnswer).delete()
    state, history = "open", []
    for step, who in life:
        may = who == "alpha" and TABLE[step] != state
        try:
            _answer(house, people[who], step)
            assert may
            state = TABLE[step]
            history.append(step)
        except (NotAllowed, NotFound, TransitionRefused):
            assert not may
    with house.database.read() as session:
        assert session.get_one(Alert, _id(house)).answer == state
        assert [a.step for a in answers_of(session, people["alpha"], _id(house))][::-1] == history


def _world(house: House) -> dict[str, Any]:
    with house.database.read() as session:
        is_made = session.scalar(select(Alert.id)) is not None
    if not is_made:
        bring_firms(house)
        record(house, raw_case())
        drain(house)
    return {"alpha": member(house, "alpha"), "beta": member(house, "beta"), "staff": staff(house)}
