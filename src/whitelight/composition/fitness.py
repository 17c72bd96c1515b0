"""Fitness: Σ w·theory + w·chromatic + w·taste − novelty penalty, with weights from what each part can tell apart.

A term that hardly varies inside a batch, or varies less than when the same music is merely played once more, cannot
rank candidates: its weight is 0 and the record calls it uninformative. The others are scaled by their spread, so none
rules by its unit, and the theory part and the chromatic part move the fitness in the proportion `CHROMATIC_SHARE`. Where
a human's taste takes part it has `TASTE_SHARE`, and the others the rest, in the same proportion.
Weights are measured on the first generation and frozen, so generations can be compared; fitness 0 is its mean.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CHROMATIC_SHARE = 0.6
NORMAL_QUARTILES = 1.349  # distance of the quartiles of a normal distribution, in standard deviations
LEAST_SPREAD = 0.25  # of the standard deviation: where most are alike to a hair, a hair is not worth everything
TASTE_SHARE = 0.3  # less than what it is made for: a taste is learned from few judgements
MIN_SPREAD = 0.02  # terms are shown with two digits
MIN_CHROMATIC_SPREAD = 1e-3  # natural log units; of taste log-odds, which are the same
NOVELTY_FLOOR = 0.8  # share of the catalog's rows that are less unusual; below it nothing is penalized
NOVELTY_WEIGHT = 1.0  # fitness lost at novelty 1, in standard deviations of the first generation
INFORMATIVE, UNINFORMATIVE, NO_BAND = "informative", "uninformative", "no band applies"

Terms = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class TermWeight:
    """What one part of the fitness is worth.

    Attributes
    ----------
    weight : per unit of the term, 0 when it cannot rank.
    mean, spread : over the first generation; the standard deviation, of what is heard `usual_spread`. noise : standard deviation over
        playings of one and the same music.
    status : "informative", "uninformative" or "no band applies".
    """

    weight: float
    mean: float
    spread: float
    noise: float
    status: str


@dataclass(frozen=True, slots=True)
class FitnessWeights:
    """Weights of one section, frozen after its first generation; `taste` is None where none takes part."""

    theory: Mapping[str, TermWeight]
    chromatic: TermWeight
    novelty_limit: float
    taste: TermWeight | None = None

    def fitness(self, terms: Terms, chromatic: float, novelty: float, taste: float = math.nan) -> float:
        """Combine one candidate's terms; 0 is the mean of the first generation."""
        total = sum(
            weight.weight * (value - weight.mean)
            for name, weight in self.theory.items()
            if (value := terms.get(name)) is not None
        )
        if self.chromatic.weight:
            total += self.chromatic.weight * (chromatic - self.chromatic.mean)
        if self.taste is not None and self.taste.weight and math.isfinite(taste):
            total += self.taste.weight * (taste - self.taste.mean)
        return float(total - self.penalty(novelty))

    def penalty(self, novelty: float) -> float:
        """Fitness lost for music unlike anything the scorer has heard."""
        if math.isnan(novelty) or novelty <= self.novelty_limit:
            return 0.0
        return NOVELTY_WEIGHT * (novelty - self.novelty_limit) / max(1.0 - self.novelty_limit, 1e-6)


def weigh(
    batch: Sequence[Terms],
    noise: Mapping[str, float],
    chromatic: Sequence[float],
    novelty: Sequence[float],
    taste: Sequence[float] | None = None,
) -> FitnessWeights:
    """Measure spreads on the first generation and set the weights.

    Parameters
    ----------
    batch : terms of each candidate. noise : term → standard deviation over playings of the same music.
    chromatic : log-likelihood ratio of each candidate, NaN where there is no verdict.
    novelty : of each candidate, NaN where there is none. taste : log-odds of each candidate, None without a taste.
    """
    columns = {name: _column(batch, name) for name in batch[0]}
    raw = {name: _raw_weight(values, noise.get(name, 0.0)) for name, values in columns.items()}
    taste_weight = None if taste is None else _heard_weight(np.asarray(taste, dtype=np.float64), TASTE_SHARE)
    rest = 1.0 - TASTE_SHARE if taste_weight is not None and taste_weight.weight else 1.0
    chromatic_weight = _heard_weight(np.asarray(chromatic, dtype=np.float64), rest * CHROMATIC_SHARE)
    theory_share = rest * (1.0 - CHROMATIC_SHARE) if chromatic_weight.weight else rest
    summed = sum((raw[n].weight * np.nan_to_num(columns[n] - raw[n].mean) for n in raw), np.zeros(len(batch)))
    scale = theory_share / max(float(np.std(summed)), 1e-9)
    theory = {name: TermWeight(w.weight * scale, w.mean, w.spread, w.noise, w.status) for name, w in raw.items()}
    known = np.asarray(novelty, dtype=np.float64)
    known = known[~np.isnan(known)]
    limit = max(NOVELTY_FLOOR, float(np.median(known))) if len(known) else 1.0
    return FitnessWeights(theory, chromatic_weight, limit, taste_weight)


def _column(batch: Sequence[Terms], name: str) -> NDArray[np.float64]:
    values = (terms[name] for terms in batch)
    return np.array([math.nan if value is None else value for value in values], dtype=np.float64)


def _raw_weight(values: NDArray[np.float64], noise: float) -> TermWeight:
    """Return the weight 1/spread, before the parts are balanced."""
    known = values[~np.isnan(values)]
    if not len(known):
        return TermWeight(0.0, 0.0, 0.0, noise, NO_BAND)
    mean, spread = float(known.mean()), float(known.std())
    if spread < max(noise, MIN_SPREAD):
        return TermWeight(0.0, mean, spread, noise, UNINFORMATIVE)
    return TermWeight(1.0 / spread, mean, spread, noise, INFORMATIVE)


def usual_spread(values: NDArray[np.float64]) -> float:
    """Standard deviation of a normal distribution with the same quartiles, `LEAST_SPREAD` of the real one at least.

    Some candidates play in another manner than the class's own. They lie so far below the rest that the standard
    deviation measures the gap; by it nothing among those that can win would tell apart, and theory alone would rank.
    """
    low, high = np.percentile(values, (25, 75))
    return float(max((high - low) / NORMAL_QUARTILES, LEAST_SPREAD * values.std()))


def _heard_weight(values: NDArray[np.float64], share: float) -> TermWeight:
    """Weight of what a scorer or a taste says, with its share of the fitness. Velocity-free scores do not change when music is played once more, so their noise is 0."""
    known = values[np.isfinite(values)]
    if len(known) < 2:
        return TermWeight(0.0, 0.0, 0.0, 0.0, "no target")
    mean, spread = float(known.mean()), usual_spread(known)
    if spread < MIN_CHROMATIC_SPREAD:
        return TermWeight(0.0, mean, spread, 0.0, UNINFORMATIVE)
    return TermWeight(share / spread, mean, spread, 0.0, INFORMATIVE)
