"""Transforms: what may happen to an excerpt. Drawing decides, with the generator it is given and nothing else.

Every draw takes the same number of values from the generator whatever it decides, so that a changed probability or
range of one transform leaves the draws of the others as they were.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import exp, gcd, log
from typing import Protocol

import numpy as np

from whitelight.dataset.augment.changes import FASTEST, MAX_SEMITONES, SLOWEST, Change, Changes, Shift, Stretch
from whitelight.dataset.augment.errors import AugmentError
from whitelight.dataset.augment.excerpt import Excerpt
from whitelight.music import TempoMap

_FINEST = 1_000_000  # rates without MIDI are fractions below this denominator; a tempo is a whole number of µs as well


class Transform(Protocol):
    """A distribution of changes."""

    def draw(self, excerpt: Excerpt, rng: np.random.Generator) -> Change:
        """Decide what is to be done to the excerpt (and to the other stems of its segment)."""
        ...


@dataclass(frozen=True, slots=True)
class TimeStretch:
    """Faster or slower at the same pitch; a rate and its inverse are equally likely.

    The rate drawn is moved by less than a microsecond per beat to one at which the tempo of the excerpt's MIDI is a
    whole number of microseconds, so that audio, MIDI and lyrics keep exactly the same time.

    Parameters
    ----------
    min_rate, max_rate : 0.6 to 2; above 1 is faster.
    """

    min_rate: float = 0.9
    max_rate: float = 1.1

    def __post_init__(self) -> None:
        if not SLOWEST <= self.min_rate <= self.max_rate <= FASTEST:
            raise AugmentError(f"rates {self.min_rate:g} to {self.max_rate:g}: expected 0.6 ≤ lowest ≤ highest ≤ 2")

    def draw(self, excerpt: Excerpt, rng: np.random.Generator) -> Stretch:
        """Draw a rate."""
        drawn = exp(rng.uniform(log(self.min_rate), log(self.max_rate)))
        drawn = min(max(drawn, self.min_rate), self.max_rate)
        if excerpt.piece is None:
            return Stretch(Fraction(drawn).limit_denominator(_FINEST))
        return Stretch(exact_rate(drawn, excerpt.piece.tempo_map))


@dataclass(frozen=True, slots=True)
class Transpose:
    """Higher or lower by whole semitones, all equally likely, both ends included."""

    min_semitones: int = -5
    max_semitones: int = 6

    def __post_init__(self) -> None:
        if not -MAX_SEMITONES <= self.min_semitones <= self.max_semitones <= MAX_SEMITONES:
            raise AugmentError(
                f"{self.min_semitones} to {self.max_semitones} semitones: "
                f"expected −{MAX_SEMITONES} ≤ lowest ≤ highest ≤ {MAX_SEMITONES}"
            )

    def draw(self, excerpt: Excerpt, rng: np.random.Generator) -> Shift:  # noqa: ARG002  the signature of all transforms
        """Draw an interval."""
        return Shift(int(rng.integers(self.min_semitones, self.max_semitones, endpoint=True)))


@dataclass(frozen=True, slots=True)
class Sometimes:
    """A transform that happens with a probability, in [0, 1]."""

    transform: Transform
    probability: float

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            raise AugmentError(f"probability {self.probability:g}: expected 0 to 1")

    def draw(self, excerpt: Excerpt, rng: np.random.Generator) -> Change:
        """Draw whether, and what."""
        happens = rng.random() < self.probability
        change = self.transform.draw(excerpt, rng)
        return change if happens else Changes()


@dataclass(frozen=True, slots=True)
class Chain:
    """Several transforms in order; all are drawn before any is applied, and for the excerpt as it is given."""

    transforms: tuple[Transform, ...]

    def draw(self, excerpt: Excerpt, rng: np.random.Generator) -> Changes:
        """Draw one change of each."""
        return Changes(tuple(transform.draw(excerpt, rng) for transform in self.transforms))


def exact_rate(rate: float, tempo_map: TempoMap) -> Fraction:
    """Return the rate next to `rate` that keeps the tempi of a map whole numbers of microseconds per beat.

    All of them where they have a common divisor to speak of; otherwise the first one, and `stretch_piece` rounds the
    others.
    """
    unit = gcd(*tempo_map.us_per_beat)
    if unit < 10_000:  # steps of the rate would be coarser than 0.01 %
        unit = tempo_map.us_per_beat[0]
    return Fraction(unit, round(unit / rate))
