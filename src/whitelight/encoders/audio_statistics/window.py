"""A window of sound and its spectra, computed when first asked for and shared by all groups.

Conventions: samples are mono at `SAMPLE_RATE`, scaled so that the whole recording has an RMS of 1; so nothing here
knows how loud it was. Powers are scaled so that a frame's sum over frequency is its mean square (Parseval), and 0 dB
is the mean of the recording. Axis 0 is time.
"""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 22_050  # Hz; up to 11 kHz, where timbre and cymbals still live
N_FFT, HOP = 2048, 512  # samples: 93 ms, every 23 ms
FRAME_RATE = SAMPLE_RATE / HOP  # 43.07 per second
N_MELS = 40
LOWEST_HZ, HIGHEST_HZ = 30.0, 11_000.0
FLOOR = 1e-8  # -80 dB below the recording's mean power
SOUNDING_DB = -60.0  # quieter frames are pauses: they say nothing about timbre
ONSET_FLOOR_DB = -60.0  # what rises from below it is no onset yet
BLOCK_FRAMES = 64  # transformed at once: half a megabyte stays in the cache, which halves the time

Frames = NDArray[np.float32]


class Window:
    """Sound of up to half a minute."""

    def __init__(self, samples: NDArray[np.float32]) -> None:
        self.samples = samples

    @cached_property
    def power(self) -> Frames:
        """Power per frequency, shape (n_frames, 1025)."""
        return power_spectra(self.samples, N_FFT, HOP)

    @cached_property
    def mel(self) -> Frames:
        """Power per mel band, shape (n_frames, 40)."""
        return np.maximum(mel_bands().sum(self.power), 0)

    @cached_property
    def mel_db(self) -> Frames:
        """Level per mel band in dB, at least -80, shape (n_frames, 40)."""
        return decibels(self.mel)

    @cached_property
    def level_db(self) -> Frames:
        """Level of every frame in dB, at least -80, shape (n_frames,)."""
        return decibels(self.power.sum(axis=1))

    @cached_property
    def sounding(self) -> NDArray[np.bool_]:
        """Frames that are no pause; at least the loudest, shape (n_frames,)."""
        return np.asarray(self.level_db >= min(SOUNDING_DB, float(self.level_db.max())))

    @cached_property
    def rises_db(self) -> Frames:
        """How much each mel band rises into a frame, in dB, shape (n_frames, 40); the first frame is 0."""
        audible = np.maximum(self.mel_db, np.float32(ONSET_FLOOR_DB))
        rises = np.zeros_like(audible)
        np.maximum(audible[1:] - audible[:-1], 0, out=rises[1:])
        return rises


def power_spectra(samples: NDArray[np.float32], n_fft: int, hop: int) -> Frames:
    """Return the power of Hann-windowed frames, shape (n_frames, n_fft / 2 + 1); silence is added at the end.

    Frames start every `hop` samples and cover every sample; one frame at least.
    """
    n_frames = max(1, -(-max(len(samples) - n_fft, 0) // hop) + 1)
    padded = np.zeros((n_frames - 1) * hop + n_fft, np.float32)
    padded[: len(samples)] = samples
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop]
    power = np.empty((n_frames, n_fft // 2 + 1), np.float32)
    for start in range(0, n_frames, BLOCK_FRAMES):
        block = slice(start, start + BLOCK_FRAMES)
        spectra = np.fft.rfft(frames[block] * _hann(n_fft))
        np.square(spectra.real, out=power[block])
        power[block] += np.square(spectra.imag)
    return power


def decibels(power: NDArray[np.float32]) -> Frames:
    """Return 10 log10 of a power, at least -80."""
    return np.asarray(10 * np.log10(np.maximum(power, np.float32(FLOOR))), np.float32)


@cache
def frequencies_hz(n_fft: int, sample_rate: float) -> NDArray[np.float32]:
    """Return the frequency of every bin; the lowest is set to half a bin, so that it has a logarithm."""
    hz = np.fft.rfftfreq(n_fft, 1 / sample_rate)
    hz[0] = hz[1] / 2
    return np.asarray(hz, np.float32)


@dataclass(frozen=True, slots=True)
class Bands:
    """Triangles over the bins of a spectrum, evenly spaced on some scale, each rising and falling between neighbors.

    Bins lie in intervals between centers, interval k between bands k - 1 and k; what a bin holds is shared by the two.
    Summing the intervals is as fast as a matrix product, and never spread over threads, which is slow on a busy machine.
    """

    n: int
    bins: slice
    starts: NDArray[np.intp]
    interval: NDArray[np.intp]
    rising: Frames

    @classmethod
    def of(cls, places: NDArray[Any], first: float, step: float, n: int) -> "Bands":
        """Make `n` bands with centers at `first`, `first + step`, ...; `places` of the bins must not fall."""
        position = (np.asarray(places, np.float64) - first) / step + 1
        inside = np.flatnonzero((position >= 0) & (position < n + 1))
        interval = position[inside].astype(np.intp)
        starts = np.flatnonzero(np.diff(interval, prepend=-1))
        rising = np.asarray(position[inside] - interval, np.float32)
        return cls(n, slice(int(inside[0]), int(inside[-1]) + 1), starts, interval[starts], rising)

    def sum(self, power: Frames) -> Frames:
        """Sum the power in each band, shape (n_frames, n)."""
        inside = power[:, self.bins]
        total = np.add.reduceat(inside, self.starts, axis=1)
        rising = np.add.reduceat(inside * self.rising, self.starts, axis=1)
        bands = np.zeros((len(power), self.n + 2), np.float32)
        bands[:, self.interval] = total - rising  # column k holds band k - 1
        bands[:, self.interval + 1] += rising
        return bands[:, 1:-1]


@cache
def mel_bands() -> Bands:
    """Return the bands between `LOWEST_HZ` and `HIGHEST_HZ` on the mel scale."""
    edges = _mel_edges()
    places = _mel(frequencies_hz(N_FFT, SAMPLE_RATE))
    return Bands.of(places, float(edges[1]), float(edges[1] - edges[0]), N_MELS)


def band_centers_hz() -> list[float]:
    """Return the center of every mel band."""
    return [float(hz) for hz in 700 * (10 ** (_mel_edges()[1:-1] / 2595) - 1)]


def _mel_edges() -> NDArray[np.float64]:
    low, high = _mel(np.array([LOWEST_HZ, HIGHEST_HZ]))
    return np.linspace(float(low), float(high), N_MELS + 2)


def _mel(hz: NDArray[Any]) -> NDArray[np.float64]:
    """Mel scale of O'Shaughnessy (1987), as in HTK."""
    return np.asarray(2595 * np.log10(1 + hz / 700), np.float64)


@cache
def _hann(n_fft: int) -> Frames:
    """Hann window, scaled so that the powers of a frame sum to about its mean square: one-sided, hence the 2."""
    window = np.hanning(n_fft + 1)[:-1]
    return np.asarray(window * np.sqrt(2 / (n_fft * (window**2).sum())), np.float32)
