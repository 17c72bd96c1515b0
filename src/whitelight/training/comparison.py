"""`evaluate A DATASET --against B`: two models on the same held-out songs, the difference with its interval.

Paired, because songs differ in difficulty far more than models do: on EMOPIA one model's accuracy is uncertain by ± 4
points over songs, the difference of two models by a fraction of it. Songs are drawn with replacement, both models
judged on each draw.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.ontology import Ontology
from whitelight.scoring.heads import Array
from whitelight.training.evaluation import EvaluationError, HeldOut, held_out
from whitelight.training.figures import headline_units
from whitelight.training.judging import BOOTSTRAP_SEED, Units, rounded
from whitelight.training.metrics import expected_calibration_error, log_loss, macro_f1

N_DRAWS = 500
Index = NDArray[np.int64]
FIGURES: Mapping[str, Callable[[Array, Index], float]] = {
    "accuracy": lambda p, y: float((p.argmax(axis=1) == y).mean()),
    "macro_f1": lambda p, y: macro_f1(p.argmax(axis=1), y),
    "log_loss": log_loss,
    "ece": expected_calibration_error,
}


def compare_models(
    model: Path, against: Path, dataset: Path, *, split: str | None = None, by: str = "segment"
) -> dict[str, Any]:
    """Measure two models on the units both have not heard.

    Parameters
    ----------
    model, against : bundles of one ontology. split, by : as those of `evaluate`.

    Returns
    -------
    n_units, n_songs and, per figure, `model`, `against`, `difference` (model minus against) and its 95 % `interval`.

    Raises
    ------
    EvaluationError : there is nothing both can be judged on; and those of `evaluate`.
    """
    ours, theirs = held_out(model, dataset, split), held_out(against, dataset, split)
    if ours.ontology.hash != theirs.ontology.hash:
        raise EvaluationError(
            f"{model} and {against} are of different ontologies; expected the same; train both on one"
        )
    common = set(map(str, ours.table.rows.row_id)) & set(map(str, theirs.table.rows.row_id))
    if not common:
        raise EvaluationError(
            f"{model} and {against} have no held-out row in common; expected some; train both on the same songs"
        )
    first, second = (_units(one, common, by) for one in (ours, theirs))
    if [str(g) for g in first.group] != [str(g) for g in second.group]:
        raise EvaluationError(f"{model} and {against} cannot judge the same material; expected the same modalities")
    return dict(rounded(paired_figures(first, second, ours.ontology)))


def paired_figures(first: Units, second: Units, ontology: Ontology, *, n_draws: int = N_DRAWS) -> dict[str, Any]:
    """Compare the class probabilities of two models on the same units, in the same order."""
    n_classes = len(ontology.class_names)
    ours, theirs = (np.exp(units.log_p[:, :n_classes]) for units in (first, second))
    label = first.label
    _, song = np.unique([str(g) for g in first.group], return_inverse=True)
    members = [np.flatnonzero(song == index) for index in range(int(song.max()) + 1)]
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    draws = [
        np.concatenate([members[i] for i in rng.integers(0, len(members), size=len(members))]) for _ in range(n_draws)
    ]
    found: dict[str, Any] = {"n_units": len(label), "n_songs": len(members)}
    for name, figure in FIGURES.items():
        differences = [figure(ours[rows], label[rows]) - figure(theirs[rows], label[rows]) for rows in draws]
        low, high = np.quantile(differences, [0.025, 0.975])
        mine, other = figure(ours, label), figure(theirs, label)
        found[name] = {
            "model": mine,
            "against": other,
            "difference": mine - other,
            "interval": (float(low), float(high)),
        }
    return found


def _units(one: HeldOut, common: set[str], by: str) -> Units:
    chosen = np.array([str(row_id) in common for row_id in one.table.rows.row_id])
    table = one.table.take(chosen)
    order = np.argsort(table.rows.row_id.astype(str), kind="stable")
    return headline_units(table.take(order), one.scorer.parts, one.ontology, by=by)
