"""The outputs of a scorer: one head for the classes, one per axis, side by side in one matrix of logits.

Columns are ordered as in the ontology: classes first, then the modes of each axis. A class without a mode on an axis
says nothing there: its soft target is masked, never uniform.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.ontology import Ontology

CLASS_HEAD = "class"
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Head:
    """One softmax: its output name, its labels and its place among the columns."""

    name: str
    labels: tuple[str, ...]
    start: int

    @property
    def columns(self) -> slice:
        """Columns of this head in a matrix of logits."""
        return slice(self.start, self.start + len(self.labels))


def heads_of(ontology: Ontology) -> tuple[Head, ...]:
    """Return the class head and one head per axis, in the order of the columns."""
    blocks = [(CLASS_HEAD, tuple(ontology.class_names))]
    blocks += [(f"axis_{axis.name}", tuple(axis.modes)) for axis in ontology.axes]
    heads: list[Head] = []
    for name, labels in blocks:
        heads.append(Head(name, labels, heads[-1].columns.stop if heads else 0))
    return tuple(heads)


def n_columns(heads: Sequence[Head]) -> int:
    """Return the width of a matrix of logits."""
    return sum(len(head.labels) for head in heads)


def class_targets(ontology: Ontology, heads: Sequence[Head]) -> tuple[Array, NDArray[np.bool_]]:
    """Return the soft target of every class and which heads it speaks to.

    Returns
    -------
    targets : (n_classes, n_columns); each head's block sums to 1, or to 0 where it is masked.
    known : (n_classes, n_heads) bool; False where the class has no mode on the axis.
    """
    names = heads[0].labels
    targets = np.zeros((len(names), n_columns(heads)))
    known = np.zeros((len(names), len(heads)), dtype=bool)
    for index, name in enumerate(names):
        axes = ontology.axis_targets(name)
        blocks = {CLASS_HEAD: np.eye(len(names))[index], **{f"axis_{axis}": value for axis, value in axes.items()}}
        for position, head in enumerate(heads):
            if head.name in blocks:
                targets[index, head.columns] = blocks[head.name]
                known[index, position] = True
    return targets, known


def row_product(rows: Array, table: Array) -> Array:
    """Multiply (n, k) by (k,) or (k, m), each row on its own.

    BLAS may round a row alone otherwise than the same row among others; here nobody else matters.
    """
    columns = table[None, :] if table.ndim == 1 else table.T  # (m, k)
    found = (np.ascontiguousarray(rows)[:, None, :] * columns[None]).sum(axis=-1)
    return np.asarray(found[:, 0] if table.ndim == 1 else found)


def log_softmax(logits: Array) -> Array:
    """Return normalized log-probabilities along the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def log_probabilities(logits: Array, heads: Sequence[Head]) -> Array:
    """Return log-probabilities head by head, (..., n_columns)."""
    return np.concatenate([log_softmax(logits[..., head.columns]) for head in heads], axis=-1)
