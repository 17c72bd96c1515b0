"""How much the music of proposals differs: entropy of keys in bits, spread of tempi, counts of meters and classes.

Enharmonic tonics are one (A# minor is Bb minor). Entropy from few proposals is too low, so the Miller–Madow estimate
(Miller 1955: plus (kinds − 1) / 2n nats) and the most bits that n proposals can show stand beside it.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from whitelight.music import Key

WINDOW_BPM = 10.0
T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Entropy:
    """Entropy of a list of kinds.

    Attributes
    ----------
    bits : of the shares as counted. corrected_bits : Miller–Madow estimate, at most `most_bits`.
    most_bits : what `n` different things out of `n_possible` would have.
    """

    n: int
    n_kinds: int
    bits: float
    corrected_bits: float
    most_bits: float


@dataclass(frozen=True, slots=True)
class TempoSpread:
    """Tempi in quarter notes per minute; `densest` is (low, high, count) of the fullest window, high excluded."""

    n: int
    low: float
    quartiles: tuple[float, float, float]
    high: float
    densest: tuple[float, float, int]


def entropy(kinds: Sequence[Hashable], n_possible: int) -> Entropy | None:
    """Measure a list of kinds; None without any."""
    if not kinds:
        return None
    n, counts = len(kinds), np.array([count for _, count in tally(kinds)])
    shares = counts / n
    bits = float(-(shares * np.log2(shares)).sum()) + 0.0
    most = math.log2(min(n, n_possible))
    corrected = min(bits + (len(counts) - 1) / (2 * n * math.log(2)), max(most, bits))
    return Entropy(n, len(counts), round(bits, 3), round(corrected, 3), round(most, 3))


def tally(kinds: Sequence[T]) -> list[tuple[T, int]]:
    """Return kinds with their counts, most frequent first, else in order of their text."""
    counts: dict[T, int] = {}
    for kind in kinds:
        counts[kind] = counts.get(kind, 0) + 1
    return sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))


def merged(key: Key) -> Key:
    """The key in its plainest spelling, so that enharmonic ones are equal."""
    return Key(key.tonic, key.scale_name)


def tempo_spread(tempi: Sequence[float]) -> TempoSpread | None:
    """Measure tempi; None without any."""
    if not tempi:
        return None
    q1, q2, q3 = (round(float(value), 1) for value in np.percentile(tempi, (25, 50, 75)))
    return TempoSpread(len(tempi), min(tempi), (q1, q2, q3), max(tempi), densest_window(tempi))


def densest_window(tempi: Sequence[float]) -> tuple[float, float, int]:
    """Return the window of `WINDOW_BPM` that holds the most tempi: (low, high, count); of equal ones the slowest."""
    inside = {low: sum(low <= tempo < low + WINDOW_BPM for tempo in tempi) for low in tempi}
    low = min(inside, key=lambda low: (-inside[low], low))
    return low, low + WINDOW_BPM, inside[low]
