"""The outer voices as lines: register, steps and leaps, direction, repetition, pace."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.descriptors.density import relative_difference
from whitelight.encoders.descriptors.shared import Shared, Voice
from whitelight.encoders.descriptors.table import Block, Group
from whitelight.encoders.ragged import Array, Ragged, entropy, product, ratio, within

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
LARGEST = 13  # semitones: an octave and more
_WIDTH = 2 * LARGEST + 1
_KIND = np.eye(len(INTERVALS))[[0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 8, 8, 9, 10]]  # (size, kind)
SHORTEST_IOI_S, LONGEST_IOI_S = 0.02, 32.0


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
    melody_steps, bass_steps = _Steps.of(s.melody), _Steps.of(s.bass)
    melody, bass = _line(s, "melody", s.melody, melody_steps), _line(s, "bass", s.bass, bass_steps)
    return {
        **melody,
        **bass,
        "melody_trend": s.melody.ragged.correlation(s.melody.pitch, s.melody.onset_s),
        "melody_over_bass": melody["melody_pitch"] - bass["bass_pitch"],
        **_figures(s, melody_steps),
    }


@dataclass(frozen=True, slots=True)
class _Steps:
    """Steps of a line: layout, semitones, the bin of each, and how many are in each, shape (n, _WIDTH), zero in the middle."""

    layout: Ragged
    semitones: NDArray[np.int64]
    bins: NDArray[np.int64]
    counts: NDArray[np.float64]

    @classmethod
    def of(cls, voice: Voice) -> "_Steps":
        layout, semitones = voice.ragged.steps(voice.pitch)
        bins = within(semitones, -LARGEST, LARGEST) + LARGEST
        return cls(layout, semitones, bins, layout.histogram(bins, _WIDTH))


def _line(s: Shared, name: str, voice: Voice, steps: _Steps) -> dict[str, Array]:
    ragged, counts = voice.ragged, steps.counts
    pitch, deviation = ragged.moments(voice.pitch)
    sizes = np.concatenate(
        (counts[:, LARGEST : LARGEST + 1], counts[:, LARGEST + 1 :] + counts[:, LARGEST - 1 :: -1]), 1
    )
    columns = {
        "pitch": pitch,
        "pitch_deviation": deviation,
        "range": ragged.max(voice.pitch) - ragged.min(voice.pitch),
        "rate_log": np.log1p(ragged.counts / s.span_s),
        "length": ragged.mean(s.log_length[voice.rows]),
        "interval": product(sizes, _KIND) / np.maximum(steps.layout.counts, 1)[:, None],
        "interval_mean": steps.layout.mean(np.minimum(np.abs(steps.semitones), 24)),
        **_pace(voice),
    }
    return {f"{name}_{key}": value for key, value in columns.items()}


def _pace(voice: Voice) -> dict[str, Array]:
    layout, seconds = voice.ragged.steps(voice.onset_s)
    seconds = np.clip(seconds, SHORTEST_IOI_S, LONGEST_IOI_S)
    mean, deviation = layout.moments(np.log2(seconds))
    pairs, first = layout.neighbors
    return {
        "ioi": mean,
        "ioi_deviation": deviation,
        "ioi_variability": pairs.mean(relative_difference(seconds[first], seconds[first + 1])),
    }


def _figures(s: Shared, steps: _Steps) -> dict[str, Array]:
    """Direction of steps, and two steps in a row: turns, and figures that come back."""
    falling, rising = steps.counts[:, :LARGEST].sum(axis=1), steps.counts[:, LARGEST + 1 :].sum(axis=1)
    pairs, first = steps.layout.neighbors
    one, two = steps.bins[first], steps.bins[first + 1]
    direction = np.sign((one - LARGEST) * (two - LARGEST))
    moving, net = pairs.sum(np.abs(direction)), pairs.sum(direction)  # moving = on + turns, net = on - turns
    occurs = np.zeros(s.n * _WIDTH**2, np.bool_)
    occurs[(pairs.item * _WIDTH + one) * _WIDTH + two] = True
    again = pairs.counts - np.count_nonzero(occurs.reshape(s.n, -1), axis=1)
    return {
        "melody_interval_entropy": entropy(steps.counts),
        "melody_rising": ratio(rising - falling, rising + falling),
        "melody_turning": ratio(moving - net, 2 * moving),
        "melody_repeated_pairs": ratio(again, pairs.counts),
    }


LINES = Group("lines", "pitched", BLOCKS, compute)
