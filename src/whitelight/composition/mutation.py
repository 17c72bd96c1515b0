"""Changing a genome: one of a stage's mutations, now and then a few of them in a row."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from whitelight.composition.randomness import Rng, draw

G = TypeVar("G")
S = TypeVar("S")


def change(
    genome: G, mutations: Sequence[Callable[[G, S, Rng], G]], setting: S, rng: Rng, *, how_many: Sequence[float]
) -> G:
    """Apply mutations drawn alike.

    Parameters
    ----------
    setting : what the stage knows of the section. how_many : weights of one change, two changes, and so on.
    """
    for _ in range(1 + draw(how_many, rng)):
        genome = mutations[int(rng.integers(len(mutations)))](genome, setting, rng)
    return genome
