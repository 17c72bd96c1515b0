"""Conformal sets: the classes that cannot be ruled out, right at a stated rate whatever the model is.

A class is in the set when its probability reaches a threshold taken from held-out songs *of that class*, so that in new
songs of every class the stated share of excerpts keeps its own in the set (class-conditional; Vovk 2012). Songs, not
excerpts, are exchangeable. Fitted by `training.conformal`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.scoring.heads import Array

LEVELS = (0.8, 0.9)  # shares of excerpts whose class is in the set
STATED_LEVEL = 0.9  # of the sets a result carries


@dataclass(frozen=True, slots=True)
class ConformalSets:
    """Smallest probabilities with which a class is in the set.

    Attributes
    ----------
    threshold : (n_levels, n_velocities, n_views, n_classes); 0 where too few songs were held out to leave a class out,
        above 1 for a class that was never heard.
    """

    threshold: Array

    def members(
        self, probabilities: Array, velocity: int, view: int | NDArray[np.int64], *, level: float = STATED_LEVEL
    ) -> NDArray[np.bool_]:
        """Return which classes are in the set of each row, (n, n_classes).

        Parameters
        ----------
        probabilities : (n, n_classes). view : one for all rows, or (n,). level : of `LEVELS`.
        """
        limit = self.threshold[LEVELS.index(level), velocity][view]
        return np.asarray(probabilities >= limit)

    def names(self, probabilities: Array, velocity: int, view: int, labels: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the classes in the set of each row, most likely first; the most likely one is never left out."""
        inside = self.members(probabilities, velocity, view)
        inside[np.arange(len(inside)), probabilities.argmax(axis=1)] = True
        order = np.argsort(-probabilities, axis=1, kind="stable")
        return [tuple(labels[k] for k in row if inside[i, k]) for i, row in enumerate(order)]
