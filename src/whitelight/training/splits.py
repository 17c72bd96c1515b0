"""Which songs a model learns from and which it is judged on.

A *group* is a source song: all its segments, stems and views stay on one side. Songs count equally, however many
rows they have. The only split that ignores songs is called `leaky_folds`, and is there to show the difference
(on EMOPIA the leak is worth 2–8 points).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.errors import WhitelightError

ALWAYS_TRAIN = -1  # fold of rows that are never held out: the only song of their class


class SplitError(WhitelightError):
    """The songs cannot be divided as asked."""


@dataclass(frozen=True, slots=True)
class Split:
    """Rows to learn from and, by name, rows held out; boolean masks over all rows."""

    train: NDArray[np.bool_]
    held_out: Mapping[str, NDArray[np.bool_]]


def split_by_column(values: Sequence[str], groups: Sequence[str], *, column: str) -> Split:
    """Train on the rows whose `column` says 'train'; hold the others out under their own names.

    Raises
    ------
    SplitError : no row says 'train', or rows of one source song say different things.
    """
    names = np.asarray(values, dtype=object)
    if not (names == "train").any():
        found = ", ".join(f"'{name}'" for name in sorted(set(map(str, values)))) or "nothing"
        raise SplitError(f"column '{column}' holds {found}; expected some rows 'train'; label the songs to train on")
    sides: dict[str, str] = {}
    for group, name in zip(groups, names, strict=True):
        if sides.setdefault(group, name) != name:
            raise SplitError(
                f"song '{group}' is in both '{sides[group]}' and '{name}'; expected all rows of a song in one split; "
                f"correct column '{column}'"
            )
    others = sorted(set(map(str, values)) - {"train"})
    return Split(train=names == "train", held_out={name: names == name for name in others})


def grouped_split(
    groups: Sequence[str], labels: Sequence[int], *, held_out: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Return a mask of about `held_out` (0–0.5) of the songs, of every class that has at least two."""
    if not 0 < held_out <= 0.5:
        raise SplitError(f"held-out share {held_out:g}; expected more than 0 and at most 0.5")
    return np.asarray(grouped_folds(groups, labels, n_folds=round(1 / held_out), rng=rng) == 0)


def grouped_folds(
    groups: Sequence[str], labels: Sequence[int], *, n_folds: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Deal whole songs into folds so that every fold holds its share of every class.

    Parameters
    ----------
    groups : source song of each row.
    labels : class index of each row; the rows of one song may carry several.
    n_folds : at least 2.

    Returns
    -------
    fold of each row, 0 … n_folds − 1, or `ALWAYS_TRAIN` for the only song of a class (held out, its class
    would be unknown to the model that is judged).

    Notes
    -----
    Greedy: rarest classes first, each song to the fold that has least of its classes so far.
    """
    if n_folds < 2:
        raise SplitError(f"{n_folds} folds; expected at least 2")
    names, row_group = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    shares = _class_shares(row_group, np.asarray(labels, dtype=np.int64), len(names))
    songs_per_class = (shares > 0).sum(axis=0)
    only = ((shares > 0) & (songs_per_class == 1)).any(axis=1)
    rarity = songs_per_class[shares.argmax(axis=1)]
    order = _dealing_order(np.flatnonzero(~only), rarity, rng)
    load = np.zeros((n_folds, shares.shape[1]))
    fold = np.full(len(names), ALWAYS_TRAIN, dtype=np.int64)
    for group in order:
        crowding = load @ shares[group]
        fold[group] = np.lexsort((load.sum(axis=1), crowding))[0]
        load[fold[group]] += shares[group]
    return fold[row_group]


def song_halves(groups: Sequence[str], labels: Sequence[int], *, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Deal whole songs into two halves that hold the same share of every class.

    Parameters
    ----------
    groups : source song of each row, linked songs under one name (`leakage.linked_groups`).

    Returns
    -------
    (n_rows,), True for the first half; the only song of a class is in the first.

    Raises
    ------
    SplitError : one of the halves would be empty.
    """
    fold = grouped_folds(groups, labels, n_folds=2, rng=rng)
    if not (fold == 1).any():
        raise SplitError(
            f"{len(set(groups))} songs and no class with two; expected two of a class at least, one for each half; add songs"
        )
    return np.asarray(fold != 1)


def leaky_folds(n_rows: int, *, n_folds: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Deal rows into folds ignoring songs: for contrast only, every figure from it is flattered."""
    return rng.permutation(np.arange(n_rows) % n_folds)


def usable_folds(groups: Sequence[str], labels: Sequence[int], wanted: int) -> int:
    """Return how many folds the songs allow: at most `wanted`, at most the songs of the largest class, at least 2."""
    pairs = set(zip(groups, labels, strict=True))
    counts = np.bincount([label for _, label in pairs]) if pairs else np.zeros(1, dtype=np.int64)
    return int(max(2, min(wanted, counts.max())))


def song_weights(groups: Sequence[str]) -> NDArray[np.float64]:
    """Return row weights with which every song counts the same; they sum to 1."""
    _, row_group, counts = np.unique(np.asarray(groups, dtype=str), return_inverse=True, return_counts=True)
    weights = 1.0 / counts[row_group]
    return np.asarray(weights / max(weights.sum(), 1e-12), dtype=np.float64)


def _class_shares(row_group: NDArray[np.int64], labels: NDArray[np.int64], n_groups: int) -> NDArray[np.float64]:
    """Share of each class among the rows of each song, (n_groups, n_classes)."""
    shares = np.zeros((n_groups, int(labels.max(initial=0)) + 1))
    np.add.at(shares, (row_group, labels), 1.0)
    return np.asarray(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1.0))


def _dealing_order(
    candidates: NDArray[np.int64], rarity: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Songs of rare classes first, in random order within a class."""
    shuffled = rng.permutation(candidates)
    return np.asarray(shuffled[np.argsort(rarity[shuffled], kind="stable")])
