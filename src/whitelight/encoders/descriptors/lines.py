"""The outer voices as lines: register, steps and leaps, direction, repetition, pace."""

import numpy as np

from whitelight.encoders.descriptors.density import half_tanh
from whitelight.encoders.descriptors.shared import Shared, Voice
from whitelight.encoders.descriptors.table import Block, Group
from whitelight.encoders.ragged import Array, Binned, entropy, ratio

INTERVALS = {
    "0": "a repeated note",
    "1": "a semitone",
    "2": "a whole tone",
    "3": "a minor third",
    "4": "a major third",
    "5": "a fourth",
    "6": "a tritone",
    "7": "a fifth",
    "8": "a sixth or seventh",
    "12": "an octave",
    "13": "more than an octave",
}
_CLASS = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 8, 8, 9, 10])


def _blocks(voice: str, name: str) -> tuple[Block, ...]:
    return (
        Block(f"{voice}_pitch", f"Mean pitch of the {name}.", "MIDI pitch", absolute=True, neutral=60.0),
        Block(f"{voice}_pitch_deviation", f"Standard deviation of pitch in the {name}.", "semitones"),
        Block(f"{voice}_range", f"Range of the {name}.", "semitones"),
        Block(f"{voice}_rate_log", f"Notes of the {name} per second.", "log(1 + x)"),
        Block(f"{voice}_length", f"Mean log2 length of notes in the {name}.", "octaves of 1 s"),
        Block(f"{voice}_ioi", f"Mean log2 time between notes of the {name}.", "octaves of 1 s"),
        Block(f"{voice}_ioi_deviation", f"Standard deviation of log2 time between notes of the {name}.", "octaves"),
        Block(f"{voice}_ioi_variability", f"Mean relative difference of neighboring times in the {name}.", "0 to 1"),
        Block(f"{voice}_interval", f"Share of steps of the {name} that are {{}}.", "0 to 1", INTERVALS),
        Block(f"{voice}_interval_mean", f"Mean size of steps of the {name}.", "semitones"),
    )


BLOCKS = (
    *_blocks("melody", "top voice"),
    *_blocks("bass", "lowest voice"),
    Block("melody_interval_entropy", "Entropy of the signed steps of the top voice.", "0 to 1"),
    Block("melody_rising", "Rising minus falling steps of the top voice, as a share of moving ones.", "-1 to 1"),
    Block("melody_turning", "Share of neighboring steps of the top voice that change direction.", "0 to 1"),
    Block("melody_trend", "Correlation of pitch with time in the top voice.", "-1 to 1"),
    Block("melody_repeated_pairs", "Share of pairs of steps of the top voice that occur again.", "0 to 1"),
    Block("melody_over_bass", "Mean pitch of the top minus the lowest voice.", "semitones"),
)


def compute(s: Shared) -> dict[str, Array]:
    """Compute the group for every piece."""
    melody, bass = _line(s, "melody", s.melody), _line(s, "bass", s.bass)
    return {
        **melody,
        **bass,
        "melody_trend": s.melody.ragged.correlation(s.melody.pitch.astype(np.float64), s.melody.onset_s),
        "melody_over_bass": melody["melody_pitch"] - bass["bass_pitch"],
        **_figures(s, s.melody),
    }


def _line(s: Shared, name: str, voice: Voice) -> dict[str, Array]:
    ragged = voice.ragged
    pitch, deviation, _ = Binned.of(ragged, voice.pitch, low=0, high=127, step=1).moments()
    layout, first = ragged.neighbors
    size = Binned.of(layout, np.abs(voice.pitch[first + 1] - voice.pitch[first]), low=0, high=24, step=1)
    columns = {
        "pitch": pitch,
        "pitch_deviation": deviation,
        "range": ragged.max(voice.pitch) - ragged.min(voice.pitch),
        "rate_log": np.log1p(ragged.counts / s.span_s),
        "length": ragged.mean(np.log2(voice.duration_s)),
        "interval": size.average(np.eye(len(INTERVALS))[_CLASS[np.minimum(np.arange(25), 13)]]),
        "interval_mean": size.mean(),
        **_pace(s, voice),
    }
    return {f"{name}_{key}": value for key, value in columns.items()}


def _pace(s: Shared, voice: Voice) -> dict[str, Array]:
    layout, seconds = s.between(voice.ragged, voice.onset_s)
    octaves = np.log2(np.maximum(seconds, 0.02))
    mean, deviation, _ = Binned.of(layout, octaves, low=-6, high=5, step=0.125).moments()
    pairs, change = s.between(layout, octaves)
    changes = Binned.of(pairs, np.abs(change), low=0, high=4, step=1 / 16)
    return {
        "ioi": mean,
        "ioi_deviation": deviation,
        "ioi_variability": changes.average(half_tanh(changes.centers)),
    }


def _figures(s: Shared, voice: Voice) -> dict[str, Array]:
    """Direction of steps, and two steps in a row: turns, and figures that come back."""
    layout, step = s.between(voice.ragged, voice.pitch)
    signed = layout.histogram(np.clip(step, -12, 12) + 12, 25)
    falling, rising = signed[:, :12].sum(axis=1), signed[:, 13:].sum(axis=1)
    pairs, first = layout.neighbors
    one, two = step[first], step[first + 1]
    turns = pairs.histogram((np.sign(one) * np.sign(two) + 1), 3)  # turn, a note stays, goes on
    code = np.sort((pairs.item << 16) + ((one & 255) << 8) + (two & 255))
    again = np.bincount(code[1:][code[1:] == code[:-1]] >> 16, minlength=s.n)
    return {
        "melody_interval_entropy": entropy(signed),
        "melody_rising": ratio(rising - falling, rising + falling),
        "melody_turning": ratio(turns[:, 0], turns[:, 0] + turns[:, 2]),
        "melody_repeated_pairs": ratio(again, pairs.counts),
    }


LINES = Group("lines", "pitched", BLOCKS, compute)
