"""Courts, numbers, captions, roles."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from cases.taxonomy import load_taxonomy
from cases.taxonomy.zones import us_court_zone
from crawlers.us_courts import (
    caption_parties,
    country_of,
    court_code,
    court_in_address,
    court_venue,
    docket_number,
    in_re,
    party_role,
    sides,
    split_number,
)

COURTS = [
    court_code(venue)
    for venue in load_taxonomy().venues.values()
    if venue.id.startswith("v.us.") and venue.type == "court"
]


def test_every_federal_court_is_known() -> None:
    assert len([c for c in COURTS if c.endswith("d")]) == 94
    assert len([c for c in COURTS if c.endswith("b")]) == 94
    assert {f"ca{n}" for n in range(1, 12)} | {"cadc", "cafc", "cit", "cofc", "jpml", "scotus"} <= set(COURTS)


def test_a_court_may_be_called_as_courtlistener_calls_it() -> None:
    known = {
        "arb": "azb",
        "nebraskab": "neb",
        "uscfc": "cofc",
        "sdny": "nysd",
        "NYSD": "nysd",
        "ca10": "ca10",
    }
    for code, ours in known.items():
        venue = court_venue(code)
        assert venue is not None and venue.id == f"v.us.{ours}"


@pytest.mark.parametrize("code", ["", None, "xyzd", "itc", "ptab", "v.us.itc", "Federal Circuit"])
def test_what_is_no_court_of_cm_ecf_is_none(code: str | None) -> None:
    venue = court_venue(code)
    assert venue is None or venue.id == "v.us.cafc"


def test_every_court_has_a_clock() -> None:
    for court in COURTS:
        ZoneInfo(us_court_zone(court))


@pytest.mark.parametrize(
    ("court", "zone"),
    [
        ("cacd", "America/Los_Angeles"), ("ca1", "America/New_York"), ("ca10", "America/Denver"),
        ("ca11", "America/New_York"), ("ca5", "America/Chicago"), ("cafc", "America/New_York"),
        ("cadc", "America/New_York"), ("cod", "America/Denver"), ("cofc", "America/New_York"),
        ("tned", "America/New_York"), ("tnmd", "America/Chicago"), ("kywd", "America/New_York"),
        ("nmid", "Pacific/Guam"), ("nmd", "America/Denver"), ("nmb", "America/Denver"), ("azd", "America/Phoenix"),
        ("txed", "America/Chicago"), ("ded", "America/New_York"), ("innd", "America/New_York"),
        ("cit", "America/New_York"), ("hid", "Pacific/Honolulu"),
    ],
)  # fmt: skip
def test_a_court_keeps_the_clock_of_its_seat(court: str, zone: str) -> None:
    assert us_court_zone(court) == zone


@pytest.mark.parametrize(
    ("title", "number", "rest"),
    [
        ("1:17-cr-00554-MKB USA v. X", "1:17-cr-00554", "USA v. X"),
        ("1:12-cv-04402-PKC-CLP A v. B", "1:12-cv-04402", "A v. B"),
        ("1:18-cr-00224-1 USA v. X", "1:18-cr-00224", "USA v. X"),
        ("2:18-cv-00395-ADS-AKT", "2:18-cv-00395", ""),
        ("18-10509-shl Alpha LLC", "18-10509", "Alpha LLC"),
        ("18-90003", "18-90003", ""),
        ("8:17-ap-01023-MW A v. B", "8:17-ap-01023", "A v. B"),
        ("1:18-bk-12345 A", "1:18-bk-12345", "A"),
        ("11-8 A v. B", "11-8", "A v. B"),
        ("22-1495 In re: A", "22-1495", "In re: A"),
        ("1:24-CV-00001 A", "1:24-cv-00001", "A"),
        ("MDL No. 2168 IN RE: A", "MDL No. 2168", "IN RE: A"),
    ],
)
def test_a_title_begins_with_its_number(title: str, number: str, rest: str) -> None:
    assert split_number(title) == (number, rest)


@pytest.mark.parametrize("title", ["", "Notice", "A v. B", "1:18 x", "-cv-1", "2018"])
def test_a_title_without_a_number_has_none(title: str) -> None:
    assert split_number(title) is None


def test_a_number_of_no_known_form_stays_as_written() -> None:
    assert docket_number("Misc. 7 of 1999") == "Misc. 7 of 1999"


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("A, Inc. et al v. B Co., Ltd. et al", ("A, Inc.", "B Co., Ltd.")),
        ("A vs. B, et al.", ("A", "B")),
        ("A v B", ("A", "B")),
        ("ALPHA V. BETA", ("ALPHA", "BETA")),
        ("Drew V. Lounsbury v. Beta", ("Drew V. Lounsbury", "Beta")),
        ("A -v- B", ("A", "B")),
        ("A v. B v. C", ("A", "B v. C")),
        ("In re A", None),
        ("A et al v.", None),
        ("Volvo", None),
    ],
)
def test_a_caption_has_two_sides_or_none(caption: str, expected: tuple[str, str] | None) -> None:
    assert sides(caption) == expected
    assert [p.name for p in caption_parties(caption, "plaintiff", "defendant")] == list(expected or ())


def test_a_matter_of_one_is_told() -> None:
    assert in_re("In Re: ALPHA, INC.") == "ALPHA, INC."
    assert in_re("IN RE ALPHA et al") == "ALPHA"
    assert in_re("Inreal v. B") is None


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        ("Plaintiff", "plaintiff"), ("Consol Plaintiff", "plaintiff"), ("Defendants", "defendant"),
        ("Defendant (1)", "defendant"), ("Intervenor Defendant", "defendant"), ("Petitioner", "petitioner"),
        ("Respondent", "respondent"), ("Appellant", "appellant"), ("Debtor", "party"), ("Amicus", "party"),
        ("Counter Claimant", "party"), ("", "party"), ("U.S. Trustee", "party"),
    ],
)  # fmt: skip
def test_a_kind_of_party_is_a_role(kind: str, role: str) -> None:
    assert party_role(kind) == role


@pytest.mark.parametrize(
    ("about", "country"),
    [
        ("a Delaware corporation", "US"), ("a New Jersey Corporation", "US"), ("a Georgia corporation", "US"),
        ("a Chinese limited liability company", "CN"), ("a company of the People's Republic of China", "CN"),
        ("a Hong Kong corporation", "HK"), ("a Taiwanese corporation", "TW"), ("a business entity of form unknown", None),
        ("TERMINATED: 02/02/2024", None), ("doing business as China Wok Company", None), ("", None),
        ("a Delaware corporation with a parent in China", "US"),
    ],
)  # fmt: skip
def test_a_description_may_name_a_country(about: str, country: str | None) -> None:
    assert country_of(about) == country


def test_an_address_names_its_court() -> None:
    assert court_in_address("https://ecf.ca10.uscourts.gov/n/beam/x") == "ca10"
    assert court_in_address("https://tdi.ilnb.uscourts.gov/wwwroot/RSS/rss_outside.xml") == "ilnb"
    for other in (
        "https://example.org/ecf.ded.uscourts.gov",
        "https://ecf.ded.uscourts.gov.evil.example/",
        "",
    ):
        assert court_in_address(other) is None
