"""Where on the keyboard the music lies and how wide it is spread."""

from itertools import pairwise

import numpy as np

from whitelight.encoders.descriptors.shared import Shared
from whitelight.encoders.descriptors.table import Block, Group
from whitelight.encoders.ragged import Array, entropy, product, ratio, shares

EDGES = (0, 33, 41, 49, 57, 65, 73, 81, 128)
BANDS = {f"{low}": f"{low}-{high - 1}" for low, high in pairwise(EDGES)}

BLOCKS = (
    Block("register_time", "Share of sounding time with MIDI pitch {}.", "0 to 1", BANDS, absolute=True),
    Block("pitch_mean", "Mean pitch of the notes.", "MIDI pitch", absolute=True, neutral=60.0),
    Block("pitch_time_mean", "Mean pitch weighted by sounding time.", "MIDI pitch", absolute=True, neutral=60.0),
    Block("pitch_deviation", "Standard deviation of pitch.", "semitones"),
    Block("pitch_range", "Highest minus lowest pitch.", "semitones"),
    Block("pitch_skewness", "Skewness of pitch: positive when few notes lie far above the rest.", "ratio"),
    Block("pitch_variety", "Different pitches per note, log2.", "log2 ratio"),
    Block("pitch_entropy", "Entropy of pitches.", "0 to 1"),
    Block("pitch_octaves_doubled", "Share of notes whose octave neighbor has at least as many notes.", "0 to 1"),
    Block("chord_width", "Mean distance from lowest to highest note of a chord.", "semitones"),
    Block("chord_width_deviation", "Standard deviation of the same.", "semitones"),
    Block("pitch_step", "Mean distance of neighboring chords' lowest notes plus that of their highest.", "semitones"),
)


def compute(s: Shared) -> dict[str, Array]:
    """Compute the group for every piece."""
    counts, seconds = s.pitches.counts, s.pitch_seconds
    total = np.maximum(s.pitches.total, 1)
    mean, deviation, skewness = s.pitch_moments
    present = counts > 0
    highest, lowest = 127 - present[:, ::-1].argmax(axis=1), present.argmax(axis=1)
    doubled = (counts[:, 12:] * (counts[:, :-12] >= counts[:, 12:])).sum(axis=1)
    return {
        "register_time": shares(_bands(seconds)),
        "pitch_mean": mean,
        "pitch_time_mean": ratio(product(seconds, s.pitches.centers), seconds.sum(axis=1)),
        "pitch_deviation": deviation,
        "pitch_range": highest - lowest,
        "pitch_skewness": skewness,
        "pitch_variety": np.log2(np.maximum(present.sum(axis=1), 1) / total),
        "pitch_entropy": entropy(counts),
        "pitch_octaves_doubled": doubled / total,
        **_chords(s),
    }


def _bands(by_pitch: Array) -> Array:
    return np.add.reduceat(by_pitch, EDGES[:-1], axis=1)


def _chords(s: Shared) -> dict[str, Array]:
    low, high = s.pitch[s.chord_low], s.pitch[s.chord_high]
    width, width_deviation = s.chords.moments(high - low)
    layout, low_step = s.chords.steps(low)
    _, high_step = s.chords.steps(high)
    return {
        "chord_width": width,
        "chord_width_deviation": width_deviation,
        "pitch_step": layout.mean(np.abs(low_step) + np.abs(high_step)),
    }


REGISTER = Group("register", "pitched", BLOCKS, compute)
