"""The names desk: each likely form once, an answer for past and future cases, quietly, and how it is taken back."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import func, select

from cases.facts import RawParty
from core.actor import VISITOR
from core.errors import NotAllowed, NotFound
from enterprises.models import FirmName, OtherFirm
from house import House
from tests.factories import bring_firms, drain, member, raw_case, record, staff
from warning.models import Alert, PartyMatch
from warning.name_suggestions import refuse, take_in
from warning.names_desk import Likely, answered_lately, count_likely, list_likely, undo_answer

#: like a firm's name, and not surely the firm's
FORM = "Hailan Drones Inc."


def bring(house: House, docket: str, name: str = FORM) -> uuid.UUID:
    parties = (RawParty("Acme Optics Inc.", "plaintiff"), RawParty(name, "defendant"))
    made = record(house, raw_case(docket, parties=parties)).case_id
    drain(house)
    return made


def waiting(house: House) -> list[Likely]:
    with house.database.read() as session:
        rows = list_likely(session, staff(house)).rows
        assert count_likely(session, staff(house)) == len(rows)
        return list(rows)


def alerts(house: House) -> int:
    with house.database.read() as session:
        return session.scalar(select(func.count(Alert.id))) or 0


def grades(house: House) -> list[str]:
    with house.database.read() as session:
        rows = session.scalars(select(PartyMatch.grade).order_by(PartyMatch.id))
        return list(rows)


@pytest.fixture
def desk(each_house: House) -> House:
    bring_firms(each_house)
    bring(each_house, "2:26-cv-1")
    bring(each_house, "2:26-cv-2")
    assert grades(each_house) == ["review", "review"]
    return each_house


def test_a_form_waits_once_for_all_of_its_cases(desk: House) -> None:
    (row,) = waiting(desk)
    assert (row.party.name, row.firm.ref, row.cases) == (FORM, "alpha", 2)


def test_yes_makes_a_name_that_counts_for_stored_cases_quietly_and_alerts_of_the_next(desk: House) -> None:
    (row,) = waiting(desk)
    with desk.database.write() as session:
        take_in(session, desk.clock, staff(desk), row.firm.id, row.match.id, "subsidiary")
    drain(desk)
    assert grades(desk) == ["confirm", "confirm"]
    assert waiting(desk) == []
    assert alerts(desk) == 0
    with desk.database.read() as session:
        name = session.scalars(select(FirmName).where(FirmName.name == FORM)).one()
        assert (name.source, name.since) == (row.case.docket_number, row.case.filed_on)
    bring(desk, "2:26-cv-3")
    assert alerts(desk) == 1


def test_no_makes_a_note_that_holds_for_past_and_future(desk: House) -> None:
    (row,) = waiting(desk)
    with desk.database.write() as session:
        refuse(session, desk.clock, staff(desk), row.firm.id, row.match.id)
    drain(desk)
    bring(desk, "2:26-cv-3")
    assert (grades(desk), waiting(desk), alerts(desk)) == ([], [], 0)
    with desk.database.read() as session:
        note = session.scalars(select(OtherFirm)).one()
        assert (note.name, note.source) == (FORM, row.case.docket_number)


@pytest.mark.parametrize("answer", ["take_in", "refuse"])
def test_an_answer_is_taken_back_whole(desk: House, answer: str) -> None:
    (row,) = waiting(desk)
    with desk.database.write() as session:
        if answer == "take_in":
            take_in(session, desk.clock, staff(desk), row.firm.id, row.match.id, "subsidiary")
        else:
            refuse(session, desk.clock, staff(desk), row.firm.id, row.match.id)
    drain(desk)
    with desk.database.read() as session:
        ((told, firm, case),) = answered_lately(session, staff(desk))
        assert (told.answer, told.name, firm.ref) == (answer, FORM, "alpha")
        assert case is not None and case.id == row.case.id
    with desk.database.write() as session:
        undo_answer(session, desk.clock, staff(desk), told.id)
    drain(desk)
    assert grades(desk) == ["review", "review"]
    assert [one.party.name for one in waiting(desk)] == [FORM]
    assert alerts(desk) == 0
    with pytest.raises(NotFound), desk.database.write() as session:
        undo_answer(session, desk.clock, staff(desk), told.id)


def test_the_desk_is_a_centres_own(desk: House) -> None:
    (row,) = waiting(desk)
    stranger, own = staff(desk, "other"), member(desk, "alpha")
    with desk.database.write() as session:
        assert list_likely(session, stranger).rows == []
        with pytest.raises(NotFound):
            take_in(session, desk.clock, stranger, row.firm.id, row.match.id, "brand")
        for actor in (VISITOR, own):
            with pytest.raises(NotAllowed):
                list_likely(session, actor)
            with pytest.raises(NotAllowed):
                count_likely(session, actor)
        assert answered_lately(session, VISITOR) == []


def test_a_desk_of_many_forms_is_read_page_by_page(desk: House) -> None:
    for number in range(5):
        bring(desk, f"2:26-cv-1{number}", f"Hailan Drone{'ABCDE'[number]} Inc.")
    found, cursor = [], None
    with desk.database.read() as session:
        while True:
            page = list_likely(session, staff(desk), cursor=cursor, limit=2)
            found += [(row.firm.id, row.party.name) for row in page.rows]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert len(found) == len(set(found)) == len(waiting(desk)) > 2
