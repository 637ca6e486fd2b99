"""Is it an IP case? Only a structured field shows it."""

from __future__ import annotations

import pytest

from cases.facts import RawCase, RawParty
from crawlers.registry import get_source
from crawlers.relevance import is_ip

CAFC, FEED, DOCKET, BOARD = (
    get_source(s).SPEC for s in ("us_cafc", "us_pacer_rss", "us_pacer_docket", "us_ttab")
)


def case(codes: dict[str, tuple[str, ...]], *parties: RawParty) -> RawCase:
    return RawCase("x", "v.us.cafc", "24-1", "A v. B", parties=parties, codes=codes)


@pytest.mark.parametrize(("nature", "shown"), [("830", True), ("840", True), ("880", True), ("890", False)])
def test_a_nature_of_suit_decides(nature: str, shown: bool) -> None:
    assert is_ip(case({"nos": (nature,)}), DOCKET) is shown


@pytest.mark.parametrize(
    ("origin", "shown"), [("PTO", True), ("ITC", True), ("DCT", True), ("CFC", False), ("RIT", False)]
)
def test_an_origin_decides(origin: str, shown: bool) -> None:
    assert is_ip(case({"origin": (origin,)}), CAFC) is shown


@pytest.mark.parametrize(
    "name", ["US", "United States", "DEPARTMENT OF VETERANS AFFAIRS", "The United States of America"]
)
def test_a_claim_against_the_united_states_from_a_district_court_waits(name: str) -> None:
    # 28 U.S.C. § 1295(a)(2): small claims; patent suits against it begin in the Court of Federal Claims.
    told = case({"origin": ("DCT",)}, RawParty("ARMSTRONG", "plaintiff"), RawParty(name, "defendant"))
    assert not is_ip(told, CAFC)


def test_a_firm_whose_name_begins_so_is_no_government() -> None:
    told = case(
        {"origin": ("DCT",)}, RawParty("US SYNTHETIC CORP.", "plaintiff"), RawParty("USAA", "defendant")
    )
    assert is_ip(told, CAFC)


def test_without_a_field_the_source_decides() -> None:
    assert is_ip(case({}), BOARD)
    assert not is_ip(case({}), FEED)


@pytest.mark.parametrize(
    ("kinds", "shown"), [(("337",), True), (("731",), False), (("701", "731"), False), (("332",), False)]
)
def test_a_kind_of_investigation_decides(kinds: tuple[str, ...], shown: bool) -> None:
    for source in ("us_edis", "us_itc_ids", "us_federal_register"):
        assert is_ip(case({"investigation": kinds}), get_source(source).SPEC) is shown


@pytest.mark.parametrize(
    ("courts", "shown"),
    [
        (("ewhc/pat",), True),
        (("ewhc/ipec", "ewhc-chancery-ipec"), True),
        (("ewhc/ch", "ewhc-chancery-intellectualproperty"), True),
        (("ewhc/ch", "ewhc-chancery-business"), False),
        (("ewca/civ", "ewca-civil"), False),
        (("uksc",), False),
    ],
)
def test_a_court_decides(courts: tuple[str, ...], shown: bool) -> None:
    assert is_ip(case({"court": courts}), get_source("uk_fcl").SPEC) is shown


@pytest.mark.parametrize("source", ["upc_decisions", "us_ptab"])
def test_a_forum_that_hears_nothing_but_patents_decides_by_being_itself(source: str) -> None:
    assert is_ip(case({}), get_source(source).SPEC)
