"""Fitting the numbers between logits and probabilities, from predictions on songs the predictor had not heard.

- A temperature per expert, head and condition (velocity setting × view) where `MIN_SONGS` songs speak; else the one of
  all conditions together. One-dimensional, convex in 1/T: found by bounded search on the log-loss.
- Weights of the experts: those of least log-loss of the average, on a grid; the concept's is capped, because it is
  constant within a song and usually names the class outright.
- Confidence: logistic curve on the log-odds of the top probability, fitted on right/wrong (Platt 1999, with his priors
  as two extra half-rows), per condition where there are enough songs. Rows count equally, as in every figure and in
  conformal sets: it is a promise about rows. With songs counting equally it promised .009 to .018 too much (EMOPIA,
  full and chords, ten shuffles; .001 now), for songs of which there is much are not as hard as others.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar

from whitelight.scoring.calibration import log_odds
from whitelight.scoring.heads import Array, Head, log_softmax

MIN_SONGS = 20  # below, a temperature of its own is noise (its standard error passes a quarter)
LOG_TEMPERATURE_BOUNDS = (-2.0, 2.5)  # 0.14 … 12
WEIGHT_GRID = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)  # relative to the first expert
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Conditions:
    """Under which condition each row was predicted, and whose it is.

    Attributes
    ----------
    index : (n,), flat index into `shape`. groups : (n,) source song. shape : velocities, views.
    """

    index: NDArray[np.int64]
    groups: NDArray[Any]
    shape: tuple[int, int]

    def rich(self, used: Mask) -> Iterator[tuple[int, Mask]]:
        """Yield each condition in which at least `MIN_SONGS` songs are used, with its rows."""
        names = self.groups.astype(str)
        for condition in np.unique(self.index):
            rows = (self.index == condition) & used
            if len(np.unique(names[rows])) >= MIN_SONGS:
                yield int(condition), rows


def fit_temperature(logits: Array, targets: Array, weights: Array) -> float:
    """Return the temperature of least cross-entropy with soft targets; 1 where nothing speaks.

    Parameters
    ----------
    logits, targets : (n, n_labels). weights : (n,).
    """
    used = weights > 0
    if not used.any():
        return 1.0
    logits, targets, weights = logits[used], targets[used], weights[used] / weights[used].sum()

    def loss(log_temperature: float) -> float:
        return float(-weights @ (targets * log_softmax(logits / np.exp(log_temperature))).sum(axis=1))

    return float(np.exp(minimize_scalar(loss, bounds=LOG_TEMPERATURE_BOUNDS, method="bounded").x))


def fit_temperatures(
    logits: Array, targets: Array, weights: Array, conditions: Conditions, heads: Sequence[Head]
) -> Array:
    """Return temperatures per condition and head, (*shape, n_heads).

    Parameters
    ----------
    logits, targets : (n, n_columns). weights : (n, n_heads), 0 where masked.
    """
    n_velocities, n_views = conditions.shape
    found = np.ones((n_velocities * n_views, len(heads)))
    for position, head in enumerate(heads):
        scores, wanted, weight = logits[:, head.columns], targets[:, head.columns], weights[:, position]
        found[:, position] = fit_temperature(scores, wanted, weight)
        for condition, rows in conditions.rich(weight > 0):
            found[condition, position] = fit_temperature(scores[rows], wanted[rows], weight[rows])
    return found.reshape(n_velocities, n_views, len(heads))


def fit_weights(
    log_p: Mapping[str, Array],
    present: Mapping[str, Mask],
    labels: NDArray[np.int64],
    weights: Array,
    caps: Mapping[str, float],
) -> dict[str, float]:
    """Return the weight of each expert in the average, the first being 1.

    Parameters
    ----------
    log_p : expert → calibrated class log-probabilities, (n, n_classes); the first expert is the music.
    present : expert → (n,) bool. weights : (n,), songs count equally.
    caps : expert → largest share of its weight in the average with the first expert.
    """
    experts = list(log_p)
    shared = np.sum([present[e] for e in experts], axis=0) > 1
    if len(experts) < 2 or not (shared & (weights > 0)).any():
        return dict.fromkeys(experts, 1.0)
    best, best_loss = dict.fromkeys(experts, 1.0), np.inf
    for ratios in product(WEIGHT_GRID, repeat=len(experts) - 1):
        trial = dict(zip(experts, (1.0, *ratios), strict=True))
        if any(trial[e] / (1.0 + trial[e]) > cap + 1e-9 for e, cap in caps.items() if e in trial):
            continue
        mean = sum((trial[e] * present[e])[:, None] * log_p[e] for e in experts)
        total = sum(trial[e] * present[e] for e in experts)
        loss = _mean_loss(np.asarray(mean)[shared] / np.asarray(total)[shared, None], labels[shared], weights[shared])
        if loss < best_loss:
            best, best_loss = trial, loss
    return best


def _mean_loss(mean_log_p: Array, labels: NDArray[np.int64], weights: Array) -> float:
    """Log-loss of an average after its own best temperature, so that sharpness does not decide the weights."""
    targets = np.eye(mean_log_p.shape[1])[labels]
    temperature = fit_temperature(mean_log_p, targets, weights)
    picked = log_softmax(mean_log_p / temperature)[np.arange(len(labels)), labels]
    return float(-(weights @ picked) / weights.sum())


def fit_confidence(probabilities: Array, labels: NDArray[np.int64], conditions: Conditions) -> Array:
    """Return offset and slope of the confidence curve per condition, (*shape, 2)."""
    x = log_odds(probabilities.max(axis=1))
    right = probabilities.argmax(axis=1) == labels
    n_velocities, n_views = conditions.shape
    found = np.tile(_logistic(x, right), (n_velocities * n_views, 1))
    for condition, rows in conditions.rich(np.ones(len(labels), dtype=np.bool_)):
        found[condition] = _logistic(x[rows], right[rows])
    return found.reshape(n_velocities, n_views, 2)


def _logistic(x: Array, right: Mask) -> Array:
    """Fit P(right) = σ(a + b·x), b ≥ 0, with one pseudo-row of each outcome at the mean of x."""
    x, y = np.append(x, [x.mean(), x.mean()]), np.append(right, [True, False]).astype(np.float64)

    def loss(parameters: Array) -> float:
        z = parameters[0] + parameters[1] * x
        return float((np.logaddexp(0.0, z) - y * z).sum())

    fitted = minimize(loss, np.array([0.0, 1.0]), bounds=[(-10.0, 10.0), (0.0, 5.0)], method="L-BFGS-B")
    return np.asarray(fitted.x, dtype=np.float64)
