"""Rolls have the three channels they say."""

import numpy as np
import pytest

from whitelight.encoders.roll import RollEncoder
from whitelight.music import piano_roll


def test_channels_of_one_note(make_piece):
    piece = make_piece([(0, 480, 60, 104), (480, 480, 62, 44)])
    roll = RollEncoder().encode([piece, make_piece([])])
    assert roll.shape == (2, 3, 128, 256)
    assert roll.dtype == np.float32
    assert roll[0, 0, 60].tolist() == [1] * 128 + [0] * 128
    assert np.flatnonzero(roll[0, 1]).tolist() == [60 * 256, 62 * 256 + 128]
    assert roll[0, 2, 60, 0] == pytest.approx(2)
    assert roll[0, 2, 62, 255] == pytest.approx(-1)
    assert roll[0, 2, 62, 0] == 0
    assert not roll[1].any()


def test_sounding_agrees_with_the_piano_roll(make_piece, make_random_rows):
    piece = make_piece(make_random_rows(np.random.default_rng(0), 200))
    sounding, _, velocity = RollEncoder().encode([piece])[0]
    loudness = piano_roll(piece)
    assert np.array_equal(sounding > 0, loudness > 0)
    assert np.allclose((velocity * 20 + 64) / 127 * sounding, loudness, atol=1e-6)


def test_options_change_the_fingerprint():
    kinds = [RollEncoder(), RollEncoder(unit="beats"), RollEncoder(drums="only")]
    assert len({kind.fingerprint() for kind in kinds}) == 3
    assert kinds[0].dim == 3 * 128 * 256
