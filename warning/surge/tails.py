"""Tails and quantiles of a count whose variance is its mean times a dispersion.

A dispersion of one is Poisson; above one it is the negative binomial of size ``mean / (dispersion - 1)``, the choice of
Noufaily et al., "An improved algorithm for outbreak detection in multiple surveillance systems", Statistics in Medicine
32 (2013), doi 10.1002/sim.5595, section 3.4.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]

#: below this a dispersion counts as one: the negative binomial's size would pass what a float can tell apart
_POISSON = 1 + 1e-9


def tail(count: Floats, mean: Floats, dispersion: Floats) -> Floats:
    """P(Y >= count), elementwise; 1 for a count of nought, and 0 for any case where none can come (a mean of nought).

    ``count`` and ``mean`` are cases, ``dispersion`` (variance over mean) is at least one; the three broadcast.
    """
    count, mean, dispersion = np.broadcast_arrays(count, mean, dispersion)
    at_least, positive = np.maximum(count, 1), np.maximum(mean, 1e-300)
    spread = dispersion > _POISSON
    surplus = np.where(spread, dispersion, 2) - 1
    scattered = special.betainc(at_least, positive / surplus, surplus / (surplus + 1))
    p = np.where(spread, scattered, special.gammainc(at_least, positive))
    return np.where(count <= 0, 1.0, p)


def limit(mean: Floats, dispersion: Floats, alpha: float) -> Floats:
    """The smallest count u with P(Y > u) <= alpha: more than u is an alarm. Nought where the mean is nought.

    Shapes and units as for `tail`; ``alpha`` is between nought and one. Found by halving on `tail`, so that the two never
    disagree; the quantiles of scipy's distributions do not return for some means and dispersions.
    """
    mean, dispersion = np.broadcast_arrays(mean, dispersion)
    # P(Y > low) is above alpha; high is doubled until P(Y > high) is not.
    low = np.full(mean.shape, -1.0)
    high = np.ceil(mean + 4 * np.sqrt(mean * dispersion) + 4 * dispersion)
    while (short := tail(high + 1, mean, dispersion) > alpha).any():
        low, high = np.where(short, high, low), np.where(short, 2 * high, high)
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        above = tail(middle + 1, mean, dispersion) > alpha
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    found: Floats = high
    return found
