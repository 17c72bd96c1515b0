"""Figures of a table of predictions: what `evaluate` prints, from log-probabilities of songs that were held out.

A unit is a segment, a clip (catalog entry) or a source song; the log-probabilities of its segments are averaged.
Axis figures leave out the units whose class has no mode on the axis. Nothing here reads a file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.ontology import Ontology, Target
from whitelight.scoring.fitness import target_fitness
from whitelight.scoring.heads import Array, Head, class_targets, log_probabilities
from whitelight.training.metrics import (
    accuracy,
    area_under_risk_coverage,
    auc,
    bootstrap_interval,
    confusion,
    expected_calibration_error,
    macro_f1,
    pooled,
    reliability_bins,
    risk_coverage,
)

COVERAGES = (0.1, 0.25, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 1.0)
BOOTSTRAP_SEED = 0  # the interval of the same predictions is always the same


@dataclass(frozen=True, slots=True)
class Units:
    """Predictions, one row per unit.

    Attributes
    ----------
    log_p : (n, n_columns). label : (n,). group : (n,) source song.
    """

    log_p: Array
    label: NDArray[np.int64]
    group: NDArray[np.object_]

    @property
    def class_probabilities(self) -> Array:
        """Probabilities of the class head when the columns start with it."""
        return np.exp(self.log_p)


def pool_units(
    log_p: Array, label: NDArray[np.int64], keys: Sequence[str], groups: NDArray[np.object_], heads: Sequence[Head]
) -> Units:
    """Average the rows that share a key; a unit whose rows disagree in class has the most frequent one."""
    if not len(label):
        return Units(log_p, label, groups)
    found, first = pooled(log_p, keys, lambda values: log_probabilities(values, heads))
    _, place = np.unique(np.asarray(keys, dtype=str), return_inverse=True)
    counts = np.zeros((len(first), int(label.max()) + 1))
    np.add.at(counts, (place, label), 1.0)
    return Units(found, counts.argmax(axis=1), groups[first])


def class_figures(probabilities: Array, label: NDArray[np.int64], group: NDArray[np.object_]) -> dict[str, Any]:
    """Return accuracy with its interval over songs, macro-F1, ECE, and AURC by the top probability."""
    if not len(label):
        return {"accuracy": None, "accuracy_interval": (None, None), "macro_f1": None, "ece": None, "aurc": None}
    right = (probabilities.argmax(axis=1) == label).astype(np.float64)
    interval = bootstrap_interval(right, [str(g) for g in group], rng=np.random.default_rng(BOOTSTRAP_SEED))
    return {
        "accuracy": accuracy(probabilities, label),
        "accuracy_interval": interval,
        "macro_f1": macro_f1(probabilities.argmax(axis=1), label),
        "ece": expected_calibration_error(probabilities, label),
        "aurc": area_under_risk_coverage(probabilities.max(axis=1), right > 0),
    }


def axis_figures(units: Units, ontology: Ontology, heads: Sequence[Head]) -> dict[str, dict[str, Any]]:
    """Return, per axis, accuracy over the units whose class has a mode there; several modes all count as right."""
    targets, known = class_targets(ontology, heads)
    found: dict[str, dict[str, Any]] = {}
    for position, head in enumerate(heads[1:], start=1):
        rows = known[units.label, position]
        block, wanted = units.log_p[rows][:, head.columns], targets[units.label[rows]][:, head.columns]
        figures: dict[str, Any] = {"accuracy": None, "accuracy_interval": (None, None), "n": int(rows.sum())}
        if rows.any():
            right = (wanted[np.arange(len(block)), block.argmax(axis=1)] > 0).astype(np.float64)
            groups = [str(g) for g in units.group[rows]]
            figures["accuracy"] = float(right.mean())
            figures["accuracy_interval"] = bootstrap_interval(right, groups, rng=np.random.default_rng(BOOTSTRAP_SEED))
        found[head.name.removeprefix("axis_")] = figures
    return found


def ranking_figures(units: Units, ontology: Ontology, heads: Sequence[Head], prior: Array) -> dict[str, float]:
    """Return, per class that can be ranked, how often its units lie above the others by fitness."""
    found = {}
    for index, name in enumerate(ontology.class_names):
        if prior[index] <= 0:
            continue
        fitness = target_fitness(units.log_p, prior, heads, Target.of_class(ontology, name))
        area = auc(fitness, units.label == index)
        if area is not None:
            found[name] = area
    return found


def detail_figures(units: Units, ontology: Ontology) -> dict[str, Any]:
    """Return confusion, recall per class with n, reliability, and the risk at several coverages."""
    names = ontology.class_names
    probabilities = units.log_p[:, : len(names)]
    estimated = probabilities.argmax(axis=1)
    table = confusion(estimated, units.label, len(names))
    recall = {
        name: {"recall": float(table[i, i] / table[i].sum()), "n": int(table[i].sum()), "taken": int(table[:, i].sum())}
        for i, name in enumerate(names)
        if table[i].sum()
    }
    return {
        "confusion": {"classes": list(names), "counts": table.tolist()},
        "per_class": recall,
        "reliability": reliability_bins(np.exp(probabilities), units.label) if len(units.label) else [],
        "risk_coverage": risk_coverage(probabilities.max(axis=1), estimated == units.label, COVERAGES),
    }


def rounded(value: Any) -> Any:
    """Return plain data for JSON: six digits, null for what is not a number."""
    if isinstance(value, float | np.floating):
        return round(float(value), 6) if np.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: rounded(item) for key, item in value.items()}
    return [rounded(item) for item in value] if isinstance(value, list | tuple) else value
