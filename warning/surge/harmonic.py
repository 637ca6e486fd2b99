"""Seamark's own fit: trend and a smooth season over up to eight years, and how sure it is of what comes next.

The model is quasi-Poisson and log-linear, as the flexible Farrington method's (`reference.py`), with the season as one
or two yearly waves (Noufaily et al. 2013, section 2) in place of ten levels: five numbers in place of ten leave a
steadier limit. Weeks that stood out weigh less, by the same rule. The dispersion of a prediction adds the fit's own
uncertainty (`reference/surge/NOTES.md`, 5.1): phi + mean × var(log mean).

How much is fitted follows how much history there is: a level alone under a year, a yearly wave after one, a trend and two
waves after two. What a short history cannot show is owned up to as doubt. Rows are fitted side by side; nothing is shared
between them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from warning.surge.tails import Floats

SEASON = 52
#: weeks before the judged one that are left out: the two judged together, and six in which a surge may have been growing
GAP = 8
#: weeks of baseline used at most (eight years and three weeks)
LONGEST = 8 * SEASON + 3 - GAP
#: weeks of baseline below which nothing is said
SHORTEST = 26
_OUTLIER = 2.58
_RIDGE = 1e-3
#: half a case is added to each history, so that one without any still has a limit
_PSEUDO = 0.5
#: a prediction's dispersion at most, in multiples of the history's (NOTES.md, 5.1)
_WIDEST = 50.0

#: the baseline's weeks counted from the judged one, oldest first
WEEKS: Floats = -np.arange(GAP + LONGEST, GAP, -1, dtype=np.float64)


@dataclass(frozen=True)
class Shape:
    """What is fitted beside a level."""

    trend: bool
    waves: int
    #: variance of the log mean for the season or trend that is left out
    doubt: float = 0.0


#: from so many weeks of baseline on, what is fitted; the doubts keep false alarms near their rate on simulated series
#: with season and trend (`python -m benchmarks surge` shows what is left of the error)
SHAPES = {
    SHORTEST: Shape(trend=False, waves=0, doubt=0.05),
    SEASON: Shape(trend=False, waves=1, doubt=0.02),
    2 * SEASON: Shape(trend=True, waves=2),
}


def shape_for(weeks: int) -> Shape | None:
    """What a baseline of so many weeks allows; None when it is too short to say anything."""
    allowed = [shape for least, shape in SHAPES.items() if weeks >= least]
    return allowed[-1] if allowed else None


@dataclass(frozen=True)
class Prediction:
    """What the history leads one to expect of the judged week and of the one before it."""

    means: Floats  #: 2 × rows, cases: the judged week's, and the week's before
    dispersion: Floats  #: rows, variance over mean of a week about its true mean, at least one
    doubt: Floats  #: 2 × rows, variance of the log of each mean

    def of_window(self, weeks: int) -> tuple[Floats, Floats]:
        """Mean (cases) and predictive dispersion of the last ``weeks`` weeks together (one or two), a value a row."""
        mean, doubt = self.means[:weeks].sum(axis=0), self.doubt[:weeks].mean(axis=0)
        return mean, np.minimum(self.dispersion + mean * doubt, _WIDEST * self.dispersion)


def fit(history: Floats, shape: Shape) -> Prediction:
    """Predict the week after each history and the one before that. ``history`` is rows × weeks (at most `LONGEST`),
    weekly counts that end `GAP` + 1 weeks before the judged week. Raises ValueError when there are more weeks.

    No week is expected to bring more than the history ever held: beyond it a trend is a guess. (The reference method
    leaves such a trend out, and so takes steady growth for a surge.)"""
    if history.ndim != 2 or history.shape[1] > LONGEST:
        raise ValueError(f"history has the shape {history.shape}; it must be rows × at most {LONGEST} weeks")
    counts = history.astype(np.float64)
    columns = _columns(WEEKS[LONGEST - counts.shape[1] :], shape)
    beta = np.zeros((len(counts), columns.shape[1]))
    beta[:, 0] = np.log((counts.sum(axis=1) + _PSEUDO) / counts.shape[1])
    weights = np.ones_like(counts)
    beta = _newton(counts, weights, columns, beta)
    weights = _weights(counts, weights, columns, beta)
    beta = _newton(counts, weights, columns, beta)
    fitted, variance = _at(weights, columns, beta)
    dispersion = _dispersion(counts, weights, fitted, columns.shape[1])
    ahead = _columns(np.array([0.0, -1.0]), shape)
    doubt = np.einsum("wi,bij,wj->wb", ahead, variance, ahead) * dispersion + shape.doubt
    # A history that is nearly empty holds no more than the half case that was added to it.
    most = np.maximum(counts.max(axis=1, initial=0), _PSEUDO)
    return Prediction(np.minimum(np.exp(ahead @ beta.T), most), dispersion, doubt)


def _columns(weeks: Floats, shape: Shape) -> Floats:
    """(weeks × parameters): level, trend in years, and each wave's cosine and sine."""
    turns = 2 * np.pi * weeks / SEASON
    waves = [
        turn for wave in range(1, shape.waves + 1) for turn in (np.cos(wave * turns), np.sin(wave * turns))
    ]
    return np.stack([np.ones_like(weeks), *([weeks / SEASON] if shape.trend else []), *waves], axis=1)


def _information(weight: Floats, columns: Floats) -> Floats:
    """(rows × parameters × parameters): the curvature of each row's likelihood, with a little ridge off the level."""
    size = columns.shape[1]
    first, second = np.triu_indices(size)
    held = weight @ (columns[:, first] * columns[:, second])
    matrix = np.empty((len(weight), size, size))
    matrix[:, first, second] = held
    matrix[:, second, first] = held
    matrix[:, range(1, size), range(1, size)] += _RIDGE
    return matrix


def _fitted(columns: Floats, beta: Floats) -> Floats:
    return np.exp(np.clip(beta @ columns.T, -30, 20))


def _newton(counts: Floats, weights: Floats, columns: Floats, beta: Floats) -> Floats:
    """The likelihood's maximum for each row, from ``beta`` on."""
    beta, moment = beta.copy(), (weights * counts) @ columns + _PSEUDO * columns.mean(axis=0)
    todo = np.arange(len(counts))
    for _ in range(60):
        weight = weights[todo] * _fitted(columns, beta[todo])
        gradient = moment[todo] - weight @ columns
        gradient[:, 1:] -= _RIDGE * beta[todo, 1:]
        step = np.linalg.solve(_information(weight, columns), gradient[..., None])[..., 0]
        # No week's log mean moves by more than one and a half at once: Newton's way is sure only near by.
        reach = np.abs(step) @ np.abs(columns).max(axis=0)
        step *= np.minimum(1, 1.5 / np.maximum(reach, 1e-300))[:, None]
        beta[todo] += step
        todo = todo[np.abs(step).max(axis=1) > 1e-5]
        if not todo.size:
            break
    return beta


def _at(weights: Floats, columns: Floats, beta: Floats) -> tuple[Floats, Floats]:
    """The fitted counts, and the covariance of the parameters at a dispersion of one."""
    fitted = _fitted(columns, beta)
    return fitted, np.linalg.inv(_information(weights * fitted, columns)).astype(np.float64, copy=False)


def _dispersion(counts: Floats, weights: Floats, fitted: Floats, parameters: int) -> Floats:
    pearson = (weights * (counts - fitted) ** 2 / fitted).sum(axis=1)
    dispersion: Floats = np.maximum(1, pearson / (counts.shape[1] - parameters))
    return dispersion


def _weights(counts: Floats, weights: Floats, columns: Floats, beta: Floats) -> Floats:
    """One for an ordinary week, less for one that stood out; their sum is the number of weeks."""
    fitted, variance = _at(weights, columns, beta)
    first, second = np.triu_indices(columns.shape[1])
    twice = np.where(first == second, 1, 2)
    leverage = fitted * ((variance[:, first, second] * twice) @ (columns[:, first] * columns[:, second]).T)
    dispersion = _dispersion(counts, weights, fitted, columns.shape[1])
    spread = np.sqrt(dispersion[:, None] * np.maximum(1 - leverage, 1e-9))
    residual = 1.5 * (np.cbrt(counts * counts) - np.cbrt(fitted * fitted)) / (spread * fitted ** (1 / 6))
    found = np.where(residual > _OUTLIER, np.maximum(residual, _OUTLIER) ** -2.0, 1.0)
    scaled: Floats = found * (counts.shape[1] / found.sum(axis=1))[:, None]
    return scaled
