"""Fixtures of the pages. ``site`` is made once and only read; ``fresh`` is a world of its own, for tests that change it.

People sign in through the form, with its token, and choose a password of their own as everybody must.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app import create_app
from config import load_settings
from core.clock import FixedClock
from core.log import configure_logging
from house import House, build_house, upgrade
from tests.conftest import NOW
from tests.web import onward, world
from tests.web.agencies import furnish
from tests.web.world import Site


@pytest.fixture(scope="session", autouse=True)
def plain_log() -> None:
    """One line a record: a crash is told without its locals."""
    configure_logging("ERROR", as_json=True)


def make_site(home: Path, **variables: str) -> Site:
    """A house in ``home``, its pages and the world in it."""
    house = _house(home, **variables)
    upgrade(house)
    return world.build(house)


def _house(home: Path, **variables: str) -> House:
    return build_house(load_settings({"SEAMARK_HOME": str(home), **variables}), FixedClock(NOW))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The world, shared: nothing may change it."""
    made = make_site(tmp_path_factory.mktemp("site"))
    furnish(made)
    onward.furnish(made)
    yield made
    made.house.close()


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Site]:
    """A world that was made and closed: copied, it is made once for all."""
    home = tmp_path_factory.mktemp("template")
    made = make_site(home)
    furnish(made)
    onward.furnish(made)
    made.house.close()
    return home, made


@pytest.fixture
def fresh(_template: tuple[Path, Site], tmp_path: Path) -> Iterator[Site]:
    """A world of one's own."""
    home, made = _template
    shutil.copytree(home, tmp_path / "fresh")
    house = _house(tmp_path / "fresh")
    yield replace(
        made, house=house, app=create_app(house), ids={**made.ids}, passwords={**made.passwords}, _clients={}
    )
    house.close()
