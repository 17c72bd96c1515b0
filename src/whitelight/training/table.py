"""Rows with predictions nobody trained on, and what can be a unit of evaluation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.scoring.heads import Array
from whitelight.training.rows import Rows

UNIT_COLUMN = {"segment": "segment_id", "clip": "song_id", "song": "group_id"}
UNSEEN = -2  # fold of rows of songs the model was not trained on
OUT_OF_FOLD = "out-of-fold"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with raw held-out logits of every expert.

    Attributes
    ----------
    logits : expert → (n_velocities, n, n_columns). fold : (n,), `UNSEEN`, or the fold each row was held out in.
    """

    rows: Rows
    logits: Mapping[str, Array]
    fold: NDArray[np.int64]

    def take(self, chosen: NDArray[Any]) -> "Table":
        """Return some rows: a boolean mask or indices."""
        return Table(self.rows.take(chosen), {e: v[:, chosen] for e, v in self.logits.items()}, self.fold[chosen])
