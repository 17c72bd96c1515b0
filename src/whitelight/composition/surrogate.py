"""Guessing the fitness of a genome from those that were scored: of several children only the most promising is scored.

A genome is plain data, so its traits can be read off without playing it: how often each value stands in each field, and
mean and spread of the numbers there (`traits`). Ridge regression on traits, fitted anew for every batch, is crude, but
it only has to tell siblings apart (surrogate-assisted search; Jin 2011, "Surrogate-assisted evolutionary computation").
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

RIDGE = 0.1  # of the mean variance of a genome's traits
SMALLEST_SPREAD = 1e-9  # a trait that all genomes share tells nothing
FARTHEST = 4.0  # standard deviations of a trait beyond which nothing more is concluded from it
DIGITS = 6  # of a guess: what rounding changes behind them must not change a song
Trait = str


@dataclass(slots=True)
class Surrogate:
    """What was learned from scored genomes.

    Attributes
    ----------
    columns : trait → column. known : of each genome the columns of its traits, and their values. fitness : of each.
    """

    columns: dict[Trait, int] = field(default_factory=dict)
    known: list[tuple[list[int], list[float]]] = field(default_factory=list)
    fitness: list[float] = field(default_factory=list)

    def learn(self, genomes: Sequence[Any], fitness: Sequence[float]) -> None:
        """Take scored genomes in."""
        for genome in genomes:
            found = traits(genome)
            places = [self.columns.setdefault(trait, len(self.columns)) for trait in found]
            self.known.append((places, list(found.values())))
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
        for row, (places, values) in zip(table, self.known, strict=True):
            row[places] = values
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
    return max(-FARTHEST, min(away, FARTHEST))


def traits(genome: Any) -> dict[Trait, float]:
    """Read what can be counted off a genome: "field=value" → how often; of numbers in a field mean, spread and number.

    The place in a tuple of records or of plain values does not count, the place in a tuple of tuples does: bars and
    notes come and go, the lanes of a bar do not.
    """
    found: dict[Trait, float] = {}
    sums: dict[str, list[float]] = {}
    if not is_dataclass(genome):
        return found
    for path, value in _parts(genome, ""):
        counted, numbers = _read(path, value)
        for trait in counted:
            found[trait] = found.get(trait, 0.0) + 1.0
        for name, number in numbers:
            total = sums.setdefault(name, [0.0, 0.0, 0.0])
            total[0] += 1.0
            total[1] += number
            total[2] += number * number
    for name, (n, total_1, total_2) in sums.items():
        mean = total_1 / n
        found[name + " mean"], found[name + " number"] = mean, n
        found[name + " spread"] = max(total_2 / n - mean * mean, 0.0) ** 0.5
    return found


@lru_cache(maxsize=1 << 14)  # a child shares most bars and notes with its parent
def _read(path: str, value: Any) -> tuple[tuple[Trait, ...], tuple[tuple[str, float], ...]]:
    """Traits of one part of a genome, each as often as it stands there, and its numbers with the names of their fields."""
    if isinstance(value, tuple) or is_dataclass(value):
        counted: list[Trait] = []
        numbers: list[tuple[str, float]] = []
        for name, part in _parts(value, path):
            own, several = _read(name, part)
            counted += own
            numbers += several
        return tuple(counted), tuple(numbers)
    is_number = isinstance(value, int | float)
    return (f"{path}={value}",) if isinstance(value, int | str) else (), ((path, value),) if is_number else ()


def _parts(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Fields of a record, or what is in a tuple, with the name each goes by."""
    if isinstance(value, tuple):
        is_table = bool(value) and isinstance(value[0], tuple)
        for place, part in enumerate(value):
            yield (f"{path}.{place}" if is_table else path), part
        return
    for name in _field_names(value.__class__):
        part = getattr(value, name)
        own = f"{path}.{name}" if path else name
        if isinstance(part, tuple):
            yield from _parts(part, own)
        else:
            yield own, part


@cache
def _field_names(record: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(record))
