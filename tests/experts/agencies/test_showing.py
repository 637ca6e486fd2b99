"""The display rule: three at least or none, an order that favours nobody, and what matching may read."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.actor import VISITOR, Actor, Role
from core.errors import BadInput
from core.paging import encode_cursor
from experts.agencies.port import FEWEST, eligible_agencies, may_be_shown
from experts.agencies.showing import Directory, compared_with, directory, place_of
from experts.importing import import_agencies
from experts.library import Wanted
from experts.models import Agency
from house import House
from tests.experts.agencies.affair import Affair, People
from tests.factories import keeper

DAY = date(2026, 3, 2)


def bring(house: House, count: int, **told: str) -> None:
    """Agencies of a file; the first is the only one with an office in Japan."""
    rows = "".join(
        f'{{"id": "a{n}", "name": "示例机构{n:02d}", "class": "ag.law_foreign", "verified": true, "languages": '
        f'["zh", "en"], "offices": [{{"region": "{"JP" if n == 0 else "US"}"}}]}}\n'
        for n in range(count)
    )
    import_agencies(house.database, house.clock, keeper(house), "a.jsonl", rows.encode())


def shown(house: House, actor: Actor = VISITOR, wanted: Wanted | None = None, **named: object) -> Directory:
    with house.database.read() as session:
        return directory(session, actor, wanted or Wanted(), DAY, **named)  # type: ignore[arg-type]


def names(found: Directory) -> list[str]:
    return [row.agency.name_zh for row in (*found.page.rows, *found.beside)]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_fewer_than_three_are_shown_to_nobody_but_the_centre(house: House, count: int) -> None:
    bring(house, count) if count else None
    found = shown(house)
    assert (found.is_too_small, names(found)) == (True, [])
    staff = Actor("user:s", frozenset({Role.STAFF}), centre_id=keeper(house).centre_id)
    assert len(names(shown(house, staff))) == count


@given(count=st.integers(3, 60), days=st.integers(0, 400))
def test_the_draw_is_a_permutation_that_anybody_can_draw_again(count: int, days: int) -> None:
    ids = [uuid.UUID(int=n) for n in range(count)]
    on = DAY + timedelta(days=days)
    drawn = sorted(ids, key=lambda one: place_of(one, on))
    assert sorted(drawn) == ids
    ids.reverse()
    assert drawn == sorted(ids, key=lambda one: place_of(one, on)), "where it began does not matter"


def test_over_the_years_each_place_falls_to_each_alike() -> None:
    ids = [uuid.UUID(int=n) for n in range(5)]
    first, last = Counter[uuid.UUID](), Counter[uuid.UUID]()
    for n in range(3650):
        drawn = sorted(ids, key=lambda one: place_of(one, DAY + timedelta(days=n)))
        first[drawn[0]] += 1
        last[drawn[-1]] += 1
    # 730 each; five standard deviations are 121.
    assert all(abs(count - 730) < 121 for counts in (first, last) for count in counts.values())


def test_what_fits_too_few_stands_beside_others_that_say_what_they_miss(each_house: House) -> None:
    bring(each_house, 6)
    found = shown(each_house, wanted=Wanted(marks=("region:JP", "language:en")))
    assert (found.total, len(found.page.rows), len(found.beside)) == (1, 1, 2)
    assert {row.misses for row in found.beside} == {("region:JP",)}
    nobody = shown(each_house, wanted=Wanted(text="无此机构"))
    assert (nobody.total, len(nobody.beside)) == (0, FEWEST)
    assert {row.misses for row in nobody.beside} == {("text:无此机构",)}


def test_pages_follow_one_draw_without_gaps_or_repetition_over_midnight(house: House) -> None:
    bring(house, 25)
    whole = names(shown(house, limit=100))
    seen: list[str] = []
    cursor = None
    for day in range(4):
        with house.database.read() as session:
            found = directory(session, VISITOR, Wanted(), DAY + timedelta(days=day), cursor=cursor, limit=10)
        seen += [row.agency.name_zh for row in found.page.rows]
        cursor = found.page.next_cursor
        if cursor is None:
            break
    assert seen == whole
    assert len(set(seen)) == 25


@pytest.mark.parametrize("values", [["x", 0], ["2026-03-02", -1], ["2026-03-02", "10"], ["2026-03-02", True]])
def test_a_cursor_nobody_gave_is_refused(house: House, values: list[object]) -> None:
    bring(house, 3)
    with pytest.raises(BadInput):
        shown(house, cursor=encode_cursor(values))


def test_an_agency_is_shown_beside_two_that_have_most_in_common(house: House) -> None:
    bring(house, 5)
    with house.database.read() as session:
        japan = session.query(Agency).filter_by(name_zh="示例机构01").one()
        others = compared_with(session, VISITOR, japan, DAY)
    assert len(others) == FEWEST - 1
    assert all("region:US" in other.facets for other in others), "the one in Japan has less in common"


def test_matching_reads_whoever_is_listed_today_and_nobody_else(house: House) -> None:
    people = People.of(house)
    bring(house, 2)
    affair = Affair(people).to("listed")
    staff = people.actors["staff"]

    def read(on: date) -> set[uuid.UUID]:
        with house.database.read() as session:
            found = eligible_agencies(session, staff, on)
            assert [a.id for a in found] == sorted((a.id for a in found), key=lambda one: place_of(one, on))
            assert may_be_shown(found) == (len(found) >= 3)
            return {a.id for a in found}

    until = affair.listing.listed_until
    assert until is not None
    assert affair.entry.id in read(until)
    assert affair.entry.id not in read(until + timedelta(days=1)), "the day counts, not the job"
    affair.complaint_in("suspended")
    assert affair.entry.id not in read(until)
    assert len(read(until)) == 2, "entries of a file have no term"


def test_another_centre_reads_its_own(house: House) -> None:
    bring(house, 3)
    other = keeper(house, "other")
    with house.database.read() as session:
        assert eligible_agencies(session, other, DAY) == []


def test_a_file_is_no_way_back_for_an_agency_that_was_delisted(house: House) -> None:
    affair = Affair(People.of(house)).to("listed")
    affair.complaint_in("delisted")
    row = '{"id": "back", "name": "示例律师 事务所", "class": "ag.law_foreign", "verified": true}'
    report = import_agencies(house.database, house.clock, keeper(house), "a.jsonl", row.encode())
    assert [(error.column, "barred until 2029" in error.message) for error in report.errors] == [
        ("name", True)
    ]
    assert report.created == 0
