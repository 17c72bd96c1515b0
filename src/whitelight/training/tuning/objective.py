"""What a search makes small: the loss of the whole recipe on songs it has not heard.

A trial trains the recipe on all folds of songs but one in turn, as training does, and calibrates each fold by the others
(`training.cross_validation`). Its value is the mean log-loss of the class head by segment, or macro-F1. After each fold
the same is said of the folds so far, so that a hopeless trial can end early.
"""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from whitelight.dataset import VIEWS, Dataset
from whitelight.scoring.heads import Array
from whitelight.training.cross_figures import CrossFitted
from whitelight.training.cross_validation import CrossValidation
from whitelight.training.fold_figures import unit_figures
from whitelight.training.folds import OutOfFold
from whitelight.training.judging import Units, pool_units
from whitelight.training.reading import Reading, read_dataset
from whitelight.training.recipe import Predictions
from whitelight.training.rows import TooLittleMaterialError
from whitelight.training.settings import FusionSettings
from whitelight.training.splits import ALWAYS_TRAIN, SplitError, split_by_column

LOG_LOSS, MACRO_F1 = "log-loss", "macro-f1"
METRICS = {LOG_LOSS: "log_loss", MACRO_F1: "macro_f1"}
DIRECTIONS: Mapping[str, Literal["minimize", "maximize"]] = {LOG_LOSS: "minimize", MACRO_F1: "maximize"}
NEVER = "test"  # rows of this split are not looked at, whatever is asked
Tell = Callable[[int, float], None]


@dataclass(frozen=True, slots=True)
class Material:
    """Which songs a search may see; hashable, so that a process reads them once.

    Attributes
    ----------
    dataset : its folder. base : settings that are not searched; their seed deals the folds. split_column : as in training;
    without it, every song that is not of split "test". left_out : songs hidden from the search.
    """

    dataset: Path
    base: FusionSettings
    split_column: str | None = None
    left_out: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Prepared:
    """The songs of a search, read and dealt. fold : (n_rows,)."""

    cross: CrossValidation
    fold: NDArray[np.int64]

    @property
    def n_folds(self) -> int:
        """How many folds there are."""
        return int(self.fold.max()) + 1


@lru_cache(maxsize=2)
def prepare(material: Material) -> Prepared:
    """Read the songs and deal them into folds, once per process."""
    source = Dataset.open(material.dataset)
    reading = read_dataset(source, material.base.encoders)
    used = _usable(reading, material)
    rows = reading.rows.take(used)
    groups = set(map(str, rows.group_id))
    texts = {group: found for group, found in reading.texts.items() if str(group) in groups}
    cross = CrossValidation(source, Reading(rows, texts), material.base)
    return Prepared(cross, cross.grouped(material.base.n_folds, material.base.seed))


def trial_figures(
    prepared: Prepared, settings: FusionSettings, metric: str, tell: Tell
) -> tuple[float, dict[str, float]]:
    """Return the value of some settings, and the figures it belongs to.

    Parameters
    ----------
    tell : hears, after each fold but the first, its number and the value over the folds so far; what it raises ends
        the trial.
    """
    cross, figures = with_settings(prepared.cross, settings), {}
    found: OutOfFold | None = None
    for index in range(prepared.n_folds):
        alone = np.where(prepared.fold == index, 0, ALWAYS_TRAIN)
        found = joined(found, cross.predict(alone, settings.seed, _nothing), index)
        if index > 0:  # one fold has none to calibrate it by
            figures = unit_figures(units_of(cross, cross.cross_fitted(found)), len(cross.ontology.class_names))
            tell(index, figures[METRICS[metric]])
    return figures[METRICS[metric]], figures


def with_settings(cross: CrossValidation, settings: FusionSettings) -> CrossValidation:
    """Return the same songs under another recipe."""
    other = copy.copy(cross)
    other.settings = settings
    return other


def joined(before: OutOfFold | None, new: OutOfFold, index: int) -> OutOfFold:
    """Add the predictions of one fold, which `new` calls 0, to those before it."""
    own = new.fold == 0
    if before is None:
        return OutOfFold(np.where(own, index, ALWAYS_TRAIN), new.predictions)
    logits: dict[str, Array] = {}
    for name in {**before.predictions.logits, **new.predictions.logits}:
        parts = [p.logits[name] for p in (before.predictions, new.predictions) if name in p.logits]
        logits[name] = np.sum(parts, axis=0)  # each is 0 where the other speaks
    distance = np.where(own, new.predictions.distance, before.predictions.distance)
    return OutOfFold(np.where(own, index, before.fold), Predictions(logits, distance))


def units_of(cross: CrossValidation, fitted: CrossFitted, rows: NDArray[np.bool_] | None = None) -> Units:
    """Return the fused predictions of full material, one row per segment.

    Parameters
    ----------
    rows : which of the fitted rows; None is all.
    """
    chosen = (fitted.rows.view == VIEWS.index("full")) & np.isfinite(fitted.log_p[0]).all(axis=1)
    chosen &= True if rows is None else rows
    if not chosen.any():
        raise TooLittleMaterialError("no held-out segment has what the recipe judges by; add songs")
    kept = fitted.rows.take(chosen)
    keys = [str(key) for key in kept.segment_id]
    return pool_units(fitted.log_p[0][chosen], kept.label, keys, kept.group_id, cross.heads)


def _usable(reading: Reading, material: Material) -> NDArray[np.bool_]:
    """Return which rows a search may see, (n_rows,)."""
    rows = reading.rows
    used = np.array([str(group) not in material.left_out for group in rows.group_id])
    if material.split_column is None:
        used &= np.array([str(split) != NEVER for split in rows.split])
    elif material.split_column == "split":
        groups = [str(g) for g in rows.group_id]
        used &= split_by_column([str(s) for s in rows.split], groups, column=material.split_column).train
    else:
        raise SplitError(f"the dataset has no split column '{material.split_column}'; expected 'split', or none")
    if not used.any():
        raise TooLittleMaterialError("no song is left to search with; expected some that are not of split 'test'")
    return used


def _nothing() -> None:
    """Tell nobody that a fold is done."""
