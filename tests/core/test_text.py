"""Folding keeps every character's place."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import collapse, fold, fold_accents, fold_table, join_cjk, other_number
from search.highlight import highlight_spans, segments, snippet


@given(st.text())
def test_folding_never_moves_a_character(text: str) -> None:
    assert len(fold(text)) == len(text) == len(fold_accents(text))


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_what_folds_and_what_does_not() -> None:
    assert fold("ＡＢＣ 專利 İ ﬁ Zürich") == "abc 专利 İ ﬁ zürich"
    assert fold_accents("Zürich") == "zurich"


def test_collapse_drops_invisible_characters() -> None:
    assert collapse(" a\u200bb \n c\u00ad ") == "ab c"


@given(st.text(alphabet="专利 ab侵", max_size=60), st.text(alphabet="专利 ab侵", max_size=8))
def test_segments_put_together_are_the_text(text: str, query: str) -> None:
    spans = highlight_spans(text, query)
    assert "".join(piece for piece, _ in segments(text, spans)) == text


def test_highlights_are_the_words_asked_for() -> None:
    text = "SZ DJI Technology 涉嫌專利侵權"
    assert [text[a:b] for a, b in highlight_spans(text, "专利侵权 dji")] == ["DJI", "專利侵權"]


def test_a_snippet_shows_the_hit() -> None:
    pieces = snippet("x " * 500 + "drone " + "y " * 500, "drone", width=100)
    assert ("drone", True) in pieces
    assert sum(len(p) for p, _ in pieces) < 200


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_text_folds_as_the_table_says(text: str) -> None:
    assert fold(text) == text.translate(fold_table())
    assert fold_accents(text + "é")[:-1] == fold_accents(text)


@given(st.text(st.sampled_from("a é中\u200b\u00ad\ufeff\n\u3000")))
def test_collapsing_is_what_a_plain_loop_does(text: str) -> None:
    assert collapse(text) == " ".join("".join(c for c in text if unicodedata.category(c) != "Cf").split())


@pytest.mark.parametrize(
    ("phrase", "other"),
    [
        ("drone", "drones"), ("drones", "drone"), ("battery", "batteries"), ("batteries", "battery"), ("x-ray", "x-rays"),
        ("switch", "switches"), ("glass", "glasses"), ("apparatus", "apparatuses"), ("smart tv", "smart tvs"),
        ("ces", ""), ("m2 pro 5", ""), ("无人机", ""), ("café", ""), ("", ""),
    ],
)  # fmt: skip
def test_the_other_number_of_an_english_phrase(phrase: str, other: str) -> None:
    assert other_number(phrase) == other


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("双面 电动 工具", "双面电动工具"),
        ("一 个 drone 二", "一个 drone 二"),
        ("전동 공구", "전동 공구"),
        ("a b", "a b"),
        ("ドローン カメラ", "ドローンカメラ"),
    ],
)
def test_blanks_within_chinese_are_no_boundary(text: str, joined: str) -> None:
    assert join_cjk(text) == joined
