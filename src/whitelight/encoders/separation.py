"""Do songs of one class lie closer together than chance has it: silhouette and nearest song, against shuffled classes.

Silhouette as in Rousseeuw (1987), with cosine distance. The p-values are the shares of permutations of the classes over
the songs that are as good, the arrangement found included (Phipson and Smyth 2010).
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIGNIFICANT = 0.05
N_SHUFFLES = 999
MAX_SONGS = 1000  # that are compared; of more, as many are drawn: shuffling costs their square

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Separation:
    """How well classes of songs are apart.

    Attributes
    ----------
    silhouette : -1 to 1, 0 where classes lie among each other.
    hit_rate, chance : share of songs whose nearest song is of their class, and what it is on average when shuffled.
    silhouette_p, hit_rate_p : share of shuffles that are as good, above 0.
    """

    silhouette: float
    silhouette_p: float
    hit_rate: float
    hit_rate_p: float
    chance: float

    @property
    def p(self) -> float:
        """The smaller p-value, doubled because there are two."""
        return min(1.0, 2 * min(self.silhouette_p, self.hit_rate_p))

    @property
    def is_significant(self) -> bool:
        """Whether `p` is at most `SIGNIFICANT`."""
        return self.p <= SIGNIFICANT


def measure_separation(means: Array, label: NDArray[Any], rng: np.random.Generator) -> Separation:
    """Compare songs, one vector each, shape (n_songs, dim); each class has two songs or more."""
    _, number = np.unique(label.astype(str), return_inverse=True)
    unit = means / np.maximum(np.sqrt((means * means).sum(axis=1, keepdims=True)), 1e-12)
    distance = 1 - unit @ unit.T
    np.fill_diagonal(distance, np.inf)
    nearest = distance.argmin(axis=1)
    np.fill_diagonal(distance, 0.0)
    shuffled = [rng.permutation(number) for _ in range(N_SHUFFLES)]
    silhouette, hit_rate = _silhouette(distance, number), _hit_rate(nearest, number)
    sizes = np.bincount(number)
    return Separation(
        silhouette=silhouette,
        silhouette_p=_p(silhouette, [_silhouette(distance, other) for other in shuffled]),
        hit_rate=hit_rate,
        hit_rate_p=_p(hit_rate, [_hit_rate(nearest, other) for other in shuffled]),
        chance=float((sizes * (sizes - 1)).sum() / (len(number) * (len(number) - 1))),
    )


def comparable_songs(label: NDArray[Any], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return songs of classes that have two songs or more ("" is no class), at most `MAX_SONGS` of them."""
    songs = np.flatnonzero(label != "")
    if len(songs) > MAX_SONGS:
        songs = np.sort(rng.choice(songs, MAX_SONGS, replace=False))
    names, counts = np.unique(label[songs].astype(str), return_counts=True)
    return songs[np.isin(label[songs].astype(str), names[counts > 1])]


def best_p(label: NDArray[Any]) -> float:
    """Return the smallest p-value classes of these sizes can have: one over the ways to divide the songs into them."""
    sizes = np.unique(label.astype(str), return_counts=True)[1]
    if len(sizes) < 2:
        return 1.0
    ways = math.lgamma(len(label) + 1) - sum(math.lgamma(size + 1) for size in sizes)
    ways -= sum(math.lgamma(count + 1) for count in np.unique(sizes, return_counts=True)[1])
    return max(math.exp(-min(ways, 50.0)), 1 / (1 + N_SHUFFLES))


def _silhouette(distance: Array, number: NDArray[np.int64]) -> float:
    """Mean over songs of (b - a) / max(a, b): a to its own class, b to the nearest other one."""
    member = np.eye(int(number.max()) + 1)[number]
    sizes, each = member.sum(axis=0), np.arange(len(number))
    sums = distance @ member  # (songs, classes)
    own = sums[each, number] / (sizes[number] - 1)
    others = sums / sizes
    others[each, number] = np.inf
    other = others.min(axis=1)
    return float(((other - own) / np.maximum(np.maximum(own, other), 1e-12)).mean())


def _hit_rate(nearest: NDArray[np.int64], number: NDArray[np.int64]) -> float:
    return float((number[nearest] == number).mean())


def _p(found: float, shuffled: list[float]) -> float:
    return (1 + sum(value >= found - 1e-12 for value in shuffled)) / (1 + len(shuffled))
