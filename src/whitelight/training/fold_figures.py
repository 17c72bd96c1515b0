"""How a recipe did in each fold by itself: what a run's log shows, beside the figures over all folds."""

from typing import Any

import numpy as np

from whitelight.ontology import Ontology
from whitelight.scoring.parts import Parts
from whitelight.training.figures import headline_units
from whitelight.training.folds import OutOfFold
from whitelight.training.judging import Units
from whitelight.training.metrics import accuracy, macro_f1
from whitelight.training.rows import Rows, TooLittleMaterialError
from whitelight.training.table import Table


def unit_figures(units: Units, n_classes: int) -> dict[str, float]:
    """Return accuracy, macro-F1 and mean log-loss of the class head, units counting equally."""
    log_p = units.log_p[:, :n_classes]
    return {
        "accuracy": accuracy(np.exp(log_p), units.label),
        "macro_f1": macro_f1(log_p.argmax(axis=1), units.label),
        "log_loss": float(-log_p[np.arange(len(log_p)), units.label].mean()),
    }


def fold_figures(rows: Rows, found: OutOfFold, parts: Parts, ontology: Ontology) -> list[dict[str, Any]]:
    """Return one record per fold that holds something to judge: fold, n, and `unit_figures` by segment."""
    table = Table(rows, found.predictions.logits, found.fold)
    records = []
    for fold in range(int(found.fold.max()) + 1):
        try:
            units = headline_units(table.take(found.fold == fold), parts, ontology, by="segment")
        except TooLittleMaterialError:  # a fold without the full view of anything
            continue
        figures = unit_figures(units, len(ontology.class_names))
        records.append({"fold": fold, "n": len(units.label), **{k: round(v, 6) for k, v in figures.items()}})
    return records
