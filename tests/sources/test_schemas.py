"""What may be recorded: each fault is named, one bad case does not cost the others, and a printed case loads again."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cases.facts import RawCase, RawEvent, RawParty, RawRight
from core.errors import BadInput
from crawlers.schemas import load_case, validated
from crawlers.source import ParseResult, Rejected, as_json

CASE = RawCase(
    source="us_cafc",
    venue="v.us.cafc",
    docket_number="24-1001",
    caption="A v. B",
    filed_on=date(2024, 1, 2),
    text="two\nlines",
    url="https://example.org/1",
    parties=(RawParty("A", "appellant", "CN"), RawParty("B", "appellee")),
    rights=(RawRight("patent", "US 7,092,573"),),
    codes={"origin": ("PTO",)},
    events=(RawEvent(date(2025, 3, 4), "OPINION", "x", "https://example.org/2"), RawEvent(None, "ORDER", "")),
    outcome="Affirmed",
)


def changed(**told: Any) -> dict[str, Any]:
    return as_json(CASE) | told


def test_a_printed_case_loads_as_it_was() -> None:
    assert load_case(as_json(CASE)) == CASE


def test_other_numbers_and_the_language_may_be_given() -> None:
    case = load_case(changed(aliases=["24-1002"], language="zh-Hant"))
    assert (case.aliases, case.language) == (("24-1002",), "zh-Hant")


def test_little_is_required() -> None:
    case = load_case({"source": "us_itc", "venue": "v.us.itc", "docket_number": "337-TA-1", "caption": ""})
    assert case == RawCase("us_itc", "v.us.itc", "337-TA-1", "")


@pytest.mark.parametrize(
    ("record", "fault"),
    [
        ({"venue": "v.us.itc"}, "source: Missing data"),
        (changed(venue="v.us.nowhere"), "venue: is no venue of the taxonomy"),
        (changed(venue=7), "venue: Not a valid string"),
        (changed(docket_number=""), "docket_number: Length must be between 1 and 100"),
        (changed(docket_number="x" * 101), "docket_number: Length"),
        (changed(docket_number=" 24-1 "), "begins or ends with white space"),
        (changed(caption="x" * 2001), "caption: Length"),
        (changed(caption="A\x00B"), "control character"),
        (changed(caption="A\ud800B"), "half a surrogate pair"),
        (changed(caption="A\nB"), "control character"),
        (changed(text="\x1b[31m"), "text: holds a control character"),
        (changed(text="x" * 60_001), "text: Longer than maximum length"),
        (changed(filed_on="2024-02-31"), "filed_on: Not a valid date"),
        (changed(filed_on="0201-02-03"), "filed_on: lies outside"),
        (changed(filed_on="2124-02-03"), "filed_on: lies outside"),
        (changed(url="javascript:alert(1)"), "url: is no http or https address"),
        (changed(url="file:///etc/passwd"), "url: is no http or https address"),
        (changed(url="http://[bad"), "url: is no http or https address"),
        (changed(parties=[{"name": "A"}]), "parties[0].role: Missing data"),
        (changed(parties=[{"name": "", "role": "party"}]), "parties[0].name: Length"),
        (changed(parties=[{"name": "A", "role": "Party!"}]), "parties[0].role: String does not match"),
        (
            changed(parties=[{"name": "A", "role": "party", "country": "China"}]),
            "parties[0].country: Two capital",
        ),
        (changed(codes={"nos": "830"}), "codes.nos: Not a valid list"),
        (changed(codes={"NOS": ["830"]}), "codes.NOS"),
        (
            changed(events=[{"on": "2024-01-02", "kind": "", "text": ""}]),
            "events[0]: An event needs a kind or a text",
        ),
        (changed(events=[{"kind": "x", "text": "y" * 20_001}]), "events[0].text: Longer"),
        (changed(events=[{"kind": "x", "on": "1066-10-14"}]), "events[0].on: lies outside"),
        (changed(nonsense=1), "nonsense: Unknown field"),
    ],
)
def test_a_fault_is_named_with_its_place(record: dict[str, Any], fault: str) -> None:
    with pytest.raises(BadInput) as caught:
        load_case(record)
    assert fault in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("record", [None, 7, "text", [1]])
def test_a_record_that_is_no_object_is_bad_input(record: Any) -> None:
    with pytest.raises(BadInput, match="A case is a JSON object"):
        load_case(record)


def test_a_bad_case_is_refused_with_its_reason_and_the_rest_goes_on() -> None:
    bad = RawCase(
        "us_cafc", "v.us.cafc", "24-2", "C v. D", events=(RawEvent(date(1066, 10, 14), "ORDER", "x"),)
    )
    worse = RawCase("us_cafc", "v.nowhere", "", "E v. F")
    before = Rejected(9, "its title is odd", "…")
    result = validated(ParseResult([CASE, bad, worse], [before], items=4))
    assert list(result.cases) == [CASE]
    assert result.items == 4
    assert result.rejected[0] == before
    assert [(r.position, r.reason) for r in result.rejected[1:]] == [
        (1, "events[0].on: lies outside 1900–2099."),
        (2, "venue: is no venue of the taxonomy. (and 1 more)"),
    ]
    assert "24-2" in result.rejected[1].excerpt


def test_what_is_in_order_stays_as_it_is() -> None:
    result = ParseResult([CASE], items=1)
    assert list(validated(result).cases) == [CASE]
    assert list(validated(result).rejected) == []
