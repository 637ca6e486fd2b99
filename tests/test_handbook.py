"""The handbook for staff: its pictures are there, and are those that the walks take; its addresses are pages."""

from __future__ import annotations

import re

from app import create_app
from config import ROOT
from house import House
from tests.browser.handbook import PICTURES

TEXT = (ROOT / "docs" / "staff-tags.md").read_text(encoding="utf-8")


def test_every_picture_is_there_and_is_taken_by_a_walk() -> None:
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", TEXT)
    assert set(shown) == set(PICTURES)
    for name in shown:
        assert (ROOT / "docs" / name).stat().st_size > 5_000, name


def test_every_address_it_names_is_a_page(house: House) -> None:
    pages = {str(rule) for rule in create_app(house).url_map.iter_rules()}
    told = set(re.findall(r"`(/[a-z/]+)`", TEXT))
    assert told and told <= pages
