"""Guessing the fitness of a genome from those that were scored: of several children only the most promising is scored.

A genome is plain data, so its traits can be read off without playing it: how often each value stands in each field, and
mean and spread of the numbers there (`traits`). Ridge regression on traits, fitted anew for every batch, is crude, but
it only has to tell siblings apart (surrogate-assisted search; Jin 2011, "Surrogate-assisted evolutionary computation").
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

RIDGE = 0.1  # of the mean variance of a genome's traits
SMALLEST_SPREAD = 1e-9  # a trait that all genomes share tells nothing
FARTHEST = 4.0  # standard deviations of a trait beyond which nothing more is concluded from it
DIGITS = 6  # of a guess: what rounding changes behind them must not change a song
Trait = tuple[Hashable, ...]


@dataclass(slots=True)
class Surrogate:
    """What was learned from scored genomes.

    Attributes
    ----------
    columns : trait → column. known : traits of each genome. fitness : of each.
    """

    columns: dict[Trait, int] = field(default_factory=dict)
    known: list[dict[Trait, float]] = field(default_factory=list)
    fitness: list[float] = field(default_factory=list)

    def learn(self, genomes: Sequence[Any], fitness: Sequence[float]) -> None:
        """Take scored genomes in."""
        for genome in genomes:
            found = traits(genome)
            self.known.append(found)
            for trait in found:
                self.columns.setdefault(trait, len(self.columns))
        self.fitness += fitness

    def guess(self) -> "Guess":
        """Fit to everything learned so far; at least one genome."""
        counted, fitness = self._table(), np.array(self.fitness)
        mean, spread = counted.mean(axis=0), counted.std(axis=0)
        scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > SMALLEST_SPREAD)
        counted = (counted - mean) * scale  # (n_known, n_columns)
        gram = counted @ counted.T
        gram += (RIDGE * np.trace(gram) / len(gram) + SMALLEST_SPREAD) * np.eye(len(gram))
        slope = counted.T @ np.linalg.solve(gram, fitness - fitness.mean())
        rows = zip(self.columns, mean.tolist(), scale.tolist(), slope.tolist(), strict=True)
        return Guess({trait: (m, s, w) for trait, m, s, w in rows if s > 0})

    def _table(self) -> NDArray[np.float64]:
        """Traits as (n_known, n_columns); 0 where a genome has none of it."""
        table = np.zeros((len(self.known), len(self.columns)))
        for row, found in zip(table, self.known, strict=True):
            row[[self.columns[trait] for trait in found]] = list(found.values())
        return table


@dataclass(frozen=True, slots=True)
class Guess:
    """A fitted model: trait → its mean, one over its spread, its slope. Traits that came up since say nothing."""

    slopes: Mapping[Trait, tuple[float, float, float]]

    def best(self, genomes: Sequence[Any]) -> int:
        """Return which of several genomes promises most; the first of equals."""
        worth = [round(self._over_none(genome), DIGITS) for genome in genomes]
        return worth.index(max(worth))

    def _over_none(self, genome: Any) -> float:
        """Fitness above that of a genome without any trait."""
        total = 0.0
        for trait, value in traits(genome).items():
            if trait in self.slopes:
                mean, scale, slope = self.slopes[trait]
                total += slope * (_clip((value - mean) * scale) - _clip(-mean * scale))
        return total


def _clip(away: float) -> float:
    return min(max(away, -FARTHEST), FARTHEST)


def traits(genome: Any) -> dict[Trait, float]:
    """Read what can be counted off a genome: field and value → how often; field → mean, spread and number of values.

    The place in a tuple of records or of plain values does not count, the place in a tuple of tuples does: bars and
    notes come and go, the lanes of a bar do not.
    """
    found: dict[Trait, float] = {}
    numbers: dict[Trait, list[float]] = {}
    _walk(genome, (), found, numbers)
    for path, values in numbers.items():
        n, total = len(values), sum(values)
        variance = sum(value * value for value in values) / n - (total / n) ** 2
        found[(*path, "mean")] = total / n
        found[(*path, "spread")] = max(variance, 0.0) ** 0.5
        found[(*path, "number")] = float(n)
    return found


def _walk(value: Any, path: Trait, found: dict[Trait, float], numbers: dict[Trait, list[float]]) -> None:
    if isinstance(value, tuple):
        if value and isinstance(value[0], tuple):
            for place, part in enumerate(value):
                _walk(part, (*path, place), found, numbers)
            return
        for part in value:
            _walk(part, path, found, numbers)
    elif isinstance(value, int | str):
        found[(*path, "=", value)] = found.get((*path, "=", value), 0.0) + 1.0
        if isinstance(value, int):
            numbers.setdefault(path, []).append(value)
    elif isinstance(value, float):
        numbers.setdefault(path, []).append(value)
    elif is_dataclass(value):
        for name in _field_names(value.__class__):
            _walk(getattr(value, name), (*path, name), found, numbers)


@cache
def _field_names(record: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(record))
