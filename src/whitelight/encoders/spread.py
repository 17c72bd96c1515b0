"""Whether an encoder is worth trusting: how its vectors spread, and whether classes are apart in them.

Spread: the mean cosine of rows of different songs, vectors as they are (1: all point one way), and the effective
dimension, the participation ratio of the variances, (sum λ)² / sum λ². Separation (see `separation`): columns are
standardized, as a model does, so that units do not matter, and each song is the mean of its rows, so that rows of one
song are no neighbors.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.separation import (
    SIGNIFICANT,
    Array,
    Separation,
    best_p,
    comparable_songs,
    measure_separation,
)

CONSTANT = 1e-9  # a column whose standard deviation is no more says nothing


@dataclass(frozen=True, slots=True)
class Spread:
    """What an encoder makes of a dataset.

    Attributes
    ----------
    n_rows, n_songs, n_classes : rows with a vector; songs and classes that are compared (classes of two songs or more).
    mean_cosine : -1 to 1; None without two songs. effective_dim : 1 to the dimension; None where nothing varies.
    separation : None where too little is there to compare.
    warning : what is wrong, in plain words; None when nothing is.
    """

    n_rows: int
    n_songs: int
    n_classes: int
    mean_cosine: float | None
    effective_dim: float | None
    separation: Separation | None
    warning: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return all figures by name."""
        return asdict(self)


def measure_spread(
    vectors: NDArray[np.float32], songs: Sequence[str], classes: Sequence[str], rng: np.random.Generator
) -> Spread:
    """Measure spread and separation.

    Parameters
    ----------
    vectors : shape (n_rows, dim), rows that have one.
    songs, classes : of each row; class "" is unknown: the row counts for the spread alone.
    rng : draws the shuffles.
    """
    rows = np.asarray(vectors, np.float64)
    song_names, song_of = np.unique(np.asarray(songs, object).astype(str), return_inverse=True)
    label = _label_of_songs(song_of, np.asarray(classes, object).astype(str), len(song_names))
    chosen = comparable_songs(label, rng)
    standard = _standardized(rows)
    dimension = effective_dim(standard)
    separation, warning = None, None
    if dimension is None:
        warning = _nothing_varies(len(rows))
    elif best_p(label[chosen]) > SIGNIFICANT / 2:
        warning = _too_few(len(chosen))
    else:
        separation = measure_separation(_means(standard, song_of, len(song_names))[chosen], label[chosen], rng)
        warning = None if separation.is_significant else _no_better(separation.p)
    n_classes = len(set(label[chosen].tolist()))
    return Spread(len(rows), len(chosen), n_classes, mean_cosine(rows, song_of), dimension, separation, warning)


def mean_cosine(rows: Array, song_of: NDArray[np.int64]) -> float | None:
    """Return the mean cosine of all pairs of rows of different songs, at a cost linear in rows; None without a pair."""
    unit = rows / np.maximum(np.sqrt((rows * rows).sum(axis=1, keepdims=True)), 1e-12)
    counts = np.bincount(song_of).astype(float)
    n_pairs = counts.sum() ** 2 - (counts**2).sum()
    sums = np.zeros((len(counts), rows.shape[1]))
    np.add.at(sums, song_of, unit)
    total = sums.sum(axis=0)
    return float((total @ total - (sums * sums).sum()) / n_pairs) if n_pairs > 0 else None


def effective_dim(rows: Array) -> float | None:
    """Return the participation ratio of the variances of centered rows; None where nothing varies."""
    gram = rows @ rows.T if len(rows) < rows.shape[1] else rows.T @ rows  # both have the eigenvalues that count
    total = float((gram * gram).sum())
    return float(np.trace(gram) ** 2 / total) if total > 0 else None


def _label_of_songs(song_of: NDArray[np.int64], classes: NDArray[Any], n_songs: int) -> NDArray[Any]:
    """Class of each song, its most frequent one; "" where none is known."""
    label = np.full(n_songs, "", dtype=object)
    for song in range(n_songs):
        known = [name for name in classes[song_of == song].tolist() if name]
        if known:
            label[song] = max(sorted(set(known)), key=known.count)
    return label


def _means(rows: Array, song_of: NDArray[np.int64], n_songs: int) -> Array:
    sums = np.zeros((n_songs, rows.shape[1]))
    np.add.at(sums, song_of, rows)
    return np.asarray(sums / np.bincount(song_of, minlength=n_songs)[:, None])


def _standardized(rows: Array) -> Array:
    """Scale every column to mean 0 and deviation 1; constant columns become 0."""
    if not len(rows):
        return rows
    deviation = rows.std(axis=0)
    return np.asarray((rows - rows.mean(axis=0)) / np.where(deviation > CONSTANT, deviation, np.inf))


def _nothing_varies(n_rows: int) -> str:
    if not n_rows:
        return "no row has a vector: the dataset holds nothing of this kind to encode"
    return f"all {n_rows:,} vectors are the same: this encoder says nothing about this dataset"


def _too_few(n_songs: int) -> str:
    return (
        f"{n_songs} songs in classes of two or more are too few to tell whether this encoder separates classes; "
        "the least are two classes of five songs, or four of two"
    )


def _no_better(p: float) -> str:
    return (
        "this encoder does not separate the classes: songs of one class lie no closer together than chance has it "
        f"(p = {p:.2f}, expected at most {SIGNIFICANT}); a model that hears nothing else has nothing to learn from"
    )
