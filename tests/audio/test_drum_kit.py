"""The built-in kit sounds like one: low kicks, noisy snares, short high hats, long cymbals, toms that go up."""

import numpy as np
import pytest

from whitelight.audio.drum_kit import strike

RATE = 44_100
KICK, RIM, SNARE, HAT, OPEN_HAT, CRASH, RIDE = 36, 37, 38, 42, 46, 49, 51


def centroid_hz(pitch: int) -> float:
    stroke = strike(pitch, RATE)
    power = np.abs(np.fft.rfft(stroke)) ** 2
    return float((np.fft.rfftfreq(len(stroke), 1 / RATE) * power).sum() / power.sum())


def length_s(pitch: int) -> float:
    """Time until 95 % of the energy has sounded."""
    energy = np.cumsum(np.square(strike(pitch, RATE)))
    return float(np.searchsorted(energy, 0.95 * energy[-1])) / RATE


def test_each_drum_lies_where_its_kind_does() -> None:
    assert centroid_hz(KICK) < 150
    assert 600 < centroid_hz(SNARE) < 6000
    assert min(centroid_hz(HAT), centroid_hz(OPEN_HAT)) > 6000
    assert min(centroid_hz(CRASH), centroid_hz(RIDE)) > 3000


def test_lengths_order_as_on_a_kit() -> None:
    assert length_s(RIM) < length_s(SNARE) < 0.3
    assert length_s(HAT) < 0.08 < length_s(OPEN_HAT) < length_s(CRASH)
    assert length_s(KICK) < 0.3


def test_toms_go_up() -> None:
    heights = [centroid_hz(pitch) for pitch in (41, 43, 45, 47, 48, 50)]
    assert heights == sorted(heights)
    assert heights[-1] < 500


def test_snares_are_noise_and_kicks_are_not() -> None:
    def flatness(pitch: int) -> float:
        power = np.abs(np.fft.rfft(strike(pitch, RATE)[:4096])) ** 2
        band = power[10:800] + 1e-12  # 0.1–8.6 kHz
        return float(np.exp(np.log(band).mean()) / band.mean())

    assert flatness(SNARE) > 20 * flatness(KICK)


@pytest.mark.parametrize("rate", [8_000, 22_050, 48_000])
def test_every_drum_begins_ends_and_repeats(rate: int) -> None:
    for pitch in (*range(27, 88), 0, 127):
        stroke = strike(pitch, rate)
        assert np.isfinite(stroke).all(), pitch
        is_heard = 0.02 < np.abs(stroke).max() < 1.6
        assert is_heard or (rate == 8000 and pitch in (80, 81)), pitch  # triangles lie above 4 kHz
        assert abs(stroke[0]) < 1e-6, pitch
        assert abs(stroke[-1]) < 1e-3, pitch
        assert np.array_equal(stroke, strike(pitch, rate)), pitch
