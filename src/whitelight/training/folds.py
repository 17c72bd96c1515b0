"""Out-of-fold predictions: what the recipe says about every song when it has not heard it.

Each finished fold, and the final model, is one file in a work folder beside the bundle, named by a hash of settings,
data and code version; a run that was killed finds them and goes on, and ends with the same bytes.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.files import write_atomic
from whitelight.scoring.calibration import VELOCITIES
from whitelight.scoring.heads import Array
from whitelight.scoring.scaling import Scaler
from whitelight.training.joint import JointWeights
from whitelight.training.models import ExpertWeights
from whitelight.training.recipe import FusionModel, NoveltyBasis, Predictions, predict_fusion
from whitelight.training.rewriting import Rewritten
from whitelight.training.rows import Rows
from whitelight.training.splits import ALWAYS_TRAIN

Fit = Callable[[NDArray[np.bool_]], FusionModel]


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """Predictions for rows of songs that were held out.

    Attributes
    ----------
    fold : (n,), `ALWAYS_TRAIN` for rows that never were; their predictions are 0 and NaN.
    predictions : of every row. rewritten : of the same music written otherwise, by the models of the same folds.
    """

    fold: NDArray[np.int64]
    predictions: Predictions
    rewritten: Predictions | None = None

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Which rows have predictions, (n,)."""
        return np.asarray(self.fold != ALWAYS_TRAIN)


@dataclass(frozen=True, slots=True)
class WorkFolder:
    """Finished steps of one run; files of other runs in the same folder are never read."""

    folder: Path
    key: str

    def remember(self, step: str, make: Callable[[], Mapping[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
        """Return the arrays of a step from disk, or make and keep them."""
        path = self.folder / f"{self.key}-{step}.npz"
        if not path.is_file():
            buffer = io.BytesIO()
            np.savez(buffer, allow_pickle=False, **dict(make()))
            write_atomic(path, buffer.getvalue())
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}


def predict_out_of_fold(
    rows: Rows,
    fold: NDArray[np.int64],
    fit: Fit,
    work: WorkFolder,
    *,
    n_columns: int,
    done: Callable[[], None],
    rewritten: Rewritten | None = None,
) -> OutOfFold:
    """Train once per fold on all other songs and predict the songs of the fold.

    Parameters
    ----------
    fit : trains on the rows of a mask. done : called after every fold.
    rewritten : music of some rows written otherwise, predicted with the fold of the row it was made from.
    """
    plain = _Collected(len(rows), n_columns)
    again = None if rewritten is None else _Collected(len(rewritten.origin), n_columns)
    fold_again = np.zeros(0, dtype=np.int64) if rewritten is None else fold[rewritten.origin]
    for index in range(int(fold.max()) + 1):
        chosen, chosen_again = fold == index, fold_again == index

        def make(
            chosen: NDArray[np.bool_] = chosen, chosen_again: NDArray[np.bool_] = chosen_again
        ) -> dict[str, NDArray[Any]]:
            model = fit(~chosen)
            arrays = _arrays(predict_fusion(model, rows.take(chosen)), "")
            if rewritten is not None:
                arrays |= _arrays(predict_fusion(model, rewritten.rows.take(chosen_again)), "again_")
            return arrays

        arrays = work.remember(f"fold{index}", make) if chosen.any() else {}
        plain.fill(chosen, arrays, "")
        if again is not None:
            again.fill(chosen_again, arrays, "again_")
        done()
    return OutOfFold(fold, plain.predictions(), None if again is None else again.predictions())


def _arrays(found: Predictions, prefix: str) -> dict[str, NDArray[Any]]:
    """Return predictions as named arrays."""
    logits = {f"{prefix}logits_{expert}": values for expert, values in found.logits.items()}
    return {f"{prefix}distance": found.distance, **logits}


class _Collected:
    """Predictions of rows, filled in fold by fold."""

    def __init__(self, n_rows: int, n_columns: int) -> None:
        self._shape = (len(VELOCITIES), n_rows, n_columns)
        self._logits: dict[str, Array] = {}
        self._distance = np.full(self._shape[:2], np.nan)

    def fill(self, chosen: NDArray[np.bool_], arrays: Mapping[str, NDArray[Any]], prefix: str) -> None:
        """Put the predictions of one fold in their place."""
        if f"{prefix}distance" in arrays:
            self._distance[:, chosen] = arrays[f"{prefix}distance"]
        for name in arrays:
            if name.startswith(f"{prefix}logits_"):
                expert = name.removeprefix(f"{prefix}logits_")
                self._logits.setdefault(expert, np.zeros(self._shape))[:, chosen] = arrays[name]

    def predictions(self) -> Predictions:
        """Return what was collected."""
        return Predictions(self._logits, self._distance)


def model_arrays(model: FusionModel) -> dict[str, NDArray[Any]]:
    """Return a fused model as named arrays."""
    arrays: dict[str, NDArray[Any]] = {f"scaler.{f.name}": getattr(model.scaler, f.name) for f in fields(Scaler)}
    arrays |= {f"basis.{f.name}": np.asarray(getattr(model.basis, f.name)) for f in fields(NoveltyBasis)}
    for name, weights in model.experts.items():
        arrays |= weights.arrays(f"{name}.")
    return arrays if model.joint is None else {**arrays, **model.joint.to_arrays("joint.")}


def model_from_arrays(arrays: Mapping[str, NDArray[Any]]) -> FusionModel:
    """Return what `model_arrays` wrote."""
    experts = {name.split(".")[0]: None for name in arrays if not name.startswith(("scaler.", "basis.", "joint."))}
    basis = {f.name: arrays[f"basis.{f.name}"] for f in fields(NoveltyBasis)}
    return FusionModel(
        scaler=Scaler(**{f.name: arrays[f"scaler.{f.name}"] for f in fields(Scaler)}),
        basis=NoveltyBasis(basis["components"], basis["scale"], float(basis["residual_scale"])),
        experts={name: ExpertWeights.from_arrays(arrays, f"{name}.") for name in experts},
        joint=JointWeights.from_arrays(arrays, "joint.") if "joint.strategy" in arrays else None,
    )
