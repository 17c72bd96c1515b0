"""Descriptors made comparable: standardized per view, clipped, and blind to velocity when asked.

A bass line is not a quiet full mix: judged by the scale of full music a model is wrong on parts and sure of it
(EMOPIA, linear model: ECE .20–.24 against .03–.05), so every view has its own mean and spread.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.scoring.calibration import VELOCITIES
from whitelight.scoring.heads import Array

CLIP = 4.0  # standard deviations; beyond it a descriptor says "extreme", not more, so a search cannot buy score with it


@dataclass(frozen=True, slots=True)
class Scaler:
    """Mean and spread of every descriptor per view.

    Attributes
    ----------
    mean, scale : (n_views, dim). uses_velocity : (dim,) bool.
    """

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    uses_velocity: NDArray[np.bool_]

    def apply(self, descriptors: NDArray[np.float32], view: NDArray[np.int64], velocity: int) -> NDArray[np.float32]:
        """Return standardized descriptors, (n, dim); 0 (the mean) where velocity must not be looked at."""
        scaled = (descriptors - self.mean[view]) / self.scale[view]
        np.clip(scaled, -CLIP, CLIP, out=scaled)
        if VELOCITIES[velocity] == "free":
            scaled[:, self.uses_velocity] = 0.0
        return scaled


@dataclass(frozen=True, slots=True)
class Familiarity:
    """What distances are usual: quantiles of the distance of held-out rows per condition.

    Attributes
    ----------
    quantiles : (n_velocities, n_views, n_quantiles), ascending.
    """

    quantiles: Array

    def novelty(self, distance: Array, velocity: int, view: int) -> Array:
        """Return the share of the catalog's held-out rows that are nearer; tends to 1 beyond the farthest."""
        grid = self.quantiles[velocity, view]
        share = (np.arange(len(grid)) + 0.5) / len(grid)
        inside = np.interp(distance, grid, share)
        beyond = 1.0 - (1.0 - share[-1]) * grid[-1] / np.maximum(distance, grid[-1])
        return np.asarray(np.where(distance > grid[-1], beyond, inside))
