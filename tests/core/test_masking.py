"""Masks keep enough to tell two people apart and too little to reach or name them."""

from __future__ import annotations

import pytest

from core.masking import masked


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("li.ming@firm.cn", "l***@firm.cn"),
        ("13800001234", "138****1234"),
        ("+86 138 0000 1234", "861****1234"),
        ("8888 1234", "****234"),
        ("李慕白", "李**"),
        ("欧阳若琳", "欧**"),
        ("李工", "李*"),
        ("John Smith", "J*** S***"),
        ("", "–"),
        (None, "–"),
    ],
)
def test_by_its_shape(value: str | None, shown: str) -> None:
    assert masked(value) == shown
