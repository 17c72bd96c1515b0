"""What a search is worth on songs it never saw: folds around the folds."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.scoring.heads import Array
from whitelight.training.fold_figures import unit_figures
from whitelight.training.folds import OutOfFold
from whitelight.training.judging import BOOTSTRAP_SEED, Units
from whitelight.training.metrics import bootstrap_interval
from whitelight.training.recipe import Predictions
from whitelight.training.settings import FusionSettings
from whitelight.training.splits import ALWAYS_TRAIN
from whitelight.training.tuning.objective import Material, Prepared, joined, prepare, units_of, with_settings

OUTER_SEED = 7_919  # outer folds are dealt apart from the inner ones


def outer_materials(material: Material) -> dict[str, Material]:
    """Return, per outer fold, what the search may see: every song but those of the fold."""
    prepared = prepare(material)
    fold = prepared.cross.grouped(material.base.n_folds, material.base.seed + OUTER_SEED)
    groups = prepared.cross.rows.group_id
    return {
        f"outer {index}": replace(material, left_out=material.left_out | {str(g) for g in groups[fold == index]})
        for index in range(int(fold.max()) + 1)
    }


def outer_report(material: Material, chosen: Mapping[str, tuple[Material, FusionSettings]]) -> dict[str, Any]:
    """Judge, on the songs of each outer fold, the settings chosen without them and those the search began with.

    Parameters
    ----------
    chosen : outer fold → what its search saw, and what it chose.

    Returns
    -------
    plain data: `tuned`, `untuned` (figures by segment), `gain` in accuracy with its interval over songs, `folds`.
    """
    outer = prepare(material)
    pairs = []
    for inner, settings in chosen.values():
        pairs.append([held_out_units(outer, prepare(inner), one) for one in (settings, material.base)])
    n_classes = len(outer.cross.ontology.class_names)
    tuned, untuned = (_together([pair[side] for pair in pairs]) for side in (0, 1))
    right = [(u.log_p[:, :n_classes].argmax(axis=1) == u.label).astype(np.float64) for u in (tuned, untuned)]
    gain = right[0] - right[1]
    interval = bootstrap_interval(gain, [str(g) for g in tuned.group], rng=np.random.default_rng(BOOTSTRAP_SEED))
    return {
        "tuned": _rounded(unit_figures(tuned, n_classes)),
        "untuned": _rounded(unit_figures(untuned, n_classes)),
        "gain": round(float(gain.mean()), 6),
        "gain_interval": [round(end, 6) for end in interval],
        "folds": [
            {
                "songs": len(set(pair[0].group)),
                "tuned": _rounded(unit_figures(pair[0], n_classes)),
                "untuned": _rounded(unit_figures(pair[1], n_classes)),
            }
            for pair in pairs
        ],
    }


def held_out_units(outer: Prepared, inner: Prepared, settings: FusionSettings) -> Units:
    """Train on the inner songs, calibrate on their own folds, and return what is said of the others."""
    inside = np.isin(outer.cross.rows.row_id.astype(str), inner.cross.rows.row_id.astype(str))
    cross = with_settings(outer.cross, settings)
    seen = with_settings(inner.cross, settings).predict(inner.fold, settings.seed, _nothing)
    unseen = cross.predict(np.where(inside, ALWAYS_TRAIN, 0), settings.seed, _nothing)
    both = joined(_spread(seen, inside), unseen, inner.n_folds)
    fitted = cross.cross_fitted(both)  # the last fold is calibrated by all the others, which are the inner songs
    known = set(map(str, inner.cross.rows.group_id))
    return units_of(cross, fitted, np.array([str(group) not in known for group in fitted.rows.group_id]))


def _spread(found: OutOfFold, inside: NDArray[np.bool_]) -> OutOfFold:
    """Put predictions of some rows in their places among all rows."""
    fold = np.full(len(inside), ALWAYS_TRAIN)
    fold[inside] = found.fold
    logits: dict[str, Array] = {}
    for name, values in found.predictions.logits.items():
        logits[name] = np.zeros((values.shape[0], len(inside), values.shape[2]))
        logits[name][:, inside] = values
    distance = np.full((found.predictions.distance.shape[0], len(inside)), np.nan)
    distance[:, inside] = found.predictions.distance
    return OutOfFold(fold, Predictions(logits, distance))


def _together(parts: list[Units]) -> Units:
    return Units(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("log_p", "label", "group")))


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: round(figure, 6) for name, figure in figures.items()}


def _nothing() -> None:
    """Tell nobody that a fold is done."""
