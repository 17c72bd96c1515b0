"""The color of sound: mel bands, cepstrum, shape and contrast of the spectrum. Pauses are left out.

Of every value per frame: its mean, its standard deviation, and its mean change from frame to frame. Cepstrum as in
Davis and Mermelstein (1980), without coefficient 0, which is the level; contrast as in Jiang et al. (2002).
"""

from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.audio_statistics.table import Block, Group, Values
from whitelight.encoders.audio_statistics.window import (
    FLOOR,
    LOWEST_HZ,
    N_FFT,
    N_MELS,
    SAMPLE_RATE,
    Bands,
    Frames,
    Window,
    band_centers_hz,
    frequencies_hz,
)
from whitelight.encoders.ragged import product

N_CEPSTRUM = 20
CONTRAST_EDGES_HZ = (0.0, 200.0, 400.0, 800.0, 1600.0, 3200.0, 6400.0, 11_025.0)
CONTRAST_SHARE = 0.2  # of the bins of a band that are its peaks, and its valleys
BANDS_PER_OCTAVE = 8

_CENTERS = np.arange(-41, 29, dtype=np.float32) / BANDS_PER_OCTAVE  # octaves above 1 kHz: 29 Hz to 11.3 kHz
_BANDS = {f"{hz:.0f}hz": f"around {hz:.0f} Hz" for hz in band_centers_hz()}
_CEPSTRUM = {f"{k}": f"{k}" for k in range(1, N_CEPSTRUM + 1)}
_CONTRAST = {f"{a:.0f}hz": f"{a:.0f} to {b:.0f} Hz" for a, b in pairwise(CONTRAST_EDGES_HZ)}
_SHAPE = {
    "centroid": ("center of the spectrum", "octaves above 1 kHz"),
    "spread": ("width of the spectrum", "octaves"),
    "rolloff_50": ("frequency below which half the power lies", "octaves above 1 kHz"),
    "rolloff_85": ("frequency below which 85 % of the power lies", "octaves above 1 kHz"),
    "flatness": ("flatness of the spectrum, noise high and tones low", "dB"),
    "flux": ("distance of the spectrum's shape from that of the frame before", "0 to 2"),
}


def _three(name: str, text: str, unit: str, labels: dict[str, str] | None = None) -> tuple[Block, ...]:
    """Declare mean, deviation and step of a value."""
    return (
        Block(f"{name}_mean", f"Mean {text}.", unit, labels),
        Block(f"{name}_deviation", f"Standard deviation of the {text}.", unit, labels),
        Block(f"{name}_step", f"Mean change from frame to frame of the {text}.", unit, labels),
    )


BLOCKS = (
    *_three("mel", "level of the mel band {}, against the mean of the recording", "dB", _BANDS),
    *_three("cepstrum", "cepstral coefficient {}", "dB", _CEPSTRUM),
    *(block for name, (text, unit) in _SHAPE.items() for block in _three(name, text, unit)),
    *_three("contrast", "difference of peaks and valleys of the spectrum from {}", "dB", _CONTRAST)[:2],
)


def compute(w: Window) -> Values:
    """Compute the group for one window."""
    heard = w.sounding
    pairs = heard[1:] & heard[:-1]
    power = w.power if heard.all() else w.power[heard]
    cepstrum = product(w.mel_db, _cosines())
    return {
        **_spread("mel", w.mel_db, heard, pairs),
        **_spread("cepstrum", cepstrum, heard, pairs),
        **{
            key: value
            for name, values in _shape(w, power).items()
            for key, value in _spread(name, values, heard, pairs).items()
        },
        **_contrast(power),
    }


def _spread(name: str, values: Frames, heard: NDArray[np.bool_], pairs: NDArray[np.bool_]) -> Values:
    """Mean, deviation and step; `values` has a row per frame."""
    steps = np.abs(values[1:] - values[:-1])[pairs]
    return {
        f"{name}_mean": values[heard].mean(axis=0),
        f"{name}_deviation": values[heard].std(axis=0),
        f"{name}_step": steps.mean(axis=0) if len(steps) else np.zeros_like(values[0]),
    }


def _shape(w: Window, power: Frames) -> dict[str, Frames]:
    """Values of the frames that are heard, at their places among all frames, shape (n_frames,) each."""
    bands = np.maximum(_octave_bands().sum(power), 0)
    running = np.cumsum(bands, axis=1)
    total = np.maximum(running[:, -1], np.float32(FLOOR))
    centroid = (bands * _CENTERS).sum(axis=1) / total
    found = {
        "centroid": centroid,
        "spread": np.sqrt(np.maximum((bands * _CENTERS**2).sum(axis=1) / total - centroid**2, 0)),
        "rolloff_50": _rolloff(running, 0.50),
        "rolloff_85": _rolloff(running, 0.85),
        "flatness": _flatness(power),
    }
    placed = {name: np.zeros(len(w.level_db), np.float32) for name in found}
    for name, values in found.items():
        placed[name][w.sounding] = values
    placed["flux"] = _flux(w)
    return placed


def _rolloff(running: Frames, share: float) -> Frames:
    """Octaves above 1 kHz at which running sums over bands reach a share of the whole, per frame."""
    goal = share * running[:, -1]
    band = np.minimum((running < goal[:, None]).sum(axis=1), running.shape[1] - 1)
    frame = np.arange(len(running))
    below = np.where(band > 0, running[frame, band - 1], 0)
    within = (goal - below) / np.maximum(running[frame, band] - below, np.float32(FLOOR))
    return np.asarray(_CENTERS[0] + (band - 0.5 + np.clip(within, 0, 1)) / BANDS_PER_OCTAVE, np.float32)


def _flatness(power: Frames) -> Frames:
    """Geometric over arithmetic mean in dB, bins at least 80 dB below the frame's mean lifted there."""
    mean = power.mean(axis=1, keepdims=True)
    logs = np.log10(np.maximum(power, np.float32(FLOOR) * mean + np.float32(1e-20)))
    return np.asarray(10 * (logs.mean(axis=1) - np.log10(mean[:, 0] + np.float32(1e-20))), np.float32)


def _flux(w: Window) -> Frames:
    """Half the summed difference of neighboring shares of mel bands, 0 for the first frame."""
    share = w.mel / np.maximum(w.mel.sum(axis=1, keepdims=True), np.float32(FLOOR))
    flux = np.zeros(len(share), np.float32)
    flux[1:] = np.abs(share[1:] - share[:-1]).sum(axis=1)
    return flux


def _contrast(power: Frames) -> Values:
    bins = np.searchsorted(frequencies_hz(N_FFT, SAMPLE_RATE), CONTRAST_EDGES_HZ)
    means, deviations = [], []
    for low, high in pairwise(bins):
        band = np.sort(power[:, low : max(high, low + 1)], axis=1)
        n = max(1, round(CONTRAST_SHARE * band.shape[1]))
        peaks, valleys = band[:, -n:].mean(axis=1), band[:, :n].mean(axis=1)
        tiny = np.float32(FLOOR / N_FFT)
        contrast = 10 * np.log10((peaks + tiny) / (valleys + tiny))
        means.append(contrast.mean())
        deviations.append(contrast.std())
    return {"contrast_mean": means, "contrast_deviation": deviations}


@cache
def _cosines() -> Frames:
    """Orthonormal discrete cosine transform without coefficient 0, shape (40, 20)."""
    angles = np.pi * np.outer(np.arange(N_MELS) + 0.5, np.arange(1, N_CEPSTRUM + 1)) / N_MELS
    return np.asarray(np.cos(angles) * np.sqrt(2 / N_MELS), np.float32)


@cache
def _octave_bands() -> Bands:
    """Bands an eighth of an octave apart; what lies below 30 Hz counts as 30 Hz."""
    hz = np.maximum(frequencies_hz(N_FFT, SAMPLE_RATE), LOWEST_HZ)
    return Bands.of(np.log2(hz / 1000), float(_CENTERS[0]), 1 / BANDS_PER_OCTAVE, len(_CENTERS))


TIMBRE = Group("timbre", BLOCKS, compute)
