"""Putting items of different lengths into batches that waste little on padding."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray


def batches_by_length(lengths: Sequence[int], max_cells: int, *, is_equal: bool = False) -> Iterator[NDArray[np.int64]]:
    """Yield the places of items, longest first, so that items × longest length stays within `max_cells`.

    Parameters
    ----------
    lengths : of the items; one that is longer than `max_cells` makes a batch of its own.
    is_equal : put only items of one length together, so that nothing is padded.
    """
    order = np.argsort(-np.asarray(lengths, np.int64), kind="stable")
    start = 0
    while start < len(order):
        longest = lengths[int(order[start])]
        end = min(start + max(1, max_cells // max(longest, 1)), len(order))
        if is_equal:
            end = next((k for k in range(start, end) if lengths[int(order[k])] != longest), end)
        yield order[start:end]
        start = end


def padded(rows: Sequence[Sequence[int]], fill: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows of token numbers as one array, shape (n, longest), and its mask: 1 for a token, 0 for padding."""
    longest = max(map(len, rows))
    ids, mask = np.full((len(rows), longest), fill, np.int64), np.zeros((len(rows), longest), np.int64)
    for k, row in enumerate(rows):
        ids[k, : len(row)] = row
        mask[k, : len(row)] = 1
    return ids, mask
