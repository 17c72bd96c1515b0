"""RMS, peak, silence, outlines, and loudness against BS.1770-4 and pyloudnorm."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.audio import AudioError, loudness_lufs, measure_levels, peaks
from whitelight.audio.levels import FLOOR_DBFS
from whitelight.audio.loudness import _high_pass, _shelf


def sine(frequency_hz: float, seconds: float, rate: int, dbfs: float = 0.0, n_channels: int = 1) -> np.ndarray:
    wave = 10 ** (dbfs / 20) * np.sin(2 * np.pi * frequency_hz * np.arange(round(seconds * rate)) / rate)
    return np.repeat(wave[:, np.newaxis], n_channels, axis=1).astype(np.float32)


def test_filters_are_those_of_the_recommendation_at_48_khz() -> None:
    b, a = _shelf(48_000)
    assert np.allclose(b, (1.53512485958697, -2.69169618940638, 1.19839281085285), atol=1e-9)
    assert np.allclose(a, (1.0, -1.69065929318241, 0.73248077421585), atol=1e-9)
    b, a = _high_pass(48_000)
    assert b == (1.0, -2.0, 1.0)
    assert np.allclose(a, (1.0, -1.99004745483398, 0.99007225036621), atol=1e-9)


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 96_000, 192_000])
def test_reference_tones(rate: int) -> None:
    # BS.1770-4: a full-scale sine of 997 Hz in one front channel reads −3.01 LKFS; EBU Tech 3341, case 1
    assert loudness_lufs(sine(997, 5, rate), rate) == pytest.approx(-3.01, abs=0.03)
    assert loudness_lufs(sine(1000, 20, rate, dbfs=-23, n_channels=2), rate) == pytest.approx(-23.0, abs=0.1)


def test_gates_of_ebu_tech_3341() -> None:
    rate = 48_000
    tones = [(10, -36), (60, -23), (10, -36)]  # case 3: the quiet ends are gated
    parts = [sine(1000, seconds, rate, dbfs, 2) for seconds, dbfs in tones]
    assert loudness_lufs(np.concatenate(parts), rate) == pytest.approx(-23.0, abs=0.1)
    parts = [sine(1000, 10, rate, -72, 2), *parts, sine(1000, 10, rate, -72, 2)]  # case 4: and silence absolutely
    assert loudness_lufs(np.concatenate(parts), rate) == pytest.approx(-23.0, abs=0.1)


def test_surround_counts_more_and_the_low_channel_not_at_all() -> None:
    rate = 48_000
    silent = np.zeros((rate, 6), np.float32)
    front, low, back = silent.copy(), silent.copy(), silent.copy()
    front[:, :1] = low[:, 3:4] = back[:, 4:5] = sine(1000, 1, rate, -20)
    in_front, in_back = loudness_lufs(front, rate), loudness_lufs(back, rate)
    assert in_front is not None
    assert in_back == pytest.approx(in_front + 1.5, abs=0.02)
    assert loudness_lufs(low, rate) is None


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    rate=st.sampled_from([16_000, 44_100, 48_000, 96_000]),
    n_channels=st.integers(1, 3),
    seconds=st.floats(0.45, 6),
)
def test_pyloudnorm_agrees(seed: int, rate: int, n_channels: int, seconds: float) -> None:
    pyloudnorm = pytest.importorskip("pyloudnorm", reason="the extra 'audio' is not installed")
    rng = np.random.default_rng(seed)
    n = round(round(seconds, 1) * rate)  # whole steps: pyloudnorm counts a last block that is not all there
    tilt = np.cumsum(rng.standard_normal((n, n_channels)), axis=0)
    samples = 0.2 * tilt / np.abs(tilt).max() + 0.1 * rng.standard_normal((n, n_channels))
    swell = 10 ** (rng.uniform(-2, 0, 8) / 2)
    samples *= np.interp(np.linspace(0, 7, n), np.arange(8), swell)[:, np.newaxis]
    samples = np.clip(samples, -1, 0.999).astype(np.float32)
    reference = pyloudnorm.Meter(rate, filter_class="DeMan").integrated_loudness(samples.astype(np.float64))
    assert loudness_lufs(samples, rate) == pytest.approx(reference, abs=0.02)
    if n_channels < 3 and rate >= 44_100:  # its default filters are an approximation, a rough one at low rates
        reference = pyloudnorm.Meter(rate).integrated_loudness(samples.astype(np.float64))
        assert loudness_lufs(samples, rate) == pytest.approx(reference, abs=0.1)


def test_too_short_or_too_quiet_has_no_loudness() -> None:
    assert loudness_lufs(sine(1000, 0.399, 48_000), 48_000) is None
    assert loudness_lufs(sine(1000, 0.4, 48_000), 48_000) is not None
    assert loudness_lufs(sine(1000, 2, 48_000, dbfs=-80), 48_000) is None
    assert loudness_lufs(np.zeros((0, 2), np.float32), 48_000) is None


def test_levels_of_known_waves() -> None:
    square = np.tile(np.array([[0.5, -0.5]], np.float32), (1000, 1))
    levels = measure_levels(square, 8000)
    assert levels.rms_dbfs == pytest.approx(-6.0206, abs=1e-4)
    assert levels.peak_dbfs == pytest.approx(-6.0206, abs=1e-4)
    assert levels.loudness_lufs is None
    assert not levels.is_silent
    assert measure_levels(sine(1000, 1, 48_000), 48_000).rms_dbfs == pytest.approx(-3.0103, abs=1e-3)


def test_silence_is_below_minus_40_dbfs() -> None:
    assert measure_levels(np.full((100, 1), 10 ** (-39.9 / 20), np.float32), 8000).is_silent is False
    assert measure_levels(np.full((100, 1), 10 ** (-40.1 / 20), np.float32), 8000).is_silent is True
    for nothing in (np.zeros((100, 2), np.float32), np.zeros((0, 2), np.float32)):
        levels = measure_levels(nothing, 8000)
        assert (levels.rms_dbfs, levels.peak_dbfs, levels.loudness_lufs) == (FLOOR_DBFS, FLOOR_DBFS, None)
        assert levels.is_silent


def test_peaks_are_the_outline(make: Any) -> None:
    samples = make.music(1.0)
    outline = peaks(samples, 64)
    assert outline.shape == (64, 2)
    assert outline.dtype == np.float32
    assert outline[:, 0].min() == samples.min()
    assert outline[:, 1].max() == samples.max()
    first = samples[: 44100 // 64]
    assert outline[0].tolist() == [first.min(), first.max()]


def test_peaks_of_few_and_no_samples() -> None:
    assert peaks(np.array([[0.5], [-0.5]], np.float32), 4).tolist() == [
        [0.5, 0.5],
        [0.5, 0.5],
        [-0.5, -0.5],
        [-0.5, -0.5],
    ]
    assert peaks(np.zeros((0, 1), np.float32), 3).tolist() == [[0, 0]] * 3
    with pytest.raises(AudioError, match="outline of 0 bins"):
        peaks(np.zeros((1, 1), np.float32), 0)
