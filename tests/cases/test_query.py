"""Reading and reviewing cases, on both databases."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from sqlalchemy import select

from cases.facts import RawEvent
from cases.listing import events_of, newest_cases
from cases.models import Case
from cases.query import candidates, count_by_status, evidence_of, get_case, review_case
from core.actor import VISITOR, Actor, Role
from core.audit import AuditRow
from core.errors import BadInput, NotAllowed, NotFound, StaleWrite, TransitionRefused
from core.outbox import OutboxRow
from core.paging import encode_cursor
from house import House
from tests.factories import bring_firms, member, origin, raw_case, record, staff

ADMIN = Actor("admin", frozenset({Role.ADMIN}))


def test_a_public_case_is_everybodys_and_a_candidate_is_staffs(each_house: House) -> None:
    bring_firms(each_house)
    public = record(each_house, raw_case())
    waiting = record(each_house, raw_case("2:26-cv-00012"), is_ip=False)
    for actor in (VISITOR, ADMIN, member(each_house, "alpha")):
        with each_house.database.read() as session:
            assert get_case(session, actor, public.case_id)
            with pytest.raises(NotFound):
                get_case(session, actor, waiting.case_id)
    with each_house.database.read() as session:
        assert get_case(session, staff(each_house), waiting.case_id)
        with pytest.raises(NotFound):
            get_case(session, staff(each_house), uuid.uuid4())


def test_cases_are_counted_by_status(each_house: House) -> None:
    record(each_house, raw_case())
    for n in range(2):
        record(each_house, raw_case(f"2:26-cv-1000{n}"), is_ip=False)
    with each_house.database.read() as session:
        assert count_by_status(session) == {"public": 1, "candidate": 2}


def test_candidates_are_asked_for_by_staff_alone(each_house: House) -> None:
    record(each_house, raw_case(), is_ip=False)
    with each_house.database.read() as session:
        assert len(session.scalars(candidates(staff(each_house))).all()) == 1
        for actor in (VISITOR, ADMIN):
            with pytest.raises(NotAllowed):
                candidates(actor)


def _review(house: House, actor: Actor, case_id: uuid.UUID, step: str, version: int) -> Case:
    with house.database.write() as session:
        return review_case(session, house.clock, actor, case_id, step, seen_version=version)


def test_a_review_is_written_down_and_told(each_house: House) -> None:
    waiting = record(each_house, raw_case(), is_ip=False)
    case = _review(each_house, staff(each_house), waiting.case_id, "confirm", 1)
    assert (case.status, case.version) == ("public", 2)
    with each_house.database.read() as session:
        row = session.scalars(select(AuditRow)).one()
        topics = [r.topic for r in session.scalars(select(OutboxRow).order_by(OutboxRow.id))]
    assert (row.action, row.subject_id, row.fields) == ("case.confirm", str(case.id), ["status"])
    assert topics == ["case.recorded", "case.changed", "case.confirmed"]


def test_a_dismissal_confirms_nothing(each_house: House) -> None:
    waiting = record(each_house, raw_case(), is_ip=False)
    _review(each_house, staff(each_house), waiting.case_id, "dismiss", 1)
    with each_house.database.read() as session:
        assert "case.confirmed" not in session.scalars(select(OutboxRow.topic)).all()


def test_whoever_may_not_see_a_case_does_not_review_it(each_house: House) -> None:
    waiting = record(each_house, raw_case(), is_ip=False)
    public = record(each_house, raw_case("2:26-cv-00012"))
    for actor in (VISITOR, ADMIN):
        with pytest.raises(NotFound):
            _review(each_house, actor, waiting.case_id, "confirm", 1)
        with pytest.raises(NotAllowed):
            _review(each_house, actor, public.case_id, "dismiss", 1)


def test_a_review_of_an_old_version_or_from_a_wrong_state_changes_nothing(each_house: House) -> None:
    waiting = record(each_house, raw_case(), is_ip=False)
    actor = staff(each_house)
    with pytest.raises(StaleWrite):
        _review(each_house, actor, waiting.case_id, "confirm", 7)
    with pytest.raises(TransitionRefused):
        _review(each_house, actor, waiting.case_id, "return", 1)
    with each_house.database.read() as session:
        case = session.get_one(Case, waiting.case_id)
        assert (case.status, case.version) == ("candidate", 1)
        assert session.scalars(select(AuditRow)).all() == []


def test_the_newest_cases_are_public_ones_in_order_with_pages(each_house: House) -> None:
    for n in range(7):
        on = None if n == 6 else date(2026, 1, 1 + n // 2)
        record(each_house, raw_case(f"2:26-cv-2000{n}", filed_on=on, events=()))
    record(each_house, raw_case("2:26-cv-30000"), is_ip=False)
    seen, cursor = [], None
    while True:
        with each_house.database.read() as session:
            page = newest_cases(session, staff(each_house), cursor=cursor, limit=2)
        seen += [(c.latest_on or date(1, 1, 1), c.id) for c in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == 7
    for values in (["x", "y"], ["2026-01-01", "y"], [1]):
        with each_house.database.read() as session, pytest.raises(BadInput):
            newest_cases(session, VISITOR, cursor=encode_cursor(values))


def test_events_come_newest_first_and_undated_ones_last(each_house: House) -> None:
    events = (
        RawEvent(None, "NOTE", "undated"),
        RawEvent(date(2026, 1, 2), "B", "b"),
        RawEvent(date(2026, 1, 3), "C", "c"),
        RawEvent(date(2026, 1, 1), "A", "a"),
    )
    case = record(each_house, raw_case(events=events))
    with each_house.database.read() as session:
        shown, total = events_of(session, case.case_id, limit=3)
        assert ([e.text for e in shown], total) == (["c", "b", "a"], 4)
        assert [e.text for e in events_of(session, case.case_id, limit=9)[0]][-1] == "undated"


def test_evidence_comes_newest_first(each_house: House) -> None:
    from datetime import timedelta

    old = origin(each_house)
    case = record(each_house, raw_case(), old)
    each_house.clock.advance(timedelta(days=1))  # type: ignore[attr-defined]
    new = origin(each_house)
    record(each_house, raw_case(title="T"), new)
    with each_house.database.read() as session:
        assert [e.sha256 for e in evidence_of(session, case.case_id)] == [new.sha256, old.sha256]
