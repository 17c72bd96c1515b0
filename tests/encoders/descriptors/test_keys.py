"""Keys of columns of counted notes agree with those of shares."""

import numpy as np
import pytest

from whitelight.encoders.descriptors.keys import MAJOR_SCALE, fit_keys, fold, key_correlations


def test_fitting_columns_equals_correlating_rows():
    rng = np.random.default_rng(0)
    chroma = rng.integers(0, 6, (12, 2000)).astype(np.float32)
    chroma[:, 0] = 0
    chroma[:, 1] = 3
    correlation, in_scale = fit_keys(chroma)
    assert np.allclose(correlation, key_correlations(chroma.T.astype(np.float64)).T, atol=1e-5)
    assert not correlation[:, :2].any()
    assert in_scale[0, 1] == pytest.approx(7 / 12)
    share = chroma[list(MAJOR_SCALE)].sum(axis=0)[2:] / chroma.sum(axis=0)[2:]
    assert np.allclose(in_scale[0, 2:], share)
    assert fit_keys(chroma[:, :0])[0].shape == (24, 0)


def test_folding_sums_octaves():
    by_pitch = np.arange(256.0).reshape(2, 128)
    expected = [[row[k::12].sum() for k in range(12)] for row in by_pitch]
    assert fold(by_pitch).tolist() == expected
