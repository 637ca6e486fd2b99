"""What `setup.cfg` installs: every package of the rooms, and the data that stands in it."""

from __future__ import annotations

from configparser import ConfigParser
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[1]


def _setup() -> ConfigParser:
    parser = ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def _named() -> list[str]:
    return _setup()["options"]["packages"].split()


def test_every_package_is_installed() -> None:
    rooms = {name.partition(".")[0] for name in _named()}
    there = {
        ".".join(file.parent.relative_to(ROOT).parts)
        for room in rooms
        for file in (ROOT / room).rglob("__init__.py")
    }
    assert there == set(_named())


def test_every_data_file_of_a_package_is_installed() -> None:
    patterns = {
        package: [pattern.strip() for pattern in told.split(",")]
        for package, told in _setup()["options.package_data"].items()
    }
    left_out = []
    for room in {name.partition(".")[0] for name in _named()}:
        for file in (ROOT / room).rglob("*.yml"):
            package = max(
                (p for p in _named() if file.is_relative_to(ROOT / p.replace(".", "/"))),
                key=len,
                default=room,
            )
            inside = file.relative_to(ROOT / package.replace(".", "/"))
            wanted = (*patterns["*"], *patterns.get(package, ()))
            if not any(fnmatch(str(inside), p) and p.count("/") == str(inside).count("/") for p in wanted):
                left_out.append(str(file.relative_to(ROOT)))
    assert left_out == []
