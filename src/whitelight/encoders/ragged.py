"""Reductions over ragged columns: one flat array for a whole batch, sorted by the item each value belongs to.

Every function here takes all items at once; items without values get a stated neutral value, never NaN.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
PRODUCT_ROWS, PRODUCT_COLUMNS = 64, 256  # multiplied at once: OpenBLAS wakes no threads, which would cost more


@dataclass(frozen=True)  # not slotted: layouts derived from it are kept once computed
class Ragged:
    """Which stretch of a flat column belongs to which item.

    Attributes
    ----------
    counts : values per item, shape (n,).
    offsets : where each item starts, shape (n + 1,).
    filled : the items that have values, ascending.
    starts : `offsets` of the filled items, as `reduceat` wants them.
    """

    counts: NDArray[np.int64]
    offsets: NDArray[np.int64]
    filled: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def from_counts(cls, counts: Array) -> "Ragged":
        """Describe columns of `counts[i]` values for item `i`."""
        counts = np.asarray(counts, np.int64)
        offsets = np.zeros(len(counts) + 1, np.int64)
        np.cumsum(counts, out=offsets[1:])
        filled = np.flatnonzero(counts)
        return cls(counts, offsets, filled, offsets[filled])

    @classmethod
    def from_items(cls, items: Array, n: int) -> "Ragged":
        """Describe columns whose ascending item indices are `items`; `n` items exist."""
        places = np.searchsorted(items, np.arange(n + 1))
        return cls.from_counts(places[1:] - places[:-1])

    def of_rows(self, rows: Array) -> "Ragged":
        """Describe the columns that hold only `rows` (ascending) of these."""
        places = np.searchsorted(rows, self.offsets)
        return Ragged.from_counts(places[1:] - places[:-1])

    @property
    def n(self) -> int:
        """Number of items, empty ones included."""
        return len(self.counts)

    @property
    def size(self) -> int:
        """Number of values over all items."""
        return int(self.offsets[-1])

    @cached_property
    def item(self) -> NDArray[np.int64]:
        """Item of every value, shape (size,)."""
        return np.repeat(np.arange(self.n), self.counts)

    @cached_property
    def _divisor(self) -> NDArray[np.int64]:
        """Values per item, 1 for empty ones."""
        return np.maximum(self.counts, 1)

    @cached_property
    def neighbors(self) -> tuple["Ragged", NDArray[np.int64]]:
        """Pairs of neighbors inside each item: their layout, and the position of the first of each pair."""
        layout = Ragged.from_counts(np.maximum(self.counts - 1, 0))
        shift = np.repeat(self.offsets[:-1] - layout.offsets[:-1], layout.counts)
        return layout, np.arange(layout.size) + shift

    def steps(self, values: Array) -> tuple["Ragged", Array]:
        """Differences between neighbors inside each item, with their layout: one fewer than values per item."""
        layout, first = self.neighbors
        return layout, (values[1:] - values[:-1])[first]

    def spread(self, per_item: Array) -> Array:
        """Repeat one value per item for every value of the item."""
        return np.repeat(per_item, self.counts, axis=-1)

    def _reduce(self, ufunc: np.ufunc, values: Array, neutral: float) -> Array:
        if self.size and len(self.filled) == self.n:
            return np.asarray(ufunc.reduceat(values, self.starts, axis=-1))
        result = np.full((*values.shape[:-1], self.n), neutral, values.dtype)
        if self.size:
            result[..., self.filled] = ufunc.reduceat(values, self.starts, axis=-1)
        return result

    def sum(self, values: Array) -> Array:
        """Sum along the last axis per item, shape (..., n); 0 for empty items."""
        return self._reduce(np.add, values.astype(np.float32) if values.dtype == np.bool_ else values, 0)

    def max(self, values: Array, neutral: float = 0) -> Array:
        """Largest value per item; `neutral` for empty items."""
        return self._reduce(np.maximum, values, neutral)

    def min(self, values: Array, neutral: float = 0) -> Array:
        """Smallest value per item; `neutral` for empty items."""
        return self._reduce(np.minimum, values, neutral)

    def mean(self, values: Array) -> Array:
        """Mean per item; 0 for empty items."""
        return self.sum(values) / self._divisor

    def deviation(self, values: Array, mean: Array | None = None) -> Array:
        """Population standard deviation per item; 0 for empty items and single values."""
        centered = values - self.spread(self.mean(values) if mean is None else mean)
        return np.sqrt(self.mean(centered * centered))

    def moments(self, values: Array) -> tuple[Array, Array]:
        """Mean and population standard deviation per item in one go; for values whose mean is no larger than 10³."""
        values = values.astype(np.float64, copy=False)
        mean = self.mean(values)
        variance = self.mean(values * values) - mean * mean
        return mean, np.sqrt(np.where(variance < NO_VARIANCE, 0, variance))

    def correlation(self, x: Array, y: Array) -> Array:
        """Pearson correlation per item in [-1, 1]; 0 where either side is constant."""
        x, y = x.astype(np.float64, copy=False), y.astype(np.float64, copy=False)
        (x_mean, x_deviation), (y_mean, y_deviation) = self.moments(x), self.moments(y)
        together = self.mean(x * y) - x_mean * y_mean
        return ratio(together, x_deviation * y_deviation).clip(-1, 1)

    def first(self, values: Array, neutral: float = 0) -> Array:
        """First value per item; `neutral` for empty items."""
        result = np.full(self.n, neutral, values.dtype)
        result[self.filled] = values[self.starts]
        return result

    def last(self, values: Array, neutral: float = 0) -> Array:
        """Last value per item; `neutral` for empty items."""
        result = np.full(self.n, neutral, values.dtype)
        result[self.filled] = values[self.offsets[self.filled + 1] - 1]
        return result

    def histogram(self, bins: Array, n_bins: int, weights: Array | None = None) -> NDArray[np.float64]:
        """Sum of weights (or counts) per item and bin, shape (n, n_bins)."""
        return self.counted(self.item * n_bins + bins, n_bins, weights)

    def counted(self, place: Array, n_bins: int, weights: Array | None = None) -> NDArray[np.float64]:
        """Return the histogram of places in a table of `n_bins` columns per item, shape (n, n_bins)."""
        flat = np.bincount(place, weights, self.n * n_bins)
        return flat.reshape(self.n, n_bins).astype(np.float64, copy=False)


NO_VARIANCE = 1e-9  # less is rounding


@dataclass(frozen=True, slots=True)
class Binned:
    """Values of every item counted in fine bins; statistics are read off the counts.

    Attributes
    ----------
    counts : shape (n, bins).
    centers : value a bin stands for, shape (bins,).
    total : values per item, shape (n,).
    """

    counts: NDArray[np.float64]
    centers: NDArray[np.float64]
    total: NDArray[np.int64]

    @classmethod
    def of(cls, layout: Ragged, values: Array, *, low: float, high: float, step: float) -> "Binned":
        """Count `values` in bins of width `step`, the first centered on `low`; values outside go to the outer bins."""
        n_bins = round((high - low) / step) + 1
        place = values * np.float32(1 / step)
        place += np.float32(0.5 - low / step)
        np.maximum(place, 0, out=place)
        np.minimum(place, n_bins - 0.5, out=place)  # np.clip asks more questions before it starts
        histogram = layout.histogram(place.astype(np.int64), n_bins)
        return cls(histogram, low + step * np.arange(n_bins, dtype=np.float64), layout.counts)

    def mean(self) -> NDArray[np.float64]:
        """Mean per item; 0 for empty items."""
        return self.average(self.centers)

    def average(self, table: Array) -> NDArray[np.float64]:
        """Mean of a function of the value, given at the bin centers: shape (bins,) or (bins, k) → (n,) or (n, k)."""
        summed = product(self.counts, table)
        total = np.maximum(self.total, 1)
        return np.asarray(summed / (total if summed.ndim == 1 else total[:, None]))

    def moments(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Mean, standard deviation and skewness per item; 0 where there is nothing to tell."""
        middle = self.centers[len(self.centers) // 2]
        x = self.centers - middle
        first, second, third = self.average(np.stack((x, x * x, x * x * x), axis=1)).T
        variance = second - first**2
        deviation = np.sqrt(np.where(variance < NO_VARIANCE, 0, variance))
        skewness = ratio(third - 3 * first * second + 2 * first**3, deviation**3)
        return np.where(self.total > 0, first + middle, 0), deviation, skewness

    def quantiles(self, levels: tuple[float, ...]) -> NDArray[np.float64]:
        """Lowest value that reaches each level, shape (n, len(levels))."""
        running = np.cumsum(self.counts.ravel().astype(np.int64))
        ends = np.concatenate(([0], running[self.counts.shape[1] - 1 :: self.counts.shape[1]]))
        wanted = ends[:-1, None] + np.diff(ends)[:, None] * np.asarray(levels)
        first = np.arange(len(self.counts))[:, None] * self.counts.shape[1]
        bins = np.searchsorted(running, wanted - 1e-6) - first
        return np.asarray(self.centers[within(bins, 0, self.counts.shape[1] - 1)])

    def shares(self, centers: Array) -> NDArray[np.float64]:
        """Shares around coarse centers; a value between two counts for both in proportion. Shape (n, len(centers))."""
        return self.average(_tents(self.centers.tobytes(), np.asarray(centers, np.float64).tobytes()))


@lru_cache(maxsize=16)
def _tents(fine: bytes, coarse: bytes) -> NDArray[np.float64]:
    """Linear interpolation from coarse to fine centers, shape (fine, coarse)."""
    centers, targets = np.frombuffer(fine), np.frombuffer(coarse)
    return np.stack([np.interp(centers, targets, row) for row in np.eye(len(targets))], axis=1)


def product(rows: Array, table: Array) -> Array:
    """Multiply matrices, (n, k) by (k,) or (k, m); each row comes out the same whatever rows are beside it.

    BLAS may round one row alone otherwise than the same row among many, so it always gets `PRODUCT_ROWS` at once (the
    last ones filled up with zeros). These are also few enough for it to stay on this thread.
    """
    if table.ndim == 1:
        return np.asarray(np.einsum("ij,j->i", rows, table))
    n, width = rows.shape
    n_blocks = -(-n // PRODUCT_ROWS)
    filled = np.zeros((n_blocks * PRODUCT_ROWS, width), rows.dtype)
    filled[:n] = rows
    return np.asarray((filled.reshape(n_blocks, PRODUCT_ROWS, width) @ table).reshape(-1, table.shape[1])[:n])


def column_product(table: Array, columns: Array) -> Array:
    """Multiply matrices, (m, k) by (k, n), with the same promise for every column."""
    n = columns.shape[1]
    filled = np.zeros((len(columns), -(-n // PRODUCT_COLUMNS) * PRODUCT_COLUMNS), columns.dtype)
    filled[:, :n] = columns
    blocks = [table @ filled[:, k : k + PRODUCT_COLUMNS] for k in range(0, filled.shape[1], PRODUCT_COLUMNS)]
    return np.concatenate(blocks, axis=1)[:, :n] if blocks else np.zeros((len(table), 0), columns.dtype)


def column_sum(values: Array) -> Array:
    """Sum over the first axis, one row after the other; numpy sums a single column in another order than many."""
    return np.asarray(reduce(np.add, values))


def within(values: Array, low: int, high: int) -> Array:
    """Limit whole numbers to [low, high]; `np.clip` asks about their type for longer than a few thousand take."""
    return np.asarray(np.minimum(np.maximum(values, low), high))


def ratio(numerator: Array, denominator: Array, neutral: float = 0.0) -> NDArray[np.float64]:
    """Divide; `neutral` where the denominator is zero."""
    if np.all(denominator):
        return np.asarray(numerator / denominator, np.float64)
    shape = np.broadcast_shapes(np.shape(numerator), np.shape(denominator))
    result = np.full(shape, neutral, np.float64)
    np.divide(numerator, denominator, out=result, where=denominator != 0)
    return result


def shares(histogram: Array) -> NDArray[np.float64]:
    """Scale the last axis to sum to 1; rows of zeros stay zero."""
    return ratio(histogram, histogram.sum(axis=-1, keepdims=True))


def entropy(distribution: Array) -> Array:
    """Entropy of the last axis in [0, 1] (1 = uniform); 0 for rows of zeros."""
    p = shares(distribution).astype(np.float32)
    bits = p * np.log(np.maximum(p, np.float32(1e-30)))
    return np.asarray(bits.sum(axis=-1, dtype=np.float64) / -np.log(p.shape[-1]))
