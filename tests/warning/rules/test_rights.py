"""Rights named by number."""

from __future__ import annotations

import pytest

from warning.rules.engine import prepare
from warning.rules.rights import find_rights


def numbers(text: str) -> list[tuple[str, str]]:
    """The rights of one text."""
    return list(find_rights({"text": prepare(text)})[0])


@pytest.mark.parametrize(
    ("text", "rights"),
    [
        ("U.S. Patent No. 9,123,456", [("patent", "US 9,123,456")]),
        (
            "U.S. Patent Nos. 9,123,456; 10,234,567 and 11,345,678",
            [("patent", "US 9,123,456"), ("patent", "US 10,234,567"), ("patent", "US 11,345,678")],
        ),
        ("U.S. Design Patent No. D579,868", [("design", "US D579,868")]),
        ("专利号 9,548,839", [("patent", "US 9,548,839")]),
        ("US 9,548,839 and US 12,267,876", [("patent", "US 9,548,839"), ("patent", "US 12,267,876")]),
        ("EP 3 065 184 B1", [("patent", "EP 3 065 184")]),
        ("EP3557917", [("patent", "EP 3 557 917")]),
        ("Trademark Registration No. 4,123,456", [("trademark", "4,123,456")]),
        ("the '952 patent", []),
        ("500 E Street SW, Washington, DC 20436", []),
        ("in 2021, 2022 and 2023", []),
        ("telephone (202) 205-2000", []),
    ],
)
def test_a_number_is_a_right_where_the_words_say_so(text: str, rights: list[tuple[str, str]]) -> None:
    assert numbers(text) == rights


def test_a_right_named_twice_is_told_once_with_its_span() -> None:
    text = "U.S. Patent No. 9,123,456; again U.S. Patent No. 9,123,456"
    rights, evidence = find_rights({"text": prepare(text)})
    assert rights == (("patent", "US 9,123,456"),)
    assert [text[e.start : e.end] for e in evidence] == ["9,123,456"]
