"""Patterns are tried only where what they cannot do without stands: never too seldom, and seldom in vain."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.taxonomy import load_taxonomy
from warning.rules.dockets import Dockets
from warning.rules.engine import prepare
from warning.rules.pieces import Patterns, Pieces
from warning.rules.required import choices_of, needs_digit
from warning.rules.rights import PATTERNS
from warning.rules.tagger import load_rulebook

_OF_RULES = sorted({p for rule in load_rulebook().rules.rules for p in rule.patterns})
_OF_DOCKETS = sorted({docket.pattern for docket in Dockets(load_taxonomy()).all})


@given(st.lists(st.lists(st.text("ab", max_size=3), max_size=3), max_size=6), st.text("ab", max_size=8))
def test_a_reader_is_asked_where_a_piece_of_its_stands(wanted: list[list[str]], raw: str) -> None:
    asked = [n for n, pieces in enumerate(wanted) if not pieces or any(piece in raw for piece in pieces)]
    assert list(Pieces(wanted).asked(raw)) == asked


def test_a_pattern_of_numbers_alone_needs_a_digit() -> None:
    assert needs_digit(r"\b(?:35:(?:1|271)|15:(?:1051|1114)|18:1836)\b(?= [A-Z])")
    assert not needs_digit(r"\b(?:35:(?:1|271)|No)\b")
    assert not needs_digit(r"\b(?:35|28)?x")
    assert not needs_digit(r"\b(?:35|)x")
    assert not needs_digit(r"(?:元|\d{1,2})年")
    assert not needs_digit(r"[1-5G]|[^0-9]")
    assert needs_digit(r"(?:元|令和)\d{1,2}年[1-5]")


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([*_OF_RULES, *_OF_DOCKETS, *PATTERNS]), st.data())
def test_whatever_a_pattern_matches_is_shown_to_it(pattern: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(pattern))
    assert re.search(pattern, text)
    assert Patterns([pattern]).asked(prepare(text)) == [[0]]


@given(st.text("ab1U/ ", max_size=8), st.text("ab1U/ ", max_size=8))
def test_a_pattern_is_not_shown_what_lacks_a_piece_of_it(before: str, after: str) -> None:
    asked = Patterns([r"\bU \d{1,5}/\d{2}\b"]).asked(prepare(f"{before} {after}"))[0]
    text = f"{before} {after}"
    assert list(asked) == ([0] if "U " in text and "/" in text and "1" in text else [])


@pytest.mark.parametrize(
    ("pattern", "rarest"),
    [
        (r"\b337-TA-\d{3,4}\b", ("337-TA-",)),
        (r"\b(?:IPR|PGR)20\d{2}-\d{5}\b", ("IPR20", "PGR20")),
        (r"\bNo\. ?91\d{6}", ("No. 91", "No.91")),
        (r"[(（](?:ワ|ネ)[)）]", ("(ネ)", "(ネ）", "(ワ)", "(ワ）", "（ネ)", "（ネ）", "（ワ)", "（ワ）")),
        (r"(?:foo|bar+)baz?", ("ba", "foo")),
        (r"(?:US)?[$€]\d", ("$", "€")),
        (r"(?:x\d|yz)", ("x", "yz")),
    ],
)
def test_the_rarest_pieces_of_a_pattern(pattern: str, rarest: tuple[str, ...]) -> None:
    assert choices_of(pattern)[0] == rarest


@pytest.mark.parametrize("pattern", [r"\d+", r"(?i)award", r"(?i:award)", r"a*", r"(?:a|\d)", r"(?:ab)?"])
def test_a_pattern_that_may_do_without_any_piece_is_always_tried(pattern: str) -> None:
    assert choices_of(pattern) == []
