"""The queue of tags in doubt: what waits, in which order, and what leaves it."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from sqlalchemy import select

from cases.facts import RawParty
from cases.models import Case, CaseStatus, Tag
from core.actor import VISITOR
from core.errors import BadInput, NotAllowed
from core.paging import encode_cursor
from house import House
from tests.factories import bring_firms, drain, member, raw_case, record, staff
from tests.warning.test_corrections import say
from warning.doubt_queue import MOST_MARGIN, Doubtful, count_doubtful, decided_lately, list_doubtful
from warning.review_models import Verdict

STRANGERS = (RawParty("Acme Optics Inc.", "plaintiff"), RawParty("Nobody We Know LLC", "defendant"))


@pytest.fixture
def cases(each_house: House) -> list[uuid.UUID]:
    """One case that names a firm of the centre, one that names nobody, one that ended long ago."""
    bring_firms(each_house)
    made = [
        record(each_house, raw_case("2:26-cv-1")).case_id,
        record(each_house, raw_case("2:26-cv-2", parties=STRANGERS)).case_id,
        record(
            each_house,
            raw_case("2:20-cv-3", parties=STRANGERS, filed_on=date(2020, 1, 2), events=()),
        ).case_id,
    ]
    drain(each_house)
    return made


def queue(house: House, **asked: object) -> list[Doubtful]:
    found: list[Doubtful] = []
    cursor = None
    with house.database.read() as session:
        while True:
            page = list_doubtful(session, house.clock, staff(house), cursor=cursor, limit=2, **asked)  # type: ignore[arg-type]
            found += page.rows
            cursor = page.next_cursor
            if cursor is None:
                return found


def test_every_tag_near_its_threshold_waits_once_and_no_other(
    each_house: House, cases: list[uuid.UUID]
) -> None:
    with each_house.database.read() as session:
        near = session.execute(
            select(Tag.case_id, Tag.kind, Tag.value)
            .where(Tag.margin <= MOST_MARGIN)
            .where(Tag.kind.not_in(["right", "claim", "venue"]))
            .distinct()
        ).all()
    found = [(row.case.id, row.kind, row.value) for row in queue(each_house, days=0)]
    assert len(found) == len(set(found))
    assert set(found) == {tuple(row) for row in near} != set()
    assert all(1.0 <= row.margin <= MOST_MARGIN for row in queue(each_house, days=0))


def test_a_case_that_names_a_firm_of_the_centre_stands_first(
    each_house: House, cases: list[uuid.UUID]
) -> None:
    for sort in ("both", "consequence"):
        found = queue(each_house, sort=sort, kind="dispute_type")
        assert found[0].case.id == cases[0], sort
        assert [firm.name_en for firm, _ in found[0].firms] == ["Hailan Drone Technology Co. Ltd."]
    by_doubt = [row.margin for row in queue(each_house, sort="doubt", days=0)]
    assert by_doubt == sorted(by_doubt)


def test_old_cases_wait_only_where_they_are_asked_for(each_house: House, cases: list[uuid.UUID]) -> None:
    assert cases[2] not in {row.case.id for row in queue(each_house, days=90)}
    assert cases[2] in {row.case.id for row in queue(each_house, days=0)}


def test_what_somebody_has_spoken_of_waits_no_more(each_house: House, cases: list[uuid.UUID]) -> None:
    first = queue(each_house, days=0)[0]
    with each_house.database.read() as session:
        before = count_doubtful(session, staff(each_house))
    say(each_house, first.case.id, (first.kind, first.value), Verdict.CONFIRM, "")
    after = [(row.case.id, row.kind, row.value) for row in queue(each_house, days=0)]
    assert (first.case.id, first.kind, first.value) not in after
    with each_house.database.read() as session:
        assert count_doubtful(session, staff(each_house)) == before - 1
        ((row, case),) = decided_lately(session, staff(each_house))
    assert (case.id, row.value) == (first.case.id, first.value)


def test_a_dismissed_case_does_not_wait(each_house: House, cases: list[uuid.UUID]) -> None:
    with each_house.database.write() as session:
        session.get_one(Case, cases[1]).status = CaseStatus.DISMISSED.value
    assert cases[1] not in {row.case.id for row in queue(each_house, days=0)}


def test_the_queue_is_for_those_who_review(each_house: House, cases: list[uuid.UUID]) -> None:
    with each_house.database.read() as session:
        for actor in (VISITOR, member(each_house, "alpha")):
            with pytest.raises(NotAllowed):
                list_doubtful(session, each_house.clock, actor)
            with pytest.raises(NotAllowed):
                count_doubtful(session, actor)
        with pytest.raises(BadInput):
            cursor = encode_cursor(["x", "not an id", "stage", "y"])
            list_doubtful(session, each_house.clock, staff(each_house), cursor=cursor)
