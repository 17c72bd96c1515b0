"""Chords as heard in one-second frames, and the intervals between notes that sound together.

Every frame is compared with chord templates on twelve roots (cosine of pitch-class vectors, as in Fujishima 1999);
"soft" shares turn gradually from no to yes.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.descriptors.chords import TEMPLATES, ChordFrames
from whitelight.encoders.descriptors.shared import Shared
from whitelight.encoders.descriptors.table import Block, Group
from whitelight.encoders.descriptors.tonality import DEGREES
from whitelight.encoders.ragged import Array, entropy, product, ratio, shares

QUALITIES = {name: name.replace("_", " ") for name in TEMPLATES}
ON_TONIC = {"major": "the major tonic chord", "minor": "the minor tonic chord"}
MOTIONS = {
    "second": "a second",
    "third": "a third",
    "fourth_up": "a fourth up",
    "fifth_up": "a fifth up",
    "tritone": "a tritone",
}
_MOTION_OF_INTERVAL = np.array(
    [[k in kinds for kinds in ((1, 2, 10, 11), (3, 4, 8, 9), (5,), (7,), (6,))] for k in range(12)]
)
INTERVALS = {str(k): f"{k} semitones" for k in range(1, 12)} | {"12": "an octave", "13": "more than an octave"}
LOUDEST_PARTIALS = 6
ROUGH_INTERVALS = 25  # up to two octaves

BLOCKS = (
    Block("chord_similarity", "Mean similarity of seconds with the best {} chord.", "0 to 1", QUALITIES),
    Block("chord_fit", "Mean similarity of seconds with their best chord.", "0 to 1"),
    Block(
        "chord_minor_share",
        "Soft share of seconds that fit a minor better than a major chord, with or without seventh.",
        "0 to 1",
    ),
    Block("tonic_chord", "Share of seconds that fit {}.", "0 to 1", ON_TONIC),
    Block("tonic_chord_similarity", "Mean similarity of seconds with {}.", "0 to 1", ON_TONIC),
    Block("chord_root", "Share of seconds whose chord root is degree {}.", "0 to 1", DEGREES),
    Block("chord_root_in_bass", "Share of seconds whose chord root is in the bass.", "0 to 1"),
    Block("chord_change", "Share of neighboring seconds with different chord roots.", "0 to 1"),
    Block("root_motion", "Share of root changes by {}.", "0 to 1", MOTIONS),
    Block("harmonic_distance", "Mean distance of pitch classes between neighboring seconds.", "0 to 1"),
    Block("sounding_classes", "Mean number of different pitch classes sounding.", "0 to 12"),
    Block("vertical_interval", "Share of neighboring notes of chords {} apart.", "0 to 1", INTERVALS),
    Block("vertical_entropy", "Entropy of intervals between neighboring notes of chords.", "0 to 1"),
    Block("roughness_rate", "Roughness of struck pairs summed per second, log.", "log(1 + x)", absolute=True),
)


def compute(s: Shared) -> dict[str, Array]:
    """Compute the group for every piece."""
    c = s.chord_frames
    best = c.similarity.max(axis=0)
    kinds = list(TEMPLATES)
    minor = c.similarity[[kinds.index("minor"), kinds.index("minor_seventh")]].max(axis=0)
    major = c.similarity[[kinds.index("major"), kinds.index("major_seventh")]].max(axis=0)
    root_degree = (c.root - s.key.tonic[c.ragged.item]) % 12
    return {
        "chord_similarity": c.ragged.mean(c.similarity).T,
        "chord_fit": c.ragged.mean(best),
        "chord_minor_share": c.ragged.mean(np.clip((minor - major) * 5 + np.float32(0.5), 0, 1)),
        "tonic_chord": c.ragged.mean(np.clip((c.tonic - best + np.float32(0.1)) * 10, 0, 1)).T,
        "tonic_chord_similarity": c.ragged.mean(c.tonic).T,
        "chord_root": shares(c.ragged.histogram(root_degree, 12)),
        "chord_root_in_bass": c.ragged.mean(c.root == c.bass),
        "sounding_classes": c.ragged.mean(c.n_classes),
        **_motion(c),
        **_struck(s),
    }


def _motion(c: ChordFrames) -> dict[str, Array]:
    layout, first = c.ragged.neighbors
    motion = layout.histogram((c.root[1:] - c.root[:-1])[first] % 12, 12)
    changes = motion[:, 1:].sum(axis=1)
    return {
        "chord_change": ratio(changes, layout.counts),
        "root_motion": ratio(product(motion, _MOTION_OF_INTERVAL), changes[:, None]),
        "harmonic_distance": layout.mean(c.distance_to_next[first]),
    }


def _struck(s: Shared) -> dict[str, Array]:
    """Intervals between neighboring notes of one chord."""
    pairs, place = s.stacked
    pitch = s.pitch[s.by_chord]
    low = pitch[place]
    interval = pitch[place + 1] - low
    histogram = pairs.histogram(np.minimum(interval, 13), 14)[:, 1:]
    rough = roughness_table().ravel()[low * ROUGH_INTERVALS + np.minimum(interval, ROUGH_INTERVALS - 1)]
    return {
        "vertical_interval": shares(histogram),
        "vertical_entropy": entropy(histogram),
        "roughness_rate": np.log1p(pairs.sum(rough) / s.span_s),
    }


@cache
def roughness_table() -> NDArray[np.float32]:
    """Roughness of two notes by lower pitch and interval up to 24 semitones, shape (128, 25).

    Sethares (1993), six partials with amplitudes 0.88^k, divided by its largest value.
    """
    partial = np.arange(1, LOUDEST_PARTIALS + 1)
    frequency = 440 * 2 ** ((np.arange(128 + 24) - 69) / 12)[:, None] * partial
    amplitude = 0.88 ** (partial - 1)
    low = frequency[:128, None, :, None]  # (128, 1, partials, 1)
    high = frequency[np.arange(128)[:, None] + np.arange(ROUGH_INTERVALS)][:, :, None, :]  # (128, 25, 1, partials)
    bottom = np.minimum(low, high)
    x = 0.24 / (0.021 * bottom + 19) * np.abs(high - low)
    rough = np.minimum(amplitude[:, None], amplitude) * (np.exp(-3.5 * x) - np.exp(-5.75 * x))
    table = rough.sum(axis=(2, 3))
    return np.asarray(table / table.max(), np.float32)


HARMONY = Group("harmony", "pitched", BLOCKS, compute)
