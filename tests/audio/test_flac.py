"""FLAC in and out: exact for integers of 16 and 24 bits, half a step for floats."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.audio import AudioError, decode_flac, encode_flac
from whitelight.audio.flac import quantize


@settings(max_examples=40, deadline=None)
@given(
    bits=st.sampled_from([16, 24]),
    n_channels=st.integers(1, 8),
    n_samples=st.integers(1, 9000),
    sample_rate=st.sampled_from([8000, 22050, 44100, 48000, 96000, 192000]),
    seed=st.integers(0, 2**32 - 1),
)
def test_integers_come_back_exactly(bits: Any, n_channels: int, n_samples: int, sample_rate: int, seed: int) -> None:
    full = 1 << (bits - 1)
    whole = np.random.default_rng(seed).integers(-full, full, (n_samples, n_channels))
    whole[0, 0], whole[-1, -1] = -full, full - 1  # libsndfile's own float scaling is off by one here
    samples = (whole / full).astype(np.float32)
    audio = decode_flac(encode_flac(samples, sample_rate, bits=bits))
    assert audio.sample_rate == sample_rate
    assert audio.bits == bits
    assert np.array_equal(audio.samples.astype(np.float64) * full, whole)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_floats_are_off_by_half_a_step_of_24_bits_at_most(seed: int) -> None:
    samples = np.random.default_rng(seed).uniform(-1, 1 - 2**-23, (5000, 2)).astype(np.float32)
    audio = decode_flac(encode_flac(samples, 44100, bits=24))
    assert np.abs(audio.samples.astype(np.float64) - samples).max() <= 2**-24


def test_beyond_full_scale_is_clipped_not_wrapped() -> None:
    assert quantize(np.array([1.0, 2.0, -2.0, -1.0], np.float32), 16).tolist() == [32767, 32767, -32768, -32768]
    assert quantize(np.array([1.0, -3.0], np.float32), 24).tolist() == [2**23 - 1, -(2**23)]


def test_same_samples_same_bytes() -> None:
    samples = np.random.default_rng(0).uniform(-1, 1, (10_000, 2)).astype(np.float32)
    assert encode_flac(samples, 44100, bits=24) == encode_flac(samples, 44100, bits=24)


@pytest.mark.parametrize(
    ("samples", "sample_rate", "bits", "message"),
    [
        (np.zeros((0, 2), np.float32), 44100, 16, "0 samples at 44100 Hz in 16 bits: expected at least one"),
        (np.zeros((9, 2), np.float32), 700_000, 16, "at 700000 Hz"),
        (np.zeros((9, 2), np.float32), 44100, 20, "in 20 bits"),
        (np.full((9, 2), np.nan, np.float32), 44100, 16, "not numbers"),
        (np.zeros((9, 9), np.float32), 44100, 16, "shape \\(9, 9\\)"),
    ],
)
def test_what_flac_cannot_hold_is_refused(samples: Any, sample_rate: int, bits: Any, message: str) -> None:
    with pytest.raises(AudioError, match=message):
        encode_flac(samples, sample_rate, bits=bits)


def test_other_bytes_are_not_flac() -> None:
    with pytest.raises(AudioError, match="begins with b'RIFF', expected b'fLaC'"):
        decode_flac(b"RIFF....WAVE")
