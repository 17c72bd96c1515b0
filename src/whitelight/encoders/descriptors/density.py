"""How much happens per second: notes, chords, simultaneous notes, silence, and the gaps between onsets."""

import numpy as np

from whitelight.encoders.descriptors.shared import Shared
from whitelight.encoders.descriptors.table import Block, Group
from whitelight.encoders.ragged import Array, Binned, entropy

IOI_SHORTEST_S, IOI_BINS = 0.0442, 14  # bin centers half an octave apart: 0.044, 0.0625, 0.088, 0.125, ... 4 s
SIZES = {"1": "one note", "2": "two notes", "3": "three notes", "4": "four notes", "5": "five notes or more"}
CELL = {
    "p10": "10th percentile",
    "p50": "Median",
    "p90": "90th percentile",
    "max": "Largest value",
    "deviation": "Standard deviation",
}


_SIZE_CLASS = np.eye(5)[np.minimum(np.arange(16), 4)]
_IOI_CENTERS = np.log2(IOI_SHORTEST_S) + np.arange(IOI_BINS) / 2


def log_bins(shortest: float, n: int) -> dict[str, str]:
    """Label half-octave bins by their center in milliseconds."""
    centers = shortest * 2 ** (np.arange(n) / 2)
    return {f"{1000 * c:.0f}ms": f"{c:.3g} s" for c in centers}


BLOCKS = (
    Block("note_rate_log", "Notes per second.", "log(1 + x)"),
    Block("chord_rate_log", "Chords (notes struck together count once) per second.", "log(1 + x)"),
    Block("note_rate_cell", "{} over one-second cells of the number of onsets.", "log(1 + x)", CELL),
    Block("note_rate_trend", "Correlation of onsets per second with time.", "-1 to 1"),
    Block("silent_cells", "Share of one-second cells in which nothing is struck.", "0 to 1"),
    Block("voices_mean", "Average number of notes sounding.", "notes"),
    Block("silence", "Share of seconds in which nothing sounds.", "0 to 1"),
    Block("chord_size_mean", "Notes per chord.", "notes"),
    Block("chord_size_deviation", "Standard deviation of notes per chord.", "notes"),
    Block("chord_size_share", "Share of chords with {}.", "0 to 1", SIZES),
    Block("chord_size_change", "Share of neighboring chords of different size.", "0 to 1"),
    Block("ioi_mean", "Mean log2 of the time between chords.", "octaves of 1 s"),
    Block("ioi_deviation", "Standard deviation of the log2 time between chords.", "octaves"),
    Block("ioi_share", "Share of times between chords around {}.", "0 to 1", log_bins(IOI_SHORTEST_S, IOI_BINS)),
    Block("ioi_entropy", "Entropy of the times between chords.", "0 to 1"),
    Block("ioi_variability", "Mean relative difference of neighboring times between chords (nPVI / 200).", "0 to 1"),
    Block("ioi_repeated", "Share of times between chords within 8 % of the one before.", "0 to 1"),
    Block("ioi_halved_or_doubled", "Share of times between chords half or twice the one before.", "0 to 1"),
    Block("longest_gap", "Longest time between chords.", "log2 s"),
)


def compute(s: Shared) -> dict[str, Array]:
    """Compute the group for every piece."""
    return {
        "note_rate_log": np.log1p(s.ragged.counts / s.span_s),
        "chord_rate_log": np.log1p(s.chords.counts / s.span_s),
        **_cells(s),
        **_sizes(s),
        **_gaps(s),
    }


def _cells(s: Shared) -> dict[str, Array]:
    cells, struck = s.frames.ragged, s.frames.onsets
    rate = np.log1p(struck)
    quantiles = np.log1p(Binned.of(cells, struck, low=0, high=63, step=1).quantiles((0.1, 0.5, 0.9)))
    place = (np.arange(cells.size) - cells.spread(cells.offsets[:-1])).astype(np.float64)
    return {
        "note_rate_cell": np.column_stack((quantiles, cells.max(rate), cells.deviation(rate))),
        "note_rate_trend": cells.correlation(rate, place),
        "silent_cells": cells.mean(struck == 0),
        "voices_mean": s.ragged.sum(s.duration_s) / s.span_s,
        "silence": s.frames.ragged.mean(s.frames.voices < 1),
    }


def _sizes(s: Shared) -> dict[str, Array]:
    size = Binned.of(s.chords, s.chord_size, low=1, high=16, step=1)
    mean, deviation, _ = size.moments()
    layout, change = s.chords.steps(s.chord_size)
    return {
        "chord_size_mean": mean,
        "chord_size_deviation": deviation,
        "chord_size_share": size.average(_SIZE_CLASS),
        "chord_size_change": layout.mean(change != 0),
    }


def _gaps(s: Shared) -> dict[str, Array]:
    layout, seconds = s.ioi
    seconds = np.maximum(seconds, np.float32(1e-3))
    octaves = np.log2(seconds)
    gaps = Binned.of(layout, octaves, low=-6, high=5, step=0.125)
    mean, deviation, _ = gaps.moments()
    share = gaps.shares(_IOI_CENTERS)
    pairs, first = layout.neighbors
    change = np.abs(octaves[1:] - octaves[:-1])[first]
    return {
        "ioi_mean": mean,
        "ioi_deviation": deviation,
        "ioi_share": share,
        "ioi_entropy": entropy(share),
        "ioi_variability": pairs.mean(relative_difference(seconds[first], seconds[first + 1])),
        "ioi_repeated": pairs.mean(near(change, 0)),
        "ioi_halved_or_doubled": pairs.mean(near(change, 1)),
        "longest_gap": layout.max(octaves),
    }


def relative_difference(one: Array, two: Array) -> Array:
    """Return |a - b| / (a + b) of two times, 0 to 1."""
    return np.asarray(np.abs(one - two) / (one + two))


def near(octaves: Array, target: float) -> Array:
    """Return 1 within 8 % of a time ratio, falling to 0 at 16 %."""
    return np.asarray(np.clip(2 - np.abs(octaves - np.float32(target)) * np.float32(1 / np.log2(1.08)), 0, 1))


DENSITY = Group("density", "pitched", BLOCKS, compute)
