"""A small MAP-Elites archive: the best candidate of every cell of two or three named measures.

Ask for parents, tell results. The archive keeps what is good *of its kind*, so that a search does not end with fifty
copies of one idea (Mouret & Clune 2015).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

import numpy as np

BINS = 5
RANK_DECAY = 0.55  # how often an elite is a parent, against the one that ranks before it
SHARE_ANYWHERE = 0.1  # of the parents are drawn from any cell alike


class Placed(Protocol):
    """Something with a worth and a place."""

    @property
    def fitness(self) -> float:
        """Higher is better."""

    @property
    def measures(self) -> Mapping[str, float]:
        """Where it lies."""


P = TypeVar("P", bound=Placed)
Cell = tuple[int, ...]


@dataclass(slots=True)
class Archive(Generic[P]):
    """Elites by cell.

    Attributes
    ----------
    ranges : measure → (low, high); values outside fall into the border cells.
    elites : cell → best so far, in order of first arrival.
    """

    ranges: Mapping[str, tuple[float, float]]
    elites: dict[Cell, P] = field(default_factory=dict)

    def cell(self, measures: Mapping[str, float]) -> Cell:
        """Cell of a place."""
        return tuple(int(np.clip(int(share * BINS), 0, BINS - 1)) for share in self.place(measures).values())

    def place(self, measures: Mapping[str, float]) -> dict[str, float]:
        """Measure → share of its range; below 0 or above 1 outside it."""
        return {name: (measures[name] - low) / (high - low) for name, (low, high) in self.ranges.items()}

    def tell(self, candidates: Sequence[P]) -> int:
        """Take candidates in; return how many became elites."""
        n_new = 0
        for candidate in candidates:
            cell = self.cell(candidate.measures)
            best = self.elites.get(cell)
            if best is None or candidate.fitness > best.fitness:
                self.elites[cell] = candidate
                n_new += 1
        return n_new

    def ranked(self) -> list[P]:
        """Elites, best first."""
        return sorted(self.elites.values(), key=lambda elite: -elite.fitness)

    def ask(self, n_parents: int, rng: np.random.Generator) -> list[P]:
        """Draw parents: mostly among the best, each rank less often than the one before it, now and then any cell."""
        elites = self.ranked()
        weights = RANK_DECAY ** np.arange(len(elites))
        weights = weights / weights.sum() * (1 - SHARE_ANYWHERE) + SHARE_ANYWHERE / len(elites)
        return [elites[int(place)] for place in rng.choice(len(elites), size=n_parents, p=weights)]
