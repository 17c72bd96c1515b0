"""Figures of cross-validation: what models and calibration say of songs they never heard, as means over shuffles."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whitelight.dataset import VIEWS
from whitelight.scoring.heads import Array
from whitelight.training.judging import BOOTSTRAP_SEED, axis_figures, class_figures, pool_units
from whitelight.training.metrics import binned_error, bootstrap_interval, set_figures, true_readings
from whitelight.training.rewriting import Rewritten
from whitelight.training.rows import Rows
from whitelight.training.table import UNIT_COLUMN

if TYPE_CHECKING:
    from whitelight.training.cross_validation import CrossValidation

FULL = VIEWS.index("full")
CALIBRATED_DRAWS = 400


@dataclass(frozen=True, slots=True)
class CrossFitted:
    """Held-out rows with everything said of them by models and calibration that never heard their songs.

    Attributes
    ----------
    rows : n rows. log_p : (n_velocities, n, n_columns), all experts but the concept's fused. music : the same of the
        music alone, NaN without it. inside : (n_velocities, n, n_classes), the conformal sets. confidence :
        (n_velocities, n), the probability that the most likely class of `log_p` is right.
    rewritten : (n_velocities, m, n_columns) of the music written otherwise. again : what that is.
    """

    rows: Rows
    log_p: Array
    music: Array
    inside: NDArray[np.bool_]
    confidence: Array
    rewritten: Array
    again: Rewritten | None


def figures_over(
    cross: "CrossValidation", runs: Sequence[CrossFitted], by: str, *, view: int | None = None, velocity: int = 0
) -> dict[str, Any]:
    """Return figures, each the mean over runs; intervals are over songs of what is right on the mean over runs.

    Parameters
    ----------
    view : judge this view by its music alone; None judges full material.
    """
    each, right = [], []
    groups: NDArray[Any] = np.zeros(0)
    for run in runs:
        chosen = run.rows.view == (FULL if view is None else view)
        chosen &= np.isfinite((run.log_p if view is None else run.music)[velocity]).all(axis=1)
        rows = run.rows.take(chosen)
        log_p = (run.log_p if view is None else run.music)[velocity][chosen]
        keys = [str(k) for k in getattr(rows, UNIT_COLUMN[by])]
        units = pool_units(log_p, rows.label, keys, rows.group_id, cross.heads)
        probabilities = np.exp(units.log_p[:, cross.heads[0].columns])
        figures = class_figures(probabilities, units.label, units.group)
        axes = axis_figures(units, cross.ontology, cross.heads)
        figures["axes"] = {name: axis["accuracy"] for name, axis in axes.items()}
        figures["sets"] = set_figures(run.inside[velocity][chosen], rows.label)
        figures["calibration"] = _calibration_figures(run, chosen, probabilities, velocity)
        each.append(figures)
        right.append((probabilities.argmax(axis=1) == units.label).astype(np.float64))
        groups = units.group
    found = _mean(each)
    if all(len(r) == len(right[0]) for r in right) and len(right[0]):
        rng = np.random.default_rng(BOOTSTRAP_SEED)
        found["accuracy_interval"] = bootstrap_interval(np.mean(right, axis=0), [str(g) for g in groups], rng=rng)
    found["range"] = (min(f["accuracy"] for f in each), max(f["accuracy"] for f in each))
    return {"n": len(right[0]), **found}


def _calibration_figures(
    run: CrossFitted, chosen: NDArray[np.bool_], probabilities: Array, velocity: int
) -> dict[str, float | None]:
    """Return what ECE would read if every probability were true (mean, and 95 % of readings), and that of confidence."""
    if not len(probabilities):
        return {"ece_if_true": None, "ece_if_true_low": None, "ece_if_true_high": None, "confidence_ece": None}
    readings = true_readings(probabilities, n_draws=CALIBRATED_DRAWS, rng=np.random.default_rng(BOOTSTRAP_SEED))
    low, high = np.quantile(readings, [0.025, 0.975])
    right = run.log_p[velocity][chosen, : run.inside.shape[2]].argmax(axis=1) == run.rows.label[chosen]
    return {
        "ece_if_true": float(readings.mean()),
        "ece_if_true_low": float(low),
        "ece_if_true_high": float(high),
        "confidence_ece": binned_error(run.confidence[velocity][chosen], right),
    }


def _mean(each: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the mean of figures of one shape."""
    found: dict[str, Any] = {}
    for name, first in each[0].items():
        values = [one[name] for one in each]
        if isinstance(first, dict):
            found[name] = _mean(values)
        elif isinstance(first, tuple):
            found[name] = first
        else:
            known = [v for v in values if v is not None]
            found[name] = float(np.mean(known)) if known else None
    return found
