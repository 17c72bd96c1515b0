"""Checked, read-only numpy columns: what `Notes` and `Controls` are made of."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whitelight.errors import WhitelightError


class NoteError(WhitelightError):
    """A note or a controller value cannot exist in MIDI."""


def freeze(owner: object, name: str, column: Any) -> None:
    """Store `column` read-only in a field of a frozen value."""
    column.setflags(write=False)
    object.__setattr__(owner, name, column)


def as_column(values: ArrayLike, dtype: type[np.signedinteger[Any]]) -> NDArray[Any]:
    """Return `values` as one column of integers of `dtype`, refusing fractions and values that do not fit."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise NoteError(f"a column of shape {array.shape}; give one dimension")
    if array.dtype == dtype:
        return array.view()
    narrow = array.astype(dtype)
    if not np.array_equal(narrow, array):
        wrong = array[narrow != array][0]
        raise NoteError(f"value {wrong!r} in a column is not a whole number of {np.dtype(dtype)}; round it first")
    return narrow


def check_range(name: str, column: NDArray[Any], low: int, high: int | None) -> None:
    """Refuse a column that holds a value below `low` or above `high`."""
    if not len(column):
        return
    least, most = int(column.min()), int(column.max())
    if least < low or (high is not None and most > high):
        found = least if least < low else most
        expected = f"at least {low}" if high is None else f"{low} to {high}"
        raise NoteError(f"{name} {found}: expected {expected}")
