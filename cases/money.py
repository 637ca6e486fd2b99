"""Sums of money as sources write them, read so far as they can be added up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

#: how sources write a currency -> ISO 4217; a bare dollar sign is read as the dollar of the United States, since only the
#: dockets of its courts tell a demand
_CURRENCIES = {
    "$": "USD", "US$": "USD", "USD": "USD", "€": "EUR", "EUR": "EUR", "£": "GBP", "GBP": "GBP", "RMB": "CNY", "CNY": "CNY",
    "JPY": "JPY", "KRW": "KRW", "INR": "INR", "AUD": "AUD",
}  # fmt: skip
_SUM = re.compile(
    r"\s*(US\$|\$|€|£|[A-Z]{3})\s?(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?\s*(thousand|million|billion)?\.?\s*",
    re.IGNORECASE,
)
_TIMES = {"": 1, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}


@dataclass(frozen=True)
class Demanded:
    """What is demanded in one currency (ISO 4217) over ``cases`` cases, in whole units of it."""

    currency: str
    total: int
    cases: int


def sum_of(told: str | None) -> tuple[str, Decimal] | None:
    """(currency, amount) of one sum such as ``$75,000`` or ``EUR 1.5 million``; None for anything else, and for nought."""
    match = _SUM.fullmatch(told or "")
    if match is None:
        return None
    sign, whole, part, times = match.groups()
    currency = _CURRENCIES.get(sign.upper())
    amount = Decimal(f"{whole.replace(',', '')}.{part or '0'}") * _TIMES[(times or "").lower()]
    return (currency, amount) if currency is not None and amount else None


def demanded_in(told: Iterable[str | None]) -> Sequence[Demanded]:
    """The sums that can be read, added up by currency, the currency of most cases first."""
    amounts: dict[str, list[Decimal]] = {}
    for one in told:
        if (read := sum_of(one)) is not None:
            amounts.setdefault(read[0], []).append(read[1])
    found = [Demanded(currency, int(sum(each)), len(each)) for currency, each in amounts.items()]
    return sorted(found, key=lambda demanded: -demanded.cases)
