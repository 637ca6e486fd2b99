"""Sums as sources write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.money import demanded_in, sum_of


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("$75,000", ("USD", Decimal(75000))),
        ("US$ 1.50", ("USD", Decimal("1.50"))),
        ("eur 1.5 million", ("EUR", Decimal(1_500_000))),
        ("£12", ("GBP", Decimal(12))),
        ("RMB 3,000,000.00", ("CNY", Decimal(3_000_000))),
        ("$0", None),
        ("$75,00", None),
        ("75,000", None),
        ("XYZ 5", None),
        ("$5 to $6", None),
        ("", None),
        (None, None),
    ],
)
def test_a_sum_is_read_only_where_it_is_one(told: str | None, read: tuple[str, Decimal] | None) -> None:
    assert sum_of(told) == read


@given(st.lists(st.integers(1, 10**9), max_size=20))
def test_what_is_added_up_is_what_was_told(sums: list[int]) -> None:
    found = demanded_in(f"${one:,}" for one in sums)
    assert [(d.total, d.cases) for d in found] == ([(sum(sums), len(sums))] if sums else [])


@given(st.text(max_size=60))
def test_any_text_is_a_sum_or_none(told: str) -> None:
    read = sum_of(told)
    assert read is None or read[1] > 0
