"""Reading the register: each sees their own, on both databases."""

from __future__ import annotations

import uuid

import pytest

from core.actor import VISITOR, Actor, Role
from core.errors import BadInput, NotFound
from core.paging import encode_cursor
from enterprises.service import count_firms, get_firm, list_firms
from house import House
from tests.factories import bring_firms, firm_id, keeper, member, staff


def test_each_sees_their_own_firms(each_house: House) -> None:
    bring_firms(each_house)
    admin = Actor("admin", frozenset({Role.ADMIN}), centre_id=keeper(each_house).centre_id)
    for actor, count in (
        (staff(each_house), 2),
        (staff(each_house, "other"), 0),
        (member(each_house, "alpha"), 1),
        (admin, 0),
        (VISITOR, 0),
    ):
        with each_house.database.read() as session:
            assert count_firms(session, actor) == len(list_firms(session, actor).rows) == count, actor.name


def test_a_firm_that_is_not_ones_own_is_not_found(each_house: House) -> None:
    bring_firms(each_house)
    a = firm_id(each_house, "alpha")
    for actor in (member(each_house, "beta"), staff(each_house, "other"), VISITOR):
        with each_house.database.read() as session, pytest.raises(NotFound):
            get_firm(session, actor, a)
    with each_house.database.read() as session:
        assert get_firm(session, member(each_house, "alpha"), a).ref == "alpha"
        with pytest.raises(NotFound):
            get_firm(session, staff(each_house), uuid.uuid4())


def test_pages_go_on_where_the_last_one_ended(each_house: House) -> None:
    # Two firms of one name: the id decides.
    rows = "".join(f"f{n},同名有限公司{n // 2},legal_zh\n" for n in range(11))
    bring_firms(each_house, "firm,name,kind\n" + rows)
    seen, cursor = [], None
    while True:
        with each_house.database.read() as session:
            page = list_firms(session, staff(each_house), cursor=cursor, limit=3)
        seen += [firm.ref for firm in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 11


@pytest.mark.parametrize("text", ["HAILAN", "drone tech", "无人机", "  海岚  "])
def test_a_firm_is_found_by_a_part_of_any_name(each_house: House, text: str) -> None:
    bring_firms(each_house)
    with each_house.database.read() as session:
        assert [f.ref for f in list_firms(session, staff(each_house), text=text).rows] == ["alpha"]


@pytest.mark.parametrize("text", ["%", "_", "\\", "%%%", "a_p", "' OR 1=1 --"])
def test_a_search_takes_marks_as_they_are_written(each_house: House, text: str) -> None:
    bring_firms(each_house)
    with each_house.database.read() as session:
        assert list_firms(session, staff(each_house), text=text).rows == []


def test_a_page_mark_of_another_list_is_refused(each_house: House) -> None:
    for values in ([1], ["x", "y"], ["x", None]):
        with each_house.database.read() as session, pytest.raises(BadInput):
            list_firms(session, staff(each_house), cursor=encode_cursor(values))
