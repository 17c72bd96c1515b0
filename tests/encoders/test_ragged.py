"""Ragged reductions against a loop over items."""

import numpy as np
import pytest

from whitelight.encoders.ragged import (
    PRODUCT_ROWS,
    Binned,
    Ragged,
    column_product,
    column_sum,
    entropy,
    product,
    ratio,
    shares,
    within,
)


@pytest.fixture
def columns():
    rng = np.random.default_rng(0)
    counts = np.array([0, 5, 1, 0, 40, 2, 0])
    layout = Ragged.from_counts(counts)
    values = rng.normal(size=layout.size) ** 2
    return layout, values, [values[a:b] for a, b in zip(layout.offsets[:-1], layout.offsets[1:], strict=True)]


def by_item(parts, function):
    return [float(function(part)) if len(part) else 0.0 for part in parts]


def test_reductions_equal_those_of_each_item(columns):
    layout, values, parts = columns
    assert layout.sum(values).tolist() == pytest.approx(by_item(parts, np.sum))
    assert layout.mean(values).tolist() == pytest.approx(by_item(parts, np.mean))
    assert layout.deviation(values).tolist() == pytest.approx(by_item(parts, np.std))
    assert layout.max(values).tolist() == pytest.approx(by_item(parts, np.max))
    assert layout.min(values).tolist() == pytest.approx(by_item(parts, np.min))
    assert layout.first(values).tolist() == pytest.approx(by_item(parts, lambda p: p[0]))
    assert layout.last(values).tolist() == pytest.approx(by_item(parts, lambda p: p[-1]))
    assert layout.mean(values > 1).tolist() == pytest.approx(by_item(parts, lambda p: (p > 1).mean()))
    mean, deviation = layout.moments(values)
    assert mean.tolist() == pytest.approx(by_item(parts, np.mean))
    assert deviation.tolist() == pytest.approx(by_item(parts, np.std))


def test_correlation_and_neighbors(columns):
    layout, values, parts = columns
    other = values**2 + np.arange(layout.size)
    found = layout.correlation(values, other)
    assert found[4] == pytest.approx(np.corrcoef(parts[4], other[6:46])[0, 1], abs=1e-6)
    assert found[[0, 2]].tolist() == [0, 0]
    pairs, first = layout.neighbors
    assert pairs.counts.tolist() == [0, 4, 0, 0, 39, 1, 0]
    assert (values[first + 1] - values[first]).tolist() == pytest.approx(
        np.concatenate([np.diff(p) for p in parts]).tolist()
    )


def test_some_rows_of_a_layout_and_the_steps_between_values(columns):
    layout, values, parts = columns
    rows = np.flatnonzero(values > 0.5)
    assert layout.of_rows(rows).counts.tolist() == [int((part > 0.5).sum()) for part in parts]
    assert layout.of_rows(rows[:0]).counts.tolist() == [0] * len(parts)
    pairs, steps = layout.steps(values)
    assert pairs.sum(steps).tolist() == pytest.approx(by_item(parts, lambda p: p[-1] - p[0]))


def test_products_in_blocks_are_products():
    rng = np.random.default_rng(3)
    rows, table = rng.normal(size=(5000, 30)), rng.normal(size=(30, 20))
    assert len(rows) % PRODUCT_ROWS
    assert np.allclose(product(rows, table), rows @ table)
    assert np.allclose(product(rows, table[:, 0]), rows @ table[:, 0])
    assert product(rows[:0], table).shape == (0, 20)
    assert np.allclose(column_product(table.T, rows.T), table.T @ rows.T)
    assert column_product(table.T, rows[:0].T).shape == (20, 0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("width", [3, 12, 128])
def test_a_row_and_a_column_come_out_the_same_whatever_is_beside_them(width, dtype):
    rng = np.random.default_rng(width)
    rows, table = rng.random((300, width)).astype(dtype), rng.random((width, 11)).astype(dtype)
    whole, columns, sums = product(rows, table), column_product(table.T, rows.T.copy()), column_sum(rows.T.copy())
    single = product(rows, table[:, 0])
    for size in (1, 2, 7, 64, 65):
        for start in (0, 1, 63, 200):
            part = rows[start : start + size]
            assert np.array_equal(product(part, table), whole[start : start + size])
            assert np.array_equal(product(part, table[:, 0]), single[start : start + size])
            assert np.array_equal(column_product(table.T, part.T.copy()), columns[:, start : start + size])
            assert np.array_equal(column_sum(part.T.copy()), sums[start : start + size])


def test_binned_statistics_are_those_of_the_values():
    rng = np.random.default_rng(1)
    layout = Ragged.from_counts(np.array([300, 0, 1]))
    values = rng.normal(3, 1, 301)
    binned = Binned.of(layout, values, low=-5, high=12, step=0.01)
    mean, deviation, skewness = binned.moments()
    assert mean.tolist() == pytest.approx([values[:300].mean(), 0, values[300]], abs=0.01)
    assert deviation.tolist() == pytest.approx([values[:300].std(), 0, 0], abs=0.01)
    centered = (values[:300] - values[:300].mean()) / values[:300].std()
    assert skewness[0] == pytest.approx((centered**3).mean(), abs=0.02)
    assert binned.quantiles((0.5,))[0, 0] == pytest.approx(np.median(values[:300]), abs=0.03)
    coarse = binned.shares(np.arange(-5.0, 13))
    assert coarse.sum(axis=1).tolist() == pytest.approx([1, 0, 1])
    assert (coarse[0] @ np.arange(-5.0, 13)) == pytest.approx(mean[0])


def test_ratios_shares_and_entropy_of_nothing_are_zero():
    nothing = np.zeros((2, 4))
    assert not shares(nothing).any()
    assert not entropy(nothing).any()
    assert entropy(np.ones((1, 4)))[0] == pytest.approx(1)
    assert ratio(np.array([1.0, 2.0]), np.array([0.0, 4.0]), neutral=9).tolist() == [9, 0.5]


def test_whole_numbers_within_limits():
    values = np.array([-(2**40), -3, 0, 5, 9])
    assert within(values, -2, 5).tolist() == np.clip(values, -2, 5).tolist()
