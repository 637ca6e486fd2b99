from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.numbers import next_number
from house import House
from tests.conftest import centre_of


def test_numbers_of_a_year_follow_each_other_from_one(each_house: House) -> None:
    centre = centre_of(each_house).id
    with each_house.database.write() as session:
        assert [next_number(session, centre, "bulletin", 2026) for _ in range(3)] == [1, 2, 3]
        assert next_number(session, centre, "bulletin", 2027) == 1
        assert next_number(session, centre, "consultation", 2026) == 1


def test_a_number_that_was_rolled_back_is_given_again(each_house: House) -> None:
    centre = centre_of(each_house).id
    with pytest.raises(RuntimeError), each_house.database.write() as session:
        next_number(session, centre, "bulletin", 2026)
        raise RuntimeError("the record was not kept")
    with each_house.database.write() as session:
        assert next_number(session, centre, "bulletin", 2026) == 1


def test_no_number_is_given_twice_to_writers_side_by_side(each_house: House) -> None:
    centre = centre_of(each_house).id

    def take(_: int) -> int:
        with each_house.database.write() as session:
            return next_number(session, centre, "bulletin", 2026)

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(take, range(40))) == list(range(1, 41))
