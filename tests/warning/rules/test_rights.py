"""Rights named by number."""

from __future__ import annotations

import pytest

from warning.rules.engine import prepare
from warning.rules.model import Evidence
from warning.rules.pieces import Patterns
from warning.rules.rights import PATTERNS, find_claims, find_rights


def find(text: str) -> tuple[tuple[tuple[str, str], ...], list[Evidence]]:
    prepared = prepare(text)
    return find_rights({"text": prepared}, {"text": Patterns(PATTERNS).asked(prepared)[0]})


def numbers(text: str) -> list[tuple[str, str]]:
    """The rights of one text."""
    return list(find(text)[0])


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
        ("专利号ZL201510123456.7", [("patent", "CN ZL201510123456.7")]),
        ("特許第6123456号と意匠登録第1712345号", [("patent", "JP 6123456"), ("design", "JP 1712345")]),
        ("商標登録第5123456号", [("trademark", "JP 5123456")]),
        ("국내 특허 제10-1234567호", [("patent", "KR 10-1234567")]),
        ("DE 10 2015 123 456 B4", [("patent", "DE 10 2015 123 456")]),
        ("Gebrauchsmuster DE 20 2016 123 456", [("utility_model", "DE 20 2016 123 456")]),
        ("GB 2 345 678", [("patent", "GB 2 345 678")]),
        ("EU trade mark No. 012345678", [("trademark", "EU 012345678")]),
        ("Community design 001234567-0001", [("design", "EU 001234567-0001")]),
        ("copyright registration VA 2-123-456", [("copyright", "US VA 2-123-456")]),
        ("the '952 patent", []),
        ("telephone 10-1234567, order 6123456", []),
        ("500 E Street SW, Washington, DC 20436", []),
        ("in 2021, 2022 and 2023", []),
        ("telephone (202) 205-2000", []),
    ],
)
def test_a_number_is_a_right_where_the_words_say_so(text: str, rights: list[tuple[str, str]]) -> None:
    assert numbers(text) == rights


def test_a_right_named_twice_is_told_once_with_its_span() -> None:
    text = "U.S. Patent No. 9,123,456; again U.S. Patent No. 9,123,456"
    rights, evidence = find(text)
    assert rights == (("patent", "US 9,123,456"),)
    assert [text[e.start : e.end] for e in evidence] == ["9,123,456"]


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        (
            "claims 1, 4, 16, and 19 of U.S. Patent No. 9,483,935 and claim 2 of U.S. Patent No. 7,956,718",
            [("US 9,483,935", "1, 4, 16, 19"), ("US 7,956,718", "2")],
        ),
        ("Claims 1-8 and 10 of U.S. Patent No. 10,813,517", [("US 10,813,517", "1-8, 10")]),
        ("claims of U.S. Patent No. 9,483,935", []),
        ("he claims 3 of the boxes", []),
    ],
)
def test_the_claims_in_dispute_are_told_with_their_patent(text: str, claims: list[tuple[str, str]]) -> None:
    found, evidence = find_claims({"text": prepare(text)})
    assert list(found) == claims
    assert all(text[e.start : e.end] == e.text for e in evidence)
