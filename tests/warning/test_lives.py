"""Random lives against a real PostgreSQL, a few in CI and many in `make prove`, end where plain models say."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from config import prove_rounds
from tests.conftest import MakeHouse
from tests.factories import bring_firms
from tests.warning.bulletin_life import BulletinLife, Shelf
from tests.warning.bulletin_world import a_case
from tests.warning.firm_life import FirmLife

pytestmark = pytest.mark.postgres
#: lives and steps of each in CI, and for each round of a full proof
FEW, EACH_ROUND, STEPS = 4, 4, 40


def live_bulletins(make_house: MakeHouse, url: str, lives: int) -> None:
    house = make_house(url)
    bring_firms(house)
    shelf = Shelf(house, [a_case(house, f"2:26-cv-3{n:04d}") for n in range(3)])
    for seed in range(lives):
        with told(seed):
            BulletinLife(shelf, random.Random(seed)).live(STEPS)


@contextmanager
def told(seed: int) -> Iterator[None]:
    """Say which life it was that failed."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"in the life of seed {seed}")
        raise


def test_bulletins_live_as_the_model_says(make_house: MakeHouse, postgres_url: str) -> None:
    live_bulletins(make_house, postgres_url, FEW)


@pytest.mark.prove
def test_many_bulletins_live_as_the_model_says(make_house: MakeHouse, postgres_url: str) -> None:
    live_bulletins(make_house, postgres_url, EACH_ROUND * prove_rounds())


def live_firms(make_house: MakeHouse, url: str, lives: int) -> None:
    house = make_house(url)
    bring_firms(house)
    for seed in range(lives):
        with told(seed):
            FirmLife(house, seed).live(STEPS)


def test_firms_and_staff_live_as_the_model_says(make_house: MakeHouse, postgres_url: str) -> None:
    live_firms(make_house, postgres_url, FEW)


@pytest.mark.prove
def test_many_firms_and_staff_live_as_the_model_says(make_house: MakeHouse, postgres_url: str) -> None:
    live_firms(make_house, postgres_url, EACH_ROUND * prove_rounds())
