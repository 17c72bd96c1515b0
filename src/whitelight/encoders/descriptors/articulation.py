"""How long notes are held, alone and against the next chord."""

import numpy as np

from whitelight.encoders.descriptors.shared import Shared
from whitelight.encoders.descriptors.table import Block, Group
from whitelight.encoders.ragged import Array, entropy

BLOCKS = (
    Block("length_mean", "Mean log2 note length.", "octaves of 1 s"),
    Block("length_deviation", "Standard deviation of log2 note length.", "octaves"),
    Block(
        "length_quantile",
        "{} of note length.",
        "octaves of 1 s",
        {"p10": "10th percentile", "p50": "Median", "p90": "90th percentile"},
    ),
    Block("length_entropy", "Entropy of note lengths.", "0 to 1"),
    Block(
        "legato", "Mean log2 of a chord's highest note by the time to the next chord, within two octaves.", "log2 ratio"
    ),
    Block("staccato", "Share of chords released before half the time to the next.", "0 to 1"),
    Block("held_over", "Share of chords held beyond the next chord.", "0 to 1"),
)


def compute(s: Shared) -> dict[str, Array]:
    """Compute the group for every piece."""
    mean, deviation, _ = s.lengths.moments()
    return {
        "length_mean": mean,
        "length_deviation": deviation,
        "length_quantile": s.lengths.quantiles((0.1, 0.5, 0.9)),
        "length_entropy": entropy(s.lengths.counts.reshape(s.n, -1, 5).sum(axis=2)),
        **_legato(s),
    }


def _legato(s: Shared) -> dict[str, Array]:
    layout, seconds = s.ioi
    _, first = s.chords.neighbors
    held = s.log_length[s.chord_high[first]] - np.log2(np.maximum(seconds, np.float32(1e-3)))
    held = np.clip(held, -2, 2)
    return {
        "legato": layout.mean(held),
        "staccato": layout.mean(np.clip(held * -4 - np.float32(3.5), 0, 1)),
        "held_over": layout.mean(np.clip(held * 4 - np.float32(0.5), 0, 1)),
    }


ARTICULATION = Group("articulation", "pitched", BLOCKS, compute)
