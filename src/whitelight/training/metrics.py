"""Figures that say how right probabilities are. Rows are units (segments, clips or songs); all functions are pure.

ECE: Naeini et al. 2015, 15 equal-width bins of the top probability, weighted by count. AUC: probability that a random
positive lies above a random negative, ties half (Mann–Whitney). Intervals: bootstrap over songs, because the
segments of one song are not independent.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from whitelight.scoring.heads import Array

Index = NDArray[np.int64]
ECE_BINS = 15


def accuracy(probabilities: Array, labels: Index) -> float:
    """Share of rows whose most likely label is right; NaN without rows."""
    return float((probabilities.argmax(axis=1) == labels).mean()) if len(labels) else float("nan")


def macro_f1(estimated: Index, reference: Index) -> float:
    """Mean F1 over the labels that occur in `reference`; NaN without rows."""
    scores = []
    for label in np.unique(reference):
        hits = int(((estimated == label) & (reference == label)).sum())
        scores.append(2 * hits / ((estimated == label).sum() + (reference == label).sum()))
    return float(np.mean(scores)) if scores else float("nan")


def reliability_bins(probabilities: Array, labels: Index) -> list[dict[str, float]]:
    """Return, per non-empty bin of the top probability: its mean, the accuracy and the count."""
    top = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    place = _bin_of(top)
    return [
        {
            "probability": float(top[place == b].mean()),
            "accuracy": float(right[place == b].mean()),
            "n": int((place == b).sum()),
        }
        for b in np.unique(place)
    ]


def expected_calibration_error(probabilities: Array, labels: Index) -> float:
    """Mean distance of top probability and accuracy over bins, weighted by count; NaN without rows."""
    if not len(labels):
        return float("nan")
    return binned_error(probabilities.max(axis=1), probabilities.argmax(axis=1) == labels)


def binned_error(promised: Array, right: NDArray[np.bool_]) -> float:
    """Mean distance of promised probability and share of right rows over bins, weighted by count; of at least one row."""
    gaps = np.bincount(_bin_of(promised), promised - right, ECE_BINS)
    return float(np.abs(gaps).sum() / len(promised))


def _bin_of(probability: Array) -> Index:
    return np.minimum((probability * ECE_BINS).astype(np.int64), ECE_BINS - 1)


def true_readings(probabilities: Array, *, n_draws: int, rng: np.random.Generator) -> Array:
    """Return the calibration errors that these probabilities read when every one of them is true, (n_draws,).

    Never 0: of n rows in a bin with probability p the share that is right misses p by √(p (1 − p) / n) or so. An error
    can only be told from none above these.
    """
    if not len(probabilities):
        return np.zeros(0)
    top = np.sort(probabilities.max(axis=1))
    starts = np.flatnonzero(np.diff(_bin_of(top), prepend=-1))
    right = rng.random((n_draws, len(top))) < top
    return np.asarray(np.abs(np.add.reduceat(right - top, starts, axis=1)).sum(axis=1) / len(top))


def auc(scores: Array, positive: NDArray[np.bool_]) -> float | None:
    """Return the area under the ROC curve; None when one side is empty."""
    n_positive, n_negative = int(positive.sum()), int((~positive).sum())
    if n_positive == 0 or n_negative == 0:
        return None
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(counts) - (counts - 1) / 2
    above = mean_rank[place][positive].sum() - n_positive * (n_positive + 1) / 2
    return float(above / (n_positive * n_negative))


def risk_coverage(confidence: Array, right: NDArray[np.bool_], shares: Sequence[float]) -> list[dict[str, float]]:
    """Return the error among the surest rows, for several shares of them (El-Yaniv & Wiener 2010).

    Parameters
    ----------
    confidence : (n,), larger is surer; rows that tie are taken together in the order given. shares : in (0, 1].
    """
    risk = _running_risk(confidence, right)
    places = [max(round(share * len(risk)), 1) - 1 for share in shares]
    return [
        {"coverage": share, "risk": float(risk[place])}
        for share, place in zip(shares, places, strict=True)
        if len(risk)
    ]


def area_under_risk_coverage(confidence: Array, right: NDArray[np.bool_]) -> float:
    """Return the mean error over all coverages (AURC), 0 is best; NaN without rows."""
    risk = _running_risk(confidence, right)
    return float(risk.mean()) if len(risk) else float("nan")


def _running_risk(confidence: Array, right: NDArray[np.bool_]) -> Array:
    """Error among the k surest rows, k = 1 … n."""
    order = np.argsort(-np.asarray(confidence), kind="stable")
    return np.asarray(np.cumsum(~np.asarray(right)[order]) / np.arange(1, len(order) + 1))


def set_figures(members: NDArray[np.bool_], labels: Index) -> dict[str, float | None]:
    """Return how often the right label is in a set, that of the label it holds least often, and the mean size."""
    if not len(labels):
        return {"coverage": None, "lowest_coverage": None, "size": None}
    held = members[np.arange(len(labels)), labels]
    per_label = [float(held[labels == k].mean()) for k in np.unique(labels)]
    return {
        "coverage": float(held.mean()),
        "lowest_coverage": min(per_label),
        "size": float(members.sum(axis=1).mean()),
    }


def ranking_curve(scores: Array, positive: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Return the ROC curve from (0, 0) to (1, 1): share of the others and of the positives above each score.

    Empty when one side is.
    """
    n_positive, n_negative = int(positive.sum()), int((~positive).sum())
    if not n_positive or not n_negative:
        return []
    order = np.argsort(-np.asarray(scores), kind="stable")
    hits, misses = np.cumsum(positive[order]), np.cumsum(~positive[order])
    last = np.append(np.flatnonzero(np.diff(np.asarray(scores)[order])), len(order) - 1)  # equal scores move together
    return [(0.0, 0.0), *((float(misses[i] / n_negative), float(hits[i] / n_positive)) for i in last)]


def confusion(estimated: Index, reference: Index, n_labels: int) -> NDArray[np.int64]:
    """Return counts, (reference, estimated)."""
    table = np.zeros((n_labels, n_labels), dtype=np.int64)
    np.add.at(table, (reference, estimated), 1)
    return table


def log_loss(probabilities: Array, labels: Index) -> float:
    """Mean negative log-probability of the right label."""
    return float(-np.log(np.maximum(probabilities[np.arange(len(labels)), labels], 1e-12)).mean())


def bootstrap_interval(
    values: Array, groups: Sequence[str], *, rng: np.random.Generator, n_draws: int = 500
) -> tuple[float, float]:
    """Return the 95 % interval of the mean of `values`, drawing whole songs with replacement."""
    _, place = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    totals, counts = np.bincount(place, weights=values), np.bincount(place)
    draws = rng.integers(0, len(totals), size=(n_draws, len(totals)))
    means = totals[draws].sum(axis=1) / counts[draws].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def pooled(log_p: Array, keys: Sequence[str], pool: Callable[[Array], Array]) -> tuple[Array, Index]:
    """Average rows with the same key.

    Returns
    -------
    pooled rows in the order of the sorted keys, passed through `pool` (normalization), and the first row of each key.
    """
    _, first, place = np.unique(np.asarray(keys, dtype=str), return_index=True, return_inverse=True)
    sums = np.zeros((len(first), log_p.shape[1]))
    np.add.at(sums, place, log_p)
    return pool(sums / np.bincount(place)[:, None]), first
