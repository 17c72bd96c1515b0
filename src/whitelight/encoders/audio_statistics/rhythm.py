"""Onsets and pulse: how much starts, how regularly, at what tempo.

Onset strength is the mean rise of the mel bands in dB. Its autocorrelation over the lags of 30 to 285 bpm tells which
tempi repeat (Ellis 2007, "Beat tracking by dynamic programming", whose preference for 120 bpm picks the one tempo);
fluctuation of three registers at 0.5 to 16 Hz as in Pampalk et al. (2002).
"""

from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.audio_statistics.table import Block, Group, Values
from whitelight.encoders.audio_statistics.window import FRAME_RATE, N_MELS, Frames, Window, band_centers_hz

TEMPI_BPM = 30 * 2 ** (np.arange(27) / 8)  # eight per octave
FINE_BPM = 40 * 2 ** (np.arange(63) / 24)  # where the beat is sought, 40 to 240
PREFERRED_BPM, PREFERENCE_OCTAVES = 120.0, 1.0
LONGEST_LAG = 2 / 3  # of the window; beyond it too little overlaps
MULTIPLES = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
MODULATION_EDGES_HZ = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
MIN_MODULATION_FRAMES = 256  # 6 s, so that half a hertz is a bin of its own
REGISTERS_HZ = {"bass": (0, 250), "middle": (250, 2000), "treble": (2000, 11_025)}

_REGISTERS = {name: f"{a} to {b} Hz" for name, (a, b) in REGISTERS_HZ.items()}
_MODULATION = {
    f"{name}_{a:g}hz": f"{text} fluctuates at {a:g} to {b:g} Hz"
    for name, text in _REGISTERS.items()
    for a, b in pairwise(MODULATION_EDGES_HZ)
}

_NEAR = 2 ** np.linspace(-1 / 16, 1 / 16, 7)  # half the distance of neighboring tempi: a sharp pulse is never missed

BLOCKS = (
    Block("onset_mean", "Mean onset strength.", "dB"),
    Block("onset_deviation", "Standard deviation of onset strength.", "dB"),
    Block("onset_quantile", "Onset strength at {}.", "dB", {"p50": "the median", "p90": "quantile 0.9"}),
    Block("onset_rate", "Onsets per second.", "log(1 + x)"),
    Block("ioi_mean", "Mean log2 of the time between onsets.", "octaves of 1 s"),
    Block("ioi_deviation", "Standard deviation of the log2 time between onsets.", "octaves"),
    Block("ioi_variability", "Mean relative difference of neighboring times between onsets.", "0 to 1"),
    Block("register_onset_mean", "Mean onset strength from {}.", "dB", _REGISTERS),
    Block("register_onset_deviation", "Standard deviation of onset strength from {}.", "dB", _REGISTERS),
    Block("register_pulse", "Best repetition of the onsets from {}.", "-1 to 1", _REGISTERS),
    Block(
        "repetition",
        "Autocorrelation of onset strength at a beat of about {}.",
        "-1 to 1",
        {f"{bpm:.0f}bpm": f"{bpm:.0f} bpm" for bpm in TEMPI_BPM},
    ),
    Block("tempo", "Tempo of the clearest pulse.", "octaves above 120 bpm"),
    Block("pulse_clarity", "Autocorrelation of onset strength at the clearest pulse.", "-1 to 1"),
    Block(
        "pulse_multiple",
        "Autocorrelation of onset strength at about {} times the beat.",
        "-1 to 1",
        {f"{m:g}": f"{m:g}" for m in MULTIPLES},
    ),
    Block("modulation", "Share in which the register {}.", "0 to 1", _MODULATION),
)


def compute(w: Window) -> Values:
    """Compute the group for one window."""
    registers = _register_weights()
    strengths = w.rises_db @ registers  # (n_frames, 3)
    strength = w.rises_db.mean(axis=1)
    repetition = autocorrelation(strength)
    clearest = _beat_lag(repetition)
    return {
        "onset_mean": strength.mean(),
        "onset_deviation": strength.std(),
        "onset_quantile": np.quantile(strength, [0.5, 0.9]),
        **_onsets(strength),
        "register_onset_mean": strengths.mean(axis=0),
        "register_onset_deviation": strengths.std(axis=0),
        "register_pulse": [at_lags(autocorrelation(column), _lags(FINE_BPM)).max() for column in strengths.T],
        "repetition": near_lags(repetition, _lags(TEMPI_BPM)),
        "tempo": np.log2(60 * FRAME_RATE / clearest / PREFERRED_BPM) if clearest else 0.0,
        "pulse_clarity": near_lags(repetition, np.array([clearest]))[0],
        "pulse_multiple": near_lags(repetition, clearest * np.array(MULTIPLES)),
        "modulation": _modulation(w.mel_db @ registers),
    }


def autocorrelation(strength: Frames) -> NDArray[np.float64]:
    """Return the autocorrelation of a curve without its mean, 1 at lag 0, corrected for the overlap that shrinks.

    Shape (n_frames,); 0 beyond two thirds of the window, and everywhere for a constant curve.
    """
    n = len(strength)
    centered = (strength - strength.mean()).astype(np.float64)
    spectrum = np.fft.rfft(centered, 2 * n)
    products = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, 2 * n)[:n]
    if products[0] <= 1e-9 * n:
        return np.zeros(n)
    lags = np.arange(n)
    return np.where(lags <= LONGEST_LAG * n, products / products[0] * (n / (n - lags)), 0.0)


def at_lags(repetition: NDArray[np.float64], lags: NDArray[np.float64]) -> NDArray[np.float64]:
    """Read an autocorrelation at lags with fractions; 0 beyond its end."""
    return np.interp(lags, np.arange(len(repetition)), repetition, right=0.0)


def near_lags(repetition: NDArray[np.float64], lags: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the highest value within a sixteenth of an octave of each lag; 0 for a lag of 0."""
    near = at_lags(repetition, lags[:, None] * _NEAR).max(axis=1)
    return np.where(lags > 0, near, 0.0)


def _lags(tempi_bpm: NDArray[np.float64]) -> NDArray[np.float64]:
    return 60 * FRAME_RATE / tempi_bpm


def _beat_lag(repetition: NDArray[np.float64]) -> float:
    """Lag of the pulse that stands out most, weighed by how usual its tempo is; 0 when nothing repeats."""
    found = at_lags(repetition, _lags(FINE_BPM))
    usual = np.exp(-0.5 * (np.log2(FINE_BPM / PREFERRED_BPM) / PREFERENCE_OCTAVES) ** 2)
    best = int((found * usual).argmax())
    return float(_lags(FINE_BPM)[best]) if found[best] > 0 else 0.0


def _onsets(strength: Frames) -> Values:
    """Peaks of onset strength that stand above their surroundings, and the times between them."""
    padded = np.pad(strength, 2)
    around = np.max([padded[k : k + len(strength)] for k in (0, 1, 3, 4)], axis=0)
    is_onset = (strength > around) & (strength > strength.mean() + 0.5 * strength.std())
    onset_s = np.flatnonzero(is_onset) / FRAME_RATE
    rate = np.log1p(len(onset_s) / (len(strength) / FRAME_RATE))
    gaps_s = np.diff(onset_s)
    if not len(gaps_s):
        return {"onset_rate": rate, "ioi_mean": 0.0, "ioi_deviation": 0.0, "ioi_variability": 0.0}
    octaves = np.log2(gaps_s)
    differences = np.abs(np.diff(gaps_s)) / (gaps_s[1:] + gaps_s[:-1]) if len(gaps_s) > 1 else np.zeros(1)
    return {
        "onset_rate": rate,
        "ioi_mean": octaves.mean(),
        "ioi_deviation": octaves.std(),
        "ioi_variability": differences.mean(),
    }


def _modulation(registers_db: Frames) -> NDArray[np.float64]:
    """Share of each band of fluctuation within each register, shape (15,)."""
    n = len(registers_db)
    centered = (registers_db - registers_db.mean(axis=0)) * np.hanning(n + 2)[1:-1, None]
    size = max(n, MIN_MODULATION_FRAMES)
    power = np.abs(np.fft.rfft(centered, size, axis=0)) ** 2
    edges = np.searchsorted(np.fft.rfftfreq(size, 1 / FRAME_RATE), MODULATION_EDGES_HZ)
    bands = np.stack([power[a:b].sum(axis=0) for a, b in pairwise(edges)])  # (5, 3)
    return np.asarray((bands / np.maximum(bands.sum(axis=0), 1e-12)).T.ravel())


@cache
def _register_weights() -> Frames:
    """Mean over the mel bands of each register, shape (40, 3)."""
    centers = np.array(band_centers_hz())
    members = np.stack([(centers >= a) & (centers < b) for a, b in REGISTERS_HZ.values()], axis=1)
    assert members.sum() == N_MELS
    return np.asarray(members / members.sum(axis=0), np.float32)


RHYTHM = Group("rhythm", BLOCKS, compute)
