"""The flexible Farrington method, as published: expected cases and dispersion of one week from five years before it.

Farrington, Andrews, Beale and Catchpole, "A statistical algorithm for the early detection of outbreaks of infectious
disease", JRSS A 159 (1996); Noufaily et al. (2013), doi 10.1002/sim.5595. A quasi-Poisson log-linear model holds a trend
in time and ten season levels: the weeks within three of the same week in earlier years, and nine blocks of five weeks.
Weeks that stood out in the past count for less (section 3.3: Anscombe residuals s above 2.58 weigh s to the minus two).

The season levels have a closed form once the slope is known, so that a fit is a search in one dimension. Rows are fitted
side by side; nothing is shared between them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from warning.surge.tails import Floats

SEASON = 52
YEARS = 5
#: weeks before the judged one that are left out, so that a surge under way does not teach the fit
GAP = 26
_HALF = 3
_BLOCK = 5
_OUTLIER = 2.58
#: weeks of history a judged week needs: 5 × 52 + 3
NEEDED = SEASON * YEARS + _HALF

#: the baseline's weeks counted from the judged one, oldest first (−263 … −27)
WEEKS: Floats = -np.arange(NEEDED, GAP, -1, dtype=np.float64)


def _season_levels() -> Floats:
    """(weeks × levels) of noughts and ones: level 0 is the judged week's own time of the year."""
    ahead = WEEKS.astype(int) % SEASON
    level = np.where((ahead <= _HALF) | (ahead >= SEASON - _HALF), 0, (ahead - _HALF - 1) // _BLOCK + 1)
    belongs: Floats = (level[:, None] == np.arange(level.max() + 1)).astype(np.float64)
    return belongs


_LEVELS = _season_levels()
_LEVELS_T, _LEVELS_TT = _LEVELS * WEEKS[:, None], _LEVELS * WEEKS[:, None] ** 2


@dataclass(frozen=True)
class Expected:
    """What the history leads one to expect of the judged week; every part has a value a row."""

    mean: Floats  #: cases
    dispersion: Floats  #: variance over mean, at least one
    trend: np.ndarray  #: whether a trend was kept


@dataclass(frozen=True)
class _Fit:
    expected: Expected
    fitted: Floats  #: rows × weeks, cases
    leverage: Floats  #: rows × weeks


def fit(history: Floats) -> Expected:
    """What the week after each history should bring. ``history`` is rows × 237 weekly counts, laid out as `WEEKS`.

    The trend is left out, and the model fitted again, where it would lead to more than the history ever held.
    Raises ValueError when the history has another length.
    """
    if history.ndim != 2 or history.shape[1] != WEEKS.size:
        raise ValueError(f"history has the shape {history.shape}; it must be rows × {WEEKS.size} weeks")
    counts = history.astype(np.float64)
    found = _twice(counts, trend=True).expected
    wild = found.mean > counts.max(axis=1, initial=0)
    if not wild.any():
        return found
    level = _twice(counts[wild], trend=False).expected
    mean, dispersion = found.mean.copy(), found.dispersion.copy()
    mean[wild], dispersion[wild] = level.mean, level.dispersion
    return replace(found, mean=mean, dispersion=dispersion, trend=~wild)


def _twice(counts: Floats, *, trend: bool) -> _Fit:
    """Fit, weigh down what stood out, and fit again."""
    first = _once(counts, np.ones_like(counts), trend=trend)
    return _once(counts, _weights(counts, first), trend=trend)


def _once(counts: Floats, weights: Floats, *, trend: bool) -> _Fit:
    totals = (weights * counts) @ _LEVELS
    slope = _slope(counts, weights, totals) if trend else np.zeros(len(counts))
    growth = np.exp(slope[:, None] * WEEKS)
    level = totals / ((weights * growth) @ _LEVELS)
    fitted = growth * (level @ _LEVELS.T)
    information = weights * fitted
    leverage, parameters = _leverage(information, trend=trend), _LEVELS.shape[1] + trend
    squares = np.where(fitted > 0, (counts - fitted) ** 2 / np.where(fitted > 0, fitted, 1), 0)
    dispersion = (weights * squares).sum(axis=1) / (counts.shape[1] - parameters)
    expected = Expected(level[:, 0], np.maximum(1, dispersion), np.full(len(counts), trend))
    return _Fit(expected, fitted, leverage)


def _slope(counts: Floats, weights: Floats, totals: Floats) -> Floats:
    """The slope a week of each row, by Newton on the likelihood with the levels at their best for each slope."""
    slope, moment = np.zeros(len(counts)), (weights * counts) @ WEEKS
    for _ in range(60):
        growth = weights * np.exp(slope[:, None] * WEEKS)
        mass = growth @ _LEVELS
        centre = (growth @ _LEVELS_T) / mass
        spread = (growth @ _LEVELS_TT) / mass - centre**2
        gradient = moment - (totals * centre).sum(axis=1)
        curvature = (totals * spread).sum(axis=1)
        # A step is bounded: the likelihood of a near-empty history is so flat that a full one would overflow.
        step = np.clip(
            np.divide(gradient, curvature, out=np.zeros_like(slope), where=curvature > 0), -0.02, 0.02
        )
        slope += step
        if np.abs(step).max(initial=0) < 1e-10:
            break
    return slope


def _leverage(information: Floats, *, trend: bool) -> Floats:
    """The diagonal of the hat matrix: each week's share in its season level, and in the slope."""
    held = information @ _LEVELS
    safe = np.where(held > 0, held, 1)
    share = information * ((held > 0) / safe @ _LEVELS.T)
    if not trend:
        return share
    centre = (information @ _LEVELS_T) / safe
    away = WEEKS - centre @ _LEVELS.T
    pull = information * away * away
    whole: Floats = share + pull / np.maximum(pull.sum(axis=1, keepdims=True), 1e-300)
    return whole


def _weights(counts: Floats, first: _Fit) -> Floats:
    """One for an ordinary week, less for one that stood out; their sum is the number of weeks."""
    fitted = first.fitted
    spread = np.sqrt(first.expected.dispersion[:, None] * np.maximum(1 - first.leverage, 1e-12))
    scale = spread * np.where(fitted > 0, fitted, 1) ** (1 / 6)
    residual = np.where(fitted > 0, 1.5 * (counts ** (2 / 3) - fitted ** (2 / 3)) / scale, 0)
    weights = np.where(residual > _OUTLIER, np.maximum(residual, _OUTLIER) ** -2.0, 1.0)
    scaled: Floats = weights * (counts.shape[1] / weights.sum(axis=1))[:, None]
    return scaled
