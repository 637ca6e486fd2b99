from __future__ import annotations

from pathlib import Path

import pytest

from cases.glossary import load_glossary, read_glossary
from core.errors import RulebookInvalid


def test_an_english_record_gains_the_chinese_words_of_what_it_speaks_of() -> None:
    words = load_glossary().other_words("Accused products: Unmanned Aerial Vehicles (Drones).")
    assert "无人机" in words
    assert "机器人" not in words


def test_a_chinese_record_gains_the_english_words() -> None:
    assert "drone" in load_glossary().other_words("被诉产品为無人機")


def test_a_word_inside_a_longer_one_does_not_count() -> None:
    # "rice" in "price", "tea" in "team", "led" in "filed"
    assert load_glossary().other_words("The team filed a price list.") == []


def test_what_is_said_in_both_languages_gains_nothing() -> None:
    assert load_glossary().other_words("无人机 drone") == []


def test_a_row_without_both_languages_is_named(tmp_path: Path) -> None:
    path = tmp_path / "glossary.yml"
    path.write_text("terms:\n  - {zh: [甲], en: [a]}\n  - {zh: [乙]}\n")
    with pytest.raises(RulebookInvalid, match="row 2"):
        read_glossary(path)
