"""Bands: where songs lie in a descriptor, as percentiles 5/25/50/75/95 over songs, from a data file with its sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from whitelight.files import load_yaml


@dataclass(frozen=True, slots=True)
class Bands:
    """Percentiles by name; build with `read_bands`."""

    percentiles: Mapping[str, tuple[float, ...]]

    def fit(self, name: str, value: float) -> float:
        """1 between the quartiles, ½ at the 5th and 95th percentile, 0 as far again outside."""
        p5, p25, _, p75, p95 = self.percentiles[name]
        if value < p25:
            return float(np.clip(1.0 - (p25 - value) / (2 * max(p25 - p5, 1e-9)), 0.0, 1.0))
        return float(np.clip(1.0 - (value - p75) / (2 * max(p95 - p75, 1e-9)), 0.0, 1.0)) if value > p75 else 1.0


@lru_cache(maxsize=16)
def read_bands(path: Path) -> Bands:
    """Read the key `bands` of a data file: name → {values: [five numbers], …}."""
    return Bands({name: tuple(map(float, band["values"])) for name, band in load_yaml(path)["bands"].items()})
