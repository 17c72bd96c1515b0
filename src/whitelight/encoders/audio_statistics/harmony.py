"""Pitch classes against the estimated tonic: chroma, mode, intervals, and how fast harmony changes.

The sound is thinned to a quarter of its rate, where notes up to 2 kHz lie, and seen through frames of 0.37 s. Peaks of
the spectrum are placed by a parabola through three bins, tuned together, and folded to twelve pitch classes (Gómez 2006,
"Tonal description of music audio signals"). Degrees count from the tonic, so that a transposed recording is nearly the
same; absolute pitch classes are left out: in MIDI they never helped and they tell songs apart, not what songs share.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.audio_statistics.table import Block, Group, Values
from whitelight.encoders.audio_statistics.window import SAMPLE_RATE, Frames, Window, power_spectra
from whitelight.encoders.descriptors.keys import key_correlations, relative
from whitelight.encoders.ragged import entropy, shares

THINNING = 4  # of the sample rate: 5.5 kHz
N_FFT, HOP = 2048, 512  # samples at that rate: 0.37 s, every 93 ms; bins of 2.7 Hz
BIN_HZ = SAMPLE_RATE / THINNING / N_FFT
LOWEST_HZ, BASS_HZ, HIGHEST_HZ = 40.0, 200.0, 2093.0  # C7
PEAK_SHARE = 1e-4  # a peak is no more than 40 dB below the highest of its frame
PAUSE_SHARE = 1e-6  # of the mean power; a quieter frame has no harmony

_DEGREES = {
    name: name.replace("_", " ")
    for name in ("1", "flat_2", "2", "minor_3", "major_3", "4", "tritone", "5", "flat_6", "6", "flat_7", "major_7")
}
_INTERVALS = {
    f"{k}": text
    for k, text in enumerate(
        ("semitones", "whole tones", "minor thirds", "major thirds", "fourths and fifths", "tritones"), 1
    )
}
_TRIADS = {"major": (0, 4, 7), "minor": (0, 3, 7), "diminished": (0, 3, 6), "augmented": (0, 4, 8), "fourth": (0, 5, 7)}
_TRIAD_TEXTS = {name: "suspended fourth" if name == "fourth" else name for name in _TRIADS}
_TEMPLATES = np.stack(
    [
        np.isin(np.arange(12), [(degree + root) % 12 for degree in degrees]) / np.sqrt(3)
        for degrees in _TRIADS.values()
        for root in range(12)
    ],
    axis=1,
)  # (12, 60): unit vectors of every triad on every root

BLOCKS = (
    Block("degree_mean", "Share of scale degree {} above the tonic.", "0 to 1", _DEGREES),
    Block("degree_deviation", "Standard deviation over frames of the share of degree {}.", "0 to 1", _DEGREES),
    Block("bass_degree_mean", "Share of scale degree {} below 200 Hz.", "0 to 1", _DEGREES),
    Block("interval", "Strength of {} in the pitch classes of a frame.", "0 to 1", _INTERVALS),
    Block("triad_mean", "Mean fit of the best {} triad to a frame.", "0 to 1", _TRIAD_TEXTS),
    Block("triad_deviation", "Standard deviation over frames of the fit of the best {} triad.", "0 to 1", _TRIAD_TEXTS),
    Block("key_best_major", "Correlation with the best major key.", "-1 to 1"),
    Block("key_best_minor", "Correlation with the best minor key.", "-1 to 1"),
    Block("key_major_minus_minor", "Best major minus best minor key correlation.", "-2 to 2"),
    Block("key_clarity", "Best key correlation minus the mean of all keys.", "0 to 2"),
    Block("chroma_entropy", "Entropy of the pitch classes of the window.", "0 to 1"),
    Block("chroma_frame_entropy", "Mean entropy of the pitch classes of a frame.", "0 to 1"),
    Block("harmony_step", "Mean distance of pitch classes between neighboring frames.", "0 to 1"),
    Block("harmony_step_deviation", "Standard deviation of the same.", "0 to 1"),
    Block("harmony_drift", "Mean distance of a frame's pitch classes from those of the window.", "0 to 1"),
    Block("tonal_mean", "Share of the power that lies in peaks of the spectrum.", "0 to 1"),
    Block("tonal_deviation", "Standard deviation over frames of the same.", "0 to 1"),
    Block("polyphony_mean", "Peaks of the spectrum per frame.", "log(1 + x)"),
    Block("polyphony_deviation", "Standard deviation over frames of the same.", "log(1 + x)"),
    Block("tuning", "How far notes lie from equal temperament at 440 Hz, without sign.", "0 to 0.5 semitones"),
    Block("tuning_clarity", "How well notes agree on one tuning.", "0 to 1"),
)


@dataclass(frozen=True, slots=True)
class Peaks:
    """Peaks of all frames: frame, frequency as a MIDI pitch with fraction, amplitude; and per frame their power share."""

    frame: NDArray[np.int64]
    pitch: Frames
    amplitude: Frames
    tonal: Frames
    n_frames: int


def compute(w: Window) -> Values:
    """Compute the group for one window."""
    peaks = find_peaks(_thinned(w.samples))
    turn = np.exp(2j * np.pi * peaks.pitch) * peaks.amplitude
    total = float(peaks.amplitude.sum())
    mean_turn = complex(turn.sum()) / total if total > 0 else 0j
    tuning = float(np.angle(mean_turn) / (2 * np.pi))
    chroma = shares(_folded(peaks, tuning, lowest_hz=0.0))  # (n_frames, 12)
    bass = shares(_folded(peaks, tuning, lowest_hz=BASS_HZ).sum(axis=0)[None])
    whole = shares(chroma.sum(axis=0)[None])
    return {
        **_degrees(chroma, whole, bass),
        **_frames(chroma, whole),
        "tonal_mean": peaks.tonal.mean(),
        "tonal_deviation": peaks.tonal.std(),
        **_polyphony(peaks),
        "tuning": abs(tuning),
        "tuning_clarity": abs(mean_turn),
    }


def find_peaks(samples: NDArray[np.float32]) -> Peaks:
    """Find the peaks of every frame of sound at a quarter of `SAMPLE_RATE`."""
    low, high = round(LOWEST_HZ / BIN_HZ), round(HIGHEST_HZ / BIN_HZ)
    power = power_spectra(samples, N_FFT, HOP)[:, low - 1 : high + 1]
    middle, left, right = power[:, 1:-1], power[:, :-2], power[:, 2:]
    highest = middle.max(axis=1, keepdims=True)
    is_peak = (middle > left) & (middle >= right) & (middle > PEAK_SHARE * highest) & (highest > PAUSE_SHARE)
    frame, place = np.nonzero(is_peak)
    tiny = np.float32(1e-20)
    a, b, c = (np.log(part[frame, place] + tiny) for part in (left, middle, right))
    offset = np.clip(0.5 * (a - c) / np.minimum(a - 2 * b + c, -1e-6), -0.5, 0.5)
    pitch = 69 + 12 * np.log2((low + place + offset) * (BIN_HZ / 440))
    held = (left + middle + right)[frame, place]
    tonal = np.bincount(frame, held, len(power)) / np.maximum(power.sum(axis=1), tiny)
    amplitude = np.sqrt(middle[frame, place])
    return Peaks(frame, pitch.astype(np.float32), amplitude, np.minimum(tonal, 1).astype(np.float32), len(power))


def _thinned(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    import soxr  # noqa: PLC0415  only encoders of audio need it

    return np.asarray(soxr.resample(samples, THINNING, 1, quality="HQ"), np.float32)


def _folded(peaks: Peaks, tuning: float, *, lowest_hz: float) -> NDArray[np.float64]:
    """Sum amplitudes to pitch classes, shape (n_frames, 12); with `lowest_hz` only what lies below it."""
    nearest = np.rint(peaks.pitch - tuning).astype(np.int64)
    amplitude = peaks.amplitude
    if lowest_hz:
        amplitude = np.where(peaks.pitch < 69 + 12 * np.log2(lowest_hz / 440), amplitude, 0)
    folded = np.bincount(12 * peaks.frame + nearest % 12, amplitude, 12 * peaks.n_frames)
    return np.asarray(folded.reshape(-1, 12), np.float64)


def _degrees(chroma: NDArray[np.float64], whole: NDArray[np.float64], bass: NDArray[np.float64]) -> Values:
    correlation = key_correlations(whole)[0]
    tonic = np.array([int(correlation.argmax()) % 12])
    major, minor = float(correlation[:12].max()), float(correlation[12:].max())
    return {
        "degree_mean": relative(whole, tonic),
        "degree_deviation": relative(chroma.std(axis=0)[None], tonic),
        "bass_degree_mean": relative(bass, tonic),
        "key_best_major": major,
        "key_best_minor": minor,
        "key_major_minus_minor": major - minor,
        "key_clarity": correlation.max() - correlation.mean(),
    }


def _frames(chroma: NDArray[np.float64], whole: NDArray[np.float64]) -> Values:
    heard = chroma[chroma.sum(axis=1) > 0]
    if not len(heard):
        heard = np.zeros((1, 12))
    steps = np.abs(np.diff(heard, axis=0)).sum(axis=1) / 2 if len(heard) > 1 else np.zeros(1)
    length = np.maximum(np.sqrt((heard**2).sum(axis=1)), 1e-9)[:, None]
    unit = heard / length
    triads = (unit @ _TEMPLATES).reshape(len(unit), len(_TRIADS), 12).max(axis=2)
    return {
        "interval": [np.mean((unit * np.roll(unit, k, axis=1)).sum(axis=1)) for k in range(1, 7)],
        "triad_mean": triads.mean(axis=0),
        "triad_deviation": triads.std(axis=0),
        "chroma_entropy": entropy(whole)[0],
        "chroma_frame_entropy": entropy(heard).mean(),
        "harmony_step": steps.mean(),
        "harmony_step_deviation": steps.std(),
        "harmony_drift": np.abs(heard - whole).sum(axis=1).mean() / 2,
    }


def _polyphony(peaks: Peaks) -> Values:
    count = np.log1p(np.bincount(peaks.frame, minlength=peaks.n_frames))
    return {"polyphony_mean": count.mean(), "polyphony_deviation": count.std()}


HARMONY = Group("harmony", BLOCKS, compute)
