"""How well one stretch meets the next: 0 is as if it had always gone on so, 1 is a break.

Chords are measured by how far their voices move, lines by the interval, drums by the instruments they share.
`seam_cost` measures one seam, a `SeamTable` the seams of one stretch with many at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.white.library import Material

FAR_VOICES = 5.0  # semitones of mean voice motion that are a break; real songs stay below 3 (COMPOSING, voice leading)
FAR_LINE = 12.0  # semitones
STEP = 2  # semitones; an interval up to here costs nothing
Costs = NDArray[np.float64]


def seam_cost(before: Material, after: Material) -> float:
    """Cost of one seam."""
    return float(seam_table((after,)).after(before)[0])


@dataclass(frozen=True, slots=True, eq=False)
class SeamTable:
    """Stretches laid out for measuring; n of them, with m pitches at most at an edge (NaN where there are fewer).

    Attributes
    ----------
    opening, closing : shape (n, m). kits : shape (n, 128), which pitches occur.
    """

    materials: tuple[Material, ...]
    opening: NDArray[np.float64]
    closing: NDArray[np.float64]
    kits: NDArray[np.bool_]

    def after(self, before: Material) -> Costs:
        """Cost of going from one stretch to each of these, shape (n,)."""
        costs = self._costs(self.opening, before.closing, before)
        costs[[material.follows(before) for material in self.materials]] = 0.0
        return costs

    def before(self, after: Material) -> Costs:
        """Cost of going from each of these to one stretch, shape (n,)."""
        costs = self._costs(self.closing, after.opening, after)
        costs[[after.follows(material) for material in self.materials]] = 0.0
        return costs

    def _costs(self, edges: NDArray[np.float64], pitches: Sequence[int], other: Material) -> Costs:
        stage = other.source.stage
        if stage == "drums":
            kit = _kit(other)
            shared = (self.kits & kit).sum(axis=1) / np.maximum((self.kits | kit).sum(axis=1), 1)
            return np.asarray(1.0 - shared, dtype=np.float64)
        apart = np.abs(edges[:, :, None] - np.asarray(pitches, dtype=np.float64))  # (n, m, k)
        if stage in ("chords", "harmony"):
            return np.asarray(np.minimum(_voice_motion(apart) / FAR_VOICES, 1.0), dtype=np.float64)
        steps = np.nanmin(apart, axis=(1, 2))
        return np.asarray(np.clip((steps - STEP) / (FAR_LINE - STEP), 0.0, 1.0), dtype=np.float64)


def seam_table(materials: Sequence[Material]) -> SeamTable:
    """Lay stretches out for measuring; each has a note."""
    kits = np.array([_kit(material) for material in materials])
    opening = _padded([material.opening for material in materials])
    return SeamTable(tuple(materials), opening, _padded([material.closing for material in materials]), kits)


def _voice_motion(apart: NDArray[np.float64]) -> Costs:
    """Semitones a voice moves on average, each tone of the larger chord to the nearest of the other."""
    to_other = np.nanmean(np.min(apart, axis=2), axis=1)  # NaN rows are pitches that are not there
    from_other = np.nanmin(apart, axis=1).mean(axis=1)
    sizes = (~np.isnan(apart[:, :, 0])).sum(axis=1)
    return np.asarray(np.where(sizes > apart.shape[2], to_other, from_other), dtype=np.float64)


def _padded(rows: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    table = np.full((len(rows), max(map(len, rows))), np.nan)
    for place, row in enumerate(rows):
        table[place, : len(row)] = row
    return table


def _kit(material: Material) -> NDArray[np.bool_]:
    kit = np.zeros(128, dtype=bool)
    kit[[note.pitch for note in material.notes]] = True
    return kit
