"""A firm is told once that a public case names it, with the reason; nobody else is, and history tells nobody."""

from __future__ import annotations

import threading
import uuid

import pytest
from sqlalchemy import select

from cases.facts import RawEvent, RawParty
from cases.query import review_case
from core.actor import VISITOR, Actor, Role
from core.audit import AuditRow
from core.errors import BadInput, NotAllowed, NotFound, TransitionRefused
from core.outbox import OutboxRow
from core.paging import encode_cursor
from house import House
from tests.factories import (
    DEFENDANT,
    bring_firms,
    drain,
    firm_id,
    keeper,
    member,
    origin,
    raw_case,
    record,
    staff,
)
from warning.alerts import count_unread, get_alert, list_alerts, mark_alert
from warning.models import Alert


def _alerts(house: House) -> list[Alert]:
    with house.database.read() as session:
        return list(session.scalars(select(Alert).order_by(Alert.id)))


def _told(house: House) -> Alert:
    bring_firms(house)
    record(house, raw_case())
    drain(house)
    (alert,) = _alerts(house)
    return alert


def test_a_named_firm_is_told_with_the_reason(each_house: House) -> None:
    alert = _told(each_house)
    assert (alert.firm_id, alert.trigger, alert.state) == (firm_id(each_house, "alpha"), "named", "unread")
    (reason,) = alert.reasons
    assert reason["party"] == DEFENDANT
    assert reason["role"] == "defendant"
    assert reason["matched_name"] == "Hailan Drone Technology Co. Ltd."
    assert reason["score"] >= 80 and reason["reason"]
    with each_house.database.read() as session:
        assert session.scalars(select(OutboxRow).where(OutboxRow.topic == "alert.raised")).one()


def test_an_amended_docket_updates_but_does_not_alert_again(each_house: House) -> None:
    _told(each_house)
    for n in range(3):
        record(each_house, raw_case(events=(RawEvent(None, "NOTICE", f"Notice {n}"),)))
        drain(each_house)
    assert len(_alerts(each_house)) == 1


def test_two_parties_of_one_firm_make_one_alert_with_two_reasons(each_house: House) -> None:
    bring_firms(each_house)
    parties = (
        RawParty(DEFENDANT, "defendant"),
        RawParty("Hailan Drone Technology Co Ltd", "counterclaimant"),
    )
    record(each_house, raw_case(parties=parties))
    drain(each_house)
    (alert,) = _alerts(each_house)
    assert sorted(r["role"] for r in alert.reasons) == ["counterclaimant", "defendant"]


def test_two_firms_of_one_case_are_told_apart(each_house: House) -> None:
    bring_firms(each_house)
    record(
        each_house,
        raw_case(
            parties=(RawParty(DEFENDANT, "defendant"), RawParty("Beize Lighting Co. Ltd.", "defendant"))
        ),
    )
    drain(each_house)
    assert {a.firm_id for a in _alerts(each_house)} == {
        firm_id(each_house, "alpha"),
        firm_id(each_house, "beta"),
    }


def test_history_tells_nobody(each_house: House) -> None:
    bring_firms(each_house)
    record(each_house, raw_case(), origin(each_house, is_backfill=True))
    drain(each_house)
    assert _alerts(each_house) == []


def test_a_candidate_tells_nobody_until_it_is_confirmed_and_then_once(each_house: House) -> None:
    bring_firms(each_house)
    case = record(each_house, raw_case(), is_ip=False)
    drain(each_house)
    assert _alerts(each_house) == []
    reviewer = staff(each_house)
    for step, version in (("dismiss", 0), ("return", 1), ("confirm", 2)):
        with each_house.database.write() as session:
            from cases.models import Case

            now = session.get_one(Case, case.case_id).version
            review_case(session, each_house.clock, reviewer, case.case_id, step, seen_version=now)
        drain(each_house)
        assert len(_alerts(each_house)) == (1 if step == "confirm" else 0), version


def test_a_better_source_that_shows_an_ip_case_confirms_it(each_house: House) -> None:
    bring_firms(each_house)
    record(each_house, raw_case(), is_ip=False)
    drain(each_house)
    record(each_house, raw_case(), origin(each_house, authority=30), is_ip=True)
    drain(each_house)
    assert len(_alerts(each_house)) == 1


def test_a_match_that_is_only_possible_tells_nobody(each_house: House) -> None:
    bring_firms(each_house, "firm,name,kind\nalpha,海岚,legal_zh\nalpha,Apex,legal_en\n")
    record(each_house, raw_case(parties=(RawParty("Apex LLC", "defendant"),)))
    drain(each_house)
    assert _alerts(each_house) == []


def test_a_party_that_joins_later_is_told_then(each_house: House) -> None:
    bring_firms(each_house)
    record(each_house, raw_case(parties=(RawParty("Acme Optics Inc.", "plaintiff"),)))
    drain(each_house)
    record(each_house, raw_case())
    drain(each_house)
    assert len(_alerts(each_house)) == 1


def test_a_replay_of_everything_tells_nobody_twice(each_house: House) -> None:
    from core.outbox import Delivery

    _told(each_house)
    with each_house.database.write() as session:
        for row in session.scalars(select(Delivery)):
            row.state = "pending"
    drain(each_house)
    assert len(_alerts(each_house)) == 1


def test_two_workers_at_once_tell_once(each_house: House) -> None:
    bring_firms(each_house)
    for n in range(12):
        record(each_house, raw_case(f"2:26-cv-2{n:04d}"))
    workers = [threading.Thread(target=drain, args=(each_house,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    drain(each_house)
    assert len(_alerts(each_house)) == 12


def test_an_alert_is_seen_by_its_firm_and_the_staff_of_its_centre(each_house: House) -> None:
    alert = _told(each_house)
    admin = Actor("admin", frozenset({Role.ADMIN}), centre_id=keeper(each_house).centre_id)
    for actor, count in (
        (member(each_house, "alpha"), 1),
        (staff(each_house), 1),
        (member(each_house, "beta"), 0),
        (staff(each_house, "other"), 0),
        (admin, 0),
        (VISITOR, 0),
    ):
        with each_house.database.read() as session:
            assert len(list_alerts(session, actor).rows) == count_unread(session, actor) == count, actor.name
            if count:
                assert get_alert(session, actor, alert.id).id == alert.id
            else:
                with pytest.raises(NotFound):
                    get_alert(session, actor, alert.id)


def test_only_the_firm_reads_its_alert(each_house: House) -> None:
    alert, clock = _told(each_house), each_house.clock
    for actor, error in (
        (staff(each_house), NotAllowed),
        (member(each_house, "beta"), NotFound),
        (VISITOR, NotFound),
    ):
        with pytest.raises(error), each_house.database.write() as session:
            mark_alert(session, clock, actor, alert.id, "read")
    with each_house.database.write() as session:
        read = mark_alert(session, clock, member(each_house, "alpha"), alert.id, "read")
        assert (read.state, read.read_at) == ("read", clock.now())
    with pytest.raises(TransitionRefused), each_house.database.write() as session:
        mark_alert(session, clock, member(each_house, "alpha"), alert.id, "read")
    with each_house.database.read() as session:
        assert session.scalars(select(AuditRow).where(AuditRow.action == "alert.read")).one()


def test_the_first_reading_is_remembered(each_house: House) -> None:
    alert, clock, actor = _told(each_house), each_house.clock, member(each_house, "alpha")
    first = clock.now()
    for step in ("read", "unread", "read"):
        with each_house.database.write() as session:
            mark_alert(session, clock, actor, alert.id, step)
        clock.advance(__import__("datetime").timedelta(hours=1))  # type: ignore[attr-defined]
    (kept,) = _alerts(each_house)
    assert kept.read_at == first


def test_lists_have_pages_and_refuse_what_is_no_mark(each_house: House) -> None:
    bring_firms(each_house)
    for n in range(7):
        record(each_house, raw_case(f"2:26-cv-3{n:04d}"))
    drain(each_house)
    seen, cursor, actor = [], None, member(each_house, "alpha")
    while True:
        with each_house.database.read() as session:
            page = list_alerts(session, actor, cursor=cursor, limit=3)
        seen += [a.id for a in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == 7
    with each_house.database.read() as session, pytest.raises(BadInput):
        list_alerts(session, actor, cursor=encode_cursor(["x"]))
    with each_house.database.read() as session, pytest.raises(NotFound):
        get_alert(session, actor, uuid.uuid4())
