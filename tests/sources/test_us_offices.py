"""What United States offices write alike: investigation and patent numbers, lists of firms, places."""

from __future__ import annotations

import pytest

from cases.facts import RawRight
from crawlers.us_offices import (
    country_at,
    docket_of,
    firms,
    investigation,
    investigations,
    numbered,
    patent,
    patents_in,
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Inv. No. 337-TA-1458 (Violation)", ("337-TA-1458", "337")),
        ("337-1458", ("337-TA-1458", "337")),
        ("337-3673", ("337-3673", "337")),
        ("Investigation Nos. 731-TA-1571-1573", ("731-TA-1571", "731")),
        ("332-592", ("332-592", "332")),
        ("337-TA-045", ("337-TA-45", "337")),
        ("telephone (202) 205-3347", None),
        ("call 201-555-1234", None),
        ("1337-12", None),
        ("", None),
    ],
)
def test_an_investigation_is_found_in_words(text: str, number: tuple[str, str] | None) -> None:
    assert investigation(text) == number


def test_every_investigation_of_a_text_is_told_once() -> None:
    told = investigations("337-TA-1205 and 337-TA-1206 (337-TA-1205)")
    assert [number for number, _ in told] == ["337-TA-1205", "337-TA-1206"]


@pytest.mark.parametrize(
    ("field", "number"), [("103-011", "103-011"), ("731-1103", "731-TA-1103"), ("337-000", None)]
)
def test_a_field_holds_one_number_of_whatever_kind(field: str, number: str | None) -> None:
    assert (numbered(field) or (None,))[0] == number


@pytest.mark.parametrize(
    ("written", "docket"),
    [("3866", "337-3866"), ("DN 3866", "337-3866"), ("Docket No. 3866", "337-3866"), ("337-3866", "337-3866"),
     ("45", None), ("0012", None), ("337-TA-1458", None), ("", None)],
)  # fmt: skip
def test_a_complaints_docket_number_is_none_of_an_investigation(written: str, docket: str | None) -> None:
    assert docket_of(written) == docket


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("11329655", ("patent", "US 11,329,655")),
        ("9,548,839", ("patent", "US 9,548,839")),
        ("US10203040B2", ("patent", "US 10,203,040")),
        ("D579868", ("design", "US D579,868")),
        ("RE45,123", ("patent", "US RE45,123")),
        ("123456", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_patent_is_one_however_it_is_written(written: str, right: tuple[str, str] | None) -> None:
    assert patent(written) == (RawRight(*right) if right else None)


def test_patents_are_read_behind_the_words_that_say_so() -> None:
    text = 'U.S. Patent No. 7,845,228 ("the \'228 patent"); Patent Nos. D579,868, D580,353 and 9,548,839; $9,111,222'
    assert [r.number for r in patents_in(text)] == [
        "US 7,845,228",
        "US D579,868",
        "US D580,353",
        "US 9,548,839",
    ]


@pytest.mark.parametrize(
    ("listed", "names"),
    [
        ("A, Inc., B Corporation, and C USA Corporation", ["A, Inc.", "B Corporation", "C USA Corporation"]),
        ("Allergan plc and Allergan, Inc.", ["Allergan plc", "Allergan, Inc."]),
        ("Smith and Nephew, Inc.", ["Smith and Nephew, Inc."]),
        ("Daewoong Pharmaceuticals Co., Ltd.", ["Daewoong Pharmaceuticals Co., Ltd."]),
        ("Alpha Co. Ltd. et al.", ["Alpha Co. Ltd."]),
        ("深圳阿尔法有限公司", ["深圳阿尔法有限公司"]),
        ("", []),
        (" , ; and ", ["and"]),
    ],
)
def test_a_list_is_parted_where_a_name_has_ended(listed: str, names: list[str]) -> None:
    assert firms(listed) == names


@pytest.mark.parametrize(
    ("place", "country"),
    [
        ("Brea, California", "US"), ("Atlanta, Georgia", "US"), ("the Netherlands", "NL"), ("Suwon, Republic of Korea", "KR"),
        ("the British Virgin Islands", "VG"), ("Fotan, New Territories, Hong Kong", "HK"), ("Shanghai, China", "CN"),
        ("United States of America", "US"), ("Taiwan", "TW"), ("Macau", "MO"), ("Mars", None), ("", None),
    ],
)  # fmt: skip
def test_a_place_lies_in_a_country(place: str, country: str | None) -> None:
    assert country_at(place) == country
