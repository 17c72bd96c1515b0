"""Drawing with weights: one small function, since a search draws some ten thousand times."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Rng = np.random.Generator


def draw(weights: Sequence[float] | NDArray[np.float64], rng: Rng) -> int:
    """Draw an index with the given weights (cheaper than `rng.choice` for a handful)."""
    summed = np.cumsum(weights)
    return min(int(np.searchsorted(summed, rng.random() * summed[-1], side="right")), len(summed) - 1)
