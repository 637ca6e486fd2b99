"""The catalogue is complete, current and compiled: no reader meets a key."""

from __future__ import annotations

import ast
import io
import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from config import ROOT

FOLDER = ROOT / "translations" / "zh_Hans_CN" / "LC_MESSAGES"
Key = Any


def _catalogue(name: str) -> Catalog:
    with (FOLDER / name).open("rb") as stream:
        return read_po(stream, locale="zh_Hans_CN")


@pytest.fixture(scope="module")
def extracted() -> set[Key]:
    """What the program and its templates ask a catalogue for."""
    mapping, options = parse_mapping_cfg(io.StringIO((ROOT / "babel.cfg").read_text()))
    found = extract_from_dir(
        str(ROOT), mapping, options, keywords={**DEFAULT_KEYWORDS, "said": None}, comment_tags=()
    )
    keys = {message for _, _, message, _, _ in found}
    assert len(keys) > 200
    return keys


def test_every_message_is_translated_and_none_is_left_over(extracted: set[Key]) -> None:
    catalogue = _catalogue("messages.po")
    there = {message.id for message in catalogue if message.id}
    assert extracted - there == set(), "not in messages.po"
    assert there - extracted == set(), "in messages.po, and nobody asks for it"


@pytest.mark.parametrize("name", ["messages", "flask_security"])
def test_no_entry_is_empty_fuzzy_or_obsolete(name: str) -> None:
    catalogue = _catalogue(f"{name}.po")
    for message in catalogue:
        if message.id:
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            assert all(texts), message.id
            assert not message.fuzzy, message.id
    assert list(catalogue.obsolete) == []


@pytest.mark.parametrize("name", ["messages", "flask_security"])
def test_places_are_kept_by_the_translation(name: str) -> None:
    for message in _catalogue(f"{name}.po"):
        if message.id:
            assert list(message.check()) == [], message.id


def test_a_percent_sign_is_written_twice() -> None:
    """The templates fill places into every text, whether it has any or not."""
    texts = [
        text for m in _catalogue("messages.po") if m.id for key in (m.id, m.string) for text in _listed(key)
    ]
    assert [text for text in texts if re.search(r"%(?!\()", text.replace("%%", ""))] == []


def _listed(key: Key) -> tuple[str, ...]:
    return (key,) if isinstance(key, str) else tuple(key)


@pytest.mark.parametrize("name", ["messages", "flask_security"])
def test_the_compiled_catalogue_is_in_step(name: str) -> None:
    with (FOLDER / f"{name}.mo").open("rb") as stream:
        compiled = {_key(m.id): _key(m.string) for m in read_mo(stream) if m.id}
    assert compiled == {_key(m.id): _key(m.string) for m in _catalogue(f"{name}.po") if m.id}


def _key(text: Key) -> Key:
    return text if isinstance(text, str) else tuple(text)


def test_english_words_are_never_the_translation() -> None:
    kept = {"PDF", "CSV", ": "}
    for message in _catalogue("messages.po"):
        if message.id and message.id not in kept:
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            for text in texts:
                assert any("\u3000" <= c <= "\u9fff" or "\uff00" <= c <= "\uffef" for c in text), message.id


def test_every_rule_and_doubt_of_the_name_resolver_has_words() -> None:
    words = (ROOT / "templates" / "_words.html").read_text(encoding="utf-8")
    phrases = {p for name in ("index.py", "doubts.py") for p in _phrases(ROOT / "cases" / "names" / name)}
    assert len(phrases) >= 20
    for phrase in phrases:
        assert f'"{phrase}":' in words, phrase


def _phrases(path: Path) -> set[str]:
    """What a file of the resolver gives as a rule or as a doubt: its phrases in plain words, but for docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))}  # fmt: skip
    found = {c.value for c in ast.walk(tree) if isinstance(c, ast.Constant) and isinstance(c.value, str)}
    return {text for text in found - told if re.fullmatch("[a-z]+( [A-Za-z]+)+", text)}
