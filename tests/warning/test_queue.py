"""The queue of candidates: what may name a firm first, each case once, on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cases.facts import RawParty
from cases.models import CaseStatus
from core.actor import VISITOR, Actor, Role
from core.errors import BadInput, NotAllowed
from core.paging import encode_cursor
from house import House
from tests.factories import bring_firms, drain, keeper, member, raw_case, record, staff
from warning.queue import Waiting, count_candidates, list_candidates


def _fill(house: House, count: int = 9) -> None:
    bring_firms(house)
    for n in range(count):
        named = n % 4 == 3
        record(
            house,
            raw_case(
                f"2:26-cv-4{n:04d}",
                filed_on=None if n % 5 == 4 else date(2026, 1, 1) + timedelta(days=n // 2),
                events=(),
                parties=(
                    RawParty("Hailan Drone Technology Co Ltd" if named else f"Nobody {n} LLC", "defendant"),
                ),
            ),
            is_ip=False,
        )
    drain(house)


def _all(house: House, actor: Actor, limit: int) -> list[Waiting]:
    rows: list[Waiting] = []
    cursor = None
    while True:
        with house.database.read() as session:
            page = list_candidates(session, actor, status=CaseStatus.CANDIDATE, cursor=cursor, limit=limit)
        rows += page.rows
        cursor = page.next_cursor
        if cursor is None:
            return rows


def test_what_may_name_a_firm_comes_first_and_then_the_newest(each_house: House) -> None:
    _fill(each_house)
    rows = _all(each_house, staff(each_house), 50)
    ranks = [
        (row.matches[0][0].score if row.matches else 0, row.case.latest_on or date(1, 1, 1)) for row in rows
    ]
    assert ranks == sorted(ranks, reverse=True)
    assert [bool(row.matches) for row in rows] == [True, True, *[False] * 7]
    assert rows[0].matches[0][1].ref == "alpha"


@pytest.mark.parametrize("limit", [1, 2, 4])
def test_pages_hold_each_case_once(each_house: House, limit: int) -> None:
    _fill(each_house)
    whole = [row.case.id for row in _all(each_house, staff(each_house), 50)]
    assert [row.case.id for row in _all(each_house, staff(each_house), limit)] == whole
    assert len(set(whole)) == 9


def test_another_centre_has_the_same_cases_without_our_firms(each_house: House) -> None:
    _fill(each_house)
    rows = _all(each_house, staff(each_house, "other"), 50)
    assert len(rows) == 9
    assert not any(row.matches for row in rows)


@pytest.mark.parametrize("who", ["visitor", "firm", "admin"])
def test_only_staff_see_the_queue(each_house: House, who: str) -> None:
    _fill(each_house, 1)
    actor = {
        "visitor": VISITOR,
        "firm": member(each_house, "alpha"),
        "admin": Actor("x", frozenset({Role.ADMIN}), centre_id=keeper(each_house).centre_id),
    }[who]
    with each_house.database.read() as session:
        with pytest.raises(NotAllowed):
            list_candidates(session, actor, status=CaseStatus.CANDIDATE)
        with pytest.raises(NotAllowed):
            count_candidates(session, actor)


def test_the_count_is_of_those_waiting(each_house: House) -> None:
    _fill(each_house, 3)
    record(each_house, raw_case("2:26-cv-00001"))
    with each_house.database.read() as session:
        assert count_candidates(session, staff(each_house)) == 3


@pytest.mark.parametrize(
    "values", [["x", "2026-01-01", "y"], [1, "never", "x"], [1, "2026-01-01", "x"], [1, 2]]
)
def test_a_page_mark_that_is_not_ours_is_refused(each_house: House, values: list[object]) -> None:
    with each_house.database.read() as session, pytest.raises(BadInput):
        list_candidates(session, staff(each_house), status=CaseStatus.CANDIDATE, cursor=encode_cursor(values))
