"""Pitch classes against the estimated tonic: key, mode, scale degrees, and how they change over windows."""

import numpy as np

from whitelight.encoders.descriptors.keys import fit_keys, relative
from whitelight.encoders.descriptors.shared import Shared
from whitelight.encoders.descriptors.table import Block, Group
from whitelight.encoders.ragged import Array, column_sum, entropy, ratio, shares

WINDOW_FRAMES = 4  # 4 s: long enough to hear a key, short enough to hear it change
SOFT_MARGIN = 0.1  # difference of correlations over which "major" turns from no to yes
DEGREES = {
    name: name.replace("_", " ")
    for name in ("1", "flat_2", "2", "minor_3", "major_3", "4", "tritone", "5", "flat_6", "6", "flat_7", "major_7")
}

BLOCKS = (
    Block("key_best_major", "Correlation with the best major key.", "-1 to 1"),
    Block("key_best_minor", "Correlation with the best minor key.", "-1 to 1"),
    Block("key_major_minus_minor", "Best major minus best minor key correlation.", "-2 to 2"),
    Block("key_clarity", "Best key correlation minus that of the best key on another tonic.", "0 to 2"),
    Block("degree", "Share of scale degree {} above the tonic.", "0 to 1", DEGREES),
    Block("collection_degree", "Share of degree {} above the best major scale's tonic.", "0 to 1", DEGREES),
    Block("collection_fit", "Share of notes in the best-fitting major scale.", "0 to 1"),
    Block("third", "Major minus minor third above the tonic, as a share of both.", "-1 to 1"),
    Block("melody_third", "Major minus minor third in the top voice, as a share of both.", "-1 to 1"),
    Block("sixth", "Major minus minor sixth above the tonic, as a share of both.", "-1 to 1"),
    Block("chroma_entropy", "Entropy of pitch classes.", "0 to 1"),
    Block("window_major", "Share of 4 s windows whose best key is major.", "0 to 1"),
    Block("window_major_minus_minor", "Mean over 4 s windows of best major minus best minor.", "-2 to 2"),
    Block("window_major_minus_minor_deviation", "Standard deviation of the same.", "0 to 2"),
    Block("window_best_major", "Mean over 4 s windows of the best major correlation.", "-1 to 1"),
    Block("window_best_minor", "Mean over 4 s windows of the best minor correlation.", "-1 to 1"),
    Block("window_key_of_piece", "Mean over 4 s windows of the correlation with the key of the piece.", "-1 to 1"),
    Block("window_tonic_major", "Mean over 4 s windows of the correlation with the tonic's major key.", "-1 to 1"),
    Block("window_tonic_minor", "Mean over 4 s windows of the correlation with the tonic's minor key.", "-1 to 1"),
    Block("window_fit", "Mean over 4 s windows of the share inside the piece's best scale.", "0 to 1"),
    Block("window_change", "Mean distance of pitch classes between neighboring 4 s windows.", "0 to 1"),
)


def compute(s: Shared) -> dict[str, Array]:
    """Compute the group for every piece."""
    key = s.key
    degrees, collection = relative(key.chroma, key.tonic), relative(key.chroma, key.collection)
    melody = shares(relative(s.voice_chroma(s.melody), key.tonic))
    major, minor = relative(key.correlation[:, :12], key.tonic), relative(key.correlation[:, 12:], key.tonic)
    best_major, best_minor = major.max(axis=1), minor.max(axis=1)
    on_tonic = np.maximum(major[:, 0], minor[:, 0])
    elsewhere = np.maximum(major[:, 1:].max(axis=1), minor[:, 1:].max(axis=1))
    return {
        "key_best_major": best_major,
        "key_best_minor": best_minor,
        "key_major_minus_minor": best_major - best_minor,
        "key_clarity": on_tonic - elsewhere,
        "degree": degrees,
        "collection_degree": collection,
        "collection_fit": collection[:, [0, 2, 4, 5, 7, 9, 11]].sum(axis=1),
        "third": _contrast(degrees, 4, 3),
        "melody_third": _contrast(melody, 4, 3),
        "sixth": _contrast(degrees, 9, 8),
        "chroma_entropy": entropy(key.chroma),
        **_windows(s),
    }


def _contrast(degrees: Array, high: int, low: int) -> Array:
    return ratio(degrees[:, high] - degrees[:, low], degrees[:, high] + degrees[:, low])


def _windows(s: Shared) -> dict[str, Array]:
    """Key features of four-second windows."""
    windows, sounding = s.frames.pool(s.frames.chroma, WINDOW_FRAMES)  # (12, windows)
    correlation, in_scales = fit_keys(sounding)
    major, minor = correlation[:12].max(axis=0), correlation[12:].max(axis=0)
    place, tonic = np.arange(windows.size), s.key.tonic[windows.item]
    on_major, on_minor = correlation[tonic, place], correlation[tonic + 12, place]
    in_scale = in_scales[s.key.collection[windows.item], place]
    chroma = sounding / np.maximum(column_sum(sounding), 1)
    steps, first = windows.neighbors
    distance = column_sum(np.abs(chroma[:, 1:] - chroma[:, :-1]))[first]
    return {
        "window_major": windows.mean(np.clip((major - minor) * np.float32(1 / SOFT_MARGIN) + np.float32(0.5), 0, 1)),
        "window_major_minus_minor": windows.mean(major - minor),
        "window_major_minus_minor_deviation": windows.deviation(major - minor),
        "window_best_major": windows.mean(major),
        "window_best_minor": windows.mean(minor),
        "window_key_of_piece": windows.mean(np.maximum(on_major, on_minor)),
        "window_tonic_major": windows.mean(on_major),
        "window_tonic_minor": windows.mean(on_minor),
        "window_fit": windows.mean(in_scale),
        "window_change": steps.mean(distance / 2),
    }


TONALITY = Group("tonality", "pitched", BLOCKS, compute)
