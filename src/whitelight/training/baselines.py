"""What a scorer must beat, on the same rows: the most frequent class, and a linear model on the raw descriptors."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.scoring.heads import Array, Head
from whitelight.training.judging import class_figures, pool_units
from whitelight.training.rows import Rows
from whitelight.training.table import UNIT_COLUMN, Table

INVERSE_L2 = 0.01  # scikit-learn's C; best of 0.001 … 0.03 on EMOPIA, flat around it
SMALLEST_PROBABILITY = 1e-12


def majority_baseline(table: Table, prior: Array, by: str) -> dict[str, Any]:
    """Return the figures of always naming the most frequent class with its frequency."""
    return _figures(table, np.tile(prior, (len(table.rows), 1)), by)


def descriptor_baseline(table: Table, learners: Rows, by: str) -> dict[str, Any]:
    """Return the figures of multinomial logistic regression on standardized descriptors of the full view.

    Parameters
    ----------
    learners : full-view rows of the songs the model was trained on. A row held out in a fold is predicted from the
        other songs of those, so model and baseline know equally much.
    """
    folds = dict(zip(map(str, table.rows.group_id), table.fold, strict=True))
    learner_fold = np.array([folds.get(str(group), -1) for group in learners.group_id])
    n_classes = max(int(table.rows.label.max()), int(learners.label.max(initial=0))) + 1
    probabilities = np.zeros((len(table.rows), n_classes))
    for fold in np.unique(table.fold):
        chosen, known = table.fold == fold, learner_fold != fold
        if len(np.unique(learners.label[known])) < 2:
            return {"accuracy": None, "macro_f1": None, "ece": None, "note": "no songs to learn from in this dataset"}
        probabilities[chosen] = _logistic(learners.take(known), table.rows.take(chosen), n_classes)
    return _figures(table, probabilities, by)


def _logistic(learners: Rows, rows: Rows, n_classes: int) -> Array:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  1.3 s, only for this baseline
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415  as above

    scaler = StandardScaler().fit(learners.descriptors.astype(np.float64))
    model = LogisticRegression(C=INVERSE_L2, max_iter=500)
    model.fit(scaler.transform(learners.descriptors.astype(np.float64)), learners.label)
    found = np.zeros((len(rows), n_classes))
    found[:, model.classes_] = np.bincount(learners.label, minlength=n_classes)[model.classes_] / len(learners)
    heard = rows.has_midi
    if heard.any():
        estimates = model.predict_proba(scaler.transform(rows.descriptors[heard].astype(np.float64)))
        found[np.ix_(np.flatnonzero(heard), model.classes_)] = estimates
    return found


def _figures(table: Table, probabilities: Array, by: str) -> dict[str, Any]:
    """Pool as the model's own predictions are pooled, and count."""
    keys = [str(k) for k in getattr(table.rows, UNIT_COLUMN[by])]
    head = Head("class", tuple(map(str, range(probabilities.shape[1]))), 0)
    log_p = np.log(np.maximum(probabilities, SMALLEST_PROBABILITY))
    label: NDArray[np.int64] = table.rows.label
    units = pool_units(log_p, label, keys, table.rows.group_id, (head,))
    return class_figures(np.exp(units.log_p), units.label, units.group)
