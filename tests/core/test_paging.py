"""Cursors: what goes in comes out, and nothing else is taken."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput
from core.paging import decode_cursor, encode_cursor, id_in_cursor

VALUES = st.lists(
    st.one_of(
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
        st.integers(-(2**63) + 1, 2**63 - 1),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


@given(VALUES)
def test_a_cursor_comes_back_whole(values: list[object]) -> None:
    assert decode_cursor(encode_cursor(values), len(values)) == values


@given(VALUES)
def test_a_cursor_of_another_length_is_refused(values: list[object]) -> None:
    with pytest.raises(BadInput):
        decode_cursor(encode_cursor(values), len(values) + 1)


@given(st.text(max_size=80))
def test_anything_else_is_refused_or_a_list(text: str) -> None:
    try:
        assert isinstance(decode_cursor(text, 2), list)
    except BadInput as error:
        assert error.fix


@pytest.mark.parametrize(
    "values",
    [["a\0b", 1], [2**63, 1], [float("inf"), 1], [float("nan"), 1]],
    ids=["NUL", "huge", "inf", "nan"],
)
def test_what_no_database_takes_is_refused(values: list[object]) -> None:
    with pytest.raises(BadInput):
        decode_cursor(encode_cursor(values), 2)


def test_deep_nesting_is_refused() -> None:
    import base64

    with pytest.raises(BadInput):
        decode_cursor(base64.urlsafe_b64encode(b"[" * 200_000).decode(), 2)


def test_an_id_in_a_cursor_is_one() -> None:
    known = uuid.uuid4()
    assert id_in_cursor(str(known)) == known
    for bad in ("x", 1, None, {}):
        with pytest.raises(BadInput):
            id_in_cursor(bad)
