"""How far two reviewers agree, and how sure a share is. Pure: numbers in, numbers out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import sqrt

#: two-sided 95 %
_Z = 1.959963984540054


@dataclass(frozen=True)
class Share:
    """A share and Wilson's 95 % interval of it.

    Attributes:
        hits, of: how many of how many.
        value: hits / of; None of nothing.
        low, high: the interval; 0 and 1 of nothing.
    """

    hits: int
    of: int
    value: float | None
    low: float
    high: float


def share(hits: int, of: int) -> Share:
    """``hits`` of ``of`` with the score interval of E. B. Wilson (J. Am. Stat. Assoc. 22, 1927, 209-212).

    Raises ValueError unless 0 <= hits <= of.

    >>> found = share(8, 10)
    >>> round(found.low, 3), round(found.high, 3)
    (0.49, 0.943)
    """
    if not 0 <= hits <= of:
        raise ValueError(f"{hits} of {of} is no share")
    if of == 0:
        return Share(0, 0, None, 0.0, 1.0)
    p, z2 = hits / of, _Z * _Z
    middle = (p + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z / (1 + z2 / of) * sqrt(p * (1 - p) / of + z2 / (4 * of * of))
    return Share(hits, of, p, max(0.0, middle - half), min(1.0, middle + half))


@dataclass(frozen=True)
class Agreement:
    """How two people who judged the same things agree.

    Attributes:
        agreed: the share of things they said the same of.
        kappa: Cohen's kappa: agreement beyond chance, 1 for full; None where both said one thing of everything, so that
            chance explains it all.
        low, high: its 95 % interval by the large-sample standard error; None where there is no kappa.
    """

    agreed: Share
    kappa: float | None
    low: float | None
    high: float | None


def agreement(pairs: Sequence[tuple[Hashable, Hashable]]) -> Agreement:
    """Of (what one said, what the other said) of the same things.

    Kappa after J. Cohen (Educ. Psychol. Meas. 20, 1960, 37-46), its standard error after Fleiss, Cohen and Everitt
    (Psychol. Bull. 72, 1969, 323-327), formula for the unweighted case.
    """
    n = len(pairs)
    same = share(sum(a == b for a, b in pairs), n)
    if n == 0:
        return Agreement(same, None, None, None)
    cell = {pair: count / n for pair, count in Counter(pairs).items()}
    rows: Counter[Hashable] = Counter()
    columns: Counter[Hashable] = Counter()
    for (a, b), p in cell.items():
        rows[a] += p  # type: ignore[assignment]
        columns[b] += p  # type: ignore[assignment]
    observed = sum(p for (a, b), p in cell.items() if a == b)
    expected = sum(rows[label] * columns[label] for label in rows)
    if expected >= 1 - 1e-12:
        return Agreement(same, None, None, None)
    kappa = (observed - expected) / (1 - expected)
    on = sum(p * (1 - (rows[a] + columns[a]) * (1 - kappa)) ** 2 for (a, b), p in cell.items() if a == b)
    off = (1 - kappa) ** 2 * sum(p * (columns[a] + rows[b]) ** 2 for (a, b), p in cell.items() if a != b)
    variance = (on + off - (kappa - expected * (1 - kappa)) ** 2) / (n * (1 - expected) ** 2)
    half = _Z * sqrt(max(0.0, variance))
    return Agreement(same, kappa, max(-1.0, kappa - half), min(1.0, kappa + half))
